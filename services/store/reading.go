package store

import (
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"rigistry/models"
)

// Bounds of one statement: names in an IN list, and rows of a multi-row insert.
const (
	maxNames = 1000
	maxRows  = 500
)

func chunks[T any](all []T, size int) iter.Seq[[]T] { return slices.Chunk(all, size) }

// valuesList writes n rows of placeholders, each with so many columns.
func valuesList(n, columns int) string {
	row := "(" + strings.Repeat("?,", columns-1) + "?)"
	return strings.Repeat(row+",", n-1) + row
}

type readingRow struct {
	MeterID string `gorm:"column:meter_id"`
	At      int64  `gorm:"column:at"`
	StepUs  int64  `gorm:"column:step_us"`
	Quality int64  `gorm:"column:quality"`
	Vals    []byte `gorm:"column:vals"`
}

func (r readingRow) reading() (models.Reading, error) {
	v, err := models.ParseValues(r.Vals)
	if err != nil {
		return models.Reading{}, fmt.Errorf("reading of meter %s at %s: %w", r.MeterID, instant(r.At), err)
	}
	return models.Reading{Meter: r.MeterID, At: instant(r.At), Step: time.Duration(r.StepUs) * time.Microsecond,
		Values: v, Quality: models.Quality(r.Quality)}, nil
}

// MeterState is the newest reading of a meter and the newest with values.
type MeterState struct {
	Latest models.Reading
	Base   models.Reading // zero At: none yet
}

type stateRow struct {
	MeterID    string `gorm:"column:meter_id"`
	At         int64  `gorm:"column:at"`
	StepUs     int64  `gorm:"column:step_us"`
	Quality    int64  `gorm:"column:quality"`
	Vals       []byte `gorm:"column:vals"`
	BaseAt     int64  `gorm:"column:base_at"`
	BaseStepUs int64  `gorm:"column:base_step_us"`
	BaseVals   []byte `gorm:"column:base_vals"`
}

// MeterStates gives the states of the meters that have one, by meter id; of all
// meters when ids is nil.
func (tx *Tx) MeterStates(ids []string) (map[string]MeterState, error) {
	out, err := tx.keptStates(ids)
	if err != nil {
		return nil, err
	}
	waiting, err := tx.pendingOf(ids)
	if err != nil {
		return nil, err
	}
	for id, rows := range waiting {
		state := out[id]
		for i := range rows {
			if tx.past == nil || !rows[i].At.After(tx.Now) {
				state.see(&rows[i])
			}
		}
		if !state.Latest.At.IsZero() {
			out[id] = state
		}
	}
	return out, nil
}

// keptStates is MeterStates without what waits to be folded.
func (tx *Tx) keptStates(ids []string) (map[string]MeterState, error) {
	out := map[string]MeterState{}
	scan := func(rows []stateRow, err error) error {
		if err != nil {
			return err
		}
		for _, r := range rows {
			latest, err := readingRow{r.MeterID, r.At, r.StepUs, r.Quality, r.Vals}.reading()
			if err != nil {
				return err
			}
			base, err := readingRow{r.MeterID, r.BaseAt, r.BaseStepUs, 0, r.BaseVals}.reading()
			if err != nil {
				return err
			}
			out[r.MeterID] = MeterState{Latest: latest, Base: base}
		}
		return nil
	}
	if ids == nil {
		return out, scan(many[stateRow](tx, "SELECT * FROM meter_states"))
	}
	among, list, err := tx.among("meter_id", ids)
	if err != nil {
		return nil, err
	}
	return out, scan(many[stateRow](tx, "SELECT * FROM meter_states WHERE "+among, list))
}

// SetMeterStates replaces the states of meters.
func (tx *Tx) SetMeterStates(states []MeterState) error {
	if err := insertBulks(tx, []bulkInsert{statesInsert(states)}); err != nil {
		return fmt.Errorf("keep the newest readings: %w", err)
	}
	return nil
}

func statesInsert(states []MeterState) bulkInsert {
	n := len(states)
	ids, vals, baseVals := make([]string, n), make([][]byte, n), make([][]byte, n)
	var ints [5][]int64
	for k := range ints {
		ints[k] = make([]int64, n)
	}
	for i := range states {
		l, b := &states[i].Latest, &states[i].Base
		ids[i], vals[i], baseVals[i] = l.Meter, l.Values.AppendBinary(nil), b.Values.AppendBinary(nil)
		for k, v := range [5]int64{micros(l.At), l.Step.Microseconds(), int64(l.Quality), micros(b.At), b.Step.Microseconds()} {
			ints[k][i] = v
		}
	}
	return bulkInsert{bulk{"meter_states", n, []bulkColumn{{name: "meter_id", texts: ids}, {name: "at", ints: ints[0]}, {name: "step_us", ints: ints[1]},
		{name: "quality", ints: ints[2]}, {name: "vals", bodies: vals}, {name: "base_at", ints: ints[3]}, {name: "base_step_us", ints: ints[4]},
		{name: "base_vals", bodies: baseVals}}}, ` ON CONFLICT (meter_id) DO UPDATE SET at = excluded.at, step_us = excluded.step_us,
		quality = excluded.quality, vals = excluded.vals, base_at = excluded.base_at, base_step_us = excluded.base_step_us,
		base_vals = excluded.base_vals`}
}

// ReadingBatch is a batch that was ingested.
type ReadingBatch struct {
	Collector string `gorm:"column:collector"`
	Sequence  int64  `gorm:"column:sequence"`
	Digest    string `gorm:"column:digest"`
	Readings  int64  `gorm:"column:readings"`
	Accepted  int64  `gorm:"column:accepted"`
	Duplicate int64  `gorm:"column:duplicate"`
	Rejected  string `gorm:"column:rejected"` // JSON list of names
	Received  int64  `gorm:"column:received_at"`
}

// ReadingBatch gives a collector's batch, or CodeNotFound.
func (tx *Tx) ReadingBatch(collector string, sequence int64) (ReadingBatch, error) {
	return one[ReadingBatch](tx, "reading batch", fmt.Sprintf("%s/%d", collector, sequence),
		"SELECT * FROM reading_batches WHERE collector = ? AND sequence = ?", collector, sequence)
}

// InsertReadingBatch records a batch, received now; false when there is one with its
// collector and sequence.
func (tx *Tx) InsertReadingBatch(b ReadingBatch) (bool, error) {
	n, err := exec(tx, `INSERT INTO reading_batches (collector, sequence, digest, readings, accepted, duplicate, rejected, received_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (collector, sequence) DO NOTHING`,
		b.Collector, b.Sequence, b.Digest, b.Readings, b.Accepted, b.Duplicate, b.Rejected, micros(tx.Now))
	return n == 1, err
}

// NextSequence is one more than the largest sequence of a collector, or 1.
func (tx *Tx) NextSequence(collector string) (int64, error) {
	return one[int64](tx, "sequence", collector, "SELECT COALESCE(MAX(sequence), 0) + 1 FROM reading_batches WHERE collector = ?", collector)
}

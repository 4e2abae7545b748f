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

// InsertReadings adds readings and gives how many were new. One whose meter and
// instant exist already is left as it is.
func (tx *Tx) InsertReadings(readings []models.Reading) (int, error) {
	inserted := 0
	for part := range chunks(readings, maxRows) {
		args := make([]any, 0, 5*len(part))
		for i := range part {
			r := &part[i]
			args = append(args, r.Meter, micros(r.At), r.Step.Microseconds(), int64(r.Quality), r.Values.AppendBinary(nil))
		}
		n, err := exec(tx, "INSERT INTO readings (meter_id, at, step_us, quality, vals) VALUES "+valuesList(len(part), 5)+
			" ON CONFLICT (meter_id, at) DO NOTHING", args...)
		if err != nil {
			return 0, fmt.Errorf("insert readings: %w", err)
		}
		inserted += int(n)
	}
	return inserted, nil
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

func readingsOf(rows []readingRow, err error) ([]models.Reading, error) {
	if err != nil {
		return nil, err
	}
	out := make([]models.Reading, len(rows))
	for i, r := range rows {
		if out[i], err = r.reading(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Readings gives at most limit readings of a meter in [from, until), by time.
func (tx *Tx) Readings(meter string, from, until time.Time, limit int) ([]models.Reading, error) {
	return readingsOf(many[readingRow](tx, "SELECT * FROM readings WHERE meter_id = ? AND at >= ? AND at < ? ORDER BY at LIMIT ?",
		meter, micros(from), micros(until), limit))
}

// ReadingsBefore gives at most limit readings of a meter before the instant,
// newest first.
func (tx *Tx) ReadingsBefore(meter string, at time.Time, limit int) ([]models.Reading, error) {
	return readingsOf(many[readingRow](tx, "SELECT * FROM readings WHERE meter_id = ? AND at < ? ORDER BY at DESC LIMIT ?",
		meter, micros(at), limit))
}

// ReadingTimes gives the instants of a meter's readings in [from, until].
func (tx *Tx) ReadingTimes(meter string, from, until time.Time) ([]time.Time, error) {
	us, err := many[int64](tx, "SELECT at FROM readings WHERE meter_id = ? AND at >= ? AND at <= ? ORDER BY at", meter, micros(from), micros(until))
	out := make([]time.Time, len(us))
	for i, u := range us {
		out[i] = instant(u)
	}
	return out, err
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
	for part := range chunks(ids, maxNames) {
		if err := scan(many[stateRow](tx, "SELECT * FROM meter_states WHERE meter_id IN ?", part)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// SetMeterStates replaces the states of meters.
func (tx *Tx) SetMeterStates(states []MeterState) error {
	for part := range chunks(states, maxRows) {
		args := make([]any, 0, 8*len(part))
		for i := range part {
			l, b := &part[i].Latest, &part[i].Base
			args = append(args, l.Meter, micros(l.At), l.Step.Microseconds(), int64(l.Quality), l.Values.AppendBinary(nil),
				micros(b.At), b.Step.Microseconds(), b.Values.AppendBinary(nil))
		}
		if _, err := exec(tx, "INSERT INTO meter_states (meter_id, at, step_us, quality, vals, base_at, base_step_us, base_vals) VALUES "+
			valuesList(len(part), 8)+` ON CONFLICT (meter_id) DO UPDATE SET at = excluded.at, step_us = excluded.step_us,
			quality = excluded.quality, vals = excluded.vals, base_at = excluded.base_at, base_step_us = excluded.base_step_us,
			base_vals = excluded.base_vals`, args...); err != nil {
			return fmt.Errorf("keep the newest readings: %w", err)
		}
	}
	return nil
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

// InsertReadingBatch records a batch, received now.
func (tx *Tx) InsertReadingBatch(b ReadingBatch) error {
	b.Received = micros(tx.Now)
	return insert(tx, "reading_batches", &b)
}

// NextSequence is one more than the largest sequence of a collector, or 1.
func (tx *Tx) NextSequence(collector string) (int64, error) {
	return one[int64](tx, "sequence", collector, "SELECT COALESCE(MAX(sequence), 0) + 1 FROM reading_batches WHERE collector = ?", collector)
}

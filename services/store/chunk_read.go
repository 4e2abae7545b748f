package store

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
)

// Ingested is what a batch changes.
type Ingested struct {
	// Readings are not there yet, of one meter after the other and in order of time: the
	// caller has looked. When another transaction was faster, this one runs again.
	Readings  []models.Reading
	Intervals []models.Interval // parts to be added, each interval once
	States    []MeterState      // the newest readings, each meter once
}

// KeepIngested keeps what a batch changes.
func (tx *Tx) KeepIngested(in Ingested) error {
	parts, err := tx.partsOf(in.Readings)
	if err != nil {
		return err
	}
	intervals := intervalsInsert(in.Intervals)
	if err := insertBulks(tx, []bulkInsert{parts, intervals, statesInsert(in.States)}); err != nil {
		return fmt.Errorf("keep readings: %w", err)
	}
	return tx.forgetRolledOf(in.Intervals)
}

// InsertReadings adds readings that are not there yet, and nothing that follows from
// them; see Ingested.
func (tx *Tx) InsertReadings(readings []models.Reading) (int, error) {
	parts, err := tx.partsOf(readings)
	if err == nil {
		err = insertBulks(tx, []bulkInsert{parts})
	}
	if err != nil {
		return 0, fmt.Errorf("insert readings: %w", err)
	}
	return len(readings), nil
}

// partsOf gives readings as parts, one for each quarter of an hour of a meter.
func (tx *Tx) partsOf(readings []models.Reading) (bulkInsert, error) {
	var ids []string
	for i := range readings {
		if i == 0 || readings[i].Meter != readings[i-1].Meter {
			ids = append(ids, readings[i].Meter)
		}
	}
	at, err := tx.placeAll(ids)
	if err != nil {
		return bulkInsert{}, err
	}
	var (
		coder models.ChunkCoder
		ints  [6][]int64
		body  [][]byte
	)
	for begin := 0; begin < len(readings); {
		meter, quarter := readings[begin].Meter, quarterOf(readings[begin].At.UnixMicro())
		end := begin + 1
		for end < len(readings) && readings[end].Meter == meter && quarterOf(readings[end].At.UnixMicro()) == quarter {
			end++
		}
		part := readings[begin:end]
		for k, v := range [6]int64{at[meter].place, at[meter].number, micros(part[0].At), micros(part[len(part)-1].At), int64(len(part)), micros(tx.Now)} {
			ints[k] = append(ints[k], v)
		}
		body = append(body, coder.Append(nil, part))
		begin = end
	}
	return bulkInsert{bulk{"reading_parts", len(body), []bulkColumn{{name: "place", ints: ints[0]}, {name: "meter", ints: ints[1]},
		{name: "first_at", ints: ints[2]}, {name: "last_at", ints: ints[3]}, {name: "readings", ints: ints[4]},
		{name: "received_at", ints: ints[5]}, {name: "body", bodies: body}}}, ""}, nil
}

// bodyRow is a part or a chunk.
type bodyRow struct {
	At   int64  `gorm:"column:at"`
	Body []byte `gorm:"column:body"`
}

// chunkReader reads the bytes of a chunk, models.ParseChunk or WholeChunk.
type chunkReader func(body []byte) ([]models.Reading, error)

// parse reads the readings of a part or a chunk. A body that begins with 0 is a single
// reading from before there were chunks.
func (r bodyRow) parse(read chunkReader) ([]models.Reading, error) {
	if len(r.Body) == 0 || r.Body[0] != 0 {
		out, err := read(r.Body)
		if err != nil {
			return nil, fmt.Errorf("readings at %s: %w", instant(r.At), err)
		}
		return out, nil
	}
	head, vals, _ := bytes.Cut(r.Body[1:], []byte(";"))
	fields := strings.Split(string(head), ",")
	if len(fields) != 3 {
		return nil, fmt.Errorf("reading at %s: its step and quality are missing", instant(r.At))
	}
	step, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("reading at %s: %w", instant(r.At), err)
	}
	quality, err := strconv.ParseUint(fields[2], 10, 8)
	if err != nil {
		return nil, fmt.Errorf("reading at %s: %w", instant(r.At), err)
	}
	one, err := readingRow{MeterID: fields[0], At: r.At, StepUs: step, Quality: int64(quality), Vals: vals}.reading()
	return []models.Reading{one}, err
}

// The two sources of a meter's readings. Of a chunk the newest version counts.
const (
	selectParts  = "SELECT first_at AS at, body FROM reading_parts WHERE place = ? AND meter = ? AND first_at >= ? AND first_at < ?"
	selectChunks = `SELECT c.start_at AS at, c.body FROM reading_chunks c WHERE c.place = ? AND c.meter = ? AND c.start_at >= ? AND c.start_at < ?
		AND NOT EXISTS (SELECT 1 FROM reading_chunks n WHERE n.place = c.place AND n.meter = c.meter AND n.start_at = c.start_at AND n.version > c.version)`
	chunkPage = 32
)

// Readings gives at most limit readings of a meter in [from, until), by time.
func (tx *Tx) Readings(meter string, from, until time.Time, limit int) ([]models.Reading, error) {
	out, err := tx.keptReadings(meter, from, until, limit)
	if err != nil {
		return nil, err
	}
	waiting, err := tx.pendingIn(meter, from, until)
	if err != nil || len(waiting) == 0 {
		return out, err
	}
	out = append(out, waiting...)
	slices.SortStableFunc(out, func(a, b models.Reading) int { return a.At.Compare(b.At) })
	return out[:min(len(out), limit)], nil
}

// pendingIn gives the readings of a meter in [from, until) that wait to be folded.
func (tx *Tx) pendingIn(meter string, from, until time.Time) ([]models.Reading, error) {
	of, err := tx.pendingOf([]string{meter})
	return slices.DeleteFunc(of[meter], func(r models.Reading) bool {
		return r.At.Before(from) || !r.At.Before(until) || tx.past != nil && r.At.After(tx.Now)
	}), err
}

// keptReadings is Readings without what waits to be folded.
func (tx *Tx) keptReadings(meter string, from, until time.Time, limit int) ([]models.Reading, error) {
	return tx.bodiesRead(meter, from, until, limit, models.ParseChunk)
}

// bodiesRead gives at most limit readings of a meter in [from, until) from parts and
// chunks, by time.
func (tx *Tx) bodiesRead(meter string, from, until time.Time, limit int, read chunkReader) ([]models.Reading, error) {
	at, ok, err := tx.placeOf(meter)
	if err != nil || !ok {
		return nil, err
	}
	if tx.past != nil && until.After(tx.Now) {
		until = tx.Now.Add(time.Microsecond)
	}
	lo, hi := micros(from), micros(until)
	var out []models.Reading
	for begin := quarterOf(lo); begin < hi; {
		// Both sources up to the quarter that the slower of them has reached.
		sealed, err := many[bodyRow](tx, selectChunks+" ORDER BY c.start_at LIMIT ?", at.place, at.number, begin, hi, chunkPage)
		if err != nil {
			return nil, err
		}
		end := hi
		if len(sealed) == chunkPage {
			end = sealed[chunkPage-1].At + quarterUs
		}
		open, err := many[bodyRow](tx, selectParts+" ORDER BY first_at LIMIT ?", at.place, at.number, begin, end, maxRows)
		if err != nil {
			return nil, err
		}
		if len(open) == maxRows {
			end = quarterOf(open[maxRows-1].At) // that quarter may have more: it is read next time
			if end <= begin {
				end = begin + quarterUs
				if open, err = many[bodyRow](tx, selectParts, at.place, at.number, begin, end); err != nil {
					return nil, err
				}
			}
		}
		part, err := mergeBodies(sealed, open, end, read)
		if err != nil {
			return nil, err
		}
		for i := range part {
			if us := part[i].At.UnixMicro(); us >= lo && us < hi && len(out) < limit {
				out = append(out, part[i])
			}
		}
		if len(out) == limit {
			break
		}
		begin = end
	}
	return out, nil
}

// quarterUs is a quarter of an hour in µs.
const quarterUs = int64(models.IntervalLength / time.Microsecond)

// mergeBodies gives the readings of the rows before an instant, by time.
func mergeBodies(sealed, open []bodyRow, before int64, read chunkReader) ([]models.Reading, error) {
	var out []models.Reading
	for _, rows := range [][]bodyRow{sealed, open} {
		for _, r := range rows {
			if r.At >= before {
				continue
			}
			part, err := r.parse(read)
			if err != nil {
				return nil, err
			}
			out = append(out, part...)
		}
	}
	slices.SortStableFunc(out, func(a, b models.Reading) int { return a.At.Compare(b.At) })
	return out, nil
}

// ReadingsBefore gives at most limit readings of a meter before the instant,
// newest first.
func (tx *Tx) ReadingsBefore(meter string, at time.Time, limit int) ([]models.Reading, error) {
	p, ok, err := tx.placeOf(meter)
	if err != nil || !ok {
		return nil, err
	}
	out, err := tx.pendingIn(meter, time.Time{}, at)
	if err != nil {
		return nil, err
	}
	slices.Reverse(out) // they are the newest
	out = out[:min(len(out), limit)]
	for until := micros(at); len(out) < limit; {
		// The newest quarter before until that has anything.
		last, err := one[int64](tx, "reading", meter, `SELECT COALESCE(MAX(at), 0) FROM (
			SELECT MAX(first_at) AS at FROM reading_parts WHERE place = ? AND meter = ? AND first_at < ?
			UNION ALL SELECT MAX(start_at) FROM reading_chunks WHERE place = ? AND meter = ? AND start_at < ?) x`,
			p.place, p.number, until, p.place, p.number, until)
		if err != nil || last == 0 {
			return out, err
		}
		from := quarterOf(last)
		part, err := tx.keptReadings(meter, instant(from), instant(min(until, from+quarterUs)), 1<<30)
		if err != nil {
			return nil, err
		}
		slices.Reverse(part)
		out = append(out, part[:min(len(part), limit-len(out))]...)
		until = from
	}
	return out, nil
}

// ReadingTimes gives the instants of a meter's readings in [from, until].
func (tx *Tx) ReadingTimes(meter string, from, until time.Time) ([]time.Time, error) {
	rows, err := tx.Readings(meter, from, until.Add(time.Microsecond), 1<<30)
	out := make([]time.Time, len(rows))
	for i := range rows {
		out[i] = rows[i].At
	}
	return out, err
}

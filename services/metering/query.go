package metering

import (
	"context"
	"strconv"
	"sync"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Resolution is the length of the steps of a query's answer.
type Resolution string

// The resolutions. A day is one of the legal time zone of Kazakhstan, UTC+5.
const (
	ResolutionRaw  Resolution = "raw"
	Resolution15m  Resolution = "15m"
	ResolutionHour Resolution = "1h"
	ResolutionDay  Resolution = "1d"
	// ResolutionAuto is the finest of these that answers in one page.
	ResolutionAuto Resolution = "auto"
)

// Bounds of one answer: its rows, and the intervals that are added up for them.
const (
	maxQueryRows      = 10_000
	maxQueryIntervals = 50_000
)

// Query asks for readings of a meter in [From, Until).
type Query struct {
	Meter       string // id or code
	From, Until time.Time
	Resolution  Resolution
	Limit       int    // rows at most, 1 to 10,000 (520 days); 0 is 1,000
	After       string // Next of the page before
	// KnownAt asks for intervals with the corrections that counted at that instant; the
	// zero time is now.
	KnownAt time.Time
}

// Bucket is one step of an answer: the sum of the 15-minute intervals that start
// in [Start, Until).
type Bucket struct {
	Start, Until time.Time
	models.Interval
}

// Agreement compares the counter of a quarter of an hour with its power; longer buckets
// are not judged.
func (b Bucket) Agreement(m *models.Meter) models.Agreement {
	if b.Until.Sub(b.Start) != models.IntervalLength {
		return models.Agreement{}
	}
	return b.Agree(m.AccuracyClass, 1)
}

// Coverage is the part of the bucket that power readings cover, 0 to 1.
func (b Bucket) Coverage() float64 {
	return min(1, float64(b.Covered)/float64(b.Until.Sub(b.Start)))
}

// Series is the answer to a query: Raw for the raw resolution, else Buckets.
type Series struct {
	Meter      models.Meter
	Resolution Resolution // never auto
	Raw        []models.Reading
	Buckets    []Bucket
	Next       string // "" when this is all
}

// Query gives readings or intervals of a meter that the actor may see.
func (s *Service) Query(ctx context.Context, actor models.Actor, q Query) (Series, error) {
	if q.Limit <= 0 {
		q.Limit = 1000
	}
	q.Limit = min(q.Limit, maxQueryRows)
	if q.After != "" {
		us, err := strconv.ParseInt(q.After, 10, 64)
		if err != nil {
			return Series{}, models.Errorf(models.CodeInvalid, "The cursor %q is not one that this list gave.", q.After)
		}
		q.From = time.UnixMicro(us).UTC()
	}
	if q.Resolution == ResolutionAuto {
		m, err := s.Meter(ctx, actor, q.Meter)
		if err != nil {
			return Series{}, err
		}
		q.Resolution = finest(q.Until.Sub(q.From), m.PollInterval, q.Limit)
	}
	step, offset, err := stepsOf(q.Resolution)
	if err != nil {
		return Series{}, err
	}
	q.Limit = min(q.Limit, maxQueryIntervals/int(step/models.IntervalLength))
	if !q.From.Before(q.Until) {
		if q.After != "" {
			q.Until = q.From
		} else {
			return Series{}, models.Errorf(models.CodeInvalid, "The time asked for ends before it begins.")
		}
	}
	var out Series
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		out = Series{Resolution: q.Resolution}
		if out.Meter, err = visibleMeter(tx, actor, q.Meter); err != nil {
			return err
		}
		if q.Resolution == ResolutionRaw {
			if out.Raw, err = tx.Readings(out.Meter.ID, q.From, q.Until, q.Limit); err == nil && len(out.Raw) == q.Limit {
				out.Next = strconv.FormatInt(out.Raw[len(out.Raw)-1].At.UnixMicro()+1, 10)
			}
			return err
		}
		start := stepStart(q.From, step, offset)
		until := q.Until
		if last := start.Add(time.Duration(q.Limit) * step); last.Before(until) {
			until = last
			out.Next = strconv.FormatInt(until.UnixMicro(), 10)
		}
		var parts []models.Interval
		if q.KnownAt.IsZero() {
			parts, err = sumsOf(tx, out.Meter.ID, start, until, q.Resolution)
		} else {
			parts, err = tx.IntervalsKnown(out.Meter.ID, start, until, q.KnownAt)
		}
		out.Buckets = gather(parts, step, offset)
		return err
	})
	return out, err
}

// stepsOf gives the length of a resolution's steps, and by how much days are shifted.
func stepsOf(r Resolution) (step, offset time.Duration, err error) {
	switch r {
	case ResolutionRaw, Resolution15m:
		return models.IntervalLength, 0, nil
	case ResolutionHour:
		return time.Hour, 0, nil
	case ResolutionDay:
		return 24 * time.Hour, models.LegalOffset, nil
	}
	return 0, 0, models.Errorf(models.CodeInvalid, "The resolution %q is none of raw, 15m, 1h, 1d and auto.", r)
}

// finest is the finest resolution that answers a span in so many rows.
func finest(span, poll time.Duration, rows int) Resolution {
	switch most := time.Duration(rows); {
	case span/max(poll, time.Millisecond) <= most:
		return ResolutionRaw
	case span/models.IntervalLength <= most:
		return Resolution15m
	case span/time.Hour <= most:
		return ResolutionHour
	}
	return ResolutionDay
}

// mostHoles is in how many pieces intervals are read between sums that are there.
const mostHoles = 24

// sumsOf gives the intervals of [from, until), by time; hours or days that were added
// up before stand for theirs.
func sumsOf(tx *store.Tx, meter string, from, until time.Time, r Resolution) ([]models.Interval, error) {
	var sums []models.Interval
	var err error
	step, _, err := stepsOf(r)
	switch {
	case err != nil:
		return nil, err
	case r == ResolutionHour:
		sums, err = tx.Hours(meter, from, until.Add(-step+1))
	case r == ResolutionDay:
		sums, err = tx.Days(meter, from, until.Add(-step+1))
	}
	if err != nil {
		return nil, err
	}
	holes := 0
	for i := range sums {
		if i > 0 && sums[i].Start.After(sums[i-1].Start.Add(step)) {
			holes++
		}
	}
	if len(sums) == 0 || holes > mostHoles {
		return tx.Intervals(meter, from, until, 1<<30)
	}
	var out []models.Interval
	fill := func(until time.Time) error {
		if from.Before(until) {
			between, err := tx.Intervals(meter, from, until, 1<<30)
			out = append(out, between...)
			return err
		}
		return nil
	}
	for _, sum := range sums {
		if err := fill(sum.Start); err != nil {
			return nil, err
		}
		out, from = append(out, sum), sum.Start.Add(step)
	}
	return out, fill(until)
}

// stepStart is the start of the step that holds the instant.
func stepStart(at time.Time, step, offset time.Duration) time.Time {
	return at.UTC().Add(offset).Truncate(step).Add(-offset)
}

// gather adds intervals up to steps; a step without an interval is left out.
func gather(parts []models.Interval, step, offset time.Duration) []Bucket {
	var out []Bucket
	for _, p := range parts {
		start := stepStart(p.Start, step, offset)
		if n := len(out); n > 0 && out[n-1].Start.Equal(start) {
			out[n-1].Interval = out[n-1].Add(p)
			continue
		}
		p.Start = start
		out = append(out, Bucket{Start: start, Until: start.Add(step), Interval: p})
	}
	return out
}

// hub hands new readings to whoever listens in this process.
type hub struct {
	mu          sync.Mutex
	subscribers map[string]map[chan models.Reading]struct{}
}

// Subscribe gives the readings of a meter (by id) as they are ingested in this
// process, until cancel is called. A listener that does not keep up misses
// readings; it never holds anybody up.
func (s *Service) Subscribe(meterID string) (readings <-chan models.Reading, cancel func()) {
	ch := make(chan models.Reading, 64)
	h := &s.live
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subscribers[meterID] == nil {
		h.subscribers[meterID] = map[chan models.Reading]struct{}{}
	}
	h.subscribers[meterID][ch] = struct{}{}
	return ch, sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.subscribers[meterID], ch)
		if len(h.subscribers[meterID]) == 0 {
			delete(h.subscribers, meterID)
		}
	})
}

func (h *hub) publish(readings []models.Reading) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.subscribers) == 0 {
		return
	}
	for _, r := range readings {
		for ch := range h.subscribers[r.Meter] {
			select {
			case ch <- r:
			default:
			}
		}
	}
}

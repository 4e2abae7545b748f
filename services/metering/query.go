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
}

// Bucket is one step of an answer: the sum of the 15-minute intervals that start
// in [Start, Until).
type Bucket struct {
	Start, Until time.Time
	models.Interval
}

// Coverage is the part of the bucket that power readings cover, 0 to 1.
func (b Bucket) Coverage() float64 {
	return min(1, float64(b.Covered)/float64(b.Until.Sub(b.Start)))
}

// Series is the answer to a query: Raw for the raw resolution, else Buckets.
type Series struct {
	Meter   models.Meter
	Raw     []models.Reading
	Buckets []Bucket
	Next    string // "" when this is all
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
	step, offset := models.IntervalLength, time.Duration(0)
	switch q.Resolution {
	case ResolutionRaw, Resolution15m:
	case ResolutionHour:
		step = time.Hour
	case ResolutionDay:
		step, offset = 24*time.Hour, models.LegalOffset
	default:
		return Series{}, models.Errorf(models.CodeInvalid, "The resolution %q is none of raw, 15m, 1h and 1d.", q.Resolution)
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
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		out = Series{}
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
		parts, err := tx.Intervals(out.Meter.ID, start, until, 1<<30)
		out.Buckets = gather(parts, step, offset)
		return err
	})
	return out, err
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

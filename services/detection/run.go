package detection

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/store"
)

const (
	// oldest is how far back a stream begins: twice what the state remembers.
	oldest = 70 * 24 * time.Hour
	// Checkpoints: one a day for the last days, then one a week.
	dailyFor  = 3 * 24 * time.Hour
	weeklyFor = 29 * 24 * time.Hour
	week      = 7 * 24 * time.Hour
	// playPart is how much is read from the store at a time.
	playPart = 12 * time.Hour
)

// running is a stream that this process holds in memory, as it was at a version of
// its row.
type running struct {
	engine  *stream.Engine
	at      time.Time
	version int64
	print   string
}

// progress is what a step of a stream brings: its state and what is to be saved.
type progress struct {
	running
	start  time.Time
	replay time.Time // intervals from here on were gone through again; zero: none
	late   []store.LateMeter
	warmer store.LateWeather // weather that came late
	fresh  []store.Checkpoint
}

// advance brings the stream of a substation up to an instant: intervals that are
// over by then, each once and in order; from a checkpoint before the first that came
// late. Nothing is written.
func (s *Service) advance(ctx context.Context, substation string, g grid, until time.Time) (progress, error) {
	var (
		row   store.DetectionStream
		saved store.Checkpoint
		first time.Time
		out   progress
	)
	mine, held := s.streams[substation]
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		if row, err = tx.DetectionStream(substation); err != nil {
			return err
		}
		if out.late, err = tx.LateMeters(g.meters); err != nil {
			return err
		}
		if out.warmer, err = tx.LateWeather(substation); err != nil {
			return err
		}
		from := row.At
		if out.warmer.Seq > 0 && out.warmer.From.Before(from) {
			from = out.warmer.From
		}
		for _, l := range out.late {
			if l.From.Before(from) {
				from = l.From
			}
		}
		if from.Before(row.At) {
			out.replay, held = from, false
		}
		if held = held && mine.version == row.Version; held {
			return nil
		}
		if first, err = tx.FirstInterval(g.meters, until.Add(-oldest)); err != nil {
			return err
		}
		saved, err = tx.NewestCheckpoint(substation, from)
		return err
	})
	if err != nil {
		return out, err
	}
	out.start = row.Start
	if begin := legalMidnight(first); row.Version == 0 || !held && !first.IsZero() && begin.Before(row.Start) {
		out.start, saved = begin, store.Checkpoint{}
		if first.IsZero() {
			out.start = legalMidnight(until)
		}
	}
	if out.engine, out.at, err = s.engineOf(g, mine, held, saved, out.start); err != nil {
		return out, err
	}
	out.version, out.print = row.Version+1, g.print
	return out, s.play(ctx, g, &out, until)
}

// engineOf gives the state to go on from: the one in memory, a checkpoint, or a new
// one.
func (s *Service) engineOf(g grid, mine running, held bool, saved store.Checkpoint, start time.Time) (*stream.Engine, time.Time, error) {
	g.topology.Start = start
	if held {
		if mine.print == g.print {
			return mine.engine, mine.at, nil
		}
		state, err := mine.engine.Checkpoint()
		if err != nil {
			return nil, start, err
		}
		e, err := stream.Restore(g.topology, state)
		return e, mine.at, err
	}
	if len(saved.State) > 0 {
		state, err := unpack(saved.State)
		if err != nil {
			return nil, start, fmt.Errorf("checkpoint of %s: %w", saved.At, err)
		}
		e, err := stream.Restore(g.topology, state)
		if err == nil {
			return e, saved.At, nil
		}
		if !errors.Is(err, stream.ErrCheckpoint) {
			return nil, start, err
		}
	}
	e, err := stream.New(g.topology)
	return e, start, err
}

// pack and unpack make checkpoints smaller: much of a young state is zero.
func pack(state []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(state); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

func unpack(packed []byte) ([]byte, error) {
	r := flate.NewReader(bytes.NewReader(packed))
	out, err := io.ReadAll(r)
	return out, errors.Join(err, r.Close())
}

// play pushes the intervals since the state up to an instant and takes checkpoints
// on the way.
func (s *Service) play(ctx context.Context, g grid, out *progress, until time.Time) error {
	numbers := make(map[string]int, len(g.meters))
	for _, id := range g.meters {
		numbers[id] = out.engine.Meter(id)
	}
	for out.at.Before(until) {
		end := out.at.Add(playPart)
		if day := out.engine.DayStart().Add(24 * time.Hour); day.Before(end) {
			end = day
		}
		if until.Before(end) {
			end = until
		}
		var (
			part    []models.Interval
			weather []models.Temperature
		)
		err := s.store.View(ctx, func(tx *store.Tx) (err error) {
			if day := out.engine.DayStart(); !end.Before(day.Add(24 * time.Hour)) { // it is closed below
				if weather, err = dayWeather(tx, g.places, day); err != nil {
					return err
				}
			}
			part, err = tx.IntervalsOf(g.meters, out.at, end)
			return err
		})
		if err != nil {
			return err
		}
		slices.SortStableFunc(part, func(a, b models.Interval) int { return a.Start.Compare(b.Start) })
		for i := range part {
			if w, known := powerOf(&part[i], closedCover); known {
				out.engine.Push(numbers[part[i].Meter], part[i].Start.Unix(), w/1000, nan)
				if part[i].Quality == models.QualityRatioChanged {
					out.engine.RatioTold(numbers[part[i].Meter], part[i].Start.Add(step).Unix())
				}
				if iv := &part[i]; iv.CounterCovered >= closedCover && iv.Covered >= closedCover {
					// Both over as much of the quarter hour as the power covers.
					counted := float64(iv.CounterImport-iv.CounterExport) / iv.CounterCovered.Hours() * iv.Covered.Hours()
					out.engine.Counter(numbers[iv.Meter], counted/1000, w/1000*iv.Covered.Hours())
				}
			}
		}
		tell(out.engine, weather)
		out.engine.Finish(end.Unix())
		out.at = end
		if end.Equal(out.engine.DayStart()) && kept(out.start, end, until) {
			state, err := out.engine.Checkpoint()
			if err != nil {
				return err
			}
			if state, err = pack(state); err != nil {
				return err
			}
			out.fresh = append(out.fresh, store.Checkpoint{At: end, State: state})
		}
	}
	return nil
}

// kept tells whether a checkpoint is worth keeping: of the last days each, of the
// last weeks one a week.
func kept(start, at, now time.Time) bool {
	age := now.Sub(at)
	return age <= dailyFor || age <= weeklyFor && at.Sub(start)%week == 0
}

// saveStream saves a step of a stream, in the transaction of its findings.
// CodeVersionConflict says that another process went on meanwhile.
func (s *Service) saveStream(tx *store.Tx, substation string, p progress) error {
	if err := tx.SetDetectionStream(store.DetectionStream{Substation: substation, Start: p.start, At: p.at, Version: p.version}); err != nil {
		return err
	}
	if err := tx.ForgetLate(p.late); err != nil {
		return err
	}
	if p.warmer.Seq > 0 {
		if err := tx.ForgetLateWeather(substation, p.warmer.Seq); err != nil {
			return err
		}
	}
	after := p.at
	if !p.replay.IsZero() {
		after = p.replay
	}
	return tx.KeepCheckpoints(substation, after, p.fresh, func(at time.Time) bool {
		return !at.Before(p.start) && kept(p.start, at, p.at)
	})
}

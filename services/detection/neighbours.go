package detection

import (
	"context"
	"math"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Neighbour is a meter on the same feeder, for comparison: an honest cause (weather,
// a tariff, switching) shows in several, a farm in one.
type Neighbour struct {
	Meter, Code string
	Point       models.ConnectionPoint
	Own         bool      // the finding's own meter
	Before      float64   // W, mean until the finding's cause began; NaN when nothing is known
	After       float64   // and since
	W           []float64 // mean by hour
}

// Neighbours are the meters of a finding's feeder over its window.
type Neighbours struct {
	Start  time.Time
	Step   time.Duration
	Onset  time.Time
	Meters []Neighbour
}

// The most meters for comparison, and the longest window.
const (
	mostNeighbours  = 24
	neighboursSpan  = 21 * 24 * time.Hour
	hourOfIntervals = int(time.Hour / step)
)

// Neighbours gives the meters of the finding's feeder: its own first, then those
// that are of the same use, then by power.
func (s *Service) Neighbours(ctx context.Context, actor models.Actor, id string) (out Neighbours, err error) {
	f, err := s.Finding(ctx, actor, id)
	if err != nil {
		return out, err
	}
	until := f.Evidence.Until
	start := f.Evidence.From
	if until.Sub(start) > neighboursSpan {
		start = until.Add(-neighboursSpan)
	}
	start = start.UTC().Truncate(time.Hour)
	var u feederWindow
	err = s.store.View(ctx, func(tx *store.Tx) error {
		u, err = loadFeeder(tx, f.Feeder, start, until)
		return err
	})
	if err != nil {
		return out, err
	}
	return u.neighbours(f, start), nil
}

// neighbours picks and compares. It is pure.
func (u feederWindow) neighbours(f models.Finding, start time.Time) Neighbours {
	out := Neighbours{Start: start, Step: time.Hour, Onset: f.Evidence.Onset}
	onset := 0
	if f.Evidence.Onset.After(start) {
		onset = int(f.Evidence.Onset.Sub(start) / step)
	}
	use := ""
	for _, pt := range u.points {
		if pt.w == nil {
			continue
		}
		own := slices.Contains(f.Evidence.Meters, pt.meter.ID) && f.Target.Kind != "feeder"
		if own {
			use = pt.point.DeclaredUse
		}
		cut := min(onset, len(pt.w))
		one := Neighbour{Meter: pt.meter.ID, Code: pt.meter.Code, Point: pt.point, Own: own, Before: math.NaN(), After: mean(pt.w[cut:]), W: hourly(pt.w)}
		if cut >= perDay { // less than a day says nothing about a load
			one.Before = mean(pt.w[:cut])
		}
		out.Meters = append(out.Meters, one)
	}
	slices.SortStableFunc(out.Meters, func(a, b Neighbour) int {
		rank := func(n Neighbour) (r int) {
			switch {
			case n.Own:
				return 2
			case use != "" && n.Point.DeclaredUse == use:
				return 1
			}
			return 0
		}
		if d := rank(b) - rank(a); d != 0 {
			return d
		}
		switch x, y := orZero(a.After), orZero(b.After); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	out.Meters = out.Meters[:min(len(out.Meters), mostNeighbours)]
	return out
}

func orZero(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}

// hourly means of quarter hours; NaN where nothing is known.
func hourly(w []float64) []float64 {
	out := make([]float64, 0, len(w)/hourOfIntervals+1)
	for part := range slices.Chunk(w, hourOfIntervals) {
		out = append(out, mean(part))
	}
	return out
}

package detection

import (
	"math"
	"slices"
	"time"

	"rigistry/models"
)

const (
	step   = models.IntervalLength
	perDay = int(24 * time.Hour / step)
)

// Series is the mean power in W of consecutive 15-minute intervals; NaN where it
// is not known. The last may be an interval that has just begun.
type Series struct {
	Start time.Time
	W     []float64
}

// How much of an interval must be covered to stand for it: most of a closed one,
// a minute of the one that runs.
const (
	closedCover = step * 8 / 10
	openCover   = time.Minute
)

// seriesOf lays intervals on a grid of [start, start+n·15 min). Power readings
// come first; where they are too far apart the energy register bridges the gap.
func seriesOf(start time.Time, n int, intervals []models.Interval, now time.Time) Series {
	s := Series{Start: start, W: make([]float64, n)}
	for i := range s.W {
		s.W[i] = math.NaN()
	}
	for _, iv := range intervals {
		i := int(iv.Start.Sub(start) / step)
		if iv.Start.Before(start) || i >= n {
			continue
		}
		need := closedCover
		if iv.Start.Add(step).After(now) {
			need = openCover
		}
		if w, known := powerOf(&iv, need); known {
			s.W[i] = w
		}
	}
	return s
}

// powerOf is the mean power of an interval in W, of which so much must be covered.
func powerOf(iv *models.Interval, need time.Duration) (w float64, known bool) {
	switch mean, ok := iv.MeanPower(); {
	case ok && iv.Covered >= need:
		return float64(mean), true
	case iv.CounterCovered >= need:
		return float64(iv.CounterImport-iv.CounterExport) / iv.CounterCovered.Hours(), true
	}
	return nan, false
}

// nan is what is not known.
var nan = math.NaN()

// at is the start of the interval with the index.
func (s Series) at(i int) time.Time { return s.Start.Add(time.Duration(i) * step) }

// index of the interval that holds the instant, within the series.
func (s Series) index(t time.Time) int {
	return max(0, min(len(s.W), int(t.Sub(s.Start)/step)))
}

// value is the power in the interval that begins at an instant, NaN outside.
func (s Series) value(at time.Time) float64 {
	if i := int(at.Sub(s.Start) / step); !at.Before(s.Start) && i < len(s.W) {
		return s.W[i]
	}
	return nan
}

// hour of the local day of an interval, and whether it is a day off.
func (s Series) hour(i int) (hour int, off bool) {
	local := s.at(i).Add(models.LegalOffset)
	return local.Hour(), local.Weekday() == time.Saturday || local.Weekday() == time.Sunday
}

// slot numbers the hours of working days 0..23 and of days off 24..47.
func (s Series) slot(i int) int {
	h, off := s.hour(i)
	if off {
		return h + 24
	}
	return h
}

// known gives the values of a range that are numbers.
func known(w []float64) []float64 {
	out := make([]float64, 0, len(w))
	for _, v := range w {
		if !math.IsNaN(v) {
			out = append(out, v)
		}
	}
	return out
}

// quantile of values that are numbers; NaN of none.
func quantile(w []float64, q float64) float64 {
	v := slices.Sorted(slices.Values(known(w)))
	if len(v) == 0 {
		return math.NaN()
	}
	x := q * float64(len(v)-1)
	i := int(x)
	if i+1 >= len(v) {
		return v[len(v)-1]
	}
	return v[i] + (x-float64(i))*(v[i+1]-v[i])
}

func median(w []float64) float64 { return quantile(w, 0.5) }

func mean(w []float64) float64 {
	sum, n := 0.0, 0
	for _, v := range w {
		if !math.IsNaN(v) {
			sum, n = sum+v, n+1
		}
	}
	return sum / float64(n)
}

// sigma is the deviation by the median absolute deviation.
func sigma(w []float64) float64 {
	m := median(w)
	d := make([]float64, 0, len(w))
	for _, v := range known(w) {
		d = append(d, math.Abs(v-m))
	}
	return 1.4826 * median(d)
}

// standard is the relative standard uncertainty of a meter of a class with its
// current transformer: rectangular limits, in quadrature.
func (p Params) standard(class string) float64 {
	limit := 0.01
	switch class {
	case "0.2S", "0.2":
		limit = 0.002
	case "0.5S", "0.5":
		limit = 0.005
	case "2":
		limit = 0.02
	}
	if limit < 0.01 { // meters of class 1 and 2 stand in houses, without transformers
		limit = math.Hypot(limit, p.CTClass)
	}
	return limit / math.Sqrt(3)
}

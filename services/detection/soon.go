package detection

import (
	"math"
	"time"

	"rigistry/models"
)

// soon gives what belongs to a run of at least n intervals in which over is positive,
// or to a single one in which sure is: a documented limit that is passed beyond its
// uncertainty is told after the first quarter hour. lasted tells whether there was such
// a run. first is negative when there is nothing.
func soon(u Unit, n, length int, over, sure func(i int) float64) (first, last, count int, lasted bool) {
	first, last, count = runs(u, n, length, over)
	lasted = first >= 0
	at, until, quarters := runs(u, 1, length, sure)
	switch {
	case at < 0:
	case !lasted:
		first, last, count = at, until, quarters
	default:
		first, last, count = min(first, at), max(last, until), max(count, quarters)
	}
	return first, last, count, lasted
}

// tierOf is how firmly a documented limit that was passed is told.
func tierOf(lasted bool) models.Tier {
	if lasted {
		return models.TierAct
	}
	return models.TierInspect
}

// wholly tells whether an interval shows what was drawn after a change: it began after
// it, or at most the skew of the clocks before it, and then carriedOver is taken off.
func (p Params) wholly(s Series, i int, change time.Time) bool {
	return change.Sub(s.at(i)) <= p.Skew
}

// carriedOver is what the time before a change may leave in an interval, W: the load
// of then over the part of the interval that lies before it, and over the skew of the
// clocks. The load of then is that of the interval before, or what was permitted when
// that is not known or less.
func (p Params) carriedOver(s Series, i int, change time.Time, permitted float64) float64 {
	part := change.Add(p.Skew).Sub(s.at(i))
	if part <= 0 {
		return 0
	}
	before := permitted
	if i > 0 {
		if w := s.W[i-1]; w == w {
			before = math.Max(before, w)
		}
	}
	return before * float64(part) / float64(step)
}

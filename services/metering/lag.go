package metering

import (
	"math"
	"sync/atomic"
	"time"
)

// Lags tells how long after their time polls began, over all polls since the
// collector was made. A quantile is rounded up to the next step, each being a
// fifth longer than the one before.
type Lags struct {
	Polls         int64
	P50, P99, Max time.Duration
}

// Steps of the tally: from half a millisecond, 64 of them, each a fifth longer,
// which leads to over a minute.
const (
	lagSteps = 64
	lagLeast = 500 * time.Microsecond
	lagRatio = 1.2
)

var lagBounds = func() (bounds [lagSteps]time.Duration) {
	for i := range bounds {
		bounds[i] = time.Duration(float64(lagLeast) * math.Pow(lagRatio, float64(i)))
	}
	return bounds
}()

// lagTally counts lags. Links add to it at the same time.
type lagTally struct {
	count [lagSteps + 1]atomic.Int64
	most  atomic.Int64
}

func (t *lagTally) add(lag time.Duration) {
	lo, hi := 0, lagSteps
	for lo < hi {
		if mid := (lo + hi) / 2; lag <= lagBounds[mid] {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	t.count[lo].Add(1)
	for old := t.most.Load(); int64(lag) > old && !t.most.CompareAndSwap(old, int64(lag)); old = t.most.Load() {
	}
}

func (t *lagTally) lags() Lags {
	out := Lags{Max: time.Duration(t.most.Load())}
	var counts [lagSteps + 1]int64
	for i := range counts {
		counts[i] = t.count[i].Load()
		out.Polls += counts[i]
	}
	at := func(permille int64) time.Duration {
		sum := int64(0)
		for i, n := range counts[:lagSteps] {
			if sum += n; sum*1000 >= out.Polls*permille {
				return min(lagBounds[i], out.Max)
			}
		}
		return out.Max
	}
	if out.Polls > 0 {
		out.P50, out.P99 = at(500), at(990)
	}
	return out
}

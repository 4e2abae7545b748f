package detection

import (
	"math"
	"time"
)

// Step is an instant at which a power changed for good, with its level before and
// after, in W.
type Step struct {
	At            time.Time
	Before, After float64
}

// Why a change is a step: it lasts an hour on both sides, it is at least stepLeast,
// stepSigmas robust deviations of what the load does within a day, and it explains so
// much of the scatter that a penalised fit (BIC: Yao 1988, 3·σ²·ln n a step) takes it.
const (
	stepMargin = 8    // intervals on each side
	stepLeast  = 2000 // W, most of a small rig
	stepSigmas = 2.5
	stepsMost  = 6
)

// stepsOf cuts a series into levels by binary segmentation (Scott and Knott 1974)
// and gives the changes between them, oldest first. NaN is skipped.
func stepsOf(start time.Time, every time.Duration, w []float64) []Step {
	scale := scatterOf(w)
	cuts := []int{0, len(w)}
	for len(cuts)-2 < stepsMost {
		best, at, gain := -1, 0, 3*scale*scale*math.Log(float64(max(3, len(w))))
		for k := 0; k+1 < len(cuts); k++ {
			if cut, g := bestCut(w[cuts[k]:cuts[k+1]]); cut > 0 && g > gain && stands(w[cuts[k]:cuts[k+1]], cut, scale) {
				best, at, gain = k, cuts[k]+cut, g
			}
		}
		if best < 0 {
			break
		}
		cuts = append(cuts[:best+1], append([]int{at}, cuts[best+1:]...)...)
	}
	var out []Step
	for k := 1; k+1 < len(cuts); k++ {
		before, after := mean(w[cuts[k-1]:cuts[k]]), mean(w[cuts[k]:cuts[k+1]])
		if math.Abs(after-before) >= stepLeast {
			out = append(out, Step{At: start.Add(time.Duration(cuts[k]) * every), Before: before, After: after})
		}
	}
	return out
}

// bestCut gives the cut that takes most off the sum of squares, and how much; 0 when
// there is none.
func bestCut(w []float64) (cut int, gain float64) {
	total, n := 0.0, 0.0
	for _, v := range w {
		if !math.IsNaN(v) {
			total, n = total+v, n+1
		}
	}
	left, ln := 0.0, 0.0
	for i, v := range w {
		if i >= stepMargin && i <= len(w)-stepMargin && ln > 0 && ln < n {
			right, rn := total-left, n-ln
			if g := left*left/ln + right*right/rn - total*total/n; g > gain {
				cut, gain = i, g
			}
		}
		if !math.IsNaN(v) {
			left, ln = left+v, ln+1
		}
	}
	return cut, gain
}

// stands tells whether the levels on both sides of a cut are really two.
func stands(w []float64, cut int, scale float64) bool {
	change := math.Abs(mean(w[cut:]) - mean(w[:cut]))
	return change >= stepLeast && change >= stepSigmas*scale
}

// scatterOf is the robust deviation of a series from its mean of a day around: what a
// load does within a day is no step, and levels do not enlarge it.
func scatterOf(w []float64) float64 {
	sums, counts := make([]float64, len(w)+1), make([]float64, len(w)+1)
	for i, v := range w {
		sums[i+1], counts[i+1] = sums[i], counts[i]
		if !math.IsNaN(v) {
			sums[i+1], counts[i+1] = sums[i]+v, counts[i]+1
		}
	}
	d := make([]float64, len(w))
	for i, v := range w {
		from, until := max(0, i-perDay/2), min(len(w), i+perDay/2)
		d[i] = v - (sums[until]-sums[from])/(counts[until]-counts[from])
	}
	if s := sigma(d); s > 0 {
		return s
	}
	return 0
}

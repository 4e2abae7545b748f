package stream

import "math"

// suspect is a customer whose meter may hide what a balance misses.
type suspect struct {
	meter       int
	kind        string
	nats, slope float64
	share       float64 // of the excess that its readings explain
}

// tampered looks for the meter that a rise since a day follows.
//
// Standing: the register repeats itself or gives zero for a day or more since the
// rise and used to move. Scaled: the changes of the excess go with the changes of
// what is still recorded, ρ = Σ ΔeΔp/Σ Δp² > 0; a meter that records the share f
// leaves (1−f)/f of it in the balance, so ρ times its mean is the excess itself.
func (e *Engine) tampered(i int, variance float64) (suspect, float64) {
	n := &e.nodes[i]
	best, second := suspect{meter: -1}, 0.0
	onset := e.onset(n)
	rose, stopped, together := suspect{meter: -1}, suspect{meter: -1}, 0
	for k := range e.meters {
		m := &e.meters[k]
		if m.kind != Connection || len(m.places) == 0 || e.placeAt(m, e.day) != i {
			continue
		}
		if m.still >= 1 && absInt(e.day-m.still+1-n.up.from) <= 1 && m.moved(e, n.up.from-2) && e.stoppedAt(m, onset) {
			kind := "meter_frozen"
			if m.stillVal < 0.03 {
				kind = "meter_zeroed"
			}
			stopped = suspect{meter: k, kind: kind, nats: 20, share: 1}
			continue
		}
		if step, with := e.roseWith(m, n, onset); with {
			rose, together = suspect{meter: k, kind: "meter_scaled", nats: 20, slope: n.up.shift / step, share: 1}, together+1
		}
		xy, xx, mean, days := 0.0, 0.0, 0.0, 0.0
		for d := n.up.from + 1; d <= e.day; d++ {
			f := m.feature[d%ring]
			xy, xx = xy+float64(m.sxy[d%ring]), xx+float64(m.sxx[d%ring])
			if f.known {
				mean, days = mean+float64(f.mean), days+1
			}
		}
		slope := xy / math.Max(xx, 1e-9)
		if slope < e.p.ScaledSlope {
			continue
		}
		share := slope * mean / math.Max(days, 1) / n.up.shift
		// Rigs behind it show in part: what it records rose on the same day.
		if before, known := m.usual(e, n.up.from); !known || mean/math.Max(days, 1)-before < 0.1*n.up.shift {
			continue
		}
		g := xy * xy / math.Max(xx, 1e-9) / (2 * variance)
		// A scaled meter hides exactly what is missing: anything else is coincidence.
		if math.Abs(share-1) > math.Min(e.p.ScaledOff, 0.5*e.p.ScaledOff+2*slope0(variance, xx)/slope) {
			continue
		}
		if g > best.nats {
			second = best.nats
			best = suspect{meter: k, kind: "meter_scaled", nats: g, slope: slope, share: share}
		} else {
			second = math.Max(second, g)
		}
	}
	switch {
	case together == 1: // before one that stands still: a house can be empty
		return rose, 0
	case stopped.meter >= 0 && e.stopsByChance(i, n.up.from-2) <= e.p.StopsChance:
		return stopped, 0
	}
	return best, second
}

// onset is the block, since the start, at which the excess rose.
func (e *Engine) onset(n *nodeState) int { return e.splitOf(n.ex, max(n.up.from-1, e.oldest())) }

// splitOf is the block, since the start, of the best split of the days since the
// first into a lower and a higher level.
func (e *Engine) splitOf(r []float32, first int) int {
	var total, count float64
	for d := first; d <= e.day; d++ {
		for _, v := range e.row(r, d) {
			if v == v {
				total, count = total+float64(v), count+1
			}
		}
	}
	best, at, left, leftN := -1.0, first*e.blocks, 0.0, 0.0
	for d := first; d <= e.day; d++ {
		for b, v := range e.row(r, d) {
			if v != v {
				continue
			}
			if leftN > 0 && count > leftN {
				rise := (total-left)/(count-leftN) - left/leftN
				gain := rise * math.Abs(rise) * leftN * (count - leftN) / count
				if gain > best {
					best, at = gain, d*e.blocks+b
				}
			}
			left, leftN = left+float64(v), leftN+1
		}
	}
	return at
}

// roseWith tells whether a home took on a lasting load within the hour in which
// the balance rose, and how much of it is recorded: a meter that shows a part of
// what was added. A lasting step of a rig comes to a home once in decades, so the
// same hour is no chance.
func (e *Engine) roseWith(m *meterState, n *nodeState, onset int) (step float64, with bool) {
	before, known := m.usual(e, n.up.from)
	if !m.home || !known {
		return 0, false
	}
	first := n.up.from + 1
	low, days := 0.0, 0.0
	for d := first; d <= e.day; d++ {
		if f := m.feature[d%ring]; f.known {
			low, step, days = low+float64(f.floor), step+float64(f.mean)-before, days+1
		}
	}
	if days == 0 || step/days < math.Max(0.5*e.p.RigKW, 0.15*n.up.shift) || low < 0.6*step {
		return 0, false
	}
	at := e.splitOf(m.hist, max(n.up.from-1, e.oldest()))
	return step / days, absInt(at-onset) <= max(int(3600/e.blockSec), 1)
}

// stoppedAt tells whether a register stopped when the excess rose: not hours
// before, not after.
func (e *Engine) stoppedAt(m *meterState, onset int) bool {
	low, high := float32(math.Inf(1)), float32(math.Inf(-1))
	block := (e.day + 1) * e.blocks
	for block > e.oldest()*e.blocks {
		if v := e.row(m.hist, (block-1)/e.blocks)[(block-1)%e.blocks]; v == v {
			if low, high = min(low, v), max(high, v); high-low > e.oneCount(v) {
				break
			}
		}
		block--
	}
	return absInt(block-onset) <= e.p.StopHours*int(3600/e.blockSec)
}

// stopsByChance is how many meters of a balance are expected to stop within the hours
// in which one counts, by what they did on the days until a day: houses are left and
// switched off too. With k of them in d days it is (k + ½)/d of a day (Jeffreys), times
// those hours.
func (e *Engine) stopsByChance(i, until int) float64 {
	stops := 0.5
	for k := range e.meters {
		m := &e.meters[k]
		if m.kind != Connection || len(m.places) == 0 || e.placeAt(m, e.day) != i {
			continue
		}
		stood := true
		for d := e.oldest(); d <= until; d++ {
			stands := e.stands(m, d)
			if stands && !stood {
				stops++
			}
			stood = stands
		}
	}
	return stops / float64(max(until-e.oldest(), 1)) * 2 * float64(e.p.StopHours) / 24
}

// stands tells whether the powers of a whole day differ by one count of the register.
func (e *Engine) stands(m *meterState, d int) bool {
	low, high := float32(math.Inf(1)), float32(math.Inf(-1))
	for _, v := range e.row(m.hist, d) {
		if v == v {
			low, high = min(low, v), max(high, v)
		}
	}
	return high-low <= e.oneCount(high)
}

// slope0 is the standard error of ρ.
func slope0(variance, xx float64) float64 { return math.Sqrt(variance / math.Max(xx, 1e-9)) }

// usual is the mean of the week before a day.
func (m *meterState) usual(e *Engine, day int) (kw float64, known bool) {
	n := 0.0
	for d := max(day-7, e.oldest()); d < day; d++ {
		if f := m.feature[d%ring]; f.known {
			kw, n = kw+float64(f.mean), n+1
		}
	}
	return kw / math.Max(n, 1), n > 2
}

// moved tells whether a meter still moved and counted around a day.
func (m *meterState) moved(e *Engine, day int) bool {
	for d := max(day-3, e.oldest()); d <= day; d++ {
		if f := m.feature[d%ring]; f.known && f.mean > 0.1 && f.top-f.low > 0.1 {
			return true
		}
	}
	return false
}

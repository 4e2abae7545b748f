package stream

import (
	"fmt"
	"math"
)

// began is the first whole day that a customer's load is compared with: what was before a
// connection says nothing about a load that is flat by its declared use, and what was
// before other transformers nothing about any.
func (m *meterState) began() int {
	first := 0
	if m.flat && m.firstOn > 3 {
		first = m.firstOn + 1
	}
	if m.plateFrom > 0 {
		first = max(first, m.plateFrom+1)
	}
	return first
}

// onTop looks for a constant load on top of one that is flat, or comes and goes, by its
// declared use: a cold store, a pump, a mast. Its own load may reach by itself what rigs
// add to it, so the floor of a day says little; but rigs lift all of it. With the days'
// lows (5 %) and tops (95 %) before and after a day s,
//
//	a_low = q10(lows after) − q10(lows before),  a_top = q90(tops after) − q90(tops before)
//
// both are max(BusinessKW, BusinessShare of the mean) or more and differ by a fifth of
// their mean at most: what runs more hours lifts its lows and not its tops, what has grown
// by a second machine lifts its tops and not its lows.
//
// A load that comes and goes (its days deviate by comesAndGoes of their median) has to have done so on
// both sides of s, three times before and twice after, else it was only off; and all days
// since have to be within a quarter of a of the lifted ones. Any other has
// to have stepped, four days after against four before, by 0.7·a and LiftShare of its own
// mean beyond what its line on the temperature explains, that of before or of after: a cold
// store works more in the warmth. A new machine that never stops looks the same, so this
// asks and does not accuse (C).
func (e *Engine) onTop(m *meterState) (riseOf, bool) {
	var w addedDays
	var low, top []float64
	for d := max(m.began(), e.oldest()); d <= e.day; d++ {
		if f := m.feature[d%ring]; f.known {
			w.add(e, d, float64(f.mean))
			low, top = append(low, float64(f.low)), append(top, float64(f.top))
		}
	}
	best := riseOf{}
	for s := len(low) - e.p.LiftAfter; s >= max(e.p.LiftBefore, len(low)-20); s-- {
		if r, ok := e.lifted(&w, low, top, s); ok && r.kw > best.kw {
			best = r
		}
	}
	best.u = 1.96 * math.Sqrt(sq(best.u)+sq(idleShare*best.kw)+sq(m.class*best.kw))
	return best, best.kw > 0
}

// comesAndGoes is the deviation of days of a pump, as a share of their median; a cold
// store in a spring that gets warmer has a tenth.
const comesAndGoes = 0.15

// deviation is the standard deviation.
func deviation(v []float64) float64 {
	mean, sum := meanOf(v), 0.0
	for _, x := range v {
		sum += sq(x - mean)
	}
	return math.Sqrt(sum / float64(len(v)))
}

// lifted tells whether lows and tops rose together with the day number s.
func (e *Engine) lifted(w *addedDays, low, top []float64, s int) (riseOf, bool) {
	q := func(v []float64, share float64) float64 { return quantileOf(append([]float64(nil), v...), share) }
	before, after := w.kw[:s], w.kw[s+1:]
	own, spread := center(before)
	bottom, ceiling := q(low[:s], 0.1), q(top[:s], 0.9)
	aLow, aTop := q(low[s+1:], 0.1)-bottom, q(top[s+1:], 0.9)-ceiling
	a := (aLow + aTop) / 2
	if min(aLow, aTop) < math.Max(e.p.BusinessKW, e.p.BusinessShare*own) || math.Abs(aLow-aTop) > 0.2*a {
		return riseOf{}, false
	}
	r := riseOf{kind: "added_load", from: w.day[s], kw: a, u: math.Abs(aLow-aTop) / 2, nats: e.p.AlarmNats, before: bottom, flat: spread / own, tier: Watch}
	if deviation(before) > comesAndGoes*own {
		middle := (bottom + ceiling) / 2
		whole := q(low[s+1:], 0) >= bottom+0.75*a && q(top[s+1:], 1) <= ceiling+1.25*a // all days since, not some
		return r, whole && crossings(before, middle) >= 3 && crossings(after, middle+a) >= 2
	}
	// Days near the step, so that a season does not add up.
	from, to := max(0, s-e.p.LiftBefore), min(len(w.kw), s+1+e.p.LiftBefore)
	a = min(q(low[s+1:to], 0.1)-q(low[from:s], 0.1), q(top[s+1:to], 0.9)-q(top[from:s], 0.9))
	slope := math.Max(slopeOf(addedDays{warm: w.warm[from:s], kw: w.kw[from:s]}), slopeOf(addedDays{warm: w.warm[s+1 : to], kw: w.kw[s+1 : to]}))
	soon, _ := center(w.kw[s+1 : min(len(w.kw), s+5)])
	near, _ := center(w.kw[s-4 : s])
	warmer := math.Abs(meanOf(w.warm[s+1:min(len(w.warm), s+5)]) - meanOf(w.warm[s-4:s]))
	if warmer == warmer {
		soon -= slope * warmer
	}
	whole := r.kw
	r.kw = math.Min(whole, soon-near)
	r.u = math.Hypot(r.u, math.Max(spread, (whole-r.kw)/2))
	return r, a >= e.p.LiftShare*own && soon-near >= math.Max(0.7*whole, e.p.LiftShare*own)
}

// slopeOf is how much a load changes with the temperature, kW/K without its sign: 0 where
// that is not certain (two standard errors) or the temperature did not move.
func slopeOf(a addedDays) float64 {
	moves, se, spanned := a.weather()
	if !spanned || moves <= 2*se {
		return 0
	}
	return moves / a.span()
}

// crossings is how often a series goes from one side of a level to the other.
func crossings(v []float64, level float64) int {
	n := 0
	for i := 1; i < len(v); i++ {
		if (v[i] > level) != (v[i-1] > level) {
			n++
		}
	}
	return n
}

// exceeded looks for loads that are flat by their declared use and hold more than was
// declared: on FlatOverDays days of a week, the floor of the day is above
//
//	DeclaredKW·FlatOver + FlatOverKW
//
// which no permitted error of a meter explains. What was declared is in the documents, so
// somebody goes and looks (B), also where the load was asked about before.
func (e *Engine) exceeded() {
	for i := range e.meters {
		m := &e.meters[i]
		if !m.flat || m.DeclaredKW <= 0 || m.license != nil || m.kind != Connection {
			continue
		}
		over, first := e.overDeclared(m, e.day)
		if before, _ := e.overDeclared(m, e.day-1); len(over) == 0 || len(before) > 0 {
			continue
		}
		kw, spread := center(over)
		u := 1.96 * math.Hypot(spread/math.Sqrt(float64(len(over))), m.class*(kw+m.DeclaredKW))
		m.shape.watched, m.shape.raised = true, true
		e.raise(Alert{Target: m.Node, Rule: "declared_exceeded", Tier: Inspect, RaisedAt: e.now(), From: e.dayAt(first), To: e.now(),
			KW: kw, Low: math.Max(0, kw-u), High: kw + u, Score: e.p.AlarmNats, Before: m.DeclaredKW, Days: e.floorDays(m, m.DeclaredKW),
			Explanation: fmt.Sprintf("Since %s the load has not fallen below %.1f kW (±%.1f) above the %.1f kW that its flat use was declared with.", e.dayAt(first).Format("2 January"), kw, u, m.DeclaredKW),
			Refutations: []string{"load_declared", "new_equipment", "ct_ratio", "meter_exchanged"}})
	}
}

// overDeclared is by how much the floors of a week until a day were above what was
// declared, kW, and the first day; nothing when that day's was not, or too few were.
func (e *Engine) overDeclared(m *meterState, day int) (over []float64, first int) {
	limit := m.DeclaredKW*e.p.FlatOver + e.p.FlatOverKW
	for d := day; d > day-7 && d >= e.oldest(); d-- {
		f := m.feature[d%ring]
		if f.known && float64(f.floor) > limit {
			over, first = append(over, float64(f.floor)-m.DeclaredKW), d
		} else if d == day {
			return nil, 0
		}
	}
	if len(over) < e.p.FlatOverDays {
		return nil, 0
	}
	return over, first
}

// floorDays is the chart of a customer's floors against an expectation.
func (e *Engine) floorDays(m *meterState, expected float64) (out []DayPoint) {
	for d := e.oldest(); d <= e.day; d++ {
		if f := m.feature[d%ring]; f.known {
			out = append(out, DayPoint{At: e.dayAt(d), Measured: float64(f.floor), Expected: expected})
		}
	}
	return out
}

package stream

import (
	"fmt"
	"math"
)

// shapeState is the sequential test of one customer: evidence, in nats, that the
// floor or the mean of its days rose by rigs, since a day.
type shapeState struct {
	floor, level evidence
	raised       bool // a finding stands
	watched      bool
}

type evidence struct {
	nats float64
	from int
}

// shapes tests the load of every customer that no license covers.
//
// Each day gives one term: the likelihood ratio of a rise by L against none, of the
// day's floor (15th percentile) and of its mean, both less what the temperature
// explains; clipped, because days are not Gaussian; the sum never below zero
// (Wald 1945, Page 1954). The regression on max(0, 18 °C − T) is fitted to the days
// before the excursion.
func (e *Engine) shapes() {
	type due struct {
		meter int
		rise  riseOf
	}
	var homes []due
	together := map[int]int{}
	for i := range e.meters {
		m := &e.meters[i]
		if m.kind != Connection || m.license != nil || m.Activity == "mining" || m.shape.raised || !m.feature[e.day%ring].known || e.day < 7 {
			continue
		}
		r, ok := e.testShape(m)
		if m.home && m.shape.floor.nats > 1 {
			together[e.placeAt(m, e.day)]++
		}
		if ok {
			if m.home {
				homes = append(homes, due{i, r})
			} else {
				e.raiseShape(m, r, r.tier)
			}
		}
	}
	for _, h := range homes {
		m := &e.meters[h.meter]
		node := e.placeAt(m, e.day)
		// Three homes of one transformer at once are the weather or a tariff.
		if together[node] >= 3 && h.rise.kw < 2*e.p.LargeKW && !h.rise.steady && e.day-h.rise.from < 16 {
			continue
		}
		// Where the balance rises too, the meter may hide a part: that is decided first.
		if node >= 0 && e.nodes[node].meter >= 0 && e.nodes[node].raised == 0 && e.nodes[node].up.sum > e.p.DriftKW && e.day-h.rise.from < 6 {
			continue
		}
		e.raiseShape(m, h.rise, h.rise.tier)
	}
}

// riseOf is what a test of a shape found.
type riseOf struct {
	kind         string
	from         int
	kw, u, nats  float64
	steady       bool
	tier         Tier
	before, flat float64
}

// testShape runs the tests of a day on a customer.
func (e *Engine) testShape(m *meterState) (riseOf, bool) {
	least := e.p.RigKW
	if !m.home {
		least = e.p.BusinessKW
	}
	if e.day >= 10 {
		e.weigh(m, &m.shape.floor, pickFloor, least)
		e.weigh(m, &m.shape.level, pickMean, least*1.1)
		if m.shape.floor.nats >= e.p.AlarmNats {
			if r, ok := e.rose(m, m.shape.floor, pickFloor, least); ok {
				if even, shaped := e.evened(m, m.shape.floor, least); shaped && r.tier == Watch && even.tier != Watch {
					return even, true
				}
				return r, true
			}
		}
		if m.shape.level.nats >= e.p.AlarmNats {
			r, cycled := e.cycled(m, m.shape.level, least)
			if even, ok := e.evened(m, m.shape.level, least); ok && (!cycled || r.tier == Watch && even.tier != Watch) {
				return even, true
			}
			if cycled {
				return r, true
			}
		}
	}
	if m.flat {
		return e.onTop(m)
	}
	if e.day+1 >= e.p.ShapeDays && !m.shape.watched {
		if r, ok := e.alwaysFlat(m); ok || !m.home {
			return r, ok
		}
		if r, ok := e.alwaysCycled(m); ok {
			return r, true
		}
		return e.alwaysEven(m)
	}
	return riseOf{}, false
}

// weigh adds the evidence of the day.
func (e *Engine) weigh(m *meterState, x *evidence, pick func(dayFeature) float32, least float64) {
	if x.nats == 0 && float64(pick(m.feature[e.day%ring])) <= least/2 {
		return // whatever was before: no evidence of a rise
	}
	until := e.day - 1
	if x.nats > 0 {
		until = x.from
	}
	base := e.seriesOf(m, m.began(), until, pick)
	if len(base.y) < 7 {
		return
	}
	h := e.heat(e.day)
	if h != h {
		h = 0
	}
	want, extra := base.expect(h)
	want += e.offset(&base, e.day)
	if !m.home {
		least = math.Max(least, e.p.BusinessShare*base.c)
	}
	r := float64(pick(m.feature[e.day%ring])) - want - extra
	variance := sq(math.Max(base.s, 0.02*want)) + sq(0.25*least)
	clip := e.p.ClipNats
	if r > e.p.LargeKW && r > 3*least {
		clip = e.p.ClipLargeNats
	}
	term := math.Max(-e.p.ClipNats, math.Min(clip, least*(r-least/2)/variance))
	if x.nats == 0 {
		x.from = e.day
	}
	x.nats = math.Min(30, math.Max(0, x.nats+term))
	if e.day-x.from > ring-12 {
		x.nats, x.from = 0, e.day // too long ago: the days before are the baseline now
	}
}

// rose confirms a rise of the floor: what was added is flat from day to day, and
// does not go with the cold.
func (e *Engine) rose(m *meterState, x evidence, pick func(dayFeature) float32, least float64) (riseOf, bool) {
	base := e.seriesOf(m, m.began(), x.from, pick)
	means := e.seriesOf(m, m.began(), x.from, pickMean)
	var added, addedMean, firm, before []float64
	first := x.from
	if first < e.day {
		first++
	}
	for d := first; d <= e.day; d++ {
		f := m.feature[d%ring]
		h := e.heat(d)
		if h != h {
			h = 0
		}
		if !f.known {
			continue
		}
		want, _ := base.expect(h)
		wm, _ := means.expect(h)
		before = append(before, want)
		added, addedMean = append(added, float64(f.floor)-want-e.offset(&base, d)), append(addedMean, float64(f.mean)-wm-e.offset(&means, d))
		firm = append(firm, float64(f.mid-f.low)/math.Max(float64(f.floor), 0.1))
	}
	if len(added) == 0 {
		return riseOf{}, false
	}
	level, spread := center(added)
	mean, _ := center(addedMean)
	loose, _ := center(firm)
	if level < least {
		return riseOf{}, false
	}
	// A floor that tells less than the mean: the load is shaped, or cycles.
	est, noise := level, math.Max(spread, base.s)
	if mean > 1.15*level {
		est, noise = mean, means.s
	}
	n := float64(len(added))
	r := riseOf{kind: "added_load", from: x.from, kw: est, nats: x.nats, before: quantileOf(before, 0.5), flat: loose, tier: Inspect}
	// A floor does not see the outages of single rigs, a few per cent of the time; a few
	// days see more of them, or fewer, than there are in the long run.
	r.u = 1.96 * math.Sqrt(noise*noise*(1/n+1/float64(len(base.y)))+sq(idleShare*est)+sq(outages(est))/n+sq(m.class*est)+sq(0.12))
	if m.home && (spread > 0.35*level+0.2 || loose > 0.5) {
		r.tier = Watch
	}
	if m.home && base.beta*(base.hMax-base.hMin) > level {
		r.tier = Watch // its heating alone moved the floor by more
	}
	if !m.home && !e.alike(m, x.from, first, level, mean, means.s, n) {
		return riseOf{}, false
	}
	if !m.home && (spread > 0.5*level || m.newlyConnected(e) && !m.settled(x.from) || m.flat && e.within(m, x.from, least)) {
		return riseOf{}, false
	}
	if !m.home && !e.outgrown(m, &means, r, mean) {
		r.tier = Watch
	}
	return r, true
}

// firmly is how much of its floor a load of rigs varies by between the twentieth and the
// third part of a day, at most.
const firmly = 0.1

// outgrown tells whether what was added to a business is more than the business: ten
// kilowatts or more and no less than its own mean, the same at all hours, at a customer
// of a declared use that does not run day and night and that had a load of its own
// before. What is new on the site, or of no declared use, is asked about and no more.
func (e *Engine) outgrown(m *meterState, means *series, r riseOf, mean float64) bool {
	declared := m.Activity != "" && m.Activity != "unknown" && !m.flat
	settled := m.firstOn >= 0 && (m.firstOn <= 3 || r.from-m.firstOn >= ring)
	return declared && settled && means.c > 1 && r.kw >= math.Max(e.p.LargeKW, means.c) && r.flat <= firmly && math.Abs(mean-r.kw) <= 0.25*r.kw
}

// alike tells whether floor, mean and upper part of the days of a business rose
// together: rigs add the same at every hour, while a season or another shift moves
// the hours apart. What lasts ten days need not: a farm may be shaped.
func (e *Engine) alike(m *meterState, from, first int, level, mean, noise, n float64) bool {
	tops := e.seriesOf(m, m.began(), from, func(f dayFeature) float32 { return f.high })
	var added []float64
	for d := first; d <= e.day; d++ {
		if f := m.feature[d%ring]; f.known {
			want, _ := tops.expect(e.heatOr(d))
			added = append(added, float64(f.high)-want-e.offset(&tops, d))
		}
	}
	high, _ := center(added)
	if n >= 10 && mean >= level {
		return true
	}
	noise /= math.Sqrt(n)
	return math.Abs(mean-level) <= 0.4*level+noise && math.Abs(high-level) <= 0.5*level+1.3*noise
}

// within tells whether a load that is flat, or comes and goes, by its declared use
// now holds a floor that it reached before: a pump that runs all day is a pump. The
// day before the rise does not count: what was added at noon shows in its top already.
func (e *Engine) within(m *meterState, from int, least float64) bool {
	top := 0.0
	for d := e.oldest(); d < from-1; d++ {
		if f := m.feature[d%ring]; f.known {
			top = math.Max(top, float64(f.top))
		}
	}
	var floors []float64
	for d := from; d <= e.day; d++ {
		if f := m.feature[d%ring]; f.known {
			floors = append(floors, float64(f.floor))
		}
	}
	return quantileOf(floors, 0.5) < top+0.5*math.Max(least, e.p.BusinessShare*top)
}

// newlyConnected is a customer with a declared use that began to draw not long ago:
// nothing has been added to it yet.
func (m *meterState) newlyConnected(e *Engine) bool {
	declared := m.Activity != "" && m.Activity != "unknown"
	return declared && m.firstOn > 3 && e.day-m.firstOn < ring
}

// settled tells whether a load that is flat by its declared use had run for some time
// before it rose. Such a load has no trial run to grow through, as a works has: it is
// whole when it is switched on, and what comes later was added.
func (m *meterState) settled(from int) bool { return m.flat && from-m.firstOn >= settleDays }

const settleDays = 10

// cycled confirms a rise of the mean by a load of two levels: on for a quarter of
// the time or more, and flat while on. An electric vehicle charges for less.
func (e *Engine) cycled(m *meterState, x evidence, least float64) (riseOf, bool) {
	if e.day-x.from < 3 || m.flat || !m.home && m.newlyConnected(e) {
		return riseOf{}, false // what is declared to come and go is tested by its floor
	}
	base := e.seriesOf(m, m.began(), x.from, pickMean)
	tops := e.seriesOf(m, m.began(), x.from, func(f dayFeature) float32 { return f.top })
	var added, on []float64
	total := 0.0
	for d := x.from + 1; d <= e.day; d++ {
		f := m.feature[d%ring]
		if !f.known {
			continue
		}
		want, _ := base.expect(math.Max(0, e.heatOr(d)))
		added = append(added, float64(f.mean)-want)
		for _, v := range e.row(m.hist, d) {
			if v == v {
				total++
				if float64(v) > math.Max(tops.c, 0.55*float64(f.top)) {
					on = append(on, float64(v))
				}
			}
		}
	}
	if len(added) < 2 || len(on) == 0 {
		return riseOf{}, false
	}
	level, spread := center(on)
	duty := float64(len(on)) / total
	mean := meanOf(added)
	_, days := center(added)
	if !m.home && duty < 0.6 || mean < least || level < e.p.CycleKW || duty < e.p.CycleDuty || level < 1.5*tops.c {
		return riseOf{}, false
	}
	r := riseOf{kind: "two_levels", from: x.from, kw: mean, nats: x.nats, before: base.c, flat: spread / level, tier: Inspect}
	r.u = 1.96 * math.Sqrt(sq(math.Max(days, base.s))*(1/float64(len(added))+1/float64(len(base.y)))+sq(0.03*mean))
	if !m.home || spread > 0.15*level || base.beta*base.hMax > 0.5*base.c {
		r.tier = Watch
	}
	return r, true
}

func (e *Engine) heatOr(d int) float64 {
	if h := e.heat(d); h == h {
		return h
	}
	return 0
}

// raiseShape raises the alert of a shape.
func (e *Engine) raiseShape(m *meterState, r riseOf, tier Tier) {
	if tier == Watch && m.shape.watched && m.home {
		return
	}
	m.shape.watched = true
	if tier != Watch || r.kind != "flat_load" && !m.home {
		m.shape.raised = true
	}
	text := map[string]string{
		"added_load":  "Since %s %.1f kW (±%.1f) have come on top of a floor of %.1f kW, by night as by day.",
		"two_levels":  "Since %s %.1f kW on average (±%.1f) have been added to a mean of %.1f kW by a load that is on or off.",
		"even_energy": "Since %s %.1f kW on average (±%.1f) have been added to a mean of %.1f kW: as much energy on every day, whatever the hours.",
		"flat_load":   "At least since %s about %.1f kW (±%.1f) run without a break (%.2[4]f).",
	}[r.kind]
	last := r.before
	if r.kind == "flat_load" {
		last = r.flat
	}
	var days []DayPoint
	for d := e.oldest(); d <= e.day; d++ {
		if f := m.feature[d%ring]; f.known {
			days = append(days, DayPoint{At: e.dayAt(d), Measured: float64(f.floor), Expected: r.before})
		}
	}
	e.raise(Alert{Target: m.Node, Rule: r.kind, Tier: tier, RaisedAt: e.now(), From: e.dayAt(r.from), To: e.now(), KW: r.kw,
		Low: math.Max(0, r.kw-r.u), High: r.kw + r.u, Score: r.nats, Explanation: fmt.Sprintf(text, e.dayAt(r.from).Format("2 January"), r.kw, r.u, last),
		Refutations: []string{"load_declared", "new_equipment", "ct_ratio", "meter_exchanged"}, Days: days, Before: r.before, Usual: e.usual(m, r.from)})
}

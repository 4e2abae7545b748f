package stream

import (
	"fmt"
	"math"
	"slices"
)

// Kinds of notices: faults of records, meters and clocks. None accuses anybody.
const (
	RecordsDiffer  = "topology_error"  // a customer is below another node than recorded
	RatioDiffers   = "ct_ratio"        // a meter shows a quotient of transformer ratios of what flows
	RatioSet       = "ct_told"         // a meter itself told another ratio than before
	ClockDiffers   = "clock_skew"      // a meter's intervals are not when it says
	CounterDiffers = "counter_power"   // the register and the power of a meter do not tell the same
	HoursMissing   = "missing_pattern" // readings are missing at the same hours day after day
)

// A register and a power that differ by less than counterKWh in a day differ by rounding.
const (
	counterKWh     = 0.5
	ratioDays      = 7
	patternDays    = 7
	patternMissing = 6  // of them
	noteAgain      = 28 // days
)

// note keeps a notice, one for a cause.
func (e *Engine) note(n Notice) {
	again := slices.ContainsFunc(e.notices, func(o Notice) bool {
		return o.Target == n.Target && o.Kind == n.Kind && n.At.Sub(o.At).Hours() < 24*noteAgain
	})
	if !again {
		e.notices = append(e.notices, n)
	}
}

// counters compare, for a day, what a meter's register counted with what its power adds
// up to, over intervals that have both.
type counters struct {
	register, power float64 // kWh of the day
	unlike          int     // days in a row
}

// Counter takes what the register of a meter counted in a time and what its power adds
// up to in the same, kWh.
func (e *Engine) Counter(meter int, register, power float64) {
	c := &e.meters[meter].counters
	if register >= 0 || power < 0 { // a register that was set back tells nothing
		c.register, c.power = c.register+register, c.power+power
	}
}

// doubts looks, when a day is over, for faults that accuse nobody.
func (e *Engine) doubts() {
	for i := range e.meters {
		m := &e.meters[i]
		e.counterAgainstPower(m)
		e.hoursMissing(m)
		e.plateJumped(m)
	}
	if e.day >= 2*ratioDays-1 && e.day%ratioDays == ratioDays-1 {
		e.clocks()
	}
}

// counterAgainstPower notes a meter of which the register counts another energy than its
// power adds up to: |E − ΣP·t| > CounterShare of the larger and 0.5 kWh, three days in a row. Both come from
// the same elements, so they differ by rounding; 3 % is three times the limit of class 1.
func (e *Engine) counterAgainstPower(m *meterState) {
	c := m.counters
	m.counters.register, m.counters.power = 0, 0
	largest := math.Max(math.Abs(c.register), math.Abs(c.power))
	if math.Abs(c.register-c.power) <= e.p.CounterShare*largest+counterKWh {
		if largest > counterKWh {
			m.counters.unlike = 0
		}
		return
	}
	if m.counters.unlike++; m.counters.unlike < e.p.CounterDays {
		return
	}
	e.note(Notice{At: e.now(), Target: m.Node, Kind: CounterDiffers, KW: math.Abs(c.register-c.power) / 24, Value: c.register / c.power,
		Why: fmt.Sprintf("its register counted %.1f kWh in a day and its power adds up to %.1f kWh, for %d days", c.register, c.power, m.counters.unlike)})
}

// hoursMissing notes a meter whose readings are missing at the same hours on nearly every
// day of a week, for three hours or more, and come at the others.
func (e *Engine) hoursMissing(m *meterState) {
	if e.day < patternDays || m.kind == PDU {
		return
	}
	missing, firm := 0, true
	for b := range e.blocks {
		n := 0
		for d := e.day - patternDays + 1; d <= e.day; d++ {
			if m.guessed(d, b) {
				n++
			}
		}
		switch {
		case n >= patternMissing:
			missing++
		case n > patternDays-patternMissing+1:
			firm = false // now and then is bad reception
		}
	}
	hours := float64(missing) * float64(e.blockSec) / 3600
	if !firm || hours < e.p.MissingHours || hours > 18 {
		return
	}
	e.note(Notice{At: e.now(), Target: m.Node, Kind: HoursMissing, Value: hours,
		Why: fmt.Sprintf("its readings are missing for the same %.1f hours of nearly every day of a week", hours)})
}

// ctRatios are the quotients of the usual ratios of current transformers, of 5 A and 1 A
// secondaries, and of three phases against one or two.
var ctRatios = []float64{1.2, 1.25, 4. / 3, 1.5, 5. / 3, 2, 2.5, 3, 4, 5, 6, 8, 10}

// correctRatios finds customers whose meter shows a steady part or multiple of what flows:
// the changes of the excess go with theirs, ρ = Σ ΔeΔp/Σ Δp², so what flows is (1 + ρ)·p.
// Noted is a quotient of transformer ratios that fits to 2 % and two standard errors,
// steady over the days, and when ρ·p is what the balance misses too. Meters of homes have
// no transformers. The balance is then made with the quotient: what a wrong ratio misses
// is not missing.
func (e *Engine) correctRatios() {
	if e.day < ratioDays-1 {
		return
	}
	for i := range e.meters {
		m := &e.meters[i]
		if m.home || m.kind != Connection || len(m.places) == 0 {
			continue
		}
		at := e.placeAt(m, e.day)
		if at < 0 || e.nodes[at].meter < 0 {
			continue
		}
		n := &e.nodes[at]
		rho, mean, ok := e.steadyShare(m, n)
		if !ok {
			continue
		}
		k := 1 + rho
		factor, near := 0.0, math.Inf(1)
		for _, q := range ctRatios {
			for _, c := range []float64{q, 1 / q} {
				if off := math.Abs(k/c - 1); off < near {
					factor, near = c, off
				}
			}
		}
		if near > 0.02+2*slope0(e.noise(n), e.changes2(m))/k {
			continue
		}
		plate, fits := 0.0, 0.0
		if ratio, ok := fitting(m.CT, factor, e.p.RatioFit); ok && m.CT > 1 {
			plate, fits = m.CT, ratio
		}
		e.note(Notice{At: e.now(), Target: m.Node, Kind: RatioDiffers, Value: factor, KW: math.Abs(factor-1) * mean, Plate: plate, Fits: fits,
			Why: fmt.Sprintf("%s misses %.2f times what it shows, all along: %.3g of it flow, a quotient of transformer ratios", n.ID, rho, k)})
		e.rescale(m, n, factor, 0)
	}
}

// changes2 is the sum of the squares of a meter's changes over the days that are kept.
func (e *Engine) changes2(m *meterState) float64 {
	sum := 0.0
	for d := e.oldest(); d <= e.day; d++ {
		sum += float64(m.sxx[d%ring])
	}
	return sum
}

// steadyShare is how much of a balance's excess goes with a meter, for each kW that it
// shows, and the mean of the meter, kW; false when that is not certain, not steady, or
// not what the balance misses.
func (e *Engine) steadyShare(m *meterState, n *nodeState) (rho, mean float64, ok bool) {
	var xy, xx [2]float64
	excess, days := 0.0, 0.0
	middle := (e.oldest() + e.day + 1) / 2
	for d := e.oldest(); d <= e.day; d++ {
		h := 0
		if d >= middle {
			h = 1
		}
		xy[h], xx[h] = xy[h]+float64(m.sxy[d%ring]), xx[h]+float64(m.sxx[d%ring])
		if f := m.feature[d%ring]; f.known && n.r[d%ring] == n.r[d%ring] {
			mean, excess, days = mean+float64(f.mean), excess+n.r[d%ring], days+1
		}
	}
	if days < ratioDays-2 || xx[0] == 0 || xx[1] == 0 {
		return 0, 0, false
	}
	mean, excess = mean/days, excess/days
	rho = (xy[0] + xy[1]) / (xx[0] + xx[1])
	if math.Abs(rho) < e.p.RatioLeast || rho < -0.95 {
		return 0, 0, false
	}
	variance := e.noise(n)
	if rho*rho*(xx[0]+xx[1])/(2*variance) < e.p.FollowsNats {
		return 0, 0, false
	}
	for h := range 2 {
		if math.Abs(xy[h]/xx[h]-rho) > 0.15*math.Abs(rho)+2*slope0(variance, xx[h]) {
			return 0, 0, false
		}
	}
	// What is missed has to be more than the balance is uncertain of.
	want, doubt := rho*mean, 2*e.uncertainty(n)+e.p.DriftKW
	if math.Abs(want) < doubt || math.Abs(excess-want) > 0.25*math.Abs(want)+doubt {
		return 0, 0, false
	}
	return rho, mean, true
}

// rescale counts a meter so many times in the balance it is in, in all days that are kept
// since a day.
func (e *Engine) rescale(m *meterState, n *nodeState, factor float64, from int) {
	for d := e.oldest(); d <= e.day; d++ {
		e.addTo(m, d, m.places, -1)
	}
	m.times, m.timesFrom = m.times*float32(factor), from
	for d := e.oldest(); d <= e.day; d++ {
		e.addTo(m, d, m.places, 1)
	}
	e.fit(n)
	e.residuals(n)
	node := e.nodeOf[n.ID]
	for d := e.oldest(); d <= e.day; d++ {
		e.fluctuations(d, node)
	}
}

// clocks finds meters whose intervals begin earlier or later than they say. With c the
// central difference of the power of an interval, (p₊₁ − p₋₁)/2, a clock that is τ ahead
// leaves τ/Δ·c in the balance, whatever its sign; of a head meter, −τ/Δ of the sum's. The
// slope of Δe on Δc is noted when it is two minutes or more, with FollowsNats of evidence
// and two standard errors beyond one minute: a clock may run 0.5 s a day (IEC 62054-21) and
// is set by who reads it. Where the head's clock is off, nothing is said of the meters below.
func (e *Engine) clocks() {
	heads := make([]clockOf, len(e.nodes))
	for i := range e.nodes {
		if n := &e.nodes[i]; n.meter >= 0 {
			heads[i] = e.clock(n, n.sum)
		}
	}
	// Where a head and one meter below it say the same, the one that says it best.
	best := make([]int, len(e.nodes))
	for i := range best {
		best[i] = -1
	}
	for i := range e.meters {
		m := &e.meters[i]
		if m.kind != Connection || len(m.places) == 0 {
			continue
		}
		at := e.placeAt(m, e.day)
		if at < 0 || e.nodes[at].meter < 0 {
			continue
		}
		c := e.clock(&e.nodes[at], m.hist)
		switch {
		case !heads[at].sure:
			if c.sure {
				e.noteClock(m.Node, c.seconds)
			}
		case c.nats > heads[at].nats:
			heads[at].nats, heads[at].seconds, best[at] = c.nats, c.seconds, i
		}
	}
	for i, h := range heads {
		switch {
		case !h.sure:
		case best[i] >= 0:
			e.noteClock(e.meters[best[i]].Node, h.seconds)
		default:
			e.noteClock(e.nodes[i].ID, -h.seconds)
		}
	}
}

// clockOf is how far ahead a clock is, in seconds, with the evidence for it in nats.
type clockOf struct {
	seconds, nats float64
	sure          bool
}

// clock is how far ahead the clock of a series of powers is, in seconds, by the excess of
// a balance. The difference is taken of the power halfway between what the series says
// and what the balance says, so that a long way is not told too long; its standard error
// is that of the days, which are independent where intervals are not (White 1980).
func (e *Engine) clock(n *nodeState, rows []float32) clockOf {
	var xy, xx []float64
	var sumXY, sumXX float64
	mid := make([]float64, e.blocks)
	for d := e.oldest(); d <= e.day; d++ {
		x, y := e.row(rows, d), e.row(n.ex, d)
		for b := range mid {
			mid[b] = float64(x[b]) + float64(y[b])/2
		}
		sxy, sxx := 0.0, 0.0
		for b := 2; b+1 < len(mid); b++ {
			dx, dy := (mid[b+1]-mid[b-1]-mid[b]+mid[b-2])/2, float64(y[b]-y[b-1])
			if dx == dx && dy == dy {
				sxy, sxx = sxy+dx*dy, sxx+dx*dx
			}
		}
		if sxx > 0 {
			xy, xx, sumXY, sumXX = append(xy, sxy), append(xx, sxx), sumXY+sxy, sumXX+sxx
		}
	}
	if len(xy) < ratioDays {
		return clockOf{}
	}
	slope, squares := sumXY/sumXX, 0.0
	for i := range xy {
		squares += sq(xy[i] - slope*xx[i])
	}
	se := math.Max(math.Sqrt(squares)/sumXX, slope0(e.noise(n), sumXX))
	c := clockOf{seconds: e.straight(slope), nats: slope * slope / (2 * se * se)}
	away := math.Abs(c.seconds)
	c.sure = c.nats >= e.p.FollowsNats && away >= e.p.ClockSeconds && away-2*se*float64(e.blockSec) > e.p.ClockSeconds/2 && math.Abs(slope) < 1
	return c
}

// straight turns a slope into seconds. A load that changes from one interval to the next
// without memory gives s/(1 − s + s²/2) for a way of s intervals.
func (e *Engine) straight(slope float64) float64 {
	s := 0.0
	for range 30 {
		s = math.Abs(slope) * (1 - s + s*s/2)
	}
	return math.Copysign(s, slope) * float64(e.blockSec)
}

func (e *Engine) noteClock(target string, seconds float64) {
	way := "ahead"
	if seconds < 0 {
		way = "behind"
	}
	e.note(Notice{At: e.now(), Target: target, Kind: ClockDiffers, Value: seconds, Why: fmt.Sprintf("its clock is about %.0f s %s of what the balance says", math.Abs(seconds), way)})
}

// longestShift is how many hours a clock may be off and be recognised: zones and summer
// time.
const longestShift = 12

// shifted tells whether a customer that is missing in its balance is there at another
// hour: its clock is in another zone.
func (e *Engine) shifted(m *meterState, n *nodeState, from int, variance float64) bool {
	perHour := int(3600 / e.blockSec)
	best, at := e.p.MisplacedNats, 0
	for k := -longestShift * perHour; k <= longestShift*perHour; k++ {
		if k == 0 {
			continue
		}
		xy, xx, g := 0.0, 0.0, 0.0
		for d := max(from, e.oldest()); d <= e.day; d++ {
			x, y := e.row(m.hist, d), e.row(n.ex, d)
			day := 0.0
			for b := max(1, 1-k); b < min(len(x), len(x)-k); b++ {
				real, moved := float64(y[b]-y[b-1]+x[b]-x[b-1]), float64(x[b+k]-x[b+k-1])
				if real == real && moved == moved {
					xy, xx, day = xy+real*moved, xx+moved*moved, day+2*real*moved-moved*moved
				}
			}
			g += clip(day/(2*variance), dayNats)
		}
		if slope := xy / math.Max(xx, 1e-9); g > best && slope > 0.75 && slope < 1.25 {
			best, at = g, k
		}
	}
	if at == 0 {
		return false
	}
	e.noteClock(m.Node, float64(at)*float64(e.blockSec))
	return true
}

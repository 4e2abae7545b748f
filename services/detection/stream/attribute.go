package stream

import (
	"fmt"
	"math"
)

// attribute names the cause of every balance that rose: load that was switched
// over, a meter that no longer tells the truth, or a tap ahead of all meters.
func (e *Engine) attribute() {
	for i := range e.nodes {
		n := &e.nodes[i]
		if n.meter < 0 || e.day < e.p.BalanceDays {
			continue
		}
		if n.raised > 0 {
			if n.up.sum == 0 {
				n.raised = 0
			}
			continue
		}
		switch {
		case n.up.alarm:
			e.rise(i)
		case n.up.sum == 0:
			n.waited = 0
			if !n.steady && n.Kind == Transformer {
				e.steadyExcess(n)
			}
		}
	}
}

// switched tells whether another node lost what this one gained: a switching that
// nobody recorded yet.
func (e *Engine) switched(i int) bool {
	n := &e.nodes[i]
	for j := range e.nodes {
		o := &e.nodes[j]
		if j == i || o.meter < 0 || o.Kind != n.Kind || o.down.sum == 0 {
			continue
		}
		if absInt(o.down.from-n.up.from) <= 1 && math.Abs(o.down.shift+n.up.shift) <= 0.35*n.up.shift {
			return true
		}
	}
	return false
}

func absInt(x int) int { return max(x, -x) }

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
			return suspect{meter: k, kind: kind, nats: 20, share: 1}, 0
		}
		if step, with := e.roseWith(m, n, onset); with {
			return suspect{meter: k, kind: "meter_scaled", nats: 20, slope: n.up.shift / step, share: 1}, 0
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
		if slope < 0.25 {
			continue
		}
		share := slope * mean / math.Max(days, 1) / n.up.shift
		// Rigs behind it show in part: what it records rose on the same day.
		if before, known := m.usual(e, n.up.from); !known || mean/math.Max(days, 1)-before < 0.1*n.up.shift {
			continue
		}
		g := xy * xy / math.Max(xx, 1e-9) / (2 * variance)
		// A scaled meter hides exactly what is missing: anything else is coincidence.
		if math.Abs(share-1) > math.Min(0.5, 0.25+2*slope0(variance, xx)/slope) {
			continue
		}
		if g > best.nats {
			second = best.nats
			best = suspect{meter: k, kind: "meter_scaled", nats: g, slope: slope, share: share}
		} else {
			second = math.Max(second, g)
		}
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
				if gain := rise * math.Abs(rise) * leftN * (count - leftN) / count; gain > best {
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
	hour := int(3600 / e.blockSec)
	return step / days, absInt(e.splitOf(m.hist, max(n.up.from-1, e.oldest()))-onset) <= max(hour, 1)
}

// stoppedAt tells whether a register stopped when the excess rose: not hours
// before, not after. Two houses do not change within the same hours by chance.
func (e *Engine) stoppedAt(m *meterState, onset int) bool {
	quantum := float32(2.2 * 0.01 * 3600 / float64(e.blockSec))
	block := (e.day + 1) * e.blocks
	for block > e.oldest()*e.blocks {
		v := e.row(m.hist, (block-1)/e.blocks)[(block-1)%e.blocks]
		if v == v && abs32(v-m.stillVal) > quantum {
			break
		}
		block--
	}
	hour := int(3600 / e.blockSec)
	return block <= onset+2*hour && block >= onset-2*hour
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

// rise raises what a rise of a balance means, once that is clear.
func (e *Engine) rise(i int) {
	n := &e.nodes[i]
	if n.up.from == e.day {
		return // the day of the change is not whole: it names nobody
	}
	if e.switched(i) && n.waited < 12 {
		n.waited++
		return
	}
	// The noise of quiet days, or of days since, whichever is less: what the rise
	// itself brings is not noise.
	variance := e.noise(n)
	s, second := e.tampered(i, variance)
	sure := s.meter >= 0 && s.nats >= e.p.FollowsNats && s.nats > 2*second
	if !sure && s.meter >= 0 && s.nats > 4 && n.waited < 3 {
		n.waited++ // another day tells a meter from a tap
		return
	}
	days := math.Max(1, float64(e.day-n.up.from))
	est, losses := e.behind(n, n.up.shift, n.ref, n.up.from+1, e.day)
	u := 1.96 * math.Sqrt(n.sigma*n.sigma*(1/days+1/float64(max(n.refDays, 1)))+sq(e.p.LineSpread*losses)+sq(0.02*est)+sq(e.unsteady(n, est))/days)
	a := Alert{Target: n.ID, Rule: "balance_rise", Tier: Act, RaisedAt: e.now(), From: e.dayAt(n.up.from), To: e.now(), KW: est, Low: math.Max(0, est-u), High: est + u,
		Score:       math.Min(30, n.up.sum/math.Max(n.sigma, 0.25)),
		Explanation: fmt.Sprintf("Since %s %.1f kW more flow into %s than its meters and losses account for (a quiet day: ±%.2f kW).", e.dayAt(n.up.from).Format("2 January"), est, n.ID, 2*n.sigma),
		Refutations: []string{"switching_recorded", "unmetered_supply", "ct_ratio", "topology_error"}, Days: e.balanceDays(n)}
	if n.Kind == Feeder {
		a.Tier = Inspect
	}
	if sure {
		m := &e.meters[s.meter]
		m.shape.raised = true
		a.Target, a.Rule = m.Node, s.kind
		a.Refutations = []string{"meter_exchanged", "ct_ratio", "load_declared"}
		if s.kind == "meter_scaled" {
			a.Explanation += fmt.Sprintf(" The missing power follows the meter of %s (evidence %.0f nats, next best %.0f): it records about %.0f %% of what it should.", m.Node, s.nats, second, 100/(1+s.slope))
		} else {
			a.Explanation += fmt.Sprintf(" The register of %s has not moved as before since the same day (%s).", m.Node, s.kind)
		}
	}
	if est < e.p.RigKW || est-u < 0 {
		a.Tier = Watch // not even one rig
	}
	n.raised, n.told = est, math.Max(n.told, n.up.shift)
	e.raise(a)
}

// unsteady is how much a day of the load may differ from the next: a load that
// runs without a break by the outages of one rig, one that comes and goes by a
// tenth of it.
func (e *Engine) unsteady(n *nodeState, est float64) float64 {
	var v []float64
	for d := n.up.from + 1; d <= e.day; d++ {
		for _, x := range e.row(n.ex, d) {
			if x == x {
				v = append(v, float64(x))
			}
		}
	}
	if low := quantileOf(v, 0.15) - n.ref; low > 0.75*n.up.shift {
		return 0.25 + 0.01*est
	}
	return 0.3 + 0.1*est
}

// ahead splits an excess into the load x that causes it and the losses of that
// load on its way: excess = x + ρ·x·(x + 2/3·S) + LossTx·(2·S·x + x²)/kVA, the last
// where the meter is on the high side. ρ = R/U² of the way to one point of a line
// that carries a third of S; at 400 V, 0.08 Ω give 0.5 W/kW².
func (e *Engine) ahead(n *nodeState, excess, s float64) (load float64) {
	if excess <= 0 {
		return excess
	}
	tx := 0.0
	if n.side == "MV" {
		tx = e.p.LossTx / n.KVA
	}
	s = math.Max(s, 0)
	quad, lin := e.p.LinePerKW+tx, 1+e.p.LinePerKW*2/3*s+2*tx*s
	if n.Kind == Feeder {
		quad, lin = tx, 1+2*tx*s // of high voltage: R/U² is nothing there
	}
	load = excess / lin
	if quad > 0 {
		load = (math.Sqrt(lin*lin+4*quad*excess) - lin) / (2 * quad)
	}
	return math.Max(load, 0.6*excess)
}

// behind is the load behind a mean excess above a reference in the days from..to.
// Losses go with the square, so it is taken interval by interval: a load that comes
// and goes loses more on its way than one that stays.
func (e *Engine) behind(n *nodeState, level, ref float64, from, to int) (load, losses float64) {
	var loads, excess float64
	for d := max(from, e.oldest()); d <= to; d++ {
		sum := e.row(n.sum, d)
		for b, v := range e.row(n.ex, d) {
			if x, s := float64(v)-ref, float64(sum[b]); x == x && s == s {
				loads, excess = loads+e.ahead(n, x, s), excess+x
			}
		}
	}
	if excess <= 0 || loads <= 0 {
		load = e.ahead(n, level, n.load)
	} else {
		load = level * math.Max(0.6, math.Min(1, loads/excess))
	}
	return load, level - load
}

func sq(x float64) float64 { return x * x }

// raise adds an alert, one for a cause.
func (e *Engine) raise(a Alert) {
	key := a.Target + " " + a.Rule
	if d, before := e.alertedAt[key]; before && e.day-d < 28 {
		return
	}
	e.alertedAt[key] = e.day
	e.alerts = append(e.alerts, a)
}

// balanceDays is the chart of a balance.
func (e *Engine) balanceDays(n *nodeState) []DayPoint {
	var out []DayPoint
	for d := e.oldest(); d <= e.day; d++ {
		if n.r[d%ring] == n.r[d%ring] {
			out = append(out, DayPoint{At: e.dayAt(d), Measured: n.r[d%ring], Expected: n.ref})
		}
	}
	return out
}

// steadyExcess raises an excess that was always there: its mean above 2 kW and four
// standard uncertainties, flat over the hours or above 5 kW, and not what declared
// lights without a meter draw in any block of dark hours.
func (e *Engine) steadyExcess(n *nodeState) {
	profile := make([]float64, e.blocks)
	count := make([]float64, e.blocks)
	days, first := 0, e.day
	for d := e.day; d >= e.oldest() && days < 21; d-- {
		if !n.clean[d%ring] || n.r[d%ring] != n.r[d%ring] {
			continue
		}
		days, first = days+1, d
		for b, v := range e.row(n.ex, d) {
			if v == v {
				profile[b] += float64(v)
				count[b]++
			}
		}
	}
	if days < e.p.SteadyDays {
		return
	}
	for b := range profile {
		profile[b] /= math.Max(count[b], 1)
	}
	if n.UnmeteredKW > 0 {
		withoutLights(profile, n.UnmeteredKW)
	}
	level := meanOf(profile)
	u := e.uncertainty(n)
	sorted := append([]float64(nil), profile...)
	flat := quantileOf(sorted, 0.15) / math.Max(level, 1e-9)
	if level < e.p.SteadyKW || level < e.p.SteadyU*u || level < e.p.SteadyShare*n.load || flat < e.p.SteadyFlat && level < e.p.SteadySureKW {
		return
	}
	if level < 1.3*n.told+e.p.SteadyKW {
		return // what is known of already stands
	}
	n.steady = true
	more, spread := e.unfittedLosses(n)
	level, losses := e.behind(n, math.Max(level-more, 0.5*level), 0, first, e.day)
	u = math.Sqrt(u*u + sq(e.p.LineSpread*losses) + spread*spread)
	e.raise(Alert{Target: n.ID, Rule: "balance_steady", Tier: Inspect, RaisedAt: e.now(), From: e.dayAt(max(e.oldest(), e.day-21)), To: e.now(),
		KW: level, Low: math.Max(0, level-1.96*math.Hypot(u, 0.02*level)), High: level + 1.96*math.Hypot(u, 0.02*level), Score: math.Min(30, sq(level/u)/2),
		Explanation: fmt.Sprintf("For %d days %.1f kW more have flowed into %s than its meters and losses account for (uncertainty %.2f kW); the hours differ little (%.2f).", days, level, n.ID, 2*u, flat),
		Refutations: []string{"unmetered_supply", "topology_error", "ct_ratio"}, Days: e.balanceDays(n)})
}

// withoutLights takes the block of hours that declared lights explain best out of
// a profile of the day.
func withoutLights(profile []float64, kw float64) {
	n := len(profile)
	bestGain, bestFrom, bestLen := 0.0, 0, 0
	for length := n * 7 / 24; length <= n*15/24; length++ {
		for from := range n {
			in, out := 0.0, 0.0
			for b := range n {
				if (b-from+n)%n < length {
					in += profile[b]
				} else {
					out += profile[b]
				}
			}
			if gain := in/float64(length) - out/float64(n-length); gain > bestGain {
				bestGain, bestFrom, bestLen = gain, from, length
			}
		}
	}
	for k := range bestLen {
		profile[(bestFrom+k)%n] -= math.Min(kw, bestGain)
	}
}

// uncertainty is the standard uncertainty of the mean excess: meters by class, what
// they share, and the model.
func (e *Engine) uncertainty(n *nodeState) float64 {
	total := sq(e.meters[n.meter].class * n.load)
	for i := range e.meters {
		m := &e.meters[i]
		if len(m.places) > 0 && e.placeAt(m, e.day) >= 0 && &e.nodes[e.placeAt(m, e.day)] == n {
			total += sq(m.class * float64(m.feature[e.day%ring].mean))
		}
	}
	total += sq(0.002*n.load) + sq(e.p.LossASpread*n.KVA) + sq(e.lossSpread(n)*n.load*n.load/n.KVA)
	total += sq(e.p.UnmeteredSpread * n.UnmeteredAvgKW)
	return math.Sqrt(total)
}

// unfittedLosses is what the losses of lines may be above those that were fitted,
// and the standard uncertainty of that, kW: a load that varies under a quiet excess
// shows its losses; under an excess that comes and goes by itself it does not, and
// what is usual for lines of low voltage stands in.
func (e *Engine) unfittedLosses(n *nodeState) (more, spread float64) {
	mean, variation := e.variation(n)
	fitted := n.coef[0] * mean * mean / n.KVA
	usual, usualSpread := e.p.LineShare*mean, e.p.LineShareSpread*mean
	// Of b·S²: eight neighbours say what one says.
	sd := math.Sqrt(8/float64(max(n.points, 1))) * n.scale / math.Max(2*variation, 1e-3)
	w := sd * sd / (sd*sd + usualSpread*usualSpread + 1e-9)
	return w * math.Max(0, usual-fitted), math.Sqrt(w) * usualSpread
}

// lossSpread is the standard uncertainty of b: a load that varies shows its losses,
// one that does not leaves them to the prior.
func (e *Engine) lossSpread(n *nodeState) float64 {
	_, variation := e.variation(n)
	return n.sd0[0]/(1+sq(variation/0.15)) + 0.1*n.coef[0]
}

// variation is the mean of the metered load of the last week and its deviation as
// a share of it.
func (e *Engine) variation(n *nodeState) (mean, share float64) {
	var sum, squares, count float64
	for d := max(e.oldest(), e.day-6); d <= e.day; d++ {
		for _, v := range e.row(n.sum, d) {
			if x := float64(v); x == x {
				sum, squares, count = sum+x, squares+x*x, count+1
			}
		}
	}
	mean = sum / math.Max(count, 1)
	return mean, math.Sqrt(math.Max(0, squares/math.Max(count, 1)-mean*mean)) / math.Max(math.Abs(mean), 1)
}

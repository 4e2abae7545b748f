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
		if n.down.alarm {
			e.exchanged(i, e.noise(n), n.down)
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

// rise raises what a rise of a balance means, once that is clear.
func (e *Engine) rise(i int) {
	n := &e.nodes[i]
	// The day of the change is not whole: it names nobody and measures nothing.
	if !e.sinceOnset(n) {
		return
	}
	if n.waited < 16 && e.areaRose(i) {
		n.waited++
		return
	}
	if e.switched(i) && n.waited < 12 {
		n.waited++
		return
	}
	model := e.extrapolated(n)
	if n.up.shift < e.p.SteadyU*model {
		return // its load changed: losses that were not seen before may be as much
	}
	// The noise of quiet days, or of days since, whichever is less: what the rise
	// itself brings is not noise.
	variance := e.noise(n)
	found, maybe := e.exchanged(i, variance, n.up)
	if maybe && n.waited < 5 { // some days show whether its load was multiplied
		n.waited++
		return
	}
	if found {
		return
	}
	s, second := e.tampered(i, variance)
	sure := s.meter >= 0 && s.nats >= e.p.FollowsNats && s.nats > 2*second
	if !sure && s.meter >= 0 && s.nats > 4 && n.waited < 3 {
		n.waited++ // another day tells a meter from a tap
		return
	}
	days := math.Max(1, float64(e.day-n.up.from))
	est, losses := e.behind(n, n.up.shift, n.ref, n.up.from+1, e.day)
	u := 1.96 * math.Sqrt(n.sigma*n.sigma*(1/days+1/float64(max(n.refDays, 1)))+sq(e.p.LineSpread*losses)+sq(0.02*est)+sq(e.unsteady(n, est))/days+sq(model))
	a := Alert{Target: n.ID, Rule: "balance_rise", Tier: Act, RaisedAt: e.now(), From: e.dayAt(n.up.from), To: e.now(), KW: est, Low: math.Max(0, est-u), High: est + u,
		Score:       math.Min(30, n.up.sum/math.Max(n.sigma, 0.25)),
		Explanation: fmt.Sprintf("Since %s %.1f kW more flow into %s than its meters and losses account for (a quiet day: ±%.2f kW).", e.dayAt(n.up.from).Format("2 January"), est, n.ID, 2*n.sigma),
		Refutations: []string{"switching_recorded", "unmetered_supply", "ct_ratio", "topology_error"}, Days: e.balanceDays(n), Before: n.ref}
	if n.Kind == Feeder {
		a.Tier = Inspect
	}
	if sure {
		m := &e.meters[s.meter]
		m.shape.raised = true
		u = math.Hypot(u, 1.96*0.04*est) // what a home adds differs from day to day
		a.Low, a.High = math.Max(0, est-u), est+u
		a.Target, a.Rule = m.Node, s.kind
		a.Refutations = []string{"meter_exchanged", "ct_ratio", "load_declared"}
		if s.kind == "meter_scaled" {
			a.Explanation += fmt.Sprintf(" The missing power follows the meter of %s (evidence %.0f nats, next best %.0f): it records about %.0f %% of what it should.", m.Node, s.nats, second, 100/(1+s.slope))
		} else {
			a.Explanation += fmt.Sprintf(" The register of %s has not moved as before since the same day (%s).", m.Node, s.kind)
		}
	}
	if est < e.p.RigKW || u > 0.7*est {
		a.Tier = Watch // not even one rig, or hardly known
	}
	n.raised, n.told = est, math.Max(n.told, n.up.shift)
	e.raise(a)
}

// extrapolated is the standard uncertainty of a rise by the model, kW: where the load
// since is another than the one that b and g were fitted at, their errors come in as
// δb·Δ(S²)/kVA and δg·ΔS. What a load that hardly varied says of them is the prior.
func (e *Engine) extrapolated(n *nodeState) float64 {
	var q, s, days [2]float64
	var squares float64
	for d := e.oldest(); d <= e.day; d++ {
		at := 0
		switch {
		case d > n.up.from:
			at = 1
		case !n.clean[d%ring] || d == n.up.from:
			continue
		}
		for _, v := range e.row(n.sum, d) {
			if x := float64(v); x == x {
				q[at], s[at], days[at] = q[at]+x*x/n.KVA, s[at]+x, days[at]+1
				if at == 0 {
					squares += x * x
				}
			}
		}
	}
	if days[0] == 0 || days[1] == 0 {
		return 0
	}
	mean := s[0] / days[0]
	variation := math.Sqrt(math.Max(0, squares/days[0]-mean*mean)) / math.Max(math.Abs(mean), 1)
	known := 1 + sq(variation/0.15)
	return math.Hypot(n.sd0[0]*(q[1]/days[1]-q[0]/days[0]), n.sd0[1]*(s[1]/days[1]-mean)) / known
}

// sinceOnset moves the first day of a rise to the day on which it rose indeed, and
// tells whether a whole day has passed since.
func (e *Engine) sinceOnset(n *nodeState) bool {
	from := min(max(n.up.from, e.onset(n)/e.blocks), e.day)
	if from == e.day {
		return false
	}
	sum, count := 0.0, 0.0
	for d := from + 1; d <= e.day; d++ {
		if v := n.r[d%ring]; v == v {
			sum, count = sum+v-n.ref, count+1
		}
	}
	if count == 0 || sum/count <= math.Max(e.p.DriftKW, e.p.DriftSigma*n.sigma) {
		return false
	}
	n.up.from, n.up.shift = from, sum/count
	return true
}

// areaRose tells whether three homes or more took on load together with a balance,
// by so much that their losses, neighbours without a meter and wrong records can
// make up the rise: the weather or a tariff.
func (e *Engine) areaRose(i int) bool {
	n := &e.nodes[i]
	homes, more := 0, 0.0
	for k := range e.meters {
		m := &e.meters[k]
		if !m.home || e.placeAt(m, e.day) != i {
			continue
		}
		before, known := m.usual(e, n.up.from)
		after, count := 0.0, 0.0
		for d := n.up.from + 1; d <= e.day; d++ {
			if f := m.feature[d%ring]; f.known {
				after, count = after+float64(f.mean), count+1
			}
		}
		if !known || count == 0 {
			continue
		}
		more += after/count - before
		if after/count-before > 0.3*e.p.RigKW {
			homes++
		}
	}
	return homes >= 3 && n.up.shift < 0.35*more
}

// unsteady is how much a day of the load may differ from the next: a load that
// runs without a break by its rigs that stand still, one that comes and goes by a
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
		return math.Hypot(0.25, outages(est))
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
	if n.Kind == Feeder || n.VoltKV >= 1 {
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
	a.told(e.p)
	a.Weather = e.temperate()
	e.causes = append(e.causes, Cause{alert: len(e.alerts), Seen: a.To, Level: a.KW, Largest: a.KW})
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

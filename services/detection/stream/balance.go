package stream

import (
	"math"
)

// nodeState is the balance of a feeder or a transformer:
//
//	e = P − S − (a + b·S²/kVA + g·S),  S = ΣPi of the meters below
//
// a is the no-load loss by the size; b (load losses) and g (a common error of the
// meters, and customers without one) are fitted with a free constant, by ridge
// regression around physical priors with Huber weights (Hoerl and Kennard 1970;
// Huber 1964). The constant is not part of the model: a tap that was always there
// stays in the excess. Days of an excursion are not learned from.
type nodeState struct {
	Node
	meter      int
	side       string
	sum        []float32 // S, NaN where a large part is missing
	ex         []float32 // e
	r          [ring]float64
	see        [ring]float64 // sum and number of squared differences of e
	seen       [ring]float64
	clean      [ring]bool
	a0         float64
	mean0, sd0 [2]float64 // priors of b and g
	coef       [2]float64
	load       float64 // mean P
	scale      float64 // deviation of the fit's residuals, kW
	points     int     // and how many there were
	sigma, ref float64
	refDays    int
	up, down   excursion
	raised     float64 // kW of the alert that stands
	told       float64 // kW of excess that alerts stand for
	steady     bool
	waited     int
}

// excursion is a CUSUM that is above zero.
type excursion struct {
	sum   float64
	from  int // day
	shift float64
	alarm bool
}

// prior begins a balance.
func (n *nodeState) prior(p Params) {
	n.ex = make([]float32, len(n.sum))
	if n.KVA <= 0 {
		n.KVA = 1000
	}
	n.priors(p)
	n.coef = n.mean0
}

// priors sets the priors of a table by the size of the node.
func (n *nodeState) priors(p Params) {
	b := p.LossLine
	if n.side == "MV" {
		n.a0 = p.LossA * n.KVA
		b += p.LossTx
	}
	n.mean0, n.sd0 = [2]float64{b, 0}, [2]float64{p.LossBSpread, p.GainSpread}
	if n.Kind == Feeder {
		n.sd0 = [2]float64{0.05, 0.03}
	}
}

// balances computes the balances of the day and everything that follows.
func (e *Engine) balances() {
	for i := range e.nodes {
		e.sumDay(i)
	}
	e.addChildren()
	for i := range e.nodes {
		if n := &e.nodes[i]; n.meter >= 0 {
			e.fit(n)
			e.residuals(n)
		}
	}
	e.renewFluctuations()
	e.fluctuations(e.day, -1)
	e.correctRecords()
	e.correctRatios()
	for i := range e.nodes {
		if n := &e.nodes[i]; n.meter >= 0 && e.day >= e.p.BalanceDays {
			e.drift(n)
		}
	}
	e.attribute()
}

func (e *Engine) sumDay(i int) {
	n := &e.nodes[i]
	row := e.row(n.sum, e.day)
	for b := range row {
		row[b] = 0
	}
}

// addChildren adds every meter of the day to the balance it belongs to.
func (e *Engine) addChildren() {
	for i := range e.meters {
		if m := &e.meters[i]; len(m.places) > 0 {
			e.addTo(m, e.day, m.places, 1)
		}
	}
}

// addTo adds a meter's day, times a sign, to the balances of its places.
func (e *Engine) addTo(m *meterState, d int, places []placement, sign float32) {
	row := e.row(m.hist, d)
	usual, times := 0.0, m.times
	if d < m.timesFrom {
		times = 1
	}
	if m.guess[d%ring] != 0 {
		usual = m.usualNow(e, d)
	}
	k := 0
	for b, v := range row {
		for k+1 < len(places) && d*e.blocks+b >= places[k+1].from {
			k++
		}
		node := places[k].node
		if node < 0 {
			continue
		}
		n := &e.nodes[node]
		if v != v || m.guessed(d, b) {
			if v != v {
				v = m.profile[b]
			}
			// Where too much is missing the interval is not summed.
			if most := math.Max(usual, float64(v)); m.kind == Transformer || most > math.Max(e.p.DriftKW, 0.03*n.load) {
				v = float32(math.NaN())
			} else if v != v {
				continue
			}
		}
		e.row(n.sum, d)[b] += sign * v * times
	}
}

// fit estimates b and g on the clean days of the last three weeks.
func (e *Engine) fit(n *nodeState) {
	mean, sd := n.mean0, n.sd0
	type point struct{ y, q, s float64 }
	var points []point
	load := 0.0
	for d, days := e.day, 0; d >= e.oldest() && days < 21; d-- {
		if d < e.day && !n.clean[d%ring] || d == e.day && n.up.sum > 0.25*e.p.AlarmKWD {
			continue
		}
		days++
		p, s := e.row(e.meters[n.meter].hist, d), e.row(n.sum, d)
		for b := range p {
			if y := float64(p[b] - s[b]); y == y && !e.meters[n.meter].guessed(d, b) {
				S := float64(s[b])
				points = append(points, point{y - n.a0, S * S / n.KVA, S})
				load += float64(p[b])
			}
		}
	}
	if len(points) < 2*e.blocks {
		return
	}
	n.load = load / float64(len(points))
	if n.UnmeteredAvgKW > 0 && n.load > 1 {
		share := n.UnmeteredAvgKW / math.Max(n.load-n.UnmeteredAvgKW, 0.3*n.load)
		mean[1] += share
		sd[1] = math.Hypot(sd[1], e.p.UnmeteredSpread*share)
	}
	c := [3]float64{0, mean[0], mean[1]}
	errs := make([]float64, len(points))
	scale := 0.0
	for range 3 {
		for i, x := range points {
			errs[i] = x.y - c[0] - c[1]*x.q - c[2]*x.s
		}
		if scale == 0 {
			m, s := center(errs)
			c[0] += m
			for i := range errs {
				errs[i] -= m
			}
			scale = math.Max(s, 0.02)
		} else {
			_, s := center(errs)
			scale = math.Max(s, 0.02)
		}
		var a [3][3]float64
		var y [3]float64
		for i, x := range points {
			w := 1.0
			if r := math.Abs(errs[i]); r > 1.345*scale {
				w = 1.345 * scale / r
			}
			v := [3]float64{1, x.q, x.s}
			for j := range 3 {
				for k := range 3 {
					a[j][k] += w * v[j] * v[k]
				}
				y[j] += w * v[j] * x.y
			}
		}
		unit := 8 * scale * scale // eight neighbours say what one says
		for k := range 2 {
			a[k+1][k+1] += unit / (sd[k] * sd[k])
			y[k+1] += unit / (sd[k] * sd[k]) * mean[k]
		}
		c = solve3(a, y)
	}
	n.coef = [2]float64{math.Max(0, c[1]), c[2]}
	n.scale, n.points = scale, len(points)
}

// residuals computes the excess of all days that are kept, by today's model.
func (e *Engine) residuals(n *nodeState) {
	for d := e.oldest(); d <= e.day; d++ {
		p, s, x := e.row(e.meters[n.meter].hist, d), e.row(n.sum, d), e.row(n.ex, d)
		sum, count, se, sn := 0.0, 0.0, 0.0, 0.0
		last := math.NaN()
		for b := range p {
			S := float64(s[b])
			v := float64(p[b]) - S - n.a0 - n.coef[0]*S*S/n.KVA - n.coef[1]*S
			if e.meters[n.meter].guessed(d, b) {
				v = math.NaN()
			}
			x[b] = float32(v)
			if v == v {
				sum, count = sum+v, count+1
				if last == last {
					se, sn = se+(v-last)*(v-last), sn+1
				}
			}
			last = v
		}
		n.see[d%ring], n.seen[d%ring] = se, sn
		n.r[d%ring] = math.NaN()
		if count >= 0.6*float64(e.blocks) {
			n.r[d%ring] = sum / count
		}
	}
}

// drift is the CUSUM in both directions over the daily excess against the clean
// days, k = max(0.75 kW, 2σ), h = max(5 kW·d, 12σ): for Gaussian days a false
// alarm in about 10⁶ days (Siegmund 1985), σ at least 0.3 % of the load.
func (e *Engine) drift(n *nodeState) {
	var clean []float64
	for d := e.day - 1; d >= e.oldest() && len(clean) < 21; d-- {
		if n.clean[d%ring] && n.r[d%ring] == n.r[d%ring] {
			clean = append(clean, n.r[d%ring])
		}
	}
	if len(clean) < 5 {
		n.clean[e.day%ring] = true
		return
	}
	var s float64
	n.ref, s = center(clean)
	n.refDays = len(clean)
	n.sigma = math.Max(math.Max(s, 0.003*n.load), 0.04)
	n.up = e.cusum(n, 1)
	n.down = e.cusum(n, -1)
	k := math.Max(e.p.DriftKW, e.p.DriftSigma*n.sigma)
	n.clean[e.day%ring] = n.up.sum < k && n.down.sum < k
}

func (e *Engine) cusum(n *nodeState, sign float64) excursion {
	k := math.Max(e.p.DriftKW, e.p.DriftSigma*n.sigma)
	h := math.Max(e.p.AlarmKWD, e.p.AlarmSigma*n.sigma)
	if n.Kind == Feeder {
		k, h = math.Max(k, 0.02*n.load), math.Max(h, 0.08*n.load)
	}
	var x excursion
	for d := max(e.oldest(), e.day-16); d <= e.day; d++ {
		v := n.r[d%ring]
		if v != v {
			continue
		}
		if x.sum == 0 {
			x.from = d
		}
		x.sum = math.Max(0, x.sum+sign*(v-n.ref)-k)
	}
	if x.sum == 0 {
		return excursion{}
	}
	from := min(x.from+1, e.day) // the first day may hold the change only in part
	sum, count := 0.0, 0.0
	for d := from; d <= e.day; d++ {
		if v := n.r[d%ring]; v == v {
			sum, count = sum+v-n.ref, count+1
		}
	}
	x.shift = sum / count
	x.alarm = x.sum > h && sign*x.shift > k && sign*(n.r[e.day%ring]-n.ref) > math.Max(k, 0.4*sign*x.shift)
	return x
}

package stream

import (
	"fmt"
	"math"
)

// steadyExcess raises an excess that was always there: its mean above 2 kW and four
// standard uncertainties, flat over the hours or above 5 kW, and not what declared
// lights without a meter draw in any block of dark hours. A flat one of three standard
// uncertainties (SteadyWatch) is asked about and no more: one rig below a transformer
// where some customers have no meter reaches four only with their billing.
func (e *Engine) steadyExcess(n *nodeState) {
	profile := make([]float64, e.blocks)
	count := make([]float64, e.blocks)
	allowed := math.Max(e.p.DriftKW, e.p.DriftSigma*n.sigma)
	idle := outages(n.ref) > allowed
	days, first := 0, e.day
	for d := e.day; d >= e.oldest() && days < 21; d-- {
		// A lower day is no objection where so many rigs would stand still for days.
		quiet := n.clean[d%ring] || idle && d >= e.p.BalanceDays && n.r[d%ring] < n.ref+allowed
		if !quiet || n.r[d%ring] != n.r[d%ring] {
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
	sure := level >= e.p.SteadyU*u && level >= e.p.SteadyShare*n.load
	if level < e.p.SteadyKW || level < e.p.SteadyWatch*u || flat < e.p.SteadyFlat && (!sure || level < e.p.SteadySureKW) {
		return
	}
	if level < 1.3*n.told+e.p.SteadyKW {
		return // what is known of already stands
	}
	const rule = "balance_steady"
	_, asked := e.alertedAt[n.ID+" "+rule]
	if asked && !sure {
		return
	}
	n.steady = sure // looked at once: who looks every day finds a day on which it is more
	more, spread := e.unfittedLosses(n)
	level, losses := e.behind(n, math.Max(level-more, 0.5*level), 0, first, e.day)
	u = math.Sqrt(u*u + sq(e.p.LineSpread*losses) + spread*spread + sq(e.p.HookedKW))
	tier := Inspect
	if !sure || level < e.p.SteadyKW || level < e.p.SteadyU*math.Sqrt(u*u-sq(e.p.HookedKW)) {
		tier = Watch // losses that were not fitted may be as much
	}
	if tier == Watch && (asked || level < 1.96*u) {
		return
	}
	if tier == Inspect {
		delete(e.alertedAt, n.ID+" "+rule) // what was asked about is certain now
	}
	e.raise(Alert{Target: n.ID, Rule: rule, Tier: tier, RaisedAt: e.now(), From: e.dayAt(max(e.oldest(), e.day-21)), To: e.now(),
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

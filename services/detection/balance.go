package detection

import (
	"math"
	"time"

	"rigistry/models"
)

// balance is what a feeder's own meter says against the meters below it:
//
//	r = P − S,  S = ΣPi,  expected r = a + b·S² + g·S
//
// a: no-load losses, b: load losses, g: what a common error of the meters looks
// like. The coefficients are fitted to the quiet days before any change, by
// least squares with Huber weights, and kept inside what the size of the feeder
// allows (parameters Loss*, GainSpread; transformer and line data of 10/0.4 kV
// networks): a theft that was always there must not be learned as a loss.
//
// Two tests. A rise: CUSUM in physical units, S = max(0, S + (e − k)·dt) with
// k = max(0.75 kW, 2σ) and alarm at h = max(5 kW·d, 12σ), σ the deviation of
// quiet days; the instant of change is the best split of the excursion into two
// levels (Page 1954; Lorden 1971). A steady excess: the mean of e above 1.5 kW and
// four standard uncertainties, and flat over the hours or above 5 kW.
type balance struct {
	Hold   string    // why nothing can be said: no_head, unmetered_point, missing_meter, too_few_days
	A, B   float64   // W, 1/W
	G      float64   // share
	U95    float64   // of one interval's residual, W
	Sigma  float64   // of a quiet day, W
	Shift  float64   // last lasting change of the residual, W, negative downwards; 0 none
	At     time.Time // of the change
	excess []float64 // e by interval
	sum    []float64 // S by interval
}

// balanceOf computes the balance of a unit.
func balanceOf(p Params, u Unit) balance {
	if u.Head == nil {
		return balance{Hold: "no_head"}
	}
	n := len(u.Head.W)
	b := balance{excess: make([]float64, n), sum: make([]float64, n)}
	for _, pt := range u.Points {
		switch {
		case pt.State != models.ConnectionEnergised && pt.Channel == nil:
			continue
		case pt.Channel == nil:
			return balance{Hold: "unmetered_point"}
		case len(known(pt.Channel.W)) == 0:
			return balance{Hold: "missing_meter"}
		}
		for i, w := range pt.Channel.W {
			b.sum[i] += w // NaN stays NaN: an incomplete interval is never summed
		}
	}
	residual := make([]float64, n)
	for i, w := range u.Head.W {
		residual[i] = w - b.sum[i]
	}
	var quiet [][2]int
	for _, d := range u.Head.days(u.Closed) {
		if len(known(residual[d[0]:d[1]])) >= perDay*8/10 {
			quiet = append(quiet, d)
		}
	}
	if len(quiet) < p.TrainDays {
		return balance{Hold: "too_few_days"}
	}
	// Fit on the first days, look for a change, fit again on all days before it.
	b.fit(p, u, residual, quiet[:p.TrainDays])
	change := b.change(p, quiet[0][0])
	train := quiet
	for k, d := range quiet {
		if change > 0 && d[1] > change {
			train = quiet[:max(k, p.TrainDays)]
			break
		}
	}
	b.fit(p, u, residual, train)
	if change = b.change(p, quiet[0][0]); change > 0 {
		b.At = u.Head.at(change)
	}
	return b
}

// fit estimates a, b and g on days and sets the excess of every interval.
func (b *balance) fit(p Params, u Unit, residual []float64, days [][2]int) {
	size := float64(u.Feeder.Limit)
	box := [3][2]float64{
		{math.Max(0, p.LossA-2*p.LossASpread) * size, (p.LossA + 2*p.LossASpread) * size},
		{math.Max(0, p.LossB-2*p.LossBSpread) / size, (p.LossB + 2*p.LossBSpread) / size},
		{-2 * p.GainSpread, 2 * p.GainSpread},
	}
	c := [3]float64{p.LossA * size, p.LossB / size, 0}
	terms := func(i int) [3]float64 { return [3]float64{1, b.sum[i] * b.sum[i], b.sum[i]} }
	var rows []int
	for _, d := range days {
		for i := d[0]; i < d[1]; i++ {
			if !math.IsNaN(residual[i]) {
				rows = append(rows, i)
			}
		}
	}
	errorOf := func(i int) float64 {
		x := terms(i)
		return residual[i] - c[0]*x[0] - c[1]*x[1] - c[2]*x[2]
	}
	for range 30 { // coordinate descent, each step the weighted optimum within its box
		e := make([]float64, 0, len(rows))
		for _, i := range rows {
			e = append(e, errorOf(i))
		}
		scale := 1.345 * math.Max(sigma(e), 1)
		for k := range c {
			num, den := 0.0, 0.0
			for _, i := range rows {
				x, r := terms(i)[k], errorOf(i)
				w := math.Min(1, scale/math.Max(math.Abs(r), 1e-9))
				num, den = num+w*x*(r+c[k]*x), den+w*x*x
			}
			if den > 0 {
				c[k] = math.Max(box[k][0], math.Min(box[k][1], num/den))
			}
		}
	}
	b.A, b.B, b.G = c[0], c[1], c[2]
	for i := range residual {
		b.excess[i] = errorOf(i)
	}
	daily := make([]float64, 0, len(days))
	for _, d := range days {
		daily = append(daily, mean(b.excess[d[0]:d[1]]))
	}
	head := mean(u.Head.W)
	b.Sigma = math.Max(40, math.Max(sigma(daily), 0.003*head))
	b.U95 = 2 * b.uncertainty(p, u)
}

// uncertainty is the standard uncertainty of the residual at the mean load: the
// feeder's meter and each meter below by class, what they share, and the model.
func (b *balance) uncertainty(p Params, u Unit) float64 {
	square := func(v float64) float64 { return v * v }
	total := square(p.standard(u.Head.Class) * mean(u.Head.W))
	for _, pt := range u.Points {
		if pt.Channel != nil {
			total += square(p.standard(pt.Channel.Class) * mean(pt.Channel.W))
		}
	}
	s, size := mean(b.sum), float64(u.Feeder.Limit)
	total += square(p.Common*s) + square(p.LossASpread*size) + square(p.LossBSpread/size*s*s)
	return math.Sqrt(total)
}

// change finds the change of the excess that still lasts, upwards or downwards,
// from an interval on. It gives the interval, 0 for none, and keeps the shift.
func (b *balance) change(p Params, from int) int {
	b.Shift = 0
	for _, sign := range []float64{1, -1} {
		if at, shift := b.drift(p, from, sign); at > 0 {
			b.Shift = sign * shift
			return at
		}
	}
	return 0
}

// drift is the CUSUM in one direction.
func (b *balance) drift(p Params, from int, sign float64) (at int, shift float64) {
	k := math.Max(p.DriftW, p.DriftSigmas*b.Sigma)
	h := math.Max(p.AlarmWDay, p.AlarmSigmas*b.Sigma)
	sum, rise, alarmed := 0.0, from, false
	for i := from; i < len(b.excess); i++ {
		if math.IsNaN(b.excess[i]) {
			continue
		}
		sum = math.Min(20*h, math.Max(0, sum+(sign*b.excess[i]-k)/float64(perDay)))
		switch {
		case sum == 0:
			rise, alarmed = i+1, false
		case sum > h:
			alarmed = true
		}
	}
	if !alarmed || rise <= from {
		return 0, 0 // or high from the beginning: no change, perhaps a steady excess
	}
	// The excursion with two days ahead of it, so that the lower level is seen.
	begin := max(from, rise-2*perDay)
	at = begin + split(b.excess[begin:], 4)
	shift = sign * (mean(b.excess[at:]) - mean(b.excess[from:at]))
	if !(shift >= k) {
		return 0, 0
	}
	return at, shift
}

// balanceFinding raises what a balance shows, if the excess is there now.
func balanceFinding(p Params, u Unit, b balance) (models.Finding, bool) {
	if b.Hold != "" || !u.isLive(p) {
		return models.Finding{}, false
	}
	newest := Series{Start: u.Start, W: b.excess}
	last, fresh := u.last(newest)
	if !fresh || last < newest.index(u.Live) {
		return models.Finding{}, false
	}
	f := u.feederFinding(p, models.RuleBalance)
	f.Evidence.Meters = []string{u.Head.Meter}
	for _, pt := range u.Points {
		if pt.Channel != nil {
			f.Evidence.Meters = append(f.Evidence.Meters, pt.Channel.Meter)
		}
	}
	first, level, standard := 0, 0.0, 0.0
	profileFlat := 0.0
	if b.Shift > 0 {
		first = newest.index(b.At)
		level = mean(b.excess[first : last+1])
		days := math.Max(1, float64(last+1-first)/float64(perDay))
		standard = math.Hypot(b.Sigma/math.Sqrt(days), 0.01*level)
		profileFlat = hourlyFlatness(newest, first, last+1)
		f.Tier, f.Evidence.Kind = models.TierAct, "balance_rise"
	} else {
		for first < last && math.IsNaN(b.excess[first]) {
			first++
		}
		level = mean(b.excess[first : last+1])
		standard = b.U95 / 2
		profileFlat = hourlyFlatness(newest, first, last+1)
		if level < p.SteadyW || level < p.SteadyU*standard || profileFlat < p.SteadyFlat && level < p.SteadySure {
			return models.Finding{}, false
		}
		f.Tier, f.Evidence.Kind = models.TierInspect, "balance_steady"
	}
	// Still there: at least half of what the excess has been at this hour.
	hour, _ := newest.hour(last)
	if still := median(b.excess[max(first, last-3) : last+1]); still < byHour(newest, b.excess, first, last+1, hour, hour+1)/2 || still < 0 {
		return models.Finding{}, false
	}
	estimate(&f, level, 2*standard)
	f.Score = score(last+1-first, level, standard)
	u.seen(&f, newest, first, last)
	e := &f.Evidence
	e.Numbers = map[string]float64{"a_kw": b.A / 1000, "loss_at_100_kw": b.B * 1e7, "gain_percent": 100 * b.G, "u95_kw": b.U95 / 1000, "sigma_day_kw": b.Sigma / 1000,
		"measured_kw": mean(u.Head.W[first:last+1]) / 1000, "expected_kw": (mean(u.Head.W[first:last+1]) - level) / 1000,
		"kwh": level / 1000 * float64(last+1-first) / 4, "flatness": profileFlat}
	e.Refutations = []string{"switching_recorded", "unmetered_supply", "ct_ratio", "topology_error"}
	e.Alternatives = []string{"losses", "accuracy", "missing_readings"}
	if share := proportional(u, b, first, last+1); share > 0.8 && profileFlat < p.SteadyFlat {
		// It follows one customer's load: a transformer ratio imitates theft.
		f.Tier = models.TierWatch
		e.Kind = "balance_follows_point"
		e.Numbers["follows"] = share
	} else {
		e.Alternatives = append(e.Alternatives, "ct_ratio")
	}
	return f, true
}

// hourlyFlatness is the 15th percentile of the hourly profile over its mean.
func hourlyFlatness(s Series, from, until int) float64 {
	hours := make([]float64, 24)
	for h := range hours {
		hours[h] = byHour(s, s.W, from, until, h, h+1)
	}
	return quantile(hours, 0.15) / mean(hours)
}

// proportional is how closely the excess follows the load of one meter below the
// feeder: the largest correlation.
func proportional(u Unit, b balance, from, until int) float64 {
	best := 0.0
	for _, pt := range u.Points {
		if pt.Channel != nil {
			best = max(best, correlation(b.excess[from:until], pt.Channel.W[from:until]))
		}
	}
	return best
}

func correlation(x, y []float64) float64 {
	var n, sx, sy, sxx, syy, sxy float64
	for i := range x {
		if math.IsNaN(x[i]) || math.IsNaN(y[i]) {
			continue
		}
		n++
		sx, sy, sxx, syy, sxy = sx+x[i], sy+y[i], sxx+x[i]*x[i], syy+y[i]*y[i], sxy+x[i]*y[i]
	}
	d := math.Sqrt((n*sxx - sx*sx) * (n*syy - sy*sy))
	if !(d > 0) {
		return 0
	}
	return (n*sxy - sx*sy) / d
}

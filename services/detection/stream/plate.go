package stream

import (
	"fmt"
	"math"
	"time"
)

// primaries are the usual currents of the primary side of transformers, A, with 5 A on
// the other (IEC 61869-2, GOST 7746).
var primaries = []float64{20, 30, 40, 50, 60, 75, 80, 100, 120, 150, 200, 250, 300, 400, 500, 600, 750, 800, 1000, 1200, 1500, 2000, 2500, 3000, 4000, 5000}

// fitting is the usual ratio that explains what flows being k times what a meter with the
// ratio of its plate shows: plate·k, within a tolerance. False where none does, or the
// plate's own does.
func fitting(plate, k, tolerance float64) (ratio float64, ok bool) {
	near := tolerance
	for _, amps := range primaries {
		if off := math.Abs(amps/5/(plate*k) - 1); off <= near && math.Abs(amps/5/plate-1) > 0.01 {
			near, ratio, ok = off, amps/5, true
		}
	}
	return ratio, ok
}

// mostPlate is how far a quotient may be from that of two usual ratios, whatever its
// standard error: the next ones are a fifth apart.
const mostPlate = 0.06

// exchanged finds, behind a balance that rose or fell, the meter whose transformers are
// no longer those of its plate: what is missing follows it since that day, as far as
//
//	ρ = Σ ΔeΔp/Σ Δp²,  what flows is (1 + ρ) times what it shows,  ρ·mean(p) is what is missing
//
// and plate·(1 + ρ), ρ being the mean of both by their variances, is the ratio of usual
// transformers, to RatioFit and two standard errors. That is said about the meter, with both ratios, and of nobody; from that day on
// the balance counts what flows. maybe tells that another day may show it. A bypass of its transformers may look the same, so
// somebody looks at them in any case.
func (e *Engine) exchanged(i int, variance float64, x excursion) (found, maybe bool) {
	n := &e.nodes[i]
	for k := range e.meters {
		m := &e.meters[k]
		if m.CT <= 1 || m.kind != Connection || len(m.places) == 0 || e.placeAt(m, e.day) != i || m.plateFrom > x.from-ratioDays && m.plateFrom > 0 {
			continue
		}
		xy, xx, mean, days := 0.0, 0.0, 0.0, 0.0
		for d := x.from + 1; d <= e.day; d++ {
			xy, xx = xy+float64(m.sxy[d%ring]), xx+float64(m.sxx[d%ring])
			if f := m.feature[d%ring]; f.known {
				mean, days = mean+float64(f.mean), days+1
			}
		}
		if days == 0 || xx == 0 {
			continue
		}
		rho, se, nats := xy/xx, slope0(variance, xx), xy*xy/xx/(2*variance)
		mean /= days
		if math.Abs(rho) < e.p.RatioLeast || math.Abs(rho*mean/x.shift-1) > 0.25+2*se/math.Abs(rho) {
			continue
		}
		// What is missing over what is shown tells the same, after some days better.
		whole, sw := x.shift/mean, math.Abs(n.sigma/math.Sqrt(days)/mean)
		w := sw * sw / (se*se + sw*sw)
		k, sk := 1+w*rho+(1-w)*whole, math.Sqrt(w)*se
		ratio, ok := fitting(m.CT, k, math.Min(mostPlate, e.p.RatioFit+2*sk/math.Abs(k)))
		if !ok || nats < e.p.FollowsNats {
			maybe = maybe || nats > float64(2+n.waited)
			continue
		}
		e.notePlate(m, ratio, x.from, math.Abs(ratio/m.CT-1)*mean)
		e.rescale(m, n, ratio/m.CT, x.from)
		return true, false
	}
	return false, maybe
}

// notePlate notes that a meter shows what other transformers than its plate's would.
// Its load is compared with nothing from before that day.
func (e *Engine) notePlate(m *meterState, ratio float64, from int, kw float64) {
	m.plateFrom, m.shape.floor, m.shape.level = from, evidence{}, evidence{}
	e.note(Notice{At: e.now(), Target: m.Node, Kind: RatioDiffers, Value: ratio / m.CT, KW: kw, From: e.dayAt(from), Plate: m.CT, Fits: ratio,
		Why: fmt.Sprintf("since %s it shows %.3g of what flows: %.0f/5 A stands in the register, and transformers of %.0f/5 A explain it", e.dayAt(from).Format("2 January"), m.CT/ratio, 5*m.CT, 5*ratio)})
}

// plateJumped finds a meter with transformers whose own load tells that they were
// exchanged, also where no balance does: every hour of a week is k times that hour of the
// week before. With p and q the medians of the blocks of the day in the seven days before
// and after an instant,
//
//	q = c + k·p by least squares,  |c| ≤ 5 % of mean(q),  R² ≥ 0.95,  and each day is k times
//	the same weekday of the week before to a tenth,
//	but for the day of the exchange; and the balance it is in, if there is one, misses as much
//
// where the load varies by plateVaries of its mean (else nothing tells more from k times)
// and plate/k is a usual ratio. A second machine adds to some hours, growth is no step,
// and no honest change multiplies the nights and the weekends by the same quotient.
func (e *Engine) plateJumped(m *meterState) {
	if m.CT <= 1 || m.kind != Connection || e.day < 14 || m.plateFrom > e.day-14 && m.plateFrom > 0 {
		return
	}
	k := 0.0
	var ratios []float64
	for d := e.day - 6; d <= e.day; d++ {
		now, before := m.feature[d%ring], m.feature[(d-7)%ring]
		if !now.known || !before.known || before.mean < 0.1 || now.mean < 0.1 {
			return
		}
		ratios = append(ratios, float64(now.mean/before.mean))
	}
	if k, _ = center(ratios); math.Abs(k-1) < e.p.RatioLeast {
		return
	}
	unlike := 0
	for _, r := range ratios {
		if math.Abs(r/k-1) > 0.1 {
			unlike++
		}
	}
	if unlike > 1 { // one day holds the exchange itself
		return
	}
	p, q := e.blockMedians(m, e.day-13), e.blockMedians(m, e.day-6)
	c, slope, se, r2, varies := line(p, q)
	ratio, ok := fitting(m.CT, 1/slope, math.Min(mostPlate, e.p.RatioFit+2*se/slope))
	if !ok || math.Abs(c) > 0.05*meanOf(q) || r2 < 0.95 || varies < plateVaries || math.Abs(slope/k-1) > 0.1 {
		return
	}
	n := e.nodeAt(m.Node)
	if n != nil && n.meter < 0 {
		n = nil
	}
	if n != nil && !e.missesToo(n, (ratio/m.CT-1)*meanOf(q)) {
		return
	}
	e.notePlate(m, ratio, e.day-6, math.Abs(ratio/m.CT-1)*meanOf(q))
	if n != nil {
		e.rescale(m, n, ratio/m.CT, e.day-6)
	}
}

// missesToo tells whether a balance misses so much more in the last six days than in the
// week before them, kW, to a half of it: where there is a balance, the load alone is not
// believed.
func (e *Engine) missesToo(n *nodeState, kw float64) bool {
	mean := func(from, to int) float64 {
		var v []float64
		for d := from; d <= to; d++ {
			if x := n.r[d%ring]; x == x {
				v = append(v, x)
			}
		}
		return quantileOf(v, 0.5)
	}
	change := mean(e.day-5, e.day) - mean(e.day-13, e.day-7)
	return math.Abs(change-kw) <= 0.5*math.Abs(kw)
}

// plateVaries is how much a load has to vary over the day, deviation as a share of its
// mean, for a factor to be told from an addition.
const plateVaries = 0.25

// blockMedians are the medians of the blocks of the day over seven days.
func (e *Engine) blockMedians(m *meterState, from int) []float64 {
	out := make([]float64, e.blocks)
	for b := range out {
		var v []float64
		for d := from; d < from+7; d++ {
			if x := e.row(m.hist, d)[b]; x == x {
				v = append(v, float64(x))
			}
		}
		out[b] = quantileOf(v, 0.5)
	}
	return out
}

// line fits q = c + k·p by least squares; varies is the deviation of p as a share of its
// mean. NaN where a block is not known.
func line(p, q []float64) (c, k, se, r2, varies float64) {
	mp, mq := meanOf(p), meanOf(q)
	var pp, pq, qq float64
	for i := range p {
		pp, pq, qq = pp+sq(p[i]-mp), pq+(p[i]-mp)*(q[i]-mq), qq+sq(q[i]-mq)
	}
	k = pq / math.Max(pp, 1e-9)
	left := math.Max(0, qq-k*pq)
	n := float64(len(p))
	return mq - k*mp, k, math.Sqrt(left / (n - 2) / math.Max(pp, 1e-9)), 1 - left/math.Max(qq, 1e-9), math.Sqrt(pp/n) / math.Max(mp, 1e-9)
}

// RatioTold takes that a meter itself told another ratio of its transformers than before,
// in an interval that ended at a Unix second: somebody set it. What stands in the register
// has to follow, or somebody has to set it back.
func (e *Engine) RatioTold(meter int, end int64) {
	e.note(Notice{At: time.Unix(end, 0).UTC(), Target: e.meters[meter].Node, Kind: RatioSet, Why: "the meter itself told another ratio of its transformers than before"})
}

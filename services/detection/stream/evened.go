package stream

import "math"

// evened confirms a rise of the mean by a load whose hours are shaped, by a battery or a
// timer, and whose energy of a day is not. A battery moves energy from one hour to
// another; what a farm takes in a day it cannot change: n rigs, 24 hours. With
//
//	A_d = mean of day d − (c + β·H_d),  μ = median(A),  σ₀ the days' own deviation before
//
// over EvenDays days or more, nearly as much is added on every day:
//
//	σ(A) ≤ √(σ₀² + (s·μ)²),  σ₀ ≤ μ/4,  and a tenth of the days at most is 30 % away from μ
//	|A of days off − A of working days| ≤ 2·s·μ and two standard errors
//	|slope of A on the temperature|·its range ≤ 2·s·μ and two standard errors
//
// with s = EvenShare, 5 %: rigs stand still 3 % of the time. Homes differ by 20 to 30 %
// from one day to the next (EDRP 2009), heating and cooling go with the weather, a
// business rests at weekends, a vehicle is not charged to the same level every day.
// What is left, pumps and lights on a timer, the same power in more hours, is why a
// business is asked and no more (C). The sign itself, daily energy that hardly differs,
// is that of State Grid Jiangsu (2021).
func (e *Engine) evened(m *meterState, x evidence, least float64) (riseOf, bool) {
	if m.flat || !m.home && m.newlyConnected(e) || e.day-x.from < e.p.EvenDays {
		return riseOf{}, false
	}
	base := e.seriesOf(m, m.began(), x.from, pickMean)
	var a addedDays
	for d := x.from + 1; d <= e.day; d++ {
		if f := m.feature[d%ring]; f.known {
			want, _ := base.expect(e.heatOr(d))
			a.add(e, d, float64(f.mean)-want-e.offset(&base, d))
		}
	}
	if len(a.kw) < e.p.EvenDays || len(base.y) < 7 {
		return riseOf{}, false
	}
	level, spread := center(a.kw)
	share := e.p.EvenShare * level
	if level < least || base.s > level/4 || spread > math.Hypot(base.s, share) || !a.within(level) {
		return riseOf{}, false
	}
	if off, se := a.weekend(); math.Abs(off) > 2*share+2*se {
		return riseOf{}, false
	}
	moves, se, spanned := a.weather()
	if moves > 2*share+2*se {
		return riseOf{}, false
	}
	r := riseOf{kind: "even_energy", from: x.from, kw: level, nats: x.nats, before: base.c, flat: spread / level, tier: Inspect}
	n := float64(len(a.kw))
	r.u = 1.96 * math.Sqrt(sq(math.Max(spread, base.s))*(1/n+1/float64(len(base.y)))+sq(idleShare*level)+sq(outages(level))/n+sq(m.class*level))
	if !m.home || !spanned || base.beta*base.hMax > 0.5*base.c {
		r.tier = Watch
	}
	return r, true
}

// alwaysEven is a home that has taken as much on every day since the readings began, and
// much more than a home takes: the mean of its days is one and a half HomeFloorKW or more
// and differs by EvenShare from one day to the next, on days off as on working days, over
// temperatures that went up or down by 8 K. A load that also holds a floor is told by that.
// Nobody saw it begin: it is asked about (C).
func (e *Engine) alwaysEven(m *meterState) (riseOf, bool) {
	f := m.feature[e.day%ring]
	if !m.home || m.firstOn > 3 || e.day < 27 || m.shape.level.nats > 0 || float64(f.mean) < 1.2*e.p.HomeFloorKW || float64(f.floor) >= 0.7*e.p.HomeFloorKW {
		return riseOf{}, false
	}
	var a addedDays
	for d := max(m.began(), e.oldest()); d <= e.day; d++ {
		if f := m.feature[d%ring]; f.known {
			a.add(e, d, float64(f.mean))
		}
	}
	if len(a.kw) < max(e.p.ShapeDays, e.p.EvenDays) {
		return riseOf{}, false
	}
	level, spread := center(a.kw)
	share := e.p.EvenShare * level
	off, seOff := a.weekend()
	moves, seMoves, spanned := a.weather()
	if !spanned || a.span() < 2*leastRange || level < 1.5*e.p.HomeFloorKW || spread > share || !a.within(level) || math.Abs(off) > 2*share+2*seOff || moves > 2*share+2*seMoves {
		return riseOf{}, false
	}
	kw, u := e.lessPeers(m, level)
	return riseOf{kind: "even_energy", from: a.day[0], kw: kw, u: u, nats: e.p.AlarmNats, steady: true, flat: spread / level, tier: Watch}, true
}

// addedDays are days with what was added on them, kW, and their temperatures.
type addedDays struct {
	day  []int
	kw   []float64
	warm []float64 // °C, NaN where it is not known
	off  []bool
}

func (a *addedDays) add(e *Engine, d int, kw float64) {
	a.day, a.kw, a.warm, a.off = append(a.day, d), append(a.kw, kw), append(a.warm, e.celsius(d)), append(a.off, e.weekend(d))
}

// within tells whether nine days of ten are within 30 % of a level.
func (a *addedDays) within(level float64) bool {
	far := 0
	for _, v := range a.kw {
		if math.Abs(v-level) > 0.3*level {
			far++
		}
	}
	return far*10 <= len(a.kw)
}

// weekend is how much more days off have than working days, with its standard error;
// nothing where one of the two was not seen twice.
func (a *addedDays) weekend() (difference, se float64) {
	var work, off []float64
	for i, v := range a.kw {
		if a.off[i] {
			off = append(off, v)
		} else {
			work = append(work, v)
		}
	}
	if len(off) < 2 || len(work) < 2 {
		return 0, 0
	}
	c, s := center(work)
	o, _ := center(off)
	return o - c, s * math.Sqrt(1/float64(len(off))+1/float64(len(work)))
}

// leastRange is how far the temperature of days has to have gone, K, to tell that
// something does not go with it.
const leastRange = 4

// span is how far the temperatures of the days are apart, K.
func (a *addedDays) span() float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, t := range a.warm {
		if t == t {
			low, high = math.Min(low, t), math.Max(high, t)
		}
	}
	return high - low
}

// weather is by how much the line on the temperature moves over the temperatures that
// were seen, kW, up or down, with its standard error; spanned tells whether they were
// known and far enough apart.
func (a *addedDays) weather() (moves, se float64, spanned bool) {
	var sx, sy, sxx, sxy, n float64
	for i, t := range a.warm {
		if t == t {
			sx, sy, sxx, sxy, n = sx+t, sy+a.kw[i], sxx+t*t, sxy+t*a.kw[i], n+1
		}
	}
	wide := a.span()
	if n < 5 || wide < leastRange {
		return 0, 0, false
	}
	spread := sxx - sx*sx/n
	slope := (sxy - sx*sy/n) / spread
	left := 0.0
	for i, t := range a.warm {
		if t == t {
			left += sq(a.kw[i] - sy/n - slope*(t-sx/n))
		}
	}
	return math.Abs(slope) * wide, math.Sqrt(left/(n-2)/spread) * wide, true
}

// celsius is the mean outdoor temperature of a day, NaN where it is not known.
func (e *Engine) celsius(d int) float64 {
	w := e.weather[d%ring]
	if w.n == 0 || d <= e.day-ring || d > e.day {
		return math.NaN()
	}
	return w.sum / w.n
}

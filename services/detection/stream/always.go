package stream

import "math"

// alwaysCycled is a home whose load has had two levels since before the readings
// began: on for a quarter of the time or more at 5 kW or more (CycleKW, CycleDuty), and flat while on.
func (e *Engine) alwaysCycled(m *meterState) (riseOf, bool) {
	if float64(m.feature[e.day%ring].top) < e.p.CycleKW {
		return riseOf{}, false
	}
	var on, off []float64
	days, busy, cold := 0, 0, 99.0
	for d := e.day - 13; d <= e.day; d++ {
		f := m.feature[d%ring]
		if !f.known {
			continue
		}
		days++
		cold = math.Min(cold, e.heatOr(d))
		if float64(f.top) > e.p.CycleKW {
			busy++
		}
		for _, v := range e.row(m.hist, d) {
			switch {
			case v != v:
			case float64(v) > 0.6*float64(f.top):
				on = append(on, float64(v))
			default:
				off = append(off, float64(v))
			}
		}
	}
	if days < 12 || busy < days-1 || len(on) == 0 || len(off) == 0 {
		return riseOf{}, false
	}
	level, spread := center(on)
	low, _ := center(off)
	duty := float64(len(on)) / float64(len(on)+len(off))
	if level-low < e.p.CycleKW || duty < e.p.CycleDuty || spread > e.p.CycleFlat*level || low > 0.4*level {
		return riseOf{}, false
	}
	kw := duty * (level - low)
	r := riseOf{kind: "two_levels", from: e.day - 13, kw: kw, nats: e.p.AlarmNats, steady: true, flat: spread / level, before: low, tier: Inspect, u: 0.3 + 0.08*kw}
	if cold > 8 {
		r.tier = Watch
	}
	return r, true
}

// alwaysFlat is a load that was there before the readings began: a floor that no
// honest load of the class holds, the same day after day and firm within the day,
// and that does not come from heating.
func (e *Engine) alwaysFlat(m *meterState) (riseOf, bool) {
	if m.flat || m.shape.floor.nats > 0 {
		return riseOf{}, false
	}
	if f := float64(m.feature[e.day%ring].floor); m.home && f < 0.7*e.p.HomeFloorKW || !m.home && f < 0.75*e.p.BusinessFloorKW {
		return riseOf{}, false
	}
	s := e.seriesOf(m, e.day-20, e.day+1, pickFloor)
	if len(s.y) < e.p.ShapeDays-2 || m.firstOn > 3 {
		return riseOf{}, false
	}
	var firm, share, means []float64
	for _, d := range s.day {
		f := m.feature[d%ring]
		firm = append(firm, float64(f.mid-f.low)/math.Max(float64(f.floor), 0.1))
		share = append(share, float64(f.floor)/math.Max(float64(f.mean), 0.1))
		means = append(means, float64(f.mean))
	}
	loose, _ := center(firm)
	part, _ := center(share)
	level, spread := center(s.y)
	warm := s.c + s.beta*s.hMin
	if m.home {
		// Heating as 18 °C − T falls: what is left of the floor on the warmest days,
		// carried on to no heating at all.
		free := math.Min(warm, level-0.5*s.beta*s.hMax)
		if s.hMin > 10 && s.hMin > 0.6*s.hMax && e.day < 28 {
			return riseOf{}, false // so far it was only cold: heating is not told from rigs
		}
		heated := s.coldest(true)-s.coldest(false) > 0.08*level+0.1
		if heated && e.day < 28 {
			return riseOf{}, false
		}
		if s.c < e.p.HomeFloorKW || free < e.p.HomeFloorKW || spread > e.p.HomeSpread*level || loose > e.p.HomeFirm {
			return riseOf{}, false
		}
		est, u := e.lessPeers(m, s.c)
		r := riseOf{kind: "flat_load", from: s.day[0], kw: est, nats: e.p.AlarmNats, steady: true, flat: loose, tier: Inspect, u: u}
		if heated || s.beta*s.hMax > 0.25*s.c || s.hMin > 12 {
			r.tier = Watch
		}
		return r, true
	}
	limits := [3]float64{e.p.BusinessFloorKW, e.p.BusinessPart, e.p.BusinessSpread}
	if m.Tariff == "industrial" || m.Activity == "factory" {
		limits = [3]float64{e.p.BusinessFloorKW, e.p.IndustryPart, e.p.IndustrySpread} // processes run by night too: only what is as flat as rigs
	}
	if level < limits[0] || part < limits[1] || spread > limits[2]*level {
		return riseOf{}, false
	}
	m.shape.watched = true
	// What varies belongs to the business, and a part of its floor too: its own floor
	// is a sixth to a half of its own mean.
	mean, _ := center(means)
	varies := math.Max(0, mean-level)
	est := math.Max(0.5*level, level-0.54*varies)
	return riseOf{kind: "flat_load", from: s.day[0], kw: est, nats: e.p.AlarmNats, steady: true, flat: part, tier: Watch, u: 1.96 * math.Hypot(0.5*varies, 0.05*level)}, true
}

// lessPeers estimates what runs in a home beside its own load: its mean without
// heating, less that of its neighbours of the same transformer, who tell also how
// sure that is. At least floor is what the floor says.
func (e *Engine) lessPeers(m *meterState, floor float64) (kw, u float64) {
	all := e.seriesOf(m, e.day-20, e.day+1, pickMean)
	node := e.placeAt(m, e.day)
	var own []float64
	for i := range e.meters {
		if o := &e.meters[i]; o.home && o != m && !o.shape.raised && e.placeAt(o, e.day) == node {
			if s := e.seriesOf(o, e.day-20, e.day+1, pickMean); len(s.y) >= 7 {
				own = append(own, s.c)
			}
		}
	}
	if len(own) < 8 {
		return math.Max(floor-0.25, 0.9*floor), 0.3 + 0.08*floor
	}
	low, mid, high := quantileOf(own, 0.05), quantileOf(own, 0.5), quantileOf(own, 0.95)
	kw = math.Max(all.c-mid, 0.75*floor)
	return kw, 1.96 * math.Sqrt(sq((high-low)/3.3)+sq(0.03*kw)+sq(m.class*kw)+sq(0.25*all.beta*all.hMin)+all.s*all.s/float64(len(all.y)))
}

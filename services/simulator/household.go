package simulator

import "math"

// households is Count homes. The generator is parametric; its percentiles are
// those measured on 622 British homes over 84 days of half-hours (EDRP trial,
// 2009): day floor (15th percentile) median 0.12 kW, 99th percentile 0.56 kW,
// mean 0.44 kW, and about 1.2 kettle-like steps of 2.8-3.7 kW in a home and day.
func households(l Load, s source, m moment) float64 {
	use := activity(m)
	sum := 0.0
	for i := range l.Count {
		sum += home(s.item(int64(i)), m, use)
	}
	return sum
}

const (
	floorMedian = 0.105 // kW
	floorSpread = 0.72  // of its logarithm
	useMean     = 0.285 // kW above the floor, over day and homes
)

// activity is what people do at the hour, 1 on average over the day.
func activity(m moment) float64 {
	bump := func(at, width float64) float64 {
		d := (m.hour - at) / width
		return math.Exp(-d * d)
	}
	a := 0.08 + 0.75*window(m.hour, 6.8, 22.7) + 0.6*bump(7.8, 1.1) + 1.5*bump(19.8, 2.3)
	if m.weekend {
		a += 0.35 * bump(12.5, 3)
	}
	return a * (1 + 0.15*m.season)
}

// home is one home at a moment, in kW.
func home(s source, m moment, use float64) float64 {
	floor := floorMedian * math.Exp(floorSpread*s.normal(1))
	scale := useMean * 1.08 * math.Exp(0.45*s.normal(2)-0.1)
	mood := 0.55 * s.smooth(float64(m.minute)/28)
	p := floor*(1+0.06*s.smooth(float64(m.minute)/9)) + scale*use*math.Exp(mood-0.15)
	return p + kettle(s, m)
}

// kettle is a short large load: at most one start an hour, 3 to 6 minutes long,
// 1.2 a day by how awake the hour is.
func kettle(s source, m moment) float64 {
	awake := window(m.hour, 6.5, 23)
	hour := m.minute / 60
	if s.uniform(9_000_000_000+hour) > 1.2/16.5*awake {
		return 0
	}
	start := int64(s.uniform(8_000_000_000+hour) * 54)
	if at := m.minute%60 - start; at < 0 || at >= 3+hour%4 {
		return 0
	}
	return 2.8 + 0.9*s.uniform(3)
}

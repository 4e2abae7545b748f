package simulator

import (
	"math"
	"time"

	"rigistry/models"
)

// moment is an instant as loads see it: local clock, weekday, season, weather.
type moment struct {
	minute  int64   // minutes since 1970 UTC
	hour    float64 // local, 0..24
	weekend bool
	season  float64 // 1 in mid-January, -1 in mid-July
	outside float64 // °C
}

func momentAt(minute int64, weather source) moment {
	local := time.Unix(minute*60, 0).UTC().Add(models.LegalOffset)
	m := moment{minute: minute, hour: float64(local.Hour()) + float64(local.Minute())/60}
	m.weekend = local.Weekday() == time.Saturday || local.Weekday() == time.Sunday
	m.season = math.Cos(2 * math.Pi * float64(local.YearDay()-15) / 365.25)
	// A continental year: mean 4 °C, 18 °C either way, 5 °C over the day, and
	// weather that changes over about three days.
	m.outside = 4 - 18*m.season + 5*math.Sin(2*math.Pi*(m.hour-9)/24) + 4*weather.smooth(float64(minute)/(3*1440))
	return m
}

// loadKind gives the power in kW of a load at a moment.
type loadKind func(l Load, s source, m moment) float64

// loadKinds is every kind of load. Levels and hours are those of ordinary
// customers; what matters to detection is their shape, not their size.
var loadKinds = map[string]loadKind{
	"households":  households,
	"bakery":      bakery,
	"workshop":    workshop,
	"office":      office,
	"telecom":     telecom,
	"pump":        pump,
	"data_centre": dataCentre,
	"rigs":        rigs,
	"cooling":     cooling,
}

// window is 1 between two local hours with soft edges of half an hour, also over
// midnight.
func window(hour, from, until float64) float64 {
	if until < from {
		return 1 - window(hour, until, from)
	}
	edge := func(x float64) float64 { return 1 / (1 + math.Exp(-x*8)) }
	return edge(hour-from) * edge(until-hour)
}

// office is a school or an office: weekdays by day, lights and standby else.
func office(l Load, s source, m moment) float64 {
	use := window(m.hour, 8, 18)
	if m.weekend {
		use *= 0.15
	}
	return l.KW * (0.06 + 0.6*use*(1+0.12*s.smooth(float64(m.minute)/20)))
}

// bakery bakes at night: ovens from ten to six, little by day.
func bakery(l Load, s source, m moment) float64 {
	oven := window(m.hour, 22, 6) * (0.75 + 0.25*cycle(s, m.minute, 9))
	shop := window(m.hour, 8, 20) * 0.12
	return l.KW * (0.06 + shop + 0.8*oven)
}

// workshop has machines that come and go on working days.
func workshop(l Load, s source, m moment) float64 {
	p := 0.04
	if !m.weekend {
		run := window(m.hour, 8, 18) - 0.7*window(m.hour, 12.5, 13.5)
		p += run * (0.25 + 0.25*cycle(s.child("saw"), m.minute, 7) + 0.35*cycle(s.child("weld"), m.minute, 13))
	}
	return l.KW * p
}

// telecom is a mast: flat day and night, a little more when it is hot.
func telecom(l Load, s source, m moment) float64 {
	return l.KW * (1 + 0.015*s.smooth(float64(m.minute)/30) + 0.004*math.Max(0, m.outside-15))
}

// pump fills a water tower: on for one to two hours, off for about as long.
func pump(l Load, s source, m moment) float64 {
	return l.KW * (0.01 + 0.99*cycle(s, m.minute, 85)*(1+0.01*s.smooth(float64(m.minute)/5)))
}

// dataCentre is nearly flat, with more work on weekdays and cooling in summer.
func dataCentre(l Load, s source, m moment) float64 {
	work := 0.04 * window(m.hour, 9, 19)
	if m.weekend {
		work = 0
	}
	return l.KW * (0.9 + work + 0.008*s.smooth(float64(m.minute)/25) + 0.003*math.Max(0, m.outside-10))
}

// cooling is what a licensed hall needs besides rigs: fans, a little more when hot.
func cooling(l Load, s source, m moment) float64 {
	return l.KW * (0.9 + 0.01*math.Max(0, m.outside) + 0.02*s.smooth(float64(m.minute)/15))
}

// rigs are Count miners of KW each: flat at any hour and in any season. Each
// stays within ±3 % of its nameplate and is off, for a restart, about ten minutes
// in four days; so the sum flattens as one over the root of the count.
func rigs(l Load, s source, m moment) float64 {
	sum := 0.0
	for i := range l.Count {
		r := s.item(int64(i))
		slot := (m.minute + int64(r.uniform(1)*1000)) / 10
		if r.uniform(slot) < 10.0/(4*1440) {
			sum += 0.05
			continue
		}
		sum += 1 + 0.03*(2*r.uniform(0)-1) + 0.004*s.normal(m.minute) + 0.0006*math.Max(0, m.outside-10)
	}
	return l.KW * sum
}

// cycle is a machine that is on and off for a random time around the mean, in
// minutes, each with an even chance; 0 or 1.
func cycle(s source, minute, mean int64) float64 {
	slot := minute / mean
	shift := int64(s.uniform(slot) * float64(mean))
	if minute%mean < shift {
		slot--
	}
	if s.uniform(7_000_000_000+slot) < 0.5 {
		return 0
	}
	return 1
}

package stream

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// oneHome is a home with a load that comes on top of its own, and the weather of a
// spring or a summer. It gives what was raised about it.
func oneHome(t *testing.T, days int, mean float64, more func(i int, celsius float64) float64) []Alert {
	t.Helper()
	e, err := New(Topology{Start: begin, Step: 30 * time.Minute, Nodes: []Node{{ID: "T", Kind: Transformer, KVA: 160}, {ID: "H", Kind: Connection, Parent: "T"}},
		Meters: []Meter{{ID: "H", Node: "H", Tariff: "residential", Class: "1"}}})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(11, 3))
	day := 0.0
	for i := range days * 48 {
		at := begin.Unix() + int64(i)*halfHour
		if i%48 == 0 {
			day = 0.7 + 0.6*r.Float64()
		}
		celsius := mean + 6*math.Sin(float64(i/48)*0.9) + 4*math.Sin(float64(i%48)/48*2*math.Pi)
		e.Weather(at, celsius)
		e.Push(e.Meter("H"), at, 0.2+day*0.5*math.Exp(-sq(float64(i%48)/2-19)/8)+0.3*r.ExpFloat64()*r.Float64()+more(i, celsius), math.NaN())
	}
	e.Finish(begin.Unix() + int64(days)*86400)
	return e.Alerts()
}

// battery is a farm that draws through a battery: another shape on every day, between
// nothing and twice its power, and always the same energy.
func battery(from int, kw float64) func(i int, celsius float64) float64 {
	r := rand.New(rand.NewPCG(2, 9))
	var shape [48]float64
	return func(i int, _ float64) float64 {
		if i%48 == 0 {
			sum := 0.0
			for b := range shape {
				shape[b] = math.Max(0, 1+math.Sin(float64(b)/48*2*math.Pi*float64(1+i/48%2)+float64(i/48))+0.3*r.NormFloat64())
				sum += shape[b] / 48
			}
			for b := range shape {
				shape[b] *= kw * (1 + 0.02*r.NormFloat64()) / sum
			}
		}
		if i < from*48 {
			return 0
		}
		return shape[i%48]
	}
}

func TestEvened_ABatteryHidesTheHoursOfAFarmAndNotItsEnergy(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	random := make([]float64, 60)
	for d := range random {
		random[d] = 2 + 4*r.Float64()
	}
	evening := func(i int) float64 {
		return math.Max(0, math.Sin((float64(i%48)-14)/34*math.Pi)) * math.Pi / 2 * 48 / 34
	}
	after := func(from int, f func(i int, celsius float64) float64) func(int, float64) float64 {
		return func(i int, celsius float64) float64 {
			if i < from*48 {
				return 0
			}
			return f(i, celsius)
		}
	}
	for _, c := range []struct {
		name string
		mean float64 // °C
		more func(i int, celsius float64) float64
		want string
		kw   float64
	}{
		{"two rigs behind a battery", 20, battery(20, 6.6), "even_energy B", 6.6},
		{"two rigs behind a battery since before", 20, battery(0, 6.6), "even_energy C", 6.6},
		{"nothing", 20, func(int, float64) float64 { return 0 }, "", 0},
		{"a family whose evenings differ", 20, after(20, func(i int, _ float64) float64 { return random[i/48] * evening(i) }), "", 0},
		{"the same every day but at weekends", 20, after(20, func(i int, _ float64) float64 {
			if w := begin.AddDate(0, 0, i/48).Weekday(); w == time.Saturday || w == time.Sunday {
				return 0
			}
			return 4 * evening(i)
		}), "", 0},
		{"cooling", 26, after(20, func(i int, celsius float64) float64 { return 0.35 * math.Max(0, celsius-18) * evening(i) }), "", 0},
		{"heating", 2, after(20, func(i int, celsius float64) float64 { return 0.3 * math.Max(0, 18-celsius) * (0.5 + evening(i)/2) }), "", 0},
		{"heating since before", 2, func(i int, celsius float64) float64 { return 0.3 * math.Max(0, 18-celsius) * evening(i) }, "", 0},
		{"a home battery that only moves its own load", 20, after(20, func(i int, _ float64) float64 { return 0.3 * math.Sin(float64(i%48)/48*2*math.Pi) }), "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			var alerts []Alert
			for _, a := range oneHome(t, 42, c.mean, c.more) {
				if a.Rule == "even_energy" || a.Tier != Watch { // a load that comes and goes may be asked about
					got, alerts = got+a.Rule+" "+string(a.Tier), append(alerts, a)
				}
			}
			if got != c.want {
				t.Fatalf("got %q, want %q", got, c.want)
			}
			if c.want != "" && (c.kw < alerts[0].Low || c.kw > alerts[0].High || math.Abs(alerts[0].KW-c.kw) > 0.15*c.kw) {
				t.Errorf("%.2f kW [%.2f, %.2f] told, %.2f were drawn", alerts[0].KW, alerts[0].Low, alerts[0].High, c.kw)
			}
		})
	}
}

func TestEvened_WithoutWeatherNobodyIsSentToAHome(t *testing.T) {
	e, err := New(Topology{Start: begin, Step: 30 * time.Minute, Nodes: []Node{{ID: "T", Kind: Transformer, KVA: 160}, {ID: "H", Kind: Connection, Parent: "T"}},
		Meters: []Meter{{ID: "H", Node: "H", Tariff: "residential", Class: "1"}}})
	if err != nil {
		t.Fatal(err)
	}
	more := battery(20, 6.6)
	for i := range 42 * 48 {
		e.Push(e.Meter("H"), begin.Unix()+int64(i)*halfHour, 0.5+0.1*math.Sin(float64(i))+more(i, 0), math.NaN())
	}
	e.Finish(begin.Unix() + 42*86400)
	alerts := e.Alerts()
	if len(alerts) == 0 {
		t.Error("nothing is raised: the test shows nothing")
	}
	for _, a := range alerts {
		if a.Tier != Watch {
			t.Errorf("%s of tier %s: heating is not told from rigs", a.Rule, a.Tier)
		}
	}
}

package stream

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// behind is one customer whose use is flat by nature, with a load on top of it, in a
// spring that gets warmer. It gives what was raised.
func behind(t *testing.T, activity string, declared float64, days int, own func(i int, celsius float64) float64, more func(i int) float64) []Alert {
	t.Helper()
	e, err := New(Topology{Start: begin, Step: 30 * time.Minute, Nodes: []Node{{ID: "T", Kind: Transformer, KVA: 400}, {ID: "D", Kind: Connection, Parent: "T"}},
		Meters: []Meter{{ID: "D", Node: "D", Tariff: "commercial", Activity: activity, Class: "0.5S", DeclaredKW: declared}}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range days * 48 {
		at := begin.Unix() + int64(i)*halfHour
		celsius := 4 + 14*float64(i)/float64(days*48) + 2*math.Sin(float64(i/48)*0.7) + 4*math.Sin((float64(i%48)/2-9)/24*2*math.Pi)
		e.Weather(at, celsius)
		e.Push(0, at, math.Max(0, own(i, celsius)+more(i)), math.NaN())
	}
	e.Finish(begin.Unix() + int64(days)*86400)
	return e.Alerts()
}

// pumpOf is a station of three pumps that run in turns for some days.
func pumpOf(kw float64, seed uint64) func(i int, celsius float64) float64 {
	r := rand.New(rand.NewPCG(seed, 1))
	left, level := 0, 1.0
	return func(int, float64) float64 {
		if left == 0 {
			left, level = 20+r.IntN(100), []float64{1, 1, 0.66, 0.33}[r.IntN(4)]
		}
		left--
		return kw * level * (1 + 0.01*r.NormFloat64())
	}
}

// coldStore runs its compressors more in the warmth.
func coldStore(kw float64, seed uint64) func(i int, celsius float64) float64 {
	r := rand.New(rand.NewPCG(seed, 2))
	return func(_ int, celsius float64) float64 {
		duty := 0.45 + 0.02*math.Max(0, celsius-8) + 0.1*r.NormFloat64()
		return kw * (0.12 + 0.88*math.Min(1, math.Max(0, duty)))
	}
}

func TestDeclared_RigsOnTopOfAFlatUseAreAskedAboutAndTheUseItselfIsNot(t *testing.T) {
	none := func(int) float64 { return 0 }
	rigs := since(24, 33)
	r := rand.New(rand.NewPCG(9, 9))
	mast := func(int, float64) float64 { return 5 * (1 + 0.02*r.NormFloat64()) }
	for _, c := range []struct {
		name, activity string
		own            func(i int, celsius float64) float64
		more           func(i int) float64
		kw             float64
	}{
		{"a pump", "pump", pumpOf(51, 3), none, 0},
		{"ten rigs behind a pump", "pump", pumpOf(51, 3), rigs, 33},
		{"a pump that is used more", "pump", func(i int, c float64) float64 {
			if i >= 24*48 {
				return 50
			}
			return 50 * float64(i/96%2)
		}, none, 0},
		{"a second pump that takes turns", "pump", pumpOf(51, 3), func(i int) float64 { return 33 * float64(i/48/24) * float64(i/70%2) }, 0},
		{"a cold store in spring", "cold_store", coldStore(60, 5), none, 0},
		{"ten rigs behind a cold store", "cold_store", coldStore(60, 5), rigs, 33},
		{"a mast", "telecom", mast, none, 0},
		{"ten rigs behind a mast that is two weeks old", "telecom", func(i int, c float64) float64 {
			if i < 10*48 {
				return 0
			}
			return mast(i, c)
		}, rigs, 33},
	} {
		t.Run(c.name, func(t *testing.T) {
			alerts := behind(t, c.activity, 0, 44, c.own, c.more)
			if c.kw == 0 {
				if len(alerts) > 0 {
					t.Errorf("%s %s of %.1f kW on %s", alerts[0].Rule, alerts[0].Tier, alerts[0].KW, alerts[0].RaisedAt)
				}
				return
			}
			if len(alerts) != 1 || alerts[0].Rule != "added_load" || alerts[0].Tier != Watch {
				t.Fatalf("got %+v, want one question", alerts)
			}
			if a := alerts[0]; math.Abs(a.KW-c.kw) > 0.15*c.kw || a.RaisedAt.Sub(begin) > 42*24*time.Hour {
				t.Errorf("%.1f kW [%.1f, %.1f] on %s", a.KW, a.Low, a.High, a.RaisedAt)
			}
		})
	}
}

func TestDeclared_AFlatUseAboveWhatWasDeclaredIsInspectedOnce(t *testing.T) {
	flat := func(int, float64) float64 { return 100 }
	for _, c := range []struct {
		name     string
		declared float64
		more     func(i int) float64
		want     string
	}{
		{"below", 120, since(20, 10), "added_load C;"},
		{"within the tenth", 100, since(20, 9), "added_load C;"},
		{"above", 110, since(20, 60), "added_load C;declared_exceeded B;"},
		{"above for four days", 110, func(i int) float64 {
			if i >= 20*48 && i < 24*48 {
				return 60
			}
			return 0
		}, "added_load C;"},
		{"not declared", 0, since(20, 60), "added_load C;"},
	} {
		got := ""
		for _, a := range behind(t, "data_centre", c.declared, 60, flat, c.more) {
			got += a.Rule + " " + string(a.Tier) + ";"
			if a.Rule == "declared_exceeded" && (math.Abs(a.KW-50) > 2 || a.Before != 110 || a.Low > 50 || a.High < 50) {
				t.Errorf("%s: %.1f kW [%.1f, %.1f] above %.1f", c.name, a.KW, a.Low, a.High, a.Before)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

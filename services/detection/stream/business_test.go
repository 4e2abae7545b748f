package stream

import (
	"math"
	"math/rand/v2"
	"testing"
)

// business is one customer alone that works by day, with a load that comes on top.
func business(t *testing.T, activity string, own float64, more func(i int) float64) []Alert {
	t.Helper()
	e, err := New(Topology{Start: begin, Step: halfHour * 1e9, Nodes: []Node{{ID: "T", Kind: Transformer, KVA: 400}, {ID: "B", Kind: Connection, Parent: "T"}},
		Meters: []Meter{{ID: "B", Node: "B", Tariff: "commercial", Activity: activity, Class: "1"}}})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(6, 1))
	for i := range 34 * 48 {
		kw := 0.05 * own
		if h := i % 48; h >= 16 && h < 36 && i/48%7 < 5 {
			kw = own * (0.8 + 0.4*r.Float64())
		}
		e.Push(e.Meter("B"), begin.Unix()+int64(i)*halfHour, kw+more(i), math.NaN())
	}
	e.Finish(begin.AddDate(0, 0, 34).Unix())
	return e.Alerts()
}

func TestStream_ABusinessIsInspectedWhenWhatWasAddedIsMoreThanTheBusiness(t *testing.T) {
	shift := func(i int) float64 { // another shift: the nights fill up, and differ
		if i < 20*48 {
			return 0
		}
		return 14 + 8*math.Sin(float64(i%48)/48*2*math.Pi) + 5*math.Sin(float64(i)*2.7)
	}
	for _, c := range []struct {
		name, activity string
		own            float64
		more           func(i int) float64
		want           string
	}{
		{"twelve rigs behind a workshop", "workshop", 28, since(20, 41), "added_load B"},
		{"the same where nothing is declared", "unknown", 28, since(20, 41), "added_load C"},
		{"the same at a pump", "pump", 28, since(20, 41), "added_load C"},
		{"three rigs behind a works of 120 kW", "factory", 120, since(20, 14), "added_load C"},
		{"another shift is asked about and no more", "workshop", 28, shift, "added_load C"},
	} {
		got := ""
		for _, a := range business(t, c.activity, c.own, c.more) {
			got += a.Rule + " " + string(a.Tier)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

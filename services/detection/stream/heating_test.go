package stream

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// heatedHome is a home that is heated by electricity through a spring, and takes on a
// load on a day; the weather is known. It gives what was raised about it.
func heatedHome(t *testing.T, perDegree, added float64, from, days int) []Alert {
	t.Helper()
	e, err := New(Topology{Start: begin, Step: 30 * time.Minute, Nodes: []Node{{ID: "T", Kind: Transformer, KVA: 160}, {ID: "H", Kind: Connection, Parent: "T"}},
		Meters: []Meter{{ID: "H", Node: "H", Tariff: "residential", Class: "1"}}})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 9))
	for i := range days * 48 {
		at := begin.Unix() + int64(i)*halfHour
		celsius := -4 + 16*float64(i)/float64(days*48) + 3*math.Sin(float64(i/48)*1.7)
		e.Weather(at, celsius)
		kw := 0.4 + perDegree*math.Max(0, 15-celsius) + 0.1*r.Float64()
		if i >= from*48 {
			kw += added
		}
		e.Push(e.Meter("H"), at, kw, math.NaN())
	}
	e.Finish(begin.Unix() + int64(days)*86400)
	return e.Alerts()
}

func TestStream_AHomeWhoseHeatingMovesMoreIsWatchedAndNotAccused(t *testing.T) {
	for _, c := range []struct {
		name             string
		perDegree, added float64
		want             string
	}{
		{"two rigs in a home that is not heated by electricity", 0, 6.6, "added_load B"},
		{"one in a home whose heating moves six times as much", 0.9, 3.3, "added_load C"},
		{"nothing but the heating", 0.9, 0, ""},
	} {
		got := ""
		for _, a := range heatedHome(t, c.perDegree, c.added, 24, 34) {
			got += fmt.Sprintf("%s %s", a.Rule, a.Tier)
			if a.Before < 0 {
				t.Errorf("%s: a floor of %.2f kW before", c.name, a.Before)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSeries_AFloorIsNotExpectedBelowNothing(t *testing.T) {
	s := series{}
	for d := range 20 { // heating that stops at 14 °C, seen only while it is colder
		h := 6 + float64(d%10)
		s.day, s.h, s.y = append(s.day, d), append(s.h, h), append(s.y, math.Max(0, 0.7*(h-4)))
	}
	s.fit()
	if v, _ := s.expect(0); v != 0 || s.c >= 0 {
		t.Errorf("at 18 °C %.2f kW are expected of a line that begins at %.2f, want 0", v, s.c)
	}
	if v, _ := s.expect(10); math.Abs(v-4.2) > 0.1 {
		t.Errorf("at 8 °C %.2f kW are expected, want 4.2", v)
	}
}

package stream

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// rowOf is a row of kiosks below one transformer, with the weather of a spring that gets
// warmer and two spells of cold. own is the load of a kiosk without what came to it.
func rowOf(t *testing.T, kiosks, days int, holder func(k int) string, own func(k, i int, celsius float64) float64) *Engine {
	t.Helper()
	top := Topology{Start: begin, Step: 30 * time.Minute, Nodes: []Node{{ID: "T", Kind: Transformer, KVA: 160}}}
	for k := range kiosks {
		id := fmt.Sprintf("K%02d", k)
		top.Nodes = append(top.Nodes, Node{ID: id, Kind: Connection, Parent: "T"})
		top.Meters = append(top.Meters, Meter{ID: id, Node: id, Tariff: "commercial", Activity: "shop", Class: "1", Holder: holder(k)})
	}
	e, err := New(top)
	if err != nil {
		t.Fatal(err)
	}
	for i := range days * 48 {
		at := begin.Unix() + int64(i)*halfHour
		celsius := 8 + 10*float64(i)/float64(days*48) + 4*math.Sin(float64(i/48)*0.4) + 5*math.Sin((float64(i%48)/2-9)/24*2*math.Pi)
		e.Weather(at, celsius)
		for k := range kiosks {
			e.Push(k, at, math.Max(0, own(k, i, celsius)), math.NaN())
		}
	}
	e.Finish(begin.Unix() + int64(days)*86400)
	return e
}

// kiosk is light and a kettle by day and a small cooler.
func kiosk(r *rand.Rand) func(k, i int, celsius float64) float64 {
	return func(k, i int, celsius float64) float64 {
		kw := 0.15 + 0.005*math.Max(0, celsius) + 0.03*r.NormFloat64()
		if h := i % 48; h >= 16+k%3 && h < 40-k%4 {
			kw += 0.6 + 0.5*r.ExpFloat64()*r.Float64()
		}
		return kw
	}
}

func one(int) string { return "holder" }

func TestSplit_AFarmSpreadOverPointsOfOneHolderIsOneFindingWithAllItsPoints(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 8))
	own := kiosk(r)
	rigs := map[int]float64{1: 3.3, 2: 3.2, 4: 3.4, 5: 3.3}
	load := func(k, i int, celsius float64) float64 {
		kw := own(k, i, celsius)
		if rig := rigs[k]; rig > 0 && i >= (18+k)*48+7*k {
			kw += rig * (1 + 0.01*r.NormFloat64())
		}
		return kw
	}
	alerts := rowOf(t, 8, 40, one, load).Alerts()
	if len(alerts) != 1 {
		t.Fatalf("%d alerts, want one: %+v", len(alerts), alerts)
	}
	a := alerts[0]
	if a.Rule != "split_load" || a.Tier != Inspect || a.Target != "K01" || math.Abs(a.KW-13.2) > 1.3 || a.Low > 13.2 || a.High < 13.2 {
		t.Errorf("got %s %s at %s, %.1f kW [%.1f, %.1f]", a.Rule, a.Tier, a.Target, a.KW, a.Low, a.High)
	}
	if diff := cmp.Diff([]string{"K01", "K02", "K04", "K05"}, a.Members); diff != "" {
		t.Error(diff)
	}
	// The same rigs at eight people are eight small loads that nobody is asked about.
	for _, a := range rowOf(t, 8, 40, func(k int) string { return fmt.Sprint("holder ", k) }, load).Alerts() {
		t.Errorf("of different holders: %s at %s", a.Rule, a.Target)
	}
}

func TestSplit_WhatAllPointsOfOneHolderDoForAnHonestReasonIsNoFarm(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	own := kiosk(r)
	since := func(i, day int) bool { return i >= day*48+20 }
	for _, c := range []struct {
		name string
		own  func(k, i int, celsius float64) float64
		want string
	}{
		{"a row of kiosks", own, ""},
		{"coolers that run more in the warmth", func(k, i int, celsius float64) float64 { return own(k, i, celsius) + 0.12*math.Max(0, celsius) }, ""},
		{"a house whose heating is switched on for a cold week", func(k, i int, celsius float64) float64 {
			if d := i / 48; d >= 22 {
				return own(k, i, celsius) + 0.35*math.Max(0, 18-celsius)
			}
			return own(k, i, celsius)
		}, ""},
		{"a house that is lived in, one flat after another", func(k, i int, celsius float64) float64 {
			if since(i, 10+3*k) {
				return own(k, i, celsius) + 0.3
			}
			return 0.02
		}, ""},
		{"longer hours", func(k, i int, celsius float64) float64 {
			if h := i % 48; since(i, 20) && h >= 10 && h < 46 {
				return own(k, i, celsius) + 2
			}
			return own(k, i, celsius)
		}, ""},
		{"signs that shine day and night are asked about", func(k, i int, celsius float64) float64 {
			if since(i, 20) {
				return own(k, i, celsius) + 1.5
			}
			return own(k, i, celsius)
		}, "split_load C"},
		{"rigs in shops that opened over months are asked about", func(k, i int, celsius float64) float64 {
			if since(i, 9+4*k) {
				return own(k, i, celsius) + 3.3
			}
			return own(k, i, celsius)
		}, "split_load C"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			for _, a := range rowOf(t, 6, 40, one, c.own).Alerts() {
				got += a.Rule + " " + string(a.Tier)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

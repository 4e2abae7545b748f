package stream

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

var begin = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)

const halfHour = 1800

// world is two transformers of twenty homes each, a workshop and a licensed site,
// and what happens in it: extra power of a meter's load, of what its meter shows,
// and of the transformer ahead of all meters.
type world struct {
	topology Topology
	load     func(meter string, i int) float64 // kW added to a customer's load
	shown    func(meter string, i int, kw float64) float64
	tap      func(node string, i int) float64
	really   map[string]string                // customers that are below another node than recorded
	moves    func(meter string, i int) string // where a customer is by then, "" for where it was
	loss     float64                          // of the head's power by its square and 160 kVA; 0 is 0.01

	interrupt func(e *Engine, i int) *Engine // before the readings of an interval
}

func newWorld() world {
	w := world{topology: Topology{Start: begin, Step: 30 * time.Minute}}
	t := &w.topology
	for _, tx := range []string{"T0", "T1"} {
		t.Nodes = append(t.Nodes, Node{ID: tx, Kind: Transformer, KVA: 160})
		t.Meters = append(t.Meters, Meter{ID: "M-" + tx, Node: tx, Side: "LV", Class: "0.5S"})
		for k := range 20 {
			id := fmt.Sprintf("%s-H%02d", tx, k)
			t.Nodes = append(t.Nodes, Node{ID: id, Kind: Connection, Parent: tx})
			t.Meters = append(t.Meters, Meter{ID: id, Node: id, Tariff: "residential", Activity: "household", Class: "1"})
		}
	}
	t.Nodes = append(t.Nodes, Node{ID: "SITE", Kind: Connection, Parent: "T1"})
	t.Meters = append(t.Meters, Meter{ID: "SITE", Node: "SITE", Tariff: "licensed_mining", Activity: "mining", Class: "0.5S"})
	t.Licenses = []License{{Node: "SITE", Status: "active", ApprovedKW: 30, From: begin}}
	return w
}

// play pushes so many days into a new engine.
func (w world) play(t testing.TB, days int) *Engine {
	t.Helper()
	e, err := New(w.topology)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	register := map[string]float64{}
	push := func(id string, i int, kw float64) {
		register[id] += kw / 2
		reg := math.Round(register[id]*100) / 100
		e.Push(e.Meter(id), begin.Unix()+int64(i)*halfHour, kw, reg)
	}
	for i := range days * 48 {
		if w.interrupt != nil {
			e = w.interrupt(e, i)
		}
		sum := map[string]float64{}
		for _, m := range w.topology.Meters {
			if m.Side != "" {
				continue
			}
			tx := m.Node[:min(2, len(m.Node))]
			hour := float64(i%48) / 2
			kw := 0.2 + 0.4*math.Exp(-sq(hour-19)/8) + 0.5*r.ExpFloat64()*r.Float64()
			if m.Node == "SITE" {
				tx, kw = "T1", 28+0.2*r.NormFloat64()
			}
			if w.load != nil {
				kw += w.load(m.ID, i)
			}
			if at, wrong := w.really[m.ID]; wrong {
				tx = at
			}
			if w.moves != nil {
				tx = cmp.Or(w.moves(m.ID, i), tx)
			}
			sum[tx] += kw
			if w.shown != nil {
				kw = w.shown(m.ID, i, kw)
			}
			push(m.ID, i, kw)
		}
		for _, tx := range []string{"T0", "T1"} {
			kw := sum[tx]
			if w.tap != nil {
				kw += w.tap(tx, i)
			}
			push("M-"+tx, i, kw+cmp.Or(w.loss, 0.01)*kw*kw/160+0.02*r.NormFloat64())
		}
	}
	e.Finish(begin.Unix() + int64(days)*86400)
	return e
}

func since(day int, kw float64) func(i int) float64 {
	return func(i int) float64 {
		if i >= day*48+10 {
			return kw
		}
		return 0
	}
}

func TestStream_TableOfCauses(t *testing.T) {
	on := func(id string, f func(int) float64) func(string, int) float64 {
		return func(m string, i int) float64 {
			if m == id {
				return f(i)
			}
			return 0
		}
	}
	for _, c := range []struct {
		name string
		set  func(*world)
		want string // target, rule and tier; "" for silence
		kw   float64
	}{
		{"honest", func(*world) {}, "", 0},
		{"a rig ahead of the meters", func(w *world) { w.tap = on("T0", since(18, 3.3)) }, "T0 balance_rise A", 3.3},
		{"a tap from the beginning", func(w *world) { w.tap = on("T0", since(-1, 6.6)) }, "T0 balance_steady B", 6.6},
		{"a rig at home", func(w *world) { w.load = on("T0-H03", since(18, 3.3)) }, "T0-H03 added_load B", 3.3},
		{"three rigs at home by night", func(w *world) {
			w.load = on("T0-H03", func(i int) float64 {
				if h := i % 48 / 2; i >= 18*48 && (h >= 23 || h < 7) {
					return 9.9
				}
				return 0
			})
		}, "T0-H03 two_levels B", 3.3},
		{"an electric vehicle", func(w *world) {
			w.load = on("T0-H03", func(i int) float64 {
				if h := i % 48 / 2; i >= 18*48 && h >= 22 && i/48%3 != 0 {
					return 7.4
				}
				return 0
			})
		}, "", 0},
		{"a meter that records a third", func(w *world) {
			w.load = on("T0-H03", since(18, 6.6))
			w.shown = func(id string, i int, kw float64) float64 {
				if id == "T0-H03" && i >= 18*48+10 {
					return kw / 3
				}
				return kw
			}
		}, "T0-H03 meter_scaled A", 4.8},
		{"a meter that shows nothing", func(w *world) {
			w.load = on("T0-H03", since(18, 6.6))
			w.shown = func(id string, i int, kw float64) float64 {
				if id == "T0-H03" && i >= 18*48+10 {
					return 0
				}
				return kw
			}
		}, "T0-H03 meter_zeroed A", 7.2},
		{"over-draw", func(w *world) { w.load = on("SITE", since(18, 6)) }, "SITE license_overdraw A", 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			c.set(&w)
			alerts := w.play(t, 30).Alerts()
			got := ""
			for _, a := range alerts {
				got += a.Target + " " + a.Rule + " " + string(a.Tier) + ";"
			}
			want := c.want
			if want != "" {
				want += ";"
			}
			if got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
			if c.want != "" && math.Abs(alerts[0].KW-c.kw) > 0.12*c.kw {
				t.Errorf("estimated %.2f kW [%.2f, %.2f], want %.2f", alerts[0].KW, alerts[0].Low, alerts[0].High, c.kw)
			}
		})
	}
}

func TestStream_AHomeUnderTheWrongTransformerIsARecordAndNoTheft(t *testing.T) {
	w := newWorld()
	w.really = map[string]string{"T0-H05": "T1", "T1-H07": "T0"}
	e := w.play(t, 30)
	if len(e.Alerts()) != 0 {
		t.Errorf("alerts %v, want none", e.Alerts())
	}
	found := map[string]bool{}
	for _, n := range e.Notices() {
		found[n.Target] = true
	}
	if diff := gocmp.Diff(map[string]bool{"T0-H05": true, "T1-H07": true}, found); diff != "" {
		t.Error(diff)
	}
}

func TestStream_TheFirstHalfGivesTheAlertsOfThatHalf(t *testing.T) {
	w := newWorld()
	w.tap = func(node string, i int) float64 {
		switch {
		case node == "T0" && i > 16*48:
			return 5
		case node == "T1" && i > 25*48:
			return 9
		}
		return 0
	}
	w.load = func(id string, i int) float64 {
		if id == "SITE" && i > 12*48 {
			return 8
		}
		return 0
	}
	half, whole := w.play(t, 22).Alerts(), w.play(t, 44).Alerts()
	until := begin.AddDate(0, 0, 22)
	var first []Alert
	for _, a := range whole {
		if !a.RaisedAt.After(until) {
			first = append(first, a)
		}
	}
	if len(half) < 2 || len(whole) <= len(half) {
		t.Fatalf("%d alerts of the half and %d of the whole: the test shows nothing", len(half), len(whole))
	}
	if diff := gocmp.Diff(first, half); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkPush is one reading through all rules, days closed on the way.
func BenchmarkPush(b *testing.B) {
	t := newWorld().topology
	t.Nodes, t.Meters, t.Licenses = nil, nil, nil
	for x := range 20 {
		tx := fmt.Sprintf("T%02d", x)
		t.Nodes = append(t.Nodes, Node{ID: tx, Kind: Transformer, KVA: 160})
		t.Meters = append(t.Meters, Meter{ID: "M-" + tx, Node: tx, Side: "MV", Class: "0.5S"})
		for k := range 49 {
			id := fmt.Sprintf("%s-%d", tx, k)
			t.Nodes = append(t.Nodes, Node{ID: id, Kind: Connection, Parent: tx})
			t.Meters = append(t.Meters, Meter{ID: id, Node: id, Tariff: "residential", Class: "1"})
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	e, err := New(t)
	if err != nil {
		b.Fatal(err)
	}
	register := make([]float64, len(t.Meters))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m := i % len(t.Meters)
		kw := 0.5 + r.Float64()
		if m%50 == 0 {
			kw = 50
		}
		register[m] += kw / 2
		e.Push(m, begin.Unix()+int64(i/len(t.Meters))*halfHour, kw, register[m])
		i++
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "readings/s")
}

func TestStream_WhatComesToASettledMastIsFound(t *testing.T) {
	for rigs, want := range map[float64]string{0: "", 30: "T0-H03 added_load C"} {
		w := newWorld()
		for i := range w.topology.Meters {
			if m := &w.topology.Meters[i]; m.ID == "T0-H03" {
				m.Tariff, m.Activity = "commercial", "telecom"
			}
		}
		mast, more := since(8, 30), since(40, rigs)
		w.shown = func(m string, i int, kw float64) float64 {
			if m == "T0-H03" && mast(i) == 0 {
				return 0 // not connected yet
			}
			return kw
		}
		w.load = func(m string, i int) float64 {
			if m == "T0-H03" {
				return mast(i) + more(i)
			}
			return 0
		}
		got := ""
		for _, a := range w.play(t, 50).Alerts() {
			got += a.Target + " " + a.Rule + " " + string(a.Tier)
		}
		if got != want {
			t.Errorf("%.0f kW more at a mast that was connected on day 8 gave %q, want %q", rigs, got, want)
		}
	}
}

package stream

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shop makes one customer of the world a business with a load that varies.
func (w *world) shop(id string, mean float64) {
	for i := range w.topology.Meters {
		if m := &w.topology.Meters[i]; m.ID == id {
			m.Tariff, m.Activity, m.Class = "commercial", "shop", "0.5S"
		}
	}
	r := rand.New(rand.NewPCG(8, 8))
	before := w.load
	w.load = func(m string, i int) float64 {
		kw := 0.0
		if before != nil {
			kw = before(m, i)
		}
		if m == id {
			kw += mean * (1 + 0.5*math.Sin(float64(i%48)/48*2*math.Pi) + 0.3*r.NormFloat64())
		}
		return kw
	}
}

// shows makes the meter of a customer show something else than flows.
func (w *world) shows(id string, f func(i int, kw float64) float64) {
	w.shown = func(m string, i int, kw float64) float64 {
		if m == id {
			return f(i, kw)
		}
		return kw
	}
}

func notes(e *Engine) string {
	var out []string
	for _, n := range e.Notices() {
		out = append(out, n.Target+" "+n.Kind)
	}
	return strings.Join(out, ";")
}

func TestDoubts_AWrongRatioIsNotedAndAccusesNobody(t *testing.T) {
	for _, factor := range []float64{2, 0.5, 1.25, 1. / 3, 4. / 3} {
		w := newWorld()
		w.shop("T0-H03", 15)
		w.shows("T0-H03", func(_ int, kw float64) float64 { return kw / factor })
		e := w.play(t, 30)
		if len(e.Alerts()) > 0 {
			t.Errorf("a ratio wrong by %.2f: alert %s %s %.1f kW", factor, e.Alerts()[0].Target, e.Alerts()[0].Rule, e.Alerts()[0].KW)
		}
		if got := notes(e); got != "T0-H03 ct_ratio" {
			t.Fatalf("a ratio wrong by %.2f: notes %q", factor, got)
		}
		if n := e.Notices()[0]; math.Abs(n.Value/factor-1) > 0.001 {
			t.Errorf("factor %.3f, want %.3f", n.Value, factor)
		}
	}
}

func TestDoubts_ATapBesideAWrongRatioIsStillFound(t *testing.T) {
	w := newWorld()
	w.shop("T0-H03", 15)
	w.shows("T0-H03", func(_ int, kw float64) float64 { return kw / 2 })
	tap := since(20, 6.6)
	w.tap = func(node string, i int) float64 {
		if node == "T0" {
			return tap(i)
		}
		return 0
	}
	e := w.play(t, 32)
	if a := e.Alerts(); len(a) != 1 || a[0].Target != "T0" || a[0].Rule != "balance_rise" || math.Abs(a[0].KW-6.6) > 0.7 {
		t.Errorf("alerts %+v, want the tap of 6.6 kW alone", a)
	}
	if got := notes(e); got != "T0-H03 ct_ratio" {
		t.Errorf("notes %q", got)
	}
}

func TestDoubts_AClockOfTenMinutesAndOneOfAnHourAreNoted(t *testing.T) {
	for _, seconds := range []float64{600, -600, 3600, 5 * 3600} {
		w := newWorld()
		w.shop("T0-H03", 15)
		// What the meter says of an interval is what flowed some seconds before.
		past := make([]float64, 0, 30*48)
		w.shows("T0-H03", func(_ int, kw float64) float64 {
			past = append(past, kw)
			k := len(past) - 1
			ago := func(n int) float64 { return past[max(0, k-n)] }
			if whole := int(seconds / halfHour); whole > 0 {
				return ago(whole)
			}
			return ago(0) + (ago(1)-ago(0))*math.Max(0, seconds)/halfHour
		})
		if seconds < 0 { // the others are late instead: the head and all homes see it so
			w = lateShop(-seconds)
		}
		e := w.play(t, 30)
		if len(e.Alerts()) > 0 {
			t.Errorf("%+.0f s: alert %s %s", seconds, e.Alerts()[0].Target, e.Alerts()[0].Rule)
		}
		if got := notes(e); !strings.HasPrefix(got, "T0-H03 clock_skew") || strings.Count(got, ";") > 0 {
			t.Fatalf("%+.0f s: notes %q", seconds, got)
		}
		if n := e.Notices()[0]; math.Abs(n.Value-seconds) > 0.2*math.Abs(seconds) {
			t.Errorf("clock of %+.0f s, want %+.0f", n.Value, seconds)
		}
	}
}

// lateShop is a shop whose meter says of an interval what flows some seconds after: its
// load is known ahead.
func lateShop(seconds float64) world {
	w := newWorld()
	w.shop("T0-H03", 15)
	load := w.load
	ahead := map[int]float64{}
	at := func(i int) float64 {
		if _, known := ahead[i]; !known {
			ahead[i] = load("T0-H03", i)
		}
		return ahead[i]
	}
	w.load = func(m string, i int) float64 {
		if m == "T0-H03" {
			return at(i)
		}
		return 0
	}
	w.shows("T0-H03", func(i int, kw float64) float64 { return kw + (at(i+1)-at(i))*seconds/halfHour })
	return w
}

func TestDoubts_ARegisterThatCountsOtherThanThePowerIsNoted(t *testing.T) {
	for _, c := range []struct {
		share float64
		want  string
	}{{1, ""}, {0.985, ""}, {0.7, "T0-H03 counter_power"}, {1.4, "T0-H03 counter_power"}} {
		w := newWorld()
		e, err := New(w.topology)
		if err != nil {
			t.Fatal(err)
		}
		register := 0.0
		for i := range 10 * 48 {
			kw := 1 + float64(i%5)
			register += kw / 2 * c.share
			e.Push(e.Meter("T0-H03"), begin.Unix()+int64(i)*halfHour, kw, register)
		}
		e.Finish(begin.AddDate(0, 0, 10).Unix())
		if got := notes(e); got != c.want {
			t.Errorf("%.3f of the power: notes %q, want %q", c.share, got, c.want)
		}
	}
}

func TestDoubts_ReadingsThatAreMissingEveryNightAreNotedAndChanceIsNot(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 3))
	for _, c := range []struct {
		name    string
		missing func(i int) bool
		want    string
	}{
		{"every night", func(i int) bool { return i%48 >= 44 || i%48 < 8 }, "T0-H03 missing_pattern"},
		{"three of ten", func(int) bool { return r.Float64() < 0.3 }, ""},
		{"two days", func(i int) bool { return i/48 == 4 || i/48 == 5 }, ""},
	} {
		w := newWorld()
		e, err := New(w.topology)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 12 * 48 {
			if !c.missing(i) {
				e.Push(e.Meter("T0-H03"), begin.Unix()+int64(i)*halfHour, 1+float64(i%5)/5, math.NaN())
			}
		}
		e.Finish(begin.AddDate(0, 0, 12).Unix())
		got := ""
		for _, n := range e.Notices() {
			if n.Target == "T0-H03" {
				got += fmt.Sprintf("%s %s", n.Target, n.Kind)
			}
		}
		if got != c.want {
			t.Errorf("%s: notes %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDoubts_GoOnFromACheckpoint(t *testing.T) {
	w := newWorld()
	w.shop("T0-H03", 15)
	w.shows("T0-H03", func(_ int, kw float64) float64 { return kw / 2 })
	straight := w.play(t, 26)
	w = newWorld()
	w.shop("T0-H03", 15)
	w.shows("T0-H03", func(_ int, kw float64) float64 { return kw / 2 })
	w.interrupt = func(e *Engine, i int) *Engine {
		if i%250 != 249 {
			return e
		}
		saved, err := e.Checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Restore(w.topology, saved)
		if err != nil {
			t.Fatal(err)
		}
		return again
	}
	if diff := cmp.Diff(straight.Notices(), w.play(t, 26).Notices()); diff != "" || len(straight.Notices()) != 1 {
		t.Errorf("%d notes; %s", len(straight.Notices()), diff)
	}
}

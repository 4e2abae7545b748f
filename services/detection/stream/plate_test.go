package stream

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// plated gives the shop of a world transformers of 200/5 A by the register.
func (w *world) plated(id string) {
	for i := range w.topology.Meters {
		if m := &w.topology.Meters[i]; m.ID == id {
			m.CT = 40
		}
	}
}

func saysOf(e *Engine) (out string) {
	for _, n := range e.Notices() {
		out += fmt.Sprintf("%s %s %.0f/%.0f;", n.Target, n.Kind, 5*n.Plate, 5*n.Fits)
	}
	for _, a := range e.Alerts() {
		out += a.Target + " " + a.Rule + ";"
	}
	return out
}

func TestPlate_TransformersThatWereExchangedAreToldWithBothRatiosAndAccuseNobody(t *testing.T) {
	for _, c := range []struct {
		name   string
		factor float64 // of what flows
		plate  bool
		want   string
	}{
		{"twice as large", 0.5, true, "T0-H03 ct_ratio 200/400;"},
		{"three quarters", 4. / 3, true, "T0-H03 ct_ratio 200/150;"},
		{"half", 2, true, "T0-H03 ct_ratio 200/100;"},
		{"no usual ratio", 0.575, true, "T0 balance_rise;"},
		{"no ratio in the register", 0.5, false, "T0 balance_rise;"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			w.shop("T0-H03", 15)
			if c.plate {
				w.plated("T0-H03")
			}
			w.shows("T0-H03", func(i int, kw float64) float64 {
				if i >= 18*48+20 {
					return c.factor * kw
				}
				return kw
			})
			if got := saysOf(w.play(t, 32)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestPlate_ATapAfterAnExchangeIsFoundWithItsOwnPower(t *testing.T) {
	w := newWorld()
	w.shop("T0-H03", 15)
	w.plated("T0-H03")
	w.shows("T0-H03", func(i int, kw float64) float64 {
		if i >= 18*48+20 {
			return kw / 2
		}
		return kw
	})
	tap := since(28, 6.6)
	w.tap = func(node string, i int) float64 {
		if node == "T0" {
			return tap(i)
		}
		return 0
	}
	straight := w.play(t, 40)
	if a := straight.Alerts(); len(a) != 1 || a[0].Rule != "balance_rise" || math.Abs(a[0].KW-6.6) > 0.8 {
		t.Errorf("got %s, want the tap of 6.6 kW", saysOf(straight))
	}
	again := newWorld()
	again.topology = w.topology
	again.shop("T0-H03", 15)
	again.shown, again.tap = w.shown, w.tap
	again.interrupt = func(e *Engine, i int) *Engine {
		if i%250 != 249 {
			return e
		}
		saved, err := e.Checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		next, err := Restore(w.topology, saved)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	e := again.play(t, 40)
	if diff := cmp.Diff(straight.Notices(), e.Notices()); diff != "" || saysOf(e) != saysOf(straight) {
		t.Errorf("through checkpoints: %s, want %s; %s", saysOf(e), saysOf(straight), diff)
	}
}

// alone is a business without a balance around it, with transformers of 200/5 A by the
// register until a day and of ratio after it.
func alone(t *testing.T, shown func(i int, kw float64) float64, ratio float64, day int) *Engine {
	t.Helper()
	top := func(ct float64) Topology {
		return Topology{Start: begin, Step: 30 * time.Minute, Nodes: []Node{{ID: "T", Kind: Transformer, KVA: 400}, {ID: "B", Kind: Connection, Parent: "T"}},
			Meters: []Meter{{ID: "B", Node: "B", Tariff: "commercial", Activity: "shop", Class: "0.5S", CT: ct}}}
	}
	e, err := New(top(40))
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(6, 6))
	for i := range 40 * 48 {
		if i == day*48+24 && ratio != 40 {
			saved, err := e.Checkpoint()
			if err != nil {
				t.Fatal(err)
			}
			if e, err = Restore(top(ratio), saved); err != nil {
				t.Fatal(err)
			}
		}
		kw := 4.0
		if h, d := i%48, i/48%7; h >= 16 && h < 40 && d < 6 {
			kw = 20 + 4*math.Sin(float64(h))
		}
		e.Push(0, begin.Unix()+int64(i)*halfHour, shown(i, kw*(1+0.08*r.NormFloat64())), math.NaN())
	}
	e.Finish(begin.AddDate(0, 0, 40).Unix())
	return e
}

func TestPlate_WithoutABalanceTheLoadItselfTellsThatItWasMultiplied(t *testing.T) {
	from := func(i int, before, after float64) float64 {
		if i >= 20*48+24 {
			return after
		}
		return before
	}
	for _, c := range []struct {
		name  string
		shown func(i int, kw float64) float64
		ratio float64
		want  string
	}{
		{"half", func(i int, kw float64) float64 { return from(i, kw, kw/2) }, 40, "B ct_ratio 200/400"},
		{"four thirds", func(i int, kw float64) float64 { return from(i, kw, kw*4/3) }, 40, "B ct_ratio 200/150"},
		{"and the register follows on that day", func(i int, kw float64) float64 { return from(i, kw, kw/2) }, 80, ""},
		{"a second machine by day", func(i int, kw float64) float64 {
			if kw > 10 {
				return from(i, kw, kw+20)
			}
			return kw
		}, 40, ""},
		{"a load day and night", func(i int, kw float64) float64 { return from(i, kw, kw+15) }, 40, ""},
		{"business that grows", func(i int, kw float64) float64 { return kw * (1 + math.Max(0, float64(i/48)-10)/30) }, 40, ""},
		{"no usual ratio", func(i int, kw float64) float64 { return from(i, kw, kw*0.575) }, 40, ""},
		{"nothing", func(_ int, kw float64) float64 { return kw }, 40, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			for _, n := range alone(t, c.shown, c.ratio, 20).Notices() {
				got += fmt.Sprintf("%s %s %.0f/%.0f", n.Target, n.Kind, 5*n.Plate, 5*n.Fits)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

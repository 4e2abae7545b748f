package stream

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// town is ten transformers of 25 homes with a shop each, a workshop and two licensed
// sites, in a spring: some homes are heated, readings are missing, and all kinds of
// causes begin on days of their own. What happens on a day depends on the seed and
// that day alone.
type town struct {
	topology Topology
	seed     uint64
	shop     map[string]float64 // its usual load, kW
	heated   map[string]float64 // kW per degree
	begins   map[string]cause
}

// cause is what is added to a load, to a transformer ahead of its meters, or to a
// meter's share of the truth, from a day on.
type cause struct {
	day  int
	kw   float64
	kind string // load, night, tap, scaled, zeroed
}

const townDays = 56

func newTown(seed uint64) town {
	r := rand.New(rand.NewPCG(seed, 1))
	w := town{topology: Topology{Start: begin, Step: 30 * time.Minute}, seed: seed, shop: map[string]float64{}, heated: map[string]float64{}, begins: map[string]cause{}}
	t := &w.topology
	kinds := []string{"tap", "load", "night", "scaled", "zeroed", "tap", "load", "tap", "scaled", "load"}
	for x := range 10 {
		tx := fmt.Sprintf("T%02d", x)
		t.Nodes = append(t.Nodes, Node{ID: tx, Kind: Transformer, KVA: 250})
		t.Meters = append(t.Meters, Meter{ID: "M-" + tx, Node: tx, Side: "MV", Class: "0.5S"})
		add := func(id, tariff, activity string) {
			t.Nodes = append(t.Nodes, Node{ID: id, Kind: Connection, Parent: tx})
			t.Meters = append(t.Meters, Meter{ID: id, Node: id, Tariff: tariff, Activity: activity, Class: "1"})
		}
		for k := range 25 {
			id := fmt.Sprintf("%s-H%02d", tx, k)
			add(id, "residential", "household")
			if r.Float64() < 0.15 {
				w.heated[id] = 0.1 + 0.2*r.Float64()
			}
		}
		add(tx+"-SHOP", "commercial", "business")
		w.shop[tx+"-SHOP"] = 4 + 10*r.Float64()
		target := tx
		if kinds[x] != "tap" {
			target = fmt.Sprintf("%s-H%02d", tx, r.IntN(25))
		}
		w.begins[target] = cause{day: r.IntN(townDays - 6), kw: 3.3 * float64(1+r.IntN(6)), kind: kinds[x]}
	}
	for k, day := range []int{18, 40} {
		id := fmt.Sprintf("SITE%d", k)
		t.Nodes = append(t.Nodes, Node{ID: id, Kind: Connection, Parent: "T09"})
		t.Meters = append(t.Meters, Meter{ID: id, Node: id, Tariff: "licensed_mining", Activity: "mining", Class: "0.5S"})
		t.Licenses = append(t.Licenses, License{Node: id, Status: "active", ApprovedKW: 40, From: begin}, License{Node: id, Status: "suspended", ApprovedKW: 40, From: begin.AddDate(0, 0, day)})
		w.shop[id] = 36
	}
	for k, day := range []int{15, 33} {
		t.Changes = append(t.Changes, Change{Node: fmt.Sprintf("T0%d-H03", k+1), From: fmt.Sprintf("T0%d", k+1), To: "T06", Effective: begin.AddDate(0, 0, day), Recorded: begin.AddDate(0, 0, day+6)})
	}
	return w
}

// known is what a registry knows by a day: later switching and later licenses are not
// in it.
func (w town) known(days int) Topology {
	t, until := w.topology, begin.AddDate(0, 0, days)
	t.Changes = slices.DeleteFunc(slices.Clone(t.Changes), func(c Change) bool { return c.Recorded.After(until) })
	t.Licenses = slices.DeleteFunc(slices.Clone(t.Licenses), func(l License) bool { return l.From.After(until) })
	return t
}

// play pushes so many days into an engine that knows no more than they tell.
func (w town) play(t *testing.T, days int) *Engine {
	t.Helper()
	e, err := New(w.known(days))
	if err != nil {
		t.Fatal(err)
	}
	parent := map[string]string{}
	for _, n := range w.topology.Nodes {
		parent[n.ID] = n.Parent
	}
	register := map[string]float64{}
	for day := range days {
		r := rand.New(rand.NewPCG(w.seed, uint64(1000+day)))
		cold := 18 - (2 + 14*float64(day)/townDays + 3*r.NormFloat64())
		for b := range 48 {
			at := begin.Unix() + int64(day*48+b)*halfHour
			e.Weather(at, 18-cold)
			sum := map[string]float64{}
			for _, m := range w.topology.Meters {
				if m.Side != "" {
					continue
				}
				kw := w.load(m.ID, day, b, cold, r)
				tx := parent[m.ID]
				for _, c := range w.topology.Changes {
					if c.Node == m.ID && day >= int(c.Effective.Sub(begin).Hours()/24) {
						tx = c.To
					}
				}
				sum[tx] += kw
				w.push(e, register, m.ID, at, w.shown(m.ID, day, kw), r.Float64() < 0.005)
			}
			for x := range 10 {
				tx := fmt.Sprintf("T%02d", x)
				kw := sum[tx]
				if c := w.begins[tx]; c.kind == "tap" && day >= c.day {
					kw += c.kw
				}
				w.push(e, register, "M-"+tx, at, kw+0.45+0.02*kw*kw/250+0.02*r.NormFloat64(), r.Float64() < 0.005)
			}
		}
	}
	e.Finish(begin.Unix() + int64(days)*86400)
	return e
}

// load is what a customer takes in a half hour.
func (w town) load(id string, day, b int, cold float64, r *rand.Rand) float64 {
	hour := float64(b) / 2
	kw := 0.2 + 0.4*math.Exp(-sq(hour-19)/8) + 0.5*r.ExpFloat64()*r.Float64() + w.heated[id]*math.Max(0, cold)
	if usual, is := w.shop[id]; is {
		kw = usual * (1 + 0.05*r.NormFloat64())
		if usual < 30 && (hour < 8 || hour >= 20) {
			kw *= 0.3
		}
	}
	if c := w.begins[id]; c.kind != "" && day >= c.day && (c.kind != "night" || hour >= 22 || hour < 7) {
		kw += c.kw * (1 + 0.005*r.NormFloat64())
	}
	return kw
}

// shown is what the meter of a customer shows of it.
func (w town) shown(id string, day int, kw float64) float64 {
	c := w.begins[id]
	switch {
	case day < c.day:
	case c.kind == "scaled":
		return 0.4 * kw
	case c.kind == "zeroed":
		return 0
	}
	return kw
}

func (w town) push(e *Engine, register map[string]float64, id string, at int64, kw float64, lost bool) {
	register[id] += kw / 2
	if lost {
		return
	}
	e.Push(e.Meter(id), at, kw, math.Round(register[id]*100)/100)
}

func TestStream_APartOfTheReadingsOfATownGivesTheAlertsAndNotesOfThatPart(t *testing.T) {
	for seed := range uint64(2) {
		w := newTown(seed + 1)
		whole := w.play(t, townDays)
		if n := len(whole.Alerts()); n < 8 {
			t.Fatalf("%d alerts in all: the test shows nothing", n)
		}
		for _, days := range []int{19, townDays / 2, 45} {
			part := w.play(t, days)
			until := begin.AddDate(0, 0, days)
			alerts := slices.DeleteFunc(slices.Clone(whole.Alerts()), func(a Alert) bool { return a.RaisedAt.After(until) })
			notes := slices.DeleteFunc(slices.Clone(whole.Notices()), func(n Notice) bool { return n.At.After(until) })
			if diff := cmp.Diff(alerts, part.Alerts(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("seed %d, %d days: alerts of the whole (-) and of the part (+) differ:\n%s", seed, days, diff)
			}
			if diff := cmp.Diff(notes, part.Notices(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("seed %d, %d days: notes differ:\n%s", seed, days, diff)
			}
		}
	}
}

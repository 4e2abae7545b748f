package stream

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// busy is a world in which something of every kind happens.
func busy() world {
	w := newWorld()
	home, shop, tap, over := since(14, 7), since(16, 9), since(15, 12), since(20, 4)
	w.load = func(m string, i int) float64 {
		switch m {
		case "T0-H03":
			return home(i)
		case "T1-H05":
			return shop(i)
		case "SITE":
			return over(i)
		}
		return 0
	}
	w.tap = func(node string, i int) float64 {
		if node == "T0" {
			return tap(i)
		}
		return 0
	}
	return w
}

func TestCheckpoint_GoesOnAsIfNothingHadHappenedWhereverItIsTaken(t *testing.T) {
	w := busy()
	const days = 30
	straight := w.play(t, days)
	if len(straight.Alerts()) < 3 || len(straight.Causes()) < 2 {
		t.Fatalf("the control finds %d alerts and %d causes", len(straight.Alerts()), len(straight.Causes()))
	}
	r := rand.New(rand.NewPCG(3, 4))
	breaks := map[int]bool{}
	for range 6 {
		breaks[r.IntN(days*48)] = true
	}
	w.interrupt = func(e *Engine, i int) *Engine {
		if !breaks[i] {
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
	broken := w.play(t, days)
	if diff := cmp.Diff(straight.Alerts(), broken.Alerts(), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("alerts differ (-straight +restored):\n%s", diff)
	}
	if diff := cmp.Diff(straight.Causes(), broken.Causes(), cmpopts.EquateNaNs(), cmp.AllowUnexported(Cause{})); diff != "" {
		t.Errorf("causes differ (-straight +restored):\n%s", diff)
	}
	one, err := straight.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	two, err := broken.Checkpoint()
	if err != nil || string(one) != string(two) {
		t.Errorf("the states differ in the end (%d and %d bytes), %v", len(one), len(two), err)
	}
	// The control: an engine that forgot what was before is another.
	w.interrupt = func(e *Engine, i int) *Engine {
		if i == 10*48 {
			if e, err = New(w.topology); err != nil {
				t.Fatal(err)
			}
		}
		return e
	}
	if cmp.Equal(straight.Alerts(), w.play(t, days).Alerts(), cmpopts.EquateNaNs()) {
		t.Error("an engine that begins anew raises the same: the test proves nothing")
	}
}

func TestCheckpoint_MetersMayComeAndGo(t *testing.T) {
	w := busy()
	saved, err := w.play(t, 20).Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	more := w.topology
	more.Nodes = append(append([]Node(nil), more.Nodes[1:]...), more.Nodes[0], Node{ID: "NEW", Kind: Connection, Parent: "T1"})
	more.Meters = append(append([]Meter(nil), more.Meters[3:]...), Meter{ID: "NEW", Node: "NEW", Class: "1"}, more.Meters[0])
	e, err := Restore(more, saved)
	if err != nil {
		t.Fatal(err)
	}
	if m, ok := e.Model("T0-H10"); !ok || m.Node != "T0" {
		t.Errorf("a customer's balance is %+v, %v", m, ok)
	}
	if e.Days() != 20 || e.Meter("NEW") < 0 || e.Meter("T0-H00") >= 0 {
		t.Errorf("day %d, new meter %d, gone meter %d", e.Days(), e.Meter("NEW"), e.Meter("T0-H00"))
	}
	for i := range saved {
		if i%997 == 0 {
			if _, err := Restore(more, saved[:i]); err == nil {
				t.Fatalf("%d of %d bytes were taken for a checkpoint", i, len(saved))
			}
		}
	}
	saved[0]++
	if _, err := Restore(more, saved); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("a checkpoint of another form gave %v", err)
	}
}

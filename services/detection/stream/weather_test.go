package stream

import (
	"testing"
	"time"
)

// TestStream_AnAlertSaysOfHowManyDaysTheTemperatureWasKnown, and a checkpoint keeps it.
func TestStream_AnAlertSaysOfHowManyDaysTheTemperatureWasKnown(t *testing.T) {
	grid := Topology{Start: begin, Step: 30 * time.Minute, Nodes: []Node{{ID: "T", Kind: Transformer, KVA: 160}, {ID: "H", Kind: Connection, Parent: "T"}},
		Meters: []Meter{{ID: "H", Node: "H", Tariff: "residential", Class: "1"}}}
	for every, want := range map[int]float64{0: 0, 1: 1, 2: 0.5} { // every how manyth day is known
		e, err := New(grid)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 30 * 48 {
			at := begin.Unix() + int64(i)*halfHour
			if day := i / 48; every > 0 && day%every == 0 {
				e.Weather(at, 5)
			}
			kw := 0.4 + 0.1*float64(i%7)/7
			if i >= 20*48 {
				kw += 6.6
			}
			e.Push(e.Meter("H"), at, kw, nan)
		}
		e.Finish(begin.Unix() + 30*86400)
		state, err := e.Checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		if e, err = Restore(grid, state); err != nil {
			t.Fatal(err)
		}
		if len(e.Alerts()) != 1 {
			t.Fatalf("known every %d days: %d alerts, want 1", every, len(e.Alerts()))
		}
		if got := e.Alerts()[0].Weather; got < want-0.03 || got > want+0.03 {
			t.Errorf("known every %d days: the alert says %.2f, want %.2f", every, got, want)
		}
	}
}

package stream

import (
	"fmt"
	"runtime"
	"testing"
	"time"
)

// homesOf is a grid of so many homes, fifty to a transformer.
func homesOf(n int) Topology {
	t := Topology{Start: begin, Step: 30 * time.Minute}
	for k := range n {
		tx := fmt.Sprintf("T%03d", k/50)
		if k%50 == 0 {
			t.Nodes = append(t.Nodes, Node{ID: tx, Kind: Transformer, KVA: 160})
			t.Meters = append(t.Meters, Meter{ID: "M-" + tx, Node: tx, Side: "MV", Class: "0.5S"})
		}
		id := fmt.Sprintf("%s-%d", tx, k)
		t.Nodes = append(t.Nodes, Node{ID: id, Kind: Connection, Parent: tx})
		t.Meters = append(t.Meters, Meter{ID: id, Node: id, Tariff: "residential", Class: "1"})
	}
	return t
}

// held is the memory that an engine holds after so many days, in bytes.
func held(tb testing.TB, homes, days int) float64 {
	tb.Helper()
	t := homesOf(homes)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	e, err := New(t)
	if err != nil {
		tb.Fatal(err)
	}
	register := make([]float64, len(t.Meters))
	for i := range days * 48 {
		for m := range t.Meters {
			kw := 0.3 + 0.1*float64((i*7+m*13)%11)/11
			if t.Meters[m].Side != "" {
				kw = 50 * 0.35
			}
			register[m] += kw / 2
			e.Push(m, begin.Unix()+int64(i)*halfHour, kw, register[m])
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(e)
	runtime.KeepAlive(register)
	return float64(after.HeapAlloc) - float64(before.HeapAlloc)
}

func TestStream_MemoryGrowsWithMetersAndNotWithReadings(t *testing.T) {
	short, long, twice := held(t, 200, 8), held(t, 200, 40), held(t, 400, 8)
	if long > 1.1*short {
		t.Errorf("%.0f kB after 8 days and %.0f kB after 40: the readings are kept", short/1024, long/1024)
	}
	if r := twice / short; r < 1.7 || r > 2.3 {
		t.Errorf("twice the homes hold %.2f times the memory, want twice", r)
	}
}

// BenchmarkMemory tells how many bytes an engine holds for a meter.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		b.ReportMetric(held(b, 2000, 3)/2040, "B/meter")
	}
}

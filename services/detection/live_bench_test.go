package detection

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"rigistry/services/detection/stream"
)

// BenchmarkLive_TenThousandMeters measures the CPU time that the state of 10,000
// meters costs for a day of quarter hours, with the checkpoint of the day, as a share
// of one core. Meters at 10 s cost the same: detection reads their quarter hours.
func BenchmarkLive_TenThousandMeters(b *testing.B) {
	const meters, feeders = 10_000, 100
	t := stream.Topology{Start: monday, Step: step}
	for f := range feeders {
		id := fmt.Sprintf("F%d", f)
		t.Nodes = append(t.Nodes, stream.Node{ID: id, Kind: stream.Transformer, KVA: 400})
		t.Meters = append(t.Meters, stream.Meter{ID: "M" + id, Node: id, Side: "MV", Class: "0.5S"})
		for k := range meters / feeders {
			p := fmt.Sprintf("%s-%d", id, k)
			t.Nodes = append(t.Nodes, stream.Node{ID: p, Kind: stream.Connection, Parent: id})
			t.Meters = append(t.Meters, stream.Meter{ID: p, Node: p, Tariff: "residential", Activity: "household", Class: "1"})
		}
	}
	e, err := stream.New(t)
	if err != nil {
		b.Fatal(err)
	}
	at := monday.Unix()
	day := func() int {
		for range perDay {
			for m := range t.Meters {
				kw := 0.3 + float64((int(at/900)*7+m*13)%11)/20
				if t.Meters[m].Side != "" {
					kw = 0.55 * meters / feeders
				}
				e.Push(m, at, kw, nan)
			}
			at += int64(step / time.Second)
		}
		e.Finish(at)
		state, err := e.Checkpoint()
		if err == nil {
			state, err = pack(state)
		}
		if err != nil {
			b.Fatal(err)
		}
		return len(state)
	}
	for range 16 {
		day()
	}
	runtime.GC()
	size, before := 0, cpu(b)
	b.ResetTimer()
	for range b.N {
		size = day()
	}
	b.StopTimer()
	spent := cpu(b) - before
	b.ReportMetric(100*spent.Seconds()/float64(b.N)/86400, "%core")
	b.ReportMetric(float64(size)/1e6, "MB/checkpoint")
}

// cpu is the CPU time of the process.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

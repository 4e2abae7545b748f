package metering

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// handPoll polls n meters by hand in an interval, each in its own phase, until
// stop is closed.
func handPoll(p park, n int, interval time.Duration, reads *atomic.Int64, stop <-chan struct{}) *sync.WaitGroup {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			next := nextSlot(time.Now(), strconv.Itoa(i), interval) // spread as ours are
			timer := time.NewTimer(time.Until(next))
			defer timer.Stop()
			var (
				c      net.Conn
				id     uint16
				values [len(sdmPoints)]float64
				err    error
			)
			for {
				select {
				case <-stop:
					if c != nil {
						_ = c.Close()
					}
					return
				case <-timer.C:
				}
				if c == nil {
					if c, err = net.Dial("tcp", p.host(i)); err != nil {
						c = nil
					}
				}
				if c != nil {
					if err = handRead(c, 1, &id, &values); err == nil {
						reads.Add(1)
					}
				}
				if next = next.Add(interval); time.Until(next) < 0 {
					next = time.Now()
				}
				timer.Reset(time.Until(next))
			}
		})
	}
	return &all
}

// cost is what polling took of this process.
type cost struct {
	perRead time.Duration
	reads   int64
	memory  int64 // heap and stacks of a meter, in bytes
}

// watchCost measures a poller that runs, from when it has read every meter twice.
func watchCost(n int, before uint64, measure time.Duration, reads func() int64) cost {
	wait := time.NewTicker(10 * time.Millisecond)
	defer wait.Stop()
	for reads() < 2*int64(n) {
		<-wait.C
	}
	began, first := cpu(), reads()
	for end := time.Now().Add(measure); time.Now().Before(end); {
		<-wait.C
	}
	out := cost{reads: reads() - first}
	if out.reads > 0 {
		out.perRead = (cpu() - began) / time.Duration(out.reads)
	}
	out.memory = int64(memoryInUse()-before) / int64(n)
	return out
}

func memoryInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

func measureHand(p park, n int, interval, measure time.Duration) cost {
	before := memoryInUse()
	var reads atomic.Int64
	stop := make(chan struct{})
	all := handPoll(p, n, interval, &reads, stop)
	out := watchCost(n, before, measure, reads.Load)
	close(stop)
	all.Wait()
	return out
}

func measureOurs(b *testing.B, p park, n int, interval, measure time.Duration) cost {
	before := memoryInUse()
	c := NewCollector(p.meters(n, 1, interval), func(_ context.Context, batch Batch) error {
		for i := range batch.Readings {
			if batch.Readings[i].Values.Len() != len(sdmPoints) {
				b.Errorf("a reading of %d values, quality %s", batch.Readings[i].Values.Len(), batch.Readings[i].Quality)
			}
		}
		return nil
	}, time.Now, slog.New(slog.DiscardHandler))
	c.dialling.every = 0 // what is measured begins when all are connected
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = c.Run(ctx)
	}()
	out := watchCost(n, before, measure, func() int64 { return c.Lags().Polls })
	cancel()
	<-done
	return out
}

func median[T interface{ ~int64 | ~float64 }](of []T) T {
	slices.Sort(of)
	return of[len(of)/2]
}

// BenchmarkPoll compares a collector, with decoding, quality and batches, with the
// minimal loop, in turns, both at 5,000 reads a second.
func BenchmarkPoll(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		b.Run(fmt.Sprintf("meters=%d", n), func(b *testing.B) {
			interval := time.Duration(n) * time.Second / 5000
			p := park{}.start(b)
			var hand, ours []cost
			for b.Loop() {
				for range 3 {
					hand = append(hand, measureHand(p, n, interval, 3*time.Second))
					ours = append(ours, measureOurs(b, p, n, interval, 3*time.Second))
				}
			}
			pick := func(of []cost, f func(cost) int64) float64 {
				var all []int64
				for _, c := range of {
					all = append(all, f(c))
				}
				return float64(median(all))
			}
			cpuOf := func(c cost) int64 { return int64(c.perRead) }
			memoryOf := func(c cost) int64 { return c.memory }
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(pick(ours, cpuOf)/1e5, "cpu-s/10k")
			b.ReportMetric(pick(hand, cpuOf)/1e5, "loop-cpu-s/10k")
			b.ReportMetric(pick(ours, cpuOf)/pick(hand, cpuOf), "x-loop-cpu")
			b.ReportMetric(pick(ours, memoryOf), "B/meter")
			b.ReportMetric(pick(hand, memoryOf), "loop-B/meter")
		})
	}
}

// parkLinks makes the links of meters without their schedules.
func parkLinks(b *testing.B, p park, n, units int) []*tested {
	b.Helper()
	c := NewCollector(nil, nil, time.Now, slog.New(slog.DiscardHandler))
	c.dialling.every = 0
	grouped, err := byEndpoint(p.meters(n, units, 10*time.Second))
	if err != nil {
		b.Fatal(err)
	}
	links := make([]*tested, 0, len(grouped))
	for endpoint, meters := range grouped {
		l := tapped(newLink(endpoint, meters, c))
		b.Cleanup(l.drop)
		links = append(links, l)
	}
	return links
}

// sweepOnce polls every unit of a link once, where due a dead one with them, and
// gives how many were read and when the last of them was.
func sweepOnce(l *tested, began, probed time.Time) (good int, last time.Duration) {
	l.lastProbe = probed
	for _, u := range l.units {
		u.breaker.until, u.next = time.Time{}, began // all are due at once
	}
	for _, u := range l.units {
		l.poll(context.Background(), u)
		for len(l.got) > 0 {
			if r := <-l.got; r.Values.Len() == len(sdmPoints) {
				good, last = good+1, time.Since(began)
			}
		}
	}
	return good, last
}

// sweepAll does so for all links at the same time. probed is when the dead were
// last asked: now, and they are left alone.
func sweepAll(links []*tested, probed time.Time) (good int, last time.Duration) {
	var (
		all   sync.WaitGroup
		mu    sync.Mutex
		began = time.Now()
	)
	for _, l := range links {
		all.Go(func() {
			n, at := sweepOnce(l, began, probed)
			mu.Lock()
			defer mu.Unlock()
			good, last = good+n, max(last, at)
		})
	}
	all.Wait()
	return good, last
}

// BenchmarkSweep reads meters that answer after 20 ms, of which 2 % are dead, all
// at once and each on its own endpoint: from the first request to the last answer
// of a living one.
func BenchmarkSweep(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		b.Run(fmt.Sprintf("meters=%d", n), func(b *testing.B) {
			p := park{Delay: 20 * time.Millisecond, DeadEvery: 50}.start(b)
			links := parkLinks(b, p, n, 1)
			sweepAll(links, time.Time{}) // opens the connections
			var ours, hand []time.Duration
			for b.Loop() {
				for range 5 {
					good, last := sweepAll(links, time.Time{})
					if want := n - n/50; good != want {
						b.Fatalf("read %d meters, want %d", good, want)
					}
					ours = append(ours, last)
				}
			}
			for _, l := range links {
				l.drop()
			}
			hand = handSweeps(b, p, n, 6)[1:]
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(ours).Seconds(), "s/sweep")
			b.ReportMetric(slices.Max(ours).Seconds(), "s/slowest")
			b.ReportMetric(median(hand).Seconds(), "loop-s/sweep")
		})
	}
}

// handSweeps is the same by hand.
func handSweeps(b *testing.B, p park, n, times int) []time.Duration {
	b.Helper()
	conns, ids := make([]net.Conn, n), make([]uint16, n)
	defer func() {
		for _, c := range conns {
			if c != nil {
				_ = c.Close()
			}
		}
	}()
	out := make([]time.Duration, times)
	for i := range out {
		var (
			all   sync.WaitGroup
			mu    sync.Mutex
			began = time.Now()
		)
		for j := range n {
			all.Go(func() {
				var values [len(sdmPoints)]float64
				if conns[j] == nil {
					conns[j], _ = net.Dial("tcp", p.host(j))
				}
				if conns[j] == nil || handRead(conns[j], 1, &ids[j], &values) != nil {
					return
				}
				took := time.Since(began)
				mu.Lock()
				defer mu.Unlock()
				out[i] = max(out[i], took)
			})
		}
		all.Wait()
	}
	return out
}

// BenchmarkGateways sweeps 100 gateways with 20 units that answer after 20 ms, one
// at a time, a fifth of them dead: 0.32 s is what the living take.
func BenchmarkGateways(b *testing.B) {
	p := park{Delay: 20 * time.Millisecond, DeadUnit: 5}.start(b)
	links := parkLinks(b, p, 2000, 20)
	var first [2]time.Duration
	for i := range first {
		_, first[i] = sweepAll(links, time.Time{})
	}
	var sweeps, floor []time.Duration
	for b.Loop() {
		for range 10 {
			good, last := sweepAll(links, time.Time{})
			if good != 1600 {
				b.Fatalf("read %d units, want 1600", good)
			}
			sweeps = append(sweeps, last)
			_, without := sweepAll(links, time.Now())
			floor = append(floor, without)
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(first[0].Seconds(), "s/first")
	b.ReportMetric(first[1].Seconds(), "s/second")
	b.ReportMetric(median(sweeps).Seconds(), "s/sweep")
	b.ReportMetric(slices.Max(sweeps).Seconds(), "s/slowest")
	b.ReportMetric(median(floor).Seconds(), "s/floor")
}

// fleet is what a process says of polling 10,000 units.
type fleet struct {
	Machine       float64 // part of the machine's processors
	RSS           int64   // MiB, the most there was
	Lags          Lags
	OK, Bad, Left int64 // readings, failed requests, and polls left out
}

// fleetFor is how long they are polled.
var fleetFor = flag.Duration("fleet", 40*time.Second, "how long BenchmarkFleet polls 10,000 units")

// pollFleet is that process.
func pollFleet(arg string) {
	var p park
	if err := json.Unmarshal([]byte(arg), &p); err != nil {
		panic(err)
	}
	var out fleet
	c := NewCollector(p.meters(10_000, 5, 10*time.Second), func(context.Context, Batch) error { return nil }, time.Now, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithTimeout(context.Background(), p.For)
	defer cancel()
	if err := c.Run(ctx); err != nil {
		panic(err)
	}
	out.Machine = float64(cpu()) / float64(p.For) / float64(runtime.NumCPU())
	out.Lags = c.Lags()
	for _, h := range c.Health() {
		out.OK, out.Bad, out.Left = out.OK+h.OK, out.Bad+h.Timeouts+h.Exceptions+h.Errors, out.Left+h.Overruns
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		panic(err)
	}
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); fields[0] == "VmHWM:" {
			kib, _ := strconv.ParseInt(fields[1], 10, 64)
			out.RSS = kib / 1024
		}
	}
	_ = json.NewEncoder(os.Stdout).Encode(out)
}

// BenchmarkFleet polls 10,000 units on 2,000 endpoints every ten seconds in a
// process of its own.
func BenchmarkFleet(b *testing.B) {
	p := park{Delay: 20 * time.Millisecond}.start(b)
	p.For = *fleetFor
	arg, err := json.Marshal(p)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		cmd := exec.Command(os.Args[0], "-test.run=^$", string(arg))
		cmd.Env = append(os.Environ(), roleEnv+"=fleet")
		cmd.Stderr = os.Stderr
		said, err := cmd.Output()
		if err != nil {
			b.Fatal(err)
		}
		var f fleet
		if err := json.Unmarshal(said, &f); err != nil {
			b.Fatal(err)
		}
		if f.Bad > 0 || f.Left > 0 || f.OK < 10_000*(int64(*fleetFor/(10*time.Second))-1) {
			b.Errorf("%d readings, %d failed requests, and %d polls were left out", f.OK, f.Bad, f.Left)
		}
		b.ReportMetric(f.Machine*100, "%machine")
		b.ReportMetric(float64(f.RSS), "MiB-rss")
		b.ReportMetric(f.Lags.P99.Seconds()*1000, "ms-lag-p99")
		b.ReportMetric(f.Lags.Max.Seconds()*1000, "ms-lag-max")
		b.ReportMetric(float64(f.OK), "reads")
	}
	b.ReportMetric(0, "ns/op")
}

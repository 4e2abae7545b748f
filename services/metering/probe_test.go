package metering

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/models"
)

// gateway is a bus of units behind one port: one request at a time, 20 ms each,
// and no answer at all from the units that are dead.
type gateway struct {
	url  string
	dead func(unit uint8) bool
	bus  sync.Mutex
	mu   sync.Mutex
	lost map[uint8]int // requests to dead units
}

func startGateway(t testing.TB, dead func(uint8) bool) *gateway {
	g := &gateway{dead: dead, lost: map[uint8]int{}}
	good := healthy(7000)
	g.url = startDevice(t, func(c net.Conn, n int, h []byte, u, fc uint8, a, q uint16) error {
		if g.dead(u) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.lost[u]++
			return nil
		}
		g.bus.Lock()
		defer g.bus.Unlock()
		timer := time.NewTimer(20 * time.Millisecond)
		<-timer.C
		return good(c, n, h, u, fc, a, q)
	}).url
	return g
}

func (g *gateway) probes() (n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, asked := range g.lost {
		n += asked
	}
	return n
}

// linkOf makes the link of a gateway's units without its schedule.
func linkOf(t testing.TB, g *gateway, units int, interval time.Duration, now func() time.Time) *tested {
	t.Helper()
	c := NewCollector(nil, nil, now, slog.New(slog.DiscardHandler))
	meters := bus(g.url, units, interval)
	grouped, err := byEndpoint(meters)
	if err != nil {
		t.Fatal(err)
	}
	l := newLink(endpointOf(g.url), grouped[endpointOf(g.url)], c)
	t.Cleanup(l.drop)
	return tapped(l)
}

// tested is a link and what it read.
type tested struct {
	*link
	got chan models.Reading
}

// tapped hands out what the link reads.
func tapped(l *link) *tested {
	out := &tested{l, make(chan models.Reading, 64)}
	l.out = func(_ context.Context, r *models.Reading) { out.got <- *r }
	return out
}

// sweep polls every unit once, dead ones whose probe is due included, and gives
// how long it took and how many readings had power.
func sweep(l *tested, probesDue bool) (took time.Duration, good int) {
	began := time.Now()
	for _, u := range l.units {
		if probesDue {
			u.breaker.until = time.Time{}
		}
		l.poll(context.Background(), u)
	}
	took = time.Since(began)
	for len(l.got) > 0 {
		if r := <-l.got; hasPower(r.Meter, 7000)(r) {
			good++
		}
	}
	return took, good
}

// The floor is the same sweep without a probe, in the same run: sixteen answers of
// 20 ms one after the other, 0.32 s. A probe may cost 0.13 s more.
func TestLink_AFifthOfAGatewayDeadCostsTheLivingOneShortProbeASweep(t *testing.T) {
	g := startGateway(t, func(u uint8) bool { return u%5 == 0 })
	l := linkOf(t, g, 20, 10*time.Second, time.Now)
	var with, without []time.Duration
	for i := range 10 {
		if probe := i%2 == 0; probe {
			l.lastProbe = time.Time{}
		}
		before := g.probes()
		took, good := sweep(l, true)
		if good != 16 {
			t.Fatalf("sweep %d: %d of the 16 living units were read", i+1, good)
		}
		asked := g.probes() - before
		t.Logf("sweep %d: %s, %d requests to dead units", i+1, took.Round(time.Millisecond), asked)
		if i < 2 {
			continue
		}
		if asked != (i+1)%2 {
			t.Errorf("sweep %d asked dead units %d times, want %d", i+1, asked, (i+1)%2)
		}
		if asked > 0 {
			with = append(with, took)
		} else {
			without = append(without, took)
		}
	}
	if probed, floor := slices.Min(with), slices.Min(without); probed > floor*45/32 {
		t.Errorf("with a probe a sweep takes %s beside %s without, want at most 45/32 of it", probed, floor)
	}
}

func TestLink_ASilentGatewayThatComesBackIsReadWithinFifteenSeconds(t *testing.T) {
	var (
		down  atomic.Bool
		clock atomic.Int64
	)
	start := time.Now()
	now := func() time.Time { return start.Add(time.Duration(clock.Load())) }
	g := startGateway(t, func(uint8) bool { return down.Load() })
	l := linkOf(t, g, 3, 10*time.Second, now)
	l.timeout = 60 * time.Millisecond
	down.Store(true)
	for range 60 { // ten minutes of silence
		sweep(l, false)
		clock.Add(int64(10 * time.Second))
	}
	for _, u := range l.units {
		if !u.breaker.open() {
			t.Fatalf("unit %d is still asked as if it answered", u.meter.Unit)
		}
	}
	down.Store(false)
	took := 0
	for good := 0; good == 0; took++ {
		if took > 15 {
			t.Fatal("after fifteen seconds no unit is read")
		}
		clock.Add(int64(time.Second))
		_, good = sweep(l, false)
	}
	for range 3 { // then all of them, one probe in an interval
		clock.Add(int64(10 * time.Second))
		sweep(l, false)
	}
	for _, u := range l.units {
		if u.breaker.open() {
			t.Errorf("unit %d is not read again", u.meter.Unit)
		}
	}
}

func TestBreaker_NowAndThenAProbeWaitsItsWholeTime(t *testing.T) {
	b := newBreaker("x")
	patient := 0
	now := time.Now()
	for range 2 + 4*probePatient {
		if b.open() && b.patient() {
			patient++
		}
		b.failure(now, breakerBeside)
	}
	if patient != 4 {
		t.Errorf("got %d patient probes of %d, want 4", patient, 4*probePatient)
	}
	if b.success(); b.open() || !b.due(now) {
		t.Error("a success does not close the breaker")
	}
}

func TestLink_HalfOfASerialLineDeadLeavesTheLivingTheirReadings(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	url := rtuGateway(t, func(n int64, req []byte) []byte {
		asked.Store(n)
		if req[0]%2 == 0 {
			return nil
		}
		return rtuAnswer(req, 7000)
	})
	g := &gateway{url: url}
	l := linkOf(t, g, 8, 250*time.Millisecond, time.Now)
	l.timeout = 40 * time.Millisecond
	for i := range 12 {
		if _, good := sweep(l, false); good != 4 {
			t.Errorf("sweep %d: %d of the 4 living units were read", i+1, good)
		}
	}
	for _, u := range l.units {
		if want := u.meter.Unit%2 == 0; u.breaker.open() != want {
			t.Errorf("unit %d: breaker open %v, want %v", u.meter.Unit, u.breaker.open(), want)
		}
	}
}

package metering

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rigistry/models"
)

// mixDevice is one unit behind an endpoint of the fault mix: what it truly
// measures, and what is wrong with it at the moment.
type mixDevice struct {
	number int
	phase  string    // a fault that lasts: dead, frozen, swapped, shifted, other, nan, or none
	since  time.Time // of the phase
	resets []reset   // when its counter began again, and from where
	said   []uint16
	frozen []repeat // when it repeated itself
	coming string   // the phase that begins with the next poll
	asked  time.Time
}

// repeat is a time in which a meter gives the same answer again and again. It may be
// noticed after a minute and six polls from when the last of its values came for the
// first time.
type repeat struct {
	from, until time.Time
	seen        models.Values
	last        time.Time
	readings    int
}

type reset struct {
	at   time.Time
	base int64
}

var mixBegan time.Time

// watts is the power at an instant: no two meters and no two seconds within six
// minutes have the same.
func (d *mixDevice) watts(at time.Time) int64 {
	return int64(d.number+1)*1000 + int64(at.Sub(mixBegan)/time.Second)%400
}

// wattHours is the counter at an instant.
func (d *mixDevice) wattHours(at time.Time) int64 {
	e := int64(d.number+1) * 100_000
	for _, r := range d.resets {
		if !r.at.After(at) {
			e = r.base
		}
	}
	return e + 2*int64(at.Sub(mixBegan)/time.Second)
}

// registers is what an SDM630 shows.
func (d *mixDevice) registers(at time.Time) []uint16 {
	out := make([]uint16, 0, 128)
	for a := 0; a < 126; a += 2 {
		v := float32(230 + float64(d.number)/10)
		switch a {
		case 0x34:
			v = float32(d.watts(at))
		case 0x46:
			v = 50
		case 0x1E, 0x20, 0x22, 0x3E:
			v = 0.95
		case 0x48:
			v = float32(float64(d.wattHours(at)) / 1000)
		}
		bits := math.Float32bits(v)
		out = append(out, uint16(bits>>16), uint16(bits))
	}
	return out
}

// mixEndpoint is a port with units behind it, one request at a time.
type mixEndpoint struct {
	serial bool
	mu     sync.Mutex
	rng    *rand.Rand
	units  map[uint8]*mixDevice
	now    *mixConn // where answers go: a gateway gives a late one to whoever is connected
	down   time.Time
	used   map[string]int
	calm   bool          // nothing is wrong any more
	takes  time.Duration // each answer, on a slow line
	dead   func(unit uint8) bool
}

type mixConn struct {
	net.Conn
	out chan []byte

	mu     sync.Mutex
	closed bool // out is
}

// finish ends what is sent.
func (c *mixConn) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		close(c.out)
	}
}

// mixNet is a network in memory.
type mixNet struct{ ends map[string]*mixEndpoint }

func (n *mixNet) open(_ context.Context, u *url.URL, _ time.Duration) (stream, error) {
	e := n.ends[u.Host]
	e.mu.Lock()
	defer e.mu.Unlock()
	if time.Now().Before(e.down) {
		return nil, io.ErrUnexpectedEOF
	}
	ours, theirs := net.Pipe()
	c := &mixConn{Conn: theirs, out: make(chan []byte, 64)}
	e.now = c
	go func() {
		for b := range c.out {
			if _, err := c.Write(b); err != nil {
				return
			}
		}
	}()
	go e.serve(c)
	return ours, nil
}

func (e *mixEndpoint) serve(c *mixConn) {
	defer func() { _ = c.Close() }()
	frame := make([]byte, 12)
	if e.serial {
		frame = frame[:8]
	}
	for {
		if _, err := io.ReadFull(c, frame); err != nil {
			c.finish()
			return
		}
		if !e.handle(c, frame) {
			c.finish()
			return
		}
	}
}

// faults are the single faults, by how often each is drawn.
var mixFaults = []string{"none", "none", "none", "none", "none", "none", "none", "none", "none", "none", "none", "none", "silent", "slow", "late", "late",
	"twice", "partial", "bytes", "close", "wrong id", "wrong unit", "wrong function", "short", "checksum", "busy", "acknowledge", "failure", "address",
	"value", "path", "target", "unknown", "reboot", "zero", "nan", "negative frequency", "begin phase", "begin phase"}

var mixPhases = []string{"dead", "frozen", "swapped", "shifted", "nan"}

// handle answers one request, or does something else; false closes the connection.
func (e *mixEndpoint) handle(c *mixConn, frame []byte) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	header, body := frame[:6], frame[6:]
	if e.serial {
		header, body = nil, frame
	}
	d := e.units[body[0]]
	fault := mixFaults[e.rng.IntN(len(mixFaults))]
	if e.calm {
		fault, d.coming = "none", ""
		d.end(now)
	}
	e.used[fault]++
	if fault == "begin phase" && d.phase == "" {
		d.coming = mixPhases[e.rng.IntN(len(mixPhases))]
	}
	if d.coming != "" && now.Sub(d.asked) > 1500*time.Millisecond { // no meter changes its nature between two requests of a poll
		d.phase, d.since, d.coming = d.coming, now, ""
		e.used[d.phase]++
		d.said = d.registers(now)
		if d.phase == "frozen" {
			d.frozen = append(d.frozen, repeat{from: now, until: now.Add(24 * time.Hour)})
		}
	}
	d.asked = now
	if d.phase == "frozen" && (fault == "zero" || fault == "nan" || fault == "negative frequency") {
		fault = "none"
	}
	if d.phase != "" && now.Sub(d.since) > 150*time.Second {
		d.end(now)
	}
	if d.phase == "dead" {
		return true
	}
	if fault == "reset" || (fault == "zero" && e.rng.IntN(20) == 0) {
		d.resets = append(d.resets, reset{now, 10})
	}
	answer := d.answer(fault, now, body, e.rng)
	if fault == "wrong unit" {
		answer[0]++
	}
	wire := e.wrap(header, answer)
	if e.takes > 0 {
		if !e.dead(body[0]) {
			e.later(c, wire, e.takes)
		}
		return true
	}
	switch fault {
	case "silent":
		return true
	case "slow":
		e.later(c, wire, time.Duration(100+e.rng.IntN(800))*time.Millisecond)
		return true
	case "late":
		e.later(nil, wire, time.Duration(1050+e.rng.IntN(5000))*time.Millisecond)
		return true
	case "twice":
		wire = append(wire, wire...)
	case "partial":
		wire = wire[:1+e.rng.IntN(len(wire)-1)]
	case "bytes":
		for _, b := range wire[:min(20, len(wire))] {
			c.send([]byte{b})
		}
		wire = wire[min(20, len(wire)):]
	case "close":
		return false
	case "reboot":
		e.down = now.Add(time.Duration(5+e.rng.IntN(20)) * time.Second)
		return false
	case "wrong id":
		wire[0]++
	case "checksum":
		wire[len(wire)-1]++
		if !e.serial {
			return true // TCP has none: silence instead
		}
	}
	c.send(wire)
	return true
}

// end ends the phase.
func (d *mixDevice) end(now time.Time) {
	if d.phase == "frozen" {
		d.frozen[len(d.frozen)-1].until = now
	}
	d.phase = ""
}

func (c *mixConn) send(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	select {
	case c.out <- b:
	default:
	}
}

// later sends after a while: to the connection, or to the one that is there then.
func (e *mixEndpoint) later(c *mixConn, wire []byte, after time.Duration) {
	if c == nil && !e.serial {
		c = e.now // with TCP an answer cannot change connections
	}
	time.AfterFunc(after, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		to := c
		if to == nil {
			to = e.now
		}
		if to != nil {
			to.send(wire)
		}
	})
}

// answer is the unit and what it says.
func (d *mixDevice) answer(fault string, now time.Time, body []byte, rng *rand.Rand) []byte {
	addr, count := binary.BigEndian.Uint16(body[2:]), binary.BigEndian.Uint16(body[4:])
	fc := body[1]
	codes := map[string]byte{"busy": 6, "acknowledge": 5, "failure": 4, "address": 2, "value": 3, "path": 10, "target": 11, "unknown": 0x63}
	if code, is := codes[fault]; is {
		return []byte{body[0], fc | 0x80, code}
	}
	regs := slices.Clone(d.registers(now))
	if d.phase == "frozen" {
		regs = slices.Clone(d.said)
	}
	if fault == "zero" {
		regs[0x48], regs[0x49] = 0, 0
	}
	if fault == "nan" || d.phase == "nan" {
		regs[0x34] = 0x7FC0
	}
	if fault == "negative frequency" {
		regs[0x46] ^= 0x8000
	}
	switch d.phase {
	case "swapped":
		for i := 0; i+1 < len(regs); i += 2 {
			regs[i], regs[i+1] = regs[i+1], regs[i]
		}
	case "shifted":
		regs = append(regs[1:], 0)
	}
	if fault == "wrong function" {
		fc = 3
	}
	if fault == "short" && count > 2 {
		count -= 2
	}
	out := []byte{body[0], fc, byte(2 * count)}
	for i := range count {
		out = binary.BigEndian.AppendUint16(out, regs[min(int(addr+i), len(regs)-1)])
	}
	return out
}

func (e *mixEndpoint) wrap(header, answer []byte) []byte {
	if e.serial {
		return crcAppend(answer)
	}
	out := append([]byte(nil), header[:4]...)
	return append(binary.BigEndian.AppendUint16(out, uint16(len(answer))), answer...)
}

// mixResult is what an hour of the mix came to.
type mixResult struct {
	wrong    []string
	good     int
	health   []UnitHealth
	injected map[string]int
}

// faultMix polls three TCP meters, a TCP gateway of four and two serial gateways of
// three through every fault, at random, for an hour, and then through five calm
// minutes.
func faultMix(t *testing.T, seed uint64, change func(*Collector), profile func(*models.Profile)) (out mixResult) {
	synctest.Test(t, func(t *testing.T) {
		mixBegan = time.Now()
		network := &mixNet{ends: map[string]*mixEndpoint{}}
		devices := map[string]*mixDevice{}
		var meters []models.Meter
		for i, units := range []int{1, 1, 1, 4, 3, 3} {
			host := fmt.Sprintf("10.0.0.%d:502", i+1)
			e := &mixEndpoint{serial: units == 3, rng: rand.New(rand.NewPCG(seed, uint64(i))), units: map[uint8]*mixDevice{}, used: map[string]int{}}
			network.ends[host] = e
			for u := range units {
				d := &mixDevice{number: len(devices)}
				id := fmt.Sprintf("m%02d", d.number)
				devices[id], e.units[uint8(u+1)] = d, d
				scheme := "tcp://"
				if e.serial {
					scheme = "rtuovertcp://"
				}
				meters = append(meters, models.Meter{ID: id, Code: id, URL: scheme + host, Unit: uint8(u + 1), Profile: "eastron/sdm630",
					PollInterval: 2 * time.Second, CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1})
			}
		}
		var c *Collector
		c = NewCollector(meters, func(_ context.Context, b Batch) error {
			for i := range b.Readings {
				out.judge(&b.Readings[i], devices[b.Readings[i].Meter], network)
			}
			return nil
		}, time.Now, discard())
		c.open = network.open
		if change != nil {
			change(c)
		}
		if profile != nil {
			p, err := shippedForTest(t).Find("eastron/sdm630")
			if err != nil {
				t.Fatal(err)
			}
			other := *p
			other.Points = slices.Clone(p.Points)
			profile(&other)
			c.ready[prepareKey{p, costOf("tcp")}] = &prepared{decoder: newDecoder(&other, nil), requests: plan(&other, wanted(&other, nil), costOf("tcp"))}
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = c.Run(ctx)
		}()
		time.Sleep(time.Hour)
		for _, e := range network.ends {
			e.mu.Lock()
			e.calm, e.down = true, time.Time{}
			e.mu.Unlock()
		}
		time.Sleep(15 * time.Minute)
		out.health = c.Health()
		cancel()
		<-done
		time.Sleep(time.Minute) // for what was to come late
		out.injected = map[string]int{}
		for _, e := range network.ends {
			for name, n := range e.used {
				out.injected[name] += n
			}
		}
	})
	return out
}

// judge looks for a value that the meter never had around the instant of its reading.
func (m *mixResult) judge(r *models.Reading, d *mixDevice, network *mixNet) {
	if !r.Quality.Usable() {
		if r.Values.Len() > 0 {
			m.wrong = append(m.wrong, fmt.Sprintf("%s: %s with %d values", r.Meter, r.Quality, r.Values.Len()))
		}
		return
	}
	for _, e := range network.ends {
		e.mu.Lock()
		defer e.mu.Unlock()
	}
	from, until := r.At.Add(-1100*time.Millisecond), r.At.Add(30*time.Second)
	for i := range d.frozen {
		f := &d.frozen[i]
		if r.At.Before(f.from) || r.At.After(f.until) {
			continue
		}
		f.readings++
		for q := range r.Values.All() {
			if !f.seen.Has(q) {
				f.seen.Set(q, 1)
				f.last, f.readings = r.At, 1
			}
		}
		if f.readings <= frozenPolls+1 || r.At.Sub(f.last) < frozenFor+3*time.Second {
			from = f.from
		}
	}
	near := func(value int64, truth func(time.Time) int64, slack int64) bool {
		for at := from; !at.After(until); at = at.Add(500 * time.Millisecond) {
			if diff := value - truth(at); diff >= -slack && diff <= slack {
				return true
			}
		}
		return false
	}
	report := func(q models.Quantity, v int64) {
		m.wrong = append(m.wrong, fmt.Sprintf("%s at %s: %s is %d in a reading that is %s", r.Meter, r.At.Sub(mixBegan), q, v, r.Quality))
	}
	for q, v := range r.Values.All() {
		ok := true
		switch q {
		case models.QPTotal:
			ok = near(v, d.watts, 0)
		case models.QEImport:
			ok = near(v, d.wattHours, 2)
		case models.QF:
			ok = v == 50_000
		case models.QVL1, models.QVL2, models.QVL3:
			ok = v == 230_000+100*int64(d.number) || v == 230_000+100*int64(d.number)-1 || v == 230_000+100*int64(d.number)+1
		case models.QPF:
			ok = v == 950
		}
		if !ok {
			report(q, v)
		}
	}
	if r.Quality == models.QualityGood {
		m.good++
	}
}

func TestFaults_AnHourOfEveryFaultGivesNoWrongValueAndEachIsCounted(t *testing.T) {
	for seed := range uint64(3) {
		got := faultMix(t, seed, nil, nil)
		for i, w := range got.wrong {
			if i < 10 {
				t.Errorf("seed %d: %s", seed, w)
			}
		}
		if got.good < 5000 {
			t.Errorf("seed %d: %d good readings", seed, got.good)
		}
		var sum UnitHealth
		for _, h := range got.health {
			sum.Timeouts, sum.Errors, sum.Strays, sum.Frozen, sum.Canaries = sum.Timeouts+h.Timeouts, sum.Errors+h.Errors, sum.Strays+h.Strays, sum.Frozen+h.Frozen, sum.Canaries+h.Canaries
			for i, n := range h.ExceptionCodes {
				sum.ExceptionCodes[i] += n
			}
			for i, n := range h.Qualities {
				sum.Qualities[i] += n
			}
			if h.State != "ok" {
				t.Errorf("seed %d: after a quarter of an hour without faults %s is %s: %s", seed, h.Code, h.State, h.LastError)
			}
		}
		for name, n := range map[string]int64{"timeouts": sum.Timeouts, "errors": sum.Errors, "strays": sum.Strays, "frozen": sum.Frozen, "canaries": sum.Canaries,
			"suspect": sum.Qualities[models.QualitySuspect], "reset": sum.Qualities[models.QualityReset], "not available": sum.Qualities[models.QualityNotAvailable],
			"exception 2": sum.ExceptionCodes[2], "exception 3": sum.ExceptionCodes[3], "exception 4": sum.ExceptionCodes[4], "exception 5": sum.ExceptionCodes[5],
			"exception 6": sum.ExceptionCodes[6], "exception 10": sum.ExceptionCodes[10], "exception 11": sum.ExceptionCodes[11]} {
			if n == 0 {
				t.Errorf("seed %d: nothing is counted as %s", seed, name)
			}
		}
		for _, name := range slices.Concat(mixFaults, mixPhases) {
			if got.injected[name] == 0 {
				t.Errorf("seed %d: the fault %q never came", seed, name)
			}
		}
		t.Logf("seed %d: %d good readings, faults %v", seed, got.good, got.injected)
	}
}

// The controls: with one defence gone, wrong values come through.
func TestFaults_WithoutADefenceTheMixFindsWrongValues(t *testing.T) {
	t.Run("the canary", func(t *testing.T) {
		if got := faultMix(t, 1, nil, func(p *models.Profile) {
			for i := range p.Points {
				p.Points[i].Canary, p.Points[i].Min, p.Points[i].Max = false, 0, 0
			}
		}); len(got.wrong) == 0 {
			t.Error("no wrong value came through")
		}
	})
	t.Run("leaving a serial line alone", func(t *testing.T) {
		if got := faultMix(t, 1, func(c *Collector) { c.trusting = true }, nil); len(got.wrong) == 0 {
			t.Error("no wrong value came through")
		}
	})
}

func TestFaults_HalfOfASerialGatewayDeadLeavesTheLivingTheirSamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const interval = 10 * time.Second
		mixBegan = time.Now()
		e := &mixEndpoint{serial: true, rng: rand.New(rand.NewPCG(1, 1)), units: map[uint8]*mixDevice{}, used: map[string]int{}, calm: true,
			takes: 228 * time.Millisecond, dead: func(u uint8) bool { return u%2 == 0 }} // 74 registers at 9600 baud
		var meters []models.Meter
		for u := uint8(1); u <= 31; u++ {
			e.units[u] = &mixDevice{number: int(u)}
			id := fmt.Sprintf("m%02d", u)
			meters = append(meters, models.Meter{ID: id, Code: id, URL: "rtuovertcp://10.0.0.1:4001", Unit: u, Profile: "eastron/sdm630",
				PollInterval: interval, CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1})
		}
		c := NewCollector(meters, func(context.Context, Batch) error { return nil }, time.Now, discard())
		c.open = (&mixNet{ends: map[string]*mixEndpoint{"10.0.0.1:4001": e}}).open
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = c.Run(ctx)
		}()
		time.Sleep(5 * time.Minute)
		before := c.Health()
		time.Sleep(time.Hour)
		after := c.Health()
		cancel()
		<-done
		time.Sleep(time.Minute)
		got, least := int64(0), int64(math.MaxInt64)
		for i, h := range after {
			if dead := e.dead(h.Unit); dead != (h.State == "dead") {
				t.Errorf("unit %d is %s", h.Unit, h.State)
			} else if !dead {
				got, least = got+h.OK-before[i].OK, min(least, h.OK-before[i].OK)
			}
		}
		due := int64(time.Hour / interval)
		t.Logf("the living gave %d of %d samples, the worst of them %d of %d", got, 16*due, least, due)
		if got*100 < 16*due*98 || least*100 < due*98 {
			t.Errorf("the living gave %d of %d samples, the worst of them %d of %d; want 98 %%", got, 16*due, least, due)
		}
	})
}

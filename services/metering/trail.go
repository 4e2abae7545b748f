package metering

import (
	"errors"
	"slices"
	"time"

	"rigistry/models"
)

// How much of its past a unit remembers: round trips and lags for their quantiles,
// failures to look at.
const (
	trailSteps    = 64
	trailFailures = 20
)

// Fault is what went wrong with a poll, as a word of a closed list.
type Fault string

// The faults of a poll that brought nothing.
const (
	FaultDial      Fault = "dial"      // no connection
	FaultTimeout   Fault = "timeout"   // no answer in time
	FaultClosed    Fault = "closed"    // the other side closed the connection
	FaultException Fault = "exception" // the device refused, with a Modbus exception
	FaultUnit      Fault = "wrong_id"  // an answer of another unit
	FaultChecksum  Fault = "crc"       // an answer with a wrong checksum
	FaultProtocol  Fault = "protocol"  // an answer that is none
	FaultIdentity  Fault = "identity"  // another kind of device answers
	FaultTLS       Fault = "tls"       // the other side is not whom it should be, or does not take us
)

// faultOf names what an error is; "" when it is nothing that the meter did.
func faultOf(err error) (Fault, uint8) {
	var other *IdentityError
	if errors.As(err, &other) {
		return FaultIdentity, 0
	}
	var failure *ReadError
	if !errors.As(err, &failure) {
		return FaultProtocol, 0
	}
	switch failure.Kind {
	case FailDial:
		if isTLS(failure.Err) {
			return FaultTLS, 0
		}
		return FaultDial, 0
	case FailTimeout:
		return FaultTimeout, 0
	case FailClosed:
		return FaultClosed, 0
	case FailException:
		return FaultException, failure.Exception
	case FailCancelled:
		return "", 0
	}
	switch {
	case errors.Is(failure.Err, errUnit):
		return FaultUnit, 0
	case errors.Is(failure.Err, errChecksum):
		return FaultChecksum, 0
	}
	return FaultProtocol, 0
}

// Failure is a failure of a unit; the same one again and again is one with a count.
type Failure struct {
	First, Last time.Time
	Count       int64
	Fault       Fault
	Exception   uint8 // Modbus exception code when the fault is one
	Text        string
}

// Registers is the raw answer to one request of a plan.
type Registers struct {
	Request
	At    time.Time // when it came, zero when it never did
	Words []uint16
}

// UnitDetail is everything there is about the polling of one meter.
type UnitDetail struct {
	UnitHealth
	RTT50, RTT99 time.Duration // over the last answers
	Lag50, Lag99 time.Duration // how long after its time a poll began, over the last polls
	Failures     []Failure     // the newest first
	Raw          []Registers   // as they last came
	Rows         []Row         // the raw registers, decoded; before the transformers' ratio
}

// steps is a ring of durations in microseconds.
type steps struct {
	held [trailSteps]uint32
	n    uint32
}

func (s *steps) add(d time.Duration) {
	s.held[s.n%trailSteps] = uint32(min(max(d.Microseconds(), 0), 1<<32-1))
	s.n++
}

// at gives the two usual quantiles.
func (s *steps) at() (p50, p99 time.Duration) {
	n := min(int(s.n), trailSteps)
	if n == 0 {
		return 0, 0
	}
	sorted := slices.Clone(s.held[:n])
	slices.Sort(sorted)
	pick := func(permille int) time.Duration {
		return time.Duration(sorted[min(n-1, (n*permille+999)/1000-1)]) * time.Microsecond
	}
	return pick(500), pick(990)
}

// trail is what a unit remembers of its polls beside the counters. Its health's lock
// guards it.
type trail struct {
	rtts, lags steps
	failures   []Failure // the oldest first
	raw        []Registers
}

// fail remembers a failure.
func (t *trail) fail(at time.Time, err error) {
	fault, code := faultOf(err)
	if fault == "" {
		return
	}
	text := err.Error()
	if n := len(t.failures); n > 0 && t.failures[n-1].Text == text {
		t.failures[n-1].Last = at
		t.failures[n-1].Count++
		return
	}
	if len(t.failures) == trailFailures {
		t.failures = append(t.failures[:0], t.failures[1:]...)
	}
	t.failures = append(t.failures, Failure{First: at, Last: at, Count: 1, Fault: fault, Exception: code, Text: text})
}

// keep takes the registers that came, and gives the blocks the memory of those before.
func (t *trail) keep(at time.Time, blocks []block) {
	if len(t.raw) != len(blocks) {
		t.raw = make([]Registers, len(blocks))
	}
	for i := range blocks {
		b, r := &blocks[i], &t.raw[i]
		r.Request = b.req
		if b.ok {
			r.At = at
			r.Words, b.regs = b.regs, r.Words[:0]
		}
	}
}

// detail copies all that is known of the unit, and decodes its registers.
func (u *unit) detail() UnitDetail {
	u.mu.Lock()
	d := UnitDetail{UnitHealth: u.health, Failures: slices.Clone(u.trail.failures), Raw: slices.Clone(u.trail.raw)}
	d.Plan = slices.Clone(d.Plan)
	for i := range d.Raw {
		d.Raw[i].Words = slices.Clone(d.Raw[i].Words)
	}
	d.RTT50, d.RTT99 = u.trail.rtts.at()
	d.Lag50, d.Lag99 = u.trail.lags.at()
	u.mu.Unlock()
	slices.Reverse(d.Failures)
	blocks := make([]block, len(d.Raw))
	for i, r := range d.Raw {
		blocks[i] = block{req: r.Request, regs: r.Words, ok: len(r.Words) > 0}
	}
	d.Rows = u.decoder.rows(blocks)
	return d
}

// Unit gives everything about the polling of a meter; false when it is not polled here.
func (c *Collector) Unit(meter string) (UnitDetail, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.links {
		for _, u := range r.link.units {
			if u.meter.ID == meter {
				return u.detail(), true
			}
		}
	}
	return UnitDetail{}, false
}

// Faults adds up what the page and the metrics show of units, by word.
func Faults(units []UnitHealth) map[string]int64 {
	out := map[string]int64{"timeout": 0, "late_reply": 0, "wrong_id": 0, "crc": 0, "protocol": 0, "closed": 0, "dial": 0, "quarantine": 0, "identity": 0, "overrun": 0}
	for q := models.QualityRollover; q.String() != "unknown"; q++ {
		out["quality_"+q.String()] = 0
	}
	for i := range units {
		u := &units[i]
		out["timeout"] += u.Timeouts
		out["late_reply"] += u.Strays
		out["wrong_id"] += u.BadUnits
		out["crc"] += u.Checksums
		out["protocol"] += u.Malformed
		out["closed"] += u.Closed
		out["dial"] += u.Dials
		out["quarantine"] += u.Quarantines
		out["identity"] += u.OtherDevice
		out["overrun"] += u.Overruns
		for q, n := range u.Qualities {
			if word := models.Quality(q); word >= models.QualityRollover && word.String() != "unknown" {
				out["quality_"+word.String()] += n
			}
		}
	}
	return out
}

// late remembers how long after its time a poll began.
func (u *unit) late(lag time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.trail.lags.add(lag)
}

package metering

import (
	"errors"
	"slices"
	"sync"
	"time"

	"rigistry/models"
)

// UnitHealth is how the polling of one meter goes. Counters count from the start
// of its link.
type UnitHealth struct {
	Meter, Code, Endpoint, Profile string
	Unit                           uint8
	State                          string // waiting, ok, late (failed lately), dead (probed only, or another device)
	Due                            int64  // polls that were begun
	OK                             int64  // polls that gave a reading
	Requests                       int64
	Timeouts                       int64
	Exceptions                     int64
	ExceptionCodes                 [12]int64 // by code; 0 is unknown ones
	Errors                         int64     // no connection, closed, not a Modbus answer
	Dials, Closed                  int64     // of these: no connection; closed by the other side
	BadUnits, Checksums, Malformed int64     // of these: another unit's answer; a wrong checksum; no answer of the protocol
	Quarantines                    int64     // times a serial line was left alone until a late answer was gone
	Strays                         int64     // answers that belonged to no request
	OtherDevice                    int64     // polls in which another kind of device answered
	Overruns                       int64     // polls left out because the one before took too long
	Resting                        int       // requests left out because the device refused them
	Plan                           []Request
	Frozen, Canaries               int64
	Qualities                      [qualities]int64 // readings by quality
	RTT                            time.Duration    // moving average over answers
	LastGood                       time.Time
	LastQuality                    models.Quality
	LastError                      string
	LastFault                      Fault
}

// qualities is room for every quality there is.
const qualities = 24

// restFor is how long a request that the device refuses by itself is left out.
const restFor = 10 * time.Minute

// unit is one meter on a link. It belongs to the link's goroutine, but for its
// health.
type unit struct {
	meter   models.Meter
	profile *models.Profile
	decoder *decoder
	blocks  []block
	rest    []time.Time            // per block: left out until then
	layout  *models.RegisterLayout // of the blocks; nil until it is asked for
	layouts *layouts
	split   []int     // blocks to take apart after this poll
	planned []Request // as planned at first
	apart   time.Time // when the plan was last taken apart; zero while it is whole
	breaker breaker
	misses  int // polls in a row without an answer, for whatever cause
	watch   watch
	next    time.Time

	rtt        time.Duration // as in the health
	identified time.Time     // when the device was last known to be the profile's; zero when it is to be asked

	mu     sync.Mutex
	health UnitHealth
	trail  trail
}

func newUnit(m polled, now time.Time, endpoint string, p *prepared) *unit {
	u := &unit{meter: m.meter, profile: m.profile, decoder: p.decoder, breaker: newBreaker(m.meter.ID), layouts: &p.layouts,
		next: nextSlot(now, m.meter.ID, m.meter.PollInterval)}
	u.planned = p.requests
	u.use(u.planned)
	u.health = UnitHealth{Meter: m.meter.ID, Code: m.meter.Code, Endpoint: endpoint, Profile: m.profile.ID, Unit: m.meter.Unit, State: "waiting",
		Plan: u.plan()}
	return u
}

func (u *unit) use(requests []Request) {
	u.layout = nil
	u.blocks = make([]block, len(requests))
	u.rest = make([]time.Time, len(requests))
	for i, r := range requests {
		u.blocks[i] = block{req: r, regs: make([]uint16, 0, r.Count)}
	}
}

func (u *unit) plan() []Request {
	out := make([]Request, len(u.blocks))
	for i := range u.blocks {
		out[i] = u.blocks[i].req
	}
	return out
}

// reschedule sets the next poll in the unit's phase. A poll that took longer
// than the interval leaves slots out; it does not queue them.
func (u *unit) reschedule(now time.Time) {
	missed := int64(0)
	for u.next = u.next.Add(u.meter.PollInterval); !u.next.After(now); u.next = u.next.Add(u.meter.PollInterval) {
		missed++
		if now.Sub(u.next) > 100*u.meter.PollInterval { // the clock jumped, or the machine slept
			u.next = nextSlot(now, u.meter.ID, u.meter.PollInterval)
			break
		}
	}
	if missed > 0 {
		u.count(func(h *UnitHealth) { h.Overruns += missed })
	}
}

// smallest gives which block is the nth when the smallest requests go first.
func (u *unit) smallest(n int) int {
	for i := range u.blocks {
		before := 0
		for j := range u.blocks {
			if a, b := u.blocks[j].req.Count, u.blocks[i].req.Count; a < b || (a == b && j < i) {
				before++
			}
		}
		if before == n {
			return i
		}
	}
	return n
}

// offLength gives a small read whose length differs from that of every request of
// the unit's plan; false when the device's limits leave none.
func (u *unit) offLength() (Request, bool) {
	step := max(1, u.profile.Limits.QtyMultiple)
	least := u.blocks[0].req
	for i := range u.blocks {
		if u.blocks[i].req.Count < least.Count {
			least = u.blocks[i].req
		}
	}
	for n := step; n <= u.profile.Limits.MaxRegs && int(least.Addr)+int(n) <= 65536; n += step {
		used := slices.ContainsFunc(u.blocks, func(b block) bool { return b.req.Count == n })
		if !used {
			return Request{FC: least.FC, Addr: least.Addr, Count: n}, true
		}
	}
	return Request{}, false
}

func (u *unit) resting(i int, now time.Time) bool { return now.Before(u.rest[i]) }

// refused deals with a failed request and tells whether the poll goes on. What a
// device refuses by address is taken apart, and if it is one value already, left
// out for a while; any other exception loses this request only, also a function that
// is refused, as a device does to a role that may not read. A gateway without the
// unit, or silence, ends the poll.
func (u *unit) refused(err error, i int, now time.Time) bool {
	var failure *ReadError
	if !errors.As(err, &failure) || failure.Kind != FailException {
		return false
	}
	switch failure.Exception {
	case 2, 3:
		if len(u.blocks[i].req.items) > 1 {
			u.split = append(u.split, i)
		} else {
			u.rest[i] = now.Add(restFor)
		}
	case 10, 11:
		return false
	}
	return true
}

// replan takes the refused requests apart, after a poll. When nothing was refused
// for as long as a request rests, the plan is tried whole again: the device may have
// been busy with something else.
func (u *unit) replan(now time.Time) {
	if len(u.split) > 0 {
		u.apart = now
	}
	if !u.apart.IsZero() && now.Sub(u.apart) > restFor {
		u.apart = time.Time{}
		u.use(u.planned)
	}
	if len(u.split) > 0 {
		var requests []Request
		for i := range u.blocks {
			if slices.Contains(u.split, i) {
				requests = append(requests, u.blocks[i].req.split(&u.profile.Limits)...)
			} else {
				requests = append(requests, u.blocks[i].req)
			}
		}
		u.use(requests)
		u.split = nil
	}
	resting := 0
	for _, until := range u.rest {
		if !until.IsZero() {
			resting++
		}
	}
	u.count(func(h *UnitHealth) {
		h.Resting = resting
		if len(h.Plan) != len(u.blocks) {
			h.Plan = u.plan()
		}
	})
}

func (u *unit) count(change func(*UnitHealth)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	change(&u.health)
}

// snapshot copies the health.
func (u *unit) snapshot() UnitHealth {
	u.mu.Lock()
	defer u.mu.Unlock()
	h := u.health
	h.Plan = slices.Clone(h.Plan)
	return h
}

// tally counts one request.
func (u *unit) tally(err error, took time.Duration, strays int64) {
	u.count(func(h *UnitHealth) {
		h.Requests++
		h.Strays += strays
		if err == nil {
			if h.RTT == 0 {
				h.RTT = took
			}
			h.RTT += (took - h.RTT) / 8
			u.rtt = h.RTT
			u.trail.rtts.add(took)
			return
		}
		var failure *ReadError
		switch {
		case !errors.As(err, &failure):
			h.Errors++
		case failure.Kind == FailTimeout:
			h.Timeouts++
		case failure.Kind == FailException:
			h.Exceptions++
			h.ExceptionCodes[min(int(failure.Exception), len(h.ExceptionCodes)-1)]++
		case failure.Kind != FailCancelled:
			h.Errors++
			h.sort(failure)
		}
	})
}

// sort counts a failure by its kind.
func (h *UnitHealth) sort(err error) {
	switch fault, _ := faultOf(err); fault {
	case FaultDial, FaultTLS:
		h.Dials++
	case FaultClosed:
		h.Closed++
	case FaultUnit:
		h.BadUnits++
	case FaultChecksum:
		h.Checksums++
	default:
		h.Malformed++
	}
}

// fail notes a poll without an answer and tells whether it is the first in a row.
func (u *unit) fail(now time.Time, err error) (first bool) {
	u.misses++
	u.identified = time.Time{}
	u.count(func(h *UnitHealth) {
		first = h.State == "ok" || h.State == "waiting"
		h.State = "late"
		if u.misses >= breakerFails || u.breaker.open() {
			h.State = "dead"
		}
		if err == nil || errors.Is(err, errWaiting) {
			return
		}
		h.noteError(err)
		u.trail.fail(now, err)
		var failure *ReadError
		if errors.As(err, &failure) && failure.Kind == FailDial {
			h.Errors++
			h.sort(err)
		}
	})
	return first
}

// noteError remembers the last error and its kind.
func (h *UnitHealth) noteError(err error) {
	h.LastError = err.Error()
	h.LastFault, _ = faultOf(err)
}

// refuse notes that another kind of device answered and tells whether it is the
// first time in a row.
func (u *unit) refuse(now time.Time, err error) (first bool) {
	u.misses = 0
	u.count(func(h *UnitHealth) {
		first = h.LastQuality != models.QualityOtherDevice || h.State != "dead"
		h.State, h.LastQuality = "dead", models.QualityOtherDevice
		h.OtherDevice++
		h.noteError(err)
		u.trail.fail(now, err)
	})
	return first
}

// succeed notes a poll with an answer and tells whether the unit was away.
func (u *unit) succeed(at time.Time, quality models.Quality, partial error) (back bool) {
	u.misses = 0
	u.count(func(h *UnitHealth) {
		back = h.State == "late" || h.State == "dead"
		h.State = "ok"
		h.OK++
		h.LastGood, h.LastQuality = at, quality
		h.Qualities[quality]++
		switch quality {
		case models.QualityFrozen:
			h.Frozen++
		case models.QualityCanaryFailed:
			h.Canaries++
		}
		u.trail.keep(at, u.blocks)
		if partial != nil {
			h.noteError(partial)
			u.trail.fail(at, partial)
		}
	})
	return back
}

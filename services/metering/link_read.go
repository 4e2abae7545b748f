package metering

import (
	"context"
	"errors"
	"time"
)

// readAll runs the unit's requests and gives when the first answer came; zero
// when none did. A probe asks the smallest first and goes on when it is
// answered. The first silence ends the poll: a dead unit costs one timeout.
func (l *link) readAll(ctx context.Context, u *unit, probe bool) (at time.Time, err error) {
	for i := range u.blocks {
		u.blocks[i].ok = false
	}
	if err := l.identify(ctx, u); err != nil {
		return time.Time{}, err
	}
	for n := range u.blocks {
		i := n
		if probe {
			i = u.smallest(n)
		}
		b := &u.blocks[i]
		if u.resting(i, l.now()) {
			continue
		}
		raw, readErr := l.readRetrying(ctx, u, b.req)
		if readErr == nil {
			b.regs, b.ok = words(b.regs, raw), true
			if at.IsZero() {
				at = l.now()
			}
			continue
		}
		err = readErr
		if ctx.Err() != nil || !u.refused(readErr, i, l.now()) {
			break
		}
	}
	if !at.IsZero() { // the connection may have been lost and another device found behind the new one
		if err := l.identify(ctx, u); err != nil {
			return time.Time{}, err
		}
	}
	return at, err
}

// readRetrying reads, and again twice while the device says that it is busy. A
// connection that was good and is found closed, as gateways do with idle ones,
// is opened again once.
func (l *link) readRetrying(ctx context.Context, u *unit, req Request) ([]byte, error) {
	waits := [...]time.Duration{100 * time.Millisecond, 500 * time.Millisecond}
	reopened := false
	for try := 0; ; try++ {
		stale := l.answered && !reopened
		raw, err := l.readInStep(ctx, u, req)
		if err == nil {
			return raw, nil
		}
		var failure *ReadError
		if !errors.As(err, &failure) {
			return nil, err
		}
		if failure.Kind == FailClosed && stale && l.connect(ctx, u) == nil {
			reopened = true
			continue
		}
		if busy := failure.Exception == 5 || failure.Exception == 6; !busy || try >= len(waits) {
			return nil, err
		}
		if err := pause(ctx, waits[try]); err != nil {
			return nil, err
		}
	}
}

// readInStep reads once. The first read on a serial line is one whose length no
// poll of the unit asks for: were an old answer still to come, it would be told
// by its length and the line left alone again.
func (l *link) readInStep(ctx context.Context, u *unit, req Request) ([]byte, error) {
	if l.unsynced {
		if check, ok := u.offLength(); ok {
			if _, err := l.ask(ctx, u, check); err != nil {
				var failure *ReadError
				if !errors.As(err, &failure) || failure.Kind != FailException {
					return nil, err
				}
			}
		}
		l.unsynced = false
	}
	return l.ask(ctx, u, req)
}

// ask reads once, counts it, and drops a connection that can no longer be
// trusted.
func (l *link) ask(ctx context.Context, u *unit, req Request) ([]byte, error) {
	if err := pause(ctx, u.profile.Limits.MinDelay); err != nil {
		return nil, err
	}
	began, strays := l.now(), l.conn.strays
	raw, err := l.conn.read(ctx, u.meter.Unit, req, l.patience(u))
	took := l.now().Sub(began)
	u.tally(err, took, l.conn.strays-strays)
	if err == nil {
		l.heard(took)
		return raw, nil
	}
	var failure *ReadError
	if errors.As(err, &failure) && failure.Kind == FailException {
		l.heard(took)
		return nil, err
	}
	l.silences++
	if failure != nil && failure.Kind == FailTimeout && l.conn.reusable() && len(l.units) > 1 && l.silences < silencesMost {
		return nil, err
	}
	if failure != nil && failure.Kind == FailClosed {
		l.hungUp = !l.answered
		l.doubt()
	}
	if l.conn.serial && !l.trusting {
		u.count(func(h *UnitHealth) { h.Quarantines++ })
	}
	l.drop()
	return nil, err
}

// heard notes that an answer came and how long it took.
func (l *link) heard(took time.Duration) {
	l.answered, l.silences = true, 0
	if l.mean == 0 {
		l.mean, l.spread = took, took/2
	}
	l.spread += ((took - l.mean).Abs() - l.spread) / 8
	l.mean += (took - l.mean) / 8
}

// silencesMost is after how many unanswered requests in a row a connection is
// taken for dead, and opened anew.
const silencesMost = 2

// patienceLeast is the shortest that is waited for any answer.
const patienceLeast = 50 * time.Millisecond

// patience is how long to wait for an answer. A unit that did not answer last
// time gets little more than the answers of the link take, or four times its own
// when it answered, so that the dead do not hold up the living. Now and then it gets
// the whole time, as far as no living unit is due before. On a serial line a late
// answer costs more than waiting for it does.
func (l *link) patience(u *unit) time.Duration {
	if u.misses == 0 || l.mean == 0 || l.conn.serial || len(l.units) == 1 {
		return l.timeout
	}
	short := max(2*l.mean+4*l.spread, 4*u.rtt, patienceLeast)
	if u.breaker.patient() {
		short = max(short, l.slack(u))
	}
	return min(l.timeout, short)
}

// slack is how long until a living unit other than u is due.
func (l *link) slack(u *unit) time.Duration {
	now, out := l.now(), l.timeout
	for _, other := range l.units {
		if other != u && other.misses == 0 {
			out = min(out, other.next.Sub(now))
		}
	}
	return out
}

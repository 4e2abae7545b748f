package metering

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"rigistry/models"
)

// link owns one endpoint: one connection, and the schedule of the units behind
// it. Everything but the health of its units belongs to its goroutine.
type link struct {
	endpoint string
	timeout  time.Duration
	units    []*unit
	dials    chan struct{}
	out      chan<- models.Reading
	now      func() time.Time
	log      *slog.Logger

	conn      *conn
	answered  bool // the connection has given at least one answer
	hungUp    bool // the other side closed it before it gave any
	reopen    backoff
	reopenAt  time.Time
	lastProbe time.Time
}

func newLink(endpoint string, meters []polled, c *Collector) *link {
	l := &link{endpoint: endpoint, dials: c.dials, out: c.readings, now: c.now, log: c.log.With("endpoint", endpoint),
		reopen: newBackoff(endpoint, time.Second, time.Minute)}
	for _, m := range meters {
		u := newUnit(m, l.now(), endpoint)
		l.timeout = max(l.timeout, m.profile.Limits.ResponseTimeout)
		l.units = append(l.units, u)
	}
	return l
}

// run polls until ctx ends.
func (l *link) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer l.drop()
	for {
		u := l.earliest()
		timer.Reset(max(0, u.next.Sub(l.now())))
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		l.poll(ctx, u)
		if ctx.Err() != nil {
			return
		}
		u.reschedule(l.now())
	}
}

func (l *link) earliest() *unit {
	best := l.units[0]
	for _, u := range l.units[1:] {
		if u.next.Before(best.next) {
			best = u
		}
	}
	return best
}

// poll reads one unit once, if it is to be read: a unit whose breaker is open
// gets a probe now and then, and a link gives one probe in the unit's interval.
func (l *link) poll(ctx context.Context, u *unit) {
	now := l.now()
	probe := u.breaker.open()
	if !u.breaker.due(now) || (probe && now.Sub(l.lastProbe) < u.meter.PollInterval) {
		return
	}
	u.count(func(h *UnitHealth) { h.Due++ })
	if err := l.connect(ctx, u); err != nil {
		l.failed(ctx, u, err)
		return
	}
	if probe {
		l.lastProbe = now
	}
	at, err := l.readAll(ctx, u, probe)
	if ctx.Err() != nil {
		return
	}
	if at.IsZero() {
		u.breaker.failure(l.now())
		l.failed(ctx, u, err)
		return
	}
	u.breaker.success()
	l.succeeded(ctx, u, at, err)
}

// connect makes sure that there is a connection, or says why there is none. It
// tries once in a back-off period, whoever asks.
func (l *link) connect(ctx context.Context, u *unit) error {
	if l.conn != nil {
		return nil
	}
	if now := l.now(); now.Before(l.reopenAt) {
		return &ReadError{Endpoint: l.endpoint, Unit: u.meter.Unit, Kind: FailDial, Err: errWaiting}
	}
	c, err := dial(ctx, l.endpoint, l.timeout, l.dials)
	if err != nil {
		l.reopenAt = l.now().Add(l.reopen.fail())
		return err
	}
	l.conn, l.answered, l.hungUp = c, false, false
	return pause(ctx, u.profile.Limits.AfterConnect)
}

var errWaiting = errors.New("waiting before the next try")

// drop closes the connection. One that the other side closed without an answer
// delays the next; one on which a unit kept silent does not, or a dead unit would
// cost the others their turn. On a serial line behind a gateway the late answer
// must be gone before anything else is asked.
func (l *link) drop() {
	if l.conn == nil {
		return
	}
	l.conn.close()
	l.conn = nil
	now := l.now()
	l.reopenAt = now
	switch {
	case l.hungUp:
		l.reopenAt = now.Add(l.reopen.fail())
	case l.answered:
		l.reopen.reset()
	}
	if strings.HasPrefix(l.endpoint, "rtu") {
		if quiet := now.Add(max(l.timeout, 300*time.Millisecond)); quiet.After(l.reopenAt) {
			l.reopenAt = quiet
		}
	}
}

// readAll runs the unit's requests and gives when the first answer came; zero
// when none did. A probe asks the smallest first and goes on when it is
// answered. The first silence ends the poll: a dead unit costs one timeout.
func (l *link) readAll(ctx context.Context, u *unit, probe bool) (at time.Time, err error) {
	for i := range u.blocks {
		u.blocks[i].ok = false
	}
	for _, i := range u.order(probe) {
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
	u.replan()
	return at, err
}

// readRetrying reads, and again twice while the device says that it is busy. A
// connection that was good and is found closed, as gateways do with idle ones,
// is opened again once.
func (l *link) readRetrying(ctx context.Context, u *unit, req Request) ([]byte, error) {
	waits := [...]time.Duration{100 * time.Millisecond, 500 * time.Millisecond}
	reopened := false
	for try := 0; ; try++ {
		if err := pause(ctx, u.profile.Limits.MinDelay); err != nil {
			return nil, err
		}
		began, stale := l.now(), l.answered && !reopened
		raw, err := l.conn.read(ctx, u.meter.Unit, req)
		u.tally(err, l.now().Sub(began))
		if err == nil {
			l.answered = true
			return raw, nil
		}
		var failure *ReadError
		if !errors.As(err, &failure) || failure.Kind != FailException {
			u.count(func(h *UnitHealth) { h.Strays += l.conn.strays.Load() })
			l.hungUp = failure != nil && failure.Kind == FailClosed && !l.answered
			l.drop()
			if failure == nil || failure.Kind != FailClosed || !stale || l.connect(ctx, u) != nil {
				return nil, err
			}
			reopened = true
			continue
		}
		l.answered = true
		if busy := failure.Exception == 5 || failure.Exception == 6; !busy || try >= len(waits) {
			return nil, err
		}
		if err := pause(ctx, waits[try]); err != nil {
			return nil, err
		}
	}
}

// pause waits, unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// failed notes a poll without any answer. The first in a row is also a reading,
// without values, so that nobody takes the last value for a present one.
func (l *link) failed(ctx context.Context, u *unit, err error) {
	first := u.fail(err)
	if first {
		l.log.Warn("a meter does not answer", "meter", u.meter.Code, "unit", u.meter.Unit, "error", err)
		l.send(ctx, models.Reading{Meter: u.meter.ID, At: l.now().UTC().Truncate(time.Microsecond), Step: u.meter.PollInterval, Quality: models.QualityCommError})
	}
}

// succeeded turns the blocks into a reading. Part of them missing is a reading
// that says so.
func (l *link) succeeded(ctx context.Context, u *unit, at time.Time, partial error) {
	values, quality := u.decoder.decode(u.blocks)
	r := models.Reading{Meter: u.meter.ID, At: at.UTC().Truncate(time.Microsecond), Step: u.meter.PollInterval, Values: values, Quality: quality}
	if partial != nil {
		r.Quality = r.Quality.Worse(models.QualityNotAvailable)
	}
	if quality.Usable() {
		u.watch.judge(&r, u.blocks, u.profile)
		toPrimary(&r.Values, &u.meter)
	}
	if u.succeed(at, r.Quality, partial) {
		l.log.Info("a meter answers again", "meter", u.meter.Code, "unit", u.meter.Unit)
	}
	l.send(ctx, r)
}

func (l *link) send(ctx context.Context, r models.Reading) {
	select {
	case l.out <- r:
	case <-ctx.Done():
	}
}

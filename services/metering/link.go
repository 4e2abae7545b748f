package metering

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"rigistry/models"
)

// link owns one endpoint: one connection, and the schedule of the units behind
// it. Everything but the health of its units belongs to its goroutine.
type link struct {
	endpoint string
	address  string // with the settings of a serial line
	open     opener
	timeout  time.Duration
	units    []*unit
	dials    chan struct{}
	out      func(context.Context, *models.Reading)
	now      func() time.Time
	log      *slog.Logger
	lags     *lagTally
	dialling *pace

	turned    time.Time // when its first turn to open came: at a start links open in a row, and nothing is late before
	conn      *conn
	answered  bool // the connection has given at least one answer
	hungUp    bool // the other side closed it before it gave any
	unsynced  bool // a serial line on which an old answer may still come
	silences  int  // requests in a row that were not answered
	reopen    backoff
	reopenAt  time.Time
	quiet     time.Time     // nothing is asked on a serial line before
	trusting  bool          // for a test that shows what leaving it alone is good for: it is not
	mean      time.Duration // how long answers take, as a moving average
	spread    time.Duration // how far they are from it, likewise
	lastProbe time.Time
	visits    chan visit // of who asks beside the poller
	visited   time.Time  // when the last of them ended
}

// reopenMost is the longest wait before a connection is tried again, so that a
// gateway that comes back is read again within fifteen seconds.
const reopenMost = 12 * time.Second

func newLink(endpoint string, meters []polled, c *Collector) *link {
	l := &link{endpoint: endpoint, address: meters[0].meter.URL, open: c.open, trusting: c.trusting, dials: c.dials, out: c.outbox.put, now: c.now, log: c.log.With("endpoint", endpoint), lags: &c.lags, dialling: &c.dialling,
		reopen: newBackoff(endpoint, time.Second, reopenMost), visits: make(chan visit)}
	for _, m := range meters {
		u := newUnit(m, l.now(), endpoint, c.prepare(m.profile, costOf(endpoint)))
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
		case v := <-l.guests(u.next):
			l.serve(ctx, v, u.next)
			continue
		case <-timer.C:
		}
		due := u.next
		if due.Before(l.turned) {
			due = l.turned
		}
		lag := l.now().Sub(due)
		l.lags.add(lag)
		u.late(lag)
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
// While no unit of the link answers, it is the link that is probed, by whichever
// unit comes first.
func (l *link) poll(ctx context.Context, u *unit) {
	now := l.now()
	probe := u.breaker.open()
	due := u.breaker.due(now) || (now.Sub(l.lastProbe) >= reopenMost && !l.alive())
	if !due || (probe && now.Sub(l.lastProbe) < u.meter.PollInterval) {
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
	defer func() { u.replan(l.now()) }()
	if at.IsZero() {
		l.unanswered(ctx, u, err)
		return
	}
	if probe && !l.alive() {
		l.revive(at)
	}
	u.breaker.success()
	l.succeeded(ctx, u, at, err)
}

// unanswered deals with a poll that brought nothing of the unit's, or only that it is
// another device.
func (l *link) unanswered(ctx context.Context, u *unit, err error) {
	var other *IdentityError
	if errors.As(err, &other) {
		u.breaker.success()
		l.refuse(ctx, u, other)
		return
	}
	most := breakerFails
	if len(l.units) > 1 && l.alive() {
		most = breakerBeside
	}
	u.breaker.failure(l.now(), most)
	l.failed(ctx, u, err)
}

// alive tells whether any unit of the link is answering.
func (l *link) alive() bool {
	return slices.ContainsFunc(l.units, func(u *unit) bool { return u.breaker.fails == 0 && !u.breaker.open() })
}

// revive lets every unit be probed at once: the first of a silent link has
// answered.
func (l *link) revive(now time.Time) {
	for _, u := range l.units {
		u.breaker.until = now
	}
}

// connect makes sure that there is a connection, or says why there is none. It
// tries once in a back-off period, whoever asks. A serial line is left alone
// until a late answer is gone: that is waited for, it costs nobody a reading.
func (l *link) connect(ctx context.Context, u *unit) error {
	if l.conn != nil {
		return nil
	}
	if now := l.now(); now.Before(l.reopenAt) {
		return &ReadError{Endpoint: l.endpoint, Unit: u.meter.Unit, Kind: FailDial, Err: errWaiting}
	}
	if err := pause(ctx, max(l.quiet.Sub(l.now()), l.dialling.turn(l.now()))); err != nil {
		return err
	}
	if l.turned.IsZero() {
		l.turned = l.now()
	}
	c, err := dial(ctx, l.address, dialWithin, l.dials, l.open)
	if err != nil {
		l.reopenAt = l.now().Add(l.reopen.fail())
		l.doubt()
		return err
	}
	l.conn, l.answered, l.hungUp, l.unsynced, l.silences = c, false, false, c.serial && !l.trusting, 0
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
	serial := l.conn.serial
	l.conn = nil
	now := l.now()
	l.reopenAt = now
	switch {
	case l.hungUp:
		l.reopenAt = now.Add(l.reopen.fail())
	case l.answered:
		l.reopen.reset()
	}
	if serial && !l.trusting {
		l.quiet = now.Add(max(l.timeout, 300*time.Millisecond))
	}
}

// doubt forgets which devices answer at the endpoint: while nobody could ask,
// another may have been put there.
func (l *link) doubt() {
	for _, u := range l.units {
		u.identified = time.Time{}
	}
}

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
	first := u.fail(l.now(), err)
	if first {
		l.log.Warn("a meter does not answer", "meter", u.meter.Code, "unit", u.meter.Unit, "error", err)
		l.out(ctx, &models.Reading{Meter: u.meter.ID, At: l.now().UTC().Truncate(time.Microsecond), Step: u.meter.PollInterval, Quality: models.QualityCommError,
			Source: models.SourceModbus})
	}
}

// readings are what links write theirs into, to be copied: a few that stay in the
// processor's cache, and not one of each link that has left it by the next poll.
var readings = sync.Pool{New: func() any { return new(models.Reading) }}

// succeeded turns the blocks into a reading. Part of them missing is a reading
// that says so.
func (l *link) succeeded(ctx context.Context, u *unit, at time.Time, partial error) {
	values, quality := u.decoder.decode(u.blocks)
	r := readings.Get().(*models.Reading)
	defer readings.Put(r)
	*r = models.Reading{Meter: u.meter.ID, At: at.UTC().Truncate(time.Microsecond), Step: u.meter.PollInterval, Values: values, Quality: quality,
		Source: models.SourceModbus, Registers: u.registers()}
	if partial != nil {
		r.Quality = r.Quality.Worse(models.QualityNotAvailable)
	}
	if quality.Usable() {
		u.watch.judge(r, u.blocks, u.profile)
		toPrimary(&r.Values, &u.meter)
	}
	if r.Quality == models.QualityRatioChanged {
		l.log.Warn("a meter tells another transformer ratio than before", "meter", u.meter.Code, "unit", u.meter.Unit)
	}
	if u.succeed(at, r.Quality, partial) {
		l.log.Info("a meter answers again", "meter", u.meter.Code, "unit", u.meter.Unit)
	}
	l.out(ctx, r)
}

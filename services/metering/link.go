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

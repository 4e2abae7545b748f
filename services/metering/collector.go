package metering

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"rigistry/models"
)

// Bounds of a collector.
const (
	maxDials     = 128               // connections being opened at once
	dialEvery    = time.Second / 200 // no network has to bear more new connections than so many a second
	deliverFirst = time.Second       // how long the first readings wait for company
	deliverEvery = 5 * time.Second   // how long readings wait later on: each batch is an entry in the ledger for good
	deliverMost  = 1000              // readings in a batch
	lastDelivery = 700 * time.Millisecond
)

// Collector polls meters over Modbus and hands their readings on in batches, in
// order, each until it is accepted.
type Collector struct {
	deliver  func(context.Context, Batch) error
	now      func() time.Time
	log      *slog.Logger
	dials    chan struct{}
	open     opener
	outbox   *outbox
	replaced chan struct{}
	lags     lagTally
	dialling pace
	trusting bool // of links

	strangers strangers

	mu     sync.Mutex
	meters []models.Meter
	links  map[string]*running
	tight  map[string]bool // links that were named as planned too tight
	ready  map[prepareKey]*prepared
}

// prepared is what all units of one profile on one kind of link share. Nothing
// else in it changes.
type prepared struct {
	decoder  *decoder
	requests []Request
	layouts  layouts // fills as its units ask
}

type prepareKey struct {
	profile *models.Profile
	cost    Cost
}

// prepare plans a profile once. The caller holds the lock.
func (c *Collector) prepare(p *models.Profile, cost Cost) *prepared {
	key := prepareKey{p, cost}
	if c.ready[key] == nil {
		d := newDecoder(p, nil)
		c.ready[key] = &prepared{decoder: d, requests: plan(p, d.points, cost)}
	}
	return c.ready[key]
}

// polled is a meter with its profile.
type polled struct {
	meter   models.Meter
	profile *models.Profile
}

// running is a link at work.
type running struct {
	link *link
	key  string // what it was made of
	stop context.CancelFunc
	done chan struct{}
}

// NewCollector makes a collector for the meters; it starts nothing. deliver gets
// batches without collector and sequence, one at a time; while it fails it is
// given the same batch again, and polling slows down rather than forget.
func NewCollector(meters []models.Meter, deliver func(context.Context, Batch) error, now func() time.Time, log *slog.Logger) *Collector {
	return &Collector{deliver: deliver, now: now, log: log, meters: meters, links: map[string]*running{}, ready: map[prepareKey]*prepared{},
		dials: make(chan struct{}, maxDials), dialling: pace{every: dialEvery}, open: Credentials{}.opener(), outbox: newOutbox(), replaced: make(chan struct{}, 1),
		strangers: strangers{open: map[string]*stranger{}}}
}

// Replace changes what is polled, also while Run runs. Links whose meters stay
// the same go on undisturbed.
func (c *Collector) Replace(meters []models.Meter) {
	c.mu.Lock()
	c.meters = meters
	c.mu.Unlock()
	select {
	case c.replaced <- struct{}{}:
	default:
	}
}

// Health gives the state of every meter that is polled, by code.
func (c *Collector) Health() []UnitHealth {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []UnitHealth
	for _, r := range c.links {
		for _, u := range r.link.units {
			out = append(out, u.snapshot())
		}
	}
	slices.SortFunc(out, func(a, b UnitHealth) int { return strings.Compare(a.Code, b.Code) })
	return out
}

// Secure gives the collector what it shows to meters that are read over TLS. It is
// called before Run.
func (c *Collector) Secure(with Credentials) { c.open = with.opener() }

// Lags tells how punctual the polls have been.
func (c *Collector) Lags() Lags { return c.lags.lags() }

// Run polls until ctx ends, and is finished within a second of that: reads under
// way are abandoned, what was read is delivered once more.
func (c *Collector) Run(ctx context.Context) error {
	delivered := make(chan struct{})
	linksDone := make(chan struct{})
	go func() {
		defer close(delivered)
		c.deliverAll(ctx, linksDone)
	}()
	for {
		if err := c.arrange(ctx); err != nil {
			c.log.Error("some meters cannot be polled", "error", err)
		}
		select {
		case <-c.replaced:
			continue
		case <-ctx.Done():
		}
		break
	}
	c.mu.Lock()
	for _, r := range c.links {
		<-r.done
	}
	c.mu.Unlock()
	close(linksDone)
	<-delivered
	return nil
}

// arrange starts links for what is to be polled and is not, and stops the others.
func (c *Collector) arrange(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	want, err := byEndpoint(c.meters)
	c.warn()
	for endpoint, r := range c.links {
		if keyOf(want[endpoint]) != r.key {
			r.stop()
			<-r.done
			delete(c.links, endpoint)
		}
	}
	for endpoint, meters := range want {
		if c.links[endpoint] != nil {
			continue
		}
		c.strangers.leave(endpoint)
		linkCtx, stop := context.WithCancel(ctx)
		r := &running{link: newLink(endpoint, meters, c), key: keyOf(meters), stop: stop, done: make(chan struct{})}
		c.links[endpoint] = r
		go func() {
			defer close(r.done)
			defer stop()
			r.link.run(linkCtx)
		}()
	}
	return err
}

// warn names the links that are planned too tight, once each. They are polled all
// the same: late readings are better than none. The caller holds the lock.
func (c *Collector) warn() {
	tight := map[string]bool{}
	for _, l := range PlannedLoad(c.meters) {
		if !l.Over() {
			break
		}
		if tight[l.Endpoint] = true; !c.tight[l.Endpoint] {
			c.log.Error("a link is planned too tight: " + l.String())
		}
	}
	c.tight = tight
}

// byEndpoint groups meters by endpoint. Meters that cannot be polled are left
// out and named in the error.
func byEndpoint(meters []models.Meter) (map[string][]polled, error) {
	profiles, err := ShippedProfiles()
	if err != nil {
		return nil, err
	}
	out := map[string][]polled{}
	var wrong []string
	for _, m := range meters {
		if m.URL == "" {
			continue
		}
		p, err := profiles.Find(m.Profile)
		if err == nil {
			err = checkEndpoint(m.URL)
		}
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("%s: %v", m.Code, err))
			continue
		}
		withDefaults(&m)
		endpoint := endpointOf(m.URL)
		out[endpoint] = append(out[endpoint], polled{m, p})
	}
	if len(wrong) > 0 {
		return out, fmt.Errorf("%s", strings.Join(wrong, "; "))
	}
	return out, nil
}

// keyOf names everything that a link was made of: with another ratio, say, its
// meters are to be read anew.
func keyOf(meters []polled) string {
	var b strings.Builder
	for _, m := range meters {
		_, _ = fmt.Fprintf(&b, "%s %s %s %s %d %s %s %d/%d %d/%d\n", m.meter.ID, m.meter.Code, m.meter.Serial, m.meter.URL, m.meter.Unit, m.profile.ID, m.meter.PollInterval,
			m.meter.CTNum, m.meter.CTDen, m.meter.VTNum, m.meter.VTDen)
	}
	return b.String()
}

// deliverAll delivers what the links have read, in batches, until ctx has ended and
// the links are done.
func (c *Collector) deliverAll(ctx context.Context, linksDone <-chan struct{}) {
	wait := deliverFirst
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-c.outbox.full:
		case <-timer.C:
			wait = min(wait*2, deliverEvery)
			timer.Reset(wait)
		case <-linksDone:
			c.lastBatches(ctx, nil)
			return
		}
		if batch := c.outbox.take(); len(batch) > 0 && !c.deliverOne(ctx, batch) {
			<-linksDone
			c.lastBatches(ctx, batch)
			return
		}
	}
}

// deliverOne delivers a batch, again and again until it is accepted; false when
// ctx ended first.
func (c *Collector) deliverOne(ctx context.Context, readings []models.Reading) bool {
	wait := newBackoff("deliver", 100*time.Millisecond, 10*time.Second)
	for {
		err := c.deliver(ctx, Batch{Readings: readings})
		if err == nil {
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		c.log.Error("a batch of readings was not accepted and is sent again", "readings", len(readings), "error", err)
		if pause(ctx, wait.fail()) != nil {
			return false
		}
	}
}

// lastBatches delivers what is left after the end, briefly.
func (c *Collector) lastBatches(ctx context.Context, batch []models.Reading) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastDelivery)
	defer cancel()
	for {
		if len(batch) == 0 {
			if batch = c.outbox.take(); len(batch) == 0 {
				return
			}
		}
		if err := c.deliver(last, Batch{Readings: batch}); err != nil {
			c.log.Error("the last readings were not accepted", "readings", len(batch), "error", err)
			return
		}
		batch = nil
	}
}

package metering

import (
	"context"
	"errors"
	"time"

	"rigistry/models"
)

// Who asks units of a link beside the poller takes a place in its queue, one exchange at
// a time: there is one owner of an endpoint.
const (
	// guestRest is how much longer than its exchange took a guest leaves the link alone: it
	// gets a fifth, which is what planning leaves free.
	guestRest = 4
	// guestStarves is after how long a guest is let in also where the next poll has to wait
	// for it.
	guestStarves = 3 * time.Second
	// guestLeast is the shortest that a unit is given to answer a guest on a link where the
	// next poll is near.
	guestLeast = 150 * time.Millisecond
)

// visit is one exchange with a unit of a link.
type visit struct {
	ctx    context.Context
	within time.Duration
	do     func(c *conn, within time.Duration) error
	done   chan visited
}

// visited is how a visit ended, and how long it kept the link.
type visited struct {
	err  error
	took time.Duration
}

// guests gives the channel of visits while there is room for one before the next poll.
func (l *link) guests(next time.Time) <-chan visit {
	now := l.now()
	room := next.Sub(now)
	if l.conn != nil && l.conn.serial {
		room -= max(l.timeout, guestLeast*2) // for which the line is left alone if nobody answers
	}
	if room < l.guestNeeds() && now.Sub(l.visited) < guestStarves {
		return nil
	}
	return l.visits
}

// guestNeeds is how long an answer may take on this link, as far as it is known.
func (l *link) guestNeeds() time.Duration { return max(guestLeast, 3*l.mean+4*l.spread) }

// serve does what a guest wants. After any failure but a refusal the connection is given
// up, unless answers carry transaction ids.
func (l *link) serve(ctx context.Context, v visit, next time.Time) {
	began := l.now()
	err := l.entertain(ctx, v, next)
	l.visited = l.now()
	v.done <- visited{err, l.visited.Sub(began)}
}

func (l *link) entertain(ctx context.Context, v visit, next time.Time) error {
	if err := v.ctx.Err(); err != nil {
		return &ReadError{Endpoint: l.endpoint, Kind: FailCancelled, Err: err}
	}
	if err := l.connect(ctx, l.units[0]); err != nil {
		return err
	}
	within := v.within
	if !l.conn.serial {
		within = min(within, max(next.Sub(l.now()), l.guestNeeds()))
	}
	err := v.do(l.conn, within)
	var failure *ReadError
	switch {
	case err == nil || (errors.As(err, &failure) && failure.Kind == FailException):
		l.answered, l.silences = true, 0
	case failure != nil && failure.Kind == FailTimeout && l.conn.reusable():
	default:
		if failure != nil && failure.Kind == FailClosed {
			l.doubt()
		}
		l.drop()
	}
	return err
}

// visitor asks at an endpoint for somebody who is not the poller: through the link that
// polls there, or, where nobody does, by a connection of its own.
func (c *Collector) visitor(endpoint string, within time.Duration) func(context.Context, func(*conn, time.Duration) error) error {
	return func(ctx context.Context, do func(*conn, time.Duration) error) error {
		for {
			if err := ctx.Err(); err != nil {
				return &ReadError{Endpoint: endpoint, Kind: FailCancelled, Err: err}
			}
			v, done := c.visit(ctx, endpoint, within, do)
			if !done {
				if err := pause(ctx, 20*time.Millisecond); err != nil {
					return &ReadError{Endpoint: endpoint, Kind: FailCancelled, Err: err}
				}
				continue
			}
			if wait := pause(ctx, guestRest*v.took); wait != nil {
				return &ReadError{Endpoint: endpoint, Kind: FailCancelled, Err: wait}
			}
			return v.err
		}
	}
}

// visit does one exchange; false when the link ended before it was its turn.
func (c *Collector) visit(ctx context.Context, endpoint string, within time.Duration, do func(*conn, time.Duration) error) (visited, bool) {
	c.mu.Lock()
	r := c.links[endpointOf(endpoint)]
	if r == nil {
		one := c.strangers.at(ctx, endpoint, c.open)
		c.mu.Unlock()
		return one.ask(ctx, within, do)
	}
	c.mu.Unlock()
	v := visit{ctx: ctx, within: within, do: do, done: make(chan visited, 1)}
	select {
	case r.link.visits <- v:
		return <-v.done, true
	case <-r.done:
		return visited{}, false
	case <-ctx.Done():
		return visited{err: &ReadError{Endpoint: endpoint, Kind: FailCancelled, Err: ctx.Err()}}, true
	}
}

// SameLink tells whether two URLs of meters are one link.
func SameLink(a, b string) bool { return endpointOf(a) == endpointOf(b) }

// CheckEndpoint says what is wrong with the URL of a link.
func CheckEndpoint(url string) error { return checkEndpoint(url) }

// Links gives the endpoints that are polled.
func (c *Collector) Links() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := map[string]bool{}
	var out []string
	for _, m := range c.meters {
		if m.URL != "" && !seen[endpointOf(m.URL)] {
			seen[endpointOf(m.URL)] = true
			out = append(out, m.URL)
		}
	}
	return out
}

// unitsAt gives the codes of the meters that are polled at an endpoint, by unit.
func (c *Collector) unitsAt(endpoint string) map[uint8]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[uint8]string{}
	for _, m := range c.meters {
		if m.URL != "" && endpointOf(m.URL) == endpointOf(endpoint) {
			out[m.Unit] = m.Code
		}
	}
	return out
}

// ScanHere scans an endpoint beside its polling, gently: units that are polled are not
// asked, any other at most once in 300 ms, and nothing but reading is done. progress is
// told how many units are done.
func (c *Collector) ScanHere(ctx context.Context, endpoint string, units []uint8, progress func(done int)) (*ScanResult, error) {
	profiles, err := ShippedProfiles()
	if err != nil {
		return nil, err
	}
	defer c.strangers.leave(endpoint)
	s := &scanner{ctx: ctx, endpoint: endpoint, timeout: guestPatience, via: c.visitor(endpoint, guestPatience)}
	known, out := c.unitsAt(endpoint), &ScanResult{Units: []ScannedUnit{}}
	for i, unit := range units {
		if code := known[unit]; code != "" {
			out.Units = append(out.Units, ScannedUnit{Found: Found{Unit: unit}, Meter: code})
			progress(i + 1)
			continue
		}
		began := c.now()
		there, err := s.there(unit)
		if err != nil {
			return nil, err
		}
		if there {
			found, err := s.describe(unit, profiles)
			if err != nil {
				return nil, err
			}
			out.Units = append(out.Units, ScannedUnit{Found: found})
		}
		progress(i + 1)
		if err := pause(ctx, scanPace-c.now().Sub(began)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// guestPatience is how long a unit is given to answer where there is room for it.
const guestPatience = 700 * time.Millisecond

// ReadHere reads a unit once by a profile, beside the polling of its link.
func (c *Collector) ReadHere(ctx context.Context, endpoint string, unit uint8, profileID string) (*ReadResult, error) {
	profiles, err := ShippedProfiles()
	if err != nil {
		return nil, err
	}
	p, err := profiles.Find(profileID)
	if err != nil {
		return nil, err
	}
	defer c.strangers.leave(endpoint)
	within := max(guestPatience, p.Limits.ResponseTimeout)
	s := &scanner{ctx: ctx, endpoint: endpoint, timeout: within, via: c.visitor(endpoint, within)}
	if err := checkIdentity(p, endpoint, unit, func(req Request) ([]byte, error) { return s.raw(unit, req) }); err != nil {
		return nil, err
	}
	d := newDecoder(p, nil)
	blocks, err := readBlocks(ctx, func(req Request) ([]byte, error) { return s.raw(unit, req) }, plan(p, d.points, costOf(endpoint)), &p.Limits)
	if err != nil {
		return nil, err
	}
	out := &ReadResult{At: c.now().UTC().Truncate(time.Microsecond), Rows: d.rows(blocks)}
	values, quality := d.decode(blocks)
	if out.Quality = quality; quality == models.QualityGood && values.Len() == 0 {
		out.Quality = models.QualityNotAvailable
	}
	for _, b := range blocks {
		out.Raw = append(out.Raw, Registers{Request: Request{FC: b.req.FC, Addr: b.req.Addr, Count: b.req.Count}, At: out.At, Words: b.regs})
	}
	return out, s.who(unit, out)
}

// who asks a unit what it says it is. One that does not know how to say is no error.
func (s *scanner) who(unit uint8, out *ReadResult) error {
	err := s.ask(func(c *conn) (err error) {
		out.Identity, err = c.identity(s.ctx, unit, s.timeout)
		return err
	})
	if fatal(err) {
		return err
	}
	out.SunSpec, err = walkSunSpec(func(addr, count uint16) ([]uint16, error) {
		return s.read(unit, Request{FC: 3, Addr: addr, Count: count})
	})
	if fatal(err) {
		return err
	}
	return nil
}

package metering

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rigistry/models"
)

// Found is a unit that answers, and what it may be.
type Found struct {
	Unit      uint8
	Identity  Identity // by function 43/14; empty when the device does not know it
	SunSpec   *SunSpec
	Proposals []Proposal // the likeliest first
}

// Proposal is a profile by which the unit's registers make sense.
type Proposal struct {
	Profile  string
	Why      []string // identity, vendor, values
	Values   int      // good ones
	Of       int
	Power    *int64 // W
	Identity bool   // the device has told that it is of this profile
}

// scanPace is the least time between two units: a line with other masters on it is
// not to be flooded.
const scanPace = 300 * time.Millisecond

// Scan asks the units of an endpoint, one after the other, whether they are there and
// what they are, and hands each that answers to found. It takes a while, and the
// meters are not polled meanwhile by whoever shares the line; nothing but reading is
// done. An endpoint that cannot be opened is an error; a silent unit is none.
func (f Credentials) Scan(ctx context.Context, endpoint string, units []uint8, timeout time.Duration, found func(Found)) error {
	if err := checkEndpoint(endpoint); err != nil {
		return err
	}
	profiles, err := ShippedProfiles()
	if err != nil {
		return err
	}
	s := &scanner{ctx: ctx, endpoint: endpoint, timeout: timeout, open: f.opener()}
	defer s.drop()
	for _, unit := range units {
		began := time.Now() //nolint:forbidigo // a pace on the wire
		there, err := s.there(unit)
		if err != nil {
			return err
		}
		if there {
			out, err := s.describe(unit, profiles)
			if err != nil {
				return err
			}
			found(out)
		}
		if err := pause(ctx, scanPace-time.Since(began)); err != nil { //nolint:forbidigo // as above
			return err
		}
	}
	return nil
}

// scanner keeps one connection and opens it anew when it can no longer be trusted.
type scanner struct {
	ctx      context.Context
	endpoint string
	timeout  time.Duration
	open     opener
	// via does an exchange on somebody else's connection, and has the say how long to wait;
	// nil when the scanner has its own.
	via func(context.Context, func(*conn, time.Duration) error) error
	c   *conn
}

func (s *scanner) drop() {
	if s.c != nil {
		s.c.close()
		s.c = nil
	}
}

// ask does something on the connection. After any failure but a refusal the
// connection is given up, and a serial line left alone.
func (s *scanner) ask(do func(*conn) error) error {
	if s.via != nil {
		longest := s.timeout
		defer func() { s.timeout = longest }()
		return s.via(s.ctx, func(c *conn, within time.Duration) error {
			s.timeout = within
			return do(c)
		})
	}
	if s.c == nil {
		c, err := dial(s.ctx, s.endpoint, dialWithin, make(chan struct{}, 1), s.open)
		if err != nil {
			return err
		}
		s.c = c
	}
	err := do(s.c)
	var failure *ReadError
	if err == nil || (errors.As(err, &failure) && failure.Kind == FailException) {
		return err
	}
	serial := s.c.serial
	s.drop()
	if serial {
		if wait := pause(s.ctx, max(s.timeout, 300*time.Millisecond)); wait != nil {
			return wait
		}
	}
	return err
}

// raw reads registers and gives their bytes, which stay.
func (s *scanner) raw(unit uint8, req Request) (raw []byte, err error) {
	err = s.ask(func(c *conn) error {
		got, err := c.read(s.ctx, unit, req, s.timeout)
		raw = slices.Clone(got)
		return err
	})
	return raw, err
}

// read reads holding or input registers.
func (s *scanner) read(unit uint8, req Request) (regs []uint16, err error) {
	err = s.ask(func(c *conn) error {
		raw, err := c.read(s.ctx, unit, req, s.timeout)
		if err == nil {
			regs = words(nil, raw)
		}
		return err
	})
	return regs, err
}

// fatal tells whether a scan cannot go on: the endpoint does not open, or we were
// told to stop.
func fatal(err error) bool {
	var failure *ReadError
	return err != nil && (!errors.As(err, &failure) || failure.Kind == FailDial || failure.Kind == FailCancelled)
}

// there tells whether a unit answers, with whatever.
func (s *scanner) there(unit uint8) (bool, error) {
	for _, fc := range [2]uint8{4, 3} {
		_, err := s.read(unit, Request{FC: fc, Addr: 0, Count: 2})
		var failure *ReadError
		switch {
		case err == nil:
			return true, nil
		case fatal(err):
			return false, err
		case errors.As(err, &failure) && failure.Kind == FailException:
			return failure.Exception != 10 && failure.Exception != 11, nil
		case failure.Kind == FailTimeout: // it would not answer the other function either
			return false, nil
		}
	}
	return false, nil
}

// describe asks a unit what it is.
func (s *scanner) describe(unit uint8, profiles *Profiles) (out Found, err error) {
	out.Unit = unit
	err = s.ask(func(c *conn) (err error) {
		out.Identity, err = c.identity(s.ctx, unit, s.timeout)
		return err
	})
	if fatal(err) {
		return out, err
	}
	out.SunSpec, err = walkSunSpec(func(addr, count uint16) ([]uint16, error) {
		return s.read(unit, Request{FC: 3, Addr: addr, Count: count})
	})
	if fatal(err) {
		return out, err
	}
	all := profiles.All()
	for i := range all {
		p, ok, err := s.try(unit, &all[i], out.Identity)
		if err != nil {
			return out, err
		}
		if ok {
			out.Proposals = append(out.Proposals, p)
		}
	}
	slices.SortStableFunc(out.Proposals, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(len(b.Why), len(a.Why)), cmp.Compare(b.Values*a.Of, a.Values*b.Of), cmp.Compare(b.Values, a.Values))
	})
	return out, nil
}

// try reads the unit by a profile and tells whether what it says makes sense: its
// identity is the profile's, its frequency that of a grid, and it gives power.
func (s *scanner) try(unit uint8, p *models.Profile, id Identity) (out Proposal, ok bool, err error) {
	out = Proposal{Profile: p.ID}
	read := func(req Request) ([]byte, error) { return s.raw(unit, req) }
	err = checkIdentity(p, s.endpoint, unit, read)
	var other *IdentityError
	if errors.As(err, &other) {
		return out, false, nil
	}
	if fatal(err) {
		return out, false, err
	}
	if err != nil {
		return out, false, nil
	}
	d := newDecoder(p, nil)
	blocks, err := readBlocks(s.ctx, read, plan(p, d.points, costOf(s.endpoint)), &p.Limits)
	if fatal(err) {
		return out, false, err
	}
	if err != nil {
		return out, false, nil
	}
	values, quality := d.decode(blocks)
	power, has := values.Get(models.QPTotal)
	if !quality.Usable() || !has || !d.guarded {
		return out, false, nil
	}
	out.Power, out.Values, out.Of = &power, values.Len(), len(d.points)
	out.Identity = slices.ContainsFunc(p.Identify, func(i models.ProfileIdentify) bool { return !i.Optional })
	if out.Identity {
		out.Why = append(out.Why, "identity")
	}
	if maker := strings.ToLower(id.Vendor); maker != "" && strings.Contains(strings.ToLower(p.Vendor), strings.Fields(maker)[0]) {
		out.Why = append(out.Why, "vendor")
	}
	out.Why = append(out.Why, fmt.Sprintf("%d of %d values", out.Values, out.Of))
	return out, true, nil
}

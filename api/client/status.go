package client

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Status is what a license or a connection is, for use without a network. The zero
// Status says nothing.
type Status int

// The statuses. A license that has ended in any way is revoked, one whose term has not
// begun pending; a connection is valid while energised.
const (
	StatusUnknown Status = iota
	StatusValid
	StatusSuspended
	StatusRevoked
	StatusPending
)

// String gives the word of a status.
func (s Status) String() string {
	if s < StatusUnknown || s > StatusPending {
		s = StatusUnknown
	}
	return [...]string{"unknown", "valid", "suspended", "revoked", "pending"}[s]
}

// StatusBits are ids in rising order with two bits each, as they are signed.
type StatusBits struct {
	IDs  []string `json:"ids"`
	Bits string   `json:"bits"`
}

// SignedList is what a signed status list says: all with Since 0, else what changed
// after that version.
type SignedList struct {
	Version     int64      `json:"version"`
	Since       int64      `json:"since"`
	Utility     string     `json:"utility"`
	IssuedAt    time.Time  `json:"issued_at"`
	ExpiresAt   time.Time  `json:"expires_at"` // half-open
	Licenses    StatusBits `json:"licenses"`
	Connections StatusBits `json:"connections"`
}

const (
	statusListType = "status-list+jws"
	statusListLife = 24 * time.Hour
)

// VerifyStatusList checks a status list with public keys alone, as at an instant, in
// the one form that the gate writes: ErrForm, or ErrTime for one that is good but for
// the time. That it is no older than one seen before is for the caller to check.
func VerifyStatusList(text string, keys Keys, at time.Time) (SignedList, error) {
	var l SignedList
	parts, err := splitCompact(text)
	if err == nil {
		err = parts.open(statusListType, keys, &l)
	}
	if err != nil {
		return SignedList{}, err
	}
	if l.Since < 0 || l.Since > l.Version || !l.Licenses.wellFormed() || !l.Connections.wellFormed() || !l.ExpiresAt.Equal(l.IssuedAt.Add(statusListLife)) {
		return SignedList{}, fmt.Errorf("%w: its content contradicts itself", ErrForm)
	}
	if at.Before(l.IssuedAt) || !at.Before(l.ExpiresAt) {
		return l, fmt.Errorf("%w: it is valid from %s until %s", ErrTime, l.IssuedAt.Format(time.RFC3339), l.ExpiresAt.Format(time.RFC3339))
	}
	return l, nil
}

// wellFormed tells whether ids rise and the bits are exactly theirs.
func (b StatusBits) wellFormed() bool {
	bits, ok := decode64(b.Bits)
	if !ok || len(bits) != (len(b.IDs)+3)/4 {
		return false
	}
	for i := 1; i < len(b.IDs); i++ {
		if b.IDs[i-1] >= b.IDs[i] {
			return false
		}
	}
	rest := len(b.IDs) % 4
	return rest == 0 || bits[len(bits)-1]>>(2*rest) == 0
}

func (b StatusBits) into(m map[string]Status) {
	bits, _ := decode64(b.Bits)
	for i, id := range b.IDs {
		m[id] = StatusValid + Status(bits[i/4]>>(2*(i%4))&3)
	}
}

// StatusList is the states of all licenses and of the utility's connections at one
// version. It is not changed after it was given out.
type StatusList struct {
	Version     int64
	IssuedAt    time.Time
	ExpiresAt   time.Time // half-open
	Utility     string
	licenses    map[string]Status
	connections map[string]Status
}

// License gives the status of a license number at an instant: StatusUnknown when the
// list does not name it or its time is over.
func (l *StatusList) License(number string, at time.Time) Status {
	return l.at(at, func() Status { return l.licenses[normalize(number)] })
}

// Connection gives the status of a connection point's code at an instant, like License.
func (l *StatusList) Connection(code string, at time.Time) Status {
	return l.at(at, func() Status { return l.connections[code] })
}

func (l *StatusList) at(at time.Time, find func() Status) Status {
	if l == nil || at.Before(l.IssuedAt) || !at.Before(l.ExpiresAt) {
		return StatusUnknown
	}
	return find()
}

// Counts gives how many licenses and connections the list names.
func (l *StatusList) Counts() (licenses, connections int) {
	if l == nil {
		return 0, 0
	}
	return len(l.licenses), len(l.connections)
}

// Apply gives the list that comes of signed changes: a whole list replaces l, which
// may be nil; changes add to it when they go on from its version and say nothing older.
func (l *StatusList) Apply(s SignedList) (*StatusList, error) {
	next := &StatusList{Version: s.Version, IssuedAt: s.IssuedAt, ExpiresAt: s.ExpiresAt, Utility: s.Utility,
		licenses: map[string]Status{}, connections: map[string]Status{}}
	if l != nil && (s.Version < l.Version || s.IssuedAt.Before(l.IssuedAt)) {
		return l, fault(KindReplayed, "status list version %d is older than version %d, which was seen before", s.Version, l.Version)
	}
	if s.Since > 0 {
		switch {
		case l == nil || s.Since > l.Version:
			return l, fault(KindReplayed, "the changes after version %d leave out some before them: get the whole list", s.Since)
		case s.Utility != l.Utility:
			return l, fault(KindMismatch, "the changes are of another utility's list")
		}
		for id, status := range l.licenses {
			next.licenses[id] = status
		}
		for id, status := range l.connections {
			next.connections[id] = status
		}
	}
	s.Licenses.into(next.licenses)
	s.Connections.into(next.connections)
	return next, nil
}

// StatusList gets the status list, or with one got before what changed since, checks
// it and gives the list that comes of it. One older than was ever seen is refused, also
// after a restart when the client has a Memory; the version is kept before the list is
// given out.
func (c *Client) StatusList(ctx context.Context, before *StatusList) (*StatusList, error) {
	path := "/v1/gate/status-list"
	if before != nil {
		path += "?since=" + strconv.FormatInt(before.Version, 10)
	}
	body, err := c.send(ctx, call{method: http.MethodGet, path: path, header: http.Header{}, limit: 64 << 20})
	if err != nil {
		return nil, err
	}
	var got struct {
		Version     int64     `json:"version"`
		Since       int64     `json:"since"`
		IssuedAt    time.Time `json:"issued_at"`
		ExpiresAt   time.Time `json:"expires_at"`
		Licenses    int       `json:"licenses"`
		Connections int       `json:"connections"`
		StatusList  string    `json:"status_list"`
	}
	if err := readStrict(body, &got); err != nil {
		return nil, fault(KindMalformed, "the status list cannot be read: %w", err)
	}
	now := c.now()
	if got.IssuedAt.After(now) && !got.IssuedAt.After(now.Add(c.cfg.Skew)) {
		now = got.IssuedAt
	}
	signed, err := VerifyStatusList(got.StatusList, c.cfg.Keys, now)
	switch {
	case err != nil && signed.Version > 0 && now.Before(signed.IssuedAt):
		return nil, fault(KindClock, "the status list: %w", err)
	case err != nil && signed.Version > 0:
		return nil, fault(KindExpired, "the status list: %w", err)
	case err != nil:
		return nil, fault(KindSignature, "the status list: %w", err)
	case signed.Version != got.Version || signed.Since != got.Since || !signed.IssuedAt.Equal(got.IssuedAt) || !signed.ExpiresAt.Equal(got.ExpiresAt):
		return nil, fault(KindMismatch, "the status list does not say what was signed")
	case c.cfg.Utility != "" && signed.Utility != c.cfg.Utility:
		return nil, fault(KindMismatch, "the status list is of another utility")
	}
	next, err := before.Apply(signed)
	if err != nil {
		return nil, err
	}
	if err := c.noteList(signed); err != nil {
		return nil, err
	}
	return next, nil
}

// noteList remembers a list's version, and refuses one older than was seen.
func (c *Client) noteList(l SignedList) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if l.Version < c.seen.Version || l.IssuedAt.Before(c.seen.IssuedAt) {
		return fault(KindReplayed, "status list version %d of %s is older than version %d of %s, which was seen before",
			l.Version, l.IssuedAt.Format(time.RFC3339), c.seen.Version, c.seen.IssuedAt.Format(time.RFC3339))
	}
	next := c.seen
	next.Version, next.IssuedAt = l.Version, l.IssuedAt
	return c.remember(next)
}

package store

import (
	"context"
	"time"
)

// Moment asks for a read of the past: what held at AsAt, as the registry knew it at
// KnownAt. A zero instant is now. A license has both times, because it can be
// corrected for the past; everything else holds from when it was recorded, so it is
// read as of the earlier of the two.
type Moment struct {
	AsAt    time.Time
	KnownAt time.Time
}

// Past tells whether the moment asks for anything but the present.
func (m Moment) Past() bool { return !m.AsAt.IsZero() || !m.KnownAt.IsZero() }

type momentKey struct{}

// At makes every View of the context a read of the moment. It says which snapshot
// is looked at, as a version says which version; Update is not touched by it, since
// what is written is always written now.
func At(ctx context.Context, m Moment) context.Context { return context.WithValue(ctx, momentKey{}, m) }

// MomentOf gives the moment that the context's reads are of.
func MomentOf(ctx context.Context) Moment {
	m, _ := ctx.Value(momentKey{}).(Moment)
	return m
}

// moment fills in now for what the moment leaves open.
func (m Moment) filled(now time.Time) Moment {
	if m.AsAt.IsZero() {
		m.AsAt = now
	}
	if m.KnownAt.IsZero() {
		m.KnownAt = now
	}
	m.AsAt, m.KnownAt = m.AsAt.UTC().Truncate(time.Microsecond), m.KnownAt.UTC().Truncate(time.Microsecond)
	return m
}

// recorded is the instant up to which recordings count for what has one time only.
func (m Moment) recorded() time.Time {
	if m.KnownAt.Before(m.AsAt) {
		return m.KnownAt
	}
	return m.AsAt
}

// Moment gives what the transaction reads: now twice, except in a View of the past.
// Now is then AsAt, so that terms and deadlines are judged as of that instant.
func (tx *Tx) Moment() Moment {
	if tx.past != nil {
		return tx.past.moment
	}
	return Moment{AsAt: tx.Now, KnownAt: tx.Now}
}

package models

import (
	"slices"
	"strings"
	"time"
)

// TollingState is the state of a tolling period.
type TollingState string

// The states: one person proposes a period, another confirms or rejects it.
const (
	TollingProposed  TollingState = "proposed"
	TollingConfirmed TollingState = "confirmed"
	TollingRejected  TollingState = "rejected"
)

// PauseTolling is the reason for which every clock stands in a tolling period.
const PauseTolling = "tolling"

// Tolling is a period of legal dates in which no statutory term runs for anybody:
// an outage of the state's portal, a state of emergency.
type Tolling struct {
	ID         string
	From       string // legal date
	Until      string // legal date, not included
	Reason     string
	LegalRef   string
	State      TollingState
	ProposedBy string // user id
	ProposedAt time.Time
	DecidedBy  string // user id; never who proposed, when confirmed
	DecidedAt  time.Time
	Version    int64
}

const maxTollingDays = 366

// ProposeTolling makes a proposed period, or says what is wrong with it.
func ProposeTolling(t Tolling, actor Actor, at time.Time) (Tolling, error) {
	var v Invalid
	if AddDays(t.From, 0) != t.From || t.From == "" {
		v.Add("/from", "format", "Write the first day as YYYY-MM-DD.")
	}
	switch {
	case AddDays(t.Until, 0) != t.Until || t.Until == "":
		v.Add("/until", "format", "Write the first day on which terms run again as YYYY-MM-DD.")
	case t.Until <= t.From || t.Until > AddDays(t.From, maxTollingDays):
		v.Add("/until", "range", "The period is 1 to %d days long.", maxTollingDays)
	}
	if strings.TrimSpace(t.Reason) == "" {
		v.Add("/reason", "required", "Say why no term runs.")
	}
	if strings.TrimSpace(t.LegalRef) == "" {
		v.Add("/legal_ref", "required", "Name the act that says so.")
	}
	if err := v.Err(); err != nil {
		return Tolling{}, err
	}
	t.State, t.ProposedBy, t.ProposedAt, t.DecidedBy, t.DecidedAt, t.Version = TollingProposed, actor.ID, at, "", time.Time{}, 1
	return t, nil
}

// Decide confirms or rejects a proposed period. Whoever proposed it may take it
// back and may not confirm it.
func (t Tolling) Decide(to TollingState, actor Actor, at time.Time) (Tolling, error) {
	if t.State != TollingProposed {
		return Tolling{}, Errorf(CodeConflict, "The period is %s already.", t.State)
	}
	if to == TollingConfirmed {
		if err := fourEyes(t.ProposedBy, actor.ID); err != nil {
			return Tolling{}, err
		}
	}
	t.State, t.DecidedBy, t.DecidedAt = to, actor.ID, at
	t.Version++
	return t, nil
}

// Tolled gives the calendar in which no day of a confirmed period counts.
func (c Calendar) Tolled(periods []Tolling) Calendar {
	c.tolled = slices.Clone(c.tolled)
	for _, t := range periods {
		if t.State == TollingConfirmed {
			c.tolled = append(c.tolled, span{t.From, t.Until})
		}
	}
	return c
}

// span is a half-open interval of legal dates.
type span struct{ from, until string }

func (c Calendar) isTolled(date string) bool {
	return slices.ContainsFunc(c.tolled, func(s span) bool { return s.from <= date && date < s.until })
}

// ClockEvent is one line of a clock's ledger: it started, stood, was tolled for
// everybody, or ended.
type ClockEvent struct {
	Kind     string    // started, stood, tolled or ended
	At       time.Time // beginning
	Until    time.Time // end of what stood or was tolled; zero while it stands, and for a moment
	Reason   string    // code for stood, words for tolled
	LegalRef string
}

// Events gives the ledger of the clock in the order of time: what a person can
// check the count of days against. Tolling counts when it touches the clock's time
// up to an instant, or later while the clock has not ended.
func (c Clock) Events(periods []Tolling) ([]ClockEvent, error) {
	if c.Started.IsZero() {
		return nil, nil
	}
	out := []ClockEvent{{Kind: "started", At: c.Started}}
	for _, p := range c.Pauses {
		out = append(out, ClockEvent{Kind: "stood", At: p.From, Until: p.Until, Reason: p.Reason})
	}
	for _, t := range periods {
		from, err := StartOfDay(t.From)
		if err != nil {
			return nil, err
		}
		until, err := StartOfDay(t.Until)
		if err != nil {
			return nil, err
		}
		if t.State == TollingConfirmed && until.After(c.Started) && (c.Stopped.IsZero() || from.Before(c.Stopped)) {
			out = append(out, ClockEvent{Kind: "tolled", At: from, Until: until, Reason: t.Reason, LegalRef: t.LegalRef})
		}
	}
	if !c.Stopped.IsZero() {
		out = append(out, ClockEvent{Kind: "ended", At: c.Stopped})
	}
	slices.SortStableFunc(out, func(a, b ClockEvent) int { return a.At.Compare(b.At) })
	return out, nil
}

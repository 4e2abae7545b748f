package models

import (
	"slices"
	"strings"
	"time"
)

// AllowanceState is where an allowance is.
type AllowanceState string

// The states of an allowance. Whether an active one holds on a day is told by its
// dates.
const (
	AllowanceProposed AllowanceState = "proposed"
	AllowanceActive   AllowanceState = "active"
	AllowanceRejected AllowanceState = "rejected"
	AllowanceEnded    AllowanceState = "ended"
)

// allowanceKinds are loads that are flat by nature and mine nothing.
var allowanceKinds = []string{"data_centre", "telecom", "pump", "cold_store", "street_light", "other"}

// AllowanceKinds lists the kinds of flat loads.
func AllowanceKinds() []string { return slices.Clone(allowanceKinds) }

// An allowance lasts two years at most; then somebody looks again.
const allowanceYears = 2

// Allowance says that a flat load at a connection point is known and why, up to a
// power and a date. It lowers the tier of a suspicion from the shape of the load to
// C; it never touches a balance, a meter, or a documented limit. One person
// proposes it and another puts it in force.
type Allowance struct {
	ID         string
	Point      string // connection point id
	PointCode  string
	Kind       string
	Reason     string
	Limit      Watts  // of the whole load
	From       string // legal date; "" until it is in force
	Until      string // legal date, not included
	State      AllowanceState
	ProposedBy string
	ProposedAt time.Time
	DecidedBy  string
	DecidedAt  time.Time
	Decision   string // why it was confirmed, rejected or ended
	Version    int64
}

// Check tells what is wrong with a proposal on a legal date.
func (a Allowance) Check(today string) error {
	var v Invalid
	if !slices.Contains(allowanceKinds, a.Kind) {
		v.Add("/kind", "unknown", "The kind is one of %v.", allowanceKinds)
	}
	if strings.TrimSpace(a.Reason) == "" {
		v.Add("/reason", "required", "Say how the load is known: the document, or who saw it and when.")
	}
	if a.Limit <= 0 {
		v.Add("/limit_kw", "range", "Say how large the load is at most, in kW: the allowance covers no more.")
	}
	until, err := time.Parse(time.DateOnly, a.Until)
	day, bad := time.Parse(time.DateOnly, today)
	switch {
	case err != nil || bad != nil:
		v.Add("/until", "format", "The last day is a date YYYY-MM-DD.")
	case a.Until <= today:
		v.Add("/until", "past", "An allowance ends after today, %s.", today)
	case until.After(day.AddDate(allowanceYears, 0, 0)):
		v.Add("/until", "range", "An allowance lasts %d years at most; it can be proposed again.", allowanceYears)
	}
	return v.Err()
}

// Decide puts a proposed allowance in force from a legal date on, or rejects it with
// a reason. Who proposed it does not decide it.
func (a Allowance) Decide(to AllowanceState, actor Actor, today, reason string, at time.Time) (Allowance, error) {
	if a.State != AllowanceProposed {
		return a, Errorf(CodeConflict, "The allowance is %s; only a proposed one is decided. Load it again.", a.State)
	}
	if a.ProposedBy == actor.ID {
		return a, Errorf(CodeForbidden, "You proposed this allowance. Another person has to decide it.")
	}
	if to == AllowanceActive {
		a.From = today
		if a.Until <= today {
			return a, Errorf(CodeConflict, "The allowance was proposed until %s, which is over. Reject it and propose it again.", a.Until)
		}
	}
	return a.moved(to, actor, reason, at)
}

// End ends an allowance that is in force, with a reason.
func (a Allowance) End(actor Actor, today, reason string, at time.Time) (Allowance, error) {
	if a.State != AllowanceActive {
		return a, Errorf(CodeConflict, "The allowance is %s; only one in force is ended. Load it again.", a.State)
	}
	if today < a.Until {
		a.Until = max(today, a.From)
	}
	return a.moved(AllowanceEnded, actor, reason, at)
}

func (a Allowance) moved(to AllowanceState, actor Actor, reason string, at time.Time) (Allowance, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" && to != AllowanceActive {
		var v Invalid
		v.Add("/reason", "required", "Say why; the reason is kept.")
		return a, v.Err()
	}
	a.State, a.DecidedBy, a.DecidedAt, a.Decision, a.Version = to, actor.ID, at, reason, a.Version+1
	return a, nil
}

// Covers tells whether a load of so much is allowed on a legal date.
func (a Allowance) Covers(load Watts, date string) bool {
	return a.State == AllowanceActive && a.From <= date && date < a.Until && load <= a.Limit
}

// Covered tells whether a load of so much was allowed on a legal date, whatever became
// of the allowance since.
func (a Allowance) Covered(load Watts, date string) bool {
	return (a.State == AllowanceActive || a.State == AllowanceEnded) && a.From != "" && a.From <= date && date < a.Until && load <= a.Limit
}

// Refutation is an innocent explanation that somebody recorded for a finding.
type Refutation struct {
	ID      string
	Finding string // id
	Kind    string
	Note    string
	By      string
	At      time.Time
}

var refutationKinds = []string{"new_consumer", "ct_exchange", "meter_exchange", "switching_recorded", "unmetered_supply", "license_recorded", "load_declared", "allow_listed"}

// Check tells what is wrong with it.
func (r Refutation) Check() error {
	var v Invalid
	if !slices.Contains(refutationKinds, r.Kind) {
		v.Add("/kind", "unknown", "The kind is one of %v.", refutationKinds)
	}
	if strings.TrimSpace(r.Note) == "" {
		v.Add("/note", "required", "Say how it is known; the note is kept.")
	}
	return v.Err()
}

// FindingOutcome is how a finding turned out in the end, by a case that was decided.
type FindingOutcome struct {
	Finding   string // id
	Rule      FindingRule
	Class     string // declared use of its place, "" for a feeder
	Region    string // first two digits of the KATO code of its substation
	Officer   string // who decided
	Confirmed bool
	At        time.Time
}

// Prior is what is known of how often a rule is right about a class of loads: a Beta
// distribution, begun with what the worlds of the tests gave and moved by outcomes.
type Prior struct {
	Rule               FindingRule
	Class              string
	Begun              [2]float64 // confirmed and refuted, as pseudo-counts
	Confirmed, Refuted int
	Precision          float64 // mean of the posterior
	Low, High          float64 // about 95 %
	Floor              float64
	Capped             bool // below the floor: suspicions are told as tier C
}

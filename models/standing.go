package models

import (
	"slices"
	"strings"
	"time"
)

// StandingKind is what a standing fact says about the place, the license or the
// party that it is recorded for.
type StandingKind string

// The kinds of standing facts.
const (
	StandingSupply      StandingKind = "supply_basis"     // hours in which electricity may be bought or made
	StandingCurtailment StandingKind = "curtailment"      // the system operator restricts consumption
	StandingHold        StandingKind = "legal_hold"       // a court or an investigator forbids connections
	StandingSuspect     StandingKind = "suspect_premises" // mining without a license was found or is suspected there
	StandingClaim       StandingKind = "claim"            // somebody claims the connection point as their own
	StandingTransfer    StandingKind = "area_transfer"    // another grid company serves the place
)

// StandingKinds lists the kinds.
func StandingKinds() []StandingKind {
	return []StandingKind{StandingSupply, StandingCurtailment, StandingHold, StandingSuspect, StandingClaim, StandingTransfer}
}

// StandingScope says what a standing fact is recorded for.
type StandingScope string

// The scopes. The id of a scope is the code of a connection point, feeder,
// substation or site, the number of a license, the BIN or IIN of a party, and ""
// for the whole grid.
const (
	ScopePoint      StandingScope = "connection_point"
	ScopeFeeder     StandingScope = "feeder"
	ScopeSubstation StandingScope = "substation"
	ScopeSite       StandingScope = "site"
	ScopeLicense    StandingScope = "license"
	ScopeParty      StandingScope = "party"
	ScopeGrid       StandingScope = "grid"
)

// standingScopes is what each kind can be recorded for. The table standing_facts
// holds the same in a constraint.
var standingScopes = map[StandingKind][]StandingScope{
	StandingSupply:      {ScopePoint, ScopeLicense},
	StandingCurtailment: {ScopePoint, ScopeFeeder, ScopeSubstation, ScopeGrid},
	StandingHold:        {ScopePoint, ScopeSite, ScopeLicense, ScopeParty},
	StandingSuspect:     {ScopePoint, ScopeSite, ScopeParty},
	StandingClaim:       {ScopePoint},
	StandingTransfer:    {ScopePoint, ScopeFeeder, ScopeSubstation},
}

// AllHours is every hour of the day; bit h is the hour from h:00 to h+1:00 of legal time.
const AllHours int64 = 1<<24 - 1

// StandingFact is a fact that holds from an instant until another, or until
// somebody ends it. It is never changed: what was recorded wrongly is ended, with
// the reason, and recorded again.
type StandingFact struct {
	ID         string
	Kind       StandingKind
	Scope      StandingScope
	ScopeID    string
	From       time.Time
	Until      time.Time // half-open, zero while open
	Source     string    // of a supply basis: auction, import, own_generation, own_res or ppa_res
	Hours      int64     // of a supply basis: the hours of the day, see AllHours
	Power      Watts     // of a supply basis what it gives in an hour, 0 the whole need; of a curtailment what may still be taken
	MiningOnly bool      // of a curtailment: other consumption goes on
	Claimant   string    // of a claim: BIN or IIN of who claims
	Document   string    // number and date of the act, the notice or the allocation
	Note       string
	RecordedBy string // user id
	Recorded   time.Time
	EndedBy    string // user id, "" while nobody ended it
	Ended      time.Time
	EndReason  string
}

// Check checks a fact to be recorded.
func (f StandingFact) Check() error {
	var v Invalid
	scopes, known := standingScopes[f.Kind]
	switch {
	case !known:
		v.Add("/kind", "unknown", "The kind is one of %v.", StandingKinds())
	case !slices.Contains(scopes, f.Scope):
		v.Add("/scope", "unknown", "A %s is recorded for one of %v.", f.Kind, scopes)
	case (f.Scope == ScopeGrid) != (f.ScopeID == ""):
		v.Add("/scope_id", "required", "Name what it is recorded for; the whole grid has no name.")
	}
	if f.From.IsZero() {
		v.Add("/from", "required", "Give the instant from which it holds.")
	}
	if !f.Until.IsZero() && !f.Until.After(f.From) {
		v.Add("/until", "range", "The end comes after the beginning.")
	}
	if strings.TrimSpace(f.Document) == "" {
		v.Add("/document", "required", "Give number and date of the document that says so.")
	}
	if len(f.Document) > 200 || len(f.Note) > 1000 {
		v.Add("/document", "range", "The document is named in at most 200 characters, the note has at most 1,000.")
	}
	f.checkOwn(&v)
	return v.Err()
}

// checkOwn checks what belongs to some kinds only.
func (f StandingFact) checkOwn(v *Invalid) {
	sources := []string{"auction", "import", "own_generation", "own_res", "ppa_res"}
	if f.Kind == StandingSupply {
		if !slices.Contains(sources, f.Source) {
			v.Add("/source", "unknown", "The source is one of %v.", sources)
		}
		if f.Hours <= 0 || f.Hours > AllHours {
			v.Add("/hours", "range", "Give the hours of the day, 0 to 23, at least one.")
		}
	} else if f.Source != "" || f.Hours != 0 {
		v.Add("/source", "unknown", "Only a supply basis has a source and hours.")
	}
	if f.Power < 0 || f.Power > 0 && f.Kind != StandingSupply && f.Kind != StandingCurtailment {
		v.Add("/power_kw", "range", "A power of 0 or more belongs to a supply basis or a curtailment.")
	}
	if f.Kind == StandingCurtailment && f.Scope == ScopeGrid && f.Power > 0 {
		v.Add("/power_kw", "range", "A restriction of the whole grid leaves nothing to take.")
	}
	if f.MiningOnly && f.Kind != StandingCurtailment {
		v.Add("/mining_only", "unknown", "Only a curtailment can be of mining alone.")
	}
	if _, err := CheckBin(f.Claimant); (f.Kind == StandingClaim) != (f.Claimant != "") || f.Claimant != "" && err != nil {
		v.Add("/claimant", "checksum", "A claim, and nothing else, names the BIN or IIN of who claims.")
	}
}

// End records that somebody ended the fact, with a reason. A legal hold and a
// suspicion are ended by another person than recorded them.
func (f StandingFact) End(actor Actor, reason string, at time.Time) (StandingFact, error) {
	if !f.Ended.IsZero() {
		return StandingFact{}, Errorf(CodeConflict, "This was ended on %s.", f.Ended.Format(time.RFC3339))
	}
	if strings.TrimSpace(reason) == "" || len(reason) > 1000 {
		var v Invalid
		v.Add("/reason", "required", "Say why it ends, in at most 1,000 characters.")
		return StandingFact{}, v.Err()
	}
	if (f.Kind == StandingHold || f.Kind == StandingSuspect) && f.RecordedBy == actor.ID {
		return StandingFact{}, Errorf(CodeFourEyes, "You recorded this yourself. Another person ends it.")
	}
	f.EndedBy, f.Ended, f.EndReason = actor.ID, at, reason
	return f, nil
}

// HoldsAt tells whether the fact holds at an instant, hours aside.
func (f StandingFact) HoldsAt(at time.Time) bool {
	return !at.Before(f.From) && (f.Until.IsZero() || at.Before(f.Until)) && (f.Ended.IsZero() || at.Before(f.Ended))
}

// overlaps tells whether the fact holds at some instant of [from, to].
func (f StandingFact) overlaps(from, to time.Time) bool {
	return !to.Before(f.From) && (f.Until.IsZero() || from.Before(f.Until)) && (f.Ended.IsZero() || from.Before(f.Ended))
}

// suppliesAt tells whether a supply basis holds at an instant: its term and its hour.
func (f StandingFact) suppliesAt(at time.Time) bool {
	return f.Kind == StandingSupply && f.HoldsAt(at) && f.Hours&(1<<at.UTC().Add(LegalOffset).Hour()) != 0
}

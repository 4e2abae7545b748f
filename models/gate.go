package models

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

// Purpose is what a connection is asked for.
type Purpose string

// The purposes.
const (
	PurposeMining  Purpose = "mining"
	PurposeOther   Purpose = "other"
	PurposeUnknown Purpose = "unknown"
)

// GateEvent is what is going to happen at the connection point.
type GateEvent string

// The events. A change of consumer takes over the load that is there; the others
// add to it.
const (
	EventNewConnection    GateEvent = "new_connection"
	EventReconnection     GateEvent = "reconnection"
	EventUprate           GateEvent = "uprate"
	EventChangeOfConsumer GateEvent = "change_of_consumer"
)

// CheckRequest asks whether a connection may be energised.
type CheckRequest struct {
	Reference       string // the caller's own, such as a work order
	ConnectionPoint string // code
	Applicant       string // BIN or IIN
	License         string // number, "" when the caller has none
	Requested       Watts
	Purpose         Purpose
	Event           GateEvent
	PlannedAt       time.Time // zero: now
}

// Validate checks the form of a request; wrong numbers are for Decide to say.
func (r CheckRequest) Validate() error {
	var v Invalid
	if strings.TrimSpace(r.Reference) == "" || len(r.Reference) > 100 {
		v.Add("/reference", "required", "Give your own reference, at most 100 characters.")
	}
	if r.ConnectionPoint == "" || len(r.ConnectionPoint) > 64 {
		v.Add("/connection_point", "required", "Give the code of the connection point.")
	}
	if r.Requested <= 0 || r.Requested > 10_000_000_000 {
		v.Add("/requested_kw", "range", "The power asked for is more than 0 and at most 10,000,000 kW.")
	}
	switch r.Purpose {
	case PurposeMining, PurposeOther, PurposeUnknown:
	default:
		v.Add("/purpose", "unknown", "The purpose is mining, other or unknown.")
	}
	switch r.Event {
	case EventNewConnection, EventReconnection, EventUprate, EventChangeOfConsumer:
	default:
		v.Add("/event", "unknown", "The event is new_connection, reconnection, uprate or change_of_consumer.")
	}
	return v.Err()
}

// Facts is the snapshot a decision is made from: everything the rules read and
// nothing else. It is stored with the answer, so the answer can be replayed.
type Facts struct {
	Utility    string // who asks
	Revision   int64  // size of the sealed ledger that the snapshot includes at least
	Point      *PointFacts
	Holder     *HolderFacts
	License    *LicenseFacts
	Host       *LicenseFacts // of a sub-type II license
	Pending    bool          // the applicant has an application that is not decided
	ClaimedBy  string        // number of the license in force that covers the point, ""
	EverMining bool          // the point is or was on a license
	Meters     []MeterFacts
	Equipment  Watts          // nameplate sum of active rigs of the license at the point's site
	Overdue    []OverdueFacts // obligations of the license that stand in the way

	Standing     []StandingFact // what holds or is to come for the point, the license and the applicant
	SupplyByHour bool           // supply by hour was ever recorded for the license or the point
	Waiting      time.Duration  // age of the oldest entry of the ledger that is not sealed
	Behind       time.Duration  // how far the clock is behind the newest instant in the ledger
}

// PointFacts are the facts of a connection point in the caller's service area. The
// limits come with the load already below them: energised and reserved, without
// the permit that is asked for.
type PointFacts struct {
	ID, Code, State, Site, DeclaredUse, ConsumerBin string
	Permitted, Energised, Reserved                  Watts
	Technical                                       TechnicalConditions
	Act, SupplyNumber                               string
	SupplyUntil                                     time.Time
	Automation                                      bool
	FeederID, FeederCode, SubstationID              string
	FeederLimit, FeederLoad                         Watts
	SubstationLimit, SubstationLoad                 Watts
}

// HolderFacts is what the registry says about the applicant.
type HolderFacts struct {
	Bin   string
	State PartyState
}

// LicenseFacts is the current version of a license. Covers tells whether it names
// the point; Approved and Load are of the whole license, SiteApproved and SiteLoad
// of the appendix with the point.
type LicenseFacts struct {
	Number                 string
	Version                int64
	SubType                SubType
	State                  LicenseState
	HolderBin, HostNumber  string
	ValidFrom, ValidUntil  time.Time
	Covers                 bool
	Approved, Load         Watts
	SiteApproved, SiteLoad Watts
}

// MeterFacts is a revenue meter of the point.
type MeterFacts struct {
	Serial string
	Linked bool      // the registry has a way to read it, or has read it
	Last   time.Time // its last good reading, zero for none
}

// Outcome is the decision in one word.
type Outcome string

// The outcomes.
const (
	OutcomePermit Outcome = "permit"
	OutcomeDeny   Outcome = "deny"
	OutcomeRefer  Outcome = "refer"
)

// Reason is a rule that failed.
type Reason struct {
	Code     ReasonCode
	Severity Severity
	About    Text // what it names, added to its text; empty for most
}

// GateDecision is what the rules say of facts at an instant. Max, Reserve and
// ValidUntil are zero unless the outcome is permit.
type GateDecision struct {
	Outcome        Outcome
	Reasons        []Reason // every failing rule, in the order of the table
	License        string   // the license that was looked at, ""
	LicenseVersion int64
	Max            Watts
	Reserve        Watts     // what the permit adds to the load below the limits
	ValidUntil     time.Time // half-open
	RulesVersion   string
	Trace          []RuleResult
}

// RuleOutcome says how a rule went.
type RuleOutcome string

// The outcomes of a rule.
const (
	RulePass          RuleOutcome = "pass"
	RuleFail          RuleOutcome = "fail"
	RuleNotApplicable RuleOutcome = "not_applicable"
)

// RuleResult is one rule with what it read.
type RuleResult struct {
	Code     ReasonCode
	Severity Severity
	Result   RuleOutcome
	Reads    string // the inputs with their values
}

// Decide evaluates every rule on the facts at the instant. It is pure: the same
// facts, request, instant and parameters give the same decision.
func Decide(f Facts, r CheckRequest, at time.Time, p GateParameters) GateDecision {
	return (&gateInput{f: f, r: r, p: p, at: at, traced: true}).decide()
}

// Judge is Decide without the trace, which costs most of the time and which only an
// explanation reads.
func Judge(f Facts, r CheckRequest, at time.Time, p GateParameters) GateDecision {
	return (&gateInput{f: f, r: r, p: p, at: at}).decide()
}

func (in *gateInput) decide() GateDecision {
	f, r, at, p := in.f, in.r, in.at, in.p
	in.planned = at
	if r.PlannedAt.After(at) {
		in.planned = r.PlannedAt
	}
	d := GateDecision{Outcome: OutcomePermit, RulesVersion: RulesVersion(p)}
	if f.License != nil {
		d.License, d.LicenseVersion = f.License.Number, f.License.Version
	}
	for _, rule := range ruleTable() {
		v := rule.check(in)
		if v.severity == "" {
			v.severity = rule.severity
		}
		if in.traced {
			d.Trace = append(d.Trace, RuleResult{Code: rule.code, Severity: v.severity, Result: v.result, Reads: strings.Join(v.lines(), "; ")})
		}
		if v.result != RuleFail {
			continue
		}
		d.Reasons = append(d.Reasons, Reason{Code: rule.code, Severity: v.severity, About: v.about})
		switch {
		case v.severity == SeverityDeny:
			d.Outcome = OutcomeDeny
		case v.severity == SeverityRefer && d.Outcome == OutcomePermit:
			d.Outcome = OutcomeRefer
		}
	}
	if d.Outcome == OutcomePermit {
		d.Max, d.Reserve, d.ValidUntil = r.Requested, in.added(), in.validUntil()
	}
	return d
}

// validUntil is the earliest of all limits.
func (in *gateInput) validUntil() time.Time {
	until := in.at.Add(in.p.PermitTime)
	limits := []time.Time{in.f.Point.Technical.ValidUntil, in.f.Point.SupplyUntil}
	if in.f.License != nil {
		limits = append(limits, in.f.License.ValidUntil)
	}
	for _, limit := range append(limits, in.standingLimits(until)...) {
		if !limit.IsZero() && limit.Before(until) {
			until = limit
		}
	}
	return until
}

// RulesVersion is a digest over the table of rules and the parameters: two answers
// with the same version were made by the same rules.
func RulesVersion(p GateParameters) string {
	if last := lastVersion.Load(); last != nil && last.of == p {
		return last.version
	}
	version := rulesVersion(p)
	lastVersion.Store(&versioned{p, version})
	return version
}

// versioned is the version that was asked for last; all ask for the same nearly always.
type versioned struct {
	of      GateParameters
	version string
}

var lastVersion atomic.Pointer[versioned]

func rulesVersion(p GateParameters) string {
	h := sha256.New()
	for _, rule := range ruleTable() {
		fmt.Fprintf(h, "%s|%s|%s|%s\n", rule.code, rule.severity, rule.reads, rule.fails)
	}
	fmt.Fprintf(h, "%+v", p)
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// GateRule is a row of the table of rules as people read it.
type GateRule struct {
	Code     ReasonCode
	Severity Severity
	Reads    string // the facts it looks at
	Fails    string // when it fails
}

// GateRules gives the table of rules in the order of evaluation.
func GateRules() []GateRule {
	rules := ruleTable()
	out := make([]GateRule, 0, len(rules))
	for _, r := range rules {
		out = append(out, GateRule{r.code, r.severity, r.reads, r.fails})
	}
	return out
}

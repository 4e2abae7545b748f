package models

import (
	"math"
	"time"
)

// FindingRule is the rule that a finding rests on.
type FindingRule string

// The rules.
const (
	RuleUnlicensed    FindingRule = "unlicensed_draw"           // draws like a farm, and no license covers it
	RuleOverdraw      FindingRule = "license_overdraw"          // more than the license approves
	RuleSuspended     FindingRule = "draw_while_suspended"      // goes on although the license is suspended
	RuleEnded         FindingRule = "draw_after_license"        // goes on after the license expired or was revoked
	RuleNotEnergised  FindingRule = "draw_not_energised"        // draws where nothing is connected by the register
	RuleTechnical     FindingRule = "over_technical_conditions" // more than the technical conditions permit, within the license
	RuleDeclared      FindingRule = "over_declared_equipment"   // more than the rigs registered at the site can draw
	RulePDUSum        FindingRule = "pdu_sum"                   // the PDUs of a site and its meter do not agree
	RuleCurtailed     FindingRule = "draw_under_curtailment"    // more than the system operator left
	RuleNoSupply      FindingRule = "draw_without_supply"       // in hours for which no electricity was bought or made
	RuleMeterTampered FindingRule = "meter_tampered"            // a meter hides a part of what its feeder gives
	RuleMetering      FindingRule = "metering_doubt"            // a ratio, a clock, a register or a record of metering does not fit; accuses nobody
	RuleBalance       FindingRule = "feeder_balance"            // the feeder gives more than its meters and losses take
)

// DoubtScore is the evidence of a fault of metering, nats: what its rules ask for.
const DoubtScore = 18

// Tier says what a finding is good for.
type Tier string

// The tiers. Only an inspection turns B and C into an accusation.
const (
	TierAct     Tier = "A" // documented values or physics: act
	TierInspect Tier = "B" // strong: inspect
	TierWatch   Tier = "C" // ask for a declaration of the load
)

// Severity is the tier as a word: high, medium, low.
func (t Tier) Severity() string {
	switch t {
	case TierAct:
		return "high"
	case TierInspect:
		return "medium"
	}
	return "low"
}

// FindingState is where a finding is with its officer.
type FindingState string

// The states of a finding.
const (
	FindingOpen         FindingState = "open"
	FindingAcknowledged FindingState = "acknowledged"
	FindingDismissed    FindingState = "dismissed"
	FindingClosed       FindingState = "closed"
)

// Finding is one cause for concern: a rule and the node it concerns. It is
// updated while the cause lasts and never doubled.
type Finding struct {
	ID          string
	Rule        FindingRule
	RuleVersion string
	Target      Ref // feeder or connection_point
	TargetCode  string
	Feeder      string // id
	Substation  string // id
	Utility     string // id
	License     string // number, "" when none is concerned
	Tier        Tier
	Score       float64 // nats of evidence against the honest explanation, capped
	Estimated   Watts   // of what is not lawful
	Low, High   Watts   // 95 % interval of Estimated
	FirstSeen   time.Time
	LastSeen    time.Time
	RaisedAt    time.Time // the instant at which it could be raised
	Updated     time.Time
	State       FindingState
	Reason      string // why it was dismissed or reopened
	Evidence    Evidence
	Version     int64
}

// Rigs are at most and at least so large, in watts: hall-wide means of the
// common models, from 2.95 kW (S19j Pro 100T) to 3.56 kW (S21+) with one per
// cent for fans and supply.
const (
	rigLargest  = 3600
	rigSmallest = 2900
)

// Rigs gives how many rigs the estimate can be: kW/3.6 to kW/2.9.
func (f Finding) Rigs() (low, high int) {
	return int(math.Ceil(float64(f.Estimated) / rigLargest)), int(math.Floor(float64(f.Estimated) / rigSmallest))
}

// Evidence is what a finding rests on, so that it can be drawn and computed
// again from the same readings.
type Evidence struct {
	Kind         string    // which form of the rule fired: the key of its sentence
	From, Until  time.Time // window of readings
	Onset        time.Time // when it began, as well as the readings tell; From when it was there all along
	Meters       []string  // ids, the target's own meter first
	Entries      []int64   // places in the ledger, where the evidence is what people did
	Numbers      map[string]float64
	Expected     []float64     // W by hour of the local day, working days then days off (48); nil where Numbers tell
	Refutations  []string      // codes: what would refute it
	Alternatives []string      // codes: innocent explanations that were tested and do not fit
	Live         time.Time     // newest reading behind it
	Days         []EvidenceDay // what it was raised from, by day; nil where Expected and Numbers tell
	Allowance    string        // id of the allowance that lowers the tier, ""
	TierReason   string        // why the tier is lower than the rule's: allowed, prior, no_temperature; ""
	WatchUntil   time.Time     // an officer waits until then; zero: nobody does
}

// EvidenceDay is one day of the curve that a finding was raised from, in W: of the
// load's floor, or of the excess of a balance.
type EvidenceDay struct {
	At                 time.Time
	Measured, Expected float64
}

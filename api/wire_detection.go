package api

import "time"

// FindingWire is a finding.
type FindingWire struct {
	ID          string          `json:"id"`
	Rule        string          `json:"rule"`
	RuleVersion string          `json:"rule_version"`
	Target      string          `json:"target" doc:"Code of the node or meter"`
	TargetKind  string          `json:"target_kind" enum:"substation,feeder,connection,pdu,meter"`
	TargetID    string          `json:"target_id"`
	Tier        string          `json:"tier" enum:"A,B,C" doc:"A act, B inspect, C watch"`
	Severity    string          `json:"severity" enum:"high,medium,low"`
	Score       float64         `json:"score"`
	EstimatedKw float64         `json:"estimated_kw"`
	LowKw       float64         `json:"low_kw" doc:"Lower end of the 95 % interval"`
	HighKw      float64         `json:"high_kw"`
	RigsLow     int             `json:"rigs_low"`
	RigsHigh    int             `json:"rigs_high"`
	FirstSeen   time.Time       `json:"first_seen"`
	LastSeen    time.Time       `json:"last_seen"`
	RaisedAt    time.Time       `json:"raised_at"`
	State       string          `json:"state" enum:"open,acknowledged,dismissed,closed"`
	Reason      string          `json:"reason,omitempty" doc:"Why it was dismissed or reopened"`
	Explanation string          `json:"explanation" doc:"One sentence with the numbers, in the language asked for"`
	Evidence    FindingEvidence `json:"evidence"`
	Feeder      string          `json:"feeder,omitempty" doc:"Id"`
	Substation  string          `json:"substation,omitempty" doc:"Id"`
	WatchUntil  *time.Time      `json:"watch_until,omitempty" doc:"An officer waits until then; its state is acknowledged"`
	Allowance   string          `json:"allowance,omitempty" doc:"Id of the allowance that lowers its tier"`
	TierReason  string          `json:"tier_reason,omitempty" enum:"allowed,prior,no_temperature" doc:"Why the tier is lower than the rule's: the load is allowed, the rule was seldom right about such loads, or no outdoor temperature is known that would tell a home from its heating"`
	Version     int64           `json:"version"`
}

// FindingEvidence is what a finding rests on.
type FindingEvidence struct {
	From        time.Time          `json:"from"`
	To          time.Time          `json:"to"`
	Meters      []string           `json:"meters" nullable:"false" doc:"Meter ids whose readings it rests on"`
	Numbers     map[string]float64 `json:"numbers" doc:"Named numbers: thresholds, coefficients, measured"`
	Refutations []string           `json:"refutations" nullable:"false" doc:"Codes of what would refute it"`
	Alternative []string           `json:"alternatives" nullable:"false" doc:"Codes of innocent explanations that were tested"`
	Entries     []int64            `json:"entries,omitempty" doc:"Places in the ledger, where it rests on what people did"`
}

// SeriesPointWire is one point of a finding's chart, kW.
type SeriesPointWire struct {
	At       time.Time `json:"at"`
	Measured *float64  `json:"measured_kw,omitempty"`
	Expected *float64  `json:"expected_kw,omitempty"`
	Low      *float64  `json:"low_kw,omitempty"`
	High     *float64  `json:"high_kw,omitempty"`
	Limit    *float64  `json:"limit_kw,omitempty"`
	Excess   *float64  `json:"excess_kw,omitempty" doc:"Measured less expected"`
}

// FindingSeriesWire is the chart of a finding.
type FindingSeriesWire struct {
	Finding string            `json:"finding"`
	StepS   int               `json:"step_s"`
	Onset   time.Time         `json:"onset" doc:"When the cause began, as well as the readings tell"`
	First   time.Time         `json:"first_seen"`
	Last    time.Time         `json:"last_seen"`
	Steps   []PowerStepWire   `json:"steps" nullable:"false" doc:"Where what is measured beyond what was expected changed for good"`
	Items   []SeriesPointWire `json:"items" nullable:"false"`
}

// TriageInput acknowledges, dismisses or reopens a finding.
type TriageInput struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

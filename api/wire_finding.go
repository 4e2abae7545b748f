package api

import "time"

// PowerStepWire is an instant at which a power changed for good, kW.
type PowerStepWire struct {
	At     time.Time `json:"at"`
	Before float64   `json:"before_kw"`
	After  float64   `json:"after_kw"`
}

// PlaceWire says where a finding is and whose place that is.
type PlaceWire struct {
	Feeder         string `json:"feeder" doc:"Code"`
	Substation     string `json:"substation" doc:"Code"`
	SubstationName string `json:"substation_name"`
	Region         string `json:"region,omitempty" doc:"First two digits of the substation's KATO code"`
	DeclaredUse    string `json:"declared_use,omitempty"`
	Holder         string `json:"holder,omitempty" doc:"Party at the connection point, when it is in the register"`
	HolderBin      string `json:"holder_bin,omitempty"`
}

// TriageWire is a finding in the list that officers work through.
type TriageWire struct {
	FindingWire
	Place PlaceWire `json:"place"`
}

// FindingCountWire is how many findings of a tier and state there are at a substation.
type FindingCountWire struct {
	Substation string  `json:"substation"`
	Name       string  `json:"name"`
	Region     string  `json:"region,omitempty"`
	Tier       string  `json:"tier" enum:"A,B,C"`
	State      string  `json:"state" enum:"open,acknowledged,dismissed,closed"`
	Count      int64   `json:"count"`
	Kw         float64 `json:"kw"`
}

// FindingCountsWire is how many findings there are, and how much of the grid is seen.
type FindingCountsWire struct {
	Items         []FindingCountWire `json:"items" nullable:"false"`
	Feeders       int64              `json:"feeders_metered" doc:"Feeders with a meter of their own"`
	Meters        int64              `json:"meters_heard" doc:"Meters that ever sent a reading"`
	NewestReading *time.Time         `json:"newest_reading,omitempty"`
}

// NeighbourWire is a meter on the feeder of a finding.
type NeighbourWire struct {
	Meter       string     `json:"meter" doc:"Id"`
	Code        string     `json:"code"`
	Point       string     `json:"point" doc:"Code of the connection point"`
	DeclaredUse string     `json:"declared_use,omitempty"`
	Holder      string     `json:"holder,omitempty"`
	Own         bool       `json:"own" doc:"The finding's own meter"`
	Before      *float64   `json:"before_kw,omitempty" doc:"Mean until the cause began"`
	After       *float64   `json:"after_kw,omitempty" doc:"Mean since"`
	Kw          []*float64 `json:"kw" nullable:"false" doc:"Mean of each step; null where nothing is known"`
}

// NeighboursWire compares the meters of a feeder over the window of a finding.
type NeighboursWire struct {
	From  time.Time       `json:"from"`
	StepS int             `json:"step_s"`
	Onset time.Time       `json:"onset"`
	Items []NeighbourWire `json:"items" nullable:"false"`
}

// BalancePointWire is one interval of a feeder's balance, kW.
type BalancePointWire struct {
	At       time.Time `json:"at"`
	Supplied *float64  `json:"supplied_kw,omitempty"`
	Metered  *float64  `json:"metered_kw,omitempty"`
	Loss     *float64  `json:"loss_kw,omitempty"`
	Residual *float64  `json:"residual_kw,omitempty"`
}

// MeterShareWire is what a meter below a feeder has to do with its residual.
type MeterShareWire struct {
	Meter       string   `json:"meter" doc:"Id"`
	Code        string   `json:"code"`
	Point       string   `json:"point"`
	DeclaredUse string   `json:"declared_use,omitempty"`
	Holder      string   `json:"holder,omitempty"`
	License     string   `json:"license,omitempty"`
	Mean        *float64 `json:"mean_kw,omitempty"`
	Follows     float64  `json:"follows" doc:"Correlation of the residual's changes with this meter's: near 1 it is a share of this load, near -1 this meter stopped counting"`
}

// FeederBalanceWire is a feeder over time.
type FeederBalanceWire struct {
	ID             string             `json:"id"`
	Code           string             `json:"code"`
	Substation     string             `json:"substation"`
	SubstationName string             `json:"substation_name"`
	LimitKw        float64            `json:"limit_kw"`
	StepS          int                `json:"step_s"`
	Hold           string             `json:"hold,omitempty" enum:"no_head,unmetered_point,missing_meter" doc:"Why the balance says nothing or little"`
	U95            *float64           `json:"u95_kw,omitempty" doc:"Half width of the 95 % interval of one residual"`
	LossA          float64            `json:"loss_a_kw" doc:"No-load losses"`
	LossAt100      float64            `json:"loss_at_100_kw" doc:"Load losses at 100 kW"`
	GainPercent    float64            `json:"gain_percent" doc:"A common error of the meters"`
	Steps          []PowerStepWire    `json:"steps" nullable:"false" doc:"Where the residual changed for good"`
	Meters         []MeterShareWire   `json:"meters" nullable:"false"`
	Items          []BalancePointWire `json:"items" nullable:"false"`
}

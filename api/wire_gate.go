package api

import "time"

// CheckInput asks whether a connection may be energised.
type CheckInput struct {
	Reference       string     `json:"reference" minLength:"1" maxLength:"100" example:"WO-2026-118"`
	ConnectionPoint string     `json:"connection_point" minLength:"1" maxLength:"64" example:"PS12-F03-CP007"`
	Applicant       string     `json:"applicant" maxLength:"32" example:"210440038887" doc:"BIN or IIN"`
	License         string     `json:"license,omitempty" maxLength:"32"`
	RequestedKw     float64    `json:"requested_kw" exclusiveMinimum:"0" maximum:"10000000"`
	Purpose         string     `json:"purpose" enum:"mining,other,unknown"`
	Event           string     `json:"event" enum:"new_connection,reconnection,uprate,change_of_consumer"`
	PlannedAt       *time.Time `json:"planned_at,omitempty"`
}

// ReasonWire is one reason of an answer.
type ReasonWire struct {
	Code     string `json:"code"`
	Severity string `json:"severity" enum:"deny,refer,note"`
	Text     string `json:"text"`
	Cure     string `json:"cure"`
}

// CheckAnswer is the gate's answer.
type CheckAnswer struct {
	ID              string       `json:"id"`
	Reference       string       `json:"reference"`
	Decision        string       `json:"decision" enum:"permit,deny,refer"`
	Reasons         []ReasonWire `json:"reasons" nullable:"false"`
	RequestedKw     float64      `json:"requested_kw"`
	MaxKw           *float64     `json:"max_kw,omitempty"`
	ValidUntil      *time.Time   `json:"valid_until,omitempty"`
	License         string       `json:"license,omitempty"`
	LicenseVersion  int64        `json:"license_version,omitempty"`
	ConnectionPoint string       `json:"connection_point"`
	DecidedAt       time.Time    `json:"decided_at"`
	RulesVersion    string       `json:"rules_version"`
	Revision        int64        `json:"revision"`
	FactsDigest     string       `json:"facts_digest"`
	Permit          string       `json:"permit,omitempty" doc:"Signed, checkable offline with rigistry verify"`
}

// BatchInput asks many checks at once.
type BatchInput struct {
	Checks []CheckInput `json:"checks" minItems:"1" maxItems:"1000"`
}

// BatchAnswer answers in order: item i equals the single answer.
type BatchAnswer struct {
	Answers []CheckAnswer `json:"answers" nullable:"false"`
}

// CheckRecord is a past check in the log.
type CheckRecord struct {
	CheckAnswer
	Utility        string     `json:"utility"`
	UtilityName    string     `json:"utility_name"`
	Applicant      string     `json:"applicant"`
	Purpose        string     `json:"purpose"`
	Event          string     `json:"event"`
	ReservationKw  float64    `json:"reservation_kw" doc:"kW held by this permit now"`
	ReservationEnd string     `json:"reservation_state" enum:"none,held,confirmed,lapsed"`
	ConfirmedAt    *time.Time `json:"confirmed_at,omitempty"`
}

// RuleResultWire is one rule of an explanation.
type RuleResultWire struct {
	Code   string `json:"code"`
	Result string `json:"result" enum:"pass,fail,not_applicable"`
	Reads  string `json:"reads" doc:"The facts it looked at, with their values"`
	Today  string `json:"today" enum:"pass,fail,not_applicable" doc:"What it would say now"`
}

// ExplanationWire explains a past answer and compares it with today.
type ExplanationWire struct {
	ID            string           `json:"id"`
	Decision      string           `json:"decision"`
	DecisionToday string           `json:"decision_today"`
	RulesVersion  string           `json:"rules_version"`
	FactsDigest   string           `json:"facts_digest"`
	Rules         []RuleResultWire `json:"rules" nullable:"false"`
}

// ConfirmationInput reports that a permitted connection was energised.
type ConfirmationInput struct {
	EnergisedAt    time.Time `json:"energised_at"`
	Kw             float64   `json:"kw" minimum:"0"`
	MeterSerial    string    `json:"meter_serial" maxLength:"100"`
	SwitchingOrder string    `json:"switching_order" maxLength:"100"`
}

// UtilityWire is a grid company.
type UtilityWire struct {
	ID      string `json:"id" readOnly:"true" required:"false"`
	Code    string `json:"code" maxLength:"32"`
	NameKk  string `json:"name_kk" maxLength:"300"`
	NameRu  string `json:"name_ru" maxLength:"300"`
	NameEn  string `json:"name_en" maxLength:"300"`
	Bin     string `json:"bin"`
	Version int64  `json:"version" readOnly:"true" required:"false"`
}

// SubstationWire is a substation.
type SubstationWire struct {
	ID      string  `json:"id" readOnly:"true" required:"false"`
	Code    string  `json:"code" maxLength:"32"`
	Name    string  `json:"name" maxLength:"200"`
	Utility string  `json:"utility" doc:"Utility id"`
	VoltKv  int64   `json:"volt_kv"`
	LimitKw float64 `json:"limit_kw"`
	Kato    string  `json:"kato,omitempty"`
	Version int64   `json:"version" readOnly:"true" required:"false"`
}

// FeederWire is a feeder.
type FeederWire struct {
	ID         string  `json:"id" readOnly:"true" required:"false"`
	Code       string  `json:"code" maxLength:"32"`
	Substation string  `json:"substation" doc:"Substation id or code"`
	Utility    string  `json:"utility" readOnly:"true" required:"false"`
	VoltKv     int64   `json:"volt_kv"`
	LimitKw    float64 `json:"limit_kw"`
	Version    int64   `json:"version" readOnly:"true" required:"false"`
}

// TechnicalConditionsWire are the technical conditions of a point.
type TechnicalConditionsWire struct {
	Number     string     `json:"number"`
	LimitKw    float64    `json:"limit_kw"`
	Purpose    string     `json:"purpose" enum:"mining,other"`
	ValidUntil *time.Time `json:"valid_until,omitempty"`
}

// ConnectionPointWire is a connection point.
type ConnectionPointWire struct {
	ID             string                   `json:"id" readOnly:"true" required:"false"`
	Code           string                   `json:"code" maxLength:"64" example:"PS12-F03-CP007"`
	Feeder         string                   `json:"feeder" doc:"Feeder id or code"`
	FeederCode     string                   `json:"feeder_code" readOnly:"true" required:"false"`
	Utility        string                   `json:"utility" readOnly:"true" required:"false"`
	State          string                   `json:"state,omitempty" enum:"planned,energised,disconnected,removed"`
	PermittedKw    float64                  `json:"permitted_kw" minimum:"0"`
	EnergisedKw    float64                  `json:"energised_kw" readOnly:"true" required:"false"`
	ReservedKw     float64                  `json:"reserved_kw" readOnly:"true" required:"false"`
	BinOrIin       string                   `json:"bin_or_iin,omitempty" doc:"Consumer's BIN or IIN"`
	ConsumerName   string                   `json:"consumer_name,omitempty" readOnly:"true"`
	License        string                   `json:"license,omitempty" readOnly:"true" doc:"Number of the license that covers it, where there is one"`
	LicenseState   string                   `json:"license_state,omitempty" readOnly:"true"`
	DeclaredUse    string                   `json:"declared_use" maxLength:"50" example:"workshop"`
	Site           string                   `json:"site,omitempty" doc:"Site id"`
	Technical      *TechnicalConditionsWire `json:"technical_conditions,omitempty"`
	Act            string                   `json:"delineation_act,omitempty" maxLength:"100"`
	SupplyContract string                   `json:"supply_contract,omitempty" maxLength:"100"`
	SupplyUntil    *time.Time               `json:"supply_until,omitempty"`
	Automation     bool                     `json:"emergency_automation" required:"false"`
	Version        int64                    `json:"version" readOnly:"true" required:"false"`
}

// TreeNodeWire is one row of the grid tree, parents before children.
type TreeNodeWire struct {
	ID          string     `json:"id"`
	Kind        string     `json:"kind" enum:"substation,feeder,connection,pdu"`
	Code        string     `json:"code"`
	Name        string     `json:"name,omitempty"`
	Parent      string     `json:"parent,omitempty"`
	State       string     `json:"state,omitempty"`
	LimitKw     float64    `json:"limit_kw"`
	NowKw       *float64   `json:"now_kw,omitempty" doc:"Absent when no meter has read it"`
	NowAt       *time.Time `json:"now_at,omitempty"`
	EnergisedKw float64    `json:"energised_kw"`
	ReservedKw  float64    `json:"reserved_kw"`
	LicensedKw  float64    `json:"licensed_kw" doc:"Power that a license in force covers"`
	License     string     `json:"license,omitempty"`
	DeclaredUse string     `json:"declared_use,omitempty"`
	Consumer    string     `json:"consumer,omitempty"`
	Meter       string     `json:"meter,omitempty" doc:"Meter id"`
	Findings    int        `json:"findings" doc:"Open findings on it"`
	UncoveredKw float64    `json:"uncovered_kw" doc:"Estimated by open findings"`
}

// EventWire is one entry of the ledger as the feed shows it.
type EventWire struct {
	Index          int64     `json:"index"`
	ID             string    `json:"id"`
	At             time.Time `json:"at"`
	Kind           string    `json:"kind"`
	SubjectKind    string    `json:"subject_kind"`
	SubjectID      string    `json:"subject_id"`
	SubjectVersion int64     `json:"subject_version,omitempty"`
	Actor          string    `json:"actor,omitempty"`
	ActorKind      string    `json:"actor_kind,omitempty"`
	Body           any       `json:"body,omitempty"`
}

// CheckpointWire is the head of the ledger.
type CheckpointWire struct {
	Size     int64     `json:"size"`
	RootHash string    `json:"root_hash" doc:"base64"`
	At       time.Time `json:"at"`
	Note     string    `json:"note" doc:"C2SP signed note"`
	Unsealed int       `json:"unsealed" doc:"Committed entries that have no place yet"`
}

// ProofWire proves that an entry is in the tree.
type ProofWire struct {
	Index      int64     `json:"index"`
	Leaf       string    `json:"leaf" doc:"base64 of the canonical leaf"`
	LeafHash   string    `json:"leaf_hash" doc:"base64"`
	Hashes     []string  `json:"hashes" nullable:"false" doc:"Audit path, base64"`
	Checkpoint string    `json:"checkpoint" doc:"Signed note the path leads to"`
	Event      EventWire `json:"event"`
}

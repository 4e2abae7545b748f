package models

import (
	"slices"
	"strings"
)

// Requirement is one qualification requirement of a sub-type as it holds between
// two legal dates. Law changes are new rows, never new columns.
type Requirement struct {
	Code       string
	SubType    SubType
	Position   int64  // order on the checklist
	Evidence   string // what shows it: document, register, inspection
	NeedsFile  bool   // an application with attached documents has a file for it
	Kinds      string // kinds of application that it is for, with commas; "" is every kind
	LegalRef   string
	Grade      string // S read in a source, R recalled and to be confirmed
	Text       Text
	ValidFrom  string // legal date
	ValidUntil string // legal date, not included; "" is open
}

// IsFor tells whether the requirement is looked at in a kind of application.
func (r Requirement) IsFor(kind ApplicationKind) bool {
	return r.Kinds == "" || slices.Contains(strings.Split(r.Kinds, ","), string(kind))
}

// RequirementsFor gives those that are looked at in a kind of application.
func RequirementsFor(kind ApplicationKind, all []Requirement) []Requirement {
	out := make([]Requirement, 0, len(all))
	for _, r := range all {
		if r.IsFor(kind) {
			out = append(out, r)
		}
	}
	return out
}

// Text is a text in the three languages.
type Text struct{ Kk, Ru, En string }

// Named is a name that is registered in Kazakh and in Russian, or in one of them: every
// language has it. English has none of its own and takes the Russian one.
func Named(kk, ru string) Text {
	t := Text{Kk: kk, Ru: ru}
	if t.Ru == "" {
		t.Ru = kk
	}
	if t.Kk == "" {
		t.Kk = ru
	}
	t.En = t.Ru
	return t
}

// In gives the text in a language, English when it is not kk or ru.
func (t Text) In(language string) string {
	switch language {
	case "kk":
		return t.Kk
	case "ru":
		return t.Ru
	}
	return t.En
}

// GroundKind is the act that a ground is for.
type GroundKind string

// The kinds of ground.
const (
	GroundSuspend   GroundKind = "suspend"
	GroundLift      GroundKind = "lift"
	GroundRevoke    GroundKind = "revoke"
	GroundTerminate GroundKind = "terminate"
	GroundRefuse    GroundKind = "refuse"
	GroundReturn    GroundKind = "return"
)

// Ground is a reason that the law gives for an act, between two legal dates.
type Ground struct {
	Kind       GroundKind
	Code       string
	LegalRef   string
	Grade      string // S read in a source, R recalled and to be confirmed
	Text       Text
	ValidFrom  string
	ValidUntil string // not included; "" is open
}

// LegalValue is a number of the law between two legal dates.
type LegalValue struct {
	Code       string // one of the Value… constants
	Value      int64
	Unit       string // tiyn, mci, working_days, years
	LegalRef   string
	Grade      string
	ValidFrom  string
	ValidUntil string // not included; "" is open
}

// Codes of legal values.
const (
	ValueMCI              = "mci"               // monthly calculation index, tiyn
	ValueFeeI             = "fee_I"             // license fee of sub-type I, MCI
	ValueFeeII            = "fee_II"            // license fee of sub-type II, MCI
	ValueDecisionDays     = "decision_days"     // working days from registration to decision
	ValueCompletenessDays = "completeness_days" // working days for the completeness check
	ValueLicenseYears     = "license_years"     // term of a license
	ValueAgencySendDays   = "agency_send_days"  // working days from registration within which an agency is asked
	ValueAgencyDays       = "agency_days"       // working days for an agency's answer
)

// Checklist gives the items to look at for requirements in force.
func Checklist(requirements []Requirement) []ChecklistItem {
	out := make([]ChecklistItem, 0, len(requirements))
	for _, r := range requirements {
		out = append(out, ChecklistItem{Code: r.Code, LegalRef: r.LegalRef})
	}
	return out
}

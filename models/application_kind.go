package models

import "slices"

// Need says whether an answer belongs to an application.
type Need int

// The needs.
const (
	NeedNone     Need = iota // it has no place in this kind
	NeedOptional             // left out, it stays as on the base license
	NeedRequired
)

// KindRule is what one kind of application is: what it is about, what it needs, and
// which dated numbers of the law (codes of legal values) make its term and fee.
type KindRule struct {
	Kind      ApplicationKind
	Base      []LicenseState // states that the base license may have; nil: there is no base license
	Sites     Need
	Equipment Need
	Supply    Need
	Days      string // working days from registration to decision
	DaysMoved string // the same when the holder itself changes (reorganisation), "" as Days
	Percent   string // of the issue fee of the sub-type; "" is the whole fee, and no row of that code is no fee
	Reasoned  bool   // a code of the catalogue of reasons is required
	Claims    bool   // it changes the base license, so one at a time
	Entrants  bool   // size and residency rules hold, as for whoever begins to mine
}

// kindRules is the table of kinds (Law 202-V of 16 May 2014, Arts. 25, 33-35).
var kindRules = []KindRule{
	{Kind: ApplicationIssue, Sites: NeedRequired, Equipment: NeedRequired, Supply: NeedRequired, Days: ValueDecisionDays, Entrants: true},
	{Kind: ApplicationReissue, Base: []LicenseState{LicenseActive}, Sites: NeedOptional, Days: ValueReissueDays, DaysMoved: ValueReorganisationDays,
		Percent: ValueReissuePercent, Reasoned: true, Claims: true, Entrants: true},
	{Kind: ApplicationAppendixChange, Base: []LicenseState{LicenseActive}, Sites: NeedRequired, Equipment: NeedOptional, Supply: NeedOptional,
		Days: ValueAppendixDays, Percent: ValueAppendixPercent, Reasoned: true, Claims: true, Entrants: true},
	{Kind: ApplicationRenewal, Base: []LicenseState{LicenseActive, LicenseSuspended}, Sites: NeedOptional, Equipment: NeedOptional, Supply: NeedOptional,
		Days: ValueRenewalDays, Percent: ValueRenewalPercent, Claims: true, Entrants: true},
	{Kind: ApplicationDuplicate, Base: []LicenseState{LicenseActive, LicenseSuspended}, Days: ValueDuplicateDays, Percent: ValueDuplicatePercent, Reasoned: true},
	{Kind: ApplicationTermination, Base: []LicenseState{LicenseActive, LicenseSuspended}, Days: ValueTerminationDays, Percent: ValueTerminationPercent,
		Reasoned: true, Claims: true},
}

// ReasonReorganisation is the reason of a re-issue to the successor in law of the
// holder, who may be another party.
const ReasonReorganisation = "reorganisation"

// ApplicationKinds lists the kinds.
func ApplicationKinds() []ApplicationKind {
	out := make([]ApplicationKind, 0, len(kindRules))
	for _, r := range kindRules {
		out = append(out, r.Kind)
	}
	return out
}

// RuleOf gives the rule of a kind, and whether there is such a kind.
func RuleOf(kind ApplicationKind) (KindRule, bool) {
	i := slices.IndexFunc(kindRules, func(r KindRule) bool { return r.Kind == kind })
	if i < 0 {
		return KindRule{}, false
	}
	return kindRules[i], true
}

// DaysFor names the legal value of the term for a reason.
func (r KindRule) DaysFor(reason string) string {
	if r.DaysMoved != "" && reason == ReasonReorganisation {
		return r.DaysMoved
	}
	return r.Days
}

// Codes of legal values that belong to kinds of application. A percentage that has
// no row on a date is no fee.
const (
	ValueReissueDays        = "reissue_days"                // working days
	ValueReorganisationDays = "reissue_reorganisation_days" // working days
	ValueAppendixDays       = "appendix_change_days"        // working days
	ValueRenewalDays        = "renewal_days"                // working days
	ValueDuplicateDays      = "duplicate_days"              // working days
	ValueTerminationDays    = "termination_days"            // working days
	ValueReissuePercent     = "reissue_fee_percent"         // of the issue fee
	ValueAppendixPercent    = "appendix_change_fee_percent" // of the issue fee
	ValueRenewalPercent     = "renewal_fee_percent"         // of the issue fee
	ValueDuplicatePercent   = "duplicate_fee_percent"       // of the issue fee
	ValueTerminationPercent = "termination_fee_percent"     // of the issue fee
	ValueRenewalMonths      = "renewal_months"              // months before the end of the term in which renewal can be asked for
)

// ApplicationReason is a reason for which an application of a kind can be made,
// between two legal dates. Law changes are new rows.
type ApplicationReason struct {
	Kind       ApplicationKind
	Code       string
	LegalRef   string
	Grade      string // S read in a source, R recalled and to be confirmed
	Text       Text
	ValidFrom  string // legal date
	ValidUntil string // legal date, not included; "" is open
}

// FilingFee is what an application costs on one legal date.
type FilingFee struct {
	MilliMCI int64 // thousandths of the monthly calculation index
	MCI      Tiyn  // the index on that date
	Due      Tiyn
	LegalRef string
}

// FeeOf computes a fee: so many per cent of an issue fee in MCI, at the value of
// the MCI. No fee is the zero FilingFee.
func FeeOf(units, mci LegalValue, percent int64) FilingFee {
	return FilingFee{MilliMCI: units.Value * percent * 10, MCI: Tiyn(mci.Value), Due: Tiyn(units.Value * mci.Value * percent / 100), LegalRef: units.LegalRef}
}

// Pinned is the law as it stood for a case at its filing. Changes of the law after
// that day do not touch the case.
type Pinned struct {
	Date         string // legal date of the filing; "" for a case filed before pinning began
	Fee          FilingFee
	Days         int        // working days from registration to decision
	DaysRef      string     // its legal reference
	Values       []PinnedID // rows of legal values that were used
	Requirements []PinnedID // rows of requirements: the checklist
	Reason       PinnedID   // row of the reason, zero when there is none
}

// IsPinned tells whether the law of an earlier day holds for the case. A draft, and
// what was returned to its applicant, stands under the law of today until it is filed.
func (a Application) IsPinned() bool {
	return a.Pinned.Date != "" && a.State != ApplicationDraft && a.State != ApplicationReturned
}

// PinnedID names a row of dated reference data: its code and from when it holds.
type PinnedID struct {
	Code      string
	ValidFrom string // legal date
}

// HostContract is the contract under which rigs stand in somebody else's data
// centre (sub-type II, Law 193-VII, Art. 9). Dates are legal dates.
type HostContract struct {
	Number string
	Date   string // concluded on
	Until  string // last day; "" while it has none
}

// How the documents of an application come to the office.
const (
	DocumentsAttached = "attached" // a file for each requirement that needs one, before filing
	DocumentsPaper    = "paper"    // shown to the office, which looks at them in the completeness check
)

package models

import "time"

// ApplicationKind is what is asked for.
type ApplicationKind string

// The kinds of application.
const (
	ApplicationIssue ApplicationKind = "issue"
)

// ApplicationState is the state of an application.
type ApplicationState string

// The states of an application, in the order of the procedure (Law 202-V
// Art. 25: completeness in 2 working days, decision in 15).
const (
	ApplicationDraft      ApplicationState = "draft"
	ApplicationSubmitted  ApplicationState = "submitted"
	ApplicationRegistered ApplicationState = "registered"
	ApplicationReturned   ApplicationState = "returned" // reasoned refusal for incompleteness
	ApplicationInReview   ApplicationState = "in_review"
	ApplicationDrafted    ApplicationState = "decision_drafted"
	ApplicationGranted    ApplicationState = "granted"
	ApplicationRefused    ApplicationState = "refused"
	ApplicationWithdrawn  ApplicationState = "withdrawn"
)

// Application is a request to the licensor with everything said in it.
type Application struct {
	ID           string
	Number       string // "A-2026-00123"
	Kind         ApplicationKind
	SubType      SubType
	State        ApplicationState
	Applicant    string // party id
	ApplicantBin string
	Language     string // kk, ru or en
	SupplyBasis  string // auction, import, own_generation, own_res, ppa_res
	Declared     Watts
	Sites        []ApplicationSite
	Host         string // license number of the host, sub-type II
	Equipment    []DeclaredEquipment
	FeePaid      Tiyn
	FeeDocument  string
	Note         string
	FiledBy      string // actor id
	SubmittedAt  time.Time
	RegisteredAt time.Time
	Due          string // legal date by which a decision is due, "" before registration
	Clock        Clock  // the statutory clock with its starts and stops
	Officer      string // user id of the officer in charge, ""
	Checklist    []ChecklistItem
	Decision     *Decision
	License      string // number issued on it, ""
	Version      int64
	Created      time.Time
	Updated      time.Time
}

// ApplicationSite is one site asked for with its connection points and power.
type ApplicationSite struct {
	Site             string // site id
	SiteCode         string
	ConnectionPoints []string // codes
	Approved         Watts    // asked for
}

// DeclaredEquipment is a line of the declared equipment: so many of one model.
type DeclaredEquipment struct {
	Manufacturer string
	Model        string
	Units        int64
	Nameplate    Watts // each
}

// ChecklistResult is what the officer found for one requirement.
type ChecklistResult string

// The results; "" is not looked at yet.
const (
	ChecklistMet           ChecklistResult = "met"
	ChecklistNotMet        ChecklistResult = "not_met"
	ChecklistNotApplicable ChecklistResult = "not_applicable"
)

// ChecklistItem is one qualification requirement as it stood at filing, and what
// was found. Requirements are dated data, never columns.
type ChecklistItem struct {
	Code     string
	LegalRef string
	Result   ChecklistResult
	Note     string
	By       string // user id
	At       time.Time
}

// Decision is a drafted and then signed decision on an application.
type Decision struct {
	Outcome   string   // grant or refuse
	Reasons   []string // codes of the catalogue, required for refuse
	Note      string
	Drafter   string // user id
	DraftedAt time.Time
	Signer    string // user id; never the drafter
	SignedAt  time.Time
	Order     string // number of the order
}

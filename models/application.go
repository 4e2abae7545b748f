package models

import (
	"slices"
	"time"
)

// ApplicationKind is what is asked for.
type ApplicationKind string

// The kinds of application.
const (
	ApplicationIssue          ApplicationKind = "issue"
	ApplicationReissue        ApplicationKind = "reissue"         // another number supersedes the license
	ApplicationAppendixChange ApplicationKind = "appendix_change" // other sites, points or power
	ApplicationRenewal        ApplicationKind = "renewal"         // another term from the end of this one
	ApplicationDuplicate      ApplicationKind = "duplicate"       // the paper again
	ApplicationTermination    ApplicationKind = "termination"     // the holder's wish to end it
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
	HostContract HostContract
	Base         string // number of the license that it is about, "" for issue
	Reason       string // code of the catalogue of reasons of its kind, "" where there is none
	Documents    string // how they come: attached or paper
	Pinned       Pinned // the law at filing
	Equipment    []DeclaredEquipment
	FeePaid      Tiyn
	FeeDocument  string
	Note         string
	FiledBy      string // actor id
	SubmittedAt  time.Time
	RegisteredAt time.Time
	CompleteAt   time.Time // when the documents were found complete
	Missing      []string  // what was missing when it was returned, in words
	Due          string    // legal date by which a decision is due, "" before registration and while the clock stands for a correction
	Clock        Clock     // the statutory clock with its starts and stops
	Officer      string    // user id of the officer in charge, ""
	Checklist    []ChecklistItem
	Decision     *Decision
	Voided       *VoidedDraft // the draft that fell last, nil after the next one
	License      string       // number issued on it, or the license that it changed, ""
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
	// DrafterUnit and SignerUnit differ where both have one.
	DrafterUnit string
	SignerUnit  string
	Seen        string // digest of what the signer was shown, "" for a program that did not say
	Order       string // number of the order
}

// Outcomes of a decision.
const (
	OutcomeGrant  = "grant"
	OutcomeRefuse = "refuse"
)

// SupplyBases lists the ways in which a miner may get its power (the application
// states one; Law on Electric Power, Art. 9-4).
func SupplyBases() []string {
	return []string{"auction", "import", "own_generation", "own_res", "ppa_res"}
}

// ShownState is the state as the actor is told of it: an applicant is not told that a
// decision is drafted.
func (a Application) ShownState(actor Actor) ApplicationState {
	const other = "another party" // no id looks like this
	if a.State == ApplicationDrafted && actor.Is(RoleApplicant) && Can(actor, ActApplicationRead, Scope{Party: other}) != nil {
		return ApplicationInReview
	}
	return a.State
}

// step is the common part of every transition: it must be allowed from the state,
// done by somebody, and counts the version up.
func (a Application) step(actor Actor, at time.Time, to ApplicationState, from ...ApplicationState) (Application, error) {
	if actor.ID == "" {
		return Application{}, Errorf(CodeUnauthenticated, "Somebody must do this.")
	}
	if !slices.Contains(from, a.State) {
		return Application{}, Errorf(CodeConflict, "Application %s is %s; this cannot be done in that state.", a.Number, a.ShownState(actor))
	}
	a.State, a.Updated = to, at
	a.Version++
	a.Checklist = slices.Clone(a.Checklist)
	return a, nil
}

// Amend replaces what is asked for. A returned application becomes a draft again.
func (a Application) Amend(with Application, actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, ApplicationDraft, ApplicationDraft, ApplicationReturned)
	if err != nil {
		return Application{}, err
	}
	n.Kind = with.Kind
	n.take(with)
	return n, nil
}

// take replaces what is asked for.
func (a *Application) take(with Application) {
	a.SubType, a.Language, a.SupplyBasis, a.Declared = with.SubType, with.Language, with.SupplyBasis, with.Declared
	a.Sites, a.Host, a.Equipment = slices.Clone(with.Sites), with.Host, slices.Clone(with.Equipment)
	a.HostContract, a.Base, a.Reason, a.Documents = with.HostContract, with.Base, with.Reason, with.Documents
	a.FeePaid, a.FeeDocument, a.Note = with.FeePaid, with.FeeDocument, with.Note
}

// Submit files the application. Whether it is fit to be filed is Filing's to say.
func (a Application) Submit(actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, ApplicationSubmitted, ApplicationDraft)
	n.SubmittedAt, n.FiledBy = at, actor.ID
	n.RegisteredAt, n.CompleteAt, n.Due, n.Clock, n.Missing = time.Time{}, time.Time{}, "", Clock{}, nil
	return orNoApplication(n, err)
}

// Register takes the application into the books and starts the statutory clock of
// so many working days.
func (a Application) Register(cal Calendar, days int, actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, ApplicationRegistered, ApplicationSubmitted)
	n.RegisteredAt, n.Clock = at, Clock{Started: at}
	n.Due = n.Clock.Read(cal, days, at).Due
	return orNoApplication(n, err)
}

// Return is the reasoned refusal for incompleteness, naming what is missing. The
// applicant may complete it and file again.
func (a Application) Return(missing []string, actor Actor, at time.Time) (Application, error) {
	if len(missing) == 0 {
		var v Invalid
		v.Add("/missing", "required", "Name at least one thing that is missing, so that the applicant can add it.")
		return Application{}, v.Err()
	}
	n, err := a.step(actor, at, ApplicationReturned, ApplicationRegistered)
	n.Missing, n.Clock.Stopped = slices.Clone(missing), at
	return orNoApplication(n, err)
}

// Accept records that the documents are complete and opens the review with the
// checklist as the requirements stood at filing.
func (a Application) Accept(checklist []ChecklistItem, actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, ApplicationInReview, ApplicationRegistered)
	n.CompleteAt, n.Checklist = at, slices.Clone(checklist)
	return orNoApplication(n, err)
}

// Assign makes somebody the officer in charge. Taking a matter over is no edit: a
// drafted decision stands.
func (a Application) Assign(officer string, actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, a.State, ApplicationRegistered, ApplicationInReview, ApplicationDrafted)
	n.Officer = officer
	return orNoApplication(n, err)
}

// CheckItem records what was found for one requirement. It is an edit: a drafted
// decision falls.
func (a Application) CheckItem(item ChecklistItem, actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, ApplicationInReview, ApplicationInReview, ApplicationDrafted)
	if err != nil {
		return Application{}, err
	}
	var v Invalid
	i := slices.IndexFunc(n.Checklist, func(c ChecklistItem) bool { return c.Code == item.Code })
	if i < 0 {
		v.Add("/code", "unknown", "Requirement %q is not on the checklist of this application.", item.Code)
	}
	switch item.Result {
	case ChecklistMet, ChecklistNotApplicable:
	case ChecklistNotMet:
		if item.Note == "" {
			v.Add("/note", "required", "Say what is not met, so that it can be put right.")
		}
	default:
		v.Add("/result", "unknown", "The result is met, not_met or not_applicable.")
	}
	if err := v.Err(); err != nil {
		return Application{}, err
	}
	n.Checklist[i].Result, n.Checklist[i].Note = item.Result, item.Note
	n.Checklist[i].By, n.Checklist[i].At = actor.ID, at
	n.dropDraft(actor, at, VoidedByChecklist)
	return n, nil
}

// DraftDecision drafts the decision. A grant needs every requirement met or not
// applicable; a refusal needs reasons.
func (a Application) DraftDecision(d Decision, actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, ApplicationDrafted, ApplicationInReview)
	if err == nil && a.AwaitsCorrection() {
		err = Errorf(CodeConflict, "The applicant was asked for a correction and the clock stands. Wait for the answer or the end of its term.")
	}
	if err != nil {
		return Application{}, err
	}
	var v Invalid
	switch d.Outcome {
	case OutcomeGrant:
		for _, c := range n.Checklist {
			if c.Result != ChecklistMet && c.Result != ChecklistNotApplicable {
				v.Add("/outcome", "checklist", "Requirement %s is not met or has not been looked at.", c.Code)
			}
		}
		if len(d.Reasons) > 0 {
			v.Add("/reasons", "not_allowed", "A grant has no reasons of refusal.")
		}
	case OutcomeRefuse:
		if len(d.Reasons) == 0 {
			v.Add("/reasons", "required", "A refusal needs at least one reason of the catalogue.")
		}
	default:
		v.Add("/outcome", "unknown", "The outcome is grant or refuse.")
	}
	if err := v.Err(); err != nil {
		return Application{}, err
	}
	n.Decision = &Decision{Outcome: d.Outcome, Reasons: slices.Clone(d.Reasons), Note: d.Note, Drafter: actor.ID, DraftedAt: at, DrafterUnit: actor.Unit}
	n.Voided = nil
	return n, nil
}

// VoidDraft takes a drafted decision back to review.
func (a Application) VoidDraft(actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, ApplicationInReview, ApplicationDrafted)
	n.dropDraft(actor, at, VoidedByHand)
	return orNoApplication(n, err)
}

// Sign makes the drafted decision final. Neither the drafter nor anybody of the
// drafter's unit may sign.
func (a Application) Sign(order string, actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, ApplicationGranted, ApplicationDrafted)
	if err != nil {
		return Application{}, err
	}
	if err := SecondHand(n.Decision.Drafter, n.Decision.DrafterUnit, actor); err != nil {
		return Application{}, err
	}
	d := *n.Decision
	d.Signer, d.SignerUnit, d.SignedAt, d.Order = actor.ID, actor.Unit, at, order
	n.Decision, n.Clock.Stopped = &d, at
	if d.Outcome == OutcomeRefuse {
		n.State = ApplicationRefused
	}
	return n, nil
}

// Withdraw takes the application back before it is decided.
func (a Application) Withdraw(actor Actor, at time.Time) (Application, error) {
	n, err := a.step(actor, at, ApplicationWithdrawn, ApplicationDraft, ApplicationSubmitted, ApplicationRegistered,
		ApplicationReturned, ApplicationInReview, ApplicationDrafted)
	n.Decision = nil
	if !n.Clock.Started.IsZero() && n.Clock.Stopped.IsZero() {
		n.Clock.Stopped = at
	}
	return orNoApplication(n, err)
}

func orNoApplication(a Application, err error) (Application, error) {
	if err != nil {
		return Application{}, err
	}
	return a, nil
}

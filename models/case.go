package models

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// CaseState is where a case of enforcement is.
type CaseState string

// The states. A case that nobody leads is open; a dismissal that a second person has
// to look at is drafted first. Dismissed and closed are final until it is reopened.
const (
	CaseOpen             CaseState = "open"
	CaseInvestigating    CaseState = "investigating"
	CaseDismissalDrafted CaseState = "dismissal_drafted"
	CaseDismissed        CaseState = "dismissed"
	CaseClosed           CaseState = "closed"
)

// CaseStates lists the states in the order of a case's life.
func CaseStates() []CaseState {
	return []CaseState{CaseOpen, CaseInvestigating, CaseDismissalDrafted, CaseDismissed, CaseClosed}
}

// CaseSource is what made somebody open a case.
type CaseSource string

// The sources. A finding and a mismatch are named by their id.
const (
	CaseFromFinding  CaseSource = "finding"
	CaseFromMismatch CaseSource = "mismatch"
	CaseFromTip      CaseSource = "tip"
	CaseFromOfficer  CaseSource = "officer"
)

// CaseSources lists the sources.
func CaseSources() []CaseSource {
	return []CaseSource{CaseFromFinding, CaseFromMismatch, CaseFromTip, CaseFromOfficer}
}

// CaseDismissal says why nothing is pursued. It goes back to detection, which learns
// from it.
type CaseDismissal string

// The reasons for a dismissal.
const (
	DismissedLicensed   CaseDismissal = "licensed_load"   // a license, or a law, allows the load
	DismissedOtherLoad  CaseDismissal = "other_load"      // a flat load that is no mining: cold store, telecom, data centre
	DismissedMetering   CaseDismissal = "metering_fault"  // CT ratio, clock, wiring or a broken meter
	DismissedTopology   CaseDismissal = "topology_record" // the switching was recorded late or wrongly
	DismissedNotFound   CaseDismissal = "nothing_found"   // an inspection found nothing
	DismissedNoEvidence CaseDismissal = "no_evidence"     // what there is does not carry an accusation
	DismissedDuplicate  CaseDismissal = "duplicate"       // another case has it
)

// CaseDismissals lists the reasons for a dismissal.
func CaseDismissals() []CaseDismissal {
	return []CaseDismissal{DismissedLicensed, DismissedOtherLoad, DismissedMetering, DismissedTopology, DismissedNotFound, DismissedNoEvidence, DismissedDuplicate}
}

// CaseOutcome is how a case that was pursued ended.
type CaseOutcome string

// The outcomes.
const (
	CaseLegalised    CaseOutcome = "legalised" // a license was issued or enlarged
	CaseDisconnected CaseOutcome = "disconnected"
	CasePenalised    CaseOutcome = "penalised"
	CaseConvicted    CaseOutcome = "convicted"
	CaseAcquitted    CaseOutcome = "acquitted"
)

// CaseOutcomes lists the outcomes.
func CaseOutcomes() []CaseOutcome {
	return []CaseOutcome{CaseLegalised, CaseDisconnected, CasePenalised, CaseConvicted, CaseAcquitted}
}

// CaseSubject is what or whom a case is about. Label is what it was called when it
// was added; a person without a record in the registry has only a label.
type CaseSubject struct {
	ID      string
	Kind    string // connection_point, feeder, site, premises, license, party, person, finding, mismatch
	Ref     string // id or number of the record, "" for premises and persons outside the registry
	Label   string
	Added   time.Time
	AddedBy string // user id
}

// CaseSubjectKinds lists what a case can be about.
func CaseSubjectKinds() []string {
	return []string{"connection_point", "feeder", "site", "premises", "license", "party", "person", "finding", "mismatch"}
}

// Case is one matter of enforcement, from what raised it to how it ended. Its words
// can name people, so none of them goes into the ledger.
type Case struct {
	ID         string
	Number     string // EC-2026-000042
	Source     CaseSource
	Title      string // one line for lists
	Summary    string
	State      CaseState
	Lead       string   // user id, "" while nobody leads it
	Members    []string // user ids that see a restricted case beside its lead and the heads
	Restricted bool
	Due        string // legal date by which the next step is due, "" when it has ended
	Estimated  Watts  // what is at stake, 0 when nobody can say
	Dismissal  CaseDismissal
	Note       string // words of the dismissal or the closure
	DraftedBy  string // user id of who drafted the dismissal
	Outcome    CaseOutcome
	Salt       string // of the digests of its words in the ledger
	OpenedBy   string
	Opened     time.Time
	Ended      time.Time
	Updated    time.Time
	Version    int64
}

const (
	maxCaseTitle   = 200
	maxCaseText    = 20000
	maxCaseMembers = 50
)

// OpenCase makes a case; the store gives it a number and an id. due is the legal date
// by which somebody has to lead it.
func OpenCase(c Case, subjects []CaseSubject, due string, actor Actor, at time.Time) (Case, error) {
	c.Title, c.Summary = strings.TrimSpace(c.Title), strings.TrimSpace(c.Summary)
	var v Invalid
	if !slices.Contains(CaseSources(), c.Source) {
		v.Add("/source", "unknown", "The source is one of %v.", CaseSources())
	}
	if c.Title == "" || len(c.Title) > maxCaseTitle {
		v.Add("/title", "required", "Say in one line what it is about, in at most %d bytes.", maxCaseTitle)
	}
	if len(c.Summary) > maxCaseText {
		v.Add("/summary", "length", "This is longer than %d bytes.", maxCaseText)
	}
	if c.Estimated < 0 {
		v.Add("/estimated_kw", "range", "Power is not negative.")
	}
	if len(subjects) == 0 {
		v.Add("/subjects", "required", "Name at least one connection, site, premises, license, party or person that it is about.")
	}
	checkSubjects(&v, subjects)
	if err := v.Err(); err != nil {
		return Case{}, err
	}
	c.State, c.OpenedBy, c.Opened, c.Updated, c.Due, c.Version = CaseOpen, actor.ID, at, at, due, 1
	c.Lead, c.Members, c.Restricted = "", nil, false
	return c, nil
}

// checkSubjects refuses subjects whose form is wrong; whether a record exists is for
// the caller to say.
func checkSubjects(v *Invalid, subjects []CaseSubject) {
	for i, s := range subjects {
		at := "/subjects/" + strconv.Itoa(i)
		outside := s.Kind == "premises" || s.Kind == "person"
		switch {
		case !slices.Contains(CaseSubjectKinds(), s.Kind):
			v.Add(at+"/kind", "unknown", "A subject is one of %v.", CaseSubjectKinds())
		case outside && strings.TrimSpace(s.Label) == "":
			v.Add(at+"/label", "required", "Give the address, or the name of the person.")
		case !outside && s.Ref == "":
			v.Add(at+"/ref", "required", "Give the id or number of the record.")
		}
		if len(s.Label) > maxCaseTitle {
			v.Add(at+"/label", "length", "This is longer than %d bytes.", maxCaseTitle)
		}
	}
}

// CheckSubjects refuses subjects whose form is wrong, and an empty list.
func CheckSubjects(subjects []CaseSubject) error {
	var v Invalid
	if len(subjects) == 0 {
		v.Add("/subjects", "required", "Name at least one subject.")
	}
	checkSubjects(&v, subjects)
	return v.Err()
}

// Sees tells whether the actor may know of the case: of a restricted one only its
// lead, its members, the heads and the program.
func (c Case) Sees(actor Actor) bool {
	return !c.Restricted || actor.Is(RoleHead) || actor.Is(RoleSystem) || actor.ID == c.Lead || slices.Contains(c.Members, actor.ID)
}

// Over tells whether the case has ended until somebody reopens it.
func (c Case) Over() bool { return c.State == CaseDismissed || c.State == CaseClosed }

func (c Case) step(at time.Time) Case {
	c.Updated, c.Version = at, c.Version+1
	return c
}

// over is the refusal of a step that a case at its end cannot take.
func (c Case) over() error {
	if c.Over() {
		return Errorf(CodeConflict, "Case %s is %s. Reopen it first, with a reason.", c.Number, c.State)
	}
	return nil
}

// LedBy puts a person in charge until a legal date. An officer takes a case for
// oneself; a head gives it to anybody.
func (c Case) LedBy(person, due string, actor Actor, at time.Time) (Case, error) {
	if err := c.over(); err != nil {
		return c, err
	}
	if person == "" {
		person = actor.ID
	}
	if person != actor.ID && !actor.Is(RoleHead) {
		var v Invalid
		v.Add("/person", "not_allowed", "Only a head puts somebody else in charge. Leave the person out to take the case yourself.")
		return c, v.Err()
	}
	if c.Lead != "" && c.Lead != actor.ID && !actor.Is(RoleHead) {
		return c, Errorf(CodeConflict, "Somebody leads this case. A head can give it to you.")
	}
	c = c.step(at)
	c.Lead, c.Due = person, due
	if c.State == CaseOpen {
		c.State = CaseInvestigating
	}
	return c, nil
}

// Restrict narrows who knows of the case to its lead, the members and the heads.
// Only a head does it.
func (c Case) Restrict(members []string, actor Actor, at time.Time) (Case, error) {
	if len(members) > maxCaseMembers {
		var v Invalid
		v.Add("/members", "length", "At most %d people.", maxCaseMembers)
		return c, v.Err()
	}
	c, err := c.restrictable(actor, at)
	if err == nil {
		c.Restricted, c.Members = true, slices.Clone(members)
	}
	return c, err
}

// Unrestrict lets everybody who reads cases know of it again. Only a head does it.
func (c Case) Unrestrict(actor Actor, at time.Time) (Case, error) {
	c, err := c.restrictable(actor, at)
	if err == nil {
		c.Restricted, c.Members = false, nil
	}
	return c, err
}

func (c Case) restrictable(actor Actor, at time.Time) (Case, error) {
	if !actor.Is(RoleHead) {
		return c, Errorf(CodeForbidden, "Only a head restricts a case, or opens it again.")
	}
	return c.step(at), nil
}

// mayLead refuses who neither leads the case nor heads the office.
func (c Case) mayLead(actor Actor) error {
	if c.Lead == "" {
		return Errorf(CodeConflict, "Nobody leads this case. Take it first, or ask a head to give it to somebody.")
	}
	if actor.ID != c.Lead && !actor.Is(RoleHead) {
		return Errorf(CodeForbidden, "Only who leads the case, or a head, may do this.")
	}
	return nil
}

// Close ends a case that was pursued.
func (c Case) Close(outcome CaseOutcome, note string, actor Actor, at time.Time) (Case, error) {
	if err := c.over(); err != nil {
		return c, err
	}
	if err := c.mayLead(actor); err != nil {
		return c, err
	}
	note = strings.TrimSpace(note)
	var v Invalid
	if !slices.Contains(CaseOutcomes(), outcome) {
		v.Add("/outcome", "unknown", "The outcome is one of %v.", CaseOutcomes())
	}
	if note == "" || len(note) > maxCaseText {
		v.Add("/note", "required", "Say what the outcome rests on, in at most %d bytes.", maxCaseText)
	}
	if err := v.Err(); err != nil {
		return c, err
	}
	c = c.step(at)
	c.State, c.Outcome, c.Note, c.Due, c.Ended = CaseClosed, outcome, note, "", at
	c.Dismissal, c.DraftedBy = "", ""
	return c, nil
}

// Reopen takes a case up again that had ended, until a legal date.
func (c Case) Reopen(reason, due string, actor Actor, at time.Time) (Case, error) {
	if !c.Over() {
		return c, Errorf(CodeConflict, "Case %s has not ended.", c.Number)
	}
	if strings.TrimSpace(reason) == "" {
		var v Invalid
		v.Add("/reason", "required", "Say what is new.")
		return c, v.Err()
	}
	c = c.step(at)
	c.State, c.Outcome, c.Dismissal, c.DraftedBy, c.Note, c.Ended, c.Due = CaseInvestigating, "", "", "", "", time.Time{}, due
	if c.Lead == "" {
		c.Lead = actor.ID
	}
	return c, nil
}

// Confirms tells what the end of a case says of the finding that raised it: true for
// rigs that should not have drawn, false for an honest load, and nothing known while
// the case runs or when it was ended for want of evidence.
func (c Case) Confirms() (confirmed, known bool) {
	switch c.State {
	case CaseClosed:
		return c.Outcome != CaseAcquitted, true
	case CaseDismissed:
		return false, c.Dismissal != DismissedNoEvidence && c.Dismissal != DismissedDuplicate
	}
	return false, false
}

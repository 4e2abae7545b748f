package models

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// InspectionState is where an inspection is.
type InspectionState string

// The states. A planned one becomes ready when nothing that the law demands is missing;
// the first event of the field puts it in progress, whatever is missing.
const (
	InspectionPlanned    InspectionState = "planned"
	InspectionReady      InspectionState = "ready"
	InspectionInProgress InspectionState = "in_progress"
	InspectionSubmitted  InspectionState = "submitted"
	InspectionFinalized  InspectionState = "finalized"
	InspectionCancelled  InspectionState = "cancelled"
)

// InspectionStates lists the states in the order of an inspection's life.
func InspectionStates() []InspectionState {
	return []InspectionState{InspectionPlanned, InspectionReady, InspectionInProgress, InspectionSubmitted, InspectionFinalized, InspectionCancelled}
}

// InspectionKind is the form of control; what the law demands depends on it.
type InspectionKind string

// The kinds: by the schedule of the risk system, on a ground out of turn, and the
// preventive control with a visit.
const (
	InspectionByPlan     InspectionKind = "planned"
	InspectionOutOfTurn  InspectionKind = "unscheduled"
	InspectionPreventive InspectionKind = "preventive"
)

// InspectionKinds lists the kinds.
func InspectionKinds() []InspectionKind {
	return []InspectionKind{InspectionByPlan, InspectionOutOfTurn, InspectionPreventive}
}

// InspectionAgencies lists who can send people along.
func InspectionAgencies() []string { return append(CaseAgencies(), "utility", "system_operator") }

// Inspection is one visit, from its plan to its protocol.
type Inspection struct {
	ID          string
	Number      string // IN-2026-000042
	Kind        InspectionKind
	Case        string // case id, "" for none
	Finding     string // finding id, "" for none
	Site        string // site id, "" for none
	Point       string // connection point id, "" for none
	Party       string // id of the holder, "" when nobody is known
	License     string // number, "" for none
	Title       string // one line for lists
	Address     string
	Region      string // two digits, the first of the KATO code; ""
	LatE7       int64  // degrees times ten million; with LonE7 0 for unknown
	LonE7       int64
	PlannedOn   string // legal date
	Route       int64  // place in the route of the day, from 1; 0 for none
	State       InspectionState
	Lead        string            // user id
	Members     []string          // user ids beside the lead
	Agencies    []string          // other agencies that send somebody
	Former      []string          // user ids that were of the team
	Legal       map[string]string // what the law demands, by field
	Checklist   string            // version
	Reason      string            // why it was cancelled
	Hold        string            // why nothing of it may be erased, "" for no hold
	Salt        string            // of the digests of its words in the ledger
	CreatedBy   string
	Created     time.Time
	SubmittedBy string
	Submitted   time.Time
	FinalizedBy string
	Finalized   time.Time
	Updated     time.Time
	Version     int64
}

const (
	maxInspectionTitle = 200
	maxInspectionTeam  = 30
	maxLegalField      = 500
	maxRoute           = 1000
)

// PlanInspection makes an inspection; the store gives it a number and an id. rules are
// those of its kind on the day of the visit.
func PlanInspection(i Inspection, rules []InspectionRule, actor Actor, at time.Time) (Inspection, error) {
	i.Title, i.Address = strings.TrimSpace(i.Title), strings.TrimSpace(i.Address)
	var v Invalid
	if !slices.Contains(InspectionKinds(), i.Kind) {
		v.Add("/kind", "unknown", "The kind is one of %v.", InspectionKinds())
	}
	if i.Title == "" || len(i.Title) > maxInspectionTitle {
		v.Add("/title", "required", "Say in one line what is visited, in at most %d bytes.", maxInspectionTitle)
	}
	if i.Site == "" && i.Point == "" && i.Address == "" {
		v.Add("/address", "required", "Name a site, a connection or an address.")
	}
	if i.LatE7 < -90e7 || i.LatE7 > 90e7 || i.LonE7 < -180e7 || i.LonE7 > 180e7 {
		v.Add("/lat", "range", "A latitude lies between -90 and 90, a longitude between -180 and 180.")
	}
	checkVisit(&v, i, at)
	checkLegal(&v, i.Legal, rules)
	if err := v.Err(); err != nil {
		return Inspection{}, err
	}
	i.CreatedBy, i.Created, i.Updated, i.Version = actor.ID, at, at, 1
	i.Reason, i.Hold, i.Former, i.SubmittedBy, i.FinalizedBy = "", "", nil, "", ""
	i.Legal = maps.Clone(i.Legal)
	if i.Legal == nil {
		i.Legal = map[string]string{}
	}
	if i.Legal[LegalChecklist] == "" {
		i.Legal[LegalChecklist] = i.Checklist
	}
	i.State = InspectionPlanned
	return i.readied(rules), nil
}

func checkVisit(v *Invalid, i Inspection, at time.Time) {
	if AddDays(i.PlannedOn, 0) != i.PlannedOn || i.PlannedOn < LegalDate(at) {
		v.Add("/planned_on", "date", "Give the day of the visit as YYYY-MM-DD, today or later.")
	}
	if i.Route < 0 || i.Route > maxRoute {
		v.Add("/route", "range", "The place in the route lies between 0 and %d.", maxRoute)
	}
	checkTeam(v, i.Lead, i.Members, i.Agencies)
}

func checkTeam(v *Invalid, lead string, members, agencies []string) {
	if lead == "" {
		v.Add("/lead", "required", "Name the inspector who leads.")
	}
	if len(members) > maxInspectionTeam {
		v.Add("/members", "length", "At most %d people.", maxInspectionTeam)
	}
	if slices.Contains(members, lead) && lead != "" {
		v.Add("/members", "duplicate", "Who leads is not named again among the members.")
	}
	for _, a := range agencies {
		if !slices.Contains(InspectionAgencies(), a) {
			v.Add("/agencies", "unknown", "An agency is one of %v.", InspectionAgencies())
			break
		}
	}
}

// readied gives the inspection the state that its legal fields allow, while it waits.
func (i Inspection) readied(rules []InspectionRule) Inspection {
	if i.State == InspectionPlanned || i.State == InspectionReady {
		i.State = InspectionPlanned
		if len(i.Missing(rules)) == 0 {
			i.State = InspectionReady
		}
	}
	return i
}

// Of tells whether the person is of the team now.
func (i Inspection) Of(person string) bool {
	return person == i.Lead || slices.Contains(i.Members, person)
}

// Sees tells whether the actor may know of the inspection: an inspector of those of the
// teams it is or was of, the office and the auditor of all.
func (i Inspection) Sees(actor Actor) bool {
	for _, r := range []Role{RoleHead, RoleOfficer, RoleAuditor, RoleSystem} {
		if actor.Is(r) {
			return true
		}
	}
	return i.Of(actor.ID) || slices.Contains(i.Former, actor.ID)
}

// Over tells whether the inspection has ended.
func (i Inspection) Over() bool {
	return i.State == InspectionFinalized || i.State == InspectionCancelled
}

func (i Inspection) step(at time.Time) Inspection {
	i.Updated, i.Version = at, i.Version+1
	return i
}

// works refuses who neither is of the team nor heads the office, and what has ended.
func (i Inspection) works(actor Actor) error {
	if !i.Of(actor.ID) && !actor.Is(RoleHead) && !actor.Is(RoleSystem) {
		return Errorf(CodeForbidden, "Only the team of the inspection, or a head, may do this.")
	}
	if i.Over() {
		return Errorf(CodeConflict, "Inspection %s is %s; nothing is changed any more.", i.Number, i.State)
	}
	return nil
}

// SetLegal puts in what the law demands; "" takes a field out. It is ready when nothing
// is missing.
func (i Inspection) SetLegal(fields map[string]string, rules []InspectionRule, actor Actor, at time.Time) (Inspection, error) {
	if err := i.works(actor); err != nil {
		return i, err
	}
	var v Invalid
	checkLegal(&v, fields, rules)
	if err := v.Err(); err != nil {
		return i, err
	}
	next := i.step(at)
	next.Legal = maps.Clone(i.Legal)
	if next.Legal == nil {
		next.Legal = map[string]string{}
	}
	for field, value := range fields {
		if next.Legal[field] = strings.TrimSpace(value); next.Legal[field] == "" {
			delete(next.Legal, field)
		}
	}
	return next.readied(rules), nil
}

// Team is who goes, when and in which order.
type Team struct {
	Lead      string
	Members   []string
	Agencies  []string
	PlannedOn string // legal date
	Route     int64
}

// Reassign changes who goes, and the day. Whoever leaves the team stays known: what that
// person recorded and sends later is kept.
func (i Inspection) Reassign(t Team, rules []InspectionRule, at time.Time) (Inspection, error) {
	if i.Over() {
		return i, Errorf(CodeConflict, "Inspection %s is %s; nobody is sent any more.", i.Number, i.State)
	}
	next := i.step(at)
	next.Lead, next.Members, next.Agencies, next.PlannedOn, next.Route = t.Lead, slices.Clone(t.Members), slices.Clone(t.Agencies), t.PlannedOn, t.Route
	var v Invalid
	if t.PlannedOn == i.PlannedOn {
		checkTeam(&v, t.Lead, t.Members, t.Agencies)
	} else {
		checkVisit(&v, next, at)
	}
	if err := v.Err(); err != nil {
		return i, err
	}
	next.Former = nil
	for _, p := range slices.Concat(i.Former, []string{i.Lead}, i.Members) {
		if !next.Of(p) && !slices.Contains(next.Former, p) {
			next.Former = append(next.Former, p)
		}
	}
	return next.readied(rules), nil
}

// Cancel ends an inspection that is not made, with the reason.
func (i Inspection) Cancel(reason string, at time.Time) (Inspection, error) {
	if i.Over() || i.State == InspectionSubmitted {
		return i, Errorf(CodeConflict, "Inspection %s is %s and cannot be cancelled.", i.Number, i.State)
	}
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > maxCaseText {
		var v Invalid
		v.Add("/reason", "required", "Say why it is not made.")
		return i, v.Err()
	}
	next := i.step(at)
	next.State, next.Reason = InspectionCancelled, reason
	return next, nil
}

// Begun is the inspection after an event of the field has come in; changed tells whether
// that made a difference.
func (i Inspection) Begun(at time.Time) (next Inspection, changed bool) {
	if i.State != InspectionPlanned && i.State != InspectionReady {
		return i, false
	}
	next = i.step(at)
	next.State = InspectionInProgress
	return next, true
}

// Submit says that the device has sent all of it. Again changes nothing.
func (i Inspection) Submit(actor Actor, at time.Time) (Inspection, error) {
	if i.State == InspectionSubmitted {
		return i, nil
	}
	if err := i.works(actor); err != nil {
		return i, err
	}
	if i.State != InspectionInProgress {
		return i, Errorf(CodeConflict, "No event of a visit has come in for inspection %s.", i.Number)
	}
	next := i.step(at)
	next.State, next.SubmittedBy, next.Submitted = InspectionSubmitted, actor.ID, at
	return next, nil
}

// Finalize ends the inspection as made. While something that the law demands is missing
// it is refused, with each field and why it matters.
func (i Inspection) Finalize(rules []InspectionRule, actor Actor, at time.Time) (Inspection, error) {
	if err := i.works(actor); err != nil {
		return i, err
	}
	if i.State != InspectionSubmitted {
		return i, Errorf(CodeConflict, "Inspection %s is %s. It is finalized after its protocol was submitted.", i.Number, i.State)
	}
	if i.Lead != actor.ID && !actor.Is(RoleHead) {
		return i, Errorf(CodeForbidden, "Only who leads the inspection, or a head, finalizes it.")
	}
	if missing := i.Missing(rules); len(missing) > 0 {
		e := Errorf(CodeLegalMissing, "The inspection lacks what the law demands. What was found would be no evidence; fill in the fields named.")
		for _, m := range missing {
			e.Fields = append(e.Fields, FieldError{Pointer: "/legal/" + m.Field, Code: m.Code, Detail: m.Why.En + " (" + m.LegalRef + ")"})
		}
		return i, e
	}
	next := i.step(at)
	next.State, next.FinalizedBy, next.Finalized = InspectionFinalized, actor.ID, at
	return next, nil
}

// SetHold keeps everything of the inspection from being erased, with the reason; ""
// lifts the hold.
func (i Inspection) SetHold(reason string, at time.Time) (Inspection, error) {
	reason = strings.TrimSpace(reason)
	if len(reason) > maxCaseText {
		var v Invalid
		v.Add("/reason", "length", "This is longer than %d bytes.", maxCaseText)
		return i, v.Err()
	}
	next := i.step(at)
	next.Hold = reason
	return next, nil
}

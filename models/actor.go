package models

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Role is what somebody is to the registry. A person may hold several; an API
// client holds one.
type Role string

// The roles. System is the program itself: expiry, sealing, detection.
const (
	RoleClerk     Role = "clerk"
	RoleOfficer   Role = "officer"
	RoleHead      Role = "head"
	RoleInspector Role = "inspector"
	RoleAuditor   Role = "auditor"
	RoleAdmin     Role = "admin"
	RoleApplicant Role = "applicant"
	RoleUtility   Role = "utility"
	RoleCollector Role = "collector"
	RoleSystem    Role = "system"
)

// Roles lists the roles that people and clients can be given.
func Roles() []Role {
	return []Role{RoleClerk, RoleOfficer, RoleHead, RoleInspector, RoleAuditor, RoleAdmin, RoleApplicant, RoleUtility, RoleCollector}
}

// Actor is who does something: a person, an API client or the program. It is an
// argument of every service method, because who did it is part of the evidence.
type Actor struct {
	ID    string // user or client id; "system" for the program
	Kind  string // person, client or system
	Name  string // for the ledger and the timeline
	Roles []Role
	Unit  string // organisational unit of a person
	// Party is the applicant's party id, Utility the utility's id; "" when the
	// actor belongs to neither. They are the scopes of Can.
	Party     string
	Utility   string
	Collector string // collector id of a collector, "" for anybody else
	RequestID string
	// Operator is the staff number or login that an API client named for the person
	// it acts for, "" for none.
	Operator string
}

// PersonKey tells persons apart without naming them: the account, and for an API
// client the person it acts for.
func (a Actor) PersonKey() string {
	sum := sha256.Sum256([]byte("rigistry/person\x00" + a.ID + "\x00" + a.Operator))
	return hex.EncodeToString(sum[:8])
}

// System is the program itself as an actor.
func System() Actor {
	return Actor{ID: "system", Kind: "system", Name: "Rigistry", Roles: []Role{RoleSystem}}
}

// Is tells whether the actor holds the role.
func (a Actor) Is(r Role) bool { return slices.Contains(a.Roles, r) }

// Action is something that can be allowed. Every route and every service
// command has one.
type Action string

// The actions.
const (
	ActPublicRead        Action = "public.read"
	ActSessionOwn        Action = "session.own"
	ActPartyRead         Action = "party.read"
	ActPartyWrite        Action = "party.write"
	ActPersonRead        Action = "person.read"
	ActPersonWrite       Action = "person.write"
	ActDuplicateRead     Action = "party.read_duplicates"
	ActMergePropose      Action = "party.propose_merge"
	ActMergeDecide       Action = "party.decide_merge"
	ActSearch            Action = "register.search"
	ActApplicationRead   Action = "application.read"
	ActApplicationFile   Action = "application.file"
	ActApplicationReview Action = "application.review"
	ActApplicationDraft  Action = "application.draft_decision"
	ActApplicationSign   Action = "application.sign_decision"
	ActStaffRead         Action = "staff.read" // who works here, the queue, conflicts of interest
	ActConflictDeclare   Action = "conflict.declare"
	ActConflictWithdraw  Action = "conflict.withdraw"
	ActAppealRecord      Action = "appeal.record"
	ActTollingWrite      Action = "tolling.write"
	ActLicenseRead       Action = "license.read"
	ActLicenseDraft      Action = "license.draft_act"   // draft an act on a license
	ActLicenseSign       Action = "license.sign_act"    // sign or reject what another person drafted
	ActLicenseSuspend    Action = "license.suspend"     // suspend at once, to be confirmed by another person
	ActLicenseConfirm    Action = "license.confirm_act" // confirm or reject an urgent suspension of another person
	ActLicenseActRead    Action = "license.read_act"
	ActEquipmentRead     Action = "equipment.read"
	ActEquipmentWrite    Action = "equipment.write"
	ActAlarmRead         Action = "equipment.alarm_read"
	ActAlarmResolve      Action = "equipment.alarm_resolve"
	ActImportRead        Action = "import.read"
	ActImportRun         Action = "import.run"
	ActSiteRead          Action = "site.read"
	ActSiteWrite         Action = "site.write"
	ActGridRead          Action = "grid.read"
	ActGridWrite         Action = "grid.write"
	ActGateCheck         Action = "gate.check"
	ActGateRead          Action = "gate.read"
	ActGateConfirm       Action = "gate.confirm"
	ActStandingRead      Action = "standing.read"  // hours of supply, curtailments, legal holds, suspect premises, claims
	ActStandingWrite     Action = "standing.write" // record and end them
	ActOrderRead         Action = "order.read"
	ActOrderAct          Action = "order.act"
	ActReconcileRead     Action = "reconciliation.read"
	ActReconcileSend     Action = "reconciliation.send" // a utility sends its list of energised points
	ActMismatchDecide    Action = "reconciliation.decide"
	ActPaperRead         Action = "paper.read"
	ActPaperIssue        Action = "paper.issue"   // blocks of numbered forms for checks by phone, and their sheets
	ActPaperAnswer       Action = "paper.answer"  // the registry's side of a check by phone
	ActPaperEnter        Action = "paper.enter"   // the utility's side of it
	ActPaperSettle       Action = "paper.settle"  // decide what a difference between the sides means
	ActTableConvert      Action = "table.convert" // read or write a spreadsheet; nothing is kept
	ActOrderVerify       Action = "order.verify"  // by hand, where no meter can tell
	ActOrderDecide       Action = "order.decide"  // on an objection; close what is verified
	ActMeterRead         Action = "meter.read"
	ActMeterWrite        Action = "meter.write"
	ActReadingWrite      Action = "reading.write"
	ActReadingCorrect    Action = "reading.correct" // propose and confirm what counts in the place of measured intervals
	ActWebhookRead       Action = "webhook.read"
	ActWebhookWrite      Action = "webhook.write"
	ActAccessOwn         Action = "client.own"  // a utility sees its clients and exchanges their keys
	ActAccessCode        Action = "client.code" // give a one-time code for a key
	ActFindingRead       Action = "finding.read"
	ActFindingTriage     Action = "finding.triage"
	ActParameterWrite    Action = "detection.parameters" // propose, confirm or reject other numbers for the rules, and ask what they would find
	ActWeatherWrite      Action = "weather.write"        // tell outdoor temperatures
	ActAllowanceDecide   Action = "finding.allow"        // put an allowance for a known flat load in force that another person proposed, or end it
	ActCaseRead          Action = "case.read"
	ActCaseWrite         Action = "case.write"    // open, lead, add to and dismiss
	ActCaseDecide        Action = "case.decide"   // second look at a dismissal, closure, reopening
	ActCaseRestrict      Action = "case.restrict" // narrow who knows of it
	ActCasePackage       Action = "case.package"  // take its evidence out as a file
	ActInspectionRead    Action = "inspection.read"
	ActInspectionPlan    Action = "inspection.plan" // who goes, when and where; cancel
	ActInspectionWork    Action = "inspection.work" // legal fields, submission, orders, finalization: the team, or a head
	ActFieldWork         Action = "field.work"      // devices, visit packs, events and files of the field
	ActFieldUnlock       Action = "field.unlock"    // a device that was locked
	ActEvidenceRead      Action = "evidence.read"   // originals; each access is an entry of custody
	ActEvidenceHold      Action = "evidence.hold"   // keep from erasure, and erase what nothing keeps
	ActObligationRead    Action = "obligation.read"
	ActObligationFulfil  Action = "obligation.fulfil"
	ActObligationDecide  Action = "obligation.decide"
	ActNoticeRead        Action = "notice.read"
	ActTaskRead          Action = "task.read"
	ActTaskWork          Action = "task.work"
	ActDocumentRead      Action = "document.read"
	ActDocumentIssue     Action = "document.issue"
	ActReferenceRead     Action = "reference.read"  // proposed changes of the law by date; the law itself is public
	ActReferenceWrite    Action = "reference.write" // propose, confirm or reject such a change
	ActLedgerRead        Action = "ledger.read"
	ActLedgerErase       Action = "ledger.erase"
	ActEventsRead        Action = "events.read"
	ActUserAdmin         Action = "user.admin"
	ActSystemRead        Action = "system.read"
)

// registryStaff may see the register from the inside.
var registryStaff = []Role{RoleClerk, RoleOfficer, RoleHead, RoleInspector, RoleAuditor}

// permissions is the whole matrix: which roles may do what at all. Scopes (own
// party, own service area) narrow it further in Can. A role that is not listed
// may not. Admin runs the system and sees no case files; nobody deletes.
// Source: Law 202-V Art. 25 (drafter and signer) and the separation of duties.
var permissions = map[Action][]Role{
	ActPublicRead:        nil,                                                                        // anybody, also without signing in
	ActSessionOwn:        append(slices.Clone(registryStaff), RoleAdmin, RoleApplicant, RoleUtility), // people; a collector has tokens only
	ActPartyRead:         append(slices.Clone(registryStaff), RoleApplicant),
	ActPartyWrite:        {RoleClerk, RoleOfficer},
	ActPersonRead:        append(slices.Clone(registryStaff), RoleApplicant), // personal data: staff leave a trace, an applicant sees its own
	ActPersonWrite:       {RoleClerk, RoleOfficer},
	ActDuplicateRead:     slices.Clone(registryStaff),
	ActMergePropose:      {RoleClerk, RoleOfficer},
	ActMergeDecide:       {RoleOfficer, RoleHead},
	ActSearch:            append(slices.Clone(registryStaff), RoleApplicant, RoleUtility), // each sees what it may read
	ActApplicationRead:   append(slices.Clone(registryStaff), RoleApplicant),
	ActApplicationFile:   {RoleApplicant, RoleClerk},
	ActApplicationReview: {RoleClerk, RoleOfficer},
	ActApplicationDraft:  {RoleOfficer},
	ActApplicationSign:   {RoleOfficer, RoleHead},
	ActStaffRead:         registryStaff,
	ActConflictDeclare:   {RoleClerk, RoleOfficer, RoleHead},
	ActConflictWithdraw:  {RoleHead},
	ActAppealRecord:      {RoleOfficer, RoleHead},
	ActTollingWrite:      {RoleOfficer, RoleHead},
	ActLicenseRead:       append(slices.Clone(registryStaff), RoleApplicant, RoleUtility),
	ActLicenseDraft:      {RoleOfficer, RoleHead},
	ActLicenseSign:       {RoleHead},
	ActLicenseSuspend:    {RoleHead},
	ActLicenseConfirm:    {RoleOfficer, RoleHead},
	ActLicenseActRead:    {RoleOfficer, RoleHead, RoleInspector, RoleAuditor},
	ActEquipmentRead:     append(slices.Clone(registryStaff), RoleApplicant),
	ActEquipmentWrite:    {RoleClerk, RoleOfficer},
	ActAlarmRead:         registryStaff,
	ActAlarmResolve:      {RoleOfficer, RoleHead},
	ActImportRead:        {RoleClerk, RoleOfficer, RoleHead, RoleAuditor},
	ActImportRun:         {RoleClerk, RoleOfficer},
	ActSiteRead:          append(slices.Clone(registryStaff), RoleApplicant),
	ActSiteWrite:         {RoleClerk, RoleOfficer, RoleApplicant}, // an applicant its own, until a license names it
	ActGridRead:          append(slices.Clone(registryStaff), RoleUtility),
	ActGridWrite:         {RoleClerk, RoleUtility},
	ActGateCheck:         {RoleUtility},
	ActGateRead:          {RoleUtility, RoleOfficer, RoleHead, RoleInspector, RoleAuditor},
	ActGateConfirm:       {RoleUtility},
	ActStandingRead:      {RoleOfficer, RoleHead, RoleInspector, RoleAuditor},
	ActStandingWrite:     {RoleOfficer, RoleHead},
	ActOrderRead:         {RoleUtility, RoleOfficer, RoleHead, RoleInspector, RoleAuditor},
	ActOrderAct:          {RoleUtility},
	ActReconcileRead:     {RoleUtility, RoleOfficer, RoleHead, RoleInspector, RoleAuditor},
	ActReconcileSend:     {RoleUtility},
	ActMismatchDecide:    {RoleOfficer, RoleHead},
	ActPaperRead:         {RoleUtility, RoleOfficer, RoleHead, RoleInspector, RoleAuditor},
	ActPaperIssue:        {RoleOfficer, RoleHead},
	ActPaperAnswer:       {RoleOfficer, RoleHead},
	ActPaperEnter:        {RoleUtility},
	ActPaperSettle:       {RoleOfficer, RoleHead},
	ActTableConvert:      append(slices.Clone(registryStaff), RoleUtility),
	ActOrderVerify:       {RoleOfficer, RoleHead, RoleInspector},
	ActOrderDecide:       {RoleOfficer, RoleHead},
	ActMeterRead:         append(slices.Clone(registryStaff), RoleUtility),
	ActMeterWrite:        {RoleClerk, RoleUtility},
	ActReadingWrite:      {RoleCollector},
	ActReadingCorrect:    {RoleOfficer, RoleHead, RoleUtility},
	ActWebhookRead:       {RoleUtility, RoleOfficer, RoleHead, RoleAuditor, RoleAdmin},
	ActWebhookWrite:      {RoleUtility},
	ActAccessOwn:         {RoleUtility, RoleAdmin},
	ActAccessCode:        {RoleOfficer, RoleHead, RoleAdmin},
	ActFindingRead:       {RoleOfficer, RoleHead, RoleInspector, RoleAuditor},
	ActFindingTriage:     {RoleOfficer, RoleHead},
	ActParameterWrite:    {RoleOfficer, RoleHead},
	ActWeatherWrite:      {RoleCollector, RoleHead}, // a station's program, or a head with its file
	ActAllowanceDecide:   {RoleHead},
	ActCaseRead:          {RoleOfficer, RoleHead, RoleInspector, RoleAuditor},
	ActCaseWrite:         {RoleOfficer, RoleHead, RoleInspector},
	ActCaseDecide:        {RoleOfficer, RoleHead},
	ActCaseRestrict:      {RoleHead},
	ActCasePackage:       {RoleOfficer, RoleHead, RoleInspector, RoleAuditor},
	ActInspectionRead:    {RoleOfficer, RoleHead, RoleInspector, RoleAuditor},
	ActInspectionPlan:    {RoleHead},
	ActInspectionWork:    {RoleInspector, RoleHead},
	ActFieldWork:         {RoleInspector, RoleHead},
	ActFieldUnlock:       {RoleHead},
	ActEvidenceRead:      {RoleOfficer, RoleHead, RoleInspector, RoleAuditor},
	ActEvidenceHold:      {RoleHead},
	ActObligationRead:    append(slices.Clone(registryStaff), RoleApplicant),
	ActObligationFulfil:  {RoleApplicant, RoleClerk},
	ActObligationDecide:  {RoleOfficer, RoleHead},
	ActNoticeRead:        {RoleApplicant},
	ActTaskRead:          append(slices.Clone(registryStaff), RoleApplicant),
	ActTaskWork:          {RoleClerk, RoleOfficer, RoleHead, RoleInspector},
	ActDocumentRead:      append(slices.Clone(registryStaff), RoleApplicant),
	ActDocumentIssue:     {RoleClerk, RoleOfficer, RoleHead},
	ActReferenceRead:     registryStaff,
	ActReferenceWrite:    {RoleOfficer, RoleHead},
	ActLedgerRead:        {RoleOfficer, RoleHead, RoleAuditor, RoleAdmin},
	ActLedgerErase:       {RoleHead},
	ActEventsRead:        {RoleUtility, RoleOfficer, RoleHead, RoleAuditor},
	ActUserAdmin:         {RoleAdmin},
	ActSystemRead:        {RoleAdmin, RoleAuditor, RoleOfficer, RoleHead},
}

// Actions lists every action of the permission table, in no order.
func Actions() []Action {
	out := make([]Action, 0, len(permissions))
	for a := range permissions {
		out = append(out, a)
	}
	return out
}

// RolesFor gives the roles that may do the action, or nil for what is public.
func RolesFor(action Action) []Role { return slices.Clone(permissions[action]) }

// Scope is the owner of the thing acted on. Empty fields do not narrow.
type Scope struct {
	Party   string
	Utility string
}

// Can tells whether the actor may do the action on a thing with that owner: one
// of its roles must be in the table and, where the thing has an owner, an
// applicant must belong to the party and a utility to the utility. The program
// itself may do everything.
func Can(actor Actor, action Action, scope Scope) error {
	roles, known := permissions[action]
	if !known {
		return Errorf(CodeForbidden, "%q is not an action that anybody can be allowed.", action)
	}
	if action == ActPublicRead || actor.Is(RoleSystem) {
		return nil
	}
	if actor.ID == "" {
		return Errorf(CodeUnauthenticated, "Sign in, or send a bearer token, to do this.")
	}
	var scoped bool
	for _, r := range actor.Roles {
		if !slices.Contains(roles, r) {
			continue
		}
		switch {
		case r == RoleApplicant && scope.Party != "" && scope.Party != actor.Party:
			scoped = true
		case r == RoleUtility && scope.Utility != "" && scope.Utility != actor.Utility:
			scoped = true
		default:
			return nil
		}
	}
	if scoped {
		return NotFound("record", "with that identifier")
	}
	return Errorf(CodeForbidden, "This needs one of the roles %v; you have %v. Ask an administrator if you should have it.", roles, actor.Roles)
}

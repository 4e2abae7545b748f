package api

import (
	"context"
	"net/http"
	"strings"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/store"
)

func (s *Server) caseRoutes() []route {
	const tag = "Cases"
	return []route{
		handle("GET", "/v1/cases", models.ActCaseRead, tag, "Cases of enforcement, the newest first; a restricted one only for those it names", s.listCases),
		handle("POST", "/v1/cases", models.ActCaseWrite, tag, "Open a case about connections, sites, premises, licenses, parties or persons", s.postCase).with(http.StatusCreated),
		handle("GET", "/v1/cases/{id}", models.ActCaseRead, tag, "A case by id or number, with what it is about, what was done, and others about the same", s.getCase),
		handle("POST", "/v1/cases/{id}/lead", models.ActCaseWrite, tag, "Take the case, or as a head give it to somebody", s.postCaseLead),
		handle("POST", "/v1/cases/{id}/subjects", models.ActCaseWrite, tag, "Add what else the case is about", s.postCaseSubjects),
		handle("POST", "/v1/cases/{id}/acts", models.ActCaseWrite, tag, "Write down a note, a referral, a seizure, a release or a ruling; it is never changed. A seizure takes the rigs of the register out of use", s.postCaseAct),
		handle("POST", "/v1/cases/{id}/restriction", models.ActCaseRestrict, tag, "Let only the lead, the members and the heads know of the case", s.postCaseRestriction),
		handle("POST", "/v1/cases/{id}/restriction/end", models.ActCaseRestrict, tag, "Let everybody who reads cases know of it again", s.postCaseRestrictionEnd),
		handle("POST", "/v1/cases/{id}/dismissal", models.ActCaseWrite, tag, "End a case in which nothing is pursued; what is large, and a share by lot, waits for a second person", s.postCaseDismissal),
		handle("POST", "/v1/cases/{id}/dismissal/confirmation", models.ActCaseDecide, tag, "Agree with a drafted dismissal; its drafter may not", s.postCaseDismissalConfirmation).stepUp(),
		handle("POST", "/v1/cases/{id}/dismissal/return", models.ActCaseDecide, tag, "Send a drafted dismissal back, or take it back", s.postCaseDismissalReturn),
		handle("POST", "/v1/cases/{id}/closure", models.ActCaseDecide, tag, "End a case that was pursued, with its outcome", s.postCaseClosure),
		handle("POST", "/v1/cases/{id}/reopening", models.ActCaseDecide, tag, "Take an ended case up again, with what is new", s.postCaseReopening),
	}
}

type casesQuery struct {
	ListQuery
	State   string `query:"state" enum:"open,investigating,dismissal_drafted,dismissed,closed"`
	Ongoing string `query:"ongoing" enum:"true,false" doc:"true: neither dismissed nor closed; false: one of the two"`
	Source  string `query:"source" enum:"finding,mismatch,tip,officer"`
	Lead    string `query:"lead" maxLength:"64" doc:"User id, or me"`
	Overdue string `query:"overdue" enum:"true" doc:"true: the next step was due before today"`
	Subject string `query:"subject" maxLength:"200" doc:"Id, number, address or name of what it is about"`
	Q       string `query:"q" maxLength:"100" doc:"Part of the title or the number"`
}

func (s *Server) listCases(ctx context.Context, actor models.Actor, in *casesQuery) (*listOutput[CaseWire], error) {
	f := store.CaseFilter{State: in.State, Ongoing: in.Ongoing, Source: in.Source, Lead: in.Lead, Subject: strings.TrimSpace(in.Subject), Words: strings.TrimSpace(in.Q)}
	if in.Lead == "me" {
		f.Lead = actor.ID
	}
	if in.Overdue != "" {
		f.Overdue = models.LegalDate(s.now())
	}
	page := in.page()
	found, people, err := s.svc.Enforcement.Cases(ctx, actor, f, page)
	if err != nil {
		return nil, err
	}
	next := nextOf(found, page, func(c models.Case) string { return c.ID })
	return listOf(found, next, func(c models.Case) CaseWire { return s.caseWire(c, actor, people) }), nil
}

func (s *Server) caseOutput(m enforcement.Matter, actor models.Actor, err error) (*output[CaseWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[CaseWire]{ETag: etag(m.Case.Version), Body: s.matterWire(m, actor)}, nil
}

type casePost struct {
	Idempotent
	Body CaseInput
}

func (s *Server) postCase(ctx context.Context, actor models.Actor, in *casePost) (*created[CaseWire], error) {
	m, err := s.svc.Enforcement.Open(ctx, actor, models.Case{Source: models.CaseSource(in.Body.Source), Title: in.Body.Title, Summary: in.Body.Summary,
		Estimated: watts(in.Body.EstimatedKw)}, subjectsOf(in.Body.Subjects))
	if err != nil {
		return nil, err
	}
	return &created[CaseWire]{Location: "/v1/cases/" + m.Case.ID, ETag: etag(m.Case.Version), Body: s.matterWire(m, actor)}, nil
}

func (s *Server) getCase(ctx context.Context, actor models.Actor, in *ByID) (*output[CaseWire], error) {
	m, err := s.svc.Enforcement.Case(ctx, actor, in.ID)
	return s.caseOutput(m, actor, err)
}

// CaseChange addresses a case that is changed.
type CaseChange struct {
	ByID
	IfMatch
	Idempotent
}

type caseLead struct {
	CaseChange
	Body CaseLeadInput
}

func (s *Server) postCaseLead(ctx context.Context, actor models.Actor, in *caseLead) (*output[CaseWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	m, err := s.svc.Enforcement.Lead(ctx, actor, in.ID, in.Body.Person, version)
	return s.caseOutput(m, actor, err)
}

type caseSubjects struct {
	CaseChange
	Body CaseSubjectsInput
}

func (s *Server) postCaseSubjects(ctx context.Context, actor models.Actor, in *caseSubjects) (*output[CaseWire], error) {
	m, err := s.svc.Enforcement.AddSubjects(ctx, actor, in.ID, subjectsOf(in.Body.Subjects))
	return s.caseOutput(m, actor, err)
}

type caseAct struct {
	CaseChange
	Body CaseActInput
}

func (s *Server) postCaseAct(ctx context.Context, actor models.Actor, in *caseAct) (*output[CaseWire], error) {
	m, err := s.svc.Enforcement.Act(ctx, actor, in.ID, in.Body.act())
	return s.caseOutput(m, actor, err)
}

type caseRestriction struct {
	CaseChange
	Body CaseRestrictionInput
}

func (s *Server) postCaseRestriction(ctx context.Context, actor models.Actor, in *caseRestriction) (*output[CaseWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	m, err := s.svc.Enforcement.Restrict(ctx, actor, in.ID, in.Body.Members, version)
	return s.caseOutput(m, actor, err)
}

type caseBare struct {
	CaseChange
	Body *struct{} `required:"false"`
}

func (s *Server) postCaseRestrictionEnd(ctx context.Context, actor models.Actor, in *caseBare) (*output[CaseWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	m, err := s.svc.Enforcement.Unrestrict(ctx, actor, in.ID, version)
	return s.caseOutput(m, actor, err)
}

type caseDismissal struct {
	CaseChange
	Body CaseDismissalInput
}

func (s *Server) postCaseDismissal(ctx context.Context, actor models.Actor, in *caseDismissal) (*output[CaseWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	m, err := s.svc.Enforcement.Dismiss(ctx, actor, in.ID, models.CaseDismissal(in.Body.ReasonCode), in.Body.Note, version)
	return s.caseOutput(m, actor, err)
}

func (s *Server) postCaseDismissalConfirmation(ctx context.Context, actor models.Actor, in *caseBare) (*output[CaseWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	m, err := s.svc.Enforcement.ConfirmDismissal(ctx, actor, in.ID, version)
	return s.caseOutput(m, actor, err)
}

type caseReason struct {
	CaseChange
	Body CaseReasonInput
}

func (s *Server) postCaseDismissalReturn(ctx context.Context, actor models.Actor, in *caseReason) (*output[CaseWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	m, err := s.svc.Enforcement.ReturnDismissal(ctx, actor, in.ID, in.Body.Reason, version)
	return s.caseOutput(m, actor, err)
}

type caseClosure struct {
	CaseChange
	Body CaseClosureInput
}

func (s *Server) postCaseClosure(ctx context.Context, actor models.Actor, in *caseClosure) (*output[CaseWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	m, err := s.svc.Enforcement.Close(ctx, actor, in.ID, models.CaseOutcome(in.Body.Outcome), in.Body.Note, version)
	return s.caseOutput(m, actor, err)
}

func (s *Server) postCaseReopening(ctx context.Context, actor models.Actor, in *caseReason) (*output[CaseWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	m, err := s.svc.Enforcement.Reopen(ctx, actor, in.ID, in.Body.Reason, version)
	return s.caseOutput(m, actor, err)
}

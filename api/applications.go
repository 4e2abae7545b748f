package api

import (
	"context"
	"net/http"

	"rigistry/models"
	"rigistry/services/store"
)

func (s *Server) applicationRoutes() []route {
	return []route{
		handle("GET", "/v1/applications", models.ActApplicationRead, "Applications", "Applications, the newest first; an applicant sees its own", s.listApplications),
		handle("POST", "/v1/applications", models.ActApplicationFile, "Applications", "Begin an application as a draft", s.postApplication).with(http.StatusCreated),
		handle("GET", "/v1/applications/{id}", models.ActApplicationRead, "Applications", "One application, by id or number", s.getApplication),
		handle("PUT", "/v1/applications/{id}", models.ActApplicationFile, "Applications", "Replace what a draft or a returned application asks for", s.putApplication),
		handle("POST", "/v1/applications/{id}/submission", models.ActApplicationFile, "Applications", "File the draft", s.postSubmission),
		handle("POST", "/v1/applications/{id}/registration", models.ActApplicationReview, "Applications", "Take it into the books: the statutory clock starts", s.postRegistration),
		handle("POST", "/v1/applications/{id}/completeness-check", models.ActApplicationReview, "Applications", "Open the review, or return what is incomplete", s.postCompleteness),
		handle("POST", "/v1/applications/{id}/assignment", models.ActApplicationReview, "Applications", "Make somebody the officer in charge", s.postAssignment),
		handle("PUT", "/v1/applications/{id}/checklist/{code}", models.ActApplicationReview, "Applications", "Record what was found for a requirement; a drafted decision falls", s.putChecklistItem),
		handle("POST", "/v1/applications/{id}/decision-draft", models.ActApplicationDraft, "Applications", "Draft the decision", s.postDecisionDraft),
		handle("POST", "/v1/applications/{id}/signature", models.ActApplicationSign, "Applications", "Sign the drafted decision; its drafter may not", s.postSignature).stepUp(),
		handle("POST", "/v1/applications/{id}/withdrawal", models.ActApplicationFile, "Applications", "Take the application back", s.postWithdrawal),
		handle("GET", "/v1/applications/{id}/timeline", models.ActApplicationRead, "Applications", "What happened to the application, from the ledger", s.getApplicationTimeline),
	}
}

type applicationsQuery struct {
	ListQuery
	State     string `query:"state" enum:"draft,submitted,registered,returned,in_review,decision_drafted,granted,refused,withdrawn"`
	Applicant string `query:"applicant" maxLength:"64" doc:"Party id"`
	Officer   string `query:"officer" maxLength:"64" doc:"User id of the officer in charge; me is the caller"`
	SubType   string `query:"sub_type" enum:"I,II"`
	Region    string `query:"region" pattern:"^[0-9]{2}$" doc:"Two digits of KATO of a site"`
	Due       string `query:"due" enum:"overdue,today,soon,later" doc:"Of what is under way; soon is within three working days"`
	Q         string `query:"q" maxLength:"200" doc:"Words of the applicant's name by their beginnings in any spelling, or the beginning of its number or of the BIN or IIN"`
}

func (s *Server) listApplications(ctx context.Context, actor models.Actor, in *applicationsQuery) (*listOutput[ApplicationWire], error) {
	f := store.ApplicationFilter{Applicant: in.Applicant, State: in.State, SubType: in.SubType, Officer: in.Officer, Region: in.Region, Query: in.Q}
	if in.Officer == "me" {
		f.Officer = actor.ID
	}
	if in.Due != "" {
		var err error
		if f.DueFrom, f.DueUntil, err = s.svc.Licensing.DueRange(ctx, in.Due); err != nil {
			return nil, err
		}
	}
	found, next, err := s.svc.Licensing.Applications(ctx, actor, f, in.page())
	if err != nil {
		return nil, err
	}
	wires, err := s.describe(ctx, actor, found...)
	if err != nil {
		return nil, err
	}
	return &listOutput[ApplicationWire]{Body: list[ApplicationWire]{Items: wires, Next: next}}, nil
}

func (s *Server) describe(ctx context.Context, actor models.Actor, found ...models.Application) ([]ApplicationWire, error) {
	described, err := s.svc.Licensing.Describe(ctx, found...)
	wires := make([]ApplicationWire, 0, len(described))
	for _, d := range described {
		wires = append(wires, applicationWire(d, actor, languageOf(ctx)))
	}
	return wires, err
}

// applicationOutput answers with an application as its caller may see it.
func (s *Server) applicationOutput(ctx context.Context, actor models.Actor, a models.Application, err error) (*output[ApplicationWire], error) {
	if err != nil {
		return nil, err
	}
	wires, err := s.describe(ctx, actor, a)
	if err != nil {
		return nil, err
	}
	return &output[ApplicationWire]{ETag: etag(a.Version), Body: wires[0]}, nil
}

type applicationPost struct {
	Idempotent
	Body ApplicationInput
}

func (s *Server) postApplication(ctx context.Context, actor models.Actor, in *applicationPost) (*created[ApplicationWire], error) {
	a, err := s.svc.Licensing.CreateDraft(ctx, actor, applicationOf(in.Body))
	out, err := s.applicationOutput(ctx, actor, a, err)
	if err != nil {
		return nil, err
	}
	return &created[ApplicationWire]{Location: "/v1/applications/" + a.ID, ETag: out.ETag, Body: out.Body}, nil
}

func (s *Server) getApplication(ctx context.Context, actor models.Actor, in *ByID) (*output[ApplicationWire], error) {
	a, err := s.svc.Licensing.Application(ctx, actor, in.ID)
	return s.applicationOutput(ctx, actor, a, err)
}

type applicationPut struct {
	ByID
	IfMatch
	Body ApplicationInput
}

func (s *Server) putApplication(ctx context.Context, actor models.Actor, in *applicationPut) (*output[ApplicationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	a, err := s.svc.Licensing.UpdateDraft(ctx, actor, in.ID, version, applicationOf(in.Body))
	return s.applicationOutput(ctx, actor, a, err)
}

// step is a command on an application without a body, or with an empty one.
type step struct {
	ByID
	IfMatch
	Idempotent
	Body *struct{} `required:"false"`
}

// doStep runs a command that needs nothing but the application.
func (s *Server) doStep(ctx context.Context, actor models.Actor, in *step,
	command func(context.Context, models.Actor, string, int64) (models.Application, error)) (*output[ApplicationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	a, err := command(ctx, actor, in.ID, version)
	return s.applicationOutput(ctx, actor, a, err)
}

func (s *Server) postSubmission(ctx context.Context, actor models.Actor, in *step) (*output[ApplicationWire], error) {
	out, err := s.doStep(ctx, actor, in, s.svc.Licensing.Submit)
	if err != nil {
		return nil, err
	}
	receipt, err := s.svc.Licensing.Receipt(ctx, actor, out.Body.ID)
	if err != nil {
		return nil, err
	}
	w := receiptWire(receipt)
	out.Body.Receipt = &w
	return out, nil
}

func (s *Server) postRegistration(ctx context.Context, actor models.Actor, in *step) (*output[ApplicationWire], error) {
	return s.doStep(ctx, actor, in, s.svc.Licensing.Register)
}

func (s *Server) postWithdrawal(ctx context.Context, actor models.Actor, in *step) (*output[ApplicationWire], error) {
	return s.doStep(ctx, actor, in, s.svc.Licensing.Withdraw)
}

type completenessPost struct {
	ByID
	IfMatch
	Idempotent
	Body CompletenessInput
}

func (s *Server) postCompleteness(ctx context.Context, actor models.Actor, in *completenessPost) (*output[ApplicationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	if in.Body.Complete != (len(in.Body.Missing) == 0) {
		var v models.Invalid
		v.Add("/missing", "mismatch", "Name what is missing when the documents are not complete, and nothing when they are.")
		return nil, v.Err()
	}
	a, err := s.svc.Licensing.CompletenessCheck(ctx, actor, in.ID, version, in.Body.Missing)
	return s.applicationOutput(ctx, actor, a, err)
}

// AssignmentInput names the officer in charge.
type AssignmentInput struct {
	Officer string `json:"officer,omitempty" maxLength:"64" doc:"User id; the caller when absent"`
}

type assignmentPost struct {
	ByID
	IfMatch
	Body AssignmentInput
}

func (s *Server) postAssignment(ctx context.Context, actor models.Actor, in *assignmentPost) (*output[ApplicationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	a, err := s.svc.Licensing.Assign(ctx, actor, in.ID, version, in.Body.Officer)
	return s.applicationOutput(ctx, actor, a, err)
}

type checklistPut struct {
	ByID
	IfMatch
	Code string `path:"code" maxLength:"64" doc:"Code of the requirement"`
	Body CheckItemInput
}

func (s *Server) putChecklistItem(ctx context.Context, actor models.Actor, in *checklistPut) (*output[ApplicationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	item := models.ChecklistItem{Code: in.Code, Result: models.ChecklistResult(in.Body.Result), Note: in.Body.Note}
	a, err := s.svc.Licensing.CheckItem(ctx, actor, in.ID, version, item)
	return s.applicationOutput(ctx, actor, a, err)
}

type decisionPost struct {
	ByID
	IfMatch
	Idempotent
	Body DecisionInput
}

func (s *Server) postDecisionDraft(ctx context.Context, actor models.Actor, in *decisionPost) (*output[ApplicationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	d := models.Decision{Outcome: in.Body.Outcome, Reasons: in.Body.Reasons, Note: in.Body.Note}
	a, err := s.svc.Licensing.DraftDecision(ctx, actor, in.ID, version, d)
	return s.applicationOutput(ctx, actor, a, err)
}

func (s *Server) getApplicationTimeline(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[EventWire], error) {
	a, err := s.svc.Licensing.Application(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return s.timeline(ctx, actor, models.Ref{Kind: "application", ID: a.ID})
}

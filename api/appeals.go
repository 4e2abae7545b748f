package api

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
)

// AppealRouteWire is how a refusal is appealed.
type AppealRouteWire struct {
	Until    string `json:"until" doc:"Last legal date (Asia/Almaty) for an appeal"`
	Open     bool   `json:"open" doc:"The time for it has not ended"`
	Body     string `json:"body" doc:"Who hears it, in the language of the request"`
	Court    string `json:"court" doc:"Where to go after that"`
	LegalRef string `json:"legal_ref"`
}

func appealRouteWire(r *licensing.Appealable, language string) *AppealRouteWire {
	if r == nil {
		return nil
	}
	return &AppealRouteWire{Until: r.Until, Open: r.Open, Body: r.Body.In(language), Court: r.Court.In(language), LegalRef: r.LegalRef}
}

// AppealWire is an appeal against a refusal.
type AppealWire struct {
	ID           string     `json:"id"`
	State        string     `json:"state" enum:"open,upheld,dismissed"`
	Text         string     `json:"text"`
	FiledAt      time.Time  `json:"filed_at"`
	RefusalOrder string     `json:"refusal_order"`
	RefusedAt    *time.Time `json:"refused_at,omitempty"`
	Decision     string     `json:"decision,omitempty" doc:"Number and date of the higher body's decision"`
	Note         string     `json:"note,omitempty"`
	RecordedAt   *time.Time `json:"recorded_at,omitempty"`
}

func appealWire(p models.Appeal) AppealWire {
	return AppealWire{ID: p.ID, State: string(p.State), Text: p.Text, FiledAt: p.FiledAt, RefusalOrder: p.Decision.Order,
		RefusedAt: optionalTime(p.Decision.SignedAt), Decision: p.Outcome, Note: p.Note, RecordedAt: optionalTime(p.RecordedAt)}
}

func (s *Server) listAppeals(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[AppealWire], error) {
	found, err := s.svc.Licensing.Appeals(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", appealWire), nil
}

type appealPost struct {
	ByID
	Idempotent
	Body struct {
		Text string `json:"text" maxLength:"8000" doc:"Why the refusal is wrong"`
	}
}

func (s *Server) postAppeal(ctx context.Context, actor models.Actor, in *appealPost) (*output[ApplicationWire], error) {
	a, err := s.svc.Licensing.FileAppeal(ctx, actor, in.ID, in.Body.Text)
	return s.applicationOutput(ctx, actor, a, err)
}

// AppealOutcomeInput is what the higher body decided.
type AppealOutcomeInput struct {
	Outcome  string `json:"outcome" enum:"upheld,dismissed"`
	Decision string `json:"decision" maxLength:"200" doc:"Number and date of its decision"`
	Note     string `json:"note,omitempty" maxLength:"4000"`
}

type appealOutcomePost struct {
	ByID
	Idempotent
	Body AppealOutcomeInput
}

func (s *Server) postAppealOutcome(ctx context.Context, actor models.Actor, in *appealOutcomePost) (*output[ApplicationWire], error) {
	a, err := s.svc.Licensing.RecordAppeal(ctx, actor, in.ID, models.AppealState(in.Body.Outcome), models.Appeal{Outcome: in.Body.Decision, Note: in.Body.Note})
	return s.applicationOutput(ctx, actor, a, err)
}

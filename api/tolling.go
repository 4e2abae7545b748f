package api

import (
	"context"
	"net/http"
	"time"

	"rigistry/models"
)

func (s *Server) tollingRoutes() []route {
	return []route{
		handle("GET", "/v1/applications/{id}/clock", models.ActApplicationRead, "Applications", "The ledger of the statutory clock: starts, pauses and periods of tolling with their reasons", s.getClock),
		handle("GET", "/v1/tolling", models.ActApplicationRead, "Tolling", "Periods in which no statutory term runs; an applicant sees those that hold", s.listTolling),
		handle("POST", "/v1/tolling", models.ActTollingWrite, "Tolling", "Propose a period in which no statutory term runs", s.postTolling).with(http.StatusCreated),
		handle("POST", "/v1/tolling/{id}/confirmation", models.ActTollingWrite, "Tolling", "Confirm a proposed period: every due date that it moves is moved; its proposer may not", s.postTollingConfirmation).stepUp(),
		handle("POST", "/v1/tolling/{id}/rejection", models.ActTollingWrite, "Tolling", "Reject a proposed period, or take it back", s.postTollingRejection),
	}
}

// ClockEventWire is one line of a clock's ledger.
type ClockEventWire struct {
	Kind     string     `json:"kind" enum:"started,stood,tolled,ended"`
	At       time.Time  `json:"at"`
	Until    *time.Time `json:"until,omitempty" doc:"End of what stood or was tolled; absent while it stands"`
	Reason   string     `json:"reason,omitempty" doc:"Of a pause correction_requested; of tolling, words"`
	LegalRef string     `json:"legal_ref,omitempty"`
}

func (s *Server) getClock(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[ClockEventWire], error) {
	events, err := s.svc.Licensing.ClockEvents(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(events, "", func(e models.ClockEvent) ClockEventWire {
		return ClockEventWire{Kind: e.Kind, At: e.At, Until: optionalTime(e.Until), Reason: e.Reason, LegalRef: e.LegalRef}
	}), nil
}

// TollingInput proposes a period of legal dates.
type TollingInput struct {
	From     string `json:"from" example:"2026-04-13" doc:"Legal date: the first on which no term runs"`
	Until    string `json:"until" example:"2026-04-16" doc:"Legal date: the first on which terms run again"`
	Reason   string `json:"reason" maxLength:"500"`
	LegalRef string `json:"legal_ref" maxLength:"500" doc:"The act that says so"`
}

// TollingWire is a tolling period.
type TollingWire struct {
	ID             string     `json:"id"`
	From           string     `json:"from"`
	Until          string     `json:"until" doc:"Legal date, not included"`
	Reason         string     `json:"reason"`
	LegalRef       string     `json:"legal_ref"`
	State          string     `json:"state" enum:"proposed,confirmed,rejected"`
	ProposedBy     string     `json:"proposed_by,omitempty"`
	ProposedByName string     `json:"proposed_by_name,omitempty"`
	ProposedAt     time.Time  `json:"proposed_at"`
	DecidedByName  string     `json:"decided_by_name,omitempty"`
	DecidedAt      *time.Time `json:"decided_at,omitempty"`
	Allowed        []string   `json:"allowed" nullable:"false" doc:"What the caller may do now: confirm reject"`
}

func tollingWire(t models.Tolling, actor models.Actor, people map[string]string) TollingWire {
	w := TollingWire{ID: t.ID, From: t.From, Until: t.Until, Reason: t.Reason, LegalRef: t.LegalRef, State: string(t.State), ProposedBy: t.ProposedBy,
		ProposedByName: people[t.ProposedBy], ProposedAt: t.ProposedAt, DecidedByName: people[t.DecidedBy], DecidedAt: optionalTime(t.DecidedAt), Allowed: []string{}}
	if t.State == models.TollingProposed && models.Can(actor, models.ActTollingWrite, models.Scope{}) == nil {
		if t.ProposedBy != actor.ID {
			w.Allowed = append(w.Allowed, "confirm")
		}
		w.Allowed = append(w.Allowed, "reject")
	}
	return w
}

func (s *Server) listTolling(ctx context.Context, actor models.Actor, _ *struct{}) (*listOutput[TollingWire], error) {
	found, people, err := s.svc.Licensing.Tollings(ctx, actor)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", func(t models.Tolling) TollingWire { return tollingWire(t, actor, people) }), nil
}

type tollingPost struct {
	Idempotent
	Body TollingInput
}

func (s *Server) postTolling(ctx context.Context, actor models.Actor, in *tollingPost) (*created[TollingWire], error) {
	t, err := s.svc.Licensing.ProposeTolling(ctx, actor, models.Tolling{From: in.Body.From, Until: in.Body.Until, Reason: in.Body.Reason, LegalRef: in.Body.LegalRef})
	if err != nil {
		return nil, err
	}
	return &created[TollingWire]{Location: "/v1/tolling", ETag: etag(t.Version), Body: tollingWire(t, actor, nil)}, nil
}

type tollingDecision struct {
	ByID
	Idempotent
	Body *struct{} `required:"false"`
}

func (s *Server) postTollingConfirmation(ctx context.Context, actor models.Actor, in *tollingDecision) (*output[TollingWire], error) {
	return tollingOutput(ctx, actor, in, s.svc.Licensing.ConfirmTolling)
}

func (s *Server) postTollingRejection(ctx context.Context, actor models.Actor, in *tollingDecision) (*output[TollingWire], error) {
	return tollingOutput(ctx, actor, in, s.svc.Licensing.RejectTolling)
}

func tollingOutput(ctx context.Context, actor models.Actor, in *tollingDecision,
	decide func(context.Context, models.Actor, string) (models.Tolling, error)) (*output[TollingWire], error) {
	t, err := decide(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[TollingWire]{ETag: etag(t.Version), Body: tollingWire(t, actor, nil)}, nil
}

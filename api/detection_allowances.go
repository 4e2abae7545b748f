package api

import (
	"context"
	"net/http"
	"time"

	"rigistry/models"
)

func (s *Server) allowanceRoutes() []route {
	return []route{
		handle("GET", "/v1/allowances", models.ActFindingRead, "Findings", "Flat loads that are known and mine nothing, newest first", s.listAllowances),
		handle("POST", "/v1/allowances", models.ActFindingTriage, "Findings", "Propose that a flat load is known; another person puts it in force", s.postAllowance).with(http.StatusCreated),
		handle("POST", "/v1/allowances/{id}/confirmation", models.ActAllowanceDecide, "Findings", "Put a proposed allowance in force: suspicions from the shape of that load become tier C", s.moveAllowance(s.svc.Detection.ConfirmAllowance)).stepUp(),
		handle("POST", "/v1/allowances/{id}/rejection", models.ActAllowanceDecide, "Findings", "Turn a proposed allowance down, with a reason", s.moveAllowance(s.svc.Detection.RejectAllowance)),
		handle("POST", "/v1/allowances/{id}/ending", models.ActAllowanceDecide, "Findings", "End an allowance that is in force, with a reason", s.moveAllowance(s.svc.Detection.EndAllowance)),
		handle("POST", "/v1/findings/{id}/refutations", models.ActFindingTriage, "Findings", "Record an innocent explanation; the finding rests for two weeks and is opened again if its cause is still there", s.postRefutation),
		handle("GET", "/v1/findings/{id}/refutations", models.ActFindingRead, "Findings", "Innocent explanations that were recorded", s.listRefutations),
		handle("POST", "/v1/findings/{id}/watch", models.ActFindingTriage, "Findings", "Put a finding aside until an instant; it is opened again if its cause is still there", s.postWatch),
		handle("GET", "/v1/detection/priors", models.ActFindingRead, "Findings", "How often each rule was right about each class of loads, as decided cases taught", s.getPriors),
		handle("GET", "/v1/detection/precision", models.ActFindingRead, "Findings", "How many findings turned out to be right, by rule, region or officer", s.getPrecision),
	}
}

// AllowanceInput proposes an allowance.
type AllowanceInput struct {
	Target  string  `json:"target" minLength:"1" maxLength:"64" doc:"Id or code of a connection point" example:"PS12-F01-CP004"`
	Kind    string  `json:"kind" enum:"data_centre,telecom,pump,cold_store,street_light,other"`
	Reason  string  `json:"reason" minLength:"1" maxLength:"1000" doc:"How the load is known"`
	LimitKw float64 `json:"limit_kw" minimum:"0" maximum:"1000000" doc:"Of the whole load; the allowance covers no more"`
	Until   string  `json:"until" format:"date" doc:"Legal date, not included; two years ahead at most"`
}

// AllowanceWire is a flat load that is known.
type AllowanceWire struct {
	ID string `json:"id"`
	AllowanceInput
	TargetID   string     `json:"target_id"`
	From       string     `json:"from,omitempty" doc:"Legal date from which it is in force"`
	State      string     `json:"state" enum:"proposed,active,rejected,ended"`
	ProposedBy string     `json:"proposed_by"`
	ProposedAt time.Time  `json:"proposed_at"`
	DecidedBy  string     `json:"decided_by,omitempty"`
	DecidedAt  *time.Time `json:"decided_at,omitempty"`
	Decision   string     `json:"decision,omitempty" doc:"Why it was confirmed, rejected or ended"`
	Allowed    []string   `json:"allowed" nullable:"false" doc:"What the caller may do now: confirm, reject, end"`
	Version    int64      `json:"version"`
}

func allowanceWire(actor models.Actor, a models.Allowance) AllowanceWire {
	w := AllowanceWire{ID: a.ID, AllowanceInput: AllowanceInput{Target: a.PointCode, Kind: a.Kind, Reason: a.Reason, LimitKw: kw(a.Limit), Until: a.Until},
		TargetID: a.Point, From: a.From, State: string(a.State), ProposedBy: a.ProposedBy, ProposedAt: a.ProposedAt, DecidedBy: a.DecidedBy,
		DecidedAt: optionalTime(a.DecidedAt), Decision: a.Decision, Allowed: []string{}, Version: a.Version}
	if models.Can(actor, models.ActAllowanceDecide, models.Scope{}) == nil {
		switch {
		case a.State == models.AllowanceActive:
			w.Allowed = append(w.Allowed, "end")
		case a.State == models.AllowanceProposed && a.ProposedBy != actor.ID:
			w.Allowed = append(w.Allowed, "confirm", "reject")
		}
	}
	return w
}

type allowancesQuery struct {
	ListQuery
	State  string `query:"state" enum:"proposed,active,rejected,ended"`
	Target string `query:"target" maxLength:"64" doc:"Id or code of a connection point"`
}

func (s *Server) listAllowances(ctx context.Context, actor models.Actor, in *allowancesQuery) (*listOutput[AllowanceWire], error) {
	found, err := s.svc.Detection.Allowances(ctx, actor, in.State, in.Target, in.page())
	if err != nil {
		return nil, err
	}
	next := nextOf(found, in.page(), func(a models.Allowance) string { return a.ID })
	return listOf(found, next, func(a models.Allowance) AllowanceWire { return allowanceWire(actor, a) }), nil
}

type allowancePost struct {
	Idempotent
	Body AllowanceInput
}

func (s *Server) postAllowance(ctx context.Context, actor models.Actor, in *allowancePost) (*created[AllowanceWire], error) {
	b := in.Body
	a, err := s.svc.Detection.ProposeAllowance(ctx, actor, models.Allowance{Point: b.Target, Kind: b.Kind, Reason: b.Reason, Limit: watts(b.LimitKw), Until: b.Until})
	if err != nil {
		return nil, err
	}
	return &created[AllowanceWire]{Location: "/v1/allowances?target=" + a.PointCode, ETag: etag(a.Version), Body: allowanceWire(actor, a)}, nil
}

// AllowanceReason says why an allowance is confirmed, rejected or ended.
type AllowanceReason struct {
	Reason string `json:"reason,omitempty" maxLength:"1000" doc:"Required to reject and to end"`
}

type allowanceMove struct {
	ByID
	IfMatch
	Idempotent
	Body AllowanceReason
}

func (s *Server) moveAllowance(move func(context.Context, models.Actor, string, string, int64) (models.Allowance, error)) func(context.Context, models.Actor, *allowanceMove) (*output[AllowanceWire], error) {
	return func(ctx context.Context, actor models.Actor, in *allowanceMove) (*output[AllowanceWire], error) {
		version, err := in.version()
		if err != nil {
			return nil, err
		}
		a, err := move(ctx, actor, in.ID, in.Body.Reason, version)
		if err != nil {
			return nil, err
		}
		return &output[AllowanceWire]{ETag: etag(a.Version), Body: allowanceWire(actor, a)}, nil
	}
}

// RefutationInput records an innocent explanation.
type RefutationInput struct {
	Kind string `json:"kind" enum:"new_consumer,ct_exchange,meter_exchange,switching_recorded,unmetered_supply,license_recorded,load_declared,allow_listed"`
	Note string `json:"note" minLength:"1" maxLength:"1000" doc:"How it is known"`
}

// RefutationWire is an innocent explanation that was recorded.
type RefutationWire struct {
	ID string `json:"id"`
	RefutationInput
	By string    `json:"by"`
	At time.Time `json:"at"`
}

type refutationPost struct {
	ByID
	Idempotent
	Body RefutationInput
}

func (s *Server) postRefutation(ctx context.Context, actor models.Actor, in *refutationPost) (*output[FindingWire], error) {
	f, err := s.svc.Detection.Refute(ctx, actor, in.ID, models.Refutation{Kind: in.Body.Kind, Note: in.Body.Note})
	if err != nil {
		return nil, err
	}
	return &output[FindingWire]{ETag: etag(f.Version), Body: s.findingWire(languageOf(ctx), f)}, nil
}

func (s *Server) listRefutations(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[RefutationWire], error) {
	found, err := s.svc.Detection.Refutations(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", func(r models.Refutation) RefutationWire {
		return RefutationWire{ID: r.ID, RefutationInput: RefutationInput{Kind: r.Kind, Note: r.Note}, By: r.By, At: r.At}
	}), nil
}

// WatchInput puts a finding aside.
type WatchInput struct {
	Reason string    `json:"reason" minLength:"1" maxLength:"1000"`
	Until  time.Time `json:"until" doc:"90 days ahead at most"`
}

type watchPost struct {
	ByID
	Idempotent
	Body WatchInput
}

func (s *Server) postWatch(ctx context.Context, actor models.Actor, in *watchPost) (*output[FindingWire], error) {
	f, err := s.svc.Detection.Watch(ctx, actor, in.ID, in.Body.Reason, in.Body.Until)
	if err != nil {
		return nil, err
	}
	return &output[FindingWire]{ETag: etag(f.Version), Body: s.findingWire(languageOf(ctx), f)}, nil
}

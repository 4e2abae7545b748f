package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

func (s *Server) standingRoutes() []route {
	return []route{
		handle("GET", "/v1/gate/standing-facts", models.ActStandingRead, "Gate", "Hours of supply, curtailments, legal holds, suspect premises, claims and transfers, newest first", s.listStanding),
		handle("POST", "/v1/gate/standing-facts", models.ActStandingWrite, "Gate", "Record a fact that the gate reads from an instant on", s.postStanding).with(http.StatusCreated),
		handle("GET", "/v1/gate/standing-facts/{id}", models.ActStandingRead, "Gate", "A fact that the gate reads", s.getStanding),
		handle("POST", "/v1/gate/standing-facts/{id}/end", models.ActStandingWrite, "Gate", "End a fact now, with the reason; another person ends a legal hold or a suspicion", s.endStanding),
	}
}

// StandingInput records a fact that holds from an instant on.
type StandingInput struct {
	Kind       string     `json:"kind" enum:"supply_basis,curtailment,legal_hold,suspect_premises,claim,area_transfer"`
	Scope      string     `json:"scope" enum:"connection_point,feeder,substation,site,license,party,grid"`
	ScopeID    string     `json:"scope_id,omitempty" maxLength:"64" doc:"Code of the place, number of the license, BIN or IIN of the party; empty for the whole grid" example:"PS12-F03-CP007"`
	From       time.Time  `json:"from"`
	Until      *time.Time `json:"until,omitempty" doc:"Not included; absent while open"`
	Source     string     `json:"source,omitempty" enum:"auction,import,own_generation,own_res,ppa_res" doc:"Of a supply basis"`
	Hours      []int      `json:"hours,omitempty" maxItems:"24" doc:"Of a supply basis: the hours of the day by legal time, 0 is from 00:00 to 01:00"`
	PowerKw    float64    `json:"power_kw,omitempty" minimum:"0" maximum:"10000000" doc:"Of a supply basis what it gives in an hour, 0 for the whole need; of a curtailment what may still be taken"`
	MiningOnly bool       `json:"mining_only,omitempty" doc:"Of a curtailment: declared other use goes on"`
	Claimant   string     `json:"claimant,omitempty" maxLength:"32" doc:"Of a claim: BIN or IIN of who claims the point"`
	Document   string     `json:"document" minLength:"1" maxLength:"200" doc:"Number and date of the document that says so"`
	Note       string     `json:"note,omitempty" maxLength:"1000"`
}

// StandingWire is a standing fact.
type StandingWire struct {
	ID string `json:"id"`
	StandingInput
	RecordedBy string     `json:"recorded_by"`
	RecordedAt time.Time  `json:"recorded_at"`
	Holds      bool       `json:"holds" doc:"It holds now"`
	EndedBy    string     `json:"ended_by,omitempty"`
	EndedAt    *time.Time `json:"ended_at,omitempty"`
	EndReason  string     `json:"end_reason,omitempty"`
	Allowed    []string   `json:"allowed" nullable:"false" doc:"What the caller may do now: end"`
}

func (in StandingInput) fact() (models.StandingFact, error) {
	f := models.StandingFact{Kind: models.StandingKind(in.Kind), Scope: models.StandingScope(in.Scope), ScopeID: in.ScopeID, From: in.From,
		Source: in.Source, Power: watts(in.PowerKw), MiningOnly: in.MiningOnly, Claimant: in.Claimant, Document: in.Document, Note: in.Note}
	if in.Until != nil {
		f.Until = *in.Until
	}
	for _, h := range in.Hours {
		if h < 0 || h > 23 {
			var v models.Invalid
			v.Add("/hours", "range", "The hours of the day are 0 to 23.")
			return f, v.Err()
		}
		f.Hours |= 1 << h
	}
	return f, nil
}

func (s *Server) standingWire(actor models.Actor, f models.StandingFact) StandingWire {
	w := StandingWire{ID: f.ID, StandingInput: StandingInput{Kind: string(f.Kind), Scope: string(f.Scope), ScopeID: f.ScopeID, From: f.From,
		Until: optionalTime(f.Until), Source: f.Source, PowerKw: kw(f.Power), MiningOnly: f.MiningOnly, Claimant: f.Claimant, Document: f.Document, Note: f.Note},
		RecordedBy: f.RecordedBy, RecordedAt: f.Recorded, Holds: f.HoldsAt(s.now()), EndedBy: f.EndedBy, EndedAt: optionalTime(f.Ended), EndReason: f.EndReason,
		Allowed: []string{}}
	for h := range 24 {
		if f.Hours&(1<<h) != 0 {
			w.Hours = append(w.Hours, h)
		}
	}
	own := f.RecordedBy == actor.ID && slices.Contains([]models.StandingKind{models.StandingHold, models.StandingSuspect}, f.Kind)
	if f.Ended.IsZero() && !own && models.Can(actor, models.ActStandingWrite, models.Scope{}) == nil {
		w.Allowed = append(w.Allowed, "end")
	}
	return w
}

type standingQuery struct {
	ListQuery
	Kind    string `query:"kind" enum:"supply_basis,curtailment,legal_hold,suspect_premises,claim,area_transfer"`
	Scope   string `query:"scope" enum:"connection_point,feeder,substation,site,license,party,grid"`
	ScopeID string `query:"scope_id" maxLength:"64"`
	Holds   bool   `query:"holds" doc:"Only what holds now"`
}

func (s *Server) listStanding(ctx context.Context, actor models.Actor, in *standingQuery) (*listOutput[StandingWire], error) {
	page, f := in.page(), store.StandingFilter{Kind: in.Kind, Scope: in.Scope, ScopeID: in.ScopeID}
	if in.Holds {
		f.HoldsAt = s.now()
	}
	found, err := s.svc.Gate.StandingFacts(ctx, actor, f, page)
	if err != nil {
		return nil, err
	}
	next := nextOf(found, page, func(f models.StandingFact) string { return f.ID })
	return listOf(found, next, func(f models.StandingFact) StandingWire { return s.standingWire(actor, f) }), nil
}

type standingPost struct {
	Idempotent
	Body StandingInput
}

func (s *Server) postStanding(ctx context.Context, actor models.Actor, in *standingPost) (*created[StandingWire], error) {
	f, err := in.Body.fact()
	if err == nil {
		f, err = s.svc.Gate.RecordStanding(ctx, actor, f)
	}
	if err != nil {
		return nil, err
	}
	return &created[StandingWire]{Location: "/v1/gate/standing-facts/" + f.ID, ETag: etag(1), Body: s.standingWire(actor, f)}, nil
}

func (s *Server) standingOutput(actor models.Actor, f models.StandingFact, err error) (*output[StandingWire], error) {
	if err != nil {
		return nil, err
	}
	version := int64(1)
	if !f.Ended.IsZero() {
		version = 2
	}
	return &output[StandingWire]{ETag: etag(version), Body: s.standingWire(actor, f)}, nil
}

func (s *Server) getStanding(ctx context.Context, actor models.Actor, in *ByID) (*output[StandingWire], error) {
	f, err := s.svc.Gate.Standing(ctx, actor, in.ID)
	return s.standingOutput(actor, f, err)
}

// StandingEndInput says why a fact ends.
type StandingEndInput struct {
	Reason string `json:"reason" minLength:"1" maxLength:"1000"`
}

type standingEnd struct {
	ByID
	Idempotent
	Body StandingEndInput
}

func (s *Server) endStanding(ctx context.Context, actor models.Actor, in *standingEnd) (*output[StandingWire], error) {
	f, err := s.svc.Gate.EndStanding(ctx, actor, in.ID, in.Body.Reason)
	return s.standingOutput(actor, f, err)
}

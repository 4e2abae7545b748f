package api

import (
	"context"
	"math"
	"net/http"
	"time"

	"rigistry/models"
)

func (s *Server) parameterRoutes() []route {
	return []route{
		handle("GET", "/v1/detection/parameters", models.ActFindingRead, "Detection", "Every number that the rules compare with, on a legal date, and the changes that are in force or to come", s.getParameters),
		handle("GET", "/v1/detection/parameter-changes", models.ActFindingRead, "Detection", "Changes of the numbers, the newest first", s.listParameterChanges),
		handle("GET", "/v1/detection/parameter-changes/{id}", models.ActFindingRead, "Detection", "One change of the numbers", s.getParameterChange),
		handle("POST", "/v1/detection/parameter-changes", models.ActParameterWrite, "Detection", "Propose other numbers from a day to come; another person confirms them", s.postParameterChange).with(http.StatusCreated),
		handle("POST", "/v1/detection/parameter-changes/{id}/confirmation", models.ActParameterWrite, "Detection", "Put a proposed change in force from its day; its proposer may not", s.moveParameters(s.svc.Detection.ConfirmParameters)).stepUp(),
		handle("POST", "/v1/detection/parameter-changes/{id}/rejection", models.ActParameterWrite, "Detection", "Turn a proposed change down, or take it back, with a reason", s.moveParameters(s.svc.Detection.RejectParameters)),
		handle("GET", "/v1/detection/what-ifs", models.ActFindingRead, "Detection", "What-ifs, the newest first, without their findings", s.listWhatIfs),
		handle("GET", "/v1/detection/what-ifs/{id}", models.ActFindingRead, "Detection", "How far a what-if is, and the findings gained, lost and kept", s.getWhatIf),
		handle("POST", "/v1/detection/what-ifs", models.ActParameterWrite, "Detection", "Ask what the rules would have found in the past with other numbers; one runs at a time", s.postWhatIf).with(http.StatusCreated),
		handle("POST", "/v1/detection/what-ifs/{id}/cancellation", models.ActParameterWrite, "Detection", "Cancel a what-if that runs", s.postWhatIfCancellation),
	}
}

// ParameterWire is a number that the rules compare with.
type ParameterWire struct {
	Name   string  `json:"name"`
	Value  float64 `json:"value"`
	Unit   string  `json:"unit" doc:"kW, share, ratio, days, intervals, s, nats, σ, kW·d, 1/kW"`
	Rule   string  `json:"rule" enum:"license,site,meter,shape,live,balance,records" doc:"The group of rules that uses it"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Whole  bool    `json:"whole" doc:"A whole number"`
	Source string  `json:"source" doc:"Standard, paper or measurement that it comes from"`
}

// ParametersWire is the table on a legal date.
type ParametersWire struct {
	Version string                `json:"version" doc:"Legal date from which the table is in force"`
	Values  map[string]float64    `json:"values"`
	Items   []ParameterWire       `json:"items" nullable:"false"`
	Changes []ParameterChangeWire `json:"changes" nullable:"false" doc:"Confirmed changes by their day, those to come too"`
	Allowed []string              `json:"allowed" nullable:"false" doc:"What the caller may do: propose"`
}

type parametersQuery struct {
	On string `query:"on" format:"date" doc:"Legal date; today when absent"`
}

func (s *Server) getParameters(ctx context.Context, actor models.Actor, in *parametersQuery) (*output[ParametersWire], error) {
	table, err := s.svc.Detection.Table(ctx, actor, in.On)
	if err != nil {
		return nil, err
	}
	w := ParametersWire{Version: table.Version, Values: map[string]float64{}, Items: []ParameterWire{}, Changes: []ParameterChangeWire{}, Allowed: []string{}}
	for _, p := range table.Rows {
		w.Values[p.Name] = p.Value
		w.Items = append(w.Items, ParameterWire{Name: p.Name, Value: p.Value, Unit: p.Unit, Rule: p.Rule, Min: p.Min, Max: p.Max, Whole: p.Whole, Source: p.Source})
	}
	for _, c := range table.Changes {
		w.Changes = append(w.Changes, parameterChangeWire(actor, nil, c))
	}
	if models.Can(actor, models.ActParameterWrite, models.Scope{}) == nil {
		w.Allowed = append(w.Allowed, "propose")
	}
	return &output[ParametersWire]{Body: w}, nil
}

// ParameterChangeInput proposes other numbers.
type ParameterChangeInput struct {
	From   string             `json:"from" format:"date" doc:"Legal date from which they hold, after today"`
	Note   string             `json:"note" minLength:"1" maxLength:"2000" doc:"What changes and why"`
	Values map[string]float64 `json:"values" doc:"By name; what is not named stays"`
	WhatIf string             `json:"what_if,omitempty" maxLength:"64" doc:"Id of a what-if that is done and looked at these numbers"`
}

// ParameterChangeWire is a change on its way through two people.
type ParameterChangeWire struct {
	ID string `json:"id"`
	ParameterChangeInput
	State          string     `json:"state" enum:"proposed,confirmed,rejected"`
	ProposedByName string     `json:"proposed_by_name,omitempty"`
	ProposedAt     time.Time  `json:"proposed_at"`
	DecidedByName  string     `json:"decided_by_name,omitempty"`
	DecidedAt      *time.Time `json:"decided_at,omitempty"`
	Reason         string     `json:"reason,omitempty" doc:"Of the decision"`
	Allowed        []string   `json:"allowed" nullable:"false" doc:"What the caller may do now: confirm, reject"`
	Version        int64      `json:"version"`
}

func parameterChangeWire(actor models.Actor, people map[string]string, c models.ParameterChange) ParameterChangeWire {
	w := ParameterChangeWire{ID: c.ID, ParameterChangeInput: ParameterChangeInput{From: c.From, Note: c.Note, Values: c.Values, WhatIf: c.WhatIf}, State: string(c.State),
		ProposedByName: people[c.ProposedBy], ProposedAt: c.ProposedAt, DecidedByName: people[c.DecidedBy], DecidedAt: optionalTime(c.DecidedAt), Reason: c.Reason,
		Allowed: []string{}, Version: c.Version}
	if c.State == models.ReferenceProposed && models.Can(actor, models.ActParameterWrite, models.Scope{}) == nil {
		if c.ProposedBy != actor.ID {
			w.Allowed = append(w.Allowed, "confirm")
		}
		w.Allowed = append(w.Allowed, "reject")
	}
	return w
}

type parameterChangesQuery struct {
	ListQuery
	State string `query:"state" enum:"proposed,confirmed,rejected"`
}

func (s *Server) listParameterChanges(ctx context.Context, actor models.Actor, in *parameterChangesQuery) (*listOutput[ParameterChangeWire], error) {
	found, people, err := s.svc.Detection.ParameterChanges(ctx, actor, in.State, in.page())
	if err != nil {
		return nil, err
	}
	next := nextOf(found, in.page(), func(c models.ParameterChange) string { return c.ID })
	return listOf(found, next, func(c models.ParameterChange) ParameterChangeWire { return parameterChangeWire(actor, people, c) }), nil
}

func (s *Server) getParameterChange(ctx context.Context, actor models.Actor, in *ByID) (*output[ParameterChangeWire], error) {
	c, people, err := s.svc.Detection.ParameterChange(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[ParameterChangeWire]{ETag: etag(c.Version), Body: parameterChangeWire(actor, people, c)}, nil
}

type parameterChangePost struct {
	Idempotent
	Body ParameterChangeInput
}

func (s *Server) postParameterChange(ctx context.Context, actor models.Actor, in *parameterChangePost) (*created[ParameterChangeWire], error) {
	b := in.Body
	c, err := s.svc.Detection.ProposeParameters(ctx, actor, models.ParameterChange{From: b.From, Note: b.Note, Values: b.Values, WhatIf: b.WhatIf})
	if err != nil {
		return nil, err
	}
	return &created[ParameterChangeWire]{Location: "/v1/detection/parameter-changes/" + c.ID, ETag: etag(c.Version), Body: parameterChangeWire(actor, nil, c)}, nil
}

// ParameterDecision says why a change is confirmed or rejected.
type ParameterDecision struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000"`
}

type parameterMove struct {
	ByID
	IfMatch
	Idempotent
	Body ParameterDecision
}

func (s *Server) moveParameters(move func(context.Context, models.Actor, string, string, int64) (models.ParameterChange, error)) func(context.Context, models.Actor, *parameterMove) (*output[ParameterChangeWire], error) {
	return func(ctx context.Context, actor models.Actor, in *parameterMove) (*output[ParameterChangeWire], error) {
		version, err := in.version()
		if err != nil {
			return nil, err
		}
		c, err := move(ctx, actor, in.ID, in.Body.Reason, version)
		if err != nil {
			return nil, err
		}
		return &output[ParameterChangeWire]{ETag: etag(c.Version), Body: parameterChangeWire(actor, nil, c)}, nil
	}
}

// WhatIfInput asks what other numbers would have found.
type WhatIfInput struct {
	Parameters map[string]float64 `json:"parameters" doc:"By name, in the place of those in force"`
	From       *time.Time         `json:"from,omitempty" doc:"A year before until when absent"`
	Until      *time.Time         `json:"until,omitempty" doc:"Not included; now when absent"`
}

// WhatIfFindingWire is a finding that a table of numbers raises.
type WhatIfFindingWire struct {
	Target     string    `json:"target" doc:"Id"`
	TargetKind string    `json:"target_kind" enum:"connection_point,feeder"`
	TargetCode string    `json:"target_code"`
	Rule       string    `json:"rule"`
	Kind       string    `json:"kind" doc:"Of the evidence"`
	Tier       string    `json:"tier" enum:"A,B,C" doc:"Before allowances and outcomes lower it"`
	Kw         float64   `json:"kw"`
	RaisedAt   time.Time `json:"raised_at" doc:"When it could have been raised"`
	FindingID  string    `json:"finding_id,omitempty" doc:"The registry's own finding of that rule and target"`
	Outcome    string    `json:"outcome,omitempty" enum:"confirmed,refuted" doc:"How that finding turned out, where a case was decided"`
}

// JudgedWire is how many findings with a known outcome are right.
type JudgedWire struct {
	Confirmed int      `json:"confirmed"`
	Refuted   int      `json:"refuted"`
	Precision *float64 `json:"precision,omitempty" doc:"Absent while no outcome is known"`
}

// WhatIfWire is a what-if.
type WhatIfWire struct {
	ID         string              `json:"id"`
	State      string              `json:"state" enum:"running,done,cancelled,failed"`
	Progress   float64             `json:"progress_percent"`
	Parameters map[string]float64  `json:"parameters"`
	Present    string              `json:"present_version" doc:"Table in force when it was asked, which it compares with"`
	From       time.Time           `json:"from"`
	Until      time.Time           `json:"until"`
	AskedAt    time.Time           `json:"asked_at"`
	EndedAt    *time.Time          `json:"ended_at,omitempty"`
	Gained     []WhatIfFindingWire `json:"gained" nullable:"false" doc:"Found with the other numbers only"`
	Lost       []WhatIfFindingWire `json:"lost" nullable:"false" doc:"Found with the numbers in force only"`
	KeptItems  []WhatIfFindingWire `json:"kept_items" nullable:"false"`
	Kept       int                 `json:"kept"`
	GainedKw   float64             `json:"gained_kw"`
	LostKw     float64             `json:"lost_kw"`
	KeptKw     float64             `json:"kept_kw"`
	Before     JudgedWire          `json:"before"`
	After      JudgedWire          `json:"after"`
	Allowed    []string            `json:"allowed" nullable:"false" doc:"What the caller may do now: cancel"`
}

func whatIfFindings(list []models.WhatIfFinding) []WhatIfFindingWire {
	out := make([]WhatIfFindingWire, 0, len(list))
	for _, f := range list {
		out = append(out, WhatIfFindingWire{Target: f.Target.ID, TargetKind: f.Target.Kind, TargetCode: f.Code, Rule: string(f.Rule), Kind: f.Kind, Tier: string(f.Tier),
			Kw: kw(f.Estimated), RaisedAt: f.Raised, FindingID: f.Finding, Outcome: f.Outcome})
	}
	return out
}

func judgedWire(j models.Judged) JudgedWire {
	w := JudgedWire{Confirmed: j.Confirmed, Refuted: j.Refuted}
	if p, known := j.Precision(); known {
		p = math.Round(1000*p) / 1000
		w.Precision = &p
	}
	return w
}

func whatIfWire(actor models.Actor, f models.WhatIf) WhatIfWire {
	before, after := f.Found.Judged()
	w := WhatIfWire{ID: f.ID, State: string(f.State), Progress: float64(f.Permille) / 10, Parameters: f.Values, Present: f.Present, From: f.From, Until: f.Until,
		AskedAt: f.AskedAt, EndedAt: optionalTime(f.EndedAt), Gained: whatIfFindings(f.Found.Gained), Lost: whatIfFindings(f.Found.Lost), KeptItems: whatIfFindings(f.Found.Kept),
		Kept: len(f.Found.Kept), GainedKw: kw(models.SumOfFindings(f.Found.Gained)), LostKw: kw(models.SumOfFindings(f.Found.Lost)), KeptKw: kw(models.SumOfFindings(f.Found.Kept)),
		Before: judgedWire(before), After: judgedWire(after), Allowed: []string{}}
	if f.State == models.WhatIfRunning && models.Can(actor, models.ActParameterWrite, models.Scope{}) == nil {
		w.Allowed = append(w.Allowed, "cancel")
	}
	return w
}

func (s *Server) listWhatIfs(ctx context.Context, actor models.Actor, in *ListQuery) (*listOutput[WhatIfWire], error) {
	found, err := s.svc.Detection.WhatIfs(ctx, actor, in.page())
	if err != nil {
		return nil, err
	}
	next := nextOf(found, in.page(), func(f models.WhatIf) string { return f.ID })
	return listOf(found, next, func(f models.WhatIf) WhatIfWire {
		w := whatIfWire(actor, f)
		w.Gained, w.Lost, w.KeptItems = []WhatIfFindingWire{}, []WhatIfFindingWire{}, []WhatIfFindingWire{}
		return w
	}), nil
}

func (s *Server) getWhatIf(ctx context.Context, actor models.Actor, in *ByID) (*output[WhatIfWire], error) {
	f, err := s.svc.Detection.WhatIf(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[WhatIfWire]{Body: whatIfWire(actor, f)}, nil
}

type whatIfPost struct {
	Idempotent
	Body WhatIfInput
}

func (s *Server) postWhatIf(ctx context.Context, actor models.Actor, in *whatIfPost) (*created[WhatIfWire], error) {
	var from, until time.Time
	if in.Body.From != nil {
		from = in.Body.From.UTC()
	}
	if in.Body.Until != nil {
		until = in.Body.Until.UTC()
	}
	f, err := s.svc.Detection.AskWhatIf(ctx, actor, in.Body.Parameters, from, until)
	if err != nil {
		return nil, err
	}
	return &created[WhatIfWire]{Location: "/v1/detection/what-ifs/" + f.ID, Body: whatIfWire(actor, f)}, nil
}

type whatIfCancel struct {
	ByID
	Idempotent
}

func (s *Server) postWhatIfCancellation(ctx context.Context, actor models.Actor, in *whatIfCancel) (*output[WhatIfWire], error) {
	f, err := s.svc.Detection.CancelWhatIf(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[WhatIfWire]{Body: whatIfWire(actor, f)}, nil
}

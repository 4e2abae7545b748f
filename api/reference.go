package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func (s *Server) referenceRoutes() []route {
	return []route{
		handle("GET", "/v1/reference/tables", models.ActPublicRead, "Reference", "The kinds of reference data and their columns", s.listReferenceTables),
		handle("GET", "/v1/reference/rows", models.ActPublicRead, "Reference", "Every row of a kind of reference data, past and to come", s.listReferenceRows),
		handle("GET", "/v1/reference/changes", models.ActReferenceRead, "Reference", "Changes of reference data, the newest first", s.listReferenceChanges),
		handle("GET", "/v1/reference/changes/{id}", models.ActReferenceRead, "Reference", "One change and, while it waits, what it would do if it were confirmed now", s.getReferenceChange),
		handle("POST", "/v1/reference/preview", models.ActReferenceWrite, "Reference", "What a change would do: rows, cases, due dates, fees; nothing is kept", s.postReferencePreview),
		handle("POST", "/v1/reference/changes", models.ActReferenceWrite, "Reference", "Propose a change: rows to add or to close from a day to come", s.postReferenceChange).with(http.StatusCreated),
		handle("POST", "/v1/reference/changes/{id}/confirmation", models.ActReferenceWrite, "Reference", "Confirm a proposed change; its proposer may not", s.postReferenceConfirmation).stepUp(),
		handle("POST", "/v1/reference/changes/{id}/rejection", models.ActReferenceWrite, "Reference", "Reject a proposed change, or take it back", s.postReferenceRejection),
	}
}

// ReferenceColumnWire is a column of a kind of reference data.
type ReferenceColumnWire struct {
	Name     string   `json:"name"`
	Number   bool     `json:"number" doc:"A whole number of 0 or more, written as text"`
	Required bool     `json:"required"`
	Choices  []string `json:"choices,omitempty"`
}

// ReferenceTableWire describes a kind of reference data.
type ReferenceTableWire struct {
	Kind    string                `json:"kind"`
	Key     []string              `json:"key" nullable:"false" doc:"Columns that name a row, beside its first day"`
	Dated   bool                  `json:"dated" doc:"Rows hold from a day until a day; rows of one that is not dated are days themselves"`
	Columns []ReferenceColumnWire `json:"columns" nullable:"false"`
}

func (s *Server) listReferenceTables(context.Context, models.Actor, *struct{}) (*listOutput[ReferenceTableWire], error) {
	return listOf(models.ReferenceTables, "", func(t models.ReferenceTable) ReferenceTableWire {
		w := ReferenceTableWire{Kind: string(t.Kind), Key: t.Key, Dated: t.Dated, Columns: []ReferenceColumnWire{}}
		for _, c := range t.Columns {
			w.Columns = append(w.Columns, ReferenceColumnWire(c))
		}
		return w
	}), nil
}

// ReferenceRowWire is a row of reference data.
type ReferenceRowWire struct {
	Values     map[string]string `json:"values" doc:"By column; numbers as text"`
	ValidFrom  string            `json:"valid_from,omitempty" doc:"Legal date"`
	ValidUntil string            `json:"valid_until,omitempty" doc:"Legal date, not included; absent is open"`
	InForce    bool              `json:"in_force" doc:"It holds on the legal date of the instant asked about"`
}

type referenceRowsQuery struct {
	Kind string `query:"kind" required:"true" enum:"legal_values,holidays,requirements,grounds,application_reasons,appeal_routes,obligation_kinds,fee_rates,waiver_grounds,letter_texts,gate_parameters,order_deadlines,penalty_rules"`
}

func (s *Server) listReferenceRows(ctx context.Context, _ models.Actor, in *referenceRowsQuery) (*listOutput[ReferenceRowWire], error) {
	t, rows, err := s.svc.Licensing.ReferenceRows(ctx, models.ReferenceKind(in.Kind))
	if err != nil {
		return nil, err
	}
	at := store.MomentOf(ctx).AsAt
	if at.IsZero() {
		at = s.svc.Store.Now()
	}
	today := models.LegalDate(at)
	return listOf(rows, "", func(r models.ReferenceRow) ReferenceRowWire {
		w := referenceRowWire(r)
		w.InForce = !t.Dated || r.ValidFrom <= today && (r.ValidUntil == "" || r.ValidUntil > today)
		return w
	}), nil
}

func referenceRowWire(r models.ReferenceRow) ReferenceRowWire {
	return ReferenceRowWire{Values: r.Values, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil}
}

// ReferenceLineWire is one line of a change.
type ReferenceLineWire struct {
	Op     string            `json:"op" enum:"add,close" doc:"add begins a row and ends the one before it; close ends a row"`
	From   string            `json:"from,omitempty" maxLength:"10" doc:"Legal date of the effect, after today; of a holiday its date"`
	Values map[string]string `json:"values" doc:"By column; the key is enough to close"`
}

// ReferenceChangeInput proposes a change of one kind of reference data.
type ReferenceChangeInput struct {
	Kind  string              `json:"kind" enum:"legal_values,holidays,requirements,grounds,application_reasons,appeal_routes,obligation_kinds,fee_rates,waiver_grounds,letter_texts,gate_parameters,order_deadlines,penalty_rules"`
	Note  string              `json:"note" maxLength:"2000" doc:"What changes and why"`
	Lines []ReferenceLineWire `json:"lines" minItems:"1" maxItems:"500" nullable:"false"`
}

func (in ReferenceChangeInput) change() models.ReferenceChange {
	c := models.ReferenceChange{Kind: models.ReferenceKind(in.Kind), Note: in.Note}
	for _, l := range in.Lines {
		c.Lines = append(c.Lines, models.ReferenceLine{Op: models.ReferenceOp(l.Op), From: l.From, Values: l.Values})
	}
	return c
}

// ReferenceEffectWire is what one line does to its table.
type ReferenceEffectWire struct {
	Op     string            `json:"op" enum:"add,close"`
	Key    string            `json:"key"`
	From   string            `json:"from" doc:"Legal date"`
	Before *ReferenceRowWire `json:"before,omitempty" doc:"The row that ends on that day"`
	After  *ReferenceRowWire `json:"after,omitempty" doc:"The row that begins on it"`
}

// MovedDueWire is a due date that a change of the calendar moves.
type MovedDueWire struct {
	Kind        string `json:"kind" enum:"application,request"`
	Application string `json:"application" doc:"Number"`
	Before      string `json:"before" doc:"Legal date"`
	After       string `json:"after" doc:"Legal date"`
}

// FeeChangeWire is the fee of a first license from a day on.
type FeeChangeWire struct {
	SubType    string  `json:"sub_type" enum:"I,II"`
	From       string  `json:"from" doc:"Legal date"`
	BeforeTiyn int64   `json:"before_tiyn"`
	AfterTiyn  int64   `json:"after_tiyn"`
	BeforeKzt  float64 `json:"before_kzt"`
	AfterKzt   float64 `json:"after_kzt"`
}

// ReferencePreviewWire is what a change would do if it were confirmed now.
type ReferencePreviewWire struct {
	Effects []ReferenceEffectWire `json:"effects" nullable:"false"`
	Pinned  int64                 `json:"pinned_cases" doc:"Applications under way; the law of the day of their filing holds for them, so none is touched"`
	Moved   []MovedDueWire        `json:"moved_due_dates" nullable:"false"`
	Fees    []FeeChangeWire       `json:"fees" nullable:"false"`
}

func referencePreviewWire(p licensing.ReferencePreview) ReferencePreviewWire {
	w := ReferencePreviewWire{Effects: []ReferenceEffectWire{}, Pinned: p.Pinned, Moved: []MovedDueWire{}, Fees: []FeeChangeWire{}}
	row := func(r *models.ReferenceRow) *ReferenceRowWire {
		if r == nil {
			return nil
		}
		wire := referenceRowWire(*r)
		return &wire
	}
	for _, e := range p.Effects {
		w.Effects = append(w.Effects, ReferenceEffectWire{Op: string(e.Line.Op), Key: e.Key, From: e.Line.From, Before: row(e.Before), After: row(e.After)})
	}
	for _, m := range p.Moved {
		w.Moved = append(w.Moved, MovedDueWire{Kind: m.Kind, Application: m.Application, Before: m.Before, After: m.After})
	}
	for _, f := range p.Fees {
		w.Fees = append(w.Fees, FeeChangeWire{SubType: string(f.SubType), From: f.From, BeforeTiyn: int64(f.Before), AfterTiyn: int64(f.After),
			BeforeKzt: float64(f.Before) / 100, AfterKzt: float64(f.After) / 100})
	}
	return w
}

// ReferenceChangeWire is a change of reference data.
type ReferenceChangeWire struct {
	ID             string                `json:"id"`
	Kind           string                `json:"kind"`
	Note           string                `json:"note"`
	Lines          []ReferenceLineWire   `json:"lines" nullable:"false"`
	State          string                `json:"state" enum:"proposed,confirmed,rejected"`
	ProposedByName string                `json:"proposed_by_name,omitempty"`
	ProposedAt     time.Time             `json:"proposed_at"`
	DecidedByName  string                `json:"decided_by_name,omitempty"`
	DecidedAt      *time.Time            `json:"decided_at,omitempty"`
	Reason         string                `json:"reason,omitempty" doc:"Of a rejection"`
	Preview        *ReferencePreviewWire `json:"preview,omitempty" doc:"While it waits: what it would do if it were confirmed now"`
	Problems       []ProblemField        `json:"problems,omitempty" doc:"While it waits: why it cannot be confirmed any more"`
	Allowed        []string              `json:"allowed" nullable:"false" doc:"What the caller may do now: confirm reject"`
}

func referenceChangeWire(c models.ReferenceChange, actor models.Actor, people map[string]string) ReferenceChangeWire {
	w := ReferenceChangeWire{ID: c.ID, Kind: string(c.Kind), Note: c.Note, Lines: []ReferenceLineWire{}, State: string(c.State),
		ProposedByName: people[c.ProposedBy], ProposedAt: c.ProposedAt, DecidedByName: people[c.DecidedBy], DecidedAt: optionalTime(c.DecidedAt), Reason: c.Reason, Allowed: []string{}}
	for _, l := range c.Lines {
		w.Lines = append(w.Lines, ReferenceLineWire{Op: string(l.Op), From: l.From, Values: l.Values})
	}
	if c.State == models.ReferenceProposed && models.Can(actor, models.ActReferenceWrite, models.Scope{}) == nil {
		if c.ProposedBy != actor.ID {
			w.Allowed = append(w.Allowed, "confirm")
		}
		w.Allowed = append(w.Allowed, "reject")
	}
	return w
}

type referenceChangesQuery struct {
	ListQuery
	Kind  string `query:"kind" enum:"legal_values,holidays,requirements,grounds,application_reasons,appeal_routes,obligation_kinds,fee_rates,waiver_grounds,letter_texts,gate_parameters,order_deadlines,penalty_rules"`
	State string `query:"state" enum:"proposed,confirmed,rejected"`
}

func (s *Server) listReferenceChanges(ctx context.Context, actor models.Actor, in *referenceChangesQuery) (*listOutput[ReferenceChangeWire], error) {
	found, people, next, err := s.svc.Licensing.ReferenceChanges(ctx, actor, models.ReferenceKind(in.Kind), models.ReferenceChangeState(in.State), in.page())
	if err != nil {
		return nil, err
	}
	return listOf(found, next, func(c models.ReferenceChange) ReferenceChangeWire { return referenceChangeWire(c, actor, people) }), nil
}

func (s *Server) getReferenceChange(ctx context.Context, actor models.Actor, in *ByID) (*output[ReferenceChangeWire], error) {
	c, people, preview, fault, err := s.svc.Licensing.ReferenceChange(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	w := referenceChangeWire(c, actor, people)
	if preview != nil {
		wire := referencePreviewWire(*preview)
		w.Preview = &wire
	}
	var invalid *models.Error
	if errors.As(fault, &invalid) {
		for _, f := range invalid.Fields {
			w.Problems = append(w.Problems, ProblemField{Pointer: f.Pointer, Code: f.Code, Detail: f.Detail})
		}
	}
	return &output[ReferenceChangeWire]{ETag: etag(c.Version), Body: w}, nil
}

type referencePreviewPost struct {
	Body ReferenceChangeInput
}

func (s *Server) postReferencePreview(ctx context.Context, actor models.Actor, in *referencePreviewPost) (*output[ReferencePreviewWire], error) {
	p, err := s.svc.Licensing.PreviewReference(ctx, actor, in.Body.change())
	if err != nil {
		return nil, err
	}
	return &output[ReferencePreviewWire]{Body: referencePreviewWire(p)}, nil
}

type referencePost struct {
	Idempotent
	Body ReferenceChangeInput
}

func (s *Server) postReferenceChange(ctx context.Context, actor models.Actor, in *referencePost) (*created[ReferenceChangeWire], error) {
	c, err := s.svc.Licensing.ProposeReference(ctx, actor, in.Body.change())
	if err != nil {
		return nil, err
	}
	return &created[ReferenceChangeWire]{Location: "/v1/reference/changes/" + c.ID, ETag: etag(c.Version), Body: referenceChangeWire(c, actor, nil)}, nil
}

type referenceConfirmation struct {
	ByID
	IfMatch
	Idempotent
	Body *struct{} `required:"false"`
}

func (s *Server) postReferenceConfirmation(ctx context.Context, actor models.Actor, in *referenceConfirmation) (*output[ReferenceChangeWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	c, err := s.svc.Licensing.ConfirmReference(ctx, actor, in.ID, version)
	return referenceOutput(c, actor, err)
}

// ReferenceRejectionInput says why a change is rejected.
type ReferenceRejectionInput struct {
	Reason string `json:"reason" maxLength:"2000"`
}

type referenceRejection struct {
	ByID
	IfMatch
	Idempotent
	Body ReferenceRejectionInput
}

func (s *Server) postReferenceRejection(ctx context.Context, actor models.Actor, in *referenceRejection) (*output[ReferenceChangeWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	c, err := s.svc.Licensing.RejectReference(ctx, actor, in.ID, version, in.Body.Reason)
	return referenceOutput(c, actor, err)
}

func referenceOutput(c models.ReferenceChange, actor models.Actor, err error) (*output[ReferenceChangeWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[ReferenceChangeWire]{ETag: etag(c.Version), Body: referenceChangeWire(c, actor, nil)}, nil
}

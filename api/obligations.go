package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"net/http"
	"strconv"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func (s *Server) obligationRoutes() []route {
	return []route{
		handle("GET", "/v1/obligations", models.ActObligationRead, "Obligations", "Obligations by due date, as they are or were; an applicant sees its own", s.listObligations),
		handle("GET", "/v1/obligations/counts", models.ActObligationRead, "Obligations", "Numbers by state, of what the filter gives", s.countObligations),
		handle("GET", "/v1/obligations/export", models.ActObligationRead, "Obligations", "The list as CSV, at most 20,000 rows", s.exportObligations),
		handle("GET", "/v1/obligations/kinds", models.ActPublicRead, "Obligations", "The kinds of obligation with their legal sources, and the grounds of a waiver", s.listObligationKinds),
		handle("POST", "/v1/obligations", models.ActObligationDecide, "Obligations", "Enter the obligation of a quarter from before the registry kept them", s.postObligation).with(http.StatusCreated),
		handle("GET", "/v1/obligations/{id}", models.ActObligationRead, "Obligations", "One obligation as it is, or as it was", s.getObligation),
		handle("GET", "/v1/obligations/{id}/evidence", models.ActObligationRead, "Obligations", "What the meters measured, the rates of the law, and the fee", s.getObligationEvidence),
		handle("POST", "/v1/obligations/{id}/fulfilment", models.ActObligationFulfil, "Obligations", "Hand in: by the holder, or by a clerk on its behalf", s.postFulfilment),
		handle("POST", "/v1/obligations/{id}/acceptance", models.ActObligationDecide, "Obligations", "Accept what was handed in; whoever handed it in may not", s.postAcceptance),
		handle("POST", "/v1/obligations/{id}/return", models.ActObligationDecide, "Obligations", "Give it back with a word on what is wrong; the due date stays", s.postReturn),
		handle("POST", "/v1/obligations/{id}/waiver", models.ActObligationDecide, "Obligations", "Propose to let it go, on a ground", s.postWaiver),
		handle("POST", "/v1/obligations/{id}/waiver/confirmation", models.ActObligationDecide, "Obligations", "Let it go; whoever proposed may not", s.postWaiverConfirmation).stepUp(),
		handle("POST", "/v1/obligations/{id}/waiver/rejection", models.ActObligationDecide, "Obligations", "Put a proposed waiver to rest, or take it back", s.postWaiverRejection),
	}
}

// ObligationQuery narrows a list of obligations.
type ObligationQuery struct {
	License   string `query:"license" maxLength:"32" doc:"Number"`
	Party     string `query:"party" maxLength:"64" doc:"Id of the holder"`
	Kind      string `query:"kind" maxLength:"64"`
	State     string `query:"state" enum:"upcoming,due,overdue,fulfilled,accepted,waived,ended"`
	Period    string `query:"period" maxLength:"10" example:"2026-Q3"`
	DueBefore string `query:"due_before" maxLength:"10" doc:"Legal date, not included"`
	DueFrom   string `query:"due_from" maxLength:"10" doc:"Legal date"`
	Waiver    bool   `query:"waiver" doc:"Only those with a waiver that waits for a second person"`
}

func (q ObligationQuery) filter() store.ObligationFilter {
	return store.ObligationFilter{License: q.License, Party: q.Party, Kind: q.Kind, State: models.ObligationState(q.State), Period: q.Period,
		DueBefore: q.DueBefore, DueFrom: q.DueFrom, Waiver: q.Waiver}
}

type obligationsQuery struct {
	ListQuery
	ObligationQuery
}

func (s *Server) listObligations(ctx context.Context, actor models.Actor, in *obligationsQuery) (*listOutput[ObligationWire], error) {
	f := in.filter()
	var err error
	if f.AsAt, err = in.at(); err != nil {
		return nil, err
	}
	found, next, err := s.svc.Licensing.Obligations(ctx, actor, f, in.page())
	if err != nil {
		return nil, err
	}
	return listOf(found, next, obligationWire), nil
}

// ObligationCountsWire are numbers of obligations by state.
type ObligationCountsWire struct {
	Overdue   int64 `json:"overdue"`
	Due       int64 `json:"due"`
	Upcoming  int64 `json:"upcoming"`
	Fulfilled int64 `json:"fulfilled" doc:"Wait for acceptance"`
	Waivers   int64 `json:"waivers" doc:"Proposed and not decided"`
}

type obligationCountsQuery struct {
	ObligationQuery
	AsAt string `query:"as_at" format:"date-time" doc:"State as at this instant (RFC 3339); now when absent"`
}

func (s *Server) countObligations(ctx context.Context, actor models.Actor, in *obligationCountsQuery) (*output[ObligationCountsWire], error) {
	f := in.filter()
	var err error
	if f.AsAt, err = instantOf("?as_at", in.AsAt); err != nil {
		return nil, err
	}
	c, err := s.svc.Licensing.CountObligations(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	return &output[ObligationCountsWire]{Body: ObligationCountsWire{c.Overdue, c.Due, c.Upcoming, c.Fulfilled, c.Waivers}}, nil
}

// maxExport is how many rows a file of obligations has at most.
const maxExport = 20_000

func (s *Server) exportObligations(ctx context.Context, actor models.Actor, in *obligationCountsQuery) (*pdfOutput, error) {
	f := in.filter()
	var err error
	if f.AsAt, err = instantOf("?as_at", in.AsAt); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // spreadsheets take it for UTF-8 by this mark
	w := csv.NewWriter(&b)
	w.UseCRLF = true // RFC 4180
	_ = w.Write([]string{"kind", "license", "holder", "meter", "period", "law_due", "due", "state", "handed_on", "amount_kzt", "legal_ref", "id"})
	page, lang := store.Page{Limit: 1000}, languageOf(ctx)
	for rows := 0; rows < maxExport; rows += page.Limit {
		found, next, err := s.svc.Licensing.Obligations(ctx, actor, f, page)
		if err != nil {
			return nil, err
		}
		for _, o := range found {
			_ = w.Write([]string{cell(o.Text.In(lang)), o.License, cell(o.HolderName), cell(o.MeterCode), o.Period, o.LawDue, o.Due, string(o.Shown), o.HandedOn,
				strconv.FormatFloat(kzt(max(o.Amount, o.Handed.Amount)), 'f', 2, 64), cell(o.LegalRef), o.ID})
		}
		if next == "" {
			break
		}
		page.After = next
	}
	w.Flush()
	return &pdfOutput{ContentType: "text/csv; charset=utf-8", ContentDisposition: `attachment; filename="obligations.csv"`, Body: b.Bytes()}, w.Error()
}

// ObligationKinds is what the law asks and when it can be let go.
type ObligationKinds struct {
	Kinds   []ObligationKindWire `json:"kinds" nullable:"false"`
	Waivers []GroundWire         `json:"waiver_grounds" nullable:"false"`
}

func (s *Server) listObligationKinds(ctx context.Context, _ models.Actor, _ *struct{}) (*output[ObligationKinds], error) {
	rules, grounds, err := s.svc.Licensing.ObligationRules(ctx)
	if err != nil {
		return nil, err
	}
	out := ObligationKinds{Kinds: listOf(rules, "", obligationKindWire).Body.Items, Waivers: listOf(grounds, "", groundWire).Body.Items}
	return &output[ObligationKinds]{Body: out}, nil
}

// ObligationInput enters an obligation by hand.
type ObligationInput struct {
	License string `json:"license" maxLength:"32"`
	Kind    string `json:"kind" maxLength:"64" example:"QUARTERLY_REPORT"`
	Period  string `json:"period" maxLength:"10" example:"2026-Q3"`
}

type obligationPost struct {
	Idempotent
	Body ObligationInput
}

func (s *Server) postObligation(ctx context.Context, actor models.Actor, in *obligationPost) (*created[ObligationWire], error) {
	o, err := s.svc.Licensing.ImposeObligation(ctx, actor, in.Body.License, in.Body.Kind, in.Body.Period)
	if err != nil {
		return nil, err
	}
	return &created[ObligationWire]{Location: "/v1/obligations/" + o.ID, ETag: etag(o.Version), Body: obligationWire(o)}, nil
}

type obligationQuery struct {
	ByID
	AsAt string `query:"as_at" format:"date-time" doc:"State as at this instant (RFC 3339); now when absent"`
}

func obligationOutput(o licensing.ObligationView, err error) (*output[ObligationWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[ObligationWire]{ETag: etag(o.Version), Body: obligationWire(o)}, nil
}

func (s *Server) getObligation(ctx context.Context, actor models.Actor, in *obligationQuery) (*output[ObligationWire], error) {
	at, err := instantOf("?as_at", in.AsAt)
	if err != nil {
		return nil, err
	}
	return obligationOutput(s.svc.Licensing.Obligation(ctx, actor, in.ID, at))
}

func (s *Server) getObligationEvidence(ctx context.Context, actor models.Actor, in *ByID) (*output[ObligationEvidenceWire], error) {
	e, err := s.svc.Licensing.ObligationEvidence(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[ObligationEvidenceWire]{Body: evidenceWire(e)}, nil
}

type fulfilmentPost struct {
	ByID
	IfMatch
	Idempotent
	Body HandedWire
}

func (s *Server) postFulfilment(ctx context.Context, actor models.Actor, in *fulfilmentPost) (*output[ObligationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return obligationOutput(s.svc.Licensing.FulfilObligation(ctx, actor, in.ID, version, in.Body.handed()))
}

type obligationAct struct {
	ByID
	IfMatch
	Idempotent
	Body *struct{} `required:"false"`
}

func (s *Server) postAcceptance(ctx context.Context, actor models.Actor, in *obligationAct) (*output[ObligationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return obligationOutput(s.svc.Licensing.AcceptObligation(ctx, actor, in.ID, version))
}

func (s *Server) postWaiverConfirmation(ctx context.Context, actor models.Actor, in *obligationAct) (*output[ObligationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return obligationOutput(s.svc.Licensing.ConfirmWaiver(ctx, actor, in.ID, version))
}

// ObligationNote is a word on what is wrong.
type ObligationNote struct {
	Note string `json:"note" maxLength:"2000"`
}

type obligationNotePost struct {
	ByID
	IfMatch
	Idempotent
	Body ObligationNote
}

func (s *Server) postReturn(ctx context.Context, actor models.Actor, in *obligationNotePost) (*output[ObligationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return obligationOutput(s.svc.Licensing.ReturnObligation(ctx, actor, in.ID, version, in.Body.Note))
}

func (s *Server) postWaiverRejection(ctx context.Context, actor models.Actor, in *obligationNotePost) (*output[ObligationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return obligationOutput(s.svc.Licensing.RejectWaiver(ctx, actor, in.ID, version, in.Body.Note))
}

// WaiverInput proposes to let an obligation go.
type WaiverInput struct {
	Ground string `json:"ground" maxLength:"64" doc:"Code of the catalogue: /v1/obligations/kinds"`
	Note   string `json:"note" maxLength:"2000"`
}

type waiverPost struct {
	ByID
	IfMatch
	Idempotent
	Body WaiverInput
}

func (s *Server) postWaiver(ctx context.Context, actor models.Actor, in *waiverPost) (*output[ObligationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return obligationOutput(s.svc.Licensing.ProposeWaiver(ctx, actor, in.ID, version, models.Waiver{Ground: in.Body.Ground, Note: in.Body.Note}))
}

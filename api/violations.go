package api

import (
	"context"
	"math"
	"net/http"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/store"
)

func (s *Server) violationRoutes() []route {
	const tag = "Violations"
	return []route{
		handle("GET", "/v1/violations", models.ActCaseRead, tag, "Violations of the cases that the caller may know of, the newest first", s.listViolations),
		handle("GET", "/v1/violations/{id}", models.ActCaseRead, tag, "A violation with the payments for it", s.getViolation),
		handle("POST", "/v1/cases/{id}/violations", models.ActCaseWrite, tag, "Draw up the protocol of a violation; its fine is the law's of the day of the offence", s.postViolation).with(http.StatusCreated),
		handle("POST", "/v1/violations/{id}/penalty", models.ActCaseDecide, tag, "Impose the penalty; who drew up the protocol may not", s.postPenalty),
		handle("POST", "/v1/violations/{id}/payments", models.ActCaseWrite, tag, "Record money that came for a fine", s.postViolationPayment),
		handle("POST", "/v1/violations/{id}/appeal", models.ActCaseWrite, tag, "Record that the penalty was appealed", s.postViolationAppeal),
		handle("POST", "/v1/violations/{id}/appeal/result", models.ActCaseDecide, tag, "Record what became of the appeal", s.postViolationAppealResult),
	}
}

// ViolationInput draws up a protocol.
type ViolationInput struct {
	Article    string `json:"article" maxLength:"20" doc:"Of the Code of administrative offences: 463"`
	Part       string `json:"part" maxLength:"10"`
	Subject    string `json:"subject" enum:"person,official,small,medium,large" doc:"The kind of subject that the amount depends on"`
	Name       string `json:"name" maxLength:"300" doc:"Who did it; stays out of the ledger"`
	Party      string `json:"party,omitempty" maxLength:"64" doc:"Id of the registered party"`
	OffenceOn  string `json:"offence_on" maxLength:"10" doc:"Legal date: which law and which index apply"`
	Protocol   string `json:"protocol" maxLength:"100" doc:"Number of the protocol"`
	ProtocolOn string `json:"protocol_on" maxLength:"10" doc:"Legal date"`
}

// PaperInput is the number and date of a paper.
type PaperInput struct {
	Number string `json:"number" maxLength:"100"`
	On     string `json:"on" maxLength:"10" doc:"Legal date"`
}

// ViolationPaymentInput is money that came.
type ViolationPaymentInput struct {
	AmountKzt float64 `json:"amount_kzt" minimum:"0" maximum:"10000000000000"`
	Number    string  `json:"number" maxLength:"100" doc:"Of the payment; the same one is taken once"`
	On        string  `json:"on" maxLength:"10" doc:"Legal date"`
}

// ViolationAppealInput is the end of an appeal.
type ViolationAppealInput struct {
	Result  string  `json:"result" enum:"upheld,changed,cancelled"`
	FineKzt float64 `json:"fine_kzt,omitempty" minimum:"0" maximum:"10000000000000" doc:"The new amount, where it was changed"`
}

// ViolationPaymentWire is a payment.
type ViolationPaymentWire struct {
	AmountKzt float64   `json:"amount_kzt"`
	Number    string    `json:"number"`
	On        string    `json:"on"`
	At        time.Time `json:"at"`
}

// ViolationWire is a violation with its penalty.
type ViolationWire struct {
	ID           string                 `json:"id"`
	Case         string                 `json:"case" doc:"Id"`
	Article      string                 `json:"article"`
	Part         string                 `json:"part"`
	Subject      string                 `json:"subject" enum:"person,official,small,medium,large"`
	Name         string                 `json:"name"`
	Party        string                 `json:"party,omitempty"`
	OffenceOn    string                 `json:"offence_on"`
	Protocol     string                 `json:"protocol"`
	ProtocolOn   string                 `json:"protocol_on"`
	State        string                 `json:"state" enum:"protocol,imposed,appealed,paid,cancelled"`
	Mci          int64                  `json:"mci" doc:"Fine in monthly calculation indexes by the law of offence_on"`
	MciKzt       float64                `json:"mci_kzt" doc:"Value of the index on offence_on"`
	FineKzt      float64                `json:"fine_kzt"`
	EarlyKzt     float64                `json:"early_kzt,omitempty" doc:"What suffices until early_by"`
	EarlyBy      string                 `json:"early_by,omitempty"`
	Confiscation bool                   `json:"confiscation"`
	LegalRef     string                 `json:"legal_ref"`
	Decision     string                 `json:"decision,omitempty"`
	DecidedOn    string                 `json:"decided_on,omitempty"`
	Due          string                 `json:"due,omitempty"`
	Overdue      bool                   `json:"overdue"`
	PaidKzt      float64                `json:"paid_kzt"`
	PaidOn       string                 `json:"paid_on,omitempty"`
	Appeal       string                 `json:"appeal,omitempty"`
	AppealOn     string                 `json:"appeal_on,omitempty"`
	AppealEnd    string                 `json:"appeal_result,omitempty" enum:"upheld,changed,cancelled"`
	Payments     []ViolationPaymentWire `json:"payments,omitempty"`
	Can          []string               `json:"can" nullable:"false" doc:"What the caller may do now: impose, pay, appeal, end_appeal"`
	Version      int64                  `json:"version"`
}

func (s *Server) violationWire(w enforcement.Wrong, actor models.Actor) ViolationWire {
	x := w.Violation
	out := ViolationWire{ID: x.ID, Case: x.Case, Article: x.Article, Part: x.Part, Subject: string(x.Subject), Name: x.Name, Party: x.Party, OffenceOn: x.OffenceOn,
		Protocol: x.Protocol, ProtocolOn: x.ProtocolOn, State: string(x.State), Mci: x.MCI, MciKzt: kzt(x.Index), FineKzt: kzt(x.Fine), EarlyBy: x.EarlyBy,
		Confiscation: x.Confiscate, LegalRef: x.LegalRef, Decision: x.Decision, DecidedOn: x.DecidedOn, Due: x.Due, Overdue: x.Overdue(models.LegalDate(s.now())),
		PaidKzt: kzt(x.Paid), PaidOn: x.PaidOn, Appeal: x.Appeal, AppealOn: x.AppealOn, AppealEnd: x.AppealEnd, Version: x.Version, Can: []string{}}
	if x.EarlyBy != "" {
		out.EarlyKzt = kzt(x.Early)
	}
	for _, p := range w.Payments {
		out.Payments = append(out.Payments, ViolationPaymentWire{kzt(p.Amount), p.Number, p.On, p.At})
	}
	may := func(a models.Action) bool { return models.Can(actor, a, models.Scope{}) == nil }
	open := x.State == models.ViolationImposed || x.State == models.ViolationProtocol || x.State == models.ViolationAppealed
	for _, act := range []struct {
		name string
		yes  bool
	}{
		{"impose", x.State == models.ViolationProtocol && actor.ID != x.DrawnBy && may(models.ActCaseDecide)},
		{"pay", open && may(models.ActCaseWrite)},
		{"appeal", x.AppealEnd == "" && (x.State == models.ViolationImposed || x.State == models.ViolationPaid) && may(models.ActCaseWrite)},
		{"end_appeal", x.State == models.ViolationAppealed && may(models.ActCaseDecide)},
	} {
		if act.yes {
			out.Can = append(out.Can, act.name)
		}
	}
	return out
}

type violationsQuery struct {
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"50" doc:"How many items at most"`
	After   string `query:"after" maxLength:"64" doc:"Cursor: the value of next from the page before"`
	Case    string `query:"case" maxLength:"64" doc:"Id or number of the case"`
	State   string `query:"state" enum:"protocol,imposed,appealed,paid,cancelled"`
	Overdue string `query:"overdue" enum:"true" doc:"true: the fine was due before today and is not paid"`
}

func (s *Server) listViolations(ctx context.Context, actor models.Actor, in *violationsQuery) (*listOutput[ViolationWire], error) {
	f := store.ViolationFilter{Case: in.Case, State: in.State}
	if in.Overdue != "" {
		f.Overdue = models.LegalDate(s.now())
	}
	page := store.Page{Limit: in.Limit, After: in.After}
	found, err := s.svc.Enforcement.Violations(ctx, actor, f, page)
	if err != nil {
		return nil, err
	}
	next := nextOf(found, page, func(x models.Violation) string { return x.ID })
	return listOf(found, next, func(x models.Violation) ViolationWire { return s.violationWire(enforcement.Wrong{Violation: x}, actor) }), nil
}

func (s *Server) violationOutput(w enforcement.Wrong, actor models.Actor, err error) (*output[ViolationWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[ViolationWire]{ETag: etag(w.Violation.Version), Body: s.violationWire(w, actor)}, nil
}

func (s *Server) getViolation(ctx context.Context, actor models.Actor, in *ByID) (*output[ViolationWire], error) {
	w, err := s.svc.Enforcement.Violation(ctx, actor, in.ID)
	return s.violationOutput(w, actor, err)
}

type violationPost struct {
	ByID
	Idempotent
	Body ViolationInput
}

func (s *Server) postViolation(ctx context.Context, actor models.Actor, in *violationPost) (*created[ViolationWire], error) {
	b := in.Body
	w, err := s.svc.Enforcement.Draw(ctx, actor, in.ID, models.Violation{Article: b.Article, Part: b.Part, Subject: models.PenaltySubject(b.Subject), Name: b.Name,
		Party: b.Party, OffenceOn: b.OffenceOn, Protocol: b.Protocol, ProtocolOn: b.ProtocolOn})
	if err != nil {
		return nil, err
	}
	return &created[ViolationWire]{Location: "/v1/violations/" + w.Violation.ID, ETag: etag(w.Violation.Version), Body: s.violationWire(w, actor)}, nil
}

type penaltyPost struct {
	CaseChange
	Body PaperInput
}

func (s *Server) postPenalty(ctx context.Context, actor models.Actor, in *penaltyPost) (*output[ViolationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	w, err := s.svc.Enforcement.Impose(ctx, actor, in.ID, in.Body.Number, in.Body.On, version)
	return s.violationOutput(w, actor, err)
}

// tiyn gives an amount of the wire as the registry counts it.
func tiyn(amount float64) models.Tiyn { return models.Tiyn(math.Round(min(amount, 1e13) * 100)) }

type violationPaymentPost struct {
	CaseChange
	Body ViolationPaymentInput
}

func (s *Server) postViolationPayment(ctx context.Context, actor models.Actor, in *violationPaymentPost) (*output[ViolationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	w, err := s.svc.Enforcement.Pay(ctx, actor, in.ID, models.ViolationPayment{On: in.Body.On, Amount: tiyn(in.Body.AmountKzt), Number: in.Body.Number}, version)
	return s.violationOutput(w, actor, err)
}

func (s *Server) postViolationAppeal(ctx context.Context, actor models.Actor, in *penaltyPost) (*output[ViolationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	w, err := s.svc.Enforcement.FileAppeal(ctx, actor, in.ID, in.Body.Number, in.Body.On, version)
	return s.violationOutput(w, actor, err)
}

type violationAppealPost struct {
	CaseChange
	Body ViolationAppealInput
}

func (s *Server) postViolationAppealResult(ctx context.Context, actor models.Actor, in *violationAppealPost) (*output[ViolationWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	w, err := s.svc.Enforcement.EndAppeal(ctx, actor, in.ID, in.Body.Result, tiyn(in.Body.FineKzt), version)
	return s.violationOutput(w, actor, err)
}

package api

import (
	"context"
	"strconv"
	"strings"

	"rigistry/models"
	"rigistry/services/gate"
	"rigistry/services/store"
)

func (s *Server) gateRoutes() []route {
	return []route{
		handle("POST", "/v1/gate/checks", models.ActGateCheck, "Gate", "Ask whether a connection may be energised", s.postCheck),
		handle("POST", "/v1/gate/checks/batch", models.ActGateCheck, "Gate", "Ask up to 1,000 checks at once", s.postChecks).upTo(2 << 20),
		handle("GET", "/v1/gate/checks", models.ActGateRead, "Gate", "Past answers, newest first", s.listChecks),
		handle("GET", "/v1/gate/checks/{id}", models.ActGateRead, "Gate", "A past answer", s.getCheck),
		handle("GET", "/v1/gate/checks/{id}/explanation", models.ActGateRead, "Gate", "Each rule, what it read, and what would differ today", s.getExplanation),
		handle("POST", "/v1/gate/checks/{id}/confirmation", models.ActGateConfirm, "Gate", "Report that a permitted connection was energised", s.postConfirmation),
	}
}

// AtLeast carries the revision that a decision has to include.
type AtLeast struct {
	Revision string `header:"If-Revision-At-Least" doc:"Size of the ledger that the decision includes at least, such as the cursor of an event plus one: waits a second for it, then 503"`
}

// await refuses a decision that would include less than was demanded.
func (s *Server) await(ctx context.Context, demanded AtLeast) error {
	if demanded.Revision == "" {
		return nil
	}
	size, err := strconv.ParseInt(demanded.Revision, 10, 64)
	if err != nil || size < 0 {
		return models.Errorf(models.CodeInvalid, "If-Revision-At-Least is a whole number, the size of the ledger: %q is none.", demanded.Revision)
	}
	return s.svc.Gate.AwaitRevision(ctx, size)
}

type checkRequest struct {
	Idempotent
	AtLeast
	Body CheckInput
}

func (s *Server) postCheck(ctx context.Context, actor models.Actor, in *checkRequest) (*output[CheckAnswer], error) {
	if err := s.await(ctx, in.AtLeast); err != nil {
		return nil, err
	}
	a, err := s.svc.Gate.Check(ctx, actor, in.Key, languageOf(ctx), in.Body.request())
	if err != nil {
		return nil, err
	}
	s.answered(ctx, 1, unknownIn([]gate.Answer{a}))
	return &output[CheckAnswer]{Body: answerWire(a)}, nil
}

type batchRequest struct {
	Idempotent
	AtLeast
	Body BatchInput
}

func (s *Server) postChecks(ctx context.Context, actor models.Actor, in *batchRequest) (*output[BatchAnswer], error) {
	if err := s.await(ctx, in.AtLeast); err != nil {
		return nil, err
	}
	rs := make([]models.CheckRequest, 0, len(in.Body.Checks))
	for _, c := range in.Body.Checks {
		rs = append(rs, c.request())
	}
	answers, err := s.svc.Gate.CheckBatch(ctx, actor, in.Key, languageOf(ctx), rs)
	if err != nil {
		return nil, err
	}
	s.answered(ctx, len(answers), unknownIn(answers))
	out := &output[BatchAnswer]{Body: BatchAnswer{Answers: make([]CheckAnswer, 0, len(answers))}}
	for _, a := range answers {
		out.Body.Answers = append(out.Body.Answers, answerWire(a))
	}
	return out, nil
}

func (c CheckInput) request() models.CheckRequest {
	r := models.CheckRequest{Reference: c.Reference, ConnectionPoint: c.ConnectionPoint, Applicant: c.Applicant, License: c.License,
		Requested: watts(c.RequestedKw), Purpose: models.Purpose(c.Purpose), Event: models.GateEvent(c.Event)}
	if c.PlannedAt != nil {
		r.PlannedAt = *c.PlannedAt
	}
	return r
}

func answerWire(a gate.Answer) CheckAnswer {
	w := CheckAnswer{ID: a.ID, Reference: a.Reference, Decision: string(a.Decision), Reasons: make([]ReasonWire, 0, len(a.Reasons)),
		RequestedKw: kw(a.Requested), ValidUntil: optionalTime(a.ValidUntil), License: a.License, LicenseVersion: a.LicenseVersion,
		ConnectionPoint: a.ConnectionPoint, DecidedAt: a.DecidedAt, RulesVersion: a.RulesVersion, Revision: a.Revision,
		FactsDigest: a.FactsDigest, Permit: a.Permit}
	for _, r := range a.Reasons {
		w.Reasons = append(w.Reasons, ReasonWire{Code: string(r.Code), Severity: string(r.Severity), Text: r.Text, Cure: r.Cure})
	}
	if a.Decision == models.OutcomePermit {
		most := kw(a.Max)
		w.MaxKw = &most
	}
	return w
}

type checksQuery struct {
	ListQuery
	Decision        string `query:"decision" enum:"permit,deny,refer"`
	ConnectionPoint string `query:"connection_point" maxLength:"64" doc:"Code"`
	Utility         string `query:"utility" maxLength:"64" doc:"Utility id"`
}

func (s *Server) listChecks(ctx context.Context, actor models.Actor, in *checksQuery) (*listOutput[CheckRecord], error) {
	page := in.page()
	records, err := s.svc.Gate.Checks(ctx, actor, gate.RecordFilter{Utility: in.Utility, ConnectionPoint: in.ConnectionPoint, Decision: in.Decision}, page)
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	if err != nil {
		return nil, err
	}
	next := nextOf(records, page, func(r gate.Record) string { return r.Answer.ID })
	return listOf(records, next, func(r gate.Record) CheckRecord { return s.recordWire(r, names) }), nil
}

// nextOf gives the cursor of the next page, "" on the last.
func nextOf[T any](items []T, page store.Page, cursor func(T) string) string {
	if len(items) == 0 || len(items) < page.Size() {
		return ""
	}
	return cursor(items[len(items)-1])
}

// utilityNames gives the names of the utilities by id in the caller's language.
func (s *Server) utilityNames(ctx context.Context) (map[string]string, error) {
	all, err := s.svc.Gate.Utilities(ctx, models.System(), store.Page{Limit: 1000})
	names := make(map[string]string, len(all))
	for _, u := range all {
		name := map[string]string{"kk": u.NameKk, "ru": u.NameRu, "en": u.NameEn}[languageOf(ctx)]
		if name == "" {
			name = u.NameRu
		}
		names[u.ID] = name
	}
	return names, err
}

func (s *Server) recordWire(r gate.Record, names map[string]string) CheckRecord {
	held, state := r.Held(s.now())
	w := CheckRecord{CheckAnswer: answerWire(r.Answer), Utility: r.Utility, UtilityName: names[r.Utility], Applicant: r.Request.Applicant,
		Purpose: string(r.Request.Purpose), Event: string(r.Request.Event), ReservationKw: kw(held), ReservationEnd: state}
	if r.Reservation != nil {
		w.ConfirmedAt = optionalTime(r.Reservation.ConfirmedAt)
	}
	return w
}

func (s *Server) getCheck(ctx context.Context, actor models.Actor, in *ByID) (*output[CheckRecord], error) {
	r, err := s.svc.Gate.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return s.recordOutput(ctx, r)
}

func (s *Server) recordOutput(ctx context.Context, r gate.Record) (*output[CheckRecord], error) {
	names, err := s.utilityNames(ctx)
	if err != nil {
		return nil, err
	}
	return &output[CheckRecord]{Body: s.recordWire(r, names)}, nil
}

func (s *Server) getExplanation(ctx context.Context, actor models.Actor, in *ByID) (*output[ExplanationWire], error) {
	e, err := s.svc.Gate.Explanation(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	a := e.Record.Answer
	w := ExplanationWire{ID: a.ID, Decision: string(a.Decision), DecisionToday: string(e.DecisionToday), RulesVersion: a.RulesVersion,
		FactsDigest: a.FactsDigest, Rules: make([]RuleResultWire, 0, len(e.Rules))}
	for _, r := range e.Rules {
		w.Rules = append(w.Rules, RuleResultWire{Code: string(r.Code), Result: string(r.Result), Reads: r.Reads, Today: string(r.Today)})
	}
	return &output[ExplanationWire]{Body: w}, nil
}

type confirmationRequest struct {
	ByID
	Idempotent
	Body ConfirmationInput
}

func (s *Server) postConfirmation(ctx context.Context, actor models.Actor, in *confirmationRequest) (*output[CheckRecord], error) {
	r, err := s.svc.Gate.Confirm(ctx, actor, in.ID, gate.Confirmation{EnergisedAt: in.Body.EnergisedAt, Power: watts(in.Body.Kw),
		MeterSerial: strings.TrimSpace(in.Body.MeterSerial), SwitchingOrder: strings.TrimSpace(in.Body.SwitchingOrder)})
	if err != nil {
		return nil, err
	}
	return s.recordOutput(ctx, r)
}

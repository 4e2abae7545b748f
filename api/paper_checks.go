package api

import (
	"context"
	"net/http"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

func (s *Server) paperRoutes() []route {
	const tag = "Paper checks"
	return []route{
		handle("GET", "/v1/paper-blocks", models.ActPaperRead, tag, "Blocks of numbered forms for checks by phone, newest first", s.listPaperBlocks),
		handle("POST", "/v1/paper-blocks", models.ActPaperIssue, tag, "Give a utility a block of numbers", s.postPaperBlock).with(http.StatusCreated),
		handle("GET", "/v1/paper-blocks/{id}/sheet", models.ActPaperRead, tag, "The sheet of a block; codes of answers only for who may answer", s.getPaperSheet),
		handle("GET", "/v1/paper-checks", models.ActPaperRead, tag, "Checks by phone, the highest number first", s.listPaperChecks),
		handle("GET", "/v1/paper-checks/{id}", models.ActPaperRead, tag, "A check by phone by its number", s.getPaperCheck),
		handle("POST", "/v1/paper-checks/{id}/answer", models.ActPaperAnswer, tag, "Enter the registry's side of a check by phone", s.answerPaper),
		handle("POST", "/v1/paper-checks/{id}/report", models.ActPaperEnter, tag, "Enter the utility's side of a check by phone; a load energised on a permit is asked of the gate now", s.reportPaper),
		handle("POST", "/v1/paper-checks/{id}/settlement", models.ActPaperSettle, tag, "Decide what a difference means; another person than who answered", s.settlePaper),
	}
}

// PaperBlockInput asks for a block of numbers.
type PaperBlockInput struct {
	Utility string `json:"utility" minLength:"1" maxLength:"64" doc:"Utility id or code"`
	Count   int64  `json:"count" minimum:"1" maximum:"200"`
}

// PaperBlockWire is a block of numbers.
type PaperBlockWire struct {
	ID          string    `json:"id"`
	Utility     string    `json:"utility"`
	UtilityName string    `json:"utility_name"`
	First       string    `json:"first"`
	Last        string    `json:"last"`
	Count       int64     `json:"count"`
	IssuedAt    time.Time `json:"issued_at"`
}

func paperBlockWire(b models.PaperBlock, names map[string]string) PaperBlockWire {
	return PaperBlockWire{ID: b.ID, Utility: b.Utility, UtilityName: names[b.Utility], First: models.PaperNumber(b.First), Last: models.PaperNumber(b.Last),
		Count: b.Last - b.First + 1, IssuedAt: b.Issued}
}

func (s *Server) listPaperBlocks(ctx context.Context, actor models.Actor, in *ListQuery) (*listOutput[PaperBlockWire], error) {
	page := in.page()
	found, err := s.svc.Gate.PaperBlocks(ctx, actor, page)
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	if err != nil {
		return nil, err
	}
	next := nextOf(found, page, func(b models.PaperBlock) string { return b.ID })
	return listOf(found, next, func(b models.PaperBlock) PaperBlockWire { return paperBlockWire(b, names) }), nil
}

type paperBlockPost struct {
	Idempotent
	Body PaperBlockInput
}

func (s *Server) postPaperBlock(ctx context.Context, actor models.Actor, in *paperBlockPost) (*created[PaperBlockWire], error) {
	b, err := s.svc.Gate.IssuePaperBlock(ctx, actor, in.Body.Utility, in.Body.Count)
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	return &created[PaperBlockWire]{Location: "/v1/paper-blocks/" + b.ID + "/sheet", ETag: etag(1), Body: paperBlockWire(b, names)}, err
}

// PaperLineWire is a line of a sheet.
type PaperLineWire struct {
	Number   string `json:"number"`
	State    string `json:"state" enum:"issued,answered,reported,matched,differs,settled,spoiled"`
	CallCode string `json:"call_code,omitempty" doc:"The dispatcher says it first: it shows that the sheet is at hand"`
	Permit   string `json:"permit_code,omitempty" doc:"The officer says it with a permit; the dispatcher writes it down and reads it back"`
	Deny     string `json:"deny_code,omitempty"`
	Refer    string `json:"refer_code,omitempty"`
}

// PaperSheetWire is the sheet of a block.
type PaperSheetWire struct {
	PaperBlockWire
	Lines []PaperLineWire `json:"lines" nullable:"false"`
}

func (s *Server) getPaperSheet(ctx context.Context, actor models.Actor, in *ByID) (*output[PaperSheetWire], error) {
	b, lines, err := s.svc.Gate.PaperSheet(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	w := PaperSheetWire{PaperBlockWire: paperBlockWire(b, names), Lines: make([]PaperLineWire, 0, len(lines))}
	for _, l := range lines {
		w.Lines = append(w.Lines, PaperLineWire{Number: l.Number, State: string(l.State), CallCode: l.Call, Permit: l.Codes[models.OutcomePermit],
			Deny: l.Codes[models.OutcomeDeny], Refer: l.Codes[models.OutcomeRefer]})
	}
	return &output[PaperSheetWire]{Body: w}, err
}

// PaperQuestionInput is what was asked by phone.
type PaperQuestionInput struct {
	ConnectionPoint string  `json:"connection_point" minLength:"1" maxLength:"64" example:"PS12-F03-CP007"`
	Applicant       string  `json:"applicant" maxLength:"32" doc:"BIN or IIN"`
	License         string  `json:"license,omitempty" maxLength:"32"`
	RequestedKw     float64 `json:"requested_kw" exclusiveMinimum:"0" maximum:"10000000"`
	Purpose         string  `json:"purpose" enum:"mining,other,unknown"`
	Event           string  `json:"event" enum:"new_connection,reconnection,uprate,change_of_consumer"`
}

func (q PaperQuestionInput) request() models.CheckRequest {
	return models.CheckRequest{ConnectionPoint: q.ConnectionPoint, Applicant: q.Applicant, License: q.License, Requested: watts(q.RequestedKw),
		Purpose: models.Purpose(q.Purpose), Event: models.GateEvent(q.Event)}
}

func questionWire(q models.CheckRequest) PaperQuestionInput {
	return PaperQuestionInput{ConnectionPoint: q.ConnectionPoint, Applicant: q.Applicant, License: q.License, RequestedKw: kw(q.Requested),
		Purpose: string(q.Purpose), Event: string(q.Event)}
}

// PaperAnswerInput is the registry's side.
type PaperAnswerInput struct {
	Question PaperQuestionInput `json:"question"`
	CallCode string             `json:"call_code" maxLength:"16" doc:"That the dispatcher said"`
	Decision string             `json:"decision" enum:"permit,deny,refer"`
	MaxKw    float64            `json:"max_kw,omitempty" minimum:"0" maximum:"10000000" doc:"Of a permit"`
	At       time.Time          `json:"at" doc:"Of the call"`
}

// PaperReportInput is the utility's side.
type PaperReportInput struct {
	Question       PaperQuestionInput `json:"question"`
	AnswerCode     string             `json:"answer_code" maxLength:"16" doc:"That the officer said with the answer"`
	Decision       string             `json:"decision" enum:"permit,deny,refer"`
	At             time.Time          `json:"at" doc:"Of the call"`
	Person         string             `json:"person" maxLength:"200" doc:"At the utility who called"`
	EnergisedAt    *time.Time         `json:"energised_at,omitempty" doc:"Absent when nothing was energised"`
	Kw             float64            `json:"kw,omitempty" minimum:"0" maximum:"10000000"`
	MeterSerial    string             `json:"meter_serial,omitempty" maxLength:"100"`
	SwitchingOrder string             `json:"switching_order,omitempty" maxLength:"100"`
}

// PaperAnswerSide is the registry's side as it was entered.
type PaperAnswerSide struct {
	Question  PaperQuestionInput `json:"question"`
	Decision  string             `json:"decision"`
	MaxKw     float64            `json:"max_kw"`
	At        time.Time          `json:"at"`
	EnteredAt time.Time          `json:"entered_at"`
	EnteredBy string             `json:"entered_by"`
}

// PaperReportSide is the utility's side as it was entered.
type PaperReportSide struct {
	Question       PaperQuestionInput `json:"question"`
	Decision       string             `json:"decision"`
	At             time.Time          `json:"at"`
	Person         string             `json:"person"`
	EnergisedAt    *time.Time         `json:"energised_at,omitempty"`
	Kw             float64            `json:"kw"`
	MeterSerial    string             `json:"meter_serial,omitempty"`
	SwitchingOrder string             `json:"switching_order,omitempty"`
	EnteredAt      time.Time          `json:"entered_at"`
}

// PaperCheckWire is a check by phone.
type PaperCheckWire struct {
	Number      string           `json:"number"`
	Utility     string           `json:"utility"`
	UtilityName string           `json:"utility_name"`
	State       string           `json:"state" enum:"issued,answered,reported,matched,differs,settled,spoiled"`
	Answer      *PaperAnswerSide `json:"answer,omitempty"`
	Report      *PaperReportSide `json:"report,omitempty"`
	Gate        string           `json:"gate,omitempty" doc:"What the gate would have said at the instant of the call"`
	GateReasons []string         `json:"gate_reasons" nullable:"false"`
	Check       string           `json:"check,omitempty" doc:"The check that asked the gate for the load; confirm it as any permit"`
	Differences []string         `json:"differences" nullable:"false" doc:"question_differs answer_differs time_differs gate_differs phone_stricter energised_without_permit cap_exceeded load_refused late"`
	SettledAt   *time.Time       `json:"settled_at,omitempty"`
	Reason      string           `json:"reason,omitempty"`
	Version     int64            `json:"version"`
	Allowed     []string         `json:"allowed" nullable:"false" doc:"What the caller may do now: answer report settle"`
}

func paperWire(actor models.Actor, c models.PaperCheck, names map[string]string) PaperCheckWire {
	w := PaperCheckWire{Number: c.Number, Utility: c.Utility, UtilityName: names[c.Utility], State: string(c.State), Gate: string(c.Gate), GateReasons: []string{},
		Check: c.Check, Differences: []string{}, SettledAt: optionalTime(c.Settled), Reason: c.Reason, Version: c.Version, Allowed: c.Allowed(actor)}
	for _, r := range c.GateReasons {
		w.GateReasons = append(w.GateReasons, string(r))
	}
	for _, d := range c.Differences {
		w.Differences = append(w.Differences, string(d))
	}
	if a := c.Answer; a != nil {
		w.Answer = &PaperAnswerSide{Question: questionWire(a.Question), Decision: string(a.Outcome), MaxKw: kw(a.Max), At: a.At, EnteredAt: c.Answered, EnteredBy: c.AnsweredBy}
	}
	if r := c.Report; r != nil {
		w.Report = &PaperReportSide{Question: questionWire(r.Question), Decision: string(r.Outcome), At: r.At, Person: r.Person, EnergisedAt: optionalTime(r.EnergisedAt),
			Kw: kw(r.Power), MeterSerial: r.MeterSerial, SwitchingOrder: r.SwitchingOrder, EnteredAt: c.Reported}
	}
	return w
}

type paperChecksQuery struct {
	ListQuery
	State   string `query:"state" enum:"issued,answered,reported,matched,differs,settled,spoiled"`
	Utility string `query:"utility" maxLength:"64" doc:"Utility id"`
	Used    bool   `query:"used" doc:"Leave out numbers that nobody entered"`
}

func (s *Server) listPaperChecks(ctx context.Context, actor models.Actor, in *paperChecksQuery) (*listOutput[PaperCheckWire], error) {
	page := in.page()
	found, err := s.svc.Gate.PaperChecks(ctx, actor, store.PaperFilter{Utility: in.Utility, State: in.State, Used: in.Used}, page)
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	if err != nil {
		return nil, err
	}
	next := nextOf(found, page, func(c models.PaperCheck) string { return c.Number })
	return listOf(found, next, func(c models.PaperCheck) PaperCheckWire { return paperWire(actor, c, names) }), nil
}

func (s *Server) paperOutput(ctx context.Context, actor models.Actor, c models.PaperCheck, err error) (*output[PaperCheckWire], error) {
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	return &output[PaperCheckWire]{ETag: etag(c.Version), Body: paperWire(actor, c, names)}, err
}

func (s *Server) getPaperCheck(ctx context.Context, actor models.Actor, in *ByID) (*output[PaperCheckWire], error) {
	c, err := s.svc.Gate.PaperCheck(ctx, actor, in.ID)
	return s.paperOutput(ctx, actor, c, err)
}

type paperAnswer struct {
	ByID
	Idempotent
	Body PaperAnswerInput
}

func (s *Server) answerPaper(ctx context.Context, actor models.Actor, in *paperAnswer) (*output[PaperCheckWire], error) {
	b := in.Body
	c, err := s.svc.Gate.AnswerPaper(ctx, actor, in.ID, b.CallCode, models.PaperAnswer{Question: b.Question.request(), Outcome: models.Outcome(b.Decision),
		Max: watts(b.MaxKw), At: b.At.UTC().Truncate(time.Microsecond)})
	return s.paperOutput(ctx, actor, c, err)
}

type paperReport struct {
	ByID
	Idempotent
	Body PaperReportInput
}

func (s *Server) reportPaper(ctx context.Context, actor models.Actor, in *paperReport) (*output[PaperCheckWire], error) {
	b := in.Body
	r := models.PaperReport{Question: b.Question.request(), Outcome: models.Outcome(b.Decision), At: b.At.UTC().Truncate(time.Microsecond), Person: b.Person,
		Power: watts(b.Kw), MeterSerial: b.MeterSerial, SwitchingOrder: b.SwitchingOrder}
	if b.EnergisedAt != nil {
		r.EnergisedAt = b.EnergisedAt.UTC().Truncate(time.Microsecond)
	}
	c, err := s.svc.Gate.ReportPaper(ctx, actor, in.ID, b.AnswerCode, languageOf(ctx), r)
	return s.paperOutput(ctx, actor, c, err)
}

// PaperSettlementInput says what a difference means.
type PaperSettlementInput struct {
	Reason string `json:"reason" minLength:"1" maxLength:"1000"`
}

type paperSettlement struct {
	ByID
	Idempotent
	Body PaperSettlementInput
}

func (s *Server) settlePaper(ctx context.Context, actor models.Actor, in *paperSettlement) (*output[PaperCheckWire], error) {
	c, err := s.svc.Gate.SettlePaper(ctx, actor, in.ID, in.Body.Reason)
	return s.paperOutput(ctx, actor, c, err)
}

// permitQROutput is a picture.
type permitQROutput struct {
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	Body         []byte
}

func (s *Server) permitRoutes() []route {
	return []route{
		handle("GET", "/v1/gate/checks/{id}/permit.svg", models.ActGateRead, "Gate", "The permit of a check as a QR code, to be printed and checked without a network", s.getPermitQR),
	}
}

func (s *Server) getPermitQR(ctx context.Context, actor models.Actor, in *ByID) (*permitQROutput, error) {
	r, err := s.svc.Gate.Get(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	if r.Answer.Permit == "" {
		return nil, models.NotFound("permit", in.ID)
	}
	picture, err := s.svc.Documents.PermitSVG(r.Answer.Permit)
	if err != nil {
		return nil, err
	}
	return &permitQROutput{ContentType: "image/svg+xml", CacheControl: "private, max-age=86400", Body: picture}, nil
}

package api

import (
	"context"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

func (s *Server) orderRoutes() []route {
	return []route{
		handle("GET", "/v1/disconnection-orders", models.ActOrderRead, "Gate", "Orders to utilities: disconnections, limitations and reconnections, oldest first", s.listOrders),
		handle("GET", "/v1/disconnection-orders/summary", models.ActOrderRead, "Gate", "How many orders are open, overdue, contradicted and objected to, by utility", s.countOrders),
		handle("GET", "/v1/disconnection-orders/{id}", models.ActOrderRead, "Gate", "An order; the utility's first reading delivers it", s.getOrder),
		handle("GET", "/v1/disconnection-orders/{id}/evidence", models.ActOrderRead, "Gate", "What the revenue meters of the point say about an order now", s.getOrderEvidence),
		handle("POST", "/v1/disconnection-orders/{id}/acknowledgement", models.ActOrderAct, "Gate", "Acknowledge an order", s.acknowledgeOrder),
		handle("POST", "/v1/disconnection-orders/{id}/execution", models.ActOrderAct, "Gate", "Report that an order was executed", s.executeOrder),
		handle("POST", "/v1/disconnection-orders/{id}/objection", models.ActOrderAct, "Gate", "Object to an order", s.objectToOrder),
		handle("POST", "/v1/disconnection-orders/{id}/objection-decision", models.ActOrderDecide, "Gate", "Accept or refuse an objection; who objected may not", s.decideObjection),
		handle("POST", "/v1/disconnection-orders/{id}/verification", models.ActOrderVerify, "Gate", "Verify an execution by hand, with a reason, where no meter can tell", s.verifyOrder),
		handle("POST", "/v1/disconnection-orders/{id}/closure", models.ActOrderDecide, "Gate", "Close an order that is verified", s.closeOrder),
	}
}

// OrderWire is an order to a utility.
type OrderWire struct {
	ID              string         `json:"id"`
	Number          string         `json:"number"`
	Kind            string         `json:"kind" enum:"disconnection,limitation,reconnection" doc:"A reconnection authorises; it is executed by the confirmation of a gate permit"`
	State           string         `json:"state" enum:"issued,delivered,acknowledged,executed,verified,closed"`
	Overdue         bool           `json:"overdue"`
	Objected        bool           `json:"objected" doc:"An objection waits for its decision"`
	Contradicted    bool           `json:"contradicted" doc:"Executed, and the meters draw"`
	ConnectionPoint string         `json:"connection_point"`
	License         string         `json:"license" doc:"Number; empty when the ground is no license"`
	Ground          string         `json:"ground"`
	Utility         string         `json:"utility"`
	UtilityName     string         `json:"utility_name,omitempty"`
	IssuedAt        time.Time      `json:"issued_at"`
	Deadline        time.Time      `json:"deadline"`
	LegalRef        string         `json:"legal_ref,omitempty" doc:"Where the term stands"`
	Grade           string         `json:"grade,omitempty" enum:"S,R" doc:"S: read at its source; R: to be confirmed"`
	LimitKw         *float64       `json:"limit_kw,omitempty" doc:"Of a limitation: what may still be drawn"`
	WindowFrom      *time.Time     `json:"window_from,omitempty"`
	WindowUntil     *time.Time     `json:"window_until,omitempty" doc:"Not included; absent while open"`
	DeliveredAt     *time.Time     `json:"delivered_at,omitempty"`
	DeliveredBy     string         `json:"delivered_by,omitempty" enum:"read,feed,webhook"`
	AcknowledgedAt  *time.Time     `json:"acknowledged_at,omitempty"`
	AcknowledgedBy  string         `json:"acknowledged_by,omitempty"`
	ScheduledAt     *time.Time     `json:"scheduled_at,omitempty"`
	ExecutedAt      *time.Time     `json:"executed_at,omitempty"`
	ExecutedBy      string         `json:"executed_by,omitempty"`
	Crew            string         `json:"crew,omitempty"`
	ReadingKwh      *float64       `json:"reading_kwh,omitempty"`
	PhotoSha256     string         `json:"photo_sha256,omitempty"`
	VerifiedAt      *time.Time     `json:"verified_at,omitempty"`
	VerifiedByHand  bool           `json:"verified_by_hand"`
	VerifiedReason  string         `json:"verified_reason,omitempty"`
	ClosedAt        *time.Time     `json:"closed_at,omitempty"`
	Note            string         `json:"note,omitempty" doc:"Why it was closed: a code"`
	Escalations     int64          `json:"escalations" doc:"How often it was raised as overdue"`
	ContradictedAt  *time.Time     `json:"contradicted_at,omitempty"`
	DrawnKw         *float64       `json:"drawn_kw,omitempty" doc:"What the meters read when they contradicted"`
	Objection       string         `json:"objection,omitempty"`
	ObjectionDetail *ObjectionWire `json:"objection_detail,omitempty"`
	Version         int64          `json:"version"`
}

// ObjectionWire is an objection and what became of it.
type ObjectionWire struct {
	At        time.Time  `json:"at"`
	Code      string     `json:"code"`
	Text      string     `json:"text"`
	Decision  string     `json:"decision,omitempty" enum:"accepted,refused"`
	DecidedAt *time.Time `json:"decided_at,omitempty"`
	Reply     string     `json:"reply,omitempty"`
}

// OrderActInput acknowledges, executes or objects.
type OrderActInput struct {
	Person      string     `json:"person" maxLength:"200" doc:"Who at the utility"`
	At          *time.Time `json:"at,omitempty" doc:"Of an execution: when it was switched; now when absent"`
	Note        string     `json:"note,omitempty" maxLength:"2000" doc:"Of an objection: its text"`
	Code        string     `json:"code,omitempty" enum:"safety,critical_load,mixed_supply,access_denied,wrong_point,other" doc:"Of an objection: its reason; other when absent"`
	ScheduledAt *time.Time `json:"scheduled_at,omitempty" doc:"Of an acknowledgement: when the switching is planned"`
	ReadingKwh  *float64   `json:"reading_kwh,omitempty" minimum:"0" maximum:"1000000000000" doc:"Of an execution: the energy register of the revenue meter"`
	Crew        string     `json:"crew,omitempty" maxLength:"200" doc:"Of an execution: the crew"`
	PhotoSha256 string     `json:"photo_sha256,omitempty" maxLength:"64" doc:"Of an execution: SHA-256 of a photograph"`
}

// ObjectionDecisionInput decides an objection.
type ObjectionDecisionInput struct {
	Decision string     `json:"decision" enum:"accepted,refused"`
	Reply    string     `json:"reply" maxLength:"2000" doc:"What the utility is told"`
	Deadline *time.Time `json:"deadline,omitempty" doc:"With an acceptance: the new deadline; without one the order is closed"`
}

// OrderVerificationInput verifies by hand.
type OrderVerificationInput struct {
	Reason string `json:"reason" maxLength:"2000" doc:"What was seen and where"`
}

type ordersQuery struct {
	ListQuery
	State           string `query:"state" enum:"issued,delivered,acknowledged,executed,verified,closed"`
	License         string `query:"license" maxLength:"32"`
	ConnectionPoint string `query:"connection_point" maxLength:"64" doc:"Code"`
	Utility         string `query:"utility" maxLength:"64" doc:"Utility id"`
	Kind            string `query:"kind" enum:"disconnection,limitation,reconnection"`
	Flag            string `query:"flag" enum:"overdue,contradicted,objected" doc:"Only orders that are so now"`
	Open            bool   `query:"open" doc:"Leave out closed ones"`
}

func (s *Server) listOrders(ctx context.Context, actor models.Actor, in *ordersQuery) (*listOutput[OrderWire], error) {
	page := in.page()
	f := store.OrderFilter{State: in.State, License: in.License, PointCode: in.ConnectionPoint, Utility: in.Utility, Kind: in.Kind, Flag: in.Flag}
	if in.Open {
		f.Open = "open"
	}
	orders, err := s.svc.Gate.Orders(ctx, actor, f, page)
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	if err != nil {
		return nil, err
	}
	next := nextOf(orders, page, func(o models.DisconnectionOrder) string { return o.ID })
	return listOf(orders, next, func(o models.DisconnectionOrder) OrderWire {
		w := s.orderWire(o)
		w.UtilityName = names[o.Utility]
		return w
	}), nil
}

func (s *Server) orderWire(o models.DisconnectionOrder) OrderWire {
	w := OrderWire{ID: o.ID, Number: o.Number, Kind: string(o.Kind), State: string(o.State), Overdue: o.Overdue(s.now()), Objected: o.Objection.Waits() && o.State != models.OrderClosed,
		Contradicted: !o.Contradicted.IsZero() && o.State != models.OrderClosed, ConnectionPoint: o.PointCode, License: o.License, Ground: o.Ground, Utility: o.Utility, IssuedAt: o.Issued,
		Deadline: o.Deadline, LegalRef: o.LegalRef, Grade: o.Grade, WindowFrom: optionalTime(o.WindowFrom), WindowUntil: optionalTime(o.WindowUntil),
		DeliveredAt: optionalTime(o.Delivered), DeliveredBy: o.DeliveredBy, AcknowledgedAt: optionalTime(o.Acknowledged), AcknowledgedBy: o.AcknowledgedBy,
		ScheduledAt: optionalTime(o.Scheduled), ExecutedAt: optionalTime(o.Executed), ExecutedBy: o.ExecutedBy, Crew: o.Crew, PhotoSha256: o.Photo,
		VerifiedAt: optionalTime(o.Verified), VerifiedByHand: o.VerifiedBy != "", VerifiedReason: o.VerifiedNote, ClosedAt: optionalTime(o.Closed), Note: o.Note,
		Escalations: o.Escalations, ContradictedAt: optionalTime(o.Contradicted), Objection: o.Objection.Text, Version: o.Version}
	if o.Kind == models.OrderLimit {
		limit := kw(o.Limit)
		w.LimitKw = &limit
	}
	if !o.Executed.IsZero() && o.Reading >= 0 {
		reading := kw(o.Reading)
		w.ReadingKwh = &reading
	}
	if !o.Contradicted.IsZero() {
		drawn := kw(o.ContradictedBy)
		w.DrawnKw = &drawn
	}
	if b := o.Objection; !b.At.IsZero() {
		w.ObjectionDetail = &ObjectionWire{At: b.At, Code: string(b.Code), Text: b.Text, Decision: b.Decision, DecidedAt: optionalTime(b.DecidedAt), Reply: b.Reply}
	}
	return w
}

func (s *Server) orderOutput(ctx context.Context, o models.DisconnectionOrder, err error) (*output[OrderWire], error) {
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	if err != nil {
		return nil, err
	}
	w := s.orderWire(o)
	w.UtilityName = names[o.Utility]
	return &output[OrderWire]{ETag: etag(o.Version), Body: w}, nil
}

func (s *Server) getOrder(ctx context.Context, actor models.Actor, in *ByID) (*output[OrderWire], error) {
	o, err := s.svc.Gate.Order(ctx, actor, in.ID)
	return s.orderOutput(ctx, o, err)
}

type orderAct struct {
	ByID
	Idempotent
	IfMatch
	Body OrderActInput
}

func (s *Server) acknowledgeOrder(ctx context.Context, actor models.Actor, in *orderAct) (*output[OrderWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	o, err := s.svc.Gate.AcknowledgeOrder(ctx, actor, in.ID, version, strings.TrimSpace(in.Body.Person), timeOf(in.Body.ScheduledAt))
	return s.orderOutput(ctx, o, err)
}

// timeOf is the zero instant for nil.
func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func (s *Server) executeOrder(ctx context.Context, actor models.Actor, in *orderAct) (*output[OrderWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	e := models.Execution{At: timeOf(in.Body.At), By: strings.TrimSpace(in.Body.Person), Crew: strings.TrimSpace(in.Body.Crew), Photo: in.Body.PhotoSha256, Reading: -1}
	if in.Body.ReadingKwh != nil {
		e.Reading = models.WattHours(watts(*in.Body.ReadingKwh))
	}
	o, err := s.svc.Gate.ExecuteOrder(ctx, actor, in.ID, version, e)
	return s.orderOutput(ctx, o, err)
}

func (s *Server) objectToOrder(ctx context.Context, actor models.Actor, in *orderAct) (*output[OrderWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	code := models.ObjectionCode(in.Body.Code)
	if code == "" {
		code = models.ObjectionOther
	}
	o, err := s.svc.Gate.ObjectToOrder(ctx, actor, in.ID, version, code, strings.TrimSpace(in.Body.Note))
	return s.orderOutput(ctx, o, err)
}

type objectionDecision struct {
	ByID
	Idempotent
	IfMatch
	Body ObjectionDecisionInput
}

func (s *Server) decideObjection(ctx context.Context, actor models.Actor, in *objectionDecision) (*output[OrderWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	o, err := s.svc.Gate.DecideObjection(ctx, actor, in.ID, version, models.ObjectionDecision{Decision: in.Body.Decision,
		Reply: strings.TrimSpace(in.Body.Reply), Deadline: timeOf(in.Body.Deadline)})
	return s.orderOutput(ctx, o, err)
}

type orderVerification struct {
	ByID
	Idempotent
	IfMatch
	Body OrderVerificationInput
}

func (s *Server) verifyOrder(ctx context.Context, actor models.Actor, in *orderVerification) (*output[OrderWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	o, err := s.svc.Gate.VerifyOrder(ctx, actor, in.ID, version, strings.TrimSpace(in.Body.Reason))
	return s.orderOutput(ctx, o, err)
}

type orderClosure struct {
	ByID
	Idempotent
	IfMatch
}

func (s *Server) closeOrder(ctx context.Context, actor models.Actor, in *orderClosure) (*output[OrderWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	o, err := s.svc.Gate.CloseOrder(ctx, actor, in.ID, version)
	return s.orderOutput(ctx, o, err)
}

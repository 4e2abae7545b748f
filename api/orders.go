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
		handle("GET", "/v1/disconnection-orders", models.ActOrderRead, "Gate", "Disconnection orders, oldest first", s.listOrders),
		handle("GET", "/v1/disconnection-orders/{id}", models.ActOrderRead, "Gate", "A disconnection order; the utility's first reading delivers it", s.getOrder),
		handle("POST", "/v1/disconnection-orders/{id}/acknowledgement", models.ActOrderAct, "Gate", "Acknowledge an order", s.acknowledgeOrder),
		handle("POST", "/v1/disconnection-orders/{id}/execution", models.ActOrderAct, "Gate", "Report that an order was executed", s.executeOrder),
		handle("POST", "/v1/disconnection-orders/{id}/objection", models.ActOrderAct, "Gate", "Object to an order", s.objectToOrder),
	}
}

// OrderWire is a disconnection order.
type OrderWire struct {
	ID              string     `json:"id"`
	Number          string     `json:"number"`
	State           string     `json:"state" enum:"issued,delivered,acknowledged,executed,verified,closed"`
	Overdue         bool       `json:"overdue"`
	Objected        bool       `json:"objected"`
	ConnectionPoint string     `json:"connection_point"`
	License         string     `json:"license"`
	Ground          string     `json:"ground"`
	Utility         string     `json:"utility"`
	IssuedAt        time.Time  `json:"issued_at"`
	Deadline        time.Time  `json:"deadline"`
	AcknowledgedAt  *time.Time `json:"acknowledged_at,omitempty"`
	ExecutedAt      *time.Time `json:"executed_at,omitempty"`
	VerifiedAt      *time.Time `json:"verified_at,omitempty"`
	Objection       string     `json:"objection,omitempty"`
	Version         int64      `json:"version"`
}

// OrderActInput acknowledges, executes or objects.
type OrderActInput struct {
	Person string     `json:"person" maxLength:"200" doc:"Who at the utility"`
	At     *time.Time `json:"at,omitempty"`
	Note   string     `json:"note,omitempty" maxLength:"2000"`
}

type ordersQuery struct {
	ListQuery
	State   string `query:"state" enum:"issued,delivered,acknowledged,executed,verified,closed"`
	License string `query:"license" maxLength:"32"`
}

func (s *Server) listOrders(ctx context.Context, actor models.Actor, in *ordersQuery) (*listOutput[OrderWire], error) {
	page := in.page()
	orders, err := s.svc.Gate.Orders(ctx, actor, store.OrderFilter{State: in.State, License: in.License}, page)
	if err != nil {
		return nil, err
	}
	next := nextOf(orders, page, func(o models.DisconnectionOrder) string { return o.ID })
	return listOf(orders, next, s.orderWire), nil
}

func (s *Server) orderWire(o models.DisconnectionOrder) OrderWire {
	return OrderWire{ID: o.ID, Number: o.Number, State: string(o.State), Overdue: o.Overdue(s.now()), Objected: !o.Objected.IsZero(),
		ConnectionPoint: o.PointCode, License: o.License, Ground: o.Ground, Utility: o.Utility, IssuedAt: o.Issued, Deadline: o.Deadline,
		AcknowledgedAt: optionalTime(o.Acknowledged), ExecutedAt: optionalTime(o.Executed), VerifiedAt: optionalTime(o.Verified),
		Objection: o.Objection, Version: o.Version}
}

func (s *Server) orderOutput(o models.DisconnectionOrder, err error) (*output[OrderWire], error) {
	if err != nil {
		return nil, err
	}
	return &output[OrderWire]{ETag: etag(o.Version), Body: s.orderWire(o)}, nil
}

func (s *Server) getOrder(ctx context.Context, actor models.Actor, in *ByID) (*output[OrderWire], error) {
	return s.orderOutput(s.svc.Gate.Order(ctx, actor, in.ID))
}

type orderAct struct {
	ByID
	Idempotent
	Body OrderActInput
}

func (s *Server) acknowledgeOrder(ctx context.Context, actor models.Actor, in *orderAct) (*output[OrderWire], error) {
	return s.orderOutput(s.svc.Gate.AcknowledgeOrder(ctx, actor, in.ID, strings.TrimSpace(in.Body.Person)))
}

func (s *Server) executeOrder(ctx context.Context, actor models.Actor, in *orderAct) (*output[OrderWire], error) {
	var at time.Time
	if in.Body.At != nil {
		at = *in.Body.At
	}
	return s.orderOutput(s.svc.Gate.ExecuteOrder(ctx, actor, in.ID, strings.TrimSpace(in.Body.Person), at))
}

func (s *Server) objectToOrder(ctx context.Context, actor models.Actor, in *orderAct) (*output[OrderWire], error) {
	return s.orderOutput(s.svc.Gate.ObjectToOrder(ctx, actor, in.ID, strings.TrimSpace(in.Body.Note)))
}

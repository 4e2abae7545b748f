package gate

import (
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// orderDraft is an order to be made.
type orderDraft struct {
	kind        models.OrderKind
	point       models.ConnectionPoint
	license     string
	version     int64
	ground      string
	source      string
	term        string // the ground whose term it has, "" for the same
	limit       models.Watts
	from, until time.Time // the window of a restriction
}

// numberPrefix begins the number of an order of each kind.
var numberPrefix = map[models.OrderKind]string{models.OrderDisconnect: "DO", models.OrderLimit: "LO", models.OrderReconnect: "RA"}

// issueOrder makes an order and its entry, unless one was made for the point, kind and
// source before, or the law of the day has no order for the ground.
func (s *Service) issueOrder(tx *store.Tx, d orderDraft) (bool, error) {
	exists, err := tx.HasOrder(d.point.ID, d.kind, d.source)
	if err != nil || exists {
		return false, err
	}
	if d.term == "" {
		d.term = d.ground
	}
	term, deadline, err := tx.OrderDeadline(d.term)
	if err != nil || !term.Orders {
		return false, err
	}
	if deadline.Before(d.from) {
		deadline = d.from // a restriction that begins later is met when it begins
	}
	n, err := tx.NextOrderNumber("disconnection_order")
	if err != nil {
		return false, err
	}
	o := models.DisconnectionOrder{ID: tx.NewID(), Number: fmt.Sprintf("%s-%06d", numberPrefix[d.kind], n), Kind: d.kind, Utility: d.point.Utility,
		Point: d.point.ID, PointCode: d.point.Code, License: d.license, LicenseVersion: d.version, Ground: d.ground, Source: d.source, Limit: d.limit,
		WindowFrom: d.from, WindowUntil: d.until, LegalRef: term.LegalRef, Grade: term.Grade, State: models.OrderIssued, Issued: tx.Now,
		Deadline: deadline, Reading: -1, Version: 1}
	if err := tx.InsertOrder(o); err != nil {
		return false, err
	}
	return true, appendOrder(tx, models.System(), "order.issued", o)
}

// closeOrder ends an order and the tasks about it.
func closeOrder(tx *store.Tx, actor models.Actor, o models.DisconnectionOrder, why string) error {
	closed, err := o.Close(why, tx.Now)
	if err != nil {
		return err
	}
	if err := saveOrder(tx, actor, "order.closed", closed); err != nil {
		return err
	}
	return settleOrderTasks(tx, actor, o.ID, why)
}

// saveOrder saves the next state of an order that was read with o.Version.
func saveOrder(tx *store.Tx, actor models.Actor, kind string, o models.DisconnectionOrder) error {
	if err := tx.UpdateOrder(o); err != nil {
		return err
	}
	o.Version++
	return appendOrder(tx, actor, kind, o)
}

// appendOrder writes the entry of an order. People and what they wrote stay out of the
// ledger; the row of the order has them.
func appendOrder(tx *store.Tx, actor models.Actor, kind string, o models.DisconnectionOrder) error {
	body := map[string]any{
		"number": o.Number, "kind": o.Kind, "connection_point": o.PointCode, "license": o.License, "license_version": o.LicenseVersion,
		"ground": o.Ground, "state": o.State, "deadline": o.Deadline, "objected": o.Objection.Waits(), "contradicted": !o.Contradicted.IsZero(), "note": o.Note,
	}
	switch kind {
	case "order.issued":
		body["legal_ref"], body["grade"], body["source"] = o.LegalRef, o.Grade, o.Source
		if o.Kind == models.OrderLimit {
			body["limit_w"] = int64(o.Limit)
		}
		if !o.WindowFrom.IsZero() {
			body["window_from"], body["window_until"] = o.WindowFrom, o.WindowUntil
		}
	case "order.delivered":
		body["by"] = o.DeliveredBy
	case "order.executed":
		body["executed_at"], body["reading_wh"], body["photo_sha256"] = o.Executed, int64(o.Reading), o.Photo
	case "order.overdue":
		body["times"] = o.Escalations
	case "order.contradicted":
		body["drawn_w"] = int64(o.ContradictedBy)
	case "order.objected", "order.objection_decided":
		body["objection"], body["decision"] = o.Objection.Code, o.Objection.Decision
	case "order.verified":
		body["by_hand"] = o.VerifiedBy != ""
	}
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "disconnection_order", ID: o.ID}, SubjectVersion: o.Version,
		Actor: actor, Utility: o.Utility, Body: body})
	return err
}

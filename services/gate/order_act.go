package gate

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Orders lists orders to utilities, oldest first; a utility sees its own.
func (s *Service) Orders(ctx context.Context, actor models.Actor, f store.OrderFilter, page store.Page) ([]models.DisconnectionOrder, error) {
	scope, err := scopeOf(actor, models.ActOrderRead)
	if err != nil {
		return nil, err
	}
	if scope != "" {
		f.Utility = scope
	}
	var out []models.DisconnectionOrder
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		f.At = tx.Now
		out, err = tx.Orders(f, page)
		return err
	})
	return out, err
}

// OrderCounts counts what is open by utility; a utility sees its own line.
func (s *Service) OrderCounts(ctx context.Context, actor models.Actor) (out []store.OrderCount, err error) {
	scope, err := scopeOf(actor, models.ActOrderRead)
	if err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		out, err = tx.OrderCounts(scope)
		return err
	})
	return out, err
}

// Order gives an order by id or number. The first time the utility itself gets it, it
// is delivered.
func (s *Service) Order(ctx context.Context, actor models.Actor, idOrNumber string) (models.DisconnectionOrder, error) {
	var out models.DisconnectionOrder
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		out, err = orderFor(tx, actor, models.ActOrderRead, idOrNumber)
		return err
	})
	if err != nil || out.State != models.OrderIssued || actor.Utility != out.Utility || store.MomentOf(ctx) != (store.Moment{}) {
		return out, err
	}
	return s.changeOrder(ctx, actor, orderAct{action: models.ActOrderRead, id: idOrNumber, entry: "order.delivered"},
		func(_ *store.Tx, o models.DisconnectionOrder, now time.Time) (models.DisconnectionOrder, error) {
			return o.Deliver("read", now), nil
		})
}

// AcknowledgeOrder records who at the utility has taken the order, and when it means
// to switch, zero when it does not say. version is that of the order it is based on, 0
// for the newest.
func (s *Service) AcknowledgeOrder(ctx context.Context, actor models.Actor, id string, version int64, person string, scheduled time.Time) (models.DisconnectionOrder, error) {
	return s.changeOrder(ctx, actor, orderAct{models.ActOrderAct, id, version, "order.acknowledged"},
		func(_ *store.Tx, o models.DisconnectionOrder, now time.Time) (models.DisconnectionOrder, error) {
			return o.Acknowledge(person, scheduled.UTC().Truncate(time.Microsecond), now)
		})
}

// ObjectToOrder records an objection and gives an officer the task to decide it.
func (s *Service) ObjectToOrder(ctx context.Context, actor models.Actor, id string, version int64, code models.ObjectionCode, text string) (models.DisconnectionOrder, error) {
	return s.changeOrder(ctx, actor, orderAct{models.ActOrderAct, id, version, "order.objected"},
		func(tx *store.Tx, o models.DisconnectionOrder, now time.Time) (models.DisconnectionOrder, error) {
			next, err := o.Object(actor.ID, code, text, now)
			if err != nil {
				return next, err
			}
			return next, openOrderTask(tx, models.TaskOrderObjection, models.RoleOfficer, next, string(code))
		})
}

// DecideObjection accepts or refuses an objection; somebody else than objected does.
func (s *Service) DecideObjection(ctx context.Context, actor models.Actor, id string, version int64, d models.ObjectionDecision) (models.DisconnectionOrder, error) {
	d.Deadline = d.Deadline.UTC().Truncate(time.Microsecond)
	return s.changeOrder(ctx, actor, orderAct{models.ActOrderDecide, id, version, "order.objection_decided"},
		func(tx *store.Tx, o models.DisconnectionOrder, now time.Time) (models.DisconnectionOrder, error) {
			next, err := o.DecideObjection(d, actor.ID, now)
			if err != nil {
				return next, err
			}
			kinds := []models.TaskKind{models.TaskOrderObjection}
			if next.State == models.OrderClosed {
				kinds = nil
			}
			return next, settleOrderTasks(tx, actor, o.ID, d.Decision, kinds...)
		})
}

// VerifyOrder records that a named person went and saw that an order was executed,
// where no meter can tell.
func (s *Service) VerifyOrder(ctx context.Context, actor models.Actor, id string, version int64, reason string) (models.DisconnectionOrder, error) {
	return s.changeOrder(ctx, actor, orderAct{models.ActOrderVerify, id, version, "order.verified"},
		func(tx *store.Tx, o models.DisconnectionOrder, now time.Time) (models.DisconnectionOrder, error) {
			evidence, _, err := s.evidence(tx, o)
			if err != nil {
				return o, err
			}
			return o.VerifyByHand(actor.ID, reason, evidence, now)
		})
}

// CloseOrder ends an order that is verified.
func (s *Service) CloseOrder(ctx context.Context, actor models.Actor, id string, version int64) (models.DisconnectionOrder, error) {
	return s.changeOrder(ctx, actor, orderAct{models.ActOrderDecide, id, version, "order.closed"},
		func(tx *store.Tx, o models.DisconnectionOrder, now time.Time) (models.DisconnectionOrder, error) {
			next, err := o.CloseVerified(now)
			if err != nil {
				return next, err
			}
			return next, settleOrderTasks(tx, actor, o.ID, next.Note)
		})
}

// ExecuteOrder records who switched the load off or limited it, and when (zero: now).
// A point that is switched off is disconnected and carries no energised load from then
// on, and what other orders ask of it is done too; the meters say whether that is so.
func (s *Service) ExecuteOrder(ctx context.Context, actor models.Actor, id string, version int64, e models.Execution) (models.DisconnectionOrder, error) {
	var out models.DisconnectionOrder
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.TakeGateTurn(); err != nil {
			return err
		}
		o, err := orderFor(tx, actor, models.ActOrderAct, id)
		if err != nil {
			return err
		}
		if version != 0 && version != o.Version {
			return staleOrder
		}
		e := e
		e.At = e.At.UTC().Truncate(time.Microsecond)
		if e.At.IsZero() {
			e.At = tx.Now
		}
		if o, err = o.Execute(e, tx.Now); err != nil {
			return err
		}
		if err := saveOrder(tx, actor, "order.executed", o); err != nil {
			return err
		}
		if err := settleOrderTasks(tx, actor, o.ID, "order.executed", models.TaskOrderOverdue); err != nil {
			return err
		}
		if err := settleOrderTasks(tx, actor, o.ID, "order.executed", models.TaskOrderContradicted); err != nil {
			return err
		}
		if o.Kind == models.OrderDisconnect {
			if err := switchedOff(tx, actor, o); err != nil {
				return err
			}
		}
		out, err = tx.Order(o.ID)
		return err
	})
	return out, err
}

var staleOrder = models.Errorf(models.CodeVersionConflict, "Somebody changed this in between. Load it again, look at what changed, and repeat your change.")

// switchedOff takes the load of a point off the books, and with it what other orders
// ask of the point.
func switchedOff(tx *store.Tx, actor models.Actor, o models.DisconnectionOrder) error {
	p, err := tx.ConnectionPoint(o.Point)
	if err != nil {
		return err
	}
	p.State, p.Energised = models.ConnectionDisconnected, 0
	if err := tx.UpdateConnectionPoint(p); err != nil {
		return err
	}
	_, err = tx.Append(models.Entry{Kind: "connection.disconnected", Subject: models.Ref{Kind: "connection_point", ID: p.ID},
		SubjectVersion: p.Version + 1, Actor: actor, Utility: p.Utility,
		Body: map[string]any{"connection_point": p.Code, "order": o.Number, "at": o.Executed}})
	if err != nil {
		return err
	}
	others, err := tx.Orders(store.OrderFilter{Point: p.ID, Open: "open"}, store.Page{Limit: 1000})
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ID == o.ID || other.Kind == models.OrderReconnect || !other.Waits() {
			continue
		}
		if err := saveOrder(tx, actor, "order.executed", other.ExecuteWith(o, tx.Now)); err != nil {
			return err
		}
		if err := settleOrderTasks(tx, actor, other.ID, "order.executed", models.TaskOrderOverdue); err != nil {
			return err
		}
	}
	return nil
}

// orderAct is what an actor does to an order and the entry it leaves.
type orderAct struct {
	action  models.Action
	id      string
	version int64 // of the order it is based on, 0 for the newest
	entry   string
}

func (s *Service) changeOrder(ctx context.Context, actor models.Actor, act orderAct,
	change func(*store.Tx, models.DisconnectionOrder, time.Time) (models.DisconnectionOrder, error)) (models.DisconnectionOrder, error) {
	var out models.DisconnectionOrder
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		o, err := orderFor(tx, actor, act.action, act.id)
		if err != nil {
			return err
		}
		if act.version != 0 && act.version != o.Version {
			return staleOrder
		}
		next, err := change(tx, o, tx.Now)
		if err != nil {
			return err
		}
		if next == o { // somebody else read it first
			out = o
			return nil
		}
		if err := saveOrder(tx, actor, act.entry, next); err != nil {
			return err
		}
		out, err = tx.Order(o.ID)
		return err
	})
	return out, err
}

func orderFor(tx *store.Tx, actor models.Actor, action models.Action, idOrNumber string) (models.DisconnectionOrder, error) {
	scope, err := scopeOf(actor, action)
	if err != nil {
		return models.DisconnectionOrder{}, err
	}
	o, err := tx.Order(idOrNumber)
	if err != nil {
		return models.DisconnectionOrder{}, err
	}
	if scope != "" && o.Utility != scope {
		return models.DisconnectionOrder{}, models.NotFound("disconnection order", idOrNumber)
	}
	return o, nil
}

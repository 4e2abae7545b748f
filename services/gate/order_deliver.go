package gate

import (
	"context"

	"rigistry/models"
	"rigistry/services/store"
)

// The ways that an order reaches its utility without being opened.
const (
	deliveredByFeed    = "feed"
	deliveredByWebhook = "webhook"
)

// OrdersInFeed records that the actor's utility was given the order.issued entries of a
// page of its feed, which delivers the orders they are about. Orders that were
// delivered before, and orders that are not the utility's own, stay as they are, so a
// page that is read again writes nothing. For somebody who belongs to no utility, and
// for a reading of the past, it does nothing.
func (s *Service) OrdersInFeed(ctx context.Context, actor models.Actor, page []models.SealedEntry) error {
	if actor.Utility == "" || !actor.Is(models.RoleUtility) || store.MomentOf(ctx) != (store.Moment{}) {
		return nil
	}
	if err := models.Can(actor, models.ActEventsRead, models.Scope{Utility: actor.Utility}); err != nil {
		return err
	}
	var ids []string
	for _, e := range page {
		if issuesOrder(e.Kind, e.Subject) {
			ids = append(ids, e.Subject.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var fresh []string
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		fresh, err = tx.UndeliveredOrders(actor.Utility, ids)
		return err
	})
	if err != nil || len(fresh) == 0 {
		return err
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		return deliverOrders(tx, actor, actor.Utility, deliveredByFeed, fresh)
	})
}

// OrderTaken is for the transaction that records that a utility's endpoint took a
// message: when the message is about an order that was issued to the utility, the order
// is delivered with it, once.
func (s *Service) OrderTaken(tx *store.Tx, utility string, m models.WebhookMessage) error {
	if !issuesOrder(m.Kind, m.Subject) {
		return nil
	}
	return deliverOrders(tx, models.System(), utility, deliveredByWebhook, []string{m.Subject.ID})
}

func issuesOrder(kind string, subject models.Ref) bool {
	return kind == "order.issued" && subject.Kind == "disconnection_order"
}

// deliverOrders delivers those of the orders that are the utility's and still wait to
// be seen.
func deliverOrders(tx *store.Tx, actor models.Actor, utility, by string, ids []string) error {
	fresh, err := tx.UndeliveredOrders(utility, ids)
	if err != nil {
		return err
	}
	for _, id := range fresh {
		o, err := tx.Order(id)
		if err != nil {
			return err
		}
		if err := saveOrder(tx, actor, "order.delivered", o.Deliver(by, tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

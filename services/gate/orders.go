package gate

import (
	"context"
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// losesRight tells whether the load of a license's points has to go after a ledger
// entry of the kind.
func losesRight(kind string) bool {
	switch kind {
	case "license.suspended", "license.revoked", "license.expired", "license.terminated":
		return true
	}
	return false
}

const (
	orderLifted   = "license.lifted"
	pointsDropped = "license.points_dropped"
)

// followLicenses issues and closes disconnection orders as the ledger tells what
// became of licenses. It is a follower's function: it may run again.
func (s *Service) followLicenses(_ context.Context, tx *store.Tx, batch []models.SealedEntry) error {
	for _, e := range batch {
		if e.Subject.Kind != "license" {
			continue
		}
		var err error
		switch {
		case losesRight(e.Kind):
			err = s.issueOrders(tx, e)
		case e.Kind == orderLifted:
			err = s.closeOrders(tx, e)
		case e.Kind == pointsDropped:
			err = s.orderDropped(tx, e)
		}
		if err != nil {
			return fmt.Errorf("disconnection orders for entry %d: %w", e.Index, err)
		}
	}
	return nil
}

// issueOrders makes one order for each energised point of the license, unless the
// license has its right back by now or the order was made before.
func (s *Service) issueOrders(tx *store.Tx, e models.SealedEntry) error {
	license, found, err := tx.GateLicense(e.Subject.ID)
	if err != nil || !found || license.State == models.LicenseActive {
		return err
	}
	points, err := tx.EnergisedPointsOf(license.Number)
	if err != nil {
		return err
	}
	return s.orderOff(tx, e, license, points)
}

// orderDropped makes an order for each energised point that a license named before and
// that no license in force covers now.
func (s *Service) orderDropped(tx *store.Tx, e models.SealedEntry) error {
	license, found, err := tx.GateLicense(e.Subject.ID)
	if err != nil || !found {
		return err
	}
	points, err := tx.DroppedPointsOf(license.Number)
	if err != nil {
		return err
	}
	return s.orderOff(tx, e, license, points)
}

// orderOff makes an order for each point that has none for this version of the license.
func (s *Service) orderOff(tx *store.Tx, e models.SealedEntry, license store.GateLicense, points []models.ConnectionPoint) error {
	for _, p := range points {
		exists, err := tx.HasOrder(p.ID, license.Number, license.Version)
		if err != nil {
			return err
		}
		if exists {
			continue
		}
		n, err := tx.NextOrderNumber("disconnection_order")
		if err != nil {
			return err
		}
		o := models.DisconnectionOrder{ID: tx.NewID(), Number: fmt.Sprintf("DO-%06d", n), Utility: p.Utility, Point: p.ID, PointCode: p.Code,
			License: license.Number, LicenseVersion: license.Version, Ground: e.Kind, State: models.OrderIssued,
			Issued: tx.Now, Deadline: tx.Now.Add(s.parameters(tx.Now).OrderDeadline), Version: 1}
		if err := tx.InsertOrder(o); err != nil {
			return err
		}
		if err := appendOrder(tx, models.System(), "order.issued", o); err != nil {
			return err
		}
	}
	return nil
}

// closeOrders withdraws the orders of a license that has its right again, but for
// those that the meters have confirmed already.
func (s *Service) closeOrders(tx *store.Tx, e models.SealedEntry) error {
	license, found, err := tx.GateLicense(e.Subject.ID)
	if err != nil || !found || license.State != models.LicenseActive {
		return err
	}
	open, err := tx.Orders(store.OrderFilter{License: license.Number, Open: "open"}, store.Page{Limit: 1000})
	if err != nil {
		return err
	}
	for _, o := range open {
		if o.State == models.OrderVerified {
			continue
		}
		closed, err := o.Close(e.Kind, tx.Now)
		if err != nil {
			return err
		}
		if err := saveOrder(tx, models.System(), "order.closed", closed); err != nil {
			return err
		}
	}
	return nil
}

func saveOrder(tx *store.Tx, actor models.Actor, kind string, o models.DisconnectionOrder) error {
	if err := tx.UpdateOrder(o); err != nil {
		return err
	}
	o.Version++
	return appendOrder(tx, actor, kind, o)
}

func appendOrder(tx *store.Tx, actor models.Actor, kind string, o models.DisconnectionOrder) error {
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "disconnection_order", ID: o.ID}, SubjectVersion: o.Version,
		Actor: actor, Utility: o.Utility, Body: map[string]any{
			"number": o.Number, "connection_point": o.PointCode, "license": o.License, "license_version": o.LicenseVersion,
			"ground": o.Ground, "state": o.State, "deadline": o.Deadline, "objected": !o.Objected.IsZero(), "note": o.Note,
		}})
	return err
}

// Orders lists disconnection orders, oldest first; a utility sees its own.
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
		out, err = tx.Orders(f, page)
		return err
	})
	return out, err
}

// Order gives a disconnection order by id or number. The first time the utility
// itself gets it, it is delivered.
func (s *Service) Order(ctx context.Context, actor models.Actor, idOrNumber string) (models.DisconnectionOrder, error) {
	var out models.DisconnectionOrder
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		out, err = orderFor(tx, actor, models.ActOrderRead, idOrNumber)
		return err
	})
	if err != nil || out.State != models.OrderIssued || actor.Utility != out.Utility {
		return out, err
	}
	return s.changeOrder(ctx, actor, models.ActOrderRead, idOrNumber, "order.delivered", func(o models.DisconnectionOrder, now time.Time) (models.DisconnectionOrder, error) {
		return o.Deliver(now), nil
	})
}

// AcknowledgeOrder records who at the utility has taken the order.
func (s *Service) AcknowledgeOrder(ctx context.Context, actor models.Actor, id, person string) (models.DisconnectionOrder, error) {
	return s.changeOrder(ctx, actor, models.ActOrderAct, id, "order.acknowledged", func(o models.DisconnectionOrder, now time.Time) (models.DisconnectionOrder, error) {
		return o.Acknowledge(person, now)
	})
}

// ObjectToOrder records an objection.
func (s *Service) ObjectToOrder(ctx context.Context, actor models.Actor, id, text string) (models.DisconnectionOrder, error) {
	return s.changeOrder(ctx, actor, models.ActOrderAct, id, "order.objected", func(o models.DisconnectionOrder, now time.Time) (models.DisconnectionOrder, error) {
		return o.Object(text, now)
	})
}

// ExecuteOrder records who switched the load off, and when (zero: now). The point
// is disconnected and carries no energised load from then on; the meters say
// whether that is so.
func (s *Service) ExecuteOrder(ctx context.Context, actor models.Actor, id, person string, at time.Time) (models.DisconnectionOrder, error) {
	var out models.DisconnectionOrder
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		o, err := orderFor(tx, actor, models.ActOrderAct, id)
		if err != nil {
			return err
		}
		switched := at.UTC().Truncate(time.Microsecond)
		if at.IsZero() {
			switched = tx.Now
		}
		if o, err = o.Execute(person, switched, tx.Now); err != nil {
			return err
		}
		p, err := tx.ConnectionPoint(o.Point)
		if err != nil {
			return err
		}
		p.State, p.Energised = models.ConnectionDisconnected, 0
		if err := tx.UpdateConnectionPoint(p); err != nil {
			return err
		}
		if err := saveOrder(tx, actor, "order.executed", o); err != nil {
			return err
		}
		_, err = tx.Append(models.Entry{Kind: "connection.disconnected", Subject: models.Ref{Kind: "connection_point", ID: p.ID},
			SubjectVersion: p.Version + 1, Actor: actor, Utility: p.Utility,
			Body: map[string]any{"connection_point": p.Code, "order": o.Number, "at": switched}})
		if err != nil {
			return err
		}
		out, err = tx.Order(o.ID)
		return err
	})
	return out, err
}

func (s *Service) changeOrder(ctx context.Context, actor models.Actor, action models.Action, id, kind string,
	change func(models.DisconnectionOrder, time.Time) (models.DisconnectionOrder, error)) (models.DisconnectionOrder, error) {
	var out models.DisconnectionOrder
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		o, err := orderFor(tx, actor, action, id)
		if err != nil {
			return err
		}
		next, err := change(o, tx.Now)
		if err != nil {
			return err
		}
		if next == o { // somebody else read it first
			out = o
			return nil
		}
		if err := saveOrder(tx, actor, kind, next); err != nil {
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

// verifyOrders marks executed orders verified whose meters have read nothing for
// long enough since. Most have not, so it looks without the right to write first.
func (s *Service) verifyOrders(ctx context.Context) error {
	var done []models.DisconnectionOrder
	err := s.store.View(ctx, func(tx *store.Tx) error {
		executed, err := tx.Orders(store.OrderFilter{State: string(models.OrderExecuted)}, store.Page{Limit: 1000})
		if err != nil {
			return err
		}
		done = done[:0]
		for _, o := range executed {
			quiet, err := s.quiet(tx, o)
			if err != nil {
				return fmt.Errorf("look at the meters of order %s: %w", o.Number, err)
			}
			if quiet {
				done = append(done, o)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, o := range done {
		err := s.store.Update(ctx, func(tx *store.Tx) error {
			o, err := tx.Order(o.ID)
			if err != nil || o.State != models.OrderExecuted {
				return err
			}
			quiet, err := s.quiet(tx, o)
			if err != nil || !quiet {
				return err
			}
			if o, err = o.Verify(tx.Now); err != nil {
				return err
			}
			return saveOrder(tx, models.System(), "order.verified", o)
		})
		if err != nil {
			return fmt.Errorf("verify order %s: %w", o.Number, err)
		}
	}
	return nil
}

// quiet tells whether every revenue meter of the point has read nothing, without
// a hole longer than a third of the time, for the whole quiet time until now.
func (s *Service) quiet(tx *store.Tx, o models.DisconnectionOrder) (bool, error) {
	from := tx.Now.Add(-s.parameters(tx.Now).QuietTime)
	if from.Before(o.Executed) {
		return false, nil
	}
	meters, err := tx.RevenueMeterIDs(o.Point, o.PointCode)
	if err != nil || len(meters) == 0 {
		return false, err
	}
	hole := s.parameters(tx.Now).QuietTime / 3
	for _, m := range meters {
		readings, err := tx.Readings(m, from, tx.Now.Add(time.Microsecond), 10_000)
		if err != nil {
			return false, err
		}
		last := from
		for _, r := range readings {
			power, ok := r.Values.Power()
			if !ok || !r.Quality.Usable() {
				continue
			}
			if power > s.parameters(tx.Now).QuietLoad || r.At.Sub(last) > hole {
				return false, nil
			}
			last = r.At
		}
		if tx.Now.Sub(last) > hole {
			return false, nil
		}
	}
	return true, nil
}

package gate

import (
	"context"
	"sync"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// energised brings the first point to 900 kW.
func (w *world) energised() {
	w.t.Helper()
	a := w.check(w.request())
	_, err := w.gate.Confirm(w.ctx, w.pres, a.ID, Confirmation{EnergisedAt: w.clock.Now(), Power: 900_000, MeterSerial: "SN-" + pointCode, SwitchingOrder: "SO-1"})
	w.must(err)
}

// follow seals and does what the follower does with everything it has not seen.
func (w *world) follow() {
	w.t.Helper()
	_, err := w.log.Seal(w.ctx)
	w.must(err)
	w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
		from, err := tx.FollowerPosition("gate.orders")
		if err != nil {
			return err
		}
		batch, err := tx.SealedEntries(from, 1000, store.EntryFilter{})
		if err != nil {
			return err
		}
		if err := w.gate.followLicenses(w.ctx, tx, batch); err != nil {
			return err
		}
		return tx.SetFollowerPosition("gate.orders", from+int64(len(batch)))
	}))
}

func (w *world) orders() []models.DisconnectionOrder {
	w.t.Helper()
	out, err := w.gate.Orders(w.ctx, w.pres, store.OrderFilter{}, store.Page{})
	w.must(err)
	return out
}

func TestOrders_ASuspensionOrdersTheEnergisedPointOffAndTheMeterVerifiesIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.energised()
		w.turn(models.LicenseSuspended, "license.suspended")
		ctx, stop := context.WithCancel(w.ctx)
		var wg sync.WaitGroup
		wg.Go(func() { _ = w.log.Run(ctx) })
		wg.Go(func() {
			if err := w.gate.Run(ctx); err != nil {
				t.Errorf("Run: %v", err)
			}
		})
		deadline := time.After(20 * time.Second)
		for len(w.orders()) == 0 {
			select {
			case <-deadline:
				t.Fatal("no order within 20 s")
			case <-w.store.Changed():
			case <-time.After(50 * time.Millisecond):
			}
		}
		stop()
		wg.Wait()
		o := w.orders()[0]
		if len(w.orders()) != 1 || o.State != models.OrderIssued || o.PointCode != pointCode || o.Ground != "license.suspended" || o.LicenseVersion != 2 {
			t.Fatalf("orders %+v, want one issued for the point", w.orders())
		}
		if p, err := w.gate.ConnectionPoint(w.ctx, w.pres, pointCode); err != nil || p.State != models.ConnectionEnergised {
			t.Errorf("the suspension itself switched the point: %+v, %v", p, err)
		}
		if _, err := w.gate.Order(w.ctx, w.rival, o.ID); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("another utility reads the order: %v", err)
		}
		auditor := models.Actor{ID: "a", Roles: []models.Role{models.RoleAuditor}}
		if seen, err := w.gate.Order(w.ctx, auditor, o.ID); err != nil || seen.State != models.OrderIssued {
			t.Errorf("the auditor's reading: %s, %v; want it still issued", seen.State, err)
		}
		if seen, err := w.gate.Order(w.ctx, w.pres, o.Number); err != nil || seen.State != models.OrderDelivered {
			t.Errorf("the utility's reading: %s, %v; want delivered", seen.State, err)
		}
		if _, err := w.gate.AcknowledgeOrder(w.ctx, w.pres, o.ID, 0, "A. B.", time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.gate.ObjectToOrder(w.ctx, w.pres, o.ID, o.Version+2, models.ObjectionCritical, "A hospital hangs on it."); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Hour)
		done, err := w.gate.ExecuteOrder(w.ctx, w.pres, o.ID, 0, models.Execution{By: "A. B.", Reading: -1})
		if err != nil || done.State != models.OrderExecuted || !done.Objection.Waits() || w.load() != 0 {
			t.Fatalf("execute: %+v, %v, load %s", done, err, w.load())
		}
		quietFor := func(minutes int, power models.Watts) models.OrderState {
			for range minutes {
				w.clock.Advance(time.Minute)
				w.read(pointCode, power)
			}
			w.must(w.gate.verifyOrders(w.ctx))
			return w.orders()[0].State
		}
		if s := quietFor(14, 0); s != models.OrderExecuted {
			t.Errorf("after 14 quiet minutes the order is %s", s)
		}
		if s := quietFor(1, 400_000); s != models.OrderExecuted {
			t.Errorf("while it draws the order is %s", s)
		}
		if s := quietFor(14, 100); s != models.OrderExecuted {
			t.Errorf("14 minutes after it drew the order is %s", s)
		}
		if s := quietFor(2, 0); s != models.OrderVerified {
			t.Errorf("after 15 quiet minutes the order is %s, want verified", s)
		}
	})
}

func TestOrders_SilenceOfTheMeterVerifiesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.energised()
		w.turn(models.LicenseRevoked, "license.revoked")
		w.follow()
		o := w.orders()[0]
		_, err := w.gate.AcknowledgeOrder(w.ctx, w.pres, o.ID, 0, "A. B.", time.Time{})
		w.must(err)
		_, err = w.gate.ExecuteOrder(w.ctx, w.pres, o.ID, 0, models.Execution{By: "A. B.", Reading: -1})
		w.must(err)
		w.read(pointCode, 0)
		w.clock.Advance(time.Hour)
		w.read(pointCode, 0)
		w.must(w.gate.verifyOrders(w.ctx))
		if s := w.orders()[0].State; s != models.OrderExecuted {
			t.Errorf("with two readings an hour apart the order is %s, want executed", s)
		}
	})
}

func TestOrders_AreMadeOnceAndClosedWhenTheSuspensionIsLifted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.energised()
		w.turn(models.LicenseSuspended, "license.suspended")
		w.follow()
		// The registry writes an entry for each utility too; another one makes no second order.
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
			_, err := tx.Append(models.Entry{Kind: "license.suspended", Subject: models.Ref{Kind: "license", ID: w.license.Number}, SubjectVersion: 2,
				Actor: models.System(), Utility: w.pres.Utility})
			return err
		}))
		w.follow()
		if n := len(w.orders()); n != 1 {
			t.Fatalf("%d orders, want 1", n)
		}
		w.turn(models.LicenseActive, "license.lifted")
		w.follow()
		if o := w.orders()[0]; o.State != models.OrderClosed {
			t.Errorf("after the lift the order is %s, want closed", o.State)
		}
	})
}

func TestOrders_APointWithoutLoadNeedsNoOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.turn(models.LicenseExpired, "license.expired")
		w.follow()
		if n := len(w.orders()); n != 0 {
			t.Errorf("%d orders for a point that carries nothing", n)
		}
	})
}

func TestOrders_TwoFirstReadingsDeliverOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.energised()
		w.turn(models.LicenseSuspended, "license.suspended")
		w.follow()
		o := w.orders()[0]
		deliver := func() models.DisconnectionOrder { // what Order does after it saw an order that was only issued
			got, err := w.gate.changeOrder(w.ctx, w.pres, orderAct{action: models.ActOrderRead, id: o.ID, entry: "order.delivered"},
				func(_ *store.Tx, o models.DisconnectionOrder, now time.Time) (models.DisconnectionOrder, error) {
					return o.Deliver("read", now), nil
				})
			w.must(err)
			return got
		}
		first, second := deliver(), deliver()
		if first.State != models.OrderDelivered || second != first {
			t.Errorf("got %+v and then %+v, want it delivered once", first, second)
		}
	})
}

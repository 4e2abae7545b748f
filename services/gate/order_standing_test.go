package gate

import (
	"fmt"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func TestOrders_ARestrictionThatMakesNoOrdersIsDoneWithHoweverManyPointsItIsAbout(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for n := range standingPart + 1 {
			_, err := w.gate.RegisterConnectionPoint(w.ctx, w.pres, models.ConnectionPoint{Code: fmt.Sprintf("PS12-F03-CP5%03d", n), Feeder: "PS12-F03",
				DeclaredUse: "other", Permitted: 1_000, SupplyNumber: "SC-1", Technical: models.TechnicalConditions{Number: "TC-1", Limit: 1_000, Purpose: "other"}})
			w.must(err)
		}
		storetest.Exec(t, w.store, "UPDATE connection_points SET state = 'energised', energised_w = 500, declared_use = 'mining'")
		storetest.Exec(t, w.store, "UPDATE order_deadlines SET orders = 0 WHERE ground = 'standing.curtailment'")
		f := w.restrict(models.StandingFact{From: w.clock.Now(), Until: w.clock.Now().Add(time.Hour)})
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
			more, err := w.gate.orderFact(tx, f)
			if more {
				t.Errorf("more orders are to be made, want none: the round would never end")
			}
			return err
		}))
	})
}

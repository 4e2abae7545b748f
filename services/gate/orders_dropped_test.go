package gate

import (
	"testing"

	"rigistry/models"
	"rigistry/services/store"
)

// dropFirst makes the next version of the license name another point instead of the
// first, as an appendix change does.
func (w *world) dropFirst(to string) {
	w.t.Helper()
	w.license.Sites = []models.LicensedSite{w.license.Sites[0]}
	w.license.Sites[0].ConnectionPoints = []string{to}
	w.turn(models.LicenseActive, pointsDropped)
}

func TestOrders_APointThatIsTakenOffALicenseIsOrderedOffOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.energised()
		w.dropFirst("PS12-F03-CP900")
		w.follow()
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.SetFollowerPosition("gate.orders", 0) }))
		w.follow() // a follower may run again
		got := w.orders()
		if len(got) != 1 || got[0].PointCode != pointCode || got[0].Ground != pointsDropped || got[0].License != w.license.Number || got[0].LicenseVersion != 2 {
			t.Errorf("orders = %+v, want one for %s", got, pointCode)
		}
	})
}

func TestOrders_APointThatAnotherLicenseTookOverKeepsItsLoad(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.energised()
		w.dropFirst("PS12-F03-CP900")
		w.issue(43, 2_000_000, pointCode)
		w.follow()
		if got := w.orders(); len(got) != 0 {
			t.Errorf("orders = %+v for a point that a license in force covers", got)
		}
	})
}

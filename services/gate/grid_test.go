package gate

import (
	"testing"

	"rigistry/models"
	"rigistry/services/store"
)

func TestImport_MakesThePathAndNamesBadRows(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good := GridRow{Substation: "PS20", SubstationName: "PS20", Feeder: "PS20-F01", SubstationVoltKV: 110, FeederVoltKV: 10,
			SubstationLimit: 10_000_000, FeederLimit: 1_000_000,
			Point: models.ConnectionPoint{Code: "PS20-F01-CP001", DeclaredUse: "bakery", State: models.ConnectionEnergised, Energised: 600_000, Permitted: 600_000}}
		second, badBin, tooMuch, path := good, good, good, good
		second.Point.Code, second.Point.Energised = "PS20-F01-CP002", 400_000
		badBin.Point.Code, badBin.Point.Energised, badBin.Point.ConsumerBin = "PS20-F01-CP003", 0, "210440038888"
		tooMuch.Point.Code, tooMuch.Point.Energised = "PS20-F01-CP004", 1
		path.Point, path.Feeder = models.ConnectionPoint{}, "PS20-F02"
		done := 0
		bad, err := w.gate.Import(w.ctx, w.pres, []GridRow{good, second, badBin, tooMuch, good, path}, func(n int) { done = n })
		if err != nil || done != 6 {
			t.Fatalf("Import: %v after %d rows", err, done)
		}
		want := map[int]models.Code{2: models.CodeInvalid, 3: models.CodeConflict, 4: models.CodeConflict}
		for _, e := range bad {
			if want[e.Row] != models.CodeOf(e.Err) {
				t.Errorf("row %d: %v", e.Row, e.Err)
			}
			delete(want, e.Row)
		}
		if len(want) > 0 {
			t.Errorf("rows without an error: %v", want)
		}
		foreign, err := w.gate.Import(w.ctx, w.rival, []GridRow{second}, nil)
		if err != nil || len(foreign) != 1 || models.CodeOf(foreign[0].Err) != models.CodeNotFound {
			t.Errorf("another utility's import below this substation: %v, %v", foreign, err)
		}
		tree, err := w.gate.Tree(w.ctx, w.pres)
		if err != nil || len(tree.Substations) != 2 || len(tree.Feeders) != 3 || len(tree.Points) != 3 {
			t.Errorf("tree: %d substations, %d feeders, %d points, %v; want 2, 3, 3", len(tree.Substations), len(tree.Feeders), len(tree.Points), err)
		}
	})
}

func TestConnectionPoint_ChangesNeedTheVersionAndNeverTheLoad(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p, err := w.gate.ConnectionPoint(w.ctx, w.pres, pointCode)
		w.must(err)
		p.DeclaredUse, p.Energised = "workshop", 5
		changed, err := w.gate.UpdateConnectionPoint(w.ctx, w.pres, p)
		if err != nil || changed.DeclaredUse != "workshop" || changed.Version != p.Version+1 || changed.Energised != 0 {
			t.Fatalf("update: %+v, %v", changed, err)
		}
		if _, err := w.gate.UpdateConnectionPoint(w.ctx, w.pres, p); models.CodeOf(err) != models.CodeVersionConflict {
			t.Errorf("the same version again: %v", err)
		}
		changed.State = models.ConnectionEnergised
		if _, err := w.gate.UpdateConnectionPoint(w.ctx, w.pres, changed); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("energised without a permit: %v", err)
		}
		changed.State = models.ConnectionPlanned
		if _, err := w.gate.UpdateConnectionPoint(w.ctx, w.rival, changed); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("another utility's change: %v", err)
		}
		w.energised()
		now, err := w.gate.ConnectionPoint(w.ctx, w.pres, pointCode)
		w.must(err)
		now.State, now.Energised = models.ConnectionDisconnected, 0
		if _, err := w.gate.UpdateConnectionPoint(w.ctx, w.pres, now); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("switched off by editing: %v", err)
		}
		if list, err := w.gate.ConnectionPoints(w.ctx, w.pres, store.ConnectionFilter{License: w.license.Number, State: "energised"}, store.Page{}); err != nil || len(list) != 1 {
			t.Errorf("filtered list: %d, %v", len(list), err)
		}
	})
}

package gate

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// BenchmarkCheck asks for a watt each at sixteen points below one feeder, all at
// once, recorded durably and signed.
func BenchmarkCheck(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			open := storetest.SQLite
			if engine == "postgres" {
				open = storetest.Postgres
			}
			s := open(b, time.Now)
			g := New(s, seeded("permit"), func(_, code string) (string, string) { return code, code }, time.Now)
			must := func(err error) {
				if err != nil {
					b.Fatal(err)
				}
			}
			u, err := g.RegisterUtility(b.Context(), models.System(), models.Utility{Code: "U", NameRu: "U", Bin: holderBin})
			must(err)
			actor := models.Actor{ID: "c", Kind: "client", Roles: []models.Role{models.RoleUtility}, Utility: u.ID}
			var rows []GridRow
			for i := range 16 {
				rows = append(rows, GridRow{Substation: "PS", SubstationName: "PS", Feeder: "F", SubstationVoltKV: 110, FeederVoltKV: 10,
					SubstationLimit: 1e12, FeederLimit: 1e12, Point: models.ConnectionPoint{Code: fmt.Sprint("P", i), DeclaredUse: "bakery", Permitted: 1e12, Act: "A",
						SupplyNumber: "S", Technical: models.TechnicalConditions{Number: "T", Limit: 1e12, Purpose: "other"}}})
			}
			bad, err := g.Import(b.Context(), actor, rows, nil)
			must(err)
			if len(bad) > 0 {
				b.Fatal(bad)
			}
			var n atomic.Int64
			b.ResetTimer()
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					a, err := g.Check(b.Context(), actor, fmt.Sprint("k", i), "en", models.CheckRequest{Reference: "R", ConnectionPoint: fmt.Sprint("P", i%16),
						Applicant: holderBin, Requested: 1, Purpose: models.PurposeOther, Event: models.EventNewConnection})
					if err != nil || a.Decision != models.OutcomePermit {
						b.Errorf("%s %v %v", a.Decision, codes(a), err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "checks/s")
		})
	}
}

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

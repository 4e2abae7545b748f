package gate

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/models"
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

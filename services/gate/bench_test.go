package gate

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store/storetest"
)

// BenchmarkCheck asks for a watt each at sixteen points below one feeder, all at
// once, recorded durably and signed, one by one and in batches of 100. CPU is that of
// the process, without PostgreSQL's, and with the rows that follow.
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
			request := func() models.CheckRequest {
				return models.CheckRequest{Reference: "R", ConnectionPoint: fmt.Sprint("P", n.Add(1)%16), Applicant: holderBin, Requested: 1,
					Purpose: models.PurposeOther, Event: models.EventNewConnection}
			}
			b.Run("one", func(b *testing.B) {
				checkLoad(b, g, 1, func() ([]Answer, error) {
					r := request()
					a, err := g.Check(b.Context(), actor, fmt.Sprint("k", n.Load(), r.ConnectionPoint, rand.Int64()), "en", r)
					return []Answer{a}, err
				})
			})
			b.Run("batch", func(b *testing.B) {
				checkLoad(b, g, 100, func() ([]Answer, error) {
					rs := make([]models.CheckRequest, 0, 100)
					for range 100 {
						rs = append(rs, request())
					}
					return g.CheckBatch(b.Context(), actor, fmt.Sprint("b", rand.Int64()), "en", rs)
				})
			})
		})
	}
}

// checkLoad asks from 32 places at once until everything has its rows, and reports how
// many checks were answered in a second and what one cost.
func checkLoad(b *testing.B, g *Service, together int, ask func() ([]Answer, error)) {
	b.Helper()
	cpu := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	b.ReportAllocs()
	before := cpu()
	b.ResetTimer()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			answers, err := ask()
			if err != nil {
				b.Error(err)
				return
			}
			for _, a := range answers {
				if a.Decision != models.OutcomePermit {
					b.Errorf("%s %v", a.Decision, codes(a))
					return
				}
			}
		}
	})
	b.StopTimer()
	checks := float64(b.N * together)
	b.ReportMetric(checks/b.Elapsed().Seconds(), "checks/s")
	if err := g.settle(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64((cpu()-before).Microseconds())/checks, "cpu-us/check")
}

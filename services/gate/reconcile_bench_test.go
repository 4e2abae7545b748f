package gate

import (
	"fmt"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

const (
	benchPoints = 60_000
	benchMeters = 5_000 // points whose revenue meter sends quarter hours
)

// BenchmarkReconcile matches a list of 60,000 points, every hundredth of which
// contradicts, with a register of as many points and a day of 5,000 meters. The first
// run finds everything new; the ones measured follow it.
func BenchmarkReconcile(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			clock := storetest.NewClock()
			open := storetest.SQLite
			if engine == "postgres" {
				open = storetest.Postgres
			}
			m := many{store: open(b, clock.Now), now: clock.Now}
			g := New(m.store, seeded("permit"), func(_, code string) (string, string) { return code, code }, clock.Now)
			list := m.fill(b, g)
			send := func(asOf time.Time) {
				r, err := g.Reconcile(b.Context(), m.utility, ReconciliationRequest{AsOf: asOf, Points: list})
				if err != nil || r.Found < benchPoints/100 {
					b.Fatalf("%+v %v", r, err)
				}
			}
			send(clock.Now())
			for _, age := range []time.Duration{0, time.Hour} {
				b.Run(fmt.Sprintf("age=%s", age), func(b *testing.B) {
					for b.Loop() {
						clock.Advance(age + time.Minute)
						send(clock.Now().Add(-age))
					}
				})
			}
		})
	}
}

// many is a register with many points of one utility.
type many struct {
	store   *store.Store
	now     func() time.Time
	utility models.Actor
	feeder  models.Feeder
}

// fill fills the register with rows as they are, and gives the list.
func (w *many) fill(b *testing.B, g *Service) []models.ListedPoint {
	b.Helper()
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	u, err := g.RegisterUtility(b.Context(), models.System(), models.Utility{Code: "U", NameRu: "U", Bin: holderBin})
	must(err)
	w.utility = models.Actor{ID: "c", Kind: "client", Roles: []models.Role{models.RoleUtility}, Utility: u.ID}
	_, err = g.RegisterSubstation(b.Context(), w.utility, models.Substation{Code: "PS12", Name: "PS12", VoltKV: 110, Limit: 1e12})
	must(err)
	w.feeder, err = g.RegisterFeeder(b.Context(), w.utility, models.Feeder{Code: "PS12-F03", Substation: "PS12", VoltKV: 10, Limit: 1e12})
	must(err)
	list := make([]models.ListedPoint, 0, benchPoints)
	const part = 2000
	for from := 0; from < benchPoints; from += part {
		err := w.store.Update(b.Context(), func(tx *store.Tx) error {
			for i := from; i < from+part; i++ {
				p := models.ConnectionPoint{ID: fmt.Sprintf("p%06d", i), Code: fmt.Sprintf("PS12-F03-B%06d", i), Feeder: w.feeder.ID, Utility: w.utility.Utility,
					ConsumerBin: holderBin, DeclaredUse: "household", State: models.ConnectionEnergised, Permitted: 15_000, Energised: 10_000, Version: 1}
				if i%100 == 0 {
					p.State, p.Energised = models.ConnectionPlanned, 0
				}
				if err := tx.InsertConnectionPoint(p); err != nil {
					return err
				}
				if i >= benchMeters {
					continue
				}
				err := tx.InsertMeter(models.Meter{ID: "m-" + p.Code, Code: "M-" + p.Code, Serial: p.Code, URL: "tcp://127.0.0.1:502", Role: models.MeterRevenue,
					Node: models.Ref{Kind: "connection_point", ID: p.ID}, Utility: p.Utility, CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1, PollInterval: time.Second, Version: 1})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for i := range benchPoints {
		list = append(list, models.ListedPoint{Code: fmt.Sprintf("PS12-F03-B%06d", i), Consumer: holderBin, Load: 9_000})
	}
	for from := 0; from < benchMeters; from += 500 {
		var parts []models.Interval
		for i := from; i < from+500; i++ {
			for at := models.IntervalStart(w.now()).Add(-24 * time.Hour); at.Before(w.now()); at = at.Add(models.IntervalLength) {
				parts = append(parts, models.Interval{Meter: fmt.Sprintf("m-PS12-F03-B%06d", i), Start: at, EnergyImport: 9_000 * models.IntervalLength.Microseconds(),
					Covered: models.IntervalLength, Samples: 15, LastReadingTime: at})
			}
		}
		if err := w.store.Update(b.Context(), func(tx *store.Tx) error { return tx.AddIntervals(parts) }); err != nil {
			b.Fatal(err)
		}
	}
	return list
}

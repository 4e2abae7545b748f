package metering_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

var (
	ctx       = context.Background()
	clerk     = models.Actor{ID: "u1", Kind: "person", Roles: []models.Role{models.RoleClerk}}
	collector = models.Actor{ID: "c1", Kind: "client", Roles: []models.Role{models.RoleCollector}}
)

func register(t testing.TB, s *metering.Service, code string) models.Meter {
	t.Helper()
	m, err := s.RegisterMeter(ctx, clerk, models.Meter{Code: code, Role: models.MeterRevenue, Utility: "u-north",
		Node: models.Ref{Kind: "transformer", ID: "tx-" + code}, URL: "tcp://127.0.0.1:502", Unit: 1, Profile: "eastron/sdm630"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func reading(meter string, at time.Time, watts, wh int64) models.Reading {
	r := models.Reading{Meter: meter, At: at}
	r.Values.Set(models.QPTotal, watts)
	r.Values.Set(models.QEImport, wh)
	return r
}

func ingested(t testing.TB, s *metering.Service, sequence int64, readings ...models.Reading) metering.Result {
	t.Helper()
	got, err := s.Ingest(ctx, collector, metering.Batch{Collector: "edge-1", Sequence: sequence, Readings: readings})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func quarters(t testing.TB, s *metering.Service, meter string, from, until time.Time) []metering.Bucket {
	t.Helper()
	got, err := s.Query(ctx, clerk, metering.Query{Meter: meter, From: from, Until: until, Resolution: metering.Resolution15m})
	if err != nil {
		t.Fatal(err)
	}
	return got.Buckets
}

func TestIngest_TheSameBatchAgainChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m := register(t, s, "M1")
		at := clock.Now().Add(-time.Hour)
		batch := []models.Reading{reading(m.ID, at, 1000, 0), reading("M1", at.Add(10*time.Second), 1000, 3), reading("nobody", at, 1, 1)}
		first := ingested(t, s, 1, batch...)
		if first.Accepted != 2 || first.Duplicate != 0 || len(first.Rejected) != 1 || first.Rejected[0] != "nobody" {
			t.Fatalf("first time: got %+v, want 2 accepted and nobody rejected", first)
		}
		before := quarters(t, s, "M1", at, clock.Now())
		entries := func() (n int) {
			if err := st.View(ctx, func(tx *store.Tx) error {
				all, err := tx.UnsealedEntries(1000)
				n = 0
				for _, e := range all {
					if e.Kind == "reading.ingested" {
						n++
					}
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := entries(); n != 1 {
			t.Fatalf("got %d ledger entries, want 1", n)
		}
		again := ingested(t, s, 1, batch...)
		under2 := ingested(t, s, 2, batch...)
		if again.Accepted != 0 || again.Duplicate != 2 || under2.Accepted != 0 || under2.Duplicate != 2 {
			t.Errorf("again: got %+v and %+v, want nothing accepted", again, under2)
		}
		if diff := cmp.Diff(before, quarters(t, s, "M1", at, clock.Now())); diff != "" {
			t.Errorf("the intervals changed: %s", diff)
		}
		if n := entries(); n != 2 {
			t.Errorf("got %d ledger entries, want 2: the repeated sequence adds none", n)
		}
		_, err := s.Ingest(ctx, collector, metering.Batch{Collector: "edge-1", Sequence: 1, Readings: batch[:1]})
		if models.CodeOf(err) != models.CodeConflict {
			t.Errorf("another batch under sequence 1: got %v, want a conflict", err)
		}
	})
}

func TestIngest_LateAndShuffledReadingsGiveTheIntervalsOfReadingsInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		ordered, shuffled := register(t, s, "ORDERED"), register(t, s, "SHUFFLED")
		start := clock.Now().Add(-4 * time.Hour)
		var all []models.Reading
		wh := int64(0)
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 300 {
			if i%37 == 5 {
				continue // a missing reading
			}
			watts := int64(1000 + r.IntN(5000))
			wh += watts * 40 / 3600
			all = append(all, reading("", start.Add(time.Duration(i)*40*time.Second), watts, wh))
			all[len(all)-1].Step = 40 * time.Second
			if i%50 == 7 {
				all[len(all)-1].Values, all[len(all)-1].Quality = models.Values{}, models.QualityCommError
			}
		}
		send := func(meter string, sequence int64, rows []models.Reading) {
			batch := make([]models.Reading, len(rows))
			for i, row := range rows {
				row.Meter = meter
				batch[i] = row
			}
			ingested(t, s, sequence, batch...)
		}
		send(ordered.ID, 1, all)
		mixed := append([]models.Reading(nil), all...)
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		for i := 0; i < len(mixed); i += 23 {
			send(shuffled.ID, int64(100+i), mixed[i:min(i+23, len(mixed))])
		}
		want := quarters(t, s, ordered.ID, start.Add(-time.Hour), clock.Now())
		got := quarters(t, s, shuffled.ID, start.Add(-time.Hour), clock.Now())
		for i := range got {
			got[i].Meter = ordered.ID
		}
		if len(want) < 13 {
			t.Fatalf("only %d intervals", len(want))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestQuery_HoursAndDaysAreSumsOfIntervals(t *testing.T) {
	st := storetest.SQLite(t, storetest.NewClock().Now)
	s := metering.New(st, st.Now)
	m := register(t, s, "M1")
	start := st.Now().Add(-26 * time.Hour).Truncate(time.Hour)
	var rows []models.Reading
	for i := range 26*12 + 1 {
		r := reading(m.ID, start.Add(time.Duration(i)*5*time.Minute), 12_000, int64(i)*1000)
		r.Step = 5 * time.Minute
		rows = append(rows, r)
	}
	ingested(t, s, 1, rows...)
	hours, err := s.Query(ctx, clerk, metering.Query{Meter: "M1", From: start, Until: st.Now(), Resolution: metering.ResolutionHour, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(hours.Buckets) != 10 || hours.Next == "" {
		t.Fatalf("got %d hours and cursor %q, want 10 and a cursor", len(hours.Buckets), hours.Next)
	}
	for _, h := range hours.Buckets {
		if h.CounterImport != 12_000 || h.PowerImport() != 12_000 || h.Coverage() != 1 {
			t.Errorf("hour %s: got %v by counter, %v by power, coverage %v; want 12 kWh twice and 1", h.Start, h.CounterImport, h.PowerImport(), h.Coverage())
		}
	}
	rest, err := s.Query(ctx, clerk, metering.Query{Meter: "M1", From: start, Until: st.Now(), Resolution: metering.ResolutionHour, After: hours.Next})
	if err != nil || len(rest.Buckets) != 16 || !rest.Buckets[0].Start.Equal(start.Add(10*time.Hour)) {
		t.Errorf("the second page: got %d hours %v, want the other 16", len(rest.Buckets), err)
	}
	days, err := s.Query(ctx, clerk, metering.Query{Meter: "M1", From: start, Until: st.Now(), Resolution: metering.ResolutionDay})
	if err != nil || days.Buckets[0].Start.Hour() != 19 {
		t.Errorf("days: got %+v %v, want days that begin at 19:00 UTC", days.Buckets, err)
	}
	raw, err := s.Query(ctx, clerk, metering.Query{Meter: "M1", From: start, Until: st.Now(), Resolution: metering.ResolutionRaw, Limit: 7})
	if err != nil || len(raw.Raw) != 7 || raw.Next == "" {
		t.Errorf("raw: got %d rows, cursor %q, %v; want 7 and a cursor", len(raw.Raw), raw.Next, err)
	}
}

func TestIngest_AReadingFromTheFutureIsNamedAndLeftOut(t *testing.T) {
	clock := storetest.NewClock()
	s := metering.New(storetest.SQLite(t, clock.Now), clock.Now)
	m := register(t, s, "M1")
	got := ingested(t, s, 1, reading(m.ID, clock.Now().Add(time.Hour), 1, 1))
	if got.Accepted != 0 || len(got.Rejected) != 1 {
		t.Errorf("got %+v, want it rejected", got)
	}
}

func TestLatest_ADeadMeterHasNoPowerAndTheNextReadingStillJoins(t *testing.T) {
	clock := storetest.NewClock()
	s := metering.New(storetest.SQLite(t, clock.Now), clock.Now)
	m := register(t, s, "M1")
	at := models.IntervalStart(clock.Now()).Add(-time.Hour)
	live, cancel := s.Subscribe(m.ID)
	defer cancel()
	ingested(t, s, 1, reading(m.ID, at, 3600, 100))
	ingested(t, s, 2, models.Reading{Meter: m.ID, At: at.Add(10 * time.Second), Quality: models.QualityCommError})
	latest, err := s.Latest(ctx, []string{m.ID})
	if err != nil {
		t.Fatal(err)
	}
	r := latest[m.ID]
	if w, ok := r.Values.Power(); ok || r.Quality != models.QualityCommError {
		t.Errorf("got %v W %v, quality %s; want no power and comm_error", w, ok, r.Quality)
	}
	ingested(t, s, 3, reading(m.ID, at.Add(20*time.Second), 3600, 120))
	if got := quarters(t, s, "M1", at, clock.Now()); len(got) != 1 || got[0].CounterImport != 20 || got[0].PowerImport() != 20 {
		t.Errorf("got %+v, want 20 Wh by counter and by power", got)
	}
	if len(live) != 3 {
		t.Errorf("the subscriber got %d readings, want 3", len(live))
	}
}

func TestMeters_AUtilitySeesAndChangesItsOwnOnly(t *testing.T) {
	clock := storetest.NewClock()
	s := metering.New(storetest.SQLite(t, clock.Now), clock.Now)
	m := register(t, s, "M1")
	own := models.Actor{ID: "n", Kind: "client", Roles: []models.Role{models.RoleUtility}, Utility: "u-north"}
	other := models.Actor{ID: "s", Kind: "client", Roles: []models.Role{models.RoleUtility}, Utility: "u-south"}
	if list, err := s.Meters(ctx, own, store.MeterFilter{}, store.Page{}); err != nil || len(list) != 1 {
		t.Errorf("own meters: got %d %v, want 1", len(list), err)
	}
	if list, err := s.Meters(ctx, other, store.MeterFilter{Utility: "u-north"}, store.Page{}); err != nil || len(list) != 0 {
		t.Errorf("the other utility's list: got %d %v, want none", len(list), err)
	}
	if _, err := s.Meter(ctx, other, m.Code); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("the other utility's meter: got %v, want not found", err)
	}
	if _, err := s.UpdateMeter(ctx, other, m); models.CodeOf(err) != models.CodeNotFound {
		t.Errorf("the other utility changes it: got %v, want not found", err)
	}
	m.Serial = "12345"
	next, err := s.UpdateMeter(ctx, own, m)
	if err != nil || next.Version != 2 {
		t.Fatalf("got version %d %v, want 2", next.Version, err)
	}
	if _, err := s.UpdateMeter(ctx, own, m); models.CodeOf(err) != models.CodeVersionConflict {
		t.Errorf("a change of the old version: got %v, want a version conflict", err)
	}
}

func TestRegisterMeter_NamesEveryFieldThatIsWrong(t *testing.T) {
	clock := storetest.NewClock()
	s := metering.New(storetest.SQLite(t, clock.Now), clock.Now)
	_, err := s.RegisterMeter(ctx, clerk, models.Meter{Role: "spare", URL: "http://x", Profile: "acme/none", VerificationBy: "soon"})
	var refusal *models.Error
	if e, ok := err.(*models.Error); ok {
		refusal = e
	}
	if refusal == nil || len(refusal.Fields) != 6 {
		t.Errorf("got %v, want six fields named", err)
	}
}

func benchmarkIngest(b *testing.B, st *store.Store) {
	s := metering.New(st, st.Now)
	const meters, each = 100, 10
	for i := range meters {
		register(b, s, fmt.Sprintf("M%03d", i))
	}
	at := st.Now().Add(-time.Hour * 24 * 365)
	b.ResetTimer()
	for n := range b.N {
		batch := metering.Batch{Collector: "bench", Sequence: int64(n)}
		for i := range meters {
			for k := range each {
				r := reading(fmt.Sprintf("M%03d", i), at.Add(time.Duration(n*each+k)*10*time.Second), 1000+int64(k), int64(n*each+k)*3)
				for q := models.QVL1; q <= models.QIL3; q++ {
					r.Values.Set(q, 230_000+int64(k*int(q)))
				}
				batch.Readings = append(batch.Readings, r)
			}
		}
		if _, err := s.Ingest(ctx, collector, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*meters*each)/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkIngestSQLite(b *testing.B) { benchmarkIngest(b, storetest.SQLite(b, time.Now)) }

func BenchmarkIngestPostgres(b *testing.B) {
	if os.Getenv("RIGISTRY_TEST_POSTGRES") == "" {
		b.Skip("RIGISTRY_TEST_POSTGRES is not set")
	}
	benchmarkIngest(b, storetest.Postgres(b, time.Now))
}

func TestIngest_ACollectorWritesNeitherAnotherUtilitysMetersNorAnothersSequences(t *testing.T) {
	clock := storetest.NewClock()
	s := metering.New(storetest.SQLite(t, clock.Now), clock.Now)
	m := register(t, s, "M1") // of u-north
	at := clock.Now().Add(-time.Minute)
	for _, c := range []struct {
		id, utility string
		accepted    int
	}{{"south", "u-south", 0}, {"north", "u-north", 1}, {"anywhere", "", 0}} {
		actor := models.Actor{ID: c.id, Kind: "client", Roles: []models.Role{models.RoleCollector}, Collector: c.id, Utility: c.utility}
		got, err := s.Ingest(ctx, actor, metering.Batch{Collector: "north", Sequence: 7, Readings: []models.Reading{reading(m.Code, at, 1000, 1)}})
		if err != nil || got.Accepted != c.accepted || got.Collector != "north" {
			t.Errorf("collector %s: got %+v, %v, want %d accepted under its own sequence 7", c.id, got, err, c.accepted)
		}
	}
}

func TestMeters_APersonOfNoUtilitySeesNone(t *testing.T) {
	clock := storetest.NewClock()
	s := metering.New(storetest.SQLite(t, clock.Now), clock.Now)
	register(t, s, "M1")
	nobodys := models.Actor{ID: "e1", Kind: "person", Roles: []models.Role{models.RoleUtility}}
	if got, err := s.Meters(ctx, nobodys, store.MeterFilter{}, store.Page{}); err != nil || len(got) != 0 {
		t.Errorf("got %d meters, %v, want none", len(got), err)
	}
}

func TestIngest_WhatIsImpossibleIsNoReadingAndNoPeak(t *testing.T) {
	clock := storetest.NewClock()
	s := metering.New(storetest.SQLite(t, clock.Now), clock.Now)
	m := register(t, s, "M1")
	from := clock.Now().Add(-time.Hour).Truncate(time.Hour)
	rows := []models.Reading{reading("M1", from, 1000, 10), reading("M1", from.Add(time.Minute), 1e18, 20), reading("M1", from.Add(2*time.Minute), 1200, -5)}
	if got := ingested(t, s, 1, rows...); got.Accepted != 3 {
		t.Fatalf("accepted %+v", got)
	}
	if got := ingested(t, s, 1, rows...); got.Duplicate != 3 {
		t.Errorf("the same batch again: %+v", got)
	}
	for _, b := range quarters(t, s, m.ID, from, from.Add(time.Hour)) {
		if b.MaxPower > 1200 {
			t.Errorf("the quarter from %s has a peak of %d W", b.Start, b.MaxPower)
		}
	}
}

package metering_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// ratioTold gives n readings at 6 kW, ten seconds apart, of a meter that tells its ratio; its
// register shows the ratio times what it counted behind the transformers.
func ratioTold(from time.Time, first, n int, ct int64) (out []models.Reading) {
	for i := first; i < first+n; i++ {
		r := reading("M1", from.Add(time.Duration(i)*10*time.Second), 6000, (1_000_000+int64(i))*ct)
		r.Values.Set(models.QCTRatio, ct*models.QCTRatio.PerUnit())
		r.Step = 10 * time.Second
		out = append(out, r)
	}
	return out
}

// ctChanges gives the current transformers' ratios that a meter went to, the newest first.
func ctChanges(t *testing.T, s *metering.Service) (out []int64) {
	t.Helper()
	rows, err := s.RatioChanges(ctx, clerk, "M1")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		out = append(out, r.To.CT/1000)
	}
	return out
}

// Another ratio than before is an event: the reading is marked, and its quarter hour, the
// ledger has it, and the register that jumped is no energy. Neither another batch nor
// another process between hides it.
func TestIngest_AnotherRatioIsMarkedEnteredAndNoEnergy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m := register(t, s, "M1")
		from := clock.Now().Truncate(models.IntervalLength).Add(-time.Hour)
		send := func(sequence int64, rows []models.Reading) { ingested(t, s, sequence, rows...) }
		send(1, ratioTold(from, 0, 10, 40))
		send(2, ratioTold(from, 10, 10, 40))
		send(3, append(ratioTold(from, 20, 5, 40), ratioTold(from, 25, 5, 100)...))
		send(4, ratioTold(from, 30, 5, 100))
		s = metering.New(st, clock.Now) // another process
		clock.Advance(time.Second)
		send(5, ratioTold(from, 35, 5, 40))
		send(5, ratioTold(from, 35, 5, 40))
		if _, err := s.Fold(ctx); err != nil {
			t.Fatal(err)
		}
		marked := map[int]bool{25: true, 35: true}
		got, err := s.Query(ctx, clerk, metering.Query{Meter: "M1", From: from, Until: clock.Now(), Resolution: metering.ResolutionRaw})
		if err != nil || len(got.Raw) != 40 {
			t.Fatalf("%d readings, %v", len(got.Raw), err)
		}
		for i, r := range got.Raw {
			if _, has := r.Values.Power(); !has || marked[i] != (r.Quality == models.QualityRatioChanged) {
				t.Errorf("reading %d is %s, with power: %v", i, r.Quality, has)
			}
		}
		// 24 steps of 40 Wh, 9 of 100 and 4 of 40: what lies across a change is not known.
		if wh := energyOf(t, s, "M1", from, clock.Now()); wh != 24*40+9*100+4*40 {
			t.Errorf("got %d Wh, want %d", wh, 24*40+9*100+4*40)
		}
		if q := quarters(t, s, "M1", from, clock.Now())[0].Quality; q != models.QualityRatioChanged {
			t.Errorf("the quarter hour is %s", q)
		}
		if diff := cmp.Diff([]int64{40, 100}, ctChanges(t, s)); diff != "" {
			t.Error(diff)
		}
		if rows, _ := s.RatioChanges(ctx, clerk, "M1"); !rows[0].At.Equal(from.Add(350*time.Second)) || rows[0].From.CT != 100_000 {
			t.Errorf("the newest change is %+v", rows[0])
		}
		// People who record the exchange say why the next one differs.
		x := exchangeOf
		x.At, x.Final, x.First = from.Add(410*time.Second), 1_000_041*40, 1_000_045*60
		if _, _, err := s.ExchangeMeter(ctx, clerk, "M1", m.Version, x); err != nil {
			t.Fatal(err)
		}
		send(6, ratioTold(from, 45, 5, 60))
		if n := len(ctChanges(t, s)); n != 2 {
			t.Errorf("%d entries after an exchange that was recorded, want still 2", n)
		}
	})
}

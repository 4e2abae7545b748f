package metering_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func rawOf(t testing.TB, s *metering.Service, meter string, from, until time.Time) []models.Reading {
	t.Helper()
	got, err := s.Query(ctx, clerk, metering.Query{Meter: meter, From: from, Until: until, Resolution: metering.ResolutionRaw, Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	return got.Raw
}

func sealAll(t testing.TB, s *metering.Service) (chunks int) {
	t.Helper()
	for {
		n, err := s.Seal(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return chunks
		}
		chunks += n
	}
}

func every(meter string, from time.Time, step time.Duration, n int) []models.Reading {
	out := make([]models.Reading, n)
	for i := range out {
		out[i] = reading(meter, from.Add(time.Duration(i)*step), 1000+int64(i%7), int64(i)*3)
		out[i].Step = step
	}
	return out
}

func TestSeal_AnswersAreTheSameBeforeAndAfterAndOpenReadingsAreThereAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m, other := register(t, s, "M1"), register(t, s, "M2")
		from := clock.Now().Add(-3 * time.Hour)
		rows := append(every(m.ID, from, 10*time.Second, 1079), every(other.ID, from, time.Minute, 150)...)
		ingested(t, s, 1, rows...)
		before := rawOf(t, s, "M1", from, clock.Now())
		if len(before) != 1079 {
			t.Fatalf("got %d readings before anything is sealed, want 1079", len(before))
		}
		clock.Advance(3 * time.Minute) // nothing came for so long
		if n := sealAll(t, s); n != 22 {
			t.Errorf("sealed %d chunks, want 12 and 10", n)
		}
		if diff := cmp.Diff(before, rawOf(t, s, "M1", from, clock.Now()), cmp.AllowUnexported(models.Values{})); diff != "" {
			t.Error(diff)
		}
		if part := rawOf(t, s, "M1", from.Add(7*time.Minute), from.Add(24*time.Minute)); len(part) != 102 || !part[0].At.Equal(from.Add(7*time.Minute)) {
			t.Errorf("a part: got %d readings, want 102 from its beginning", len(part))
		}
		ingested(t, s, 2, every(m.ID, clock.Now().Add(-time.Minute), 10*time.Second, 5)...)
		if got := rawOf(t, s, "M1", from, clock.Now()); len(got) != 1084 {
			t.Errorf("got %d readings with five open ones, want 1084", len(got))
		}
		if n := sealAll(t, s); n != 0 {
			t.Errorf("sealed %d quarters that are not over", n)
		}
		if entries := sealEntries(t, st); entries != 1 {
			t.Errorf("the ledger has %d entries of seals, want one of the run", entries)
		}
	})
}

func sealEntries(t testing.TB, st *store.Store) (n int) {
	t.Helper()
	if err := st.View(ctx, func(tx *store.Tx) error {
		all, err := tx.UnsealedEntries(1000)
		n = 0
		for _, e := range all {
			if e.Kind == "readings.sealed" {
				n++
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestSeal_LateReadingsMakeANewVersionAndKnownOnesNone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m := register(t, s, "M1")
		from := models.IntervalStart(clock.Now().Add(-time.Hour))
		all := every(m.ID, from, time.Minute, 15)
		ingested(t, s, 1, append(append([]models.Reading{}, all[:4]...), all[6:]...)...)
		clock.Advance(3 * time.Minute)
		sealAll(t, s)
		if got := ingested(t, s, 2, all[2:8]...); got.Accepted != 2 || got.Duplicate != 4 {
			t.Errorf("got %+v, want two late ones and four known from the sealed chunk", got)
		}
		if got := ingested(t, s, 3, all...); got.Accepted != 0 || got.Duplicate != 15 {
			t.Errorf("all again: got %+v, want nothing new", got)
		}
		clock.Advance(3 * time.Minute)
		if n := sealAll(t, s); n != 1 {
			t.Errorf("sealed %d chunks, want the second version", n)
		}
		if diff := cmp.Diff(all, rawOf(t, s, m.ID, from, clock.Now()), cmp.AllowUnexported(models.Values{})); diff != "" {
			t.Error(diff)
		}
		var versions []int64
		if err := st.View(ctx, func(tx *store.Tx) error {
			versions = nil
			chunks, err := tx.Chunks(m.ID, from, clock.Now(), 100)
			for _, c := range chunks {
				versions = append(versions, c.Version, c.Readings)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int64{1, 13, 2, 15}, versions); diff != "" {
			t.Errorf("versions and their readings: %s", diff)
		}
	})
}

func TestSeal_AChunkThatIsNotTheSealedOneIsFound(t *testing.T) {
	clock := storetest.NewClock()
	st := storetest.SQLite(t, clock.Now)
	s := metering.New(st, clock.Now)
	m := register(t, s, "M1")
	from := clock.Now().Add(-2 * time.Hour)
	ingested(t, s, 1, every(m.ID, from, time.Minute, 60)...)
	clock.Advance(3 * time.Minute)
	sealAll(t, s)
	if looked, bad, err := s.CheckSeal(ctx, clerk, m.ID, from, clock.Now()); err != nil || looked != 4 || len(bad) != 0 {
		t.Fatalf("got %d chunks, %d bad, %v; want 4 and none", looked, len(bad), err)
	}
	storetest.Exec(t, st, "UPDATE reading_chunks SET body = CAST(body || X'00' AS BLOB) WHERE rowid = 2")
	if _, bad, err := s.CheckSeal(ctx, clerk, m.ID, from, clock.Now()); err != nil || len(bad) != 1 {
		t.Errorf("got %d bad chunks, %v; want the one that was changed", len(bad), err)
	}
	storetest.Exec(t, st, "UPDATE reading_seals SET digests = CAST(X'00' || SUBSTR(digests, 2) AS BLOB)")
	if _, bad, err := s.CheckSeal(ctx, clerk, m.ID, from, clock.Now()); err != nil || len(bad) != 4 {
		t.Errorf("got %d bad chunks, %v; want all, as their seal was changed", len(bad), err)
	}
}

func TestQuery_HoursAndDaysAreTheSameWhetherAddedUpBeforeOrNow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m := register(t, s, "M1")
		from := clock.Now().Add(-50 * time.Hour)
		rows := every(m.ID, from, 5*time.Minute, 600)
		r := rand.New(rand.NewPCG(3, 4))
		ask := func(res metering.Resolution) []metering.Bucket {
			got, err := s.Query(ctx, clerk, metering.Query{Meter: "M1", From: from, Until: clock.Now(), Resolution: res})
			if err != nil {
				t.Fatal(err)
			}
			return got.Buckets
		}
		sequence := int64(0)
		for _, share := range []int{300, 100, 60, 60, 80} { // late ones come after their hours were added up
			r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
			sequence++
			ingested(t, s, sequence, rows[:share]...)
			hours, days := ask(metering.ResolutionHour), ask(metering.ResolutionDay)
			clock.Advance(3 * time.Minute)
			sealAll(t, s)
			if diff := cmp.Diff(hours, ask(metering.ResolutionHour)); diff != "" {
				t.Fatalf("hours: %s", diff)
			}
			if diff := cmp.Diff(days, ask(metering.ResolutionDay)); diff != "" {
				t.Fatalf("days: %s", diff)
			}
		}
	})
}

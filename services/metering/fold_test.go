package metering_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// told is what the registry says of a meter.
type told struct {
	Raw, Before           []models.Reading
	Quarters, Hours, Days []metering.Bucket
	Latest                models.Reading
}

func tellsOf(t testing.TB, st *store.Store, s *metering.Service, meter string, from, until time.Time) (out told) {
	t.Helper()
	ask := func(r metering.Resolution) metering.Series {
		got, err := s.Query(ctx, clerk, metering.Query{Meter: meter, From: from, Until: until, Resolution: r, Limit: 10_000})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	out.Raw, out.Quarters = ask(metering.ResolutionRaw).Raw, ask(metering.Resolution15m).Buckets
	out.Hours, out.Days = ask(metering.ResolutionHour).Buckets, ask(metering.ResolutionDay).Buckets
	latest, err := s.Latest(ctx, []string{meter})
	if err != nil {
		t.Fatal(err)
	}
	out.Latest = latest[meter]
	if err := st.View(ctx, func(tx *store.Tx) (err error) {
		out.Before, err = tx.ReadingsBefore(meter, until.Add(-17*time.Minute), 30)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// Batches that wait say the same as batches that were folded, whenever that happened, and
// so do those that were sealed.
func TestFold_WhatWaitsSaysTheSameAsWhatIsFolded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		other := metering.New(st, clock.Now) // another process: it remembers other things
		r := rand.New(rand.NewPCG(3, 5))
		const meters = 4
		var folded, waiting [meters]models.Meter
		for i := range meters {
			folded[i], waiting[i] = register(t, s, fmt.Sprintf("FOLDED%d", i)), register(t, s, fmt.Sprintf("WAITING%d", i))
		}
		from := clock.Now()
		sequence, wh := int64(0), int64(0)
		for round := range 60 {
			calm := round%20 >= 12 // batches come one after the other, as they mostly do
			clock.Advance(time.Duration(1+r.IntN(4)) * time.Minute)
			var plain [meters][]models.Reading
			for i := range meters {
				if !calm && r.IntN(5) == 0 {
					continue
				}
				at := clock.Now().Add(-time.Minute)
				if !calm && r.IntN(6) == 0 {
					at = at.Add(-time.Duration(r.IntN(100)) * time.Minute) // late, or there already
				}
				for k := range 1 + r.IntN(6) {
					wh += int64(r.IntN(50))
					plain[i] = append(plain[i], reading("", at.Add(time.Duration(k*10)*time.Second), int64(r.IntN(9000)), wh))
				}
			}
			for side, of := range [][meters]models.Meter{folded, waiting} {
				by := []*metering.Service{s, other}[r.IntN(2)]
				sequence++
				b := metering.Batch{Collector: "edge", Sequence: sequence}
				for i := range meters {
					for _, x := range plain[i] {
						x.Meter = of[i].Code
						b.Readings = append(b.Readings, x)
					}
				}
				if side == 0 { // late on purpose: nothing of it may wait
					b.Readings = append(b.Readings, b.Readings[:min(1, len(b.Readings))]...)
				}
				if _, err := by.Ingest(ctx, collector, b); err != nil {
					t.Fatal(err)
				}
			}
		}
		compare := func(when string) {
			t.Helper()
			for i := range meters {
				a, b := tellsOf(t, st, s, folded[i].ID, from, clock.Now()), tellsOf(t, st, other, waiting[i].ID, from, clock.Now())
				if diff := cmp.Diff(a, b, sameMeters(folded[i], waiting[i]), cmp.AllowUnexported(models.Values{})); diff != "" {
					t.Fatalf("%s, meter %d: %s", when, i, diff)
				}
				if len(a.Raw) == 0 || len(a.Hours) == 0 {
					t.Fatalf("%s: nothing is compared", when)
				}
			}
		}
		if waits(t, st) == 0 {
			t.Fatal("no batch waits: nothing is tested")
		}
		compare("while batches wait")
		if _, err := s.Fold(ctx); err != nil {
			t.Fatal(err)
		}
		if n := waits(t, st); n != 0 {
			t.Errorf("%d readings wait after folding", n)
		}
		compare("folded")
		clock.Advance(time.Hour)
		sealAll(t, s)
		compare("sealed")
	})
}

func sameMeters(a, b models.Meter) cmp.Option {
	return cmp.Transformer("meter", func(id string) string {
		if id == b.ID {
			return a.ID
		}
		return id
	})
}

func waits(t testing.TB, st *store.Store) int64 {
	t.Helper()
	var size store.PendingSize
	if err := st.View(ctx, func(tx *store.Tx) (err error) {
		size, err = tx.Pending()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return size.Readings
}

// A meter that speaks for the first time, or again after a silence, does not wait: the
// gate asks how fresh it is.
func TestFold_AMeterThatComesBackDoesNotWait(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m := register(t, s, "M1")
		at, sequence := clock.Now(), int64(0)
		for _, step := range []struct {
			after time.Duration
			waits int64
		}{{0, 0}, {10 * time.Second, 1}, {10 * time.Second, 2}, {20 * time.Minute, 0}, {10 * time.Second, 1}} {
			at = at.Add(step.after)
			clock.Advance(step.after)
			sequence++
			ingested(t, s, sequence, reading(m.ID, at, 1000, sequence))
			if got := waits(t, st); got != step.waits {
				t.Errorf("%v after the one before: %d readings wait, want %d", step.after, got, step.waits)
			}
		}
	})
}

// A meter that goes over to another utility is refused to the one before from the next
// batch on, also by a process that remembers it otherwise.
func TestFold_WhatIsRememberedOfAMeterIsGivenUpWhenItChanges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		here, there := metering.New(st, clock.Now), metering.New(st, clock.Now)
		m := register(t, here, "M1")
		north := collector
		north.Utility = "u-north"
		send := func(sequence int64) metering.Result {
			clock.Advance(10 * time.Second)
			got, err := here.Ingest(ctx, north, metering.Batch{Collector: "n", Sequence: sequence, Readings: []models.Reading{reading("M1", clock.Now(), 1, sequence)}})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		for n := range int64(3) {
			if got := send(n); got.Accepted != 1 {
				t.Fatalf("batch %d: %+v", n, got)
			}
		}
		m.Utility = "u-south"
		if _, err := there.UpdateMeter(ctx, clerk, m); err != nil {
			t.Fatal(err)
		}
		if got := send(3); got.Accepted != 0 || len(got.Rejected) != 1 {
			t.Errorf("the meter belongs to another utility now: got %+v", got)
		}
	})
}

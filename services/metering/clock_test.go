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

func TestClock_ReadingsOfACollectorWhoseClockIsOffAreMarkedAndKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m := register(t, s, "M1")
		from := clock.Now().Add(-time.Hour).Truncate(time.Minute)
		ahead := func(d time.Duration) *time.Duration { return &d }
		cases := []struct {
			clock *time.Duration
			was   models.Quality
			want  models.Quality
		}{
			{nil, models.QualityGood, models.QualityGood},
			{ahead(0), models.QualityGood, models.QualityGood},
			{ahead(30 * time.Second), models.QualityGood, models.QualityGood},
			{ahead(30*time.Second + time.Microsecond), models.QualityGood, models.QualityClock},
			{ahead(-31 * time.Second), models.QualityGood, models.QualityClock},
			{ahead(-time.Hour), models.QualityOutOfRange, models.QualityOutOfRange},
			{ahead(time.Second), models.QualityGap, models.QualityGap},
		}
		var want []models.Quality
		for i, c := range cases {
			r := reading(m.ID, from.Add(time.Duration(i)*time.Minute), 1000, int64(100*i))
			r.Quality = c.was
			b := metering.Batch{Collector: "edge", Sequence: int64(i), Clock: c.clock, Readings: []models.Reading{r}}
			if got, err := s.Ingest(ctx, collector, b); err != nil || got.Accepted != 1 {
				t.Fatalf("%d: %+v, %v", i, got, err)
			}
			b.Clock = ahead(time.Minute) // sent again, when the clock shows something else
			if got, err := s.Ingest(ctx, collector, b); err != nil || got.Duplicate != 1 {
				t.Fatalf("%d again: %+v, %v; want the same batch", i, got, err)
			}
			want = append(want, c.want)
		}
		got, err := s.Query(ctx, clerk, metering.Query{Meter: m.ID, From: from, Until: from.Add(time.Hour), Resolution: metering.ResolutionRaw})
		if err != nil {
			t.Fatal(err)
		}
		var qualities []models.Quality
		for _, r := range got.Raw {
			qualities = append(qualities, r.Quality)
			if p, ok := r.Values.Get(models.QPTotal); !ok || p != 1000 {
				t.Errorf("at %v the power is %d, %v; want it kept", r.At, p, ok)
			}
		}
		if diff := cmp.Diff(want, qualities); diff != "" {
			t.Error(diff)
		}
	})
}

func TestClock_ACollectorsClockIsWatchedFromTwoSecondsAndInAlarmFromThirty(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		for ahead, want := range map[time.Duration]metering.SpoolLevel{0: metering.SpoolOK, 2 * time.Second: metering.SpoolOK, 2001 * time.Millisecond: metering.SpoolWatch,
			-30 * time.Second: metering.SpoolWatch, -31 * time.Second: metering.SpoolAlert, time.Hour: metering.SpoolAlert} {
			if err := s.ReportSpool(ctx, collector, metering.SpoolReport{Collector: "edge", Quota: 1000, Clock: &ahead}); err != nil {
				t.Fatal(err)
			}
			got, err := s.Spools(ctx, clerk)
			if err != nil || len(got) != 1 || got[0].Level != want || got[0].Clock == nil || *got[0].Clock != ahead {
				t.Fatalf("%v: got %+v, %v; want %s", ahead, got, err, want)
			}
			if off := want != metering.SpoolOK; off != (len(got[0].Reasons) == 1) || off && got[0].Reasons[0] != metering.SpoolClock {
				t.Errorf("%v: the reasons are %v", ahead, got[0].Reasons)
			}
		}
		// One that says nothing of its clock is not judged by what it said before.
		if err := s.ReportSpool(ctx, collector, metering.SpoolReport{Collector: "edge", Quota: 1000}); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Spools(ctx, clerk); err != nil || got[0].Clock != nil || got[0].Level != metering.SpoolOK {
			t.Errorf("got %+v, %v; want no clock", got, err)
		}
	})
}

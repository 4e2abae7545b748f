package metering_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func TestSpoolState_EachThresholdIsHeldOnBothSides(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		for name, c := range map[string]struct {
			report  metering.SpoolReport
			silence time.Duration
			level   metering.SpoolLevel
			reasons []metering.SpoolReason
		}{
			"well":          {metering.SpoolReport{Held: 499, Batches: 3, Oldest: 15*time.Minute - 1000}, 0, metering.SpoolOK, nil},
			"half full":     {metering.SpoolReport{Held: 500}, 0, metering.SpoolWatch, []metering.SpoolReason{metering.SpoolFilling}},
			"nearly alarm":  {metering.SpoolReport{Held: 799}, 0, metering.SpoolWatch, []metering.SpoolReason{metering.SpoolFilling}},
			"full":          {metering.SpoolReport{Held: 800}, 0, metering.SpoolAlert, []metering.SpoolReason{metering.SpoolFilling}},
			"old":           {metering.SpoolReport{Batches: 1, Oldest: 15 * time.Minute}, 0, metering.SpoolWatch, []metering.SpoolReason{metering.SpoolWaiting}},
			"a day old":     {metering.SpoolReport{Batches: 1, Oldest: 24 * time.Hour}, 0, metering.SpoolAlert, []metering.SpoolReason{metering.SpoolWaiting}},
			"refused":       {metering.SpoolReport{Held: 10, Refused: 1, Why: "no"}, 0, metering.SpoolWatch, []metering.SpoolReason{metering.SpoolRefusal}},
			"just quiet":    {metering.SpoolReport{}, 5 * time.Minute, metering.SpoolOK, nil},
			"silent":        {metering.SpoolReport{}, 5*time.Minute + time.Second, metering.SpoolWatch, []metering.SpoolReason{metering.SpoolSilent}},
			"silent, holds": {metering.SpoolReport{Batches: 1, Oldest: time.Minute}, 25 * time.Hour, metering.SpoolAlert, []metering.SpoolReason{metering.SpoolWaiting, metering.SpoolSilent}},
			"all at once": {metering.SpoolReport{Held: 900, Batches: 2, Oldest: time.Hour, Refused: 2, Why: "no"}, 0, metering.SpoolAlert,
				[]metering.SpoolReason{metering.SpoolFilling, metering.SpoolWaiting, metering.SpoolRefusal}},
		} {
			c.report.Collector, c.report.Quota = "edge", 1000
			if err := s.ReportSpool(ctx, collector, c.report); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			clock.Advance(c.silence)
			got, err := s.Spools(ctx, clerk)
			if err != nil || len(got) != 1 {
				t.Fatalf("%s: got %+v, %v; want one spool, the newest report", name, got, err)
			}
			if got[0].Level != c.level || !cmp.Equal(got[0].Reasons, c.reasons) {
				t.Errorf("%s: got %s %v, want %s %v", name, got[0].Level, got[0].Reasons, c.level, c.reasons)
			}
			if diff := cmp.Diff(c.report, got[0].SpoolReport); diff != "" {
				t.Errorf("%s: %s", name, diff)
			}
		}
		clock.Advance(metering.SpoolForgotten + time.Second)
		if got, err := s.Spools(ctx, clerk); err != nil || len(got) != 0 {
			t.Errorf("got %+v, %v; want a collector of long ago forgotten", got, err)
		}
	})
}

func TestSpoolState_ALostBatchIsMissedARefusedOneAndALostDiskAreNot(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m := register(t, s, "M1")
		at := clock.Now().Add(-time.Hour)
		send := func(sequences ...int64) {
			t.Helper()
			for _, n := range sequences {
				at = at.Add(time.Second)
				if _, err := s.Ingest(ctx, collector, metering.Batch{Collector: "edge", Sequence: n, Readings: []models.Reading{reading(m.ID, at, 1000, n%1000)}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		missing := func(refused, want int64) {
			t.Helper()
			if err := s.ReportSpool(ctx, collector, metering.SpoolReport{Collector: "edge", Quota: 1000, Refused: refused}); err != nil {
				t.Fatal(err)
			}
			got, err := s.Spools(ctx, clerk)
			if err != nil || got[0].Missing != want || (want > 0) != (got[0].Level == metering.SpoolAlert) {
				t.Errorf("got %+v, %v; want %d missing", got, err, want)
			}
		}
		missing(0, 0) // nothing has come yet
		send(5, 6, 7, 9, 12)
		missing(0, 3)
		missing(2, 1)
		missing(3, 0)
		send(10, 8)
		missing(0, 1)
		start := clock.Now().UnixMilli() // a new disk
		send(start, start+1)
		missing(0, 0)
	})
}

func TestSpoolState_AUtilitySeesItsOwnAndNobodyReportsInItsName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		of := func(utility string) models.Actor {
			return models.Actor{ID: "c-" + utility, Kind: "client", Roles: []models.Role{models.RoleCollector}, Utility: utility}
		}
		report := metering.SpoolReport{Collector: "edge", Quota: 1000}
		if err := s.ReportSpool(ctx, of("u-north"), report); err != nil {
			t.Fatal(err)
		}
		report.Held = 999
		if err := s.ReportSpool(ctx, of("u-south"), report); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("another utility's collector: got %v, want a conflict", err)
		}
		named := of("u-south")
		named.Collector = "south"
		if err := s.ReportSpool(ctx, named, report); err != nil {
			t.Fatal(err)
		}
		for utility, want := range map[string]string{"u-north": "edge", "u-south": "south/edge"} {
			got, err := s.Spools(ctx, models.Actor{ID: "u", Roles: []models.Role{models.RoleUtility}, Utility: utility})
			if err != nil || len(got) != 1 || got[0].Collector != want {
				t.Errorf("%s sees %+v (%v), want %s", utility, got, err, want)
			}
		}
		if got, err := s.Spools(ctx, clerk); err != nil || len(got) != 2 || got[0].Held != 0 {
			t.Errorf("a clerk sees %+v (%v), want both as each said", got, err)
		}
		if err := s.ReportSpool(ctx, clerk, report); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("a clerk reports: %v", err)
		}
		if _, err := s.Spools(ctx, of("u-north")); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("a collector reads: %v", err)
		}
		if err := s.ReportSpool(ctx, of("u-north"), metering.SpoolReport{Held: -1}); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("a report without sense: %v", err)
		}
	})
}

func TestSpoolReport_SaysWhatTheSpoolHolds(t *testing.T) {
	clock := storetest.NewClock()
	st := storetest.SQLite(t, clock.Now)
	bad := true
	s := metering.NewSpool(st, "edge", func(context.Context, metering.Batch) error {
		if bad {
			bad = false
			return &metering.RefusedError{Err: errors.New("too large")}
		}
		return nil
	}, slog.New(slog.DiscardHandler))
	s.Limit(5000)
	if got, err := s.Report(ctx); err != nil || got != (metering.SpoolReport{Collector: "edge", Quota: 5000}) {
		t.Errorf("an empty spool: %+v, %v", got, err)
	}
	if err := spoolOne(t, s, clock.Now()); err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	if err := spoolOne(t, s, clock.Now()); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	got, err := s.Report(ctx)
	if err != nil || got.Batches != 1 || got.Refused != 1 || got.Why != "too large" || got.Oldest < time.Hour || got.Oldest > time.Hour+time.Minute || got.Held == 0 {
		t.Errorf("got %+v, %v; want one of an hour ago and one refused", got, err)
	}
}

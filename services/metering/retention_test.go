package metering_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// heldWorld has a feeder with one connection point for each name, and a meter there.
func heldWorld(t *testing.T, st *store.Store, s *metering.Service, names ...string) map[string]models.Meter {
	t.Helper()
	err := st.Update(ctx, func(tx *store.Tx) error {
		value := func(code string, n int64, unit string) models.LegalValue {
			return models.LegalValue{Code: code, Value: n, Unit: unit, LegalRef: "test", Grade: "R", ValidFrom: "2020-01-01"}
		}
		_, err := tx.AddReference(store.Reference{Values: []models.LegalValue{value("readings_kept_raw", 36, "months"), value("readings_kept_15m", 5, "years")}})
		errs := []error{err,
			tx.InsertUtility(models.Utility{ID: "u", Code: "U", Bin: "210440038887", Version: 1}),
			tx.InsertSubstation(models.Substation{ID: "s", Code: "S", Utility: "u", VoltKV: 110, Limit: 1e9, Version: 1})}
		for _, n := range names {
			errs = append(errs, tx.InsertFeeder(models.Feeder{ID: "f-" + n, Code: "F-" + n, Substation: "s", Utility: "u", VoltKV: 10, Limit: 1e8, Version: 1}),
				tx.InsertConnectionPoint(models.ConnectionPoint{ID: "c-" + n, Code: "C-" + n, Feeder: "f-" + n, Utility: "u", State: models.ConnectionPlanned, Version: 1}))
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]models.Meter{}
	for _, n := range names {
		m, err := s.RegisterMeter(ctx, clerk, models.Meter{Code: "M-" + n, Role: models.MeterRevenue, Node: models.Ref{Kind: "connection_point", ID: "c-" + n}})
		if err != nil {
			t.Fatal(err)
		}
		out[n] = m
	}
	return out
}

func TestRetention_TakesAwayWhatHasHadItsTimeUnlessItIsHeld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		meters := heldWorld(t, st, s, "free", "finding", "hold", "case")
		sequence := int64(0)
		send := func() {
			for _, m := range meters {
				for range 3 {
					sequence++
					clock.Advance(10 * time.Second)
					ingested(t, s, sequence, reading(m.ID, clock.Now(), 1000, sequence))
				}
			}
			clock.Advance(time.Hour)
			sealAll(t, s)
		}
		begun := clock.Now()
		send()
		err := st.Update(ctx, func(tx *store.Tx) error {
			return errors.Join(
				tx.InsertFinding(models.Finding{ID: "1", Rule: models.RuleUnlicensed, RuleVersion: "1", Target: models.Ref{Kind: "connection_point", ID: "c-finding"},
					Feeder: "f-finding", Substation: "s", Utility: "u", Tier: models.TierAct, State: models.FindingOpen, Version: 1}),
				tx.InsertStanding(models.StandingFact{ID: "h", Kind: models.StandingHold, Scope: models.ScopePoint, ScopeID: "c-hold", From: tx.Now,
					Document: "court 1", RecordedBy: "u1", Recorded: tx.Now}),
				tx.InsertCase(models.Case{ID: "k", Number: "EC-2026-000001", Source: models.CaseFromTip, Title: "a tip", State: models.CaseOpen, Due: "2026-12-01",
					Salt: "salt", OpenedBy: "u1", Opened: tx.Now, Updated: tx.Now, Version: 1},
					[]models.CaseSubject{{ID: "ks", Kind: "connection_point", Ref: "c-case", Label: "C-case", Added: tx.Now, AddedBy: "u1"}}))
		})
		if err != nil {
			t.Fatal(err)
		}
		left := func() map[string]int {
			out := map[string]int{}
			for n, m := range meters {
				got, err := s.Query(ctx, clerk, metering.Query{Meter: m.ID, From: time.Unix(1, 0), Until: clock.Now(), Resolution: metering.ResolutionRaw})
				if err != nil {
					t.Fatal(err)
				}
				out[n] = len(got.Raw)
			}
			return out
		}
		retain := func(when string, want map[string]int, rows, held int64) {
			t.Helper()
			plan, err := s.RetentionPlan(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if got := plan[0]; got.Rows != rows || got.Held != held || (got.Bytes > 0) != (rows > 0) || plan[1].Rows != 0 {
				t.Errorf("%s: the plan is %+v, want %d rows to go and %d held", when, plan, rows, held)
			}
			gone, err := s.Retain(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if (gone[models.RetainRaw] > 0) != (rows > 0) {
				t.Errorf("%s: %v went, want %d", when, gone, rows)
			}
			if diff := cmp.Diff(want, left()); diff != "" {
				t.Errorf("%s: %s", when, diff)
			}
		}
		retain("at once", map[string]int{"free": 3, "finding": 3, "hold": 3, "case": 3}, 0, 0)
		clock.Advance(4 * 366 * 24 * time.Hour)
		send()
		retain("after four years", map[string]int{"free": 3, "finding": 6, "hold": 6, "case": 6}, 1, 3)
		if entries := expiredEntries(t, st); entries != 1 {
			t.Errorf("got %d entries in the ledger, want 1", entries)
		}
		if got := quarters(t, s, meters["free"].ID, begun, begun.Add(time.Hour)); len(got) == 0 {
			t.Error("the intervals went too; their term is longer")
		}
		if err := st.Update(ctx, func(tx *store.Tx) error {
			f, err := tx.Finding("1")
			if err != nil {
				return err
			}
			f.State, f.Reason = models.FindingDismissed, "nothing there"
			return errors.Join(tx.UpdateFinding(f), tx.EndStanding(models.StandingFact{ID: "h", Kind: models.StandingHold, RecordedBy: "u1",
				EndedBy: "u2", Ended: tx.Now, EndReason: "lifted"}))
		}); err != nil {
			t.Fatal(err)
		}
		retain("only the case is open still", map[string]int{"free": 3, "finding": 3, "hold": 3, "case": 6}, 2, 1)
	})
}

func expiredEntries(t *testing.T, st *store.Store) (n int) {
	t.Helper()
	if err := st.View(ctx, func(tx *store.Tx) error {
		all, err := tx.UnsealedEntries(1000)
		n = 0
		for _, e := range all {
			if e.Kind == "readings.expired" {
				n++
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// A slip of a key in the term takes nothing away that is younger than three months.
func TestRetention_TermsAreWholeMonthsAndAtLeastThree(t *testing.T) {
	now := time.Date(2026, 3, 31, 20, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		value int64
		unit  string
		want  string
		ok    bool
	}{{36, "months", "2023-03-01", true}, {5, "years", "2021-03-01", true}, {1, "months", "2025-12-01", true}, {30, "days", "", false}} {
		got, ok := models.KeptSince(models.LegalValue{Value: c.value, Unit: c.unit}, now)
		if ok != c.ok || ok && got.Format(time.DateOnly) != c.want {
			t.Errorf("%d %s: got %s, %v; want %s, %v", c.value, c.unit, got, ok, c.want, c.ok)
		}
	}
}

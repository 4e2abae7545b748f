package store_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"testing"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// triageWorld is two substations in two regions with findings at a point of each and
// at a feeder.
func triageWorld(t *testing.T, s *store.Store) {
	t.Helper()
	finding := func(id, feeder, substation, point string, tier models.Tier, kw int64) models.Finding {
		f := models.Finding{ID: id, Rule: models.RuleUnlicensed, RuleVersion: "1", Target: models.Ref{Kind: "connection_point", ID: point}, TargetCode: point,
			Feeder: feeder, Substation: substation, Utility: "u", Tier: tier, Estimated: models.Watts(kw * 1000), Low: models.Watts(kw * 900),
			High: models.Watts(kw * 1100), State: models.FindingOpen, Version: 1}
		if point == feeder {
			f.Rule, f.Target.Kind = models.RuleBalance, "feeder"
		}
		return f
	}
	err := s.Update(context.Background(), func(tx *store.Tx) error {
		errs := []error{
			tx.InsertUtility(models.Utility{ID: "u", Code: "U", Bin: "210440038887", Version: 1}),
			tx.InsertSubstation(models.Substation{ID: "s1", Code: "S1", Name: "Северная", Utility: "u", VoltKV: 110, Limit: 1e9, Kato: "551010000", Version: 1}),
			tx.InsertSubstation(models.Substation{ID: "s2", Code: "S2", Name: "South 100%", Utility: "u", VoltKV: 110, Limit: 1e9, Version: 1}),
			tx.InsertFeeder(models.Feeder{ID: "f1", Code: "F1", Substation: "s1", Utility: "u", VoltKV: 10, Limit: 1e8, Version: 1}),
			tx.InsertFeeder(models.Feeder{ID: "f2", Code: "F2", Substation: "s2", Utility: "u", VoltKV: 10, Limit: 1e8, Version: 1}),
			tx.InsertParty(models.Party{ID: "p", BinOrIin: "210440038887", Kind: models.PartyLegalEntity, NameRu: "ТОО Мастерская", Size: models.SizeLarge,
				Kato: "551010000", State: models.PartyActive, Version: 1, Created: tx.Now, Updated: tx.Now}),
			tx.InsertConnectionPoint(models.ConnectionPoint{ID: "c1", Code: "F1-C1", Feeder: "f1", Utility: "u", ConsumerBin: "210440038887", DeclaredUse: "workshop", State: models.ConnectionPlanned, Version: 1}),
			tx.InsertConnectionPoint(models.ConnectionPoint{ID: "c2", Code: "F2-C1", Feeder: "f2", Utility: "u", DeclaredUse: "bakery", State: models.ConnectionPlanned, Version: 1}),
		}
		for _, f := range []models.Finding{
			finding("1", "f1", "s1", "c1", models.TierInspect, 40), finding("2", "f2", "s2", "c2", models.TierWatch, 900),
			finding("3", "f1", "s1", "f1", models.TierAct, 20), finding("4", "f2", "s2", "f2", models.TierInspect, 40),
		} {
			errs = append(errs, tx.InsertFinding(f))
		}
		return errors.Join(errs...)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFindingTriage_SortsPagesAndNarrows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		triageWorld(t, s)
		// all pages of a filter, two at a time
		list := func(f store.TriageFilter) (ids string, first store.PlacedFinding) {
			t.Helper()
			err := s.View(context.Background(), func(tx *store.Tx) error {
				for after, pages := "", 0; pages == 0 || after != ""; pages++ {
					found, next, err := tx.PlacedFindings(f, store.Page{Limit: 2, After: after})
					if err != nil {
						return err
					}
					for _, p := range found {
						if ids == "" {
							first = p
						}
						ids += p.ID
					}
					after = next
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return ids, first
		}
		target := func(code string) store.FindingFilter { return store.FindingFilter{Target: code} }
		for i, c := range []struct {
			filter store.TriageFilter
			want   string
		}{
			{store.TriageFilter{}, "3412"},
			{store.TriageFilter{Order: store.ByPower}, "2413"},
			{store.TriageFilter{FindingFilter: store.FindingFilter{Tier: "B"}}, "41"},
			{store.TriageFilter{FindingFilter: target("S1")}, "31"},
			{store.TriageFilter{FindingFilter: target("f2")}, "42"},
			{store.TriageFilter{FindingFilter: target("c1")}, "1"},
			{store.TriageFilter{Region: "55"}, "31"},
			{store.TriageFilter{Use: "bakery"}, "2"},
			{store.TriageFilter{Text: "Мастер"}, "1"},
			{store.TriageFilter{Text: "2104400"}, "1"},
			{store.TriageFilter{Text: "100%"}, "42"},
			{store.TriageFilter{Text: "%"}, "42"}, // a sign, not a wildcard
			{store.TriageFilter{Text: "C_"}, ""},
			{store.TriageFilter{FindingFilter: store.FindingFilter{State: "closed"}}, ""},
		} {
			if got, _ := list(c.filter); got != c.want {
				t.Errorf("case %s: %q, want %q", strconv.Itoa(i), got, c.want)
			}
		}
		_, one := list(store.TriageFilter{Use: "workshop"})
		want := store.FindingPlace{Feeder: "F1", Substation: "S1", SubstationName: "Северная", Kato: "551010000", DeclaredUse: "workshop", Consumer: "ТОО Мастерская", ConsumerBin: "210440038887"}
		if one.Place != want {
			t.Errorf("place %+v, want %+v", one.Place, want)
		}
		err := s.View(context.Background(), func(tx *store.Tx) error {
			if _, _, err := tx.PlacedFindings(store.TriageFilter{}, store.Page{After: "not a cursor"}); models.CodeOf(err) != models.CodeInvalid {
				t.Errorf("a broken cursor: %v", err)
			}
			counts, err := tx.FindingCounts(store.TriageFilter{FindingFilter: store.FindingFilter{State: "open"}})
			if !slices.Contains(counts, store.FindingCount{Substation: "S2", Name: "South 100%", Tier: "C", State: "open", Count: 1, Power: 900_000}) || len(counts) != 4 {
				t.Errorf("counts %+v", counts)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

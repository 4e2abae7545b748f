package store_test

import (
	"context"
	"slices"
	"testing"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func testParty(id, bin, kk, ru, address string) models.Party {
	return models.Party{ID: id, BinOrIin: bin, Kind: models.PartyLegalEntity, NameKk: kk, NameRu: ru, Size: models.SizeSmall, Resident: true,
		Address: address, State: models.PartyActive, Version: 1}
}

func find(t *testing.T, s *store.Store, kind, query string, scope store.SearchScope) (ids []string) {
	t.Helper()
	err := s.View(context.Background(), func(tx *store.Tx) (err error) {
		ids, err = tx.SearchIDs(kind, models.SearchTerms(query), scope, 10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestSearch_FollowsWhatIsWrittenAndIsTheSameMadeAnew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		one := testParty("p1", "210440038887", "«Жарқын» ЖШС", "ТОО «Жаркын»", "Павлодар, Ломова 1")
		write := func(fn func(tx *store.Tx) error) {
			t.Helper()
			if err := s.Update(ctx, fn); err != nil {
				t.Fatal(err)
			}
		}
		write(func(tx *store.Tx) error {
			if err := tx.InsertParty(one); err != nil {
				return err
			}
			return tx.InsertParty(testParty("p2", "210440038888", "«Жарық Энерго» ЖШС", "ТОО «Жарык Энерго»", "Ақтау"))
		})
		all := store.SearchScope{}
		check := func(query string, scope store.SearchScope, want ...string) {
			t.Helper()
			if got := find(t, s, store.FoundParty, query, scope); !slices.Equal(got, want) {
				t.Errorf("%s in %+v found %q, want %q", query, scope, got, want)
			}
		}
		checkAll := func() {
			t.Helper()
			check("Zharkyn", all, "p1")
			check("жар", all, "p2", "p1")
			check("jarqyn lomova", all, "p1")
			check("жар актау", all, "p2")
			check("2104400388", all, "p1", "p2")
			check("жар", store.SearchScope{Party: "p1"}, "p1")
			check("Шаркын", all)
			checkList(t, s, "Zharyk", "p2")
			checkList(t, s, "ТОО Zharkyn", "p1")
			checkList(t, s, "ркын") // words are found by their beginnings
			checkList(t, s, "2104400388", "p1", "p2")
		}
		checkAll()
		write(func(tx *store.Tx) error {
			changed := one
			changed.NameKk, changed.NameRu, changed.Version = "«Сайын» ЖШС", "ТОО «Сайын»", 2
			return tx.UpdateParty(changed)
		})
		check("Zharkyn", all)
		check("Sayin", all, "p1")
		write(func(tx *store.Tx) error {
			changed := one
			changed.Version = 3
			return tx.UpdateParty(changed)
		})
		if rebuilt, err := s.RebuildSearch(ctx); rebuilt || err != nil {
			t.Errorf("a second build of the same index: %v, %v", rebuilt, err)
		}
		write(func(tx *store.Tx) error { return tx.ForgetSearchIndex() })
		check("Zharkyn", all)
		if rebuilt, err := s.RebuildSearch(ctx); !rebuilt || err != nil {
			t.Errorf("the index that was lost: %v, %v", rebuilt, err)
		}
		checkAll()
	})
}

// checkList checks that the list of parties finds what search finds.
func checkList(t *testing.T, s *store.Store, query string, want ...string) {
	t.Helper()
	err := s.View(context.Background(), func(tx *store.Tx) error {
		found, err := tx.Parties(store.PartyFilter{Query: query}, store.Page{})
		var got []string
		for _, p := range found {
			got = append(got, p.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("the list of %q is %q, want %q", query, got, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func pairsOf(t *testing.T, s *store.Store) (out []string) {
	t.Helper()
	err := s.View(context.Background(), func(tx *store.Tx) error {
		found, err := tx.Duplicates(store.DuplicateFilter{}, nil, 1000)
		out = nil
		for _, d := range found {
			out = append(out, fmt.Sprintf("%s+%s %d %v", d.A, d.B, d.Score, d.Signs))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPairs_FollowWhatIsWrittenAndAreTheSameMadeAnew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		one, two := testParty("p1", "210440038887", "Жарқын", "Жаркын", "Павлодар, Ломова 1"), testParty("p2", "210440038888", "Zharqyn", "Zharkyn", "Ломова 1, Павлодар")
		for _, write := range []func(tx *store.Tx) error{
			func(tx *store.Tx) error { return tx.InsertParty(one) },
			func(tx *store.Tx) error { return tx.InsertParty(two) },
			func(tx *store.Tx) error {
				return tx.InsertParty(testParty("p3", "210440038889", "Самал", "Самал", "Ломова 1, Павлодар"))
			},
		} {
			if err := s.Update(ctx, write); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{"p1+p2 65 [name address]"}
		if got := pairsOf(t, s); !slices.Equal(got, want) {
			t.Fatalf("pairs %q, want %q", got, want)
		}
		if done, err := s.ComparePartiesAnew(ctx); done || err != nil {
			t.Errorf("compared anew without need: %v %v", done, err)
		}
		if err := s.Update(ctx, func(tx *store.Tx) error { return tx.ForgetComparison() }); err != nil {
			t.Fatal(err)
		}
		if done, err := s.ComparePartiesAnew(ctx); !done || err != nil {
			t.Fatalf("compared anew: %v %v", done, err)
		}
		if got := pairsOf(t, s); !slices.Equal(got, want) {
			t.Errorf("made anew the pairs are %q, want %q", got, want)
		}
		two.NameKk, two.NameRu, two.Version = "Болат", "Болат", 2
		if err := s.Update(ctx, func(tx *store.Tx) error { return tx.UpdateParty(two) }); err != nil {
			t.Fatal(err)
		}
		if got := pairsOf(t, s); len(got) != 0 {
			t.Errorf("with another name there is still %q", got)
		}
	})
}

package detection

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// TestWhatIf_LooksAtThePastWithTheGridOfThen: a customer that the register moved to another
// feeder today was below the one before all the time that is looked at.
func TestWhatIf_LooksAtThePastWithTheGridOfThen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, r := context.Background(), pastRig(t, s, clock)
		until := monday.AddDate(0, 0, historyDays-2)
		ask := func() models.WhatIfFound {
			w, err := r.service.AskWhatIf(ctx, officer, map[string]float64{"rig_kw": 2.3}, monday, until)
			if err != nil {
				t.Fatal(err)
			}
			work(t, r.service)
			if w, err = r.service.WhatIf(ctx, officer, w.ID); err != nil || w.State != models.WhatIfDone {
				t.Fatalf("%s, %v", w.State, err)
			}
			return w.Found
		}
		before := ask()
		if len(before.Kept) < 4 {
			t.Fatalf("kept are %v: the test shows nothing", causesOf(before.Kept))
		}
		if err := s.Update(ctx, func(tx *store.Tx) error {
			pt, err := tx.ConnectionPoint("S-B-5")
			if err != nil {
				return err
			}
			to, err := tx.Feeder("S-A")
			if err != nil {
				return err
			}
			pt.Feeder, pt.Updated = to.ID, tx.Now
			return tx.UpdateConnectionPoint(pt)
		}); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Hour)
		after := ask()
		for name, c := range map[string][2][]models.WhatIfFinding{"kept": {before.Kept, after.Kept}, "gained": {before.Gained, after.Gained}, "lost": {before.Lost, after.Lost}} {
			if diff := cmp.Diff(c[0], c[1]); diff != "" {
				t.Errorf("%s before and after the move (-before +after):\n%s", name, diff)
			}
		}
		// Over a past that the move is in, each part has its own grid.
		var place models.Substation
		if err := s.View(ctx, func(tx *store.Tx) (err error) {
			place, err = tx.Substation("S")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w := models.WhatIf{Values: map[string]float64{"rig_kw": 2.3}, From: legalMidnight(monday), Until: clock.Now().AddDate(0, 0, 1), AskedAt: clock.Now()}
		two, err := r.service.loadTwofold(ctx, w, place.ID)
		if err != nil || len(two.stages) != 2 || !two.stages[1].from.Equal(legalMidnight(clock.Now().Add(-time.Hour))) {
			t.Fatalf("%d stages, %v", len(two.stages), err)
		}
		for i, want := range []string{"S-B", "S-A"} {
			for _, u := range two.stages[i].units {
				if there := slices.ContainsFunc(u.Points, func(pt Point) bool { return pt.Code == "S-B-5" }); there != (u.Feeder.Code == want) {
					t.Errorf("stage %d: the bakery is at feeder %s: %v", i, u.Feeder.Code, there)
				}
			}
		}
	})
}

func TestWhatIf_ManyChangesOfAGridArePartedNoMoreThanSixtyTimes(t *testing.T) {
	var changes []time.Time
	for d := range 300 {
		changes = append(changes, monday.AddDate(0, 0, d), monday.AddDate(0, 0, d).Add(time.Hour))
	}
	got := boundsOf(changes, monday.AddDate(0, 0, -10), monday.AddDate(0, 0, 290))
	if len(got) < 20 || len(got) > mostStages+2 || !slices.IsSortedFunc(got, time.Time.Compare) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("%d bounds", len(got))
	}
	if got := boundsOf(changes[:2], monday.AddDate(0, 0, -10), monday.AddDate(0, 0, 20)); len(got) != 2 {
		t.Errorf("the day of the first recording parts the past: %v", got)
	}
}

package detection

import (
	"context"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// TestWhatIf_ATierIsThatOfTheDayOfTheAlert: an allowance counts on the days on which it was
// in force, also one that has ended since, and an outcome from its own day on.
func TestWhatIf_ATierIsThatOfTheDayOfTheAlert(t *testing.T) {
	raised := time.Date(2026, 5, 20, 19, 0, 0, 0, time.UTC)
	u := Unit{Points: []Point{{ConnectionPoint: models.ConnectionPoint{ID: "p", DeclaredUse: "workshop"}, Channel: &Channel{}}}}
	alert := stream.Alert{Target: "p", Rule: "added_load", Tier: stream.Inspect, RaisedAt: raised, KW: 30, Before: 2}
	allowed := func(state models.AllowanceState, from, until string, limit models.Watts) []models.Allowance {
		return []models.Allowance{{Point: "p", State: state, From: from, Until: until, Limit: limit}}
	}
	refuted := func(n int, at time.Time, class string) (out []models.FindingOutcome) {
		for range n {
			out = append(out, models.FindingOutcome{Rule: models.RuleUnlicensed, Class: class, At: at})
		}
		return out
	}
	for name, c := range map[string]struct {
		allowances []models.Allowance
		outcomes   []models.FindingOutcome
		want       models.Tier
	}{
		"nothing":                        {nil, nil, models.TierInspect},
		"an allowance in force":          {allowed(models.AllowanceActive, "2026-05-01", "2027-05-01", 40_000), nil, models.TierWatch},
		"one that has ended since":       {allowed(models.AllowanceEnded, "2026-05-01", "2026-05-25", 40_000), nil, models.TierWatch},
		"one that had ended by then":     {allowed(models.AllowanceEnded, "2026-05-01", "2026-05-21", 40_000), nil, models.TierInspect},
		"one that began later":           {allowed(models.AllowanceActive, "2026-05-22", "2027-05-01", 40_000), nil, models.TierInspect},
		"one of a smaller load":          {allowed(models.AllowanceActive, "2026-05-01", "2027-05-01", 31_000), nil, models.TierInspect},
		"a rule that was seldom right":   {nil, refuted(9, raised.AddDate(0, 0, -1), "workshop"), models.TierWatch},
		"that was seldom right later":    {nil, refuted(9, raised.AddDate(0, 0, 1), "workshop"), models.TierInspect},
		"that was seldom right of homes": {nil, refuted(9, raised.AddDate(0, 0, -1), "household"), models.TierInspect},
		"that was right long ago":        {nil, refuted(9, raised.AddDate(-4, 0, 0), "workshop"), models.TierInspect},
	} {
		u.Allowances = c.allowances
		f, ours := u.suppose(alert)
		if got := u.lowered(f, alert, c.outcomes); !ours || got.Tier != c.want {
			t.Errorf("%s: tier %s, want %s", name, got.Tier, c.want)
		}
	}
}

func TestWhatIf_KnowsTheWeatherOfThePast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		r, _ := winterHome(t, s, clock, func(*rig) {})
		for _, want := range []models.Tier{models.TierWatch, models.TierInspect} {
			w, err := r.service.AskWhatIf(context.Background(), officer, map[string]float64{"rig_kw": 2.3}, winter, clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			work(t, r.service)
			if w, err = r.service.WhatIf(context.Background(), officer, w.ID); err != nil || len(w.Found.Kept) != 1 || w.Found.Kept[0].Tier != want {
				t.Errorf("kept %+v, want one of tier %s, %v", w.Found.Kept, want, err)
			}
			r.weather(collector, coldWeather(winterDays))
		}
	})
}

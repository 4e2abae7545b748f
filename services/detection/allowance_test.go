package detection

import (
	"context"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

var (
	head        = models.Actor{ID: "u3", Kind: "person", Name: "head", Roles: []models.Role{models.RoleHead}}
	otherHead   = models.Actor{ID: "u4", Kind: "person", Name: "other head", Roles: []models.Role{models.RoleHead}}
	allowedLoad = models.Allowance{Point: "S-B-1", Kind: "cold_store", Reason: "seen by the inspector on 3 May", Limit: 80_000, Until: "2026-12-31"}
)

func TestAllowance_TwoPeopleLowerTheTierOfAShapeAndTheBalanceStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		r := newRig(t, s, clock)
		meters := install(t, s, smallGrid())
		at := r.play(meters)
		tiers := func() map[string]models.Tier {
			out := map[string]models.Tier{}
			for _, f := range r.findings() {
				out[string(f.Rule)+" "+f.TargetCode] = f.Tier
			}
			return out
		}
		before := tiers()
		if _, err := r.service.ProposeAllowance(ctx, auditor, allowedLoad); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("an auditor's proposal gave %v", err)
		}
		for _, bad := range []func(*models.Allowance){func(a *models.Allowance) { a.Reason = " " }, func(a *models.Allowance) { a.Until = "2025-01-01" },
			func(a *models.Allowance) { a.Until = "2031-01-01" }, func(a *models.Allowance) { a.Limit = 0 }, func(a *models.Allowance) { a.Kind = "farm" }, func(a *models.Allowance) { a.Point = "nowhere" }} {
			a := allowedLoad
			bad(&a)
			if _, err := r.service.ProposeAllowance(ctx, officer, a); models.CodeOf(err) != models.CodeInvalid {
				t.Errorf("the proposal %+v gave %v", a, err)
			}
		}
		a, err := r.service.ProposeAllowance(ctx, head, allowedLoad)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.service.ConfirmAllowance(ctx, head, a.ID, "", 0); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("who proposed it confirmed it: %v", err)
		}
		if _, err := r.service.ConfirmAllowance(ctx, officer, a.ID, "", 0); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("an officer confirmed it: %v", err)
		}
		look := func() {
			clock.Set(at.Add(20 * time.Minute))
			at = r.live(meters, clock.Now(), 3*time.Minute)
			markAll(t, r)
			r.look()
		}
		if a, err = r.service.ConfirmAllowance(ctx, otherHead, a.ID, "", a.Version); err != nil || a.State != models.AllowanceActive {
			t.Fatalf("the confirmation gave %s, %v", a.State, err)
		}
		look()
		got := tiers()
		// In S-B-1 about 52 kW run in all; the allowance covers 80.
		if got["unlicensed_draw S-B-1"] != models.TierWatch || before["unlicensed_draw S-B-1"] == "" {
			t.Errorf("the allowed load is of tier %s, before %s", got["unlicensed_draw S-B-1"], before["unlicensed_draw S-B-1"])
		}
		for _, key := range []string{"feeder_balance S-A", "license_overdraw S-B-3", "draw_while_suspended S-B-4"} {
			if got[key] != before[key] || got[key] == "" {
				t.Errorf("%s is of tier %q now, %q before", key, got[key], before[key])
			}
		}
		if _, err := r.service.EndAllowance(ctx, otherHead, a.ID, "", a.Version); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("an end without a reason gave %v", err)
		}
		if _, err := r.service.EndAllowance(ctx, otherHead, a.ID, "the store has closed", a.Version-1); models.CodeOf(err) != models.CodeVersionConflict {
			t.Errorf("an end of an older version gave %v", err)
		}
		if _, err := r.service.EndAllowance(ctx, otherHead, a.ID, "the store has closed", a.Version); err != nil {
			t.Fatal(err)
		}
		r.follow()
		for _, kind := range []string{"allowance.proposed", "allowance.confirmed", "allowance.ended"} {
			if n := r.count(kind); n != 1 {
				t.Errorf("%d entries %s, want 1", n, kind)
			}
		}
	})
}

func TestAllow_TouchesShapesOnlyAndNothingAboveItsLimitOrAfterItsEnd(t *testing.T) {
	shape := models.Finding{Rule: models.RuleUnlicensed, Target: models.Ref{Kind: "connection_point", ID: "p"}, Tier: models.TierInspect,
		Evidence: models.Evidence{Kind: "added_load", Numbers: map[string]float64{"measured_kw": 50}}}
	balance, documented := shape, shape
	balance.Rule, balance.Evidence.Kind = models.RuleBalance, "balance_rise"
	documented.Evidence.Kind = "without_license"
	allowed := models.Allowance{Point: "p", Limit: 60_000, From: "2026-05-01", Until: "2026-06-01", State: models.AllowanceActive}
	ended, small := allowed, allowed
	ended.Until, small.Limit = "2026-05-04", 49_000
	for name, c := range map[string]struct {
		f    models.Finding
		a    models.Allowance
		want models.Tier
	}{"a shape": {shape, allowed, models.TierWatch}, "a balance": {balance, allowed, models.TierInspect}, "a documented limit": {documented, allowed, models.TierInspect},
		"after its end": {shape, ended, models.TierInspect}, "above its limit": {shape, small, models.TierInspect}} {
		found := []models.Finding{c.f}
		allow(Unit{Now: monday, Allowances: []models.Allowance{c.a}}, found)
		if found[0].Tier != c.want {
			t.Errorf("%s: tier %s, want %s", name, found[0].Tier, c.want)
		}
	}
}

func TestRefute_RestsTwoWeeksAndIsOpenedAgainWhileTheCauseLasts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		r := newRig(t, s, clock)
		meters := install(t, s, smallGrid())
		at := r.play(meters)
		f := r.findings()[2]
		if _, err := r.service.Refute(ctx, officer, f.ID, models.Refutation{Kind: "because", Note: "x"}); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("a refutation of no kind gave %v", err)
		}
		got, err := r.service.Refute(ctx, officer, f.ID, models.Refutation{Kind: "license_recorded", Note: "the license is being raised"})
		if err != nil || got.State != models.FindingAcknowledged || !got.Evidence.WatchUntil.Equal(clock.Now().Add(refutedFor)) {
			t.Fatalf("refuted: %s until %s, %v", got.State, got.Evidence.WatchUntil, err)
		}
		if kept, err := r.service.Refutations(ctx, auditor, f.ID); err != nil || len(kept) != 1 || kept[0].Kind != "license_recorded" {
			t.Errorf("recorded are %v, %v", kept, err)
		}
		for _, c := range []struct {
			after time.Duration
			want  models.FindingState
		}{{time.Hour, models.FindingAcknowledged}, {refutedFor + time.Hour, models.FindingOpen}} {
			clock.Set(at.Add(c.after))
			r.live(meters, clock.Now(), 62*time.Minute) // three quarter hours that are over
			markAll(t, r)
			r.look()
			if now := r.findings()[2]; now.ID != f.ID || now.State != c.want {
				t.Errorf("%s later the finding is %s (%s), want %s", c.after, now.State, now.Reason, c.want)
			}
		}
		if _, err := r.service.Watch(ctx, officer, f.ID, "waits for the inspector", clock.Now().Add(91*24*time.Hour)); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("a watch of 91 days gave %v", err)
		}
		if got, err := r.service.Watch(ctx, officer, f.ID, "waits for the inspector", clock.Now().Add(24*time.Hour)); err != nil || got.State != models.FindingAcknowledged {
			t.Errorf("watched: %s, %v", got.State, err)
		}
	})
}

func TestLearn_OutcomesOfCasesMoveThePriorsDownToTheFloorAndNoFurther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		r := newRig(t, s, clock)
		r.play(install(t, s, smallGrid()))
		f := r.findings()[3]
		end := func(kind, id string, confirmed bool) {
			t.Helper()
			if err := s.Update(ctx, func(tx *store.Tx) error {
				_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "case", ID: id}, Actor: officer,
					Body: map[string]any{"subjects": []string{"connection_point:" + f.Target.ID, "finding:" + f.ID}, "confirmed": confirmed, "known": true}})
				return err
			}); err != nil {
				t.Fatal(err)
			}
			r.follow()
		}
		of := func() models.Prior {
			t.Helper()
			all, err := r.service.Priors(ctx, auditor)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range all {
				if p.Rule == models.RuleUnlicensed && p.Class == "workshop" {
					return p
				}
			}
			return models.Prior{}
		}
		end("case.dismissed", "case-1", false)
		if p := of(); p.Refuted != 1 || p.Precision >= 0.8 || p.Precision < 0.7 {
			t.Errorf("after a dismissal the prior is %+v", p)
		}
		by, err := r.service.Precisions(ctx, auditor, "officer")
		if err != nil || len(by) != 1 || by[0].Key != officer.ID || by[0].Refuted != 1 {
			t.Errorf("precision by officer is %+v, %v", by, err)
		}
		end("case.reopened", "case-1", false)
		if p := of(); p.Rule != "" {
			t.Errorf("after the case was reopened the prior is %+v", p)
		}
		end("case.closed", "case-1", true)
		if p := of(); p.Confirmed != 1 || p.Refuted != 0 || p.Precision <= 0.8 {
			t.Errorf("after a conviction the prior is %+v", p)
		}
	})
	var refuted []models.FindingOutcome
	for range 40 {
		refuted = append(refuted, models.FindingOutcome{Rule: models.RuleUnlicensed, Class: "workshop"})
	}
	for n, want := range map[int]models.Tier{5: models.TierInspect, 40: models.TierWatch} {
		found := []models.Finding{{Rule: models.RuleUnlicensed, Target: models.Ref{ID: "p"}, Tier: models.TierInspect, Evidence: models.Evidence{Kind: "added_load"}},
			{Rule: models.RuleOverdraw, Target: models.Ref{ID: "p"}, Tier: models.TierAct}}
		capTiers(Unit{Points: []Point{{ConnectionPoint: models.ConnectionPoint{ID: "p", DeclaredUse: "workshop"}}}, Priors: priorsOf(refuted[:n])}, found)
		if found[0].Tier != want || found[1].Tier != models.TierAct {
			t.Errorf("after %d refuted findings the tiers are %s and %s, want %s and A", n, found[0].Tier, found[1].Tier, want)
		}
	}
}

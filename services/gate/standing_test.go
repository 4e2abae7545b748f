package gate

import (
	"slices"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

func person(id string) models.Actor {
	return models.Actor{ID: id, Kind: "person", Name: id, Roles: []models.Role{models.RoleOfficer}}
}

// stand records a standing fact from now on, by the officer o1.
func (w *world) stand(f models.StandingFact) models.StandingFact {
	w.t.Helper()
	if f.From.IsZero() {
		f.From = w.clock.Now()
	}
	f.Document = "No 1"
	out, err := w.gate.RecordStanding(w.ctx, person("o1"), f)
	w.must(err)
	return out
}

func TestStanding_EachKindReachesTheGateUntilItEnds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, c := range []struct {
			fact models.StandingFact
			want models.ReasonCode
		}{
			{models.StandingFact{Kind: models.StandingCurtailment, Scope: models.ScopePoint, ScopeID: pointCode}, "CURTAILED"},
			{models.StandingFact{Kind: models.StandingCurtailment, Scope: models.ScopeFeeder, ScopeID: "PS12-F03", Power: 899_999}, "CURTAILED"},
			{models.StandingFact{Kind: models.StandingCurtailment, Scope: models.ScopeGrid, MiningOnly: true}, "CURTAILED"},
			{models.StandingFact{Kind: models.StandingHold, Scope: models.ScopeParty, ScopeID: holderBin}, "LEGAL_HOLD"},
			{models.StandingFact{Kind: models.StandingHold, Scope: models.ScopePoint, ScopeID: pointCode}, "LEGAL_HOLD"},
			{models.StandingFact{Kind: models.StandingHold, Scope: models.ScopeLicense, ScopeID: w.license.Number}, "LEGAL_HOLD"},
			{models.StandingFact{Kind: models.StandingSuspect, Scope: models.ScopePoint, ScopeID: pointCode}, "SUSPECT_PREMISES"},
			{models.StandingFact{Kind: models.StandingClaim, Scope: models.ScopePoint, ScopeID: pointCode, Claimant: otherBin}, "CP_CLAIMED"},
			{models.StandingFact{Kind: models.StandingTransfer, Scope: models.ScopeSubstation, ScopeID: "PS12"}, "CP_NOT_IN_SERVICE_AREA"},
		} {
			f := w.stand(c.fact)
			if a := w.check(w.request()); !slices.Contains(codes(a), c.want) || a.Decision == models.OutcomePermit {
				t.Errorf("%s of a %s: %s %v, want %s", c.fact.Kind, c.fact.Scope, a.Decision, codes(a), c.want)
			}
			_, err := w.gate.EndStanding(w.ctx, person("o2"), f.ID, "settled")
			w.must(err)
		}
		if a := w.check(w.request()); a.Decision != models.OutcomePermit {
			t.Errorf("after the end of all: %s %v", a.Decision, codes(a))
		}
	})
}

func TestStanding_SupplyByHourDeniesTheOtherHoursAndEndsThePermit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		hour := w.clock.Now().Add(models.LegalOffset).Hour()
		w.stand(models.StandingFact{Kind: models.StandingSupply, Scope: models.ScopeLicense, ScopeID: w.license.Number, Source: "auction",
			Hours: 1<<hour | 1<<((hour+1)%24), Power: 900_000})
		want := w.clock.Now().Truncate(time.Hour).Add(2 * time.Hour)
		if a := w.check(w.request()); a.Decision != models.OutcomePermit || !a.ValidUntil.Equal(want) {
			t.Errorf("in a supplied hour: %s until %s %v, want permit until %s", a.Decision, a.ValidUntil, a.Reasons, want)
		}
		r := w.request()
		r.PlannedAt = want
		if got := codes(w.check(r)); !slices.Contains(got, "NO_SUPPLY_BASIS") {
			t.Errorf("in the hour after: %v", got)
		}
	})
}

func TestStanding_WhatWasEverSuppliedByHourStaysSo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		f := w.stand(models.StandingFact{Kind: models.StandingSupply, Scope: models.ScopePoint, ScopeID: pointCode, Source: "import", Hours: models.AllHours})
		if a := w.check(w.request()); a.Decision != models.OutcomePermit {
			t.Fatalf("%s: %v", a.Decision, a.Reasons)
		}
		_, err := w.gate.EndStanding(w.ctx, person("o1"), f.ID, "the contract is over")
		w.must(err)
		if got := codes(w.check(w.request())); !slices.Contains(got, "NO_SUPPLY_BASIS") {
			t.Errorf("after the end: %v, want NO_SUPPLY_BASIS", got)
		}
	})
}

func TestStanding_ACurtailmentToComeEndsThePermitAndForbidsItsConfirmation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		begins := w.clock.Now().Add(3 * time.Hour)
		w.stand(models.StandingFact{Kind: models.StandingCurtailment, Scope: models.ScopeSubstation, ScopeID: "PS12", From: begins})
		a := w.check(w.request())
		if a.Decision != models.OutcomePermit || !a.ValidUntil.Equal(begins) {
			t.Fatalf("%s until %s, want permit until %s", a.Decision, a.ValidUntil, begins)
		}
		w.stand(models.StandingFact{Kind: models.StandingHold, Scope: models.ScopeSite, ScopeID: "S-1"})
		w.stand(models.StandingFact{Kind: models.StandingHold, Scope: models.ScopeLicense, ScopeID: w.license.Number})
		_, err := w.gate.Confirm(w.ctx, w.pres, a.ID, Confirmation{EnergisedAt: w.clock.Now(), Power: 900_000, MeterSerial: "SN-" + pointCode, SwitchingOrder: "SO-1"})
		if models.CodeOf(err) != models.CodeConflict {
			t.Errorf("confirmed under a legal hold: %v", err)
		}
	})
}

func TestStanding_IsRefusedWhenWrongAndEndedOnceByAnotherPerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, f := range map[string]models.StandingFact{
			"a kind that is none":       {Kind: "rumour", Scope: models.ScopePoint, ScopeID: pointCode},
			"a scope of another kind":   {Kind: models.StandingClaim, Scope: models.ScopeGrid, Claimant: otherBin},
			"an unknown point":          {Kind: models.StandingHold, Scope: models.ScopePoint, ScopeID: "NOWHERE"},
			"an id for a code":          {Kind: models.StandingTransfer, Scope: models.ScopeFeeder, ScopeID: w.feeder.ID},
			"a wrong BIN":               {Kind: models.StandingHold, Scope: models.ScopeParty, ScopeID: "210440038888"},
			"a supply without hours":    {Kind: models.StandingSupply, Scope: models.ScopePoint, ScopeID: pointCode, Source: "auction"},
			"an end before its begin":   {Kind: models.StandingHold, Scope: models.ScopePoint, ScopeID: pointCode, Until: w.clock.Now().Add(-time.Hour)},
			"a claim without claimant":  {Kind: models.StandingClaim, Scope: models.ScopePoint, ScopeID: pointCode},
			"a power of a hold":         {Kind: models.StandingHold, Scope: models.ScopePoint, ScopeID: pointCode, Power: 1},
			"a grid that leaves a part": {Kind: models.StandingCurtailment, Scope: models.ScopeGrid, Power: 1},
		} {
			f.From, f.Document = w.clock.Now(), "No 1"
			if _, err := w.gate.RecordStanding(w.ctx, person("o1"), f); models.CodeOf(err) != models.CodeInvalid {
				t.Errorf("%s: %v, want invalid", name, err)
			}
		}
		hold := w.stand(models.StandingFact{Kind: models.StandingHold, Scope: models.ScopePoint, ScopeID: pointCode})
		if _, err := w.gate.EndStanding(w.ctx, person("o1"), hold.ID, "never mind"); models.CodeOf(err) != models.CodeFourEyes {
			t.Errorf("ended by who recorded it: %v", err)
		}
		forced := hold
		forced.EndedBy, forced.Ended, forced.EndReason = "o1", w.clock.Now(), "forced"
		if err := w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.EndStanding(forced) }); err == nil {
			t.Error("the database took an end by who recorded it")
		}
		if _, err := w.gate.EndStanding(w.ctx, w.pres, hold.ID, "ours"); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("ended by a utility: %v", err)
		}
		_, err := w.gate.EndStanding(w.ctx, person("o2"), hold.ID, "lifted by the court")
		w.must(err)
		if _, err := w.gate.EndStanding(w.ctx, person("o3"), hold.ID, "again"); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("ended twice: %v", err)
		}
		all, err := w.gate.StandingFacts(w.ctx, person("o3"), store.StandingFilter{}, store.Page{})
		if err != nil || len(all) != 1 || all[0].EndReason != "lifted by the court" {
			t.Errorf("%+v, %v", all, err)
		}
		holds, err := w.gate.StandingFacts(w.ctx, person("o3"), store.StandingFilter{HoldsAt: w.clock.Now()}, store.Page{})
		if err != nil || len(holds) != 0 {
			t.Errorf("holds still: %+v, %v", holds, err)
		}
	})
}

func TestStanding_AnUnsealedLedgerAndAClockThatRunsBehindAreReferred(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.clock.Advance(6 * time.Minute)
		w.read(pointCode, 0)
		if a := w.check(w.request()); a.Decision != models.OutcomeRefer || !slices.Contains(codes(a), "REGISTRY_STALE") {
			t.Errorf("with entries unsealed for 6 minutes: %s %v", a.Decision, codes(a))
		}
		_, err := w.log.Seal(w.ctx)
		w.must(err)
		if a := w.check(w.request()); slices.Contains(codes(a), "REGISTRY_STALE") {
			t.Errorf("after the seal: %v", codes(a))
		}
		w.clock.Advance(-10 * time.Minute)
		if a := w.check(w.request()); a.Decision == models.OutcomePermit || !slices.Contains(codes(a), "REGISTRY_STALE") {
			t.Errorf("with the clock 10 minutes behind the ledger: %s %v", a.Decision, codes(a))
		}
	})
}

package gate

import (
	"slices"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// followInsiders seals and does what the follower does with everything it has not seen.
func (w *world) followInsiders() {
	w.t.Helper()
	_, err := w.log.Seal(w.ctx)
	w.must(err)
	w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
		from, err := tx.FollowerPosition("gate.insiders")
		if err != nil {
			return err
		}
		batch, err := tx.SealedEntries(from, 1000, store.EntryFilter{})
		if err != nil {
			return err
		}
		if err := w.gate.followInsiders(w.ctx, tx, batch); err != nil {
			return err
		}
		return tx.SetFollowerPosition("gate.insiders", from+int64(len(batch)))
	}))
}

func (w *world) insiders(f store.FindingFilter) (out []models.Finding) {
	w.t.Helper()
	w.must(w.store.View(w.ctx, func(tx *store.Tx) (err error) {
		out, err = tx.Findings(f, store.Page{})
		return err
	}))
	return out
}

func TestInsiders_RefusalsUntilAPermitAreOneFindingThatItsUtilityDoesNotSee(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		wrong, right := w.request(), w.request()
		right.Requested = 100_000
		wrong.Requested = 5_000_000
		for range 4 {
			if a := w.check(wrong); a.Decision == models.OutcomePermit {
				t.Fatal("more than the point may carry was permitted")
			}
			w.clock.Advance(time.Minute)
		}
		if a := w.check(right); a.Decision != models.OutcomePermit {
			t.Fatalf("the control: %+v", a)
		}
		w.followInsiders()
		if got := w.insiders(store.FindingFilter{}); len(got) != 0 {
			t.Fatalf("four refusals and a permit raised %+v", got)
		}
		w.check(wrong)
		w.clock.Advance(time.Minute)
		w.check(right)
		w.followInsiders()
		got := w.insiders(store.FindingFilter{})
		if len(got) != 1 || got[0].Rule != models.RuleInsiderBurst || len(got[0].Evidence.Entries) != 6 || !slices.IsSorted(got[0].Evidence.Entries) {
			t.Fatalf("%+v, want one finding with six entries", got)
		}
		w.followInsiders()
		if again := w.insiders(store.FindingFilter{}); len(again) != 1 || again[0].Version != got[0].Version {
			t.Errorf("nothing new changed the finding: %+v", again)
		}
		if hidden := w.insiders(store.FindingFilter{NoInsiders: true}); len(hidden) != 0 {
			t.Errorf("it is listed for people who may not see it: %+v", hidden)
		}
		w.must(w.store.View(w.ctx, func(tx *store.Tx) error {
			feed, err := tx.SealedEntries(0, 1000, store.EntryFilter{Utility: &got[0].Utility, Kinds: []string{"finding.raised", "finding.updated"}})
			if len(feed) != 0 {
				t.Error("the utility sees the finding in its feed")
			}
			return err
		}))
	})
}

func TestInsiders_ALoadReportedOnNoPermitIsAnEntryOnceAndTwoAreAFinding(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		report := func(check string) error {
			_, err := w.gate.Confirm(w.ctx, w.pres, check, Confirmation{EnergisedAt: w.clock.Now(), Power: 80_000, MeterSerial: "SN-" + pointCode, SwitchingOrder: "SO-1"})
			return err
		}
		wrong := w.request()
		wrong.Requested = 5_000_000
		denied := w.check(wrong)
		for range 3 {
			if err := report(denied.ID); models.CodeOf(err) != models.CodeConflict {
				t.Fatalf("a report on a deny: %v", err)
			}
		}
		if _, err := w.gate.Confirm(w.ctx, w.rival, denied.ID, Confirmation{EnergisedAt: w.clock.Now(), Power: 1}); models.CodeOf(err) != models.CodeNotFound {
			t.Fatalf("another utility's report: %v", err)
		}
		w.followInsiders()
		if n := w.entries("gate.confirmation_refused"); n != 1 || len(w.insiders(store.FindingFilter{})) != 0 {
			t.Fatalf("%d entries and %d findings, want one entry and none", n, len(w.insiders(store.FindingFilter{})))
		}
		permit := w.check(w.request())
		w.clock.Advance(60 * 24 * time.Hour)
		_ = report(permit.ID) // it is refused: the permit lapsed
		w.followInsiders()
		if got := w.insiders(store.FindingFilter{Rule: string(models.RuleInsiderUnmet)}); len(got) != 0 {
			t.Fatalf("a report two months after the other: %+v", got)
		}
		_ = report(w.check(wrong).ID)
		w.followInsiders()
		got := w.insiders(store.FindingFilter{Rule: string(models.RuleInsiderUnmet)})
		if len(got) != 1 || len(got[0].Evidence.Entries) != 2 || got[0].TargetCode != pointCode {
			t.Errorf("after two reports: %+v", got)
		}
	})
}

func TestInsiders_ALoadOnAListThatNobodyPermittedIsAFindingAndAPermittedOneIsNot(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.point("PS12-F03-CP002")
		w.check(w.request()) // the first point has a permit
		w.list(models.ListedPoint{Code: pointCode, Load: 900_000}, models.ListedPoint{Code: "PS12-F03-CP002", Load: 50_000})
		w.followInsiders()
		got := w.insiders(store.FindingFilter{})
		if len(got) != 1 || got[0].Rule != models.RuleInsiderUnchecked || got[0].TargetCode != "PS12-F03-CP002" || len(got[0].Evidence.Entries) != 1 {
			t.Fatalf("%+v, want one finding at the second point", got)
		}
		w.clock.Advance(time.Hour)
		w.list(models.ListedPoint{Code: pointCode, Load: 900_000}, models.ListedPoint{Code: "PS12-F03-CP002", Load: 50_000})
		w.followInsiders()
		if again := w.insiders(store.FindingFilter{}); len(again) != 1 || again[0].Version != got[0].Version {
			t.Errorf("the next list with the same load changed it: %+v", again)
		}
	})
}

func TestInsiders_APermitForAnotherApplicantAfterARefusalIsAFinding(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		wrong := w.request()
		wrong.Applicant = otherBin
		if a := w.check(wrong); a.Decision != models.OutcomeDeny {
			t.Fatalf("a strange applicant: %+v", a)
		}
		w.followInsiders()
		if got := w.insiders(store.FindingFilter{}); len(got) != 0 {
			t.Fatalf("a refusal alone raised %+v", got)
		}
		w.clock.Advance(time.Minute)
		w.check(w.request())
		w.followInsiders()
		got := w.insiders(store.FindingFilter{})
		if len(got) != 1 || got[0].Rule != models.RuleInsiderApplicant || len(got[0].Evidence.Entries) != 2 {
			t.Errorf("%+v, want one finding with the refusal and the permit", got)
		}
	})
}

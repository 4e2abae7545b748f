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
		wrong.Applicant = "190640001019"
		for range 4 {
			if a := w.check(wrong); a.Decision == models.OutcomePermit {
				t.Fatal("a strange applicant was permitted")
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

package licensing_test

import (
	"sync"
	"testing"

	"rigistry/models"
	"rigistry/services/store"
)

func TestSign_OnePointHasOneLicenseAmong64(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		const n = 64
		drafts := make([]models.Application, 0, n)
		for range n {
			p := r.party(nil)
			drafts = append(drafts, r.drafted(request(p, r.site(p.ID, "PS12-F03-CP007")), models.OutcomeGrant))
		}
		var wg sync.WaitGroup
		errs := make([]error, n)
		for i, a := range drafts {
			wg.Go(func() { _, errs[i] = r.Sign(r.ctx, head, a.ID, a.Version) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if models.CodeOf(err) != models.CodeConflict {
				t.Errorf("a loser got %v, want a conflict", err)
			}
		}
		list, _ := must2(r.Licenses(r.ctx, head, store.LicenseFilter{ConnectionPoint: "PS12-F03-CP007"}, store.Page{}))
		if won != 1 || len(list) != 1 || list[0].Number[7:] != "00000001" {
			t.Errorf("%d signatures succeeded and %d licenses hold the point (%v), want 1", won, len(list), list)
		}
	})
}

func TestSign_TheIndexItselfKeepsOneLicenseForAPoint(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l, other := r.licensed("CP1"), r.licensed("CP2")
		other.Version++
		other.Sites[0].ConnectionPoints = []string{"CP1"}
		put := func(tx *store.Tx) error { return tx.InsertLicense(other) }
		wantCode(t, "a second license in force for a point", r.store.Update(r.ctx, put), models.CodeConflict)
		r.done(l.Number, models.RevocationAct, "COURT", 0)
		if err := r.store.Update(r.ctx, put); err != nil {
			t.Errorf("after the first one was revoked: %v", err)
		}
	})
}

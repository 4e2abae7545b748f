package licensing_test

import (
	"testing"

	"rigistry/models"
	"rigistry/services/store"
)

func TestTolling_MovesEveryDueDateOnceSomebodyElseConfirms(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		a, _ := r.inReview("CP1")
		r.clock.Set(almaty("2026-03-03 10:00"))
		a = must(r.AskAgency(r.ctx, officer, a.ID, a.Version, models.Request{Agency: "Akimat", Text: "?"}))
		waiting, req := r.inReview("CP2") // registered on 3 March
		waiting = must(r.AskCorrection(r.ctx, officer, waiting.ID, waiting.Version, feeItem, 5))
		period := models.Tolling{From: "2026-03-10", Until: "2026-03-12", Reason: "The portal is down", LegalRef: "Order 7"}
		_, err := r.ProposeTolling(r.ctx, clerk, period)
		wantCode(t, "a clerk's proposal", err, models.CodeForbidden)
		p := must(r.ProposeTolling(r.ctx, both, period))
		_, err = r.ConfirmTolling(r.ctx, both, p.ID)
		wantCode(t, "confirming one's own proposal", err, models.CodeFourEyes)
		if got := must(r.Application(r.ctx, officer, a.ID)); got.Due != "2026-03-27" {
			t.Errorf("a proposal moved the due date to %s", got.Due)
		}
		must(r.ConfirmTolling(r.ctx, head, p.ID))
		_, err = r.ConfirmTolling(r.ctx, head, p.ID)
		wantCode(t, "a second confirmation", err, models.CodeConflict)

		// 10 and 11 March fall out: 27 March becomes 31 March, 18 March the 20th, 11 March the 13th.
		got := must(r.Application(r.ctx, officer, a.ID))
		if got.Due != "2026-03-31" || got.Version != a.Version {
			t.Errorf("due %s at version %d, want 2026-03-31 at %d", got.Due, got.Version, a.Version)
		}
		if due := must(r.Requests(r.ctx, officer, a.ID))[0].Due; due != "2026-03-20" {
			t.Errorf("the agency answers by %s, want 2026-03-20", due)
		}
		q := must(r.Requests(r.ctx, officer, waiting.ID))[0]
		if q.Due != "2026-03-13" {
			t.Errorf("the applicant answers by %s, want 2026-03-13", q.Due)
		}
		r.clock.Set(almaty("2026-03-10 00:00"))
		if d := must(r.Describe(r.ctx, got))[0]; d.Term.Waiting != models.PauseTolling || d.Term.Running || d.Term.Used != 4 || d.Term.Due != "2026-03-31" {
			t.Errorf("in the period the clock shows %+v", d.Term)
		}
		req.FeeDocument = "PP-2"
		waiting = must(r.Correct(r.ctx, clerk, waiting.ID, waiting.Version, q.ID, req, ""))
		// Registered on 3 March, due 30 March; 3 to 9 March stood (4, 5, 6 fell out), 10 and 11 were tolled.
		if waiting.Due != "2026-04-06" {
			t.Errorf("answered in the period: due %s, want 2026-04-06", waiting.Due)
		}
		events := must(r.ClockEvents(r.ctx, officer, waiting.ID))
		if len(events) != 3 || events[1].Kind != "stood" || events[2].Kind != "tolled" || !events[2].Until.Equal(almaty("2026-03-12 00:00")) {
			t.Errorf("the clock's ledger = %+v", events)
		}
		for _, kind := range []string{"tolling.proposed", "tolling.confirmed"} {
			if n := len(r.entries(kind)); n != 1 {
				t.Errorf("%d entries %s, want 1", n, kind)
			}
		}
		applicant := models.Actor{ID: "u-me", Kind: "person", Roles: []models.Role{models.RoleApplicant}, Party: a.Applicant}
		must(r.ProposeTolling(r.ctx, officer, models.Tolling{From: "2026-05-01", Until: "2026-05-02", Reason: "x", LegalRef: "y"}))
		seen, names, err := r.Tollings(r.ctx, applicant)
		if err != nil || len(seen) != 1 || seen[0].ProposedBy != "" || len(names) > 1 {
			t.Errorf("an applicant sees %+v %v (%v)", seen, names, err)
		}
	})
}

func TestTolling_TheDatabaseItselfKeepsFourEyes(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := must(r.ProposeTolling(r.ctx, head, models.Tolling{From: "2026-05-01", Until: "2026-05-02", Reason: "x", LegalRef: "y"}))
		p.State, p.DecidedBy, p.DecidedAt, p.Version = models.TollingConfirmed, head.ID, r.clock.Now(), 2
		err := r.store.Update(r.ctx, func(tx *store.Tx) error { return tx.DecideTolling(p) })
		wantCode(t, "a period confirmed by its proposer", err, models.CodeConflict)
	})
}

package gate

import (
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

func TestGate_RefersForAnOverdueObligationFromLocalMidnightUntilItIsAccepted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		o := models.Obligation{ID: "o1", Kind: models.ObligationReport, License: w.license.Number, Party: "party1", Period: "2025-Q4", From: "2025-10-01",
			Until: "2026-01-01", LawDue: "2026-03-02", Due: "2026-03-02", LegalRef: "law", Grade: "S", DayOff: models.DayOffNext, BlocksGate: true,
			State: models.ObligationOpen, Created: w.clock.Now(), Updated: w.clock.Now(), Version: 1}
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
			_, err := tx.AddObligationReference(store.ObligationReference{Rules: []models.ObligationRule{{Code: o.Kind, Period: models.PeriodQuarter, DueDay: 10,
				DayOff: models.DayOffNext, LegalRef: "law", Grade: "S", Text: models.Text{Kk: "Есеп", Ru: "Отчёт", En: "Report"}, ValidFrom: "2023-01-01"}}})
			if err == nil {
				_, err = tx.InsertObligation(o)
			}
			return err
		}))
		facts := func() (f models.Facts) {
			t.Helper()
			w.must(w.store.View(w.ctx, func(tx *store.Tx) (err error) {
				f, err = factLoader{tx: tx}.load(w.pres.Utility, models.CheckRequest{ConnectionPoint: pointCode, Applicant: holderBin, Requested: 100_000,
					Purpose: models.PurposeMining, Event: models.EventNewConnection})
				return err
			}))
			return f
		}
		if n := len(facts().Overdue); n != 0 {
			t.Errorf("%d overdue on the last day, want 0", n)
		}
		midnight, err := models.StartOfDay("2026-03-03")
		w.must(err)
		w.clock.Set(midnight)
		f := facts()
		reasons := w.gate.reasons(models.Decide(f, models.CheckRequest{ConnectionPoint: pointCode, Applicant: holderBin, Requested: 100_000,
			Purpose: models.PurposeMining, Event: models.EventNewConnection}, w.clock.Now(), w.gate.params).Reasons, "ru")
		named := false
		for _, r := range reasons {
			named = named || r.Code == models.ReasonOpenRemedyOrder && strings.Contains(r.Text, "Отчёт 2025-Q4 (02.03.2026)")
		}
		if !named {
			t.Errorf("reasons = %+v, want OPEN_REMEDY_ORDER that names the report", reasons)
		}
		late, err := o.Hand(models.Handed{Energy: []models.SourceEnergy{{Source: "auction"}}, Document: "R"}, 8,
			models.Actor{ID: "h", Roles: []models.Role{models.RoleApplicant}}, w.clock.Now())
		w.must(err)
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.UpdateObligation(late) }))
		if n := len(facts().Overdue); n != 1 {
			t.Errorf("handed in late: %d in the way, want 1", n)
		}
		done, err := late.Accept(models.Actor{ID: "o"}, w.clock.Now().Add(time.Minute))
		w.must(err)
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
			if err := tx.UpdateObligation(done); err != nil {
				return err
			}
			left, err := tx.BlockingObligations(o.License)
			if err == nil && len(left) != 0 {
				t.Errorf("%d in the way within the transaction of the acceptance, want 0", len(left))
			}
			return err
		}))
		if n := len(facts().Overdue); n != 0 {
			t.Errorf("accepted: %d in the way, want 0", n)
		}
	})
}

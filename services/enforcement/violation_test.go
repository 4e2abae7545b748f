package enforcement_test

import (
	"context"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func TestViolation_FromProtocolToPaymentWithThePenaltyOfTheDayOfTheOffence(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, ctx := office(t, s, 1), context.Background()
		err := s.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.AddReference(store.Reference{Values: []models.LegalValue{
				{Code: models.ValueMCI, Value: 393_200, Unit: "tiyn", LegalRef: "t", Grade: "R", ValidFrom: "2025-01-01", ValidUntil: "2026-01-01"},
				{Code: models.ValueMCI, Value: 432_500, Unit: "tiyn", LegalRef: "t", Grade: "R", ValidFrom: "2026-01-01"}}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		m, err := svc.Open(ctx, officer, tip(80), mill)
		if err != nil {
			t.Fatal(err)
		}
		draw := models.Violation{Article: "463", Part: "1", Subject: models.PenaltySmall, Name: "Aman Serikov", OffenceOn: "2025-12-30", Protocol: "PR-1", ProtocolOn: "2026-03-01"}
		w, err := svc.Draw(ctx, officer, m.Case.ID, draw)
		if err != nil {
			t.Fatal(err)
		}
		x := w.Violation
		if x.Fine != 25*393_200 || x.Early != x.Fine/2 || x.EarlyBy != "2026-03-08" || !x.Confiscate || x.State != models.ViolationProtocol {
			t.Fatalf("drawn: %+v, want the index of 2025 and half of it within seven days", x)
		}
		for name, wrong := range map[string]func(*models.Violation){"an unknown article": func(v *models.Violation) { v.Article = "1" },
			"an offence after its protocol": func(v *models.Violation) { v.OffenceOn = "2026-03-02" }, "nobody": func(v *models.Violation) { v.Name = " " }} {
			bad := draw
			bad.Protocol = "PR-2"
			wrong(&bad)
			if _, err := svc.Draw(ctx, officer, m.Case.ID, bad); models.CodeOf(err) != models.CodeInvalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := svc.Draw(ctx, officer, m.Case.ID, draw); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("one protocol made two violations: %v", err)
		}
		if _, err := svc.Impose(ctx, officer, x.ID, "D-1", "2026-03-02", 0); models.CodeOf(err) != models.CodeFourEyes {
			t.Errorf("who drew up the protocol decided on it: %v", err)
		}
		if w, err = svc.Impose(ctx, head, x.ID, "D-1", "2026-03-02", 1); err != nil || w.Violation.Due != "2026-04-01" {
			t.Fatalf("imposed: %+v %v", w.Violation, err)
		}
		clock.Advance(31 * 24 * time.Hour)
		if w, err = svc.Pay(ctx, officer, x.ID, models.ViolationPayment{On: "2026-04-02", Amount: x.Early, Number: "PAY-1"}, 0); err != nil || w.Violation.State != models.ViolationImposed || !w.Violation.Overdue("2026-04-02") {
			t.Fatalf("half came late: %+v %v", w.Violation, err)
		}
		if _, err := svc.Pay(ctx, officer, x.ID, models.ViolationPayment{On: "2026-04-02", Amount: 1, Number: "PAY-1"}, 0); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("one payment was taken twice: %v", err)
		}
		if _, err := svc.FileAppeal(ctx, officer, x.ID, "A-1", "2026-04-02", 0); err != nil {
			t.Fatal(err)
		}
		if w, err = svc.EndAppeal(ctx, head, x.ID, "changed", x.Early, 0); err != nil || w.Violation.State != models.ViolationPaid || len(w.Payments) != 1 {
			t.Fatalf("changed to what was paid: %+v %v", w.Violation, err)
		}
		r, err := svc.Report(ctx, auditor, "2026")
		if err != nil {
			t.Fatal(err)
		}
		total := r.Total()
		if total.Opened != 1 || total.Fines != 1 || total.Fined != x.Early || total.Paid != x.Early || total.Found != 80_000 || r.Months()[3].Paid != x.Early {
			t.Errorf("the report says %+v", total)
		}
		entries := 0
		err = s.View(ctx, func(tx *store.Tx) error {
			all, err := tx.UnsealedEntries(1000)
			entries = 0
			for _, e := range all {
				if e.Subject.Kind == "violation" {
					entries++
				}
			}
			return err
		})
		if err != nil || entries != 5 {
			t.Errorf("the ledger has %d entries about the violation, want 5 (%v)", entries, err)
		}
	})
}

func TestViolation_PaidInTimeHalfOfItSuffices(t *testing.T) {
	rule := models.PenaltyRule{Article: "463", Part: "1", MCI: 10, EarlyPercent: 50, EarlyDays: 7, PayDays: 30, ValidFrom: "2023-01-01"}
	at := time.Date(2026, 3, 9, 6, 0, 0, 0, time.UTC)
	for on, want := range map[string]models.ViolationState{"2026-03-08": models.ViolationPaid, "2026-03-09": models.ViolationImposed} {
		x, err := models.DrawViolation(models.Violation{Name: "A", OffenceOn: "2026-03-01", Protocol: "1", ProtocolOn: "2026-03-01"}, rule, 400_000, officer, at)
		if err != nil {
			t.Fatal(err)
		}
		x, _, err = x.Pay(models.ViolationPayment{On: on, Amount: 2_000_000, Number: "1"}, officer, at)
		if err != nil {
			t.Fatal(err)
		}
		if x, err = x.Impose("D", "2026-03-09", 30, head, at); err != nil || x.State != want {
			t.Errorf("half paid on %s: %s, want %s (%v)", on, x.State, want, err)
		}
	}
}

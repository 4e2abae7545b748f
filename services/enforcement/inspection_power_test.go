package enforcement_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func TestReview_LaysThePowerThatAVisitFoundBesideWhatIsAllowed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		ctx := context.Background()
		rigsAt(t, s)
		err := s.Update(ctx, func(tx *store.Tx) error {
			for _, err := range []error{
				tx.InsertUtility(models.Utility{ID: "u-north", Code: "U1", NameKk: "U", NameRu: "U", NameEn: "U", Bin: "000440038881", Version: 1}),
				tx.InsertSubstation(models.Substation{ID: "ss", Code: "PS1", Utility: "u-north", Name: "PS", VoltKV: 110, Limit: 9_000_000, Kato: "551010000", Version: 1}),
				tx.InsertFeeder(models.Feeder{ID: "fd", Code: "F01", Substation: "ss", Utility: "u-north", VoltKV: 10, Limit: 1_000_000, Version: 1}),
				tx.InsertConnectionPoint(models.ConnectionPoint{ID: "cp", Code: "PS1-F01-CP1", Feeder: "fd", Utility: "u-north", Site: "s1",
					State: models.ConnectionEnergised, Permitted: 12_000, Version: 1}),
			} {
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		v, err := svc.PlanInspection(ctx, head, models.Inspection{Kind: models.InspectionOutOfTurn, Title: "Hall", Site: "s1", Address: "Өскемен, Зауыт 4",
			PlannedOn: models.LegalDate(clock.Now()), Lead: inspector.ID})
		if err != nil {
			t.Fatal(err)
		}
		p := newPhone(t, svc, inspector)
		wrong := p.event("e3", v.Inspection.ID, "reading.taken", clock.Now(), map[string]any{"meter": "4711", "how": "clamp", "quantity": "power", "value": 99.0, "unit": "kW", "phase": "L1"})
		events := []enforcement.SignedEvent{
			p.event("e1", v.Inspection.ID, "serial.scanned", clock.Now(), map[string]any{"serial": "A-1", "rack": "R1"}),
			p.event("e2", v.Inspection.ID, "reading.taken", clock.Now(), map[string]any{"meter": "4711", "how": "display", "quantity": "power", "value": 3.25, "unit": "kW"}),
			wrong,
			p.event("e4", v.Inspection.ID, "event.voided", clock.Now(), map[string]any{"event": "e3", "reason": "mistake"}),
			p.event("e5", v.Inspection.ID, "reading.taken", clock.Now(), map[string]any{"meter": "4711", "how": "clamp", "quantity": "power", "value": 12.5, "unit": "kW", "phase": "L2"}),
		}
		if _, refused, err := svc.ReceiveEvents(ctx, inspector, events); err != nil || len(refused) > 0 {
			t.Fatalf("refused %+v, %v", refused, err)
		}
		r, err := svc.Review(ctx, head, v.Inspection.ID)
		if err != nil {
			t.Fatal(err)
		}
		want := []models.PowerLine{
			{Source: models.PowerPermitted, Power: 12_000},
			{Source: models.PowerDeclared, Power: 10_200, Rigs: 3},
			{Source: models.PowerFound, Power: 3_400, Rigs: 1},
			{Source: models.PowerDisplay, Meter: "4711", Power: 3_250},
			{Source: models.PowerClamp, Meter: "4711", Power: 12_500, Part: true, Over: true},
		}
		if diff := cmp.Diff(want, r.Power); diff != "" {
			t.Error(diff)
		}
	})
}

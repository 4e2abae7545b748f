package licensing_test

import (
	"context"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func TestReference_TwoPeopleChangeTheLawFromADayToComeAndThePastStaysAsItWas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		law := licensing.New(st)
		if _, err := law.Seed(ctx); err != nil {
			t.Fatal(err)
		}
		one := models.Actor{ID: "u1", Kind: "person", Name: "One", Roles: []models.Role{models.RoleOfficer}}
		two := models.Actor{ID: "u2", Kind: "person", Name: "Two", Roles: []models.Role{models.RoleHead}}
		change := models.ReferenceChange{Kind: models.RefValues, Note: "budget of 2027", Lines: []models.ReferenceLine{{Op: models.ReferenceAdd, From: "2027-01-01",
			Values: map[string]string{"code": "mci", "value": "450000", "unit": "tiyn", "legal_ref": "budget", "grade": "S"}}}}
		preview, err := law.PreviewReference(ctx, one, change)
		if err != nil || len(preview.Fees) != 2 || preview.Fees[0].Before != 2000*432500 || preview.Fees[0].After != 2000*450000 {
			t.Fatalf("preview %+v (%v), want the fee of sub-type I from 8,650,000 to 9,000,000 tenge", preview, err)
		}
		proposed, err := law.ProposeReference(ctx, one, change)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := law.ConfirmReference(ctx, one, proposed.ID, proposed.Version); models.CodeOf(err) != models.CodeFourEyes {
			t.Fatalf("the proposer confirmed: %v", err)
		}
		before := clock.Now()
		clock.Advance(time.Minute)
		confirmed, err := law.ConfirmReference(ctx, two, proposed.ID, proposed.Version)
		if err != nil || confirmed.State != models.ReferenceConfirmed {
			t.Fatalf("confirm: %+v %v", confirmed, err)
		}
		if _, err := law.RejectReference(ctx, two, proposed.ID, licensing.AnyVersion, "late"); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("a confirmed change was rejected: %v", err)
		}
		value := func(ctx context.Context, date string) int64 {
			var v models.LegalValue
			if err := st.View(ctx, func(tx *store.Tx) (err error) { v, err = tx.LegalValue(models.ValueMCI, date); return err }); err != nil {
				t.Fatal(err)
			}
			return v.Value
		}
		if a, b := value(ctx, "2026-12-31"), value(ctx, "2027-01-01"); a != 432500 || b != 450000 {
			t.Errorf("MCI is %d on the last day and %d on the first, want 432500 and 450000", a, b)
		}
		if known := value(store.At(ctx, store.Moment{KnownAt: before}), "2027-01-01"); known != 432500 {
			t.Errorf("before the confirmation 2027 was known with %d, want 432500", known)
		}
		if _, err := law.Seed(ctx); err != nil {
			t.Fatal(err)
		}
		if v := value(ctx, "2027-06-01"); v != 450000 {
			t.Errorf("a new start of the program undid the change: %d", v)
		}
	})
}

func TestReference_ANewHolidayMovesWhatIsUnderWayAndThePreviewSaidSo(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		a := must(r.CreateDraft(r.ctx, clerk, request(p, r.site(p.ID, "CP1"))))
		a = must(r.Submit(r.ctx, clerk, a.ID, a.Version))
		a = must(r.Register(r.ctx, clerk, a.ID, a.Version))
		day := a.Due // a working day
		one := models.Actor{ID: "u1", Kind: "person", Roles: []models.Role{models.RoleOfficer}}
		change := models.ReferenceChange{Kind: models.RefHolidays, Note: "decree", Lines: []models.ReferenceLine{{Op: models.ReferenceAdd,
			Values: map[string]string{"date": day, "kind": "moved_day_off", "name_kk": "x", "name_ru": "x", "name_en": "x", "legal_ref": "decree"}}}}
		preview, err := r.PreviewReference(r.ctx, one, change)
		if err != nil || len(preview.Moved) != 1 || preview.Moved[0].Before != a.Due || preview.Moved[0].After <= a.Due {
			t.Fatalf("preview %+v (%v), want one due date after %s", preview.Moved, err, a.Due)
		}
		c := must(r.ProposeReference(r.ctx, one, change))
		two := one
		two.ID = "u2"
		must(r.ConfirmReference(r.ctx, two, c.ID, c.Version))
		if got := must(r.Application(r.ctx, two, a.ID)); got.Due != preview.Moved[0].After {
			t.Errorf("the due date is %s, and the preview said %s", got.Due, preview.Moved[0].After)
		}
	})
}

package licensing_test

import (
	"slices"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func declare(kind models.EquipmentEventKind, to models.EquipmentPosition, document string) licensing.Declaration {
	return licensing.Declaration{EquipmentAct: models.EquipmentAct{Kind: kind, To: to, Document: document, Authority: "AFM"}}
}

func TestRecordEquipment_EachEventIsAnEntryAndThePastIsToldByThem(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p, q := r.party(nil), r.party(nil)
		first, second := r.site(p.ID, "CP1"), r.site(q.ID, "CP2")
		given := rig(p.BinOrIin, "SN-1")
		given.Site = first.Code
		e := must(r.RegisterEquipment(r.ctx, clerk, given))
		registered := r.clock.Now()
		r.clock.Advance(10 * 24 * time.Hour)
		// Sold on the fifth day, recorded on the tenth.
		sale := declare(models.EquipmentSale, models.EquipmentPosition{Owner: q.BinOrIin, Site: second.Code}, "7/26")
		sale.EffectiveOn = models.LegalDate(registered.AddDate(0, 0, 5))
		_, err := r.RecordEquipment(r.ctx, clerk, e.ID, 7, sale)
		wantCode(t, "an old version", err, models.CodeVersionConflict)
		sold := must(r.RecordEquipment(r.ctx, clerk, e.ID, 1, sale))
		if sold.Owner != q.ID || sold.Site != second.ID || sold.State != models.EquipmentActive || sold.Version != 2 {
			t.Fatalf("sold = %+v", sold)
		}
		r.clock.Advance(24 * time.Hour)
		must(r.RecordEquipment(r.ctx, officer, e.ID, 2, declare(models.EquipmentTaken, models.EquipmentPosition{}, "case 5")))
		_, err = r.RecordEquipment(r.ctx, officer, e.ID, 3, declare(models.EquipmentMoved, models.EquipmentPosition{Site: first.Code}, ""))
		wantCode(t, "a move of a seized rig", err, models.CodeConflict)
		var kinds []string
		for _, x := range must(r.EquipmentEvents(r.ctx, clerk, e.ID)) {
			kinds = append(kinds, string(x.Kind))
		}
		if !slices.Equal(kinds, []string{"sold", "seized"}) || len(r.entries("equipment.sold")) != 1 || len(r.entries("equipment.seized")) != 1 {
			t.Errorf("events %v, entries %d and %d", kinds, len(r.entries("equipment.sold")), len(r.entries("equipment.seized")))
		}
		day := func(n int) time.Time { return registered.AddDate(0, 0, n) }
		for _, c := range []struct {
			at, known int
			owner     string
			state     models.EquipmentState
		}{{4, 11, p.ID, models.EquipmentActive}, {7, 11, q.ID, models.EquipmentActive}, {7, 8, p.ID, models.EquipmentActive}, {11, 11, q.ID, models.EquipmentSeized}} {
			ctx := store.At(r.ctx, store.Moment{AsAt: day(c.at), KnownAt: day(c.known)})
			got := must(r.Equipment(ctx, clerk, e.ID))
			if got.Owner != c.owner || got.State != c.state {
				t.Errorf("on day %d as known on day %d: owner is the seller %v, %s", c.at, c.known, got.Owner == p.ID, got.State)
			}
		}
		_, err = r.RecordEquipment(r.ctx, head, e.ID, 3, declare(models.EquipmentReleased, models.EquipmentPosition{}, "6"))
		wantCode(t, "a head who writes the register", err, models.CodeForbidden)
	})
}

func TestRecordEquipment_ALicenseMustCoverTheMove(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		other := r.party(nil)
		elsewhere := r.site(l.Holder, "CP9")
		own := must(r.RegisterEquipment(r.ctx, clerk, rig(l.Holder, "SN-1")))
		foreign := must(r.RegisterEquipment(r.ctx, clerk, rig(other.ID, "SN-2")))
		move := func(site string) licensing.Declaration {
			return declare(models.EquipmentMoved, models.EquipmentPosition{Site: site, License: l.Number}, "")
		}
		_, err := r.RecordEquipment(r.ctx, clerk, own.ID, 1, move(elsewhere.Code))
		if got := pointers(err); !slices.Equal(got, []string{"/license site"}) {
			t.Errorf("a site that the license does not name gave %v (%v)", got, err)
		}
		_, err = r.RecordEquipment(r.ctx, clerk, foreign.ID, 1, move(l.Sites[0].Site))
		if got := pointers(err); !slices.Equal(got, []string{"/license holder"}) {
			t.Errorf("somebody else's license gave %v (%v)", got, err)
		}
		moved := must(r.RecordEquipment(r.ctx, clerk, own.ID, 1, move(l.Sites[0].Site)))
		if moved.License != l.Number || moved.State != models.EquipmentActive {
			t.Errorf("moved = %+v", moved)
		}
	})
}

func TestAlarm_TheSameSerialAtTwoSitesIsParkedAndDecided(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p, q := r.party(nil), r.party(nil)
		first, second := r.site(p.ID, "CP1"), r.site(q.ID, "CP2")
		make := func(owner, site, serial string) (models.Equipment, error) {
			e := rig(owner, serial)
			e.Site = site
			return r.RegisterEquipment(r.ctx, clerk, e)
		}
		open := func() []models.EquipmentAlarm {
			out, _ := must2(r.EquipmentAlarms(r.ctx, officer, store.AlarmFilter{State: models.AlarmOpen}, store.Page{}))
			return out
		}
		one := must(make(p.ID, first.Code, "SN-1"))
		two := must(make(p.ID, first.Code, "SN-2"))
		must(make(p.ID, first.Code, "SN-3"))
		// Registered by another, twice: one alarm. Similar: another. Declared by another: a third.
		for range 2 {
			_, err := make(q.ID, second.Code, "sn 1")
			wantCode(t, "a second claim", err, models.CodeConflict)
		}
		_, err := make(q.ID, second.Code, "SN-l")
		wantCode(t, "a similar number", err, models.CodeConflict)
		move := declare(models.EquipmentMoved, models.EquipmentPosition{Site: second.Code}, "")
		move.Declarant = q.BinOrIin
		_, err = r.RecordEquipment(r.ctx, clerk, two.ID, 1, move)
		wantCode(t, "a move that another declares", err, models.CodeConflict)
		// The owner's own claim at another site, from a file.
		at := rig(p.BinOrIin, "SN-3")
		at.Site = second.Code
		report := must(r.ImportEquipment(r.ctx, clerk, licensing.ImportWrite, []licensing.Row[models.Equipment]{{Line: 2, Value: at}}, nil))
		if len(report.Failed) != 1 || report.Added != 0 {
			t.Errorf("import = %+v", report)
		}
		alarms := open() // the newest first
		var got []string
		for _, a := range alarms {
			got = append(got, string(a.Source)+" "+string(a.Kind)+" "+a.Claim.Serial)
		}
		if want := []string{"import same SN-3", "move same SN-2", "registration similar SN-l", "registration same sn 1"}; !slices.Equal(got, want) {
			t.Fatalf("alarms %v, want %v", got, want)
		}
		if n := len(r.entries("equipment.duplicate_serial")); n != 4 {
			t.Errorf("%d entries, want 4", n)
		}
		_, err = r.ResolveEquipmentAlarm(r.ctx, clerk, alarms[0].ID, 1, models.Resolution{Outcome: models.OutcomeFirstRight, Note: "n"})
		wantCode(t, "a clerk who decides", err, models.CodeForbidden)
		must(r.ResolveEquipmentAlarm(r.ctx, officer, alarms[0].ID, 1, models.Resolution{Outcome: models.OutcomeFirstRight, Note: "seen on site"}))
		_, err = r.ResolveEquipmentAlarm(r.ctx, officer, alarms[0].ID, 2, models.Resolution{Outcome: models.OutcomeSecondRight, Note: "n"})
		wantCode(t, "a second decision", err, models.CodeConflict)
		must(r.ResolveEquipmentAlarm(r.ctx, officer, alarms[1].ID, 1, models.Resolution{Outcome: models.OutcomeSecondRight, Note: "contract seen"}))
		if got := must(r.Equipment(r.ctx, clerk, two.ID)); got.Owner != q.ID || got.Site != second.ID || got.Version != 2 {
			t.Errorf("awarded = %+v", got)
		}
		if x := must(r.EquipmentEvents(r.ctx, clerk, two.ID)); len(x) != 1 || x[0].Kind != models.EquipmentAwarded || x[0].Alarm != alarms[1].ID {
			t.Errorf("events = %+v", x)
		}
		different := must(r.ResolveEquipmentAlarm(r.ctx, head, alarms[2].ID, 1, models.Resolution{Outcome: models.OutcomeDifferent, Note: "both seen"}))
		if got := must(r.Equipment(r.ctx, clerk, different.Registered)); got.Serial != "SN-l" || got.Owner != q.ID {
			t.Errorf("the second machine = %+v", got)
		}
		_, err = r.ResolveEquipmentAlarm(r.ctx, head, alarms[3].ID, 1, models.Resolution{Outcome: models.OutcomeTypingError, Note: "n", Serial: "SN-2"})
		if got := pointers(err); !slices.Equal(got, []string{"/serial duplicate"}) {
			t.Errorf("mended into a number that is taken: %v (%v)", got, err)
		}
		typed := must(r.ResolveEquipmentAlarm(r.ctx, head, alarms[3].ID, 1, models.Resolution{Outcome: models.OutcomeTypingError, Note: "n", Serial: "SN-77"}))
		if typed.Registered == "" || len(open()) != 0 || len(r.entries("equipment.alarm_resolved")) != 4 {
			t.Errorf("typed = %+v, %d open", typed, len(open()))
		}
		if got := must(r.Equipment(r.ctx, clerk, one.ID)); got.Owner != p.ID || got.Version != 1 {
			t.Errorf("the first rig changed: %+v", got)
		}
	})
}

package licensing_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func rig(owner, serial string) models.Equipment {
	return models.Equipment{Manufacturer: "Bitmain", Model: "S21", Serial: serial, HashrateTH: 200, Nameplate: 3500, Owner: owner}
}

func TestRegisterEquipment_OneSerialIsOneRigHoweverItIsWritten(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		e := must(r.RegisterEquipment(r.ctx, clerk, rig(p.BinOrIin, "JYZZ-E4 0001")))
		if e.Owner != p.ID || e.State != models.EquipmentActive || e.Version != 1 {
			t.Errorf("rig = %+v", e)
		}
		twin := rig(p.ID, "jyzze40001")
		twin.Manufacturer = "BITMAIN"
		_, err := r.RegisterEquipment(r.ctx, clerk, twin)
		wantCode(t, "the same serial in another spelling", err, models.CodeConflict)
		bad := rig("nobody", "X")
		bad.Nameplate, bad.Site, bad.License = 0, "nowhere", "KZ00DMA00000009"
		_, err = r.RegisterEquipment(r.ctx, clerk, bad)
		if got, want := pointers(err), []string{"/nameplate_kw range", "/owner unknown", "/site unknown", "/license unknown"}; !slices.Equal(got, want) {
			t.Errorf("fields %v, want %v (%v)", got, want, err)
		}
		e.State = models.EquipmentSold
		moved := must(r.UpdateEquipment(r.ctx, officer, e.ID, 1, e))
		if moved.State != models.EquipmentSold || moved.Version != 2 || moved.Serial != e.Serial {
			t.Errorf("moved = %+v", moved)
		}
		_, err = r.UpdateEquipment(r.ctx, officer, e.ID, 1, e)
		wantCode(t, "an old version", err, models.CodeVersionConflict)
		found, _ := must2(r.EquipmentList(r.ctx, officer, store.EquipmentFilter{Query: "jyzz e4"}, store.Page{}))
		if len(found) != 1 {
			t.Errorf("found %d by the beginning of the serial", len(found))
		}
	})
}

func TestImportEquipment_GoodRowsStandAndBadRowsAreNamed(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p, q := r.party(nil), r.party(nil)
		var rows []licensing.Row[models.Equipment]
		for i := range 1200 {
			rows = append(rows, licensing.Row[models.Equipment]{Line: i + 2, Value: rig(p.BinOrIin, fmt.Sprintf("SN%06d", i))})
		}
		rows[7].Value.Owner = "123456789012"
		rows[600].Value.Nameplate = -1
		rows[1100].Value.Serial = "sn-000003" // in the first batch already
		failed := func(report licensing.Report) (lines []int) {
			for _, f := range report.Failed {
				lines = append(lines, f.Line)
			}
			return lines
		}
		var seen []int
		progress := func(done int) { seen = append(seen, done) }

		report := must(r.ImportEquipment(r.ctx, clerk, licensing.ImportDryRun, rows, progress))
		if report.Added != 1197 || report.Known != 0 || !slices.Equal(failed(report), []int{9, 602, 1102}) || !slices.Equal(seen, []int{500, 1000, 1200}) {
			t.Errorf("dry run: %d added, %d known, failed %v, progress %v", report.Added, report.Known, failed(report), seen)
		}
		if got, _ := must2(r.EquipmentList(r.ctx, clerk, store.EquipmentFilter{}, store.Page{})); len(got) != 0 || len(r.entries("equipment.imported")) != 0 {
			t.Fatalf("a dry run left %d rigs", len(got))
		}
		report = must(r.ImportEquipment(r.ctx, clerk, licensing.ImportWrite, rows, nil))
		if report.Added != 1197 || !slices.Equal(failed(report), []int{9, 602, 1102}) {
			t.Errorf("import: %d added, failed %v", report.Added, failed(report))
		}
		if n := len(r.entries("equipment.imported")); n != 3 {
			t.Errorf("%d entries, want one for each batch", n)
		}
		rows[7].Value.Owner, rows[600].Value.Nameplate, rows[1100].Value.Serial = p.BinOrIin, 3500, "SN-NEW"
		rows[20].Value.Owner = q.BinOrIin // somebody else's rig under a known serial
		report = must(r.ImportEquipment(r.ctx, clerk, licensing.ImportWrite, rows, nil))
		if report.Added != 3 || report.Known != 1196 || !slices.Equal(failed(report), []int{22}) {
			t.Errorf("again, corrected: %d added, %d known, failed %v", report.Added, report.Known, failed(report))
		}
		_, err := r.ImportEquipment(r.ctx, head, licensing.ImportWrite, rows, nil)
		wantCode(t, "an import by a head", err, models.CodeForbidden)
	})
}

func TestImportParties_KnownOnesStay(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		other := p
		other.NameRu = "ТОО «Другое»"
		rows := []licensing.Row[models.Party]{{Line: 2, Value: other}, {Line: 3, Value: models.Party{BinOrIin: "1"}},
			{Line: 4, Value: models.Party{BinOrIin: r.bin(), Kind: models.PartyLegalEntity, NameRu: "Новое", Size: models.SizeMedium, Resident: true}}}
		rows = append(rows, licensing.Row[models.Party]{Line: 5, Value: rows[2].Value})
		report := must(r.ImportParties(r.ctx, clerk, licensing.ImportWrite, rows, nil))
		if report.Added != 1 || report.Known != 2 || len(report.Failed) != 1 || report.Failed[0].Line != 3 {
			t.Errorf("report = %+v", report)
		}
		if got := must(r.Party(r.ctx, clerk, p.BinOrIin)); got.NameRu != p.NameRu {
			t.Errorf("the import renamed a party to %q", got.NameRu)
		}
	})
}

func TestAssign_OnlySomebodyWhoWorksAsAnOfficer(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		a := r.drafted(request(p, r.site(p.ID, "CP1")), models.OutcomeGrant)
		_, err := r.Assign(r.ctx, clerk, a.ID, a.Version, "u-nobody")
		wantCode(t, "an unknown person", err, models.CodeInvalid)
		_, err = r.Assign(r.ctx, clerk, a.ID, a.Version, "")
		wantCode(t, "a clerk", err, models.CodeInvalid)
		err = r.store.Update(r.ctx, func(tx *store.Tx) error {
			return tx.InsertUser(models.User{ID: "u-second", Login: "second", Name: "Second", Roles: []models.Role{models.RoleOfficer}, Version: 1}, "hash")
		})
		if err != nil {
			t.Fatal(err)
		}
		a = must(r.Assign(r.ctx, clerk, a.ID, a.Version, "u-second"))
		if a.Officer != "u-second" || a.State != models.ApplicationDrafted || a.Decision == nil {
			t.Errorf("assigned = %s %s %+v; want the draft untouched", a.Officer, a.State, a.Decision)
		}
		d := must(r.Describe(r.ctx, a))[0]
		if d.People["u-second"] != "Second" || d.Region != "55" || d.Term.Due != a.Due || d.Term.Days != 15 || d.Requirements["FEE"].Text.Kk == "" {
			t.Errorf("described = %+v", d)
		}
	})
}

func TestApplications_QueuesByDueDate(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		r.drafted(request(p, r.site(p.ID, "CP1")), models.OutcomeGrant) // due on Friday 27 March
		count := func(word string) int {
			from, until, err := r.DueRange(r.ctx, word)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := must2(r.Applications(r.ctx, officer, store.ApplicationFilter{DueFrom: from, DueUntil: until, Region: "55"}, store.Page{}))
			return len(got)
		}
		for _, c := range []struct{ at, queue string }{
			{"2026-03-10T04:00:00Z", "later"}, {"2026-03-18T04:00:00Z", "later"}, {"2026-03-20T04:00:00Z", "soon"}, // 23 to 25 March are off
			{"2026-03-26T04:00:00Z", "soon"}, {"2026-03-26T19:00:00Z", "today"}, {"2026-03-27T18:59:59Z", "today"}, {"2026-03-27T19:00:00Z", "overdue"},
		} {
			now, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			r.clock.Set(now)
			for _, word := range []string{"overdue", "today", "soon", "later"} {
				want := 0
				if word == c.queue {
					want = 1
				}
				if got := count(word); got != want {
					t.Errorf("at %s %q has %d, want %d", c.at, word, got, want)
				}
			}
		}
		_, _, err := r.DueRange(r.ctx, "sometime")
		wantCode(t, "an unknown queue", err, models.CodeInvalid)
	})
}

func TestSeed_HolidaysOf2026AreThePublishedOnesAndEditsAreKept(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		days := must(r.Holidays(r.ctx, 2026))
		cal := models.NewCalendar(days)
		var off []string
		for d := "2026-01-01"; d <= "2026-12-31"; d = models.AddDays(d, 1) {
			if weekday := must(time.Parse(time.DateOnly, d)).Weekday(); !cal.IsWorkingDay(d) && weekday != time.Saturday && weekday != time.Sunday {
				off = append(off, d[5:])
			}
		}
		want := []string{"01-01", "01-02", "01-07", "03-09", "03-23", "03-24", "03-25", "05-01", "05-07", "05-11", "05-27", "07-06", "08-31", "10-26", "12-16"}
		if !slices.Equal(off, want) {
			t.Errorf("weekdays off in 2026 = %v, want %v", off, want)
		}
		if added := must(r.Seed(r.ctx)); added != 0 {
			t.Errorf("a second Seed added %d rows", added)
		}
		if n := len(r.entries("reference.added")); n != 1 {
			t.Errorf("%d entries reference.added, want 1", n)
		}
		if other := must(r.Holidays(r.ctx, 2025)); len(other) != 0 {
			t.Errorf("2025 has %v", other)
		}
	})
}

package licensing_test

import (
	"slices"
	"testing"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

// kinds gives what a search found as kind:number.
func (r *registry) found(actor models.Actor, query string) []string {
	var out []string
	for _, g := range must(r.Search(r.ctx, actor, query, 5)) {
		for _, f := range g.Items {
			out = append(out, g.Kind+":"+f.Number)
		}
	}
	return out
}

func TestSearch_FindsEachKindByItsNameNumberAndCodeForThoseWhoMayReadIt(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(func(p *models.Party) {
			p.NameKk, p.NameRu, p.Address = "«Жарқын» ЖШС", "ТОО «Жаркын»", "Павлодар, ул. Ломова, 12"
		})
		stranger := r.party(func(p *models.Party) { p.NameKk, p.NameRu = "«Басқа» ЖШС", "ТОО «Баска»" })
		grid := r.grid()
		site := r.site(p.ID, "PS12-F03-CP007")
		a := r.drafted(request(p, site), models.OutcomeGrant)
		if got := r.found(models.Actor{ID: "u1", Roles: []models.Role{models.RoleApplicant}, Party: p.ID}, a.Number); !slices.Equal(got, []string{"application:" + a.Number}) {
			t.Errorf("the applicant found %q by the number of its application", got)
		}
		for _, g := range must(r.Search(r.ctx, models.Actor{ID: "u1", Roles: []models.Role{models.RoleApplicant}, Party: p.ID}, a.Number, 5)) {
			if g.Items[0].State != string(models.ApplicationInReview) {
				t.Errorf("an applicant sees a draft decision: %s", g.Items[0].State)
			}
		}
		l := *must(r.Sign(r.ctx, head, a.ID, a.Version)).License
		rig := must(r.RegisterEquipment(r.ctx, clerk, models.Equipment{Manufacturer: "Bitmain", Model: "S19", Serial: "SM-42 0001", Nameplate: 3250,
			Owner: p.ID, State: models.EquipmentActive}))
		party, license, application := "party:"+p.BinOrIin, "license:"+l.Number, "application:"+a.Number
		place, point := "site:"+site.Code, "connection_point:PS12-F03-CP007"
		for _, c := range []struct {
			query string
			want  []string
		}{
			{"Zharkyn", []string{party, license, application}},
			{"ТОО Жаркын", []string{party, license, application}},
			{"«Жарқын» ЖШС", []string{party, license, application}},
			{p.BinOrIin[:10], []string{party, "party:" + stranger.BinOrIin, license, application, point}},
			{p.BinOrIin, []string{party, license, application, point}},
			{l.Number[:4] + " " + l.Number[4:], []string{license}},
			{a.Number, []string{application}},
			{"ломова 12", []string{party}},
			{"Ekibastuz", []string{place}},
			{"PS12-F03", []string{license, point}},
			{"ps12f03cp007", []string{license, point}},
			{"sm420001", []string{"equipment:" + rig.Serial}},
			{"SM-42", []string{"equipment:" + rig.Serial}},
			{"M-7 77", []string{"meter:M-777"}},
			{"нет такого", nil},
			{"«»", nil},
		} {
			if got := r.found(head, c.query); !slices.Equal(got, c.want) {
				t.Errorf("%q found %q, want %q", c.query, got, c.want)
			}
		}

		own := models.Actor{ID: "u1", Roles: []models.Role{models.RoleApplicant}, Party: p.ID}
		other := models.Actor{ID: "u2", Roles: []models.Role{models.RoleApplicant}, Party: stranger.ID}
		nobody := models.Actor{ID: "u3", Roles: []models.Role{models.RoleApplicant}}
		for _, c := range []struct {
			name  string
			actor models.Actor
			query string
			want  []string
		}{
			{"the holder", own, "Жаркын", []string{party, license, application}},
			{"the holder by a serial", own, "sm42", []string{"equipment:" + rig.Serial}},
			{"the holder by a point", own, "PS12", []string{license}},
			{"another applicant", other, "Жаркын", nil},
			{"another applicant by a serial", other, "sm42", nil},
			{"an applicant without a party", nobody, "Жаркын", nil},
			{"the point's utility", models.Actor{ID: "c1", Roles: []models.Role{models.RoleUtility}, Utility: grid}, "PS12", []string{license, point}},
			{"the meter's utility", models.Actor{ID: "c1", Roles: []models.Role{models.RoleUtility}, Utility: grid}, "M-777", []string{"meter:M-777"}},
			{"another utility", utility, "PS12", []string{license}},
			{"another utility by a consumer", utility, p.BinOrIin, []string{license}},
			{"another utility by a meter", utility, "M-777", nil},
		} {
			if got := r.found(c.actor, c.query); !slices.Equal(got, c.want) {
				t.Errorf("%s found %q by %q, want %q", c.name, got, c.query, c.want)
			}
		}
		_, err := r.Search(r.ctx, models.Actor{ID: "c9", Roles: []models.Role{models.RoleCollector}}, "Жаркын", 5)
		wantCode(t, "a collector's search", err, models.CodeForbidden)
	})
}

// grid makes a point that the first party consumes at, with a meter, and gives its
// utility.
func (r *registry) grid() string {
	var consumer models.Party
	err := r.store.Update(r.ctx, func(tx *store.Tx) error {
		parties, err := tx.Parties(store.PartyFilter{}, store.Page{Limit: 1})
		if err != nil {
			return err
		}
		consumer = parties[0]
		if err := tx.InsertUtility(models.Utility{ID: "ut1", Code: "U1", NameKk: "U", NameRu: "U", NameEn: "U", Bin: r.bin(), Version: 1}); err != nil {
			return err
		}
		if err := tx.InsertSubstation(models.Substation{ID: "ss1", Code: "PS12", Name: "PS12", Utility: "ut1", VoltKV: 110, Limit: 1e7, Version: 1}); err != nil {
			return err
		}
		if err := tx.InsertFeeder(models.Feeder{ID: "fd1", Code: "PS12-F03", Substation: "ss1", Utility: "ut1", VoltKV: 10, Limit: 1e7, Version: 1}); err != nil {
			return err
		}
		if err := tx.InsertConnectionPoint(models.ConnectionPoint{ID: "cp1", Code: "PS12-F03-CP007", Feeder: "fd1", Utility: "ut1",
			ConsumerBin: consumer.BinOrIin, State: models.ConnectionPlanned, Permitted: 20_000_000, Act: "A-1", Version: 1}); err != nil {
			return err
		}
		return tx.InsertMeter(models.Meter{ID: "m1", Code: "M-777", Serial: "99-1", Vendor: "V", Model: "X", Role: "revenue", CTNum: 1, CTDen: 1,
			VTNum: 1, VTDen: 1, PollInterval: 1e9, Utility: "ut1", Version: 1})
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return "ut1"
}

func TestLicenses_AreFoundByTheNamesTheirHolderHadAndHas(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		name := "ТОО «Заря Востока»"
		if _, err := r.UpdateParty(r.ctx, clerk, l.Holder, licensing.AnyVersion, licensing.PartyChange{NameRu: &name}); err != nil {
			t.Fatal(err)
		}
		for _, query := range []string{"Заря", "zarya vostoka", "Казах", l.Number, l.HolderBin[:7]} {
			found, _ := must2(r.Licenses(r.ctx, head, store.LicenseFilter{Query: query}, store.Page{}))
			if len(found) != 1 || found[0].Number != l.Number {
				t.Errorf("%q found %d licenses, want the one", query, len(found))
			}
		}
		if found, _ := must2(r.Licenses(r.ctx, head, store.LicenseFilter{Query: "Восход"}, store.Page{})); len(found) != 0 {
			t.Errorf("a name that nobody had found %d licenses", len(found))
		}
	})
}

package licensing_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

var suspend3 = licensing.Order{Ground: "FALSE_INFORMATION", Months: 3}

func TestSuspend_BoundsGroundsRolesAndNoSecondTime(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		for _, months := range []int{-1, 0, 7, 12} {
			_, err := r.Suspend(r.ctx, head, l.Number, licensing.Order{Ground: "FALSE_INFORMATION", Months: months})
			wantCode(t, fmt.Sprintf("%d months", months), err, models.CodeInvalid)
			if got := pointers(err); !slices.Equal(got, []string{"/months range"}) {
				t.Errorf("%d months: fields %v", months, got)
			}
		}
		for _, ground := range []string{"", "COURT", "NONE"} {
			_, err := r.Suspend(r.ctx, head, l.Number, licensing.Order{Ground: ground, Months: 1})
			wantCode(t, "ground "+ground, err, models.CodeInvalid)
		}
		for _, a := range []models.Actor{clerk, utility} {
			_, err := r.Suspend(r.ctx, a, l.Number, suspend3)
			wantCode(t, a.ID, err, models.CodeForbidden)
		}
		_, err := r.Suspend(r.ctx, head, l.Number, licensing.Order{Version: 9, Ground: "FALSE_INFORMATION", Months: 3})
		wantCode(t, "an old version", err, models.CodeVersionConflict)
		if n := len(r.entries("license.suspended")); n != 0 {
			t.Fatalf("%d suspensions recorded after refusals", n)
		}

		got := must(r.Suspend(r.ctx, head, l.Number, licensing.Order{Version: 1, Ground: "FALSE_INFORMATION", Months: 3, Note: "n"})).License
		// Suspended on 2 March for three months: 2 June is the last day.
		if want := time.Date(2026, 6, 2, 19, 0, 0, 0, time.UTC); got.Version != 2 || got.State != models.LicenseSuspended || !got.Suspension.Until.Equal(want) {
			t.Errorf("suspended = %+v %+v, want until %s", got, got.Suspension, want)
		}
		_, err = r.Suspend(r.ctx, head, l.Number, suspend3)
		wantCode(t, "a second suspension", err, models.CodeConflict)

		r.clock.Set(got.Suspension.Until.Add(time.Hour))
		if l := must(r.License(r.ctx, head, l.Number, time.Time{})); l.State != models.LicenseSuspended {
			t.Errorf("the suspension ended by itself: %s", l.State)
		}
		lifted := r.done(l.Number, models.LiftAct, "CURED", 0)
		if got := lifted; got.State != models.LicenseActive || got.Suspension != nil || got.Version != 3 {
			t.Errorf("lifted = %+v", got)
		}
	})
}

func TestLicense_AsAtGivesTheVersionOfThatInstant(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		issued := r.clock.Now()
		l := r.licensed("CP1")
		r.clock.Advance(time.Hour)
		must(r.Suspend(r.ctx, head, l.Number, suspend3))
		r.clock.Advance(time.Hour)
		r.done(l.Number, models.LiftAct, "CURED", 0)
		r.clock.Advance(time.Hour)
		r.done(l.Number, models.RevocationAct, "COURT", 0)

		us := time.Microsecond
		for _, c := range []struct {
			at      time.Time
			version int64
			state   models.LicenseState
		}{
			{issued, 1, models.LicenseActive}, {issued.Add(time.Hour - us), 1, models.LicenseActive},
			{issued.Add(time.Hour), 2, models.LicenseSuspended}, {issued.Add(2*time.Hour - us), 2, models.LicenseSuspended},
			{issued.Add(2 * time.Hour), 3, models.LicenseActive}, {issued.Add(3 * time.Hour), 4, models.LicenseRevoked},
			{time.Time{}, 4, models.LicenseRevoked},
		} {
			got := must(r.License(r.ctx, head, l.Number, c.at))
			list, _ := must2(r.Licenses(r.ctx, head, store.LicenseFilter{AsAt: c.at, State: string(c.state)}, store.Page{}))
			if got.Version != c.version || got.State != c.state || len(list) != 1 || list[0].Version != c.version {
				t.Errorf("at %s: version %d %s, listed %v; want version %d %s", c.at, got.Version, got.State, list, c.version, c.state)
			}
		}
		_, err := r.License(r.ctx, head, l.Number, issued.Add(-us))
		wantCode(t, "before it was issued", err, models.CodeNotFound)
		versions := must(r.LicenseVersions(r.ctx, head, l.Number))
		for i, v := range versions {
			if v.Version != int64(i+1) || len(v.Sites) != 1 {
				t.Errorf("version %d stands at place %d with %d sites", v.Version, i, len(v.Sites))
			}
		}
		_, err = r.Lift(r.ctx, head, l.Number, licensing.Order{Ground: "CURED"})
		wantCode(t, "lifting a revoked license", err, models.CodeConflict)
	})
}

func TestLicenseVersions_TheDatabaseTakesNoGapAndForgetsNothing(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		insert := func(change func(*models.License)) error {
			next := l
			next.Version, next.Drafter, next.Signer = 2, "", "u-head"
			change(&next)
			return r.store.Update(r.ctx, func(tx *store.Tx) error { return tx.InsertLicense(next) })
		}
		wantCode(t, "version 3 after 1", insert(func(l *models.License) { l.Version = 3 }), models.CodeConflict)
		wantCode(t, "version 1 again", insert(func(l *models.License) { l.Version = 1; l.Drafter = "u-officer" }), models.CodeConflict)
		wantCode(t, "an instant before version 1", insert(func(l *models.License) { l.EffectiveAt = l.EffectiveAt.Add(-time.Microsecond) }), models.CodeConflict)
		wantCode(t, "suspended for seven months", insert(func(l *models.License) {
			l.State = models.LicenseSuspended
			l.Suspension = &models.Suspension{Ground: "X", Months: 7, From: l.ValidFrom, Until: l.ValidUntil}
		}), models.CodeConflict)
		if err := insert(func(*models.License) {}); err != nil {
			t.Errorf("version 2: %v", err)
		}
	})
}

func TestExpireDue_AtTheExactLocalMidnight(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		midnight := time.Date(2029, 3, 2, 19, 0, 0, 0, time.UTC) // 3 March 2029 00:00 at UTC+5
		r.clock.Set(midnight.Add(-time.Microsecond))
		if got := must(r.ExpireDue(r.ctx)); len(got) != 0 {
			t.Errorf("expired %v a microsecond early", got)
		}
		if got := must(r.License(r.ctx, head, l.Number, time.Time{})); got.State != models.LicenseActive {
			t.Errorf("a microsecond before midnight it is %s", got.State)
		}
		r.clock.Set(midnight)
		if got := must(r.License(r.ctx, head, l.Number, time.Time{})); got.State != models.LicenseExpired || got.Version != 1 {
			t.Errorf("at midnight, before it is recorded: %s version %d", got.State, got.Version)
		}
		_, err := r.Suspend(r.ctx, head, l.Number, suspend3)
		wantCode(t, "suspending after the term", err, models.CodeConflict)
		r.clock.Set(midnight.Add(90 * time.Second))
		if got := must(r.ExpireDue(r.ctx)); !slices.Equal(got, []string{l.Number}) {
			t.Fatalf("expired %v, want %s", got, l.Number)
		}
		if got := must(r.ExpireDue(r.ctx)); len(got) != 0 {
			t.Errorf("expired %v twice", got)
		}
		got := must(r.License(r.ctx, head, l.Number, midnight))
		if got.Version != 2 || got.State != models.LicenseExpired || !got.EffectiveAt.Equal(midnight) || !got.RecordedAt.Equal(r.clock.Now()) || got.Signer != "system" {
			t.Errorf("expired = %+v", got)
		}
		if got := must(r.License(r.ctx, head, l.Number, midnight.Add(-time.Microsecond))); got.Version != 1 {
			t.Errorf("just before midnight as at: version %d", got.Version)
		}
		if n := len(r.inRegister("license.expired")); n != 1 {
			t.Errorf("%d entries license.expired, want 1", n)
		}
		r.party(nil) // the point is free again
		if second := r.licensed("CP1"); second.Number == l.Number {
			t.Error("the number was given twice")
		}
	})
}

func TestRun_ExpiresUntilItsContextEnds(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		r.clock.Set(l.ValidUntil)
		ctx, cancel := context.WithCancel(r.ctx)
		done, changed := make(chan error, 1), r.store.Changed()
		go func() { done <- r.Run(ctx) }()
		select {
		case <-changed:
		case <-time.After(10 * time.Second):
			t.Fatal("nothing expired in ten seconds")
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run gave %v after its context ended", err)
		}
		if got := must(r.LicenseVersions(r.ctx, head, l.Number)); len(got) != 2 || got[1].State != models.LicenseExpired {
			t.Errorf("versions = %+v", got)
		}
	})
}

func TestSubTypeII_NeedsAnActiveHostAndFollowsItsSuspension(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		host := r.licensed("CP1")
		tenant := r.party(nil)
		req := models.Application{SubType: models.SubTypeII, Applicant: tenant.BinOrIin, Language: "ru", Host: strings.ToLower(host.Number),
			HostContract: models.HostContract{Number: "HC-1", Date: "2026-02-01"},
			Sites:        []models.ApplicationSite{{Site: host.Sites[0].SiteCode, Approved: 300_000}},
			Equipment:    []models.DeclaredEquipment{{Manufacturer: "MicroBT", Model: "M30S", Units: 80, Nameplate: 3400}},
			FeePaid:      2_162_500, FeeDocument: "PP-2"}
		a := r.drafted(req, models.OutcomeGrant)

		must(r.Suspend(r.ctx, head, host.Number, suspend3))
		_, err := r.Sign(r.ctx, head, a.ID, a.Version)
		wantCode(t, "a grant under a suspended host", err, models.CodeConflict)
		_, err = r.Submit(r.ctx, clerk, must(r.CreateDraft(r.ctx, clerk, req)).ID, licensing.AnyVersion)
		if got := pointers(err); !slices.Equal(got, []string{"/host_license state"}) {
			t.Errorf("filing under a suspended host: %v", err)
		}
		r.done(host.Number, models.LiftAct, "CURED", 0)
		l := *must(r.Sign(r.ctx, head, a.ID, a.Version)).License

		r.clock.Advance(time.Minute)
		must(r.Suspend(r.ctx, head, host.Number, suspend3))
		got := must(r.License(r.ctx, head, l.Number, time.Time{}))
		if got.Version != 1 || got.State != models.LicenseActive {
			t.Errorf("tenant = version %d %s; want its own version untouched", got.Version, got.State)
		}
		states := must(r.HostStates(r.ctx, []models.License{got}, time.Time{}))
		if states[host.Number].State != models.LicenseSuspended {
			t.Errorf("host states = %v", states)
		}
		last := r.inRegister("license.suspended")
		if body := last[len(last)-1].Body; !strings.Contains(body, l.Number) {
			t.Errorf("the host's suspension does not name its tenant: %s", body)
		}
	})
}

func TestSuspend_EachUtilityConcernedHasTheFactInItsFeed(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		if err := r.store.Update(r.ctx, func(tx *store.Tx) error { return gridOf(tx, "PRES", "CP1", "CP2") }); err != nil {
			t.Fatal(err)
		}
		if err := r.store.Update(r.ctx, func(tx *store.Tx) error { return gridOf(tx, "OTHER", "CP9") }); err != nil {
			t.Fatal(err)
		}
		l := r.licensed("CP1", "CP2")
		must(r.Suspend(r.ctx, head, l.Number, suspend3))
		feed := map[string]int{}
		for _, e := range r.entries("license.suspended") {
			feed[e.Utility]++
			var body map[string]any
			if err := json.Unmarshal([]byte(e.Body), &body); err != nil || body["number"] != l.Number {
				t.Errorf("body %s: %v", e.Body, err)
			}
		}
		if len(feed) != 2 || feed[""] != 1 || feed["PRES"] != 1 {
			t.Errorf("entries by utility = %v, want one for the register and one for PRES", feed)
		}
	})
}

// gridOf makes a utility with one feeder and the points.
func gridOf(tx *store.Tx, utility string, codes ...string) error {
	if err := tx.InsertUtility(models.Utility{ID: utility, Code: utility, Bin: "210440038887", Version: 1}); err != nil {
		return err
	}
	if err := tx.InsertSubstation(models.Substation{ID: "S" + utility, Code: "S" + utility, Utility: utility, VoltKV: 110, Limit: 1e7, Version: 1}); err != nil {
		return err
	}
	if err := tx.InsertFeeder(models.Feeder{ID: "F" + utility, Code: "F" + utility, Substation: "S" + utility, Utility: utility, VoltKV: 10, Limit: 1e7, Version: 1}); err != nil {
		return err
	}
	for _, code := range codes {
		p := models.ConnectionPoint{ID: tx.NewID(), Code: code, Feeder: "F" + utility, Utility: utility, State: models.ConnectionPlanned,
			Permitted: 5_000_000, Act: "A-1", Version: 1}
		if err := tx.InsertConnectionPoint(p); err != nil {
			return err
		}
	}
	return nil
}

func TestPublic_NamesNoPerson(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		iin := must(models.CompleteBin("90051530012"))
		p := r.party(func(p *models.Party) {
			p.BinOrIin, p.Kind, p.NameRu, p.NameKk, p.Size = iin, models.PartySoleEntrepreneur, "Ахметов Ержан", "Ахметов Ержан", models.SizeMedium
		})
		a := r.drafted(request(p, r.site(p.ID, "CP1")), models.OutcomeGrant)
		l := must(r.Sign(r.ctx, head, a.ID, a.Version)).License
		pub := must(r.Public(r.ctx, l.Number))
		if text := fmt.Sprint(pub); strings.Contains(text, "Ахметов") || strings.Contains(text, iin) {
			t.Errorf("the public page names a person: %s", text)
		}
		for query, want := range map[string]int{"ахметов": 0, iin: 0, iin[:6]: 0, l.Number: 1, "": 1} {
			got, _ := must2(r.PublicRegister(r.ctx, licensing.PublicFilter{Query: query}, store.Page{}))
			if len(got) != want {
				t.Errorf("public search %q found %d, want %d", query, len(got), want)
			}
		}
		err := r.store.View(r.ctx, func(tx *store.Tx) error {
			all, err := tx.UnsealedEntries(1000)
			for _, e := range all {
				if strings.Contains(e.Body, iin) || strings.Contains(e.Body, "Ахметов") {
					t.Errorf("entry %s names a person: %s", e.Kind, e.Body)
				}
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestSearch_FoldsKazakhAndRussianSpelling(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(func(p *models.Party) {
			p.NameKk, p.NameRu = "«Өңір Күші» ЖШС", "ТОО «Регион Ёлка»"
		})
		r.party(nil)
		for query, want := range map[string]int{"онир куши": 1, "ӨҢІР": 1, "елка": 1, "ёлка": 1, p.BinOrIin[:11]: 1, "21044": 2, "нет такого": 0, "%": 0, "_": 0, "'": 0} {
			got, _ := must2(r.Parties(r.ctx, clerk, store.PartyFilter{Query: query}, store.Page{}))
			if len(got) != want {
				t.Errorf("search %q found %d, want %d", query, len(got), want)
			}
		}
		page, cursor := must2(r.Parties(r.ctx, clerk, store.PartyFilter{}, store.Page{Limit: 1}))
		rest, end := must2(r.Parties(r.ctx, clerk, store.PartyFilter{}, store.Page{Limit: 5, After: cursor}))
		if len(page) != 1 || len(rest) != 1 || page[0].ID == rest[0].ID || end != "" {
			t.Errorf("pages %v and %v, cursor at the end %q", page, rest, end)
		}
	})
}

func TestRegisterParty_RefusesBadAndDoubleNumbers(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		_, err := r.RegisterParty(r.ctx, clerk, models.Party{BinOrIin: " " + p.BinOrIin[:6] + " " + p.BinOrIin[6:], Kind: p.Kind, NameRu: "x", Size: p.Size, Resident: true})
		wantCode(t, "the same BIN with spaces", err, models.CodeConflict)
		_, err = r.RegisterParty(r.ctx, clerk, models.Party{BinOrIin: "210440038880", Kind: p.Kind, NameRu: "x", Size: p.Size, Resident: true})
		if got := pointers(err); !slices.Equal(got, []string{"/bin_or_iin check_digit"}) {
			t.Errorf("a wrong check digit: %v (%v)", got, err)
		}
		_, err = r.RegisterParty(r.ctx, head, models.Party{})
		wantCode(t, "a head registering", err, models.CodeForbidden)
		name := "Новое имя"
		changed := must(r.UpdateParty(r.ctx, officer, p.ID, p.Version, licensing.PartyChange{NameRu: &name}))
		if changed.NameRu != name || changed.NameKk != p.NameKk || changed.Version != 2 {
			t.Errorf("changed = %+v", changed)
		}
		_, err = r.UpdateParty(r.ctx, officer, p.ID, p.Version, licensing.PartyChange{NameRu: &name})
		wantCode(t, "an old version", err, models.CodeVersionConflict)
	})
}

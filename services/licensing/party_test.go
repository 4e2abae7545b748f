package licensing_test

import (
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

// iin makes the n-th valid IIN of the test.
func (r *registry) iin() string {
	for {
		r.n++
		if iin, err := models.CompleteBin(fmt.Sprintf("9001014%04d", r.n)); err == nil {
			return iin
		}
	}
}

func (r *registry) owner(party string, iin string, share int64, from string) models.PartyPerson {
	return must(r.AddPerson(r.ctx, clerk, party, models.PartyPerson{Role: models.RoleBeneficialOwner, Name: "Әлия Қасымова", IIN: iin, Citizenship: "kz", ShareBP: share, ValidFrom: from}))
}

func applicantOf(party string) models.Actor {
	return models.Actor{ID: "u-of-" + party, Kind: "person", Roles: []models.Role{models.RoleApplicant}, Party: party}
}

// lines gives name, share and dates of the persons at a moment.
func (r *registry) lines(actor models.Actor, party string, m store.Moment) []string {
	r.t.Helper()
	found, err := r.Persons(store.At(r.ctx, m), actor, party)
	if err != nil {
		r.t.Fatal(err)
	}
	out := make([]string, 0, len(found))
	for _, f := range found {
		out = append(out, fmt.Sprintf("%s %d %s %s", f.Role, f.ShareBP, f.ValidFrom, f.ValidUntil))
	}
	slices.Sort(out)
	return out
}

func TestPersons_WhatWasKnownStaysKnown(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		r.clock.Set(almaty("2026-03-02 10:00"))
		a := r.owner(p.ID, r.iin(), 6_000, "2026-01-01")
		_, err := r.AddPerson(r.ctx, clerk, p.ID, models.PartyPerson{Role: models.RoleBeneficialOwner, Name: "Б", IIN: r.iin(), Citizenship: "KZ", ShareBP: 4_001, ValidFrom: "2026-02-01"})
		if got := pointers(err); !slices.Equal(got, []string{"/share_percent range"}) {
			t.Errorf("100.01 %% of owners are refused with %v (%v)", got, err)
		}
		b := r.owner(p.ID, r.iin(), 4_000, "2026-02-01")

		r.clock.Set(almaty("2026-03-10 10:00"))
		with := a
		with.ShareBP = 5_000
		a = must(r.CorrectPerson(r.ctx, officer, p.ID, a.ID, a.Version, with))
		_, err = r.CorrectPerson(r.ctx, officer, p.ID, a.ID, 1, with)
		wantCode(t, "a correction of what changed since", err, models.CodeVersionConflict)

		r.clock.Set(almaty("2026-03-20 10:00"))
		_, err = r.EndPerson(r.ctx, officer, p.ID, b.ID, b.Version, "2026-03-25", "")
		wantCode(t, "an end to come", err, models.CodeInvalid)
		must(r.EndPerson(r.ctx, officer, p.ID, b.ID, b.Version, "2026-03-15", "sold"))

		for _, c := range []struct {
			name          string
			asAt, knownAt string
			want          []string
		}{
			{"now, whenever", "", "", []string{"beneficial_owner 4000 2026-02-01 2026-03-15", "beneficial_owner 5000 2026-01-01 "}},
			{"today", "2026-03-20 10:00", "", []string{"beneficial_owner 5000 2026-01-01 "}},
			{"in January", "2026-01-20 10:00", "", []string{"beneficial_owner 5000 2026-01-01 "}},
			{"the last instant of its last day", "2026-03-14 23:59", "", []string{"beneficial_owner 4000 2026-02-01 2026-03-15", "beneficial_owner 5000 2026-01-01 "}},
			{"the first of the day after", "2026-03-15 00:00", "", []string{"beneficial_owner 5000 2026-01-01 "}},
			{"as known on 5 March", "", "2026-03-05 10:00", []string{"beneficial_owner 4000 2026-02-01 ", "beneficial_owner 6000 2026-01-01 "}},
			{"today as known on 12 March", "2026-03-20 10:00", "2026-03-12 10:00", []string{"beneficial_owner 4000 2026-02-01 ", "beneficial_owner 5000 2026-01-01 "}},
			{"as known before all", "", "2026-03-01 10:00", []string{}},
		} {
			var m store.Moment
			if c.asAt != "" {
				m.AsAt = almaty(c.asAt)
			}
			if c.knownAt != "" {
				m.KnownAt = almaty(c.knownAt)
			}
			for _, who := range []models.Actor{officer, applicantOf(p.ID)} {
				if got := r.lines(who, p.ID, m); !slices.Equal(got, c.want) {
					t.Errorf("%s as %s: %q, want %q", c.name, who.ID, got, c.want)
				}
			}
		}
	})
}

func TestPersons_AreReadByFewAndLeaveATrace(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p, other := r.party(nil), r.party(nil)
		secret := r.iin()
		r.owner(p.ID, secret, 2_500, "2026-01-01")
		viewed := func() int { return len(r.entries("party.persons_viewed")) }
		if _ = r.lines(applicantOf(p.ID), p.ID, store.Moment{}); viewed() != 0 {
			t.Error("reading one's own persons leaves a trace")
		}
		if _ = r.lines(officer, p.ID, store.Moment{}); viewed() != 1 {
			t.Errorf("%d traces after an officer read, want 1", viewed())
		}
		_, err := r.Persons(r.ctx, applicantOf(other.ID), p.ID)
		unknown := errorOf(r.Persons(r.ctx, applicantOf(other.ID), "no such party"))
		if err == nil || strings.ReplaceAll(err.Error(), p.ID, "X") != strings.ReplaceAll(unknown.Error(), "no such party", "X") {
			t.Errorf("another applicant is told %v, of what does not exist %v", err, unknown)
		}
		_, err = r.Persons(r.ctx, utility, p.ID)
		wantCode(t, "a utility", err, models.CodeForbidden)
		_, err = r.Persons(r.ctx, models.Actor{}, p.ID)
		wantCode(t, "nobody", err, models.CodeUnauthenticated)
		err = r.store.View(r.ctx, func(tx *store.Tx) error {
			all, err := tx.UnsealedEntries(100_000)
			for _, e := range all {
				if strings.Contains(e.Body, secret) || strings.Contains(e.Body, "Қасымова") {
					t.Errorf("the ledger holds personal data: %s %s", e.Kind, e.Body)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		line := must(r.Persons(r.ctx, officer, p.ID))[0].PartyPerson
		var body struct {
			Digest string `json:"person_digest"`
		}
		if err := json.Unmarshal([]byte(r.entries("party.person_recorded")[0].Body), &body); err != nil || body.Digest != licensing.PersonDigest(line) {
			t.Errorf("the ledger holds the digest %q (%v), the record gives %q", body.Digest, err, licensing.PersonDigest(line))
		}
		line.Name += "а"
		if body.Digest == licensing.PersonDigest(line) {
			t.Error("another name has the same digest")
		}
	})
}

func errorOf[T any](_ T, err error) error { return err }

func TestPersons_ADirectorOfTwoPartiesIsShownToOfficersOnBoth(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		a, b := r.party(nil), r.party(nil)
		iin := r.iin()
		for _, p := range []models.Party{a, b} {
			must(r.AddPerson(r.ctx, clerk, p.ID, models.PartyPerson{Role: models.RoleDirector, Name: "Ә. Қ.", IIN: iin, Citizenship: "KZ", ValidFrom: "2026-01-01"}))
		}
		for _, p := range [][2]models.Party{{a, b}, {b, a}} {
			found := must(r.Persons(r.ctx, officer, p[0].BinOrIin))
			if len(found) != 1 || len(found[0].Elsewhere) != 1 || found[0].Elsewhere[0].Party.ID != p[1].ID {
				t.Errorf("an officer at %s sees %+v", p[0].BinOrIin, found)
			}
			if own := must(r.Persons(r.ctx, applicantOf(p[0].ID), p[0].ID)); len(own) != 1 || own[0].Elsewhere != nil {
				t.Errorf("the party itself sees %+v", own)
			}
		}
	})
}

func TestDuplicates_AreFoundOnceAndStayDismissedUntilMoreAgrees(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		named := func(eleven, name, phone string) models.Party {
			return r.party(func(p *models.Party) {
				p.BinOrIin, p.NameKk, p.NameRu, p.Phone = must(models.CompleteBin(eleven)), name, name, phone
			})
		}
		a := named("19064000101", "ТОО «Жаркын Майнинг»", "+7 718 255 10 10")
		b := named("20124000220", "Zharqyn Maining", "8 718 255 20 20")
		c := named("22094000330", "АО «Самал»", "8 718 255 30 30")
		pairs := func(f store.DuplicateFilter) []string {
			found, _, err := r.Duplicates(r.ctx, officer, f, store.Page{})
			if err != nil {
				t.Fatal(err)
			}
			out := make([]string, 0, len(found))
			for _, d := range found {
				out = append(out, fmt.Sprintf("%s+%s %v", d.First.NameRu, d.Second.NameRu, d.Signs))
			}
			return out
		}
		want := []string{fmt.Sprintf("%s+%s [name]", a.NameRu, b.NameRu)}
		if got := pairs(store.DuplicateFilter{}); !slices.Equal(got, want) {
			t.Fatalf("pairs %q, want %q", got, want)
		}
		_, err := r.DismissDuplicate(r.ctx, officer, a.ID, b.ID, " ")
		wantCode(t, "a dismissal without a reason", err, models.CodeInvalid)
		d := must(r.DismissDuplicate(r.ctx, officer, b.ID, a.ID, "two companies of one group"))
		if d.Dismissal == nil || d.Dismissal.By != officer.ID || d.Dismissal.Reason != "two companies of one group" {
			t.Errorf("dismissed as %+v", d.Dismissal)
		}
		_, err = r.DismissDuplicate(r.ctx, officer, a.ID, c.ID, "never a pair")
		wantCode(t, "the dismissal of what is no pair", err, models.CodeConflict)
		if got := pairs(store.DuplicateFilter{}); len(got) != 0 {
			t.Errorf("dismissed and still shown: %q", got)
		}
		if got := pairs(store.DuplicateFilter{Dismissed: true, Party: b.BinOrIin}); !slices.Equal(got, want) {
			t.Errorf("dismissed: %q, want %q", got, want)
		}
		phone := "+7 (718) 255-10-10"
		must(r.UpdateParty(r.ctx, clerk, b.ID, b.Version, licensing.PartyChange{Phone: &phone}))
		if got := pairs(store.DuplicateFilter{}); len(got) != 1 || !strings.HasSuffix(got[0], "[name phone]") {
			t.Errorf("with one phone more the pair is %q", got)
		}
		iin := r.iin()
		for _, p := range []models.Party{a, c} {
			r.owner(p.ID, iin, 2_000, "2026-01-01")
		}
		must(r.UpdateParty(r.ctx, clerk, c.ID, c.Version, licensing.PartyChange{Phone: &phone}))
		if got := pairs(store.DuplicateFilter{Party: c.ID}); !slices.Equal(got, []string{fmt.Sprintf("%s+%s [phone person]", a.NameRu, c.NameRu)}) {
			t.Errorf("one owner and one phone make %q", got)
		}
	})
}

func TestDuplicates_ListIsPagedWithoutGapsOrRepeats(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		for range 12 {
			r.party(func(p *models.Party) { p.NameRu, p.NameKk = "Самал", "Самал" })
		}
		seen := map[string]bool{}
		page := store.Page{Limit: 7}
		for {
			found, cursor, err := r.Duplicates(r.ctx, officer, store.DuplicateFilter{}, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range found {
				if seen[d.A+d.B] {
					t.Errorf("pair %s twice", d.A+d.B)
				}
				seen[d.A+d.B] = true
			}
			if page.After = cursor; cursor == "" {
				break
			}
		}
		if len(seen) != 12*11/2 {
			t.Errorf("%d pairs, want %d", len(seen), 12*11/2)
		}
	})
}

func TestParties_RulesOfApplicantsAreThoseOfTheDay(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(func(p *models.Party) { p.Size = models.SizeSmall })
		got := must(r.PartyObstacles(r.ctx, p, time.Time{}))
		if len(got) != 1 || got[0].Rule.Code != "size" || got[0].Is != "small" || got[0].Rule.LegalRef == "" {
			t.Errorf("a small party meets %+v", got)
		}
		if before := must(r.PartyObstacles(r.ctx, p, almaty("2023-03-31 12:00"))); before != nil {
			t.Errorf("before the law a small party meets %+v", before)
		}
	})
}

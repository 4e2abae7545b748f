package licensing_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// merged merges from into into, proposed by the officer and confirmed by the head.
func (r *registry) merged(into, from string) models.Merge {
	m := must(r.ProposeMerge(r.ctx, officer, into, from, "one company, registered twice"))
	return must(r.ConfirmMerge(r.ctx, head, m.ID, m.Version))
}

// codes are the codes of an error's fields.
func codes(err error) (out []string) {
	for _, p := range pointers(err) {
		out = append(out, strings.TrimSpace(p))
	}
	return out
}

func TestMerge_MovesEverythingAndTheOldNumberLeadsToTheSurvivor(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		survivor, duplicate := r.party(nil), r.party(nil)
		site := r.site(duplicate.ID, "CP1")
		rig := must(r.RegisterEquipment(r.ctx, clerk, models.Equipment{Manufacturer: "Bitmain", Model: "S19", Serial: "S-1", Nameplate: 3_250, Owner: duplicate.ID}))
		open := must(r.CreateDraft(r.ctx, clerk, request(duplicate, site)))
		owner := r.owner(duplicate.ID, r.iin(), 2_500, "2026-01-01")

		m := must(r.ProposeMerge(r.ctx, officer, survivor.BinOrIin, duplicate.BinOrIin, "twice"))
		_, err := r.ProposeMerge(r.ctx, clerk, survivor.ID, duplicate.ID, "again")
		wantCode(t, "a second proposal", err, models.CodeConflict)
		_, err = r.ConfirmMerge(r.ctx, officer, m.ID, m.Version)
		wantCode(t, "a confirmation by the proposer", err, models.CodeFourEyes)
		_, err = r.ConfirmMerge(r.ctx, clerk, m.ID, m.Version)
		wantCode(t, "a confirmation by a clerk", err, models.CodeForbidden)
		must(r.ConfirmMerge(r.ctx, head, m.ID, m.Version))

		old := must(r.Party(r.ctx, clerk, duplicate.BinOrIin))
		if old.State != models.PartyMerged || old.MergedInto != survivor.ID || old.ID != duplicate.ID {
			t.Errorf("the old number leads to %+v", old)
		}
		if got := must(r.Site(r.ctx, clerk, site.ID)); got.Owner != survivor.ID {
			t.Error("the site did not move")
		}
		if got := must(r.Equipment(r.ctx, clerk, rig.ID)); got.Owner != survivor.ID {
			t.Error("the rig did not move")
		}
		if got := must(r.Application(r.ctx, clerk, open.ID)); got.Applicant != survivor.ID || got.ApplicantBin != survivor.BinOrIin {
			t.Error("the application did not move")
		}
		if got := must(r.Persons(r.ctx, officer, survivor.ID)); len(got) != 1 || got[0].ID != owner.ID {
			t.Errorf("the survivor's persons are %+v", got)
		}
		if got := r.lines(officer, survivor.ID, store.Moment{KnownAt: r.clock.Now().Add(-time.Hour)}); len(got) != 0 {
			t.Errorf("before the merge the survivor was known to have %q", got)
		}
		name := "Другое"
		_, err = r.UpdateParty(r.ctx, clerk, duplicate.ID, 0, partyNamed(name))
		wantCode(t, "a change of what was merged", err, models.CodeConflict)
		if s := r.site(duplicate.BinOrIin); s.Owner != survivor.ID {
			t.Error("a new site of the old number is not the survivor's")
		}
		if n := len(r.entries("party.merged")); n != 1 {
			t.Errorf("%d entries party.merged, want 1", n)
		}
		if groups := must(r.Search(r.ctx, applicantOf(survivor.ID), site.Code, 5)); len(groups) == 0 {
			t.Error("the survivor does not find the site that it got")
		}
	})
}

func TestMerge_IsRefusedWhereALicenseOfTheDuplicateIsInForce(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		other := r.party(nil)
		_, err := r.ProposeMerge(r.ctx, officer, other.ID, l.Holder, "twice")
		wantCode(t, "a merge of a holder", err, models.CodeConflict)
		if got := codes(err); !slices.Equal(got, []string{"license_in_force"}) {
			t.Errorf("refused with %v", got)
		}
		if got := must(r.PreviewMerge(r.ctx, officer, other.ID, l.Holder)); len(got.Obstacles) != 1 || got.Obstacles[0].Thing != l.Number || got.Moves.Sites != 1 {
			t.Errorf("the preview says %+v", got)
		}
		r.merged(l.Holder, other.ID) // the other way round
		_, err = r.ProposeMerge(r.ctx, officer, l.Holder, l.Holder, "itself")
		wantCode(t, "a merge into itself", err, models.CodeInvalid)
	})
}

func TestMerge_AProposalIsRejectedOrTakenBackAndMovesNothing(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		a, b := r.party(nil), r.party(nil)
		m := must(r.ProposeMerge(r.ctx, clerk, a.ID, b.ID, "twice"))
		_, err := r.RejectMerge(r.ctx, models.Actor{ID: "u-other", Roles: []models.Role{models.RoleClerk}}, m.ID, m.Version)
		wantCode(t, "a rejection by another clerk", err, models.CodeForbidden)
		must(r.RejectMerge(r.ctx, clerk, m.ID, m.Version))
		_, err = r.ConfirmMerge(r.ctx, head, m.ID, 0)
		wantCode(t, "a confirmation of what was taken back", err, models.CodeConflict)
		if got := must(r.Party(r.ctx, clerk, b.ID)); got.MergedInto != "" {
			t.Errorf("%+v was merged all the same", got)
		}
		r.merged(a.ID, b.ID)
	})
}

func TestMerge_TheDatabaseItselfKeepsFourEyes(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		m := must(r.ProposeMerge(r.ctx, officer, r.party(nil).ID, r.party(nil).ID, "twice"))
		m.State, m.Signer, m.DecidedAt, m.Version = models.MergeDone, officer.ID, r.clock.Now(), 2
		err := r.store.Update(r.ctx, func(tx *store.Tx) error { return tx.UpdateMerge(m) })
		wantCode(t, "a merge by one person", err, models.CodeConflict)
	})
}

func TestMerge_UndoIsRefusedWithEveryReasonThatMakesItImpossible(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		survivor, duplicate, third := r.party(nil), r.party(nil), r.party(nil)
		site := r.site(duplicate.ID, "CP1")
		a := must(r.CreateDraft(r.ctx, clerk, request(duplicate, site)))
		m := r.merged(survivor.ID, duplicate.ID)
		a = must(r.Application(r.ctx, clerk, a.ID))
		a = must(r.Submit(r.ctx, clerk, a.ID, a.Version))
		a = must(r.Register(r.ctx, clerk, a.ID, a.Version))
		a = r.allMet(must(r.CompletenessCheck(r.ctx, officer, a.ID, a.Version, nil)))
		a = must(r.DraftDecision(r.ctx, officer, a.ID, a.Version, models.Decision{Outcome: models.OutcomeGrant}))
		must(r.Sign(r.ctx, head, a.ID, a.Version))
		_, err := r.UndoMerge(r.ctx, head, m.ID, m.Version, "they are two")
		wantCode(t, "the undoing of what was licensed", err, models.CodeConflict)
		if got := codes(err); !slices.Equal(got, []string{"decided", "licensed_site"}) {
			t.Errorf("refused with %v: %v", got, err)
		}

		one, two := r.party(nil), r.party(nil)
		r.site(two.ID)
		first := r.merged(one.ID, two.ID)
		second := r.merged(third.ID, one.ID)
		_, err = r.UndoMerge(r.ctx, head, first.ID, first.Version, "they are two")
		if got := codes(err); len(got) == 0 || got[0] != "merged" {
			t.Errorf("an earlier merge is undone before a later one: %v", err)
		}
		must(r.UndoMerge(r.ctx, head, second.ID, second.Version, "they are two"))
		must(r.UndoMerge(r.ctx, head, first.ID, first.Version, "they are two"))
		_, err = r.UndoMerge(r.ctx, head, first.ID, 0, "again")
		wantCode(t, "a second undoing", err, models.CodeConflict)
	})
}

// counted are the columns that count changes and so never return.
func counted(table, column string) bool {
	switch {
	case strings.HasPrefix(table, "ledger_"), strings.HasSuffix(table, "_history"), table == "history_clock", table == "party_merges", table == "party_merge_items",
		table == "party_persons", table == "registry_sequences", table == "goose_db_version", table == "gate_changes", strings.HasPrefix(table, "sqlite_"):
		return true
	}
	return column == "version" || column == "updated_at"
}

func TestMerge_UndoneLeavesEveryTableAsItWas(t *testing.T) {
	rounds := map[string]int{"sqlite": 12, "postgres": 4}
	each(t, func(t *testing.T, r *registry) {
		for seed := range rounds[r.store.Engine()] {
			rnd := rand.New(rand.NewPCG(uint64(seed), 7))
			survivor, duplicate := r.party(func(p *models.Party) { p.Phone = "+7 718 255 10 10" }), r.party(nil)
			for _, p := range []models.Party{survivor, duplicate, r.party(nil)} {
				r.furnish(rnd, p, survivor)
			}
			before := storetest.Dump(t, r.store, counted)
			people := r.allLines(survivor.ID, duplicate.ID)
			m := r.merged(survivor.ID, duplicate.ID)
			during := storetest.Dump(t, r.store, counted)
			if slices.Equal(before["parties"], during["parties"]) {
				t.Fatal("the merge changed no party: the comparison would see nothing")
			}
			r.clock.Advance(time.Hour)
			must(r.UndoMerge(r.ctx, officer, m.ID, m.Version, "they are two"))
			after := storetest.Dump(t, r.store, counted)
			for table := range before {
				if !slices.Equal(before[table], after[table]) {
					t.Errorf("seed %d: %s was\n%s\nand is\n%s", seed, table, strings.Join(before[table], "\n"), strings.Join(after[table], "\n"))
				}
			}
			if len(before) != len(after) {
				t.Errorf("seed %d: %d tables had rows, now %d", seed, len(before), len(after))
			}
			if got := r.allLines(survivor.ID, duplicate.ID); !slices.Equal(got, people) {
				t.Errorf("seed %d: the persons were %q and are %q", seed, people, got)
			}
		}
	})
}

// allLines gives what is known now of the persons of parties.
func (r *registry) allLines(parties ...string) (out []string) {
	for _, p := range parties {
		err := r.store.View(r.ctx, func(tx *store.Tx) error {
			found, err := tx.Persons(p, tx.Now)
			for _, f := range found {
				out = append(out, fmt.Sprintf("%s %s %s %s %d %s %s", f.ID, f.Party, f.Role, f.IIN, f.ShareBP, f.ValidFrom, f.ValidUntil))
			}
			return err
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	return out
}

// furnish gives a party sites, rigs, applications in several states, accounts and
// persons, some of whom the other party has too.
func (r *registry) furnish(rnd *rand.Rand, p, other models.Party) {
	var sites []models.Site
	for range rnd.IntN(3) {
		sites = append(sites, r.site(p.ID, "CP"+r.bin()))
	}
	for range rnd.IntN(4) {
		must(r.RegisterEquipment(r.ctx, clerk, models.Equipment{Manufacturer: "Bitmain", Model: "S19", Serial: "S-" + r.bin(), Nameplate: 3_250, Owner: p.ID}))
	}
	for _, s := range sites {
		a := must(r.CreateDraft(r.ctx, clerk, request(p, s)))
		for _, step := range []func() models.Application{
			func() models.Application { return must(r.Submit(r.ctx, clerk, a.ID, a.Version)) },
			func() models.Application { return must(r.Register(r.ctx, clerk, a.ID, a.Version)) },
			func() models.Application { return must(r.CompletenessCheck(r.ctx, officer, a.ID, a.Version, nil)) },
			func() models.Application {
				a = r.allMet(a)
				return must(r.DraftDecision(r.ctx, officer, a.ID, a.Version, models.Decision{Outcome: models.OutcomeRefuse, Reasons: []string{"REQUIREMENTS_NOT_MET"}}))
			},
			func() models.Application { return must(r.Sign(r.ctx, head, a.ID, a.Version)).Application },
		}[:rnd.IntN(6)] {
			a = step()
		}
	}
	for range rnd.IntN(2) {
		err := r.store.Update(r.ctx, func(tx *store.Tx) error {
			id := tx.NewID()
			return tx.InsertUser(models.User{ID: id, Login: id, Name: "Ә", Roles: []models.Role{models.RoleApplicant}, Party: p.ID, Version: 1, Created: tx.Now, Updated: tx.Now}, "x")
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	shared := fmt.Sprintf("director of %s", other.ID)
	for range rnd.IntN(3) {
		r.owner(p.ID, r.iin(), 1+rnd.Int64N(1_600), "2026-01-01")
	}
	must(r.AddPerson(r.ctx, clerk, p.ID, models.PartyPerson{Role: models.RoleDirector, Name: shared, Citizenship: "DE", ValidFrom: "2026-01-01"}))
}

func partyNamed(name string) licensing.PartyChange { return licensing.PartyChange{NameRu: &name} }

func TestMerge_EachApplicationThatItMovesKeepsItsVersionsWithoutGapsInTheLedger(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		survivor, duplicate := r.party(nil), r.party(nil)
		a := must(r.CreateDraft(r.ctx, clerk, request(duplicate, r.site(duplicate.ID, "CP1"))))
		m := r.merged(survivor.ID, duplicate.ID)
		must(r.UndoMerge(r.ctx, officer, m.ID, m.Version, "they are two"))
		var versions []int64
		for _, e := range append(r.entries("application.drafted"), r.entries("application.applicant_changed")...) {
			if e.Subject.ID == a.ID {
				versions = append(versions, e.SubjectVersion)
			}
		}
		now := must(r.Application(r.ctx, officer, a.ID))
		if want := []int64{1, 2, 3}; !slices.Equal(versions, want) || now.Version != 3 || now.Applicant != duplicate.ID {
			t.Errorf("the ledger has versions %v of the application, which has %d and belongs to %s; want %v", versions, now.Version, now.Applicant, want)
		}
	})
}

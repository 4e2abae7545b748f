package licensing_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func TestApplicant_SeesWhatWasFoundOfEachRequirementWithTheDecisionOnly(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		me := applicantOf(p.ID)
		a := r.drafted(request(p, r.site(p.ID, "CP1")), models.OutcomeGrant)
		found := func(list []models.ChecklistItem) (n int) {
			for _, c := range list {
				if c.Result != "" || c.Note != "" || c.By != "" {
					n++
				}
			}
			return n
		}
		_, err := r.Submit(r.ctx, me, a.ID, a.Version)
		if wantCode(t, "filing again", err, models.CodeConflict); strings.Contains(err.Error(), "drafted") {
			t.Errorf("the applicant is told of the draft: %v", err)
		}
		_, err = r.Attach(r.ctx, me, a.ID, "FEE", "x.pdf", []byte("%PDF-1.4"))
		if wantCode(t, "a file", err, models.CodeConflict); strings.Contains(err.Error(), "drafted") {
			t.Errorf("the applicant is told of the draft: %v", err)
		}
		_, err = r.AppealRoute(r.ctx, me, a.ID)
		if wantCode(t, "an appeal", err, models.CodeConflict); strings.Contains(err.Error(), "drafted") {
			t.Errorf("the applicant is told of the draft: %v", err)
		}
		listed, _ := must2(r.Applications(r.ctx, me, store.ApplicationFilter{}, store.Page{}))
		for _, seen := range []models.Application{must(r.Application(r.ctx, me, a.ID)), listed[0]} {
			if n := found(seen.Checklist); n != 0 || len(seen.Checklist) != len(a.Checklist) {
				t.Errorf("before the decision the applicant sees %d findings on %d requirements, want 0 on %d", n, len(seen.Checklist), len(a.Checklist))
			}
		}
		if n := found(must(r.Application(r.ctx, officer, a.ID)).Checklist); n != len(a.Checklist) {
			t.Errorf("the officer sees %d findings, want %d", n, len(a.Checklist))
		}
		must(r.Sign(r.ctx, head, a.ID, a.Version))
		for _, c := range must(r.Application(r.ctx, me, a.ID)).Checklist {
			if c.Result != models.ChecklistMet || c.By != "" {
				t.Errorf("after the decision the applicant sees %+v, want what was found and not by whom", c)
			}
		}
	})
}

func TestApplicant_CannotTellAForeignCaseFromNone(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		mine, other := r.party(nil), r.party(nil)
		a := r.drafted(request(mine, r.site(mine.ID, "CP1")), models.OutcomeGrant)
		l := must(r.Sign(r.ctx, head, a.ID, a.Version)).License
		must(r.Suspend(r.ctx, head, l.Number, suspend3))
		const nothing = "0190f000-0000-7000-8000-000000000000"
		reads := map[string]func(actor models.Actor, key string) error{
			"Application":  func(x models.Actor, k string) error { _, err := r.Application(r.ctx, x, k); return err },
			"Requests":     func(x models.Actor, k string) error { _, err := r.Requests(r.ctx, x, k); return err },
			"Contents":     func(x models.Actor, k string) error { _, err := r.Contents(r.ctx, x, k); return err },
			"ClockEvents":  func(x models.Actor, k string) error { _, err := r.ClockEvents(r.ctx, x, k); return err },
			"Tasks":        func(x models.Actor, k string) error { _, err := r.Tasks(r.ctx, x, k); return err },
			"Receipt":      func(x models.Actor, k string) error { _, err := r.Receipt(r.ctx, x, k); return err },
			"Attachments":  func(x models.Actor, k string) error { _, err := r.Attachments(r.ctx, x, k); return err },
			"Appeals":      func(x models.Actor, k string) error { _, err := r.Appeals(r.ctx, x, k); return err },
			"AppealRoute":  func(x models.Actor, k string) error { _, err := r.AppealRoute(r.ctx, x, k); return err },
			"Withdraw":     func(x models.Actor, k string) error { _, err := r.Withdraw(r.ctx, x, k, 0); return err },
			"FileAppeal":   func(x models.Actor, k string) error { _, err := r.FileAppeal(r.ctx, x, k, "It is wrong"); return err },
			"License":      func(x models.Actor, k string) error { _, err := r.License(r.ctx, x, k, time.Time{}); return err },
			"LicenseKnown": func(x models.Actor, k string) error { _, err := r.LicenseVersions(r.ctx, x, k); return err },
			"Urgent":       func(x models.Actor, k string) error { _, err := r.Urgent(r.ctx, x, k); return err },
		}
		for name, read := range reads {
			key, none := a.ID, nothing
			if slices.Contains([]string{"License", "LicenseKnown", "Urgent"}, name) {
				key, none = l.Number, "KZ0000000000000"
			}
			foreign, missing := read(applicantOf(other.ID), key), read(applicantOf(other.ID), none)
			if models.CodeOf(foreign) != models.CodeNotFound || models.CodeOf(missing) != models.CodeNotFound {
				t.Errorf("%s: a foreign case gives %v and none gives %v, want both not found", name, foreign, missing)
				continue
			}
			if got, want := withoutName(foreign.Error(), key), withoutName(missing.Error(), none); got != want {
				t.Errorf("%s: a foreign case gives %q and none gives %q", name, got, want)
			}
		}
		if act, err := r.Urgent(r.ctx, applicantOf(mine.ID), l.Number); err != nil || act == nil {
			t.Errorf("the holder is told of the urgent suspension as %v (%v)", act, err)
		}
	})
}

func TestPublicRegister_NoCursorTellsOfAPerson(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(func(p *models.Party) {
			p.BinOrIin, p.Kind, p.NameRu, p.NameKk, p.Size = must(models.CompleteBin("90051530012")), models.PartySoleEntrepreneur, "Ахметов Ержан", "Ахметов Ержан", models.SizeMedium
		})
		a := r.drafted(request(p, r.site(p.ID, "CP1")), models.OutcomeGrant)
		l := must(r.Sign(r.ctx, head, a.ID, a.Version)).License
		firm := r.licensed("CP2")
		for _, query := range []string{"ахметов", p.BinOrIin, p.BinOrIin[:6], "CP1"} {
			if got, next := must2(r.PublicRegister(r.ctx, licensing.PublicFilter{Query: query}, store.Page{Limit: 1})); len(got) != 0 || next != "" {
				t.Errorf("%q finds %d and goes on after %q: whose license that is, is not public", query, len(got), next)
			}
		}
		if got, _ := must2(r.PublicRegister(r.ctx, licensing.PublicFilter{Query: l.Number}, store.Page{Limit: 1})); len(got) != 1 || got[0].Number != l.Number {
			t.Errorf("by its number: %+v", got)
		}
		if got, _ := must2(r.PublicRegister(r.ctx, licensing.PublicFilter{Query: firm.HolderBin}, store.Page{Limit: 1})); len(got) != 1 || got[0].Number != firm.Number {
			t.Errorf("a legal entity by its BIN: %+v", got)
		}
	})
}

func TestEquipmentEvents_ABuyerSeesNothingOfTheTimeBefore(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p, q := r.party(nil), r.party(nil)
		first := r.site(p.ID, "CP1")
		given := rig(p.BinOrIin, "SN-1")
		given.Site = first.Code
		e := must(r.RegisterEquipment(r.ctx, clerk, given))
		must(r.RecordEquipment(r.ctx, clerk, e.ID, 1, declare(models.EquipmentPutAway, models.EquipmentPosition{}, "inner paper")))
		must(r.RecordEquipment(r.ctx, clerk, e.ID, 2, declare(models.EquipmentSale, models.EquipmentPosition{Owner: q.BinOrIin}, "7/26")))
		for _, x := range must(r.EquipmentEvents(r.ctx, applicantOf(q.ID), e.ID)) {
			if x.Before.Owner != "" || x.Before.Site != "" || x.Document == "inner paper" {
				t.Errorf("the buyer sees %+v", x)
			}
			if x.Kind == models.EquipmentSale && (x.Document != "7/26" || x.After.Owner != q.ID) {
				t.Errorf("the buyer does not see its own purchase: %+v", x)
			}
		}
		inside := must(r.EquipmentEvents(r.ctx, officer, e.ID))
		if len(inside) != 2 || inside[0].Document != "inner paper" || inside[0].Before.Owner != p.ID {
			t.Errorf("the office sees %+v", inside)
		}
	})
}

func TestHolder_NobodyOfItsPartyTakesPartInAnActOnItsLicense(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		kin := models.Actor{ID: "u-kin", Kind: "person", Roles: []models.Role{models.RoleOfficer, models.RoleHead}, Party: l.Holder}
		lift := func(a models.LicenseAct) models.LicenseAct {
			a.License, a.Kind, a.Ground = l.Number, models.LiftAct, "CURED"
			return a
		}
		urgent := must(r.Suspend(r.ctx, head, l.Number, suspend3)).Act
		_, err := r.DraftAct(r.ctx, kin, lift(models.LicenseAct{}), licensing.AnyVersion)
		wantCode(t, "drafting", err, models.CodeForbidden)
		_, err = r.RejectAct(r.ctx, kin, urgent.ID, licensing.AnyVersion, "no")
		wantCode(t, "rejecting an urgent suspension", err, models.CodeForbidden)
		_, err = r.ConfirmAct(r.ctx, kin, urgent.ID, licensing.AnyVersion)
		wantCode(t, "confirming", err, models.CodeForbidden)
		draft := must(r.DraftAct(r.ctx, officer, lift(models.LicenseAct{}), licensing.AnyVersion))
		_, err = r.SignAct(r.ctx, kin, draft.ID, licensing.AnyVersion)
		wantCode(t, "signing", err, models.CodeForbidden)
		if got := must(r.SignAct(r.ctx, head, draft.ID, licensing.AnyVersion)); got.License.State != models.LicenseActive {
			t.Errorf("signed by somebody else: %s", got.License.State)
		}
	})
}

func TestSuspensionTask_ItsBeginningAndItsEndAreFacts(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		l := r.licensed("CP1")
		until := r.done(l.Number, models.SuspensionAct, "FALSE_INFORMATION", 3).Suspension.Until
		r.clock.Set(until.Add(time.Hour))
		must(r.NoteSuspensionsOver(r.ctx))
		if opened, closed := len(r.entries("task.opened")), len(r.entries("task.closed")); opened != 1 || closed != 0 {
			t.Errorf("%d tasks opened and %d closed in the ledger, want 1 and 0", opened, closed)
		}
		r.done(l.Number, models.LiftAct, "CURED", 0)
		if closed := len(r.entries("task.closed")); closed != 1 {
			t.Errorf("%d tasks closed in the ledger after the lift, want 1", closed)
		}
	})
}

// withoutName takes the name that was asked for out of an error.
func withoutName(text, name string) string { return strings.ReplaceAll(text, name, "…") }

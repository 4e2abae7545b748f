package enforcement_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

var (
	officer  = models.Actor{ID: "u-officer", Kind: "person", Name: "Officer", Roles: []models.Role{models.RoleOfficer}}
	officer2 = models.Actor{ID: "u-officer2", Kind: "person", Name: "Second", Roles: []models.Role{models.RoleOfficer}}
	head     = models.Actor{ID: "u-head", Kind: "person", Name: "Head", Roles: []models.Role{models.RoleHead}}
	auditor  = models.Actor{ID: "u-auditor", Kind: "person", Name: "Auditor", Roles: []models.Role{models.RoleAuditor}}
)

// office is a service on a store with the dated numbers and the people.
func office(t *testing.T, s *store.Store, percent int64) *enforcement.Service {
	t.Helper()
	value := func(code string, n int64, unit string) models.LegalValue {
		return models.LegalValue{Code: code, Value: n, Unit: unit, LegalRef: "test", Grade: "R", ValidFrom: "2020-01-01"}
	}
	err := s.Update(context.Background(), func(tx *store.Tx) error {
		_, err := tx.AddReference(store.Reference{Values: []models.LegalValue{value("case_lead_days", 3, "working_days"), value("case_step_days", 30, "working_days"),
			value("case_second_look_kw", 100, "kw"), value("case_second_look_percent", percent, "percent")}})
		for _, a := range []models.Actor{officer, officer2, head, auditor} {
			if err == nil {
				err = tx.InsertUser(models.User{ID: a.ID, Login: a.ID, Name: a.Name, Roles: a.Roles, Created: tx.Now, Version: 1}, "hash")
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return enforcement.New(s)
}

func tip(kw int64) models.Case {
	return models.Case{Source: models.CaseFromTip, Title: "Fans at night in the old mill", Summary: "Caller Aman Serikov", Estimated: models.Watts(kw * 1000)}
}

var mill = []models.CaseSubject{{Kind: "premises", Label: "Өскемен, Зауыт көшесі 4"}}

func TestCase_FromTipToClosureWithEverythingInTheLedgerButTheWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, ctx := office(t, s, 1), context.Background()
		m, err := svc.Open(ctx, officer, tip(80), mill)
		if err != nil {
			t.Fatal(err)
		}
		id := m.Case.ID
		if m.Case.Number != "EC-2026-000001" || m.Case.State != models.CaseOpen || m.Case.Due != "2026-03-05" {
			t.Fatalf("opened: %+v", m.Case)
		}
		if _, err := svc.Close(ctx, officer, id, models.CasePenalised, "x", 0); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("a case that nobody leads was closed: %v", err)
		}
		if m, err = svc.Lead(ctx, officer, id, "", 1); err != nil || m.Case.Lead != officer.ID || m.Case.State != models.CaseInvestigating {
			t.Fatalf("led: %+v %v", m.Case, err)
		}
		if _, err := svc.Lead(ctx, officer2, id, "", 0); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("another officer took a led case: %v", err)
		}
		if _, err := svc.Lead(ctx, head, id, "nobody", 0); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("a person that does not exist leads: %v", err)
		}
		clock.Advance(time.Hour)
		seizure := models.CaseAct{Kind: models.CaseSeized, On: "2026-03-02", Number: "P-7", Agency: "police", Place: "Depot 3", Serials: []string{"SN1", "SN2"}, CriminalCase: "267100031000012"}
		if m, err = svc.Act(ctx, officer, id, seizure); err != nil || len(m.Acts) != 1 || m.Acts[0].Rigs != 2 {
			t.Fatalf("seizure: %+v %v", m.Acts, err)
		}
		if m, err = svc.Close(ctx, officer, id, models.CaseConvicted, "Court of 2026-03-02", m.Case.Version); err != nil || m.Case.State != models.CaseClosed || m.Case.Due != "" {
			t.Fatalf("closed: %+v %v", m.Case, err)
		}
		if _, err := svc.Act(ctx, officer, id, seizure); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("a seizure after the end: %v", err)
		}
		if m, err = svc.Reopen(ctx, head, id, "A new witness", 0); err != nil || m.Case.State != models.CaseInvestigating || m.Case.Outcome != "" {
			t.Errorf("reopened: %+v %v", m.Case, err)
		}
		kinds := entriesWithoutWords(t, s, "Aman", "old mill", "Зауыт", "267100031000012", "SN1", "witness")
		if want := "case.opened case.led case.acted case.closed case.reopened"; strings.Join(kinds, " ") != want {
			t.Errorf("the ledger has %v, want %s", kinds, want)
		}
	})
}

// entriesWithoutWords gives the kinds of the entries, and refuses words in their bodies.
func entriesWithoutWords(t *testing.T, s *store.Store, words ...string) (kinds []string) {
	t.Helper()
	err := s.View(context.Background(), func(tx *store.Tx) error {
		entries, err := tx.UnsealedEntries(100)
		for _, e := range entries {
			kinds = append(kinds, e.Kind)
			for _, w := range words {
				if strings.Contains(e.Body, w) {
					t.Errorf("%s holds %q: %s", e.Kind, w, e.Body)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return kinds
}

func TestCase_LargeOnesAndAShareByLotAreDismissedByTwo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		svc, ctx := office(t, s, 50), context.Background()
		dismissed := func(kw int64) models.Case {
			t.Helper()
			m, err := svc.Open(ctx, officer, tip(kw), mill)
			if err == nil {
				_, err = svc.Lead(ctx, officer, m.Case.ID, "", 0)
			}
			if err == nil {
				m, err = svc.Dismiss(ctx, officer, m.Case.ID, models.DismissedOtherLoad, "A bakery", 0)
			}
			if err != nil {
				t.Fatal(err)
			}
			return m.Case
		}
		large := dismissed(100)
		if large.State != models.CaseDismissalDrafted {
			t.Fatalf("100 kW was dismissed by one person: %s", large.State)
		}
		if _, err := svc.ConfirmDismissal(ctx, officer, large.ID, 0); models.CodeOf(err) != models.CodeFourEyes {
			t.Errorf("the drafter confirms: %v", err)
		}
		if m, err := svc.ReturnDismissal(ctx, officer2, large.ID, "Look at the night", 0); err != nil || m.Case.State != models.CaseInvestigating || m.Case.Note != "" {
			t.Errorf("returned: %+v %v", m.Case, err)
		}
		if m, err := svc.Dismiss(ctx, officer, large.ID, models.DismissedOtherLoad, "Looked", 0); err != nil || m.Case.State != models.CaseDismissalDrafted {
			t.Errorf("dismissed again: %+v %v", m.Case, err)
		}
		if m, err := svc.ConfirmDismissal(ctx, officer2, large.ID, 0); err != nil || m.Case.State != models.CaseDismissed {
			t.Errorf("confirmed: %+v %v", m.Case, err)
		}
		drafted := 0
		for range 40 {
			if dismissed(10).State == models.CaseDismissalDrafted {
				drafted++
			}
		}
		if drafted == 0 || drafted == 40 {
			t.Errorf("%d of 40 small cases wait for a second look at a share of half: no lot was drawn", drafted)
		}
	})
}

func TestCase_ARestrictedOneIsThereForThoseItNamesOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		svc, ctx := office(t, s, 1), context.Background()
		m, err := svc.Open(ctx, officer, tip(5), mill)
		if err != nil {
			t.Fatal(err)
		}
		id := m.Case.ID
		if _, err := svc.Restrict(ctx, officer, id, nil, 0); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("an officer restricts: %v", err)
		}
		if _, err := svc.Restrict(ctx, head, id, []string{officer2.ID}, 0); err != nil {
			t.Fatal(err)
		}
		sees := func(a models.Actor) bool {
			t.Helper()
			_, one := svc.Case(ctx, a, id)
			list, _, err := svc.Cases(ctx, a, store.CaseFilter{}, store.Page{})
			if err != nil || (one == nil) != (len(list) == 1) || one != nil && models.CodeOf(one) != models.CodeNotFound {
				t.Errorf("%s: the case gives %v and the list %d, %v", a.ID, one, len(list), err)
			}
			return one == nil
		}
		if sees(officer) || sees(auditor) || !sees(officer2) || !sees(head) {
			t.Error("a restricted case is seen by others than its lead, its members and the heads")
		}
		other, err := svc.Open(ctx, officer, tip(6), []models.CaseSubject{{Kind: "premises", Label: "өскемен зауыт көшесі, 4"}})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := svc.Case(ctx, head, other.Case.ID); len(got.Related) != 1 {
			t.Errorf("the same premises in another spelling meet %d cases, want 1", len(got.Related))
		}
		if got, _ := svc.Case(ctx, officer, other.Case.ID); len(got.Related) != 0 {
			t.Error("a related case gives a restricted one away")
		}
	})
}

func TestCase_OpenRefusesWhatDoesNotExistAndSaysWhere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		svc, ctx := office(t, s, 1), context.Background()
		_, err := svc.Open(ctx, officer, tip(5), []models.CaseSubject{mill[0], {Kind: "license", Ref: "KZ00"}, {Kind: "connection_point", Ref: "nowhere"}})
		if err == nil || !strings.Contains(err.Error(), "/subjects/1/ref") || !strings.Contains(err.Error(), "/subjects/2/ref") {
			t.Errorf("%v", err)
		}
		if _, err := svc.Open(ctx, models.Actor{ID: "x", Roles: []models.Role{models.RoleUtility}}, tip(5), mill); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("a utility opens a case: %v", err)
		}
	})
}

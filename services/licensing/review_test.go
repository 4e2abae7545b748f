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

// colleague adds a person who works here as users and gives them as an actor.
func (r *registry) colleague(name, unit string, roles ...models.Role) models.Actor {
	u := models.User{Login: name, Name: "Name of " + name, Roles: roles, Unit: unit, Version: 1}
	err := r.store.Update(r.ctx, func(tx *store.Tx) error {
		u.ID, u.Created, u.Updated = tx.NewID(), tx.Now, tx.Now
		return tx.InsertUser(u, "hash")
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return u.Actor()
}

// place makes a site of the owner at one point, which the grid register has.
func (r *registry) place(owner string) models.Site {
	const code = "PS1-F1-CP1"
	site := r.site(owner, code)
	err := r.store.Update(r.ctx, func(tx *store.Tx) error {
		_, err := tx.ConnectionPoint(code)
		if models.CodeOf(err) != models.CodeNotFound {
			return err
		}
		if err := tx.InsertUtility(models.Utility{ID: "ut-r", Code: "UR", Bin: "210440038887", Version: 1}); err != nil {
			return err
		}
		if err := tx.InsertSubstation(models.Substation{ID: "ss-r", Code: "PS1", Utility: "ut-r", VoltKV: 110, Limit: 1e7, Version: 1}); err != nil {
			return err
		}
		if err := tx.InsertFeeder(models.Feeder{ID: "fd-r", Code: "PS1-F1", Substation: "ss-r", Utility: "ut-r", VoltKV: 10, Limit: 1e7, Version: 1}); err != nil {
			return err
		}
		return tx.InsertConnectionPoint(models.ConnectionPoint{ID: "cp-r", Code: code, Feeder: "fd-r", Utility: "ut-r", State: models.ConnectionPlanned,
			Permitted: 5_000_000, Version: 1})
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return site
}

func TestConflict_WhoDeclaredOneTakesNoPartUntilAHeadWithdrawsIt(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		a := r.drafted(request(p, r.place(p.ID)), models.OutcomeGrant)
		const secret = "Шурин Сериков Арман"
		_, err := r.DeclareConflict(r.ctx, officer, a.ID, models.Conflict{Reason: " "})
		wantCode(t, "a conflict without a reason", err, models.CodeInvalid)
		_, err = r.DeclareConflict(r.ctx, officer, a.ID, models.Conflict{Reason: secret, Person: head.ID})
		wantCode(t, "an officer for a head", err, models.CodeInvalid)
		a = must(r.DeclareConflict(r.ctx, officer, a.ID, models.Conflict{Reason: secret}))
		if a.Officer != "" || a.State != models.ApplicationInReview || a.Decision != nil || a.Voided == nil || a.Voided.Why != models.VoidedByConflict {
			t.Errorf("after the declaration: officer %q, %s, draft %v, voided %+v; want nobody in charge and the draft fallen", a.Officer, a.State, a.Decision, a.Voided)
		}
		item := models.ChecklistItem{Code: a.Checklist[0].Code, Result: models.ChecklistMet}
		_, err = r.CheckItem(r.ctx, officer, a.ID, a.Version, item)
		wantCode(t, "checking an item", err, models.CodeForbidden)
		_, err = r.DraftDecision(r.ctx, officer, a.ID, a.Version, models.Decision{Outcome: models.OutcomeGrant})
		wantCode(t, "drafting", err, models.CodeForbidden)
		_, err = r.Assign(r.ctx, officer, a.ID, a.Version, "")
		wantCode(t, "taking charge", err, models.CodeForbidden)
		_, err = r.AskCorrection(r.ctx, officer, a.ID, a.Version, models.Request{Items: []models.CorrectionItem{{Pointer: "/note", Text: "x"}}}, 5)
		wantCode(t, "asking for a correction", err, models.CodeForbidden)
		other := r.colleague("other", "", models.RoleOfficer)
		a = must(r.DraftDecision(r.ctx, other, a.ID, a.Version, models.Decision{Outcome: models.OutcomeGrant}))
		_, err = r.Sign(r.ctx, officer, a.ID, a.Version)
		wantCode(t, "signing", err, models.CodeForbidden)
		_, err = r.DeclareConflict(r.ctx, officer, a.ID, models.Conflict{Reason: "again"})
		wantCode(t, "declaring twice", err, models.CodeConflict)

		list := must(r.Conflicts(r.ctx, head, a.ID))
		if len(list) != 1 || list[0].Reason != secret {
			t.Fatalf("conflicts %+v, want the one with its reason", list)
		}
		_, err = r.WithdrawConflict(r.ctx, officer, a.ID, list[0].ID, "it is over")
		wantCode(t, "withdrawing by an officer", err, models.CodeForbidden)
		_, err = r.WithdrawConflict(r.ctx, models.Actor{ID: officer.ID, Kind: "person", Roles: []models.Role{models.RoleHead}}, a.ID, list[0].ID, "it is over")
		wantCode(t, "withdrawing one's own", err, models.CodeFourEyes)
		must(r.WithdrawConflict(r.ctx, head, a.ID, list[0].ID, "it is over"))
		if _, err := r.Sign(r.ctx, officer, a.ID, licensing.AnyVersion); err != nil {
			t.Errorf("signing after the withdrawal: %v", err)
		}
		for _, kind := range []string{"application.conflict_declared", "application.conflict_withdrawn"} {
			entries := r.entries(kind)
			if len(entries) != 1 {
				t.Errorf("%d entries %s, want 1", len(entries), kind)
			}
			for _, e := range entries {
				if strings.Contains(e.Body, "Сериков") || strings.Contains(e.Body, "it is over") {
					t.Errorf("the ledger's %s holds the reason: %s", kind, e.Body)
				}
			}
		}
	})
}

func TestConflict_WhoBelongsToTheApplicantTakesNoPart(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		a := r.drafted(request(p, r.place(p.ID)), models.OutcomeGrant)
		insider := head
		insider.Party = p.ID
		_, err := r.Sign(r.ctx, insider, a.ID, a.Version)
		wantCode(t, "signing for one's own party", err, models.CodeForbidden)
		if sheet := must(r.Sheet(r.ctx, insider, a.ID)); sheet.Barred == "" {
			t.Error("the review sheet does not say that the caller takes no part")
		}
		if sheet := must(r.Sheet(r.ctx, head, a.ID)); sheet.Barred != "" {
			t.Errorf("a head without a conflict is barred: %s", sheet.Barred)
		}
	})
}

func TestSign_NeedsAnotherUnitWhereBothHaveOne(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		req := request(p, r.place(p.ID))
		drafter, same, elsewhere := officer, head, head
		drafter.Unit, same.Unit, elsewhere.Unit = "licensing, north", "licensing, north", "management"
		a := r.drafted(req, models.OutcomeRefuse)
		a = must(r.VoidDraft(r.ctx, drafter, a.ID, a.Version))
		if a.Voided == nil || a.Voided.Why != models.VoidedByHand || a.Voided.By != drafter.ID {
			t.Errorf("voided %+v, want who took it back", a.Voided)
		}
		a = must(r.DraftDecision(r.ctx, drafter, a.ID, a.Version, models.Decision{Outcome: models.OutcomeRefuse, Reasons: []string{"COURT_BAN"}}))
		if a.Voided != nil {
			t.Errorf("a new draft keeps the one that fell: %+v", a.Voided)
		}
		_, err := r.Sign(r.ctx, same, a.ID, a.Version)
		wantCode(t, "signing in the drafter's unit", err, models.CodeFourEyes)
		if slices.Contains(a.Allowed(same), "sign") || !slices.Contains(a.Allowed(elsewhere), "sign") {
			t.Errorf("allowed: %v in the unit, %v elsewhere; want sign elsewhere only", a.Allowed(same), a.Allowed(elsewhere))
		}
		signed := must(r.Sign(r.ctx, elsewhere, a.ID, a.Version)).Application
		if d := signed.Decision; d.DrafterUnit != drafter.Unit || d.SignerUnit != elsewhere.Unit {
			t.Errorf("units %q and %q, want both kept", d.DrafterUnit, d.SignerUnit)
		}
	})
}

func TestDraft_AnyEditAfterItMakesItFallAndSaysWhoAndWhy(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		a := r.drafted(request(p, r.place(p.ID)), models.OutcomeGrant)
		redraft := func() {
			t.Helper()
			a = must(r.DraftDecision(r.ctx, officer, a.ID, 0, models.Decision{Outcome: models.OutcomeGrant}))
		}
		fell := func(what, why string) {
			t.Helper()
			if a.Decision != nil || a.State != models.ApplicationInReview || a.Voided == nil || a.Voided.Why != why || a.Voided.Drafter != officer.ID {
				t.Errorf("%s: %s, draft %v, voided %+v; want it fallen because of %s", what, a.State, a.Decision, a.Voided, why)
			}
			last := r.lastEntry(a.ID)
			if !strings.Contains(last.Body, `"draft_void_reason":"`+why+`"`) {
				t.Errorf("%s: the ledger's %s does not say that the draft fell: %s", what, last.Kind, last.Body)
			}
		}
		a = must(r.CheckItem(r.ctx, officer, a.ID, a.Version, models.ChecklistItem{Code: a.Checklist[0].Code, Result: models.ChecklistMet}))
		fell("an item", models.VoidedByChecklist)
		redraft()
		a = must(r.AskAgency(r.ctx, officer, a.ID, a.Version, models.Request{Agency: "Ministry", Text: "May they?"}))
		fell("a question to an agency", models.VoidedByQuestion)
		asked := must(r.Requests(r.ctx, officer, a.ID))[0]
		a = must(r.DraftDecision(r.ctx, officer, a.ID, a.Version, models.Decision{Outcome: models.OutcomeRefuse, Reasons: []string{"COURT_BAN"}}))
		a = must(r.RecordAgencyAnswer(r.ctx, clerk, a.ID, a.Version, asked.ID, models.RequestObjected, "No power there"))
		fell("an objection", models.VoidedByAgency)
		a = must(r.DraftDecision(r.ctx, officer, a.ID, a.Version, models.Decision{Outcome: models.OutcomeRefuse, Reasons: []string{"AGENCY_REFUSED"}}))
		a = must(r.AskCorrection(r.ctx, officer, a.ID, a.Version, models.Request{Items: []models.CorrectionItem{{Pointer: "/note", Text: "Say where"}}}, 5))
		fell("a correction request", models.VoidedByCorrection)
	})
}

// lastEntry is the newest entry of the ledger about an application.
func (r *registry) lastEntry(id string) (last store.LedgerEntry) {
	err := r.store.View(r.ctx, func(tx *store.Tx) error {
		all, err := tx.UnsealedEntries(100_000)
		for _, e := range all {
			if e.Subject.ID == id {
				last = e
			}
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return last
}

func TestSign_FailsWhenWhatTheSignerSawHasChanged(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		a := r.drafted(request(p, r.place(p.ID)), models.OutcomeGrant)
		seen := must(r.Sheet(r.ctx, head, a.ID)).Digest
		must(r.Assign(r.ctx, officer, a.ID, 0, ""))
		if again := must(r.Sheet(r.ctx, head, a.ID)).Digest; again != seen {
			t.Errorf("the digest moved from %s to %s with the officer in charge, which is no part of what is signed", seen, again)
		}
		a = must(r.CheckItem(r.ctx, officer, a.ID, 0, models.ChecklistItem{Code: a.Checklist[0].Code, Result: models.ChecklistMet, Note: "looked again"}))
		a = must(r.DraftDecision(r.ctx, officer, a.ID, 0, models.Decision{Outcome: models.OutcomeGrant}))
		_, err := r.SignSeen(r.ctx, head, a.ID, 0, seen)
		wantCode(t, "signing what was seen before", err, models.CodeVersionConflict)
		now := must(r.Sheet(r.ctx, head, a.ID)).Digest
		signed := must(r.SignSeen(r.ctx, head, a.ID, a.Version, now)).Application
		if signed.Decision.Seen != now {
			t.Errorf("the decision keeps %q as seen, want %q", signed.Decision.Seen, now)
		}
		_, err = r.CheckItem(r.ctx, officer, a.ID, 0, models.ChecklistItem{Code: a.Checklist[0].Code, Result: models.ChecklistMet})
		wantCode(t, "an edit after the signature", err, models.CodeConflict)
	})
}

func TestAppeal_UpheldReopensTheCaseWithANewClock(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		a := r.drafted(request(p, r.place(p.ID)), models.OutcomeRefuse)
		_, err := r.FileAppeal(r.ctx, clerk, a.ID, "It is wrong")
		wantCode(t, "an appeal before the refusal", err, models.CodeConflict)
		a = must(r.Sign(r.ctx, head, a.ID, a.Version)).Application
		route := must(r.AppealRoute(r.ctx, clerk, a.ID))
		if route.Until != "2026-06-02" || !route.Open || route.LegalRef == "" || route.Body.Kk == "" { // three months from Monday 2 March
			t.Errorf("route %+v, want until 2026-06-02 with its article and body", route)
		}
		stranger := models.Actor{ID: "u-x", Kind: "person", Roles: []models.Role{models.RoleApplicant}, Party: "somebody else"}
		_, err = r.FileAppeal(r.ctx, stranger, a.ID, "It is wrong")
		wantCode(t, "an appeal of another party", err, models.CodeNotFound)
		applicant := models.Actor{ID: "u-own", Kind: "person", Roles: []models.Role{models.RoleApplicant}, Party: p.ID}
		must(r.FileAppeal(r.ctx, applicant, a.ID, "It is wrong"))
		_, err = r.FileAppeal(r.ctx, applicant, a.ID, "And again")
		wantCode(t, "a second appeal", err, models.CodeConflict)
		for _, who := range []models.Actor{officer, head} {
			_, err = r.RecordAppeal(r.ctx, who, a.ID, models.AppealUpheld, models.Appeal{Outcome: "№ 7"})
			wantCode(t, "recording by "+who.Name, err, models.CodeFourEyes)
		}
		r.clock.Advance(10 * 24 * time.Hour)
		other := r.colleague("other", "", models.RoleOfficer)
		kin := models.Actor{ID: "u-kin", Kind: "person", Roles: []models.Role{models.RoleHead}, Party: p.ID}
		_, err = r.RecordAppeal(r.ctx, kin, a.ID, models.AppealUpheld, models.Appeal{Outcome: "№ 7"})
		wantCode(t, "recording by somebody of the applicant's party", err, models.CodeForbidden)
		_, err = r.RecordAppeal(r.ctx, other, a.ID, models.AppealUpheld, models.Appeal{})
		wantCode(t, "recording without a number", err, models.CodeInvalid)
		n := must(r.RecordAppeal(r.ctx, other, a.ID, models.AppealUpheld, models.Appeal{Outcome: "№ 7 of 12.03.2026"}))
		if n.State != models.ApplicationInReview || n.Decision != nil || !n.Clock.Started.Equal(r.clock.Now()) || n.Due != "2026-04-07" || n.Officer != "" {
			t.Errorf("reopened: %s, %v, clock %+v, due %s, officer %q; want a new clock from 12 March", n.State, n.Decision, n.Clock, n.Due, n.Officer)
		}
		kept := must(r.Appeals(r.ctx, applicant, a.ID))
		if len(kept) != 1 || kept[0].State != models.AppealUpheld || kept[0].Decision.Signer != head.ID || kept[0].RecordedBy != "" {
			t.Errorf("appeals %+v, want the refusal kept in it and the office's person hidden from the applicant", kept)
		}
		n = must(r.DraftDecision(r.ctx, officer, n.ID, n.Version, models.Decision{Outcome: models.OutcomeRefuse, Reasons: []string{"COURT_BAN"}}))
		must(r.Sign(r.ctx, head, n.ID, n.Version))
		r.clock.Set(time.Date(2026, 6, 12, 18, 59, 59, 0, time.UTC)) // 23:59:59 of the last day
		if route := must(r.AppealRoute(r.ctx, clerk, a.ID)); route.Until != "2026-06-12" || !route.Open {
			t.Errorf("the second refusal: until %s, open %v; want its own last day", route.Until, route.Open)
		}
		r.clock.Advance(time.Second)
		_, err = r.FileAppeal(r.ctx, applicant, a.ID, "Too late")
		wantCode(t, "an appeal a second after the last day", err, models.CodeConflict)
	})
}

func TestAssignAll_IsAllOrNothingAndNamesEachRefusal(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		site := r.place(p.ID)
		var ids []string
		for range 3 {
			a := must(r.CreateDraft(r.ctx, clerk, request(p, site)))
			a = must(r.Submit(r.ctx, clerk, a.ID, a.Version))
			ids = append(ids, must(r.Register(r.ctx, clerk, a.ID, a.Version)).ID)
		}
		draft := must(r.CreateDraft(r.ctx, clerk, request(p, site)))
		other := r.colleague("other", "", models.RoleOfficer)
		must(r.DeclareConflict(r.ctx, other, ids[1], models.Conflict{Reason: "a cousin"}))
		_, err := r.AssignAll(r.ctx, clerk, []string{ids[0], ids[1], draft.ID, "nothing", ids[0]}, other.ID)
		want := []string{"/ids/1 conflict_of_interest", "/ids/2 state", "/ids/3 unknown", "/ids/4 duplicate"}
		if got := pointers(err); !slices.Equal(got, want) {
			t.Errorf("refusals %v, want %v", got, want)
		}
		if a := must(r.Application(r.ctx, clerk, ids[0])); a.Officer != "" || len(r.entries("application.assigned")) != 0 {
			t.Errorf("one was assigned to %q although another refused", a.Officer)
		}
		_, err = r.AssignAll(r.ctx, clerk, ids, clerk.ID)
		if got := pointers(err); !slices.Equal(got, []string{"/officer role"}) {
			t.Errorf("a clerk in charge: %v", got)
		}
		done := must(r.AssignAll(r.ctx, clerk, []string{ids[0], ids[2]}, other.ID))
		if len(done) != 2 || done[0].Officer != other.ID || done[1].Officer != other.ID || len(r.entries("application.assigned")) != 2 {
			t.Errorf("assigned %+v", done)
		}
		staff := must(r.Staff(r.ctx, officer))
		if len(staff) != 1 || staff[0].ID != other.ID || staff[0].Load != 2 {
			t.Errorf("staff %+v, want one with a load of 2", staff)
		}
	})
}

func TestQueue_IsInTheOrderOfDueDatesWithCountsOfEveryGroup(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		p := r.party(nil)
		site := r.place(p.ID)
		make1 := func(registered time.Time) models.Application {
			r.clock.Set(registered)
			a := must(r.CreateDraft(r.ctx, clerk, request(p, site)))
			a = must(r.Submit(r.ctx, clerk, a.ID, a.Version))
			return must(r.Register(r.ctx, clerk, a.ID, a.Version))
		}
		day := func(month time.Month, d int) time.Time { return time.Date(2026, month, d, 5, 0, 0, 0, time.UTC) }
		// Fifteen working days before Wednesday 27 May 2026 and around it.
		wanted := map[string]string{}
		for _, c := range []struct {
			group string
			on    time.Time
		}{{"overdue", day(4, 20)}, {"overdue", day(4, 27)}, {"today", day(5, 12)}, {"soon", day(5, 13)}, {"soon", day(5, 14)}, {"later", day(5, 18)}, {"later", day(5, 20)}} {
			wanted[make1(c.on).ID] = c.group
		}
		standing := make1(day(5, 20))
		standing = must(r.CompletenessCheck(r.ctx, officer, standing.ID, 0, nil))
		must(r.AskCorrection(r.ctx, officer, standing.ID, 0, models.Request{Items: []models.CorrectionItem{{Pointer: "/note", Text: "?"}}}, 10))
		wanted[standing.ID] = "standing"
		fresh := must(r.CreateDraft(r.ctx, clerk, request(p, site)))
		must(r.Submit(r.ctx, clerk, fresh.ID, fresh.Version))
		wanted[fresh.ID] = "new"
		must(r.CreateDraft(r.ctx, clerk, request(p, site))) // a draft is nobody's work
		r.clock.Set(day(6, 3))

		whole, err := r.Queue(r.ctx, officer, store.QueueFilter{}, store.Page{Limit: 100})
		all, cursor, counts := whole.Applications, whole.Next, whole.Counts
		if err != nil || len(all) != len(wanted) || cursor != "" {
			t.Fatalf("%d in the queue, cursor %q (%v), want %d", len(all), cursor, err, len(wanted))
		}
		if !slices.IsSortedFunc(all, func(a, b models.Application) int { return strings.Compare(store.QueueCursor(a), store.QueueCursor(b)) }) {
			t.Error("the queue is not in the order of due dates")
		}
		perGroup := map[string]int64{}
		for _, a := range all {
			perGroup[wanted[a.ID]]++
			t.Logf("%s due %q: %s", a.ID, a.Due, wanted[a.ID])
		}
		for group, n := range counts {
			part, err := r.Queue(r.ctx, officer, store.QueueFilter{Group: group}, store.Page{Limit: 100})
			listed := part.Applications
			if err != nil || int64(len(listed)) != n || n != perGroup[group] {
				t.Errorf("group %s: %d counted, %d listed (%v), want %d", group, n, len(listed), err, perGroup[group])
			}
			for _, a := range listed {
				if wanted[a.ID] != group {
					t.Errorf("%s due %q stands in %s, want %s", a.ID, a.Due, group, wanted[a.ID])
				}
			}
		}
		var paged []string
		page := store.Page{Limit: 2}
		for {
			part, err := r.Queue(r.ctx, officer, store.QueueFilter{}, page)
			if err != nil {
				t.Fatal(err)
			}
			paged = append(paged, idsOf(part.Applications)...)
			if page.After = part.Next; part.Next == "" {
				break
			}
		}
		if want := idsOf(all); !slices.Equal(paged, want) {
			t.Errorf("by pages of two: %v, want %v", paged, want)
		}
		mine, err := r.Queue(r.ctx, officer, store.QueueFilter{Officer: officer.ID}, store.Page{})
		if err != nil || !slices.Equal(idsOf(mine.Applications), []string{standing.ID}) || mine.Counts["standing"] != 1 || mine.Counts["overdue"] != 0 {
			t.Errorf("mine: %+v (%v), want the one that stands", mine, err)
		}
		nobody, err := r.Queue(r.ctx, officer, store.QueueFilter{Unassigned: true}, store.Page{})
		if err != nil || len(nobody.Applications) != len(wanted)-1 {
			t.Errorf("%d without an officer (%v), want %d", len(nobody.Applications), err, len(wanted)-1)
		}
		found, err := r.Queue(r.ctx, officer, store.QueueFilter{Query: "Qazaq mainin", DueUntil: "2026-06-03"}, store.Page{})
		if err != nil || len(found.Applications) != int(perGroup["overdue"]+perGroup["today"]) {
			t.Errorf("%d by name and due date (%v)", len(found.Applications), err)
		}
		_, err = r.Queue(r.ctx, models.Actor{ID: "x", Roles: []models.Role{models.RoleApplicant}, Party: p.ID}, store.QueueFilter{}, store.Page{})
		wantCode(t, "an applicant at the queue", err, models.CodeForbidden)
		_, err = r.Queue(r.ctx, officer, store.QueueFilter{}, store.Page{After: "nonsense"})
		wantCode(t, "a strange cursor", err, models.CodeInvalid)
	})
}

func idsOf(list []models.Application) (out []string) {
	for _, a := range list {
		out = append(out, a.ID)
	}
	return out
}

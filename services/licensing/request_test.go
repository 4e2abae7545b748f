package licensing_test

import (
	"slices"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

// inReview brings an application to the review with every requirement met.
func (r *registry) inReview(points ...string) (models.Application, models.Application) {
	p := r.party(nil)
	req := request(p, r.site(p.ID, points...))
	a := must(r.CreateDraft(r.ctx, clerk, req))
	a = must(r.Submit(r.ctx, clerk, a.ID, a.Version))
	a = must(r.Register(r.ctx, clerk, a.ID, a.Version))
	a = must(r.CompletenessCheck(r.ctx, officer, a.ID, a.Version, nil))
	return r.allMet(a), req
}

func almaty(text string) time.Time {
	t := must(time.Parse("2006-01-02 15:04 -0700", text+" +0500"))
	return t.UTC()
}

var feeItem = models.Request{Items: []models.CorrectionItem{{Pointer: "/fee_document", Text: "The number is of another payment."}}}

func TestCorrection_StopsTheClockAndOnlyWhatWasAskedChanges(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		a, req := r.inReview("CP1")
		r.clock.Set(almaty("2026-03-04 10:00"))
		_, err := r.AskCorrection(r.ctx, clerk, a.ID, a.Version, feeItem, 5)
		wantCode(t, "a clerk's correction request", err, models.CodeForbidden)
		_, err = r.AskCorrection(r.ctx, officer, a.ID, a.Version, models.Request{Items: []models.CorrectionItem{{Pointer: "/sub_type"}}}, 5)
		if got := pointers(err); !slices.Equal(got, []string{"/items/0/pointer unknown", "/items/0/text required"}) {
			t.Errorf("a bad request gave %v", got)
		}
		_, err = r.AskCorrection(r.ctx, officer, a.ID, a.Version, feeItem, 31)
		wantCode(t, "31 working days", err, models.CodeInvalid)

		a = must(r.CheckItem(r.ctx, officer, a.ID, a.Version, models.ChecklistItem{Code: "FEE", Result: models.ChecklistNotMet, Note: "another payment"}))
		a = must(r.AskCorrection(r.ctx, officer, a.ID, a.Version, feeItem, 5))
		asked := must(r.Requests(r.ctx, officer, a.ID))
		// Wednesday 4 March + 5 working days, 9 March is off.
		if len(asked) != 1 || asked[0].Due != "2026-03-12" || asked[0].State != models.RequestOpen || a.Due != "" || !a.AwaitsCorrection() {
			t.Fatalf("asked = %+v, due %q", asked, a.Due)
		}
		_, err = r.AskCorrection(r.ctx, officer, a.ID, a.Version, feeItem, 5)
		wantCode(t, "a second open correction", err, models.CodeConflict)
		_, err = r.DraftDecision(r.ctx, officer, a.ID, a.Version, models.Decision{Outcome: models.OutcomeRefuse, Reasons: []string{"REQUIREMENTS_NOT_MET"}})
		wantCode(t, "a decision while the clock stands", err, models.CodeConflict)
		from, until, err := r.DueRange(r.ctx, "later")
		if list, _ := must2(r.Applications(r.ctx, officer, store.ApplicationFilter{DueFrom: from, DueUntil: until}, store.Page{})); err != nil || len(list) != 0 {
			t.Errorf("%d applications have a due date while the clock stands (%v)", len(list), err)
		}

		r.clock.Set(almaty("2026-03-06 09:00"))
		with := req
		with.FeeDocument, with.Note = "PP-2", "and by the way"
		_, err = r.Correct(r.ctx, clerk, a.ID, a.Version, asked[0].ID, with, "")
		if got := pointers(err); !slices.Equal(got, []string{"/note not_asked"}) {
			t.Errorf("a field nobody asked for gave %v", got)
		}
		_, err = r.Correct(r.ctx, clerk, a.ID, a.Version, asked[0].ID, req, "")
		if got := pointers(err); !slices.Equal(got, []string{"/answer required"}) {
			t.Errorf("an empty answer gave %v", got)
		}
		with.Note, with.FeeDocument = "", ""
		_, err = r.Correct(r.ctx, clerk, a.ID, a.Version, asked[0].ID, with, "")
		if got := pointers(err); !slices.Equal(got, []string{"/fee_document required"}) {
			t.Errorf("an answer that could not be filed gave %v", got)
		}
		with.FeeDocument = "PP-2"
		a = must(r.Correct(r.ctx, clerk, a.ID, a.Version, asked[0].ID, with, "corrected"))
		// Registered on 2 March, due 27 March; 4 and 5 March fell out.
		if a.FeeDocument != "PP-2" || a.Due != "2026-03-31" || a.AwaitsCorrection() {
			t.Errorf("corrected: %q, due %s", a.FeeDocument, a.Due)
		}
		if i := slices.IndexFunc(a.Checklist, func(c models.ChecklistItem) bool { return c.Result == "" }); i < 0 || a.Checklist[i].Code != "FEE" {
			t.Errorf("what was not met is to be looked at again: %+v", a.Checklist)
		}
		asked = must(r.Requests(r.ctx, officer, a.ID))
		if asked[0].State != models.RequestAnswered || !slices.Equal(asked[0].Changed, []string{"fee_document"}) || asked[0].ClosedBy != clerk.ID {
			t.Errorf("answered = %+v", asked[0])
		}
		kept := must(r.Contents(r.ctx, officer, a.ID))
		if len(kept) != 1 || kept[0].Application.FeeDocument != "PP-1" || kept[0].Request != asked[0].ID || len(models.ChangedFields(kept[0].Application, a)) != 1 {
			t.Errorf("kept = %+v", kept)
		}
		_, err = r.Correct(r.ctx, clerk, a.ID, a.Version, asked[0].ID, with, "again")
		wantCode(t, "a second answer", err, models.CodeConflict)
		for _, kind := range []string{"application.correction_requested", "application.corrected"} {
			if n := len(r.entries(kind)); n != 1 {
				t.Errorf("%d entries %s, want 1", n, kind)
			}
		}
	})
}

func TestCorrection_TheOneWhoAskedDoesNotAnswer(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		a, req := r.inReview("CP1")
		two := models.Actor{ID: "u-two", Kind: "person", Roles: []models.Role{models.RoleOfficer, models.RoleClerk}}
		a = must(r.AskCorrection(r.ctx, two, a.ID, a.Version, feeItem, 5))
		id := must(r.Requests(r.ctx, officer, a.ID))[0].ID
		req.FeeDocument = "PP-2"
		_, err := r.Correct(r.ctx, two, a.ID, a.Version, id, req, "")
		wantCode(t, "answering one's own request", err, models.CodeFourEyes)
	})
}

func TestCorrection_LapsesAtMidnightAndTheClockGoesOnFromThere(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		a, req := r.inReview("CP1")
		r.clock.Set(almaty("2026-03-04 10:00"))
		a = must(r.AskCorrection(r.ctx, officer, a.ID, a.Version, feeItem, 1)) // until Thursday 5 March
		r.clock.Set(almaty("2026-03-05 23:59"))
		if n := must(r.EndRequests(r.ctx)); n != 0 {
			t.Fatalf("%d requests ended a minute before midnight", n)
		}
		r.clock.Set(almaty("2026-03-10 12:00"))
		id := must(r.Requests(r.ctx, officer, a.ID))[0].ID
		req.FeeDocument = "PP-2"
		_, err := r.Correct(r.ctx, clerk, a.ID, a.Version, id, req, "")
		wantCode(t, "an answer after the term", err, models.CodeConflict)
		if n := must(r.EndRequests(r.ctx)); n != 1 {
			t.Fatalf("%d requests ended, want 1", n)
		}
		a = must(r.Application(r.ctx, officer, a.ID))
		asked := must(r.Requests(r.ctx, officer, a.ID))
		// 4 and 5 March fell out; 6 and 10 March count although nobody looked until then.
		if asked[0].State != models.RequestLapsed || !asked[0].ClosedAt.Equal(almaty("2026-03-06 00:00")) || a.Due != "2026-03-31" || a.AwaitsCorrection() {
			t.Errorf("lapsed = %+v, due %s", asked[0], a.Due)
		}
		d := must(r.Describe(r.ctx, a))[0]
		if d.Term.Used != 3 || d.Term.Left != 12 || d.Term.Due != a.Due {
			t.Errorf("the clock shows %+v, want 3 used (3, 6, 10 March)", d.Term)
		}
		if n := must(r.EndRequests(r.ctx)); n != 0 || len(r.entries("application.correction_lapsed")) != 1 {
			t.Errorf("ended %d again", n)
		}
	})
}

func TestAgency_SilenceCountsAsAgreementAndAnObjectionStopsAGrant(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		a, _ := r.inReview("CP1")
		r.clock.Set(almaty("2026-03-04 18:00"))
		ministry := models.Request{Agency: "Ministry of Energy", Text: "Is the power there?"}
		a = must(r.AskAgency(r.ctx, officer, a.ID, a.Version, ministry))
		r.clock.Set(almaty("2026-03-05 00:00"))
		a = must(r.AskAgency(r.ctx, officer, a.ID, a.Version, models.Request{Agency: "Akimat", Text: "Is the building lawful?"}))
		asked := must(r.Requests(r.ctx, officer, a.ID))
		// Registered on Monday 2 March: to be asked by Wednesday, 10 working days past 9 March.
		if asked[0].Due != "2026-03-19" || asked[0].SendBy != "2026-03-04" || asked[0].Late() || !asked[1].Late() || a.Due != "2026-03-27" {
			t.Errorf("asked = %+v, due %s", asked, a.Due)
		}
		grant := models.Decision{Outcome: models.OutcomeGrant}
		_, err := r.DraftDecision(r.ctx, officer, a.ID, a.Version, grant)
		if got := pointers(err); !slices.Equal(got, []string{"/outcome agency_open", "/outcome agency_open"}) {
			t.Errorf("a grant with two open requests gave %v", got)
		}
		_, err = r.RecordAgencyAnswer(r.ctx, officer, a.ID, a.Version, asked[1].ID, models.RequestObjected, "")
		wantCode(t, "an objection without words", err, models.CodeInvalid)
		a = must(r.RecordAgencyAnswer(r.ctx, clerk, a.ID, a.Version, asked[1].ID, models.RequestObjected, "No permit for the building."))

		r.clock.Set(almaty("2026-03-19 23:59"))
		if n := must(r.EndRequests(r.ctx)); n != 0 {
			t.Errorf("%d requests ended on the last day", n)
		}
		r.clock.Set(almaty("2026-03-20 00:00"))
		_, err = r.RecordAgencyAnswer(r.ctx, officer, a.ID, licensing.AnyVersion, asked[0].ID, models.RequestObjected, "too late")
		wantCode(t, "an answer after the term", err, models.CodeConflict)
		if n := must(r.EndRequests(r.ctx)); n != 1 {
			t.Errorf("%d requests ended, want 1", n)
		}
		asked = must(r.Requests(r.ctx, officer, a.ID))
		if asked[0].State != models.RequestDeemedAgreed || !asked[0].ClosedAt.Equal(almaty("2026-03-20 00:00")) || asked[1].State != models.RequestObjected {
			t.Errorf("after the term: %+v", asked)
		}
		_, err = r.DraftDecision(r.ctx, officer, a.ID, licensing.AnyVersion, grant)
		if got := pointers(err); !slices.Equal(got, []string{"/outcome agency_objected"}) {
			t.Errorf("a grant against an objection gave %v", got)
		}
		a = must(r.AskAgency(r.ctx, officer, a.ID, licensing.AnyVersion, models.Request{Agency: " akimat", Text: "And now, with the permit?"}))
		last := must(r.Requests(r.ctx, officer, a.ID))[2]
		a = must(r.RecordAgencyAnswer(r.ctx, officer, a.ID, a.Version, last.ID, models.RequestAgreed, ""))
		if a, err = r.DraftDecision(r.ctx, officer, a.ID, a.Version, grant); err != nil {
			t.Errorf("a grant after the agency agreed: %v", err)
		}
	})
}

func TestRequests_AnApplicantSeesItsCorrectionAndAnEndVoidsWhatIsOpen(t *testing.T) {
	each(t, func(t *testing.T, r *registry) {
		a, _ := r.inReview("CP1")
		a = must(r.AskAgency(r.ctx, officer, a.ID, a.Version, models.Request{Agency: "Akimat", Text: "?"}))
		a = must(r.AskCorrection(r.ctx, officer, a.ID, a.Version, feeItem, 5))
		me := models.Actor{ID: "u-me", Kind: "person", Roles: []models.Role{models.RoleApplicant}, Party: a.Applicant}
		stranger := models.Actor{ID: "u-x", Kind: "person", Roles: []models.Role{models.RoleApplicant}, Party: "other"}
		if seen := must(r.Requests(r.ctx, me, a.ID)); len(seen) != 1 || seen[0].Kind != models.RequestCorrection || seen[0].AskedBy != "" {
			t.Errorf("the applicant sees %+v", seen)
		}
		_, err := r.Requests(r.ctx, stranger, a.ID)
		wantCode(t, "somebody else's requests", err, models.CodeNotFound)
		_, err = r.Contents(r.ctx, stranger, a.ID)
		wantCode(t, "somebody else's contents", err, models.CodeNotFound)
		must(r.Withdraw(r.ctx, me, a.ID, a.Version))
		for _, q := range must(r.Requests(r.ctx, officer, a.ID)) {
			if q.State != models.RequestVoid || q.ClosedBy != me.ID {
				t.Errorf("after the withdrawal: %+v", q)
			}
		}
		r.clock.Set(almaty("2026-06-01 10:00"))
		if n := must(r.EndRequests(r.ctx)); n != 0 {
			t.Errorf("%d void requests ended", n)
		}
	})
}

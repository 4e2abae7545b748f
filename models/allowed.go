package models

import "slices"

// Allowed names what the actor may do with the application as it stands: edit,
// submit, register, completeness_check, assign, check_item, draft_decision, sign,
// withdraw, ask (the applicant or an agency), correct. It is for screens; the commands ask again.
func (a Application) Allowed(actor Actor) []string {
	steps := []struct {
		name   string
		action Action
		from   []ApplicationState
	}{
		{"edit", ActApplicationFile, []ApplicationState{ApplicationDraft, ApplicationReturned}},
		{"submit", ActApplicationFile, []ApplicationState{ApplicationDraft}},
		{"register", ActApplicationReview, []ApplicationState{ApplicationSubmitted}},
		{"completeness_check", ActApplicationReview, []ApplicationState{ApplicationRegistered}},
		{"assign", ActApplicationReview, []ApplicationState{ApplicationRegistered, ApplicationInReview, ApplicationDrafted}},
		{"check_item", ActApplicationReview, []ApplicationState{ApplicationInReview, ApplicationDrafted}},
		{"draft_decision", ActApplicationDraft, []ApplicationState{ApplicationInReview}},
		{"sign", ActApplicationSign, []ApplicationState{ApplicationDrafted}},
		{"withdraw", ActApplicationFile, []ApplicationState{ApplicationDraft, ApplicationSubmitted, ApplicationRegistered,
			ApplicationReturned, ApplicationInReview, ApplicationDrafted}},
		{"ask", ActApplicationDraft, []ApplicationState{ApplicationInReview, ApplicationDrafted}},
		{"correct", ActApplicationFile, []ApplicationState{ApplicationInReview}},
	}
	awaits := a.AwaitsCorrection()
	out := []string{}
	for _, s := range steps {
		drafter := s.name == "sign" && a.Decision != nil && SecondHand(a.Decision.Drafter, a.Decision.DrafterUnit, actor) != nil
		waits := s.name == "correct" && !awaits || s.name == "draft_decision" && awaits
		if slices.Contains(s.from, a.State) && !drafter && !waits && Can(actor, s.action, Scope{Party: a.Applicant}) == nil {
			out = append(out, s.name)
		}
	}
	return out
}

// Allowed names what the actor may bring about with the license as it stands:
// suspend, extend, lift, revoke, terminate, correct. Each is an act that one person
// drafts and another signs; suspend_now is what a head may do alone until somebody
// confirms it. It is for screens; the commands ask again.
func (l License) Allowed(actor Actor) []string {
	steps := []struct {
		name   string
		action Action
		from   []LicenseState
	}{
		{"suspend", ActLicenseDraft, []LicenseState{LicenseActive}},
		{"suspend_now", ActLicenseSuspend, []LicenseState{LicenseActive}},
		{"extend", ActLicenseDraft, []LicenseState{LicenseSuspended}},
		{"lift", ActLicenseDraft, []LicenseState{LicenseSuspended}},
		{"revoke", ActLicenseDraft, []LicenseState{LicenseActive, LicenseSuspended}},
		{"terminate", ActLicenseDraft, []LicenseState{LicenseActive, LicenseSuspended}},
		{"correct", ActLicenseDraft, []LicenseState{LicenseActive, LicenseSuspended, LicenseExpired, LicenseRevoked, LicenseTerminated}},
	}
	out := []string{}
	for _, s := range steps {
		if slices.Contains(s.from, l.State) && Can(actor, s.action, Scope{}) == nil {
			out = append(out, s.name)
		}
	}
	return out
}

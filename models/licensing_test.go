package models_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigistry/models"
)

func person(id string) models.Actor { return models.Actor{ID: id, Kind: "person"} }

var people = []models.Actor{person("u1"), person("u2"), person("u3")}

// naiveApplication is a second model of the procedure: a table of what may follow
// what, and the least that must be remembered.
type naiveApplication struct {
	state   string
	version int64
	drafter string
	outcome string
	items   map[string]string
}

// naiveNext gives the state after a step, "" where the step is not allowed.
func (n naiveApplication) naiveNext(step, actor string) string {
	allMet := len(n.items) == 2 && n.items["A"] != "" && n.items["A"] != "not_met" && n.items["B"] != "" && n.items["B"] != "not_met"
	switch step + " from " + n.state {
	case "amend from draft", "amend from returned":
		return "draft"
	case "submit from draft":
		return "submitted"
	case "register from submitted":
		return "registered"
	case "return from registered":
		return "returned"
	case "accept from registered", "check from in_review", "check from decision_drafted", "void from decision_drafted":
		return "in_review"
	case "assign from registered", "assign from in_review", "assign from decision_drafted":
		return n.state
	case "grant from in_review":
		if allMet {
			return "decision_drafted"
		}
	case "refuse from in_review":
		return "decision_drafted"
	case "sign from decision_drafted":
		if actor == n.drafter {
			return ""
		}
		return map[string]string{"grant": "granted", "refuse": "refused"}[n.outcome]
	case "withdraw from draft", "withdraw from submitted", "withdraw from registered", "withdraw from returned",
		"withdraw from in_review", "withdraw from decision_drafted":
		return "withdrawn"
	}
	return ""
}

func applyStep(a models.Application, step string, item models.ChecklistItem, by models.Actor, at time.Time) (models.Application, error) {
	switch step {
	case "amend":
		return a.Amend(models.Application{SubType: models.SubTypeI}, by, at)
	case "submit":
		return a.Submit(by, at)
	case "register":
		return a.Register(calendar2026(), 15, by, at)
	case "return":
		return a.Return([]string{"x"}, by, at)
	case "accept":
		return a.Accept([]models.ChecklistItem{{Code: "A"}, {Code: "B"}}, by, at)
	case "assign":
		return a.Assign("u9", by, at)
	case "check":
		return a.CheckItem(item, by, at)
	case "grant":
		return a.DraftDecision(models.Decision{Outcome: models.OutcomeGrant}, by, at)
	case "refuse":
		return a.DraftDecision(models.Decision{Outcome: models.OutcomeRefuse, Reasons: []string{"R"}}, by, at)
	case "void":
		return a.VoidDraft(by, at)
	case "sign":
		return a.Sign("O-1", by, at)
	}
	return a.Withdraw(by, at)
}

var alongTheProcedure = map[string][]string{"draft": {"submit"}, "submitted": {"register"}, "registered": {"accept", "accept", "accept", "return"}, "returned": {"amend"},
	"in_review": {"check", "check", "check", "grant", "refuse"}, "decision_drafted": {"sign", "sign", "check", "void"}}

var applicationSteps = []string{"amend", "submit", "register", "return", "accept", "assign", "check", "check", "check", "grant", "refuse", "void", "sign", "withdraw"}

func TestApplication_WalksLikeANaiveSecondModel(t *testing.T) {
	reached := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		now := at("2026-03-02 10:00")
		a := models.Application{ID: "a", Number: "A-1", Kind: models.ApplicationIssue, State: models.ApplicationDraft, Version: 1}
		n := naiveApplication{state: "draft", version: 1, items: map[string]string{}}
		for i := range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 600).Draw(t, fmt.Sprint("minutes", i))) * time.Minute)
			// Most steps go along the procedure, or few walks would get anywhere.
			steps := applicationSteps
			if along := alongTheProcedure[n.state]; along != nil && rapid.IntRange(0, 9).Draw(t, fmt.Sprint("along", i)) < 8 {
				steps = along
			}
			step := rapid.SampledFrom(steps).Draw(t, fmt.Sprint("step", i))
			by := rapid.SampledFrom(people).Draw(t, fmt.Sprint("by", i))
			item := models.ChecklistItem{Code: rapid.SampledFrom([]string{"A", "B"}).Draw(t, fmt.Sprint("code", i)), Note: "n",
				Result: rapid.SampledFrom([]models.ChecklistResult{models.ChecklistMet, models.ChecklistMet, models.ChecklistNotMet, models.ChecklistNotApplicable}).Draw(t, fmt.Sprint("result", i))}
			before := fmt.Sprintf("%+v", a)
			next, err := applyStep(a, step, item, by, now)
			if after := fmt.Sprintf("%+v", a); after != before {
				t.Fatalf("%s changed the value it was called on:\n%s\n%s", step, before, after)
			}
			want := n.naiveNext(step, by.ID)
			if (err == nil) != (want != "") {
				t.Fatalf("%s by %s from %s (%+v): %v, want %q", step, by.ID, n.state, n, err, want)
			}
			if err != nil {
				if models.CodeOf(err) == "" {
					t.Fatalf("%s: %v has no code", step, err)
				}
				continue
			}
			n.state, n.version = want, n.version+1
			switch step {
			case "accept":
				n.items = map[string]string{"A": "", "B": ""}
			case "check":
				n.items[item.Code], n.drafter = string(item.Result), ""
			case "grant", "refuse":
				n.drafter, n.outcome = by.ID, step
			}
			a = next
			reached[want] = true
			if string(a.State) != n.state || a.Version != n.version {
				t.Fatalf("after %s: %s version %d, want %s version %d", step, a.State, a.Version, n.state, n.version)
			}
			if d := a.Decision; d != nil && d.Signer != "" && d.Signer == d.Drafter {
				t.Fatalf("one person drafted and signed: %+v", d)
			}
			if (a.Decision != nil) != (n.state == "decision_drafted" || n.state == "granted" || n.state == "refused") {
				t.Fatalf("in state %s the decision is %+v", a.State, a.Decision)
			}
		}
	})
	for _, state := range []string{"returned", "in_review", "decision_drafted", "granted", "refused", "withdrawn"} {
		if !reached[state] {
			t.Errorf("no walk reached %s: the test tests too little", state)
		}
	}
}

// issued is a license of three years, signed on 2 March 2026.
func issued(t interface{ Fatal(...any) }) models.License {
	app := models.Application{ID: "a", Number: "A-1", SubType: models.SubTypeI, State: models.ApplicationGranted, Applicant: "p",
		Sites:    []models.ApplicationSite{{Site: "s", ConnectionPoints: []string{"CP1"}, Approved: 5}, {Site: "s2", ConnectionPoints: []string{"CP2"}, Approved: 7}},
		Decision: &models.Decision{Outcome: models.OutcomeGrant, Drafter: "u1", Signer: "u2", Order: "O"}}
	l, err := models.IssueLicense(app, models.Grant{Number: "KZ18LAA00032760", Verification: "V", Years: 3, Holder: models.Party{BinOrIin: "210440038887", NameRu: "x"}}, at("2026-03-02 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestIssueLicense_TermAppendicesAndFourEyes(t *testing.T) {
	l := issued(t)
	if !l.ValidUntil.Equal(at("2029-03-03 00:00")) || l.Issued != "2026-03-02" || l.Approved != 12 || l.Sites[1].Appendix != "002" {
		t.Errorf("license = %+v", l)
	}
	if !l.InForce(at("2029-03-02 23:59")) || l.InForce(at("2029-03-03 00:00")) || l.InForce(at("2026-03-02 09:59")) {
		t.Error("the term does not run from the signature to the midnight after its last day")
	}
	one := models.Application{State: models.ApplicationGranted, Decision: &models.Decision{Drafter: "u1", Signer: "u1"}}
	if _, err := models.IssueLicense(one, models.Grant{Number: "KZ18LAA00032760", Years: 3}, at("2026-03-02 10:00")); models.CodeOf(err) != models.CodeFourEyes {
		t.Errorf("issued on one person's signature: %v", err)
	}
	if _, err := models.IssueLicense(models.Application{State: models.ApplicationRefused}, models.Grant{Number: "KZ18LAA00032760", Years: 3}, at("2026-03-02 10:00")); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("issued on a refusal: %v", err)
	}
}

func TestLicense_WalksLikeANaiveSecondModel(t *testing.T) {
	follows := map[string]string{"suspend active": "suspended", "lift suspended": "active", "revoke active": "revoked", "revoke suspended": "revoked",
		"terminate active": "terminated", "terminate suspended": "terminated"}
	reached := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		l, now := issued(t), at("2026-03-02 10:00")
		state, version := "active", int64(1)
		for i := range rapid.IntRange(1, 12).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 700*24).Draw(t, fmt.Sprint("hours", i))) * time.Hour)
			step := rapid.SampledFrom([]string{"suspend", "suspend", "lift", "lift", "revoke", "terminate", "expire", "expire"}).Draw(t, fmt.Sprint("step", i))
			months := rapid.IntRange(0, 7).Draw(t, fmt.Sprint("months", i))
			act := models.Act{Ground: rapid.SampledFrom([]string{"G", "G", "G", ""}).Draw(t, fmt.Sprint("ground", i)),
				Drafter: rapid.SampledFrom([]string{"", "u1", "u2"}).Draw(t, fmt.Sprint("drafter", i)), Signer: "u2"}
			over := !now.Before(l.ValidUntil)
			want := follows[step+" "+state]
			if over || act.Drafter == act.Signer || (act.Ground == "" && step != "lift") || (step == "suspend" && (months < 1 || months > 6)) {
				want = ""
			}
			if step == "expire" && over && (state == "active" || state == "suspended") && act.Drafter != act.Signer {
				want = "expired"
			}
			next, err := map[string]func() (models.License, error){
				"suspend": func() (models.License, error) { return l.Suspend(act, months, now) }, "lift": func() (models.License, error) { return l.Lift(act, now) },
				"revoke": func() (models.License, error) { return l.Revoke(act, now) }, "terminate": func() (models.License, error) { return l.Terminate(act, now) },
				"expire": func() (models.License, error) { return l.Expire(act, now) },
			}[step]()
			if (err == nil) != (want != "") {
				t.Fatalf("%s of %d months from %s at %s (%+v): %v, want %q", step, months, state, now, act, err, want)
			}
			if err != nil {
				continue
			}
			if next.Version != version+1 || string(next.State) != want || next.EffectiveAt.Before(l.EffectiveAt) || next.RecordedAt.Before(next.EffectiveAt) ||
				(next.Suspension != nil) != (want == "suspended") || next.Drafter == next.Signer {
				t.Fatalf("%s gave %+v after %+v", step, next, l)
			}
			if s := next.Suspension; s != nil && s.Until.Before(s.From.AddDate(0, 0, 28)) {
				t.Fatalf("%d months end at %s", months, s.Until)
			}
			if want == "expired" && !next.EffectiveAt.Equal(l.ValidUntil) {
				t.Fatalf("expired from %s, want from %s", next.EffectiveAt, l.ValidUntil)
			}
			l, state, version = next, want, next.Version
			reached[want] = true
		}
	})
	for _, state := range []string{"suspended", "active", "revoked", "terminated", "expired"} {
		if !reached[state] {
			t.Errorf("no walk reached %s: the test tests too little", state)
		}
	}
}

func TestAllowed_OffersOnlyWhatTheCommandsTake(t *testing.T) {
	officer := models.Actor{ID: "u1", Roles: []models.Role{models.RoleOfficer}}
	other := models.Actor{ID: "u2", Roles: []models.Role{models.RoleOfficer}}
	a := models.Application{State: models.ApplicationDrafted, Decision: &models.Decision{Drafter: "u1"}}
	if got := a.Allowed(officer); slices.Contains(got, "sign") {
		t.Errorf("the drafter is offered %v", got)
	}
	if got := a.Allowed(other); !slices.Contains(got, "sign") {
		t.Errorf("a colleague is offered %v", got)
	}
	head := models.Actor{ID: "u3", Roles: []models.Role{models.RoleHead}}
	l := models.License{State: models.LicenseSuspended}
	for who, actor := range map[string]models.Actor{"a head": head, "an officer": officer} { // each drafts, another signs
		if got := l.Allowed(actor); !slices.Equal(got, []string{"extend", "lift", "revoke", "terminate", "correct"}) {
			t.Errorf("%s is offered %v", who, got)
		}
	}
	l.State = models.LicenseActive
	if got := l.Allowed(head); !slices.Contains(got, "suspend_now") {
		t.Errorf("a head is offered %v", got)
	}
	if got := l.Allowed(officer); slices.Contains(got, "suspend_now") || !slices.Contains(got, "suspend") {
		t.Errorf("an officer is offered %v", got)
	}
	if got := l.Allowed(models.Actor{ID: "u4", Roles: []models.Role{models.RoleClerk}}); len(got) != 0 {
		t.Errorf("a clerk is offered %v", got)
	}
}

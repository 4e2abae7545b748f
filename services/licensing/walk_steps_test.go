package licensing_test

import (
	"slices"

	"rigistry/models"
)

// onApplication does one random command to an application: mostly what its state
// asks for, else anything.
func (w *walker) onApplication(id string) {
	a, err := w.Application(w.ctx, models.System(), id)
	if err != nil {
		w.t.Fatalf("read %s: %v", id, err)
	}
	if a.Ended() && w.rng.IntN(5) > 0 { // what is over is tried now and then, no more
		w.open = slices.DeleteFunc(w.open, func(o string) bool { return o == id })
		return
	}
	if w.rng.IntN(4) == 0 {
		pick(w, []func(models.Application){w.submit, w.register, w.complete, w.checkItem, w.decide, w.void, w.sign, w.withdraw, w.assign, w.askAgency, w.askCorrection})(a)
		return
	}
	switch a.State {
	case models.ApplicationDraft:
		w.submit(a)
	case models.ApplicationSubmitted:
		w.register(a)
	case models.ApplicationRegistered:
		w.complete(a)
	case models.ApplicationReturned:
		w.amend(a)
	case models.ApplicationInReview:
		w.review(a)
	case models.ApplicationDrafted:
		w.sign(a)
	}
}

func (w *walker) review(a models.Application) {
	if a.AwaitsCorrection() {
		w.correct(a)
		return
	}
	for range 3 {
		w.checkItem(a)
		next, err := w.Application(w.ctx, models.System(), a.ID)
		if err != nil {
			w.t.Fatal(err)
		}
		if a = next; a.State != models.ApplicationInReview {
			return
		}
	}
	w.decide(a)
}

// version is mostly the one that was seen, now and then an old one.
func (w *walker) version(v int64) int64 {
	if w.rng.IntN(15) == 0 {
		return max(1, v-1)
	}
	return v
}

func (w *walker) submit(a models.Application) {
	actor := w.who(models.RoleClerk, models.RoleApplicant)
	_, err := w.Submit(w.ctx, actor, a.ID, w.version(a.Version))
	if !w.note("submit", actor, err) && w.rng.IntN(3) == 0 {
		w.amend(a)
	}
}

func (w *walker) amend(a models.Application) {
	actor := w.who(models.RoleClerk, models.RoleApplicant)
	with := w.asked(models.Party{ID: a.Applicant})
	_, err := w.UpdateDraft(w.ctx, actor, a.ID, w.version(a.Version), with)
	w.note("amend", actor, err)
}

func (w *walker) register(a models.Application) {
	actor := w.who(models.RoleClerk, models.RoleOfficer)
	_, err := w.Register(w.ctx, actor, a.ID, w.version(a.Version))
	w.note("register", actor, err)
}

func (w *walker) complete(a models.Application) {
	actor := w.who(models.RoleClerk, models.RoleOfficer)
	var missing []string
	name := "accept"
	if w.rng.IntN(10) == 0 {
		missing, name = []string{"the act of delineation"}, "return"
	}
	_, err := w.CompletenessCheck(w.ctx, actor, a.ID, w.version(a.Version), missing)
	w.note(name, actor, err)
}

func (w *walker) assign(a models.Application) {
	actor := w.who(models.RoleOfficer)
	_, err := w.Assign(w.ctx, actor, a.ID, w.version(a.Version), "")
	w.note("assign", actor, err)
}

// checkItem looks at the next requirement, now and then at one that was met.
func (w *walker) checkItem(a models.Application) {
	if len(a.Checklist) == 0 {
		return
	}
	item := pick(w, a.Checklist)
	for _, c := range a.Checklist {
		if c.Result != models.ChecklistMet {
			item = c
			break
		}
	}
	item.Result, item.Note = models.ChecklistMet, ""
	if w.rng.IntN(60) == 0 {
		item.Result, item.Note = models.ChecklistNotMet, "There is no fence."
	}
	actor := w.who(models.RoleOfficer, models.RoleClerk)
	_, err := w.CheckItem(w.ctx, actor, a.ID, w.version(a.Version), item)
	if w.note("check", actor, err) {
		delete(w.drafter, a.ID)
	}
}

func (w *walker) decide(a models.Application) {
	actor := w.who(models.RoleOfficer)
	d := models.Decision{Outcome: models.OutcomeGrant}
	if w.rng.IntN(6) == 0 {
		d = models.Decision{Outcome: models.OutcomeRefuse, Reasons: []string{"REQUIREMENTS_NOT_MET"}}
	}
	_, err := w.DraftDecision(w.ctx, actor, a.ID, w.version(a.Version), d)
	if w.note("decide", actor, err) {
		w.drafter[a.ID] = actor.ID
	}
}

func (w *walker) void(a models.Application) {
	actor := w.who(models.RoleOfficer)
	_, err := w.VoidDraft(w.ctx, actor, a.ID, w.version(a.Version))
	if w.note("void", actor, err) {
		delete(w.drafter, a.ID)
	}
}

// sign signs, and now and then it is the drafter who tries.
func (w *walker) sign(a models.Application) {
	actor := w.who(models.RoleOfficer, models.RoleHead)
	if w.rng.IntN(4) == 0 {
		for _, p := range w.people {
			if p.ID == w.drafter[a.ID] {
				actor = p
			}
		}
	}
	out, err := w.Sign(w.ctx, actor, a.ID, w.version(a.Version))
	if err == nil && (w.drafter[a.ID] == "" || w.drafter[a.ID] == actor.ID) {
		w.t.Errorf("application %s was signed by %s and drafted by %q", a.Number, actor.ID, w.drafter[a.ID])
	}
	name := "grant"
	if a.Decision != nil && a.Decision.Outcome == models.OutcomeRefuse {
		name = "refuse"
	}
	if !w.note(name, actor, err) {
		return
	}
	if out.License != nil {
		w.done["sign "+string(a.Kind)]++
		if !slices.Contains(w.licenses, out.License.Number) {
			w.licenses = append(w.licenses, out.License.Number)
		}
	}
}

func (w *walker) withdraw(a models.Application) {
	if w.rng.IntN(3) > 0 {
		return
	}
	actor := w.who(models.RoleClerk, models.RoleApplicant)
	_, err := w.Withdraw(w.ctx, actor, a.ID, w.version(a.Version))
	w.note("withdraw", actor, err)
}

func (w *walker) askAgency(a models.Application) {
	actor := w.who(models.RoleOfficer)
	_, err := w.AskAgency(w.ctx, actor, a.ID, w.version(a.Version), models.Request{Agency: "KEGOC", Text: "Is the point fit?"})
	w.note("ask agency", actor, err)
}

func (w *walker) askCorrection(a models.Application) {
	actor := w.who(models.RoleOfficer)
	_, err := w.AskCorrection(w.ctx, actor, a.ID, w.version(a.Version),
		models.Request{Items: []models.CorrectionItem{{Pointer: "/note", Text: "Say which building."}}}, 1+w.rng.IntN(10))
	w.note("ask correction", actor, err)
}

func (w *walker) correct(a models.Application) {
	actor := w.who(models.RoleApplicant, models.RoleClerk)
	asked, err := w.Requests(w.ctx, models.System(), a.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range asked {
		if r.Kind == models.RequestCorrection && r.State == models.RequestOpen {
			with := a
			with.Note = "The second building."
			_, err := w.Correct(w.ctx, actor, a.ID, w.version(a.Version), r.ID, with, "Done.")
			w.note("correct", actor, err)
		}
	}
}

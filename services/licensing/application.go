package licensing

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// CreateDraft begins an application. The applicant is given by id, BIN or IIN, or
// is the actor's own party; sites by id or code. What is not complete yet is
// Submit's to refuse.
func (s *Service) CreateDraft(ctx context.Context, actor models.Actor, request models.Application) (models.Application, error) {
	var a models.Application
	err := s.update(ctx, actor, models.ActApplicationFile, func(tx *store.Tx) error {
		applicant, err := applicantOf(tx, actor, request.Applicant)
		if err != nil {
			return err
		}
		series, n, err := tx.NextNumber("application")
		if err != nil {
			return err
		}
		a = models.Application{ID: tx.NewID(), Number: fmt.Sprintf("%s-%s-%05d", series, models.LegalDate(tx.Now)[:4], n),
			State: models.ApplicationDraft, Applicant: applicant.ID, ApplicantBin: applicant.BinOrIin,
			Created: tx.Now, FiledBy: actor.ID}
		asked, err := resolved(tx, request)
		if err != nil {
			return err
		}
		if a, err = a.Amend(asked, actor, tx.Now); err != nil {
			return err
		}
		if err := tx.InsertApplication(a); err != nil {
			return err
		}
		return applicationFact(tx, actor, "application.drafted", a, nil)
	})
	return a, err
}

func applicantOf(tx *store.Tx, actor models.Actor, key string) (models.Party, error) {
	if key == "" {
		key = actor.Party
	}
	if key == "" {
		return models.Party{}, unknownField("/applicant", "Name the party that applies.", models.NotFound("party", key))
	}
	p, err := tx.LivingParty(models.NormalizeIdentifier(key))
	if models.CodeOf(err) == models.CodeNotFound {
		p, err = tx.LivingParty(key)
	}
	if err == nil {
		err = models.Can(actor, models.ActApplicationFile, models.Scope{Party: p.ID})
	}
	if err != nil {
		return models.Party{}, unknownField("/applicant", "There is no such party that you can file for. Register it first.", err)
	}
	return p, nil
}

// resolved names sites by id where they exist, fills in what follows from the
// rest and normalises the host's number.
func resolved(tx *store.Tx, a models.Application) (models.Application, error) {
	keys := make([]string, 0, len(a.Sites))
	for _, as := range a.Sites {
		keys = append(keys, as.Site)
	}
	found, err := tx.SitesByKey(keys)
	if err != nil {
		return a, err
	}
	byKey := map[string]models.Site{}
	for _, site := range found {
		byKey[site.ID], byKey[site.Code] = site, site
	}
	asked := models.Watts(0)
	sites := make([]models.ApplicationSite, 0, len(a.Sites))
	for _, as := range a.Sites {
		if site, ok := byKey[as.Site]; ok {
			as.Site, as.SiteCode = site.ID, site.Code
		}
		asked += as.Approved
		sites = append(sites, as)
	}
	a.Sites = sites
	if a.Declared == 0 {
		a.Declared = asked
	}
	if a.Language == "" {
		a.Language = "kk"
	}
	if a.Kind == "" {
		a.Kind = models.ApplicationIssue
	}
	if a.Documents == "" {
		a.Documents = models.DocumentsPaper
	}
	a.Host, a.Base = models.NormalizeIdentifier(a.Host), models.NormalizeIdentifier(a.Base)
	if a.SubType == "" {
		a.SubType, err = subTypeOfBase(tx, a.Base)
	}
	return a, err
}

// subTypeOfBase is the sub-type of the license that an application is about, or I.
func subTypeOfBase(tx *store.Tx, number string) (models.SubType, error) {
	if number == "" {
		return models.SubTypeI, nil
	}
	base, err := tx.License(number, tx.Now)
	if models.CodeOf(err) == models.CodeNotFound {
		return models.SubTypeI, nil
	}
	return base.SubType, err
}

func applicationFact(tx *store.Tx, actor models.Actor, kind string, a models.Application, more map[string]any) error {
	body := map[string]any{"number": a.Number, "state": a.State, "kind": a.Kind, "sub_type": a.SubType, "applicant": a.Applicant}
	if a.Base != "" {
		body["base_license"] = a.Base
	}
	for k, v := range more {
		body[k] = v
	}
	return fact(tx, actor, kind, models.Ref{Kind: "application", ID: a.ID}, a.Version, body)
}

// joined gives both bodies as one.
func joined(body, more map[string]any) map[string]any {
	out := maps.Clone(more)
	maps.Copy(out, body)
	return out
}

// command is one step of an application: what it is called in the ledger and what
// it makes of the application.
type command struct {
	action  models.Action
	kind    string
	version int64
	step    func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error)
}

// run does a command: it loads, checks who and which version, steps, saves and
// leaves the fact.
func (s *Service) run(ctx context.Context, actor models.Actor, id string, c command) (out models.Application, err error) {
	err = s.update(ctx, actor, c.action, func(tx *store.Tx) error {
		if c.action == models.ActApplicationSign { // a grant approves power, and looks at what others were approved
			if err := tx.TakeApprovalTurn(); err != nil {
				return err
			}
		}
		a, err := tx.Application(id)
		if err != nil {
			return err
		}
		if err := models.Reach(actor, c.action, models.Scope{Party: a.Applicant}, "application", id); err != nil {
			return err
		}
		if err := sameVersion(c.version, a.Version); err != nil {
			return err
		}
		if partOfReview(c.action) && !actor.Is(models.RoleSystem) {
			if err := unbiased(tx, a, actor); err != nil {
				return err
			}
		}
		next, body, err := c.step(tx, a)
		if err != nil {
			return err
		}
		if a.Decision != nil && next.Decision == nil && next.Voided != nil {
			body = joined(body, map[string]any{"draft_void_reason": next.Voided.Why})
		}
		if err := tx.UpdateApplication(next); err != nil {
			return err
		}
		if next.Ended() {
			if err := tx.VoidRequests(next.ID, actor.ID); err != nil {
				return err
			}
		}
		out = next
		return applicationFact(tx, actor, c.kind, next, body)
	})
	if err != nil {
		return models.Application{}, err
	}
	return out, nil
}

// UpdateDraft replaces what a draft, or a returned application, asks for.
func (s *Service) UpdateDraft(ctx context.Context, actor models.Actor, id string, version int64, request models.Application) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActApplicationFile, "application.amended", version,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			request, err := resolved(tx, request)
			if err != nil {
				return a, nil, err
			}
			a, err = a.Amend(request, actor, tx.Now)
			return a, nil, err
		}})
}

// Register takes a submitted application into the books: the statutory clock
// starts and the due date stands.
func (s *Service) Register(ctx context.Context, actor models.Actor, id string, version int64) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActApplicationReview, "application.registered", version,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			cal, err := calendar(tx)
			if err != nil {
				return a, nil, err
			}
			days, ref, err := termOf(tx, a)
			if err != nil {
				return a, nil, err
			}
			a, err = a.Register(cal, days, actor, tx.Now)
			return a, map[string]any{"due": a.Due, "working_days": days, "legal_ref": ref}, err
		}})
}

// CompletenessCheck records what is missing and returns the application to the
// applicant; when nothing is, it opens the review with the checklist as the
// requirements stood at filing. An officer who finds it complete is in charge.
func (s *Service) CompletenessCheck(ctx context.Context, actor models.Actor, id string, version int64, missing []string) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActApplicationReview, "application.checked", version,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			if len(missing) > 0 {
				n, err := a.Return(missing, actor, tx.Now)
				return n, map[string]any{"complete": false, "missing": len(missing)}, err
			}
			if _, err := a.Accept(nil, actor, tx.Now); err != nil { // before the requirements of a filing that was not
				return a, nil, err
			}
			requirements, err := checklistOf(tx, a)
			if err != nil {
				return a, nil, err
			}
			if len(requirements) == 0 {
				return a, nil, fmt.Errorf("no requirements for sub-type %s on %s: the reference data have not been seeded", a.SubType, models.LegalDate(a.SubmittedAt))
			}
			n, err := a.Accept(models.Checklist(requirements), actor, tx.Now)
			if err == nil && actor.Is(models.RoleOfficer) {
				n.Officer = actor.ID
			}
			return n, map[string]any{"complete": true, "requirements": len(requirements)}, err
		}})
}

// CheckItem records what was found for one requirement. A decision drafted before
// falls.
func (s *Service) CheckItem(ctx context.Context, actor models.Actor, id string, version int64, item models.ChecklistItem) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActApplicationReview, "application.item_checked", version,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			voided := a.Decision != nil
			a, err := a.CheckItem(item, actor, tx.Now)
			return a, map[string]any{"code": item.Code, "result": item.Result, "draft_voided": voided}, err
		}})
}

// Withdraw takes the application back for its applicant.
func (s *Service) Withdraw(ctx context.Context, actor models.Actor, id string, version int64) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActApplicationFile, "application.withdrawn", version,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			a, err := a.Withdraw(actor, tx.Now)
			return a, nil, err
		}})
}

// Application gives an application by id or number. An applicant sees its own, and
// a decision once it is signed.
func (s *Service) Application(ctx context.Context, actor models.Actor, key string) (a models.Application, err error) {
	err = s.view(ctx, actor, models.ActApplicationRead, func(tx *store.Tx) error {
		if a, err = tx.Application(key); err != nil {
			return err
		}
		return models.Reach(actor, models.ActApplicationRead, models.Scope{Party: a.Applicant}, "application", key)
	})
	if err != nil {
		return models.Application{}, err
	}
	return shown(actor, a), nil
}

// shown hides from an applicant what the office has not decided yet: a draft, and
// what was found for each requirement, which it sees with the decision.
func shown(actor models.Actor, a models.Application) models.Application {
	if ownParty(actor, models.ActApplicationRead) == "" {
		return a
	}
	decided := a.Decision != nil && a.Decision.Signer != ""
	if !decided {
		a.Decision, a.State = nil, a.ShownState(actor)
	}
	a.Voided = nil
	a.Checklist = slices.Clone(a.Checklist)
	for i := range a.Checklist {
		a.Checklist[i].By = ""
		if !decided {
			a.Checklist[i].Result, a.Checklist[i].Note = "", ""
		}
	}
	return a
}

// shownAs gives the states that an applicant sees as the one it asks for; "" is
// any state.
func shownAs(state string) []string {
	switch models.ApplicationState(state) {
	case "":
		return nil
	case models.ApplicationInReview:
		return []string{string(models.ApplicationInReview), string(models.ApplicationDrafted)}
	case models.ApplicationDrafted:
		return []string{}
	}
	return []string{state}
}

// Applications lists applications, the newest first, and gives the cursor of the
// next page. An applicant sees its own.
func (s *Service) Applications(ctx context.Context, actor models.Actor, f store.ApplicationFilter, page store.Page) (out []models.Application, cursor string, err error) {
	if own := ownParty(actor, models.ActApplicationRead); own != "" {
		f.Applicant = own
		f.State, f.States = "", shownAs(f.State)
	}
	err = s.view(ctx, actor, models.ActApplicationRead, func(tx *store.Tx) error {
		out, err = tx.Applications(f, page)
		return err
	})
	cursor = next(out, page, func(a models.Application) string { return a.ID })
	for i := range out {
		out[i] = shown(actor, out[i])
	}
	return out, cursor, err
}

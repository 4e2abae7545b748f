package enforcement

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// AnyVersion as the version of a change means: whatever the version is now.
const AnyVersion int64 = 0

// Open opens a case about one or more subjects.
func (s *Service) Open(ctx context.Context, actor models.Actor, c models.Case, subjects []models.CaseSubject) (out Matter, err error) {
	if err := models.Can(actor, models.ActCaseWrite, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		due, err := workingDays(tx, valueLeadDays)
		if err != nil {
			return err
		}
		made, err := models.OpenCase(c, subjects, due, actor, tx.Now)
		if err != nil {
			return err
		}
		about, err := known(tx, actor, subjects)
		if err != nil {
			return err
		}
		year := models.LegalDate(tx.Now)[:4]
		n, err := tx.NextCaseNumber(year)
		if err != nil {
			return err
		}
		made.ID, made.Number = tx.NewID(), fmt.Sprintf("EC-%s-%06d", year, n)
		made.Salt = rand.Text()
		if err := tx.InsertCase(made, about); err != nil {
			return err
		}
		body, err := openedBody(made, about)
		if err != nil {
			return err
		}
		if err := fact(tx, actor, "case.opened", made, body); err != nil {
			return err
		}
		out, err = matter(tx, actor, made)
		return err
	})
	return out, err
}

// openedBody names the records that a case is about; premises and persons only as a
// digest, together with the words.
func openedBody(c models.Case, about []models.CaseSubject) (map[string]any, error) {
	digest, err := sealed(c.Salt, []any{c.Title, c.Summary, about})
	return map[string]any{"source": c.Source, "subjects": refsOf(about), "estimated_w": int64(c.Estimated), "words": digest}, err
}

// refsOf gives the records among subjects as kind:ref.
func refsOf(about []models.CaseSubject) []string {
	refs := []string{}
	for _, s := range about {
		if s.Ref != "" {
			refs = append(refs, s.Kind+":"+s.Ref)
		}
	}
	return refs
}

// known refuses subjects whose record does not exist, and gives each its label, an id
// and who added it.
func known(tx *store.Tx, actor models.Actor, subjects []models.CaseSubject) ([]models.CaseSubject, error) {
	var v models.Invalid
	out := slices.Clone(subjects)
	for i := range out {
		s := &out[i]
		s.ID, s.Added, s.AddedBy, s.Label = tx.NewID(), tx.Now, actor.ID, strings.TrimSpace(s.Label)
		ref, label, err := record(tx, *s)
		if models.CodeOf(err) == models.CodeNotFound {
			v.Add(fmt.Sprintf("/subjects/%d/ref", i), "unknown", "There is no such %s.", strings.ReplaceAll(s.Kind, "_", " "))
			continue
		}
		if err != nil {
			return nil, err
		}
		if s.Ref = ref; label != "" {
			s.Label = label
		}
	}
	return out, v.Err()
}

// record finds what a subject names: its id or number, and what it is called.
func record(tx *store.Tx, s models.CaseSubject) (ref, label string, err error) {
	switch s.Kind {
	case "connection_point":
		p, err := tx.ConnectionPoint(s.Ref)
		return p.ID, p.Code, err
	case "feeder":
		f, err := tx.Feeder(s.Ref)
		return f.ID, f.Code, err
	case "site":
		p, err := tx.Site(s.Ref)
		return p.ID, strings.TrimSuffix(p.Code+" · "+or(p.NameKk, p.NameRu), " · "), err
	case "license":
		l, err := tx.License(s.Ref, tx.Now)
		return l.Number, l.Number, err
	case "party":
		p, err := tx.Party(s.Ref)
		return p.ID, p.Name(), err
	case "finding":
		f, err := tx.Finding(s.Ref)
		return f.ID, f.TargetCode, err
	case "mismatch":
		m, err := tx.Mismatch(s.Ref)
		return m.ID, m.Point, err
	}
	return "", "", nil
}

// step is one change of a case: who may at all, what it is called in the ledger ("" for
// the state that it leads to), and the version it is based on.
type step struct {
	action  models.Action
	kind    string
	version int64
	change  func(tx *store.Tx, c models.Case) (models.Case, map[string]any, error)
}

func (s *Service) run(ctx context.Context, actor models.Actor, id string, do step) (out Matter, err error) {
	if err := models.Can(actor, do.action, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		c, err := load(tx, actor, id)
		if err != nil {
			return err
		}
		if do.version != AnyVersion && do.version != c.Version {
			return models.Errorf(models.CodeVersionConflict, "You are looking at version %d and the newest is %d. Load the case again, look at what changed, and repeat your change.", do.version, c.Version)
		}
		next, body, err := do.change(tx, c)
		if err != nil {
			return err
		}
		if next.Version != c.Version {
			if err := tx.UpdateCase(next); err != nil {
				return err
			}
		}
		if next.Over() && !c.Over() {
			if err := endTasks(tx, actor, next); err != nil {
				return err
			}
		}
		kind := do.kind
		if kind == "" {
			kind = "case." + string(next.State)
		}
		if err := fact(tx, actor, kind, next, body); err != nil {
			return err
		}
		out, err = matter(tx, actor, next)
		return err
	})
	return out, err
}

// Lead puts a person in charge, "" for the actor itself.
func (s *Service) Lead(ctx context.Context, actor models.Actor, id, person string, version int64) (Matter, error) {
	return s.run(ctx, actor, id, step{models.ActCaseWrite, "case.led", version, func(tx *store.Tx, c models.Case) (models.Case, map[string]any, error) {
		if err := people(tx, "/person", person); err != nil {
			return c, nil, err
		}
		due, err := workingDays(tx, valueStepDays)
		if err != nil {
			return c, nil, err
		}
		before := c.Lead
		c, err = c.LedBy(person, due, actor, tx.Now)
		return c, map[string]any{"lead": c.Lead, "before": before, "due": c.Due}, err
	}})
}

// people refuses ids of users that do not exist; "" stands for nobody.
func people(tx *store.Tx, pointer string, ids ...string) error {
	var v models.Invalid
	for _, id := range ids {
		if id == "" {
			continue
		}
		_, err := tx.User(id)
		if models.CodeOf(err) == models.CodeNotFound {
			v.Add(pointer, "unknown", "There is no such person.")
		} else if err != nil {
			return err
		}
	}
	return v.Err()
}

// AddSubjects adds what else the case is about.
func (s *Service) AddSubjects(ctx context.Context, actor models.Actor, id string, subjects []models.CaseSubject) (Matter, error) {
	return s.run(ctx, actor, id, step{models.ActCaseWrite, "case.subjects_added", AnyVersion, func(tx *store.Tx, c models.Case) (models.Case, map[string]any, error) {
		if err := models.CheckSubjects(subjects); err != nil {
			return c, nil, err
		}
		about, err := known(tx, actor, subjects)
		if err != nil {
			return c, nil, err
		}
		if err := tx.InsertCaseSubjects(c.ID, about); err != nil {
			return c, nil, err
		}
		digest, err := sealed(c.Salt, about)
		return c, map[string]any{"subjects": refsOf(about), "words": digest}, err
	}})
}

// Restrict narrows who knows of the case to its lead, the members and the heads.
func (s *Service) Restrict(ctx context.Context, actor models.Actor, id string, members []string, version int64) (Matter, error) {
	return s.run(ctx, actor, id, step{models.ActCaseRestrict, "case.restricted", version, func(tx *store.Tx, c models.Case) (models.Case, map[string]any, error) {
		if err := people(tx, "/members", members...); err != nil {
			return c, nil, err
		}
		c, err := c.Restrict(members, actor, tx.Now)
		return c, map[string]any{"members": len(members)}, err
	}})
}

// Unrestrict lets everybody who reads cases know of it again.
func (s *Service) Unrestrict(ctx context.Context, actor models.Actor, id string, version int64) (Matter, error) {
	return s.run(ctx, actor, id, step{models.ActCaseRestrict, "case.unrestricted", version, func(tx *store.Tx, c models.Case) (models.Case, map[string]any, error) {
		c, err := c.Unrestrict(actor, tx.Now)
		return c, map[string]any{}, err
	}})
}

// Act writes down what was done in a case, and takes machines or settles what becomes of
// them where it says so. It is never changed.
func (s *Service) Act(ctx context.Context, actor models.Actor, id string, a models.CaseAct) (Matter, error) {
	return s.run(ctx, actor, id, step{models.ActCaseWrite, "case.acted", AnyVersion, func(tx *store.Tx, c models.Case) (models.Case, map[string]any, error) {
		made, err := models.NewCaseAct(a, actor, tx.Now)
		if err != nil {
			return c, nil, err
		}
		if made.Kind != models.CaseNoted && c.Over() {
			return c, nil, models.Errorf(models.CodeConflict, "Case %s is %s. Only notes are added; reopen it to do more.", c.Number, c.State)
		}
		made.ID, made.Case = tx.NewID(), c.ID
		salt := rand.Text()
		digest, err := sealed(salt, made)
		if err != nil {
			return c, nil, err
		}
		if err := tx.InsertCaseAct(made, salt); err != nil {
			return c, nil, err
		}
		body, err := carriesOut(tx, actor, c, made)
		if err != nil {
			return c, nil, err
		}
		maps.Copy(body, map[string]any{"act": made.ID, "kind": made.Kind, "on": made.On, "agency": made.Agency, "rigs": made.Rigs, "money_tiyn": made.Money,
			"ruling": made.Ruling, "words": digest})
		return c, body, nil
	}})
}

// Dismiss ends a case in which nothing is pursued, or drafts that for a second look.
func (s *Service) Dismiss(ctx context.Context, actor models.Actor, id string, why models.CaseDismissal, note string, version int64) (Matter, error) {
	drawn, err := lot()
	if err != nil {
		return Matter{}, err
	}
	return s.run(ctx, actor, id, step{models.ActCaseWrite, "", version, func(tx *store.Tx, c models.Case) (models.Case, map[string]any, error) {
		rule, err := secondLook(tx)
		if err != nil {
			return c, nil, err
		}
		if c, err = c.Dismiss(why, note, rule, drawn, actor, tx.Now); err != nil {
			return c, nil, err
		}
		body, err := endOf(tx, c)
		body["lot"], body["percent"], body["from_w"] = drawn, rule.Percent, int64(rule.From)
		return c, body, err
	}})
}

// endOf is what the ledger says of the end of a case, so that detection can learn: the
// findings it was about, and whether they were right.
func endOf(tx *store.Tx, c models.Case) (map[string]any, error) {
	about, err := tx.CaseSubjects(c.ID)
	if err != nil {
		return map[string]any{}, err
	}
	confirmed, known := c.Confirms()
	digest, err := sealed(c.Salt, c.Note)
	return map[string]any{"subjects": refsOf(about), "reason_code": c.Dismissal, "outcome": c.Outcome, "confirmed": confirmed, "known": known, "words": digest}, err
}

// ConfirmDismissal is the second look that agrees.
func (s *Service) ConfirmDismissal(ctx context.Context, actor models.Actor, id string, version int64) (Matter, error) {
	return s.run(ctx, actor, id, step{models.ActCaseDecide, "case.dismissed", version, func(tx *store.Tx, c models.Case) (models.Case, map[string]any, error) {
		c, err := c.ConfirmDismissal(actor, tx.Now)
		if err != nil {
			return c, nil, err
		}
		body, err := endOf(tx, c)
		body["drafted_by"] = c.DraftedBy
		return c, body, err
	}})
}

// ReturnDismissal is the second look that does not agree, or its drafter taking it back.
func (s *Service) ReturnDismissal(ctx context.Context, actor models.Actor, id, reason string, version int64) (Matter, error) {
	return s.run(ctx, actor, id, step{models.ActCaseDecide, "case.dismissal_returned", version, func(tx *store.Tx, c models.Case) (models.Case, map[string]any, error) {
		c, err := c.ReturnDismissal(reason, tx.Now)
		return c, map[string]any{}, err
	}})
}

// Close ends a case that was pursued.
func (s *Service) Close(ctx context.Context, actor models.Actor, id string, outcome models.CaseOutcome, note string, version int64) (Matter, error) {
	return s.run(ctx, actor, id, step{models.ActCaseDecide, "case.closed", version, func(tx *store.Tx, c models.Case) (models.Case, map[string]any, error) {
		c, err := c.Close(outcome, note, actor, tx.Now)
		if err != nil {
			return c, nil, err
		}
		body, err := endOf(tx, c)
		return c, body, err
	}})
}

// Reopen takes a case up again that had ended.
func (s *Service) Reopen(ctx context.Context, actor models.Actor, id, reason string, version int64) (Matter, error) {
	return s.run(ctx, actor, id, step{models.ActCaseDecide, "case.reopened", version, func(tx *store.Tx, c models.Case) (models.Case, map[string]any, error) {
		due, err := workingDays(tx, valueStepDays)
		if err != nil {
			return c, nil, err
		}
		c, err = c.Reopen(reason, due, actor, tx.Now)
		return c, map[string]any{"due": c.Due}, err
	}})
}

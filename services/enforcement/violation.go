package enforcement

import (
	"context"
	"crypto/rand"
	"fmt"

	"rigistry/models"
	"rigistry/services/store"
)

// Wrong is a violation with the payments for it.
type Wrong struct {
	Violation models.Violation
	Payments  []models.ViolationPayment
}

// Draw draws up the protocol of a violation in a case. The amount of its penalty is the
// law's of the day of the offence.
func (s *Service) Draw(ctx context.Context, actor models.Actor, caseID string, x models.Violation) (out Wrong, err error) {
	if err := models.Can(actor, models.ActCaseWrite, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		c, err := load(tx, actor, caseID)
		if err != nil {
			return err
		}
		if c.Over() {
			return models.Errorf(models.CodeConflict, "Case %s is %s. Reopen it to add a violation.", c.Number, c.State)
		}
		rule, index, err := penaltyOf(tx, x)
		if err != nil {
			return err
		}
		made, err := models.DrawViolation(x, rule, index, actor, tx.Now)
		if err != nil {
			return err
		}
		if made.Party != "" {
			if _, err := tx.Party(made.Party); err != nil {
				return err
			}
		}
		made.ID, made.Case, made.Salt = tx.NewID(), c.ID, rand.Text()
		if err := tx.InsertViolation(made); models.CodeOf(err) == models.CodeConflict {
			return models.Errorf(models.CodeConflict, "Protocol %s of %s makes a violation already.", made.Protocol, made.ProtocolOn)
		} else if err != nil {
			return err
		}
		out = Wrong{Violation: made}
		return violationFact(tx, actor, "violation.drawn", made, map[string]any{"offence_on": made.OffenceOn, "protocol_on": made.ProtocolOn, "rule_from": made.RuleFrom})
	})
	return out, err
}

// penaltyOf finds the rule and the index of the day of the offence.
func penaltyOf(tx *store.Tx, x models.Violation) (models.PenaltyRule, models.Tiyn, error) {
	var v models.Invalid
	if models.AddDays(x.OffenceOn, 0) != x.OffenceOn || x.OffenceOn == "" {
		v.Add("/offence_on", "date", "Give the date as 2026-03-31.")
		return models.PenaltyRule{}, 0, v.Err()
	}
	rule, err := tx.PenaltyRule(x.Article, x.Part, x.Subject, x.OffenceOn)
	if models.CodeOf(err) == models.CodeNotFound {
		v.Add("/article", "unknown", "On %s the law by date has no penalty of article %s, part %s, for %s. Look at the reference data, or propose it there.", x.OffenceOn, x.Article, x.Part, x.Subject)
		return rule, 0, v.Err()
	}
	if err != nil {
		return rule, 0, err
	}
	index, err := tx.LegalValue(models.ValueMCI, x.OffenceOn)
	return rule, models.Tiyn(index.Value), err
}

// violationFact appends an entry about a violation, without names and numbers of papers.
func violationFact(tx *store.Tx, actor models.Actor, kind string, x models.Violation, body map[string]any) error {
	words, err := sealed(x.Salt, []string{x.Name, x.Party, x.Protocol, x.Decision, x.Appeal})
	if err != nil {
		return err
	}
	body["case"], body["article"], body["part"], body["subject"], body["state"] = x.Case, x.Article, x.Part, x.Subject, x.State
	body["fine_tiyn"], body["paid_tiyn"], body["words"] = int64(x.Fine), int64(x.Paid), words
	_, err = tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "violation", ID: x.ID}, SubjectVersion: x.Version, Actor: actor, Body: body})
	return err
}

// Violations lists violations of the cases that the actor may know of, the newest first.
func (s *Service) Violations(ctx context.Context, actor models.Actor, f store.ViolationFilter, page store.Page) (out []models.Violation, err error) {
	if err := models.Can(actor, models.ActCaseRead, models.Scope{}); err != nil {
		return nil, err
	}
	f.Seen = actor.ID
	if actor.Is(models.RoleHead) || actor.Is(models.RoleSystem) {
		f.Seen = ""
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if f.Case != "" {
			c, err := load(tx, actor, f.Case)
			if err != nil {
				return err
			}
			f.Case = c.ID
		}
		out, err = tx.Violations(f, page)
		return err
	})
	return out, err
}

// Violation gives a violation with its payments.
func (s *Service) Violation(ctx context.Context, actor models.Actor, id string) (out Wrong, err error) {
	if err := models.Can(actor, models.ActCaseRead, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = wrong(tx, actor, id)
		return err
	})
	return out, err
}

// wrong finds a violation of a case that the actor may know of.
func wrong(tx *store.Tx, actor models.Actor, id string) (out Wrong, err error) {
	if out.Violation, err = tx.Violation(id); err != nil {
		return out, err
	}
	if _, err := load(tx, actor, out.Violation.Case); err != nil {
		return Wrong{}, models.NotFound("violation", id)
	}
	out.Payments, err = tx.ViolationPayments(id)
	return out, err
}

// penalty is one change of a violation.
type penalty struct {
	action  models.Action
	kind    string
	version int64
	change  func(tx *store.Tx, x models.Violation) (models.Violation, map[string]any, error)
}

func (s *Service) penalise(ctx context.Context, actor models.Actor, id string, do penalty) (out Wrong, err error) {
	if err := models.Can(actor, do.action, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		was, err := wrong(tx, actor, id)
		if err != nil {
			return err
		}
		if do.version != AnyVersion && do.version != was.Violation.Version {
			return models.Errorf(models.CodeVersionConflict, "You are looking at version %d and the newest is %d. Load the violation again and repeat your change.", do.version, was.Violation.Version)
		}
		next, body, err := do.change(tx, was.Violation)
		if err != nil {
			return err
		}
		if err := tx.UpdateViolation(next); err != nil {
			return err
		}
		if err := violationFact(tx, actor, do.kind, next, body); err != nil {
			return err
		}
		out, err = wrong(tx, actor, id)
		return err
	})
	return out, err
}

// Impose decides the penalty of a violation; who drew up its protocol may not.
func (s *Service) Impose(ctx context.Context, actor models.Actor, id, number, on string, version int64) (Wrong, error) {
	return s.penalise(ctx, actor, id, penalty{models.ActCaseDecide, "violation.penalty_imposed", version, func(tx *store.Tx, x models.Violation) (models.Violation, map[string]any, error) {
		rule, err := tx.PenaltyRule(x.Article, x.Part, x.Subject, x.OffenceOn)
		if err != nil {
			return x, nil, err
		}
		x, err = x.Impose(number, on, rule.PayDays, actor, tx.Now)
		return x, map[string]any{"decided_on": x.DecidedOn, "due": x.Due, "drawn_by": x.DrawnBy}, err
	}})
}

// Pay records money that came for a fine.
func (s *Service) Pay(ctx context.Context, actor models.Actor, id string, p models.ViolationPayment, version int64) (Wrong, error) {
	return s.penalise(ctx, actor, id, penalty{models.ActCaseWrite, "violation.paid", version, func(tx *store.Tx, x models.Violation) (models.Violation, map[string]any, error) {
		x, made, err := x.Pay(p, actor, tx.Now)
		if err != nil {
			return x, nil, err
		}
		made.ID = tx.NewID()
		if err := tx.InsertViolationPayment(made); models.CodeOf(err) == models.CodeConflict {
			return x, nil, models.Errorf(models.CodeConflict, "Payment %s is recorded already.", made.Number)
		} else if err != nil {
			return x, nil, err
		}
		return x, map[string]any{"on": made.On, "amount_tiyn": int64(made.Amount)}, nil
	}})
}

// FileAppeal records that a penalty was appealed.
func (s *Service) FileAppeal(ctx context.Context, actor models.Actor, id, number, on string, version int64) (Wrong, error) {
	return s.penalise(ctx, actor, id, penalty{models.ActCaseWrite, "violation.appealed", version, func(tx *store.Tx, x models.Violation) (models.Violation, map[string]any, error) {
		x, err := x.FileAppeal(number, on, tx.Now)
		return x, map[string]any{"on": on}, err
	}})
}

// EndAppeal records what became of an appeal; fine is the new amount where it was changed.
func (s *Service) EndAppeal(ctx context.Context, actor models.Actor, id, end string, fine models.Tiyn, version int64) (Wrong, error) {
	return s.penalise(ctx, actor, id, penalty{models.ActCaseDecide, "violation.appeal_ended", version, func(tx *store.Tx, x models.Violation) (models.Violation, map[string]any, error) {
		x, err := x.EndAppeal(end, fine, tx.Now)
		return x, map[string]any{"result": end}, err
	}})
}

// violationsOf adds the violations of the case to its package.
func (d *dossier) violationsOf() error {
	found, err := d.tx.Violations(store.ViolationFilter{Case: d.caseID}, store.Page{Limit: 1000})
	if err != nil {
		return err
	}
	for i := len(found) - 1; i >= 0; i-- {
		d.wrongs = append(d.wrongs, found[i])
	}
	for i, x := range d.wrongs {
		d.about = append(d.about, models.Ref{Kind: "violation", ID: x.ID})
		id := fmt.Sprintf("violation.%03d", i+1)
		if err := d.note(id, classWords, map[string]any{"id": x.ID, "article": x.Article, "part": x.Part, "subject": x.Subject, "legal_ref": x.LegalRef, "rule_from": x.RuleFrom,
			"offence_on": x.OffenceOn, "protocol": x.Protocol, "protocol_on": x.ProtocolOn, "state": x.State, "mci": x.MCI, "index_tiyn": int64(x.Index),
			"fine_tiyn": int64(x.Fine), "decision": x.Decision, "decided_on": x.DecidedOn, "paid_tiyn": int64(x.Paid), "appeal": x.Appeal, "appeal_end": x.AppealEnd}); err != nil {
			return err
		}
		if err := d.note(id+".name", classPersons, x.Name); err != nil {
			return err
		}
	}
	return nil
}

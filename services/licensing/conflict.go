package licensing

import (
	"context"
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// unbiased refuses an actor with a conflict of interest on the application.
func unbiased(tx *store.Tx, a models.Application, actor models.Actor) error {
	declared, err := tx.Conflicts(a.ID)
	if err != nil {
		return err
	}
	return a.Unbiased(actor, declared)
}

// partOfReview tells whether an action takes part in the review of an application,
// so that nobody with a conflict of interest does it.
func partOfReview(action models.Action) bool {
	return action == models.ActApplicationReview || action == models.ActApplicationDraft || action == models.ActApplicationSign
}

// DeclareConflict declares a conflict of interest of the actor, or by a head of
// somebody else, with an application under way. From then on that person takes no
// part: somebody else has to be put in charge, and what they drafted falls. The
// reason is no part of the ledger, because it can name people.
func (s *Service) DeclareConflict(ctx context.Context, actor models.Actor, id string, c models.Conflict) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActConflictDeclare, "application.conflict_declared", AnyVersion,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			made, err := models.DeclareConflict(c, actor, tx.Now)
			if err != nil {
				return a, nil, err
			}
			if made.Person != actor.ID {
				if err := knownPerson(tx, made.Person); err != nil {
					return a, nil, err
				}
			}
			standing, err := tx.Conflicts(a.ID)
			if err != nil {
				return a, nil, err
			}
			if slices.ContainsFunc(standing, func(k models.Conflict) bool { return k.Person == made.Person && k.Stands() }) {
				return a, nil, models.Errorf(models.CodeConflict, "This conflict of interest is declared already.")
			}
			made.ID, made.Application = tx.NewID(), a.ID
			if err := tx.InsertConflict(made); err != nil {
				return a, nil, err
			}
			a, err = a.StepBack(made.Person, actor, tx.Now)
			return a, map[string]any{"conflict": made.ID, "person": made.Person}, err
		}})
}

func knownPerson(tx *store.Tx, id string) error {
	_, err := tx.User(id)
	if models.CodeOf(err) == models.CodeNotFound {
		var v models.Invalid
		v.Add("/person", "unknown", "There is no such person.")
		return v.Err()
	}
	return err
}

// WithdrawConflict ends a conflict of interest; only a head may, and not their own.
func (s *Service) WithdrawConflict(ctx context.Context, actor models.Actor, id, conflict, reason string) (models.Application, error) {
	return s.run(ctx, actor, id, command{models.ActConflictWithdraw, "application.conflict_withdrawn", AnyVersion,
		func(tx *store.Tx, a models.Application) (models.Application, map[string]any, error) {
			c, err := tx.Conflict(a.ID, conflict)
			if err != nil {
				return a, nil, err
			}
			if c, err = c.Withdraw(reason, actor, tx.Now); err != nil {
				return a, nil, err
			}
			if err := tx.WithdrawConflict(c); err != nil {
				return a, nil, err
			}
			a, err = a.StepBack("", actor, tx.Now)
			return a, map[string]any{"conflict": c.ID, "person": c.Person}, err
		}})
}

// Declared is a conflict of interest with the names of the people.
type Declared struct {
	models.Conflict
	PersonName    string
	WithdrawnName string
}

// Conflicts gives the conflicts of interest of an application, withdrawn or not.
func (s *Service) Conflicts(ctx context.Context, actor models.Actor, key string) (out []Declared, err error) {
	err = s.view(ctx, actor, models.ActStaffRead, func(tx *store.Tx) error {
		out = nil
		a, err := tx.Application(key)
		if err != nil {
			return err
		}
		all, err := tx.Conflicts(a.ID)
		if err != nil {
			return err
		}
		for _, c := range all {
			one := Declared{Conflict: c}
			if one.PersonName, err = nameOf(tx, c.Person); err != nil {
				return err
			}
			if one.WithdrawnName, err = nameOf(tx, c.WithdrawnBy); err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

package gate

import (
	"context"

	"rigistry/models"
	"rigistry/services/store"
)

// reconciliationRead runs fn on one snapshot with the utility that the actor is bound
// to, "" for one that sees all.
func (s *Service) reconciliationRead(ctx context.Context, actor models.Actor, fn func(tx *store.Tx, scope string) error) error {
	scope, err := scopeOf(actor, models.ActReconcileRead)
	if err != nil {
		return err
	}
	return s.store.View(ctx, func(tx *store.Tx) error { return fn(tx, scope) })
}

// Reconciliation gives a run to the utility that sent its list, or to the registry.
func (s *Service) Reconciliation(ctx context.Context, actor models.Actor, id string) (out Reconciliation, err error) {
	err = s.reconciliationRead(ctx, actor, func(tx *store.Tx, scope string) error {
		row, err := tx.Reconciliation(id)
		if err != nil {
			return err
		}
		if scope != "" && row.Utility != scope {
			return models.NotFound("reconciliation", id)
		}
		out, err = runOf(row)
		return err
	})
	return out, err
}

// Reconciliations lists runs, the newest first; a utility sees its own.
func (s *Service) Reconciliations(ctx context.Context, actor models.Actor, utility string, page store.Page) (out []Reconciliation, err error) {
	err = s.reconciliationRead(ctx, actor, func(tx *store.Tx, scope string) error {
		if scope != "" {
			utility = scope
		}
		rows, err := tx.Reconciliations(utility, page)
		if err != nil {
			return err
		}
		out = make([]Reconciliation, 0, len(rows))
		for _, row := range rows {
			r, err := runOf(row)
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

// Mismatch gives a mismatch to its utility, or to the registry.
func (s *Service) Mismatch(ctx context.Context, actor models.Actor, id string) (m models.FollowedMismatch, err error) {
	err = s.reconciliationRead(ctx, actor, func(tx *store.Tx, scope string) (err error) {
		m, err = mismatchFor(tx, scope, id)
		return err
	})
	return m, err
}

func mismatchFor(tx *store.Tx, scope, id string) (models.FollowedMismatch, error) {
	m, err := tx.Mismatch(id)
	if err == nil && scope != "" && m.Utility != scope {
		return models.FollowedMismatch{}, models.NotFound("mismatch", id)
	}
	return m, err
}

// Mismatches lists mismatches, the largest power first, and counts all of the filter
// by kind; a utility sees its own.
func (s *Service) Mismatches(ctx context.Context, actor models.Actor, f store.MismatchFilter, page store.Page) (found []models.FollowedMismatch, counts []store.MismatchCount, err error) {
	err = s.reconciliationRead(ctx, actor, func(tx *store.Tx, scope string) error {
		if scope != "" {
			f.Utility = scope
		}
		if found, err = tx.Mismatches(f, page); err != nil {
			return err
		}
		f.Kind = "" // the counts are what one can choose from
		counts, err = tx.CountMismatches(f)
		return err
	})
	return found, counts, err
}

// DecideMismatch records what an officer says of an open mismatch: that it is
// explained, that it was put right, or that a task is made of it. version is the one
// that the decision is based on, 0 for whatever it is now.
func (s *Service) DecideMismatch(ctx context.Context, actor models.Actor, id string, version int64, outcome models.MismatchOutcome, reason string) (models.FollowedMismatch, error) {
	scope, err := scopeOf(actor, models.ActMismatchDecide)
	if err != nil {
		return models.FollowedMismatch{}, err
	}
	var out models.FollowedMismatch
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.TakeReconciliationTurn(); err != nil {
			return err
		}
		m, err := mismatchFor(tx, scope, id)
		if err != nil {
			return err
		}
		if version != 0 && version != m.Version {
			return models.Errorf(models.CodeVersionConflict, "The mismatch changed since you read it. Load it again, look at what changed, and repeat your change.")
		}
		if out, err = m.Decide(actor, outcome, reason, tx.Now); err != nil {
			return err
		}
		if outcome == models.OutcomeTask {
			out.Task = tx.NewID()
			task := models.Task{ID: out.Task, Kind: models.TaskMismatch, Subject: models.Ref{Kind: "mismatch", ID: out.ID}, Role: models.RoleOfficer,
				Due: models.AddDays(models.LegalDate(tx.Now), mismatchDays), Reason: reason}
			if out.Registered != nil {
				task.License = out.Registered.License
			}
			if inserted, err := tx.InsertTask(task); err != nil || !inserted {
				if err == nil {
					err = models.Errorf(models.CodeConflict, "A task for this mismatch was made today already.")
				}
				return err
			}
		}
		if err := tx.DecideMismatch(out); err != nil {
			return err
		}
		_, err = tx.Append(models.Entry{Kind: "mismatch." + decided[outcome], Subject: models.Ref{Kind: "mismatch", ID: out.ID}, SubjectVersion: out.Version,
			Actor: actor, Utility: out.Utility, Body: map[string]any{"kind": out.Kind, "connection_point": out.Point, "stake_w": int64(out.Stake),
				"since": out.Since, "reason": reason, "task": out.Task}})
		return err
	})
	return out, err
}

// decided is the word of each outcome in the ledger.
var decided = map[models.MismatchOutcome]string{models.OutcomeAccepted: "accepted", models.OutcomeCorrected: "corrected", models.OutcomeTask: "tasked"}

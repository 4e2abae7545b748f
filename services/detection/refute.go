package detection

import (
	"context"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

const (
	// refutedFor is how long a finding rests after an innocent explanation was
	// recorded: by then what was recorded has reached the readings.
	refutedFor = 14 * 24 * time.Hour
	// longestWatch is how far ahead a finding may be put on watch.
	longestWatch = 90 * 24 * time.Hour
)

// Refute records an innocent explanation for a finding, and puts it on watch for two
// weeks: when its cause is still seen then, it is opened again.
func (s *Service) Refute(ctx context.Context, actor models.Actor, id string, r models.Refutation) (f models.Finding, err error) {
	if err := models.Can(actor, models.ActFindingTriage, models.Scope{}); err != nil {
		return f, err
	}
	if err := r.Check(); err != nil {
		return f, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if f, err = s.workable(tx, actor, id); err != nil {
			return err
		}
		made := models.Refutation{ID: tx.NewID(), Finding: id, Kind: r.Kind, Note: strings.TrimSpace(r.Note), By: actor.ID, At: tx.Now}
		if err := tx.InsertRefutation(made); err != nil {
			return err
		}
		f.State, f.Reason, f.Updated, f.Evidence.WatchUntil = models.FindingAcknowledged, r.Kind, tx.Now, tx.Now.Add(refutedFor)
		if err := tx.UpdateFinding(f); err != nil {
			return err
		}
		f.Version++
		return appendFinding(tx, actor, "finding.refuted", r.Kind, f)
	})
	return f, err
}

// Refutations gives the innocent explanations that were recorded for a finding.
func (s *Service) Refutations(ctx context.Context, actor models.Actor, id string) (out []models.Refutation, err error) {
	if _, err := s.Finding(ctx, actor, id); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.Refutations(id)
		return err
	})
	return out, err
}

// Watch puts a finding aside until an instant, with a reason. When its cause is still
// seen after that, it is opened again.
func (s *Service) Watch(ctx context.Context, actor models.Actor, id, reason string, until time.Time) (f models.Finding, err error) {
	if err := models.Can(actor, models.ActFindingTriage, models.Scope{}); err != nil {
		return f, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		var v models.Invalid
		if reason = strings.TrimSpace(reason); reason == "" {
			v.Add("/reason", "required", "Say why; the reason is kept.")
		}
		if !until.After(tx.Now) || until.After(tx.Now.Add(longestWatch)) {
			v.Add("/until", "range", "A finding is watched until an instant to come, 90 days ahead at most.")
		}
		if err := v.Err(); err != nil {
			return err
		}
		if f, err = s.workable(tx, actor, id); err != nil {
			return err
		}
		f.State, f.Reason, f.Updated, f.Evidence.WatchUntil = models.FindingAcknowledged, reason, tx.Now, until
		if err := tx.UpdateFinding(f); err != nil {
			return err
		}
		f.Version++
		return appendFinding(tx, actor, "finding.watched", "", f)
	})
	return f, err
}

// workable gives a finding that is not at rest, if the actor may know of it.
func (s *Service) workable(tx *store.Tx, actor models.Actor, id string) (models.Finding, error) {
	f, err := tx.Finding(id)
	if err != nil {
		return f, err
	}
	if f.Rule.Insider() && !models.SeesInsiders(actor) {
		return models.Finding{}, models.NotFound("finding", id)
	}
	if f.State != models.FindingOpen && f.State != models.FindingAcknowledged {
		return f, models.Errorf(models.CodeConflict, "The finding is %s. Reopen it first.", f.State)
	}
	return f, nil
}

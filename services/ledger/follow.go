package ledger

import (
	"context"
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

const (
	followPoll     = 250 * time.Millisecond
	followBatch    = 200
	followAttempts = 12 // with the back-off about a minute
)

// Follow hands every sealed entry, in order and from the saved position of the
// name on, to fn, until ctx ends. What fn does and the new position commit
// together, so each entry takes effect once, whoever is killed when. fn may run
// again for the same entries and touches nothing but tx. Followers of different
// names do not wait for each other; two processes may follow under one name.
// When the store or fn fails, Follow tries again for about a minute and then
// gives the error.
func Follow(ctx context.Context, s *store.Store, name string, fn func(context.Context, *store.Tx, []models.SealedEntry) error) error {
	failed, backoff := 0, followPoll
	for {
		changed := s.Changed()
		n, err := followOnce(ctx, s, name, fn)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			if failed++; failed == followAttempts {
				return fmt.Errorf("follow the ledger as %s: %w", name, err)
			}
			changed = nil
		case n > 0:
			failed, backoff = 0, followPoll
			continue
		default:
			failed, backoff = 0, followPoll
		}
		timer := time.NewTimer(backoff)
		if failed > 0 {
			backoff = min(2*backoff, maxBackoff)
		}
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// followOnce reads the next entries outside the transaction that consumes them:
// sealed entries do not change, and so followers do not contend with the sealer.
func followOnce(ctx context.Context, s *store.Store, name string, fn func(context.Context, *store.Tx, []models.SealedEntry) error) (int, error) {
	var (
		position int64
		batch    []models.SealedEntry
	)
	err := s.View(ctx, func(tx *store.Tx) (err error) {
		if position, err = tx.FollowerPosition(name); err != nil {
			return err
		}
		batch, err = tx.SealedEntries(position, followBatch, store.EntryFilter{})
		return err
	})
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	err = s.Update(ctx, func(tx *store.Tx) error {
		now, err := tx.FollowerPosition(name)
		if err != nil || now != position {
			return err // another process was faster; the next round begins where it ended
		}
		if err := fn(ctx, tx, batch); err != nil {
			return err
		}
		return tx.SetFollowerPosition(name, batch[len(batch)-1].Index+1)
	})
	return len(batch), err
}

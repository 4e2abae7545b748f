package metering

import (
	"context"
	"log/slog"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Folding: batches that wait are taken together into the chunks, intervals and newest
// readings of their meters: often enough that nothing is older than half a minute where
// only the newest reading of a meter is asked for, and seldom enough that a meter's rows
// are written once for several batches.
const (
	foldEvery  = 5 * time.Second
	foldOlder  = 20 * time.Second // a batch waits so long
	foldMany   = 100_000          // readings that wait at once
	foldAtOnce = 50_000           // readings in one transaction
	foldLimit  = 4 * foldMany     // readings left by this process before a batch waits for them to be folded
)

// Fold folds all batches that wait and gives how many readings they had.
func (s *Service) Fold(ctx context.Context) (sum int64, err error) {
	for {
		var n int64
		err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.FoldPending(foldAtOnce)
			return err
		})
		if err != nil {
			return sum, err
		}
		if n == 0 {
			break
		}
		sum += n
	}
	s.in.waiting.Store(0)
	return sum, s.store.ForgetPending(ctx)
}

// relieve folds when this process has left far too many readings to be folded, or has
// found them: nobody else does it.
func (s *Service) relieve(ctx context.Context) error {
	if err := s.findWaiting(ctx); err != nil {
		return err
	}
	if s.in.waiting.Load() < foldLimit {
		return nil
	}
	_, err := s.Fold(ctx)
	return err
}

// findWaiting counts once what was left to be folded before this process began: one that
// is killed again and again would else leave more and more, and each that follows has to
// look through all of it.
func (s *Service) findWaiting(ctx context.Context) error {
	s.in.looked.Lock()
	defer s.in.looked.Unlock()
	if s.in.found {
		return nil
	}
	var size store.PendingSize
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		size, err = tx.Pending()
		return err
	})
	if err == nil {
		s.in.found = true
		s.in.waiting.Add(size.Readings)
	}
	return err
}

// foldOn folds what waits until ctx ends.
func (s *Service) foldOn(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(foldEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		due, err := s.foldDue(ctx)
		if err == nil && due {
			_, err = s.Fold(ctx)
		}
		if err != nil && ctx.Err() == nil && models.CodeOf(err) != models.CodeVersionConflict {
			log.Error("batches of readings could not be folded; they wait and are tried again", "error", err)
		}
	}
}

func (s *Service) foldDue(ctx context.Context) (due bool, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		size, err := tx.Pending()
		due = size.Readings >= foldMany || size.Batches > 0 && tx.Now.Sub(size.Oldest) >= foldOlder
		return err
	})
	return due, err
}

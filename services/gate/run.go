package gate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

// Run writes off lapsed permits, issues disconnection orders as the ledger says
// that licenses lost their right, verifies executed ones by the meters, and counts the
// status list, until ctx ends. A round that fails is tried again; when so many fail in a row that it
// is no passing fault, Run ends with the error.
func (s *Service) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ledger.Follow(ctx, s.store, "gate.orders", s.followLicenses) })
	group.Go(func() error { return ledger.Follow(ctx, s.store, "gate.insiders", s.followInsiders) })
	group.Go(func() error {
		ticker := time.NewTicker(s.parameters(s.store.Now()).ReservationTick)
		defer ticker.Stop()
		failed := 0
		for {
			if err := errors.Join(s.lapse(ctx), s.verifyOrders(ctx), s.countStatus(ctx)); err == nil || ctx.Err() != nil {
				failed = 0
			} else if failed++; failed == maxFailures {
				return fmt.Errorf("follow permits and orders through: %w", err)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
			}
		}
	})
	return group.Wait()
}

const (
	lapseBatch  = 200
	maxFailures = 8
)

// lapse writes off permits whose time is over. Their power is free already from
// the instant itself; this records it.
func (s *Service) lapse(ctx context.Context) error {
	for {
		n := 0
		if err := s.settle(ctx); err != nil {
			return err
		}
		err := s.store.View(ctx, func(tx *store.Tx) error {
			over, err := tx.LapsedReservations(1)
			n = len(over)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
		err = s.store.Update(ctx, func(tx *store.Tx) error {
			if err := tx.TakeGateTurn(); err != nil {
				return err
			}
			over, err := tx.LapsedReservations(lapseBatch)
			if err != nil {
				return err
			}
			for _, r := range over {
				if err := tx.LapseReservation(r.Check); err != nil {
					return fmt.Errorf("write off permit %s: %w", r.Check, err)
				}
				_, err := tx.Append(models.Entry{Kind: "gate.lapsed", Subject: models.Ref{Kind: "gate_check", ID: r.Check}, Actor: models.System(),
					Utility: r.Utility, Body: map[string]any{"held_w": int64(r.Held), "until": r.Until, "license": r.License}})
				if err != nil {
					return err
				}
			}
			return nil
		})
		s.group.stale.Store(true)
		if err != nil {
			return err
		}
	}
}

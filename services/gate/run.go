package gate

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

// Run writes off lapsed permits, issues disconnection orders as the ledger says
// that licenses lost their right, and verifies executed ones by the meters, until
// ctx ends. A round that fails is logged and tried again.
func (s *Service) Run(ctx context.Context, logger *slog.Logger) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ledger.Follow(ctx, s.store, "gate.orders", s.followLicenses) })
	group.Go(func() error {
		ticker := time.NewTicker(s.params.ReservationTick)
		defer ticker.Stop()
		for {
			for name, step := range map[string]func(context.Context) error{"write off lapsed permits": s.lapse, "verify disconnection orders": s.verifyOrders} {
				if err := step(ctx); err != nil && ctx.Err() == nil {
					logger.ErrorContext(ctx, name, slog.Any("error", err))
				}
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

const lapseBatch = 200

// lapse writes off permits whose time is over. Their power is free already from
// the instant itself; this records it.
func (s *Service) lapse(ctx context.Context) error {
	for {
		n := 0
		err := s.store.View(ctx, func(tx *store.Tx) error {
			over, err := tx.LapsedReservations(1)
			n = len(over)
			return err
		})
		if err != nil || n == 0 {
			return err
		}
		err = s.store.Update(ctx, func(tx *store.Tx) error {
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
		if err != nil {
			return err
		}
	}
}

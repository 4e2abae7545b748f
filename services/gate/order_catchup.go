package gate

import (
	"context"
	"fmt"

	"rigistry/models"
	"rigistry/services/store"
)

// CatchUp does at once what Run does all the time for orders: it follows the sealed
// ledger to its end and runs one round. What was done before is not done again. It is
// for a registry that is filled while it does not run.
func (s *Service) CatchUp(ctx context.Context) error {
	for {
		n := 0
		err := s.store.Update(ctx, func(tx *store.Tx) error {
			from, err := tx.FollowerPosition(ordersFollower)
			if err != nil {
				return err
			}
			var batch []models.SealedEntry
			if batch, err = tx.SealedEntries(from, 1000, store.EntryFilter{}); err != nil || len(batch) == 0 {
				n = 0
				return err
			}
			n = len(batch)
			if err := s.followLicenses(ctx, tx, batch); err != nil {
				return err
			}
			return tx.SetFollowerPosition(ordersFollower, batch[n-1].Index+1)
		})
		if err != nil {
			return fmt.Errorf("follow the ledger for orders: %w", err)
		}
		if n == 0 {
			return s.verifyOrders(ctx)
		}
	}
}

const ordersFollower = "gate.orders"

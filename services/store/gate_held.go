package store

import (
	"context"
	"errors"
	"fmt"
)

// CommitGateHeld is CommitGate while nothing that the gate reads can change: prepare
// reads, decides and gives the commit, which is then on the turn that it was made
// from. It is for when others are always faster, such as a long import, because it
// makes them wait. An error of prepare comes back as it is, with nothing recorded.
func (s *Store) CommitGateHeld(ctx context.Context, prepare func() (GateCommit, error)) (int64, error) {
	for attempt := 1; ; attempt++ {
		turn, err := s.commitGateHeld(ctx, prepare)
		if err == nil {
			s.announce()
			return turn, nil
		}
		if !retryable(err) && !errors.Is(err, errTurn) || attempt == maxAttempts || ctx.Err() != nil {
			return 0, translate(err)
		}
	}
}

func (s *Store) commitGateHeld(ctx context.Context, prepare func() (GateCommit, error)) (int64, error) {
	db, err := s.engine.writer().DB()
	if err != nil {
		return 0, err
	}
	tx, err := db.BeginTx(ctx, nil) // SQLite: the one writer
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if s.engine.name() == "postgres" {
		// The turn first, like everybody who takes both: those who have written changes
		// are waited for, and nobody writes another before this ends.
		for _, lock := range []string{"LOCK TABLE gate_turn IN SHARE ROW EXCLUSIVE MODE", "LOCK TABLE gate_changes IN SHARE ROW EXCLUSIVE MODE"} {
			if _, err := tx.ExecContext(ctx, lock); err != nil {
				return 0, err
			}
		}
	}
	c, err := prepare()
	if err != nil {
		return 0, err
	}
	entries, err := c.entryRows()
	if err != nil {
		return 0, err
	}
	turn, err := s.commitGateIn(ctx, tx, c, appendAnswers(c.Batch.Answers), entries)
	if err != nil {
		return 0, err
	}
	if err := tx.Commit(); err != nil {
		return 0, fmt.Errorf("record a batch of the gate: %w", err)
	}
	return turn, nil
}

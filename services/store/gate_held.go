package store

import (
	"context"
	"fmt"

	"rigistry/models"
)

// CommitGateHeld is CommitGate while nothing that the gate reads can change: prepare
// reads, decides and gives the commit, which is then on the turn that it was made
// from. It is for when others are always faster, such as a long import that has the
// one writer of SQLite time and again, because it makes them wait. PostgreSQL has many
// writers, among which the gate comes to its turn; there it gives an error. An error of
// prepare comes back as it is, with nothing recorded.
func (s *Store) CommitGateHeld(ctx context.Context, prepare func() (GateCommit, error)) (int64, error) {
	if s.engine.name() != "sqlite" {
		return 0, models.Errorf(models.CodeUnavailable, "The gate could not answer now: too much else is changing. Ask again with the same key.")
	}
	turn, err := s.commitGateHeld(ctx, prepare)
	if err != nil {
		return 0, translate(err)
	}
	s.announce()
	return turn, nil
}

func (s *Store) commitGateHeld(ctx context.Context, prepare func() (GateCommit, error)) (int64, error) {
	db, err := s.engine.writer().DB()
	if err != nil {
		return 0, err
	}
	tx, err := db.BeginTx(ctx, nil) // the one writer; reads have connections of their own
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	c, err := prepare()
	if err != nil {
		return 0, err
	}
	entries, err := c.entryRows()
	if err != nil {
		return 0, err
	}
	turn, err := s.commitGateIn(ctx, tx, c, appendAnswers(nil, c.Batch.Answers), entries)
	if err != nil {
		return 0, err
	}
	if err := tx.Commit(); err != nil {
		return 0, fmt.Errorf("record a batch of the gate: %w", err)
	}
	if !c.Settle {
		s.heads.keep(turn, c.Batch.Answers)
	}
	return turn, nil
}

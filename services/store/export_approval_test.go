package store

import (
	"context"
	"database/sql"
)

// unguardedEngine is PostgreSQL with READ COMMITTED.
type unguardedEngine struct{ engine }

func (unguardedEngine) writeOptions() *sql.TxOptions {
	return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
}

// Unguarded gives the same store without what keeps approvals apart: neither turn nor
// row locks, and READ COMMITTED.
func (s *Store) Unguarded() *Store {
	return &Store{engine: unguardedEngine{s.engine}, now: s.now, changed: make(chan struct{}), unguarded: true}
}

// Approvals gives what licenses in force may take below each feeder, by code, from the
// rows themselves.
func (s *Store) Approvals(ctx context.Context) (map[string]int64, error) {
	type row struct {
		Code string `gorm:"column:code"`
		Sum  int64  `gorm:"column:sum_w"`
	}
	out := map[string]int64{}
	err := s.View(ctx, func(tx *Tx) error {
		rows, err := many[row](tx, `SELECT f.code, CAST(SUM(lp.approved_w) AS BIGINT) AS sum_w FROM license_points lp
			JOIN connection_points cp ON cp.code = lp.connection_code JOIN feeders f ON f.id = cp.feeder_id WHERE lp.in_force = 1 GROUP BY f.code`)
		for _, r := range rows {
			out[r.Code] = r.Sum
		}
		return err
	})
	return out, err
}

package store

import (
	"context"
	"fmt"
	"os"
	"time"
)

// OpenReadOnly opens an SQLite database that may be evidence: nothing is written
// to it, not even a setting, and a file that is not there is not made. Update
// fails.
func OpenReadOnly(ctx context.Context, path string, now func() time.Time) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	db, err := openSQLitePool(path, 1, "mode=ro", "_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	s := &Store{engine: &sqliteEngine{w: db, r: db}, now: now, changed: make(chan struct{})}
	if err := db.WithContext(ctx).Exec("SELECT 1 FROM ledger_entries LIMIT 1").Error; err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return s, nil
}

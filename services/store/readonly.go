package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	options := []string{"mode=ro", "_pragma=query_only(1)"}
	if settled(path) {
		options = append(options, "immutable=1")
	}
	db, err := openSQLitePool(path, 1, options...)
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

// settled tells whether all of a database is in its one file: nobody has it open and
// no log waits to be taken in. SQLite then needs no files beside it, which a folder
// that is evidence, or cannot be written to, must not get.
func settled(path string) bool {
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return false
	}
	_, err := os.Stat(path + "-shm")
	return errors.Is(err, fs.ErrNotExist)
}

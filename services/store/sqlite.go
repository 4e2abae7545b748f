package store

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
	_ "modernc.org/sqlite" // the pure Go driver, registered as "sqlite"
)

// sqliteEngine has one writer connection with immediate transactions and a few
// readers that cannot write. With one naive pool of eight, 627 of 640
// read-then-write transactions failed with SQLITE_BUSY; with this none does.
type sqliteEngine struct{ w, r *gorm.DB }

const sqliteReaders = 4

// walPages lets the log grow to some 24 MB before a commit copies it into the database:
// pages that are written often are copied once, and the gate answers a batch half as
// fast again as with the thousand pages that SQLite begins with.
const walPages = "_pragma=wal_autocheckpoint(6000)"

func openSQLite(ctx context.Context, path string) (engine, error) {
	path = strings.TrimPrefix(path, "//")
	if path == "" || strings.Contains(path, ":memory:") {
		return nil, fmt.Errorf("the SQLite database needs a file: sqlite:PATH")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the database: %w", err)
	}
	w, err := openSQLitePool(path, 1, "_txlock=immediate", "_pragma=journal_mode(WAL)", walPages)
	if err != nil {
		return nil, err
	}
	if err := w.WithContext(ctx).Exec("SELECT 1 FROM sqlite_master LIMIT 1").Error; err != nil {
		_ = closePool(w)
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	r, err := openSQLitePool(path, sqliteReaders, "_pragma=query_only(1)")
	if err != nil {
		_ = closePool(w)
		return nil, err
	}
	return &sqliteEngine{w: w, r: r}, nil
}

func openSQLitePool(path string, conns int, extra ...string) (*gorm.DB, error) {
	options := append([]string{
		"_pragma=busy_timeout(5000)", "_pragma=foreign_keys(1)", "_pragma=synchronous(FULL)",
		"_pragma=cache_size(-32000)", "_pragma=temp_store(MEMORY)",
	}, extra...)
	dsn := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join(options, "&")
	db, err := gorm.Open(sqlite.New(sqlite.Config{DriverName: "sqlite", DSN: dsn}), gormConfig())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	pool.SetConnMaxLifetime(0)
	return db, nil
}

func gormConfig() *gorm.Config {
	return &gorm.Config{
		Logger:                 tracer{logger.Discard},
		SkipDefaultTransaction: true,
		DisableAutomaticPing:   true,
	}
}

func (e *sqliteEngine) name() string                 { return "sqlite" }
func (e *sqliteEngine) writer() *gorm.DB             { return e.w }
func (e *sqliteEngine) reader() *gorm.DB             { return e.r }
func (e *sqliteEngine) writeOptions() *sql.TxOptions { return &sql.TxOptions{} }
func (e *sqliteEngine) readOptions() *sql.TxOptions  { return &sql.TxOptions{} }

func (e *sqliteEngine) settings(ctx context.Context) ([]Setting, error) {
	var out []Setting
	check := func(db *gorm.DB, label, pragma, want string) error {
		var got string
		if err := db.WithContext(ctx).Raw("PRAGMA " + pragma).Scan(&got).Error; err != nil {
			return fmt.Errorf("read PRAGMA %s: %w", pragma, err)
		}
		out = append(out, Setting{Name: label + pragma, Got: got, Want: want, OK: got == want})
		return nil
	}
	for _, c := range [][2]string{{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"}, {"busy_timeout", "5000"}} {
		if err := check(e.w, "", c[0], c[1]); err != nil {
			return nil, err
		}
	}
	return out, check(e.r, "reader ", "query_only", "1")
}

func (e *sqliteEngine) close() error {
	var first error
	for _, db := range []*gorm.DB{e.r, e.w} {
		if err := closePool(db); first == nil {
			first = err
		}
	}
	return first
}

func closePool(db *gorm.DB) error {
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

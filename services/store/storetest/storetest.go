// Package storetest gives tests a fresh, migrated database on each engine.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver that makes and drops test databases

	"rigistry/services/store"
)

// Clock is a clock that stands still until it is moved.
type Clock struct {
	mu sync.Mutex
	t  time.Time
}

// NewClock starts at Monday 2026-03-02 09:00 in Astana (04:00 UTC).
func NewClock() *Clock { return &Clock{t: time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)} }

// Now gives the time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// Advance moves the clock forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// Set moves the clock to an instant.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

// Each runs the test on SQLite and on PostgreSQL, each with a database of its
// own. The PostgreSQL server is named by RIGISTRY_TEST_POSTGRES; without it the
// PostgreSQL half is left out, except in CI, where it fails.
func Each(t *testing.T, test func(t *testing.T, s *store.Store, clock *Clock)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		clock := NewClock()
		test(t, SQLite(t, clock.Now), clock)
	})
	t.Run("postgres", func(t *testing.T) {
		clock := NewClock()
		test(t, Postgres(t, clock.Now), clock)
	})
}

// SQLite opens a fresh, migrated database in a temporary folder.
func SQLite(t testing.TB, now func() time.Time) *store.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rigistry.db")
	content, err := migratedFile()
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatalf("copy the migrated database: %v", err)
	}
	return Open(t, "sqlite:"+path, now)
}

// Postgres opens a fresh, migrated database on the server of RIGISTRY_TEST_POSTGRES.
func Postgres(t testing.TB, now func() time.Time) *store.Store {
	t.Helper()
	admin := server(t)
	template, err := migratedTemplate(admin)
	if err != nil {
		t.Fatalf("make the migrated template: %v", err)
	}
	return Open(t, database(t, admin, " TEMPLATE "+template), now)
}

// PostgresURL makes an empty database that is dropped when the test ends.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return database(t, server(t), "")
}

// server opens the server of RIGISTRY_TEST_POSTGRES.
func server(t testing.TB) *sql.DB {
	t.Helper()
	server := os.Getenv("RIGISTRY_TEST_POSTGRES")
	if server == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("RIGISTRY_TEST_POSTGRES is not set: `make test` starts a server and sets it")
		}
		t.Skip("no PostgreSQL: `make test` starts one, or set RIGISTRY_TEST_POSTGRES")
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close() })
	return admin
}

// database makes a database that is dropped when the test ends, and gives its URL.
func database(t testing.TB, admin *sql.DB, how string) string {
	t.Helper()
	name := "rt_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if _, err := admin.Exec("CREATE DATABASE " + name + how); err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(fmt.Sprintf("DROP DATABASE %s WITH (FORCE)", name)); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return urlOf(name)
}

// urlOf is the URL of a database on the server of RIGISTRY_TEST_POSTGRES.
func urlOf(name string) string {
	u, err := url.Parse(os.Getenv("RIGISTRY_TEST_POSTGRES"))
	if err != nil {
		panic(err) // the driver has read it before
	}
	u.Path = "/" + name
	return u.String()
}

// Open opens and migrates the database at the URL and closes it when the test ends.
func Open(t testing.TB, databaseURL string, now func() time.Time) *store.Store {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, databaseURL, now)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	opened.Store(s, databaseURL)
	t.Cleanup(func() { opened.Delete(s); _ = s.Close() })
	if _, err := s.Migrate(ctx); err != nil {
		t.Fatalf("migrate: %v", err)
	}
	return s
}

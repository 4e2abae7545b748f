package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"rigistry/migrations"
	"rigistry/services/store"
)

// migratedFile is an SQLite database with the schema and nothing in it, migrated
// once for all tests of the process.
var migratedFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "rigistry-schema")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // the system sweeps what is left
	path := filepath.Join(dir, "schema.db")
	if err := migrate("sqlite:" + path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

func migrate(databaseURL string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, databaseURL, time.Now)
	if err != nil {
		return err
	}
	_, err = s.Migrate(ctx)
	if closed := s.Close(); err == nil {
		err = closed
	}
	return err
}

// migratedTemplate gives the name of a database with the schema on the server, which
// the first test of any process makes.
func migratedTemplate(admin *sql.DB) (string, error) {
	digest, err := schemaDigest()
	if err != nil {
		return "", err
	}
	ctx, name := context.Background(), "rigistry_schema_"+digest
	one, err := admin.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = one.Close() }() // gives the lock back
	const lock = 720_917
	if _, err := one.ExecContext(ctx, "SELECT pg_advisory_lock($1)", lock); err != nil {
		return "", err
	}
	defer func() { _, _ = one.ExecContext(ctx, "SELECT pg_advisory_unlock($1)", lock) }()
	var there bool
	if err := one.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil || there {
		return name, err
	}
	making := name + "_making"
	for _, step := range []func() error{
		func() error { _, err := one.ExecContext(ctx, "DROP DATABASE IF EXISTS "+making); return err },
		func() error { _, err := one.ExecContext(ctx, "CREATE DATABASE "+making); return err },
		func() error { return migrate(urlOf(making)) },
		func() error {
			_, err := one.ExecContext(ctx, "ALTER DATABASE "+making+" RENAME TO "+name)
			return err
		},
	} {
		if err := step(); err != nil {
			return "", fmt.Errorf("template %s: %w", name, err)
		}
	}
	return name, nil
}

// schemaDigest names the schema by what its migrations say.
var schemaDigest = sync.OnceValues(func() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(migrations.Files, "postgres", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(migrations.Files, path)
		_, _ = fmt.Fprintf(h, "%s %d %s", path, len(content), content) // a hash never fails
		return err
	})
	return fmt.Sprintf("%x", h.Sum(nil)[:6]), err
})

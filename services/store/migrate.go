package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"rigistry/migrations"
)

// Migration is one step of the schema.
type Migration struct {
	Version int64
	File    string
	Applied bool
}

func (s *Store) provider() (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if s.Engine() == "postgres" {
		dialect = goose.DialectPostgres
	}
	files, err := fs.Sub(migrations.Files, s.Engine())
	if err != nil {
		return nil, err
	}
	pool, err := s.engine.writer().DB()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, pool, files)
}

// Migrate applies every pending migration, gives the files it applied, and makes
// the index of search where it is not of this program.
func (s *Store) Migrate(ctx context.Context) ([]string, error) {
	p, err := s.provider()
	if err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	results, err := p.Up(ctx)
	if err != nil {
		return nil, fmt.Errorf("apply migrations: %w", err)
	}
	files := make([]string, 0, len(results))
	for _, r := range results {
		files = append(files, r.Source.Path)
	}
	if _, err = s.RebuildSearch(ctx); err == nil {
		_, err = s.ComparePartiesAnew(ctx)
	}
	return files, err
}

// Migrations lists every migration and whether it has been applied.
func (s *Store) Migrations(ctx context.Context) ([]Migration, error) {
	p, err := s.provider()
	if err != nil {
		return nil, fmt.Errorf("prepare migrations: %w", err)
	}
	status, err := p.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state of the migrations: %w", err)
	}
	out := make([]Migration, 0, len(status))
	for _, m := range status {
		out = append(out, Migration{Version: m.Source.Version, File: m.Source.Path, Applied: m.State == goose.StateApplied})
	}
	return out, nil
}

// ErrPending says that the schema is behind the program.
var ErrPending = errors.New("migrations are pending: run `rigistry migrate up`")

// RequireMigrated gives ErrPending while a migration has not been applied.
func (s *Store) RequireMigrated(ctx context.Context) error {
	all, err := s.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		if !m.Applied {
			return fmt.Errorf("%s: %w", m.File, ErrPending)
		}
	}
	return nil
}

// Latest gives the number of the newest migration this program knows.
func Latest() int64 {
	var newest int64
	entries, err := fs.ReadDir(migrations.Files, "sqlite")
	if err != nil {
		return 0
	}
	for _, e := range entries {
		if n, err := goose.NumericComponent(e.Name()); err == nil {
			newest = max(newest, n)
		}
	}
	return newest
}

package store

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"
)

// Noun tells whether the past of a table can be read, and whether it has a history.
func Noun(table string) (kept, known bool) {
	i := slices.IndexFunc(nouns, func(n noun) bool { return n.table == table })
	return i >= 0 && nouns[i].kept, i >= 0
}

// TablesOf gives the tables of the database; partitions count with their table.
func TablesOf(t *testing.T, s *Store) []string {
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
	if s.Engine() == "postgres" {
		query = `SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace
			AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname`
	}
	return viewed(t, s, func(tx *Tx) ([]string, error) { return many[string](tx, query) })
}

// ColumnsOf gives the columns of a table.
func ColumnsOf(t *testing.T, s *Store, table string) []string {
	return viewed(t, s, func(tx *Tx) ([]string, error) { return tx.columnsOf(table) })
}

// CountOf counts the rows of a table, which may be followed by a condition.
func CountOf(t *testing.T, s *Store, from string) int64 {
	return viewed(t, s, func(tx *Tx) (int64, error) { return one[int64](tx, "count", "", "SELECT COUNT(*) FROM "+from) })
}

func viewed[T any](t *testing.T, s *Store, read func(*Tx) (T, error)) (out T) {
	t.Helper()
	err := s.View(context.Background(), func(tx *Tx) (err error) {
		out, err = read(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// ExecTx runs a statement as the store's own methods do.
func ExecTx(tx *Tx, query string) error {
	_, err := exec(tx, query)
	return err
}

// ExecIn is ExecTx in a transaction of its own.
func ExecIn(s *Store, query string) error {
	return s.Update(context.Background(), func(tx *Tx) error { return ExecTx(tx, query) })
}

// MicrosText writes an instant as it is stored.
func MicrosText(t time.Time) string { return strconv.FormatInt(micros(t), 10) }

// RepeatedIn counts the rows of a recursive query at a moment.
func RepeatedIn(t *testing.T, s *Store, m Moment) (n int64) {
	t.Helper()
	err := s.View(At(context.Background(), m), func(tx *Tx) (err error) {
		n, err = one[int64](tx, "count", "", `WITH RECURSIVE step (n) AS (SELECT 1 FROM utilities UNION ALL SELECT n + 1 FROM step WHERE n < 2)
			SELECT COUNT(*) FROM step`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// MigrateTo brings the schema up or down to a version.
func MigrateTo(s *Store, version int64) error {
	p, err := s.provider()
	if err != nil {
		return err
	}
	now, err := p.GetDBVersion(context.Background())
	if err != nil {
		return err
	}
	if now > version {
		_, err = p.DownTo(context.Background(), version)
	} else {
		_, err = p.UpTo(context.Background(), version)
	}
	return err
}

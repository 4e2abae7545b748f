package storetest

import (
	"database/sql"
	"strings"
	"testing"

	"rigistry/services/store"
)

// Exec runs a statement past the store: what somebody with the database's password
// could do.
func Exec(t testing.TB, s *store.Store, statement string) {
	t.Helper()
	address, known := opened.Load(s)
	if !known {
		t.Fatal("this store was not opened by storetest")
	}
	driver, source := "pgx", address.(string)
	if s.Engine() == "sqlite" {
		driver, source = "sqlite", strings.TrimPrefix(source, "sqlite:")
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // Exec tells what went wrong
	if _, err := db.Exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// Size gives how many bytes tables take on the disk, with their indexes. On SQLite it is
// the pages of the tables; on PostgreSQL the files of their partitions too.
func Size(t testing.TB, s *store.Store, tables ...string) (bytes int64) {
	t.Helper()
	address, known := opened.Load(s)
	if !known {
		t.Fatal("this store was not opened by storetest")
	}
	driver, source := "pgx", address.(string)
	query := `SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0) FROM pg_class c
		WHERE c.relkind = 'r' AND (c.relname = $1 OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass($1)))`
	if s.Engine() == "sqlite" {
		driver, source = "sqlite", strings.TrimPrefix(address.(string), "sqlite:")
		query = "SELECT COALESCE(SUM(pgsize), 0) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = $1)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it was only read
	for _, table := range tables {
		var n int64
		if err := db.QueryRow(query, table).Scan(&n); err != nil {
			t.Fatalf("size of %s: %v", table, err)
		}
		bytes += n
	}
	return bytes
}

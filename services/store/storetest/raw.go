package storetest

import (
	"database/sql"
	"strings"
	"testing"

	"rigistry/services/store"
)

// Raw opens the database of a store once more, without the store's care: for filling
// it with rows by the hundred thousand. Foreign keys are not checked.
func Raw(t testing.TB, s *store.Store) *sql.DB {
	t.Helper()
	driver, source := "sqlite", strings.TrimPrefix(Address(t, s), "sqlite:")
	if s.Engine() == "postgres" {
		driver, source = "pgx", Address(t, s)
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	if s.Engine() == "postgres" {
		if _, err := db.Exec("SET session_replication_role = replica"); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// Address is the address of the database of a store that this package opened.
func Address(t testing.TB, s *store.Store) string {
	t.Helper()
	address, known := opened.Load(s)
	text, isText := address.(string)
	if !known || !isText {
		t.Fatal("this store was not opened by storetest")
	}
	return text
}

package storetest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"rigistry/services/store"
)

// opened are the addresses of the databases that Open opened.
var opened sync.Map // *store.Store to string

// Dump gives every row of every table as text, table by table, but for the columns
// that leave says are to be left out; a table of which all is left out is not read.
// Rows are in the order of their text.
func Dump(t testing.TB, s *store.Store, leave func(table, column string) bool) map[string][]string {
	t.Helper()
	address, known := opened.Load(s)
	if !known {
		t.Fatal("this store was not opened by storetest")
	}
	driver, source, tables := "pgx", address.(string), "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name"
	if s.Engine() == "sqlite" {
		driver, source, tables = "sqlite", strings.TrimPrefix(source, "sqlite:"), "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // it was only read
	out := map[string][]string{}
	for _, name := range texts(t, db, tables) {
		if rows := texts(t, db, "SELECT * FROM "+name[0], func(column string) bool { return leave(name[0], column) }); len(rows) > 0 {
			for _, r := range rows {
				out[name[0]] = append(out[name[0]], strings.Join(r, " | "))
			}
			slices.Sort(out[name[0]])
		}
	}
	return out
}

// texts gives the rows of a query, each value after the name of its column.
func texts(t testing.TB, db *sql.DB, query string, leave ...func(column string) bool) [][]string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }() // Err is asked below
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for rows.Next() {
		values, places := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			places[i] = &values[i]
		}
		if err := rows.Scan(places...); err != nil {
			t.Fatal(err)
		}
		var row []string
		for i, column := range columns {
			switch {
			case len(leave) == 0:
				row = append(row, fmt.Sprint(values[i]))
			case !leave[0](column):
				row = append(row, fmt.Sprintf("%s=%v", column, values[i]))
			}
		}
		if len(row) > 0 {
			out = append(out, row)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

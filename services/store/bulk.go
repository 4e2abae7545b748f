package store

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// bulkRows is how many rows one prepared statement of SQLite takes: measured, larger
// ones are no faster, and what is left over is short.
const bulkRows = 50

// bulkColumn is a column of rows that are written at once; its values are all text,
// whole numbers or bytes.
type bulkColumn struct {
	name   string
	texts  []string
	ints   []int64
	bodies [][]byte
}

func (c *bulkColumn) at(i int) any {
	switch {
	case c.texts != nil:
		return c.texts[i]
	case c.ints != nil:
		return c.ints[i]
	}
	return c.bodies[i]
}

// array gives the column as PostgreSQL takes it, with its type.
func (c *bulkColumn) array() (any, string) {
	switch {
	case c.texts != nil:
		return c.texts, "text[]"
	case c.ints != nil:
		return c.ints, "bigint[]"
	}
	return c.bodies, "bytea[]"
}

// bulk is rows for a table.
type bulk struct {
	table   string
	rows    int
	columns []bulkColumn
}

func (b *bulk) names() []string {
	out := make([]string, len(b.columns))
	for i := range b.columns {
		out[i] = b.columns[i].name
	}
	return out
}

// raceError says that a row was written by somebody else since it was looked for. The
// transaction runs again.
type raceError struct{ error }

func (e raceError) Unwrap() error { return e.error }

// copyBulk writes rows that are known to be new: by COPY on PostgreSQL, by prepared
// statements of many rows on SQLite.
func copyBulk(tx *Tx, b bulk) error {
	if b.rows == 0 {
		return nil
	}
	if tx.conn == nil {
		return insertBulk(tx, b, "")
	}
	return onPostgres(tx, func(c *pgx.Conn) error {
		values := make([]any, len(b.columns))
		_, err := c.CopyFrom(tx.db.Statement.Context, pgx.Identifier{b.table}, b.names(),
			pgx.CopyFromSlice(b.rows, func(i int) ([]any, error) {
				for k := range b.columns {
					values[k] = b.columns[k].at(i)
				}
				return values, nil
			}))
		if hasState(err, pgUnique) {
			err = raceError{err}
		}
		return err
	})
}

// insertBulk inserts rows; suffix is what follows the values, such as ON CONFLICT.
func insertBulk(tx *Tx, b bulk, suffix string) error {
	return insertBulks(tx, []bulkInsert{{b, suffix}})
}

// bulkInsert is rows to be inserted; suffix is what follows the values, such as ON
// CONFLICT. Without one, a row that is there already says that somebody was faster.
type bulkInsert struct {
	bulk
	suffix string
}

// unnested is the insert as PostgreSQL takes it: an array for each column.
func (b *bulkInsert) unnested() (query string, args []any) {
	args, places := make([]any, len(b.columns)), make([]string, len(b.columns))
	for k := range b.columns {
		var kind string
		args[k], kind = b.columns[k].array()
		places[k] = fmt.Sprintf("$%d::%s", k+1, kind)
	}
	return "INSERT INTO " + b.table + " (" + strings.Join(b.names(), ", ") + ") SELECT * FROM unnest(" + strings.Join(places, ", ") + ")" + b.suffix, args
}

// insertBulks inserts rows into several tables, in order. PostgreSQL gets them all at
// once and is waited for once.
func insertBulks(tx *Tx, inserts []bulkInsert) error {
	inserts = slices.DeleteFunc(inserts, func(b bulkInsert) bool { return b.rows == 0 })
	if len(inserts) == 0 {
		return nil
	}
	if tx.conn == nil {
		for i := range inserts {
			if err := inserts[i].insertSQLite(tx, inserts[i].suffix); err != nil {
				return fmt.Errorf("insert into %s: %w", inserts[i].table, err)
			}
		}
		return nil
	}
	return onPostgres(tx, func(c *pgx.Conn) error {
		var all pgx.Batch
		for i := range inserts {
			query, args := inserts[i].unnested()
			all.Queue(query, args...)
		}
		results := c.SendBatch(tx.db.Statement.Context, &all)
		for i := range inserts {
			_, err := results.Exec()
			if inserts[i].suffix == "" && hasState(err, pgUnique) {
				err = raceError{err}
			}
			if err != nil {
				_ = results.Close() // the first error is the cause
				return fmt.Errorf("insert into %s: %w", inserts[i].table, err)
			}
		}
		return results.Close()
	})
}

// insertSQLite inserts rows by prepared statements of many and of single rows.
func (b *bulk) insertSQLite(tx *Tx, suffix string) error {
	head := "INSERT INTO " + b.table + " (" + strings.Join(b.names(), ", ") + ") VALUES "
	for _, size := range []int{bulkRows, 1} {
		if err := b.prepared(tx, head+valuesList(size, len(b.columns))+suffix, size); err != nil {
			return err
		}
	}
	return nil
}

// prepared writes the rows of statements of a size: all whole ones of bulkRows, or what
// they leave.
func (b *bulk) prepared(tx *Tx, query string, size int) error {
	from, until := 0, b.rows/bulkRows*bulkRows
	if size == 1 {
		from, until = until, b.rows
	}
	if from == until {
		return nil
	}
	ctx := tx.db.Statement.Context
	statement, err := tx.db.Statement.ConnPool.PrepareContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }() // the transaction tells what went wrong
	args := make([]any, 0, size*len(b.columns))
	for at := from; at < until; at += size {
		args = args[:0]
		for i := at; i < at+size; i++ {
			for k := range b.columns {
				args = append(args, b.columns[k].at(i))
			}
		}
		if _, err := statement.ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// among is the condition that a column is one of the names, with its one argument: the
// placeholders of a thousand names would take longer to read than their rows.
func (tx *Tx) among(column string, names []string) (condition string, list string, err error) {
	if tx.engine == "postgres" {
		quoted := make([]string, len(names))
		for i, n := range names {
			quoted[i] = `"` + arrayEscapes.Replace(n) + `"`
		}
		return column + " = ANY(CAST(? AS TEXT[]))", "{" + strings.Join(quoted, ",") + "}", nil
	}
	list, err = text(names)
	return column + " IN (SELECT value FROM json_each(?))", list, err
}

// arrayEscapes writes a text as an element of PostgreSQL's arrays.
var arrayEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// onPostgres runs fn on the connection of the transaction.
func onPostgres(tx *Tx, fn func(*pgx.Conn) error) error {
	return tx.conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the connection is a %T and none of pgx", driver)
		}
		return fn(c.Conn())
	})
}

// connOf gives the connection that a handle is bound to, nil when it is bound to none.
func connOf(pool any) *sql.Conn {
	c, _ := pool.(*sql.Conn)
	return c
}

package store

import (
	"encoding/json"
	"fmt"
	"time"

	"rigistry/models"
)

// one scans exactly one row, or says that there is no such noun. T is a row
// struct with gorm column tags, or a scalar.
func one[T any](tx *Tx, noun, name, query string, args ...any) (T, error) {
	rows, err := many[T](tx, query, args...)
	if err != nil || len(rows) == 0 {
		var zero T
		if err == nil {
			err = models.NotFound(noun, name)
		}
		return zero, err
	}
	return rows[0], nil
}

// many scans all rows.
func many[T any](tx *Tx, query string, args ...any) ([]T, error) {
	var rows []T
	if tx.past != nil {
		query = tx.past.rewrite(query)
	}
	if err := tx.db.Raw(query, args...).Scan(&rows).Error; err != nil {
		return nil, err
	}
	return rows, nil
}

// exec runs a statement and gives the number of rows it changed.
func exec(tx *Tx, query string, args ...any) (int64, error) {
	if err := tx.stampFor(query); err != nil {
		return 0, err
	}
	res := tx.db.Exec(query, args...)
	return res.RowsAffected, res.Error
}

// insert creates one row of a table from a row struct with gorm column tags.
func insert(tx *Tx, table string, row any) error {
	res := tx.db.Table(table).Create(row)
	if res.Error == nil && res.RowsAffected != 1 {
		return fmt.Errorf("insert into %s changed %d rows", table, res.RowsAffected)
	}
	return res.Error
}

// recorded is a row with the instant of its first recording, for tables whose own
// columns do not tell it.
type recorded[T any] struct {
	Row        T     `gorm:"embedded"`
	RecordedAt int64 `gorm:"column:recorded_at"`
}

// insertRecorded is insert for those tables.
func insertRecorded[T any](tx *Tx, table string, row T) error {
	return insert(tx, table, &recorded[T]{Row: row, RecordedAt: micros(tx.Now)})
}

// updateVersion sets columns of the row that has the id and still the version,
// and counts the version up. When no row has both, somebody was faster: the
// error has CodeVersionConflict.
func updateVersion(tx *Tx, table, id string, version int64, columns map[string]any) error {
	columns["version"] = version + 1
	if err := tx.stamp(table); err != nil {
		return err
	}
	res := tx.db.Table(table).Where("id = ? AND version = ?", id, version).Updates(columns)
	if res.Error == nil && res.RowsAffected != 1 {
		return errStale
	}
	return res.Error
}

// micros is how an instant is stored: microseconds since 1970 UTC, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant is the reverse of micros.
func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

// flag is how a boolean is stored.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// text is how a structured value is stored.
func text(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode a column: %w", err)
	}
	return string(b), nil
}

// parse is the reverse of text; "" leaves v as it is.
func parse(s string, v any) error {
	if s == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(s), v); err != nil {
		return fmt.Errorf("decode a column: %w", err)
	}
	return nil
}

// Page is a slice of a list: at most Limit items after the item with the cursor.
type Page struct {
	Limit int    // 1..1000; 0 means 50
	After string // cursor of the last item seen, "" from the beginning
}

// Size gives the limit within its bounds.
func (p Page) Size() int {
	if p.Limit <= 0 {
		return 50
	}
	return min(p.Limit, 1000)
}

package store

import (
	"fmt"
	"strings"
	"time"

	"rigistry/models"
)

// retained is where the readings of a resolution are, and what names a row.
type retained struct {
	table, key, meter string
	bytes             string // of a row, as SQL
}

// retainedIn are the tables of the resolutions. A row of an interval takes about 130
// bytes with its key.
var retainedIn = map[models.RetentionClass]retained{
	models.RetainRaw:      {"reading_chunks", "place, meter, start_at, version", "meter", "LENGTH(body)"},
	models.RetainQuarters: {"intervals", "meter_id, start_at", "meter_id", "130"},
	models.RetainHours:    {"interval_hours", "meter_id, start_at", "meter_id", "130"},
	models.RetainDays:     {"interval_days", "meter_id, start_at", "meter_id", "130"},
}

// heldMeters is a query for the ids of the meters whose readings stay: those at and below
// each feeder that an open finding, an open case or a legal hold in force touches, and at
// its substation. A meter of a node that the registry does not keep may belong to any
// feeder of its utility. It takes the instant twice.
const heldMeters = `WITH holds AS (
		SELECT s.kind, s.ref FROM case_subjects s JOIN cases c ON c.id = s.case_id WHERE c.ended_at = 0
		UNION ALL SELECT f.scope, f.scope_id FROM standing_facts f WHERE f.kind = 'legal_hold' AND f.from_at <= ? AND (f.until_at = 0 OR f.until_at > ?)
			AND NOT EXISTS (SELECT 1 FROM standing_ends e WHERE e.fact_id = f.id)),
	licensed AS (
		SELECT p.connection_code FROM holds h JOIN license_points p ON h.kind = 'license' AND p.number = h.ref
		UNION SELECT p.connection_code FROM holds h JOIN licenses l ON h.kind = 'party' AND l.holder = h.ref JOIN license_points p ON p.number = l.number
		UNION SELECT p.connection_code FROM holds h JOIN sites s ON h.kind = 'site' AND h.ref IN (s.id, s.code) JOIN license_points p ON p.site IN (s.id, s.code)),
	feeders_held AS (
		SELECT feeder_id AS id FROM findings WHERE state IN ('open', 'acknowledged')
		UNION SELECT f.feeder_id FROM holds h JOIN findings f ON h.kind = 'finding' AND f.id = h.ref
		UNION SELECT f.id FROM holds h JOIN feeders f ON h.kind = 'feeder' AND h.ref IN (f.id, f.code)
		UNION SELECT c.feeder_id FROM holds h JOIN connection_points c ON h.kind = 'connection_point' AND h.ref IN (c.id, c.code)
		UNION SELECT c.feeder_id FROM holds h JOIN sites s ON h.kind = 'site' AND h.ref IN (s.id, s.code) JOIN connection_points c ON c.site <> '' AND c.site IN (s.id, s.code)
		UNION SELECT c.feeder_id FROM holds h JOIN parties p ON h.kind = 'party' AND p.id = h.ref JOIN connection_points c ON c.consumer_bin <> '' AND c.consumer_bin = p.bin
		UNION SELECT c.feeder_id FROM licensed l JOIN connection_points c ON c.code = l.connection_code)
	SELECT DISTINCT m.id FROM feeders_held held JOIN feeders f ON f.id = held.id JOIN meters m ON
		m.node_kind = 'feeder' AND m.node_id IN (f.id, f.code)
		OR m.node_kind = 'substation' AND m.node_id = f.substation_id
		OR m.node_kind = 'connection_point' AND m.node_id IN (SELECT c.id FROM connection_points c WHERE c.feeder_id = f.id UNION ALL SELECT c.code FROM connection_points c WHERE c.feeder_id = f.id)
		OR m.node_kind = 'pdu' AND m.node_id IN (SELECT d.id FROM pdus d JOIN connection_points c ON c.id = d.connection_point_id WHERE c.feeder_id = f.id)
		OR m.node_kind NOT IN ('feeder', 'substation', 'connection_point', 'pdu') AND m.utility = f.utility_id`

// HeldMeters gives the meters whose readings stay whatever their age.
func (tx *Tx) HeldMeters() ([]string, error) {
	ids, err := many[string](tx, heldMeters+" ORDER BY m.id", micros(tx.Now), micros(tx.Now))
	if err != nil {
		return nil, fmt.Errorf("look for what is held: %w", err)
	}
	return ids, nil
}

// Expired is how much of a resolution is older than an instant.
type Expired struct {
	Rows  int64 `gorm:"column:expired"`
	Bytes int64 `gorm:"column:bytes"`
	Held  int64 `gorm:"column:held"` // rows that stay all the same
}

// Expired measures what is older than the instant, without the readings of the held
// meters, and how much of theirs is.
func (tx *Tx) Expired(class models.RetentionClass, before time.Time, held []string) (Expired, error) {
	of := retainedIn[class]
	stays, list, err := tx.heldIn(of, held)
	if err != nil {
		return Expired{}, err
	}
	return one[Expired](tx, "readings", string(class), fmt.Sprintf(`SELECT COUNT(*) - COALESCE(SUM(h), 0) AS expired, COALESCE(SUM(h), 0) AS held, COALESCE(SUM(b * (1 - h)), 0) AS bytes
		FROM (SELECT %s AS b, CASE WHEN %s THEN 1 ELSE 0 END AS h FROM %s WHERE start_at < ?) x`, of.bytes, stays, of.table), list, micros(before))
}

// heldIn is the condition that a row is of one of the meters, with its argument.
func (tx *Tx) heldIn(of retained, held []string) (condition, list string, err error) {
	if of.meter != "meter" {
		return tx.among(of.meter, held)
	}
	condition, list, err = tx.among("meter_id", held)
	return "meter IN (SELECT number FROM meter_places WHERE " + condition + ")", list, err
}

// DropExpired takes at most so many rows of a resolution away that are older than the
// instant and not of a held meter, and gives their number.
func (tx *Tx) DropExpired(class models.RetentionClass, before time.Time, held []string, most int) (int64, error) {
	of := retainedIn[class]
	stays, list, err := tx.heldIn(of, held)
	if err != nil {
		return 0, err
	}
	n, err := exec(tx, fmt.Sprintf("DELETE FROM %s WHERE (%s) IN (SELECT %s FROM %s WHERE start_at < ? AND NOT (%s) ORDER BY start_at LIMIT ?)",
		of.table, of.key, of.key, of.table, stays), micros(before), list, most)
	if err != nil {
		return 0, fmt.Errorf("take %s readings away: %w", class, err)
	}
	return n, nil
}

// DropExpiredMonth drops the oldest partition of chunks that ends by the instant and has
// none of a held meter, and gives its name and rows; "" when there is none, as always on
// SQLite.
func (tx *Tx) DropExpiredMonth(before time.Time, held []string) (name string, rows int64, err error) {
	if tx.engine != "postgres" {
		return "", 0, nil
	}
	names, err := many[string](tx, `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = 'reading_chunks'::regclass ORDER BY c.relname`)
	if err != nil {
		return "", 0, err
	}
	stays, list, err := tx.heldIn(retainedIn[models.RetainRaw], held)
	if err != nil {
		return "", 0, err
	}
	for _, n := range names {
		month, err := time.Parse("200601", strings.TrimPrefix(n, "reading_chunks_"))
		if err != nil || month.AddDate(0, 1, 0).After(before) {
			continue
		}
		has, err := one[bool](tx, "partition", n, "SELECT EXISTS (SELECT 1 FROM "+n+" WHERE "+stays+")", list)
		if err != nil {
			return "", 0, err
		}
		if has {
			continue
		}
		if rows, err = one[int64](tx, "partition", n, "SELECT COUNT(*) FROM "+n); err != nil {
			return "", 0, err
		}
		if _, err := exec(tx, "DROP TABLE "+n); err != nil {
			return "", 0, fmt.Errorf("drop the partition %s: %w", n, err)
		}
		return n, rows, nil
	}
	return "", 0, nil
}

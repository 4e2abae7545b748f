package store

import (
	"strings"
	"time"

	"rigistry/models"
)

type meterRow struct {
	ID             string `gorm:"column:id"`
	Code           string `gorm:"column:code"`
	Serial         string `gorm:"column:serial"`
	Vendor         string `gorm:"column:vendor"`
	Model          string `gorm:"column:model"`
	Profile        string `gorm:"column:profile"`
	URL            string `gorm:"column:url"`
	Unit           int64  `gorm:"column:unit"`
	Role           string `gorm:"column:role"`
	NodeKind       string `gorm:"column:node_kind"`
	NodeID         string `gorm:"column:node_id"`
	Utility        string `gorm:"column:utility"`
	CTNum          int64  `gorm:"column:ct_num"`
	CTDen          int64  `gorm:"column:ct_den"`
	VTNum          int64  `gorm:"column:vt_num"`
	VTDen          int64  `gorm:"column:vt_den"`
	AccuracyClass  string `gorm:"column:accuracy_class"`
	PollMs         int64  `gorm:"column:poll_ms"`
	VerificationBy string `gorm:"column:verification_by"`
	InstalledFrom  int64  `gorm:"column:installed_from"`
	InstalledUntil int64  `gorm:"column:installed_until"`
	Version        int64  `gorm:"column:version"`
}

func (r meterRow) meter() models.Meter {
	return models.Meter{
		ID: r.ID, Code: r.Code, Serial: r.Serial, Vendor: r.Vendor, Model: r.Model, Profile: r.Profile, URL: r.URL,
		Unit: uint8(r.Unit), Role: models.MeterRole(r.Role), Node: models.Ref{Kind: r.NodeKind, ID: r.NodeID}, Utility: r.Utility,
		CTNum: r.CTNum, CTDen: r.CTDen, VTNum: r.VTNum, VTDen: r.VTDen, AccuracyClass: r.AccuracyClass,
		PollInterval: time.Duration(r.PollMs) * time.Millisecond, VerificationBy: r.VerificationBy,
		InstalledFrom: instant(r.InstalledFrom), InstalledUntil: instant(r.InstalledUntil), Version: r.Version,
	}
}

func rowOfMeter(m models.Meter) meterRow {
	return meterRow{
		ID: m.ID, Code: m.Code, Serial: m.Serial, Vendor: m.Vendor, Model: m.Model, Profile: m.Profile, URL: m.URL,
		Unit: int64(m.Unit), Role: string(m.Role), NodeKind: m.Node.Kind, NodeID: m.Node.ID, Utility: m.Utility,
		CTNum: m.CTNum, CTDen: m.CTDen, VTNum: m.VTNum, VTDen: m.VTDen, AccuracyClass: m.AccuracyClass,
		PollMs: m.PollInterval.Milliseconds(), VerificationBy: m.VerificationBy,
		InstalledFrom: micros(m.InstalledFrom), InstalledUntil: micros(m.InstalledUntil), Version: m.Version,
	}
}

// InsertMeter adds a meter. A code that is taken gives CodeConflict.
func (tx *Tx) InsertMeter(m models.Meter) error {
	row := rowOfMeter(m)
	if err := insertRecorded(tx, "meters", row); err != nil {
		return err
	}
	return tx.addTerms(meterTerms(row))
}

// UpdateMeter replaces everything but the id and the code of the meter that
// still has m.Version, and counts the version up; else CodeVersionConflict.
func (tx *Tx) UpdateMeter(m models.Meter) error {
	r := rowOfMeter(m)
	err := updateVersion(tx, "meters", m.ID, m.Version, map[string]any{
		"serial": r.Serial, "vendor": r.Vendor, "model": r.Model, "profile": r.Profile, "url": r.URL, "unit": r.Unit,
		"role": r.Role, "node_kind": r.NodeKind, "node_id": r.NodeID, "utility": r.Utility,
		"ct_num": r.CTNum, "ct_den": r.CTDen, "vt_num": r.VTNum, "vt_den": r.VTDen, "accuracy_class": r.AccuracyClass,
		"poll_ms": r.PollMs, "verification_by": r.VerificationBy,
		"installed_from": r.InstalledFrom, "installed_until": r.InstalledUntil,
	})
	if err != nil {
		return err
	}
	return tx.replaceTerms(meterTerms(r))
}

// Meter gives the meter with the id or the code.
func (tx *Tx) Meter(idOrCode string) (models.Meter, error) {
	row, err := one[meterRow](tx, "meter", idOrCode, "SELECT * FROM meters WHERE id = ? OR code = ?", idOrCode, idOrCode)
	return row.meter(), err
}

// MeterFilter narrows a list of meters; empty fields do not.
type MeterFilter struct {
	Utility  string
	NodeKind string
	NodeID   string
	Text     string // part of the code or the serial, in any case
	Polled   bool   // only those with a profile and a URL that are still installed
}

// Meters lists meters by code. The cursor of a page is the last code.
func (tx *Tx) Meters(f MeterFilter, page Page) ([]models.Meter, error) {
	query, args := "SELECT * FROM meters WHERE code > ?", []any{page.After}
	for _, c := range [][2]string{{"utility", f.Utility}, {"node_kind", f.NodeKind}, {"node_id", f.NodeID}} {
		if c[1] != "" {
			query += " AND " + c[0] + " = ?"
			args = append(args, c[1])
		}
	}
	if f.Text != "" {
		query += " AND (LOWER(code) LIKE ? ESCAPE '!' OR LOWER(serial) LIKE ? ESCAPE '!')"
		like := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(f.Text)) + "%"
		args = append(args, like, like)
	}
	if f.Polled {
		query += " AND profile <> '' AND url <> '' AND installed_until = 0"
	}
	rows, err := many[meterRow](tx, query+" ORDER BY code LIMIT ?", append(args, page.Size())...)
	return metersOf(rows), err
}

// MetersNamed gives the meters whose id or code is among the names, in no order;
// names that mean nothing are left out.
func (tx *Tx) MetersNamed(names []string) ([]models.Meter, error) {
	byID, list, err := tx.among("id", names)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	byCode, _, err := tx.among("code", names)
	if err != nil {
		return nil, err
	}
	rows, err := many[meterRow](tx, "SELECT * FROM meters WHERE "+byID+" OR "+byCode, list, list)
	return metersOf(rows), err
}

func metersOf(rows []meterRow) []models.Meter {
	out := make([]models.Meter, len(rows))
	for i, r := range rows {
		out[i] = r.meter()
	}
	return out
}

// MeterNode is what a meter measures, as far as the grid knows it.
type MeterNode struct {
	ID        string       `gorm:"column:id"`
	Code      string       `gorm:"column:code"`
	Utility   string       `gorm:"column:utility_id"`
	Permitted models.Watts `gorm:"column:permitted_w"` // of a connection point, else 0
}

// nodeTables is where the kinds of node that have a table live, and the power
// that is permitted there.
var nodeTables = map[string][2]string{
	"substation":       {"substations", "0"},
	"feeder":           {"feeders", "0"},
	"connection_point": {"connection_points", "permitted_w"},
	"pdu":              {"pdus", "0"},
}

// KnowsNodes tells whether nodes of the kind are registered; others are names
// that only the utility knows.
func KnowsNodes(kind string) bool { _, known := nodeTables[kind]; return known }

// MeterNodes gives the nodes of a kind by id or code; what is not there is left
// out.
func (tx *Tx) MeterNodes(kind string, names []string) ([]MeterNode, error) {
	table, known := nodeTables[kind]
	if !known {
		return nil, nil
	}
	var out []MeterNode
	for part := range chunks(names, maxNames) {
		rows, err := many[MeterNode](tx, "SELECT id, code, utility_id, "+table[1]+" AS permitted_w FROM "+table[0]+" WHERE id IN ? OR code IN ?", part, part)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

package store

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"rigistry/models"
)

type referenceChangeRow struct {
	ID         string `gorm:"column:id"`
	Kind       string `gorm:"column:kind"`
	Note       string `gorm:"column:note"`
	Lines      string `gorm:"column:lines"`
	State      string `gorm:"column:state"`
	ProposedBy string `gorm:"column:proposed_by"`
	ProposedAt int64  `gorm:"column:proposed_at"`
	DecidedBy  string `gorm:"column:decided_by"`
	DecidedAt  int64  `gorm:"column:decided_at"`
	Reason     string `gorm:"column:reason"`
	Version    int64  `gorm:"column:version"`
}

func (r referenceChangeRow) change() (models.ReferenceChange, error) {
	c := models.ReferenceChange{ID: r.ID, Kind: models.ReferenceKind(r.Kind), Note: r.Note, State: models.ReferenceChangeState(r.State),
		ProposedBy: r.ProposedBy, ProposedAt: instant(r.ProposedAt), DecidedBy: r.DecidedBy, DecidedAt: instant(r.DecidedAt), Reason: r.Reason, Version: r.Version}
	return c, parse(r.Lines, &c.Lines)
}

// InsertReferenceChange adds a proposed change of reference data.
func (tx *Tx) InsertReferenceChange(c models.ReferenceChange) error {
	lines, err := text(nonNil(c.Lines))
	if err != nil {
		return err
	}
	return insert(tx, "reference_changes", &referenceChangeRow{c.ID, string(c.Kind), c.Note, lines, string(c.State),
		c.ProposedBy, micros(c.ProposedAt), c.DecidedBy, micros(c.DecidedAt), c.Reason, c.Version})
}

// DecideReferenceChange saves the decision on a change when it still has the version
// before c.Version.
func (tx *Tx) DecideReferenceChange(c models.ReferenceChange) error {
	return updateVersion(tx, "reference_changes", c.ID, c.Version-1, map[string]any{"state": string(c.State), "decided_by": c.DecidedBy,
		"decided_at": micros(c.DecidedAt), "reason": c.Reason})
}

// ReferenceChange finds a change of reference data.
func (tx *Tx) ReferenceChange(id string) (models.ReferenceChange, error) {
	r, err := one[referenceChangeRow](tx, "change of reference data", id, "SELECT * FROM reference_changes WHERE id = ?", id)
	if err != nil {
		return models.ReferenceChange{}, err
	}
	return r.change()
}

// ReferenceChanges lists changes of reference data, the newest first, before the id;
// "" does not narrow.
func (tx *Tx) ReferenceChanges(kind models.ReferenceKind, state models.ReferenceChangeState, page Page) ([]models.ReferenceChange, error) {
	w := where{}
	w.equal("kind", string(kind))
	w.equal("state", string(state))
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	rows, err := many[referenceChangeRow](tx, "SELECT * FROM reference_changes"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...)
	out := make([]models.ReferenceChange, 0, len(rows))
	for _, r := range rows {
		c, bad := r.change()
		out, err = append(out, c), errors.Join(err, bad)
	}
	return out, err
}

// ReferenceRows gives every row of a kind of reference data, past and to come, by
// key and first day.
func (tx *Tx) ReferenceRows(t models.ReferenceTable) ([]models.ReferenceRow, error) {
	columns, order := make([]string, 0, len(t.Columns)+2), strings.Join(t.Key, ", ")
	for _, c := range t.Columns {
		columns = append(columns, c.Name)
	}
	if t.Dated {
		columns, order = append(columns, "valid_from", "valid_until"), order+", valid_from"
	}
	raw, err := many[map[string]any](tx, "SELECT "+strings.Join(columns, ", ")+" FROM "+string(t.Kind)+" ORDER BY "+order)
	out := make([]models.ReferenceRow, 0, len(raw))
	for _, r := range raw {
		row := models.ReferenceRow{Values: make(map[string]string, len(t.Columns))}
		for name, value := range r {
			switch name {
			case "valid_from":
				row.ValidFrom = fmt.Sprint(value)
			case "valid_until":
				row.ValidUntil = fmt.Sprint(value)
			default:
				row.Values[name] = fmt.Sprint(value)
			}
		}
		out = append(out, row)
	}
	return out, err
}

// ApplyReference ends and begins the rows of one effect of a confirmed change. The
// row before must still be as it was.
func (tx *Tx) ApplyReference(t models.ReferenceTable, e models.ReferenceEffect) error {
	if e.Before != nil {
		if err := tx.endReference(t, e); err != nil {
			return err
		}
	}
	if e.After == nil {
		return nil
	}
	var columns []string
	var values []any
	for _, c := range t.Columns {
		value := strings.TrimSpace(e.After.Values[c.Name])
		columns = append(columns, c.Name)
		if !isNumber(c) {
			values = append(values, value)
			continue
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", c.Name, e.Key, err)
		}
		values = append(values, n)
	}
	if t.Dated {
		columns, values = append(columns, "valid_from", "valid_until"), append(values, e.After.ValidFrom, e.After.ValidUntil)
	}
	columns, values = append(columns, "recorded_at"), append(values, micros(tx.Now))
	_, err := exec(tx, "INSERT INTO "+string(t.Kind)+" ("+strings.Join(columns, ", ")+") VALUES "+valuesList(1, len(columns)), values...)
	return err
}

// isNumber tells whether a column holds numbers: amounts, and flags of 0 and 1.
func isNumber(c models.ReferenceColumn) bool {
	return c.Number || len(c.Choices) == 2 && c.Choices[0] == "0" && c.Choices[1] == "1"
}

// endReference ends a row on the day of the effect; a day of the calendar is taken
// out, and its history keeps it.
func (tx *Tx) endReference(t models.ReferenceTable, e models.ReferenceEffect) error {
	w := where{}
	for _, k := range t.Key {
		w.add(k+" = ?", e.Before.Values[k])
	}
	query, args := "DELETE FROM "+string(t.Kind), []any(nil)
	if t.Dated {
		w.add("valid_from = ?", e.Before.ValidFrom)
		w.add("valid_until = ?", e.Before.ValidUntil)
		query, args = "UPDATE "+string(t.Kind)+" SET valid_until = ?", []any{e.Line.From}
	}
	n, err := exec(tx, query+w.sql(), append(args, w.args...)...)
	if err == nil && n != 1 {
		return errStale
	}
	return err
}

type letterRow struct {
	Code   string `gorm:"column:code"`
	TextKk string `gorm:"column:text_kk"`
	TextRu string `gorm:"column:text_ru"`
	TextEn string `gorm:"column:text_en"`
}

// LetterTexts gives the paragraphs of the registry's letters on a legal date, by code.
func (tx *Tx) LetterTexts(date string) (map[string]models.Text, error) {
	rows, err := many[letterRow](tx, "SELECT code, text_kk, text_ru, text_en FROM letter_texts WHERE "+onDate, date, date)
	out := make(map[string]models.Text, len(rows))
	for _, r := range rows {
		out[r.Code] = models.Text{Kk: r.TextKk, Ru: r.TextRu, En: r.TextEn}
	}
	return out, err
}

// AddLetterTexts adds the paragraphs that are not there yet and gives their number.
func (tx *Tx) AddLetterTexts(rows []models.ReferenceRow) (added int64, err error) {
	for _, r := range rows {
		v := r.Values
		n, err := exec(tx, `INSERT INTO letter_texts (code, text_kk, text_ru, text_en, legal_ref, grade, valid_from, valid_until, recorded_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, '', 0) ON CONFLICT DO NOTHING`, v["code"], v["text_kk"], v["text_ru"], v["text_en"], v["legal_ref"], v["grade"], r.ValidFrom)
		if err != nil {
			return added, err
		}
		added += n
	}
	return added, nil
}

// CountPinned counts the applications under way, which stand under the law of the
// day of their filing.
func (tx *Tx) CountPinned() (int64, error) {
	return one[int64](tx, "count", "", `SELECT COUNT(*) FROM applications
		WHERE state IN ('submitted', 'registered', 'in_review', 'decision_drafted')`)
}

package store

import (
	"rigistry/models"
)

type requirementRow struct {
	Code       string `gorm:"column:code"`
	SubType    string `gorm:"column:sub_type"`
	Position   int64  `gorm:"column:position"`
	Evidence   string `gorm:"column:evidence"`
	LegalRef   string `gorm:"column:legal_ref"`
	Grade      string `gorm:"column:grade"`
	TextKk     string `gorm:"column:text_kk"`
	TextRu     string `gorm:"column:text_ru"`
	TextEn     string `gorm:"column:text_en"`
	ValidFrom  string `gorm:"column:valid_from"`
	ValidUntil string `gorm:"column:valid_until"`
	NeedsFile  int64  `gorm:"column:needs_file"`
	Kinds      string `gorm:"column:kinds"`
}

func (r requirementRow) requirement() models.Requirement {
	return models.Requirement{Code: r.Code, SubType: models.SubType(r.SubType), Position: r.Position, Evidence: r.Evidence,
		NeedsFile: r.NeedsFile == 1, Kinds: r.Kinds, LegalRef: r.LegalRef, Grade: r.Grade, Text: models.Text{Kk: r.TextKk, Ru: r.TextRu, En: r.TextEn},
		ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil}
}

// onDate is the condition that a dated row holds on a legal date, given twice.
const onDate = "valid_from <= ? AND (valid_until = '' OR valid_until > ?)"

// Requirements gives the requirements of a sub-type on a legal date, in the order
// of the checklist; "" gives both sub-types.
func (tx *Tx) Requirements(subType models.SubType, date string) ([]models.Requirement, error) {
	w := where{}
	w.add(onDate, date, date)
	w.equal("sub_type", string(subType))
	rows, err := many[requirementRow](tx, "SELECT * FROM requirements"+w.sql()+" ORDER BY sub_type, position, code", w.args...)
	out := make([]models.Requirement, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.requirement())
	}
	return out, err
}

type groundRow struct {
	Kind       string `gorm:"column:kind"`
	Code       string `gorm:"column:code"`
	LegalRef   string `gorm:"column:legal_ref"`
	Grade      string `gorm:"column:grade"`
	TextKk     string `gorm:"column:text_kk"`
	TextRu     string `gorm:"column:text_ru"`
	TextEn     string `gorm:"column:text_en"`
	ValidFrom  string `gorm:"column:valid_from"`
	ValidUntil string `gorm:"column:valid_until"`
}

// Grounds gives the grounds for an act on a legal date; "" gives all acts.
func (tx *Tx) Grounds(kind models.GroundKind, date string) ([]models.Ground, error) {
	w := where{}
	w.add(onDate, date, date)
	w.equal("kind", string(kind))
	rows, err := many[groundRow](tx, "SELECT * FROM grounds"+w.sql()+" ORDER BY kind, code", w.args...)
	out := make([]models.Ground, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.Ground{Kind: models.GroundKind(r.Kind), Code: r.Code, LegalRef: r.LegalRef, Grade: r.Grade,
			Text: models.Text{Kk: r.TextKk, Ru: r.TextRu, En: r.TextEn}, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil})
	}
	return out, err
}

type legalValueRow struct {
	Code       string `gorm:"column:code"`
	Value      int64  `gorm:"column:value"`
	Unit       string `gorm:"column:unit"`
	LegalRef   string `gorm:"column:legal_ref"`
	Grade      string `gorm:"column:grade"`
	ValidFrom  string `gorm:"column:valid_from"`
	ValidUntil string `gorm:"column:valid_until"`
}

// LegalValue gives a number of the law on a legal date.
func (tx *Tx) LegalValue(code, date string) (models.LegalValue, error) {
	r, err := one[legalValueRow](tx, "legal value on "+date, code,
		"SELECT * FROM legal_values WHERE code = ? AND "+onDate+" ORDER BY valid_from DESC", code, date, date)
	return models.LegalValue(r), err
}

type holidayRow struct {
	Date     string `gorm:"column:date"`
	Kind     string `gorm:"column:kind"`
	NameKk   string `gorm:"column:name_kk"`
	NameRu   string `gorm:"column:name_ru"`
	NameEn   string `gorm:"column:name_en"`
	LegalRef string `gorm:"column:legal_ref"`
}

// Holidays gives the special days from a legal date on.
func (tx *Tx) Holidays(from string) ([]models.Holiday, error) {
	rows, err := many[holidayRow](tx, "SELECT * FROM holidays WHERE date >= ? ORDER BY date", from)
	out := make([]models.Holiday, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.Holiday{Date: r.Date, Kind: models.DayKind(r.Kind), NameKk: r.NameKk, NameRu: r.NameRu, NameEn: r.NameEn, LegalRef: r.LegalRef})
	}
	return out, err
}

// Reference is a set of reference data to begin with.
type Reference struct {
	Requirements []models.Requirement
	Grounds      []models.Ground
	Values       []models.LegalValue
	Holidays     []models.Holiday
	Reasons      []models.ApplicationReason
	Appeals      []models.AppealRoute
}

// AddReference adds the rows that are not there yet and gives their number. Rows
// that are there stay as they are, so what people changed is kept.
func (tx *Tx) AddReference(ref Reference) (int64, error) {
	var added int64
	add := func(table string, columns string, values ...any) error {
		marks := "?"
		for range len(values) - 1 {
			marks += ", ?"
		}
		n, err := exec(tx, "INSERT INTO "+table+" ("+columns+") VALUES ("+marks+") ON CONFLICT DO NOTHING", values...)
		added += n
		return err
	}
	for _, r := range ref.Requirements {
		if err := add("requirements", "code, sub_type, position, evidence, legal_ref, grade, text_kk, text_ru, text_en, valid_from, valid_until, needs_file, kinds",
			r.Code, string(r.SubType), r.Position, r.Evidence, r.LegalRef, r.Grade, r.Text.Kk, r.Text.Ru, r.Text.En, r.ValidFrom, r.ValidUntil, flag(r.NeedsFile), r.Kinds); err != nil {
			return added, err
		}
	}
	for _, g := range ref.Grounds {
		if err := add("grounds", "kind, code, legal_ref, grade, text_kk, text_ru, text_en, valid_from, valid_until",
			string(g.Kind), g.Code, g.LegalRef, g.Grade, g.Text.Kk, g.Text.Ru, g.Text.En, g.ValidFrom, g.ValidUntil); err != nil {
			return added, err
		}
	}
	for _, v := range ref.Values {
		if err := add("legal_values", "code, value, unit, legal_ref, grade, valid_from, valid_until",
			v.Code, v.Value, v.Unit, v.LegalRef, v.Grade, v.ValidFrom, v.ValidUntil); err != nil {
			return added, err
		}
	}
	for _, r := range ref.Reasons {
		if err := add("application_reasons", "kind, code, legal_ref, grade, text_kk, text_ru, text_en, valid_from, valid_until",
			string(r.Kind), r.Code, r.LegalRef, r.Grade, r.Text.Kk, r.Text.Ru, r.Text.En, r.ValidFrom, r.ValidUntil); err != nil {
			return added, err
		}
	}
	for _, r := range ref.Appeals {
		if err := add("appeal_routes", "code, months, body_kk, body_ru, body_en, court_kk, court_ru, court_en, legal_ref, grade, valid_from, valid_until",
			r.Code, r.Months, r.Body.Kk, r.Body.Ru, r.Body.En, r.Court.Kk, r.Court.Ru, r.Court.En, r.LegalRef, r.Grade, r.ValidFrom, r.ValidUntil); err != nil {
			return added, err
		}
	}
	for _, h := range ref.Holidays {
		if err := add("holidays", "date, kind, name_kk, name_ru, name_en, legal_ref",
			h.Date, string(h.Kind), h.NameKk, h.NameRu, h.NameEn, h.LegalRef); err != nil {
			return added, err
		}
	}
	return added, nil
}

type sequenceRow struct {
	Series string `gorm:"column:series"`
	N      int64  `gorm:"column:n"`
}

// NextNumber takes the next number of a registry sequence: license, application,
// order or site. A transaction that fails gives it back.
func (tx *Tx) NextNumber(name string) (series string, n int64, err error) {
	r, err := one[sequenceRow](tx, "sequence", name,
		"UPDATE registry_sequences SET next = next + 1 WHERE name = ? RETURNING series, next - 1 AS n", name)
	return r.Series, r.N, err
}

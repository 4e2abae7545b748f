package store

import (
	"fmt"
	"strings"

	"rigistry/models"
)

type inspectionRow struct {
	ID          string `gorm:"column:id"`
	Number      string `gorm:"column:number"`
	Kind        string `gorm:"column:kind"`
	Case        string `gorm:"column:case_id"`
	Finding     string `gorm:"column:finding"`
	Site        string `gorm:"column:site"`
	Point       string `gorm:"column:point"`
	Party       string `gorm:"column:party"`
	License     string `gorm:"column:license"`
	Title       string `gorm:"column:title"`
	Address     string `gorm:"column:address"`
	Region      string `gorm:"column:region"`
	LatE7       int64  `gorm:"column:lat_e7"`
	LonE7       int64  `gorm:"column:lon_e7"`
	PlannedOn   string `gorm:"column:planned_on"`
	Route       int64  `gorm:"column:route"`
	State       string `gorm:"column:state"`
	Lead        string `gorm:"column:lead"`
	Members     string `gorm:"column:members"`
	Agencies    string `gorm:"column:agencies"`
	Former      string `gorm:"column:former"`
	Legal       string `gorm:"column:legal"`
	Checklist   string `gorm:"column:checklist"`
	Reason      string `gorm:"column:reason"`
	Hold        string `gorm:"column:hold"`
	Salt        string `gorm:"column:salt"`
	CreatedBy   string `gorm:"column:created_by"`
	CreatedAt   int64  `gorm:"column:created_at;autoCreateTime:false"`
	SubmittedBy string `gorm:"column:submitted_by"`
	SubmittedAt int64  `gorm:"column:submitted_at"`
	FinalizedBy string `gorm:"column:finalized_by"`
	FinalizedAt int64  `gorm:"column:finalized_at"`
	UpdatedAt   int64  `gorm:"column:updated_at;autoUpdateTime:false"`
	Version     int64  `gorm:"column:version"`
}

// texts stores structured values, the first error counts.
func texts(into map[*string]any) (err error) {
	for at, v := range into {
		if *at, err = text(v); err != nil {
			return err
		}
	}
	return nil
}

func rowOfInspection(i models.Inspection) (r inspectionRow, err error) {
	r = inspectionRow{ID: i.ID, Number: i.Number, Kind: string(i.Kind), Case: i.Case, Finding: i.Finding, Site: i.Site, Point: i.Point, Party: i.Party,
		License: i.License, Title: i.Title, Address: i.Address, Region: i.Region, LatE7: i.LatE7, LonE7: i.LonE7, PlannedOn: i.PlannedOn, Route: i.Route,
		State: string(i.State), Lead: i.Lead, Checklist: i.Checklist, Reason: i.Reason, Hold: i.Hold, Salt: i.Salt, CreatedBy: i.CreatedBy,
		CreatedAt: micros(i.Created), SubmittedBy: i.SubmittedBy, SubmittedAt: micros(i.Submitted), FinalizedBy: i.FinalizedBy,
		FinalizedAt: micros(i.Finalized), UpdatedAt: micros(i.Updated), Version: i.Version}
	legal := i.Legal
	if legal == nil {
		legal = map[string]string{}
	}
	return r, texts(map[*string]any{&r.Members: append([]string{}, i.Members...), &r.Agencies: append([]string{}, i.Agencies...),
		&r.Former: append([]string{}, i.Former...), &r.Legal: &legal})
}

func (r inspectionRow) value() (models.Inspection, error) {
	i := models.Inspection{ID: r.ID, Number: r.Number, Kind: models.InspectionKind(r.Kind), Case: r.Case, Finding: r.Finding, Site: r.Site, Point: r.Point,
		Party: r.Party, License: r.License, Title: r.Title, Address: r.Address, Region: r.Region, LatE7: r.LatE7, LonE7: r.LonE7, PlannedOn: r.PlannedOn,
		Route: r.Route, State: models.InspectionState(r.State), Lead: r.Lead, Checklist: r.Checklist, Reason: r.Reason, Hold: r.Hold, Salt: r.Salt,
		CreatedBy: r.CreatedBy, Created: instant(r.CreatedAt), SubmittedBy: r.SubmittedBy, Submitted: instant(r.SubmittedAt),
		FinalizedBy: r.FinalizedBy, Finalized: instant(r.FinalizedAt), Updated: instant(r.UpdatedAt), Version: r.Version}
	for _, f := range []struct {
		text string
		into any
	}{{r.Members, &i.Members}, {r.Agencies, &i.Agencies}, {r.Former, &i.Former}, {r.Legal, &i.Legal}} {
		if err := parse(f.text, f.into); err != nil {
			return i, fmt.Errorf("inspection %s: %w", r.ID, err)
		}
	}
	return i, nil
}

func inspections(rows []inspectionRow, err error) ([]models.Inspection, error) {
	if err != nil {
		return nil, err
	}
	out := make([]models.Inspection, len(rows))
	for i, r := range rows {
		if out[i], err = r.value(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// NextInspectionNumber counts the inspections of a year and gives the number of the next.
func (tx *Tx) NextInspectionNumber(year string) (int64, error) {
	return one[int64](tx, "year", "", `INSERT INTO inspection_numbers (year, next) VALUES (?, 2)
		ON CONFLICT (year) DO UPDATE SET next = inspection_numbers.next + 1 RETURNING next - 1`, year)
}

// InsertInspection adds an inspection.
func (tx *Tx) InsertInspection(i models.Inspection) error {
	row, err := rowOfInspection(i)
	if err != nil {
		return err
	}
	return insert(tx, "inspections", &row)
}

// UpdateInspection saves an inspection when its row has the version before i.Version.
func (tx *Tx) UpdateInspection(i models.Inspection) error {
	r, err := rowOfInspection(i)
	if err != nil {
		return err
	}
	return updateVersion(tx, "inspections", i.ID, i.Version-1, map[string]any{"planned_on": r.PlannedOn, "route": r.Route, "state": r.State, "lead": r.Lead,
		"members": r.Members, "agencies": r.Agencies, "former": r.Former, "legal": r.Legal, "reason": r.Reason, "hold": r.Hold,
		"submitted_by": r.SubmittedBy, "submitted_at": r.SubmittedAt, "finalized_by": r.FinalizedBy, "finalized_at": r.FinalizedAt, "updated_at": r.UpdatedAt})
}

// Inspection finds an inspection by id or number.
func (tx *Tx) Inspection(idOrNumber string) (models.Inspection, error) {
	r, err := one[inspectionRow](tx, "inspection", idOrNumber, "SELECT * FROM inspections WHERE id = ? OR number = ?", idOrNumber, idOrNumber)
	if err != nil {
		return models.Inspection{}, err
	}
	return r.value()
}

// InspectionFilter narrows a list of inspections; "" does not narrow.
type InspectionFilter struct {
	State string
	Open  string // "true": neither finalized nor cancelled; "false": one of the two
	Kind  string
	Case  string // case id
	Lead  string // user id
	From  string // legal date: planned on or after it
	Until string // legal date: planned on or before it
	Words string // part of the title, the address or the number
	Seen  string // user id: only those of whose team this person is or was; "" for whoever sees all
	Mine  string // user id: only those of whose team this person is now
}

// Inspections lists inspections by day, route and id, the latest day first.
func (tx *Tx) Inspections(f InspectionFilter, page Page) ([]models.Inspection, error) {
	query, args := "SELECT * FROM inspections WHERE 1 = 1", []any{}
	and := func(value, condition string, with ...any) {
		if value != "" {
			query, args = query+" AND "+condition, append(args, with...)
		}
	}
	listed := func(person string) string { return `%"` + likeWords.Replace(person) + `"%` }
	and(f.State, "state = ?", f.State)
	and(f.Open, "(state NOT IN ('finalized', 'cancelled')) = (? = 'true')", f.Open)
	and(f.Kind, "kind = ?", f.Kind)
	and(f.Case, "case_id = ?", f.Case)
	and(f.Lead, "lead = ?", f.Lead)
	and(f.From, "planned_on >= ?", f.From)
	and(f.Until, "planned_on <= ?", f.Until)
	words := "%" + likeWords.Replace(strings.ToLower(f.Words)) + "%"
	and(f.Words, `(LOWER(title) LIKE ? ESCAPE '!' OR LOWER(address) LIKE ? ESCAPE '!' OR LOWER(number) LIKE ? ESCAPE '!')`, words, words, words)
	and(f.Seen, `(lead = ? OR members LIKE ? ESCAPE '!' OR former LIKE ? ESCAPE '!')`, f.Seen, listed(f.Seen), listed(f.Seen))
	and(f.Mine, `(lead = ? OR members LIKE ? ESCAPE '!')`, f.Mine, listed(f.Mine))
	and(page.After, "id < ?", page.After)
	return inspections(many[inspectionRow](tx, query+" ORDER BY id DESC LIMIT ?", append(args, page.Size())...))
}

type inspectionRuleRow struct {
	Kind       string `gorm:"column:kind"`
	Field      string `gorm:"column:field"`
	Position   int64  `gorm:"column:position"`
	OrField    string `gorm:"column:or_field"`
	Days       int64  `gorm:"column:days"`
	LegalRef   string `gorm:"column:legal_ref"`
	Grade      string `gorm:"column:grade"`
	TextKk     string `gorm:"column:text_kk"`
	TextRu     string `gorm:"column:text_ru"`
	TextEn     string `gorm:"column:text_en"`
	WhyKk      string `gorm:"column:why_kk"`
	WhyRu      string `gorm:"column:why_ru"`
	WhyEn      string `gorm:"column:why_en"`
	ValidFrom  string `gorm:"column:valid_from"`
	ValidUntil string `gorm:"column:valid_until"`
}

// InspectionRules gives what the law demands of a kind of inspection on a legal date, in
// the order of its fields.
func (tx *Tx) InspectionRules(kind models.InspectionKind, date string) ([]models.InspectionRule, error) {
	rows, err := many[inspectionRuleRow](tx, "SELECT * FROM inspection_rules WHERE kind = ? AND "+onDate+" ORDER BY position, field", string(kind), date, date)
	out := make([]models.InspectionRule, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.InspectionRule{Kind: models.InspectionKind(r.Kind), Field: r.Field, Position: r.Position, Or: r.OrField, Days: r.Days,
			LegalRef: r.LegalRef, Grade: r.Grade, Text: models.Text{Kk: r.TextKk, Ru: r.TextRu, En: r.TextEn},
			Why: models.Text{Kk: r.WhyKk, Ru: r.WhyRu, En: r.WhyEn}, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil})
	}
	return out, err
}

type checklistRow struct {
	Version  string `gorm:"column:version"`
	LegalRef string `gorm:"column:legal_ref"`
	Body     string `gorm:"column:body"`
}

func (r checklistRow) value() (models.VisitChecklist, error) {
	c := models.VisitChecklist{Version: r.Version, LegalRef: r.LegalRef}
	return c, parse(r.Body, &c)
}

// ChecklistOn gives the newest checklist that is law on a date.
func (tx *Tx) ChecklistOn(date string) (models.VisitChecklist, error) {
	r, err := one[checklistRow](tx, "checklist", date, "SELECT version, legal_ref, body FROM checklists WHERE "+onDate+" ORDER BY valid_from DESC LIMIT 1", date, date)
	if err != nil {
		return models.VisitChecklist{}, err
	}
	return r.value()
}

// Checklist gives a checklist by version, whatever its days.
func (tx *Tx) Checklist(version string) (models.VisitChecklist, error) {
	r, err := one[checklistRow](tx, "checklist", version, "SELECT version, legal_ref, body FROM checklists WHERE version = ?", version)
	if err != nil {
		return models.VisitChecklist{}, err
	}
	return r.value()
}

type remedyRow struct {
	ID         string `gorm:"column:id"`
	Number     string `gorm:"column:number"`
	Inspection string `gorm:"column:inspection"`
	License    string `gorm:"column:license"`
	Obligation string `gorm:"column:obligation"`
	Body       string `gorm:"column:body"`
	Article    string `gorm:"column:article"`
	Due        string `gorm:"column:due"`
	Salt       string `gorm:"column:salt"`
	IssuedAt   int64  `gorm:"column:issued_at"`
	IssuedBy   string `gorm:"column:issued_by"`
}

// InsertRemedyOrder adds an order to put something right.
func (tx *Tx) InsertRemedyOrder(o models.RemedyOrder) error {
	return insert(tx, "remedy_orders", &remedyRow{ID: o.ID, Number: o.Number, Inspection: o.Inspection, License: o.License, Obligation: o.Obligation,
		Body: o.Text, Article: o.Article, Due: o.Due, Salt: o.Salt, IssuedAt: micros(o.Issued), IssuedBy: o.IssuedBy})
}

// RemedyOrders gives the orders of an inspection, the oldest first.
func (tx *Tx) RemedyOrders(inspection string) ([]models.RemedyOrder, error) {
	rows, err := many[remedyRow](tx, "SELECT * FROM remedy_orders WHERE inspection = ? ORDER BY id", inspection)
	out := make([]models.RemedyOrder, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.RemedyOrder{ID: r.ID, Number: r.Number, Inspection: r.Inspection, License: r.License, Obligation: r.Obligation, Text: r.Body,
			Article: r.Article, Due: r.Due, Salt: r.Salt, Issued: instant(r.IssuedAt), IssuedBy: r.IssuedBy})
	}
	return out, err
}

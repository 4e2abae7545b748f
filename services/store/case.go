package store

import (
	"fmt"
	"strings"

	"rigistry/models"
)

type caseRow struct {
	ID         string `gorm:"column:id"`
	Number     string `gorm:"column:number"`
	Source     string `gorm:"column:source"`
	Title      string `gorm:"column:title"`
	Summary    string `gorm:"column:summary"`
	State      string `gorm:"column:state"`
	Lead       string `gorm:"column:lead"`
	Members    string `gorm:"column:members"`
	Restricted int64  `gorm:"column:restricted"`
	Due        string `gorm:"column:due"`
	EstimatedW int64  `gorm:"column:estimated_w"`
	Dismissal  string `gorm:"column:dismissal"`
	Note       string `gorm:"column:note"`
	DraftedBy  string `gorm:"column:drafted_by"`
	Outcome    string `gorm:"column:outcome"`
	Salt       string `gorm:"column:salt"`
	OpenedBy   string `gorm:"column:opened_by"`
	OpenedAt   int64  `gorm:"column:opened_at"`
	EndedAt    int64  `gorm:"column:ended_at"`
	UpdatedAt  int64  `gorm:"column:updated_at;autoUpdateTime:false"`
	Version    int64  `gorm:"column:version"`
}

func rowOfCase(c models.Case) (caseRow, error) {
	members, err := text(append([]string{}, c.Members...))
	return caseRow{ID: c.ID, Number: c.Number, Source: string(c.Source), Title: c.Title, Summary: c.Summary, State: string(c.State), Lead: c.Lead,
		Members: members, Restricted: flag(c.Restricted), Due: c.Due, EstimatedW: int64(c.Estimated), Dismissal: string(c.Dismissal), Note: c.Note,
		DraftedBy: c.DraftedBy, Outcome: string(c.Outcome), Salt: c.Salt, OpenedBy: c.OpenedBy, OpenedAt: micros(c.Opened), EndedAt: micros(c.Ended),
		UpdatedAt: micros(c.Updated), Version: c.Version}, err
}

func (r caseRow) value() (models.Case, error) {
	c := models.Case{ID: r.ID, Number: r.Number, Source: models.CaseSource(r.Source), Title: r.Title, Summary: r.Summary, State: models.CaseState(r.State),
		Lead: r.Lead, Restricted: r.Restricted != 0, Due: r.Due, Estimated: models.Watts(r.EstimatedW), Dismissal: models.CaseDismissal(r.Dismissal),
		Note: r.Note, DraftedBy: r.DraftedBy, Outcome: models.CaseOutcome(r.Outcome), Salt: r.Salt, OpenedBy: r.OpenedBy, Opened: instant(r.OpenedAt),
		Ended: instant(r.EndedAt), Updated: instant(r.UpdatedAt), Version: r.Version}
	return c, parse(r.Members, &c.Members)
}

func cases(rows []caseRow, err error) ([]models.Case, error) {
	if err != nil {
		return nil, err
	}
	out := make([]models.Case, len(rows))
	for i, r := range rows {
		if out[i], err = r.value(); err != nil {
			return nil, fmt.Errorf("case %s: %w", r.ID, err)
		}
	}
	return out, nil
}

// NextCaseNumber counts the cases of a year and gives the number of the next.
func (tx *Tx) NextCaseNumber(year string) (int64, error) {
	return one[int64](tx, "year", "", `INSERT INTO case_numbers (year, next) VALUES (?, 2)
		ON CONFLICT (year) DO UPDATE SET next = case_numbers.next + 1 RETURNING next - 1`, year)
}

// InsertCase adds a case with what it is about.
func (tx *Tx) InsertCase(c models.Case, subjects []models.CaseSubject) error {
	row, err := rowOfCase(c)
	if err != nil {
		return err
	}
	if err := insert(tx, "cases", &row); err != nil {
		return err
	}
	return tx.InsertCaseSubjects(c.ID, subjects)
}

// UpdateCase saves a case when its row has the version before c.Version.
func (tx *Tx) UpdateCase(c models.Case) error {
	r, err := rowOfCase(c)
	if err != nil {
		return err
	}
	return updateVersion(tx, "cases", c.ID, c.Version-1, map[string]any{"state": r.State, "lead": r.Lead, "members": r.Members, "restricted": r.Restricted,
		"due": r.Due, "estimated_w": r.EstimatedW, "dismissal": r.Dismissal, "note": r.Note, "drafted_by": r.DraftedBy, "outcome": r.Outcome,
		"ended_at": r.EndedAt, "updated_at": r.UpdatedAt})
}

// Case finds a case by id or number.
func (tx *Tx) Case(idOrNumber string) (models.Case, error) {
	r, err := one[caseRow](tx, "case", idOrNumber, "SELECT * FROM cases WHERE id = ? OR number = ?", idOrNumber, idOrNumber)
	if err != nil {
		return models.Case{}, err
	}
	return r.value()
}

// CaseFilter narrows a list of cases; "" does not narrow.
type CaseFilter struct {
	State   string
	Ongoing string // "true": neither dismissed nor closed; "false": one of the two
	Source  string
	Lead    string // user id
	Overdue string // legal date: due before it
	Subject string // id, number or name of what it is about
	Words   string // part of the title or the number
	Seen    string // user id: leaves out restricted cases that this person does not see; "" for whoever sees all
}

// Cases lists cases, the newest first.
func (tx *Tx) Cases(f CaseFilter, page Page) ([]models.Case, error) {
	query, args := "SELECT * FROM cases WHERE 1 = 1", []any{}
	and := func(value, condition string, with ...any) {
		if value != "" {
			query, args = query+" AND "+condition, append(args, with...)
		}
	}
	and(f.State, "state = ?", f.State)
	and(f.Ongoing, "(ended_at = 0) = (? = 'true')", f.Ongoing)
	and(f.Source, "source = ?", f.Source)
	and(f.Lead, "lead = ?", f.Lead)
	and(f.Overdue, "due <> '' AND due < ?", f.Overdue)
	and(f.Subject, "id IN (SELECT case_id FROM case_subjects WHERE folded = ? OR ref = ?)", foldedSubject(f.Subject), f.Subject)
	words := "%" + likeWords.Replace(strings.ToLower(f.Words)) + "%"
	and(f.Words, `(LOWER(title) LIKE ? ESCAPE '!' OR LOWER(number) LIKE ? ESCAPE '!')`, words, words)
	and(f.Seen, `(restricted = 0 OR lead = ? OR members LIKE ? ESCAPE '!')`, f.Seen, `%"`+likeWords.Replace(f.Seen)+`"%`)
	and(page.After, "id < ?", page.After)
	return cases(many[caseRow](tx, query+" ORDER BY id DESC LIMIT ?", append(args, page.Size())...))
}

var likeWords = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

type caseSubjectRow struct {
	ID      string `gorm:"column:id"`
	Case    string `gorm:"column:case_id"`
	Kind    string `gorm:"column:kind"`
	Ref     string `gorm:"column:ref"`
	Label   string `gorm:"column:label"`
	Folded  string `gorm:"column:folded"`
	AddedAt int64  `gorm:"column:added_at"`
	AddedBy string `gorm:"column:added_by"`
}

// foldedSubject is what two subjects that are the same thing have in common.
func foldedSubject(name string) string { return strings.Join(models.SearchTerms(name), " ") }

// InsertCaseSubjects adds what a case is about; one that it has already stays.
func (tx *Tx) InsertCaseSubjects(id string, subjects []models.CaseSubject) error {
	for _, s := range subjects {
		folded := foldedSubject(s.Label)
		if s.Ref != "" {
			folded = s.Ref
		}
		if folded == "" {
			folded = s.Label
		}
		_, err := exec(tx, `INSERT INTO case_subjects (id, case_id, kind, ref, label, folded, added_at, added_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (case_id, kind, folded) DO NOTHING`, s.ID, id, s.Kind, s.Ref, s.Label, folded, micros(s.Added), s.AddedBy)
		if err != nil {
			return err
		}
	}
	return nil
}

// CaseSubjects gives what a case is about, in the order in which it was added.
func (tx *Tx) CaseSubjects(id string) ([]models.CaseSubject, error) {
	rows, err := many[caseSubjectRow](tx, "SELECT * FROM case_subjects WHERE case_id = ? ORDER BY id", id)
	out := make([]models.CaseSubject, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.CaseSubject{ID: r.ID, Kind: r.Kind, Ref: r.Ref, Label: r.Label, Added: instant(r.AddedAt), AddedBy: r.AddedBy})
	}
	return out, err
}

// RelatedCases gives the newest other cases that are about one of the same things.
func (tx *Tx) RelatedCases(id string, limit int) ([]models.Case, error) {
	return cases(many[caseRow](tx, `SELECT * FROM cases WHERE id <> ? AND id IN (SELECT o.case_id FROM case_subjects s
		JOIN case_subjects o ON o.kind = s.kind AND o.folded = s.folded WHERE s.case_id = ?) ORDER BY id DESC LIMIT ?`, id, id, limit))
}

type caseActRow struct {
	ID           string `gorm:"column:id"`
	Case         string `gorm:"column:case_id"`
	Kind         string `gorm:"column:kind"`
	On           string `gorm:"column:on_date"`
	Agency       string `gorm:"column:agency"`
	Number       string `gorm:"column:number"`
	CriminalCase string `gorm:"column:criminal_case"`
	Serials      string `gorm:"column:serials"`
	Rigs         int64  `gorm:"column:rigs"`
	Money        int64  `gorm:"column:money_tiyn"`
	Ruling       string `gorm:"column:ruling"`
	Body         string `gorm:"column:body"`
	Salt         string `gorm:"column:salt"`
	At           int64  `gorm:"column:at"`
	By           string `gorm:"column:by_user"`
	Place        string `gorm:"column:place"`
	Fate         string `gorm:"column:fate"`
}

// InsertCaseAct writes an act with the salt of its digest.
func (tx *Tx) InsertCaseAct(a models.CaseAct, salt string) error {
	serials, err := text(append([]string{}, a.Serials...))
	if err != nil {
		return err
	}
	return insert(tx, "case_acts", &caseActRow{ID: a.ID, Case: a.Case, Kind: string(a.Kind), On: a.On, Agency: a.Agency, Number: a.Number,
		CriminalCase: a.CriminalCase, Serials: serials, Rigs: a.Rigs, Money: int64(a.Money), Ruling: a.Ruling, Body: a.Text, Salt: salt, At: micros(a.At), By: a.By,
		Place: a.Place, Fate: string(a.Fate)})
}

// CaseActs gives the acts of a case, the oldest first.
func (tx *Tx) CaseActs(id string) ([]models.CaseAct, error) {
	rows, err := many[caseActRow](tx, "SELECT * FROM case_acts WHERE case_id = ? ORDER BY id", id)
	out := make([]models.CaseAct, 0, len(rows))
	for _, r := range rows {
		a := models.CaseAct{ID: r.ID, Case: r.Case, Kind: models.CaseActKind(r.Kind), On: r.On, Agency: r.Agency, Number: r.Number, CriminalCase: r.CriminalCase,
			Rigs: r.Rigs, Money: models.Tiyn(r.Money), Ruling: r.Ruling, Text: r.Body, At: instant(r.At), By: r.By,
			Place: r.Place, Fate: models.RigFate(r.Fate)}
		if err := parse(r.Serials, &a.Serials); err != nil {
			return nil, fmt.Errorf("act %s of a case: %w", r.ID, err)
		}
		out = append(out, a)
	}
	return out, err
}

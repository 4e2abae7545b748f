package store

import (
	"rigistry/models"
)

type caseTaskKindRow struct {
	Code       string `gorm:"column:code"`
	Position   int64  `gorm:"column:position"`
	Days       int64  `gorm:"column:days"`
	LegalRef   string `gorm:"column:legal_ref"`
	Grade      string `gorm:"column:grade"`
	TextKk     string `gorm:"column:text_kk"`
	TextRu     string `gorm:"column:text_ru"`
	TextEn     string `gorm:"column:text_en"`
	ValidFrom  string `gorm:"column:valid_from"`
	ValidUntil string `gorm:"column:valid_until"`
}

// CaseTaskKinds gives the steps of cases on a legal date, in their order; "" gives those of
// every day.
func (tx *Tx) CaseTaskKinds(date string) ([]models.CaseTaskKind, error) {
	query, args := "SELECT * FROM case_task_kinds", []any{}
	if date != "" {
		query, args = query+" WHERE "+onDate, []any{date, date}
	}
	rows, err := many[caseTaskKindRow](tx, query+" ORDER BY position, code, valid_from", args...)
	out := make([]models.CaseTaskKind, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.CaseTaskKind{Code: r.Code, Position: r.Position, Days: r.Days, LegalRef: r.LegalRef, Grade: r.Grade,
			Text: models.Text{Kk: r.TextKk, Ru: r.TextRu, En: r.TextEn}, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil})
	}
	return out, err
}

type caseTaskRow struct {
	ID       string `gorm:"column:id"`
	Case     string `gorm:"column:case_id"`
	Kind     string `gorm:"column:kind"`
	Title    string `gorm:"column:title"`
	Days     int64  `gorm:"column:days"`
	Salt     string `gorm:"column:salt"`
	OpenedAt int64  `gorm:"column:opened_at"`
	OpenedBy string `gorm:"column:opened_by"`
}

// InsertCaseTask adds a task of a case.
func (tx *Tx) InsertCaseTask(t models.CaseTask) error {
	if _, err := tx.InsertTask(t.Task); err != nil {
		return err
	}
	return insert(tx, "case_tasks", &caseTaskRow{ID: t.Task.ID, Case: t.Case, Kind: t.Kind, Title: t.Title, Days: t.Days, Salt: t.Salt,
		OpenedAt: micros(tx.Now), OpenedBy: t.OpenedBy})
}

// CaseTasks gives the tasks of a case, the first due first.
func (tx *Tx) CaseTasks(id string) ([]models.CaseTask, error) {
	rows, err := many[caseTaskRow](tx, "SELECT * FROM case_tasks WHERE case_id = ? ORDER BY id", id)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	tasks, err := many[taskRow](tx, "SELECT t.* FROM tasks t JOIN case_tasks c ON c.id = t.id WHERE c.case_id = ? ORDER BY t.due, t.id", id)
	if err != nil {
		return nil, err
	}
	return tx.caseTasks(rows, tasks)
}

// CaseTask finds a task of a case.
func (tx *Tx) CaseTask(id string) (models.CaseTask, error) {
	row, err := one[caseTaskRow](tx, "task", id, "SELECT * FROM case_tasks WHERE id = ?", id)
	if err != nil {
		return models.CaseTask{}, err
	}
	task, err := one[taskRow](tx, "task", id, "SELECT * FROM tasks WHERE id = ?", id)
	if err != nil {
		return models.CaseTask{}, err
	}
	out, err := tx.caseTasks([]caseTaskRow{row}, []taskRow{task})
	if err != nil {
		return models.CaseTask{}, err
	}
	return out[0], nil
}

// caseTasks puts tasks together with what they ask for, in the words of the day on which
// each was asked.
func (tx *Tx) caseTasks(rows []caseTaskRow, tasks []taskRow) ([]models.CaseTask, error) {
	kinds, err := tx.CaseTaskKinds("")
	if err != nil {
		return nil, err
	}
	asks := make(map[string]caseTaskRow, len(rows))
	for _, r := range rows {
		asks[r.ID] = r
	}
	out := make([]models.CaseTask, 0, len(tasks))
	for _, row := range tasks {
		r := asks[row.ID]
		t := models.CaseTask{Task: row.task(), Case: r.Case, Kind: r.Kind, Title: r.Title, Days: r.Days, Salt: r.Salt, OpenedBy: r.OpenedBy,
			Text: models.Text{Kk: r.Title, Ru: r.Title, En: r.Title}}
		day := models.LegalDate(instant(r.OpenedAt))
		for _, k := range kinds {
			if k.Code == r.Kind && k.ValidFrom <= day && (k.ValidUntil == "" || day < k.ValidUntil) {
				t.Text = k.Text
			}
		}
		out = append(out, t)
	}
	return out, nil
}

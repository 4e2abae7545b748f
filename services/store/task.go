package store

import (
	"strings"

	"rigistry/models"
)

type taskRow struct {
	ID          string `gorm:"column:id"`
	Kind        string `gorm:"column:kind"`
	SubjectKind string `gorm:"column:subject_kind"`
	SubjectID   string `gorm:"column:subject_id"`
	License     string `gorm:"column:license"`
	Party       string `gorm:"column:party"`
	Due         string `gorm:"column:due"`
	Role        string `gorm:"column:role"`
	Assignee    string `gorm:"column:assignee"`
	State       string `gorm:"column:state"`
	Reason      string `gorm:"column:reason"`
	CreatedAt   int64  `gorm:"column:created_at;autoCreateTime:false"`
	ClosedAt    int64  `gorm:"column:closed_at"`
	ClosedBy    string `gorm:"column:closed_by"`
	Outcome     string `gorm:"column:outcome"`
	UpdatedAt   int64  `gorm:"column:updated_at;autoUpdateTime:false"`
	Version     int64  `gorm:"column:version"`
}

func (r taskRow) task() models.Task {
	return models.Task{ID: r.ID, Kind: models.TaskKind(r.Kind), Subject: models.Ref{Kind: r.SubjectKind, ID: r.SubjectID}, License: r.License,
		Party: r.Party, Due: r.Due, Role: models.Role(r.Role), Assignee: r.Assignee, State: models.TaskState(r.State), Reason: r.Reason,
		Created: instant(r.CreatedAt), Closed: instant(r.ClosedAt), ClosedBy: r.ClosedBy, Outcome: r.Outcome, Updated: instant(r.UpdatedAt), Version: r.Version}
}

// InsertTask adds an open task, made now, and tells whether there was none yet for
// its kind, subject and due date. When there was one, it stays as it is.
func (tx *Tx) InsertTask(t models.Task) (inserted bool, err error) {
	t = models.NewTask(t, tx.Now)
	if t.ID == "" {
		t.ID = tx.NewID()
	}
	n, err := exec(tx, `INSERT INTO tasks (id, kind, subject_kind, subject_id, license, party, due, role, assignee, state, reason,
		created_at, closed_at, closed_by, outcome, updated_at, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', ?, 1)
		ON CONFLICT (kind, subject_kind, subject_id, due) DO NOTHING`,
		t.ID, string(t.Kind), t.Subject.Kind, t.Subject.ID, t.License, t.Party, t.Due, string(t.Role), t.Assignee, string(t.State), t.Reason,
		micros(t.Created), micros(t.Updated))
	return n == 1, err
}

// UpdateTask saves who has a task when it still has the version before t.Version.
func (tx *Tx) UpdateTask(t models.Task) error {
	return updateVersion(tx, "tasks", t.ID, t.Version-1, map[string]any{"assignee": t.Assignee, "updated_at": micros(t.Updated)})
}

// CloseTask saves the end of a task when it still has the version before t.Version.
func (tx *Tx) CloseTask(t models.Task) error {
	return updateVersion(tx, "tasks", t.ID, t.Version-1, map[string]any{"state": string(t.State), "closed_at": micros(t.Closed),
		"closed_by": t.ClosedBy, "outcome": t.Outcome, "updated_at": micros(t.Updated)})
}

// Task finds a task.
func (tx *Tx) Task(id string) (models.Task, error) {
	r, err := one[taskRow](tx, "task", id, "SELECT * FROM tasks WHERE id = ?", id)
	return r.task(), err
}

// TaskFilter narrows a list of tasks; "" and nil do not narrow.
type TaskFilter struct {
	State     string
	Kind      string
	License   string
	Party     string
	Role      models.Role
	Assignee  string
	Subject   models.Ref
	DueBefore string // legal date, not included
	// For narrows to what a person has on the desk: assigned to the user, or to
	// nobody and for one of the roles.
	For      string
	ForRoles []models.Role
	// SeenBy leaves out tasks of restricted cases that this person does not see; "" for
	// whoever sees all.
	SeenBy string
	// NotAbout leaves out tasks about a kind of subject.
	NotAbout string
}

func (f TaskFilter) where() *where {
	w := &where{}
	w.equal("state", f.State)
	w.equal("kind", f.Kind)
	w.equal("license", f.License)
	w.equal("party", f.Party)
	w.equal("role", string(f.Role))
	w.equal("assignee", f.Assignee)
	w.equal("subject_kind", f.Subject.Kind)
	w.equal("subject_id", f.Subject.ID)
	if f.DueBefore != "" {
		w.add("due < ?", f.DueBefore)
	}
	if f.NotAbout != "" {
		w.add("subject_kind <> ?", f.NotAbout)
	}
	if f.SeenBy != "" {
		w.add(`(subject_kind <> ? OR subject_id NOT IN (SELECT t.id FROM case_tasks t JOIN cases c ON c.id = t.case_id
			WHERE c.restricted = 1 AND c.lead <> ? AND c.members NOT LIKE ? ESCAPE '!'))`, models.CaseTaskSubject, f.SeenBy, `%"`+likeWords.Replace(f.SeenBy)+`"%`)
	}
	if f.For != "" {
		roles := make([]string, 0, len(f.ForRoles))
		for _, r := range f.ForRoles {
			roles = append(roles, string(r))
		}
		w.add("(assignee = ? OR assignee = '' AND role IN ?)", f.For, orNothing(roles))
	}
	return w
}

// TaskCursor is the cursor of a list of tasks after a task.
func TaskCursor(t models.Task) string { return t.Due + "/" + t.ID }

// Tasks lists tasks in the order of their due dates.
func (tx *Tx) Tasks(f TaskFilter, page Page) ([]models.Task, error) {
	w := f.where()
	w.afterDue(page.After)
	rows, err := many[taskRow](tx, "SELECT * FROM tasks"+w.sql()+" ORDER BY due, id LIMIT ?", append(w.args, page.Size())...)
	out := make([]models.Task, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.task())
	}
	return out, err
}

// afterDue continues a list in the order of due date and id after a cursor DUE/ID.
func (w *where) afterDue(cursor string) {
	if cursor != "" {
		due, id, _ := strings.Cut(cursor, "/")
		w.add("(due > ? OR due = ? AND id > ?)", due, due, id)
	}
}

// TaskCounts are numbers of open tasks.
type TaskCounts struct {
	Overdue int64 `gorm:"column:overdue"`
	Soon    int64 `gorm:"column:soon"` // due within a week
	Later   int64 `gorm:"column:later"`
}

// CountTasks counts what a filter gives, by urgency on a legal date.
func (tx *Tx) CountTasks(f TaskFilter, today string) (TaskCounts, error) {
	w, week := f.where(), models.AddDays(today, 7)
	return one[TaskCounts](tx, "count", "tasks", `SELECT COALESCE(SUM(CASE WHEN due < ? THEN 1 ELSE 0 END), 0) AS overdue,
		COALESCE(SUM(CASE WHEN due >= ? AND due <= ? THEN 1 ELSE 0 END), 0) AS soon,
		COALESCE(SUM(CASE WHEN due > ? THEN 1 ELSE 0 END), 0) AS later FROM tasks`+w.sql(),
		append([]any{today, today, week, week}, w.args...)...)
}

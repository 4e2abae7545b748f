package store

import (
	"fmt"
	"slices"
	"strings"

	"rigistry/models"
)

// The groups of the queue by severity. What waits to be registered is new; what
// waits for a correction is standing.
const (
	QueueNew      = "new"
	QueueOverdue  = "overdue"
	QueueToday    = "today"
	QueueSoon     = "soon"
	QueueWeek     = "week"
	QueueLater    = "later"
	QueueStanding = "standing"
)

// QueueMarks are the legal dates between the groups: due until Soon is soon, until
// Week is this week, after it later.
type QueueMarks struct{ Today, Soon, Week string }

// QueueFilter narrows the queue of the review; "" does not narrow.
type QueueFilter struct {
	Marks      QueueMarks
	Group      string // one of the Queue… constants
	State      string
	Kind       string
	SubType    string
	Officer    string // user id
	Unassigned bool
	Region     string // two digits of KATO of a site
	DueUntil   string // legal date, included
	Query      string // part of the applicant's name, or the beginning of its number or of the BIN or IIN
}

// underWay is what the queue holds; the partial index applications_queue has the
// same condition and the same key.
const (
	underWay = "a.state IN ('submitted', 'registered', 'in_review', 'decision_drafted')"
	queueKey = "(CASE WHEN a.due = '' THEN '9999-12-31' ELSE a.due END)"
)

// groupCondition gives what belongs to a group.
func groupCondition(group string, m QueueMarks) (string, []any) {
	switch group {
	case QueueNew:
		return "a.state = 'submitted'", nil
	case QueueStanding:
		return "a.due = '' AND a.state <> 'submitted'", nil
	case QueueOverdue:
		return "a.due <> '' AND a.due < ?", []any{m.Today}
	case QueueToday:
		return "a.due = ?", []any{m.Today}
	case QueueSoon:
		return "a.due > ? AND a.due <= ?", []any{m.Today, m.Soon}
	case QueueWeek:
		return "a.due > ? AND a.due <= ?", []any{m.Soon, m.Week}
	}
	return "a.due > ?", []any{m.Week}
}

func (f QueueFilter) where(tx *Tx) (w where, from string) {
	from = "applications a"
	w.add(underWay)
	w.equal("a.state", f.State)
	w.equal("a.kind", f.Kind)
	w.equal("a.sub_type", f.SubType)
	w.equal("a.officer", f.Officer)
	if f.Unassigned {
		w.add("a.officer = ''")
	}
	if f.Region != "" {
		w.add("EXISTS (SELECT 1 FROM sites s WHERE s.region = ? AND a.sites LIKE '%\"' || s.id || '\"%')", f.Region)
	}
	if f.DueUntil != "" {
		w.add("a.due <> '' AND a.due <= ?", f.DueUntil)
	}
	if strings.TrimSpace(f.Query) != "" {
		from += applicationSpelling.join(tx, f.Query)
		w.spelled(tx, applicationSpelling, f.Query)
	}
	return w, from
}

// Queue lists what the review has under way, the earliest due date first, after the
// cursor that QueueCursor gave.
func (tx *Tx) Queue(f QueueFilter, page Page) ([]models.Application, error) {
	w, from := f.where(tx)
	if f.Group != "" {
		condition, args := groupCondition(f.Group, f.Marks)
		w.add(condition, args...)
	}
	if key, id, ok := strings.Cut(page.After, "~"); ok {
		w.add(queueKey+" >= ? AND ("+queueKey+" > ? OR a.id > ?)", key, key, id)
	} else if page.After != "" {
		return nil, models.Errorf(models.CodeInvalid, "The cursor %q is not one of this list. Begin without it.", page.After)
	}
	rows, err := many[applicationRow](tx, "SELECT a.* FROM "+from+w.sql()+" ORDER BY "+queueKey+", a.id LIMIT ?", append(w.args, page.Size())...)
	if err != nil {
		return nil, err
	}
	out := make([]models.Application, 0, len(rows))
	for _, r := range rows {
		a, err := r.application()
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// QueueCursor gives the cursor after an application of the queue.
func QueueCursor(a models.Application) string {
	due := a.Due
	if due == "" {
		due = "9999-12-31"
	}
	return due + "~" + a.ID
}

type countRow struct {
	Name  string `gorm:"column:name"`
	Count int64  `gorm:"column:n"`
}

// QueueCounts gives how many applications every group of the queue has, whatever
// the group of the filter.
func (tx *Tx) QueueCounts(f QueueFilter) (map[string]int64, error) {
	w, from := f.where(tx)
	groups := []string{QueueNew, QueueOverdue, QueueToday, QueueSoon, QueueWeek, QueueLater, QueueStanding}
	var (
		name strings.Builder
		args []any
	)
	name.WriteString("CASE")
	for _, g := range groups {
		condition, more := groupCondition(g, f.Marks)
		fmt.Fprintf(&name, " WHEN %s THEN '%s'", condition, g)
		args = append(args, more...)
	}
	name.WriteString(" END")
	rows, err := many[countRow](tx, "SELECT name, COUNT(*) AS n FROM (SELECT "+name.String()+" AS name FROM "+from+w.sql()+") q GROUP BY name", slices.Concat(args, w.args)...)
	out := make(map[string]int64, len(groups))
	for _, g := range groups {
		out[g] = 0
	}
	for _, r := range rows {
		out[r.Name] = r.Count
	}
	return out, err
}

// Colleague is somebody who works here.
type Colleague struct {
	ID    string
	Name  string
	Unit  string
	Roles []models.Role
	Load  int64 // applications under way that they are in charge of
}

// Staff lists the people with a role of the registry who are not disabled, by name.
func (tx *Tx) Staff() ([]Colleague, error) {
	rows, err := many[userRow](tx, "SELECT * FROM users WHERE disabled_at = 0 AND party = '' AND utility = '' ORDER BY name, id")
	if err != nil {
		return nil, err
	}
	loads, err := many[countRow](tx, "SELECT a.officer AS name, COUNT(*) AS n FROM applications a WHERE a.officer <> '' AND "+underWay+" GROUP BY a.officer")
	if err != nil {
		return nil, err
	}
	load := map[string]int64{}
	for _, l := range loads {
		load[l.Name] = l.Count
	}
	inside := models.RolesFor(models.ActStaffRead)
	var out []Colleague
	for _, r := range rows {
		u, err := r.user()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(u.Roles, func(role models.Role) bool { return slices.Contains(inside, role) }) {
			out = append(out, Colleague{ID: u.ID, Name: u.Name, Unit: u.Unit, Roles: u.Roles, Load: load[u.ID]})
		}
	}
	return out, nil
}

// SavedFilter is a filter that a person keeps under a name.
type SavedFilter struct {
	Name  string `gorm:"column:name"`
	Query string `gorm:"column:query"`
}

// SavedFilters gives the filters of a person by name.
func (tx *Tx) SavedFilters(user string) ([]SavedFilter, error) {
	return many[SavedFilter](tx, "SELECT name, query FROM saved_filters WHERE user_id = ? ORDER BY name", user)
}

// SaveFilter keeps a filter of a person under its name, in the place of what had the
// name before.
func (tx *Tx) SaveFilter(user string, f SavedFilter) error {
	_, err := exec(tx, `INSERT INTO saved_filters (user_id, name, query, updated_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (user_id, name) DO UPDATE SET query = excluded.query, updated_at = excluded.updated_at`, user, f.Name, f.Query, micros(tx.Now))
	return err
}

// DeleteFilter forgets a filter of a person; one that is not there is no error.
func (tx *Tx) DeleteFilter(user, name string) error {
	_, err := exec(tx, "DELETE FROM saved_filters WHERE user_id = ? AND name = ?", user, name)
	return err
}

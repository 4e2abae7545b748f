package models

import (
	"slices"
	"strings"
	"time"
)

// TaskCase is the kind of every task of a case. What it asks for stands in the case, and
// there it is ended.
const TaskCase TaskKind = "case_task"

// CaseTaskSubject is the kind of subject of a task of a case; its id is that of the task.
const CaseTaskSubject = "case_task"

// CaseEnded is the outcome of tasks that were open when their case ended.
const CaseEnded = "case_ended"

const (
	maxTaskDays = 250 // working days, about a year
	maxTaskText = 2000
)

// CaseTaskKind is a step that cases have, with its usual time, between two legal dates.
type CaseTaskKind struct {
	Code       string
	Position   int64
	Days       int64 // working days
	LegalRef   string
	Grade      string // S read in a source, R recalled and to be confirmed
	Text       Text
	ValidFrom  string // legal date
	ValidUntil string // legal date, not included; "" is open
}

// CaseTask is one thing that somebody has to do in a case by a legal date. Its words can
// name people, so none of them goes into the ledger.
type CaseTask struct {
	Task     Task
	Case     string // case id
	Kind     string // code of a CaseTaskKind, "" for a free title
	Title    string // free title, "" for a kind
	Days     int64  // working days that it was given
	Text     Text   // what it asks for, in the words of its kind or its title
	Salt     string // of the digests of its words in the ledger
	OpenedBy string // user id
}

// CaseTaskAsked is what somebody asks to be done: a kind or a free title, and who does it.
type CaseTaskAsked struct {
	Kind     string
	Title    string
	Days     int64  // working days, 0 for those of the kind
	Assignee string // user id
}

// Ask makes a task of the case; the store gives it an id. kinds are those of today.
func (c Case) Ask(asked CaseTaskAsked, kinds []CaseTaskKind, cal Calendar, actor Actor, at time.Time) (CaseTask, error) {
	if err := c.over(); err != nil {
		return CaseTask{}, err
	}
	t := CaseTask{Case: c.ID, Kind: asked.Kind, Title: strings.TrimSpace(asked.Title), Days: asked.Days, OpenedBy: actor.ID}
	t.Text = Text{Kk: t.Title, Ru: t.Title, En: t.Title}
	var v Invalid
	n := slices.IndexFunc(kinds, func(k CaseTaskKind) bool { return k.Code == t.Kind })
	switch {
	case (t.Kind == "") == (t.Title == ""):
		v.Add("/title", "required", "Choose a kind of task, or say in one line what is to be done.")
	case t.Kind != "" && n < 0:
		v.Add("/kind", "unknown", "There is no such kind of task today.")
	case len(t.Title) > maxCaseTitle:
		v.Add("/title", "length", "This is longer than %d bytes.", maxCaseTitle)
	}
	if n >= 0 {
		t.Text = kinds[n].Text
		if t.Days == 0 {
			t.Days = kinds[n].Days
		}
	}
	if t.Days < 1 || t.Days > maxTaskDays {
		v.Add("/working_days", "range", "Give between 1 and %d working days.", maxTaskDays)
	}
	if asked.Assignee == "" {
		v.Add("/assignee", "required", "Name who is to do it.")
	}
	if err := v.Err(); err != nil {
		return CaseTask{}, err
	}
	t.Task = NewTask(Task{Kind: TaskCase, Assignee: asked.Assignee, Due: cal.AddWorkingDays(LegalDate(at), int(t.Days))}, at)
	return t, nil
}

// CaseTaskFor tells under which role a person does tasks of cases, and whether it may:
// officers and heads as officers, inspectors as such.
func CaseTaskFor(roles []Role) (Role, bool) {
	switch {
	case slices.Contains(roles, RoleOfficer), slices.Contains(roles, RoleHead):
		return RoleOfficer, true
	case slices.Contains(roles, RoleInspector):
		return RoleInspector, true
	}
	return "", false
}

// step is the task before its next version, when the actor may move it: who has it, who
// leads the case, or a head.
func (t CaseTask) step(c Case, actor Actor, at time.Time) (CaseTask, error) {
	if actor.ID != t.Task.Assignee && actor.ID != c.Lead && !actor.Is(RoleHead) {
		return t, Errorf(CodeForbidden, "Only who has the task, who leads the case, or a head, may do this.")
	}
	if t.Task.State != TaskOpen {
		return t, Errorf(CodeConflict, "The task is %s already.", t.Task.State)
	}
	t.Task.Updated, t.Task.Version = at, t.Task.Version+1
	return t, nil
}

// Done ends the task with a word on what was done.
func (t CaseTask) Done(outcome string, c Case, actor Actor, at time.Time) (CaseTask, error) {
	return t.end(TaskDone, "/outcome", outcome, c, actor, at)
}

// Cancel ends the task without it being done, with the reason.
func (t CaseTask) Cancel(reason string, c Case, actor Actor, at time.Time) (CaseTask, error) {
	return t.end(TaskCancelled, "/reason", reason, c, actor, at)
}

func (t CaseTask) end(to TaskState, pointer, words string, c Case, actor Actor, at time.Time) (CaseTask, error) {
	next, err := t.step(c, actor, at)
	if err != nil {
		return t, err
	}
	words = strings.TrimSpace(words)
	if words == "" || len(words) > maxTaskText {
		var v Invalid
		v.Add(pointer, "required", "Say in at most %d bytes what was done, or why it is not done.", maxTaskText)
		return t, v.Err()
	}
	next.Task.State, next.Task.Closed, next.Task.ClosedBy, next.Task.Outcome = to, at, actor.ID, words
	return next, nil
}

// Give passes the task on to a person.
func (t CaseTask) Give(to string, c Case, actor Actor, at time.Time) (CaseTask, error) {
	next, err := t.step(c, actor, at)
	if err == nil && to == "" {
		var v Invalid
		v.Add("/assignee", "required", "Name who is to do it.")
		err = v.Err()
	}
	if err != nil {
		return t, err
	}
	next.Task.Assignee = to
	return next, nil
}

// Allowed names what the actor may do with the task now: complete, cancel, assign. It is
// for screens; the commands ask again.
func (t CaseTask) Allowed(c Case, actor Actor) []string {
	if _, err := t.step(c, actor, t.Task.Updated); err != nil || Can(actor, ActCaseWrite, Scope{}) != nil {
		return []string{}
	}
	return []string{"complete", "cancel", "assign"}
}

// WorkingDaysLeft counts the working days from a legal date to another; below 0 those that
// have gone by since it.
func (c Calendar) WorkingDaysLeft(today, due string) int {
	if due < today {
		return -max(1, c.WorkingDaysBetween(due, today))
	}
	return c.WorkingDaysBetween(today, due)
}

package models

import (
	"slices"
	"strings"
	"time"
)

// TaskKind says what a task asks somebody to do. The screens have a text for each.
type TaskKind string

// The kinds of task.
const (
	TaskSuspensionEnds      TaskKind = "suspension_ends"       // a term of a suspension is over: lift, extend or revoke
	TaskUrgentUnconfirmed   TaskKind = "urgent_unconfirmed"    // an urgent act fell because nobody confirmed it
	TaskObligationDue       TaskKind = "obligation_due"        // the holder has something to hand in or to pay
	TaskObligationAccept    TaskKind = "obligation_acceptance" // an officer looks at what was handed in
	TaskObligationOverdue   TaskKind = "obligation_overdue"    // an officer considers what to do about it
	TaskObligationWaiver    TaskKind = "obligation_waiver"     // a second person decides on a waiver
	TaskLicenseRenewal      TaskKind = "license_renewal"       // the holder files for renewal before the term ends
	TaskCalendarMissing     TaskKind = "calendar_missing"      // the days off of a year have to be entered
	TaskInvestigateEvidence TaskKind = "evidence_differs"      // what was declared differs from what was measured
	TaskMismatch            TaskKind = "mismatch"              // a utility's list, the register and the meters contradict each other
	TaskWebhookDead         TaskKind = "webhook_dead"          // a utility's endpoint does not take messages: call it
	TaskClientProbing       TaskKind = "client_probing"        // a client asks for many things that are not its own
)

// TaskState is where a task is.
type TaskState string

// The states. Done and cancelled are final.
const (
	TaskOpen      TaskState = "open"
	TaskDone      TaskState = "done"
	TaskCancelled TaskState = "cancelled"
)

// Task is one thing that somebody has to do by a legal date. There is at most one
// for a kind, a subject and a due date, whatever became of it.
type Task struct {
	ID       string
	Kind     TaskKind
	Subject  Ref
	License  string // number, "" when none is concerned
	Party    string // id of the party concerned, ""
	Due      string // legal date: the last day
	Role     Role   // who may do it
	Assignee string // user id, "" for anybody of the role
	State    TaskState
	Reason   string // words of who made it, or a code; "" when the kind says all
	Created  time.Time
	Closed   time.Time
	ClosedBy string // user id, or the program
	Outcome  string // words of who closed it
	Updated  time.Time
	Version  int64
}

// NewTask makes an open task; the caller gives kind, subject, due date and role,
// and what else it knows.
func NewTask(t Task, at time.Time) Task {
	t.State, t.Created, t.Updated, t.Version = TaskOpen, at, at, 1
	t.Closed, t.ClosedBy, t.Outcome = time.Time{}, "", ""
	return t
}

// WorkedBy tells whether the actor may do the task: it holds the role, is a head
// where an officer is asked for, or belongs to the party that has to do it.
func (t Task) WorkedBy(actor Actor) bool {
	switch {
	case actor.Is(RoleSystem):
		return true
	case t.Role == RoleApplicant:
		return actor.Is(RoleApplicant) && actor.Party != "" && actor.Party == t.Party
	case t.Role == RoleOfficer && actor.Is(RoleHead):
		return true
	}
	return actor.Is(t.Role)
}

func (t Task) step(actor Actor, at time.Time) (Task, error) {
	if !t.WorkedBy(actor) {
		return Task{}, Errorf(CodeForbidden, "This task is for the role %s; you have %v.", t.Role, actor.Roles)
	}
	if t.State != TaskOpen {
		return Task{}, Errorf(CodeConflict, "The task is %s already.", t.State)
	}
	t.Updated = at
	t.Version++
	return t, nil
}

// Assign gives the task to a person, or back to everybody of the role with "".
func (t Task) Assign(to string, actor Actor, at time.Time) (Task, error) {
	n, err := t.step(actor, at)
	n.Assignee = to
	return n, err
}

// Complete ends the task with a word on what was done.
func (t Task) Complete(outcome string, actor Actor, at time.Time) (Task, error) {
	if strings.TrimSpace(outcome) == "" && !actor.Is(RoleSystem) {
		var v Invalid
		v.Add("/outcome", "required", "Say what was done, so that a colleague can follow it later.")
		return Task{}, v.Err()
	}
	return t.close(TaskDone, outcome, actor, at)
}

// Cancel ends a task whose reason has gone.
func (t Task) Cancel(why string, actor Actor, at time.Time) (Task, error) {
	return t.close(TaskCancelled, why, actor, at)
}

func (t Task) close(to TaskState, outcome string, actor Actor, at time.Time) (Task, error) {
	n, err := t.step(actor, at)
	if err != nil {
		return Task{}, err
	}
	n.State, n.Closed, n.ClosedBy, n.Outcome = to, at, actor.ID, outcome
	return n, nil
}

// Allowed names what the actor may do with the task: complete, assign. It is for
// screens; the commands ask again.
func (t Task) Allowed(actor Actor) []string {
	if t.State != TaskOpen || t.Kind == TaskCase || !t.WorkedBy(actor) || Can(actor, ActTaskWork, Scope{}) != nil {
		return []string{}
	}
	return []string{"complete", "assign"}
}

// TaskRoles gives the roles whose tasks the actor may do.
func TaskRoles(actor Actor) []Role {
	roles := slices.Clone(actor.Roles)
	if actor.Is(RoleHead) && !actor.Is(RoleOfficer) {
		roles = append(roles, RoleOfficer)
	}
	return roles
}

// Settle ends a task whose work was done elsewhere: somebody accepted what the task
// asked to look at. It asks for no role, because the act itself did.
func (t Task) Settle(to TaskState, outcome string, actor Actor, at time.Time) Task {
	t.State, t.Closed, t.ClosedBy, t.Outcome, t.Updated = to, at, actor.ID, outcome, at
	t.Version++
	return t
}

package licensing

import (
	"context"
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// openTask makes a task and its entry, unless there is or was one for its kind,
// subject and due date.
func openTask(tx *store.Tx, actor models.Actor, t models.Task) error {
	_, err := newTask(tx, actor, t)
	return err
}

// newTask is openTask that tells whether there was none.
func newTask(tx *store.Tx, actor models.Actor, t models.Task) (bool, error) {
	t.ID = tx.NewID()
	inserted, err := tx.InsertTask(t)
	if err != nil || !inserted {
		return false, err
	}
	return true, fact(tx, actor, "task.opened", models.Ref{Kind: "task", ID: t.ID}, 1, map[string]any{"kind": t.Kind,
		"subject_kind": t.Subject.Kind, "subject": t.Subject.ID, "license": t.License, "due": t.Due, "role": t.Role})
}

// settleTasks ends the open tasks of the kinds about a subject, because what they
// asked for was done.
func settleTasks(tx *store.Tx, actor models.Actor, subject models.Ref, to models.TaskState, outcome string, kinds ...models.TaskKind) error {
	open, err := tx.Tasks(store.TaskFilter{State: string(models.TaskOpen), Subject: subject}, store.Page{Limit: 1000})
	if err != nil {
		return err
	}
	for _, t := range open {
		if !slices.Contains(kinds, t.Kind) {
			continue
		}
		if err := saveClosed(tx, actor, t.Settle(to, outcome, actor, tx.Now)); err != nil {
			return err
		}
	}
	return nil
}

func saveClosed(tx *store.Tx, actor models.Actor, t models.Task) error {
	if err := tx.CloseTask(t); err != nil {
		return err
	}
	return fact(tx, actor, "task.closed", models.Ref{Kind: "task", ID: t.ID}, t.Version, map[string]any{"kind": t.Kind, "state": t.State,
		"subject_kind": t.Subject.Kind, "subject": t.Subject.ID})
}

// TaskView is a task with what a screen shows beside it.
type TaskView struct {
	models.Task
	AssigneeName string
	ClosedByName string
	Allowed      []string
	Case         string      // number of the case that a task belongs to, ""
	Title        models.Text // what a task of a case asks for
}

// TaskQuery is what a list of tasks is asked for.
type TaskQuery struct {
	store.TaskFilter
	Mine bool // on the desk of the actor: assigned to it, or to nobody and for its roles
}

// TaskList lists tasks in the order of their due dates and gives the cursor of the next
// page. An applicant sees what its party has to do.
func (s *Service) TaskList(ctx context.Context, actor models.Actor, q TaskQuery, page store.Page) (out []TaskView, cursor string, err error) {
	err = s.view(ctx, actor, models.ActTaskRead, func(tx *store.Tx) error {
		found, err := tx.Tasks(taskFilter(actor, q), page)
		if err != nil {
			return err
		}
		out = out[:0]
		known := people{}
		for _, t := range found {
			v, err := taskView(tx, actor, t, known)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		cursor = next(found, page, store.TaskCursor)
		return nil
	})
	return out, cursor, err
}

func taskFilter(actor models.Actor, q TaskQuery) store.TaskFilter {
	f := q.TaskFilter
	f.License = models.NormalizeIdentifier(f.License)
	if own := ownParty(actor, models.ActTaskRead); own != "" {
		f.Party, f.Role = own, models.RoleApplicant
	}
	if models.Can(actor, models.ActCaseRead, models.Scope{}) != nil {
		f.NotAbout = models.CaseTaskSubject
	} else if !(models.Case{Restricted: true}).Sees(actor) {
		f.SeenBy = actor.ID
	}
	if q.Mine {
		f.For, f.ForRoles = actor.ID, models.TaskRoles(actor)
	}
	return f
}

func taskView(tx *store.Tx, actor models.Actor, t models.Task, known people) (TaskView, error) {
	v := TaskView{Task: t, Allowed: t.Allowed(actor)}
	if ownParty(actor, models.ActTaskRead) != "" {
		v.Assignee, v.ClosedBy, v.Outcome = "", "", ""
		return v, nil
	}
	var err error
	if t.Kind == models.TaskCase {
		asked, err := tx.CaseTask(t.ID)
		if err != nil {
			return v, err
		}
		c, err := tx.Case(asked.Case)
		if err != nil {
			return v, err
		}
		v.Case, v.Title = c.Number, asked.Text
	}
	if v.AssigneeName, err = known.name(tx, t.Assignee); err == nil {
		v.ClosedByName, err = known.name(tx, t.ClosedBy)
	}
	return v, err
}

// CountTasks counts open tasks by urgency today.
func (s *Service) CountTasks(ctx context.Context, actor models.Actor, q TaskQuery) (c store.TaskCounts, err error) {
	err = s.view(ctx, actor, models.ActTaskRead, func(tx *store.Tx) error {
		f := taskFilter(actor, q)
		f.State = string(models.TaskOpen)
		c, err = tx.CountTasks(f, models.LegalDate(tx.Now))
		return err
	})
	return c, err
}

// Task gives one task.
func (s *Service) Task(ctx context.Context, actor models.Actor, id string) (v TaskView, err error) {
	err = s.view(ctx, actor, models.ActTaskRead, func(tx *store.Tx) error {
		t, err := reachTask(tx, actor, models.ActTaskRead, id)
		if err == nil {
			v, err = taskView(tx, actor, t, people{})
		}
		return err
	})
	return v, err
}

func reachTask(tx *store.Tx, actor models.Actor, action models.Action, id string) (models.Task, error) {
	t, err := tx.Task(id)
	if err != nil {
		return t, err
	}
	if own := ownParty(actor, action); own != "" && (own != t.Party || t.Role != models.RoleApplicant) {
		return t, models.NotFound("task", id)
	}
	if t.Kind == models.TaskCase {
		return t, seesCaseOf(tx, actor, t)
	}
	return t, nil
}

// seesCaseOf refuses a task of a case that the actor may not know of as not there.
func seesCaseOf(tx *store.Tx, actor models.Actor, t models.Task) error {
	if models.Can(actor, models.ActCaseRead, models.Scope{}) != nil {
		return models.NotFound("task", t.ID)
	}
	asked, err := tx.CaseTask(t.ID)
	if err != nil {
		return err
	}
	c, err := tx.Case(asked.Case)
	if err == nil && !c.Sees(actor) {
		err = models.NotFound("task", t.ID)
	}
	return err
}

// CompleteTask ends a task with a word on what was done.
func (s *Service) CompleteTask(ctx context.Context, actor models.Actor, id string, version int64, outcome string) (TaskView, error) {
	return s.changeTask(ctx, actor, id, version, func(tx *store.Tx, t models.Task) (models.Task, error) {
		t, err := t.Complete(outcome, actor, tx.Now)
		if err == nil {
			err = saveClosed(tx, actor, t)
		}
		return t, err
	})
}

// AssignTask gives a task to somebody who may do it, or back to everybody of its
// role with "".
func (s *Service) AssignTask(ctx context.Context, actor models.Actor, id string, version int64, to string) (TaskView, error) {
	return s.changeTask(ctx, actor, id, version, func(tx *store.Tx, t models.Task) (models.Task, error) {
		works := to == "" || to == actor.ID
		if !works {
			user, err := tx.User(to)
			if err != nil && models.CodeOf(err) != models.CodeNotFound {
				return t, err
			}
			works = err == nil && user.Disabled.IsZero() && t.WorkedBy(models.Actor{ID: user.ID, Roles: user.Roles})
		}
		if !works {
			var v models.Invalid
			v.Add("/assignee", "role", "Only somebody with the role %s can do this task.", t.Role)
			return t, v.Err()
		}
		t, err := t.Assign(to, actor, tx.Now)
		if err == nil {
			err = tx.UpdateTask(t)
		}
		if err != nil {
			return t, err
		}
		return t, fact(tx, actor, "task.assigned", models.Ref{Kind: "task", ID: t.ID}, t.Version, map[string]any{"assignee": to})
	})
}

func (s *Service) changeTask(ctx context.Context, actor models.Actor, id string, version int64,
	change func(*store.Tx, models.Task) (models.Task, error)) (v TaskView, err error) {
	err = s.update(ctx, actor, models.ActTaskWork, func(tx *store.Tx) error {
		t, err := tx.Task(id)
		if err == nil && t.Kind == models.TaskCase {
			if err = seesCaseOf(tx, actor, t); err == nil {
				err = models.Errorf(models.CodeConflict, "This task belongs to a case. It is passed on and ended there.")
			}
		}
		if err == nil {
			err = sameVersion(version, t.Version)
		}
		if err == nil {
			t, err = change(tx, t)
		}
		if err == nil {
			v, err = taskView(tx, actor, t, people{})
		}
		return err
	})
	return v, err
}

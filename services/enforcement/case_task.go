package enforcement

import (
	"context"
	"crypto/rand"
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// CaseTask is a task of a case with what a screen shows beside it.
type CaseTask struct {
	models.CaseTask
	CaseNumber string
	Left       int // working days until it is due, below 0 when overdue; meaningless once it has ended
	Allowed    []string
	People     map[string]string // names by user id
}

// CaseTaskKinds gives the steps of cases of today.
func (s *Service) CaseTaskKinds(ctx context.Context, actor models.Actor) (out []models.CaseTaskKind, err error) {
	if err := models.Can(actor, models.ActCaseRead, models.Scope{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.CaseTaskKinds(models.LegalDate(tx.Now))
		return err
	})
	return out, err
}

// OpenTask asks somebody to do something in a case by a day, counted in working days.
func (s *Service) OpenTask(ctx context.Context, actor models.Actor, id string, asked models.CaseTaskAsked) (out CaseTask, err error) {
	if err := models.Can(actor, models.ActCaseWrite, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		c, err := load(tx, actor, id)
		if err != nil {
			return err
		}
		kinds, err := tx.CaseTaskKinds(models.LegalDate(tx.Now))
		if err != nil {
			return err
		}
		cal, err := calendar(tx)
		if err != nil {
			return err
		}
		t, err := c.Ask(asked, kinds, cal, actor, tx.Now)
		if err != nil {
			return err
		}
		if t.Task.Role, err = taker(tx, c, t.Task.Assignee); err != nil {
			return err
		}
		t.Task.ID, t.Salt = tx.NewID(), rand.Text()
		t.Task.Subject = models.Ref{Kind: models.CaseTaskSubject, ID: t.Task.ID}
		if err := tx.InsertCaseTask(t); err != nil {
			return err
		}
		if err := taskFact(tx, actor, "case.task_opened", c, t, t.Title); err != nil {
			return err
		}
		out, err = taskOf(tx, actor, c, t)
		return err
	})
	return out, err
}

// taker refuses an assignee who may not do tasks of the case, or may not know of it, and
// gives the role under which the others do it.
func taker(tx *store.Tx, c models.Case, person string) (models.Role, error) {
	var v models.Invalid
	user, err := tx.User(person)
	if models.CodeOf(err) == models.CodeNotFound {
		v.Add("/assignee", "unknown", "There is no such person.")
		return "", v.Err()
	}
	if err != nil {
		return "", err
	}
	role, ok := models.CaseTaskFor(user.Roles)
	switch {
	case !ok || !user.Disabled.IsZero():
		v.Add("/assignee", "role", "Only officers, inspectors and heads who work here do tasks of cases.")
	case !c.Sees(models.Actor{ID: user.ID, Roles: user.Roles}):
		v.Add("/assignee", "restricted", "The case is restricted and this person may not know of it. A head adds people to its members first.")
	}
	return role, v.Err()
}

// taskFact appends an entry about a task of a case; its words only as a digest.
func taskFact(tx *store.Tx, actor models.Actor, kind string, c models.Case, t models.CaseTask, words string) error {
	body := map[string]any{"task": t.Task.ID, "task_kind": t.Kind, "task_state": t.Task.State, "due": t.Task.Due, "assignee": t.Task.Assignee}
	if words != "" {
		digest, err := sealed(t.Salt, words)
		if err != nil {
			return err
		}
		body["words"] = digest
	}
	return fact(tx, actor, kind, c, body)
}

// changeTask moves a task of a case on. move gives the next version, the kind of its
// entry and the words that it brings.
func (s *Service) changeTask(ctx context.Context, actor models.Actor, id string, version int64,
	move func(tx *store.Tx, c models.Case, t models.CaseTask) (next models.CaseTask, kind, words string, err error)) (out CaseTask, err error) {
	if err := models.Can(actor, models.ActCaseWrite, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		c, t, err := loadTask(tx, actor, id)
		if err != nil {
			return err
		}
		if version != AnyVersion && version != t.Task.Version {
			return models.Errorf(models.CodeVersionConflict, "You are looking at version %d and the newest is %d. Load the case again, look at what changed, and repeat your change.", version, t.Task.Version)
		}
		next, kind, words, err := move(tx, c, t)
		if err != nil {
			return err
		}
		if next.Task.State == models.TaskOpen {
			err = tx.UpdateTask(next.Task)
		} else {
			err = tx.CloseTask(next.Task)
		}
		if err != nil {
			return err
		}
		if err := taskFact(tx, actor, kind, c, next, words); err != nil {
			return err
		}
		out, err = taskOf(tx, actor, c, next)
		return err
	})
	return out, err
}

// loadTask finds a task of a case that the actor may know of.
func loadTask(tx *store.Tx, actor models.Actor, id string) (models.Case, models.CaseTask, error) {
	t, err := tx.CaseTask(id)
	if err != nil {
		return models.Case{}, t, err
	}
	c, err := load(tx, actor, t.Case)
	if models.CodeOf(err) == models.CodeNotFound {
		err = models.NotFound("task", id)
	}
	return c, t, err
}

// CompleteTask ends a task with a word on what was done.
func (s *Service) CompleteTask(ctx context.Context, actor models.Actor, id, outcome string, version int64) (CaseTask, error) {
	return s.changeTask(ctx, actor, id, version, func(tx *store.Tx, c models.Case, t models.CaseTask) (models.CaseTask, string, string, error) {
		next, err := t.Done(outcome, c, actor, tx.Now)
		return next, "case.task_done", next.Task.Outcome, err
	})
}

// CancelTask ends a task that is not done, with the reason.
func (s *Service) CancelTask(ctx context.Context, actor models.Actor, id, reason string, version int64) (CaseTask, error) {
	return s.changeTask(ctx, actor, id, version, func(tx *store.Tx, c models.Case, t models.CaseTask) (models.CaseTask, string, string, error) {
		next, err := t.Cancel(reason, c, actor, tx.Now)
		return next, "case.task_cancelled", next.Task.Outcome, err
	})
}

// AssignTask passes a task on to a person who may know of the case.
func (s *Service) AssignTask(ctx context.Context, actor models.Actor, id, to string, version int64) (CaseTask, error) {
	return s.changeTask(ctx, actor, id, version, func(tx *store.Tx, c models.Case, t models.CaseTask) (models.CaseTask, string, string, error) {
		next, err := t.Give(to, c, actor, tx.Now)
		if err == nil {
			_, err = taker(tx, c, to)
		}
		return next, "case.task_assigned", "", err
	})
}

// Task gives one task of a case.
func (s *Service) Task(ctx context.Context, actor models.Actor, id string) (out CaseTask, err error) {
	if err := models.Can(actor, models.ActCaseRead, models.Scope{}); err != nil {
		return out, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		c, t, err := loadTask(tx, actor, id)
		if err == nil {
			out, err = taskOf(tx, actor, c, t)
		}
		return err
	})
	return out, err
}

func taskOf(tx *store.Tx, actor models.Actor, c models.Case, t models.CaseTask) (CaseTask, error) {
	out, err := tasksOf(tx, actor, c, []models.CaseTask{t})
	if err != nil {
		return CaseTask{}, err
	}
	return out[0], nil
}

// tasksOf gives what stands beside tasks of a case.
func tasksOf(tx *store.Tx, actor models.Actor, c models.Case, tasks []models.CaseTask) ([]CaseTask, error) {
	if len(tasks) == 0 {
		return nil, nil
	}
	cal, err := calendar(tx)
	if err != nil {
		return nil, err
	}
	who := []string{}
	for _, t := range tasks {
		who = append(who, t.Task.Assignee, t.OpenedBy, t.Task.ClosedBy)
	}
	names, err := namesOf(tx, who)
	if err != nil {
		return nil, err
	}
	out := make([]CaseTask, 0, len(tasks))
	for _, t := range tasks {
		out = append(out, CaseTask{CaseTask: t, CaseNumber: c.Number, Left: cal.WorkingDaysLeft(models.LegalDate(tx.Now), t.Task.Due),
			Allowed: t.Allowed(c, actor), People: names})
	}
	return out, nil
}

// endTasks cancels the tasks that are open when their case ends.
func endTasks(tx *store.Tx, actor models.Actor, c models.Case) error {
	tasks, err := tx.CaseTasks(c.ID)
	if err != nil {
		return err
	}
	tasks = slices.DeleteFunc(tasks, func(t models.CaseTask) bool { return t.Task.State != models.TaskOpen })
	for _, t := range tasks {
		t.Task = t.Task.Settle(models.TaskCancelled, models.CaseEnded, actor, tx.Now)
		if err := tx.CloseTask(t.Task); err != nil {
			return err
		}
		if err := taskFact(tx, actor, "case.task_cancelled", c, t, ""); err != nil {
			return err
		}
	}
	return nil
}

// calendar gives the working days from this year on.
func calendar(tx *store.Tx) (models.Calendar, error) {
	special, err := tx.Holidays(models.LegalDate(tx.Now)[:4] + "-01-01")
	return models.NewCalendar(special), err
}

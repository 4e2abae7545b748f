package enforcement_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/enforcement"
	"rigistry/services/licensing"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

var clerk = models.Actor{ID: "u-clerk", Kind: "person", Name: "Clerk", Roles: []models.Role{models.RoleClerk}}

// ledCase is a case that the officer leads.
func ledCase(t *testing.T, svc *enforcement.Service) models.Case {
	t.Helper()
	m, err := svc.Open(context.Background(), officer, tip(100), mill)
	if err == nil {
		m, err = svc.Lead(context.Background(), officer, m.Case.ID, "", 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	return m.Case
}

func TestCaseTask_IsDueAfterWorkingDaysAndEndsOnceWithoutWordsInTheLedger(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		ctx := context.Background()
		err := s.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.AddReference(store.Reference{Holidays: []models.Holiday{{Date: "2026-03-09", Kind: models.DayMovedOff}}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		c := ledCase(t, svc)
		kinds, err := svc.CaseTaskKinds(ctx, auditor)
		if err != nil || len(kinds) < 5 || kinds[0].Text.Kk == "" {
			t.Fatalf("kinds %+v, %v", kinds, err)
		}
		made, err := svc.OpenTask(ctx, officer, c.Number, models.CaseTaskAsked{Kind: "ask_utility", Assignee: officer2.ID})
		// Monday 2 March and five working days, of which the next Monday is none.
		if err != nil || made.Task.Due != "2026-03-10" || made.Left != 5 || made.Text.Ru == "" || made.Task.Role != models.RoleOfficer {
			t.Fatalf("asked: %+v %v", made, err)
		}
		own, err := svc.OpenTask(ctx, officer, c.ID, models.CaseTaskAsked{Title: " Ring Aman Serikov ", Days: 1, Assignee: inspector.ID})
		if err != nil || own.Title != "Ring Aman Serikov" || own.Task.Due != "2026-03-03" || own.Task.Role != models.RoleInspector {
			t.Fatalf("asked in own words: %+v %v", own, err)
		}
		for _, wrong := range []struct {
			asked   models.CaseTaskAsked
			pointer string
		}{
			{models.CaseTaskAsked{Assignee: officer.ID, Days: 1}, "/title"},
			{models.CaseTaskAsked{Kind: "refer", Title: "Both", Assignee: officer.ID}, "/title"},
			{models.CaseTaskAsked{Kind: "dance", Assignee: officer.ID}, "/kind"},
			{models.CaseTaskAsked{Title: "x", Assignee: officer.ID}, "/working_days"},
			{models.CaseTaskAsked{Kind: "refer"}, "/assignee"},
			{models.CaseTaskAsked{Kind: "refer", Assignee: "nobody"}, "/assignee"},
			{models.CaseTaskAsked{Kind: "refer", Assignee: auditor.ID}, "/assignee"},
		} {
			if _, err := svc.OpenTask(ctx, officer, c.ID, wrong.asked); models.CodeOf(err) != models.CodeInvalid || !strings.Contains(err.Error(), wrong.pointer) {
				t.Errorf("%+v is answered with %v, want a refusal at %s", wrong.asked, err, wrong.pointer)
			}
		}
		if _, err := svc.CompleteTask(ctx, second, made.Task.ID, "x", 0); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("somebody who has it not ends it: %v", err)
		}
		if _, err := svc.CompleteTask(ctx, officer2, made.Task.ID, " ", 0); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("it ends without a word: %v", err)
		}
		if given, err := svc.AssignTask(ctx, officer2, made.Task.ID, inspector.ID, 1); err != nil || given.Task.Assignee != inspector.ID || given.Task.Version != 2 {
			t.Errorf("passed on: %+v %v", given.Task, err)
		}
		if _, err := svc.CompleteTask(ctx, inspector, made.Task.ID, "x", 1); models.CodeOf(err) != models.CodeVersionConflict {
			t.Errorf("an old version was ended: %v", err)
		}
		clock.Set(time.Date(2026, 3, 12, 4, 0, 0, 0, time.UTC))
		if late, err := svc.Task(ctx, auditor, made.Task.ID); err != nil || late.Left != -2 || len(late.Allowed) != 0 {
			t.Errorf("two working days after: %d, %v, %v", late.Left, late.Allowed, err)
		}
		if done, err := svc.CompleteTask(ctx, inspector, made.Task.ID, "Papers of Aman came", 2); err != nil || done.Task.State != models.TaskDone || done.People[done.Task.ClosedBy] != inspector.Name {
			t.Errorf("done: %+v %v", done.Task, err)
		}
		if _, err := svc.CancelTask(ctx, head, made.Task.ID, "x", 0); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("what is done was cancelled: %v", err)
		}
		before := store.At(ctx, store.Moment{AsAt: clock.Now().Add(-24 * time.Hour)})
		if m, err := svc.Case(before, head, c.ID); err != nil || len(m.Tasks) != 2 || slices.ContainsFunc(m.Tasks, func(one enforcement.CaseTask) bool { return one.Task.State != models.TaskOpen }) {
			t.Errorf("the day before: %+v %v", m.Tasks, err)
		}
		got := strings.Join(entriesWithoutWords(t, s, "Aman", "Ring", "Papers"), " ")
		if want := "case.opened case.led case.task_opened case.task_opened case.task_assigned case.task_done"; got != want {
			t.Errorf("the ledger has %s, want %s", got, want)
		}
	})
}

func TestCaseTask_StandsAmongTheTasksOfItsPersonAndOfARestrictedCaseForThoseItNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		desk, ctx := licensing.New(s), context.Background()
		c := ledCase(t, svc)
		made, err := svc.OpenTask(ctx, officer, c.ID, models.CaseTaskAsked{Kind: "hear_subject", Assignee: officer2.ID})
		if err != nil {
			t.Fatal(err)
		}
		listed := func(a models.Actor, mine bool) int {
			t.Helper()
			list, _, err := desk.TaskList(ctx, a, licensing.TaskQuery{Mine: mine}, store.Page{})
			if err != nil {
				t.Fatal(err)
			}
			counts, err := desk.CountTasks(ctx, a, licensing.TaskQuery{Mine: mine})
			if err != nil || int(counts.Soon+counts.Later) != len(list) {
				t.Errorf("%s has %d in the list and %+v in the counts, %v", a.ID, len(list), counts, err)
			}
			for _, one := range list {
				if one.Case != c.Number || one.Title.Kk == "" || len(one.Allowed) != 0 {
					t.Errorf("%s: %+v", a.ID, one)
				}
			}
			_, err = desk.Task(ctx, a, made.Task.ID)
			if (err == nil) != (len(list) == 1) && !mine || err != nil && models.CodeOf(err) != models.CodeNotFound {
				t.Errorf("%s: the list has %d and the task gives %v", a.ID, len(list), err)
			}
			return len(list)
		}
		if listed(officer2, true) != 1 || listed(officer, true) != 0 || listed(officer, false) != 1 || listed(clerk, false) != 0 || listed(auditor, false) != 1 {
			t.Error("the tasks of a case stand on the wrong desks")
		}
		if _, err := desk.CompleteTask(ctx, officer2, made.Task.ID, 1, "x"); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("it was ended outside of its case: %v", err)
		}
		if _, err := svc.Restrict(ctx, head, c.ID, []string{officer2.ID}, 0); err != nil {
			t.Fatal(err)
		}
		if listed(officer2, true) != 1 || listed(officer, false) != 1 || listed(inspector, false) != 0 || listed(auditor, false) != 0 || listed(head, false) != 1 {
			t.Error("a task of a restricted case is seen by others than those the case names")
		}
		if _, err := svc.Task(ctx, inspector, made.Task.ID); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("an inspector reads a task of a restricted case: %v", err)
		}
		if _, err := desk.AssignTask(ctx, inspector, made.Task.ID, 1, inspector.ID); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("an inspector takes a task of a restricted case: %v", err)
		}
		if _, err := svc.AssignTask(ctx, head, made.Task.ID, inspector.ID, 0); models.CodeOf(err) != models.CodeInvalid || !strings.Contains(err.Error(), "members") {
			t.Errorf("a restricted case gives a task to somebody it does not name: %v", err)
		}
	})
}

// TestCaseTask_AtRandom walks cases and their tasks and holds, after each step, that an
// ended case has no open task, that each ended task has one entry of its end, and that a
// task ends at most once.
func TestCaseTask_AtRandom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		svc, _ := fieldOffice(t, s)
		ctx, dice := context.Background(), rand.New(rand.NewPCG(7, 11))
		c := ledCase(t, svc)
		people := []models.Actor{officer, officer2, inspector, head, auditor}
		tasks, ended := []string{}, map[string]bool{}
		for n := range 160 {
			clock.Advance(time.Duration(dice.IntN(40)) * time.Hour)
			who := people[dice.IntN(len(people))]
			task := ""
			if len(tasks) > 0 {
				task = tasks[dice.IntN(len(tasks))]
			}
			over := func() bool { m, err := svc.Case(ctx, head, c.ID); return err == nil && m.Case.Over() }()
			var err error
			closed := ""
			switch dice.IntN(8) {
			case 0, 1, 2:
				made, e := svc.OpenTask(ctx, who, c.ID, models.CaseTaskAsked{Title: fmt.Sprintf("Secret %d", n), Days: int64(1 + dice.IntN(9)), Assignee: people[dice.IntN(4)].ID})
				if err = e; err == nil {
					tasks = append(tasks, made.Task.ID)
					if over {
						t.Fatalf("step %d: a task was opened in a case that has ended", n)
					}
				}
			case 3:
				_, err = svc.CompleteTask(ctx, who, task, "Secret word", 0)
				closed = task
			case 4:
				_, err = svc.CancelTask(ctx, who, task, "Secret reason", 0)
				closed = task
			case 5:
				_, err = svc.AssignTask(ctx, who, task, people[dice.IntN(4)].ID, 0)
			case 6:
				_, err = svc.Close(ctx, who, c.ID, models.CasePenalised, "x", 0)
			case 7:
				_, err = svc.Reopen(ctx, who, c.ID, "x", 0)
			}
			if err == nil && closed != "" {
				if ended[closed] {
					t.Fatalf("step %d: %s ended twice", n, closed)
				}
				ended[closed] = true
			}
			m, err := svc.Case(ctx, head, c.ID)
			if err != nil || len(m.Tasks) != len(tasks) {
				t.Fatalf("step %d: %d tasks, want %d, %v", n, len(m.Tasks), len(tasks), err)
			}
			for _, one := range m.Tasks {
				if one.Task.State == models.TaskOpen && (m.Case.Over() || ended[one.Task.ID]) {
					t.Fatalf("step %d: %s is open in a case that is %s", n, one.Task.ID, m.Case.State)
				}
				if one.Task.State != models.TaskOpen {
					ended[one.Task.ID] = true
				}
			}
		}
		if len(ended) < 10 || len(tasks) < 20 {
			t.Fatalf("%d of %d tasks ended: the walk went nowhere", len(ended), len(tasks))
		}
		ends := 0
		err := s.View(ctx, func(tx *store.Tx) error {
			entries, err := tx.UnsealedEntries(1000)
			for _, e := range entries {
				if e.Kind == "case.task_done" || e.Kind == "case.task_cancelled" {
					ends++
				}
				if strings.Contains(e.Body, "Secret") {
					t.Errorf("%s holds words: %s", e.Kind, e.Body)
				}
			}
			return err
		})
		if err != nil || ends != len(ended) {
			t.Errorf("%d ended tasks and %d entries of their ends, %v", len(ended), ends, err)
		}
	})
}

func TestCaseTask_ThoseThatAreOpenEndWithTheirCaseAndTheLedgerSaysSo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		svc, ctx := office(t, s, 1), context.Background()
		c := ledCase(t, svc)
		open, err := svc.OpenTask(ctx, officer, c.ID, models.CaseTaskAsked{Kind: "refer", Assignee: officer.ID})
		if err != nil {
			t.Fatal(err)
		}
		m, err := svc.Dismiss(ctx, officer, c.ID, models.DismissedOtherLoad, "A bakery", 0)
		if err != nil || m.Case.State != models.CaseDismissalDrafted || m.Tasks[0].Task.State != models.TaskOpen {
			t.Fatalf("a dismissal that waits for its second look has ended the task: %+v %v", m.Tasks, err)
		}
		m, err = svc.ConfirmDismissal(ctx, head, c.ID, 0)
		if err != nil || m.Case.State != models.CaseDismissed || len(m.Tasks) != 1 {
			t.Fatalf("dismissed: %+v %v", m.Case, err)
		}
		if got := m.Tasks[0].Task; got.ID != open.Task.ID || got.State != models.TaskCancelled || got.Outcome != models.CaseEnded || got.ClosedBy != head.ID {
			t.Errorf("its task: %+v", got)
		}
		if _, err := svc.OpenTask(ctx, officer, c.ID, models.CaseTaskAsked{Kind: "refer", Assignee: officer.ID}); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("a task of a case that has ended: %v", err)
		}
		if kinds := entriesWithoutWords(t, s, "bakery"); kinds[len(kinds)-2] != "case.task_cancelled" || kinds[len(kinds)-1] != "case.dismissed" {
			t.Errorf("the ledger has %v", kinds)
		}
		if err := s.Update(ctx, func(tx *store.Tx) error {
			unnamed := open.CaseTask
			unnamed.Task.ID, unnamed.Kind, unnamed.Title = "t-unnamed", "", ""
			unnamed.Task.Subject.ID = "t-unnamed"
			return tx.InsertCaseTask(unnamed)
		}); err == nil {
			t.Error("the database takes a task that says nothing")
		}
	})
}

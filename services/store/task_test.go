package store_test

import (
	"context"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func TestTasks_AskedForTwiceThereIsOneAndAClosedOneStaysClosed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		head := models.Actor{ID: "h", Kind: "person", Roles: []models.Role{models.RoleHead}}
		want := models.Task{Kind: models.TaskSuspensionEnds, Subject: models.Ref{Kind: "license", ID: "KZ1"}, License: "KZ1",
			Due: "2026-03-05", Role: models.RoleHead}
		insert := func(task models.Task) (inserted bool) {
			t.Helper()
			if err := s.Update(ctx, func(tx *store.Tx) (err error) { inserted, err = tx.InsertTask(task); return err }); err != nil {
				t.Fatal(err)
			}
			return inserted
		}
		if !insert(want) || insert(want) {
			t.Fatal("the first task is new and the second is not")
		}
		list := func(f store.TaskFilter, p store.Page) (out []models.Task) {
			t.Helper()
			if err := s.View(ctx, func(tx *store.Tx) (err error) { out, err = tx.Tasks(f, p); return err }); err != nil {
				t.Fatal(err)
			}
			return out
		}
		found := list(store.TaskFilter{}, store.Page{})
		if len(found) != 1 || found[0].State != models.TaskOpen || !found[0].Created.Equal(clock.Now()) {
			t.Fatalf("tasks = %+v", found)
		}
		clock.Advance(time.Hour)
		done, err := found[0].Complete("lifted", head, clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		save := func() error { return s.Update(ctx, func(tx *store.Tx) error { return tx.CloseTask(done) }) }
		if err := save(); err != nil {
			t.Fatal(err)
		}
		if err := save(); models.CodeOf(err) != models.CodeVersionConflict {
			t.Errorf("closing twice = %v, want a version conflict", err)
		}
		if insert(want) {
			t.Error("a task that was done came back")
		}
		later := want
		later.Due = "2026-04-05"
		if !insert(later) {
			t.Error("the same kind and subject on another date is another task")
		}
		first := list(store.TaskFilter{}, store.Page{Limit: 1})
		rest := list(store.TaskFilter{}, store.Page{Limit: 1, After: store.TaskCursor(first[0])})
		if len(rest) != 1 || rest[0].Due != "2026-04-05" {
			t.Errorf("the second page = %+v", rest)
		}
		var counts store.TaskCounts
		err = s.View(ctx, func(tx *store.Tx) (err error) {
			counts, err = tx.CountTasks(store.TaskFilter{State: "open", For: "h", ForRoles: models.TaskRoles(head)}, "2026-04-06")
			return err
		})
		if err != nil || counts != (store.TaskCounts{Overdue: 1}) {
			t.Errorf("counts = %+v, %v", counts, err)
		}
	})
}

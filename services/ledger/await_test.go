package ledger_test

import (
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

func TestAwait_GivesWhatIsSealedWhileItWaitsAndSkipsNothing(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.append(t, 3)
		r.seal(t)
		type answer struct {
			indexes []int64
			err     error
		}
		read := func(from int64, wait time.Duration) answer {
			page, err := r.log.Await(r.ctx, engineer, from, 100, store.EntryFilter{Kinds: []string{"test.happened"}}, wait)
			out := answer{err: err}
			for _, e := range page.Entries {
				out.indexes = append(out.indexes, e.Index)
			}
			return out
		}
		if a := read(0, time.Hour); a.err != nil || len(a.indexes) != 3 {
			t.Fatalf("%+v, want three at once", a)
		}
		waiting := make(chan answer)
		go func() { waiting <- read(3, 20*time.Second) }()
		r.append(t, 1) // committed, but without a place: not in the feed yet
		if a := read(3, 0); a.err != nil || len(a.indexes) != 0 {
			t.Errorf("%+v, want nothing before it is sealed", a)
		}
		r.seal(t)
		if a := <-waiting; a.err != nil || len(a.indexes) != 1 || a.indexes[0] != 3 {
			t.Errorf("%+v, want the entry at 3", a)
		}
		stranger := engineer
		stranger.Utility = "util-2"
		page, err := r.log.Await(r.ctx, stranger, 0, 100, store.EntryFilter{}, 300*time.Millisecond)
		if err != nil || len(page.Entries) != 0 {
			t.Errorf("a stranger sees %d entries (%v)", len(page.Entries), err)
		}
		if _, err := r.log.Await(r.ctx, models.Actor{ID: "c", Roles: []models.Role{models.RoleCollector}}, 0, 1, store.EntryFilter{}, time.Second); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("a collector: %v", err)
		}
	})
}

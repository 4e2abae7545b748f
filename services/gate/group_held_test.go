package gate

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// A registry that never stands still, such as during a long import, does not keep the
// gate from answering: after some lost turns the others wait.
func TestGroup_ARegistryThatNeverStandsStillIsAnsweredFrom(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		g := w.gate.group
		var asked, lost, waited atomic.Int64
		onlyWriter := w.store.Engine() == "sqlite"
		commit, held := g.commit, g.held
		g.commit = func(ctx context.Context, c store.GateCommit) (int64, bool, error) {
			// Something that the gate reads changes between the decision and its commit:
			// always, where the others can be made to wait, else nine times of ten.
			if n := asked.Add(1); onlyWriter || n%10 != 0 {
				w.must(w.store.Update(ctx, func(tx *store.Tx) error { return tx.TakeGateTurn() }))
			}
			turn, ok, err := commit(ctx, c)
			if !ok {
				lost.Add(1)
			}
			return turn, ok, err
		}
		g.held = func(ctx context.Context, prepare func() (store.GateCommit, error)) (int64, error) {
			waited.Add(1)
			return held(ctx, prepare)
		}
		var permits atomic.Int64
		var group sync.WaitGroup
		for i := range 12 {
			group.Go(func() {
				r := w.request()
				r.Requested = 100_000
				a, err := w.gate.Check(w.ctx, w.pres, fmt.Sprintf("key-%d", i), "en", r)
				if err != nil {
					t.Error(err)
				}
				if a.Decision == models.OutcomePermit {
					permits.Add(1)
				}
			})
		}
		group.Wait()
		if lost.Load() == 0 || (waited.Load() == 0) == onlyWriter {
			t.Fatalf("%d turns were lost and %d times the others waited: the test shows nothing", lost.Load(), waited.Load())
		}
		if got, want := w.load(), models.Watts(permits.Load()*100_000); got != want || got == 0 {
			t.Errorf("%s is held for %d permits", got, permits.Load())
		}
	})
}

func TestGate_ARevisionThatIsDemandedIsWaitedForAndNeverGuessed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.seal()
		a, err := w.gate.Check(w.ctx, w.pres, "key", "en", w.request())
		w.must(err)
		if err := w.gate.AwaitRevision(w.ctx, a.Revision); err != nil {
			t.Errorf("the revision of the last answer: %v", err)
		}
		began := time.Now()
		if err := w.gate.AwaitRevision(w.ctx, a.Revision+1000); models.CodeOf(err) != models.CodeUnavailable {
			t.Errorf("a revision that does not exist yet: %v", err)
		}
		if took := time.Since(began); took < revisionWait {
			t.Errorf("it was refused after %v: the ledger had no time to get there", took)
		}
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
			_, err := tx.Append(models.Entry{Kind: "test.entry", Subject: models.Ref{Kind: "test", ID: "1"}, Actor: models.System(), Body: map[string]any{}})
			return err
		}))
		next := make(chan error, 1)
		go func() { next <- w.gate.AwaitRevision(w.ctx, a.Revision+1) }()
		w.seal()
		w.must(<-next)
		b, err := w.gate.Check(w.ctx, w.pres, "key-2", "en", w.request())
		w.must(err)
		if b.Revision <= a.Revision {
			t.Errorf("after waiting for %d the answer is of %d", a.Revision+1, b.Revision)
		}
	})
}

package gate

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

var errInjected = errors.New("injected")

// a gateFault breaks a gate and gives what mends it. kept says that the answer was
// recorded although nobody got it.
type gateFault struct {
	name   string
	kept   bool
	damage func(w *world) (mend func())
}

func gateFaults() []gateFault {
	commitFault := func(after bool) func(w *world) func() {
		return func(w *world) func() {
			g := w.gate.group
			good := g.commit
			g.commit = func(ctx context.Context, c store.GateCommit) (int64, bool, error) {
				if after {
					if _, _, err := good(ctx, c); err != nil {
						w.t.Error(err)
					}
				}
				return 0, false, errInjected
			}
			return func() { g.commit = good }
		}
	}
	return []gateFault{
		{"the signer fails", false, func(w *world) func() {
			g := w.gate.group
			good := g.sign
			g.sign = func([]byte) ([]byte, error) { return nil, errInjected }
			return func() { g.sign = good }
		}},
		{"the commit fails", false, commitFault(false)},
		{"the commit fails after it took effect", true, commitFault(true)},
		{"others are always faster and cannot be made to wait", false, func(w *world) func() {
			g := w.gate.group
			good, held := g.commit, g.held
			g.commit = func(context.Context, store.GateCommit) (int64, bool, error) { return 0, false, nil }
			g.held = func(context.Context, func() (store.GateCommit, error)) (int64, error) { return 0, errInjected }
			return func() { g.commit, g.held = good, held }
		}},
		{"the index cannot follow", false, func(w *world) func() {
			g := w.gate.group
			good := g.follow
			g.follow = func(context.Context, *index, func(store.GateBatch)) (*index, error) { return nil, errInjected }
			return func() { g.follow = good }
		}},
		{"the index breaks half way", false, func(w *world) func() {
			g := w.gate.group
			good := g.follow
			g.follow = func(ctx context.Context, x *index, seen func(store.GateBatch)) (*index, error) {
				_, _ = good(ctx, x, seen) // it took some, and must not be decided from
				return nil, errInjected
			}
			return func() { g.follow = good }
		}},
	}
}

// Each fault ends in an error and holds no power; when it is gone, the same key gives a
// permit that verifies, once, which also shows that nothing but the fault was in the way.
func TestGateFaults_NeverPermitAndTheGateRecoversByItself(t *testing.T) {
	for _, f := range gateFaults() {
		t.Run(f.name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.t = t
				mend := f.damage(w)
				for range 2 {
					a, err := w.gate.Check(w.ctx, w.pres, "key", "en", w.request())
					if err == nil || a.Permit != "" || a.Decision == models.OutcomePermit {
						t.Fatalf("it answers %s, %v", a.Decision, err)
					}
					if f.kept {
						break // the next attempt finds what was kept
					}
				}
				want := models.Watts(0)
				if f.kept {
					want = 900_000
				}
				if got := w.load(); got != want {
					t.Errorf("%s is held after the fault, want %s", got, want)
				}
				mend()
				var permits []string
				for range 3 {
					a, err := w.gate.Check(w.ctx, w.pres, "key", "en", w.request())
					if err != nil || a.Decision != models.OutcomePermit {
						t.Fatalf("mended: %s, %v, %v", a.Decision, codes(a), err)
					}
					permits = append(permits, a.Permit)
				}
				if len(slices.Compact(permits)) != 1 {
					t.Error("one key has two permits")
				}
				if _, err := VerifyPermit(permits[0], []ed25519.PublicKey{w.key.Public().(ed25519.PublicKey)}, w.clock.Now()); err != nil {
					t.Errorf("the permit: %v", err)
				}
				if got := w.load(); got != 900_000 {
					t.Errorf("%s is held in the end, want 900 kW once", got)
				}
				w.inLedger(permits[0])
			})
		})
	}
}

// inLedger checks that the ledger holds the answer of a permit once.
func (w *world) inLedger(permit string) {
	w.t.Helper()
	w.seal()
	p, err := VerifyPermit(permit, []ed25519.PublicKey{w.key.Public().(ed25519.PublicKey)}, w.clock.Now())
	w.must(err)
	n := 0
	entries, err := w.log.EntriesOf(w.ctx, models.Ref{Kind: "gate_batch", ID: batchOf(w.t, permit)})
	w.must(err)
	for _, e := range entries {
		if e.Kind == "gate.answered" && strings.Contains(e.Body, p.ID) {
			n++
		}
	}
	if n != 1 {
		w.t.Errorf("the ledger holds the answer %s %d times, want once", p.ID, n)
	}
}

// Commits fail, are lost, or take effect and nobody is told, while many ask: each key
// ends with one answer, and what is held is what was permitted.
func TestGateFaults_UnderLoadEveryKeyHasOneAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var mu sync.Mutex
		n := 0
		g := w.gate.group
		good := g.commit
		g.commit = func(ctx context.Context, c store.GateCommit) (int64, bool, error) {
			mu.Lock()
			n++
			turn := n % 5
			mu.Unlock()
			switch turn {
			case 0:
				return 0, false, errInjected
			case 1:
				_, _, err := good(ctx, c)
				return 0, false, errors.Join(err, errInjected) // it took effect, and nobody is told
			case 2:
				return 0, false, nil
			}
			return good(ctx, c)
		}
		const callers, each = 16, 8
		permits := make([]map[string]string, callers)
		var wg sync.WaitGroup
		for i := range callers {
			permits[i] = map[string]string{}
			wg.Go(func() {
				for j := range each {
					key := fmt.Sprintf("caller-%d-%d", i, j)
					r := w.request()
					r.Requested = 10_000
					for range 100 { // a client asks again with the same key
						a, err := w.gate.Check(w.ctx, w.pres, key, "en", r)
						if err == nil {
							permits[i][key] = a.Permit
							break
						}
						if !errors.Is(err, errInjected) {
							t.Errorf("%s: %v", key, err)
						}
					}
				}
			})
		}
		wg.Wait()
		granted := 0
		ids := map[string]bool{}
		for i := range permits {
			for key, text := range permits[i] {
				if text == "" {
					continue
				}
				granted++
				p, err := VerifyPermit(text, []ed25519.PublicKey{w.key.Public().(ed25519.PublicKey)}, w.clock.Now())
				if err != nil {
					t.Errorf("%s: %v", key, err)
				}
				if ids[p.ID] {
					t.Errorf("%s: the answer %s was given to two keys", key, p.ID)
				}
				ids[p.ID] = true
				again, err := replicaAnswer(w, key)
				if err != nil || again.Permit != text {
					t.Errorf("%s: asked again it gets another answer, %v", key, err)
				}
			}
		}
		if n < 10 {
			t.Errorf("%d commits: too few to fail some", n)
		}
		if got, want := w.load(), models.Watts(granted)*10_000; granted == 0 || got != want {
			t.Errorf("%d permits, and %s are held, want %s", granted, got, want)
		}
	})
}

// replicaAnswer asks again through a service of its own, as another replica would.
func replicaAnswer(w *world, key string) (Answer, error) {
	r := w.request()
	r.Requested = 10_000
	return New(w.store, w.key, w.gate.texts, w.clock.Now).Check(w.ctx, w.pres, key, "en", r)
}

// The clock and the seal: what the gate knows is too old or from another time. It says
// so and permits nothing; when time is right again, it permits.
func TestGateFaults_AWrongClockOrAStoppedSealerIsNeverAPermit(t *testing.T) {
	for name, f := range map[string]struct {
		damage func(w *world) (mend func())
		want   models.ReasonCode
	}{
		"the sealer stopped": {func(w *world) func() {
			w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
				_, err := tx.Append(models.Entry{Kind: "test.waits", Subject: models.Ref{Kind: "thing", ID: "1"}, Actor: models.System()})
				return err
			}))
			w.clock.Advance(models.DefaultGateParameters().StaleRegistry + time.Second)
			w.read(pointCode, 0)
			return w.seal
		}, models.ReasonRegistryStale},
		"the clock was set back": {func(w *world) func() {
			w.seal()
			right := w.clock.Now()
			w.clock.Set(right.Add(-models.DefaultGateParameters().StaleRegistry - time.Minute))
			return func() { w.clock.Set(right.Add(time.Second)); w.seal() } // the entry of the wrong time is sealed too
		}, models.ReasonRegistryStale},
		"the clock was set forward": {func(w *world) func() {
			w.seal()
			right := w.clock.Now()
			w.clock.Set(right.AddDate(3, 0, 0))
			return func() { w.clock.Set(right.Add(time.Second)); w.gate.group.stale.Store(true) }
		}, models.ReasonLicenseExpired},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.t = t
				mend := f.damage(w)
				a := w.check(w.request())
				if a.Decision == models.OutcomePermit || a.Permit != "" || !slices.Contains(codes(a), f.want) {
					t.Fatalf("it answers %s for %v, want no permit for %s", a.Decision, codes(a), f.want)
				}
				mend()
				if a := w.check(w.request()); a.Decision != models.OutcomePermit {
					t.Errorf("when it is right again: %s for %v", a.Decision, codes(a))
				}
			})
		})
	}
}

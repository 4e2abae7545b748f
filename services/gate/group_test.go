package gate

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

// replica is another process's gate on the same database.
func (w *world) replica() *Service { return New(w.store, w.key, w.gate.texts, w.clock.Now) }

var errKilled = errors.New("killed")

// shaky makes commits of a gate fail at random: before they take effect, and after, as
// when a process is killed or the connection breaks between commit and answer.
func shaky(s *Service, seed uint64) {
	commit, random := s.group.commit, rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a test is repeated
	s.group.commit = func(ctx context.Context, c store.GateCommit) (int64, bool, error) {
		if random.IntN(4) == 0 {
			return 0, false, errKilled
		}
		turn, ok, err := commit(ctx, c)
		if ok && random.IntN(4) == 0 {
			return 0, false, errKilled
		}
		return turn, ok, err
	}
}

func TestGate_SixtyFourClientsOfTwoReplicasWithKillsHoldEveryLimitAndLoseNoAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const clients = 64
		points := make([]string, clients)
		for i := range points {
			points[i] = fmt.Sprintf("PS12-F03-CP3%02d", i)
			w.point(points[i])
			w.read(points[i], 0)
		}
		l := w.issue(77, 40_000_000, points...)
		w.seal()
		var (
			mu       sync.Mutex
			answers  = map[string][]Answer{}
			replicas = []*Service{w.replica(), w.replica()}
		)
		shaky(replicas[0], 1)
		shaky(replicas[1], 2)
		restart := func(i int) *Service {
			mu.Lock()
			defer mu.Unlock()
			if s := w.replica(); len(answers)%5 == 0 {
				shaky(s, uint64(len(answers)+i)) //nolint:gosec // a seed
				replicas[i] = s
			}
			return replicas[i]
		}
		var wg sync.WaitGroup
		for client := range clients {
			wg.Go(func() {
				for n := range 3 {
					key := fmt.Sprintf("c%d-%d", client, n)
					r := w.request()
					r.ConnectionPoint, r.License, r.Requested = points[client], l.Number, 200_000
					for try := 0; ; try++ { // as a client does: the same key until there is an answer, from whichever replica
						a, err := restart((client+try)%2).Check(w.ctx, w.pres, key, "en", r)
						if errors.Is(err, errKilled) || models.CodeOf(err) == models.CodeUnavailable {
							continue
						}
						if err != nil {
							t.Errorf("%s: %v", key, err)
							return
						}
						mu.Lock()
						answers[key] = append(answers[key], a)
						enough := len(answers[key]) == 2 // asked again after the answer
						mu.Unlock()
						if enough {
							break
						}
					}
				}
			})
		}
		wg.Wait()
		permits := 0
		keys := []ed25519.PublicKey{w.key.Public().(ed25519.PublicKey)}
		for _, key := range slices.Sorted(maps.Keys(answers)) {
			both := answers[key]
			if diff := cmp.Diff(both[0], both[1]); diff != "" {
				t.Fatalf("%s got two answers:\n%s", key, diff)
			}
			if both[0].Decision != models.OutcomePermit {
				continue
			}
			permits++
			if p, err := VerifyPermit(both[0].Permit, keys, w.clock.Now()); err != nil || p.ID != both[0].ID {
				t.Fatalf("%s: the permit says %+v, %v", key, p, err)
			}
		}
		if load := w.load(); len(answers) != 3*clients || permits != 30 || load != 6_000_000 {
			t.Errorf("%d answers, %d permits, %s on the feeder; want %d answers, 30 permits and exactly 6 MW", len(answers), permits, load, 3*clients)
		}
		w.provable(answers)
	})
}

// provable checks that the ledger has every answer, once, and holds together.
func (w *world) provable(answers map[string][]Answer) {
	w.t.Helper()
	w.seal()
	times := map[string]int{}
	w.must(w.store.View(w.ctx, func(tx *store.Tx) error {
		entries, err := tx.SealedEntries(0, 100_000, store.EntryFilter{Kinds: []string{"gate.answered"}})
		for _, e := range entries {
			for _, part := range strings.Split(e.Body, `"id":"`)[1:] {
				times[part[:36]]++
			}
		}
		return err
	}))
	for key, a := range answers {
		if times[a[0].ID] != 1 {
			w.t.Errorf("the ledger has the answer of %s %d times", key, times[a[0].ID])
		}
	}
	if len(times) != len(answers) {
		w.t.Errorf("the ledger has %d answers, %d were given", len(times), len(answers))
	}
	report, err := ledger.Verify(w.ctx, w.store, []ed25519.PublicKey{seeded("ledger").Public().(ed25519.PublicKey)})
	if err != nil || report.Bad != nil {
		w.t.Errorf("the ledger: %+v, %v", report.Bad, err)
	}
}

func TestGate_AnswersSurviveAKillAtEveryStep(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var rs []models.CheckRequest
		for range settleAtOnce + 2 { // so many that their rows come later
			r := w.request()
			r.Requested = 100_000
			rs = append(rs, r)
		}
		killed := w.replica()
		commit := killed.group.commit
		killed.group.commit = func(context.Context, store.GateCommit) (int64, bool, error) { return 0, false, errKilled }
		if _, err := killed.CheckBatch(w.ctx, w.pres, "k", "en", rs); !errors.Is(err, errKilled) {
			t.Fatalf("killed before the commit: %v", err)
		}
		if load := w.load(); load != 0 {
			t.Fatalf("killed before the commit, %s is held", load)
		}
		killed.group.commit = func(ctx context.Context, c store.GateCommit) (int64, bool, error) {
			_, _, err := commit(ctx, c)
			return 0, false, errors.Join(errKilled, err)
		}
		if _, err := killed.CheckBatch(w.ctx, w.pres, "k", "en", rs); !errors.Is(err, errKilled) {
			t.Fatalf("killed after the commit: %v", err)
		}
		// The process is gone, its answers have no rows yet: another one starts.
		next := w.replica()
		var settled, unsettled int64
		w.must(w.store.View(w.ctx, func(tx *store.Tx) (err error) {
			if settled, err = tx.GateSettled(); err == nil {
				unsettled, err = tx.GateUnsettled(settled)
			}
			return err
		}))
		if unsettled != 1 {
			t.Fatalf("%d batches have no rows, want the one: else this tests nothing", unsettled)
		}
		first, err := next.CheckBatch(w.ctx, w.pres, "k", "kk", rs)
		w.must(err)
		r := w.request()
		r.Requested = 1_000_000
		if a, err := next.Check(w.ctx, w.pres, "more", "en", r); err != nil || a.Decision != models.OutcomeDeny {
			t.Errorf("what the unsettled answers hold is not counted: %s, %v", a.Decision, err)
		}
		if load := w.load(); load != models.Watts(len(rs))*100_000 {
			t.Errorf("%s is held after the rows were made", load)
		}
		again, err := w.replica().CheckBatch(w.ctx, w.pres, "k", "ru", rs)
		w.must(err)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Errorf("after the rows were made the answer differs:\n%s", diff)
		}
		for _, a := range first {
			if got, err := w.gate.Get(w.ctx, w.pres, a.ID); err != nil || got.Answer.Permit != a.Permit || got.Reservation == nil {
				t.Errorf("the row of %s: %+v, %v", a.ID, got, err)
			}
			if e, err := w.gate.Explanation(w.ctx, w.pres, a.ID); err != nil || e.Replayed != models.OutcomePermit {
				t.Errorf("the explanation of %s: %s, %v", a.ID, e.Replayed, err)
			}
		}
	})
}

func TestGate_ASuspensionIsSeenByTheNextAnswerOfEveryReplicaUnderLoad(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		replicas := []*Service{w.replica(), w.replica()}
		template := w.request()
		ask := func(s *Service, key string) (Answer, error) {
			r := template
			r.Requested = 1
			return s.Check(w.ctx, w.pres, key, "en", r)
		}
		stop := make(chan struct{})
		var load sync.WaitGroup
		for i := range 16 {
			load.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					if _, err := ask(replicas[i%2], fmt.Sprintf("load%d-%d", i, n)); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for i, s := range replicas {
			if a, err := ask(s, fmt.Sprint("before", i)); err != nil || a.Decision != models.OutcomePermit {
				t.Errorf("control: before the suspension replica %d says %s, %v %v", i, a.Decision, codes(a), err)
			}
		}
		w.turn(models.LicenseSuspended, "license.suspended")
		// Not within a second: at once. The commit of an answer compares what changed.
		for n := range 50 {
			for i, s := range replicas {
				if a, err := ask(s, fmt.Sprintf("after%d-%d", i, n)); err != nil || a.Decision != models.OutcomeDeny {
					t.Errorf("after the suspension replica %d says %s, %v", i, a.Decision, err)
				}
			}
		}
		close(stop)
		load.Wait()
	})
}

func TestGate_AFaultOfTheSignerOrTheIndexGivesNoAnswerAndPasses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		sign, follow := w.gate.group.sign, w.gate.group.follow
		w.gate.group.sign = func([]byte) ([]byte, error) { return nil, errKilled }
		if a, err := w.gate.Check(w.ctx, w.pres, "s", "en", w.request()); !errors.Is(err, errKilled) || a.ID != "" {
			t.Errorf("the signer fails: %+v, %v", a, err)
		}
		w.gate.group.sign = sign
		w.gate.group.follow = func(context.Context, *index, func(store.GateBatch)) (*index, error) { return nil, errKilled }
		if a, err := w.gate.Check(w.ctx, w.pres, "s", "en", w.request()); !errors.Is(err, errKilled) || a.ID != "" {
			t.Errorf("the index cannot follow: %+v, %v", a, err)
		}
		w.gate.group.follow = follow
		if load := w.load(); load != 0 {
			t.Errorf("%s is held after the faults", load)
		}
		if a, err := w.gate.Check(w.ctx, w.pres, "s", "en", w.request()); err != nil || a.Decision != models.OutcomePermit {
			t.Errorf("control: after the faults %s, %v", a.Decision, err)
		}
	})
}

func TestGate_OldChangesAreForgottenAndTheIndexThatWasFurtherBehindIsReadAnew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		behind, err := newIndex().follow(w.ctx, w.store, nil)
		w.must(err)
		w.turn(models.LicenseSuspended, "license.suspended")
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.ForgetGateChangesBut(0) }))
		w.turn(models.LicenseRevoked, "license.revoked")
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.ForgetGateChangesBut(1) }))
		next, err := behind.follow(w.ctx, w.store, nil)
		w.must(err)
		if next == behind || next.licenses[w.license.Number].State != models.LicenseRevoked {
			t.Errorf("the index that missed changes says %s, read anew: %t", next.licenses[w.license.Number].State, next != behind)
		}
	})
}

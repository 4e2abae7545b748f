package ledger_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

const origin = "ledger.test/rigistry"

func testKey(seed string) ed25519.PrivateKey {
	h := sha256.Sum256([]byte(seed))
	return ed25519.NewKeyFromSeed(h[:])
}

func publicKeys(key ed25519.PrivateKey) []ed25519.PublicKey {
	return []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}
}

// rig is a ledger on a database that the test can also reach around the store.
type rig struct {
	store *store.Store
	clock *storetest.Clock
	log   *ledger.Ledger
	key   ed25519.PrivateKey
	raw   *sql.DB
	ctx   context.Context
}

func each(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			url, driver, dsn := "", "pgx", ""
			if engine == "sqlite" {
				dsn = filepath.Join(t.TempDir(), "l.db")
				url, driver = "sqlite:"+dsn, "sqlite"
			} else {
				url = storetest.PostgresURL(t)
				dsn = url
			}
			clock := storetest.NewClock()
			s := storetest.Open(t, url, clock.Now)
			raw, err := sql.Open(driver, dsn)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = raw.Close() })
			r := &rig{store: s, clock: clock, key: testKey("ledger"), raw: raw, ctx: t.Context()}
			r.log = r.sealer()
			test(t, r)
		})
	}
}

func (r *rig) sealer() *ledger.Ledger {
	return ledger.New(r.store, origin, r.key, r.clock.Now, slog.New(slog.DiscardHandler))
}

func (r *rig) append(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		err := r.store.Update(r.ctx, func(tx *store.Tx) error {
			_, err := tx.Append(models.Entry{
				Kind: "test.happened", Subject: models.Ref{Kind: "thing", ID: fmt.Sprint(i % 3)}, SubjectVersion: int64(i),
				Actor:   models.Actor{ID: "u1", Kind: "person", Name: "Aigerim", RequestID: "req-1"},
				Utility: "util-1", Body: map[string]any{"n": i},
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		r.clock.Advance(time.Millisecond)
	}
}

func (r *rig) seal(t *testing.T) int {
	t.Helper()
	n, err := r.log.Seal(r.ctx)
	if err != nil {
		t.Fatalf("Seal: %v", err)
	}
	return n
}

func (r *rig) verify(t *testing.T) ledger.Report {
	t.Helper()
	report, err := ledger.Verify(r.ctx, r.store, publicKeys(r.key))
	if err != nil {
		t.Fatalf("Verify: %v", err)
	}
	return report
}

func (r *rig) exec(t *testing.T, query string) {
	t.Helper()
	res, err := r.raw.Exec(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		t.Fatalf("%s changed nothing", query)
	}
}

func TestLedger_SealsInOrderWithoutGapsAndVerifies(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		for _, n := range []int{1, 2, 5, 14} {
			r.append(t, n)
			if got := r.seal(t); got != n {
				t.Fatalf("sealed %d, want %d", got, n)
			}
		}
		if got := r.seal(t); got != 0 {
			t.Errorf("sealed %d more of nothing", got)
		}
		r.append(t, 3)
		report := r.verify(t)
		if report.Bad != nil || report.Entries != 22 || report.Checkpoints != 4 || report.Unsealed != 3 {
			t.Errorf("report = %+v, want 22 good entries, 4 checkpoints, 3 unsealed", report)
		}
		if want := tlog.StoredHashCount(22); report.Hashes != want {
			t.Errorf("%d hashes checked, want %d", report.Hashes, want)
		}
		page, err := r.log.Entries(r.ctx, models.System(), 0, 1000, store.EntryFilter{})
		if err != nil || len(page.Entries) != 22 || page.Next != -1 {
			t.Fatalf("Entries = %d, next %d, %v", len(page.Entries), page.Next, err)
		}
		for i, e := range page.Entries {
			if e.Index != int64(i) || i > 0 && e.At.Before(page.Entries[i-1].At) {
				t.Errorf("entry %d has index %d at %s", i, e.Index, e.At)
			}
		}
	})
}

func TestLedger_ProofsHoldForEveryEntryAndSize(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		heads := map[int64]ledger.Checkpoint{}
		for range 9 {
			r.append(t, 1)
			r.seal(t)
			head, err := r.log.Head(r.ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ledger.OpenCheckpoint(head.Note, publicKeys(r.key)); err != nil {
				t.Fatalf("the head's note: %v", err)
			}
			heads[head.Size] = head.Checkpoint
		}
		for i := range int64(9) {
			p, err := r.log.Proof(r.ctx, i)
			if err != nil || p.Check() != nil {
				t.Errorf("proof of %d: %v, check %v", i, err, p.Check())
			}
			p.Leaf[len(p.Leaf)-1] ^= 1
			if p.Check() == nil {
				t.Errorf("proof of %d holds for another leaf", i)
			}
		}
		if _, err := r.log.Proof(r.ctx, 9); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("proof after the end = %v, want not found", err)
		}
		for o := int64(1); o <= 9; o++ {
			for n := o; n <= 9; n++ {
				path, err := r.log.Consistency(r.ctx, o, n)
				if err != nil || tlog.CheckTree(path, n, heads[n].Root, o, heads[o].Root) != nil {
					t.Errorf("consistency %d..%d does not hold: %v", o, n, err)
				}
			}
		}
	})
}

func TestSealer_RefusesALedgerThatWentBack(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.append(t, 2)
		r.seal(t)
		r.append(t, 2)
		r.seal(t)
		r.exec(t, "DELETE FROM ledger_checkpoints WHERE tree_size = 4")
		r.exec(t, "UPDATE ledger_entries SET leaf_index = NULL WHERE leaf_index >= 2")
		r.exec(t, fmt.Sprintf("DELETE FROM ledger_hashes WHERE hash_index >= %d", tlog.StoredHashCount(2)))
		if _, err := r.log.Seal(r.ctx); !errors.Is(err, ledger.ErrRollback) {
			t.Errorf("Seal after a rollback = %v, want ErrRollback", err)
		}
	})
}

func TestSealer_RefusesHashesThatDoNotGiveTheSignedRoot(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.append(t, 4)
		r.seal(t)
		r.exec(t, fmt.Sprintf("DELETE FROM ledger_hashes WHERE hash_index = %d", tlog.StoredHashIndex(2, 0)))
		r.append(t, 1)
		r.clock.Advance(time.Minute)
		if _, err := r.sealer().Seal(r.ctx); !errors.Is(err, ledger.ErrRollback) {
			t.Errorf("Seal on a missing hash = %v, want ErrRollback", err)
		}
	})
}

func TestSealer_WaitsWhileTheClockIsBehindTheLastCheckpoint(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.append(t, 1)
		r.seal(t)
		r.append(t, 1)
		r.clock.Advance(-time.Hour)
		if n, err := r.log.Seal(r.ctx); err == nil || n != 0 {
			t.Fatalf("Seal with a clock that went back = %d, %v; want an error", n, err)
		}
		r.clock.Advance(time.Hour)
		if n, err := r.log.Seal(r.ctx); err != nil || n != 1 {
			t.Errorf("Seal afterwards = %d, %v; want 1", n, err)
		}
	})
}

func TestSealer_OnlyTheHolderOfTheLeaseSeals(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.append(t, 1)
		r.seal(t)
		r.append(t, 1)
		other := r.sealer()
		if n, err := other.Seal(r.ctx); n != 0 || err != nil {
			t.Errorf("another sealed %d (%v) while the lease is held", n, err)
		}
		r.clock.Advance(time.Minute)
		if n, err := other.Seal(r.ctx); n != 1 || err != nil {
			t.Errorf("another sealed %d (%v) after the lease ended, want 1", n, err)
		}
		if report := r.verify(t); report.Bad != nil || report.Entries != 2 {
			t.Errorf("report %+v", report)
		}
	})
}

// A step of a seal fails in the database (a trigger or a lock on its table);
// the transaction leaves nothing, and a new process goes on without a gap.
func TestSealer_AFailedStepLeavesNothingAndARestartGoesOn(t *testing.T) {
	for _, table := range []string{"leases", "ledger_entries", "ledger_hashes", "ledger_checkpoints"} {
		t.Run(table, func(t *testing.T) {
			each(t, func(t *testing.T, r *rig) {
				r.append(t, 5)
				r.seal(t)
				r.append(t, 3)
				r.exec2(t, r.breakTable(table))
				if _, err := r.log.Seal(r.ctx); err == nil {
					t.Fatal("control: the seal succeeded although a step failed")
				}
				if report := r.verify(t); report.Bad != nil || report.Entries != 5 || report.Unsealed != 3 {
					t.Errorf("after the fault: %+v, want 5 good and 3 unsealed", report)
				}
				r.exec2(t, r.repairTable(table))
				r.clock.Advance(time.Minute)
				if n, err := r.sealer().Seal(r.ctx); n != 3 || err != nil {
					t.Errorf("restart sealed %d (%v), want 3", n, err)
				}
				if report := r.verify(t); report.Bad != nil || report.Entries != 8 {
					t.Errorf("after the restart: %+v, want 8 good", report)
				}
			})
		})
	}
}

func (r *rig) exec2(t *testing.T, statements []string) {
	t.Helper()
	for _, s := range statements {
		if _, err := r.raw.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func (r *rig) breakTable(table string) []string {
	if r.store.Engine() == "postgres" {
		return []string{
			`CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'injected fault'; END $$`,
			"CREATE TRIGGER fault BEFORE INSERT OR UPDATE ON " + table + " FOR EACH ROW EXECUTE FUNCTION fault()",
		}
	}
	return []string{
		"CREATE TRIGGER fault_insert BEFORE INSERT ON " + table + " BEGIN SELECT RAISE(ABORT, 'injected fault'); END",
		"CREATE TRIGGER fault_update BEFORE UPDATE ON " + table + " BEGIN SELECT RAISE(ABORT, 'injected fault'); END",
	}
}

func (r *rig) repairTable(table string) []string {
	if r.store.Engine() == "postgres" {
		return []string{"DROP TRIGGER fault ON " + table, "DROP FUNCTION fault"}
	}
	return []string{"DROP TRIGGER fault_insert", "DROP TRIGGER fault_update"}
}

func TestFollow_EachFollowerSeesEveryEntryOnceAlsoAcrossRestarts(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		ctx, stop := context.WithCancel(r.ctx)
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := r.log.Run(ctx); err != nil {
				t.Errorf("Run: %v", err)
			}
		})
		const n = 40
		// What a follower saw is counted in the database with its position: fn may run
		// again, and only what was committed counts.
		done := make(chan string, 2)
		follow := func(ctx context.Context, name string, breakAfter int) {
			calls := 0
			err := ledger.Follow(ctx, r.store, name, func(_ context.Context, tx *store.Tx, batch []models.SealedEntry) error {
				if calls++; breakAfter > 0 && calls%breakAfter == 0 {
					return errors.New("the follower fails now and then")
				}
				seen, err := tx.FollowerPosition("seen by " + name)
				if err != nil {
					return err
				}
				for _, e := range batch {
					if e.Index != seen {
						t.Errorf("%s saw index %d as number %d", name, e.Index, seen)
					}
					seen++
				}
				return tx.SetFollowerPosition("seen by "+name, seen)
			})
			if err != nil {
				t.Errorf("Follow %s: %v", name, err)
			}
		}
		watch := func(name string) {
			for {
				changed := r.store.Changed()
				var positions map[string]int64
				err := r.store.View(r.ctx, func(tx *store.Tx) (err error) {
					positions, err = tx.FollowerPositions()
					return err
				})
				if err == nil && positions[name] == n && positions["seen by "+name] == n {
					done <- name
					return
				}
				select {
				case <-ctx.Done():
					return
				case <-changed:
				case <-time.After(20 * time.Millisecond):
				}
			}
		}
		wg.Go(func() { follow(ctx, "steady", 0) })
		first, stopFirst := context.WithCancel(ctx)
		firstEnded := make(chan struct{})
		go func() { defer close(firstEnded); follow(first, "restarted", 2) }()
		r.append(t, n/2)
		stopFirst()
		<-firstEnded
		wg.Go(func() { follow(ctx, "restarted", 3) })
		wg.Go(func() { watch("steady") })
		wg.Go(func() { watch("restarted") })
		r.append(t, n/2)
		for range 2 {
			select {
			case <-done:
			case <-time.After(30 * time.Second):
				t.Fatal("the followers did not see everything in 30 s")
			}
		}
		stop()
		wg.Wait()
		if report := r.verify(t); report.Bad != nil || report.Entries != n {
			t.Errorf("report %+v", report)
		}
	})
}

func TestEntries_AUtilitySeesItsOwnFeedOnly(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.append(t, 5)
		r.seal(t)
		utility := func(id string) models.Actor {
			return models.Actor{ID: "c1", Kind: "client", Roles: []models.Role{models.RoleUtility}, Utility: id}
		}
		for id, want := range map[string]int{"util-1": 5, "util-2": 0, "": 0} {
			page, err := r.log.Entries(r.ctx, utility(id), 0, 100, store.EntryFilter{})
			if err != nil || len(page.Entries) != want {
				t.Errorf("utility %q sees %d entries (%v), want %d", id, len(page.Entries), err, want)
			}
		}
		page, err := r.log.Entries(r.ctx, utility("util-1"), 1, 2, store.EntryFilter{})
		if err != nil || len(page.Entries) != 2 || page.Entries[0].Index != 1 || page.Next != 3 {
			t.Errorf("a page from 1 of 2 = %+v, %v", page, err)
		}
		if _, err := r.log.Entries(r.ctx, models.Actor{ID: "x", Roles: []models.Role{models.RoleClerk}}, 0, 1, store.EntryFilter{}); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("a clerk reads the ledger: %v", err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			open := storetest.SQLite
			if engine == "postgres" {
				open = storetest.Postgres
			}
			s := open(b, time.Now)
			log := ledger.New(s, origin, testKey("bench"), time.Now, slog.New(slog.DiscardHandler))
			ctx := b.Context()
			for b.Loop() {
				b.StopTimer()
				err := s.Update(ctx, func(tx *store.Tx) error {
					for range 1000 {
						if _, err := tx.Append(models.Entry{Kind: "bench.entry", Actor: models.System(), Body: map[string]int{"n": 1}}); err != nil {
							return err
						}
					}
					return nil
				})
				b.StartTimer()
				if err != nil {
					b.Fatal(err)
				}
				if n, err := log.Seal(ctx); n != 1000 || err != nil {
					b.Fatal(n, err)
				}
			}
			b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "sealed/s")
		})
	}
}

func TestErase_TheProofStaysAndOnlyAFactExplainsIt(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		head := models.Actor{ID: "u-head", Kind: "person", Name: "Head", Roles: []models.Role{models.RoleHead}}
		r.append(t, 9)
		r.seal(t)
		before, err := r.log.Proof(r.ctx, 4)
		if err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]error{
			"without a ground": r.log.Erase(r.ctx, head, 4, " "),
			"by an auditor":    r.log.Erase(r.ctx, models.Actor{ID: "a", Roles: []models.Role{models.RoleAuditor}}, 4, "Order 1"),
			"of no entry":      r.log.Erase(r.ctx, head, 99, "Order 1"),
		} {
			if err == nil {
				t.Errorf("erasing %s was done", what)
			}
		}
		if err := r.log.Erase(r.ctx, head, 4, "Order 1"); err != nil {
			t.Fatal(err)
		}
		if err := r.log.Erase(r.ctx, head, 4, "Order 1"); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("erasing again gave %v, want a conflict", err)
		}
		if report := r.verify(t); report.Bad != nil || report.Erased != 1 {
			t.Errorf("before the fact is sealed: %d erased, bad: %v", report.Erased, report.Bad)
		}
		r.clock.Advance(time.Second)
		r.seal(t)
		if report := r.verify(t); report.Bad != nil || report.Erased != 1 || report.Entries != 10 {
			t.Errorf("after: %d entries, %d erased, bad: %v", report.Entries, report.Erased, report.Bad)
		}
		if after, err := r.log.Proof(r.ctx, 4); err != nil || !bytes.Equal(after.Leaf, before.Leaf) {
			t.Errorf("the leaf of the erased entry is another now (%v)", err)
		}
		list, err := r.log.EntriesOf(r.ctx, models.Ref{Kind: "thing", ID: "1"})
		if err != nil || len(list) != 3 || list[1].Body != "{}" || list[1].ActorName != "" {
			t.Errorf("what is left of the entry: %+v, %v", list, err)
		}
		if err := r.log.Erase(r.ctx, head, 9, "Order 2"); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("erasing the fact of an erasure gave %v, want a conflict", err)
		}
		// an entry that is emptied without a fact is named
		proof, err := r.log.Proof(r.ctx, 6)
		if err != nil {
			t.Fatal(err)
		}
		digest := fmt.Sprintf("x'%x'", proof.Leaf[len(proof.Leaf)-sha256.Size:])
		if r.store.Engine() == "postgres" {
			digest = `'\x` + digest[2:]
		}
		r.exec(t, "UPDATE ledger_entries SET digest = "+digest+", erased_at = 1, body = '{}', actor_name = '' WHERE leaf_index = 6")
		if report := r.verify(t); report.Bad == nil || report.Bad.Index != 6 || !strings.Contains(report.Bad.What, "no fact") {
			t.Errorf("an entry emptied behind the ledger's back: %v", report.Bad)
		}
	})
}

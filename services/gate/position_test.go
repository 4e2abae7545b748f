package gate

import (
	"context"
	"testing"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// manyChanges is more than what is followed one by one.
const manyChanges = `INSERT INTO gate_changes (kind, key) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
	SELECT 'party', CAST(i AS TEXT) FROM n`

func TestGate_AnswersWhileATransactionStaysOpenAndManyOthersChangeWhatItReads(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.check(w.request())
		if w.store.Engine() == "postgres" {
			open, err := storetest.Raw(t, w.store).Begin()
			if err == nil {
				_, err = open.Exec("SELECT pg_current_xact_id()")
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = open.Rollback() }() // it wrote nothing
		}
		storetest.Exec(t, w.store, manyChanges)
		for n := range 3 {
			r := w.request()
			r.Requested = 1_000
			if a, err := w.gate.Check(w.ctx, w.pres, "open "+string(rune('a'+n)), "en", r); err != nil {
				t.Fatalf("check %d: %v; it must be answered", n, err)
			} else if a.ID == "" {
				t.Fatalf("check %d has no answer", n)
			}
		}
	})
}

// A dump keeps the numbers of transactions of the cluster that it came from.
func TestGate_ReadsEverythingOnceAfterARestoreFromAnotherCluster(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		storetest.Exec(t, w.store, manyChanges)
		if w.store.Engine() == "postgres" {
			storetest.Exec(t, w.store, "UPDATE gate_changes SET xid = 4000000000000000")
		}
		r := w.request()
		r.Requested = 1_000
		if _, err := w.gate.Check(w.ctx, w.pres, "first", "en", r); err != nil {
			t.Fatalf("the first check: %v", err)
		}
		index := w.gate.group.index
		if _, err := w.gate.Check(w.ctx, w.pres, "second", "en", r); err != nil {
			t.Fatalf("the second check: %v", err)
		}
		if w.gate.group.index != index {
			t.Error("the second check read everything anew; it must follow what changed")
		}
	})
}

func TestGate_TheEntryOfAnAnswerNamesThePersonThatTheClientActsFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.pres.Operator = "tab-4711"
		w.check(w.request())
		var name string
		if err := storetest.Raw(t, w.store).QueryRow("SELECT actor_name FROM ledger_entries WHERE kind = 'gate.answered'").Scan(&name); err != nil {
			t.Fatal(err)
		}
		if want := w.pres.Name + " / tab-4711"; name != want {
			t.Errorf("the entry names %q, want %q", name, want)
		}
	})
}

func TestGate_APanicIsTheAnswerOfItsCallsAndNotTheEndOfTheProgram(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		follow := w.gate.group.follow
		w.gate.group.follow = func(context.Context, *index, func(store.GateBatch)) (*index, error) { panic("a fault in the index") }
		if a, err := w.gate.Check(w.ctx, w.pres, "k", "en", w.request()); err == nil || models.CodeOf(err) != "" || a.ID != "" {
			t.Fatalf("got %+v, %v; want an error that tells the client nothing", a, err)
		}
		w.gate.group.follow = follow
		if a, err := w.gate.Check(w.ctx, w.pres, "k", "en", w.request()); err != nil || a.Decision != models.OutcomePermit {
			t.Errorf("after it: %s, %v; want a permit", a.Decision, err)
		}
	})
}

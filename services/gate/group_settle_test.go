package gate

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// The rows of answers are the same whether the process that recorded them gives them
// from what it remembers, or another one from what is stored.
func TestSettle_FromMemoryAndFromTheRecordGiveTheSameRows(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ask := func(key string) {
			var rs []models.CheckRequest
			for i := range 60 { // more than one statement takes, permits and refusals
				r := w.request()
				r.Requested = models.Watts(1000 + i)
				if i%3 == 0 {
					r.ConnectionPoint = "PS99"
				}
				rs = append(rs, r)
			}
			_, err := w.gate.CheckBatch(w.ctx, w.pres, key, "en", rs)
			w.must(err)
		}
		other, err := store.Open(w.ctx, storetest.Address(t, w.store), w.clock.Now)
		w.must(err)
		defer func() { w.must(other.Close()) }()
		for _, s := range []*store.Store{w.store, other} {
			ask(fmt.Sprintf("batch-%p", s))
			w.must(s.Update(w.ctx, func(tx *store.Tx) error { return tx.TakeGateTurn() }))
		}
		permits := 0
		w.must(other.View(w.ctx, func(tx *store.Tx) error {
			batches, err := tx.GateBatches(0, 100)
			if err != nil {
				return err
			}
			for _, b := range batches {
				for _, a := range b.Answers {
					row, err := tx.GateCheck(a.Check.ID)
					if err != nil {
						return err
					}
					if diff := cmp.Diff(a.Check, row); diff != "" {
						t.Errorf("the row of a check (-record +row):\n%s", diff)
					}
					held, err := tx.Reservations([]string{a.Check.ID})
					if err != nil {
						return err
					}
					if got, found := held[a.Check.ID]; found != (a.Holds != nil) {
						t.Errorf("check %s: a reservation is there: %v", a.Check.ID, found)
					} else if found {
						permits++
						if diff := cmp.Diff(*a.Holds, got, cmpopts.EquateEmpty()); diff != "" {
							t.Errorf("what a permit holds (-record +row):\n%s", diff)
						}
					}
				}
			}
			return nil
		}))
		if permits != 80 {
			t.Errorf("%d permits, want 80", permits)
		}
	})
}

// What is remembered by key ends with the need for it, also when no load ever makes the
// settler look, and the keys are known nevertheless.
func TestGroup_WhatHasRowsIsForgottenAndStillKnown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.request()
		r.ConnectionPoint = "PS99" // holds nothing
		first := w.checkAs("key-0", r)
		for i := 1; i < 2*lookSettled+2; i++ {
			w.checkAs(fmt.Sprintf("key-%d", i), r)
		}
		if n := len(w.gate.group.recent.answers); n > lookSettled+1 {
			t.Errorf("%d answers are remembered, though all but the newest have rows", n)
		}
		if again := w.checkAs("key-0", r); again.ID != first.ID {
			t.Error("the first key got another answer")
		}
		r.Requested++
		if _, err := w.gate.Check(w.ctx, w.pres, "key-0", "en", r); models.CodeOf(err) != models.CodeIdempotency {
			t.Errorf("the first key with another request: %v", err)
		}
	})
}

func (w *world) checkAs(key string, r models.CheckRequest) Answer {
	w.t.Helper()
	a, err := w.gate.Check(w.ctx, w.pres, key, "en", r)
	w.must(err)
	return a
}

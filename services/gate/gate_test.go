package gate

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

func TestGate_PermitsWhatIsLicensedAndThePermitIsCheckableOffline(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.check(w.request())
		if a.Decision != models.OutcomePermit || a.Max != 900_000 || !a.ValidUntil.Equal(w.clock.Now().Add(24*time.Hour)) {
			t.Fatalf("answer %+v, want a permit of 900 kW for a day", a)
		}
		if diff := cmp.Diff([]models.ReasonCode{models.ReasonEquipmentMismatch}, codes(a)); diff != "" {
			t.Errorf("reasons: no rig is registered, so one note is due:\n%s", diff)
		}
		keys := []ed25519.PublicKey{w.key.Public().(ed25519.PublicKey)}
		p, err := VerifyPermit(a.Permit, keys, w.clock.Now())
		if err != nil || p.ID != a.ID || p.MaxKW.String() != "900" || p.License != w.license.Number || p.FactsDigest != a.FactsDigest {
			t.Errorf("permit %+v, %v", p, err)
		}
		if _, err := VerifyPermit(a.Permit, keys, a.ValidUntil); !errors.Is(err, ErrPermitExpired) {
			t.Errorf("at its end the permit gives %v, want ErrPermitExpired", err)
		}
		if _, err := VerifyPermit(a.Permit, []ed25519.PublicKey{seeded("x").Public().(ed25519.PublicKey)}, w.clock.Now()); !errors.Is(err, ErrPermit) {
			t.Errorf("another key verifies the permit: %v", err)
		}
	})
}

func TestVerifyPermit_RefusesEveryChangedCharacter(t *testing.T) {
	token, err := SignPermit(seeded("permit"), Permit{ID: "1", MaxKW: "7.5", Reference: "WO", DecidedAt: time.Unix(0, 0).UTC(), ValidUntil: time.Unix(9, 0).UTC()})
	if err != nil {
		t.Fatal(err)
	}
	keys := []ed25519.PublicKey{seeded("permit").Public().(ed25519.PublicKey)}
	if _, err := VerifyPermit(token, keys, time.Unix(1, 0)); err != nil {
		t.Fatalf("control: %v", err)
	}
	for i := range len(token) {
		for _, c := range []byte{'A', 'B', 'w', '_', '.', '=', token[i] ^ 1} {
			if c == token[i] {
				continue
			}
			changed := token[:i] + string(c) + token[i+1:]
			if _, err := VerifyPermit(changed, keys, time.Unix(1, 0)); !errors.Is(err, ErrPermit) {
				t.Fatalf("character %d changed to %q: %v, want ErrPermit", i, c, err)
			}
		}
	}
}

func TestGate_TheSameKeyAndBodyGiveTheSameAnswerForEver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first, err := w.gate.Check(w.ctx, w.pres, "k", "kk", w.request())
		w.must(err)
		w.clock.Advance(48 * time.Hour)
		w.turn(models.LicenseSuspended, "license.suspended")
		again, err := w.gate.Check(w.ctx, w.pres, "k", "ru", w.request())
		w.must(err)
		if diff := cmp.Diff(first, again); diff != "" {
			t.Errorf("the second answer differs (-first +again):\n%s", diff)
		}
		other := w.request()
		other.Requested++
		if _, err := w.gate.Check(w.ctx, w.pres, "k", "kk", other); models.CodeOf(err) != models.CodeIdempotency {
			t.Errorf("another body under the key: %v, want CodeIdempotency", err)
		}
		foreign, err := w.gate.Check(w.ctx, w.rival, "k", "kk", w.request())
		if err != nil || foreign.ID == first.ID {
			t.Errorf("another utility's key %v, %v; want an answer of its own", foreign.ID, err)
		}
		if _, err := w.gate.Check(w.ctx, w.pres, "", "kk", w.request()); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("without a key: %v, want CodeInvalid", err)
		}
	})
}

func TestGate_DeniesAtOnceWhenTheLicenseIsSuspended(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		r := w.request()
		r.License = "" // found by the connection point
		if a := w.check(r); a.Decision != models.OutcomePermit || a.License != w.license.Number {
			t.Fatalf("control: %s on license %q, %v", a.Decision, a.License, codes(a))
		}
		w.turn(models.LicenseSuspended, "license.suspended")
		a := w.check(r)
		if a.Decision != models.OutcomeDeny || !slices.Contains(codes(a), models.ReasonLicenseSuspended) || a.Permit != "" || a.Max != 0 {
			t.Errorf("answer %+v, want a deny with LICENSE_SUSPENDED and no permit", a)
		}
		if a.LicenseVersion != 2 {
			t.Errorf("license version %d, want 2", a.LicenseVersion)
		}
	})
}

func TestGate_APointOfAnotherUtilityAnswersAsAnUnknownOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ask := func(key, code, license string) Answer {
			r := w.request()
			r.ConnectionPoint, r.License = code, license
			a, err := w.gate.Check(w.ctx, w.rival, key, "en", r)
			w.must(err)
			a.ID, a.ConnectionPoint = "", ""
			return a
		}
		for i, license := range []string{"", w.license.Number} {
			foreign, unknown := ask(fmt.Sprint("f", i), pointCode, license), ask(fmt.Sprint("u", i), "PS99-F99-CP999", license)
			if diff := cmp.Diff(unknown, foreign); diff != "" {
				t.Errorf("license %q: a foreign point answers otherwise than an unknown one:\n%s", license, diff)
			}
			if foreign.Reasons[0].Code != models.ReasonCPUnknown {
				t.Errorf("reasons %v, want CP_UNKNOWN first", codes(foreign))
			}
		}
		a := w.check(w.request())
		if _, err := w.gate.Get(w.ctx, w.rival, a.ID); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("another utility reads the answer: %v", err)
		}
		if _, err := w.gate.ConnectionPoint(w.ctx, w.rival, pointCode); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("another utility reads the point: %v", err)
		}
		if points, err := w.gate.ConnectionPoints(w.ctx, w.rival, store.ConnectionFilter{Utility: w.pres.Utility}, store.Page{}); err != nil || len(points) != 0 {
			t.Errorf("another utility lists %d points, %v", len(points), err)
		}
	})
}

func TestGate_TheAnswerIsInTheLedgerWithItsDigest(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.check(w.request())
		if _, err := w.log.Seal(w.ctx); err != nil {
			t.Fatal(err)
		}
		entries, err := w.log.EntriesOf(w.ctx, models.Ref{Kind: "gate_batch", ID: batchOf(t, a.Permit)})
		if err != nil || len(entries) != 1 || entries[0].Kind != "gate.answered" || entries[0].Utility != w.pres.Utility {
			t.Fatalf("entries %+v, %v; want one gate.answered", entries, err)
		}
		answer, err := json.Marshal(a)
		w.must(err)
		if body := entries[0].Body; !strings.Contains(body, digestOf(answer)) || !strings.Contains(body, a.ID) || strings.Contains(body, holderBin) {
			t.Errorf("body %s: want the check with the digest of its answer, and no BIN", body)
		}
		b := w.check(w.request())
		if b.Revision <= a.Revision {
			t.Errorf("revision %d after %d, want a greater one after sealing", b.Revision, a.Revision)
		}
	})
}

func TestGate_ABatchEqualsTheSingleAnswers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var rs []models.CheckRequest
		for i := range 6 {
			r := w.request()
			r.Requested = 400_000
			if i == 2 {
				r.Applicant = otherBin
			}
			if i == 3 {
				r.ConnectionPoint = "NOWHERE"
			}
			rs = append(rs, r)
		}
		batch, err := w.gate.CheckBatch(w.ctx, w.pres, "b", "en", rs)
		w.must(err)
		again, err := w.gate.CheckBatch(w.ctx, w.pres, "b", "en", rs)
		if diff := cmp.Diff(batch, again); err != nil || diff != "" {
			t.Errorf("the batch again: %v\n%s", err, diff)
		}
		// The same questions one by one, from the same state.
		w.clock.Advance(24 * time.Hour) // all permits lapse
		w.seal()
		w.read(pointCode, 0)
		for i, r := range rs {
			single := w.check(r)
			if single.Decision != batch[i].Decision || !slices.Equal(codes(single), codes(batch[i])) || single.Max != batch[i].Max {
				t.Errorf("item %d: %s %v, single %s %v", i, batch[i].Decision, codes(batch[i]), single.Decision, codes(single))
			}
		}
		if _, err := w.gate.CheckBatch(w.ctx, w.pres, "c", "en", make([]models.CheckRequest, MaxBatch+1)); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("a batch of 1001: %v", err)
		}
		rs[1].Purpose = "garden"
		_, err = w.gate.CheckBatch(w.ctx, w.pres, "d", "en", rs)
		var e *models.Error
		if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Pointer != "/checks/1/purpose" {
			t.Errorf("a wrong purpose in item 1: %v", err)
		}
	})
}

func TestGate_APermitHoldsItsPowerUntilItLapses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.check(w.request())
		if a := w.check(w.request()); a.Decision != models.OutcomeDeny || !slices.Contains(codes(a), models.ReasonCapacityExceeded) {
			t.Fatalf("second 900 kW of 1500: %s %v, want CAPACITY_EXCEEDED", a.Decision, codes(a))
		}
		w.clock.Set(first.ValidUntil.Add(-time.Microsecond))
		w.read(pointCode, 0)
		if a := w.check(w.request()); a.Decision != models.OutcomeDeny {
			t.Errorf("just before the permit ends: %s", a.Decision)
		}
		w.clock.Set(first.ValidUntil)
		w.seal()
		if a := w.check(w.request()); a.Decision != models.OutcomePermit {
			t.Errorf("at the end of the permit: %s %v, want its power free", a.Decision, codes(a))
		}
		w.must(w.gate.lapse(w.ctx))
		record, err := w.gate.Get(w.ctx, w.pres, first.ID)
		w.must(err)
		if held, state := record.Held(w.clock.Now()); held != 0 || state != "lapsed" || record.Reservation.State != "lapsed" {
			t.Errorf("the first permit is %s and holds %s", state, held)
		}
		_, err = w.gate.Confirm(w.ctx, w.pres, first.ID, Confirmation{EnergisedAt: first.DecidedAt, Power: 1, MeterSerial: "SN-" + pointCode, SwitchingOrder: "1"})
		if models.CodeOf(err) != models.CodeConflict {
			t.Errorf("confirming a lapsed permit: %v, want a conflict", err)
		}
	})
}

func TestGate_AConfirmationTurnsThePermitIntoLoad(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.check(w.request())
		w.clock.Advance(time.Hour)
		c := Confirmation{EnergisedAt: w.clock.Now(), Power: 850_000, MeterSerial: "SN-" + pointCode, SwitchingOrder: "SO-7"}
		for name, bad := range map[string]Confirmation{
			"too much power":  {c.EnergisedAt, 900_001, c.MeterSerial, c.SwitchingOrder},
			"before":          {a.DecidedAt.Add(-1000), c.Power, c.MeterSerial, c.SwitchingOrder},
			"in the future":   {c.EnergisedAt.Add(time.Second), c.Power, c.MeterSerial, c.SwitchingOrder},
			"another's meter": {c.EnergisedAt, c.Power, "SN-X", c.SwitchingOrder},
			"no order":        {c.EnergisedAt, c.Power, c.MeterSerial, ""},
		} {
			if _, err := w.gate.Confirm(w.ctx, w.pres, a.ID, bad); models.CodeOf(err) != models.CodeInvalid {
				t.Errorf("%s: %v, want CodeInvalid", name, err)
			}
		}
		if _, err := w.gate.Confirm(w.ctx, w.rival, a.ID, c); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("another utility confirms: %v", err)
		}
		for range 2 { // the same again changes nothing
			record, err := w.gate.Confirm(w.ctx, w.pres, a.ID, c)
			if err != nil || record.Reservation.State != "confirmed" {
				t.Fatalf("confirm: %+v, %v", record.Reservation, err)
			}
		}
		p, err := w.gate.ConnectionPoint(w.ctx, w.pres, pointCode)
		if err != nil || p.State != models.ConnectionEnergised || p.Energised != 850_000 || p.Reserved != 0 || p.ConsumerBin != holderBin {
			t.Errorf("point %+v, %v", p, err)
		}
		c.Power--
		if _, err := w.gate.Confirm(w.ctx, w.pres, a.ID, c); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("another confirmation: %v, want a conflict", err)
		}
		if got := w.load(); got != 850_000 {
			t.Errorf("feeder carries %s, want 850 kW", got)
		}
	})
}

func TestGate_AConfirmationAfterTheSuspensionIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.check(w.request())
		w.turn(models.LicenseSuspended, "license.suspended")
		_, err := w.gate.Confirm(w.ctx, w.pres, a.ID, Confirmation{EnergisedAt: w.clock.Now(), Power: 900_000, MeterSerial: "SN-" + pointCode, SwitchingOrder: "1"})
		if models.CodeOf(err) != models.CodeConflict || !strings.Contains(err.Error(), "LICENSE_SUSPENDED") {
			t.Errorf("confirm after the suspension: %v, want a conflict that names it", err)
		}
	})
}

func TestGate_AConfirmationForAPointThatWasRemovedSinceIsRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.check(w.request())
		p, err := w.gate.ConnectionPoint(w.ctx, w.pres, pointCode)
		w.must(err)
		p.State = models.ConnectionRemoved
		_, err = w.gate.UpdateConnectionPoint(w.ctx, w.pres, p)
		w.must(err)
		_, err = w.gate.Confirm(w.ctx, w.pres, a.ID, Confirmation{EnergisedAt: w.clock.Now(), Power: 900_000, MeterSerial: "SN-" + pointCode, SwitchingOrder: "1"})
		if models.CodeOf(err) != models.CodeConflict || !strings.Contains(err.Error(), "CP_UNKNOWN") {
			t.Errorf("confirm after the removal: %v, want a conflict that names it", err)
		}
	})
}

func TestGate_ExplainsAPastAnswerAndComparesItWithToday(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.check(w.request())
		same, err := w.gate.Explanation(w.ctx, w.pres, a.ID)
		if err != nil || same.DecisionToday != models.OutcomePermit || same.Replayed != models.OutcomePermit {
			t.Fatalf("explanation %s/%s, %v; want permit then and now", same.Replayed, same.DecisionToday, err)
		}
		w.turn(models.LicenseRevoked, "license.revoked")
		e, err := w.gate.Explanation(w.ctx, w.pres, a.ID)
		if err != nil || e.DecisionToday != models.OutcomeDeny || e.Replayed != models.OutcomePermit || len(e.Rules) != len(models.GateRules()) {
			t.Fatalf("after the revocation: %+v, %v", e, err)
		}
		for _, r := range e.Rules {
			if r.Code == models.ReasonLicenseRevoked && (r.Result != models.RulePass || r.Today != models.RuleFail || !strings.Contains(r.ReadsToday, "revoked")) {
				t.Errorf("the rule on revocation: %+v", r)
			}
		}
	})
}

// race lets 32 callers ask for 900 kW each below a feeder that has 6 MW.
func (w *world) race(t *testing.T, ask func(i int, r models.CheckRequest) (models.Outcome, error)) (permits int) {
	t.Helper()
	const callers = 32
	points := make([]string, callers)
	for i := range points {
		points[i] = fmt.Sprintf("PS12-F03-CP1%02d", i)
		w.point(points[i])
		w.read(points[i], 0)
	}
	l := w.issue(99, 40_000_000, points...)
	var wg sync.WaitGroup
	outcomes := make([]models.Outcome, callers)
	for i := range callers {
		wg.Go(func() {
			r := w.request()
			r.ConnectionPoint, r.License = points[i], l.Number
			outcome, err := ask(i, r)
			if err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
			outcomes[i] = outcome
		})
	}
	wg.Wait()
	for _, o := range outcomes {
		if o == models.OutcomePermit {
			permits++
		}
	}
	return permits
}

func TestGate_ThirtyTwoCallersCannotOverfillAFeeder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		permits := w.race(t, func(i int, r models.CheckRequest) (models.Outcome, error) {
			a, err := w.gate.Check(w.ctx, w.pres, fmt.Sprint("race", i), "en", r)
			return a.Decision, err
		})
		if load := w.load(); permits != 6 || load != 5_400_000 {
			t.Errorf("%d permits, %s on the feeder; want 6 permits and 5400 kW of 6000", permits, load)
		}
	})
}

// The control: the same race against replicas that do not compare the turn that they
// decided on does overfill, so the test above can fail.
func TestGate_TheRaceOverfillsWithoutTheTurn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var barrier sync.WaitGroup
		barrier.Add(32)
		permits := w.race(t, func(i int, r models.CheckRequest) (models.Outcome, error) {
			replica := New(w.store, w.key, w.gate.texts, w.clock.Now)
			commit, first := replica.group.commit, true
			replica.group.commit = func(ctx context.Context, c store.GateCommit) (int64, bool, error) {
				if first {
					barrier.Done()
					barrier.Wait()
					first = false
				}
				for {
					err := w.store.View(ctx, func(tx *store.Tx) (err error) {
						_, c.At, _, err = tx.GateChanges(store.GatePosition{})
						return err
					})
					if err != nil {
						return 0, false, err
					}
					if turn, ok, err := commit(ctx, c); err != nil || ok {
						return turn, ok, err
					}
				}
			}
			a, err := replica.Check(w.ctx, w.pres, fmt.Sprint("race", i), "en", r)
			return a.Decision, err
		})
		if load := w.load(); permits != 32 || load <= 6_000_000 {
			t.Errorf("control: %d permits, %s on the feeder; it should have overfilled", permits, load)
		}
	})
}

// batchOf gives the batch that a permit was signed with.
func batchOf(t *testing.T, permit string) string {
	t.Helper()
	parts, err := threeParts(permit)
	var header permitBatchHeader
	if err != nil || !strictJSON(parts[0], &header) {
		t.Fatalf("permit %q has no header of a batch: %v", permit, err)
	}
	return header.Batch
}

func TestGate_AFaultGivesAnErrorAndLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		broken := New(w.store, w.key[:10], func(string, string) (string, string) { return "", "" }, w.clock.Now)
		a, err := broken.Check(w.ctx, w.pres, "fault", "en", w.request())
		if err == nil || a.Permit != "" {
			t.Fatalf("a gate without its key answered %+v", a)
		}
		if got := w.load(); got != 0 {
			t.Errorf("%s is held after the fault", got)
		}
		if a, err := w.gate.Check(w.ctx, w.pres, "fault", "en", w.request()); err != nil || a.Decision != models.OutcomePermit {
			t.Errorf("the same key after the fault: %s, %v", a.Decision, err)
		}
	})
}

func TestGate_LedgerVerifiesAfterwards(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.check(w.request())
		w.check(w.request())
		if _, err := w.log.Seal(w.ctx); err != nil {
			t.Fatal(err)
		}
		report, err := ledger.Verify(w.ctx, w.store, []ed25519.PublicKey{seeded("ledger").Public().(ed25519.PublicKey)})
		if err != nil || report.Bad != nil || report.Entries == 0 {
			t.Errorf("report %+v, %v", report, err)
		}
	})
}

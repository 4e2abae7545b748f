package gate

import (
	"errors"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

var inspector = models.Actor{ID: "u-inspector", Kind: "person", Roles: []models.Role{models.RoleInspector}}
var head = models.Actor{ID: "u-head", Kind: "person", Roles: []models.Role{models.RoleHead}}

// executed suspends the license, and the utility does what the order says.
func (w *world) executed() models.DisconnectionOrder {
	w.t.Helper()
	w.energised()
	w.turn(models.LicenseSuspended, "license.suspended")
	w.follow()
	return w.execute(w.orders()[0].ID)
}

func (w *world) execute(id string) models.DisconnectionOrder {
	w.t.Helper()
	if o, err := w.gate.Order(w.ctx, w.pres, id); err != nil {
		w.t.Fatal(err)
	} else if o.Acknowledged.IsZero() {
		_, err := w.gate.AcknowledgeOrder(w.ctx, w.pres, id, 0, "A. B.", time.Time{})
		w.must(err)
	}
	o, err := w.gate.ExecuteOrder(w.ctx, w.pres, id, 0, models.Execution{By: "A. B.", Crew: "7", Reading: 120_000})
	w.must(err)
	return o
}

// draws lets the point's meter read a power each minute, and then the round runs.
func (w *world) draws(minutes int, power models.Watts) {
	w.t.Helper()
	for range minutes {
		w.clock.Advance(time.Minute)
		w.read(pointCode, power)
	}
	w.must(w.gate.verifyOrders(w.ctx))
}

func (w *world) order(id string) models.DisconnectionOrder {
	w.t.Helper()
	o, err := w.gate.Order(w.ctx, inspector, id)
	w.must(err)
	return o
}

func (w *world) entries(kind string) (n int) {
	w.t.Helper()
	w.seal()
	w.must(w.store.View(w.ctx, func(tx *store.Tx) error {
		all, err := tx.SealedEntries(0, 1000, store.EntryFilter{})
		for _, e := range all {
			if e.Kind == kind {
				n++
			}
		}
		return err
	}))
	return n
}

func (w *world) tasks(kind models.TaskKind, state models.TaskState) (n int) {
	w.t.Helper()
	w.must(w.store.View(w.ctx, func(tx *store.Tx) error {
		all, err := tx.Tasks(store.TaskFilter{Kind: string(kind), State: string(state)}, store.Page{})
		n = len(all)
		return err
	}))
	return n
}

func TestOrders_ADenyNeverSwitchesAnythingOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.energised()
		r := w.request()
		r.Applicant = otherBin
		if a := w.check(r); a.Decision != models.OutcomeDeny {
			t.Fatalf("the answer is %s %v, want deny", a.Decision, codes(a))
		}
		w.follow()
		w.must(w.gate.verifyOrders(w.ctx))
		if n := len(w.orders()); n != 0 || w.load() == 0 {
			t.Errorf("a deny made %d orders and left %s", n, w.load())
		}
		w.turn(models.LicenseSuspended, "license.suspended") // the control: an act does make one
		w.follow()
		if n := len(w.orders()); n != 1 || w.load() == 0 {
			t.Errorf("the suspension made %d orders and left %s; want one order and the load as it was", n, w.load())
		}
	})
}

func TestOrders_APointThatDrawsAfterItsExecutionIsContradictedUntilANewOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		o := w.executed()
		w.draws(14, 400_000)
		if got := w.order(o.ID); !got.Contradicted.IsZero() {
			t.Fatalf("contradicted after 14 minutes: %+v", got)
		}
		w.draws(2, 400_000)
		w.draws(1, 400_000)
		got := w.order(o.ID)
		if got.Contradicted.IsZero() || got.ContradictedBy != 400_000 || w.entries("order.contradicted") != 1 || w.tasks(models.TaskOrderContradicted, models.TaskOpen) != 1 {
			t.Fatalf("after 17 minutes at 400 kW: %+v, %d entries", got, w.entries("order.contradicted"))
		}
		w.draws(20, 0)
		if got := w.order(o.ID); got.Contradicted.IsZero() || got.State != models.OrderExecuted {
			t.Errorf("silence took the contradiction away: %+v", got)
		}
		w.execute(o.ID)
		w.draws(20, 0)
		if got := w.order(o.ID); !got.Contradicted.IsZero() || got.State != models.OrderVerified || w.tasks(models.TaskOrderContradicted, models.TaskOpen) != 0 {
			t.Errorf("after a new execution and 20 quiet minutes: %+v", got)
		}
		w.draws(17, 400_000)
		if got := w.order(o.ID); got.Contradicted.IsZero() {
			t.Errorf("a verified point draws again and nobody says so: %+v", got)
		}
	})
}

func TestOrders_APersonVerifiesOnlyWhereNoMeterCanTell(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		o := w.executed()
		w.draws(16, 400_000)
		if _, err := w.gate.VerifyOrder(w.ctx, inspector, o.ID, 0, "I saw it off."); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("a person overruled a meter that draws: %v", err)
		}
		w.clock.Advance(time.Hour) // the meter is dead
		w.must(w.gate.verifyOrders(w.ctx))
		if _, err := w.gate.VerifyOrder(w.ctx, w.pres, o.ID, 0, "It is off."); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("the utility verified itself: %v", err)
		}
		if _, err := w.gate.VerifyOrder(w.ctx, inspector, o.ID, 0, ""); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("verified without a reason: %v", err)
		}
		got, err := w.gate.VerifyOrder(w.ctx, inspector, o.ID, 0, "The disconnector is open and sealed.")
		if err != nil || got.State != models.OrderVerified || got.VerifiedBy != inspector.ID {
			t.Errorf("verify: %+v, %v", got, err)
		}
	})
}

func TestOrders_AreRaisedOnceAtTheDeadlineAndAgainOnTheNextWorkingDay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.energised()
		w.turn(models.LicenseSuspended, "license.suspended") // Monday; the term is 72 hours
		w.follow()
		o := w.orders()[0]
		raised := func(after time.Duration) int64 {
			w.clock.Advance(after)
			w.must(w.gate.verifyOrders(w.ctx))
			w.must(w.gate.verifyOrders(w.ctx))
			return w.order(o.ID).Escalations
		}
		for _, step := range []struct {
			after time.Duration
			want  int64
		}{{71 * time.Hour, 0}, {2 * time.Hour, 1}, {24 * time.Hour, 2}, {24 * time.Hour, 2}, {24 * time.Hour, 2}, {24 * time.Hour, 3}} {
			if got := raised(step.after); got != step.want {
				t.Errorf("%s later it was raised %d times, want %d", step.after, got, step.want)
			}
		}
		if n := w.entries("order.overdue"); n != 3 || w.tasks(models.TaskOrderOverdue, models.TaskOpen) != 1 {
			t.Errorf("%d entries and %d tasks, want 3 and 1", n, w.tasks(models.TaskOrderOverdue, models.TaskOpen))
		}
		counts, err := w.gate.OrderCounts(w.ctx, inspector)
		if err != nil || len(counts) != 1 || counts[0].Overdue != 1 || counts[0].Escalations != 3 {
			t.Errorf("counts %+v, %v", counts, err)
		}
		w.execute(o.ID)
		if w.tasks(models.TaskOrderOverdue, models.TaskOpen) != 0 {
			t.Error("the task is still open after the execution")
		}
	})
}

func TestOrders_ALiftAuthorisesTheReconnectionAndOnlyTheGateCarriesItOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		off := w.executed()
		w.draws(20, 0)
		w.turn(models.LicenseActive, "license.lifted")
		w.follow()
		all := w.orders()
		if len(all) != 2 || all[0].State != models.OrderClosed || all[1].Kind != models.OrderReconnect || all[1].Source != "order:"+off.ID {
			t.Fatalf("after the lift: %+v", all)
		}
		if w.load() != 0 {
			t.Fatalf("the lift switched %s on by itself", w.load())
		}
		back := all[1]
		_, err := w.gate.AcknowledgeOrder(w.ctx, w.pres, back.ID, 0, "A. B.", time.Time{})
		w.must(err)
		if _, err := w.gate.ExecuteOrder(w.ctx, w.pres, back.ID, 0, models.Execution{By: "A. B."}); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("a reconnection was reported without a permit: %v", err)
		}
		w.read(pointCode, 0)
		w.seal()
		r := w.request()
		r.Event = models.EventReconnection
		a := w.check(r)
		if a.Decision != models.OutcomePermit {
			t.Fatalf("the gate says %s %v", a.Decision, codes(a))
		}
		_, err = w.gate.Confirm(w.ctx, w.pres, a.ID, Confirmation{EnergisedAt: w.clock.Now(), Power: 900_000, MeterSerial: "SN-" + pointCode, SwitchingOrder: "SO-2"})
		w.must(err)
		w.follow()
		if got := w.order(back.ID); got.State != models.OrderExecuted {
			t.Fatalf("after the confirmation the reconnection is %s", got.State)
		}
		w.draws(20, 0)
		if got := w.order(back.ID); got.State != models.OrderExecuted {
			t.Errorf("verified although nothing is drawn: %s", got.State)
		}
		w.draws(20, 700_000)
		if got := w.order(back.ID); got.State != models.OrderVerified {
			t.Errorf("after 20 minutes at 700 kW the reconnection is %s", got.State)
		}
	})
}

// restrict records a curtailment from now on.
func (w *world) restrict(f models.StandingFact) models.StandingFact {
	w.t.Helper()
	f.Kind, f.Document = models.StandingCurtailment, "SO-1"
	if f.Scope == "" {
		f.Scope, f.ScopeID = models.ScopeFeeder, "PS12-F03"
	}
	got, err := w.gate.RecordStanding(w.ctx, head, f)
	w.must(err)
	return got
}

func TestOrders_ACurtailmentOrdersOffAndItsEndAuthorisesTheReconnection(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.energised()
		until := w.clock.Now().Add(4 * time.Hour)
		w.restrict(models.StandingFact{From: w.clock.Now(), Until: until})
		w.must(w.gate.verifyOrders(w.ctx))
		w.must(w.gate.verifyOrders(w.ctx))
		all := w.orders()
		if len(all) != 1 || all[0].Kind != models.OrderDisconnect || all[0].Ground != models.GroundCurtailment || !all[0].WindowUntil.Equal(until) ||
			!all[0].Deadline.Equal(w.clock.Now().Add(30*time.Minute)) {
			t.Fatalf("orders %+v, want one within 30 minutes", all)
		}
		w.execute(all[0].ID)
		w.clock.Advance(4 * time.Hour)
		w.must(w.gate.verifyOrders(w.ctx))
		w.must(w.gate.verifyOrders(w.ctx))
		all = w.orders()
		if len(all) != 2 || all[0].State != models.OrderClosed || all[1].Kind != models.OrderReconnect || w.load() != 0 {
			t.Errorf("after the window: %+v, load %s", all, w.load())
		}
	})
}

func TestOrders_APartialCurtailmentSharesWhatMayBeTakenAndSwitchesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.energised()
		load := w.load()
		w.restrict(models.StandingFact{From: w.clock.Now().Add(2 * time.Hour), Until: w.clock.Now().Add(6 * time.Hour), Power: 300_000})
		w.must(w.gate.verifyOrders(w.ctx))
		o := w.orders()[0]
		if o.Kind != models.OrderLimit || o.Limit != 300_000 || !o.Deadline.Equal(w.clock.Now().Add(2*time.Hour)) {
			t.Fatalf("order %+v, want a limit of 300 kW when the window begins", o)
		}
		w.execute(o.ID)
		if w.load() != load {
			t.Errorf("a limit took the load off the books: %s", w.load())
		}
		w.draws(20, 290_000)
		if got := w.order(o.ID); got.State != models.OrderVerified {
			t.Errorf("at 290 kW for 20 minutes the limit is %s", got.State)
		}
		w.draws(17, 400_000)
		if got := w.order(o.ID); got.Contradicted.IsZero() {
			t.Error("at 400 kW nothing contradicts a limit of 300 kW")
		}
		w.clock.Advance(8 * time.Hour)
		w.must(w.gate.verifyOrders(w.ctx))
		if all := w.orders(); len(all) != 1 || all[0].State != models.OrderClosed {
			t.Errorf("after the window: %+v", all)
		}
	})
}

func TestOrders_AHoldOrdersOffUntilItIsEndedAndOneSwitchingServesAllOrders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.energised()
		w.turn(models.LicenseSuspended, "license.suspended")
		w.follow()
		f, err := w.gate.RecordStanding(w.ctx, head, models.StandingFact{Kind: models.StandingHold, Scope: models.ScopePoint, ScopeID: pointCode, From: w.clock.Now(), Document: "7599-26"})
		w.must(err)
		w.must(w.gate.verifyOrders(w.ctx))
		all := w.orders()
		if len(all) != 2 || all[1].Ground != models.GroundHold {
			t.Fatalf("orders %+v, want one for the suspension and one for the hold", all)
		}
		w.execute(all[0].ID)
		if got := w.order(all[1].ID); got.State != models.OrderExecuted || got.Note != all[0].Number {
			t.Errorf("the other order is %+v, want executed with the first", got)
		}
		w.turn(models.LicenseActive, "license.lifted")
		w.follow()
		if n := len(w.orders()); n != 2 {
			t.Errorf("%d orders: a reconnection was authorised although a hold keeps the point off", n)
		}
		officer := models.Actor{ID: "u-officer", Kind: "person", Roles: []models.Role{models.RoleOfficer}}
		_, err = w.gate.EndStanding(w.ctx, officer, f.ID, "Lifted by the court.")
		w.must(err)
		w.must(w.gate.verifyOrders(w.ctx))
		if all = w.orders(); len(all) != 3 || all[2].Kind != models.OrderReconnect {
			t.Errorf("orders %+v, want a reconnection after the hold", all)
		}
	})
}

func TestOrders_AreMadeOnceByTwoReplicasAndARoundThatWasKilled(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.energised()
		f := w.restrict(models.StandingFact{From: w.clock.Now()})
		killed := errors.New("killed")
		err := w.store.Update(w.ctx, func(tx *store.Tx) error {
			if _, err := w.gate.orderFact(tx, f); err != nil {
				return err
			}
			return killed
		})
		if !errors.Is(err, killed) || len(w.orders()) != 0 {
			t.Fatalf("%v left %d orders", err, len(w.orders()))
		}
		other := New(w.store, w.key, w.gate.texts, w.clock.Now)
		done := make(chan error, 2)
		for _, g := range []*Service{w.gate, other} {
			go func() { done <- g.orderStanding(w.ctx) }()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		w.turn(models.LicenseSuspended, "license.suspended")
		w.follow()
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.SetFollowerPosition("gate.orders", 0) }))
		w.follow()
		if all := w.orders(); len(all) != 2 || w.entries("order.issued") != 2 {
			t.Errorf("%d orders and %d entries, want one for the restriction and one for the suspension", len(all), w.entries("order.issued"))
		}
	})
}

func TestGate_DecidesByTheNumbersOfTheDay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.must(w.gate.loadParameters(w.ctx))
		today := w.gate.RulesVersion()
		table, err := models.ReferenceTableOf(models.RefGate)
		w.must(err)
		day := models.AddDays(models.LegalDate(w.clock.Now()), 2)
		w.must(w.store.Update(w.ctx, func(tx *store.Tx) error {
			rows, err := tx.ReferenceRows(table)
			if err != nil {
				return err
			}
			effects, err := table.Effects([]models.ReferenceLine{{Op: models.ReferenceAdd, From: day,
				Values: map[string]string{"code": "permit_minutes", "value": "60", "unit": "minutes", "legal_ref": "Order 1", "grade": "S"}}}, rows, models.LegalDate(tx.Now))
			if err != nil {
				return err
			}
			return tx.ApplyReference(table, effects[0])
		}))
		w.must(w.gate.loadParameters(w.ctx))
		if got := w.gate.parameters(w.clock.Now()).PermitTime; got != 24*time.Hour || w.gate.RulesVersion() != today {
			t.Errorf("today a permit lives %s by rules %s; want 24 hours by %s", got, w.gate.RulesVersion(), today)
		}
		then := w.clock.Now().AddDate(0, 0, 2)
		if got := w.gate.parameters(then).PermitTime; got != time.Hour || models.RulesVersion(w.gate.parameters(then)) == today {
			t.Errorf("in two days a permit lives %s, want 1 hour by other rules", got)
		}
		if got := w.gate.parameters(w.clock.Now()).PermitTime; got != 24*time.Hour {
			t.Errorf("looking ahead changed today: %s", got)
		}
	})
}

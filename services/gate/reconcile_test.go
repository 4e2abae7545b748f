package gate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// list sends a list of the utility as of now.
func (w *world) list(points ...models.ListedPoint) Reconciliation {
	w.t.Helper()
	w.seed++
	r, err := w.gate.Reconcile(w.ctx, w.pres, ReconciliationRequest{Key: fmt.Sprintf("list-%d", w.seed), Points: points})
	w.must(err)
	return r
}

// mismatches gives the utility's mismatches as "state kind point", the largest first.
func (w *world) mismatches() (all []models.FollowedMismatch, text string) {
	w.t.Helper()
	found, _, err := w.gate.Mismatches(w.ctx, w.pres, store.MismatchFilter{}, store.Page{})
	w.must(err)
	var parts []string
	for _, m := range found {
		parts = append(parts, string(m.State)+" "+string(m.Kind)+" "+m.Point)
	}
	return found, strings.Join(parts, ", ")
}

// drew gives the meter of a point quarter hours of a constant power for a day.
func (w *world) drew(code string, power models.Watts) {
	w.t.Helper()
	var parts []models.Interval
	for at := models.IntervalStart(w.clock.Now()).Add(-24 * time.Hour); at.Before(w.clock.Now()); at = at.Add(models.IntervalLength) {
		parts = append(parts, models.Interval{Meter: "m-" + code, Start: at, EnergyImport: int64(power) * models.IntervalLength.Microseconds(),
			Covered: models.IntervalLength, MaxPower: power, MinPower: power, Samples: 15, Quality: models.QualityGood, LastReadingTime: at})
	}
	w.must(w.store.Update(w.ctx, func(tx *store.Tx) error { return tx.AddIntervals(parts) }))
}

func TestReconcile_ThreeSidesAreMatchedAndAMismatchKeepsItsIdAndAge(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.clock.Now()
		w.point("PS12-F03-CP002")
		w.drew("PS12-F03-CP002", 41_000)
		run := w.list(models.ListedPoint{Code: pointCode, Load: 900_000}, models.ListedPoint{Code: "NOWHERE", Load: 5_000})
		all, text := w.mismatches()
		want := "open energised_not_permitted PS12-F03-CP001, open disconnected_on_paper_drawing PS12-F03-CP002, open flat_load_unlicensed PS12-F03-CP002, open listed_unknown_point NOWHERE"
		if text != want || run.Found != 4 || run.Fresh != 4 || run.Registered != 2 || run.Metered != 1 || run.Stake != 987_000 {
			t.Fatalf("%s\n%+v\nwant %s", text, run, want)
		}
		if m := all[1]; m.Metered == nil || m.Metered.Mean != 41_000 || m.Metered.Min != 41_000 || m.Registered.State != models.ConnectionPlanned {
			t.Errorf("its evidence: %+v %+v", m.Metered, m.Registered)
		}
		w.clock.Advance(time.Hour)
		again := w.list(models.ListedPoint{Code: pointCode, Load: 900_000})
		after, text := w.mismatches()
		if again.Fresh != 0 || again.Gone != 1 || again.Found != 3 {
			t.Errorf("the list after: %+v", again)
		}
		if after[0].ID != all[0].ID || !after[0].Since.Equal(first) || after[0].Times != 2 || !strings.Contains(text, "gone listed_unknown_point NOWHERE") {
			t.Errorf("followed: %s %+v", text, after[0])
		}
	})
}

func TestReconcile_APermitExplainsUntilItIsConfirmed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.check(w.request())
		w.list(models.ListedPoint{Code: pointCode, Load: 900_000, Consumer: otherBin})
		if _, text := w.mismatches(); text != "open permitted_not_confirmed PS12-F03-CP001" {
			t.Errorf("with a permit: %s", text)
		}
		w.clock.Advance(time.Minute)
		_, err := w.gate.Confirm(w.ctx, w.pres, a.ID, Confirmation{EnergisedAt: w.clock.Now(), Power: 900_000, MeterSerial: "SN-" + pointCode, SwitchingOrder: "SO-1"})
		w.must(err)
		asOf := w.clock.Now()
		w.clock.Advance(time.Hour)
		r, err := w.gate.Reconcile(w.ctx, w.pres, ReconciliationRequest{AsOf: asOf.Add(-30 * time.Second), Points: []models.ListedPoint{{Code: pointCode, Load: 900_000}}})
		if err != nil || r.Found != 1 {
			t.Errorf("as of before the confirmation: %+v %v, want the mismatch that was", r, err)
		}
		r, err = w.gate.Reconcile(w.ctx, w.pres, ReconciliationRequest{AsOf: asOf.Add(time.Second), Points: []models.ListedPoint{{Code: pointCode, Load: 900_000, Consumer: otherBin}}})
		if err != nil || r.Found != 1 || r.Kinds[0].Kind != string(models.MismatchConsumer) {
			t.Errorf("as of after it: %+v %v, want another consumer only", r, err)
		}
	})
}

func TestReconcile_IsIdempotentAndRefusesWhatIsOlderOrWrong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		points := func() []models.ListedPoint {
			return []models.ListedPoint{{Code: pointCode, Load: 1000, Consumer: " 2104-4003 8887"}}
		}
		asOf := w.clock.Now().Add(-time.Minute)
		first, err := w.gate.Reconcile(w.ctx, w.pres, ReconciliationRequest{Key: "k", AsOf: asOf, Points: points()})
		w.must(err)
		for name, r := range map[string]ReconciliationRequest{"the same key": {Key: "k", AsOf: asOf, Points: points()}, "the same list": {AsOf: asOf, Points: points()}} {
			if again, err := w.gate.Reconcile(w.ctx, w.pres, r); err != nil || again.ID != first.ID {
				t.Errorf("%s: %+v %v, want run %s", name, again, err, first.ID)
			}
		}
		for name, c := range map[string]struct {
			r    ReconciliationRequest
			want models.Code
		}{
			"another list under the key": {ReconciliationRequest{Key: "k", AsOf: asOf, Points: []models.ListedPoint{{Code: "X"}}}, models.CodeIdempotency},
			"an older list":              {ReconciliationRequest{AsOf: asOf.Add(-time.Second), Points: points()}, models.CodeConflict},
			"a list of tomorrow":         {ReconciliationRequest{AsOf: w.clock.Now().Add(time.Hour), Points: points()}, models.CodeInvalid},
			"an empty list":              {ReconciliationRequest{}, models.CodeInvalid},
		} {
			if _, err := w.gate.Reconcile(w.ctx, w.pres, c.r); models.CodeOf(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		if _, err := w.gate.Reconcile(w.ctx, w.clerk, ReconciliationRequest{Points: points()}); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("a clerk sent a list: %v", err)
		}
		if _, err := w.gate.Reconciliation(w.ctx, w.rival, first.ID); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("another utility reads the run: %v", err)
		}
	})
}

func TestMismatch_IsDecidedByAnOfficerWithAReasonAndATask(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.list(models.ListedPoint{Code: pointCode, Load: 900_000})
		all, _ := w.mismatches()
		id := all[0].ID
		if _, err := w.gate.DecideMismatch(w.ctx, w.pres, id, 0, models.OutcomeAccepted, "we know"); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("the utility decided on its own mismatch: %v", err)
		}
		if _, err := w.gate.Mismatch(w.ctx, w.rival, id); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("another utility reads it: %v", err)
		}
		m, err := w.gate.DecideMismatch(w.ctx, person("o1"), id, 1, models.OutcomeTask, "look at the site")
		if err != nil || m.Task == "" || m.State != models.MismatchOpen {
			t.Fatalf("%+v %v", m, err)
		}
		w.must(w.store.View(w.ctx, func(tx *store.Tx) error {
			task, err := tx.Task(m.Task)
			if task.Kind != models.TaskMismatch || task.Subject.ID != id || task.License != w.license.Number {
				t.Errorf("its task: %+v", task)
			}
			return err
		}))
		if _, err := w.gate.DecideMismatch(w.ctx, person("o1"), id, 1, models.OutcomeAccepted, "seen"); models.CodeOf(err) != models.CodeVersionConflict {
			t.Errorf("decided on an old version: %v", err)
		}
		if _, err = w.gate.DecideMismatch(w.ctx, person("o1"), id, 2, models.OutcomeAccepted, "seen"); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Hour)
		w.list(models.ListedPoint{Code: pointCode, Load: 1_000_000})
		if _, text := w.mismatches(); text != "accepted energised_not_permitted PS12-F03-CP001" {
			t.Errorf("after another list: %s", text)
		}
	})
}

func TestReconcile_AReconnectionOrLimitationThatWasExecutedDoesNotMakeAPointThatIsOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.executed()
		w.drew(pointCode, 900_000)
		on := models.ListedPoint{Code: pointCode, Load: 900_000}
		w.list(on)
		if _, text := w.mismatches(); !strings.Contains(text, "open disconnected_on_paper_drawing "+pointCode) {
			t.Fatalf("the control: an executed disconnection that draws is %q", text)
		}
		w.turn(models.LicenseActive, "license.lifted")
		w.follow()
		w.read(pointCode, 0)
		w.seal()
		w.energised()
		w.follow()
		w.restrict(models.StandingFact{From: w.clock.Now(), Until: w.clock.Now().Add(48 * time.Hour), Power: 800_000})
		w.must(w.gate.verifyOrders(w.ctx))
		kinds := map[models.OrderKind]models.OrderState{}
		for _, o := range w.orders() {
			if o.Kind == models.OrderLimit {
				o = w.execute(o.ID)
			}
			kinds[o.Kind] = o.State
		}
		if kinds[models.OrderReconnect] != models.OrderExecuted || kinds[models.OrderLimit] != models.OrderExecuted {
			t.Fatalf("orders: %v, want a reconnection and a limitation that are executed", kinds)
		}
		w.clock.Advance(time.Minute)
		w.list(on)
		if _, text := w.mismatches(); text != "gone disconnected_on_paper_drawing "+pointCode {
			t.Errorf("a point that was connected again and limited: %q", text)
		}
	})
}

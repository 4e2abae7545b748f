package stream

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestTable_EveryNumberOfTheRulesIsARowWithBoundsOnce(t *testing.T) {
	var p Params
	at, names := map[any]string{}, map[string]bool{}
	for _, r := range p.rows() {
		if at[r.at] != "" || names[r.name] {
			t.Errorf("%s stands in the table twice, or the field of it does", r.name)
		}
		at[r.at], names[r.name] = r.name, true
		if r.value < r.min || r.value > r.max || r.unit == "" || r.rule == "" || r.source == "" {
			t.Errorf("%s = %g is not within %g to %g, or says too little", r.name, r.value, r.min, r.max)
		}
	}
	v := reflect.ValueOf(&p).Elem()
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Name != "Version" && at[v.Field(i).Addr().Interface()] == "" {
			t.Errorf("%s is not in the table: nobody can see or change it", f.Name)
		}
	}
}

func TestTable_WithChangesTheNamedNumbersOfACopyAndRefusesOthersByName(t *testing.T) {
	before := Begun()
	after, err := before.With("2027-01-01", map[string]float64{"rig_kw": 3.5, "shape_days": 10})
	if err != nil || after.RigKW != 3.5 || after.ShapeDays != 10 || after.Version != "2027-01-01" {
		t.Errorf("got %+v, %v", after, err)
	}
	if before != Begun() {
		t.Error("the table that was copied has changed")
	}
	if diff := cmp.Diff(map[string]float64{"rig_kw": 3.5, "shape_days": 10}, differ(before.Values(), after.Values())); diff != "" {
		t.Error(diff)
	}
	if _, err := before.With("x", map[string]float64{"no_such": 1}); err == nil || !strings.Contains(err.Error(), "no_such") {
		t.Errorf("an unknown name gave %v", err)
	}
}

func differ(a, b map[string]float64) map[string]float64 {
	out := map[string]float64{}
	for name, v := range b {
		if a[name] != v {
			out[name] = v
		}
	}
	return out
}

// dated is a world in which no load is taken for rigs until a day and after another.
func dated(t *testing.T, from, until int) world {
	t.Helper()
	w := busy()
	deaf, err := Begun().With("2026-05-04", map[string]float64{"alarm_nats": 50, "rig_kw": 50, "cycle_kw": 100, "alarm_sigma": 100, "drift_kw": 50, "over_margin": 1.1, "over_fixed_kw": 10, "steady_kw": 100, "home_floor_kw": 30})
	if err != nil {
		t.Fatal(err)
	}
	own := Begun()
	own.Version = begin.AddDate(0, 0, from).Format(time.DateOnly)
	deaf2 := deaf
	deaf2.Version = begin.AddDate(0, 0, until).Format(time.DateOnly)
	w.topology.Parameters = []Dated{{begin, deaf}, {begin.AddDate(0, 0, from), own}, {begin.AddDate(0, 0, until), deaf2}}
	return w
}

func TestTable_TakesEffectFromItsDayOnAndEveryAlertNamesTheTableOfItsDay(t *testing.T) {
	const from, until, days = 24, 32, 40
	w := dated(t, from, until)
	found := w.play(t, days).Alerts()
	if len(found) < 2 {
		t.Fatalf("%d alerts: the test proves nothing", len(found))
	}
	for _, a := range found {
		day := int(a.RaisedAt.Add(-time.Nanosecond).Sub(begin).Hours() / 24)
		if day < from || day >= until {
			t.Errorf("%s at %s was raised on day %d, under a table that is deaf", a.Rule, a.Target, day)
		}
		if want := begin.AddDate(0, 0, from).Format(time.DateOnly); a.Parameters != want || !strings.Contains(a.Explanation, "Parameters of "+want) {
			t.Errorf("%s at %s names the table %q in %q, want %s", a.Rule, a.Target, a.Parameters, a.Explanation, want)
		}
	}
	w.topology.Parameters = w.topology.Parameters[:1]
	for _, a := range w.play(t, days).Alerts() {
		t.Errorf("the deaf table alone raises %s at %s: %s", a.Rule, a.Target, a.Explanation)
	}
}

func TestTable_AChangeThatIsMadeWhileReadingsWaitIsTheSameAsOneThatWasKnownBefore(t *testing.T) {
	const from, until, days = 24, 32, 36
	w := dated(t, from, until)
	want := w.play(t, days)
	// The later tables become known on day 20, before they begin, and the state goes
	// through checkpoints on both sides of each change.
	late := w
	late.topology.Parameters = w.topology.Parameters[:1]
	late.interrupt = func(e *Engine, i int) *Engine {
		if i%(48*2) != 0 {
			return e
		}
		saved, err := e.Checkpoint()
		if err != nil {
			t.Fatal(err)
		}
		known := late.topology
		if i >= 20*48 {
			known = w.topology
		}
		again, err := Restore(known, saved)
		if err != nil {
			t.Fatal(err)
		}
		return again
	}
	got := late.play(t, days)
	if diff := cmp.Diff(want.Alerts(), got.Alerts(), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("alerts differ (-known before +known late):\n%s", diff)
	}
	a, _ := want.Checkpoint()
	b, _ := got.Checkpoint()
	if string(a) != string(b) {
		t.Error("the states differ in the end")
	}
}

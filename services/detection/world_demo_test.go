package detection

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/simulator"
)

// demoSeed is the world that `rigistry demo` shows.
const demoSeed = 12

// written is the truth as the demonstration writes it into truth.json.
func (r recorded) written(t testing.TB) (out simulator.Truth) {
	t.Helper()
	text, err := r.truth.JSON()
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestWorld_OfTheDemonstration goes through the four weeks of the demonstration, begun
// in three seasons, against its own truth: whoever breaks a rule is found where it can
// be seen, as something to act on or to inspect, with the right power; no honest
// customer is accused on any of the days.
func TestWorld_OfTheDemonstration(t *testing.T) {
	for _, start := range []time.Time{
		time.Date(2026, 1, 11, 19, 0, 0, 0, time.UTC),
		time.Date(2026, 7, 5, 6, 0, 0, 0, time.UTC),
		time.Date(2026, 10, 25, 21, 0, 0, 0, time.UTC),
	} {
		t.Run(start.Format("January"), func(t *testing.T) {
			const span = historyDays * 24 * time.Hour
			r := record(t, simulator.DefaultGrid(demoSeed, start), span, step)
			truth := r.written(t)
			for _, use := range []string{"bakery", "telecom", "water_pump", "data_centre"} {
				if !spares(truth, use) {
					t.Fatalf("the truth spares no %s: this test would prove nothing about it", use)
				}
			}
			for _, d := range []int{9, 16, 23} {
				accusesOnly(t, truth, r.found(t, start.Add(time.Duration(d)*24*time.Hour)))
			}
			found := r.found(t, start.Add(span))
			accusesOnly(t, truth, found)
			if len(truth.Hidden) != 4 {
				t.Errorf("%d things are hidden, want four", len(truth.Hidden))
			}
			for _, o := range truth.Hidden {
				proves(t, o, found)
			}
		})
	}
}

// spares tells whether the truth names an honest customer of a use.
func spares(truth simulator.Truth, use string) bool {
	for _, h := range truth.Honest {
		if h.Use == use {
			return true
		}
	}
	return false
}

// accusesOnly fails for a finding to act on or to inspect that nothing hidden explains.
func accusesOnly(t *testing.T, truth simulator.Truth, found []models.Finding) {
	t.Helper()
	for _, f := range found {
		if f.Tier == models.TierWatch {
			continue
		}
		guilty := false
		for _, o := range truth.Hidden {
			guilty = guilty || o.SeenAt == f.TargetCode
		}
		if !guilty {
			t.Errorf("%s is honest and has a finding %s of tier %s over %s", f.TargetCode, f.Evidence.Kind, f.Tier, f.Estimated)
		}
	}
}

// proves fails unless what is hidden is found: the rule, the place, a tier that sends
// somebody, and the power within the stated interval or 15 %.
func proves(t *testing.T, o simulator.Offence, found []models.Finding) {
	t.Helper()
	for _, f := range found {
		if string(f.Rule) != o.Rule || f.TargetCode != o.SeenAt {
			continue
		}
		if f.Tier == models.TierWatch {
			t.Errorf("%s at %s is only watched", o.Rule, o.SeenAt)
		}
		kw := float64(f.Estimated) / 1000
		within := f.Low <= models.Watts(o.KW*1000) && models.Watts(o.KW*1000) <= f.High
		if !within && math.Abs(kw-o.KW) > 0.15*o.KW {
			t.Errorf("%s at %s is %.1f kW and was said to be %s (%s to %s)", o.Rule, o.SeenAt, o.KW, f.Estimated, f.Low, f.High)
		}
		t.Logf("%s at %s: tier %s, %.1f kW indeed, %s (%s to %s) said", o.Rule, o.SeenAt, f.Tier, o.KW, f.Estimated, f.Low, f.High)
		return
	}
	t.Errorf("%s at %s was not found", o.Rule, o.SeenAt)
}

package detection

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
)

// hum is a load with a daily cycle and noise, W.
func hum(r *rand.Rand, n int, level, cycle, noise float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = level + cycle*math.Sin(2*math.Pi*float64(i)/float64(perDay)) + noise*r.NormFloat64()
	}
	return out
}

func TestSteps_AreFoundWhereALevelChangedForGoodAndNowhereElse(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := perDay * (6 + r.IntN(10))
		cycle := 1000 * r.Float64()
		calm := hum(r, n, 20000, cycle, 300)
		if got := stepsOf(monday, step, calm); len(got) != 0 {
			t.Fatalf("seed %d: a load that only cycles by day has steps %v", seed, got)
		}
		at, rise := perDay+r.IntN(n-2*perDay), 6000+20000*r.Float64()
		for i := at; i < n; i++ {
			calm[i] += rise
		}
		calm[at/2] = math.NaN()
		got := stepsOf(monday, step, calm)
		if len(got) != 1 {
			t.Fatalf("seed %d: a rise of %.0f W over a cycle of %.0f: steps %v, want one", seed, rise, cycle, got)
		}
		if off := got[0].At.Sub(monday.Add(time.Duration(at) * step)).Abs(); off > time.Hour {
			t.Errorf("seed %d: the step is %s off", seed, off)
		}
		if d := got[0].After - got[0].Before - rise; math.Abs(d) > 0.1*rise+cycle {
			t.Errorf("seed %d: the step is %.0f W, want %.0f", seed, got[0].After-got[0].Before, rise)
		}
	}
}

// tapped is a feeder with four customers; the first has rigs ahead of the meter from
// an interval on.
func tapped(r *rand.Rand, n, at int, tap float64) feederWindow {
	u := feederWindow{table: stream.Begun(), feeder: models.Feeder{ID: "f", Code: "F", Limit: 300_000}, start: monday, head: &metered{meter: models.Meter{ID: "h", AccuracyClass: "0.5S"}, w: make([]float64, n)}}
	for k := range 4 {
		u.points = append(u.points, metered{meter: models.Meter{ID: string(rune('a' + k)), AccuracyClass: "1"},
			point: models.ConnectionPoint{Code: string(rune('A' + k)), State: models.ConnectionEnergised}, w: hum(r, n, 20000+5000*float64(k), 8000, 500)})
	}
	for i := range n {
		s := 0.0
		for _, pt := range u.points {
			s += pt.w[i]
		}
		u.head.w[i] = s + 500 + 1e-7*s*s
		if i >= at {
			u.head.w[i] += tap
		}
	}
	return u
}

func TestFeeder_TheResidualIsWhatIsTappedAndNothingBefore(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	n, at, tap := 12*perDay, 7*perDay+5, 16000.0
	b := tapped(r, n, at, tap).balance()
	if b.Hold != "" {
		t.Fatalf("hold %q", b.Hold)
	}
	before, after := mean(b.Residual[:at]), mean(b.Residual[at:])
	if math.Abs(before) > b.U95 {
		t.Errorf("residual before the tap is %.0f W, want within ±%.0f", before, b.U95)
	}
	if math.Abs(after-before-tap) > 0.1*tap {
		t.Errorf("the residual rose by %.0f W, want %.0f", after-before, tap)
	}
	if len(b.Steps) != 1 || b.Steps[0].At.Sub(monday.Add(time.Duration(at)*step)).Abs() > time.Hour {
		t.Errorf("steps %v, want one at interval %d", b.Steps, at)
	}
	if honest := tapped(r, n, n, 0).balance(); len(honest.Steps) != 0 || math.Abs(mean(honest.Residual)) > honest.U95 {
		t.Errorf("an honest feeder has steps %v and a residual of %.0f W", honest.Steps, mean(honest.Residual))
	}
}

func TestFeeder_NamesTheMeterThatTheResidualFollows(t *testing.T) {
	u := tapped(rand.New(rand.NewPCG(5, 1)), 10*perDay, 10*perDay, 0)
	for i, w := range u.points[2].w { // it counts two thirds of what it takes
		u.points[2].w[i] = w * 2 / 3
	}
	b := u.balance()
	for k, share := range b.Shares {
		if (k == 2) != (share.Follows > 0.5) {
			t.Errorf("the residual follows meter %d by %.2f", k, share.Follows)
		}
	}
}

func TestFeeder_SaysWhyItKnowsLittle(t *testing.T) {
	n := 3 * perDay
	u := tapped(rand.New(rand.NewPCG(7, 1)), n, n, 0)
	u.points[1].w = nil
	if got := u.balance().Hold; got != "unmetered_point" {
		t.Errorf("a point without a meter: hold %q", got)
	}
	for i := range n {
		u.points[2].w[i] = math.NaN()
	}
	u.points[1].w = u.points[0].w
	b := u.balance()
	if b.Hold != "missing_meter" || math.IsNaN(mean(b.Residual)) {
		t.Errorf("a meter that says nothing: hold %q, residual %v", b.Hold, mean(b.Residual))
	}
	u.head = nil
	if got := u.balance().Hold; got != "no_head" {
		t.Errorf("no meter of its own: hold %q", got)
	}
}

func TestNeighbours_TheOwnMeterIsFirstThenTheSameUse(t *testing.T) {
	n := 4 * perDay
	u := tapped(rand.New(rand.NewPCG(9, 1)), n, n, 0)
	for k, use := range []string{"office", "workshop", "office", "workshop"} {
		u.points[k].point.DeclaredUse = use
	}
	f := models.Finding{Target: models.Ref{Kind: "connection_point"}, Evidence: models.Evidence{Meters: []string{"b"}, Onset: monday.Add(48 * time.Hour)}}
	got := u.neighbours(f, monday)
	order := ""
	for _, m := range got.Meters {
		order += m.Meter
	}
	if order != "bdca" { // own, same use, then the others by power
		t.Errorf("order %q", order)
	}
	if m := got.Meters[0]; !m.Own || len(m.W) != n/4 || math.Abs(m.Before-m.After) > 1000 {
		t.Errorf("own meter %v: %d hours, %.0f W before, %.0f W after", m.Own, len(m.W), m.Before, m.After)
	}
}

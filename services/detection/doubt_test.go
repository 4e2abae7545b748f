package detection

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
)

// meteringUnit is a feeder with a home and a works of which the meter shows a part of what
// flows, over so many days.
func meteringUnit(days int, shown float64) Unit {
	n := days * perDay
	r := rand.New(rand.NewPCG(4, 2))
	lines := [3]Series{}
	for k := range lines {
		lines[k] = Series{Start: monday, W: make([]float64, n)}
	}
	for i := range n {
		works := 30_000 * (1 + 0.5*math.Sin(float64(i%perDay)/float64(perDay)*2*math.Pi) + 0.2*r.NormFloat64())
		home := 800 + 600*r.Float64()
		lines[0].W[i], lines[1].W[i], lines[2].W[i] = works+home+500, shown*works, home
	}
	now := lines[0].at(n)
	point := func(id, use string, s Series) Point {
		return Point{ConnectionPoint: models.ConnectionPoint{ID: id, Code: id, DeclaredUse: use, State: models.ConnectionEnergised},
			Channel: &Channel{Meter: "m-" + id, Class: "0.5S", Read: true, Series: s}}
	}
	return Unit{Feeder: models.Feeder{ID: "f", Code: "F", Limit: 250_000}, Start: monday, Closed: n, Now: now, Live: now.Add(-10 * time.Minute),
		Head: &Channel{Meter: "m-f", Class: "0.5S", Read: true, Series: lines[0]}, Points: []Point{point("works", "workshop", lines[1]), point("home", "household", lines[2])}}
}

func TestDoubts_AWrongRatioIsAFindingAboutTheMeterAndNoAccusation(t *testing.T) {
	for shown, want := range map[float64]string{1: "", 0.5: "metering_doubt works ct_ratio C 200%"} {
		u := meteringUnit(24, shown)
		got := ""
		for _, f := range evaluate(nil, u, streamed(t, u)) {
			got += fmt.Sprintf("%s %s %s %s %.0f%%", f.Rule, f.TargetCode, f.Evidence.Kind, f.Tier, f.Evidence.Numbers["percent"])
			if f.Evidence.Meters[0] != "m-works" || math.Abs(float64(f.Estimated)-15_000) > 1500 {
				t.Errorf("the finding is about %v and %s", f.Evidence.Meters, f.Estimated)
			}
		}
		if got != want {
			t.Errorf("a meter that shows %.2f of what flows: %q, want %q", shown, got, want)
		}
	}
}

func TestDoubts_OfOneMeterOnlyTheGravestIsTold(t *testing.T) {
	u := meteringUnit(8, 1)
	g, err := gridOf([]Unit{u}, nil)
	if err != nil {
		t.Fatal(err)
	}
	g.topology.Start = legalMidnight(u.Start)
	e, err := stream.New(g.topology)
	if err != nil {
		t.Fatal(err)
	}
	// The register of one meter counts 60 % of its power, and it is silent by night.
	for i := range u.Closed {
		at := u.Head.at(i)
		if h := at.Hour(); h >= 18 {
			continue
		}
		e.Push(e.Meter("m-works"), at.Unix(), 30, nan)
		e.Counter(e.Meter("m-works"), 0.6*7.5, 7.5)
	}
	e.Finish(u.Now.Unix())
	kinds := map[string]bool{}
	for _, n := range e.Notices() {
		if n.Target == "works" {
			kinds[n.Kind] = true
		}
	}
	if !kinds[stream.CounterDiffers] || !kinds[stream.HoursMissing] {
		t.Fatalf("the control notes %v", kinds)
	}
	told := ""
	for _, f := range doubts(paramsOf(stream.Begun()), u, e) {
		if f.TargetCode == "works" {
			told += f.Evidence.Kind + " " + string(f.Tier)
		}
	}
	if told != "counter_power B" {
		t.Errorf("told %q, want the register alone", told)
	}
}

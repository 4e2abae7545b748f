package detection

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/simulator"
)

// customers are honest loads of every kind, by declared use.
var customers = []struct {
	use       string
	kind      string
	low, high float64 // kW, or homes
}{
	{"household", "households", 1, 60}, {"household", "households", 1, 60}, {"bakery", "bakery", 15, 60}, {"workshop", "workshop", 10, 80},
	{"office", "office", 8, 90}, {"telecom", "telecom", 2, 7}, {"water_pump", "pump", 8, 45}, {"data_centre", "data_centre", 30, 200},
}

// randomGrid is one feeder with random honest customers. plant may add to it.
func randomGrid(rng *rand.Rand, start time.Time, plant func(*simulator.Grid, []int)) simulator.Grid {
	g := simulator.Grid{Seed: rng.Uint64(), Start: start, Code: "R", Endpoints: []simulator.Endpoint{{Name: "E", Address: "127.0.0.1:0"}}}
	limit := 200 + 800*rng.Float64()
	g.Nodes = append(g.Nodes, simulator.Node{Code: "F", Kind: "feeder", Parent: "R", LimitKW: limit,
		LossA: limit * (0.0012 + 0.0012*rng.Float64()), LossB: (0.010 + 0.015*rng.Float64()) / limit})
	var points []int
	for i := range 3 + rng.IntN(5) {
		c := customers[rng.IntN(len(customers))]
		size := c.low + (c.high-c.low)*rng.Float64()
		l := simulator.Load{Kind: c.kind, KW: size}
		if c.kind == "households" {
			l = simulator.Load{Kind: c.kind, Count: int(size)}
			size *= 1.5
		}
		points = append(points, len(g.Nodes))
		g.Nodes = append(g.Nodes, simulator.Node{Code: fmt.Sprintf("P%d", i), Kind: "connection_point", Parent: "F", Use: c.use,
			PermittedKW: 1.2 * size, Loads: []simulator.Load{l}})
	}
	plant(&g, points)
	for i, n := range g.Nodes {
		role, class := models.MeterRevenue, "1"
		if n.Kind == "feeder" {
			role, class = models.MeterFeeder, "0.5S"
		}
		g.Meters = append(g.Meters, simulator.Meter{Code: "M-" + n.Code, Node: n.Code, Role: role, Profile: "p", Endpoint: "E", Unit: uint8(i + 1), Class: class})
	}
	return g
}

func nobody(*simulator.Grid, []int) {}

// seasons are starts of worlds: heated and not, on different days of the week.
var seasons = []time.Time{monday, time.Date(2026, 1, 8, 19, 0, 0, 0, time.UTC), time.Date(2026, 7, 18, 3, 0, 0, 0, time.UTC), time.Date(2026, 10, 10, 12, 0, 0, 0, time.UTC)}

func TestRandomWorlds_HonestFeedersStaySilent(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range 8 {
		start := seasons[i%len(seasons)]
		r := record(t, randomGrid(rng, start, nobody), historyDays*24*time.Hour, step)
		for _, d := range []int{8, 14, 21, historyDays} {
			for _, f := range r.found(t, start.Add(time.Duration(d)*24*time.Hour)) {
				t.Errorf("world %d, day %d: %s %s at %s (%v): %s", i, d, f.Rule, f.Evidence.Kind, f.TargetCode, r.grid.Nodes, f.Estimated)
			}
		}
	}
}

func TestRandomWorlds_FarmsBehindOtherUsesAndTapsAreFound(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	missed, planted := 0, 0
	for i := range 8 {
		start := seasons[i%len(seasons)]
		since := start.Add(time.Duration(16*24+rng.IntN(60)) * time.Hour)
		tap := i%2 == 0
		rigs := 3 + rng.IntN(40)
		target, rule := "", models.RuleBalance
		r := record(t, randomGrid(rng, start, func(g *simulator.Grid, points []int) {
			n := &g.Nodes[points[rng.IntN(len(points))]]
			target = n.Code
			if tap {
				target = "F"
			} else {
				rule = models.RuleUnlicensed
				n.Use = []string{"workshop", "office", "bakery", "household"}[rng.IntN(4)]
			}
			n.Loads = append(n.Loads, simulator.Load{Kind: "rigs", Count: rigs, KW: 3.0 + 0.5*rng.Float64(), From: since, AheadOfTap: tap})
		}), historyDays*24*time.Hour, step)
		planted++
		found := false
		for _, f := range r.found(t, start.Add(historyDays*24*time.Hour)) {
			if f.Rule == rule && f.TargetCode == target {
				found = true
				if low, high := f.Rigs(); low > rigs+1 || high < rigs-1 {
					t.Errorf("world %d: %d rigs are estimated as %d to %d", i, rigs, low, high)
				}
				continue
			}
			t.Errorf("world %d: %s at %s is accused beside %s", i, f.Rule, f.TargetCode, target)
		}
		if !found {
			missed++
			t.Logf("world %d: %d rigs at %s (tap %v) since day %.1f were missed: %+v", i, rigs, target, tap, since.Sub(start).Hours()/24, r.grid.Nodes)
		}
	}
	if missed > 1 {
		t.Errorf("%d of %d were missed", missed, planted)
	}
}

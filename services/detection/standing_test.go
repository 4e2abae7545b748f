package detection

import (
	"testing"
	"time"

	"rigistry/models"
)

// hoursOf makes the mask of the hours from a until b of the legal day.
func hoursOf(a, b int) (mask int64) {
	for h := a; h < b; h++ {
		mask |= 1 << h
	}
	return mask
}

func TestRules_TableOfStandingFacts(t *testing.T) {
	before, after := monday.AddDate(-1, 0, 0), monday.AddDate(1, 0, 0)
	mining := models.ConnectionPoint{DeclaredUse: "mining", Permitted: 200_000}
	narrow := models.ConnectionPoint{DeclaredUse: "mining", Permitted: 80_000}
	level := func(w float64) func(int) float64 { return func(int) float64 { return w } }
	order := func(scope models.StandingScope, left models.Watts) models.StandingFact {
		return models.StandingFact{Kind: models.StandingCurtailment, Scope: scope, From: monday.Add(20 * time.Hour), Until: monday.Add(24 * time.Hour), Power: left}
	}
	supply := func(mask int64, power models.Watts) models.StandingFact {
		return models.StandingFact{Kind: models.StandingSupply, Scope: models.ScopePoint, From: before, Hours: mask, Power: power}
	}
	night := func(i int) float64 { // draws from 23:00 until 07:00 of the legal day
		if h := monday.Add(time.Duration(i) * step).Add(models.LegalOffset).Hour(); h >= 23 || h < 7 {
			return 90_000
		}
		return 800
	}
	for _, c := range []struct {
		name  string
		pt    models.ConnectionPoint
		facts []models.StandingFact
		power func(i int) float64
		want  string
	}{
		{"nothing is recorded", mining, nil, level(90_000), ""},
		{"goes on under curtailment", mining, []models.StandingFact{order(models.ScopeGrid, 0)}, level(90_000), "draw_under_curtailment under_curtailment"},
		{"obeys in a quarter hour", mining, []models.StandingFact{order(models.ScopeGrid, 0)}, func(i int) float64 {
			if i > 20*4 && i < 24*4 {
				return 1900
			}
			return 90_000
		}, ""},
		{"keeps to what an order leaves", mining, []models.StandingFact{order(models.ScopePoint, 95_000)}, level(90_000), ""},
		{"takes more than an order leaves", mining, []models.StandingFact{order(models.ScopePoint, 45_000)}, level(90_000), "draw_under_curtailment under_curtailment"},
		{"an order that leaves power to a feeder names nobody", mining, []models.StandingFact{order(models.ScopeFeeder, 45_000)}, level(90_000), ""},
		{"a workshop is not mining", models.ConnectionPoint{DeclaredUse: "workshop", Permitted: 200_000}, []models.StandingFact{order(models.ScopeGrid, 0)}, dayShape, ""},
		{"in the hours of supply", mining, []models.StandingFact{supply(hoursOf(22, 24)|hoursOf(0, 8), 0)}, night, ""},
		{"beside the hours of supply", mining, []models.StandingFact{supply(hoursOf(9, 18), 0)}, night, "draw_without_supply without_supply"},
		{"two facts cover it together", mining, []models.StandingFact{supply(models.AllHours, 60_000), supply(models.AllHours, 40_000)}, level(95_000), ""},
		{"more than all facts give", mining, []models.StandingFact{supply(models.AllHours, 40_000)}, level(90_000), "draw_without_supply without_supply"},
		{"over the technical conditions", narrow, nil, level(90_000), "over_technical_conditions over_technical"},
		{"at the technical conditions", narrow, nil, level(81_000), ""},
		{"over both is told once", narrow, nil, level(120_000), "license_overdraw overdraw"},
	} {
		u := flatUnit(2, c.pt, nil, c.power)
		if c.pt.DeclaredUse == "mining" {
			u.Points[0].Spans = []Span{active(before, after)}
		}
		u.Points[0].Standing = c.facts
		got := ""
		for _, f := range evaluate(nil, u, nil) {
			got += string(f.Rule) + " " + f.Evidence.Kind
		}
		if got != c.want {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
	}
}

func TestCurtailed_IsKnownWithinTheSecondQuarterHourThatIsOver(t *testing.T) {
	u := flatUnit(2, models.ConnectionPoint{DeclaredUse: "mining", Permitted: 200_000}, []Span{active(monday.AddDate(-1, 0, 0), monday.AddDate(1, 0, 0))}, func(int) float64 { return 90_000 })
	for after := step; after <= 4*step; after += step {
		u.Points[0].Standing = []models.StandingFact{{Kind: models.StandingCurtailment, Scope: models.ScopeGrid, From: u.Now.Add(-after)}}
		found := len(evaluate(nil, u, nil)) == 1
		if want := after >= 3*step; found != want {
			t.Errorf("%s after the order: found %v, want %v", after, found, want)
		}
	}
}

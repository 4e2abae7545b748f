package detection

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"rigistry/models"
)

// kiosks is a feeder with points of holders, over so many days of readings that come
// live, in W.
func kiosks(days int, use string, holders []string, load func(k, i int) float64) Unit {
	n := days * perDay
	u := Unit{Feeder: models.Feeder{ID: "f", Code: "F", Limit: 250_000}, Start: monday, Closed: n}
	for k, holder := range holders {
		s := Series{Start: monday, W: make([]float64, n)}
		for i := range n {
			s.W[i] = load(k, i)
		}
		id := fmt.Sprintf("k%d", k)
		u.Points = append(u.Points, Point{ConnectionPoint: models.ConnectionPoint{ID: id, Code: id, DeclaredUse: use, ConsumerBin: holder, State: models.ConnectionEnergised},
			Channel: &Channel{Meter: "m-" + id, Class: "1", Read: true, Series: s}})
		u.Now = s.at(n)
	}
	u.Live = u.Now.Add(-10 * time.Minute)
	return u
}

func TestSplit_PointsOfOneHolderAreOneFindingThatRestsOnAllTheirMeters(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	load := func(k, i int) float64 {
		w := 200 + 30*r.NormFloat64()
		if h := i % perDay; h > 36 && h < 76 {
			w += 500 + 400*r.Float64()
		}
		if k < 4 && i >= 18*perDay {
			w += 3300
		}
		return w
	}
	for _, c := range []struct {
		name    string
		holders []string
		want    string
	}{
		{"of one", []string{"1", "1", "1", "1", "1"}, "unlicensed_draw k0 split_load C m-k0,m-k1,m-k2,m-k3 4"},
		{"of two each", []string{"1", "1", "2", "2", "1"}, ""},
		{"of nobody who is known", []string{"", "", "", "", ""}, ""},
	} {
		u := kiosks(30, "shop", c.holders, load)
		got := ""
		for _, f := range evaluate(nil, u, streamed(t, u)) {
			meters := ""
			for i, m := range f.Evidence.Meters {
				if i > 0 {
					meters += ","
				}
				meters += m
			}
			got += fmt.Sprintf("%s %s %s %s %s %.0f", f.Rule, f.TargetCode, f.Evidence.Kind, f.Tier, meters, f.Evidence.Numbers["points"])
			if f.Low > 13_200 || f.High < 13_200 {
				t.Errorf("%s: %s to %s, 13.2 kW were added", c.name, f.Low, f.High)
			}
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDeclared_ADataCentreAboveItsActIsInspectedAndOneWithinAnAllowanceIsNot(t *testing.T) {
	load := func(_, i int) float64 {
		if i >= 18*perDay {
			return 160_000
		}
		return 100_000
	}
	for _, c := range []struct {
		permitted models.Watts
		allowed   models.Watts
		want      string
	}{
		{110_000, 0, "declared_exceeded B 110"},
		{200_000, 0, "added_load C 0"},
		{110_000, 170_000, "added_load C 0"},
		{0, 0, "added_load C 0"},
	} {
		u := kiosks(30, "data_centre", []string{"1"}, load)
		u.Points[0].Permitted = c.permitted
		if c.allowed > 0 {
			u.Allowances = []models.Allowance{{Point: "k0", State: models.AllowanceActive, Limit: c.allowed, From: "2026-01-01", Until: "2030-01-01"}}
		}
		got := ""
		for _, f := range evaluate(nil, u, streamed(t, u)) {
			got += fmt.Sprintf("%s %s %.0f", f.Evidence.Kind, f.Tier, f.Evidence.Numbers["limit_kw"])
		}
		if got != c.want {
			t.Errorf("permitted %s, allowed %s: got %q, want %q", c.permitted, c.allowed, got, c.want)
		}
	}
}

package detection

import (
	"slices"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/simulator"
)

// monday is the start of simulated grids: outside the heating season.
var monday = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)

// profilesFor gives every profile that a grid names the quantities that
// intervals are made of.
func profilesFor(g simulator.Grid) []models.Profile {
	var out []models.Profile
	for _, m := range g.Meters {
		if !slices.ContainsFunc(out, func(p models.Profile) bool { return p.ID == m.Profile }) {
			out = append(out, models.Profile{ID: m.Profile, Points: []models.ProfilePoint{{Q: models.QPTotal}, {Q: models.QEImport}}})
		}
	}
	return out
}

// recorded is a world as its meters recorded it: intervals by meter code.
type recorded struct {
	grid      simulator.Grid
	truth     simulator.Truth
	intervals map[string][]models.Interval
	from      time.Time
}

func record(t testing.TB, g simulator.Grid, span, every time.Duration) recorded {
	t.Helper()
	w, err := simulator.New(g, profilesFor(g))
	if err != nil {
		t.Fatal(err)
	}
	samples := map[string][]models.EnergySample{}
	for r := range w.History(g.Start, g.Start.Add(span).Add(time.Second), every) {
		samples[r.Meter] = append(samples[r.Meter], models.EnergySampleOf(&r, every))
	}
	out := recorded{grid: g, truth: w.Truth(), from: g.Start, intervals: map[string][]models.Interval{}}
	for code, list := range samples {
		out.intervals[code] = models.FoldReadings(models.EnergySample{}, list, g.Start, g.Start.Add(span+time.Hour))
	}
	return out
}

// honest takes what is hidden out of a grid, and reduces nothing else.
func honest(g simulator.Grid) simulator.Grid {
	nodes := slices.Clone(g.Nodes)
	for i := range nodes {
		nodes[i].Loads = slices.DeleteFunc(slices.Clone(nodes[i].Loads), func(l simulator.Load) bool { return l.Offence != "" })
	}
	g.Nodes = nodes
	return g
}

// units gives every feeder of a recorded world as it is known at an instant.
func (r recorded) units(now time.Time) []Unit {
	closed := int(models.IntervalStart(now).Sub(r.from) / step)
	n := closed
	if now.After(models.IntervalStart(now)) {
		n++
	}
	channel := func(node string, role models.MeterRole) *Channel {
		for _, m := range r.grid.Meters {
			if m.Node == node && m.Role == role {
				return &Channel{Meter: m.Code, Class: m.Class, Read: len(r.intervals[m.Code]) > 0, Series: seriesOf(r.from, n, r.intervals[m.Code], now)}
			}
		}
		return nil
	}
	var out []Unit
	for _, f := range r.grid.Nodes {
		if f.Kind != "feeder" {
			continue
		}
		u := Unit{Feeder: models.Feeder{ID: f.Code, Code: f.Code, Substation: f.Parent, Utility: "u", VoltKV: 10, Limit: models.Watts(f.LimitKW * 1000)},
			Head: channel(f.Code, models.MeterFeeder), Start: r.from, Closed: closed, Now: now, Live: now.Add(-10 * time.Minute)}
		for _, c := range r.grid.Nodes {
			if c.Parent != f.Code {
				continue
			}
			pt := Point{ConnectionPoint: models.ConnectionPoint{ID: c.Code, Code: c.Code, DeclaredUse: c.Use,
				State: models.ConnectionEnergised, Permitted: models.Watts(c.PermittedKW * 1000)}, Channel: channel(c.Code, models.MeterRevenue)}
			if l := c.License; l != nil {
				pt.Spans = []Span{{License: "KZ-" + c.Code, State: models.LicenseState(l.State), Approved: models.Watts(l.ApprovedKW * 1000),
					From: r.from.Add(-24 * time.Hour), Until: now.AddDate(1, 0, 0)}}
			}
			pt.Inner.Whole = true
			for _, d := range r.grid.Nodes {
				if d.Parent == c.Code && d.Kind == "pdu" {
					pt.Inner.PDUs = append(pt.Inner.PDUs, channel(d.Code, models.MeterPDU))
				}
			}
			u.Points = append(u.Points, pt)
		}
		out = append(out, u)
	}
	return out
}

// found evaluates all units of a recorded world.
func (r recorded) found(t testing.TB, now time.Time) []models.Finding {
	t.Helper()
	var out []models.Finding
	units := r.units(now)
	e := streamed(t, units...)
	for _, u := range units {
		out = append(out, evaluate(nil, u, e)...)
	}
	return out
}

func TestWorld_FindsWhatIsHiddenAndAccusesNobodyElse(t *testing.T) {
	for seed := range uint64(3) {
		const span = historyDays * 24 * time.Hour
		r := record(t, simulator.DefaultGrid(seed, monday), span, step)
		now := monday.Add(span)
		got := map[string]models.Finding{}
		for _, f := range r.found(t, now) {
			got[string(f.Rule)+" "+f.TargetCode] = f
			t.Logf("seed %d: %s %s %s tier %s %s..%s..%s since %s score %.1f %v", seed, f.Rule, f.Evidence.Kind, f.TargetCode, f.Tier, f.Low, f.Estimated, f.High, f.FirstSeen, f.Score, f.Evidence.Numbers)
		}
		want := map[string]simulator.Offence{}
		for _, o := range r.truth.Hidden {
			want[o.Rule+" "+o.SeenAt] = o
		}
		for key := range got {
			if _, planted := want[key]; !planted {
				t.Errorf("seed %d: %s is accused and honest", seed, key)
			}
		}
		for key := range want {
			if _, found := got[key]; !found {
				t.Errorf("seed %d: %s was not found", seed, key)
			}
		}
	}
}

func TestWorld_IsSilentWhereEverybodyIsHonest(t *testing.T) {
	for seed := range uint64(3) {
		r := record(t, honest(simulator.DefaultGrid(100+seed, monday)), historyDays*24*time.Hour, step)
		for _, d := range []int{12, 20, historyDays} {
			for _, f := range r.found(t, monday.Add(time.Duration(d)*24*time.Hour)) {
				t.Errorf("seed %d, day %d: %s at %s, %s", seed, d, f.Evidence.Kind, f.TargetCode, f.Estimated)
			}
		}
	}
}

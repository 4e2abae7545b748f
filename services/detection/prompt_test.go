package detection

import (
	"context"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/simulator"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// promptGrid is a feeder with one point for each documented limit.
func promptGrid() simulator.Grid {
	g := simulator.Grid{Seed: 1, Start: monday, Code: "S", Nodes: []simulator.Node{
		{Code: "S-A", Kind: "feeder", Parent: "S", LimitKW: 1500},
	}}
	for _, code := range []string{"S-A-1", "S-A-2", "S-A-3", "S-A-4"} {
		g.Nodes = append(g.Nodes, simulator.Node{Code: code, Kind: "connection_point", Parent: "S-A", Use: "mining", PermittedKW: 300,
			License: &simulator.License{ApprovedKW: 100, State: "active"}})
	}
	g.Nodes = append(g.Nodes, simulator.Node{Code: "S-A-6", Kind: "connection_point", Parent: "S-A", Use: "mining", PermittedKW: 60})
	g.Nodes = append(g.Nodes, simulator.Node{Code: "S-A-5", Kind: "connection_point", Parent: "S-A", Use: "workshop", PermittedKW: 60})
	for _, n := range g.Nodes {
		role := models.MeterRevenue
		if n.Kind == "feeder" {
			role = models.MeterFeeder
		}
		g.Meters = append(g.Meters, simulator.Meter{Code: "M-" + n.Code, Node: n.Code, Role: role, Class: "0.5S"})
	}
	return g
}

// TestEngine_DocumentedLimitsAreToldWithinAQuarterHourOfData: wherever in a quarter hour
// the cause begins, it is told when the first whole one is over and the engine has had its
// turn, from readings of a minute, and nothing before it.
func TestEngine_DocumentedLimitsAreToldWithinAQuarterHourOfData(t *testing.T) {
	causes := []struct {
		point, rule string
		after       time.Duration // of the cause, from noon
		state       models.LicenseState
		low, high   int64 // W before and from the cause on
	}{
		{"S-A-1", "draw_while_suspended", 7 * time.Minute, models.LicenseSuspended, 80_000, 80_000},
		{"S-A-2", "draw_after_license", 0, models.LicenseExpired, 80_000, 80_000},
		{"S-A-3", "draw_after_license", 15*time.Minute + 61*time.Second, models.LicenseRevoked, 80_000, 80_000},
		{"S-A-4", "license_overdraw", 3 * time.Minute, "", 80_000, 112_000},
		{"S-A-5", "draw_not_energised", 20 * time.Minute, "", 0, 6000},
		{"S-A-6", "unlicensed_draw", 9 * time.Minute, "", 300, 40_000},
	}
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		r := newRig(t, s, clock)
		noon := monday.Add(12 * time.Hour)
		clock.Set(noon.Add(-time.Hour))
		meters := install(t, s, promptGrid())
		err := s.Update(context.Background(), func(tx *store.Tx) error {
			pt, err := tx.ConnectionPoint("S-A-5")
			if err != nil {
				return err
			}
			pt.State, pt.Updated = models.ConnectionDisconnected, tx.Now
			return tx.UpdateConnectionPoint(pt)
		})
		if err != nil {
			t.Fatal(err)
		}
		for at := noon.Add(-45 * time.Minute); at.Before(noon.Add(55 * time.Minute)); at = at.Add(time.Minute) {
			var batch []models.Reading
			for _, c := range causes {
				began := noon.Add(c.after)
				if !at.Before(began) && at.Sub(began) < time.Minute && c.state != "" {
					change(t, s, c.point, c.state, began)
				}
				w := c.low
				if at.After(began) {
					w = c.high
				}
				reading := models.Reading{Meter: meters["M-"+c.point], At: at, Step: time.Minute}
				reading.Values.Set(models.QPTotal, w)
				batch = append(batch, reading)
			}
			clock.Set(at.Add(time.Second))
			r.ingest(batch...)
			r.follow()
			r.look()
		}
		found := r.findings()
		if len(found) != len(causes) {
			t.Errorf("found %d causes, want %d", len(found), len(causes))
		}
		for _, c := range causes {
			began, told := noon.Add(c.after), false
			for _, f := range found {
				if f.TargetCode != c.point || string(f.Rule) != c.rule {
					continue
				}
				told = true
				whole := models.IntervalStart(began.Add(step - time.Microsecond)) // the first that the cause lasts through
				if over := whole.Add(step); f.RaisedAt.Before(began) || f.RaisedAt.After(over.Add(grace+time.Minute)) {
					t.Errorf("%s at %s is told %s after its beginning, %s after the first whole quarter hour", c.rule, c.point, f.RaisedAt.Sub(began), f.RaisedAt.Sub(over))
				}
				if f.FirstSeen.Add(2*time.Minute).Before(began) && c.low == c.high {
					t.Errorf("%s at %s is said to have begun %s before it did", c.rule, c.point, began.Sub(f.FirstSeen))
				}
				if f.Tier != models.TierAct {
					t.Errorf("%s at %s lasts and is of tier %s", c.rule, c.point, f.Tier)
				}
			}
			if !told {
				t.Errorf("%s at %s is not told", c.rule, c.point)
			}
		}
	})
}

// change gives the license at a point another state from an instant on.
func change(t *testing.T, s *store.Store, point string, state models.LicenseState, at time.Time) {
	t.Helper()
	err := s.Update(context.Background(), func(tx *store.Tx) error {
		pt, err := tx.ConnectionPoint(point)
		if err != nil {
			return err
		}
		l, err := tx.License(pt.License, tx.Now)
		if err != nil {
			return err
		}
		l.Version, l.State, l.EffectiveAt, l.RecordedAt = l.Version+1, state, at, tx.Now
		if state == models.LicenseSuspended {
			l.Suspension = &models.Suspension{Ground: "g", Months: 3, From: at, Until: at.AddDate(0, 3, 0)}
		}
		return tx.InsertLicense(l)
	})
	if err != nil {
		t.Fatal(err)
	}
}

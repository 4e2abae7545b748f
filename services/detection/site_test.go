package detection

import (
	"context"
	"math"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// rigsOf are registered rigs of a site that has not changed for long.
func rigsOf(units int64) store.SiteRigs {
	return store.SiteRigs{Units: units, Power: models.Watts(3400 * units), Changed: monday.AddDate(0, -1, 0)}
}

func TestDeclared_TableOfEquipment(t *testing.T) {
	licensed := []Span{active(monday.AddDate(-1, 0, 0), monday.AddDate(1, 0, 0))} // 100 kW
	level := func(w float64) func(int) float64 { return func(int) float64 { return w } }
	hour := func(quarters int) func(int) float64 {
		return func(i int) float64 {
			if i >= 50 && i < 50+quarters {
				return 95_000
			}
			return 60_000
		}
	}
	late := rigsOf(10)
	late.Changed = monday.Add(47*time.Hour + time.Minute)
	for _, c := range []struct {
		name  string
		spans []Span
		rigs  store.SiteRigs // of 3.4 kW
		power func(i int) float64
		want  string
	}{
		{"28 rigs draw what they may", licensed, rigsOf(28), level(95_000), ""},
		{"20 rigs with tolerance and cooling", licensed, rigsOf(20), level(86_000), ""}, // 68 · 1.26 = 85.7
		{"20 rigs draw like 22", licensed, rigsOf(20), level(88_000), "over_declared_equipment over_declared"},
		{"10 rigs draw like 27", licensed, rigsOf(10), level(95_000), "over_declared_equipment over_declared"},
		{"three quarter hours", licensed, rigsOf(20), hour(3), ""},
		{"four quarter hours", licensed, rigsOf(20), hour(4), "over_declared_equipment over_declared"},
		{"no rig is registered there", licensed, store.SiteRigs{}, level(95_000), ""},
		{"rigs left the site just now", licensed, late, level(95_000), ""},
		{"more than the license is told as that", licensed, rigsOf(10), level(110_000), "license_overdraw overdraw"},
		{"no license", nil, rigsOf(10), level(95_000), "unlicensed_draw without_license"},
	} {
		u := flatUnit(2, models.ConnectionPoint{DeclaredUse: "mining", Permitted: 200_000}, c.spans, c.power)
		u.Points[0].Rigs = c.rigs
		got := ""
		for _, f := range evaluate(nil, u, nil) {
			got += string(f.Rule) + " " + f.Evidence.Kind
			if f.Rule == models.RuleDeclared && f.Tier != models.TierInspect {
				t.Errorf("%s: tier %s", c.name, f.Tier)
			}
		}
		if got != c.want {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
	}
}

func TestPDUSum_TableOfSites(t *testing.T) {
	const kw = 1000.0
	flat := func(i int) float64 { return 40 * kw }
	swings := func(i int) float64 { return (40 + 12*math.Sin(float64(i)/9)) * kw }
	for _, c := range []struct {
		name   string
		a      func(i int) float64 // each of two PDUs
		meter  func(pdus float64, i int) float64
		whole  bool
		want   string
		tier   models.Tier
		factor float64
	}{
		{"cooling of four per cent", flat, func(s float64, _ int) float64 { return 1.04 * s }, true, "", "", 0},
		{"cooling of nineteen per cent", flat, func(s float64, _ int) float64 { return 1.19 * s }, true, "", "", 0},
		{"the PDUs show one per cent more", flat, func(s float64, _ int) float64 { return 0.99 * s }, true, "", "", 0},
		{"30 kW pass no PDU", flat, func(s float64, _ int) float64 { return s + 30*kw }, true, "pdu_sum pdu_below", models.TierWatch, 0},
		{"30 kW pass no PDU and the load swings", swings, func(s float64, _ int) float64 { return s + 30*kw }, true, "pdu_sum pdu_below", models.TierWatch, 0},
		{"one PDU is not read", flat, func(s float64, _ int) float64 { return s + 30*kw }, false, "", "", 0},
		{"the meter shows 15 kW less", swings, func(s float64, _ int) float64 { return s - 15*kw }, true, "pdu_sum pdu_above", models.TierInspect, 0},
		{"above, though a PDU is not read", swings, func(s float64, _ int) float64 { return s - 15*kw }, false, "pdu_sum pdu_above", models.TierInspect, 0},
		{"for an hour and three quarters", flat, func(s float64, i int) float64 {
			if i >= 50 && i < 57 {
				return s - 15*kw
			}
			return 1.04 * s
		}, true, "", "", 0},
		{"ratio of the meter half", flat, func(s float64, _ int) float64 { return 0.52 * s }, true, "pdu_sum pdu_ratio", models.TierWatch, 2},
		{"ratio of the meter double", flat, func(s float64, _ int) float64 { return 2.06 * s }, true, "pdu_sum pdu_ratio", models.TierWatch, 0.5},
		{"5 A for 1 A", swings, func(s float64, _ int) float64 { return s * 1.03 / 5 }, true, "pdu_sum pdu_ratio", models.TierWatch, 5},
		{"200 for 250, seen by a load that varies", swings, func(s float64, _ int) float64 { return s * 1.02 / 1.25 }, true, "pdu_sum pdu_ratio", models.TierWatch, 1.25},
		{"the same of a flat load proves no ratio", flat, func(s float64, _ int) float64 { return s * 1.02 / 1.25 }, true, "pdu_sum pdu_above", models.TierInspect, 0},
	} {
		u := flatUnit(2, models.ConnectionPoint{DeclaredUse: "mining", Permitted: 400_000}, []Span{{License: "KZ", State: models.LicenseActive, Approved: 300_000,
			From: monday.AddDate(-1, 0, 0), Until: monday.AddDate(1, 0, 0)}}, func(i int) float64 { return c.meter(2*c.a(i), i) })
		in := &u.Points[0].Inner
		in.Whole = c.whole
		for _, id := range []string{"pdu1", "pdu2"} {
			pdu := flatUnit(2, models.ConnectionPoint{}, nil, c.a).Points[0].Channel
			pdu.Meter, pdu.Class = id, "1"
			in.PDUs = append(in.PDUs, pdu)
		}
		got := ""
		for _, f := range evaluate(nil, u, nil) {
			got += string(f.Rule) + " " + f.Evidence.Kind
			if factor := f.Evidence.Numbers["factor"]; f.Tier != c.tier || math.Abs(factor-c.factor) > 1e-9 {
				t.Errorf("%s: tier %s, factor %v, want %s and %v", c.name, f.Tier, factor, c.tier, c.factor)
			}
			if len(f.Evidence.Meters) != 3 {
				t.Errorf("%s: evidence of %d meters, want 3", c.name, len(f.Evidence.Meters))
			}
			series := []Series{u.Points[0].Channel.Series, in.PDUs[0].Series, in.PDUs[1].Series}
			if chart := chartOf(f, series); chart.Points[60].Expected != 2*c.a(60) {
				t.Errorf("%s: the chart expects %.0f W, the PDUs show %.0f", c.name, chart.Points[60].Expected, 2*c.a(60))
			}
		}
		if got != c.want {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
	}
}

// TestEngine_PDUsAndRigsOfASiteAreRead: what the register and the meters say reaches the
// rules, by either name of a PDU, and a PDU without a meter is noticed.
func TestEngine_PDUsAndRigsOfASiteAreRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		clock.Set(monday)
		install(t, s, promptGrid())
		var u Unit
		err := s.Update(context.Background(), func(tx *store.Tx) error {
			pt, err := tx.ConnectionPoint("S-A-1")
			if err != nil {
				return err
			}
			pt.Site = "site"
			feeder, err := tx.Feeder(pt.Feeder)
			if err != nil {
				return err
			}
			for _, code := range []string{"D1", "D2", "D3"} {
				d := models.PDU{ID: tx.NewID(), Code: "S-A-1-" + code, ConnectionPoint: pt.ID, Utility: "util", Version: 1}
				if err := tx.InsertPDU(d); err != nil {
					return err
				}
				node := map[string]string{"D1": d.ID, "D2": d.Code}[code]
				if node == "" {
					continue
				}
				if err := tx.InsertMeter(models.Meter{ID: tx.NewID(), Code: "M-" + d.Code, Role: models.MeterPDU, Node: models.Ref{Kind: "pdu", ID: node}, Utility: "util",
					CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1, AccuracyClass: "1", PollInterval: 15 * time.Minute, InstalledFrom: monday.Add(-time.Hour), Version: 1}); err != nil {
					return err
				}
			}
			for i := range 3 {
				rig := models.Equipment{ID: tx.NewID(), Manufacturer: "M", Model: "S", Serial: "N" + string(rune('0'+i)), Nameplate: 3400, Owner: party(tx, t), Site: pt.Site,
					State: models.EquipmentActive, Version: 1, Created: tx.Now, Updated: tx.Now}
				if i == 2 {
					rig.State = models.EquipmentStored
				}
				if err := tx.InsertEquipment(rig); err != nil {
					return err
				}
			}
			u.Points = []Point{{ConnectionPoint: pt, Channel: &Channel{}}, {ConnectionPoint: pt, Channel: &Channel{}}}
			u.Points[1].ID = "other"
			return u.sites(tx, feeder, nil)
		})
		if err != nil {
			t.Fatal(err)
		}
		if in := u.Points[0].Inner; len(in.PDUs) != 2 || in.Whole {
			t.Errorf("%d PDUs with a meter, whole %v; want 2 of 3", len(in.PDUs), in.Whole)
		}
		if got, want := u.Points[0].Rigs, (store.SiteRigs{Units: 2, Power: 6800, Changed: monday}); got != want {
			t.Errorf("rigs at the site are %+v, want %+v", got, want)
		}
		if in := u.Points[1].Inner; len(in.PDUs) != 0 || !in.Whole {
			t.Errorf("another point has %d PDUs", len(in.PDUs))
		}
	})
}

// party is whoever owns the rigs.
func party(tx *store.Tx, t *testing.T) string {
	t.Helper()
	p, err := tx.Party("210440038887")
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

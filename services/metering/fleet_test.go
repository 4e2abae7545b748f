package metering_test

import (
	"fmt"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// withoutValues is what a collector delivers when a meter gives none.
func withoutValues(meter string, at time.Time, q models.Quality) models.Reading {
	return models.Reading{Meter: meter, At: at, Quality: q}
}

func fleetOf(t *testing.T, s *metering.Service, q metering.FleetQuery, live ...metering.UnitHealth) metering.Fleet {
	t.Helper()
	got, err := s.Fleet(ctx, clerk, q, live)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestFleet_EveryStateIsToldByTheReadingsAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		want := map[string]metering.UnitState{}
		var batch []models.Reading
		for code, c := range map[string]struct {
			last    time.Duration // how long ago values came; 0 never
			quality models.Quality
			state   metering.UnitState
		}{
			"OK": {5 * time.Second, models.QualityGood, metering.UnitOK}, "DUE": {30 * time.Second, models.QualityGood, metering.UnitDue},
			"LATE": {70 * time.Second, models.QualityGood, metering.UnitLate}, "SILENT": {20 * time.Second, models.QualityCommError, metering.UnitLate},
			"DEAD": {20 * time.Minute, models.QualityGood, metering.UnitDead}, "FROZEN": {12 * time.Second, models.QualityFrozen, metering.UnitFrozen},
			"OTHER": {12 * time.Second, models.QualityOtherDevice, metering.UnitMismatch}, "NEVER": {0, models.QualityGood, metering.UnitDead},
		} {
			m, err := s.RegisterMeter(ctx, clerk, models.Meter{Code: code, Role: models.MeterRevenue, Utility: "u-north", Node: models.Ref{Kind: "transformer", ID: "tx"},
				URL: "tcp://" + code + ".example:502", Unit: 1, Profile: "eastron/sdm630", InstalledFrom: clock.Now().AddDate(0, 0, -1)})
			if err != nil {
				t.Fatal(err)
			}
			want[code] = c.state
			if c.last > 0 {
				batch = append(batch, reading(m.ID, clock.Now().Add(-c.last), 1000, 100))
			}
			if c.quality != models.QualityGood {
				batch = append(batch, withoutValues(m.ID, clock.Now().Add(-2*time.Second), c.quality))
			}
		}
		ingested(t, s, 1, batch...)
		fleet := fleetOf(t, s, metering.FleetQuery{})
		if fleet.Total != len(want) || len(fleet.Units) != len(want) || fleet.Gateways != len(want) {
			t.Fatalf("got %d of %d meters on %d gateways, want %d", len(fleet.Units), fleet.Total, fleet.Gateways, len(want))
		}
		counted := 0
		for _, u := range fleet.Units {
			if u.State != want[u.Code] {
				t.Errorf("%s is %s, want %s", u.Code, u.State, want[u.Code])
			}
		}
		for state, n := range fleet.Counts {
			counted += n
			if got := len(fleetOf(t, s, metering.FleetQuery{State: state}).Units); got != n {
				t.Errorf("%d are counted as %s and %d are listed", n, state, got)
			}
		}
		if counted != len(want) {
			t.Errorf("the counts add up to %d, want %d", counted, len(want))
		}
		clock.Advance(time.Hour)
		if got := fleetOf(t, s, metering.FleetQuery{State: metering.UnitOK}); len(got.Units) != 0 {
			t.Errorf("an hour later %d meters still count as good", len(got.Units))
		}
	})
}

func TestFleet_APageGoesOnWhereTheOneBeforeEndedAndAUtilitySeesItsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		for i := range 25 {
			utility := []string{"u-north", "u-south"}[i%2]
			if _, err := s.RegisterMeter(ctx, clerk, models.Meter{Code: fmt.Sprintf("M%02d", i), Role: models.MeterRevenue, Utility: utility, Node: models.Ref{Kind: "transformer", ID: "tx"},
				URL: fmt.Sprintf("tcp://10.0.0.%d:502", i/5), Unit: uint8(i), Profile: "eastron/sdm630"}); err != nil {
				t.Fatal(err)
			}
		}
		var codes []string
		for q := (metering.FleetQuery{Limit: 10}); ; {
			page := fleetOf(t, s, q)
			for _, u := range page.Units {
				codes = append(codes, u.Code)
			}
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		if len(codes) != 25 || codes[0] != "M00" || codes[24] != "M24" {
			t.Errorf("the pages give %v, want each of 25 once in order", codes)
		}
		north := models.Actor{ID: "n1", Kind: "client", Roles: []models.Role{models.RoleUtility}, Utility: "u-north"}
		own, err := s.Fleet(ctx, north, metering.FleetQuery{}, nil)
		if err != nil || own.Total != 13 {
			t.Errorf("a utility sees %d meters (%v), want its 13", own.Total, err)
		}
		if _, err := s.Fleet(ctx, models.Actor{ID: "a", Roles: []models.Role{models.RoleApplicant}}, metering.FleetQuery{}, nil); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("an applicant: got %v, want that it is forbidden", err)
		}
		gateways, err := s.Gateways(ctx, clerk, "", 100, nil)
		if err != nil || len(gateways) != 5 || gateways[0].Meters != 5 {
			t.Errorf("got %d gateways (%v), want 5 with 5 meters each", len(gateways), err)
		}
	})
}

func TestFleet_AnEdgeCollectorsReportIsShownAndGrowsOld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m := register(t, s, "M1")
		health := metering.UnitHealth{Code: "M1", State: "late", Due: 9, OK: 4, Timeouts: 5, Strays: 2, Checksums: 3, LastFault: metering.FaultTimeout}
		health.Qualities[models.QualityCanaryFailed] = 7
		kept, err := s.Report(ctx, collector, "edge-1", []metering.UnitHealth{health, {Code: "nobody"}})
		if err != nil || kept != 1 {
			t.Fatalf("kept %d (%v), want the one that is known", kept, err)
		}
		fleet := fleetOf(t, s, metering.FleetQuery{})
		u := fleet.Units[0]
		if u.Health == nil || u.Health.Timeouts != 5 || u.Collector != "edge-1" {
			t.Errorf("got %+v, want the report", u)
		}
		for word, n := range map[string]int64{"timeout": 5, "late_reply": 2, "crc": 3, "quality_canary_failed": 7, "quality_frozen": 0} {
			if got, there := fleet.Faults[word]; got != n || !there {
				t.Errorf("%s is %d (%v), want %d", word, got, there, n)
			}
		}
		live := fleetOf(t, s, metering.FleetQuery{}, metering.UnitHealth{Meter: m.ID, State: "ok", OK: 1})
		if got := live.Units[0].Health; got == nil || got.OK != 1 {
			t.Errorf("got %+v, want what this process knows, which is newer", got)
		}
		clock.Advance(time.Hour)
		if got := fleetOf(t, s, metering.FleetQuery{}).Units[0].Health; got != nil {
			t.Errorf("an hour later the report still counts: %+v", got)
		}
		if _, err := s.Report(ctx, clerk, "edge-1", nil); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("a clerk reports: got %v, want that it is forbidden", err)
		}
	})
}

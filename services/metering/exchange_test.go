package metering_test

import (
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// energyOf adds up the energy of a meter by its counters.
func energyOf(t *testing.T, s *metering.Service, meter string, from, until time.Time) (wh models.WattHours) {
	t.Helper()
	for _, b := range quarters(t, s, meter, from, until) {
		wh += b.CounterImport
	}
	return wh
}

// steady gives readings of so many watts every ten seconds in [from, until); the
// register begins at wh.
func steady(meter string, from, until time.Time, watts, wh int64) (out []models.Reading) {
	for at := from; at.Before(until); at = at.Add(10 * time.Second) {
		out = append(out, reading(meter, at, watts, wh+int64(at.Sub(from).Hours()*float64(watts))))
	}
	return out
}

var exchangeOf = metering.Exchange{Serial: "NEW-1", NewSeals: "A1, A2", OldSeals: "Z9", Act: "17/2026"}

func TestExchange_EnergyGoesOnWithoutAJumpHoweverTheRegistersStand(t *testing.T) {
	for name, first := range map[string]int64{"a new device begins lower": 12, "and higher": 9_000_000} {
		for order, recorded := range map[string]time.Duration{"recorded at once": 0, "recorded after the new one was read": 20 * time.Minute} {
			t.Run(name+", "+order, func(t *testing.T) {
				storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
					s := metering.New(st, clock.Now)
					m := register(t, s, "M1")
					from := clock.Now().Truncate(models.IntervalLength).Add(-2 * time.Hour)
					at := from.Add(time.Hour)
					old, fresh := steady(m.ID, from, at.Add(-5*time.Minute), 6000, 500_000), steady(m.ID, at.Add(5*time.Minute), at.Add(time.Hour), 6000, first+500)
					x := exchangeOf
					x.At, x.Final, x.First = at, 506_000, models.WattHours(first)
					sequence := int64(0)
					send := func(rows []models.Reading) { sequence++; ingested(t, s, sequence, rows...) }
					send(old)
					if recorded > 0 {
						send(fresh)
					}
					next, row, err := s.ExchangeMeter(ctx, clerk, "M1", m.Version, x)
					if err != nil {
						t.Fatal(err)
					}
					if recorded == 0 {
						send(fresh)
					}
					if next.Serial != "NEW-1" || next.Version != m.Version+1 || row.Kind != models.ExchangeMeter || row.OldSeals != "Z9" || row.Actor != clerk.ID {
						t.Errorf("got %+v and %+v", next, row)
					}
					if got := energyOf(t, s, "M1", from, clock.Now()); got < 11_950 || got > 12_000 {
						t.Errorf("two hours at 6 kW over an exchange are %d Wh, want 11,983", got)
					}
					for _, b := range quarters(t, s, "M1", from, clock.Now()) {
						if b.CounterImport > 1_510 {
							t.Errorf("the quarter at %s has %d Wh, a load of 6 kW has 1,500", b.Start, b.CounterImport)
						}
					}
					if err := s.JoinCounters(ctx); err != nil {
						t.Error(err)
					}
				})
			})
		}
	}
}

func TestExchange_OtherTransformersChangeTheScaleAndNotTheEnergy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m, err := s.RegisterMeter(ctx, clerk, models.Meter{Code: "M1", Serial: "S1", Role: models.MeterRevenue, Utility: "u-north", CTNum: 200, CTDen: 5,
			Node: models.Ref{Kind: "transformer", ID: "tx"}, URL: "tcp://127.0.0.1:502", Unit: 1, Profile: "eastron/sdm630"})
		if err != nil {
			t.Fatal(err)
		}
		from := clock.Now().Truncate(models.IntervalLength).Add(-time.Hour)
		at := from.Add(30 * time.Minute)
		ingested(t, s, 1, steady(m.ID, from, at, 40_000, 4_000_000)...) // shows 100,000 Wh times 40
		x := metering.Exchange{At: at, CTNum: 400, CTDen: 5, Final: 100_500, First: 100_500, NewSeals: "B1", Act: "18/2026"}
		early := x
		early.At = at.Add(-time.Minute)
		if _, _, err := s.ExchangeMeter(ctx, clerk, "M1", 0, early); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("a ratio from before the last reading: got %v, want that it is refused", err)
		}
		next, row, err := s.ExchangeMeter(ctx, clerk, "M1", 0, x)
		if err != nil {
			t.Fatal(err)
		}
		if row.Kind != models.ExchangeTransformers || row.Final != 4_020_000 || row.First != 8_040_000 || next.CTNum != 400 {
			t.Errorf("got %+v", row)
		}
		ingested(t, s, 2, steady(m.ID, at.Add(10*time.Second), at.Add(30*time.Minute), 40_000, 8_040_111)...)
		if got := energyOf(t, s, "M1", from, clock.Now()); got < 39_700 || got > 40_000 {
			t.Errorf("an hour at 40 kW is %d Wh", got)
		}
	})
}

func TestExchange_WhatCannotBeIsRefusedAndHistoryIsKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m := register(t, s, "M1")
		ingested(t, s, 1, reading(m.ID, clock.Now().Add(-time.Minute), 1000, 500))
		start := clock.Now()
		good := exchangeOf
		good.At, good.Final = start, 600
		for name, change := range map[string]func(*metering.Exchange){
			"nothing is exchanged": func(x *metering.Exchange) { x.Serial = m.Serial }, "in the future": func(x *metering.Exchange) { x.At = start.Add(time.Hour) },
			"no seals": func(x *metering.Exchange) { x.NewSeals = " " }, "no act": func(x *metering.Exchange) { x.Act = "" },
			"the register went back": func(x *metering.Exchange) { x.Final = 499 }, "below nothing": func(x *metering.Exchange) { x.First = -1 },
			"no such profile": func(x *metering.Exchange) { x.Profile = "nobody/none" },
		} {
			x := good
			change(&x)
			if _, _, err := s.ExchangeMeter(ctx, clerk, "M1", 0, x); models.CodeOf(err) != models.CodeInvalid {
				t.Errorf("%s: got %v, want that it is refused", name, err)
			}
		}
		other := models.Actor{ID: "n", Kind: "client", Roles: []models.Role{models.RoleUtility}, Utility: "u-south"}
		if _, _, err := s.ExchangeMeter(ctx, other, "M1", 0, good); models.CodeOf(err) != models.CodeNotFound {
			t.Errorf("another utility: got %v, want that there is no such meter", err)
		}
		if _, _, err := s.ExchangeMeter(ctx, clerk, "M1", 7, good); models.CodeOf(err) != models.CodeVersionConflict {
			t.Errorf("another version: got %v", err)
		}
		clock.Advance(time.Minute)
		if _, _, err := s.ExchangeMeter(ctx, clerk, "M1", 1, good); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.ExchangeMeter(ctx, clerk, "M1", 0, metering.Exchange{At: start, Serial: "NEW-2", NewSeals: "C", Act: "19"}); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("a second one at the same instant: got %v, want that it is refused", err)
		}
		all, err := s.Exchanges(ctx, clerk, "M1")
		if err != nil || len(all) != 1 || all[0].NewSeals != "A1, A2" {
			t.Errorf("got %+v (%v), want the one exchange", all, err)
		}
		now, _ := s.Meter(ctx, clerk, "M1")
		then, err := s.Meter(store.At(ctx, store.Moment{AsAt: start}), clerk, "M1")
		if err != nil || then.Serial != m.Serial || now.Serial != "NEW-1" {
			t.Errorf("the meter was %q (%v) and is %q, want %q and NEW-1", then.Serial, err, now.Serial, m.Serial)
		}
	})
}

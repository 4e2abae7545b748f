package detection

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/simulator"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// winter is the beginning of a legal day in the heated season.
var winter = time.Date(2026, 10, 31, 19, 0, 0, 0, time.UTC)

// coldWeather is an autumn that gets colder, an hour each, at the substation S.
func coldWeather(days int) []models.Temperature {
	var out []models.Temperature
	for h := range days * 24 {
		c := 6 - 14*float64(h)/float64(days*24) + 3*math.Sin(float64(h)/17)
		out = append(out, models.Temperature{Place: "S", At: winter.Add(time.Duration(h) * time.Hour), MilliC: int64(1000 * c)})
	}
	return out
}

const winterDays = 24

// winterReadings are those of a home in which two rigs begin to run on the 17th day.
func winterReadings(meter string, from, until time.Time, every time.Duration) []models.Reading {
	var out []models.Reading
	r := rand.New(rand.NewPCG(3, 5))
	for at := from; at.Before(until); at = at.Add(every) {
		w := 350 + 150*r.Float64()
		if !at.Before(winter.AddDate(0, 0, 16)) {
			w += 6500
		}
		reading := models.Reading{Meter: meter, At: at, Step: every}
		reading.Values.Set(models.QPTotal, int64(w))
		out = append(out, reading)
	}
	return out
}

func (r *rig) weather(actor models.Actor, readings []models.Temperature) WeatherKept {
	r.t.Helper()
	kept, err := r.service.RecordWeather(context.Background(), actor, "test", readings)
	if err != nil {
		r.t.Fatal(err)
	}
	return kept
}

// state is the stream of the one substation as it stands in memory.
func (r *rig) state() []byte {
	r.t.Helper()
	for _, held := range r.service.streams {
		out, err := held.engine.Checkpoint()
		if err != nil {
			r.t.Fatal(err)
		}
		return out
	}
	r.t.Fatal("no stream is held")
	return nil
}

// winterHome plays the days of a home with the weather as it came, and gives its finding.
func winterHome(t *testing.T, s *store.Store, clock *storetest.Clock, weather func(*rig)) (*rig, models.Finding) {
	t.Helper()
	r := newRig(t, s, clock)
	clock.Set(winter)
	g := simulator.Grid{Seed: 1, Start: winter, Code: "S", Nodes: []simulator.Node{
		{Code: "S-A", Kind: "feeder", Parent: "S", LimitKW: 300},
		{Code: "S-A-1", Kind: "connection_point", Parent: "S-A", Use: "household", PermittedKW: 20},
	}, Meters: []simulator.Meter{{Code: "M", Node: "S-A-1", Role: models.MeterRevenue, Class: "1"}}}
	meter := install(t, s, g)["M"]
	now := winter.AddDate(0, 0, winterDays).Add(time.Hour)
	clock.Set(now)
	weather(r)
	for part := range slices.Chunk(winterReadings(meter, winter, now, step), 3000) {
		r.ingest(part...)
	}
	r.follow()
	r.look()
	for part := range slices.Chunk(winterReadings(meter, now, now.Add(3*time.Minute), 20*time.Second), 1) {
		clock.Set(part[0].At.Add(time.Second))
		r.ingest(part...)
	}
	r.follow()
	r.look()
	found := r.findings()
	if len(found) != 1 || found[0].Rule != models.RuleUnlicensed {
		t.Fatalf("found %v, want the home", causes(found))
	}
	return r, found[0]
}

// TestWeather_AHomeIsToldFromItsHeatingWhereTheTemperatureIsKnown: without it the finding
// says so and stays a watch; weather that comes late makes the same of it, to the byte, as
// weather in time.
func TestWeather_AHomeIsToldFromItsHeatingWhereTheTemperatureIsKnown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		r, f := winterHome(t, s, clock, func(*rig) {})
		if f.Tier != models.TierWatch || f.Evidence.TierReason != "no_temperature" || slices.Contains(f.Evidence.Alternatives, "heating") || f.Evidence.Numbers["temperature_percent"] != 0 {
			t.Errorf("without weather: tier %s because of %q, ruled out %v, %v", f.Tier, f.Evidence.TierReason, f.Evidence.Alternatives, f.Evidence.Numbers)
		}
		clock.Advance(20 * time.Second)
		r.weather(collector, coldWeather(winterDays))
		r.follow()
		if n := r.look(); n != 1 {
			t.Errorf("looked at %d feeders after the weather came, want 1", n)
		}
		late := r.findings()
		if len(late) != 1 || late[0].ID != f.ID || late[0].Tier != models.TierInspect || late[0].Evidence.TierReason != "" ||
			!slices.Contains(late[0].Evidence.Alternatives, "heating") || late[0].Evidence.Numbers["temperature_percent"] != 100 {
			t.Errorf("with late weather: %+v", late)
		}
		if live, played := r.state(), played(t, s, coldWeather(winterDays)); !bytes.Equal(live, played) {
			t.Errorf("the state of %d bytes with late weather is not that of a backtest with weather in time, of %d", len(live), len(played))
		}
		if live, played := r.state(), played(t, s, nil); bytes.Equal(live, played) {
			t.Error("the weather makes no difference")
		}

		// The same once more changes nothing, and nothing is gone through again.
		before := r.count("weather.recorded")
		if kept := r.weather(collector, coldWeather(winterDays)); kept != (WeatherKept{Same: winterDays * 24}) {
			t.Errorf("the same weather again: %+v", kept)
		}
		r.follow()
		if n := r.look(); n != 0 || r.count("weather.recorded") != before {
			t.Errorf("the same weather again: %d feeders were looked at, %d entries", n, r.count("weather.recorded"))
		}
	})
}

// played is the state of the substation as a backtest makes it: its intervals in order,
// each hour's temperature before them.
func played(t *testing.T, s *store.Store, weather []models.Temperature) []byte {
	t.Helper()
	var e *stream.Engine
	err := s.View(context.Background(), func(tx *store.Tx) error {
		place, err := tx.Substation("S")
		if err != nil {
			return err
		}
		units, err := loadSubstation(tx, inForce(nil, tx.Now), place.ID, nil)
		if err != nil {
			return err
		}
		g, err := gridOf(units, nil)
		if err != nil {
			return err
		}
		g.topology.Start = winter
		if e, err = stream.New(g.topology); err != nil {
			return err
		}
		until := models.IntervalStart(tx.Now)
		all, err := tx.IntervalsOf(g.meters, winter, until)
		if err != nil {
			return err
		}
		rest := weather
		for i := range all {
			for len(rest) > 0 && !rest[0].At.After(all[i].Start) {
				e.Weather(rest[0].At.Unix(), rest[0].Celsius())
				rest = rest[1:]
			}
			if w, known := powerOf(&all[i], closedCover); known {
				e.Push(e.Meter(all[i].Meter), all[i].Start.Unix(), w/1000, nan)
			}
		}
		e.Finish(until.Unix())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestWeather_TheClosestPlaceOfADayCounts: of a substation's own station, its district and
// its region, and of two values of an instant the one that came last.
func TestWeather_TheClosestPlaceOfADayCounts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		r := newRig(t, s, clock)
		clock.Set(winter.Add(72 * time.Hour))
		at := func(h int) time.Time { return winter.Add(time.Duration(h) * time.Hour) }
		r.weather(head, []models.Temperature{{Place: "550000000", At: at(1), MilliC: -5000}, {Place: "55", At: at(30), MilliC: -6000}, {Place: "551035", At: at(2), MilliC: -7000}})
		clock.Advance(time.Second)
		if kept := r.weather(head, []models.Temperature{{Place: "551035", At: at(2), MilliC: -8000}, {Place: "55", At: at(30), MilliC: -6000}}); kept != (WeatherKept{Corrected: 1, Same: 1}) {
			t.Errorf("a correction and a repetition: %+v", kept)
		}
		for day, want := range []int64{-8000, -6000, 0} {
			err := s.View(context.Background(), func(tx *store.Tx) error {
				got, err := dayWeather(tx, models.WeatherPlaces("S", "551035100"), winter.AddDate(0, 0, day))
				if want == 0 && len(got) != 0 || want != 0 && (len(got) != 1 || got[0].MilliC != want) {
					t.Errorf("day %d: %+v, want %d", day, got, want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestWeather_ALateDayConcernsOnlyTheSubstationsOfItsPlaces(t *testing.T) {
	now := winter.AddDate(0, 0, 40)
	all := []models.Substation{{ID: "1", Code: "A", Kato: "551035100"}, {ID: "2", Code: "B", Kato: "551000000"}, {ID: "3", Code: "C", Kato: "710000000"}}
	for name, c := range map[string]struct {
		place string
		at    time.Time
		want  map[string]time.Time
	}{
		"of a region":      {"55", now.Add(-50 * time.Hour), map[string]time.Time{"1": now.Add(-72 * time.Hour), "2": now.Add(-72 * time.Hour)}},
		"of a village":     {"551035100", now.Add(-50 * time.Hour), map[string]time.Time{"1": now.Add(-72 * time.Hour)}},
		"of a substation":  {"C", now.Add(-time.Second), map[string]time.Time{}},
		"of the day's end": {"C", now.Add(-24*time.Hour - time.Second), map[string]time.Time{"3": now.Add(-48 * time.Hour)}},
		"of long ago":      {"55", now.Add(-39 * 24 * time.Hour), map[string]time.Time{}},
	} {
		got := lateFor(all, []models.Temperature{{Place: c.place, At: c.at}}, now.Add(time.Second))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWeather_WhatCannotBeIsRefusedAndNothingOfItKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		r := newRig(t, s, clock)
		clock.Set(winter)
		good := models.Temperature{Place: "55", At: winter.Add(-time.Hour), MilliC: 1000}
		for name, c := range map[string]struct {
			actor   models.Actor
			batch   []models.Temperature
			code    models.Code
			pointer string
		}{
			"an officer":     {officer, []models.Temperature{good}, models.CodeForbidden, ""},
			"nothing":        {head, nil, models.CodeInvalid, "/readings"},
			"no such place":  {head, []models.Temperature{good, {Place: "Oskemen", At: good.At}}, models.CodeInvalid, "/readings/1/place"},
			"a forecast":     {head, []models.Temperature{good, {Place: "55", At: winter.Add(time.Hour)}}, models.CodeInvalid, "/readings/1/at"},
			"two at an hour": {head, []models.Temperature{good, {Place: "550000000", At: good.At, MilliC: 2000}}, models.CodeInvalid, "/readings/1"},
		} {
			_, err := r.service.RecordWeather(context.Background(), c.actor, "test", c.batch)
			pointer := ""
			if bad := (*models.Error)(nil); errors.As(err, &bad) && len(bad.Fields) > 0 {
				pointer = bad.Fields[0].Pointer
			}
			if models.CodeOf(err) != c.code || pointer != c.pointer {
				t.Errorf("%s: %v at %q, want %s at %q", name, err, pointer, c.code, c.pointer)
			}
		}
		places, without, err := r.service.WeatherPlaces(context.Background(), officer)
		if err != nil || len(places) != 0 || len(without) != 0 {
			t.Errorf("kept %v, %v, %v", places, without, err)
		}
	})
}

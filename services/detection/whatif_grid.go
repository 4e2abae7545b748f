package detection

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/store"
)

// mostStages is how many changes of a grid a what-if follows; of more, each second one.
const mostStages = 60

// stage is a substation over legal days on which nothing of its grid changed: as the
// register knew it when they were over.
type stage struct {
	from, until time.Time
	units       []Unit
	grid        grid
}

// loadTwofold reads a substation from the register as it was on each day, without its
// readings. Days before the first recording are taken to be as it was recorded first.
func (s *Service) loadTwofold(ctx context.Context, w models.WhatIf, substation string) (t twofold, err error) {
	var bounds []time.Time
	err = s.store.View(ctx, func(tx *store.Tx) error {
		tables, err := tablesOf(tx)
		if err != nil {
			return err
		}
		place, err := tx.Substation(substation)
		if err != nil {
			return err
		}
		t.places = models.WeatherPlaces(place.Code, place.Kato)
		if t.outcomes, err = tx.Outcomes(time.Time{}); err != nil {
			return err
		}
		t.present = stream.InForce(tables, w.AskedAt)
		if t.with, err = t.present.With(t.present.Version+"*", w.Values); err != nil {
			return err
		}
		changes, err := tx.GridChanges(substation)
		bounds = boundsOf(changes, w.From, w.Until)
		return err
	})
	if err != nil {
		return t, err
	}
	t.wide = map[string]*Channel{}
	all := map[string]bool{}
	for i := range bounds[1:] {
		st := stage{from: bounds[i], until: bounds[i+1]}
		at := ctx
		if i+2 < len(bounds) {
			end := st.until.Add(-time.Microsecond)
			at = store.At(ctx, store.Moment{AsAt: end, KnownAt: end})
		}
		if err := s.store.View(at, func(tx *store.Tx) error { return t.load(tx, w, substation, &st) }); err != nil {
			return t, err
		}
		t.stages = append(t.stages, st)
		for _, id := range st.grid.meters {
			all[id] = true
		}
	}
	for id := range t.wide {
		all[id] = true
	}
	t.meters = slices.Sorted(maps.Keys(all))
	return t, nil
}

// boundsOf gives the legal midnights that part [from, until) where a grid changed: the
// beginning of each day with a change, but of the first day ever recorded.
func boundsOf(changes []time.Time, from, until time.Time) []time.Time {
	cuts := []time.Time{}
	for i, at := range changes {
		day := legalMidnight(at)
		if i > 0 && day.After(legalMidnight(changes[0])) && day.After(from) && day.Before(until) && !slices.Contains(cuts, day) {
			cuts = append(cuts, day)
		}
	}
	for len(cuts) > mostStages {
		half := cuts[:0]
		for i := 1; i < len(cuts); i += 2 {
			half = append(half, cuts[i])
		}
		cuts = half
	}
	return slices.Concat([]time.Time{from}, cuts, []time.Time{until})
}

// load reads the units of a stage.
func (t *twofold) load(tx *store.Tx, w models.WhatIf, substation string, st *stage) error {
	st.units = nil
	feeders, err := tx.Feeders("", substation, store.Page{Limit: 1000})
	if err != nil {
		return err
	}
	n := int(w.Until.Sub(w.From) / step)
	for _, f := range feeders {
		u := Unit{Feeder: f, Start: w.From, Now: w.Until, Closed: n}
		ids, err := u.register(tx)
		if err != nil {
			return fmt.Errorf("feeder %s: %w", f.Code, err)
		}
		if u.Allowances, err = tx.AllowancesEver(f.ID); err != nil {
			return err
		}
		if err := t.open(tx, &u, ids, n); err != nil {
			return err
		}
		st.units = append(st.units, u)
	}
	st.grid, err = gridOf(st.units, nil)
	return err
}

// begin makes the two streams for the grid of a day.
func (t *twofold) begin(start time.Time) (err error) {
	t.start = start
	for t.current = 0; !start.Before(t.stages[t.current].until); {
		t.current++
	}
	for _, of := range t.both() {
		if *of.engine, err = stream.New(t.topology(of.table)); err != nil {
			return err
		}
	}
	return nil
}

// both are the two streams with their tables.
func (t *twofold) both() []struct {
	engine **stream.Engine
	table  stream.Params
} {
	return []struct {
		engine **stream.Engine
		table  stream.Params
	}{{&t.before, t.present}, {&t.after, t.with}}
}

// topology is that of the stage that runs, with one table.
func (t *twofold) topology(table stream.Params) stream.Topology {
	out := t.stages[t.current].grid.topology
	out.Start, out.Parameters = t.start, []stream.Dated{{Params: table}}
	return out
}

// reach goes over to the grid of an instant, as the live stream does when it changed.
func (t *twofold) reach(at time.Time) error {
	before := t.stages[t.current].grid.print
	for t.current+1 < len(t.stages) && !at.Before(t.stages[t.current].until) {
		t.current++
	}
	if t.stages[t.current].grid.print == before {
		return nil
	}
	for _, of := range t.both() {
		state, err := (*of.engine).Checkpoint()
		if err != nil {
			return err
		}
		if *of.engine, err = stream.Restore(t.topology(of.table), state); err != nil {
			return err
		}
	}
	return nil
}

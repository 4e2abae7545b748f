package detection

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/ledger"
	"rigistry/services/store"
)

// follower is the name under which detection follows the ledger.
const follower = "detection"

const (
	// A feeder is looked at once in a quarter hour, soon after the quarter is over,
	// and every minute for the first minutes after its readings begin to come live.
	grace      = time.Minute
	warmUp     = 5 * time.Minute
	warmUpStep = time.Minute
	// Readings are live when their batch came within this time and spans no more.
	liveDelay = 2 * time.Minute
	liveSpan  = 10 * time.Minute

	leaseTime = 30 * time.Second
	pause     = time.Second
)

// Run follows the ledger and looks at feeders until ctx ends. Several processes
// share the substations: one looks at a substation at a time.
func (s *Service) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return ledger.Follow(ctx, s.store, follower, s.mark) })
	group.Go(func() error { return s.watch(ctx) })
	group.Go(func() error { return s.workOnWhatIfs(ctx) })
	return group.Wait()
}

// watch looks at what is due, again and again.
func (s *Service) watch(ctx context.Context) error {
	timer := time.NewTicker(pause)
	defer timer.Stop()
	for {
		if _, err := s.lookAtAll(ctx); err != nil && ctx.Err() == nil {
			s.logger.Error("detection: look at what is due", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
	}
}

// lookAtAll looks at every substation of which a feeder is due and gives how many
// feeders were looked at.
func (s *Service) lookAtAll(ctx context.Context) (int, error) {
	var due []store.DetectionState
	substations := map[string][]store.DetectionState{}
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		if due, err = tx.DueDetection(tx.Now, 1000); err != nil {
			return err
		}
		clear(substations)
		for _, d := range due {
			f, err := tx.Feeder(d.Feeder)
			if err != nil {
				return err
			}
			substations[f.Substation] = append(substations[f.Substation], d)
		}
		return nil
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	var failed []error
	looked := 0
	for _, id := range slices.Sorted(maps.Keys(substations)) {
		n, err := s.lookAt(ctx, id, substations[id])
		looked += n
		if models.CodeOf(err) == models.CodeVersionConflict {
			continue // another process was faster; what is due stays due
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("substation %s: %w", id, err), s.postpone(ctx, substations[id]))
		}
	}
	return looked, errors.Join(failed...)
}

// postpone puts off feeders that could not be looked at.
func (s *Service) postpone(ctx context.Context, due []store.DetectionState) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		for _, d := range due {
			states, err := tx.DetectionStates([]string{d.Feeder})
			if err != nil {
				return err
			}
			state := states[d.Feeder]
			state.Feeder, state.Due = d.Feeder, tx.Now.Add(grace)
			if err := tx.SetDetectionState(state); err != nil {
				return err
			}
		}
		return nil
	})
}

// lookAt looks at a substation: it loads it in one snapshot, brings its stream up to
// the last quarter hour that is over, runs the limits of the feeders that are due,
// all without a transaction, and saves state and findings in one. What comes in
// between leaves feeders due, by the position of the follower.
func (s *Service) lookAt(ctx context.Context, substation string, due []store.DetectionState) (int, error) {
	mine := false
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		mine, err = tx.TakeLease("detection "+substation, s.id, tx.Now.Add(leaseTime))
		return err
	})
	if err != nil || !mine {
		return 0, err
	}
	var (
		units  []Unit
		tables []stream.Dated
		place  models.Substation
		seen   int64
		now    time.Time
	)
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		now = tx.Now
		if seen, err = tx.FollowerPosition(follower); err != nil {
			return err
		}
		if tables, err = tablesOf(tx); err != nil {
			return err
		}
		if place, err = tx.Substation(substation); err != nil {
			return err
		}
		units, err = loadSubstation(tx, inForce(tables, now), substation, due)
		return err
	})
	if err != nil {
		return 0, err
	}
	g, err := gridOf(units, tables)
	if err != nil {
		return 0, err
	}
	g.places = models.WeatherPlaces(place.Code, place.Kato)
	p, err := s.advance(ctx, substation, g, models.IntervalStart(now.Add(-grace)))
	delete(s.streams, substation) // what is in memory is ahead of the store until it is saved
	if err != nil {
		return 0, err
	}
	looked := 0
	found := make([][]models.Finding, len(units))
	for i, u := range units {
		if u.Due {
			looked++
			found[i] = evaluate(tables, u, p.engine)
			allow(u, found[i])
			capTiers(u, found[i])
		}
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if err := s.saveStream(tx, substation, p); err != nil {
			return err
		}
		for i, u := range units {
			if !u.Due {
				continue
			}
			if err := save(tx, u, found[i], seen); err != nil {
				return err
			}
			if err := retract(tx, u, p, found[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.streams[substation] = p.running
	}
	return looked, err
}

// evaluate runs every rule over a unit, each day by the table of that day. It is pure.
func evaluate(tables []stream.Dated, u Unit, e *stream.Engine) []models.Finding {
	out := limitsOf(tables, u)
	if e != nil {
		p := inForce(tables, u.Now)
		out = append(out, suspicions(p, u, e)...)
		out = append(out, doubts(p, u, e)...)
	}
	for _, f := range out {
		// A number that could not be computed is not told.
		maps.DeleteFunc(f.Evidence.Numbers, func(_ string, v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
	}
	return out
}

// retract closes findings of the stream that were raised from readings which were
// corrected since: gone through again, they raise nothing.
func retract(tx *store.Tx, u Unit, p progress, found []models.Finding) error {
	if p.replay.IsZero() {
		return nil
	}
	known, err := tx.FindingsOfFeeder(u.Feeder.ID)
	if err != nil {
		return err
	}
	causes := map[string]bool{}
	for _, c := range p.engine.Causes() {
		causes[c.Alert.Target] = true
	}
	for _, f := range known {
		if !fromStream(f) || f.State == models.FindingClosed || causes[f.Target.ID] || f.FirstSeen.Before(p.start) || f.RaisedAt.Before(p.replay) {
			continue
		}
		if slices.ContainsFunc(found, func(o models.Finding) bool { return o.Rule == f.Rule && o.Target == f.Target }) {
			continue
		}
		f.State, f.Reason, f.Updated = models.FindingClosed, "corrected", tx.Now
		if err := tx.UpdateFinding(f); err != nil {
			return err
		}
		f.Version++
		if err := appendFinding(tx, models.System(), "finding.closed", "corrected", f); err != nil {
			return err
		}
	}
	return nil
}

// fromStream tells whether a finding rests on the stream and not on a documented
// limit.
func fromStream(f models.Finding) bool {
	switch f.Rule {
	case models.RuleBalance, models.RuleMeterTampered:
		return true
	case models.RuleUnlicensed:
		return f.Evidence.Kind != "without_license"
	}
	return false
}

// save writes the findings of a look and when the feeder is to be looked at again.
func save(tx *store.Tx, u Unit, found []models.Finding, seen int64) error {
	known, err := tx.FindingsOfFeeder(u.Feeder.ID)
	if err != nil {
		return err
	}
	byCause := map[string]models.Finding{}
	for _, f := range known {
		byCause[string(f.Rule)+" "+f.Target.ID] = f
	}
	for _, f := range found {
		old, exists := byCause[string(f.Rule)+" "+f.Target.ID]
		if exists {
			err = refresh(tx, old, f)
		} else {
			err = raise(tx, f)
		}
		if err != nil {
			return err
		}
	}
	states, err := tx.DetectionStates([]string{u.Feeder.ID})
	if err != nil {
		return err
	}
	state := states[u.Feeder.ID]
	state.Feeder, state.Evaluated, state.Due = u.Feeder.ID, u.Now, time.Time{}
	position, err := tx.FollowerPosition(follower)
	if err != nil {
		return err
	}
	if position != seen || !u.Live.IsZero() {
		tables, err := tablesOf(tx)
		if err != nil {
			return err
		}
		state.Due = nextLook(inForce(tables, tx.Now), state, tx.Now)
	}
	return tx.SetDetectionState(state)
}

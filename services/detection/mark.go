package detection

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// mark notes which feeders an entry of the ledger concerns. It is a follower's
// function: it may run again.
func (s *Service) mark(_ context.Context, tx *store.Tx, batch []models.SealedEntry) error {
	var first, live time.Time
	now := map[string]bool{}
	for _, e := range batch {
		switch {
		case e.Kind == "reading.ingested":
			var facts struct{ First, Last time.Time }
			if err := json.Unmarshal([]byte(e.Body), &facts); err != nil {
				return fmt.Errorf("entry %d: %w", e.Index, err)
			}
			if first.IsZero() || facts.First.Before(first) {
				first = facts.First
			}
			if e.At.Sub(facts.Last) <= liveDelay && facts.Last.Sub(facts.First) <= liveSpan && (live.IsZero() || facts.First.Before(live)) {
				live = facts.First
			}
		case e.Kind == "weather.recorded":
			feeders, err := tx.FeedersOfLateWeather()
			if err != nil {
				return err
			}
			for _, f := range feeders {
				now[f] = true
			}
		case e.Kind == "case.dismissed" || e.Kind == "case.closed" || e.Kind == "case.reopened":
			if err := learn(tx, e); err != nil {
				return err
			}
		case e.Subject.Kind == "license" && strings.HasPrefix(e.Kind, "license."):
			feeders, err := tx.FeedersOfLicense(e.Subject.ID)
			if err != nil {
				return err
			}
			for _, f := range feeders {
				now[f] = true
			}
		case e.Subject.Kind == "connection_point":
			point, err := tx.ConnectionPoint(e.Subject.ID)
			if models.CodeOf(err) == models.CodeNotFound {
				continue
			}
			if err != nil {
				return err
			}
			now[point.Feeder] = true
		}
	}
	return markFeeders(tx, first, live, now)
}

func markFeeders(tx *store.Tx, first, live time.Time, now map[string]bool) error {
	newest := map[string]time.Time{}
	if !first.IsZero() {
		news, err := tx.FeedersSince(first)
		if err != nil {
			return err
		}
		for _, n := range news {
			newest[n.Feeder] = n.Newest
		}
	}
	var ids []string
	for id := range newest {
		ids = append(ids, id)
	}
	for id := range now {
		if newest[id].IsZero() {
			ids = append(ids, id)
		}
	}
	states, err := tx.DetectionStates(ids)
	if err != nil {
		return err
	}
	tables, err := tablesOf(tx)
	if err != nil {
		return err
	}
	p := inForce(tables, tx.Now)
	for _, id := range ids {
		state := states[id]
		state.Feeder = id
		if at := newest[id]; !live.IsZero() && !at.Before(live) {
			if live.Sub(state.Live) > p.LiveBreak {
				state.LiveFrom = live
			}
			if at.After(state.Live) {
				state.Live = at
			}
		}
		due := nextLook(p, state, tx.Now)
		if now[id] {
			due = tx.Now
		}
		if state.Due.IsZero() || due.Before(state.Due) {
			state.Due = due
		}
		if err := tx.SetDetectionState(state); err != nil {
			return err
		}
	}
	return nil
}

// nextLook is when a feeder with new readings is to be looked at.
func nextLook(p Params, state store.DetectionState, now time.Time) time.Time {
	next := models.IntervalStart(state.Evaluated).Add(step + grace)
	if ready := state.LiveFrom.Add(p.LiveFor); !state.LiveFrom.IsZero() && state.Evaluated.Before(state.LiveFrom.Add(warmUp)) {
		next = ready
		if after := state.Evaluated.Add(warmUpStep); after.After(next) {
			next = after
		}
	}
	if next.Before(now) {
		return now
	}
	return next
}

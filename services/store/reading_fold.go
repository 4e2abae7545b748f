package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rigistry/models"
)

// FoldPending folds the oldest batches that wait, of at most so many readings but at
// least one, and gives how many readings they were.
func (tx *Tx) FoldPending(most int64) (int64, error) {
	keys, err := tx.pendingKeys(nil)
	if err != nil {
		return 0, err
	}
	n, sum := 0, int64(0)
	for n < len(keys) && (n == 0 || sum+keys[n].Readings <= most) {
		sum += keys[n].Readings
		n++
	}
	return sum, tx.fold(keys[:n])
}

// FoldPendingOf folds every batch that waits and has readings of one of the meters.
func (tx *Tx) FoldPendingOf(ids []string) error {
	at, err := tx.placesOf(ids)
	if err != nil {
		return err
	}
	places, want := []int64{0}, map[string]bool{}
	for id, p := range at {
		want[id] = true
		if !slices.Contains(places, p.place) {
			places = append(places, p.place)
		}
	}
	keys, err := tx.pendingKeys(places)
	if err != nil || len(keys) == 0 {
		return err
	}
	bodies, err := tx.pendingBodies(keys)
	if err != nil {
		return err
	}
	var some []pendingKey
	for i, b := range bodies {
		has := false
		if err := models.ParsePacket(b, func(id string) bool { has = has || want[id]; return false }, nil); err != nil {
			return err
		}
		if has {
			some = append(some, keys[i])
		}
	}
	return tx.fold(some)
}

// fold takes rows that wait and keeps their readings for good.
func (tx *Tx) fold(keys []pendingKey) error {
	if len(keys) == 0 {
		return nil
	}
	bodies, err := tx.pendingBodies(keys)
	if err != nil {
		return err
	}
	of, err := tx.wholePackets(bodies)
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	states, err := tx.keptStates(ids)
	if err != nil {
		return err
	}
	var in Ingested
	for _, id := range ids {
		state := states[id]
		in.Readings = append(in.Readings, of[id]...)
		in.Intervals = append(in.Intervals, foldOf(id, &state, of[id], time.Time{}, tx.Now.AddDate(1, 0, 0))...)
		in.States = append(in.States, state)
	}
	if err := tx.KeepIngested(in); err != nil {
		return err
	}
	gone := make([]string, len(keys))
	for i, k := range keys {
		gone[i] = k.ID
	}
	for part := range chunks(gone, maxRows) {
		n, err := exec(tx, "DELETE FROM reading_pending WHERE id IN ?", part)
		if err != nil {
			return fmt.Errorf("take folded readings away: %w", err)
		}
		if n != int64(len(part)) {
			return raceError{errStale} // another process folds them
		}
	}
	return nil
}

// ForgetPending frees the memory of what was folded.
func (s *Store) ForgetPending(ctx context.Context) error {
	return s.View(ctx, func(tx *Tx) error {
		keys, err := tx.pendingKeys(nil)
		if err != nil {
			return err
		}
		still := make(map[string]bool, len(keys))
		for _, k := range keys {
			still[k.ID] = true
		}
		c := &s.places.pending
		c.mu.Lock()
		var gone []string
		for id := range c.bodies {
			if !still[id] {
				gone = append(gone, id)
			}
		}
		c.mu.Unlock()
		c.drop(gone)
		return nil
	})
}

// foldOf gives the intervals of [from, until) that a meter's next readings add to, and
// brings its state up to them.
func foldOf(id string, state *MeterState, rows []models.Reading, from, until time.Time) []models.Interval {
	before := models.EnergySample{}
	if !state.Base.At.IsZero() {
		before = models.EnergySampleOf(&state.Base, 0)
	}
	samples := make([]models.EnergySample, 0, len(rows))
	for i := range rows {
		if s := models.EnergySampleOf(&rows[i], 0); state.see(&rows[i]) {
			samples = append(samples, s)
		}
	}
	parts := models.FoldReadings(before, samples, from, until)
	for i := range parts {
		parts[i].Meter = id
	}
	return parts
}

// see brings the state up to a reading; false when it is not newer.
func (st *MeterState) see(r *models.Reading) bool {
	if !r.At.After(st.Latest.At) {
		return false
	}
	st.Latest = *r
	if s := models.EnergySampleOf(r, 0); !s.Empty() {
		st.Base = *r
	}
	return true
}

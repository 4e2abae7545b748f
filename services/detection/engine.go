package detection

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"rigistry/models"
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

// lookAtAll looks at every feeder that is due and gives how many were.
func (s *Service) lookAtAll(ctx context.Context) (int, error) {
	var due []store.DetectionState
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		due, err = tx.DueDetection(tx.Now, 100)
		return err
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	var failed []error
	looked := 0
	for _, d := range due {
		mine, err := s.lookAt(ctx, d.Feeder)
		if err != nil {
			failed = append(failed, fmt.Errorf("feeder %s: %w", d.Feeder, err), s.postpone(ctx, d.Feeder))
		}
		if mine {
			looked++
		}
	}
	return looked, errors.Join(failed...)
}

// postpone puts off a feeder that could not be looked at.
func (s *Service) postpone(ctx context.Context, feeder string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		states, err := tx.DetectionStates([]string{feeder})
		if err != nil {
			return err
		}
		state := states[feeder]
		state.Feeder, state.Due = feeder, tx.Now.Add(grace)
		return tx.SetDetectionState(state)
	})
}

// lookAt evaluates one feeder: it reads a window in one snapshot, runs the rules
// without any transaction, and saves what they found. What comes in between
// leaves the feeder due, by the position of the follower.
func (s *Service) lookAt(ctx context.Context, feeder string) (bool, error) {
	mine := false
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		f, err := tx.Feeder(feeder)
		if err == nil {
			mine, err = tx.TakeLease("detection "+f.Substation, s.id, tx.Now.Add(leaseTime))
		}
		return err
	})
	if err != nil || !mine {
		return false, err
	}
	var (
		u        Unit
		seen     int64
		siblings []notes
	)
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		if seen, err = tx.FollowerPosition(follower); err != nil {
			return err
		}
		states, err := tx.DetectionStates([]string{feeder})
		if err != nil {
			return err
		}
		if u, err = load(tx, Parameters(tx.Now), feeder, states[feeder]); err != nil {
			return err
		}
		siblings, err = siblingNotes(tx, u.Feeder)
		return err
	})
	if err != nil {
		return true, err
	}
	result := evaluate(Parameters(u.Now), u)
	result.findings = holdTopology(result, siblings)
	err = s.store.Update(ctx, func(tx *store.Tx) error { return save(tx, u, result, seen) })
	return true, err
}

// notes is what is remembered of a feeder's last look.
type notes struct {
	Hold    string    `json:"hold,omitempty"` // why its balance says nothing
	Shift   float64   `json:"shift_w,omitempty"`
	ShiftAt time.Time `json:"shift_at,omitzero"`
	A       float64   `json:"a_w,omitempty"`
	B       float64   `json:"b_per_w,omitempty"`
	G       float64   `json:"g,omitempty"`
	U95     float64   `json:"u95_w,omitempty"`
}

func notesOf(b balance) notes {
	n := notes{Hold: b.Hold, A: b.A, B: b.B, G: b.G, U95: b.U95}
	if b.Shift != 0 {
		n.Shift, n.ShiftAt = b.Shift, b.At
	}
	return n
}

// siblingNotes gives the notes of the other feeders of the substation.
func siblingNotes(tx *store.Tx, f models.Feeder) ([]notes, error) {
	feeders, err := tx.Feeders("", f.Substation, store.Page{Limit: 1000})
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, o := range feeders {
		if o.ID != f.ID {
			ids = append(ids, o.ID)
		}
	}
	states, err := tx.DetectionStates(ids)
	if err != nil {
		return nil, err
	}
	var out []notes
	for _, id := range ids {
		var n notes
		if text := states[id].Notes; text != "" {
			if err := json.Unmarshal([]byte(text), &n); err != nil {
				return nil, fmt.Errorf("notes of feeder %s: %w", id, err)
			}
			out = append(out, n)
		}
	}
	return out, nil
}

// How alike and how near in time two opposite changes are that come from
// switching load between feeders, which nobody recorded.
const (
	twinShare = 0.35
	twinTime  = 24 * time.Hour
)

// holdTopology leaves out a rise of the balance that another feeder lost.
func holdTopology(e evaluation, siblings []notes) []models.Finding {
	kept := make([]models.Finding, 0, len(e.findings))
	for _, f := range e.findings {
		twin := false
		for _, n := range siblings {
			twin = twin || f.Evidence.Kind == "balance_rise" && n.Shift < 0 &&
				math.Abs(n.Shift+e.balance.Shift) <= twinShare*e.balance.Shift && n.ShiftAt.Sub(e.balance.At).Abs() <= twinTime
		}
		if !twin {
			kept = append(kept, f)
		}
	}
	return kept
}

// save writes the findings of a look and when the feeder is to be looked at again.
func save(tx *store.Tx, u Unit, e evaluation, seen int64) error {
	known, err := tx.FindingsOfFeeder(u.Feeder.ID)
	if err != nil {
		return err
	}
	byCause := map[string]models.Finding{}
	for _, f := range known {
		byCause[string(f.Rule)+" "+f.Target.ID] = f
	}
	for _, f := range e.findings {
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
	if position != seen {
		state.Due = nextLook(state, tx.Now)
	}
	text, err := json.Marshal(notesOf(e.balance))
	if err != nil {
		return fmt.Errorf("notes of feeder %s: %w", u.Feeder.Code, err)
	}
	state.Notes = string(text)
	return tx.SetDetectionState(state)
}

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
	for _, id := range ids {
		state := states[id]
		state.Feeder = id
		if at := newest[id]; !live.IsZero() && !at.Before(live) {
			if live.Sub(state.Live) > Parameters(tx.Now).LiveBreak {
				state.LiveFrom = live
			}
			if at.After(state.Live) {
				state.Live = at
			}
		}
		due := nextLook(state, tx.Now)
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
func nextLook(state store.DetectionState, now time.Time) time.Time {
	next := models.IntervalStart(state.Evaluated).Add(step + grace)
	if ready := state.LiveFrom.Add(Parameters(now).LiveFor); !state.LiveFrom.IsZero() && state.Evaluated.Before(state.LiveFrom.Add(warmUp)) {
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

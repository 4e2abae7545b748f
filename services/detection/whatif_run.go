package detection

import (
	"context"
	"errors"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/store"
)

const (
	// whatIfLease is the lease of the one process that works on what-ifs.
	whatIfLease = "detection what-if"
	// restMost is how long a what-if rests after a part of its work, which is as long
	// as the part took, so that live readings come first.
	restMost = time.Second
	// tellEvery is how much further a what-if is, in thousandths, when it says so.
	tellEvery = 10
)

// errStopped says that a what-if does not run any more, or is another process's.
var errStopped = errors.New("the what-if does not run here any more")

// workOnWhatIfs works on the what-if that runs, a substation after the other. What was
// done before a restart is not done again.
func (s *Service) workOnWhatIfs(ctx context.Context) error {
	timer := time.NewTicker(pause)
	defer timer.Stop()
	for {
		for more := true; more && ctx.Err() == nil; {
			var err error
			if more, err = s.stepWhatIf(ctx); err != nil && ctx.Err() == nil {
				s.logger.Error("detection: what-if", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
	}
}

// stepWhatIf does the next substation of the what-if that runs, and tells whether there
// was one to do.
func (s *Service) stepWhatIf(ctx context.Context) (bool, error) {
	var w models.WhatIf
	err := s.store.View(ctx, func(tx *store.Tx) error {
		running, err := tx.WhatIfs(string(models.WhatIfRunning), store.Page{Limit: 1})
		w = models.WhatIf{}
		if len(running) > 0 {
			w = running[0]
		}
		return err
	})
	if err != nil || w.ID == "" {
		return false, err
	}
	all, err := s.substations(ctx)
	if err != nil {
		return false, err
	}
	if mine, err := s.tellWhatIf(ctx, w, w.Permille); err != nil || !mine {
		return false, err
	}
	next := slices.IndexFunc(all, func(id string) bool { return !slices.Contains(w.Passed, id) })
	var found models.WhatIfFound
	if next >= 0 {
		found, err = s.whatIfOf(ctx, w, all[next], len(all))
	}
	switch {
	case errors.Is(err, errStopped):
		return false, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case err != nil:
		return false, errors.Join(err, s.failWhatIf(ctx, w.ID))
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		now, err := tx.WhatIf(w.ID)
		if err != nil || now.State != models.WhatIfRunning || now.Version != w.Version {
			return err
		}
		if next >= 0 {
			now.Passed = append(now.Passed, all[next])
			now.Found.Gained, now.Found.Lost, now.Found.Kept = append(now.Found.Gained, found.Gained...), append(now.Found.Lost, found.Lost...), append(now.Found.Kept, found.Kept...)
		}
		if len(now.Passed) >= len(all) {
			now.Permille = 1000
			return endWhatIf(tx, models.System(), &now, models.WhatIfDone, "")
		}
		now.Permille = int64(1000 * len(now.Passed) / len(all))
		now.Version++
		return tx.SaveWhatIf(now)
	})
	return err == nil, err
}

// substations gives the ids of all substations, in their order.
func (s *Service) substations(ctx context.Context) (out []string, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out = nil
		for after := ""; ; {
			page, err := tx.Substations("", store.Page{Limit: 1000, After: after})
			if err != nil {
				return err
			}
			for _, p := range page {
				out, after = append(out, p.ID), p.Code
			}
			if len(page) < 1000 {
				return nil
			}
		}
	})
	return out, err
}

// tellWhatIf keeps the lease and tells how far a what-if is; false says that it is not
// this process's any more.
func (s *Service) tellWhatIf(ctx context.Context, w models.WhatIf, permille int64) (mine bool, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if mine, err = tx.TakeLease(whatIfLease, s.id, tx.Now.Add(leaseTime)); err != nil || !mine {
			return err
		}
		mine, err = tx.AdvanceWhatIf(w.ID, permille)
		return err
	})
	return mine, err
}

// failWhatIf says of a what-if that it cannot be worked on; the log says why.
func (s *Service) failWhatIf(ctx context.Context, id string) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		w, err := tx.WhatIf(id)
		if err != nil || w.State != models.WhatIfRunning {
			return err
		}
		return endWhatIf(tx, models.System(), &w, models.WhatIfFailed, "internal")
	})
}

// twofold is a substation that two streams go through at once.
type twofold struct {
	stages        []stage
	current       int       // the stage that the streams are in
	start         time.Time // of the streams
	places        []string  // whose weather counts, the closest first
	before, after *stream.Engine
	present, with stream.Params
	wide          map[string]*Channel // of which limits see every interval
	meters        []string            // all of which intervals are read
	outcomes      []models.FindingOutcome
}

// whatIfOf runs the rules over the stored intervals of a substation with the numbers in
// force when it was asked and with the others, in one pass. The grid and what else the
// register knows are those of each day.
func (s *Service) whatIfOf(ctx context.Context, w models.WhatIf, substation string, all int) (models.WhatIfFound, error) {
	var first time.Time
	t, err := s.loadTwofold(ctx, w, substation)
	if err != nil {
		return models.WhatIfFound{}, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		first, err = tx.FirstInterval(t.meters, w.From)
		return err
	})
	if err != nil || first.IsZero() || !first.Before(w.Until) {
		return models.WhatIfFound{}, err
	}
	if err := t.begin(legalMidnight(first)); err != nil {
		return models.WhatIfFound{}, err
	}
	told, leased := w.Permille, s.now()
	for at := legalMidnight(first); at.Before(w.Until); {
		began := s.now()
		end := at.Add(playPart)
		if end.After(w.Until) {
			end = w.Until
		}
		if err := t.reach(at); err != nil {
			return models.WhatIfFound{}, err
		}
		if err := s.playTwofold(ctx, &t, at, end); err != nil {
			return models.WhatIfFound{}, err
		}
		at = end
		share := float64(at.Sub(w.From)) / float64(w.Until.Sub(w.From))
		permille := int64(1000 * (float64(len(w.Passed)) + share) / float64(all))
		if permille >= told+tellEvery || s.now().Sub(leased) > leaseTime/3 {
			mine, err := s.tellWhatIf(ctx, w, min(permille, 999))
			if err != nil {
				return models.WhatIfFound{}, err
			}
			if !mine {
				return models.WhatIfFound{}, errStopped
			}
			told, leased = permille, s.now()
		}
		if err := rest(ctx, min(s.now().Sub(began), restMost)); err != nil {
			return models.WhatIfFound{}, err
		}
	}
	var found models.WhatIfFound
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		found, err = t.found(tx)
		return err
	})
	return found, err
}

// rest waits, unless nothing is to be waited for.
func rest(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// open makes room for the intervals that limits will see.
func (t *twofold) open(tx *store.Tx, u *Unit, ids []string, n int) error {
	widen := func(c *Channel) {
		if known := t.wide[c.Meter]; known != nil {
			c.Series = known.Series // of another stage: the same intervals
			return
		}
		c.Series = Series{Start: u.Start, W: make([]float64, n)}
		for i := range c.W {
			c.W[i] = nan
		}
		t.wide[c.Meter] = c
	}
	channels := []*Channel{}
	if u.Head != nil {
		channels = append(channels, u.Head)
	}
	for _, pt := range u.Points {
		if pt.Channel == nil {
			continue
		}
		channels = append(channels, pt.Channel)
		if pt.limited() {
			widen(pt.Channel)
		}
		for _, c := range pt.Inner.PDUs {
			ids, channels = append(ids, c.Meter), append(channels, c)
			widen(c)
		}
	}
	last, err := tx.LastIntervals(ids)
	if err != nil {
		return err
	}
	for _, c := range channels {
		c.Read = last[c.Meter].After(u.Start)
	}
	for i := range u.Points {
		u.Points[i].Inner.silent()
	}
	return nil
}

// playTwofold pushes the intervals of [from, until) into both streams.
func (s *Service) playTwofold(ctx context.Context, t *twofold, from, until time.Time) error {
	var (
		part    []models.Interval
		weather []models.Temperature
	)
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		if day := t.before.DayStart(); !until.Before(day.Add(24 * time.Hour)) { // it is closed below
			if weather, err = dayWeather(tx, t.places, day); err != nil {
				return err
			}
		}
		part, err = tx.IntervalsOf(t.meters, from, until)
		return err
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(part, func(a, b models.Interval) int { return a.Start.Compare(b.Start) })
	for i := range part {
		iv := &part[i]
		w, known := powerOf(iv, closedCover)
		if !known {
			continue
		}
		if c := t.wide[iv.Meter]; c != nil {
			if k := int(iv.Start.Sub(c.Start) / step); k >= 0 && k < len(c.W) {
				c.W[k] = w
			}
		}
		for _, e := range []*stream.Engine{t.before, t.after} {
			if m := e.Meter(iv.Meter); m >= 0 {
				e.Push(m, iv.Start.Unix(), w/1000, nan)
			}
		}
	}
	for _, e := range []*stream.Engine{t.before, t.after} {
		tell(e, weather)
		e.Finish(until.Unix())
	}
	return nil
}

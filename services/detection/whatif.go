package detection

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/store"
)

const (
	// A what-if looks at a year when nothing else is said, and at no more than longest.
	usualWhatIf = 365 * 24 * time.Hour
	longest     = 400 * 24 * time.Hour
	// shortest is what a stream needs before it says anything.
	shortest = 24 * time.Hour
)

// whatIfFact is what the ledger keeps of a what-if.
type whatIfFact struct {
	Values  map[string]float64 `json:"values"`
	Present string             `json:"present"`
	From    time.Time          `json:"from"`
	Until   time.Time          `json:"until"`
	State   string             `json:"state"`
	Gained  int                `json:"gained"`
	Lost    int                `json:"lost"`
	Kept    int                `json:"kept"`
}

func appendWhatIf(tx *store.Tx, actor models.Actor, kind string, w models.WhatIf) error {
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "what_if", ID: w.ID}, SubjectVersion: w.Version, Actor: actor,
		Body: whatIfFact{Values: w.Values, Present: w.Present, From: w.From, Until: w.Until, State: string(w.State),
			Gained: len(w.Found.Gained), Lost: len(w.Found.Lost), Kept: len(w.Found.Kept)}})
	return err
}

// AskWhatIf asks what the rules would have found in [from, until) with other numbers;
// zero instants are the year until now. It runs in the background, one at a time.
func (s *Service) AskWhatIf(ctx context.Context, actor models.Actor, values map[string]float64, from, until time.Time) (w models.WhatIf, err error) {
	if err := models.Can(actor, models.ActParameterWrite, models.Scope{}); err != nil {
		return w, err
	}
	if err := models.CheckParameters(stream.Table(), "/parameters/", values); err != nil {
		return w, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		w = models.WhatIf{ID: tx.NewID(), Values: maps.Clone(values), From: from, Until: until, State: models.WhatIfRunning, AskedBy: actor.ID, AskedAt: tx.Now, Version: 1}
		if w.Until.IsZero() || w.Until.After(tx.Now) {
			w.Until = tx.Now
		}
		if w.From.IsZero() {
			w.From = w.Until.Add(-usualWhatIf)
		}
		w.From, w.Until = legalMidnight(w.From), models.IntervalStart(w.Until)
		if span := w.Until.Sub(w.From); span < shortest || span > longest {
			var v models.Invalid
			v.Add("/from", "range", "Ask for a day to 400 days that are over, from before until.")
			return v.Err()
		}
		tables, err := tablesOf(tx)
		if err != nil {
			return err
		}
		w.Present = stream.InForce(tables, tx.Now).Version
		if err := tx.InsertWhatIf(w); err != nil {
			return err
		}
		return appendWhatIf(tx, actor, "detection.what_if_asked", w)
	})
	return w, err
}

// CancelWhatIf ends a what-if that runs; what it found so far stays.
func (s *Service) CancelWhatIf(ctx context.Context, actor models.Actor, id string) (w models.WhatIf, err error) {
	if err := models.Can(actor, models.ActParameterWrite, models.Scope{}); err != nil {
		return w, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if w, err = tx.WhatIf(id); err != nil {
			return err
		}
		if w.State != models.WhatIfRunning {
			return models.Errorf(models.CodeConflict, "The what-if is %s already.", w.State)
		}
		return endWhatIf(tx, actor, &w, models.WhatIfCancelled, "")
	})
	return w, err
}

func endWhatIf(tx *store.Tx, actor models.Actor, w *models.WhatIf, state models.WhatIfState, fault string) error {
	w.State, w.Fault, w.EndedAt = state, fault, tx.Now
	w.Version++
	if err := tx.SaveWhatIf(*w); err != nil {
		return err
	}
	return appendWhatIf(tx, actor, "detection.what_if_"+string(state), *w)
}

// WhatIf gives a what-if with what is known of its findings by now, the largest first.
func (s *Service) WhatIf(ctx context.Context, actor models.Actor, id string) (w models.WhatIf, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return w, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if w, err = tx.WhatIf(id); err != nil {
			return err
		}
		outcomes, err := tx.Outcomes(time.Time{})
		if err != nil {
			return err
		}
		known := map[string]string{}
		for _, o := range outcomes {
			known[o.Finding] = "refuted"
			if o.Confirmed {
				known[o.Finding] = "confirmed"
			}
		}
		for _, list := range [][]models.WhatIfFinding{w.Found.Gained, w.Found.Lost, w.Found.Kept} {
			for i := range list {
				list[i].Outcome = known[list[i].Finding]
			}
			slices.SortStableFunc(list, func(a, b models.WhatIfFinding) int { return cmp.Compare(b.Estimated, a.Estimated) })
		}
		return nil
	})
	return w, err
}

// WhatIfs lists what-ifs, the newest first.
func (s *Service) WhatIfs(ctx context.Context, actor models.Actor, page store.Page) (out []models.WhatIf, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.WhatIfs("", page)
		return err
	})
	return out, err
}

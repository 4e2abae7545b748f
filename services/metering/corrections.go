package metering

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// correctionsListed is how many corrections of a meter a list shows.
const correctionsListed = 200

// CorrectedRow is a quarter of an hour before and after a correction; an energy of which
// nothing is known is nil.
type CorrectedRow struct {
	Start         time.Time
	Before, After *models.WattHours
	// Was is where the value before comes from.
	Was models.SourceSet
}

// CorrectionView is a correction with what it changes: when it is proposed against what
// counts now, when it is decided against what was measured.
type CorrectionView struct {
	models.IntervalCorrection
	Rows          []CorrectedRow // of the period, those that are known before or after
	Before, After models.WattHours
}

// PreviewCorrection shows what a correction would change, and what is wrong with it.
func (s *Service) PreviewCorrection(ctx context.Context, actor models.Actor, meter string, c models.IntervalCorrection) (out CorrectionView, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = s.draft(tx, actor, meter, c)
		return err
	})
	return out, err
}

// ProposeCorrection proposes that intervals of a meter be put right: another person must
// apply it. While one waits, no other of the meter is taken (CodeConflict).
func (s *Service) ProposeCorrection(ctx context.Context, actor models.Actor, meter string, c models.IntervalCorrection) (out CorrectionView, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if out, err = s.draft(tx, actor, meter, c); err != nil {
			return err
		}
		waiting, err := tx.Corrections(out.Meter, correctionsListed)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			if w.State == models.CorrectionProposed {
				return models.Errorf(models.CodeConflict, "A correction of this meter from %s to %s waits to be confirmed. Decide on it first.",
					w.From.Format(time.RFC3339), w.Until.Format(time.RFC3339))
			}
		}
		out.ID, out.State, out.ProposedBy, out.ProposedAt, out.Version = tx.NewID(), models.CorrectionProposed, actor.ID, tx.Now, 1
		if err := tx.InsertCorrection(out.IntervalCorrection); err != nil {
			return err
		}
		return appendCorrection(tx, actor, "readings.correction_proposed", &out)
	})
	return out, err
}

// ApplyCorrection lets a proposed correction count. It takes another person than the one
// who proposed it, and that what counts in the period is still what was seen then.
func (s *Service) ApplyCorrection(ctx context.Context, actor models.Actor, meter, id string, version int64) (CorrectionView, error) {
	return s.decide(ctx, actor, meter, id, func(tx *store.Tx, c *CorrectionView) error {
		if c.Version != version {
			return models.Errorf(models.CodeVersionConflict, "The correction was changed in between. Look at it again.")
		}
		if c.ProposedBy == actor.ID {
			return models.Errorf(models.CodeForbidden, "A correction is confirmed by another person than the one who proposed it.")
		}
		now, err := measuredDigest(tx, c.Meter, c.From, c.Until)
		if err != nil {
			return err
		}
		if now != c.Measured {
			return models.Errorf(models.CodeConflict, "What the meter measured in this period has changed since the correction was proposed. Reject it and propose it anew.")
		}
		if err := tx.DecideCorrection(c.IntervalCorrection, models.CorrectionApplied, actor.ID); err != nil {
			return err
		}
		c.State = models.CorrectionApplied
		return appendCorrection(tx, actor, "readings.corrected", c)
	})
}

// RejectCorrection ends a proposed correction without any effect. Who proposed it may
// take it back so.
func (s *Service) RejectCorrection(ctx context.Context, actor models.Actor, meter, id string, version int64) (CorrectionView, error) {
	return s.decide(ctx, actor, meter, id, func(tx *store.Tx, c *CorrectionView) error {
		if c.Version != version {
			return models.Errorf(models.CodeVersionConflict, "The correction was changed in between. Look at it again.")
		}
		if err := tx.DecideCorrection(c.IntervalCorrection, models.CorrectionRejected, actor.ID); err != nil {
			return err
		}
		c.State = models.CorrectionRejected
		return appendCorrection(tx, actor, "readings.correction_rejected", c)
	})
}

func (s *Service) decide(ctx context.Context, actor models.Actor, meter, id string, how func(*store.Tx, *CorrectionView) error) (out CorrectionView, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		m, err := correctable(tx, actor, meter)
		if err != nil {
			return err
		}
		c, err := tx.Correction(m.ID, id)
		if err != nil {
			return err
		}
		if c.State != models.CorrectionProposed {
			return models.Errorf(models.CodeConflict, "The correction is %s already.", c.State)
		}
		if out, err = viewOf(tx, c); err != nil {
			return err
		}
		if err := how(tx, &out); err != nil {
			return err
		}
		out.DecidedBy, out.DecidedAt, out.Version = actor.ID, tx.Now, out.Version+1
		return nil
	})
	return out, err
}

// Corrections lists the corrections of a meter that the actor may see, without their
// values, the newest first.
func (s *Service) Corrections(ctx context.Context, actor models.Actor, meter string) (out []models.IntervalCorrection, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		m, err := visibleMeter(tx, actor, meter)
		if err != nil {
			return err
		}
		out, err = tx.Corrections(m.ID, correctionsListed)
		return err
	})
	return out, err
}

// Correction gives a correction of a meter that the actor may see, with its values.
func (s *Service) Correction(ctx context.Context, actor models.Actor, meter, id string) (out CorrectionView, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		m, err := visibleMeter(tx, actor, meter)
		if err != nil {
			return err
		}
		c, err := tx.Correction(m.ID, id)
		if err != nil {
			return err
		}
		out, err = viewOf(tx, c)
		return err
	})
	return out, err
}

// correctable gives a meter that the actor may correct.
func correctable(tx *store.Tx, actor models.Actor, meter string) (models.Meter, error) {
	if err := models.Can(actor, models.ActReadingCorrect, models.Scope{}); err != nil {
		return models.Meter{}, err
	}
	m, err := tx.Meter(meter)
	if err != nil {
		return models.Meter{}, err
	}
	return m, models.Reach(actor, models.ActReadingCorrect, models.Scope{Utility: m.Utility}, "meter", meter)
}

// draft checks a correction and gives what it would change.
func (s *Service) draft(tx *store.Tx, actor models.Actor, meter string, c models.IntervalCorrection) (CorrectionView, error) {
	m, err := correctable(tx, actor, meter)
	if err != nil {
		return CorrectionView{}, err
	}
	c.Meter, c.Utility, c.State = m.ID, m.Utility, models.CorrectionProposed
	if err := c.Check(tx.Now); err != nil {
		return CorrectionView{}, err
	}
	if c.Measured, err = measuredDigest(tx, m.ID, c.From, c.Until); err != nil {
		return CorrectionView{}, err
	}
	return viewOf(tx, c)
}

// viewOf lays what counts, or what was measured before it was decided, beside a
// correction.
func viewOf(tx *store.Tx, c models.IntervalCorrection) (CorrectionView, error) {
	out := CorrectionView{IntervalCorrection: c}
	known := tx.Now
	if !c.DecidedAt.IsZero() {
		known = c.DecidedAt.Add(-time.Microsecond)
	}
	before, err := tx.IntervalsKnown(c.Meter, c.From, c.Until, known)
	if err != nil {
		return out, err
	}
	measured, err := tx.IntervalsKnown(c.Meter, c.From, c.Until, time.UnixMicro(1))
	if err != nil {
		return out, err
	}
	was, plain, after := byStart(before), byStart(measured), map[int64]models.WattHours{}
	for _, iv := range c.Intervals {
		after[iv.Start.UnixMicro()] = iv.Import
	}
	for at := c.From; at.Before(c.Until); at = at.Add(models.IntervalLength) {
		row := CorrectedRow{Start: at}
		if iv, ok := was[at.UnixMicro()]; ok {
			row.Was = iv.Sources
			if wh, ok := iv.Energy(); ok {
				row.Before = &wh
				out.Before += wh
			}
		}
		if wh, ok := after[at.UnixMicro()]; ok {
			row.After = &wh
		} else if iv, ok := plain[at.UnixMicro()]; ok {
			if wh, ok := iv.Energy(); ok {
				row.After = &wh
			}
		}
		if row.After != nil {
			out.After += *row.After
		}
		if row.Before != nil || row.After != nil {
			out.Rows = append(out.Rows, row)
		}
	}
	return out, nil
}

func byStart(all []models.Interval) map[int64]models.Interval {
	out := make(map[int64]models.Interval, len(all))
	for _, iv := range all {
		out[iv.Start.UnixMicro()] = iv
	}
	return out
}

// measuredDigest is SHA-256 over the energies that count in a period, hex.
func measuredDigest(tx *store.Tx, meter string, from, until time.Time) (string, error) {
	all, err := tx.Intervals(meter, from, until, 1<<30)
	if err != nil {
		return "", err
	}
	var b []byte
	for i := range all {
		wh, known := all[i].Energy()
		b = binary.AppendVarint(b, all[i].Start.UnixMicro())
		b = binary.AppendVarint(binary.AppendVarint(b, int64(wh)), int64(all[i].Sources))
		if known {
			b = append(b, 1)
		}
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// correctionFacts is the body of the ledger entries of a correction.
type correctionFacts struct {
	Correction string                  `json:"correction"`
	From       time.Time               `json:"from"`
	Until      time.Time               `json:"until"`
	Reason     models.CorrectionReason `json:"reason"`
	Act        string                  `json:"act"`
	Intervals  int                     `json:"intervals"`
	Digest     string                  `json:"digest"`
	Measured   string                  `json:"measured"`
	Before     models.WattHours        `json:"before_wh"`
	After      models.WattHours        `json:"after_wh"`
	ProposedBy string                  `json:"proposed_by"`
}

func appendCorrection(tx *store.Tx, actor models.Actor, kind string, c *CorrectionView) error {
	_, err := tx.Append(models.Entry{Kind: kind, Actor: actor, Utility: c.Utility, Subject: models.Ref{Kind: "meter", ID: c.Meter},
		Body: correctionFacts{c.ID, c.From, c.Until, c.Reason, c.Act, len(c.Intervals), c.Digest, c.Measured, c.Before, c.After, c.ProposedBy}})
	return err
}

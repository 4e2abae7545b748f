package licensing

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// ObligationEvidence is what the registry knows by itself about what an obligation
// asks for: the energy that the meters of the license measured in its quarter, the
// rates of the law, and the fee on what was measured and on what was declared.
type ObligationEvidence struct {
	From, Until   time.Time
	Meters        []models.Measured
	NoMeter       []string         // codes of points that had no revenue meter in the quarter
	PartMeter     []string         // codes of points that had one for a part of the quarter
	Measured      models.WattHours // of the time that readings explain
	Known         bool             // some readings explain some of the quarter
	Whole         bool             // they explain all of it, at every point
	Declared      models.WattHours
	HasDeclared   bool
	SupplyBasis   string // of the license's application: the source the measured energy is counted at
	Rates         []models.FeeRate
	Grounds       []string          // that raise the rate
	FeeMeasured   *models.EnergyFee // nil where nothing is measured
	FeeDeclared   *models.EnergyFee // nil before something is declared
	FeeExpected   models.Tiyn       // license fee: at the value of the day
	DifferencePct int64             // declared less measured, in tenths of a per cent of what was measured; only when Whole
}

// ObligationEvidence gathers the registry's own evidence beside an obligation.
func (s *Service) ObligationEvidence(ctx context.Context, actor models.Actor, id string) (e ObligationEvidence, err error) {
	err = s.view(ctx, actor, models.ActObligationRead, func(tx *store.Tx) error {
		o, err := tx.Obligation(id, time.Time{})
		if err == nil {
			err = models.Reach(actor, models.ActObligationRead, models.Scope{Party: o.Party}, "obligation", id)
		}
		if err != nil {
			return err
		}
		e, err = evidenceOf(tx, o)
		return err
	})
	return e, err
}

func evidenceOf(tx *store.Tx, o models.Obligation) (e ObligationEvidence, err error) {
	e.FeeExpected = o.Amount
	if o.Kind != models.ObligationReport && o.Kind != models.ObligationMiningFee {
		return e, nil
	}
	l, err := tx.License(o.License, time.Time{})
	if err != nil {
		return e, err
	}
	if e.From, err = models.StartOfDay(o.From); err != nil {
		return e, err
	}
	if e.Until, err = models.StartOfDay(o.Until); err != nil {
		return e, err
	}
	e.From, e.Until = later(e.From, l.ValidFrom), earlier(earlier(e.Until, l.ValidUntil), tx.Now)
	if !e.Until.After(e.From) {
		return e, nil
	}
	if err := e.measure(tx, licensedCodes(l)); err != nil {
		return e, err
	}
	if e.Rates, err = tx.FeeRates(o.From, o.Until); err != nil {
		return e, err
	}
	a, err := tx.Application(l.Application)
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return e, err
	}
	e.SupplyBasis = a.SupplyBasis
	e.compare(o)
	return e, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// measure sums the intervals of the revenue meters of the points.
func (e *ObligationEvidence) measure(tx *store.Tx, points []string) error {
	meters, err := tx.MetersOfPoints(points, e.From, e.Until)
	if err != nil {
		return err
	}
	ids, metered := make([]string, 0, len(meters)), map[string][]models.Stretch{}
	for _, m := range meters {
		ids = append(ids, m.ID)
		metered[m.Point] = append(metered[m.Point], e.installed(m))
	}
	sums, err := tx.MeteredEnergy(ids, e.From, e.Until)
	if err != nil {
		return err
	}
	e.Whole = len(points) > 0
	for _, p := range points {
		switch {
		case len(metered[p]) == 0:
			e.NoMeter, e.Whole = append(e.NoMeter, p), false
		case !models.Covered(metered[p], e.From, e.Until):
			e.PartMeter, e.Whole = append(e.PartMeter, p), false
		}
	}
	if len(e.NoMeter) > 0 {
		e.Grounds = []string{models.GroundNoMeter}
	}
	for _, m := range meters {
		at := e.installed(m)
		got := models.Measured{Meter: m.ID, Code: m.Code, Energy: models.WattHours(sums[m.ID].Energy), Covered: sums[m.ID].Covered / 1_000_000,
			Expected: int64(at.Until.Sub(at.From) / time.Second)}
		e.Meters = append(e.Meters, got)
		e.Measured += got.Energy
		e.Known = e.Known || got.Covered > 0
		e.Whole = e.Whole && got.Whole()
	}
	return nil
}

// installed gives the part of the evidence's time in which the meter was there.
func (e *ObligationEvidence) installed(m store.PointMeter) models.Stretch {
	at := models.Stretch{From: later(e.From, time.UnixMicro(m.InstalledFrom).UTC()), Until: e.Until}
	if m.InstalledUntil != 0 {
		at.Until = earlier(at.Until, time.UnixMicro(m.InstalledUntil).UTC())
	}
	return at
}

// compare computes the fees and the difference.
func (e *ObligationEvidence) compare(o models.Obligation) {
	if e.Known && e.SupplyBasis != "" {
		fee := models.MiningFee([]models.SourceEnergy{{Source: e.SupplyBasis, Energy: e.Measured}}, e.Grounds, e.Rates)
		e.FeeMeasured = &fee
	}
	if len(o.Handed.Energy) == 0 {
		return
	}
	fee := models.MiningFee(o.Handed.Energy, e.Grounds, e.Rates)
	e.FeeDeclared, e.HasDeclared, e.Declared = &fee, true, models.SumEnergy(o.Handed.Energy)
	if e.Whole && e.Measured > 0 {
		e.DifferencePct = int64((e.Declared - e.Measured) * 1000 / e.Measured)
	}
}

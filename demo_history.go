package main

import (
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/simulator"
)

const (
	historyStep  = 5 * time.Minute
	historyBatch = 5000 // readings
)

// backfill takes the history of the simulated meters in through the same door as
// live readings, in batches, with the clock at the time they would have come.
func (d *demo) backfill(simulated *simulator.Server, history time.Duration) error {
	until := d.app.Now().UTC().Truncate(historyStep)
	from := until.Add(-history)
	if start := simulated.Grid().Start; from.Before(start) {
		from = start
	}
	var (
		batch    = metering.Batch{Collector: "history"}
		total    int
		reported = from
	)
	flush := func(at time.Time) error {
		if len(batch.Readings) == 0 {
			return nil
		}
		d.clock.set(at)
		if _, err := d.registry.svc.Metering.Ingest(d.app.Ctx, models.System(), batch); err != nil {
			return fmt.Errorf("take in history: %w", err)
		}
		total += len(batch.Readings)
		batch.Sequence++
		batch.Readings = batch.Readings[:0]
		return nil
	}
	past, err := d.pastOf(simulated)
	if err != nil {
		return err
	}
	for shown := range simulated.World().Past(from, until, historyStep) {
		r, err := past.reading(shown)
		if err != nil {
			return err
		}
		batch.Readings = append(batch.Readings, r)
		if len(batch.Readings) >= historyBatch {
			if err := flush(r.At.Add(historyStep)); err != nil {
				return err
			}
			if done := r.At.Sub(reported); done >= history/8 {
				reported = r.At
				d.say("history: %d%%, %d readings", int(100*r.At.Sub(from)/until.Sub(from)), total)
			}
		}
		if err := d.app.Ctx.Err(); err != nil {
			return err
		}
	}
	if err := flush(until); err != nil {
		return err
	}
	d.say("history: %d readings of %d meters", total, len(d.meterIDs))
	return nil
}

// past reads the meters of the history as a collector does: by the requests of their
// profiles, with the words that they answered.
type past map[string]*pastMeter // by code

type pastMeter struct {
	replay  *metering.Replay
	answers [][]uint16 // of each request
}

func (d *demo) pastOf(simulated *simulator.Server) (past, error) {
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		return nil, err
	}
	out := past{}
	for _, m := range simulated.Meters() {
		p, err := profiles.Find(m.Profile)
		if err != nil {
			return nil, err
		}
		m.ID = d.meterIDs[m.Code]
		one := &pastMeter{replay: metering.NewReplay(p, m)}
		for _, r := range one.replay.Requests() {
			one.answers = append(one.answers, make([]uint16, r.Count))
		}
		out[m.Code] = one
	}
	return out, nil
}

// reading is what a poll made of what a meter showed. It says that a simulator did.
func (p past) reading(shown *simulator.Shown) (models.Reading, error) {
	m := p[shown.Meter]
	if err := shown.Answers(m.replay.Requests(), m.answers); err != nil {
		return models.Reading{}, fmt.Errorf("registers of %s: %w", shown.Meter, err)
	}
	r := m.replay.Reading(shown.At, shown.Step, m.answers)
	r.Source = models.SourceSimulated
	return r, nil
}

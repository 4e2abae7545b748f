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
	for r := range simulated.World().History(from, until, historyStep) {
		r.Meter = d.meterIDs[r.Meter]
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

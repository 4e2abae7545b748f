package main

import (
	"context"
	"math"
	"time"

	"rigistry/models"
	"rigistry/services/simulator"
)

const (
	demoRegion     = "55" // of KATO: the place of the demonstration's weather station
	demoStation    = "Pavlodar (simulated)"
	weatherPause   = 10 * time.Minute
	weatherHistory = 36 * 24 * time.Hour // what detection remembers of days, and one
)

// weather tells the registry the outdoor temperatures of the simulated world, an hour
// each, up to now. What is known already changes nothing.
func (d *demo) weather(ctx context.Context, world *simulator.World, span time.Duration) error {
	now := d.clock.Now().UTC()
	var readings []models.Temperature
	for at := now.Add(-span).Truncate(time.Hour); !at.After(now); at = at.Add(time.Hour) {
		readings = append(readings, models.Temperature{Place: demoRegion, At: at, MilliC: int64(math.Round(10*world.Outside(at))) * 100})
	}
	_, err := d.registry.svc.Detection.RecordWeather(ctx, models.System(), demoStation, readings)
	return err
}

// tellWeather goes on with it until ctx ends.
func (d *demo) tellWeather(ctx context.Context, world *simulator.World) error {
	timer := time.NewTicker(weatherPause)
	defer timer.Stop()
	for {
		if err := d.weather(ctx, world, 2*time.Hour); err != nil && ctx.Err() == nil {
			d.app.Log.Error("demo: tell the weather", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
	}
}

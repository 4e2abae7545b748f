package metering_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store/storetest"
)

// What a spool is said to need is not less than what it takes: here an hour of a meter
// with ten values, and not ten times more.
func TestSpoolNeed_IsAtLeastWhatTheSpoolTakes(t *testing.T) {
	clock := storetest.NewClock()
	spool := metering.NewSpool(storetest.SQLite(t, clock.Now), "edge", func(context.Context, metering.Batch) error { return nil }, slog.New(slog.DiscardHandler))
	m := models.Meter{ID: "M-PS12-F03-CP007", PollInterval: 10 * time.Second}
	b := benchBatch([]string{m.ID}, 0, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	b.Readings = b.Readings[:min(360, len(b.Readings))]
	if err := spool.Append(ctx, b); err != nil {
		t.Fatal(err)
	}
	size, err := spool.Size(ctx)
	if err != nil {
		t.Fatal(err)
	}
	need, err := metering.NeedOf([]models.Meter{m})
	if err != nil {
		t.Fatal(err)
	}
	hour := need.Bytes / int64(metering.SpoolKeeps/time.Hour)
	if hour < size.Bytes || hour > 10*size.Bytes || need.PerSecond != 0.1 {
		t.Errorf("an hour takes %d bytes and is said to need %d at %v readings a second", size.Bytes, hour, need.PerSecond)
	}
}

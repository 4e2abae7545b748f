package api

import (
	"time"

	"rigistry/models"
)

// CollectorClock is what a collector's own clock shows as it sends. The meters' clocks are
// asked by nobody: readings have the collector's time.
type CollectorClock struct {
	Clock string `header:"Collector-Clock" maxLength:"40" doc:"What the collector's own clock shows (RFC 3339): readings from one that is off by more than 30 seconds are marked \"clock\""`
}

// ahead gives how far the collector's clock is ahead of now; nil when it did not say.
func (c *CollectorClock) ahead(now time.Time) (*time.Duration, error) {
	if c.Clock == "" {
		return nil, nil //nolint:nilnil // not said
	}
	at, err := time.Parse(time.RFC3339Nano, c.Clock)
	if err != nil {
		return nil, models.Errorf(models.CodeInvalid, "Collector-Clock: give the time as 2026-09-01T06:00:00.123456Z.")
	}
	ahead := at.Sub(now).Truncate(time.Microsecond)
	return &ahead, nil
}

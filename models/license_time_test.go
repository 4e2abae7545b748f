package models_test

import (
	"testing"
	"time"

	"rigistry/models"
)

// hour is an instant so many hours after the beginning.
func hour(n int) time.Time { return time.Date(2026, 3, 2, n, 0, 0, 0, time.UTC) }

func TestLicenseAt_TheHighestVersionThatWasKnownAndHeld(t *testing.T) {
	versions := []models.License{
		{Version: 1, EffectiveAt: hour(0), RecordedAt: hour(0)},
		{Version: 2, EffectiveAt: hour(10), RecordedAt: hour(10)},
		{Version: 3, EffectiveAt: hour(5), RecordedAt: hour(20), Corrects: 1},  // from hour 5 on the record was wrong
		{Version: 4, EffectiveAt: hour(10), RecordedAt: hour(20), Corrects: 2}, // version 2 stated anew
		{Version: 5, EffectiveAt: hour(22), RecordedAt: hour(22)},
	}
	for _, c := range []struct {
		at, known int
		version   int64
	}{
		{0, 30, 1}, {4, 30, 1}, {5, 30, 3}, {9, 30, 3}, {10, 30, 4}, {21, 30, 4}, {22, 30, 5},
		{5, 19, 1}, {10, 19, 2}, {30, 19, 2}, {30, 20, 4}, {30, 21, 4}, {5, 20, 3}, {30, 0, 1},
	} {
		if got, ok := models.LicenseAt(versions, hour(c.at), hour(c.known)); !ok || got.Version != c.version {
			t.Errorf("at hour %d as known at hour %d: version %d, want %d", c.at, c.known, got.Version, c.version)
		}
	}
	if got, ok := models.LicenseAt(versions, hour(0).Add(-1), hour(30)); ok {
		t.Errorf("before it began it was version %d", got.Version)
	}
	var line []int64
	for _, v := range models.LicenseTimeline(versions, hour(30)) {
		line = append(line, v.Version)
	}
	if len(line) != 4 || line[0] != 1 || line[1] != 3 || line[2] != 4 || line[3] != 5 {
		t.Errorf("the timeline is %v, want 1 3 4 5", line)
	}
}

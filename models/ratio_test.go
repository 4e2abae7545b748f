package models_test

import (
	"testing"
	"time"

	"rigistry/models"
)

func TestFoldReadings_NoEnergyIsCountedAcrossAnotherRatio(t *testing.T) {
	at := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	var samples []models.EnergySample
	for i, wh := range []models.WattHours{1000, 1010, 2525, 2550} { // the ratio goes from 40 to 100 before the third
		s := models.EnergySample{At: at.Add(time.Duration(i) * 10 * time.Second), Step: 10 * time.Second, Power: 3600, HasPower: true, Import: wh, HasI: true}
		if i == 2 {
			s.Quality = models.QualityRatioChanged
		}
		samples = append(samples, s)
	}
	got := models.FoldReadings(models.EnergySample{}, samples, at, at.Add(time.Hour))
	if len(got) != 1 || got[0].CounterImport != 35 || got[0].CounterCovered != 20*time.Second || got[0].Covered != 20*time.Second ||
		got[0].Samples != 4 || got[0].Quality != models.QualityRatioChanged {
		t.Errorf("got %+v, want 35 Wh over 20 s of two steps, and the mark", got)
	}
}

package models_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigistry/models"
)

func TestValues_AnAbsentQuantityIsNeverZero(t *testing.T) {
	var v models.Values
	v.Set(models.QPTotal, 0)
	if got, ok := v.Get(models.QPTotal); !ok || got != 0 {
		t.Errorf("a measured 0 W: got %d %v, want 0 true", got, ok)
	}
	if _, ok := v.Get(models.QVL1); ok {
		t.Error("a voltage that was not read is present")
	}
	v.Clear(models.QPTotal)
	if _, ok := v.Power(); ok || v.Len() != 0 {
		t.Error("a cleared power is still present")
	}
}

func TestQuantity_NamesAndQualitiesComeBackFromTheirWords(t *testing.T) {
	for q := range models.Quantities() {
		if got, ok := models.ParseQuantity(q.String()); !ok || got != q {
			t.Errorf("quantity %d %q came back as %d %v", q, q, got, ok)
		}
	}
	for q := models.QualityGood; q <= models.QualityCommError; q++ {
		if got, ok := models.ParseQuality(q.String()); !ok || got != q {
			t.Errorf("quality %d %q came back as %d %v", q, q, got, ok)
		}
	}
	if _, ok := models.ParseQuality("excellent"); ok {
		t.Error("an unknown quality was accepted")
	}
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func sample(at time.Duration, watts models.Watts, imported models.WattHours) models.EnergySample {
	return models.EnergySample{At: noon.Add(at), Step: 10 * time.Second, Power: watts, Import: imported,
		HasPower: true, HasI: true, HasE: true}
}

func TestFoldReadings_AConstantLoadGivesItsEnergyByBothWays(t *testing.T) {
	var samples []models.EnergySample
	for s := 0; s <= 1800; s += 10 {
		samples = append(samples, sample(time.Duration(s)*time.Second, 36_000, models.WattHours(s*10)))
	}
	got := models.FoldReadings(samples[0], samples[1:], noon, noon.Add(30*time.Minute))
	if len(got) != 2 {
		t.Fatalf("got %d intervals, want 2", len(got))
	}
	for i, iv := range got {
		mean, _ := iv.MeanPower()
		if iv.CounterImport != 9000 || iv.PowerImport() != 9000 || mean != 36_000 || iv.Covered != models.IntervalLength {
			t.Errorf("interval %d: counter %v power %v mean %v coverage %d, want 9000 Wh, 9000 Wh, 36 kW, 1000",
				i, iv.CounterImport, iv.PowerImport(), mean, iv.Covered)
		}
	}
}

func TestFoldReadings_AGapHasNoCoverageButKeepsTheCountersEnergy(t *testing.T) {
	samples := []models.EnergySample{sample(0, 1000, 0), sample(10*time.Second, 1000, 3), sample(10*time.Minute, 1000, 167)}
	got := models.FoldReadings(models.EnergySample{}, samples, noon, noon.Add(15*time.Minute))
	if len(got) != 1 || got[0].Covered != 10*time.Second || got[0].CounterImport != 167 || got[0].Quality != models.QualityGap {
		t.Fatalf("got %+v, want 10 s covered, 167 Wh by counter, quality gap", got)
	}
}

func TestFoldReadings_ACounterThatGoesBackGivesNoEnergy(t *testing.T) {
	samples := []models.EnergySample{sample(0, 1000, 5000), sample(10*time.Second, 1000, 3)}
	got := models.FoldReadings(models.EnergySample{}, samples, noon, noon.Add(15*time.Minute))
	if len(got) != 1 || got[0].CounterImport != 0 || got[0].CounterCovered != 0 {
		t.Fatalf("got %+v, want no counter energy", got)
	}
}

func TestFoldReadings_NoWattHourIsLostOrMadeAtBoundaries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var samples []models.EnergySample
		at, wh := time.Duration(0), models.WattHours(0)
		for range rapid.IntRange(2, 40).Draw(t, "n") {
			samples = append(samples, sample(at, 500, wh))
			at += time.Duration(rapid.IntRange(1, 3000).Draw(t, "dt")) * time.Second
			wh += models.WattHours(rapid.IntRange(0, 5000).Draw(t, "wh"))
		}
		var sum models.WattHours
		for _, iv := range models.FoldReadings(models.EnergySample{}, samples, noon, noon.Add(48*time.Hour)) {
			sum += iv.CounterImport
			if iv.Covered > models.IntervalLength || iv.CounterCovered > models.IntervalLength {
				t.Fatalf("an interval is covered for %v / %v", iv.Covered, iv.CounterCovered)
			}
		}
		if want := samples[len(samples)-1].Import; sum != want {
			t.Fatalf("intervals hold %d Wh, the counter moved %d Wh", sum, want)
		}
	})
}

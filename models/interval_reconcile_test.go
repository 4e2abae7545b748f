package models_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigistry/models"
)

// A stretch of a meter: readings at changing steps, with gaps, resets and values that did
// not come. It gives what the counter counted over the neighbours between which it did
// not go back and that are not too far apart.
func stretchOf(t *rapid.T) (samples []models.EnergySample, counted models.WattHours) {
	at := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	wh := models.WattHours(rapid.Int64Range(0, 1_000_000).Draw(t, "begin"))
	var before models.EnergySample
	for range rapid.IntRange(2, 120).Draw(t, "n") {
		step := time.Duration(rapid.IntRange(1, 120).Draw(t, "seconds")) * time.Second
		switch rapid.IntRange(0, 12).Draw(t, "event") {
		case 0:
			step += time.Duration(rapid.IntRange(0, 240).Draw(t, "gap")) * time.Minute
		case 1:
			wh = models.WattHours(rapid.Int64Range(0, 1000).Draw(t, "reset"))
		}
		at = at.Add(step)
		wh += models.WattHours(rapid.Int64Range(0, 5000).Draw(t, "moved"))
		s := models.EnergySample{At: at, Step: time.Minute, Import: wh, HasI: rapid.IntRange(0, 9).Draw(t, "absent") > 0}
		if rapid.Bool().Draw(t, "power") {
			s.Power, s.HasPower = models.Watts(rapid.Int64Range(-1000, 100_000).Draw(t, "watts")), true
		}
		if !s.Empty() && !before.At.IsZero() {
			// far apart nobody knows when it flowed; between power alone nothing was counted
			if span := s.At.Sub(before.At); before.HasI && s.HasI && s.Import >= before.Import && (span <= 150*time.Second || span <= 2*time.Hour) {
				counted += s.Import - before.Import
			}
		}
		samples = append(samples, s)
		before = s.Carry(before)
	}
	return samples, counted
}

func TestInterval_TheSumOfIntervalsIsWhatTheCounterCountedOverSoundStretches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		samples, counted := stretchOf(t)
		all := models.FoldReadings(models.EnergySample{}, samples, time.Time{}, samples[len(samples)-1].At.Add(time.Hour))
		var sum models.WattHours
		for _, iv := range all {
			sum += iv.CounterImport
			if wh, known := iv.Energy(); !known && wh != 0 {
				t.Fatalf("an interval of which nothing is known has %d Wh", wh)
			} else if !known && (iv.CounterCovered > 0 || iv.Covered > 0) {
				t.Fatalf("an interval is covered and said to be unknown: %+v", iv)
			}
			if iv.CounterCovered > models.IntervalLength || iv.Covered > models.IntervalLength {
				t.Fatalf("more than the whole interval is covered: %+v", iv)
			}
		}
		if sum != counted {
			t.Fatalf("the intervals have %d Wh, the counter counted %d", sum, counted)
		}
	})
}

// quarterOf is a quarter of an hour of a load with a meter's own error, folded.
func quarterOf(t *rapid.T, factor float64) models.Interval {
	from := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	poll := time.Duration(rapid.SampledFrom([]int{5, 10, 30, 60}).Draw(t, "poll")) * time.Second
	base := rapid.Int64Range(2_000, 500_000).Draw(t, "base")
	var samples []models.EnergySample
	var ws float64 // W·s
	p := base
	// The load changes at most twice, and each stays long enough to be read.
	first := from.Add(time.Duration(rapid.IntRange(60, 400).Draw(t, "first")) * time.Second)
	second := first.Add(time.Duration(rapid.IntRange(120, 400).Draw(t, "second")) * time.Second)
	for at := from; !at.After(from.Add(models.IntervalLength)); at = at.Add(time.Second) {
		if at.Sub(from)%poll == 0 {
			samples = append(samples, models.EnergySample{At: at, Step: poll, Power: models.Watts(float64(p) * factor), HasPower: true,
				Import: models.WattHours(ws / 3600), HasI: true})
		}
		ws += float64(p)
		if at.Equal(first) || at.Equal(second) {
			p = base + rapid.Int64Range(0, base).Draw(t, "load")
		}
	}
	return models.FoldReadings(models.EnergySample{}, samples, from, from.Add(models.IntervalLength))[0]
}

func TestInterval_CounterAndPowerOfASoundMeterAgreeAndOfAWrongRatioDisagree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if a := quarterOf(t, 1).Agree("1", 1); !a.Judged || a.Disagrees {
			t.Fatalf("a sound meter: %+v", a)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		iv := quarterOf(t, 40)
		if a := iv.Agree("1", 1); !a.Judged || !a.Disagrees {
			t.Fatalf("power forty times as large: %+v of %+v", a, iv)
		}
		if wh, known := iv.Energy(); !known || wh != iv.CounterImport {
			t.Fatalf("the counter does not win: %d Wh of %+v", wh, iv)
		}
	})
	if a := (models.Interval{CounterImport: 1000, CounterCovered: time.Minute}).Agree("1", 1); a.Judged || a.Disagrees {
		t.Errorf("a minute of a counter is judged: %+v", a)
	}
}

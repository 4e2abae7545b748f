package metering

import (
	"testing"
	"time"

	"rigistry/models"
)

// phasesOf is a reading of three phases at 230 V: currents in A, powers in W.
func phasesOf(ampere float64, power [3]float64) (v models.Values) {
	total := 0.0
	for i, p := range power {
		v.SetBase(models.QVL1+models.Quantity(i), 230)
		v.SetBase(models.QIL1+models.Quantity(i), ampere)
		v.SetBase(models.QPL1+models.Quantity(i), p)
		total += p
	}
	v.SetBase(models.QPTotal, total)
	return v
}

func TestSizes_WhatPhasesSayAboutEachOther(t *testing.T) {
	const good, reversed, scale = models.QualityGood, models.QualityReversedCT, models.QualityScaleChanged
	usual := phasesOf(10, [3]float64{2200, 2100, 2200})
	with := func(v models.Values, change func(*models.Values)) models.Values {
		change(&v)
		return v
	}
	for _, c := range []struct {
		name string
		now  models.Values
		want models.Quality
	}{
		{"as always", usual, good},
		{"one transformer the wrong way round", phasesOf(10, [3]float64{2200, -2100, 2200}), reversed},
		{"two of them", phasesOf(10, [3]float64{2200, -2100, -2100}), reversed},
		{"a site that gives back on all phases", phasesOf(10, [3]float64{-2200, -2100, -2200}), good},
		{"a little reactive noise on an idle phase", with(usual, func(v *models.Values) { v.SetBase(models.QPL2, -5); v.SetBase(models.QIL2, 0.1) }), good},
		{"power in tenths", with(usual, func(v *models.Values) { v.SetBase(models.QPTotal, 650) }), scale},
		{"power in kilowatts", with(usual, func(v *models.Values) { v.SetBase(models.QPTotal, 6.5) }), scale},
		{"power times ten", with(usual, func(v *models.Values) { v.SetBase(models.QPTotal, 65_000) }), scale},
		{"power times a thousand", with(usual, func(v *models.Values) { v.SetBase(models.QPTotal, 6_500_000) }), scale},
		{"a load that goes away", phasesOf(1, [3]float64{220, 210, 220}), good},
		{"a load of ten times as much", phasesOf(100, [3]float64{22_000, 21_000, 22_000}), good},
		{"a motor that idles", phasesOf(10, [3]float64{700, 700, 700}), good},
		{"currents only on one phase", with(usual, func(v *models.Values) { v.Clear(models.QIL2); v.SetBase(models.QPTotal, 650) }), good},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s sizes
			for range 2 * scaleKnown {
				if q := s.judge(&usual); q != good {
					t.Fatalf("an honest reading is %s", q)
				}
			}
			last := good
			for range reversedRun {
				last = s.judge(&c.now)
			}
			if last != c.want {
				t.Errorf("got %s, want %s", last, c.want)
			}
			s.judge(&usual)
			if back := s.judge(&usual); back != good {
				t.Errorf("when it is as before again, got %s", back)
			}
		})
	}
}

// What shows another scale is withheld; what runs the wrong way round is kept and
// marked.
func TestWatch_AnotherScaleIsWithheldAndAReversedTransformerIsMarked(t *testing.T) {
	p := &models.Profile{}
	var w watch
	judge := func(i int, v models.Values) models.Reading {
		r := models.Reading{At: start.Add(time.Duration(i) * 10 * time.Second), Step: 10 * time.Second, Values: v}
		w.judge(&r, []block{{ok: true, regs: []uint16{uint16(i)}}}, p)
		return r
	}
	wrong := phasesOf(10, [3]float64{22_000, 21_000, 22_000})
	if r := judge(0, wrong); r.Quality != models.QualityScaleChanged || r.Values.Len() != 0 {
		t.Errorf("got %s with %d values", r.Quality, r.Values.Len())
	}
	var r models.Reading
	for i := range reversedRun {
		r = judge(i+1, phasesOf(10, [3]float64{2200, -2100, 2200}))
	}
	if r.Quality != models.QualityReversedCT || r.Values.Len() == 0 || !r.Quality.Usable() {
		t.Errorf("got %s with %d values", r.Quality, r.Values.Len())
	}
}

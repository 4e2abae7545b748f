package models_test

import (
	"testing"

	"rigistry/models"
)

func TestReading_WhatNoPowerSystemHasIsLeftOut(t *testing.T) {
	for _, c := range []struct {
		q    models.Quantity
		base float64
		kept bool
	}{
		{models.QPTotal, 1e18, false}, {models.QPTotal, -1e12, false}, {models.QPTotal, 22.5e9, true}, {models.QPTotal, -900e3, true},
		{models.QVL1, 99e6, false}, {models.QVL1, 664e3, true}, {models.QF, -3, false}, {models.QF, 49.97, true},
		{models.QPF, 7, false}, {models.QPF, -1, true}, {models.QEImport, -5, false}, {models.QEImport, 0, true}, {models.QCTRatio, 1e9, true},
	} {
		r := models.Reading{}
		r.Values.SetBase(c.q, c.base)
		r.Values.Set(models.QIL1, 5000) // stays whatever becomes of the other
		r.LeaveOutImpossible()
		want := models.QualityGood
		if !c.kept {
			want = models.QualityOutOfRange
		}
		if r.Values.Has(c.q) != c.kept || r.Quality != want || !r.Values.Has(models.QIL1) {
			t.Errorf("%s of %g: kept %t, quality %s; want %t, %s", c.q, c.base, r.Values.Has(c.q), r.Quality, c.kept, want)
		}
	}
	empty := models.Reading{}
	if empty.LeaveOutImpossible(); empty.Quality != models.QualityNotAvailable {
		t.Errorf("a reading of nothing is %s", empty.Quality)
	}
	silent := models.Reading{Quality: models.QualityCommError}
	if silent.LeaveOutImpossible(); silent.Quality != models.QualityCommError {
		t.Errorf("a reading that failed became %s", silent.Quality)
	}
}

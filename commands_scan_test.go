package main

import (
	"slices"
	"testing"

	"rigistry/models"
)

func TestUnitRanges_AreReadOrRefused(t *testing.T) {
	for text, want := range map[string][]uint8{"1-3": {1, 2, 3}, "7": {7}, "1,5, 4-5": {1, 5, 4}, "0,255": {0, 255}, "3-1": nil, "256": nil, "a": nil, "": nil, "1-": nil, "-1": nil} {
		got, err := unitRanges(text)
		if !slices.Equal(got, want) || (want == nil) != (models.CodeOf(err) == models.CodeInvalid) {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
}

package models

import (
	"testing"
	"time"
)

func TestHeldSpans_AreTheDaysOnWhichAMatchingVersionWasInForce(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	v := func(state LicenseState, bin string, effective int) License {
		return License{State: state, HolderBin: bin, EffectiveAt: day(effective), ValidFrom: day(3), ValidUntil: day(25)}
	}
	for _, c := range []struct {
		name        string
		versions    []License
		from, until int
		want        []Span
	}{
		{"no version", nil, 1, 30, nil},
		{"active to its end", []License{v(LicenseActive, "A", 3)}, 1, 30, []Span{{day(3), day(25)}}},
		{"before it", []License{v(LicenseActive, "A", 3)}, 1, 3, nil},
		{"after it", []License{v(LicenseActive, "A", 3)}, 25, 30, nil},
		{"its last day", []License{v(LicenseActive, "A", 3)}, 24, 30, []Span{{day(24), day(25)}}},
		{"suspended counts, and touching times are one", []License{v(LicenseActive, "A", 3), v(LicenseSuspended, "A", 10)}, 1, 30, []Span{{day(3), day(25)}}},
		{"revoked ends it", []License{v(LicenseActive, "A", 3), v(LicenseRevoked, "A", 10)}, 1, 30, []Span{{day(3), day(10)}}},
		{"another's version is a gap", []License{v(LicenseActive, "A", 3), v(LicenseActive, "B", 10), v(LicenseActive, "A", 12)}, 1, 30, []Span{{day(3), day(10)}, {day(12), day(25)}}},
		{"only another's", []License{v(LicenseActive, "B", 3)}, 1, 30, nil},
	} {
		got := HeldSpans(c.versions, func(l License) bool { return l.HolderBin == "A" }, day(c.from), day(c.until))
		if len(got) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
			continue
		}
		for i := range got {
			if !got[i].From.Equal(c.want[i].From) || !got[i].Until.Equal(c.want[i].Until) {
				t.Errorf("%s: %v, want %v", c.name, got, c.want)
			}
		}
	}
}

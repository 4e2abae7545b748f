package metering

import (
	"strings"
	"time"

	"rigistry/models"
)

// On 2024-03-01 at 0:00 the clocks of the half of Kazakhstan that kept UTC+6 were put
// back an hour to UTC+5 (resolution of the Government No. 1056 of 2023-11-30): the hour
// from 23:00 on 29 February came twice. Summer time ended for good in October 2004.
var (
	since2024  = time.FixedZone("+05:00", 5*3600)
	shift2024  = time.Date(2024, time.February, 29, 18, 0, 0, 0, time.UTC)
	earliestKZ = time.Date(2005, time.January, 1, 0, 0, 0, 0, time.UTC)
)

// zoneOf gives the zone of a mapping; nil is that of the legal time of Almaty.
func zoneOf(text string) (*time.Location, error) {
	switch {
	case strings.EqualFold(text, "kz"):
		return nil, nil //nolint:nilnil // the legal time is no fixed zone
	case strings.EqualFold(text, "utc"):
		return time.UTC, nil
	}
	t, err := time.Parse("-07:00", text)
	if err != nil {
		return nil, err
	}
	_, offset := t.Zone()
	return time.FixedZone(text, offset), nil
}

// instant reads a local time. previous is that of the row before of the same meter: in
// the hour that came twice it tells which of the two is meant.
func (m FileMapping) instant(text string, previous time.Time) (time.Time, error) {
	layout := m.Layout
	if layout == "" {
		layout = "02.01.2006 15:04"
	}
	day := 0
	if strings.Contains(text, "24:00") { // the end of a day, as some systems write it
		text, day = strings.Replace(text, "24:00", "00:00", 1), 1
	}
	zone, err := zoneOf(m.Zone)
	if err != nil {
		return time.Time{}, err
	}
	in := zone
	if in == nil {
		in = since2024
	}
	at, err := time.ParseInLocation(layout, text, in)
	if err != nil || at.Year() < 1990 || at.Year() > 2100 {
		return time.Time{}, models.Errorf(models.CodeInvalid, "%q is no time of the form %q.", text, layout)
	}
	at = at.AddDate(0, 0, day)
	if zone != nil {
		return at.UTC(), nil
	}
	return legalTime(at, previous)
}

// legalTime gives the instant of a local time that was read at UTC+5.
func legalTime(at, previous time.Time) (time.Time, error) {
	later := at.UTC()
	earlier := later.Add(-time.Hour) // the same numbers on a clock at UTC+6
	switch {
	case later.Before(earliestKZ):
		return time.Time{}, models.Errorf(models.CodeInvalid, "Before 2005 there was summer time. Give the offset of this file instead of kz.")
	case later.Before(shift2024):
		return earlier, nil
	case !earlier.Before(shift2024):
		return later, nil
	case previous.IsZero() || earlier.After(previous): // the first of the two, while it is not taken
		return earlier, nil
	}
	return later, nil
}

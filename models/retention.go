package models

import "time"

// RetentionClass is a resolution of readings that is kept for a time of its own.
type RetentionClass string

// The classes, by the code of the legal value that says for how long.
const (
	RetainRaw      RetentionClass = "raw"
	RetainQuarters RetentionClass = "15m"
	RetainHours    RetentionClass = "1h"
	RetainDays     RetentionClass = "1d"
)

// RetentionClasses lists the classes, finest first.
func RetentionClasses() []RetentionClass {
	return []RetentionClass{RetainRaw, RetainQuarters, RetainHours, RetainDays}
}

// LegalCode is the code of the legal value that says how long the class is kept.
func (c RetentionClass) LegalCode() string { return "readings_kept_" + string(c) }

// retentionLeast is how long readings stay whatever the law's number says: detection
// and open settlements need them, and a slip of a key must not take them away.
const retentionLeast = 3 // months

// KeptSince is the instant from which readings stay at an instant by a legal value in
// months or years: the beginning of a month, UTC. false for another unit.
func KeptSince(v LegalValue, now time.Time) (time.Time, bool) {
	months := v.Value
	switch v.Unit {
	case "months":
	case "years":
		months *= 12
	default:
		return time.Time{}, false
	}
	now = now.UTC()
	return time.Date(now.Year(), now.Month()-time.Month(max(months, retentionLeast)), 1, 0, 0, 0, 0, time.UTC), true
}

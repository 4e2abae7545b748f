package models

import "time"

// Clock is the statutory clock of an application: when it started and when it
// stood still.
type Clock struct {
	Started time.Time
	Pauses  []Pause
}

// Pause is a half-open interval in which the clock stands; Until is zero while
// it still does.
type Pause struct {
	From   time.Time
	Until  time.Time
	Reason string // code: correction_requested, agency, tolling
}

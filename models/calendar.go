package models

import (
	"slices"
	"time"
)

// A legal date is a day of the civil calendar in the country's one time zone,
// written YYYY-MM-DD. Dates of this form compare in the order of time.
const dateLayout = "2006-01-02"

// zoneChange is when the whole country went to UTC+5, 1 March 2024 00:00 at
// UTC+6. Before it Astana and Almaty had UTC+6 for as long as licenses exist, so
// two offsets are the whole law and no time zone file is needed.
var zoneChange = time.Date(2024, 2, 29, 18, 0, 0, 0, time.UTC)

const (
	offsetBefore = 6 * time.Hour

	// LegalOffset is the one time zone of the country since 1 March 2024, UTC+5.
	LegalOffset = 5 * time.Hour
)

// LegalDate gives the legal date of an instant.
func LegalDate(at time.Time) string {
	offset := LegalOffset
	if at.Before(zoneChange) {
		offset = offsetBefore
	}
	return at.UTC().Add(offset).Format(dateLayout)
}

// StartOfDay gives the instant at which a legal date begins, UTC. 1 March 2024
// began at the second midnight, when UTC+5 was already law. A text that is no
// date gives CodeInvalid.
func StartOfDay(date string) (time.Time, error) {
	d, err := time.Parse(dateLayout, date)
	if err != nil {
		return time.Time{}, Errorf(CodeInvalid, "%q is not a date. Write it as YYYY-MM-DD.", date)
	}
	if date < "2024-03-01" {
		return d.Add(-offsetBefore), nil
	}
	return d.Add(-LegalOffset), nil
}

// AddDays gives the date so many days later, or "" for a text that is no date.
func AddDays(date string, days int) string {
	d, err := time.Parse(dateLayout, date)
	if err != nil {
		return ""
	}
	return d.AddDate(0, 0, days).Format(dateLayout)
}

// AddMonths gives the same day so many months later, or the last day of that
// month where it has no such day; "" for a text that is no date.
func AddMonths(date string, months int) string {
	d, err := time.Parse(dateLayout, date)
	if err != nil {
		return ""
	}
	first := time.Date(d.Year(), d.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(d.Day(), last)-1).Format(dateLayout)
}

// DayKind says why a date is not what its day of the week says.
type DayKind string

// The kinds of special day. A moved day off replaces a holiday that fell on a
// weekend; a working Saturday replaces a day off that was moved.
const (
	DayHoliday         DayKind = "holiday"
	DayMovedOff        DayKind = "moved_day_off"
	DayWorkingSaturday DayKind = "working_saturday"
)

// Holiday is a special day as the law or a yearly decree names it.
type Holiday struct {
	Date                   string
	Kind                   DayKind
	NameKk, NameRu, NameEn string
	LegalRef               string
}

// Calendar counts working days of a five-day week with its special days. The
// zero Calendar knows weekends only.
type Calendar struct {
	days   map[string]DayKind
	years  map[string]bool
	tolled []span // see Tolled
}

// NewCalendar makes a calendar of the special days.
func NewCalendar(days []Holiday) Calendar {
	c := Calendar{days: make(map[string]DayKind, len(days)), years: map[string]bool{}}
	for _, h := range days {
		c.days[h.Date] = h.Kind
		if len(h.Date) >= 4 {
			c.years[h.Date[:4]] = true
		}
	}
	return c
}

// Knows tells whether the special days of the date's year have been entered. A
// term that ends in a year without them may still move.
func (c Calendar) Knows(date string) bool { return len(date) >= 4 && c.years[date[:4]] }

// IsWorkingDay tells whether the date is one that counts. A text that is no date is
// none, and no day of a tolling period is.
func (c Calendar) IsWorkingDay(date string) bool {
	d, err := time.Parse(dateLayout, date)
	if err != nil || c.isTolled(date) {
		return false
	}
	switch c.days[date] {
	case DayHoliday, DayMovedOff:
		return false
	case DayWorkingSaturday:
		return true
	}
	return d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
}

// AddWorkingDays gives the n-th working day after the date; the day itself does
// not count. n = 0 gives the date, or the next working day when it is none. It
// gives "" for a text that is no date or a negative n.
func (c Calendar) AddWorkingDays(date string, n int) string {
	if AddDays(date, 0) == "" || n < 0 {
		return ""
	}
	if n == 0 && !c.IsWorkingDay(date) {
		n = 1
	}
	for n > 0 {
		date = AddDays(date, 1)
		if c.IsWorkingDay(date) {
			n--
		}
	}
	return date
}

// WorkingDaysBetween counts the working days after from up to and including to;
// 0 when to is not after from.
func (c Calendar) WorkingDaysBetween(from, to string) int {
	n := 0
	for d := AddDays(from, 1); d != "" && d <= to; d = AddDays(d, 1) {
		if c.IsWorkingDay(d) {
			n++
		}
	}
	return n
}

// Clock is the statutory clock of an application: when it started, when it stood
// still and when the matter was decided.
type Clock struct {
	Started time.Time
	Pauses  []Pause   // in order, not overlapping; only the last may be open
	Stopped time.Time // the decision or the withdrawal; zero before
}

// Pause is a half-open interval in which the clock stands; Until is zero while
// it still does.
type Pause struct {
	From   time.Time
	Until  time.Time
	Reason string // code: correction_requested, agency, tolling
}

// ClockState is what a statutory clock shows at an instant.
type ClockState struct {
	Running bool
	Waiting string // reason of the pause while it stands, else ""
	Used    int    // working days used, today's included once it has begun
	Left    int    // working days left, negative when overdue
	Due     string // the last day of the term; while it stands, as if it went on tomorrow
	Overdue bool   // the term has ended
	Beyond  bool   // Due lies in a year whose special days have not been entered, so it may move
}

// Pause stops the clock for a reason.
func (c Clock) Pause(at time.Time, reason string) (Clock, error) {
	if c.Started.IsZero() || at.Before(c.Started) || !c.Stopped.IsZero() {
		return c, Errorf(CodeConflict, "The clock is not running, so it cannot be stopped.")
	}
	if p, standing := c.waiting(at); standing {
		return c, Errorf(CodeConflict, "The clock stands already (%s).", p.Reason)
	}
	if n := len(c.Pauses); n > 0 && at.Before(c.Pauses[n-1].Until) {
		return c, Errorf(CodeConflict, "The clock cannot be stopped before its last pause ended.")
	}
	c.Pauses = append(slices.Clone(c.Pauses), Pause{From: at, Reason: reason})
	return c, nil
}

// Resume lets the clock go on.
func (c Clock) Resume(at time.Time) (Clock, error) {
	n := len(c.Pauses) - 1
	if n < 0 || !c.Pauses[n].Until.IsZero() || at.Before(c.Pauses[n].From) || !c.Stopped.IsZero() {
		return c, Errorf(CodeConflict, "The clock is not standing, so it cannot go on.")
	}
	c.Pauses = slices.Clone(c.Pauses)
	c.Pauses[n].Until = at
	return c, nil
}

// waiting gives the pause in which an instant lies.
func (c Clock) waiting(at time.Time) (Pause, bool) {
	for _, p := range c.Pauses {
		if !at.Before(p.From) && (p.Until.IsZero() || at.Before(p.Until)) {
			return p, true
		}
	}
	return Pause{}, false
}

// Read tells what the clock shows at an instant for a term of so many working
// days, at least one. The day of the start does not count. A working day counts
// when the clock runs at its end, or for today, now; so a pause within one day
// costs nothing and a pause over n nights takes its n days out.
func (c Clock) Read(cal Calendar, days int, at time.Time) ClockState {
	days = max(days, 1)
	if c.Started.IsZero() || at.Before(c.Started) {
		return ClockState{Left: days}
	}
	stopped := !c.Stopped.IsZero() && !at.Before(c.Stopped)
	if stopped {
		at = c.Stopped
	}
	pause, standing := c.waiting(at)
	s := ClockState{Running: !stopped && !standing, Waiting: pause.Reason}
	today, counted := LegalDate(at), 0
	if s.Running && cal.isTolled(today) {
		s.Running, s.Waiting = false, PauseTolling
	}
	for d := AddDays(LegalDate(c.Started), 1); d <= today || s.Due == ""; d = AddDays(d, 1) {
		if !cal.IsWorkingDay(d) || d <= today && c.standsAtEndOf(d, at) {
			continue
		}
		counted++
		if d <= today {
			s.Used = counted
		}
		if counted == days {
			s.Due = d
		}
	}
	s.Left = days - s.Used
	s.Overdue = today > s.Due
	s.Beyond = !cal.Knows(s.Due)
	return s
}

// standsAtEndOf tells whether the clock stands when the date ends, or at the
// instant when that is earlier.
func (c Clock) standsAtEndOf(date string, at time.Time) bool {
	end, err := StartOfDay(AddDays(date, 1))
	if err != nil {
		return false
	}
	if last := end.Add(-time.Microsecond); last.Before(at) {
		at = last
	}
	_, standing := c.waiting(at)
	return standing
}

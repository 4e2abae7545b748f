package models_test

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigistry/models"
)

// daysOff are the special days of 2026 and 2027 as the program has them.
func daysOff(t testing.TB) []models.Holiday {
	t.Helper()
	var out []models.Holiday
	for _, year := range []string{"2026", "2027"} {
		f, err := os.Open("../services/licensing/data/holidays_" + year + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(f).ReadAll()
		_ = f.Close()
		if err != nil || len(rows) < 16 {
			t.Fatalf("%d special days of %s (%v), want more than 15", len(rows), year, err)
		}
		for _, r := range rows[1:] {
			out = append(out, models.Holiday{Date: r[0], Kind: models.DayKind(r[1])})
		}
	}
	return out
}

// naive is a second model of the clock that shares no code with the first: a row of
// days made with the time zone database, each with whether it is worked on.
type naive struct {
	days   []naiveDay
	almaty *time.Location
}

type naiveDay struct {
	date string
	ends time.Time // the last microsecond
	work bool
}

func newNaive(t testing.TB, special []models.Holiday, tolled [][2]string) naive {
	t.Helper()
	almaty, err := time.LoadLocation("Asia/Almaty")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]models.DayKind{}
	for _, h := range special {
		kinds[h.Date] = h.Kind
	}
	n := naive{almaty: almaty}
	for d := time.Date(2026, 1, 1, 0, 0, 0, 0, almaty); d.Year() < 2028; d = d.AddDate(0, 0, 1) {
		day := naiveDay{date: d.Format(time.DateOnly), ends: d.AddDate(0, 0, 1).Add(-time.Microsecond)}
		day.work = d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
		if kind, special := kinds[day.date]; special {
			day.work = kind == models.DayWorkingSaturday
		}
		for _, p := range tolled {
			if p[0] <= day.date && day.date < p[1] {
				day.work = false
			}
		}
		n.days = append(n.days, day)
	}
	return n
}

// read gives the working days used and the last day of a term.
func (n naive) read(start time.Time, pauses []models.Pause, term int, now time.Time) (used int, due string) {
	stands := func(at time.Time) bool {
		for _, p := range pauses {
			if !at.Before(p.From) && (p.Until.IsZero() || at.Before(p.Until)) {
				return true
			}
		}
		return false
	}
	first, today := start.In(n.almaty).Format(time.DateOnly), now.In(n.almaty).Format(time.DateOnly)
	var counted []string
	for _, d := range n.days {
		switch {
		case d.date <= first || !d.work:
		case d.date < today && stands(d.ends), d.date == today && stands(now):
		default:
			counted = append(counted, d.date)
			if d.date <= today {
				used++
			}
		}
	}
	return used, counted[term-1]
}

func local(t *testing.T, text string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05.000000"} {
		if at, err := time.Parse(layout+" -0700", text+" +0500"); err == nil {
			return at.UTC()
		}
	}
	t.Fatalf("%q is no local time", text)
	return time.Time{}
}

// clockCase is one line of the table.
type clockCase struct {
	line              int
	start, now        time.Time
	term, used, left  int
	pauses            []models.Pause
	tolled            [][2]string
	extra             []models.Holiday
	due, shows, wrote string
}

func clockCases(t *testing.T) (out []clockCase) {
	t.Helper()
	f, err := os.Open("testdata/clock_2026.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	number := func(text string) int {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	s := bufio.NewScanner(f)
	for line := 1; s.Scan(); line++ {
		text, why, _ := strings.Cut(s.Text(), "#")
		if strings.TrimSpace(text) == "" {
			continue
		}
		c := strings.Split(text, "|")
		if len(c) != 10 {
			t.Fatalf("line %d has %d columns, want 10", line, len(c))
		}
		for i := range c {
			c[i] = strings.TrimSpace(c[i])
		}
		one := clockCase{line: line, start: local(t, c[0]), term: number(c[1]), now: local(t, c[5]), used: number(c[6]), left: number(c[7]),
			due: c[8], shows: c[9], wrote: strings.TrimSpace(why)}
		for _, p := range fields(c[2]) {
			from, until, _ := strings.Cut(p, "..")
			pause := models.Pause{From: local(t, strings.TrimSpace(from)), Reason: models.PauseCorrection}
			if until = strings.TrimSpace(until); until != "" {
				pause.Until = local(t, until)
			}
			one.pauses = append(one.pauses, pause)
		}
		for _, p := range fields(c[3]) {
			from, until, _ := strings.Cut(p, " .. ")
			one.tolled = append(one.tolled, [2]string{from, until})
		}
		for _, e := range fields(c[4]) {
			kind, date, _ := strings.Cut(e, " ")
			one.extra = append(one.extra, models.Holiday{Date: date, Kind: map[string]models.DayKind{"off": models.DayMovedOff, "work": models.DayWorkingSaturday}[kind]})
		}
		out = append(out, one)
	}
	return out
}

func fields(text string) (out []string) {
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func tolling(periods [][2]string) (out []models.Tolling) {
	for _, p := range periods {
		out = append(out, models.Tolling{From: p[0], Until: p[1], State: models.TollingConfirmed})
	}
	return out
}

func shows(s models.ClockState) string {
	switch {
	case s.Waiting == models.PauseTolling:
		return "tolled"
	case s.Waiting != "":
		return "standing"
	case s.Overdue:
		return "overdue"
	}
	return "running"
}

func TestClock_TheTableOf2026(t *testing.T) {
	cases := clockCases(t)
	if len(cases) < 30 {
		t.Fatalf("%d cases, want the whole table", len(cases))
	}
	for _, c := range cases {
		special := append(daysOff(t), c.extra...)
		cal := models.NewCalendar(special).Tolled(tolling(c.tolled))
		got := models.Clock{Started: c.start, Pauses: c.pauses}.Read(cal, c.term, c.now)
		want := fmt.Sprint(c.used, c.left, c.due, c.shows)
		if have := fmt.Sprint(got.Used, got.Left, got.Due, shows(got)); have != want {
			t.Errorf("line %d (%s): %s, want %s", c.line, c.wrote, have, want)
		}
		if used, due := newNaive(t, special, c.tolled).read(c.start, c.pauses, c.term, c.now); used != c.used || due != c.due {
			t.Errorf("line %d (%s): the second model says %d days used, due %s; the table %d and %s", c.line, c.wrote, used, due, c.used, c.due)
		}
	}
}

func TestClock_EveryDayOf2026AsAStartAgreesWithASecondModel(t *testing.T) {
	special := daysOff(t)
	cal, second := models.NewCalendar(special), newNaive(t, special, nil)
	compared := 0
	for _, d := range second.days {
		if d.date > "2026-12-31" {
			break
		}
		for _, start := range []time.Time{d.ends, d.ends.Add(time.Microsecond - 24*time.Hour)} { // the last and the first instant of the day
			for _, term := range []int{2, 3, 10, 15, 30} {
				used, due := second.read(start, nil, term, start)
				got := models.Clock{Started: start}.Read(cal, term, start)
				if got.Due != due || got.Used != used || got.Left != term {
					t.Fatalf("from %s, %d days: used %d, due %s; the second model says %d, %s", start, term, got.Used, got.Due, used, due)
				}
				if got.Beyond {
					t.Fatalf("from %s the due date %s is said to lie beyond the known years", start, due)
				}
				compared++
			}
		}
	}
	if compared != 365*2*5 {
		t.Errorf("%d comparisons, want every day of the year", compared)
	}
}

func TestClock_NoPausedAndNoTolledDayIsEverCounted(t *testing.T) {
	special := daysOff(t)
	rapid.Check(t, func(rt *rapid.T) {
		minute := func(name string, from, most int) time.Time {
			return time.Date(2025, 12, 31, 19, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(from, most).Draw(rt, name)) * time.Minute)
		}
		const year = 365 * 24 * 60
		start := minute("start", 0, year)
		var pauses []models.Pause
		last := start
		for i := range rapid.IntRange(0, 4).Draw(rt, "pauses") {
			from := last.Add(time.Duration(rapid.IntRange(0, 10*24*60).Draw(rt, fmt.Sprint("from", i))) * time.Minute)
			last = from.Add(time.Duration(rapid.IntRange(1, 8*24*60).Draw(rt, fmt.Sprint("length", i))) * time.Minute)
			pauses = append(pauses, models.Pause{From: from, Until: last, Reason: models.PauseCorrection})
		}
		var periods [][2]string
		for i := range rapid.IntRange(0, 2).Draw(rt, "tollings") {
			from := models.LegalDate(minute(fmt.Sprint("tolled", i), 0, year))
			periods = append(periods, [2]string{from, models.AddDays(from, rapid.IntRange(1, 12).Draw(rt, fmt.Sprint("days", i)))})
		}
		now := start.Add(time.Duration(rapid.IntRange(0, 90*24*60).Draw(rt, "now")) * time.Minute)
		term := rapid.SampledFrom([]int{2, 3, 10, 15, 30}).Draw(rt, "term")
		if n := len(pauses); n > 0 && rapid.Bool().Draw(rt, "still standing") {
			pauses[n-1].Until = time.Time{}
		}
		known := pauses[:0:0] // what has begun by now, as the record has it
		for _, p := range pauses {
			if p.From.After(now) {
				break
			}
			if p.Until.After(now) {
				p.Until = time.Time{}
			}
			known = append(known, p)
		}
		got := models.Clock{Started: start, Pauses: known}.Read(models.NewCalendar(special).Tolled(tolling(periods)), term, now)
		used, due := newNaive(t, special, periods).read(start, known, term, now)
		if got.Used != used || got.Due != due || got.Left != term-used {
			rt.Fatalf("used %d, left %d, due %s; the second model says %d used, due %s", got.Used, got.Left, got.Due, used, due)
		}
	})
}

func TestClock_ADueDateBeyondTheKnownYearsSaysSo(t *testing.T) {
	var only2026 []models.Holiday
	for _, h := range daysOff(t) {
		if h.Date < "2027" {
			only2026 = append(only2026, h)
		}
	}
	start := local(t, "2026-12-30 10:00")
	if got := (models.Clock{Started: start}).Read(models.NewCalendar(only2026), 3, start); !got.Beyond || got.Due < "2027" {
		t.Errorf("due %s, beyond %v; want a date of 2027 that says it may move", got.Due, got.Beyond)
	}
	if got := (models.Clock{Started: start}).Read(models.NewCalendar(daysOff(t)), 3, start); got.Beyond {
		t.Errorf("due %s is said to lie beyond the known years, and 2027 is known", got.Due)
	}
}

package models_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rigistry/models"
)

// calendar2026 is the year as inform.kz published it on 2 January 2026. The
// program's own list is data of the licensing service, which a test there compares.
func calendar2026() models.Calendar {
	var days []models.Holiday
	for _, d := range []string{"01-01", "01-02", "01-07", "03-08", "03-21", "03-22", "03-23", "05-01", "05-07", "05-09", "05-27", "07-06", "08-30", "10-25", "12-16"} {
		days = append(days, models.Holiday{Date: "2026-" + d, Kind: models.DayHoliday})
	}
	for _, d := range []string{"03-09", "03-24", "03-25", "05-11", "08-31", "10-26"} {
		days = append(days, models.Holiday{Date: "2026-" + d, Kind: models.DayMovedOff})
	}
	return models.NewCalendar(days)
}

func TestCalendar_DaysOff2026(t *testing.T) {
	cal := calendar2026()
	for date, want := range map[string]bool{
		"2026-01-01": false, "2026-01-02": false, "2026-01-05": true, "2026-01-07": false, "2026-01-08": true,
		"2026-03-06": true, "2026-03-09": false, "2026-03-10": true, "2026-03-20": true, "2026-03-23": false, "2026-03-24": false, "2026-03-25": false, "2026-03-26": true,
		"2026-05-01": false, "2026-05-07": false, "2026-05-08": true, "2026-05-11": false, "2026-05-27": false, "2026-05-28": true,
		"2026-07-06": false, "2026-08-31": false, "2026-10-26": false, "2026-12-16": false, "2026-11-22": false, "not a date": false,
	} {
		if got := cal.IsWorkingDay(date); got != want {
			t.Errorf("IsWorkingDay(%s) = %v, want %v", date, got, want)
		}
	}
	n := 0
	for d := "2026-01-01"; d <= "2026-12-31"; d = models.AddDays(d, 1) {
		if cal.IsWorkingDay(d) {
			n++
		}
	}
	// 261 weekdays less the 15 holidays and moved days off that fall on weekdays.
	if n != 246 {
		t.Errorf("2026 has %d working days, want 246", n)
	}
	if !cal.Knows("2026-12-31") || cal.Knows("2027-01-04") {
		t.Error("the calendar must know 2026 and not pretend to know 2027")
	}
}

func TestCalendar_FifteenWorkingDaysThroughTheYear(t *testing.T) {
	cal := calendar2026()
	for from, want := range map[string]string{
		"2026-01-05": "2026-01-27", // past 7 January
		"2026-03-02": "2026-03-27", // past 9 March and Nauryz
		"2026-04-20": "2026-05-14", // past 1, 7 and 11 May
		"2026-05-08": "2026-06-02", // past 11 and 27 May
		"2026-06-26": "2026-07-20", // past 6 July
		"2026-08-14": "2026-09-07", // past 31 August
		"2026-10-09": "2026-11-02", // past 26 October
		"2026-11-29": "2026-12-21", // from a Sunday, past 16 December
	} {
		if got := cal.AddWorkingDays(from, 15); got != want {
			t.Errorf("15 working days after %s = %s, want %s", from, got, want)
		}
		if n := cal.WorkingDaysBetween(from, want); n != 15 {
			t.Errorf("WorkingDaysBetween(%s, %s) = %d, want 15", from, want, n)
		}
	}
	saturday := models.NewCalendar([]models.Holiday{{Date: "2026-11-28", Kind: models.DayWorkingSaturday}})
	if got := saturday.AddWorkingDays("2026-11-27", 1); got != "2026-11-28" {
		t.Errorf("the day after 27 November = %s, want the working Saturday", got)
	}
}

func TestLegalDate_TurnsAtLocalMidnight(t *testing.T) {
	almaty, err := time.LoadLocation("Asia/Almaty")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ at, want string }{
		{"2026-03-02T18:59:59.999999Z", "2026-03-02"}, {"2026-03-02T19:00:00Z", "2026-03-03"},
		{"2023-06-01T17:59:59Z", "2023-06-01"}, {"2023-06-01T18:00:00Z", "2023-06-02"}, // UTC+6 until 1 March 2024
		{"2024-02-29T17:59:59Z", "2024-02-29"}, {"2024-02-29T18:00:00Z", "2024-02-29"}, {"2024-02-29T19:00:00Z", "2024-03-01"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := models.LegalDate(at); got != c.want || got != at.In(almaty).Format(time.DateOnly) {
			t.Errorf("LegalDate(%s) = %s, want %s; the time zone database says %s", c.at, got, c.want, at.In(almaty).Format(time.DateOnly))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		date := models.AddDays("2023-04-01", rapid.IntRange(0, 4000).Draw(t, "days"))
		start, err := models.StartOfDay(date)
		if err != nil || models.LegalDate(start) != date || models.LegalDate(start.Add(-time.Microsecond)) >= date && date != "2024-03-01" {
			t.Fatalf("StartOfDay(%s) = %s, %v: that is %s, just before %s", date, start, err, models.LegalDate(start), models.LegalDate(start.Add(-time.Microsecond)))
		}
	})
}

func TestAddMonths_ClampsToTheLastDay(t *testing.T) {
	for _, c := range []struct {
		from   string
		months int
		want   string
	}{{"2026-01-31", 1, "2026-02-28"}, {"2026-08-31", 6, "2027-02-28"}, {"2024-02-29", 36, "2027-02-28"}, {"2026-03-02", 36, "2029-03-02"}, {"2026-10-30", 4, "2027-02-28"}, {"x", 1, ""}} {
		if got := models.AddMonths(c.from, c.months); got != c.want {
			t.Errorf("AddMonths(%s, %d) = %s, want %s", c.from, c.months, got, c.want)
		}
	}
}

// at is an instant by local wall clock of 2026.
func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04 -0700", text+" +0500")
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func TestClock_CasesOneCanRead(t *testing.T) {
	cal := calendar2026()
	started := at("2026-03-02 10:00")
	pause := func(pairs ...string) (out []models.Pause) {
		for i := 0; i < len(pairs); i += 2 {
			p := models.Pause{From: at(pairs[i]), Reason: "correction_requested"}
			if pairs[i+1] != "" {
				p.Until = at(pairs[i+1])
			}
			out = append(out, p)
		}
		return out
	}
	for _, c := range []struct {
		name       string
		pauses     []models.Pause
		now        string
		used, left int
		due        string
		running    bool
		overdue    bool
	}{
		{"on the day of registration", nil, "2026-03-02 18:00", 0, 15, "2026-03-27", true, false},
		{"the first day", nil, "2026-03-03 00:00", 1, 14, "2026-03-27", true, false},
		{"over a weekend and 9 March", nil, "2026-03-09 12:00", 4, 11, "2026-03-27", true, false},
		{"on the last day", nil, "2026-03-27 23:59", 15, 0, "2026-03-27", true, false},
		{"a minute after the last day, a Saturday", nil, "2026-03-28 00:00", 15, 0, "2026-03-27", true, true},
		{"the Monday after", nil, "2026-03-30 09:00", 16, -1, "2026-03-27", true, true},
		{"a pause within a day costs nothing", pause("2026-03-03 09:00", "2026-03-03 17:00"), "2026-03-04 09:00", 2, 13, "2026-03-27", true, false},
		{"over two nights two days fall out", pause("2026-03-03 09:00", "2026-03-05 09:00"), "2026-03-05 10:00", 1, 14, "2026-03-31", true, false},
		{"over a weekend only Friday falls out", pause("2026-03-06 15:00", "2026-03-10 09:00"), "2026-03-10 10:00", 4, 11, "2026-03-30", true, false},
		{"while it stands", pause("2026-03-04 09:00", ""), "2026-03-06 10:00", 1, 14, "2026-04-01", false, false},
		{"standing for a month is not overdue", pause("2026-03-04 09:00", ""), "2026-04-06 10:00", 1, 14, "2026-04-24", false, false},
	} {
		got := models.Clock{Started: started, Pauses: c.pauses}.Read(cal, 15, at(c.now))
		if got.Used != c.used || got.Left != c.left || got.Due != c.due || got.Running != c.running || got.Overdue != c.overdue {
			t.Errorf("%s: %+v; want used %d, left %d, due %s, running %v, overdue %v", c.name, got, c.used, c.left, c.due, c.running, c.overdue)
		}
	}
	stopped := models.Clock{Started: started, Stopped: at("2026-03-10 11:00")}
	if got := stopped.Read(cal, 15, at("2026-09-01 09:00")); got.Used != 5 || got.Running || got.Overdue {
		t.Errorf("decided on 10 March, read in September: %+v", got)
	}
}

func TestClock_AgreesWithANaiveCount(t *testing.T) {
	cal := calendar2026()
	rapid.Check(t, func(t *rapid.T) {
		start := at("2026-01-05 00:00").Add(time.Duration(rapid.IntRange(0, 200*24*60).Draw(t, "start")) * time.Minute)
		clock, now := models.Clock{Started: start}, start
		for i := range rapid.IntRange(0, 6).Draw(t, "changes") {
			now = now.Add(time.Duration(rapid.IntRange(1, 4*24*60).Draw(t, fmt.Sprint("gap", i))) * time.Minute)
			var err error
			if i%2 == 0 {
				clock, err = clock.Pause(now, "agency")
			} else {
				clock, err = clock.Resume(now)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		now = now.Add(time.Duration(rapid.IntRange(0, 10*24*60).Draw(t, "after")) * time.Minute)

		// Naive: walk minute by minute, remember at each midnight whether it ran.
		used := 0
		runs := func(m time.Time) bool {
			for _, p := range clock.Pauses {
				if !m.Before(p.From) && (p.Until.IsZero() || m.Before(p.Until)) {
					return false
				}
			}
			return true
		}
		startDay := models.LegalDate(start)
		for m := start; !m.After(now); m = m.Add(time.Minute) {
			day := models.LegalDate(m)
			last := models.LegalDate(m.Add(time.Minute)) != day || m.Add(time.Minute).After(now)
			look := m
			if m.Add(time.Minute).After(now) {
				look = now
			} else {
				look = m.Add(time.Minute - time.Microsecond)
			}
			if last && day > startDay && cal.IsWorkingDay(day) && runs(look) {
				used++
			}
		}
		got := clock.Read(cal, 15, now)
		if got.Used != used || got.Left != 15-used || got.Running != runs(now) {
			t.Fatalf("clock %+v at %s = %+v, naive count %d", clock, now, got, used)
		}
		if got.Overdue != (models.LegalDate(now) > got.Due) || (used < 15 && got.Overdue) {
			t.Fatalf("overdue %v with %d days used, due %s, now %s", got.Overdue, used, got.Due, models.LegalDate(now))
		}
	})
}

func TestClock_RefusesToPauseTwiceOrResumeWhatRuns(t *testing.T) {
	c := models.Clock{Started: at("2026-03-02 10:00")}
	if _, err := c.Resume(at("2026-03-03 10:00")); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("resuming a running clock: %v", err)
	}
	if _, err := c.Pause(at("2026-03-01 10:00"), "agency"); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("pausing before the start: %v", err)
	}
	c, err := c.Pause(at("2026-03-03 10:00"), "agency")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Pause(at("2026-03-04 10:00"), "agency"); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("pausing twice: %v", err)
	}
	if _, err := c.Resume(at("2026-03-03 09:00")); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("resuming before the pause: %v", err)
	}
}

package models_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
)

func TestQuarterOf_AndDueDatesAfterIt(t *testing.T) {
	cal := models.NewCalendar([]models.Holiday{{Date: "2026-10-12", Kind: models.DayMovedOff}, {Date: "2026-04-10", Kind: models.DayHoliday}})
	for _, c := range []struct {
		date, name, from, until string
		day                     int
		dayOff, due             string
	}{
		{"2026-01-01", "2026-Q1", "2026-01-01", "2026-04-01", 10, models.DayOffNext, "2026-04-13"}, // a holiday on Friday, then the weekend
		{"2026-03-31", "2026-Q1", "2026-01-01", "2026-04-01", 20, models.DayOffNext, "2026-04-20"},
		{"2026-06-30", "2026-Q2", "2026-04-01", "2026-07-01", 10, models.DayOffNext, "2026-07-10"},
		{"2026-07-01", "2026-Q3", "2026-07-01", "2026-10-01", 10, models.DayOffNext, "2026-10-13"}, // Saturday, and Monday was moved off
		{"2026-07-01", "2026-Q3", "2026-07-01", "2026-10-01", 10, models.DayOffSame, "2026-10-10"},
		{"2026-12-31", "2026-Q4", "2026-10-01", "2027-01-01", 20, models.DayOffNext, "2027-01-20"},
	} {
		q, err := models.QuarterOf(c.date)
		if err != nil || q != (models.Quarter{Name: c.name, From: c.from, Until: c.until}) {
			t.Errorf("QuarterOf(%s) = %v, %v", c.date, q, err)
		}
		if again, err := models.ParseQuarter(q.Name); err != nil || again != q {
			t.Errorf("ParseQuarter(%s) = %v, %v", q.Name, again, err)
		}
		if due := cal.DueOn(models.AddDays(q.Until, c.day-1), c.dayOff); due != c.due {
			t.Errorf("%s by the %dth is due %s, want %s", c.name, c.day, due, c.due)
		}
	}
	for _, bad := range []string{"2026-Q5", "2026-Q0", "2026Q1", "26-Q1", "", "2026-Q11"} {
		if _, err := models.ParseQuarter(bad); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("ParseQuarter(%q) = %v, want a refusal", bad, err)
		}
	}
}

func TestMiningFee_OfSeveralRatesTheHighestCountsAndUnknownIsNotZero(t *testing.T) {
	rates := []models.FeeRate{{Source: "auction", Rate: 200}, {Source: "auction", Rate: 100}, {Source: "own_generation", Rate: 1000},
		{Source: models.GroundNoMeter, Rate: 2500}}
	kwh := func(k int64) models.WattHours { return models.WattHours(k * 1000) }
	for _, c := range []struct {
		name    string
		energy  []models.SourceEnergy
		grounds []string
		total   models.Tiyn
		unknown []string
	}{
		{"one source", []models.SourceEnergy{{Source: "auction", Energy: kwh(1000)}}, nil, 200_000, nil},
		{"a rate that changed in the quarter: the higher", []models.SourceEnergy{{Source: "auction", Energy: kwh(1)}}, nil, 200, nil},
		{"two sources", []models.SourceEnergy{{Source: "auction", Energy: kwh(10)}, {Source: "own_generation", Energy: kwh(3)}}, nil, 5_000, nil},
		{"no meter raises every source", []models.SourceEnergy{{Source: "auction", Energy: kwh(10)}, {Source: "own_generation", Energy: kwh(10)}}, []string{models.GroundNoMeter}, 50_000, nil},
		{"half a kilowatt-hour", []models.SourceEnergy{{Source: "auction", Energy: 500}}, nil, 100, nil},
		{"rounded half up", []models.SourceEnergy{{Source: "auction", Energy: 2}, {Source: "own_generation", Energy: 1}}, nil, 1, nil},
		{"more than any farm uses", []models.SourceEnergy{{Source: "own_generation", Energy: 1e15}}, nil, 1e15, nil},
		{"a source without a rate", []models.SourceEnergy{{Source: "import", Energy: kwh(5)}, {Source: "auction", Energy: kwh(1)}}, nil, 200, []string{"import"}},
		{"nothing used", []models.SourceEnergy{{Source: "auction"}}, nil, 0, nil},
	} {
		got := models.MiningFee(c.energy, c.grounds, rates)
		if got.Total != c.total || !cmp.Equal(got.Unknown, c.unknown) {
			t.Errorf("%s: %s, unknown %v; want %s, %v", c.name, got.Total, got.Unknown, c.total, c.unknown)
		}
	}
}

// The reminders are walked against a second model: a list of days on which each is
// due, of which the first day the program runs in counts.
func TestReminderDue_EachOnceHoweverTheProgramSleeps(t *testing.T) {
	random := rand.New(rand.NewPCG(2026, 11))
	sent, missed := 0, 0
	for range 20_000 {
		since := models.AddDays("2026-01-01", random.IntN(300))
		due := models.AddDays(since, random.IntN(130))
		var runs []string
		for day := since; day <= models.AddDays(due, 3); day = models.AddDays(day, 1+random.IntN(25)) {
			runs = append(runs, day)
		}
		for _, days := range models.Reminders() {
			got, done := "", false
			for _, today := range runs {
				if !done && models.ReminderDue(days, due, since, today) {
					got, done = today, true
				}
			}
			want, day := "", models.AddDays(due, -days)
			for _, today := range runs {
				if want == "" && day >= since && today >= day && today <= due {
					want = today
				}
			}
			if got != want {
				t.Fatalf("%d days before %s, there since %s, running on %v: sent on %q, want %q", days, due, since, runs, got, want)
			}
			if want == "" {
				missed++
			} else {
				sent++
			}
		}
	}
	if sent < 10_000 || missed < 10_000 {
		t.Errorf("%d sent and %d not: the walk does not reach both", sent, missed)
	}
}

func TestReminders_TurnAtLocalMidnight(t *testing.T) {
	midnight := time.Date(2026, 10, 2, 19, 0, 0, 0, time.UTC) // 3 October in Astana
	for _, c := range []struct {
		at   time.Time
		want bool
	}{{midnight.Add(-time.Microsecond), false}, {midnight, true}, {midnight.Add(24 * time.Hour), true}} {
		if got := models.ReminderDue(7, "2026-10-10", "2026-01-01", models.LegalDate(c.at)); got != c.want {
			t.Errorf("seven days before 10 October at %s: %t, want %t", c.at, got, c.want)
		}
	}
	if last := models.LastDay(midnight); last != "2026-10-02" {
		t.Errorf("a term until the midnight before 3 October has its last day on %s", last)
	}
}

func worker(id string, roles ...models.Role) models.Actor {
	return models.Actor{ID: id, Kind: "person", Roles: roles, Party: "p1"}
}

func TestObligation_IsOverdueBlocksAndEndsOnlyByTwo(t *testing.T) {
	day := func(date string) time.Time { at, _ := models.StartOfDay(date); return at.Add(time.Hour) }
	holder, officer, other := worker("h", models.RoleApplicant), worker("o1", models.RoleOfficer), worker("o2", models.RoleHead)
	o := models.Obligation{ID: "x", Kind: models.ObligationReport, Party: "p1", From: "2026-07-01", Until: "2026-10-01", Due: "2026-10-12",
		BlocksGate: true, State: models.ObligationOpen, Version: 1}
	for date, want := range map[string]models.ObligationState{"2026-09-30": models.ObligationUpcoming, "2026-10-01": models.ObligationDue,
		"2026-10-12": models.ObligationDue, "2026-10-13": models.ObligationOverdue} {
		if got := o.StateOn(date); got != want || o.Blocks(date) != (want == models.ObligationOverdue) {
			t.Errorf("on %s it is %s and blocks %t, want %s", date, got, o.Blocks(date), want)
		}
	}
	h := models.Handed{Energy: []models.SourceEnergy{{Source: "auction", Energy: 1000}}, Document: "R-1"}
	if _, err := o.Hand(h, 8, holder, day("2026-09-30")); models.CodeOf(err) != models.CodeConflict {
		t.Errorf("before the quarter is over = %v", err)
	}
	for name, bad := range map[string]models.Handed{"nothing": {}, "unknown source": {Energy: []models.SourceEnergy{{Source: "sun"}}, Document: "1"},
		"twice":             {Energy: []models.SourceEnergy{{Source: "auction"}, {Source: "auction"}}, Document: "1"},
		"less than nothing": {Energy: []models.SourceEnergy{{Source: "auction", Energy: -1}}, Document: "1"}, "no document": {Energy: h.Energy}} {
		if _, err := o.Hand(bad, 8, holder, day("2026-10-02")); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("%s = %v, want a refusal by field", name, err)
		}
	}
	in := mustObligation(t)(o.Hand(h, 8, holder, day("2026-10-12")))
	late := mustObligation(t)(o.Hand(h, 8, holder, day("2026-10-13")))
	if in.Blocks("2026-12-01") || !late.Blocks("2026-12-01") {
		t.Error("what was handed in in time waits for the officer; what came late blocks until it is accepted")
	}
	if _, err := late.Accept(worker("h", models.RoleOfficer), day("2026-10-14")); models.CodeOf(err) != models.CodeFourEyes {
		t.Errorf("accepting one's own = %v, want four eyes", err)
	}
	if done := mustObligation(t)(late.Accept(officer, day("2026-10-14"))); done.Blocks("2026-12-01") || done.State != models.ObligationAccepted {
		t.Errorf("accepted: %+v", done)
	}
	back := mustObligation(t)(late.Return("The sum is wrong", officer, day("2026-10-14")))
	if back.StateOn("2026-10-14") != models.ObligationOverdue || back.Note == "" {
		t.Errorf("returned: %+v", back)
	}
	asked := mustObligation(t)(back.ProposeWaiver(models.Waiver{Ground: "NOTHING_OWED", Note: "Off all quarter"}, officer, day("2026-10-15")))
	if _, err := asked.ConfirmWaiver(officer, day("2026-10-15")); models.CodeOf(err) != models.CodeFourEyes {
		t.Errorf("confirming one's own waiver = %v, want four eyes", err)
	}
	if fmt.Sprint(asked.Allowed(officer, "2026-10-15")) != "[reject_waiver]" || fmt.Sprint(asked.Allowed(other, "2026-10-15")) != "[confirm_waiver reject_waiver]" {
		t.Errorf("offered %v and %v", asked.Allowed(officer, "2026-10-15"), asked.Allowed(other, "2026-10-15"))
	}
	if gone := mustObligation(t)(asked.ConfirmWaiver(other, day("2026-10-16"))); gone.Blocks("2026-12-01") || gone.State != models.ObligationWaived {
		t.Errorf("waived: %+v", gone)
	}
}

func mustObligation(t *testing.T) func(models.Obligation, error) models.Obligation {
	return func(o models.Obligation, err error) models.Obligation {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
}

func TestCovered_ASwapOfMetersLeavesNoGapAndAHoleIsSeen(t *testing.T) {
	at := func(h int) time.Time { return time.Date(2026, 3, 1, h, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		list []models.Stretch
		want bool
	}{
		{nil, false},
		{[]models.Stretch{{at(0), at(10)}}, true},
		{[]models.Stretch{{at(5), at(10)}, {at(0), at(5)}}, true},
		{[]models.Stretch{{at(0), at(4)}, {at(5), at(10)}}, false},
		{[]models.Stretch{{at(1), at(10)}}, false},
		{[]models.Stretch{{at(0), at(9)}, {at(2), at(3)}}, false},
	} {
		if got := models.Covered(c.list, at(0), at(10)); got != c.want {
			t.Errorf("Covered(%v) = %t, want %t", c.list, got, c.want)
		}
	}
}

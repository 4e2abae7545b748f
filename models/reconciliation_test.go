package models

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// reconcileCase is one point as the three sides see it; nil and "" say nothing.
type reconcileCase struct {
	name    string
	listed  *ListedPoint
	reg     *RegisteredPoint
	metered *MeteredLoad
	want    string // kinds with their kW, in the order of the power
}

func metered(mean, most, least Watts) *MeteredLoad {
	return &MeteredLoad{Mean: mean, Max: most, Min: least, Covered: 24 * time.Hour}
}

var reconcileCases = []reconcileCase{
	{"all agree", &ListedPoint{Load: 90_000, Consumer: "210440038887"},
		&RegisteredPoint{State: ConnectionEnergised, Consumer: "210440038887", Energised: 100_000}, metered(90_000, 110_000, 20_000), ""},
	{"listed and never permitted", &ListedPoint{Load: 400_000}, &RegisteredPoint{State: ConnectionPlanned}, nil, "energised_not_permitted 400"},
	{"listed with a permit that nobody confirmed", &ListedPoint{Load: 400_000}, &RegisteredPoint{State: ConnectionPlanned, Permit: "c1"},
		metered(450_000, 460_000, 100_000), "permitted_not_confirmed 450"},
	{"listed after it was disconnected, and its meter is quiet", &ListedPoint{Load: 30_000}, &RegisteredPoint{State: ConnectionDisconnected},
		metered(500, 500, 0), "energised_not_permitted 30"},
	{"disconnected, and its meter runs", nil, &RegisteredPoint{State: ConnectionDisconnected}, metered(41_000, 60_000, 1_000),
		"disconnected_on_paper_drawing 41"},
	{"an order was executed, and its meter runs", &ListedPoint{Load: 10_000}, &RegisteredPoint{State: ConnectionEnergised, OrderState: OrderExecuted, Order: "DO-1"},
		metered(41_000, 60_000, 1_000), "disconnected_on_paper_drawing 41"},
	{"an order was executed and the list follows it", nil, &RegisteredPoint{State: ConnectionEnergised, Energised: 9_000, OrderState: OrderExecuted}, metered(0, 0, 0), ""},
	{"an order was only acknowledged", &ListedPoint{}, &RegisteredPoint{State: ConnectionEnergised, OrderState: OrderAcknowledged}, metered(41_000, 60_000, 1_000), ""},
	{"planned, and its meter runs", nil, &RegisteredPoint{State: ConnectionPlanned}, metered(12_000, 13_000, 1_000), "disconnected_on_paper_drawing 12"},
	{"planned, and its meter has too few readings", nil, &RegisteredPoint{State: ConnectionPlanned},
		&MeteredLoad{Mean: 12_000, Max: 13_000, Min: 1_000, Covered: 19 * time.Hour}, ""},
	{"more than licensed, by the meter", &ListedPoint{Load: 900_000}, &RegisteredPoint{State: ConnectionEnergised, License: "KZ1", LicenseState: LicenseActive, Licensed: 1_000_000},
		metered(900_000, 1_020_001, 800_000), "load_over_license 20"},
	{"at the margin of the license", &ListedPoint{Load: 900_000}, &RegisteredPoint{State: ConnectionEnergised, License: "KZ1", LicenseState: LicenseActive, Licensed: 1_000_000},
		metered(900_000, 1_020_000, 800_000), ""},
	{"more than licensed, by the list", &ListedPoint{Load: 1_100_000}, &RegisteredPoint{State: ConnectionEnergised, License: "KZ1", LicenseState: LicenseActive, Licensed: 1_000_000},
		nil, "load_over_license 100"},
	{"not in the register", &ListedPoint{Load: 70_000}, nil, nil, "listed_unknown_point 70"},
	{"energised and not on the list", nil, &RegisteredPoint{State: ConnectionEnergised, Energised: 55_000}, metered(5_000, 6_000, 1_000), "registered_missing_from_list 55"},
	{"removed and not on the list", nil, &RegisteredPoint{State: ConnectionRemoved}, nil, ""},
	{"another consumer", &ListedPoint{Consumer: "990840003334", Load: 8_000}, &RegisteredPoint{State: ConnectionEnergised, Consumer: "210440038887", Energised: 9_000},
		nil, "consumer_differs 9"},
	{"the list names no consumer", &ListedPoint{}, &RegisteredPoint{State: ConnectionEnergised, Consumer: "210440038887"}, nil, ""},
	{"flat day and night without a license", &ListedPoint{}, &RegisteredPoint{State: ConnectionEnergised}, metered(40_000, 42_000, 34_000), "flat_load_unlicensed 40"},
	{"nearly flat", &ListedPoint{}, &RegisteredPoint{State: ConnectionEnergised}, metered(40_000, 42_000, 33_999), ""},
	{"flat with a license", &ListedPoint{}, &RegisteredPoint{State: ConnectionEnergised, License: "KZ1", LicenseState: LicenseActive, Licensed: 50_000}, metered(40_000, 42_000, 39_000), ""},
	{"flat and small", &ListedPoint{}, &RegisteredPoint{State: ConnectionEnergised}, metered(19_999, 19_999, 19_999), ""},
	{"flat, disconnected and of another consumer", &ListedPoint{Consumer: "990840003334", Load: 50_000}, &RegisteredPoint{State: ConnectionDisconnected, Consumer: "210440038887"},
		metered(40_000, 42_000, 39_000), "consumer_differs 50, disconnected_on_paper_drawing 40, flat_load_unlicensed 40"},
}

func TestReconcile_EachContradictionIsNamedWithItsPower(t *testing.T) {
	for _, c := range reconcileCases {
		t.Run(c.name, func(t *testing.T) {
			var list []ListedPoint
			var register []RegisteredPoint
			loads := map[string]MeteredLoad{}
			if c.listed != nil {
				p := *c.listed
				p.Code = "CP"
				list = append(list, p)
			}
			if c.reg != nil {
				p := *c.reg
				p.Code = "CP"
				register = append(register, p)
			}
			if c.metered != nil {
				loads["CP"] = *c.metered
			}
			var got []string
			for _, m := range Reconcile(list, register, loads, DefaultReconciliationRules()) {
				got = append(got, string(m.Kind)+" "+strings.TrimSuffix(m.Stake.String(), " kW"))
			}
			want := c.want
			for i := range got {
				got[i] = strings.SplitN(got[i], ".", 2)[0]
			}
			if text := strings.Join(got, ", "); text != want {
				t.Errorf("got %q, want %q", text, want)
			}
		})
	}
}

func TestReconcile_IsRankedByPowerAndDoesNotDependOnTheOrderOfItsInputs(t *testing.T) {
	list := []ListedPoint{{Code: "A", Load: 10_000}, {Code: "B", Load: 30_000}, {Code: "C", Load: 20_000}}
	register := []RegisteredPoint{{Code: "B", State: ConnectionPlanned}, {Code: "D", State: ConnectionEnergised, Energised: 25_000}}
	first := Reconcile(list, register, nil, DefaultReconciliationRules())
	slices.Reverse(list)
	slices.Reverse(register)
	again := Reconcile(list, register, nil, DefaultReconciliationRules())
	want := []string{"B", "D", "C", "A"}
	for i, code := range want {
		if len(first) != len(want) || len(again) != len(want) || first[i].Point != code || again[i].Point != code {
			t.Fatalf("got %+v and %+v, want the points %v", first, again, want)
		}
	}
}

func TestCheckList_NamesEveryWrongLine(t *testing.T) {
	err := CheckList([]ListedPoint{{Code: "A"}, {Code: ""}, {Code: "A"}, {Code: "B", Consumer: "12"}, {Code: "C", Load: -1}})
	for _, pointer := range []string{"/points/1/connection_point", "/points/2/connection_point", "/points/3/consumer", "/points/4/kw"} {
		if err == nil || !strings.Contains(err.Error(), pointer) {
			t.Errorf("%v does not name %s", err, pointer)
		}
	}
	if CheckList(nil) == nil {
		t.Error("an empty list was taken: every point of the register would be missing from it")
	}
}

func TestMismatch_KeepsItsAgeWhileItIsThereAndComesBackWhenItMust(t *testing.T) {
	start := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	officer := Actor{ID: "o", Roles: []Role{RoleOfficer}}
	m := Mismatch{Kind: MismatchUnpermitted, Point: "A", Stake: 100_000}
	f := NewMismatch("m1", "u1", "r1", m, start)
	f, reopened := f.Found(m, "r2", day(1))
	if reopened || !f.Since.Equal(start) || f.Times != 2 || f.ID != "m1" {
		t.Errorf("found again: %+v", f)
	}
	if _, err := f.Decide(officer, OutcomeAccepted, " ", day(1)); CodeOf(err) != CodeInvalid {
		t.Errorf("decided without a reason: %v", err)
	}
	accepted, err := f.Decide(officer, OutcomeAccepted, "a test run of the transformer", day(1))
	if err != nil || accepted.State != MismatchAccepted {
		t.Fatalf("%+v %v", accepted, err)
	}
	m.Stake = 120_000
	if same, reopened := accepted.Found(m, "r3", day(2)); reopened || same.State != MismatchAccepted {
		t.Errorf("an accepted one that grew by a fifth: %+v", same)
	}
	m.Stake = 120_001
	if more, reopened := accepted.Found(m, "r3", day(2)); !reopened || more.State != MismatchOpen || !more.Since.Equal(start) || more.Reason != "" {
		t.Errorf("an accepted one that grew by more: %+v", more)
	}
	corrected, err := f.Decide(officer, OutcomeCorrected, "entered", day(1))
	if again, reopened := corrected.Found(m, "r3", day(2)); err != nil || !reopened || !again.Since.Equal(start) {
		t.Errorf("a corrected one that is there still: %+v %v", again, err)
	}
	if back, reopened := f.Leave().Found(m, "r4", day(3)); !reopened || !back.Since.Equal(day(3)) || back.ID != "m1" {
		t.Errorf("one that had gone: %+v", back)
	}
	tasked, err := f.Decide(officer, OutcomeTask, "look at the site", day(1))
	if err != nil || tasked.State != MismatchOpen {
		t.Errorf("a task: %+v %v", tasked, err)
	}
}

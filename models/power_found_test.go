package models

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func reading(t *testing.T, text string) FieldEvent {
	t.Helper()
	e := FieldEvent{Kind: "reading.taken"}
	if err := json.Unmarshal([]byte(text), &e.Body); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestComparePower_WhatIsAllowedDeclaredAndFound(t *testing.T) {
	declared := []Equipment{{Serial: "A1", Nameplate: 3400}, {Serial: "A-2", Nameplate: 3600}, {Serial: "A3"}}
	lines := CompareRigs(declared, []ProtocolScan{{Serial: "a1"}, {Serial: "A2"}, {Serial: "X9"}}, nil)
	readings := []FieldEvent{
		reading(t, `{"meter":"M1","how":"display","quantity":"power","value":6.5,"unit":"kW"}`),
		reading(t, `{"meter":"M1","how":"display","quantity":"energy","value":77120,"unit":"kWh"}`),
		reading(t, `{"meter":"M1","how":"clamp","quantity":"current","value":99,"unit":"A","phase":"L1"}`),
		reading(t, `{"meter":"M1","how":"clamp","quantity":"current","value":20,"unit":"A","phase":"L1"}`), // measured again
		reading(t, `{"meter":"M1","how":"clamp","quantity":"current","value":20,"unit":"A","phase":"L2"}`),
		reading(t, `{"meter":"M0","how":"clamp","quantity":"power","value":1.5,"unit":"kW","phase":"L1"}`),
		reading(t, `{"meter":"M0","how":"clamp","quantity":"power","value":1.5,"unit":"kW","phase":"L2"}`),
		reading(t, `{"meter":"M0","how":"clamp","quantity":"power","value":1.25,"unit":"kW","phase":"L3"}`),
	}
	got := ComparePower(PowerKnown{Licensed: 9000, Permitted: 6400, Declared: declared}, lines, readings)
	want := []PowerLine{
		{Source: PowerLicensed, Power: 9000},
		{Source: PowerPermitted, Power: 6400},
		{Source: PowerDeclared, Power: 7000, Rigs: 3, Part: true, Over: true},
		{Source: PowerFound, Power: 7000, Rigs: 3, Part: true, Over: true},
		{Source: PowerClamp, Meter: "M0", Power: 4250},
		{Source: PowerDisplay, Meter: "M1", Power: 6500, Over: true},
		{Source: PowerCurrent, Meter: "M1", Power: 9200, Part: true, Over: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestComparePower_NothingKnownIsNoLimitAndNoLine(t *testing.T) {
	if got := ComparePower(PowerKnown{}, nil, nil); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	got := ComparePower(PowerKnown{}, nil, []FieldEvent{reading(t, `{"meter":"M1","how":"display","quantity":"power","value":50}`)})
	if want := []PowerLine{{Source: PowerDisplay, Meter: "M1", Power: 50_000}}; !cmp.Equal(want, got) {
		t.Error(cmp.Diff(want, got))
	}
}

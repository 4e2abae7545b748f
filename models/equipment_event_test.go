package models

import (
	"slices"
	"strings"
	"testing"
	"time"
)

var eventDay = time.Date(2026, 3, 10, 6, 0, 0, 0, time.UTC)

// acts are acts that are in order for a rig of owner A at site S1.
func acts() map[EquipmentEventKind]EquipmentAct {
	return map[EquipmentEventKind]EquipmentAct{
		EquipmentMoved:    {Kind: EquipmentMoved, To: EquipmentPosition{Site: "S2", License: "L2"}},
		EquipmentPutAway:  {Kind: EquipmentPutAway},
		EquipmentSale:     {Kind: EquipmentSale, To: EquipmentPosition{Owner: "B", Site: "S3", License: "L3"}, Document: "7/26"},
		EquipmentTaken:    {Kind: EquipmentTaken, Authority: "AFM", Document: "case 5"},
		EquipmentReleased: {Kind: EquipmentReleased, Document: "order 6"},
		EquipmentRemoved:  {Kind: EquipmentRemoved, To: EquipmentPosition{State: EquipmentScrapped}, Document: "act 9"},
		EquipmentAwarded:  {Kind: EquipmentAwarded, To: EquipmentPosition{Owner: "C", Site: "S4"}},
	}
}

func rigIn(state EquipmentState) Equipment {
	return Equipment{ID: "r", Manufacturer: "Bitmain", Model: "S21", Serial: "SN1", Nameplate: 3500, Owner: "A", Site: "S1", License: "L1", State: state,
		Version: 1, Created: eventDay.AddDate(0, -1, 0)}
}

func TestApply_EveryActFromEveryState(t *testing.T) {
	A, P, S, X := EquipmentActive, EquipmentStored, EquipmentSeized, EquipmentExported
	table := map[EquipmentEventKind]map[EquipmentState]EquipmentPosition{
		EquipmentMoved:    {A: {"A", "S2", "L2", A}, P: {"A", "S2", "L2", A}},
		EquipmentPutAway:  {A: {"A", "S1", "", P}},
		EquipmentSale:     {A: {"B", "S3", "L3", A}, P: {"B", "S3", "L3", A}},
		EquipmentTaken:    {A: {"A", "S1", "L1", S}, P: {"A", "S1", "L1", S}},
		EquipmentReleased: {S: {"A", "S1", "", P}},
		EquipmentRemoved:  {A: {"A", "", "", EquipmentScrapped}, P: {"A", "", "", EquipmentScrapped}},
		EquipmentAwarded:  {A: {"C", "S4", "", A}, P: {"C", "S4", "", A}, EquipmentSold: {"C", "S4", "", A}, X: {"C", "S4", "", A}},
	}
	if len(table) != len(equipmentRules) {
		t.Fatalf("the table has %d kinds of acts, the rules %d", len(table), len(equipmentRules))
	}
	for kind, act := range acts() {
		for _, from := range EquipmentStates() {
			e := rigIn(from)
			got, event, err := e.Apply(act, eventDay, "")
			want, possible := table[kind][from]
			if !possible {
				if CodeOf(err) != CodeConflict || got != e {
					t.Errorf("%s of a rig that is %s gave %v and %+v, want a conflict", kind, from, err, got.Position())
				}
				continue
			}
			if err != nil || got.Position() != want || got.Version != 2 || event.Before != e.Position() || event.After != want || event.EffectiveOn != "2026-03-10" {
				t.Errorf("%s of a rig that is %s gave %+v, %+v, %v; want %+v", kind, from, got.Position(), event, err, want)
			}
		}
	}
}

func TestApply_WhatAnActCannotDoWithout(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   EquipmentEventKind
		change func(a *EquipmentAct)
		last   string
		want   string
	}{
		{"a move to nowhere", EquipmentMoved, func(a *EquipmentAct) { a.To.Site = "" }, "", "/site required"},
		{"a move to where it is", EquipmentMoved, func(a *EquipmentAct) { a.To = EquipmentPosition{Site: "S1", License: "L1"} }, "", "/site same"},
		{"a sale without a contract", EquipmentSale, func(a *EquipmentAct) { a.Document = " " }, "", "/contract required"},
		{"a sale to nobody", EquipmentSale, func(a *EquipmentAct) { a.To.Owner = "" }, "", "/buyer required"},
		{"a sale to oneself", EquipmentSale, func(a *EquipmentAct) { a.To.Owner = "A" }, "", "/buyer same"},
		{"a seizure by nobody", EquipmentTaken, func(a *EquipmentAct) { a.Authority = "" }, "", "/authority required"},
		{"a seizure without a case", EquipmentTaken, func(a *EquipmentAct) { a.Document = "" }, "", "/case_number required"},
		{"a removal for no reason", EquipmentRemoved, func(a *EquipmentAct) { a.To.State = EquipmentStored }, "", "/reason unknown"},
		{"tomorrow", EquipmentMoved, func(a *EquipmentAct) { a.EffectiveOn = "2026-03-11" }, "", "/effective_on future"},
		{"no date", EquipmentMoved, func(a *EquipmentAct) { a.EffectiveOn = "2026-02-30" }, "", "/effective_on format"},
		{"before the last event", EquipmentMoved, func(a *EquipmentAct) { a.EffectiveOn = "2026-03-04" }, "2026-03-05", "/effective_on order"},
		{"before it was registered", EquipmentMoved, func(a *EquipmentAct) { a.EffectiveOn = "2026-01-05" }, "", "/effective_on order"},
		{"a long note", EquipmentMoved, func(a *EquipmentAct) { a.Note = strings.Repeat("x", 5000) }, "", "/note length"},
	} {
		act := acts()[c.kind]
		c.change(&act)
		_, _, err := rigIn(EquipmentActive).Apply(act, eventDay, c.last)
		if got := fieldCodes(err); !slices.Contains(got, c.want) {
			t.Errorf("%s gave %v (%v), want %s", c.name, got, err, c.want)
		}
	}
}

func fieldCodes(err error) (out []string) {
	if e, ok := err.(*Error); ok { //nolint:errorlint // made in this package
		for _, f := range e.Fields {
			out = append(out, f.Pointer+" "+f.Code)
		}
	}
	return out
}

func TestPositionAsAt_WhatHeldAndWhatWasKnown(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 6, 0, 0, 0, time.UTC) }
	e := rigIn(EquipmentActive)
	e.Created = day(1)
	// Moved on the 5th, recorded on the 8th; seized and recorded on the 10th.
	e, moved, err := e.Apply(EquipmentAct{Kind: EquipmentMoved, EffectiveOn: "2026-03-05", To: EquipmentPosition{Site: "S2"}}, day(8), "")
	if err != nil {
		t.Fatal(err)
	}
	e, seized, err := e.Apply(acts()[EquipmentTaken], day(10), moved.EffectiveOn)
	if err != nil {
		t.Fatal(err)
	}
	events := []EquipmentEvent{moved, seized}
	for _, c := range []struct {
		at, known int
		site      string
		state     EquipmentState
		was       bool
	}{
		{12, 12, "S2", EquipmentSeized, true}, {9, 12, "S2", EquipmentActive, true}, {6, 12, "S2", EquipmentActive, true},
		{6, 7, "S1", EquipmentActive, true}, {12, 9, "S2", EquipmentActive, true}, {4, 12, "S1", EquipmentActive, true},
		{12, 7, "S1", EquipmentActive, true},
	} {
		p, was := e.PositionAsAt(events, day(c.at), day(c.known))
		if was != c.was || p.Site != c.site || p.State != c.state {
			t.Errorf("as at the %d as known at the %d: %+v %v, want %s %s", c.at, c.known, p, was, c.site, c.state)
		}
	}
	before := day(1).Add(-time.Second)
	if _, was := e.PositionAsAt(events, before, day(12)); was {
		t.Error("the rig was in the register before it was registered")
	}
	// Midnight in Astana is the border of a day: the 5th begins at 19:00 UTC of the 4th.
	for at, want := range map[string]string{"2026-03-04T18:59:59Z": "S1", "2026-03-04T19:00:00Z": "S2"} {
		instant, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if p, _ := e.PositionAsAt(events, instant, day(12)); p.Site != want {
			t.Errorf("at %s the rig is at %s, want %s", at, p.Site, want)
		}
	}
}

func TestSerialFold_WhatPeopleMistakeForOneAnother(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"JYZZ-E4 0001", "jyzze4000l", true}, {"O0I1", "0O1I", true}, {"АВС1", "ABC1", true}, // the first is Cyrillic
		{"SN 00_1", "SN001", true}, {"SN001", "SN002", false}, {"ABC", "ABD", false},
	} {
		if got := SerialFold(c.a) == SerialFold(c.b); got != c.same {
			t.Errorf("%q and %q: the same is %v, want %v (%q, %q)", c.a, c.b, got, c.same, SerialFold(c.a), SerialFold(c.b))
		}
	}
}

func TestResolve_OutcomesOfAnAlarm(t *testing.T) {
	alarm := EquipmentAlarm{Kind: AlarmSame, State: AlarmOpen, Version: 1, Claim: rigIn(EquipmentActive)}
	who := Actor{ID: "u"}
	for _, c := range []struct {
		name      string
		with      Resolution
		registers bool
		want      string
	}{
		{"first right", Resolution{Outcome: OutcomeFirstRight, Note: "n"}, false, ""},
		{"second right", Resolution{Outcome: OutcomeSecondRight, Note: "n"}, false, ""},
		{"typing error", Resolution{Outcome: OutcomeTypingError, Note: "n"}, false, ""},
		{"typing error, mended", Resolution{Outcome: OutcomeTypingError, Note: "n", Serial: "SN2"}, true, ""},
		{"typing error, mended into itself", Resolution{Outcome: OutcomeTypingError, Note: "n", Serial: "sn-1"}, false, "/manufacturer same"},
		{"another make", Resolution{Outcome: OutcomeDifferent, Note: "n", Manufacturer: "MicroBT"}, true, ""},
		{"another make that is the same", Resolution{Outcome: OutcomeDifferent, Note: "n"}, false, "/manufacturer same"},
		{"no reason", Resolution{Outcome: OutcomeFirstRight}, false, "/note required"},
		{"nothing", Resolution{Note: "n"}, false, "/outcome unknown"},
	} {
		got, claim, err := alarm.Resolve(c.with, who, eventDay)
		if c.want != "" {
			if !slices.Contains(fieldCodes(err), c.want) || got.State != AlarmOpen {
				t.Errorf("%s gave %v and %s, want %s", c.name, err, got.State, c.want)
			}
			continue
		}
		if err != nil || got.State != AlarmResolved || got.ResolvedBy != "u" || got.Version != 2 || (claim != nil) != c.registers {
			t.Errorf("%s gave %+v, %v, %v", c.name, got, claim, err)
		}
	}
	similar := alarm
	similar.Kind = AlarmSimilar
	if _, claim, err := similar.Resolve(Resolution{Outcome: OutcomeDifferent, Note: "n"}, who, eventDay); err != nil || claim == nil {
		t.Errorf("two machines with similar numbers: %v, %v", claim, err)
	}
	own := alarm
	own.OpenedBy = who.ID
	for outcome, want := range map[AlarmOutcome]Code{OutcomeFirstRight: "", OutcomeTypingError: "", OutcomeSecondRight: CodeFourEyes, OutcomeDifferent: CodeFourEyes} {
		got, _, err := own.Resolve(Resolution{Outcome: outcome, Note: "n", Manufacturer: "MicroBT"}, who, eventDay)
		if CodeOf(err) != want || want != "" && got.State != AlarmOpen {
			t.Errorf("whoever entered the claim resolves it as %s: %v, want code %q", outcome, err, want)
		}
	}
	resolved, _, _ := alarm.Resolve(Resolution{Outcome: OutcomeFirstRight, Note: "n"}, who, eventDay)
	if _, _, err := resolved.Resolve(Resolution{Outcome: OutcomeSecondRight, Note: "n"}, who, eventDay); CodeOf(err) != CodeConflict {
		t.Errorf("a second resolution gave %v", err)
	}
}

package detection

import (
	"context"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func TestParameters_TwoPeopleADayToComeAndBounds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock) {
		ctx, service := context.Background(), New(s, clock.Now, quietLog)
		today := models.LegalDate(clock.Now())
		good := models.ParameterChange{From: models.AddDays(today, 3), Note: "smaller rigs are seen", Values: map[string]float64{"rig_kw": 1.8}}
		for name, c := range map[string]struct {
			change  models.ParameterChange
			pointer string
		}{
			"today":    {models.ParameterChange{From: today, Note: "n", Values: good.Values}, "/from"},
			"no day":   {models.ParameterChange{From: "2026-13-40", Note: "n", Values: good.Values}, "/from"},
			"no words": {models.ParameterChange{From: good.From, Note: " ", Values: good.Values}, "/note"},
			"nothing":  {models.ParameterChange{From: good.From, Note: "n"}, "/values"},
			"unknown":  {models.ParameterChange{From: good.From, Note: "n", Values: map[string]float64{"rig_kv": 2}}, "/values/rig_kv"},
			"too low":  {models.ParameterChange{From: good.From, Note: "n", Values: map[string]float64{"rig_kw": 0.4}}, "/values/rig_kw"},
			"too high": {models.ParameterChange{From: good.From, Note: "n", Values: map[string]float64{"rig_kw": 51}}, "/values/rig_kw"},
			"no whole": {models.ParameterChange{From: good.From, Note: "n", Values: map[string]float64{"over_runs": 2.5}}, "/values/over_runs"},
			"what-if":  {models.ParameterChange{From: good.From, Note: "n", Values: good.Values, WhatIf: "none"}, "/what_if"},
		} {
			_, err := service.ProposeParameters(ctx, officer, c.change)
			if models.CodeOf(err) != models.CodeInvalid || !strings.HasPrefix(pointers(err), c.pointer) {
				t.Errorf("%s: %v at %s, want invalid at %s", name, err, pointers(err), c.pointer)
			}
		}
		if _, err := service.ProposeParameters(ctx, auditor, good); models.CodeOf(err) != models.CodeForbidden {
			t.Errorf("an auditor proposed: %v", err)
		}
		c, err := service.ProposeParameters(ctx, officer, good)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := service.ConfirmParameters(ctx, officer, c.ID, "mine", c.Version); models.CodeOf(err) != models.CodeFourEyes {
			t.Errorf("the proposer confirmed: %v", err)
		}
		if _, err := service.ConfirmParameters(ctx, head, c.ID, "", c.Version); models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("confirmed without a reason: %v", err)
		}
		// The database does not believe the program.
		forged := c
		forged.State, forged.DecidedBy, forged.DecidedAt, forged.Reason, forged.Version = models.ReferenceConfirmed, officer.ID, clock.Now(), "r", 2
		if err := s.Update(ctx, func(tx *store.Tx) error { return tx.DecideParameterChange(forged) }); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("the database took one person twice: %v", err)
		}
		if _, err := service.ConfirmParameters(ctx, head, c.ID, "looked at the what-if", c.Version); err != nil {
			t.Fatal(err)
		}
		for date, want := range map[string]struct {
			version string
			rig     float64
		}{today: {stream.Begun().Version, 2.4}, models.AddDays(good.From, -1): {stream.Begun().Version, 2.4}, good.From: {good.From, 1.8}, models.AddDays(good.From, 99): {good.From, 1.8}} {
			table, err := service.Table(ctx, auditor, date)
			if err != nil || table.Version != want.version || valueOf(table, "rig_kw") != want.rig || valueOf(table, "over_runs") != 3 {
				t.Errorf("on %s: version %s, rig_kw %g, %v", date, table.Version, valueOf(table, "rig_kw"), err)
			}
		}
		// A second change of the same day waits for another day; the next one keeps what is before it.
		twin, err := service.ProposeParameters(ctx, head, good)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := service.ConfirmParameters(ctx, officer, twin.ID, "r", twin.Version); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("two tables of one day: %v", err)
		}
		if _, err := service.RejectParameters(ctx, head, twin.ID, "twice", twin.Version); err != nil {
			t.Errorf("its proposer could not take it back: %v", err)
		}
		next := models.ParameterChange{From: models.AddDays(good.From, 1), Note: "n", Values: map[string]float64{"over_runs": 4}}
		if next, err = service.ProposeParameters(ctx, head, next); err != nil {
			t.Fatal(err)
		}
		clock.Advance(5 * 24 * time.Hour)
		if _, err := service.ConfirmParameters(ctx, officer, next.ID, "r", next.Version); models.CodeOf(err) != models.CodeConflict {
			t.Errorf("a change was confirmed for a day that is over: %v", err)
		}
		table, err := RulesOf(ctx, s, models.Finding{RuleVersion: "2+" + good.From})
		if err != nil || table.Version != good.From || valueOf(table, "rig_kw") != 1.8 {
			t.Errorf("the table of a finding is %s, %v", table.Version, err)
		}
	})
}

func valueOf(t ParameterTable, name string) float64 {
	for _, r := range t.Rows {
		if r.Name == name {
			return r.Value
		}
	}
	return nan
}

func pointers(err error) string {
	e, ok := err.(*models.Error) //nolint:errorlint // as it came
	if !ok {
		return ""
	}
	var out []string
	for _, f := range e.Fields {
		out = append(out, f.Pointer)
	}
	return strings.Join(out, " ")
}

func TestParameters_ALimitJudgesEachQuarterHourByTheTableOfItsDay(t *testing.T) {
	u := flatUnit(2, models.ConnectionPoint{DeclaredUse: "mining", Permitted: 200_000}, []Span{active(monday.AddDate(-1, 0, 0), monday.AddDate(1, 0, 0))},
		func(int) float64 { return 108_000 })
	lax, err := stream.Begun().With("2026-05-05", map[string]float64{"over_margin": 1.1, "over_sure": 1.2})
	if err != nil {
		t.Fatal(err)
	}
	second := u.Start.Add(24 * time.Hour)
	for name, c := range map[string]struct {
		tables      []stream.Dated
		first, last time.Time
		version     string
	}{
		"one table":       {nil, u.Start, u.Now, "2+" + stream.Begun().Version},
		"lax from day 2":  {[]stream.Dated{{From: second, Params: lax}}, u.Start, second, "2+" + stream.Begun().Version},
		"lax until day 2": {[]stream.Dated{{From: u.Start.Add(-time.Hour), Params: lax}, {From: second, Params: stream.Begun()}}, second, u.Now, "2+" + stream.Begun().Version},
	} {
		found := evaluate(c.tables, u, nil)
		if len(found) != 1 || !found[0].FirstSeen.Equal(c.first) || !found[0].LastSeen.Equal(c.last) || found[0].RuleVersion != c.version {
			t.Errorf("%s: %+v, want one from %s to %s by %s", name, found, c.first, c.last, c.version)
		}
	}
	if found := evaluate([]stream.Dated{{From: u.Start.Add(-time.Hour), Params: lax}}, u, nil); len(found) != 0 {
		t.Errorf("the lax table raises %v", found)
	}
	// A change that has nothing to do with it names the newer table and loses nothing.
	other, err := stream.Begun().With("2026-05-05", map[string]float64{"rig_kw": 3})
	if err != nil {
		t.Fatal(err)
	}
	found := evaluate([]stream.Dated{{From: second, Params: other}}, u, nil)
	if len(found) != 1 || !found[0].FirstSeen.Equal(u.Start) || !found[0].LastSeen.Equal(u.Now) || found[0].RuleVersion != "2+2026-05-05" || found[0].Evidence.Numbers["hours"] != 48 {
		t.Errorf("over a change of another number: %+v", found)
	}
}

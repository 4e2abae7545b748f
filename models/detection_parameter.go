package models

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// DetectionParameter is a number that the rules of detection compare with.
type DetectionParameter struct {
	Name            string
	Unit            string // kW, share, ratio, days, intervals, s, nats, σ, kW·d, 1/kW
	Rule            string // the group of rules that uses it
	Value, Min, Max float64
	Whole           bool   // a whole number
	Source          string // standard, paper or measurement that it comes from
}

// CheckParameters looks at values that shall take the place of some in a table: a
// name must be known, a value within its bounds. The pointer of a fault is at + name.
func CheckParameters(table []DetectionParameter, at string, values map[string]float64) error {
	var v Invalid
	checkParameters(&v, table, at, values)
	return v.Err()
}

func checkParameters(v *Invalid, table []DetectionParameter, at string, values map[string]float64) {
	if len(values) == 0 {
		v.Add(strings.TrimSuffix(at, "/"), "required", "Name at least one parameter and its value.")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values[name]
		i := slices.IndexFunc(table, func(p DetectionParameter) bool { return p.Name == name })
		switch {
		case i < 0:
			v.Add(at+name, "unknown", "There is no parameter %q. The table of parameters has all names.", name)
		case math.IsNaN(value) || value < table[i].Min || value > table[i].Max:
			v.Add(at+name, "range", "%s is from %s to %s %s.", name, decimal(table[i].Min), decimal(table[i].Max), table[i].Unit)
		case table[i].Whole && value != math.Trunc(value):
			v.Add(at+name, "number", "%s is a whole number.", name)
		}
	}
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// ParameterChange is a change of parameters on its way through two people. From is
// the legal date from which it holds: the day after its confirmation at the earliest.
type ParameterChange struct {
	ID         string
	From       string
	Note       string // why, in words
	Values     map[string]float64
	WhatIf     string // id of the what-if that was looked at before
	State      ReferenceChangeState
	ProposedBy string // user id
	ProposedAt time.Time
	DecidedBy  string // user id; never who proposed, when confirmed
	DecidedAt  time.Time
	Reason     string // of the decision
	Version    int64
}

// Propose makes a proposed change of a table, or says what is wrong with it.
func (c ParameterChange) Propose(table []DetectionParameter, actor Actor, at time.Time) (ParameterChange, error) {
	var v Invalid
	if c.Note = strings.TrimSpace(c.Note); c.Note == "" {
		v.Add("/note", "required", "Say what changes and why.")
	}
	if AddDays(c.From, 0) != c.From || c.From == "" {
		v.Add("/from", "format", "Write the day as YYYY-MM-DD.")
	} else if today := LegalDate(at); c.From <= today {
		v.Add("/from", "past", "A change takes effect after today, %s: what was judged stays judged by the numbers of its day.", today)
	}
	checkParameters(&v, table, "/values/", c.Values)
	if err := v.Err(); err != nil {
		return ParameterChange{}, err
	}
	c.State, c.ProposedBy, c.ProposedAt, c.DecidedBy, c.DecidedAt, c.Reason, c.Version = ReferenceProposed, actor.ID, at, "", time.Time{}, "", 1
	return c, nil
}

// Decide confirms or rejects a proposed change, with a reason. Whoever proposed it
// may take it back and may not confirm it; what begins today or earlier is not
// confirmed any more.
func (c ParameterChange) Decide(to ReferenceChangeState, reason string, actor Actor, at time.Time) (ParameterChange, error) {
	if c.State != ReferenceProposed {
		return ParameterChange{}, Errorf(CodeConflict, "The change is %s already.", c.State)
	}
	if to == ReferenceConfirmed {
		if err := fourEyes(c.ProposedBy, actor.ID); err != nil {
			return ParameterChange{}, err
		}
		if today := LegalDate(at); c.From <= today {
			return ParameterChange{}, Errorf(CodeConflict, "The change was to begin on %s and today is %s. Reject it and propose it for a day to come.", c.From, today)
		}
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		var v Invalid
		v.Add("/reason", "required", "Say why; the reason is kept.")
		return ParameterChange{}, v.Err()
	}
	c.State, c.Reason, c.DecidedBy, c.DecidedAt = to, reason, actor.ID, at
	c.Version++
	return c, nil
}

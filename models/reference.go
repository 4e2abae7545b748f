package models

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ReferenceKind names a table of reference data: the law by date.
type ReferenceKind string

// The kinds of reference data that people change.
const (
	RefHolidays     ReferenceKind = "holidays"
	RefRequirements ReferenceKind = "requirements"
	RefGrounds      ReferenceKind = "grounds"
	RefValues       ReferenceKind = "legal_values"
	RefReasons      ReferenceKind = "application_reasons"
	RefAppeals      ReferenceKind = "appeal_routes"
	RefObligations  ReferenceKind = "obligation_kinds"
	RefFeeRates     ReferenceKind = "fee_rates"
	RefWaivers      ReferenceKind = "waiver_grounds"
	RefLetters      ReferenceKind = "letter_texts"
	RefGate         ReferenceKind = "gate_parameters"
	RefDeadlines    ReferenceKind = "order_deadlines"
	RefPenalties    ReferenceKind = "penalty_rules"
)

// ReferenceColumn is one column of a table of reference data.
type ReferenceColumn struct {
	Name     string
	Number   bool // a whole number of 0 or more
	Required bool
	Choices  []string // a closed list; nil takes anything
}

// ReferenceTable describes a kind of reference data. Key are the columns that name
// a row, beside its first day. A table that is Dated has valid_from and valid_until;
// the rows of one that is not are days themselves, in the column of its key.
type ReferenceTable struct {
	Kind    ReferenceKind
	Key     []string
	Columns []ReferenceColumn // without valid_from and valid_until
	Dated   bool
}

func required(name string, choices ...string) ReferenceColumn {
	return ReferenceColumn{Name: name, Required: true, Choices: choices}
}

func amount(name string) ReferenceColumn {
	return ReferenceColumn{Name: name, Required: true, Number: true}
}
func optional(name string, choices ...string) ReferenceColumn {
	return ReferenceColumn{Name: name, Choices: choices}
}

var (
	evidenced = []ReferenceColumn{required("legal_ref"), required("grade", "S", "R")}
	threeTold = []ReferenceColumn{required("text_kk"), required("text_ru"), required("text_en")}
)

// ReferenceTables are the kinds of reference data in the order in which they are shown.
var ReferenceTables = []ReferenceTable{
	{RefValues, []string{"code"}, slices.Concat([]ReferenceColumn{required("code"), amount("value"),
		required("unit", "tiyn", "mci", "percent", "working_days", "days", "months", "years", "kw")}, evidenced), true},
	{RefHolidays, []string{"date"}, []ReferenceColumn{required("date"), required("kind", "holiday", "moved_day_off", "working_saturday"),
		required("name_kk"), required("name_ru"), required("name_en"), required("legal_ref")}, false},
	{RefRequirements, []string{"code", "sub_type"}, slices.Concat([]ReferenceColumn{required("code"), required("sub_type", "I", "II"), amount("position"),
		required("evidence", "document", "register", "inspection"), required("needs_file", "0", "1"), optional("kinds")}, threeTold, evidenced), true},
	{RefGrounds, []string{"kind", "code"}, slices.Concat([]ReferenceColumn{
		required("kind", "suspend", "lift", "revoke", "terminate", "refuse", "return"), required("code")}, threeTold, evidenced), true},
	{RefReasons, []string{"kind", "code"}, slices.Concat([]ReferenceColumn{required("kind"), required("code")}, threeTold, evidenced), true},
	{RefAppeals, []string{"code"}, slices.Concat([]ReferenceColumn{required("code"), amount("months"), required("body_kk"), required("body_ru"), required("body_en"),
		required("court_kk"), required("court_ru"), required("court_en")}, evidenced), true},
	{RefObligations, []string{"code"}, slices.Concat([]ReferenceColumn{required("code"), required("period", "quarter", "issue", "verification", "end"), amount("due_day"),
		required("day_off", "next_working_day", "same_day"), optional("sub_type", "", "I", "II"), required("while_suspended", "0", "1"),
		required("blocks_gate", "0", "1"), required("outlives", "0", "1")}, threeTold, evidenced), true},
	{RefFeeRates, []string{"source"}, slices.Concat([]ReferenceColumn{required("source"), amount("rate_tiyn")}, evidenced), true},
	{RefWaivers, []string{"code"}, slices.Concat([]ReferenceColumn{required("code")}, threeTold, evidenced), true},
	{RefLetters, []string{"code"}, slices.Concat([]ReferenceColumn{required("code")}, threeTold, evidenced), true},
	{RefGate, []string{"code"}, slices.Concat([]ReferenceColumn{required("code", gateParameterCodes()...), amount("value"),
		required("unit", "minutes", "seconds", "w", "permille")}, evidenced), true},
	{RefDeadlines, []string{"ground"}, slices.Concat([]ReferenceColumn{required("ground", orderGrounds...), required("orders", "0", "1"), amount("term"),
		required("unit", "minutes", "hours", "working_days")}, evidenced), true},
	{RefPenalties, []string{"article", "part", "subject"}, slices.Concat([]ReferenceColumn{required("article"), required("part"),
		required("subject", "person", "official", "small", "medium", "large"), amount("mci"), required("confiscation", "0", "1"),
		amount("early_percent"), amount("early_days"), amount("pay_days")}, threeTold, evidenced), true},
}

// ReferenceTableOf gives the description of a kind.
func ReferenceTableOf(kind ReferenceKind) (ReferenceTable, error) {
	i := slices.IndexFunc(ReferenceTables, func(t ReferenceTable) bool { return t.Kind == kind })
	if i < 0 {
		var v Invalid
		v.Add("/kind", "unknown", "There is no reference data %q.", kind)
		return ReferenceTable{}, v.Err()
	}
	return ReferenceTables[i], nil
}

// ReferenceRow is a row of reference data: values by column, numbers in decimal.
// ValidFrom and ValidUntil are legal dates; "" until is open.
type ReferenceRow struct {
	Values     map[string]string
	ValidFrom  string
	ValidUntil string
}

// KeyOf gives what names a row in its table.
func (t ReferenceTable) KeyOf(values map[string]string) string {
	parts := make([]string, 0, len(t.Key))
	for _, k := range t.Key {
		parts = append(parts, values[k])
	}
	return strings.Join(parts, " · ")
}

// ReferenceOp is what a line of a change does.
type ReferenceOp string

// The operations. Add makes a row that holds from a day on and ends the one before
// it; close ends a row without another. Neither touches a day that has begun.
const (
	ReferenceAdd   ReferenceOp = "add"
	ReferenceClose ReferenceOp = "close"
)

// ReferenceLine is one line of a proposed change. From is the legal date of its
// effect: the first day of what is added, or the first without what is closed.
type ReferenceLine struct {
	Op     ReferenceOp
	From   string
	Values map[string]string // of a closed row, its key is enough
}

// ReferenceChangeState is the state of a proposed change.
type ReferenceChangeState string

// The states: one person proposes, another confirms or rejects.
const (
	ReferenceProposed  ReferenceChangeState = "proposed"
	ReferenceConfirmed ReferenceChangeState = "confirmed"
	ReferenceRejected  ReferenceChangeState = "rejected"
)

// ReferenceChange is a change of reference data on its way through two people.
type ReferenceChange struct {
	ID         string
	Kind       ReferenceKind
	Note       string // why, in words
	Lines      []ReferenceLine
	State      ReferenceChangeState
	ProposedBy string // user id
	ProposedAt time.Time
	DecidedBy  string // user id; never who proposed, when confirmed
	DecidedAt  time.Time
	Reason     string // of a rejection
	Version    int64
}

// ReferenceEffect is what one line does to its table.
type ReferenceEffect struct {
	Line   ReferenceLine
	Key    string
	Before *ReferenceRow // the row that ends, nil for none
	After  *ReferenceRow // the row that begins, nil for none
}

const maxReferenceLines = 500

// Effects gives what the lines of a change do to the rows of its table if it is
// confirmed on the legal date today, or says line by line what is wrong. The past is
// never overwritten: what is added or closed takes effect after today.
func (t ReferenceTable) Effects(lines []ReferenceLine, rows []ReferenceRow, today string) ([]ReferenceEffect, error) {
	var v Invalid
	if len(lines) == 0 || len(lines) > maxReferenceLines {
		v.Add("/lines", "length", "A change has 1 to %d lines.", maxReferenceLines)
		return nil, v.Err()
	}
	out := make([]ReferenceEffect, 0, len(lines))
	seen := map[string]bool{}
	for i, line := range lines {
		at := "/lines/" + strconv.Itoa(i)
		key := t.KeyOf(line.Values)
		if seen[key] {
			v.Add(at, "twice", "%s stands in two lines. One line says all.", key)
			continue
		}
		seen[key] = true
		if !t.Dated {
			line.From = line.Values["date"]
		}
		if AddDays(line.From, 0) != line.From || line.From == "" {
			v.Add(at+t.dayPointer(), "format", "Write the day as YYYY-MM-DD.")
			continue
		}
		if line.From <= today {
			v.Add(at+t.dayPointer(), "past", "A change takes effect after today, %s: what was law stays as it was.", today)
			continue
		}
		effect := ReferenceEffect{Line: line, Key: key}
		if line.Op == ReferenceAdd {
			t.check(&v, at, line.Values, rows)
		} else if t.Kind == RefGate || t.Kind == RefDeadlines {
			v.Add(at+"/op", "choice", "The gate cannot be without this number. Add a row that holds from the day on instead.")
		}
		t.place(&v, at, &effect, rows)
		out = append(out, effect)
	}
	return out, v.Err()
}

func (t ReferenceTable) dayPointer() string {
	if t.Dated {
		return "/from"
	}
	return "/values/date"
}

// check looks at each value of a row to be added.
func (t ReferenceTable) check(v *Invalid, at string, values map[string]string, rows []ReferenceRow) {
	for name := range values {
		if !slices.ContainsFunc(t.Columns, func(c ReferenceColumn) bool { return c.Name == name }) {
			v.Add(at+"/values/"+name, "unknown", "%s has no column %q.", t.Kind, name)
		}
	}
	for _, c := range t.Columns {
		value, pointer := strings.TrimSpace(values[c.Name]), at+"/values/"+c.Name
		switch {
		case value == "" && c.Required:
			v.Add(pointer, "required", "This is missing.")
		case value != "" && c.Choices != nil && !slices.Contains(c.Choices, value):
			v.Add(pointer, "choice", "This is one of %s.", strings.Join(c.Choices, ", "))
		case c.Number:
			if n, err := strconv.ParseInt(value, 10, 64); err != nil || n < 0 {
				v.Add(pointer, "number", "This is a whole number of 0 or more.")
			}
		}
	}
	switch t.Kind {
	case RefLetters:
		checkPlaceholders(v, at, values, rows)
	case RefGate:
		checkGateParameter(v, at, values)
	case RefDeadlines:
		checkOrderTerm(v, at, values)
	}
}

// place finds the row that a line ends and makes the one that begins.
func (t ReferenceTable) place(v *Invalid, at string, e *ReferenceEffect, rows []ReferenceRow) {
	from := e.Line.From
	for i := range rows {
		r := rows[i]
		if t.KeyOf(r.Values) != e.Key {
			continue
		}
		if !t.Dated {
			e.Before = &r
			continue
		}
		if r.ValidFrom >= from && (r.ValidUntil == "" || r.ValidUntil > r.ValidFrom) {
			v.Add(at+t.dayPointer(), "later_row", "%s has a row that begins on %s. A change takes effect after it.", e.Key, r.ValidFrom)
			return
		}
		if r.ValidFrom < from && (r.ValidUntil == "" || r.ValidUntil > from) {
			e.Before = &r
		}
	}
	switch {
	case e.Line.Op == ReferenceClose && e.Before == nil:
		v.Add(at, "nothing_to_close", "No row of %s holds on %s.", e.Key, from)
	case e.Line.Op == ReferenceAdd && !t.Dated && e.Before != nil:
		v.Add(at+t.dayPointer(), "exists", "The day %s is in the calendar already. Close it first.", from)
	case e.Line.Op == ReferenceAdd:
		e.After = &ReferenceRow{Values: e.Line.Values, ValidFrom: from}
	case e.Line.Op != ReferenceClose:
		v.Add(at+"/op", "choice", "A line adds or closes.")
	}
}

var placeholder = regexp.MustCompile(`\{\{\s*-?\s*([a-zA-Z_]+)\s*\}\}`)

// Placeholders gives the names of a text's {{placeholders}}, sorted.
func Placeholders(text string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// FillPlaceholders writes values for the {{placeholders}} of a text; a name without
// a value stays as it is.
func FillPlaceholders(text string, values map[string]any) string {
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		if value, ok := values[placeholder.FindStringSubmatch(found)[1]]; ok {
			return fmt.Sprint(value)
		}
		return found
	})
}

// checkPlaceholders refuses a letter that names what its document does not know, or
// a language that leaves out what another says.
func checkPlaceholders(v *Invalid, at string, values map[string]string, rows []ReferenceRow) {
	known := []string{}
	found := false
	for _, r := range rows {
		if r.Values["code"] != values["code"] {
			continue
		}
		found = true
		for _, c := range threeTold {
			known = append(known, Placeholders(r.Values[c.Name])...)
		}
	}
	if !found {
		v.Add(at+"/values/code", "unknown", "No document has a paragraph %q.", values["code"])
		return
	}
	want := Placeholders(values["text_kk"])
	for _, c := range threeTold {
		names := Placeholders(values[c.Name])
		for _, name := range names {
			if !slices.Contains(known, name) {
				v.Add(at+"/values/"+c.Name, "placeholder", "The document does not know {{%s}}. It knows %s.", name, strings.Join(slices.Compact(slices.Sorted(slices.Values(known))), ", "))
			}
		}
		if !slices.Equal(names, want) {
			v.Add(at+"/values/"+c.Name, "placeholders_differ", "Every language says the same: the Kazakh text has %v and this one %v.", want, names)
		}
		if rest := placeholder.ReplaceAllString(values[c.Name], ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
			v.Add(at+"/values/"+c.Name, "placeholder", "A placeholder is written {{name}}.")
		}
	}
}

// ProposeReference makes a proposed change, or says what is missing.
func ProposeReference(c ReferenceChange, actor Actor, at time.Time) (ReferenceChange, error) {
	var v Invalid
	if strings.TrimSpace(c.Note) == "" {
		v.Add("/note", "required", "Say what changes and why.")
	}
	if err := v.Err(); err != nil {
		return ReferenceChange{}, err
	}
	c.State, c.ProposedBy, c.ProposedAt, c.DecidedBy, c.DecidedAt, c.Reason, c.Version = ReferenceProposed, actor.ID, at, "", time.Time{}, "", 1
	return c, nil
}

// Decide confirms or rejects a proposed change. Whoever proposed it may take it back
// and may not confirm it; a rejection says why.
func (c ReferenceChange) Decide(to ReferenceChangeState, reason string, actor Actor, at time.Time) (ReferenceChange, error) {
	if c.State != ReferenceProposed {
		return ReferenceChange{}, Errorf(CodeConflict, "The change is %s already.", c.State)
	}
	if to == ReferenceConfirmed {
		if err := fourEyes(c.ProposedBy, actor.ID); err != nil {
			return ReferenceChange{}, err
		}
	}
	if to == ReferenceRejected && strings.TrimSpace(reason) == "" {
		var v Invalid
		v.Add("/reason", "required", "Say why.")
		return ReferenceChange{}, v.Err()
	}
	c.State, c.Reason, c.DecidedBy, c.DecidedAt = to, reason, actor.ID, at
	c.Version++
	return c, nil
}

// Number gives a column that holds a whole number.
func (r ReferenceRow) Number(column string) (int64, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(r.Values[column]), 10, 64)
	if err != nil {
		return 0, Errorf(CodeInvalid, "%s is no whole number.", column)
	}
	return n, nil
}

package models

import (
	"slices"
	"strings"
)

// FilingState is how far one question of an application is.
type FilingState string

// The states of a filing task. A blocked one waits for another.
const (
	FilingDone      FilingState = "done"
	FilingTodo      FilingState = "todo"
	FilingBlocked   FilingState = "blocked"
	FilingNotNeeded FilingState = "not_needed"
)

// FilingTask is one question of an application and what stands in the way of its
// filing there.
type FilingTask struct {
	Code     string
	State    FilingState
	Problems []FieldError
}

// filingTasks is the table of questions in their order: what each waits for and
// when it is not asked.
var filingTasks = []struct {
	code    string
	after   []string
	without func(f Filing, a Application, rule KindRule) bool
}{
	{"kind", nil, nil},
	{"applicant", nil, nil},
	{"contact", nil, nil},
	{"host", []string{"kind"}, func(_ Filing, a Application, r KindRule) bool { return a.SubType != SubTypeII || r.Sites == NeedNone }},
	{"site", []string{"kind", "host"}, func(_ Filing, _ Application, r KindRule) bool { return r.Sites == NeedNone }},
	{"points", []string{"site"}, func(_ Filing, a Application, r KindRule) bool { return r.Sites == NeedNone || a.SubType == SubTypeII }},
	{"power", []string{"site"}, func(_ Filing, _ Application, r KindRule) bool { return r.Sites == NeedNone }},
	{"equipment", []string{"kind"}, func(_ Filing, _ Application, r KindRule) bool { return r.Equipment == NeedNone }},
	{"supply", []string{"kind"}, func(_ Filing, a Application, r KindRule) bool { return a.SubType == SubTypeII || r.Supply == NeedNone }},
	{"fee", []string{"kind"}, func(f Filing, _ Application, _ KindRule) bool { return f.Fee == 0 }},
	{"documents", []string{"kind"}, func(f Filing, _ Application, _ KindRule) bool {
		return !slices.ContainsFunc(f.Requirements, func(r Requirement) bool { return r.NeedsFile })
	}},
}

// taskOf names the question that a field belongs to.
func taskOf(e FieldError) string {
	switch top := topField(e.Pointer); top {
	case "applicant", "equipment", "documents":
		return top
	case "language", "note":
		return "contact"
	case "host_license", "host_contract":
		return "host"
	case "supply_basis":
		return "supply"
	case "fee_paid_kzt", "fee_document":
		return "fee"
	case "sites":
		switch {
		case strings.Contains(e.Pointer, "/connection_points"):
			return "points"
		case strings.HasSuffix(e.Pointer, "/approved_kw") || e.Code == "power":
			return "power"
		}
		return "site"
	}
	return "kind"
}

// Tasks gives every question with its state and problems. The problems of all
// together are those of Check: when no task is todo or blocked, it can be filed.
func (f Filing) Tasks(a Application) []FilingTask {
	problems := f.problems(a)
	byTask := map[string][]FieldError{}
	for _, e := range problems.fields {
		byTask[taskOf(e)] = append(byTask[taskOf(e)], e)
	}
	rule, _ := RuleOf(a.Kind)
	open := map[string]bool{}
	out := make([]FilingTask, 0, len(filingTasks))
	for _, t := range filingTasks {
		task := FilingTask{Code: t.code, State: FilingDone, Problems: byTask[t.code]}
		switch {
		case len(task.Problems) > 0 && slices.ContainsFunc(t.after, func(code string) bool { return open[code] }):
			task.State = FilingBlocked
		case len(task.Problems) > 0:
			task.State = FilingTodo
		case t.without != nil && t.without(f, a, rule):
			task.State = FilingNotNeeded
		case len(a.Sites) == 0 && rule.Sites != NeedNone && (t.code == "points" || t.code == "power") && open["site"]:
			task.State = FilingBlocked
		}
		open[t.code] = task.State == FilingTodo || task.State == FilingBlocked
		out = append(out, task)
	}
	return out
}

// Ready tells whether nothing stands in the way of filing.
func Ready(tasks []FilingTask) bool {
	return !slices.ContainsFunc(tasks, func(t FilingTask) bool { return t.State == FilingTodo || t.State == FilingBlocked })
}

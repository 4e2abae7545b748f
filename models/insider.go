package models

import (
	"sort"
	"time"
)

// InsiderKind is what a fact says, for the watch over people inside utilities.
type InsiderKind string

// The kinds of fact.
const (
	InsiderPermit  InsiderKind = "permit"
	InsiderRefused InsiderKind = "refused" // denied or referred
	InsiderConfirm InsiderKind = "confirm"
	InsiderLapse   InsiderKind = "lapse"
	InsiderObject  InsiderKind = "object"
	InsiderOrder   InsiderKind = "order" // to disconnect, issued
	InsiderMeter   InsiderKind = "meter" // changed at the point
	InsiderUnmet   InsiderKind = "unmet" // an energisation was reported on no permit that holds
	InsiderFound   InsiderKind = "found" // the utility's list or the meter shows a load that nobody permitted
)

// InsiderFact is one fact of the ledger at a connection point.
type InsiderFact struct {
	Entry   int64 // its place in the ledger: the evidence
	Item    int64 // which of the facts of the entry
	Kind    InsiderKind
	Utility string // id
	Point   string // code
	Person  string // see Actor.PersonKey; tells persons apart and names nobody
	Check   string // id of the answer, "" for none
	Party   string // for whom was asked, "" when that is not known; it is not kept
	At      time.Time
}

// The rules about people inside utilities. Their findings are for an auditor and the
// head alone: a pattern is a reason to look, never an accusation.
const (
	RuleInsiderBurst     FindingRule = "INSIDER_CHECKS_UNTIL_PERMIT"        // many refusals within a short time, then a permit
	RuleInsiderOddHours  FindingRule = "INSIDER_SAME_PERSON_AT_NIGHT"       // one person asks and confirms, at odd hours, again and again
	RuleInsiderIdle      FindingRule = "INSIDER_PERMITS_UNCONFIRMED"        // permits that nobody confirms, again and again
	RuleInsiderObjection FindingRule = "INSIDER_REPEATED_OBJECTIONS"        // orders are objected to again and again
	RuleInsiderMeter     FindingRule = "INSIDER_METER_NEAR_ORDER"           // the meter is changed right before or after an order
	RuleInsiderUnmet     FindingRule = "INSIDER_CONFIRMED_WITHOUT_PERMIT"   // energisations are reported on refusals and on permits that lapsed
	RuleInsiderUnchecked FindingRule = "INSIDER_ENERGISED_WITHOUT_CHECK"    // a load is there, and no permit
	RuleInsiderApplicant FindingRule = "INSIDER_PERMIT_FOR_OTHER_APPLICANT" // refused to one applicant, then permitted to another
)

// InsiderThresholds are the numbers of the rules from a legal date on.
type InsiderThresholds struct {
	From        string        // legal date
	Window      time.Duration // how far back facts count
	BurstCount  int           // refusals
	BurstWithin time.Duration // of each other, and as long before the permit at most
	OddCount    int           // confirmations
	OddFrom     int           // hour of the local day from which it is odd, over midnight
	OddUntil    int
	IdleCount   int // lapsed permits
	ObjectCount int
	MeterNear   time.Duration
	UnmetCount  int           // reports that were refused
	FoundCount  int           // lists that show the load
	OtherWithin time.Duration // from the refusal to the permit of the other applicant at most
}

// insiderThresholds are dated, oldest first; a finding is judged by those of its day.
var insiderThresholds = []InsiderThresholds{{
	From: "2024-01-01", Window: 30 * 24 * time.Hour, BurstCount: 5, BurstWithin: 6 * time.Hour, OddCount: 3, OddFrom: 21, OddUntil: 6,
	IdleCount: 3, ObjectCount: 3, MeterNear: 48 * time.Hour, UnmetCount: 2, FoundCount: 1, OtherWithin: 7 * 24 * time.Hour,
}}

// InsiderRulesAt gives the thresholds of an instant.
func InsiderRulesAt(at time.Time) InsiderThresholds {
	today, out := LegalDate(at), insiderThresholds[0]
	for _, t := range insiderThresholds {
		if t.From <= today {
			out = t
		}
	}
	return out
}

// InsiderPattern is a rule that facts meet, with the entries that show it.
type InsiderPattern struct {
	Rule    FindingRule
	Entries []int64
	First   time.Time
	Last    time.Time
}

// InsiderPatterns judges the facts of one connection point, in any order, as at the
// last of them.
func InsiderPatterns(facts []InsiderFact) []InsiderPattern {
	if len(facts) == 0 {
		return nil
	}
	facts = append([]InsiderFact(nil), facts...)
	sort.Slice(facts, func(i, j int) bool {
		if facts[i].Entry != facts[j].Entry {
			return facts[i].Entry < facts[j].Entry
		}
		return facts[i].Item < facts[j].Item
	})
	now := facts[len(facts)-1].At
	t := InsiderRulesAt(now)
	by := map[InsiderKind][]InsiderFact{}
	for _, f := range facts {
		if !f.At.Before(now.Add(-t.Window)) {
			by[f.Kind] = append(by[f.Kind], f)
		}
	}
	var out []InsiderPattern
	add := func(rule FindingRule, shown []InsiderFact, least int) {
		if len(shown) < least || len(shown) == 0 {
			return
		}
		p := InsiderPattern{Rule: rule, First: shown[0].At, Last: shown[len(shown)-1].At}
		for _, f := range shown {
			p.Entries = append(p.Entries, f.Entry)
		}
		out = append(out, p)
	}
	add(RuleInsiderBurst, burst(by, t), t.BurstCount+1)
	add(RuleInsiderOddHours, oddHours(by, t), t.OddCount)
	add(RuleInsiderIdle, by[InsiderLapse], t.IdleCount)
	add(RuleInsiderObjection, by[InsiderObject], t.ObjectCount)
	add(RuleInsiderMeter, nearOrder(by, t), 2)
	add(RuleInsiderUnmet, by[InsiderUnmet], t.UnmetCount)
	add(RuleInsiderUnchecked, unchecked(by), t.FoundCount)
	add(RuleInsiderApplicant, otherApplicant(by, t), 2)
	return out
}

// burst gives the refusals shortly before the last permit, and that permit.
func burst(by map[InsiderKind][]InsiderFact, t InsiderThresholds) []InsiderFact {
	for i := len(by[InsiderPermit]) - 1; i >= 0; i-- {
		permit, shown := by[InsiderPermit][i], []InsiderFact(nil)
		for _, f := range by[InsiderRefused] {
			if before := permit.At.Sub(f.At); before >= 0 && before <= t.BurstWithin && f.Entry <= permit.Entry {
				shown = append(shown, f)
			}
		}
		if len(shown) >= t.BurstCount {
			return append(shown, permit)
		}
	}
	return nil
}

// oddHours gives the confirmations at odd hours by the person who asked.
func oddHours(by map[InsiderKind][]InsiderFact, t InsiderThresholds) (shown []InsiderFact) {
	asked := map[string]string{}
	for _, f := range by[InsiderPermit] {
		asked[f.Check] = f.Person
	}
	for _, f := range by[InsiderConfirm] {
		hour := f.At.UTC().Add(LegalOffset).Hour()
		if f.Check != "" && f.Person != "" && asked[f.Check] == f.Person && (hour >= t.OddFrom || hour < t.OddUntil) {
			shown = append(shown, f)
		}
	}
	return shown
}

// nearOrder gives an order and the change of the meter that is near it.
func nearOrder(by map[InsiderKind][]InsiderFact, t InsiderThresholds) []InsiderFact {
	for _, order := range by[InsiderOrder] {
		for _, meter := range by[InsiderMeter] {
			if apart := meter.At.Sub(order.At); apart.Abs() <= t.MeterNear {
				if meter.Entry < order.Entry {
					return []InsiderFact{meter, order}
				}
				return []InsiderFact{order, meter}
			}
		}
	}
	return nil
}

// unchecked gives the lists that show a load after which nothing was permitted.
func unchecked(by map[InsiderKind][]InsiderFact) (shown []InsiderFact) {
	permitted := int64(-1)
	for _, f := range by[InsiderPermit] {
		permitted = f.Entry
	}
	for _, f := range by[InsiderFound] {
		if f.Entry > permitted {
			shown = append(shown, f)
		}
	}
	return shown
}

// otherApplicant gives the refusals shortly before the last permit to applicants other
// than the one who got it, and that permit.
func otherApplicant(by map[InsiderKind][]InsiderFact, t InsiderThresholds) []InsiderFact {
	for i := len(by[InsiderPermit]) - 1; i >= 0; i-- {
		permit, shown := by[InsiderPermit][i], []InsiderFact(nil)
		for _, f := range by[InsiderRefused] {
			before := permit.At.Sub(f.At)
			if f.Party != "" && permit.Party != "" && f.Party != permit.Party && before >= 0 && before <= t.OtherWithin && f.Entry <= permit.Entry {
				shown = append(shown, f)
			}
		}
		if len(shown) > 0 {
			return append(shown, permit)
		}
	}
	return nil
}

// Insider tells whether a rule is about people inside utilities.
func (r FindingRule) Insider() bool { return len(r) > 8 && r[:8] == "INSIDER_" }

// SeesInsiders tells whether somebody may see findings about people inside utilities.
func SeesInsiders(a Actor) bool { return a.Is(RoleAuditor) || a.Is(RoleHead) || a.Is(RoleSystem) }

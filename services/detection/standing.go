package detection

import (
	"math"
	"time"

	"rigistry/models"
)

// mines tells whether a point mines by its declared use or by a license, whatever
// became of it.
func (pt Point) mines() bool { return pt.DeclaredUse == "mining" || len(pt.Spans) > 0 }

// limit is what a rule about a documented limit looks at: what a point may draw in
// an interval, NaN where nothing limits it.
type limit struct {
	rule    models.FindingRule
	kind    string
	runs    int
	fixed   float64 // W beyond the uncertainty of the meter
	allowed func(i int) float64
	refuted []string
}

// exceeded finds more than a limit, by the meter's uncertainty and what is fixed,
// for so many intervals in a row.
func exceeded(p Params, u Unit, pt Point, l limit) (models.Finding, bool) {
	s, class := pt.Channel.Series, p.standard(pt.Channel.Class)
	over := func(i int) float64 { return s.W[i] - l.allowed(i) - 2*class*s.W[i] - l.fixed }
	first, last, count := runs(u, l.runs, len(s.W), over)
	if first < 0 {
		return models.Finding{}, false
	}
	var drawn, excess []float64
	for i := max(first, last-perDay+1); i <= last; i++ {
		if over(i) > 0 {
			drawn, excess = append(drawn, s.W[i]), append(excess, s.W[i]-l.allowed(i))
		}
	}
	level, standard := mean(drawn), class*mean(drawn)
	f := u.finding(p, l.rule, pt)
	f.Tier = models.TierAct
	if span, ok := pt.stateAt(s.at(last)); ok {
		f.License = span.License
	}
	estimate(&f, mean(excess), 2*standard)
	f.Score = score(count, mean(excess), standard)
	u.seen(&f, s, first, last)
	f.Evidence.Kind = l.kind
	f.Evidence.Numbers = map[string]float64{"limit_kw": l.allowed(last) / 1000, "measured_kw": level / 1000, "hours": float64(count) / 4, "u95_kw": 2 * standard / 1000}
	f.Evidence.Refutations = l.refuted
	f.Evidence.Alternatives = []string{"accuracy"}
	return f, true
}

// technical finds a licensed point that draws more than its technical conditions
// permit while its license would allow it: what is above the license too is told as
// that. Permitted·1.015 + 0.5 kW for three intervals (parameters Over*).
func technical(p Params, u Unit, pt Point) (models.Finding, bool) {
	if pt.Permitted <= 0 || len(pt.Spans) == 0 {
		return models.Finding{}, false
	}
	s := pt.Channel.Series
	permitted := float64(pt.Permitted) * p.OverMargin
	return exceeded(p, u, pt, limit{rule: models.RuleTechnical, kind: "over_technical", runs: p.OverRuns, fixed: p.OverFixed,
		refuted: []string{"conditions_raised", "ct_ratio", "other_consumer"},
		allowed: func(i int) float64 {
			span, ok := pt.stateAt(s.at(i))
			if !ok || span.State != models.LicenseActive || s.W[i] > float64(span.Approved)*p.OverMargin+p.OverFixed || s.at(i).Before(pt.Updated) {
				return math.NaN()
			}
			return permitted
		}})
}

// auxiliary is what may be drawn for light and guard where mining has to stop.
func (p Params) auxiliary(approved models.Watts) float64 {
	return math.Max(p.AuxFloor, p.AuxShare*float64(approved))
}

// within tells whether an interval lies wholly in what a fact holds for, a quarter
// hour after its beginning at the earliest: so long may a stop take.
func within(s Series, i int, f models.StandingFact) bool {
	return !s.at(i).Before(f.From.Add(step)) && (f.Until.IsZero() || !s.at(i+1).After(f.Until))
}

// curtailed finds mining that goes on although the system operator restricts
// consumption: more than the order leaves at the point, or than light and guard
// need where it leaves nothing, for two intervals in a row. An order that leaves
// power to a whole feeder accuses none of its customers.
func curtailed(p Params, u Unit, pt Point) (models.Finding, bool) {
	if !pt.mines() {
		return models.Finding{}, false
	}
	s := pt.Channel.Series
	return exceeded(p, u, pt, limit{rule: models.RuleCurtailed, kind: "under_curtailment", runs: p.StopRuns, refuted: []string{"curtailment_lifted", "other_consumer", "ct_ratio"},
		allowed: func(i int) float64 {
			least := math.NaN()
			for _, f := range pt.Standing {
				if f.Kind != models.StandingCurtailment || !within(s, i, f) || f.Power > 0 && f.Scope != models.ScopePoint {
					continue
				}
				span, _ := pt.stateAt(s.at(i))
				left := math.Max(float64(f.Power), p.auxiliary(span.Approved))
				if math.IsNaN(least) || left < least {
					least = left
				}
			}
			return least
		}})
}

// withoutSupply finds mining in hours for which no electricity was bought or made,
// where hours of supply are recorded: more than what the facts that cover the hour
// give together, for two intervals in a row. The first hour of a fact that begins
// is left out with the quarter before it, because clocks differ.
func withoutSupply(p Params, u Unit, pt Point) (models.Finding, bool) {
	var known []models.StandingFact
	for _, f := range pt.Standing {
		if f.Kind == models.StandingSupply {
			known = append(known, f)
		}
	}
	if !pt.mines() || len(known) == 0 {
		return models.Finding{}, false
	}
	s := pt.Channel.Series
	began := known[0].From
	for _, f := range known {
		if f.From.Before(began) {
			began = f.From
		}
	}
	return exceeded(p, u, pt, limit{rule: models.RuleNoSupply, kind: "without_supply", runs: p.StopRuns, refuted: []string{"supply_recorded_late", "other_consumer", "ct_ratio"},
		allowed: func(i int) float64 {
			if s.at(i).Before(began.Add(step)) {
				return math.NaN() // nothing was recorded for then
			}
			span, _ := pt.stateAt(s.at(i))
			given := p.auxiliary(span.Approved)
			for _, f := range known {
				if !covers(f, s.at(i)) && !covers(f, s.at(i).Add(-step)) {
					continue
				}
				if f.Power == 0 {
					return math.NaN() // the whole need
				}
				given += float64(f.Power)
			}
			return given
		}})
}

// covers tells whether hours of supply hold at an instant.
func covers(f models.StandingFact, at time.Time) bool {
	if at.Before(f.From) || !f.Until.IsZero() && !at.Before(f.Until) {
		return false
	}
	return f.Hours&(1<<at.Add(models.LegalOffset).Hour()) != 0
}

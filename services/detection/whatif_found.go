package detection

import (
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/store"
)

// found compares what the two tables raise: one finding for a rule and a target, about
// each feeder over all the days on which it was there.
func (t *twofold) found(tx *store.Tx) (out models.WhatIfFound, err error) {
	feeders, before, after := []string{}, map[string][]supposed{}, map[string][]supposed{}
	for _, st := range t.stages {
		for _, u := range st.units {
			id := u.Feeder.ID
			if !slices.Contains(feeders, id) {
				feeders = append(feeders, id)
			}
			if len(t.stages) > 1 {
				u = u.masked(st.from, st.until)
			}
			before[id] = t.raised(before[id], t.present, u, st, t.before)
			after[id] = t.raised(after[id], t.with, u, st, t.after)
		}
	}
	for _, id := range feeders {
		known, err := tx.FindingsOfFeeder(id)
		if err != nil {
			return out, err
		}
		for _, f := range after[id] {
			if slices.ContainsFunc(before[id], f.same) {
				out.Kept = append(out.Kept, f.of(known))
			} else {
				out.Gained = append(out.Gained, f.of(known))
			}
		}
		for _, f := range before[id] {
			if !slices.ContainsFunc(after[id], f.same) {
				out.Lost = append(out.Lost, f.of(known))
			}
		}
	}
	return out, nil
}

// supposed is a finding of a table that was tried.
type supposed models.WhatIfFinding

func (f supposed) same(o supposed) bool { return f.Rule == o.Rule && f.Target == o.Target }

// of tells which of the registry's findings it is.
func (f supposed) of(known []models.Finding) models.WhatIfFinding {
	if i := slices.IndexFunc(known, func(k models.Finding) bool { return k.Rule == f.Rule && k.Target == f.Target }); i >= 0 {
		f.Finding = known[i].ID
	}
	return models.WhatIfFinding(f)
}

// raised adds what a table raises about a feeder and its points in the days of a stage:
// documented limits and what the stream says, with the tiers that allowances and outcomes left them on the
// day they were raised.
func (t *twofold) raised(out []supposed, p stream.Params, u Unit, st stage, e *stream.Engine) []supposed {
	add := func(f supposed) {
		i := slices.IndexFunc(out, f.same)
		if i < 0 {
			out = append(out, f)
		} else if f.Tier < out[i].Tier { // raised again, and more firmly
			out[i] = f
		}
	}
	limits := paramsOf(p)
	for _, pt := range u.Points {
		for _, f := range licenseFindings(limits, u, pt) {
			add(supposed{Target: f.Target, Code: f.TargetCode, Rule: f.Rule, Kind: f.Evidence.Kind, Tier: f.Tier, Estimated: f.Estimated, Raised: f.FirstSeen})
		}
	}
	for _, a := range e.Alerts() {
		if !a.RaisedAt.After(st.from) || a.RaisedAt.After(st.until) {
			continue // at the end of a day, by the grid of that day
		}
		if f, ours := u.suppose(a); ours {
			add(u.lowered(f, a, t.outcomes))
		}
	}
	return out
}

// suppose is the finding of an alert about the feeder or one of its points.
func (u Unit) suppose(a stream.Alert) (supposed, bool) {
	f := supposed{Kind: a.Rule, Tier: models.Tier(a.Tier), Estimated: models.Watts(1000 * a.KW), Raised: a.RaisedAt}
	if a.Target == u.Feeder.ID {
		f.Target, f.Code, f.Rule = models.Ref{Kind: "feeder", ID: u.Feeder.ID}, u.Feeder.Code, models.RuleBalance
		return f, u.Head != nil
	}
	i := slices.IndexFunc(u.Points, func(pt Point) bool { return pt.ID == a.Target })
	if i < 0 || strings.HasPrefix(a.Rule, "license_") || strings.HasPrefix(a.Rule, "draw_while_") {
		return f, false
	}
	pt := u.Points[i]
	f.Target, f.Code = models.Ref{Kind: "connection_point", ID: pt.ID}, pt.Code
	if slices.Contains(tampering, a.Rule) {
		f.Rule = models.RuleMeterTampered
		return f, u.Head != nil
	}
	f.Rule = models.RuleUnlicensed
	home := pt.DeclaredUse == "household" || pt.DeclaredUse == "residential"
	if home && a.Weather < temperate && heatedSeason(a.RaisedAt) && f.Tier != models.TierAct {
		f.Tier = models.TierWatch
	}
	_, licensed := pt.stateAt(a.RaisedAt)
	return f, !licensed && pt.DeclaredUse != "mining"
}

// lowered is a finding of the stream with the tier that an allowance of its day, or what
// outcomes had taught by then about its rule and use, leaves it.
func (u Unit) lowered(f supposed, a stream.Alert, outcomes []models.FindingOutcome) supposed {
	if f.Tier == models.TierWatch {
		return f
	}
	load, day := models.Watts(1000*(a.Before+a.KW)), models.LegalDate(a.RaisedAt)
	if f.Rule == models.RuleUnlicensed && slices.ContainsFunc(u.Allowances, func(w models.Allowance) bool { return w.Point == f.Target.ID && w.Covered(load, day) }) {
		f.Tier = models.TierWatch
		return f
	}
	class := ""
	if i := slices.IndexFunc(u.Points, func(pt Point) bool { return pt.ID == f.Target.ID }); i >= 0 {
		class = u.Points[i].DeclaredUse
	}
	known := slices.DeleteFunc(slices.Clone(outcomes), func(o models.FindingOutcome) bool {
		return o.Rule != f.Rule || o.Class != class || !o.At.Before(a.RaisedAt) || o.At.Before(a.RaisedAt.Add(-learnFor))
	})
	if slices.ContainsFunc(priorsOf(known), func(p models.Prior) bool { return p.Rule == f.Rule && p.Class == class && p.Capped }) {
		f.Tier = models.TierWatch
	}
	return f
}

package detection

import (
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
)

// limitsOf checks the points of a unit against documented limits, each interval by the
// table of its day: where several were in force in the window, each sees the days of
// its own. A run of intervals is one of days under one table. It is pure.
func limitsOf(tables []stream.Dated, u Unit) []models.Finding {
	var out []models.Finding
	for from := u.Start; from.Before(u.Now); {
		until := u.Now
		for _, t := range tables {
			if t.From.After(from) && t.From.Before(until) {
				until = t.From
			}
		}
		part := u
		if from.After(u.Start) || until.Before(u.Now) {
			part = u.masked(from, until)
		}
		p := inForce(tables, from)
		for _, pt := range part.Points {
			for _, f := range licenseFindings(p, part, pt) {
				out = told(out, f)
			}
		}
		from = until
	}
	return out
}

// told adds what a later table says to what an earlier one said of the same cause: it
// is as large as it is now, began when it first did, and stands as firmly as it ever did.
func told(found []models.Finding, later models.Finding) []models.Finding {
	i := slices.IndexFunc(found, func(f models.Finding) bool { return f.Rule == later.Rule && f.Target == later.Target })
	if i < 0 {
		return append(found, later)
	}
	first := found[i]
	later.FirstSeen, later.Evidence.Onset = first.FirstSeen, first.Evidence.Onset
	later.Tier, later.Score = min(first.Tier, later.Tier), max(first.Score, later.Score)
	if hours, counted := first.Evidence.Numbers["hours"]; counted && later.Evidence.Numbers != nil {
		later.Evidence.Numbers["hours"] += hours
	}
	found[i] = later
	return found
}

// masked gives a unit of which only the intervals that begin in [from, until) are known.
func (u Unit) masked(from, until time.Time) Unit {
	hide := func(c *Channel) *Channel {
		if c == nil {
			return nil
		}
		m := *c
		m.W = slices.Clone(c.W)
		for i := range m.W {
			if at := m.at(i); at.Before(from) || !at.Before(until) {
				m.W[i] = nan
			}
		}
		return &m
	}
	u.Points = slices.Clone(u.Points)
	for i := range u.Points {
		pt := &u.Points[i]
		pt.Channel = hide(pt.Channel)
		pt.Inner.PDUs = slices.Clone(pt.Inner.PDUs)
		for k := range pt.Inner.PDUs {
			pt.Inner.PDUs[k] = hide(pt.Inner.PDUs[k])
		}
	}
	return u
}

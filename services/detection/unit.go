package detection

import (
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Unit is a feeder with everything below it in a window: all that rules see.
type Unit struct {
	Feeder models.Feeder
	Head   *Channel // its own meter, nil when it has none
	Points []Point
	Start  time.Time // of the window
	Closed int       // intervals of the window that are over
	Now    time.Time
	// Live is since when the unit's readings come without a break, zero when they
	// do not.
	Live time.Time
	Due  bool // its limits are looked at now
	// Allowances are those in force at its points, Priors what outcomes taught.
	Allowances []models.Allowance
	Priors     []models.Prior
}

// Channel is what one meter said in the window.
type Channel struct {
	Meter string // id
	Class string
	CT    float64 // ratio of its current transformers by the register, 0 where none is known
	Read  bool    // in the window, at least once
	Series
}

// Point is a connection point in the window.
type Point struct {
	models.ConnectionPoint
	Channel *Channel // its revenue meter, nil when it has none
	Spans   []Span   // licenses at it, by time
	// Standing are the hours of supply and the curtailments that hold for it.
	Standing []models.StandingFact
	Rigs     store.SiteRigs // registered at its site
	Inner    Inner          // what is measured behind its meter
}

// Span is a state of a license at a point in [From, Until).
type Span struct {
	License     string
	State       models.LicenseState
	Approved    models.Watts
	From, Until time.Time
}

// last is the newest interval of a series with a value, and false when that is
// older than an hour before the end of the window.
func (u Unit) last(s Series) (int, bool) {
	closed := s.index(u.Start.Add(time.Duration(u.Closed) * step))
	for i := len(s.W) - 1; i >= 0 && i >= closed-4; i-- {
		if s.W[i] == s.W[i] {
			return i, true
		}
	}
	return 0, false
}

// isLive tells whether a suspicion may be raised from what comes in now.
func (u Unit) isLive(p Params) bool { return !u.Live.IsZero() && u.Now.Sub(u.Live) >= p.LiveFor }

// stateAt gives the license in effect at a point at an instant: of several
// numbers the one in force, else the one that began last.
func (pt Point) stateAt(t time.Time) (Span, bool) {
	var found Span
	ok := false
	for _, s := range pt.Spans {
		if t.Before(s.From) || !t.Before(s.Until) {
			continue
		}
		if !ok || s.State == models.LicenseActive || found.State != models.LicenseActive && s.From.After(found.From) {
			found, ok = s, true
		}
	}
	return found, ok
}

// finding begins a finding about a point.
func (u Unit) finding(p Params, rule models.FindingRule, pt Point) models.Finding {
	f := u.feederFinding(p, rule)
	f.Target, f.TargetCode = models.Ref{Kind: "connection_point", ID: pt.ID}, pt.Code
	f.Evidence.Meters = []string{pt.Channel.Meter}
	return f
}

func (u Unit) feederFinding(p Params, rule models.FindingRule) models.Finding {
	return models.Finding{
		Rule: rule, RuleVersion: p.version(rule),
		Target: models.Ref{Kind: "feeder", ID: u.Feeder.ID}, TargetCode: u.Feeder.Code,
		Feeder: u.Feeder.ID, Substation: u.Feeder.Substation, Utility: u.Feeder.Utility,
		Evidence: models.Evidence{From: u.Start, Until: u.Now, Numbers: map[string]float64{}},
	}
}

// estimate sets the estimate and its interval, in W.
func estimate(f *models.Finding, w, u float64) {
	f.Estimated = models.Watts(w)
	f.Low, f.High = models.Watts(max(0, w-u)), models.Watts(w+u)
	f.Low, f.High = min(f.Low, f.Estimated), max(f.High, f.Estimated)
}

// seen sets when the cause was first and last seen.
func (u Unit) seen(f *models.Finding, s Series, first, last int) {
	f.FirstSeen = s.at(first)
	f.LastSeen = s.at(last + 1)
	if f.LastSeen.After(u.Now) {
		f.LastSeen = u.Now
	}
	f.Evidence.Onset = f.FirstSeen
	f.Evidence.Live = f.LastSeen
}

package models

import (
	"slices"
	"time"
)

// LicenseAt gives the version of a license that held at an instant as the registry
// knew it at another: of all versions that were recorded by known and are effective
// by at, the one with the highest number. versions are all of one license, in the
// order of their numbers.
//
// Every version thus holds from its effective instant on and covers whatever lower
// numbers said from there. A transition is effective when it is recorded and covers
// the future only. A correction reaches back, so it would also cover later
// transitions that were right: Correct states those anew, in order, above itself.
// What was recorded after known does not exist for the question, so an answer that
// was once given can be given again.
func LicenseAt(versions []License, at, known time.Time) (License, bool) {
	for i := len(versions) - 1; i >= 0; i-- {
		if v := versions[i]; !v.RecordedAt.After(known) && !v.EffectiveAt.After(at) {
			return v, true
		}
	}
	return License{}, false
}

// LicenseTimeline gives the versions of which each held for some time, as the
// registry knew it at an instant, in the order of time: each holds from its
// EffectiveAt until that of the next.
func LicenseTimeline(versions []License, known time.Time) []License {
	var out []License
	for i := len(versions) - 1; i >= 0; i-- {
		v := versions[i]
		if v.RecordedAt.After(known) {
			continue
		}
		if n := len(out); n == 0 || v.EffectiveAt.Before(out[n-1].EffectiveAt) {
			out = append(out, v)
		}
	}
	slices.Reverse(out)
	return out
}

// Correction is what was recorded wrongly about a license; nil keeps what stands.
// It repairs the record, it changes no right: more power, another holder or another
// site are matters of an application.
type Correction struct {
	HolderName  *string
	FirstIssued *string          // legal date
	LastDay     *string          // legal date: the last day of the term
	Approved    map[string]Watts // by appendix; never more than was recorded
}

// Empty tells whether the correction names nothing.
func (c Correction) Empty() bool {
	return c.HolderName == nil && c.FirstIssued == nil && c.LastDay == nil && len(c.Approved) == 0
}

// check refuses what a correction cannot do to the newest version of a license.
func (c Correction) check(l License, at time.Time) error {
	var v Invalid
	if c.Empty() {
		v.Add("/correction", "required", "Name at least one fact that was recorded wrongly.")
	}
	if c.HolderName != nil && *c.HolderName == "" {
		v.Add("/correction/holder_name", "required", "A holder has a name.")
	}
	if c.FirstIssued != nil && (AddDays(*c.FirstIssued, 0) == "" || *c.FirstIssued > l.Issued) {
		v.Add("/correction/first_issued_on", "range", "The first issue is a date not after %s, the issue of this license.", l.Issued)
	}
	if c.LastDay != nil {
		until, err := StartOfDay(AddDays(*c.LastDay, 1))
		switch {
		case err != nil:
			v.Add("/correction/last_day", "format", "Write the last day as YYYY-MM-DD.")
		case l.StateAt(at) != LicenseActive && l.StateAt(at) != LicenseSuspended:
			v.Add("/correction/last_day", "state", "The license has ended; its term can no longer be corrected.")
		case !until.After(l.ValidFrom) || !until.After(at):
			v.Add("/correction/last_day", "range", "The last day of the term lies before today. To end the license now, terminate it.")
		}
	}
	for appendix, power := range c.Approved {
		i := slices.IndexFunc(l.Sites, func(s LicensedSite) bool { return s.Appendix == appendix })
		switch {
		case i < 0:
			v.Add("/correction/approved_kw/"+appendix, "unknown", "The license has no appendix %s.", appendix)
		case power <= 0:
			v.Add("/correction/approved_kw/"+appendix, "range", "Approved power is more than 0 kW.")
		case power > l.Sites[i].Approved:
			v.Add("/correction/approved_kw/"+appendix, "range", "Appendix %s has %s; a correction never gives more. More power is a change of the appendix, which is applied for.", appendix, l.Sites[i].Approved)
		}
	}
	return v.Err()
}

// apply gives the version with the corrected facts.
func (c Correction) apply(l License) License {
	if c.HolderName != nil {
		l.HolderName = *c.HolderName
	}
	if c.FirstIssued != nil {
		l.FirstIssued = *c.FirstIssued
	}
	if c.LastDay != nil {
		if until, err := StartOfDay(AddDays(*c.LastDay, 1)); err == nil { // check has read it
			l.ValidUntil = until
		}
	}
	l.Sites = slices.Clone(l.Sites)
	l.Approved = 0
	for i, s := range l.Sites {
		if power, ok := c.Approved[s.Appendix]; ok {
			l.Sites[i].Approved = power
		}
		l.Approved += l.Sites[i].Approved
	}
	return l
}

// CorrectLicense corrects facts of a license from an instant that has passed, and
// touches no version that stands. versions are all of the license in the order of
// their numbers. It gives the new versions in order: what held at since, with the
// facts corrected, from since on; and each later transition stated anew with the
// same state, ground and instant, so that it still holds. All are recorded at one
// instant, and the last is what holds now.
func CorrectLicense(versions []License, c Correction, act Act, since, at time.Time) ([]License, error) {
	if err := fourEyes(act.Drafter, act.Signer); err != nil {
		return nil, err
	}
	timeline := LicenseTimeline(versions, at)
	if len(timeline) == 0 {
		return nil, Errorf(CodeConflict, "There is nothing to correct.")
	}
	newest, first := timeline[len(timeline)-1], timeline[0]
	if newest.State == LicenseSuperseded {
		return nil, Errorf(CodeConflict, "License %s was superseded. Correct the license that took its place.", newest.Number)
	}
	if newest.StateAt(at) != newest.State {
		return nil, Errorf(CodeConflict, "The term of license %s has just run out and its end is being recorded. Try again in a moment.", newest.Number)
	}
	if err := c.check(newest, at); err != nil {
		return nil, err
	}
	if since.Before(first.EffectiveAt) || since.After(at) {
		var v Invalid
		v.Add("/since", "range", "A correction holds from an instant between %s, when the license began, and now.", first.EffectiveAt.Format(time.RFC3339))
		return nil, v.Err()
	}
	var out []License
	changed := false
	for i, l := range timeline {
		if i+1 < len(timeline) && !timeline[i+1].EffectiveAt.After(since) {
			continue // over before since
		}
		n := c.apply(l)
		changed = changed || n.HolderName != l.HolderName || n.FirstIssued != l.FirstIssued || !n.ValidUntil.Equal(l.ValidUntil) || !slices.EqualFunc(n.Sites, l.Sites, sameApproved)
		n.Version, n.Corrects, n.ActID = versions[len(versions)-1].Version+int64(len(out))+1, l.Version, act.ID
		n.Drafter, n.Signer, n.RecordedAt = act.Drafter, act.Signer, at
		if n.EffectiveAt.Before(since) {
			n.EffectiveAt = since
		}
		out = append(out, n)
	}
	if !changed {
		return nil, Errorf(CodeConflict, "The record says this already, so there is nothing to correct.")
	}
	return out, nil
}

func sameApproved(a, b LicensedSite) bool { return a.Approved == b.Approved }

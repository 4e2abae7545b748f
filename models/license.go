package models

import (
	"slices"
	"time"
)

// SubType is the sub-type (подвид) of a license, Art. 9 of Law 193-VII.
type SubType string

// Sub-type I has a data centre of its own; sub-type II places own rigs in
// somebody else's and has no right to a grid connection of its own.
const (
	SubTypeI  SubType = "I"
	SubTypeII SubType = "II"
)

// LicenseState is the state of a license version.
type LicenseState string

// The states. Expired, revoked, terminated and superseded are final.
const (
	LicenseActive     LicenseState = "active"
	LicenseSuspended  LicenseState = "suspended"
	LicenseRevoked    LicenseState = "revoked"
	LicenseExpired    LicenseState = "expired"
	LicenseTerminated LicenseState = "terminated"
	LicenseSuperseded LicenseState = "superseded"
)

// License is one immutable version of a license. Every transition makes the
// next version; versions of a number have no gaps.
type License struct {
	Number       string // KZ18DMA00000042
	Version      int64  // from 1
	SubType      SubType
	State        LicenseState
	Holder       string // party id
	HolderBin    string // as at this version
	HolderName   string
	Application  string // application id it came from
	Sites        []LicensedSite
	Approved     Watts  // sum over the sites
	Host         string // for sub-type II: license number of the host, "" otherwise
	FirstIssued  string // legal date YYYY-MM-DD in Asia/Almaty
	Issued       string // legal date
	ValidFrom    time.Time
	ValidUntil   time.Time // half-open: midnight in Asia/Almaty after the last day
	Suspension   *Suspension
	Order        string    // number of the order it is based on
	Ground       string    // code of the ground for the last transition, "" for issue
	Verification string    // code of the public page /v/{code}
	Drafter      string    // user id, who drafted the act of this version
	Signer       string    // user id, who signed it; never the drafter
	ActID        string    // id of the act by two people behind this version, "" for none
	Corrects     int64     // version whose facts this one states anew, 0 for an ordinary version
	EffectiveAt  time.Time // from when this version holds; falls only where a version corrects an earlier one
	RecordedAt   time.Time // when it was written down; never falls from version to version
}

// LicensedSite is an appendix of a license: a site, its connection points and
// the power approved there.
type LicensedSite struct {
	Appendix         string // "001"
	Site             string // site id
	SiteCode         string
	ConnectionPoints []string // codes
	Approved         Watts
}

// Suspension is the current suspension of a license, 1 to 6 months
// (Art. 9(4) of Law 193-VII). It does not end by itself: Until is when the holder
// can ask and the licensor must look again.
type Suspension struct {
	Ground string // code of the catalogue of grounds
	Months int    // 1..6
	From   time.Time
	Until  time.Time
	Note   string
}

// The bounds of a suspension in months, Art. 9(4) of Law 193-VII.
const (
	MinSuspensionMonths = 1
	MaxSuspensionMonths = 6
)

// Act is the paper behind a transition of a license. Signer is required; Drafter
// is "" where the law asks for one person, and never the signer.
type Act struct {
	ID      string // of the LicenseAct, "" where there is none
	Order   string // number of the order
	Ground  string // code of the catalogue of grounds
	Note    string
	Drafter string // user id
	Signer  string // user id
}

// Grant is what a signed application needs to become a license.
type Grant struct {
	Number       string
	Verification string // code of the public page
	Years        int    // the term
	Holder       Party
}

// IssueLicense makes the first version of a license from an application that was
// granted. Its last day is the day of issue so many years later; it ends at the
// midnight after it.
func IssueLicense(app Application, g Grant, at time.Time) (License, error) {
	if app.State != ApplicationGranted || app.Decision == nil {
		return License{}, Errorf(CodeConflict, "Application %s has not been granted, so there is nothing to issue.", app.Number)
	}
	if err := CheckLicenseNumber(g.Number); err != nil {
		return License{}, err
	}
	issued := LegalDate(at)
	until, err := StartOfDay(AddDays(AddMonths(issued, 12*g.Years), 1))
	if err != nil {
		return License{}, err
	}
	l := License{
		Number: g.Number, Version: 1, SubType: app.SubType, State: LicenseActive,
		Holder: app.Applicant, HolderBin: g.Holder.BinOrIin, HolderName: g.Holder.Name(), Application: app.ID,
		Host: app.Host, FirstIssued: issued, Issued: issued, ValidFrom: at, ValidUntil: until,
		Order: app.Decision.Order, Verification: g.Verification, Drafter: app.Decision.Drafter, Signer: app.Decision.Signer,
		EffectiveAt: at, RecordedAt: at,
	}
	for i, s := range app.Sites {
		l.Sites = append(l.Sites, LicensedSite{Appendix: appendixNumber(i), Site: s.Site, SiteCode: s.SiteCode,
			ConnectionPoints: slices.Clone(s.ConnectionPoints), Approved: s.Approved})
		l.Approved += s.Approved
	}
	return l, fourEyes(l.Drafter, l.Signer)
}

func appendixNumber(i int) string {
	n := i + 1
	return string([]byte{byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
}

// fourEyes refuses one person on both sides of an act.
func fourEyes(drafter, signer string) error {
	if signer == "" {
		return Errorf(CodeInvalid, "An act needs a person who signs it.")
	}
	if drafter == signer {
		return Errorf(CodeFourEyes, "The person who drafted an act may not sign it. Ask a colleague to look at it and sign.")
	}
	return nil
}

// StateAt gives the state at an instant not before the version's own: an active
// or suspended license is expired from its end on, also before that was recorded.
func (l License) StateAt(at time.Time) LicenseState {
	if (l.State == LicenseActive || l.State == LicenseSuspended) && !at.Before(l.ValidUntil) {
		return LicenseExpired
	}
	return l.State
}

// InForce tells whether the license holds its connection points: active or
// suspended, and within its term.
func (l License) InForce(at time.Time) bool {
	s := l.StateAt(at)
	return (s == LicenseActive || s == LicenseSuspended) && !at.Before(l.ValidFrom)
}

// next begins the next version, or says why the license cannot change any more.
func (l License) next(act Act, at time.Time, from ...LicenseState) (License, error) {
	if s := l.StateAt(at); !slices.Contains(from, s) {
		return License{}, Errorf(CodeConflict, "License %s is %s; this can be done only while it is %s.", l.Number, s, orList(from))
	}
	if at.Before(l.EffectiveAt) {
		return License{}, Errorf(CodeConflict, "License %s changed after this instant already.", l.Number)
	}
	if err := fourEyes(act.Drafter, act.Signer); err != nil {
		return License{}, err
	}
	l.Version++
	l.Sites = slices.Clone(l.Sites)
	l.Suspension = nil
	l.Order, l.Ground, l.Drafter, l.Signer, l.ActID, l.Corrects = act.Order, act.Ground, act.Drafter, act.Signer, act.ID, 0
	l.EffectiveAt, l.RecordedAt = at, at
	return l, nil
}

func orList(states []LicenseState) string {
	out := ""
	for i, s := range states {
		if i > 0 {
			out += " or "
		}
		out += string(s)
	}
	return out
}

func needGround(act Act) error {
	if act.Ground == "" {
		var v Invalid
		v.Add("/ground", "required", "Name the ground from the catalogue.")
		return v.Err()
	}
	return nil
}

// Suspend suspends an active license on a ground for 1 to 6 months. The term ends
// with the day of the same number, so Until is the midnight after it.
func (l License) Suspend(act Act, months int, at time.Time) (License, error) {
	if months < MinSuspensionMonths || months > MaxSuspensionMonths {
		var v Invalid
		v.Add("/months", "range", "A license is suspended for %d to %d months (Art. 9(4) of Law 193-VII).", MinSuspensionMonths, MaxSuspensionMonths)
		return License{}, v.Err()
	}
	if err := needGround(act); err != nil {
		return License{}, err
	}
	n, err := l.next(act, at, LicenseActive)
	if err != nil {
		return License{}, err
	}
	until, err := StartOfDay(AddDays(AddMonths(LegalDate(at), months), 1))
	if err != nil {
		return License{}, err
	}
	n.State = LicenseSuspended
	n.Suspension = &Suspension{Ground: act.Ground, Months: months, From: at, Until: until, Note: act.Note}
	return n, nil
}

// Extend lengthens a suspension by so many months. The whole suspension is never
// longer than MaxSuspensionMonths and is counted from its first day (Art. 9(4) of
// Law 193-VII); the ground of the extension becomes the ground of the suspension.
func (l License) Extend(act Act, months int, at time.Time) (License, error) {
	if err := needGround(act); err != nil {
		return License{}, err
	}
	n, err := l.next(act, at, LicenseSuspended)
	if err != nil {
		return License{}, err
	}
	if l.Suspension == nil {
		return License{}, Errorf(CodeConflict, "License %s has no term of suspension to extend.", l.Number)
	}
	total := l.Suspension.Months + months
	if months < 1 || total > MaxSuspensionMonths {
		var v Invalid
		v.Add("/months", "range", "A suspension lasts %d months at most, counted from its first day; this one has %d already (Art. 9(4) of Law 193-VII).", MaxSuspensionMonths, l.Suspension.Months)
		return License{}, v.Err()
	}
	s := *l.Suspension
	until, err := StartOfDay(AddDays(AddMonths(LegalDate(s.From), total), 1))
	if err != nil {
		return License{}, err
	}
	if !until.After(at) {
		var v Invalid
		v.Add("/months", "range", "The extended term would end on %s, which is over already. Lift the suspension, or revoke the license.", LegalDate(until.Add(-1)))
		return License{}, v.Err()
	}
	s.Ground, s.Months, s.Until = act.Ground, total, until
	if act.Note != "" {
		s.Note = act.Note
	}
	n.Suspension = &s
	return n, nil
}

// Lift ends a suspension.
func (l License) Lift(act Act, at time.Time) (License, error) {
	n, err := l.next(act, at, LicenseSuspended)
	n.State = LicenseActive
	return orNone(n, err)
}

// Revoke takes the license away on a ground. It is final.
func (l License) Revoke(act Act, at time.Time) (License, error) {
	if err := needGround(act); err != nil {
		return License{}, err
	}
	n, err := l.next(act, at, LicenseActive, LicenseSuspended)
	n.State = LicenseRevoked
	return orNone(n, err)
}

// Terminate ends the license on a ground other than a breach: the holder's wish,
// liquidation. It is final.
func (l License) Terminate(act Act, at time.Time) (License, error) {
	if err := needGround(act); err != nil {
		return License{}, err
	}
	n, err := l.next(act, at, LicenseActive, LicenseSuspended)
	n.State = LicenseTerminated
	return orNone(n, err)
}

// Expire records the end of the term at any instant from it on. The version holds
// from the end itself, however late it is recorded.
func (l License) Expire(act Act, at time.Time) (License, error) {
	if at.Before(l.ValidUntil) {
		return License{}, Errorf(CodeConflict, "License %s is valid until %s.", l.Number, l.ValidUntil.Format(time.RFC3339))
	}
	n, err := l.next(act, l.ValidUntil.Add(-1), LicenseActive, LicenseSuspended)
	n.State, n.EffectiveAt, n.RecordedAt = LicenseExpired, l.ValidUntil, at
	return orNone(n, err)
}

func orNone(l License, err error) (License, error) {
	if err != nil {
		return License{}, err
	}
	return l, nil
}

package models

import (
	"slices"
	"time"
)

// Reissue makes what a granted re-issue does: the last version of the base license,
// which another number supersedes, and the first version of that number. The term,
// the date of the first issue and, where the application names no sites, the
// appendices go over. Only an active license is re-issued.
func (l License) Reissue(app Application, g Grant, at time.Time) (last, first License, err error) {
	act, err := app.act(l, ApplicationReissue)
	if err != nil {
		return License{}, License{}, err
	}
	if err := CheckLicenseNumber(g.Number); err != nil {
		return License{}, License{}, err
	}
	if last, err = l.next(act, at, LicenseActive); err != nil {
		return License{}, License{}, err
	}
	first = last
	last.State = LicenseSuperseded
	first.Number, first.Version, first.Application, first.Verification, first.Ground = g.Number, 1, app.ID, g.Verification, ""
	first.Holder, first.HolderBin, first.HolderName = app.Applicant, g.Holder.BinOrIin, g.Holder.Name()
	first.Issued, first.ValidFrom = LegalDate(at), at
	first.changed(app)
	return last, first, nil
}

// ChangeAppendices makes the next version of an active license with the sites, points
// and power that a granted application asks for.
func (l License) ChangeAppendices(app Application, at time.Time) (License, error) {
	act, err := app.act(l, ApplicationAppendixChange)
	if err != nil {
		return License{}, err
	}
	n, err := l.next(act, at, LicenseActive)
	if err != nil {
		return License{}, err
	}
	n.Application = app.ID
	n.changed(app)
	return n, nil
}

// Renew makes the next version of a license in force with a term that ends so many
// years after the old one. A suspension goes on.
func (l License) Renew(app Application, years int, at time.Time) (License, error) {
	act, err := app.act(l, ApplicationRenewal)
	if err != nil {
		return License{}, err
	}
	n, err := l.next(act, at, LicenseActive, LicenseSuspended)
	if err != nil {
		return License{}, err
	}
	lastDay := LegalDate(l.ValidUntil.Add(-1))
	if n.ValidUntil, err = StartOfDay(AddDays(AddMonths(lastDay, 12*years), 1)); err != nil {
		return License{}, err
	}
	n.Suspension, n.Application = l.Suspension, app.ID
	n.changed(app)
	return n, nil
}

// TerminateOnWish ends a license in force as its holder asked for. It is final.
func (l License) TerminateOnWish(app Application, at time.Time) (License, error) {
	act, err := app.act(l, ApplicationTermination)
	if err != nil {
		return License{}, err
	}
	act.Ground = groundHolderRequest
	if app.Reason == "liquidation" {
		act.Ground = groundLiquidation
	}
	n, err := l.Terminate(act, at)
	n.Application = app.ID
	return orNone(n, err)
}

// Grounds of termination in the catalogue that follow from what the holder asks for.
const (
	groundHolderRequest = "HOLDER_REQUEST"
	groundLiquidation   = "LIQUIDATION"
)

// act is the act behind what a granted application does to its base license.
func (a Application) act(base License, kind ApplicationKind) (Act, error) {
	if a.State != ApplicationGranted || a.Decision == nil || a.Kind != kind || a.Base != base.Number {
		return Act{}, Errorf(CodeConflict, "Application %s is no granted %s of license %s.", a.Number, kind, base.Number)
	}
	return Act{Order: a.Decision.Order, Ground: a.Reason, Drafter: a.Decision.Drafter, Signer: a.Decision.Signer}, nil
}

// changed puts the host and the sites of an application in the place of the
// license's own, where it names any. A site that stays keeps its appendix number;
// a new one gets the next that the license never had.
func (l *License) changed(app Application) {
	if app.Host != "" {
		l.Host = app.Host
	}
	if len(app.Sites) == 0 {
		return
	}
	before := l.Sites
	l.Sites, l.Approved = nil, 0
	last := 0
	for _, s := range before {
		last = max(last, appendixOrdinal(s.Appendix))
	}
	for _, s := range app.Sites {
		site := LicensedSite{Site: s.Site, SiteCode: s.SiteCode, ConnectionPoints: slices.Clone(s.ConnectionPoints), Approved: s.Approved}
		if i := slices.IndexFunc(before, func(b LicensedSite) bool { return b.Site == s.Site }); i >= 0 {
			site.Appendix = before[i].Appendix
		} else {
			site.Appendix = appendixNumber(last)
			last++
		}
		l.Sites = append(l.Sites, site)
		l.Approved += s.Approved
	}
	slices.SortFunc(l.Sites, func(x, y LicensedSite) int { return appendixOrdinal(x.Appendix) - appendixOrdinal(y.Appendix) })
}

func appendixOrdinal(number string) int {
	n := 0
	for _, r := range number {
		n = n*10 + int(r-'0')
	}
	return n
}

// Dropped gives the connection points of a license that its next version does not
// name any more.
func Dropped(before, after License) []string {
	kept := map[string]bool{}
	for _, s := range after.Sites {
		for _, code := range s.ConnectionPoints {
			kept[code] = true
		}
	}
	var out []string
	for _, s := range before.Sites {
		for _, code := range s.ConnectionPoints {
			if !kept[code] {
				out = append(out, code)
			}
		}
	}
	return out
}

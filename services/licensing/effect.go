package licensing

import (
	"context"
	"errors"

	"rigistry/models"
	"rigistry/services/store"
)

// grant is what a signature is about to do. It was checked before any number is
// taken.
type grant struct {
	filing models.Filing
	base   models.License // the license that the application is about, zero for issue
}

// prepare looks again at whether a drafted grant can still be given: as at filing,
// under the law of that day, with the points free and the grid able to carry it. A
// refusal needs nothing.
func prepare(tx *store.Tx, a models.Application) (g grant, err error) {
	if a.Decision.Outcome != models.OutcomeGrant {
		return g, nil
	}
	if g.filing, err = filingOf(tx, a); err != nil {
		return g, err
	}
	if !a.IsPinned() {
		g.filing.Fee = a.FeePaid // it was checked at filing, at the value of that day
	}
	if err := g.filing.Check(a); err != nil {
		return g, inTheWay(a, err)
	}
	sites := askedSites(a)
	if g.filing.Base != nil {
		g.base = *g.filing.Base
		if len(sites) == 0 && a.Kind == models.ApplicationRenewal {
			sites = g.base.Sites
		}
	}
	if err := pointsAreFree(tx, sites, g.base.Number); err != nil || len(sites) == 0 || a.SubType != models.SubTypeI {
		return g, err
	}
	limits, err := tx.GridLimits(licensedCodes(models.License{Sites: sites}), g.base.Number)
	if err != nil {
		return g, err
	}
	if err := limits.Approve(sites); err != nil {
		return g, inTheWay(a, err)
	}
	return g, nil
}

// inTheWay says by field why an application can no longer be granted.
func inTheWay(a models.Application, err error) error {
	var invalid *models.Error
	if !errors.As(err, &invalid) || invalid.Code != models.CodeInvalid {
		return err
	}
	return &models.Error{Code: models.CodeConflict, Fields: invalid.Fields,
		Detail: "Application " + a.Number + " can no longer be granted. Ask for a correction, or refuse."}
}

// askedSites gives the sites of an application as a license has them.
func askedSites(a models.Application) []models.LicensedSite {
	out := make([]models.LicensedSite, 0, len(a.Sites))
	for _, s := range a.Sites {
		out = append(out, models.LicensedSite{Site: s.Site, SiteCode: s.SiteCode, ConnectionPoints: s.ConnectionPoints, Approved: s.Approved})
	}
	return out
}

func pointsAreFree(tx *store.Tx, sites []models.LicensedSite, base string) error {
	for _, site := range sites {
		for _, code := range site.ConnectionPoints {
			holder, err := tx.PointHolder(code)
			if err != nil {
				return err
			}
			if holder != "" && holder != base {
				return models.Errorf(models.CodeConflict, "Connection point %s is held by license %s, which is in force. One point has one license.", code, holder)
			}
		}
	}
	return nil
}

// apply gives a signed grant its effect and gives the license it left.
func (g grant) apply(tx *store.Tx, actor models.Actor, a models.Application) (models.License, error) {
	switch a.Kind {
	case models.ApplicationIssue:
		return g.issue(tx, actor, a)
	case models.ApplicationReissue:
		return g.reissue(tx, actor, a)
	case models.ApplicationAppendixChange:
		l, err := g.base.ChangeAppendices(a, tx.Now)
		return g.change(tx, actor, l, "license.appendix_changed", err)
	case models.ApplicationRenewal:
		years, err := yearsOf(tx, a)
		if err != nil {
			return models.License{}, err
		}
		l, err := g.base.Renew(a, years, tx.Now)
		return g.change(tx, actor, l, "license.renewed", err)
	case models.ApplicationTermination:
		l, err := g.base.TerminateOnWish(a, tx.Now)
		return g.change(tx, actor, l, "license.terminated", err)
	case models.ApplicationDuplicate:
		return g.base, fact(tx, actor, "license.duplicate_issued", models.Ref{Kind: "license", ID: g.base.Number}, g.base.Version,
			map[string]any{"number": g.base.Number, "application": a.Number, "reason": a.Reason, "order": a.Decision.Order})
	}
	return models.License{}, models.Errorf(models.CodeConflict, "An application of kind %q has no effect.", a.Kind)
}

func (g grant) issue(tx *store.Tx, actor models.Actor, a models.Application) (models.License, error) {
	given, err := grantOf(tx, a, g.filing.Applicant)
	if err != nil {
		return models.License{}, err
	}
	if a.Host != "" {
		a.Host = g.filing.Host.Number // whatever stands in the place of the number that was named
	}
	l, err := models.IssueLicense(a, given, tx.Now)
	if err != nil {
		return models.License{}, err
	}
	if err := tx.InsertLicense(l); err != nil {
		return models.License{}, err
	}
	return l, licenseFacts(tx, actor, "license.issued", l, nil)
}

// reissue puts a new number in the place of the base license. Both versions are of one
// instant, so the points are never free in between.
func (g grant) reissue(tx *store.Tx, actor models.Actor, a models.Application) (models.License, error) {
	given, err := grantOf(tx, a, g.filing.Applicant)
	if err != nil {
		return models.License{}, err
	}
	last, first, err := g.base.Reissue(a, given, tx.Now)
	if err != nil {
		return models.License{}, err
	}
	if err := tx.InsertLicense(last); err != nil {
		return models.License{}, err
	}
	if err := tx.InsertLicense(first); err != nil {
		return models.License{}, err
	}
	if err := tx.InsertSuccessor(last.Number, first.Number, a.ID); err != nil {
		return models.License{}, err
	}
	if first.Holder != last.Holder {
		sites := make([]string, 0, len(first.Sites))
		for _, s := range first.Sites {
			sites = append(sites, s.Site)
		}
		if err := tx.HandOver(first.Number, sites, first.Holder); err != nil {
			return models.License{}, err
		}
	}
	if err := licenseFacts(tx, actor, "license.superseded", last, map[string]any{"superseded_by": first.Number}); err != nil {
		return models.License{}, err
	}
	if err := licenseFacts(tx, actor, "license.reissued", first, map[string]any{"supersedes": last.Number, "reason": a.Reason, "first_issued": first.FirstIssued}); err != nil {
		return models.License{}, err
	}
	return first, droppedFacts(tx, actor, last, first)
}

// change writes the next version of the base license.
func (g grant) change(tx *store.Tx, actor models.Actor, l models.License, kind string, err error) (models.License, error) {
	if err != nil {
		return models.License{}, err
	}
	if err := tx.InsertLicense(l); err != nil {
		return models.License{}, err
	}
	if err := licenseFacts(tx, actor, kind, l, nil); err != nil {
		return models.License{}, err
	}
	return l, droppedFacts(tx, actor, g.base, l)
}

// droppedFacts tells the register, and each utility whose points they are, that
// connection points are on the license no more.
func droppedFacts(tx *store.Tx, actor models.Actor, before, after models.License) error {
	dropped := models.Dropped(before, after)
	if len(dropped) == 0 {
		return nil
	}
	const kind = "license.points_dropped"
	subject := models.Ref{Kind: "license", ID: before.Number}
	body := map[string]any{"number": before.Number, "version": after.Version, "connection_points": dropped, "effective_at": after.EffectiveAt}
	if err := fact(tx, actor, kind, subject, after.Version, body); err != nil {
		return err
	}
	utilities, err := tx.PointsByUtility(dropped)
	if err != nil {
		return err
	}
	for utility, points := range utilities {
		seen := map[string]any{"number": before.Number, "version": after.Version, "connection_points": points, "effective_at": after.EffectiveAt}
		if _, err := tx.Append(models.Entry{Kind: kind, Subject: subject, SubjectVersion: after.Version, Actor: actor, Utility: utility, Body: seen}); err != nil {
			return err
		}
	}
	return nil
}

// yearsOf is the term of a license under the law of the filing.
func yearsOf(tx *store.Tx, a models.Application) (int, error) {
	date := models.LegalDate(tx.Now)
	if a.IsPinned() {
		date = a.Pinned.Date
	}
	years, err := tx.LegalValue(models.ValueLicenseYears, date)
	return int(years.Value), err
}

func grantOf(tx *store.Tx, a models.Application, holder models.Party) (models.Grant, error) {
	series, n, err := tx.NextNumber("license")
	if err != nil {
		return models.Grant{}, err
	}
	number, err := models.NewLicenseNumber(series, n)
	if err != nil {
		return models.Grant{}, err
	}
	years, err := yearsOf(tx, a)
	if err != nil {
		return models.Grant{}, err
	}
	code, err := verificationCode()
	return models.Grant{Number: number, Verification: code, Years: years, Holder: holder}, err
}

// Succession tells which number a license took the place of and which took its own,
// at re-issues. The caller was allowed to read the license.
func (s *Service) Succession(ctx context.Context, number string) (out store.Succession, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		all, err := tx.Successions([]string{number})
		out = all[number]
		return err
	})
	return out, err
}

package licensing

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// licenseFacts leaves one entry for the register, and one for each utility that
// owns a connection point of the license so that its feed shows it. Drafts that were
// made on an earlier version become void, and tenants are told what became of their
// host.
func licenseFacts(tx *store.Tx, actor models.Actor, kind string, l models.License, more map[string]any) error {
	if err := licenseFact(tx, actor, kind, l, more); err != nil {
		return err
	}
	if err := voidActs(tx, actor, l); err != nil {
		return err
	}
	return hostFacts(tx, actor, l)
}

// licenseFact leaves the entries of one version alone.
func licenseFact(tx *store.Tx, actor models.Actor, kind string, l models.License, more map[string]any) error {
	body := map[string]any{"number": l.Number, "version": l.Version, "state": l.State, "sub_type": l.SubType, "holder": l.Holder,
		"approved_w": l.Approved, "valid_until": l.ValidUntil, "effective_at": l.EffectiveAt, "order": l.Order}
	if l.Ground != "" {
		body["ground"] = l.Ground
	}
	if l.Host != "" {
		body["host"] = l.Host
	}
	if l.Suspension != nil {
		body["months"], body["suspended_until"] = l.Suspension.Months, l.Suspension.Until
	}
	if l.Corrects > 0 {
		body["corrects"], body["recorded_at"] = l.Corrects, l.RecordedAt
	}
	for k, v := range more {
		body[k] = v
	}
	tenants, err := tx.TenantsOf(l.Number)
	if err != nil {
		return err
	}
	if len(tenants) > 0 {
		body["tenants"] = tenants
	}
	subject := models.Ref{Kind: "license", ID: l.Number}
	if err := fact(tx, actor, kind, subject, l.Version, body); err != nil {
		return err
	}
	utilities, err := tx.PointsByUtility(licensedCodes(l))
	if err != nil {
		return err
	}
	for utility, points := range utilities {
		seen := map[string]any{"number": l.Number, "version": l.Version, "state": l.State, "connection_points": points,
			"valid_until": l.ValidUntil, "effective_at": l.EffectiveAt}
		if l.Suspension != nil {
			seen["suspended_until"] = l.Suspension.Until
		}
		if _, err := tx.Append(models.Entry{Kind: kind, Subject: subject, SubjectVersion: l.Version, Actor: actor, Utility: utility, Body: seen}); err != nil {
			return err
		}
	}
	return nil
}

// licensedCodes gives the codes of the connection points of a license.
func licensedCodes(l models.License) []string {
	var codes []string
	for _, s := range l.Sites {
		codes = append(codes, s.ConnectionPoints...)
	}
	return codes
}

// hostFacts tells the tenants of a license whose version took the right to host
// them, or gave it back: one entry for each tenant, and one for each utility of the
// points that the tenant draws from.
func hostFacts(tx *store.Tx, actor models.Actor, host models.License) error {
	if host.Version < 2 || host.Corrects > 0 || host.State == models.LicenseSuperseded {
		return nil
	}
	tenants, err := tx.TenantsOf(host.Number)
	if err != nil || len(tenants) == 0 {
		return err
	}
	versions, err := tx.LicenseVersions(host.Number)
	if err != nil {
		return err
	}
	before := versions[host.Version-2]
	is := host.State == models.LicenseActive
	if before.State == host.State {
		return nil
	}
	kind := "license.host_suspended"
	if is {
		kind = "license.host_resumed"
	}
	for _, number := range tenants {
		tenant, err := tx.License(number, time.Time{})
		if err != nil {
			return err
		}
		if err := hostFact(tx, actor, kind, host, tenant); err != nil {
			return err
		}
	}
	return nil
}

func hostFact(tx *store.Tx, actor models.Actor, kind string, host, tenant models.License) error {
	subject, points := models.Ref{Kind: "license", ID: tenant.Number}, feedOf(host, tenant)
	body := func() map[string]any {
		return map[string]any{"number": tenant.Number, "host": host.Number, "host_version": host.Version, "host_state": host.State,
			"ground": host.Ground, "since": host.EffectiveAt}
	}
	if err := fact(tx, actor, kind, subject, tenant.Version, body()); err != nil {
		return err
	}
	utilities, err := tx.PointsByUtility(points)
	if err != nil {
		return err
	}
	for utility, codes := range utilities {
		seen := body()
		seen["connection_points"] = codes
		if _, err := tx.Append(models.Entry{Kind: kind, Subject: subject, SubjectVersion: tenant.Version, Actor: actor, Utility: utility, Body: seen}); err != nil {
			return err
		}
	}
	return nil
}

// feedOf gives the connection points from which a tenant's rigs draw: its own, were
// there any, and those of the host's appendices for the sites of the tenant.
func feedOf(host, tenant models.License) []string {
	codes := licensedCodes(tenant)
	for _, t := range tenant.Sites {
		for _, h := range host.Sites {
			if h.Site == t.Site {
				codes = append(codes, h.ConnectionPoints...)
			}
		}
	}
	return codes
}

// License gives a license as it was at an instant; the zero instant is now. An
// applicant sees its own.
func (s *Service) License(ctx context.Context, actor models.Actor, number string, asAt time.Time) (models.License, error) {
	return s.LicenseKnown(ctx, actor, number, asAt, time.Time{})
}

// LicenseKnown gives a license as it was at an instant, as the registry knew it at
// another; a zero instant is now (see models.LicenseAt). An applicant sees its own.
func (s *Service) LicenseKnown(ctx context.Context, actor models.Actor, number string, asAt, known time.Time) (l models.License, err error) {
	err = s.view(ctx, actor, models.ActLicenseRead, func(tx *store.Tx) error {
		at := asAt
		if at.IsZero() {
			at = tx.Now
		}
		key := models.NormalizeIdentifier(number)
		if l, err = tx.LicenseKnown(key, at, known); err != nil {
			return err
		}
		l.State = l.StateAt(at)
		return models.Reach(actor, models.ActLicenseRead, models.Scope{Party: l.Holder}, "license", key)
	})
	if err != nil {
		return models.License{}, err
	}
	return l, nil
}

// LicenseVersions gives every version of a license, the first one first.
func (s *Service) LicenseVersions(ctx context.Context, actor models.Actor, number string) (out []models.License, err error) {
	err = s.view(ctx, actor, models.ActLicenseRead, func(tx *store.Tx) error {
		key := models.NormalizeIdentifier(number)
		if out, err = tx.LicenseVersions(key); err != nil {
			return err
		}
		return models.Reach(actor, models.ActLicenseRead, models.Scope{Party: out[0].Holder}, "license", key)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Licenses lists licenses as they are, or were at f.AsAt as known at f.KnownAt, and
// gives the cursor of the next page. An applicant sees its own.
func (s *Service) Licenses(ctx context.Context, actor models.Actor, f store.LicenseFilter, page store.Page) (out []models.License, cursor string, err error) {
	err = s.view(ctx, actor, models.ActLicenseRead, func(tx *store.Tx) error {
		if own := ownParty(actor, models.ActLicenseRead); own != "" {
			f.Holder = own
		}
		out, err = tx.Licenses(f, page)
		asTheyStood(tx, out, f.AsAt)
		return err
	})
	return out, next(out, page, func(l models.License) string { return l.Number }), err
}

func asTheyStood(tx *store.Tx, list []models.License, at time.Time) {
	if at.IsZero() {
		at = tx.Now
	}
	for i := range list {
		list[i].State = list[i].StateAt(at)
	}
}

// Host is what became of the license of a data centre that hosts others.
type Host struct {
	State  models.LicenseState
	Since  time.Time // from when it is in that state
	Ground string    // code of the ground it came into it on, ""
}

// HostStates gives the states of the hosts of licenses of sub-type II, by the
// host's number, as at an instant; the zero instant is now.
func (s *Service) HostStates(ctx context.Context, licenses []models.License, asAt time.Time) (map[string]Host, error) {
	out := map[string]Host{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		at := asAt
		if at.IsZero() {
			at = tx.Now
		}
		for _, l := range licenses {
			if _, seen := out[l.Host]; seen || l.Host == "" {
				continue
			}
			number, err := tx.InPlaceOf(l.Host, at)
			if err != nil {
				return err
			}
			host, err := tx.License(number, at)
			if err != nil {
				return err
			}
			h := Host{State: host.StateAt(at), Since: host.EffectiveAt, Ground: host.Ground}
			switch {
			case h.State != host.State: // the end of the term is not recorded yet
				h.Since, h.Ground = host.ValidUntil, ""
			case host.Suspension != nil: // an extension or a correction began later
				h.Since = host.Suspension.From
			}
			out[l.Host] = h
		}
		return nil
	})
	return out, err
}

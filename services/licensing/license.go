package licensing

import (
	"context"
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Order is an order about a license: suspend, lift, revoke or terminate it.
type Order struct {
	Version int64  // of the license it is based on, or AnyVersion
	Ground  string // code of the catalogue
	Months  int    // of a suspension, 1 to 6
	Note    string
}

// transition is one kind of order: what it needs and what it makes of a license.
type transition struct {
	action models.Action
	ground models.GroundKind
	kind   string
	step   func(l models.License, act models.Act, at time.Time) (models.License, error)
}

// Suspend suspends an active license for 1 to 6 months. It does not end by itself.
func (s *Service) Suspend(ctx context.Context, actor models.Actor, number string, o Order) (models.License, error) {
	return s.order(ctx, actor, number, o, transition{models.ActLicenseSuspend, models.GroundSuspend, "license.suspended",
		func(l models.License, act models.Act, at time.Time) (models.License, error) {
			return l.Suspend(act, o.Months, at)
		}})
}

// Lift ends a suspension.
func (s *Service) Lift(ctx context.Context, actor models.Actor, number string, o Order) (models.License, error) {
	return s.order(ctx, actor, number, o, transition{models.ActLicenseLift, models.GroundLift, "license.lifted", models.License.Lift})
}

// Revoke takes a license away. It is final.
func (s *Service) Revoke(ctx context.Context, actor models.Actor, number string, o Order) (models.License, error) {
	return s.order(ctx, actor, number, o, transition{models.ActLicenseRevoke, models.GroundRevoke, "license.revoked", models.License.Revoke})
}

// Terminate ends a license on a ground that is no breach. It is final.
func (s *Service) Terminate(ctx context.Context, actor models.Actor, number string, o Order) (models.License, error) {
	return s.order(ctx, actor, number, o, transition{models.ActLicenseRevoke, models.GroundTerminate, "license.terminated", models.License.Terminate})
}

func (s *Service) order(ctx context.Context, actor models.Actor, number string, o Order, t transition) (out models.License, err error) {
	err = s.update(ctx, actor, t.action, func(tx *store.Tx) error {
		l, err := tx.License(models.NormalizeIdentifier(number), time.Time{})
		if err != nil {
			return err
		}
		if err := sameVersion(o.Version, l.Version); err != nil {
			return err
		}
		act := models.Act{Ground: o.Ground, Note: o.Note, Signer: actor.ID}
		if _, err := t.step(l, act, tx.Now); err != nil { // before an order takes its number
			return err
		}
		if err := knownGround(tx, t.ground, o.Ground, "/ground"); err != nil {
			return err
		}
		series, n, err := tx.NextNumber("order")
		if err != nil {
			return err
		}
		act.Order = fmt.Sprintf("%s-%s-%05d", series, models.LegalDate(tx.Now)[:4], n)
		if out, err = t.step(l, act, tx.Now); err != nil {
			return err
		}
		if err := tx.InsertLicense(out); err != nil {
			return err
		}
		return licenseFacts(tx, actor, t.kind, out, nil)
	})
	if err != nil {
		return models.License{}, err
	}
	return out, nil
}

// licenseFacts leaves one entry for the register, and one for each utility that
// owns a connection point of the license so that its feed shows it.
func licenseFacts(tx *store.Tx, actor models.Actor, kind string, l models.License, more map[string]any) error {
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
	var codes []string
	for _, s := range l.Sites {
		codes = append(codes, s.ConnectionPoints...)
	}
	utilities, err := tx.PointsByUtility(codes)
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

// License gives a license as it was at an instant; the zero instant is now. An
// applicant sees its own.
func (s *Service) License(ctx context.Context, actor models.Actor, number string, asAt time.Time) (l models.License, err error) {
	err = s.view(ctx, actor, models.ActLicenseRead, func(tx *store.Tx) error {
		at := asAt
		if at.IsZero() {
			at = tx.Now
		}
		key := models.NormalizeIdentifier(number)
		if l, err = tx.License(key, at); err != nil {
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

// Licenses lists licenses as they are, or were at f.AsAt, and gives the cursor of
// the next page. An applicant sees its own.
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

// HostStates gives the states of the hosts of licenses of sub-type II, by the
// host's number, as at an instant; the zero instant is now.
func (s *Service) HostStates(ctx context.Context, licenses []models.License, asAt time.Time) (map[string]models.LicenseState, error) {
	out := map[string]models.LicenseState{}
	err := s.store.View(ctx, func(tx *store.Tx) error {
		at := asAt
		if at.IsZero() {
			at = tx.Now
		}
		for _, l := range licenses {
			if _, seen := out[l.Host]; seen || l.Host == "" {
				continue
			}
			host, err := tx.License(l.Host, at)
			if err != nil {
				return err
			}
			out[l.Host] = host.StateAt(at)
		}
		return nil
	})
	return out, err
}

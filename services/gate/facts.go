package gate

import (
	"fmt"
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// factLoader reads the facts of one check in one transaction. It is the only
// place that knows where facts come from.
type factLoader struct {
	tx     *store.Tx
	lock   func(substation, feeder, license, point string) error // nil in a View
	except string                                                // a check whose own permit does not count as load
	seen   freshness
}

// load reads everything the rules look at. What belongs to another utility is not
// there, exactly like what does not exist.
func (l factLoader) load(utility string, r models.CheckRequest) (models.Facts, error) {
	f := models.Facts{Utility: utility, Revision: l.seen.revision, Waiting: l.seen.waiting, Behind: l.seen.behind}
	point, err := l.tx.ConnectionPoint(r.ConnectionPoint)
	known := err == nil && point.Utility == utility && point.Code == r.ConnectionPoint
	if err != nil && models.CodeOf(err) != models.CodeNotFound {
		return f, err
	}
	var on []store.LicensedPoint
	if known {
		if on, err = l.tx.LicensedPoints(point.Code); err != nil {
			return f, err
		}
	}
	license := r.License
	for _, lp := range on {
		f.EverMining = true
		if lp.InForce == 1 {
			f.ClaimedBy = lp.License
			if license == "" && r.Purpose == models.PurposeMining {
				license = lp.License
			}
		}
	}
	if l.lock != nil && known {
		if err := l.lock(point.Substation, point.Feeder, license, point.ID); err != nil {
			return f, err
		}
	}
	if err := l.holder(&f, r); err != nil {
		return f, err
	}
	if err := l.license(&f, license, on); err != nil {
		return f, err
	}
	if !known {
		return f, nil
	}
	if err := l.point(&f, point); err != nil {
		return f, err
	}
	return f, l.standing(&f, r, point, license)
}

func (l factLoader) holder(f *models.Facts, r models.CheckRequest) error {
	state, found, err := l.tx.PartyState(r.Applicant)
	if err != nil {
		return err
	}
	if found {
		f.Holder = &models.HolderFacts{Bin: r.Applicant, State: state}
	}
	f.Pending, err = l.tx.ApplicationPending(r.Applicant)
	return err
}

func (l factLoader) license(f *models.Facts, number string, on []store.LicensedPoint) error {
	if number == "" {
		return nil
	}
	found, ok, err := l.tx.GateLicense(number)
	if err != nil || !ok {
		return err
	}
	license := licenseFacts(found)
	if at := slices.IndexFunc(on, func(p store.LicensedPoint) bool { return p.License == number }); at >= 0 {
		license.Covers, license.SiteApproved = true, models.Watts(on[at].Approved)
		if license.SiteLoad, err = l.tx.LicenseLoad(number, on[at].Appendix, l.except); err != nil {
			return err
		}
		if license.Load, err = l.tx.LicenseLoad(number, "", l.except); err != nil {
			return err
		}
		if f.Equipment, err = l.tx.RegisteredRigs(number, on[at].Site); err != nil {
			return err
		}
	}
	f.License = &license
	if err := l.overdue(f, number); err != nil {
		return err
	}
	if found.Host == "" {
		return nil
	}
	host, ok, err := l.tx.HostOf(found.Host)
	if err == nil && ok {
		h := licenseFacts(host)
		f.Host = &h
	}
	return err
}

func licenseFacts(l store.GateLicense) models.LicenseFacts {
	return models.LicenseFacts{Number: l.Number, Version: l.Version, SubType: l.SubType, State: l.State, HolderBin: l.HolderBin,
		HostNumber: l.Host, ValidFrom: l.ValidFrom, ValidUntil: l.ValidUntil, Approved: l.Approved}
}

func (l factLoader) point(f *models.Facts, p models.ConnectionPoint) error {
	feeder, err := l.tx.Feeder(p.Feeder)
	if err != nil {
		return fmt.Errorf("feeder of %s: %w", p.Code, err)
	}
	substation, err := l.tx.Substation(feeder.Substation)
	if err != nil {
		return fmt.Errorf("substation of %s: %w", p.Code, err)
	}
	facts := models.PointFacts{
		ID: p.ID, Code: p.Code, State: string(p.State), Site: p.Site, DeclaredUse: p.DeclaredUse, ConsumerBin: p.ConsumerBin,
		Permitted: p.Permitted, Energised: p.Energised, Technical: p.Technical, Act: p.Act,
		SupplyNumber: p.SupplyNumber, SupplyUntil: p.SupplyUntil, Automation: p.Automation,
		FeederID: feeder.ID, FeederCode: feeder.Code, SubstationID: substation.ID,
		FeederLimit: feeder.Limit, SubstationLimit: substation.Limit,
	}
	if facts.Reserved, err = l.tx.HeldAt(p.ID, l.except); err != nil {
		return err
	}
	if facts.FeederLoad, err = l.tx.FeederLoad(feeder.ID, l.except); err != nil {
		return err
	}
	if facts.SubstationLoad, err = l.tx.SubstationLoad(substation.ID, l.except); err != nil {
		return err
	}
	f.Point = &facts
	f.Meters, err = l.tx.RevenueMeters(p.ID, p.Code)
	return err
}

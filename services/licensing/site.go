package licensing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// RegisterSite adds a site. The owner may be given by id, BIN or IIN; a code that
// is not given is made.
func (s *Service) RegisterSite(ctx context.Context, actor models.Actor, site models.Site) (models.Site, error) {
	given := site
	err := s.update(ctx, actor, models.ActSiteWrite, func(tx *store.Tx) error {
		site = given
		site.ID, site.Version, site.Created, site.Updated = tx.NewID(), 1, tx.Now, tx.Now
		site.Code = strings.TrimSpace(site.Code)
		site.Region = site.Kato[:min(2, len(site.Kato))]
		site.ConnectionCode = slices.Compact(slices.Sorted(slices.Values(site.ConnectionCode)))
		if err := site.Check(); err != nil {
			return err
		}
		owner, err := tx.LivingParty(site.Owner)
		if err == nil {
			err = models.Can(actor, models.ActSiteWrite, models.Scope{Party: owner.ID})
		}
		if err != nil {
			return unknownField("/owner", "There is no such party.", err)
		}
		site.Owner = owner.ID
		if err := pointsOfGrid(tx, actor, site); err != nil {
			return err
		}
		if site.Code == "" {
			series, n, err := tx.NextNumber("site")
			if err != nil {
				return err
			}
			site.Code = fmt.Sprintf("%s-%05d", series, n)
		}
		if err := tx.InsertSite(site); err != nil {
			return err
		}
		return fact(tx, actor, "site.registered", models.Ref{Kind: "site", ID: site.ID}, 1, siteBody(site))
	})
	return site, err
}

func siteBody(s models.Site) map[string]any {
	return map[string]any{"code": s.Code, "owner": s.Owner, "kato": s.Kato, "grid_zone": s.GridZone, "host_capacity_w": s.HostCapacity, "connection_points": s.ConnectionCode}
}

// UpdateSite replaces what is said about a site that still has the version; its
// code and owner stay.
func (s *Service) UpdateSite(ctx context.Context, actor models.Actor, id string, version int64, with models.Site) (site models.Site, err error) {
	err = s.update(ctx, actor, models.ActSiteWrite, func(tx *store.Tx) error {
		if site, err = tx.Site(id); err != nil {
			return err
		}
		if err := models.Reach(actor, models.ActSiteWrite, models.Scope{Party: site.Owner}, "site", id); err != nil {
			return err
		}
		if err := sameVersion(version, site.Version); err != nil {
			return err
		}
		if err := siteIsFree(tx, actor, site); err != nil {
			return err
		}
		site.NameKk, site.NameRu, site.Address, site.Kato, site.GridZone = with.NameKk, with.NameRu, with.Address, with.Kato, with.GridZone
		site.HostCapacity, site.Region = with.HostCapacity, with.Kato[:min(2, len(with.Kato))]
		site.ConnectionCode = slices.Compact(slices.Sorted(slices.Values(with.ConnectionCode)))
		site.Version, site.Updated = site.Version+1, tx.Now
		if err := site.Check(); err != nil {
			return err
		}
		if err := pointsOfGrid(tx, actor, site); err != nil {
			return err
		}
		if err := tx.UpdateSite(site); err != nil {
			return err
		}
		return fact(tx, actor, "site.updated", models.Ref{Kind: "site", ID: site.ID}, site.Version, siteBody(site))
	})
	return site, err
}

// pointsOfGrid refuses an applicant's connection points that the grid register does
// not have. The office may enter a site before the utility enters its points; what is
// filed names points of the grid register either way.
func pointsOfGrid(tx *store.Tx, actor models.Actor, site models.Site) error {
	if ownParty(actor, models.ActSiteWrite) == "" {
		return nil
	}
	known, err := tx.PointLimits(site.ConnectionCode)
	if err != nil {
		return err
	}
	var v models.Invalid
	for i, code := range site.ConnectionCode {
		if _, ok := known[code]; !ok {
			v.Add(fmt.Sprintf("/connection_points/%d", i), "unknown", "Connection point %s is not in the grid register. Check the code, or ask the utility to enter it.", code)
		}
	}
	return v.Err()
}

// siteIsFree refuses an applicant's change of a site that a license in force names: what
// was approved there was approved for what the site is.
func siteIsFree(tx *store.Tx, actor models.Actor, site models.Site) error {
	if ownParty(actor, models.ActSiteWrite) == "" {
		return nil
	}
	on, err := tx.LicenseOnSite(site.ID)
	if err == nil && on != "" {
		err = models.Errorf(models.CodeConflict, "Site %s is on license %s. Ask for a change of the appendix, or ask the registry to correct the site.", site.Code, on)
	}
	return err
}

// Site gives a site by id or code. An applicant sees its own.
func (s *Service) Site(ctx context.Context, actor models.Actor, key string) (site models.Site, err error) {
	err = s.view(ctx, actor, models.ActSiteRead, func(tx *store.Tx) error {
		if site, err = tx.Site(key); err != nil {
			return err
		}
		return models.Reach(actor, models.ActSiteRead, models.Scope{Party: site.Owner}, "site", key)
	})
	if err != nil {
		return models.Site{}, err
	}
	return site, nil
}

// Sites lists sites and gives the cursor of the next page. An applicant sees its
// own.
func (s *Service) Sites(ctx context.Context, actor models.Actor, f store.SiteFilter, page store.Page) (out []models.Site, cursor string, err error) {
	err = s.view(ctx, actor, models.ActSiteRead, func(tx *store.Tx) error {
		if own := ownParty(actor, models.ActSiteRead); own != "" {
			f.Owner = own
		}
		out, err = tx.Sites(f, page)
		return err
	})
	return out, next(out, page, func(x models.Site) string { return x.ID }), err
}

// unknownField turns what was not found into an error of the field that names it.
func unknownField(pointer, detail string, err error) error {
	if models.CodeOf(err) != models.CodeNotFound {
		return err
	}
	var v models.Invalid
	v.Add(pointer, "unknown", "%s", detail)
	return v.Err()
}

package licensing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// PublicLicense is what anybody may see of a license: no personal data. A holder
// who is a person has neither name nor number here.
type PublicLicense struct {
	Number       string
	Version      int64
	SubType      models.SubType
	State        models.LicenseState
	HolderKind   models.PartyKind
	HolderNameKk string
	HolderNameRu string
	HolderBin    string
	Approved     models.Watts
	Regions      []string // two digits of KATO each
	FirstIssued  string   // legal date
	Issued       string   // legal date
	ValidUntil   time.Time
	// SuspendedUntil is the end of the term of the suspension it is under, zero
	// otherwise.
	SuspendedUntil time.Time
	Verification   string
	CheckedAt      time.Time
}

// Public gives a license by its number or by the code of its public page. It
// needs no sign-in.
func (s *Service) Public(ctx context.Context, key string) (out PublicLicense, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		l, err := tx.License(models.NormalizeIdentifier(key), tx.Now)
		if models.CodeOf(err) == models.CodeNotFound {
			l, err = tx.LicenseByVerification(normalizeCode(key))
		}
		if err != nil {
			return err
		}
		shown, err := public(tx, []models.License{l})
		if err != nil {
			return err
		}
		out = shown[0]
		return nil
	})
	return out, err
}

// PublicFilter narrows the public register; "" does not narrow.
type PublicFilter struct {
	Query  string
	State  string // active, suspended, revoked, expired, terminated
	Region string // two digits of KATO
}

// PublicRegister lists the public register by words of a legal entity's name, the
// beginning of its BIN or of a license number, or the code of one of its connection
// points, and gives the cursor of the next page. People are found by the license
// number only, and no cursor tells of a find that is not shown. It needs no sign-in.
func (s *Service) PublicRegister(ctx context.Context, f PublicFilter, page store.Page) (out []PublicLicense, cursor string, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		found, err := tx.Licenses(store.LicenseFilter{Query: f.Query, State: f.State, Region: f.Region, NoPeople: true}, page)
		if err != nil {
			return err
		}
		cursor = next(found, page, func(l models.License) string { return l.Number })
		out, err = public(tx, found)
		return err
	})
	return out, cursor, err
}

// public gives licenses as they stand now without personal data, with the same
// two queries for any number of them.
func public(tx *store.Tx, licenses []models.License) ([]PublicLicense, error) {
	var bins, places []string
	for _, l := range licenses {
		bins = append(bins, l.HolderBin)
		for _, s := range l.Sites {
			places = append(places, s.Site)
		}
	}
	holders, err := tx.PartiesByBin(distinct(bins))
	if err != nil {
		return nil, err
	}
	sites, err := tx.SitesByKey(distinct(places))
	if err != nil {
		return nil, err
	}
	regions := map[string]string{}
	for _, s := range sites {
		regions[s.ID] = s.Region
	}
	out := make([]PublicLicense, 0, len(licenses))
	for _, l := range licenses {
		holder, ok := holders[l.HolderBin]
		if !ok {
			return nil, fmt.Errorf("license %s: its holder is not in the register", l.Number)
		}
		p := PublicLicense{Number: l.Number, Version: l.Version, SubType: l.SubType, State: l.StateAt(tx.Now), HolderKind: holder.Kind,
			Approved: l.Approved, FirstIssued: l.FirstIssued, Issued: l.Issued, ValidUntil: l.ValidUntil, Verification: l.Verification, CheckedAt: tx.Now}
		if p.State == models.LicenseSuspended && l.Suspension != nil {
			p.SuspendedUntil = l.Suspension.Until
		}
		if !holder.NaturalPerson() {
			p.HolderNameKk, p.HolderNameRu, p.HolderBin = holder.NameKk, holder.NameRu, l.HolderBin
		}
		for _, s := range l.Sites {
			if region := regions[s.Site]; region != "" {
				p.Regions = append(p.Regions, region)
			}
		}
		slices.Sort(p.Regions)
		p.Regions = slices.Compact(p.Regions)
		out = append(out, p)
	}
	return out, nil
}

package licensing

import (
	"context"
	"slices"

	"rigistry/models"
	"rigistry/services/store"
)

// PublicVersion is a version of a license as anybody may see it, with both of its
// times. A holder who is a person has neither name nor number here, and what an
// officer noted is not here at all.
type PublicVersion struct {
	models.License
	HolderName string
	HolderBin  string
	Regions    []string // two digits of KATO each
	// Entry is the index of the ledger's first entry about the version, -1 while it is
	// not sealed.
	Entry int64
}

// historyPage is how many licenses a piece of the public history holds.
const historyPage = 1000

// PublicHistory gives every version of the licenses after a number, piece by piece,
// and the number to go on from, "" at the end. It needs no sign-in. Pieces of one
// moment of the context fit together.
func (s *Service) PublicHistory(ctx context.Context, after string) (out []PublicVersion, next string, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		found, err := tx.LicenseHistory(after, historyPage)
		if err != nil {
			return err
		}
		if out, err = publicVersions(tx, found); err != nil {
			return err
		}
		next = ""
		if n := len(found); n > 0 {
			next = found[n-1].Number
		}
		return nil
	})
	return out, next, err
}

// PublicVersions gives every version of a license by its number or by the code of
// its public page, the first one first. It needs no sign-in.
func (s *Service) PublicVersions(ctx context.Context, key string) (out []PublicVersion, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		l, err := tx.License(models.NormalizeIdentifier(key), tx.Now)
		if models.CodeOf(err) == models.CodeNotFound {
			l, err = tx.LicenseByVerification(normalizeCode(key))
		}
		if err != nil {
			return err
		}
		versions, err := tx.LicenseVersions(l.Number)
		if err != nil {
			return err
		}
		out, err = publicVersions(tx, versions)
		return err
	})
	return out, err
}

// publicVersions leaves personal data out, with the same three queries for any
// number of versions.
func publicVersions(tx *store.Tx, versions []models.License) ([]PublicVersion, error) {
	var numbers, holders, places []string
	for _, l := range versions {
		numbers, holders = append(numbers, l.Number), append(holders, l.HolderBin)
		for _, site := range l.Sites {
			places = append(places, site.Site)
		}
	}
	parties, err := tx.PartiesByBin(distinct(holders))
	if err != nil {
		return nil, err
	}
	sites, err := tx.SitesByKey(distinct(places))
	if err != nil {
		return nil, err
	}
	regions := map[string]string{}
	for _, site := range sites {
		regions[site.ID] = site.Region
	}
	entries, err := tx.LicenseEntries(distinct(numbers))
	if err != nil {
		return nil, err
	}
	out := make([]PublicVersion, 0, len(versions))
	for _, l := range versions {
		v := PublicVersion{License: l, Entry: -1}
		// Who is not in the register any more by this number is taken for a person.
		if p, known := parties[l.HolderBin]; known && !p.NaturalPerson() {
			v.HolderName, v.HolderBin = l.HolderName, l.HolderBin
		}
		for _, site := range l.Sites {
			if region := regions[site.Site]; region != "" {
				v.Regions = append(v.Regions, region)
			}
		}
		slices.Sort(v.Regions)
		v.Regions = slices.Compact(v.Regions)
		if index, sealed := entries[store.VersionKey{Number: l.Number, Version: l.Version}]; sealed {
			v.Entry = index
		}
		out = append(out, v)
	}
	return out, nil
}

package enforcement

import (
	"rigistry/models"
	"rigistry/services/store"
)

// placeNames gives the names of the site and of the party of an inspection, empty where
// it has none.
func placeNames(tx *store.Tx, i models.Inspection) (site, party models.Text, err error) {
	if i.Site != "" {
		found, err := tx.Site(i.Site)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return site, party, err
		}
		site = models.Named(found.NameKk, found.NameRu)
	}
	if i.Party != "" {
		found, err := tx.Party(i.Party)
		if err != nil && models.CodeOf(err) != models.CodeNotFound {
			return site, party, err
		}
		party = models.Named(found.NameKk, found.NameRu)
	}
	return site, party, nil
}

// regionOf gives the region of the substation that a connection hangs on, "" for none: the
// place of a visit where no site is registered.
func regionOf(tx *store.Tx, p models.ConnectionPoint) (string, error) {
	found, err := tx.Substation(p.Substation)
	if models.CodeOf(err) == models.CodeNotFound || err == nil && len(found.Kato) < 2 {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return found.Kato[:2], nil
}

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

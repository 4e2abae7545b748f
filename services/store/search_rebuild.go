package store

import (
	"context"
	"errors"
	"fmt"

	"rigistry/models"
)

// spellingVersion counts the changes of what is indexed and how it is spelled.
// Raise it with models.SearchTerms or with the terms of a kind.
const spellingVersion = 2

// rebuildBatch is how many things are indexed at once.
const rebuildBatch = 1000

// RebuildSearch makes the index of search anew when it is of another version of
// the spelling, or when it was never made. It tells whether it did.
func (s *Store) RebuildSearch(ctx context.Context) (rebuilt bool, err error) {
	err = s.Update(ctx, func(tx *Tx) error {
		known, err := many[int64](tx, "SELECT version FROM search_index")
		if err != nil {
			return err
		}
		if rebuilt = len(known) != 1 || known[0] != spellingVersion; !rebuilt {
			return nil
		}
		for _, query := range []string{"DELETE FROM search_terms", "DELETE FROM search_index"} {
			if _, err := exec(tx, query); err != nil {
				return err
			}
		}
		if err := tx.indexEverything(); err != nil {
			return err
		}
		_, err = exec(tx, "INSERT INTO search_index (version) VALUES (?)", spellingVersion)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("make the index of search: %w", err)
	}
	return rebuilt, nil
}

func (tx *Tx) indexEverything() error {
	return errors.Join(
		indexTable(tx, "SELECT * FROM parties WHERE id > ? ORDER BY id LIMIT ?",
			func(r partyRow) (string, indexed) { return r.ID, partyTerms(r.party()) }),
		indexTable(tx, "SELECT * FROM sites WHERE id > ? ORDER BY id LIMIT ?", func(r siteRow) (string, indexed) {
			return r.ID, siteTerms(models.Site{ID: r.ID, Code: r.Code, Owner: r.Owner, NameKk: r.NameKk, NameRu: r.NameRu, Address: r.Address})
		}),
		indexTable(tx, `SELECT a.id, a.number, a.applicant, a.applicant_bin, p.name_kk, p.name_ru FROM applications a
			JOIN parties p ON p.id = a.applicant WHERE a.id > ? ORDER BY a.id LIMIT ?`, func(r applicantRow) (string, indexed) {
			return r.ID, applicationTerms(models.Application{ID: r.ID, Number: r.Number, Applicant: r.Applicant, ApplicantBin: r.ApplicantBin},
				models.Party{NameKk: r.NameKk, NameRu: r.NameRu})
		}),
		indexTable(tx, "SELECT id, code, utility_id FROM connection_points WHERE id > ? ORDER BY id LIMIT ?",
			func(r connectionRow) (string, indexed) { return r.ID, connectionTerms(r.ID, r.Code, r.Utility) }),
		indexTable(tx, "SELECT * FROM meters WHERE id > ? ORDER BY id LIMIT ?",
			func(r meterRow) (string, indexed) { return r.ID, meterTerms(r) }),
		tx.indexLicenses(),
	)
}

type applicantRow struct {
	ID           string `gorm:"column:id"`
	Number       string `gorm:"column:number"`
	Applicant    string `gorm:"column:applicant"`
	ApplicantBin string `gorm:"column:applicant_bin"`
	NameKk       string `gorm:"column:name_kk"`
	NameRu       string `gorm:"column:name_ru"`
}

// indexTable indexes the rows of a query that takes the last id seen and a limit.
func indexTable[R any](tx *Tx, query string, terms func(R) (id string, x indexed)) error {
	for after := ""; ; {
		rows, err := many[R](tx, query, after, rebuildBatch)
		if err != nil || len(rows) == 0 {
			return err
		}
		things := make([]indexed, 0, len(rows))
		for _, r := range rows {
			id, x := terms(r)
			after, things = id, append(things, x)
		}
		if err := tx.addTerms(things...); err != nil {
			return err
		}
	}
}

// indexLicenses indexes every version of every license: it is found by the points
// and the name that it once had too.
func (tx *Tx) indexLicenses() error {
	for after := ""; ; {
		numbers, err := many[string](tx, "SELECT number FROM licenses WHERE number > ? ORDER BY number LIMIT ?", after, rebuildBatch)
		if err != nil || len(numbers) == 0 {
			return err
		}
		after = numbers[len(numbers)-1]
		versions, err := tx.licenses(many[licenseRow](tx, "SELECT * FROM license_versions WHERE number IN ?", numbers))
		if err != nil {
			return err
		}
		holders := make([]string, 0, len(versions))
		for _, l := range versions {
			holders = append(holders, l.Holder)
		}
		parties, err := tx.PartiesByID(holders)
		if err != nil {
			return err
		}
		things := make([]indexed, 0, len(versions))
		for _, l := range versions {
			things = append(things, licenseTerms(l, parties[l.Holder]))
		}
		if err := tx.addTerms(things...); err != nil {
			return err
		}
	}
}

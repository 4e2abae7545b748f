package store

import "rigistry/models"

// LicenseHistory gives every version of at most so many licenses after the number, in
// the order of numbers and versions, with the versions' appendices.
func (tx *Tx) LicenseHistory(after string, licenses int) ([]models.License, error) {
	return tx.licenses(many[licenseRow](tx, `SELECT * FROM license_versions WHERE number IN
		(SELECT number FROM license_versions WHERE version = 1 AND number > ? ORDER BY number LIMIT ?) ORDER BY number, version`, after, licenses))
}

// VersionKey names one version of a license.
type VersionKey struct {
	Number  string
	Version int64
}

// LicenseEntries gives the index of the first sealed entry of the ledger about each
// version of the licenses.
func (tx *Tx) LicenseEntries(numbers []string) (map[VersionKey]int64, error) {
	type row struct {
		Number  string `gorm:"column:subject_id"`
		Version int64  `gorm:"column:subject_version"`
		Index   int64  `gorm:"column:leaf"`
	}
	rows, err := many[row](tx, `SELECT subject_id, subject_version, MIN(leaf_index) AS leaf FROM ledger_entries
		WHERE subject_kind = 'license' AND subject_id IN ? AND leaf_index IS NOT NULL GROUP BY subject_id, subject_version`, orNothing(numbers))
	out := make(map[VersionKey]int64, len(rows))
	for _, r := range rows {
		out[VersionKey{r.Number, r.Version}] = r.Index
	}
	return out, err
}

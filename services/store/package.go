package store

import (
	"slices"

	"rigistry/models"
)

// EntriesAbout gives the sealed entries about things whose place is below a size of the
// ledger, each once and in order, with everything that their leaves are made of.
func (tx *Tx) EntriesAbout(about []models.Ref, below int64) ([]LedgerEntry, error) {
	ids := map[string][]string{}
	for _, r := range about {
		ids[r.Kind] = append(ids[r.Kind], r.ID)
	}
	kinds := make([]string, 0, len(ids))
	for k := range ids {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	var out []LedgerEntry
	for _, kind := range kinds {
		for part := range chunks(ids[kind], maxNames) {
			found, err := entries(many[entryRow](tx, `SELECT * FROM ledger_entries WHERE subject_kind = ? AND subject_id IN ?
				AND leaf_index >= 0 AND leaf_index < ?`, kind, part, below))
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
	}
	slices.SortFunc(out, func(a, b LedgerEntry) int { return int(a.Index - b.Index) })
	return slices.CompactFunc(out, func(a, b LedgerEntry) bool { return a.Index == b.Index }), nil
}

// EntriesAt gives the sealed entries at the places below a size, in order.
func (tx *Tx) EntriesAt(places []int64, below int64) ([]LedgerEntry, error) {
	var out []LedgerEntry
	for part := range chunks(places, maxNames) {
		found, err := entries(many[entryRow](tx, "SELECT * FROM ledger_entries WHERE leaf_index IN ? AND leaf_index < ?", part, below))
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	slices.SortFunc(out, func(a, b LedgerEntry) int { return int(a.Index - b.Index) })
	return out, nil
}

// CaseActSalts gives the salt of each act's digest in the ledger, by the act's id.
func (tx *Tx) CaseActSalts(id string) (map[string]string, error) {
	rows, err := many[struct {
		ID   string `gorm:"column:id"`
		Salt string `gorm:"column:salt"`
	}](tx, "SELECT id, salt FROM case_acts WHERE case_id = ?", id)
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Salt
	}
	return out, err
}

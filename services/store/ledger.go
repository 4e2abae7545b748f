package store

import (
	"time"

	"rigistry/models"
)

// LedgerEntry is an entry as it is stored: everything the leaf is made of.
type LedgerEntry struct {
	models.SealedEntry
	Salt   []byte
	Sealed bool
}

func (r entryRow) entry() LedgerEntry {
	e := LedgerEntry{
		SealedEntry: models.SealedEntry{
			ID: r.ID, At: instant(r.At), Kind: r.Kind,
			Subject: models.Ref{Kind: r.SubjectKind, ID: r.SubjectID}, SubjectVersion: r.SubjectVersion,
			ActorID: r.ActorID, ActorName: r.ActorName, ActorKind: r.ActorKind,
			Utility: r.Utility, RequestID: r.RequestID, Body: r.Body, Index: -1,
		},
		Salt: r.Salt,
	}
	if r.LeafIndex != nil {
		e.Index, e.Sealed = *r.LeafIndex, true
	}
	return e
}

func entries(rows []entryRow, err error) ([]LedgerEntry, error) {
	out := make([]LedgerEntry, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.entry())
	}
	return out, err
}

// UnsealedEntries gives committed entries that have no place in the tree yet, in
// the order of their instants.
func (tx *Tx) UnsealedEntries(limit int) ([]LedgerEntry, error) {
	return entries(many[entryRow](tx, "SELECT * FROM ledger_entries WHERE leaf_index IS NULL ORDER BY at, id LIMIT ?", limit))
}

// FollowerPosition gives the next leaf index that a follower has to see, 0 for a
// new one.
func (tx *Tx) FollowerPosition(name string) (int64, error) {
	rows, err := many[int64](tx, "SELECT position FROM ledger_followers WHERE name = ?", name)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0], nil
}

// SetFollowerPosition saves it.
func (tx *Tx) SetFollowerPosition(name string, position int64) error {
	_, err := exec(tx, `INSERT INTO ledger_followers (name, position) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET position = excluded.position`, name, position)
	return err
}

// TakeLease gives the lease to the holder until the instant, when nobody else
// holds it now. Who holds it already may prolong it.
func (tx *Tx) TakeLease(name, holder string, until time.Time) (bool, error) {
	n, err := exec(tx, `INSERT INTO leases (name, holder, until_at) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_at = excluded.until_at
		WHERE leases.holder = excluded.holder OR leases.until_at <= ?`, name, holder, micros(until), micros(tx.Now))
	return n == 1, err
}

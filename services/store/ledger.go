package store

import (
	"fmt"
	"strings"
	"time"

	"rigistry/models"
)

// LedgerEntry is an entry as it is stored: everything the leaf is made of.
type LedgerEntry struct {
	models.SealedEntry
	Salt   []byte
	Sealed bool
	Erased time.Time // when its name and body were erased, zero when they stand
	Digest []byte    // of an erased entry: the salted digest that its leaf holds
}

func (r entryRow) entry() LedgerEntry {
	e := LedgerEntry{
		SealedEntry: models.SealedEntry{
			ID: r.ID, At: instant(r.At), Kind: r.Kind,
			Subject: models.Ref{Kind: r.SubjectKind, ID: r.SubjectID}, SubjectVersion: r.SubjectVersion,
			ActorID: r.ActorID, ActorName: r.ActorName, ActorKind: r.ActorKind,
			Utility: r.Utility, RequestID: r.RequestID, Body: r.Body, Index: -1,
		},
		Salt: r.Salt, Erased: instant(r.ErasedAt), Digest: r.Digest,
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

// EraseEntry takes the actor's name and the body out of a sealed entry and keeps the
// digest in their place. An entry that was erased already is a conflict.
func (tx *Tx) EraseEntry(index int64, digest []byte) error {
	n, err := exec(tx, "UPDATE ledger_entries SET digest = ?, salt = ?, actor_name = '', body = '{}', erased_at = ? WHERE leaf_index = ? AND erased_at = 0",
		digest, []byte{}, micros(tx.Now), index)
	if err == nil && n != 1 {
		err = models.Errorf(models.CodeConflict, "Entry %d was erased already.", index)
	}
	return err
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

// LedgerHead is a signed checkpoint as it is stored; Size 0 is the empty ledger.
type LedgerHead struct {
	Size int64
	Root []byte
	At   time.Time
	Note string
}

type headRow struct {
	Size int64  `gorm:"column:tree_size"`
	Root []byte `gorm:"column:root"`
	At   int64  `gorm:"column:at"`
	Note string `gorm:"column:note"`
}

func heads(rows []headRow, err error) ([]LedgerHead, error) {
	out := make([]LedgerHead, 0, len(rows))
	for _, r := range rows {
		out = append(out, LedgerHead{Size: r.Size, Root: r.Root, At: instant(r.At), Note: r.Note})
	}
	return out, err
}

// Head gives the newest checkpoint, of Size 0 when nothing has been sealed.
func (tx *Tx) Head() (LedgerHead, error) {
	rows, err := heads(many[headRow](tx, "SELECT * FROM ledger_checkpoints ORDER BY tree_size DESC LIMIT 1"))
	if err != nil || len(rows) == 0 {
		return LedgerHead{}, err
	}
	return rows[0], nil
}

// Checkpoints gives checkpoints of more than after entries, smallest first.
func (tx *Tx) Checkpoints(after int64, limit int) ([]LedgerHead, error) {
	return heads(many[headRow](tx, "SELECT * FROM ledger_checkpoints WHERE tree_size > ? ORDER BY tree_size LIMIT ?", after, limit))
}

// LedgerHash is one stored hash of the tree at its place in the order of
// golang.org/x/mod/sumdb/tlog.
type LedgerHash struct {
	Index int64  `gorm:"column:hash_index"`
	Hash  []byte `gorm:"column:hash"`
}

// Hashes gives the stored hashes at the indexes, as many as there are.
func (tx *Tx) Hashes(indexes []int64) ([]LedgerHash, error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	return many[LedgerHash](tx, "SELECT hash_index, hash FROM ledger_hashes WHERE hash_index IN ?", indexes)
}

// HashesFrom gives stored hashes in order, from the index on.
func (tx *Tx) HashesFrom(index int64, limit int) ([]LedgerHash, error) {
	return many[LedgerHash](tx, "SELECT hash_index, hash FROM ledger_hashes WHERE hash_index >= ? ORDER BY hash_index LIMIT ?", index, limit)
}

// Seal gives the first n unsealed entries, in the order of UnsealedEntries, the
// leaf indexes from first on, and stores the hashes and the checkpoint that
// cover them. Who waits on Store.Changed is woken.
func (tx *Tx) Seal(first int64, n int, hashes []LedgerHash, head LedgerHead) error {
	changed, err := exec(tx, `UPDATE ledger_entries SET leaf_index = ? + r.n FROM (
		SELECT id, ROW_NUMBER() OVER (ORDER BY at, id) - 1 AS n FROM ledger_entries WHERE leaf_index IS NULL ORDER BY at, id LIMIT ?
		) AS r WHERE ledger_entries.id = r.id`, first, n)
	if err != nil {
		return fmt.Errorf("give entries from %d on their place: %w", first, err)
	}
	if changed != int64(n) {
		return fmt.Errorf("give entries from %d on their place: %d changed, want %d", first, changed, n)
	}
	if err := tx.db.Table("ledger_hashes").CreateInBatches(hashes, 500).Error; err != nil {
		return fmt.Errorf("store the hashes from %d on: %w", first, err)
	}
	row := headRow{Size: head.Size, Root: head.Root, At: micros(head.At), Note: head.Note}
	if err := insert(tx, "ledger_checkpoints", &row); err != nil {
		return fmt.Errorf("store the checkpoint of %d entries: %w", head.Size, err)
	}
	tx.appended += n
	return nil
}

// EntryFilter narrows a list of sealed entries; nil and empty do not narrow.
type EntryFilter struct {
	Kinds   []string
	Subject *models.Ref
	Utility *string
	ActorID *string
	Since   *time.Time
	Until   *time.Time // half-open
}

// SealedEntries gives sealed entries in order, from the leaf index on.
func (tx *Tx) SealedEntries(from int64, limit int, f EntryFilter) ([]models.SealedEntry, error) {
	where, args := []string{"leaf_index >= ?"}, []any{from}
	narrow := func(condition string, values ...any) {
		where, args = append(where, condition), append(args, values...)
	}
	if len(f.Kinds) > 0 {
		narrow("kind IN ?", f.Kinds)
	}
	if f.Subject != nil {
		narrow("subject_kind = ? AND subject_id = ?", f.Subject.Kind, f.Subject.ID)
	}
	if f.Utility != nil {
		narrow("utility = ?", *f.Utility)
	}
	if f.ActorID != nil {
		narrow("actor_id = ?", *f.ActorID)
	}
	if f.Since != nil {
		narrow("at >= ?", micros(*f.Since))
	}
	if f.Until != nil {
		narrow("at < ?", micros(*f.Until))
	}
	rows, err := entries(many[entryRow](tx, "SELECT * FROM ledger_entries WHERE "+strings.Join(where, " AND ")+
		" ORDER BY leaf_index LIMIT ?", append(args, limit)...))
	out := make([]models.SealedEntry, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.SealedEntry)
	}
	return out, err
}

// StoredEntries gives sealed entries in order with everything the leaf is made
// of. The place of each is read twice, by the index over places and by the row
// itself, so that a row and an index that disagree are seen: Index is the row's.
func (tx *Tx) StoredEntries(from int64, limit int) ([]LedgerEntry, error) {
	out, err := entries(many[entryRow](tx, "SELECT * FROM ledger_entries WHERE leaf_index >= ? ORDER BY leaf_index LIMIT ?", from, limit))
	if err != nil || len(out) == 0 {
		return out, err
	}
	ids := make([]string, 0, len(out))
	for _, e := range out {
		ids = append(ids, e.ID)
	}
	type placeRow struct {
		ID        string `gorm:"column:id"`
		LeafIndex *int64 `gorm:"column:leaf_index"`
	}
	rows, err := many[placeRow](tx, "SELECT id, leaf_index FROM ledger_entries WHERE id IN ?", ids)
	if err != nil {
		return nil, err
	}
	places := make(map[string]int64, len(rows))
	for _, r := range rows {
		places[r.ID] = -1
		if r.LeafIndex != nil {
			places[r.ID] = *r.LeafIndex
		}
	}
	for i := range out {
		place, ok := places[out[i].ID]
		if !ok {
			place = -1
		}
		out[i].Index = place
	}
	return out, nil
}

// StrayEntries gives entries without a place in a tree of the size: unsealed
// ones and ones whose place lies outside.
func (tx *Tx) StrayEntries(size int64, limit int) ([]LedgerEntry, error) {
	return entries(many[entryRow](tx, "SELECT * FROM ledger_entries WHERE leaf_index IS NULL OR leaf_index < 0 OR leaf_index >= ? ORDER BY at, id LIMIT ?", size, limit))
}

// CountUnsealed counts the entries that wait for the sealer.
func (tx *Tx) CountUnsealed() (int64, error) {
	return one[int64](tx, "entry", "", "SELECT COUNT(*) FROM ledger_entries WHERE leaf_index IS NULL")
}

// FollowerPositions gives the saved position of every follower by name.
func (tx *Tx) FollowerPositions() (map[string]int64, error) {
	type positionRow struct {
		Name     string `gorm:"column:name"`
		Position int64  `gorm:"column:position"`
	}
	rows, err := many[positionRow](tx, "SELECT name, position FROM ledger_followers")
	out := make(map[string]int64, len(rows))
	for _, r := range rows {
		out[r.Name] = r.Position
	}
	return out, err
}

// Engine names the database of the transaction: "sqlite" or "postgres".
func (tx *Tx) Engine() string { return tx.engine }

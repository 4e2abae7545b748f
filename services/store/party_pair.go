package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"rigistry/models"
)

// comparisonVersion counts the changes of how parties are compared. Raise it with
// models.Resemblance or models.ComparableOf.
const comparisonVersion = 1

// maxAlike is how many parties may share something that says that they are one:
// what more of them share, like the telephone of a business centre, tells nothing.
const maxAlike = 20

// The kinds of keys that parties are compared by.
const (
	keyName    = "name"
	keyPhone   = "phone"
	keyEmail   = "email"
	keyAddress = "address"
	keyPerson  = "person"
)

type partyKeyRow struct {
	Kind  string `gorm:"column:kind"`
	Term  string `gorm:"column:term"`
	Party string `gorm:"column:party"`
}

func keysOf(c models.Comparable) []partyKeyRow {
	var out []partyKeyRow
	add := func(kind string, terms ...string) {
		for _, t := range terms {
			if t != "" {
				out = append(out, partyKeyRow{Kind: kind, Term: t, Party: c.ID})
			}
		}
	}
	add(keyName, c.Names...)
	add(keyPhone, c.Phone)
	add(keyEmail, c.Email)
	add(keyAddress, c.Address)
	add(keyPerson, c.Persons...)
	return out
}

// compareParty keeps the keys of a party that has none and the pairs that it makes
// with others. A party that was merged makes none.
func (tx *Tx) compareParty(p models.Party) error {
	if p.MergedInto != "" {
		return nil
	}
	persons, err := tx.personKeys(p.ID)
	if err != nil {
		return err
	}
	c := models.ComparableOf(p, persons)
	keys := keysOf(c)
	if len(keys) > 0 {
		if err := tx.db.Table("party_keys").Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&keys, 100).Error; err != nil {
			return err
		}
	}
	others, err := tx.alike(c, keys)
	if err != nil || len(others) == 0 {
		return err
	}
	var pairs []partyPairRow
	for _, o := range others {
		d, ok := models.Resemblance(c, o)
		if !ok {
			continue
		}
		signs, err := text(d.Signs)
		if err != nil {
			return err
		}
		pairs = append(pairs, partyPairRow{A: d.A, B: d.B, Score: d.Score, Signs: signs})
	}
	if len(pairs) == 0 {
		return nil
	}
	return tx.db.Table("party_pairs").Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&pairs, 100).Error
}

// compareAnew forgets what a party was compared by and compares it again.
func (tx *Tx) compareAnew(id string) error {
	for _, query := range []string{"DELETE FROM party_keys WHERE party = ?", "DELETE FROM party_pairs WHERE a = ?", "DELETE FROM party_pairs WHERE b = ?"} {
		if _, err := exec(tx, query, id); err != nil {
			return err
		}
	}
	p, err := tx.Party(id)
	if err != nil {
		return err
	}
	return tx.compareParty(p)
}

// alike gives the parties that share a key that few share, or whose number is near.
func (tx *Tx) alike(c models.Comparable, keys []partyKeyRow) ([]models.Comparable, error) {
	var ids []string
	for _, k := range keys {
		found, err := many[string](tx, "SELECT party FROM party_keys WHERE kind = ? AND term = ? AND party <> ? LIMIT ?", k.Kind, k.Term, c.ID, maxAlike+1)
		if err != nil {
			return nil, err
		}
		if len(found) <= maxAlike {
			ids = append(ids, found...)
		}
	}
	near, err := many[string](tx, "SELECT id FROM parties WHERE bin IN ? AND merged_into IS NULL", orNothing(models.NearNumbers(c.Number)))
	if err != nil {
		return nil, err
	}
	ids = slices.Compact(slices.Sorted(slices.Values(append(ids, near...))))
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := many[partyRow](tx, "SELECT * FROM parties WHERE id IN ?", ids)
	if err != nil {
		return nil, err
	}
	known, err := many[partyKeyRow](tx, "SELECT kind, term, party FROM party_keys WHERE kind = ? AND party IN ?", keyPerson, ids)
	if err != nil {
		return nil, err
	}
	persons := map[string][]string{}
	for _, k := range known {
		persons[k.Party] = append(persons[k.Party], k.Term)
	}
	out := make([]models.Comparable, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.ComparableOf(r.party(), persons[r.ID]))
	}
	return out, nil
}

// ComparePartiesAnew compares every party when the comparison is of another
// version than the program's, or was never made. It tells whether it did.
func (s *Store) ComparePartiesAnew(ctx context.Context) (done bool, err error) {
	err = s.Update(ctx, func(tx *Tx) error {
		known, err := many[int64](tx, "SELECT version FROM party_index")
		if err != nil {
			return err
		}
		if done = len(known) != 1 || known[0] != comparisonVersion; !done {
			return nil
		}
		for _, query := range []string{"DELETE FROM party_keys", "DELETE FROM party_pairs", "DELETE FROM party_index"} {
			if _, err := exec(tx, query); err != nil {
				return err
			}
		}
		for after := ""; ; {
			rows, err := many[partyRow](tx, "SELECT * FROM parties WHERE id > ? ORDER BY id LIMIT ?", after, rebuildBatch)
			if err != nil {
				return err
			}
			for _, r := range rows {
				if after = r.ID; err == nil {
					err = tx.compareParty(r.party())
				}
			}
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
		}
		_, err = exec(tx, "INSERT INTO party_index (version) VALUES (?)", comparisonVersion)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("compare the parties: %w", err)
	}
	return done, nil
}

type partyPairRow struct {
	A     string `gorm:"column:a"`
	B     string `gorm:"column:b"`
	Score int64  `gorm:"column:score"`
	Signs string `gorm:"column:signs"`
}

// Dismissal is that somebody found two parties to be two.
type Dismissal struct {
	A, B   string
	Score  int64 // of the pair when it was looked at
	Reason string
	By     string // user id
	At     time.Time
}

// DuplicatePair is a pair of parties that look like one, with who found it to be
// two before, if anybody.
type DuplicatePair struct {
	models.Duplicate
	Dismissal *Dismissal
}

type duplicateRow struct {
	A           string `gorm:"column:a"`
	B           string `gorm:"column:b"`
	Score       int64  `gorm:"column:score"`
	Signs       string `gorm:"column:signs"`
	DismissedBy string `gorm:"column:dismissed_by"`
	DismissedAt int64  `gorm:"column:dismissed_at"`
	Reason      string `gorm:"column:reason"`
	WasScore    int64  `gorm:"column:was_score"`
}

// DuplicateFilter narrows a list of pairs.
type DuplicateFilter struct {
	Party     string // pairs with this party only; "" does not narrow
	Dismissed bool   // those found to be two, else those to look at
	A, B      string // this pair only
}

// DuplicateCursor is the place of a pair in the list.
type DuplicateCursor struct {
	Score int64
	A, B  string
}

// Duplicates lists pairs, the likeliest first, after the cursor.
func (tx *Tx) Duplicates(f DuplicateFilter, after *DuplicateCursor, limit int) ([]DuplicatePair, error) {
	w := where{}
	if f.Party != "" {
		w.add("(p.a = ? OR p.b = ?)", f.Party, f.Party)
	}
	w.equal("p.a", f.A)
	w.equal("p.b", f.B)
	if f.Dismissed {
		w.add("d.score >= p.score")
	} else {
		w.add("(d.a IS NULL OR d.score < p.score)")
	}
	if after != nil {
		w.add("p.score <= ? AND (p.score < ? OR p.a > ? OR p.a = ? AND p.b > ?)", after.Score, after.Score, after.A, after.A, after.B)
	}
	rows, err := many[duplicateRow](tx, `SELECT p.a, p.b, p.score, p.signs, COALESCE(d.dismissed_by, '') AS dismissed_by, COALESCE(d.dismissed_at, 0) AS dismissed_at,
		COALESCE(d.reason, '') AS reason, COALESCE(d.score, 0) AS was_score
		FROM party_pairs p LEFT JOIN party_dismissals d ON d.a = p.a AND d.b = p.b`+w.sql()+" ORDER BY p.score DESC, p.a, p.b LIMIT ?", append(w.args, limit)...)
	out := make([]DuplicatePair, 0, len(rows))
	for _, r := range rows {
		d := DuplicatePair{Duplicate: models.Duplicate{A: r.A, B: r.B, Score: r.Score}}
		if r.DismissedBy != "" {
			d.Dismissal = &Dismissal{A: r.A, B: r.B, Score: r.WasScore, Reason: r.Reason, By: r.DismissedBy, At: instant(r.DismissedAt)}
		}
		if parseErr := parse(r.Signs, &d.Signs); err == nil {
			err = parseErr
		}
		out = append(out, d)
	}
	return out, err
}

// Dismiss keeps that a pair is two; a later one takes the place of an earlier.
func (tx *Tx) Dismiss(d Dismissal) error {
	_, err := exec(tx, `INSERT INTO party_dismissals (a, b, score, reason, dismissed_by, dismissed_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (a, b) DO UPDATE SET score = excluded.score, reason = excluded.reason, dismissed_by = excluded.dismissed_by, dismissed_at = excluded.dismissed_at`,
		d.A, d.B, d.Score, d.Reason, d.By, micros(d.At))
	return err
}

package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rigistry/services/store"
)

// Report is what Verify found.
type Report struct {
	Entries     int64 // sealed entries checked
	Hashes      int64 // stored hashes checked
	Checkpoints int64 // signed checkpoints checked
	Erased      int64 // entries whose name and body were erased by a fact of the ledger
	Unsealed    int64 // committed entries that no checkpoint covers yet
	Head        Checkpoint
	Bad         *Bad // the first thing that is wrong, nil when nothing is
}

// Bad names the first thing that is wrong, in the order of the ledger. ID and
// Kind are "" where no entry can be read at the place.
type Bad struct {
	Index int64
	ID    string
	Kind  string
	What  string
}

// Error says it in one sentence.
func (b *Bad) Error() string {
	if b.ID == "" {
		return fmt.Sprintf("entry %d: %s", b.Index, b.What)
	}
	return fmt.Sprintf("entry %d (%s, %s): %s", b.Index, b.ID, b.Kind, b.What)
}

const verifyPage = 1000

// Verify recomputes the whole ledger of the store from its entries and compares
// every leaf, inner hash, root and checkpoint with what is stored and signed by
// one of the keys. It reads only, in pages, and stops at the first bad thing. The
// error is for a store that cannot be read; what is wrong is in the Report.
func Verify(ctx context.Context, s *store.Store, keys []ed25519.PublicKey) (Report, error) {
	v := verification{keys: keys}
	err := s.View(ctx, func(tx *store.Tx) error {
		v = verification{tx: tx, keys: keys, erased: map[int64]store.LedgerEntry{}}
		return v.run(ctx)
	})
	if v.report.Bad = v.bad; v.bad != nil {
		return v.report, nil // a database that is damaged may fail again when the snapshot is given back
	}
	return v.report, err
}

type verification struct {
	tx     *store.Tx
	keys   []ed25519.PublicKey
	report Report
	bad    *Bad

	edge        []tlog.Hash // roots of the full subtrees at the right edge, largest first
	hashes      []store.LedgerHash
	checkpoints []store.LedgerHead
	last        Checkpoint
	erased      map[int64]store.LedgerEntry // erased entries whose fact has not been seen
}

func (v *verification) run(ctx context.Context) error {
	head, err := v.tx.Head()
	if err != nil {
		return fmt.Errorf("read the newest checkpoint: %w", err)
	}
	for v.report.Entries < head.Size && v.bad == nil {
		if err := ctx.Err(); err != nil {
			return err
		}
		page, err := v.page(v.report.Entries, verifyPage)
		if err != nil {
			return err
		}
		for _, e := range page {
			if v.entry(e); v.bad != nil {
				break
			}
		}
		if v.bad == nil && len(page) == 0 {
			v.missing(v.report.Entries)
		}
	}
	if v.bad == nil {
		v.leftOver(head)
	}
	if v.bad == nil && len(v.erased) > 0 {
		if err := v.unexplained(); err != nil {
			return err
		}
	}
	v.report.Head = v.last
	if v.bad != nil {
		return nil
	}
	if v.report.Unsealed, err = v.tx.CountUnsealed(); err != nil {
		return fmt.Errorf("count the entries that wait to be sealed: %w", err)
	}
	return nil
}

// page reads entries; where the store cannot read a page, one at a time, so that
// the entry that cannot be read is named.
func (v *verification) page(from int64, limit int) ([]store.LedgerEntry, error) {
	page, err := v.tx.StoredEntries(from, limit)
	if err == nil {
		return page, nil
	}
	if limit > 1 && v.tx.Engine() == "sqlite" {
		return v.page(from, 1)
	}
	if v.tx.Engine() == "sqlite" {
		v.bad = &Bad{Index: from, What: "the database cannot read it: " + err.Error()}
		return nil, nil
	}
	return nil, err
}

// entry checks the next entry, the hashes that it completes and the checkpoint
// that ends with it.
func (v *verification) entry(e store.LedgerEntry) {
	index := v.report.Entries
	fail := func(format string, args ...any) {
		v.bad = &Bad{Index: index, ID: e.ID, Kind: e.Kind, What: fmt.Sprintf(format, args...)}
	}
	if e.Index > index {
		v.missing(index)
		return
	}
	if e.Index != index {
		fail("its leaf_index is %d", e.Index)
		return
	}
	h := leafHash(e)
	if stored, ok := v.nextHash(tlog.StoredHashIndex(0, index)); !ok || !bytes.Equal(stored, h[:]) {
		fail("its columns do not give the leaf hash that was sealed")
		return
	}
	for level := 1; (index+1)>>(level-1)&1 == 0; level++ {
		h = tlog.NodeHash(v.edge[len(v.edge)-1], h)
		v.edge = v.edge[:len(v.edge)-1]
		at := tlog.StoredHashIndex(level, index>>level)
		if stored, ok := v.nextHash(at); !ok || !bytes.Equal(stored, h[:]) {
			fail("the stored hash %d (level %d) that it completes is not the hash of its two halves", at, level)
			return
		}
	}
	v.edge = append(v.edge, h)
	v.report.Entries++
	v.erasures(e)
	if what := v.checkpoint(); what != "" {
		fail("the checkpoint of %d entries that ends with it: %s", v.report.Entries, what)
	}
}

// nextHash gives the stored hash at the index, which must be the next one.
func (v *verification) nextHash(index int64) ([]byte, bool) {
	if len(v.hashes) == 0 {
		rows, err := v.tx.HashesFrom(index, verifyPage)
		if err != nil || len(rows) == 0 {
			return nil, false
		}
		v.hashes = rows
	}
	h := v.hashes[0]
	if h.Index != index {
		return nil, false
	}
	v.hashes = v.hashes[1:]
	v.report.Hashes++
	return h.Hash, true
}

func (v *verification) root() tlog.Hash {
	h := v.edge[len(v.edge)-1]
	for i := len(v.edge) - 2; i >= 0; i-- {
		h = tlog.NodeHash(v.edge[i], h)
	}
	return h
}

// checkpoint checks the stored checkpoint of as many entries as were seen, if
// there is one, and says what is wrong with it.
func (v *verification) checkpoint() string {
	if len(v.checkpoints) == 0 {
		rows, err := v.tx.Checkpoints(v.last.Size, verifyPage)
		if err != nil {
			return "the database cannot read it: " + err.Error()
		}
		v.checkpoints = rows
	}
	if len(v.checkpoints) == 0 || v.checkpoints[0].Size > v.report.Entries {
		return ""
	}
	stored := v.checkpoints[0]
	v.checkpoints = v.checkpoints[1:]
	c, err := OpenCheckpoint(stored.Note, v.keys)
	root := v.root()
	switch {
	case err != nil:
		return err.Error()
	case c.Size != stored.Size || c.Size != v.report.Entries:
		return fmt.Sprintf("it was signed for %d entries and is stored for %d", c.Size, stored.Size)
	case c.Root != root:
		return "the entries do not give the root that was signed"
	case !bytes.Equal(stored.Root, root[:]):
		return "its stored root is not the one that was signed"
	case !c.At.Equal(stored.At):
		return "its stored time is not the one that was signed"
	case c.At.Before(v.last.At):
		return "it is earlier than the one before"
	case v.last.Size > 0 && c.Origin != v.last.Origin:
		return fmt.Sprintf("its origin is %q and the one before has %q", c.Origin, v.last.Origin)
	}
	v.last = c
	v.report.Checkpoints++
	return ""
}

// missing names what should stand at the index: an entry that lies elsewhere,
// if one gives the hash that was sealed there.
func (v *verification) missing(index int64) {
	v.bad = &Bad{Index: index, What: "it is missing"}
	stored, ok := v.nextHash(tlog.StoredHashIndex(0, index))
	head, err := v.tx.Head()
	if err != nil {
		return
	}
	if c, err := OpenCheckpoint(head.Note, v.keys); err == nil && c.Size != head.Size {
		v.bad = &Bad{Index: c.Size - 1, What: fmt.Sprintf("the checkpoint that ends with it is stored for %d entries and was signed for %d", head.Size, c.Size)}
		return
	}
	if !ok {
		return
	}
	strays, err := v.tx.StrayEntries(head.Size, verifyPage)
	if err != nil {
		return
	}
	for _, e := range strays {
		if h := leafHash(e); bytes.Equal(h[:], stored) {
			v.bad = &Bad{Index: index, ID: e.ID, Kind: e.Kind, What: fmt.Sprintf("it was sealed here and its leaf_index is %d now", e.Index)}
			return
		}
	}
}

// leftOver checks that nothing claims a place or hash after the last checkpoint.
func (v *verification) leftOver(head store.LedgerHead) {
	if v.last.Size != head.Size {
		v.bad = &Bad{Index: max(head.Size-1, 0), What: fmt.Sprintf("the checkpoint of %d entries has no good signature over them", head.Size)}
		return
	}
	if first, err := v.tx.StoredEntries(math.MinInt64, 1); err == nil && len(first) > 0 && first[0].Index < 0 {
		v.bad = &Bad{Index: first[0].Index, ID: first[0].ID, Kind: first[0].Kind, What: "it has a place before the first entry"}
		return
	}
	strays, err := v.tx.StoredEntries(head.Size, 1)
	if err != nil || len(strays) > 0 {
		v.bad = &Bad{Index: head.Size, What: "it has a place after the last checkpoint"}
		if len(strays) > 0 {
			v.bad.ID, v.bad.Kind = strays[0].ID, strays[0].Kind
		}
		return
	}
	if rest, err := v.tx.HashesFrom(tlog.StoredHashCount(head.Size), 1); err != nil || len(rest) > 0 {
		v.bad = &Bad{Index: head.Size, What: "there are stored hashes after the last checkpoint"}
	}
}

// erasures matches an erased entry with the fact that it was erased, which comes
// after it.
func (v *verification) erasures(e store.LedgerEntry) {
	if !e.Erased.IsZero() {
		v.report.Erased++
		v.erased[e.Index] = e
	}
	if x, ok := erasedAs(e); ok {
		if was, ok := v.erased[x.Index]; ok && x.Digest == hex.EncodeToString(was.Digest) {
			delete(v.erased, x.Index)
		}
	}
}

// unexplained names the first entry that is erased and of which no fact says so. A
// fact that waits to be sealed counts.
func (v *verification) unexplained() error {
	waiting, err := v.tx.UnsealedEntries(verifyPage)
	if err != nil {
		return fmt.Errorf("read the entries that wait to be sealed: %w", err)
	}
	for _, e := range waiting {
		e.Erased = time.Time{}
		v.erasures(e)
	}
	if len(v.erased) == 0 {
		return nil
	}
	e := v.erased[slices.Min(slices.Collect(maps.Keys(v.erased)))]
	v.bad = &Bad{Index: e.Index, ID: e.ID, Kind: e.Kind, What: "its name and body are gone, and no fact of the ledger says that they were erased"}
	return nil
}

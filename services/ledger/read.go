package ledger

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rigistry/models"
	"rigistry/services/store"
)

// Head is the newest checkpoint and what waits to be sealed. Before the first
// checkpoint its Size is 0 and its Note empty.
type Head struct {
	Checkpoint
	Unsealed       int64
	OldestUnsealed time.Time // zero when nothing waits
}

// Head gives the newest checkpoint.
func (l *Ledger) Head(ctx context.Context) (Head, error) {
	var head Head
	err := l.store.View(ctx, func(tx *store.Tx) error {
		stored, err := tx.Head()
		if err != nil {
			return err
		}
		head = Head{}
		if stored.Size > 0 {
			if head.Checkpoint, err = checkpointOf(stored); err != nil {
				return err
			}
		}
		if head.Unsealed, err = tx.CountUnsealed(); err != nil || head.Unsealed == 0 {
			return err
		}
		oldest, err := tx.UnsealedEntries(1)
		if len(oldest) > 0 {
			head.OldestUnsealed = oldest[0].At
		}
		return err
	})
	return head, err
}

// Began gives the instant of the first entry, zero while there is none sealed. It
// is about the present whatever moment the context reads.
func (l *Ledger) Began(ctx context.Context) (began time.Time, err error) {
	err = l.store.View(store.At(ctx, store.Moment{}), func(tx *store.Tx) error {
		first, err := tx.StoredEntries(0, 1)
		if len(first) == 1 {
			began = first[0].At
		}
		return err
	})
	return began, err
}

func checkpointOf(head store.LedgerHead) (Checkpoint, error) {
	if len(head.Root) != tlog.HashSize {
		return Checkpoint{}, fmt.Errorf("the stored root of %d entries has %d bytes", head.Size, len(head.Root))
	}
	return Checkpoint{Size: head.Size, Root: tlog.Hash(head.Root), At: head.At, Note: head.Note}, nil
}

// Page is a piece of the ledger. Next is the index to go on from, -1 at the end.
type Page struct {
	Entries []models.SealedEntry
	Next    int64
}

// Entries gives at most limit (1 to 1000) sealed entries from the index on that
// pass the filter and that the actor may see: a utility sees its own feed.
func (l *Ledger) Entries(ctx context.Context, actor models.Actor, from int64, limit int, filter store.EntryFilter) (Page, error) {
	if err := models.Can(actor, models.ActLedgerRead, models.Scope{}); err != nil {
		if err := models.Can(actor, models.ActEventsRead, models.Scope{}); err != nil {
			return Page{}, err
		}
		if actor.Is(models.RoleUtility) {
			filter.Utility = &actor.Utility
			if actor.Utility == "" {
				return Page{Next: -1}, nil
			}
		}
	}
	limit = min(max(limit, 1), 1000)
	page := Page{Next: -1}
	err := l.store.View(ctx, func(tx *store.Tx) (err error) {
		page.Entries, err = tx.SealedEntries(max(from, 0), limit+1, filter)
		return err
	})
	if len(page.Entries) > limit {
		page.Next = page.Entries[limit].Index
		page.Entries = page.Entries[:limit]
	}
	return page, err
}

// EntriesOf gives the sealed entries about one thing, oldest first. Who may see
// the thing is for the caller to have asked.
func (l *Ledger) EntriesOf(ctx context.Context, subject models.Ref) ([]models.SealedEntry, error) {
	var out []models.SealedEntry
	err := l.store.View(ctx, func(tx *store.Tx) (err error) {
		out, err = tx.SealedEntries(0, 1000, store.EntryFilter{Subject: &subject})
		return err
	})
	return out, err
}

// InclusionProof shows that an entry is in the ledger of a signed checkpoint.
type InclusionProof struct {
	Index      int64
	Leaf       []byte // the bytes whose RFC 6962 leaf hash the path starts from
	Path       []tlog.Hash
	Checkpoint Checkpoint
}

// Proof proves the entry at the index against the newest checkpoint.
func (l *Ledger) Proof(ctx context.Context, index int64) (InclusionProof, error) {
	p := InclusionProof{Index: index}
	err := l.store.View(ctx, func(tx *store.Tx) error {
		head, err := tx.Head()
		if err != nil {
			return err
		}
		if index < 0 || index >= head.Size {
			return models.NotFound("ledger entry", fmt.Sprint(index))
		}
		if p.Checkpoint, err = checkpointOf(head); err != nil {
			return err
		}
		stored, err := tx.StoredEntries(index, 1)
		if err != nil {
			return err
		}
		if len(stored) != 1 || stored[0].Index != index {
			return fmt.Errorf("ledger entry %d is missing", index)
		}
		p.Leaf = Leaf(stored[0])
		path, err := tlog.ProveRecord(head.Size, index, newTree(tx))
		p.Path = path
		return err
	})
	return p, err
}

// LeafHash is the RFC 6962 hash of the leaf.
func (p InclusionProof) LeafHash() Hash { return tlog.RecordHash(p.Leaf) }

// Check tells whether the proof holds for its checkpoint's size and root. The
// checkpoint's signature is OpenCheckpoint's to check.
func (p InclusionProof) Check() error {
	return tlog.CheckRecord(p.Path, p.Checkpoint.Size, p.Checkpoint.Root, p.Index, p.LeafHash())
}

// Consistency proves that the ledger of oldSize entries is the beginning of that
// of newSize entries (RFC 6962 section 2.1.2).
func (l *Ledger) Consistency(ctx context.Context, oldSize, newSize int64) ([]tlog.Hash, error) {
	var path []tlog.Hash
	err := l.store.View(ctx, func(tx *store.Tx) error {
		head, err := tx.Head()
		if err != nil {
			return err
		}
		if oldSize < 1 || oldSize > newSize || newSize > head.Size {
			return models.Errorf(models.CodeInvalid, "Ask for sizes with 1 <= old <= new <= %d.", head.Size)
		}
		path, err = tlog.ProveTree(newSize, oldSize, newTree(tx))
		return err
	})
	return path, err
}

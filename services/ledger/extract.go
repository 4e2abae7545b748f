package ledger

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"rigistry/models"
	"rigistry/services/store"
)

// Extract is a sealed entry with everything its leaf is made of, and the path from it
// to the root of a checkpoint.
type Extract struct {
	Entry store.LedgerEntry
	Path  []Hash
}

// CheckpointOf gives the stored checkpoint of exactly so many entries; 0 asks for the
// newest. CodeNotFound where no checkpoint has that size.
func CheckpointOf(tx *store.Tx, size int64) (Checkpoint, error) {
	if size == 0 {
		head, err := tx.Head()
		if err != nil {
			return Checkpoint{}, err
		}
		if head.Size == 0 {
			return Checkpoint{}, models.Errorf(models.CodeConflict, "Nothing has been sealed yet. Wait a few seconds and ask again.")
		}
		return checkpointOf(head)
	}
	found, err := tx.Checkpoints(size-1, 1)
	if err != nil {
		return Checkpoint{}, err
	}
	if len(found) == 0 || found[0].Size != size {
		return Checkpoint{}, models.NotFound("checkpoint of entries", fmt.Sprint(size))
	}
	return checkpointOf(found[0])
}

// Prove gives each entry its path to the root of a tree of the size. Who may see the
// entries is for the caller to have asked.
func Prove(tx *store.Tx, size int64, entries []store.LedgerEntry) ([]Extract, error) {
	out := make([]Extract, len(entries))
	tree := newTree(tx)
	for i, e := range entries {
		path, err := tlog.ProveRecord(size, e.Index, tree)
		if err != nil {
			return nil, fmt.Errorf("prove entry %d in a ledger of %d: %w", e.Index, size, err)
		}
		out[i] = Extract{Entry: e, Path: path}
	}
	return out, nil
}

// Check tells whether the entry, from its columns, stands in the ledger of the
// checkpoint. The checkpoint's signature is OpenCheckpoint's to check.
func (x Extract) Check(c Checkpoint) error {
	return tlog.CheckRecord(x.Path, c.Size, c.Root, x.Entry.Index, leafHash(x.Entry))
}

// PrivateDigest is the salted digest of an entry's name and body that its leaf holds.
func PrivateDigest(e store.LedgerEntry) []byte { return privateDigest(e) }

// Branch is the path from one leaf to the root of a small tree of RFC 6962.
type Branch struct {
	Size, Index int64
	Path        []Hash
	Root        Hash
}

// branchReader holds the stored hashes of a small tree.
type branchReader []Hash

// ReadHashes implements tlog.HashReader.
func (r branchReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		if at < 0 || at >= int64(len(r)) {
			return nil, fmt.Errorf("no hash %d", at)
		}
		out[i] = r[at]
	}
	return out, nil
}

// Branches gives the path of every leaf to the root over all of them.
func Branches(leaves [][]byte) ([]Branch, error) {
	var r branchReader
	for i, leaf := range leaves {
		hashes, err := tlog.StoredHashes(int64(i), leaf, r)
		if err != nil {
			return nil, err
		}
		r = append(r, hashes...)
	}
	size := int64(len(leaves))
	root, err := tlog.TreeHash(size, r)
	if err != nil {
		return nil, err
	}
	out := make([]Branch, size)
	for i := range out {
		path, err := tlog.ProveRecord(size, int64(i), r)
		if err != nil {
			return nil, err
		}
		out[i] = Branch{Size: size, Index: int64(i), Path: path, Root: root}
	}
	return out, nil
}

// Check tells whether the leaf is the branch's.
func (b Branch) Check(leaf []byte) error {
	return tlog.CheckRecord(b.Path, b.Size, b.Root, b.Index, tlog.RecordHash(leaf))
}

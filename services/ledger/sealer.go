package ledger

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"rigistry/services/store"
)

const (
	leaseName  = "sealer"
	leaseTime  = 10 * time.Second
	sealPoll   = 200 * time.Millisecond
	sealApart  = 100 * time.Millisecond // from one seal to the next: a seal holds the writer like any commit
	sealBatch  = 1000
	maxBackoff = 10 * time.Second
)

// ErrRollback says that the stored ledger is behind or beside what was signed
// before. Nothing may be signed on top of that: it is for a person to look at.
var ErrRollback = errors.New("the ledger went back")

// Ledger seals and reads the ledger of one store.
type Ledger struct {
	store  *store.Store
	origin string
	key    ed25519.PrivateKey
	now    func() time.Time
	logger *slog.Logger
	holder string

	last Checkpoint // what this process signed or saw last; owned by Seal
	turn chan struct{}
}

// New makes the ledger of a store. origin names it in every checkpoint; it has
// no spaces and no plus sign. New starts nothing.
func New(s *store.Store, origin string, key ed25519.PrivateKey, now func() time.Time, logger *slog.Logger) *Ledger {
	return &Ledger{store: s, origin: origin, key: key, now: now, logger: logger, holder: rand.Text(), turn: make(chan struct{}, 1)}
}

// Run seals what is committed, when this process commits at once or 100 ms after the
// seal before, and within 200 ms when another does, until ctx ends. A store that fails is tried again; an
// error that wraps ErrRollback ends it.
func (l *Ledger) Run(ctx context.Context) error {
	backoff := sealPoll
	for {
		changed := l.store.Changed()
		wait, apart := sealPoll, time.Duration(0)
		sealed, err := l.Seal(ctx)
		if sealed > 0 {
			apart = sealApart
		}
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if errors.Is(err, ErrRollback) {
				return fmt.Errorf("seal the ledger: %w", err)
			}
			l.logger.ErrorContext(ctx, "sealing failed, trying again", "error", err, "wait", backoff)
			wait, changed = backoff, nil
			backoff = min(2*backoff, maxBackoff)
		} else {
			backoff = sealPoll
		}
		if !pause(ctx, apart, nil) || !pause(ctx, wait-apart, changed) {
			return nil
		}
	}
}

// pause waits, until something changes at most; false when ctx ends.
func pause(ctx context.Context, d time.Duration, changed <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-changed:
	case <-timer.C:
	}
	return ctx.Err() == nil
}

// Seal seals everything that is committed now and gives how many entries that
// were: 0 also while another process holds the lease.
func (l *Ledger) Seal(ctx context.Context) (int, error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	total := 0
	for {
		waiting := false
		err := l.store.View(ctx, func(tx *store.Tx) error {
			unsealed, err := tx.UnsealedEntries(1)
			waiting = len(unsealed) > 0
			return err
		})
		if err != nil || !waiting {
			return total, err
		}
		n, err := l.sealBatch(ctx)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

func (l *Ledger) sealBatch(ctx context.Context) (int, error) {
	sign, err := newSigner(l.origin, l.key)
	if err != nil {
		return 0, err
	}
	var (
		next Checkpoint
		n    int
	)
	err = l.store.Update(ctx, func(tx *store.Tx) error {
		next, n = Checkpoint{}, 0
		mine, err := tx.TakeLease(leaseName, l.holder, tx.Now.Add(leaseTime))
		if err != nil || !mine {
			return err
		}
		next, n, err = l.seal(tx, sign)
		return err
	})
	if err != nil {
		return 0, err
	}
	if n > 0 {
		l.last = next
	}
	return n, nil
}

// seal does the work of one batch in one transaction.
func (l *Ledger) seal(tx *store.Tx, sign note.Signer) (Checkpoint, int, error) {
	head, err := tx.Head()
	if err != nil {
		return Checkpoint{}, 0, err
	}
	tree := newTree(tx)
	if err := l.refuseRollback(tx, head, tree); err != nil {
		return Checkpoint{}, 0, err
	}
	batch, err := tx.UnsealedEntries(sealBatch)
	if err != nil || len(batch) == 0 {
		return Checkpoint{}, 0, err
	}
	var hashes []store.LedgerHash
	for i, e := range batch {
		index := head.Size + int64(i)
		made, err := tlog.StoredHashesForRecordHash(index, leafHash(e), tree)
		if err != nil {
			return Checkpoint{}, 0, fmt.Errorf("hash entry %s: %w", e.ID, err)
		}
		at := tlog.StoredHashIndex(0, index)
		for j, h := range made {
			tree.known[at+int64(j)] = h
			hashes = append(hashes, store.LedgerHash{Index: at + int64(j), Hash: append([]byte(nil), h[:]...)})
		}
	}
	next := Checkpoint{Origin: l.origin, Size: head.Size + int64(len(batch)), At: tx.Now}
	if next.Root, err = tlog.TreeHash(next.Size, tree); err != nil {
		return Checkpoint{}, 0, fmt.Errorf("root of %d entries: %w", next.Size, err)
	}
	signed, err := note.Sign(&note.Note{Text: checkpointText(next.Origin, next.Size, next.Root, next.At)}, sign)
	if err != nil {
		return Checkpoint{}, 0, fmt.Errorf("sign the checkpoint of %d entries: %w", next.Size, err)
	}
	next.Note = string(signed)
	err = tx.Seal(head.Size, len(batch), hashes, store.LedgerHead{Size: next.Size, Root: next.Root[:], At: next.At, Note: next.Note})
	return next, len(batch), err
}

// refuseRollback checks that the stored head is what its hashes give, that it
// contains what this process saw last, and that time went on.
func (l *Ledger) refuseRollback(tx *store.Tx, head store.LedgerHead, tree *tree) error {
	if tx.Now.Before(head.At) {
		return fmt.Errorf("the clock says %s and the last checkpoint is of %s: waiting until it is later", tx.Now, head.At)
	}
	if head.Size < l.last.Size {
		return fmt.Errorf("%w: %d entries are sealed, and %d were signed before", ErrRollback, head.Size, l.last.Size)
	}
	if head.Size == 0 {
		return nil
	}
	for _, seen := range []Checkpoint{{Size: head.Size, Root: tlog.Hash(head.Root)}, l.last} {
		if seen.Size == 0 {
			continue
		}
		root, err := tlog.TreeHash(seen.Size, tree)
		if err != nil {
			return fmt.Errorf("root of %d entries: %w", seen.Size, err)
		}
		if root != seen.Root {
			return fmt.Errorf("%w: the hashes of %d entries do not give the root that was signed", ErrRollback, seen.Size)
		}
	}
	return nil
}

// tree reads the stored hashes of the Merkle tree, those of this transaction
// from memory.
type tree struct {
	tx    *store.Tx
	known map[int64]tlog.Hash
}

func newTree(tx *store.Tx) *tree { return &tree{tx: tx, known: map[int64]tlog.Hash{}} }

// ReadHashes implements tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var missing []int64
	for _, i := range indexes {
		if _, ok := t.known[i]; !ok {
			missing = append(missing, i)
		}
	}
	rows, err := t.tx.Hashes(missing)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if len(r.Hash) != tlog.HashSize {
			return nil, fmt.Errorf("stored hash %d has %d bytes", r.Index, len(r.Hash))
		}
		t.known[r.Index] = tlog.Hash(r.Hash)
	}
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := t.known[index]
		if !ok {
			return nil, fmt.Errorf("%w: stored hash %d is missing", ErrRollback, index)
		}
		out[i] = h
	}
	return out, nil
}

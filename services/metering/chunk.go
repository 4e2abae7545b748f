package metering

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Sealing: when, how often, how many chunks at once, and how many months of partitions
// are made ahead.
const (
	sealQuiet   = 2 * time.Minute // a quarter is over, and nothing came for it, so long
	sealEvery   = 30 * time.Second
	sealAtOnce  = 256
	sealRest    = 3 // a seal is followed by a pause of so many times what it took, of sealPause at most
	sealPause   = 500 * time.Millisecond
	sealListed  = 64 * 1024 // quarters that one look at all parts finds
	monthsAhead = 3
)

// sealFacts is the body of the ledger entry of a seal.
type sealFacts struct {
	Seal     int64     `json:"seal"`
	Chunks   int       `json:"chunks"`
	Readings int64     `json:"readings"`
	First    time.Time `json:"first"`
	Last     time.Time `json:"last"`
	Root     string    `json:"root"`
}

// Run folds what batches brought, seals quarters of an hour as they ripen and takes away
// what has had its time, until ctx ends. Any number of processes may run it on one database: who comes second does
// nothing.
func (s *Service) Run(ctx context.Context, log *slog.Logger) error {
	var beside sync.WaitGroup
	defer beside.Wait()
	beside.Go(func() { s.foldOn(ctx, log) })
	beside.Go(func() { s.retainOn(ctx, log) })
	ticker := time.NewTicker(sealEvery)
	defer ticker.Stop()
	for {
		for ctx.Err() == nil {
			began := s.now()
			n, err := s.Seal(ctx)
			if err != nil && ctx.Err() == nil && models.CodeOf(err) != models.CodeVersionConflict {
				log.Error("readings could not be sealed; they stay open and are tried again", "error", err)
			}
			if err != nil || n < sealAtOnce && s.ripe.none() || pause(ctx, min(sealPause, sealRest*s.now().Sub(began))) != nil {
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Seal makes one chunk of each of the oldest quarters of an hour that are over, at most
// 256, and gives their number. Readings that came after a quarter was sealed make the
// next version of its chunk. The ledger gets one entry: the root of a Merkle tree
// (RFC 6962) over the chunks' SHA-256.
func (s *Service) Seal(ctx context.Context) (int, error) {
	if s.ripe.none() {
		if _, err := s.Fold(ctx); err != nil {
			return 0, err
		}
	}
	ripe, err := s.nextRipe(ctx)
	if err != nil || len(ripe) == 0 {
		return 0, err
	}
	var (
		coder   models.ChunkCoder
		bodies  = make([][]byte, len(ripe))
		leaves  = make([][]byte, len(ripe))
		digests []byte
		facts   = sealFacts{Chunks: len(ripe), First: ripe[0].Start, Last: ripe[len(ripe)-1].Start}
		months  []time.Time
	)
	for i := range ripe {
		bodies[i] = coder.Seal(nil, ripe[i].Readings)
		digest := sha256.Sum256(bodies[i])
		leaves[i] = digest[:]
		digests = append(digests, digest[:]...)
		facts.Readings += int64(len(ripe[i].Readings))
		if i == 0 || ripe[i].Start.Month() != ripe[i-1].Start.Month() {
			months = append(months, ripe[i].Start)
		}
	}
	facts.Root = hex.EncodeToString(merkleRoot(leaves))
	if err := s.store.MakeMonths(ctx, monthsAhead, months...); err != nil {
		return 0, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) (err error) {
		facts.Seal, err = tx.InsertSeal(store.Seal{Readings: facts.Readings, Root: facts.Root, Digests: digests}, ripe, bodies)
		if err != nil {
			return err
		}
		_, err = tx.Append(models.Entry{Kind: "readings.sealed", Actor: models.System(), Body: facts,
			Subject: sealRef(facts.Seal)})
		return err
	})
	if err != nil {
		s.ripe.set(nil)
	}
	return len(ripe), err
}

// ripening are quarters that were found ripe and are still to be sealed.
type ripening struct {
	mu   sync.Mutex
	keys []store.RipeKey
}

func (r *ripening) set(keys []store.RipeKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = keys
}

// none tells that all are given.
func (r *ripening) none() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.keys) == 0
}

// take gives the next quarters, none when all are given.
func (r *ripening) take(most int) []store.RipeKey {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := min(most, len(r.keys))
	out := r.keys[:n]
	r.keys = r.keys[n:]
	return out
}

// nextRipe gives the next quarters to be sealed. To find them takes a look at every part:
// that is done once for very many.
func (s *Service) nextRipe(ctx context.Context) (ripe []store.Ripe, err error) {
	looked := false
	for len(ripe) == 0 && err == nil {
		keys := s.ripe.take(sealAtOnce)
		if len(keys) == 0 && looked {
			return nil, nil
		}
		err = s.store.View(ctx, func(tx *store.Tx) (err error) {
			quiet := tx.Now.Add(-sealQuiet)
			if len(keys) > 0 {
				ripe, err = tx.RipeOf(keys, quiet)
				return err
			}
			if keys, err = tx.RipeKeys(quiet, sealListed); err == nil {
				s.ripe.set(keys)
			}
			looked = true
			return err
		})
	}
	return ripe, err
}

// merkleRoot is the tree hash of RFC 6962, section 2.1, of at least one leaf.
func merkleRoot(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		h := sha256.Sum256(append([]byte{0}, leaves[0]...))
		return h[:]
	}
	split := 1
	for split*2 < len(leaves) {
		split *= 2
	}
	both := append([]byte{1}, merkleRoot(leaves[:split])...)
	h := sha256.Sum256(append(both, merkleRoot(leaves[split:])...))
	return h[:]
}

// CheckSeal tells whether the chunks of a meter in [from, until) are those that were
// sealed: each is in its seal, and each seal gives the root that is kept of it. It
// gives how many chunks it looked at, and those that are not, by start and version.
func (s *Service) CheckSeal(ctx context.Context, actor models.Actor, meter string, from, until time.Time) (looked int, bad []store.Chunk, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		looked, bad = 0, nil
		m, err := visibleMeter(tx, actor, meter)
		if err != nil {
			return err
		}
		chunks, err := tx.Chunks(m.ID, from, until, maxQueryRows)
		if err != nil {
			return err
		}
		looked = len(chunks)
		seals := map[int64]map[string]bool{}
		for _, c := range chunks {
			if seals[c.Seal] == nil {
				if seals[c.Seal], err = sealedDigests(tx, c.Seal); err != nil {
					return err
				}
			}
			if digest := sha256.Sum256(c.Body); !seals[c.Seal][string(digest[:])] {
				bad = append(bad, c)
			}
		}
		return nil
	})
	return looked, bad, err
}

// sealedDigests gives the digests of a seal, none when they do not give its root.
func sealedDigests(tx *store.Tx, number int64) (map[string]bool, error) {
	seal, err := tx.SealOf(number)
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	var leaves [][]byte
	for at := 0; at+sha256.Size <= len(seal.Digests); at += sha256.Size {
		leaf := seal.Digests[at : at+sha256.Size]
		leaves = append(leaves, leaf)
		out[string(leaf)] = true
	}
	if len(leaves) == 0 || hex.EncodeToString(merkleRoot(leaves)) != seal.Root {
		return map[string]bool{}, nil
	}
	return out, nil
}

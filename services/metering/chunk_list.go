package metering

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// SealedChunk is what is known of a sealed quarter of an hour of a meter without its
// readings.
type SealedChunk struct {
	Start, Until time.Time
	Version      int64 // counts up when readings came after it was sealed
	Seal         int64
	SealedAt     time.Time
	Readings     int64
	Bytes        int
	Digest       string // SHA-256 of its bytes, hex: a leaf of its seal
	Root         string // of the seal, hex
	Entry        int64  // place in the ledger of the entry with that root; -1: not in a checkpoint yet
	Sources      models.SourceSet
	Layouts      []*models.RegisterLayout // of its registers; none when they are not known
}

// ChunkPage is how many chunks one answer has at most: a week of a meter.
const ChunkPage = 7 * 96

// Chunks gives every version of the sealed chunks of a meter that start in [from,
// until), the oldest first; at most limit, from 1 to ChunkPage.
func (s *Service) Chunks(ctx context.Context, actor models.Actor, meter string, from, until time.Time, limit int) (out []SealedChunk, err error) {
	if limit < 1 || limit > ChunkPage {
		limit = ChunkPage
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out = nil
		m, err := visibleMeter(tx, actor, meter)
		if err != nil {
			return err
		}
		found, err := tx.Chunks(m.ID, from, until, limit)
		if err != nil {
			return err
		}
		out, err = describeChunks(tx, found)
		return err
	})
	return out, err
}

// WholeChunk is a sealed chunk with everything that it holds.
type WholeChunk struct {
	SealedChunk
	Meter models.Meter
	Body  []byte           // as it is sealed: models.ParseChunkRegisters reads it
	Rows  []models.Reading // with the words of their registers
}

// Chunk gives a sealed chunk of a meter by its start; version 0 is the newest.
func (s *Service) Chunk(ctx context.Context, actor models.Actor, meter string, start time.Time, version int64) (out WholeChunk, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		m, err := visibleMeter(tx, actor, meter)
		if err != nil {
			return err
		}
		found, err := tx.Chunks(m.ID, start, start.Add(time.Microsecond), ChunkPage)
		if err != nil {
			return err
		}
		for i := range found {
			if version != 0 && found[i].Version != version || version == 0 && i < len(found)-1 {
				continue
			}
			described, err := describeChunks(tx, found[i:i+1])
			if err != nil {
				return err
			}
			out = WholeChunk{SealedChunk: described[0], Meter: m, Body: found[i].Body}
			out.Rows, err = tx.WholeChunk(found[i].Body)
			return err
		}
		return models.NotFound("sealed chunk", m.Code+" "+start.UTC().Format(time.RFC3339))
	})
	return out, err
}

// describeChunks tells what is known of chunks beside their bytes.
func describeChunks(tx *store.Tx, found []store.Chunk) ([]SealedChunk, error) {
	numbers := make([]int64, 0, len(found))
	var digests []models.LayoutDigest
	for i := range found {
		numbers = append(numbers, found[i].Seal)
		named, err := models.ChunkLayouts(found[i].Body)
		if err != nil {
			return nil, err
		}
		digests = append(digests, named...)
	}
	seals, err := tx.SealHeads(numbers)
	if err != nil {
		return nil, err
	}
	layouts, err := tx.RegisterLayouts(digests)
	if err != nil {
		return nil, err
	}
	out := make([]SealedChunk, len(found))
	for i := range found {
		c, seal := &found[i], seals[found[i].Seal]
		sum := sha256.Sum256(c.Body)
		start := time.UnixMicro(c.Start).UTC()
		out[i] = SealedChunk{Start: start, Until: start.Add(models.IntervalLength), Version: c.Version, Seal: c.Seal, SealedAt: seal.SealedAt,
			Readings: c.Readings, Bytes: len(c.Body), Digest: hex.EncodeToString(sum[:]), Root: seal.Root, Entry: seal.Entry}
		named, err := models.ChunkLayouts(c.Body)
		if err != nil {
			return nil, err
		}
		for _, d := range named {
			out[i].Layouts = append(out[i].Layouts, layouts[d])
		}
		if out[i].Sources, err = models.ChunkSources(c.Body); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sealRef is what the ledger calls a seal.
func sealRef(number int64) models.Ref {
	return models.Ref{Kind: "reading_seal", ID: strconv.FormatInt(number, 10)}
}

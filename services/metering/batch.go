package metering

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Bounds of a batch.
const (
	maxBatch       = 10_000
	clockTolerance = 10 * time.Minute // how far ahead of ours a collector's clock may be
)

// Batch is what a collector sends at once. Its sequence counts up by one per
// collector. A reading names its meter by id or by code.
type Batch struct {
	Collector string
	Sequence  int64
	Readings  []models.Reading
	// Clock is how far the collector's clock was ahead of ours when the batch came; nil
	// when it did not say what it shows. It is no part of the digest: a batch that is sent
	// again is the same.
	Clock *time.Duration
}

// Bounds of a collector's clock. An edge keeps its clock by NTP, to well under a second;
// the times of readings are its own, never the meter's.
const (
	// ClockWatch is how far off a clock may be before somebody should look.
	ClockWatch = 2 * time.Second
	// ClockTrusted is how far off a clock may be for its readings to have their place in
	// time; beyond it they are marked models.QualityClock.
	ClockTrusted = 30 * time.Second
)

// distrusted tells whether the batch comes from a clock that is too far off.
func (b *Batch) distrusted() bool { return b.Clock != nil && b.Clock.Abs() > ClockTrusted }

// Digest is SHA-256 over the batch in canonical form, "sha256:" and hex: what
// the ledger keeps of it.
func (b *Batch) Digest() string {
	buf := binary.AppendUvarint(nil, uint64(len(b.Collector)))
	buf = append(buf, b.Collector...)
	buf = binary.AppendVarint(buf, b.Sequence)
	for i := range b.Readings {
		r := &b.Readings[i]
		buf = binary.AppendUvarint(buf, uint64(len(r.Meter)))
		buf = append(buf, r.Meter...)
		buf = binary.AppendVarint(buf, r.At.UnixMicro())
		buf = binary.AppendVarint(buf, r.Step.Microseconds())
		buf = append(buf, byte(r.Quality))
		buf = r.Values.AppendBinary(buf)
	}
	sum := sha256.Sum256(buf)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Result says what became of a batch.
type Result struct {
	Collector string
	Sequence  int64
	Accepted  int      // readings that are new
	Duplicate int      // readings that were there already
	Rejected  []string // meters that are not known, and instants that cannot be, each once
}

// batchFacts is the body of the ledger entry of a batch.
type batchFacts struct {
	Collector string    `json:"collector"`
	Sequence  int64     `json:"sequence"`
	Count     int       `json:"count"`
	Accepted  int       `json:"accepted"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Digest    string    `json:"digest"`
	ClockUs   int64     `json:"clock_us,omitempty"`  // how far the collector's clock was ahead of ours
	Registers string    `json:"registers,omitempty"` // of the words of registers; the digest is without them
}

// knownError says that there is a batch with the collector and the sequence.
type knownError struct{ store.ReadingBatch }

func (e *knownError) Error() string {
	return fmt.Sprintf("batch %d of %s is there", e.Sequence, e.Collector)
}

func checkBatch(b *Batch) error {
	var bad models.Invalid
	if b.Collector == "" || len(b.Collector) > 64 {
		bad.Add("/collector", "required", "Name the collector, in at most 64 characters.")
	}
	if b.Sequence < 0 {
		bad.Add("/sequence", "range", "The sequence counts up from 0.")
	}
	if len(b.Readings) > maxBatch {
		bad.Add("/readings", "range", "A batch holds at most %d readings, this one %d. Send smaller ones.", maxBatch, len(b.Readings))
	}
	for i := range b.Readings {
		r := &b.Readings[i]
		if r.Meter == "" {
			bad.Add(fmt.Sprintf("/readings/%d/meter", i), "required", "Name the meter by its id or code.")
		}
		if r.At.IsZero() {
			bad.Add(fmt.Sprintf("/readings/%d/at", i), "required", "Say when the meter was read.")
		}
		r.At = r.At.UTC().Truncate(time.Microsecond)
	}
	return bad.Err()
}

// NextSequence is the sequence that a collector in this process goes on with.
func (s *Service) NextSequence(ctx context.Context, collector string) (next int64, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		next, err = tx.NextSequence(collector)
		return err
	})
	return next, err
}

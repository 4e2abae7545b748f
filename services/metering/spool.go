package metering

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Local gives a deliver function for a collector in the same process as the
// service: it numbers the batches and ingests them.
func (s *Service) Local(actor models.Actor, collector string) func(context.Context, Batch) error {
	next := int64(0)
	return func(ctx context.Context, b Batch) (err error) {
		if next == 0 {
			if next, err = s.NextSequence(ctx, collector); err != nil {
				return err
			}
		}
		b.Collector, b.Sequence = collector, next
		if _, err = s.Ingest(ctx, actor, b); err != nil {
			next = 0 // it may have been kept all the same: ask where to go on
			return err
		}
		next++
		return nil
	}
}

// DefaultSpoolQuota is how many bytes a spool holds unless it is told otherwise:
// more than 72 hours of a thousand meters every ten seconds.
const DefaultSpoolQuota = 4 << 30

// spoolAlarm is at which part of its quota, in hundredths, a spool raises the alarm.
const spoolAlarm = 80

// How long a spool waits between tries, at least and at most.
const (
	spoolLeast = 500 * time.Millisecond
	spoolMost  = 30 * time.Second
)

// RefusedError says that the server will never take a batch, however often it is
// sent.
type RefusedError struct{ Err error }

// Error gives the server's words.
func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *RefusedError) Unwrap() error { return e.Err }

// ErrSpoolFull says that a batch was not kept because the spool has reached its
// quota. Nothing that it holds is given up for new readings.
var ErrSpoolFull = errors.New("the spool is full")

// Spool keeps an edge collector's batches on its own disk until the server has
// acknowledged them. A batch that Append took survives a power cut; batches are
// sent in order, again and again until acknowledged, and the server keeps each
// reading once. A batch that the server refuses for good is set aside, where it
// is kept but holds up no other.
type Spool struct {
	store     *store.Store
	collector string
	send      func(context.Context, Batch) error
	log       *slog.Logger
	wake      chan struct{}
	idle      chan struct{} // gets a token when nothing is left to send
	// Between tries while the server cannot be reached.
	least, most time.Duration

	mu      sync.Mutex
	quota   int64
	bytes   int64 // what the spool holds, once it is known
	known   bool
	alarmed bool
}

// NewSpool makes a spool on a store of its own. send delivers one batch and
// gives nil only when the server has acknowledged it (a 2xx answer), and a
// *RefusedError when it never will. It starts nothing.
func NewSpool(s *store.Store, collector string, send func(context.Context, Batch) error, log *slog.Logger) *Spool {
	return &Spool{store: s, collector: collector, send: send, log: log, wake: make(chan struct{}, 1), idle: make(chan struct{}, 1),
		least: spoolLeast, most: spoolMost, quota: DefaultSpoolQuota}
}

// Limit sets the quota in bytes.
func (s *Spool) Limit(bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quota = bytes
}

// spooled is a batch as it lies on the disk.
type spooled struct {
	Readings []spooledReading `json:"readings"`
	Layouts  []byte           `json:"layouts,omitempty"` // the texts of layouts, packed
}

type spooledReading struct {
	Meter   string `json:"m"`
	AtUs    int64  `json:"t"`
	StepUs  int64  `json:"s"`
	Quality uint8  `json:"q"`
	Values  []byte `json:"v"`
	Source  uint8  `json:"o,omitempty"`
	Layout  int    `json:"l,omitempty"` // from 1; 0: its registers are not known
	Words   []byte `json:"w,omitempty"` // models.Registers
}

// Append numbers a batch and keeps it; when it returns nil, the batch is on the
// disk. It is the deliver function of a collector.
func (s *Spool) Append(ctx context.Context, b Batch) error {
	rows := make([]spooledReading, len(b.Readings))
	for i := range b.Readings {
		r := &b.Readings[i]
		rows[i] = spooledReading{Meter: r.Meter, AtUs: r.At.UnixMicro(), StepUs: r.Step.Microseconds(), Quality: uint8(r.Quality),
			Values: r.Values.AppendBinary(nil), Source: uint8(r.Source)}
	}
	packed, err := spoolRegisters(&b, rows)
	if err != nil {
		return fmt.Errorf("spool a batch: %w", err)
	}
	body, err := json.Marshal(spooled{rows, packed})
	if err != nil {
		return fmt.Errorf("spool a batch: %w", err)
	}
	if err := s.reserve(ctx, int64(len(body))); err != nil {
		return err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		next, err := tx.NextSpoolSequence(s.collector)
		if err != nil {
			return err
		}
		return tx.AppendSpool(store.SpoolBatch{Collector: s.collector, Sequence: next, Body: body})
	})
	if err != nil {
		s.recount()
		return fmt.Errorf("spool a batch: %w", err)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// reserve takes room for a batch, or says that there is none. It raises the alarm
// once when the spool fills up, and once when it is full.
func (s *Spool) reserve(ctx context.Context, size int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.known {
		held, err := s.Size(ctx)
		if err != nil {
			return err
		}
		s.bytes, s.known = held.Bytes, true
	}
	if s.bytes+size > s.quota {
		return fmt.Errorf("%w: it holds %d of %d bytes; the server must take batches again, or the quota be raised", ErrSpoolFull, s.bytes, s.quota)
	}
	s.bytes += size
	high := s.bytes >= s.quota/100*spoolAlarm
	if high && !s.alarmed {
		s.log.Error("the spool is filling up: when it is full, no more readings are kept", "collector", s.collector, "bytes", s.bytes, "quota", s.quota)
	}
	s.alarmed = high
	return nil
}

// recount has the next Append measure the spool: something was taken from it.
func (s *Spool) recount() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = false
}

// release gives room back.
func (s *Spool) release(size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes -= size
}

// Size measures the spool.
func (s *Spool) Size(ctx context.Context) (size store.SpoolSize, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		size, err = tx.SpoolSize(s.collector)
		return err
	})
	return size, err
}

// Depth is how many batches wait for delivery.
func (s *Spool) Depth(ctx context.Context) (int64, error) {
	size, err := s.Size(ctx)
	return size.Batches, err
}

// Retry makes batches that were refused ones to deliver again, in their place,
// and counts them: for when the cause is mended.
func (s *Spool) Retry(ctx context.Context) (n int64, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		n, err = tx.RetrySpool(s.collector)
		return err
	})
	return n, err
}

// Run delivers batches, oldest first, until ctx ends. While the server cannot be
// reached it waits, at most half a minute between tries.
func (s *Spool) Run(ctx context.Context) error {
	wait := newBackoff(s.collector, s.least, s.most)
	for ctx.Err() == nil {
		sent, err := s.deliverOldest(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			s.log.Error("a batch could not be delivered and stays in the spool", "collector", s.collector, "error", err)
			_ = pause(ctx, wait.fail())
		case !sent:
			select {
			case s.idle <- struct{}{}:
			default:
			}
			select {
			case <-s.wake:
			case <-ctx.Done():
			}
		default:
			wait.reset()
		}
	}
	return nil
}

// deliverOldest sends the oldest batch and forgets it once acknowledged.
func (s *Spool) deliverOldest(ctx context.Context) (sent bool, err error) {
	var oldest []store.SpoolBatch
	if err := s.store.View(ctx, func(tx *store.Tx) error {
		oldest, err = tx.OldestSpool(s.collector, 1)
		return err
	}); err != nil || len(oldest) == 0 {
		return false, err
	}
	row := oldest[0]
	b, err := unspool(row)
	if err != nil {
		err = &RefusedError{err}
	} else {
		err = s.send(ctx, b)
	}
	var refused *RefusedError
	switch {
	case errors.As(err, &refused):
		s.log.Error("a batch is refused for good and set aside", "collector", s.collector, "sequence", row.Sequence, "error", err)
		return true, s.store.Update(ctx, func(tx *store.Tx) error {
			return tx.RefuseSpool(s.collector, row.Sequence, refused.Error())
		})
	case err != nil:
		return false, err
	}
	if err := s.store.Update(ctx, func(tx *store.Tx) error { return tx.DropSpool(s.collector, row.Sequence) }); err != nil {
		return false, err
	}
	s.release(int64(len(row.Body)))
	return true, nil
}

func unspool(row store.SpoolBatch) (Batch, error) {
	b := Batch{Collector: row.Collector, Sequence: row.Sequence}
	var body spooled
	if err := json.Unmarshal(row.Body, &body); err != nil {
		return b, fmt.Errorf("batch %d of the spool: %w", row.Sequence, err)
	}
	layouts, err := unspoolLayouts(body.Layouts)
	if err != nil {
		return b, fmt.Errorf("batch %d of the spool: %w", row.Sequence, err)
	}
	for _, r := range body.Readings {
		v, err := models.ParseValues(r.Values)
		if err != nil {
			return b, fmt.Errorf("batch %d of the spool: %w", row.Sequence, err)
		}
		b.Readings = append(b.Readings, models.Reading{Meter: r.Meter, At: time.UnixMicro(r.AtUs).UTC(),
			Step: time.Duration(r.StepUs) * time.Microsecond, Quality: models.Quality(r.Quality), Values: v,
			Source: models.Source(r.Source), Registers: r.registers(layouts, &v)})
	}
	return b, nil
}

package metering

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
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

// Spool keeps an edge collector's batches on its own disk until the server has
// acknowledged them. A batch that Append took survives a power cut; batches are
// sent in order, again and again until acknowledged, and the server keeps each
// reading once.
type Spool struct {
	store     *store.Store
	collector string
	send      func(context.Context, Batch) error
	log       *slog.Logger
	wake      chan struct{}
}

// NewSpool makes a spool on a store of its own. send delivers one batch and
// gives nil only when the server has acknowledged it (a 2xx answer). It starts
// nothing.
func NewSpool(s *store.Store, collector string, send func(context.Context, Batch) error, log *slog.Logger) *Spool {
	return &Spool{store: s, collector: collector, send: send, log: log, wake: make(chan struct{}, 1)}
}

// spooled is a batch as it lies on the disk.
type spooled struct {
	Readings []spooledReading `json:"readings"`
}

type spooledReading struct {
	Meter   string `json:"m"`
	AtUs    int64  `json:"t"`
	StepUs  int64  `json:"s"`
	Quality uint8  `json:"q"`
	Values  []byte `json:"v"`
}

// Append numbers a batch and keeps it; when it returns nil, the batch is on the
// disk. It is the deliver function of a collector.
func (s *Spool) Append(ctx context.Context, b Batch) error {
	rows := make([]spooledReading, len(b.Readings))
	for i := range b.Readings {
		r := &b.Readings[i]
		rows[i] = spooledReading{r.Meter, r.At.UnixMicro(), r.Step.Microseconds(), uint8(r.Quality), r.Values.AppendBinary(nil)}
	}
	body, err := json.Marshal(spooled{rows})
	if err != nil {
		return fmt.Errorf("spool a batch: %w", err)
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		next, err := tx.NextSpoolSequence(s.collector)
		if err != nil {
			return err
		}
		return tx.AppendSpool(store.SpoolBatch{Collector: s.collector, Sequence: next, Body: body})
	})
	if err != nil {
		return fmt.Errorf("spool a batch: %w", err)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return nil
}

// Depth is how many batches wait for delivery.
func (s *Spool) Depth(ctx context.Context) (n int64, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		n, err = tx.SpoolDepth(s.collector)
		return err
	})
	return n, err
}

// Run delivers batches, oldest first, until ctx ends. While the server cannot be
// reached it waits, at most half a minute between tries.
func (s *Spool) Run(ctx context.Context) error {
	wait := newBackoff(s.collector, 500*time.Millisecond, 30*time.Second)
	for ctx.Err() == nil {
		sent, err := s.deliverOldest(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			s.log.Error("a batch could not be delivered and stays in the spool", "collector", s.collector, "error", err)
			_ = pause(ctx, wait.fail())
		case !sent:
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
	b, err := unspool(oldest[0])
	if err != nil {
		return false, err
	}
	if err := s.send(ctx, b); err != nil {
		return false, err
	}
	return true, s.store.Update(ctx, func(tx *store.Tx) error { return tx.DropSpool(s.collector, b.Sequence) })
}

func unspool(row store.SpoolBatch) (Batch, error) {
	b := Batch{Collector: row.Collector, Sequence: row.Sequence}
	var body spooled
	if err := json.Unmarshal(row.Body, &body); err != nil {
		return b, fmt.Errorf("batch %d of the spool: %w", row.Sequence, err)
	}
	for _, r := range body.Readings {
		v, err := models.ParseValues(r.Values)
		if err != nil {
			return b, fmt.Errorf("batch %d of the spool: %w", row.Sequence, err)
		}
		b.Readings = append(b.Readings, models.Reading{Meter: r.Meter, At: time.UnixMicro(r.AtUs).UTC(),
			Step: time.Duration(r.StepUs) * time.Microsecond, Quality: models.Quality(r.Quality), Values: v})
	}
	return b, nil
}

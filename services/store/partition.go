package store

import (
	"context"
	"fmt"
	"time"
)

// MakeMonths makes the partitions of reading chunks for the month of the store's clock
// and so many after it, and for the month of each instant. It does nothing on SQLite. A
// month that has chunks in the rest already stays there: it is read the same.
func (s *Store) MakeMonths(ctx context.Context, ahead int, at ...time.Time) error {
	if s.engine.name() != "postgres" {
		return nil
	}
	this := s.Now()
	for k := range ahead + 1 {
		at = append(at, time.Date(this.Year(), this.Month()+time.Month(k), 1, 0, 0, 0, 0, time.UTC))
	}
	for _, t := range at {
		if err := s.makeMonth(ctx, time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)); err != nil {
			return fmt.Errorf("make the partition of %s: %w", t.Format("2006-01"), err)
		}
	}
	return nil
}

// monthTable names the partition of a month.
func monthTable(month time.Time) string { return "reading_chunks_" + month.Format("200601") }

func (s *Store) makeMonth(ctx context.Context, month time.Time) error {
	name := monthTable(month)
	s.places.mu.Lock()
	known := s.places.months[name]
	s.places.mu.Unlock()
	if known {
		return nil
	}
	from, until := micros(month), micros(month.AddDate(0, 1, 0))
	err := s.Update(ctx, func(tx *Tx) error {
		there, err := one[bool](tx, "partition", name, "SELECT to_regclass(?) IS NOT NULL OR EXISTS (SELECT 1 FROM reading_chunks_rest WHERE start_at >= ? AND start_at < ?)", name, from, until)
		if err != nil || there {
			return err
		}
		_, err = exec(tx, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s PARTITION OF reading_chunks FOR VALUES FROM (%d) TO (%d)", name, from, until))
		return err
	})
	if err != nil {
		return err
	}
	s.places.mu.Lock()
	defer s.places.mu.Unlock()
	if s.places.months == nil {
		s.places.months = map[string]bool{}
	}
	s.places.months[name] = true
	return nil
}

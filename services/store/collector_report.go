package store

import (
	"time"

	"rigistry/models"
)

// CollectorReport is what an edge collector said about its spool.
type CollectorReport struct {
	Collector  string `gorm:"column:collector"`
	Utility    string `gorm:"column:utility"`     // of the client that said it, "" when it has none
	Reported   int64  `gorm:"column:reported_at"` // microseconds
	Quota      int64  `gorm:"column:quota_bytes"`
	Held       int64  `gorm:"column:held_bytes"`
	Batches    int64  `gorm:"column:batches"`   // still to deliver
	OldestUs   int64  `gorm:"column:oldest_us"` // how long the oldest of them had waited
	Refused    int64  `gorm:"column:refused"`   // batches set aside
	RefusedWhy string `gorm:"column:refused_why"`
	Missing    int64  `gorm:"column:missing"`  // batches that the server lacks between those it has
	ClockUs    *int64 `gorm:"column:clock_us"` // how far its clock is ahead of ours, nil when it did not say
}

// KeepCollectorReport replaces what the collector said before, as of now. A name that a
// client of another utility reports under gives CodeConflict.
func (tx *Tx) KeepCollectorReport(r CollectorReport) error {
	n, err := exec(tx, `INSERT INTO collector_reports (collector, utility, reported_at, quota_bytes, held_bytes, batches, oldest_us, refused, refused_why, missing, clock_us)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (collector) DO UPDATE SET reported_at = excluded.reported_at, quota_bytes = excluded.quota_bytes, held_bytes = excluded.held_bytes,
			batches = excluded.batches, oldest_us = excluded.oldest_us, refused = excluded.refused, refused_why = excluded.refused_why, missing = excluded.missing, clock_us = excluded.clock_us
		WHERE collector_reports.utility = excluded.utility`,
		r.Collector, r.Utility, micros(tx.Now), r.Quota, r.Held, r.Batches, r.OldestUs, r.Refused, r.RefusedWhy, r.Missing, r.ClockUs)
	if err == nil && n == 0 {
		return models.Errorf(models.CodeConflict, "Another utility's collector reports as %q. Give this one a name of its own.", r.Collector)
	}
	return err
}

// CollectorReports gives what collectors said since, by name.
func (tx *Tx) CollectorReports(since time.Time) ([]CollectorReport, error) {
	return many[CollectorReport](tx, "SELECT * FROM collector_reports WHERE reported_at >= ? ORDER BY collector", micros(since))
}

// MissingBatches counts the sequences that the server lacks between a collector's newest
// batch and the oldest of the window of sequences up to it. A collector that lost its disk
// begins anew far above what it gave out before, further than a window: what lies between
// was never a batch, and is not counted.
func (tx *Tx) MissingBatches(collector string, window int64) (int64, error) {
	return one[int64](tx, "batches of", collector, `SELECT COALESCE(MAX(sequence) - MIN(sequence) + 1 - COUNT(*), 0) FROM reading_batches
		WHERE collector = ? AND sequence > (SELECT MAX(sequence) FROM reading_batches WHERE collector = ?) - ?`, collector, collector, window)
}

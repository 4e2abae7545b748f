package store

import "fmt"

// SpoolBatch is a batch that an edge collector has still to deliver.
type SpoolBatch struct {
	Collector string `gorm:"column:collector"`
	Sequence  int64  `gorm:"column:sequence"`
	KeptAt    int64  `gorm:"column:kept_at"`
	Body      []byte `gorm:"column:body"`
	Refused   string `gorm:"column:refused"` // why the server will never take it; else empty
}

// SpoolSize is how much a collector's spool holds. Bytes are those of all its
// batches, Batches those still to deliver.
type SpoolSize struct {
	Batches int64 `gorm:"column:batches"`
	Refused int64 `gorm:"column:refused"`
	Bytes   int64 `gorm:"column:bytes"`
	Oldest  int64 `gorm:"column:oldest"` // microseconds: when the oldest batch still to deliver was kept, 0 when there is none
}

// NextSpoolSequence counts a collector's sequence up and gives it; it never gives
// one twice, also when the spool was drained in between. The first is the time
// in milliseconds, so that a collector that lost its disk does not use sequences
// again that the server knows.
func (tx *Tx) NextSpoolSequence(collector string) (int64, error) {
	if _, err := exec(tx, "INSERT INTO spool_sequences (collector, last) VALUES (?, ?) ON CONFLICT (collector) DO UPDATE SET last = spool_sequences.last + 1", collector, tx.Now.UnixMilli()); err != nil {
		return 0, fmt.Errorf("count a sequence: %w", err)
	}
	return one[int64](tx, "sequence", collector, "SELECT last FROM spool_sequences WHERE collector = ?", collector)
}

// AppendSpool keeps a batch, now. A sequence that is taken gives CodeConflict.
func (tx *Tx) AppendSpool(b SpoolBatch) error {
	b.KeptAt = micros(tx.Now)
	return insert(tx, "spool_batches", &b)
}

// OldestSpool gives at most limit batches of a collector that are still to be
// delivered, lowest sequence first.
func (tx *Tx) OldestSpool(collector string, limit int) ([]SpoolBatch, error) {
	return many[SpoolBatch](tx, "SELECT * FROM spool_batches WHERE collector = ? AND refused = '' ORDER BY sequence LIMIT ?", collector, limit)
}

// DropSpool removes batches up to the sequence: the server has them. Refused ones
// stay.
func (tx *Tx) DropSpool(collector string, upTo int64) error {
	if _, err := exec(tx, "DELETE FROM spool_batches WHERE collector = ? AND sequence <= ? AND refused = ''", collector, upTo); err != nil {
		return fmt.Errorf("drop delivered batches: %w", err)
	}
	return nil
}

// RefuseSpool sets a batch aside, with the reason.
func (tx *Tx) RefuseSpool(collector string, sequence int64, reason string) error {
	if _, err := exec(tx, "UPDATE spool_batches SET refused = ? WHERE collector = ? AND sequence = ?", reason, collector, sequence); err != nil {
		return fmt.Errorf("set a refused batch aside: %w", err)
	}
	return nil
}

// RetrySpool makes refused batches ones to deliver again and counts them.
func (tx *Tx) RetrySpool(collector string) (int64, error) {
	n, err := exec(tx, "UPDATE spool_batches SET refused = '' WHERE collector = ? AND refused <> ''", collector)
	if err != nil {
		return 0, fmt.Errorf("take up refused batches: %w", err)
	}
	return n, nil
}

// SpoolSize measures a collector's spool.
func (tx *Tx) SpoolSize(collector string) (SpoolSize, error) {
	return one[SpoolSize](tx, "spool", collector, `SELECT COUNT(CASE WHEN refused = '' THEN 1 END) AS batches,
		COUNT(CASE WHEN refused <> '' THEN 1 END) AS refused, COALESCE(SUM(LENGTH(body)), 0) AS bytes,
		COALESCE(MIN(CASE WHEN refused = '' THEN kept_at END), 0) AS oldest FROM spool_batches WHERE collector = ?`, collector)
}

// LastRefusal gives why the newest batch that was set aside is, "" when none is.
func (tx *Tx) LastRefusal(collector string) (string, error) {
	why, err := many[string](tx, "SELECT refused FROM spool_batches WHERE collector = ? AND refused <> '' ORDER BY sequence DESC LIMIT 1", collector)
	if err != nil || len(why) == 0 {
		return "", err
	}
	return why[0], nil
}

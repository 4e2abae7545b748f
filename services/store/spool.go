package store

import "fmt"

// SpoolBatch is a batch that an edge collector has still to deliver.
type SpoolBatch struct {
	Collector string `gorm:"column:collector"`
	Sequence  int64  `gorm:"column:sequence"`
	KeptAt    int64  `gorm:"column:kept_at"`
	Body      []byte `gorm:"column:body"`
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

// OldestSpool gives at most limit batches of a collector, lowest sequence first.
func (tx *Tx) OldestSpool(collector string, limit int) ([]SpoolBatch, error) {
	return many[SpoolBatch](tx, "SELECT * FROM spool_batches WHERE collector = ? ORDER BY sequence LIMIT ?", collector, limit)
}

// DropSpool removes batches up to the sequence: the server has them.
func (tx *Tx) DropSpool(collector string, upTo int64) error {
	if _, err := exec(tx, "DELETE FROM spool_batches WHERE collector = ? AND sequence <= ?", collector, upTo); err != nil {
		return fmt.Errorf("drop delivered batches: %w", err)
	}
	return nil
}

// SpoolDepth counts the batches still to deliver.
func (tx *Tx) SpoolDepth(collector string) (int64, error) {
	return one[int64](tx, "spool", collector, "SELECT COUNT(*) FROM spool_batches WHERE collector = ?", collector)
}

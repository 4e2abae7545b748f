package store

import "time"

// PackedInspection is what a package tells of an inspection.
type PackedInspection struct {
	ID        string `gorm:"column:id"`
	Number    string `gorm:"column:number"`
	Kind      string `gorm:"column:kind"`
	State     string `gorm:"column:state"`
	PlannedOn string `gorm:"column:planned_on"`
	Title     string `gorm:"column:title"`
	Address   string `gorm:"column:address"`
	Legal     string `gorm:"column:legal"` // JSON: the fields that the law demands
	Checklist string `gorm:"column:checklist"`
}

// PackedEvent is a field event as its device signed it.
type PackedEvent struct {
	Hash, Device, PublicKey   string
	Seq                       int64
	Payload, Signature, Flags string
	Entry                     string // id of the ledger's entry
	Received                  time.Time
}

// PackedOriginal is a file of the evidence store.
type PackedOriginal struct {
	SHA256    string `gorm:"column:sha256"`
	MediaType string `gorm:"column:media_type"`
	Entry     string `gorm:"column:entry"` // id of the ledger's entry
	Bytes     int64  `gorm:"column:bytes"`
}

// PackedInspections gives the inspections of a case, in the order of their numbers.
func (tx *Tx) PackedInspections(caseID string) ([]PackedInspection, error) {
	return many[PackedInspection](tx, `SELECT id, number, kind, state, planned_on, title, address, legal, checklist FROM inspections
		WHERE case_id = ? ORDER BY number`, caseID)
}

// PackedEvents gives the events of an inspection by device and place in its chain.
func (tx *Tx) PackedEvents(inspection string) ([]PackedEvent, error) {
	type row struct {
		Hash       string `gorm:"column:hash"`
		Device     string `gorm:"column:device"`
		PublicKey  string `gorm:"column:public_key"`
		Seq        int64  `gorm:"column:seq"`
		Payload    string `gorm:"column:payload"`
		Signature  string `gorm:"column:signature"`
		Flags      string `gorm:"column:flags"`
		Entry      string `gorm:"column:entry"`
		ReceivedAt int64  `gorm:"column:received_at"`
	}
	rows, err := many[row](tx, `SELECT e.hash, e.device, d.public_key, e.seq, e.payload, e.signature, e.flags, e.entry, e.received_at
		FROM inspection_events e JOIN field_devices d ON d.id = e.device WHERE e.inspection = ? ORDER BY e.device, e.seq, e.id`, inspection)
	out := make([]PackedEvent, len(rows))
	for i, r := range rows {
		out[i] = PackedEvent{r.Hash, r.Device, r.PublicKey, r.Seq, r.Payload, r.Signature, r.Flags, r.Entry, instant(r.ReceivedAt)}
	}
	return out, err
}

// PackedOriginals gives those of the files that the evidence store has received.
func (tx *Tx) PackedOriginals(sums []string) ([]PackedOriginal, error) {
	var out []PackedOriginal
	for part := range chunks(sums, maxNames) {
		rows, err := many[PackedOriginal](tx, "SELECT sha256, media_type, entry, bytes FROM evidence_blobs WHERE sha256 IN ? ORDER BY sha256", part)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// EntriesNamed gives the sealed entries with the ids whose place is below a size.
func (tx *Tx) EntriesNamed(ids []string, below int64) ([]LedgerEntry, error) {
	var out []LedgerEntry
	for part := range chunks(ids, maxNames) {
		found, err := entries(many[entryRow](tx, "SELECT * FROM ledger_entries WHERE id IN ? AND leaf_index >= 0 AND leaf_index < ?", part, below))
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

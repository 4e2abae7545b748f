package store

import "time"

// ToldRatio is an entry of the ledger about a meter that tells another transformer ratio
// than before.
type ToldRatio struct {
	Recorded time.Time
	Body     string // JSON text
}

// ToldRatios gives what is in the ledger about the ratios that a meter told, the newest
// first, at most limit.
func (tx *Tx) ToldRatios(meter string, limit int) ([]ToldRatio, error) {
	rows, err := many[struct {
		At   int64  `gorm:"column:at"`
		Body string `gorm:"column:body"`
	}](tx, `SELECT at, body FROM ledger_entries WHERE subject_kind = 'meter' AND subject_id = ? AND kind = 'meter.ratio_changed' AND at <= ?
		ORDER BY at DESC, id DESC LIMIT ?`, meter, micros(tx.Now), limit)
	out := make([]ToldRatio, len(rows))
	for i, r := range rows {
		out[i] = ToldRatio{instant(r.At), r.Body}
	}
	return out, err
}

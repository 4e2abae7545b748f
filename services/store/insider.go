package store

import (
	"time"

	"rigistry/models"
)

type insiderRow struct {
	Entry   int64  `gorm:"column:entry"`
	Item    int64  `gorm:"column:item"`
	Kind    string `gorm:"column:kind"`
	Utility string `gorm:"column:utility"`
	Point   string `gorm:"column:point"`
	Person  string `gorm:"column:person"`
	CheckID string `gorm:"column:check_id"`
	At      int64  `gorm:"column:at"`
}

// InsertInsiderFacts keeps facts of the ledger, each once.
func (tx *Tx) InsertInsiderFacts(facts []models.InsiderFact) error {
	for _, f := range facts {
		_, err := exec(tx, `INSERT INTO insider_facts (entry, item, kind, utility, point, person, check_id, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (entry, item) DO NOTHING`, f.Entry, f.Item, string(f.Kind), f.Utility, f.Point, f.Person, f.Check, micros(f.At))
		if err != nil {
			return err
		}
	}
	return nil
}

// InsiderFacts gives the facts at a connection point since an instant, in the order
// of the ledger.
func (tx *Tx) InsiderFacts(point string, since time.Time) ([]models.InsiderFact, error) {
	rows, err := many[insiderRow](tx, "SELECT entry, item, kind, utility, point, person, check_id, at FROM insider_facts WHERE point = ? AND at >= ? ORDER BY entry, item LIMIT 5000", point, micros(since))
	out := make([]models.InsiderFact, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.InsiderFact{Entry: r.Entry, Item: r.Item, Kind: models.InsiderKind(r.Kind), Utility: r.Utility, Point: r.Point, Person: r.Person, Check: r.CheckID, At: instant(r.At)})
	}
	return out, err
}

// PointOfCheck gives the connection point that an answer was about, by the facts
// kept; "" when none was.
func (tx *Tx) PointOfCheck(check string) (string, error) {
	rows, err := many[string](tx, "SELECT point_code FROM gate_checks WHERE id = ?", check)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

// RequestsOf gives the requests of answers as they are stored, by the id of the answer.
func (tx *Tx) RequestsOf(checks []string) (map[string]string, error) {
	out := make(map[string]string, len(checks))
	for part := range chunks(checks, maxNames) {
		rows, err := tx.whole(many[GateCheck](tx, "SELECT * FROM gate_checks WHERE id IN ?", part))
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.ID] = r.Request
		}
	}
	return out, nil
}

// RefuseConfirmation records that a person's confirmation of an answer was refused, and
// tells whether it is the first time for the reason: no_permit, lapsed or forbidden.
func (tx *Tx) RefuseConfirmation(check, why, person string) (first bool, err error) {
	n, err := exec(tx, "INSERT INTO gate_refusals (check_id, why, person, recorded_at) VALUES (?, ?, ?, ?) ON CONFLICT (check_id, why, person) DO NOTHING",
		check, why, person, micros(tx.Now))
	return n == 1, err
}

// ForgetInsiderFacts removes facts that no window reaches any more.
func (tx *Tx) ForgetInsiderFacts(before time.Time) error {
	_, err := exec(tx, "DELETE FROM insider_facts WHERE at < ?", micros(before))
	return err
}

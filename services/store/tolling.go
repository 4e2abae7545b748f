package store

import "rigistry/models"

type tollingRow struct {
	ID         string `gorm:"column:id"`
	From       string `gorm:"column:from_date"`
	Until      string `gorm:"column:until_date"`
	Reason     string `gorm:"column:reason"`
	LegalRef   string `gorm:"column:legal_ref"`
	State      string `gorm:"column:state"`
	ProposedBy string `gorm:"column:proposed_by"`
	ProposedAt int64  `gorm:"column:proposed_at"`
	DecidedBy  string `gorm:"column:decided_by"`
	DecidedAt  int64  `gorm:"column:decided_at"`
	Version    int64  `gorm:"column:version"`
}

func (r tollingRow) tolling() models.Tolling {
	return models.Tolling{ID: r.ID, From: r.From, Until: r.Until, Reason: r.Reason, LegalRef: r.LegalRef, State: models.TollingState(r.State),
		ProposedBy: r.ProposedBy, ProposedAt: instant(r.ProposedAt), DecidedBy: r.DecidedBy, DecidedAt: instant(r.DecidedAt), Version: r.Version}
}

// InsertTolling adds a proposed tolling period.
func (tx *Tx) InsertTolling(t models.Tolling) error {
	return insert(tx, "tolling_periods", &tollingRow{t.ID, t.From, t.Until, t.Reason, t.LegalRef, string(t.State),
		t.ProposedBy, micros(t.ProposedAt), t.DecidedBy, micros(t.DecidedAt), t.Version})
}

// DecideTolling saves the decision on a period when it still has the version before
// t.Version.
func (tx *Tx) DecideTolling(t models.Tolling) error {
	return updateVersion(tx, "tolling_periods", t.ID, t.Version-1, map[string]any{"state": string(t.State), "decided_by": t.DecidedBy, "decided_at": micros(t.DecidedAt)})
}

// Tolling finds a tolling period.
func (tx *Tx) Tolling(id string) (models.Tolling, error) {
	r, err := one[tollingRow](tx, "tolling period", id, "SELECT * FROM tolling_periods WHERE id = ?", id)
	return r.tolling(), err
}

// Tollings gives every tolling period, in the order of dates.
func (tx *Tx) Tollings() ([]models.Tolling, error) {
	rows, err := many[tollingRow](tx, "SELECT * FROM tolling_periods ORDER BY from_date, id")
	out := make([]models.Tolling, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.tolling())
	}
	return out, err
}

// MoveDue changes the due date of an application, which follows from its clock and
// the calendar; its content and version stay.
func (tx *Tx) MoveDue(application, due string) error {
	_, err := exec(tx, "UPDATE applications SET due = ? WHERE id = ?", due, application)
	return err
}

// MoveRequestDue changes the last day for the answer to a request.
func (tx *Tx) MoveRequestDue(id, due string) error {
	_, err := exec(tx, "UPDATE application_requests SET due = ?, version = version + 1 WHERE id = ? AND state = 'open'", due, id)
	return err
}

// OpenRequests gives every request that waits for an answer.
func (tx *Tx) OpenRequests() ([]models.Request, error) {
	return requests(many[requestRow](tx, "SELECT * FROM application_requests WHERE state = 'open' ORDER BY id"))
}

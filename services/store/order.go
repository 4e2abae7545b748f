package store

import (
	"time"

	"rigistry/models"
)

type orderRow struct {
	ID             string `gorm:"column:id"`
	Number         string `gorm:"column:number"`
	Kind           string `gorm:"column:kind"`
	Utility        string `gorm:"column:utility_id"`
	Point          string `gorm:"column:point_id"`
	PointCode      string `gorm:"column:point_code"`
	License        string `gorm:"column:license"`
	LicenseVersion int64  `gorm:"column:license_version"`
	Ground         string `gorm:"column:ground"`
	Source         string `gorm:"column:source"`
	Limit          int64  `gorm:"column:limit_w"`
	WindowFrom     int64  `gorm:"column:window_from"`
	WindowUntil    int64  `gorm:"column:window_until"`
	LegalRef       string `gorm:"column:legal_ref"`
	Grade          string `gorm:"column:grade"`
	State          string `gorm:"column:state"`
	Issued         int64  `gorm:"column:issued_at"`
	Deadline       int64  `gorm:"column:deadline_at"`
	Delivered      int64  `gorm:"column:delivered_at"`
	DeliveredBy    string `gorm:"column:delivered_by"`
	Acknowledged   int64  `gorm:"column:acknowledged_at"`
	AcknowledgedBy string `gorm:"column:acknowledged_by"`
	Scheduled      int64  `gorm:"column:scheduled_at"`
	Executed       int64  `gorm:"column:executed_at"`
	ExecutedBy     string `gorm:"column:executed_by"`
	Crew           string `gorm:"column:crew"`
	Reading        int64  `gorm:"column:reading_wh"`
	Photo          string `gorm:"column:photo_sha256"`
	Verified       int64  `gorm:"column:verified_at"`
	VerifiedBy     string `gorm:"column:verified_by"`
	VerifiedNote   string `gorm:"column:verified_note"`
	Closed         int64  `gorm:"column:closed_at"`
	Objected       int64  `gorm:"column:objected_at"`
	ObjectedBy     string `gorm:"column:objected_by"`
	ObjectionCode  string `gorm:"column:objection_code"`
	Objection      string `gorm:"column:objection"`
	Decision       string `gorm:"column:objection_decision"`
	DecidedAt      int64  `gorm:"column:objection_decided_at"`
	DecidedBy      string `gorm:"column:objection_decided_by"`
	Reply          string `gorm:"column:objection_reply"`
	Escalations    int64  `gorm:"column:escalations"`
	Escalated      int64  `gorm:"column:escalated_at"`
	Contradicted   int64  `gorm:"column:contradicted_at"`
	ContradictedBy int64  `gorm:"column:contradicted_w"`
	Note           string `gorm:"column:note"`
	Version        int64  `gorm:"column:version"`
}

func orderToRow(o models.DisconnectionOrder) orderRow {
	return orderRow{
		ID: o.ID, Number: o.Number, Kind: string(o.Kind), Utility: o.Utility, Point: o.Point, PointCode: o.PointCode, License: o.License,
		LicenseVersion: o.LicenseVersion, Ground: o.Ground, Source: o.Source, Limit: int64(o.Limit), WindowFrom: micros(o.WindowFrom),
		WindowUntil: micros(o.WindowUntil), LegalRef: o.LegalRef, Grade: o.Grade, State: string(o.State), Issued: micros(o.Issued), Deadline: micros(o.Deadline),
		Delivered: micros(o.Delivered), DeliveredBy: o.DeliveredBy, Acknowledged: micros(o.Acknowledged), AcknowledgedBy: o.AcknowledgedBy,
		Scheduled: micros(o.Scheduled), Executed: micros(o.Executed), ExecutedBy: o.ExecutedBy, Crew: o.Crew, Reading: int64(o.Reading), Photo: o.Photo,
		Verified: micros(o.Verified), VerifiedBy: o.VerifiedBy, VerifiedNote: o.VerifiedNote, Closed: micros(o.Closed),
		Objected: micros(o.Objection.At), ObjectedBy: o.Objection.By, ObjectionCode: string(o.Objection.Code), Objection: o.Objection.Text,
		Decision: o.Objection.Decision, DecidedAt: micros(o.Objection.DecidedAt), DecidedBy: o.Objection.DecidedBy, Reply: o.Objection.Reply,
		Escalations: o.Escalations, Escalated: micros(o.Escalated), Contradicted: micros(o.Contradicted), ContradictedBy: int64(o.ContradictedBy),
		Note: o.Note, Version: o.Version,
	}
}

func (r orderRow) order() models.DisconnectionOrder {
	return models.DisconnectionOrder{
		ID: r.ID, Number: r.Number, Kind: models.OrderKind(r.Kind), Utility: r.Utility, Point: r.Point, PointCode: r.PointCode, License: r.License,
		LicenseVersion: r.LicenseVersion, Ground: r.Ground, Source: r.Source, Limit: models.Watts(r.Limit), WindowFrom: instant(r.WindowFrom),
		WindowUntil: instant(r.WindowUntil), LegalRef: r.LegalRef, Grade: r.Grade, State: models.OrderState(r.State), Issued: instant(r.Issued),
		Deadline: instant(r.Deadline), Delivered: instant(r.Delivered), DeliveredBy: r.DeliveredBy, Acknowledged: instant(r.Acknowledged),
		AcknowledgedBy: r.AcknowledgedBy, Scheduled: instant(r.Scheduled), Executed: instant(r.Executed), ExecutedBy: r.ExecutedBy, Crew: r.Crew,
		Reading: models.WattHours(r.Reading), Photo: r.Photo, Verified: instant(r.Verified), VerifiedBy: r.VerifiedBy, VerifiedNote: r.VerifiedNote,
		Closed: instant(r.Closed), Objection: models.Objection{At: instant(r.Objected), By: r.ObjectedBy, Code: models.ObjectionCode(r.ObjectionCode),
			Text: r.Objection, Decision: r.Decision, DecidedAt: instant(r.DecidedAt), DecidedBy: r.DecidedBy, Reply: r.Reply},
		Escalations: r.Escalations, Escalated: instant(r.Escalated), Contradicted: instant(r.Contradicted), ContradictedBy: models.Watts(r.ContradictedBy),
		Note: r.Note, Version: r.Version,
	}
}

func orders(rows []orderRow, err error) ([]models.DisconnectionOrder, error) {
	out := make([]models.DisconnectionOrder, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.order())
	}
	return out, err
}

// NextOrderNumber counts a sequence of the grid's documents up and gives the number.
func (tx *Tx) NextOrderNumber(sequence string) (int64, error) {
	return one[int64](tx, "sequence", sequence, "UPDATE grid_sequences SET next = next + 1 WHERE name = ? RETURNING next - 1", sequence)
}

// HasOrder tells whether an order of the kind was made for the point from the source,
// whatever became of it.
func (tx *Tx) HasOrder(point string, kind models.OrderKind, source string) (bool, error) {
	n, err := one[int64](tx, "count", "", "SELECT COUNT(*) FROM disconnection_orders WHERE point_id = ? AND kind = ? AND source = ?", point, string(kind), source)
	return n > 0, err
}

// InsertOrder adds an order. A second one for the point, kind and source gives
// CodeConflict.
func (tx *Tx) InsertOrder(o models.DisconnectionOrder) error {
	row := orderToRow(o)
	return insert(tx, "disconnection_orders", &row)
}

// UpdateOrder saves an order whose row still has the version. What it was made from
// does not change.
func (tx *Tx) UpdateOrder(o models.DisconnectionOrder) error {
	r := orderToRow(o)
	return updateVersion(tx, "disconnection_orders", o.ID, o.Version, map[string]any{
		"state": r.State, "deadline_at": r.Deadline, "delivered_at": r.Delivered, "delivered_by": r.DeliveredBy, "acknowledged_at": r.Acknowledged,
		"acknowledged_by": r.AcknowledgedBy, "scheduled_at": r.Scheduled, "executed_at": r.Executed, "executed_by": r.ExecutedBy, "crew": r.Crew,
		"reading_wh": r.Reading, "photo_sha256": r.Photo, "verified_at": r.Verified, "verified_by": r.VerifiedBy, "verified_note": r.VerifiedNote,
		"closed_at": r.Closed, "objected_at": r.Objected, "objected_by": r.ObjectedBy, "objection_code": r.ObjectionCode, "objection": r.Objection,
		"objection_decision": r.Decision, "objection_decided_at": r.DecidedAt, "objection_decided_by": r.DecidedBy, "objection_reply": r.Reply,
		"escalations": r.Escalations, "escalated_at": r.Escalated, "contradicted_at": r.Contradicted, "contradicted_w": r.ContradictedBy, "note": r.Note,
	})
}

// Order gives the order with the id or the number.
func (tx *Tx) Order(idOrNumber string) (models.DisconnectionOrder, error) {
	r, err := one[orderRow](tx, "disconnection order", idOrNumber, "SELECT * FROM disconnection_orders WHERE id = ? OR number = ?", idOrNumber, idOrNumber)
	return r.order(), err
}

// UndeliveredOrders gives those of the orders, by id, that are a utility's and that it
// has not seen yet, oldest first.
func (tx *Tx) UndeliveredOrders(utility string, ids []string) (out []string, err error) {
	for part := range chunks(ids, maxNames) {
		fresh, err := many[string](tx, "SELECT id FROM disconnection_orders WHERE id IN ? AND utility_id = ? AND state = 'issued' ORDER BY id", part, utility)
		if err != nil {
			return nil, err
		}
		out = append(out, fresh...)
	}
	return out, nil
}

// OrderFilter narrows a list of orders; "" and the zero instant do not narrow.
type OrderFilter struct {
	Utility   string
	License   string
	Point     string // id
	PointCode string
	State     string
	Kind      string
	Open      string // "open" leaves out closed ones
	// Flag is contradicted, objected or overdue; overdue is looked at on the instant At.
	Flag string
	At   time.Time
}

// The flags of an order as conditions. overdue takes an instant.
const (
	orderOverdue      = "kind <> 'reconnection' AND state IN ('issued', 'delivered', 'acknowledged') AND deadline_at <= ?"
	orderContradicted = "contradicted_at > 0 AND state <> 'closed'"
	orderObjected     = "objected_at > 0 AND objection_decision = '' AND state <> 'closed'"
)

func (f OrderFilter) where() *where {
	w := &where{}
	w.equal("utility_id", f.Utility)
	w.equal("license", f.License)
	w.equal("point_id", f.Point)
	w.equal("point_code", f.PointCode)
	w.equal("state", f.State)
	w.equal("kind", f.Kind)
	if f.Open != "" {
		w.add("state <> 'closed'")
	}
	switch f.Flag {
	case "contradicted":
		w.add(orderContradicted)
	case "objected":
		w.add(orderObjected)
	case "overdue":
		w.add(orderOverdue, micros(f.At))
	}
	return w
}

// Orders lists orders, oldest first. The cursor is an id.
func (tx *Tx) Orders(f OrderFilter, page Page) ([]models.DisconnectionOrder, error) {
	w := f.where()
	w.add("id > ?", page.After)
	return orders(many[orderRow](tx, "SELECT * FROM disconnection_orders"+w.sql()+" ORDER BY id LIMIT ?", append(w.args, page.Size())...))
}

// OrderCount is how the orders of one utility stand.
type OrderCount struct {
	Utility      string `gorm:"column:utility_id"`
	Open         int64  `gorm:"column:open"`     // issued, delivered or acknowledged
	Executed     int64  `gorm:"column:executed"` // reported and not verified
	Overdue      int64  `gorm:"column:overdue"`
	Contradicted int64  `gorm:"column:contradicted"`
	Objected     int64  `gorm:"column:objected"`
	Escalations  int64  `gorm:"column:escalations"` // of the orders that are overdue now
	Oldest       int64  `gorm:"column:oldest"`      // deadline of the longest overdue one in microseconds, 0 for none
}

// OrderCounts counts the orders that are not closed by utility; "" is every one.
func (tx *Tx) OrderCounts(utility string) ([]OrderCount, error) {
	w := &where{}
	w.add("state <> 'closed'")
	w.equal("utility_id", utility)
	now := micros(tx.Now)
	count := func(condition string) string {
		return "CAST(SUM(CASE WHEN " + condition + " THEN 1 ELSE 0 END) AS BIGINT)"
	}
	return many[OrderCount](tx, "SELECT utility_id, "+count("state IN ('issued', 'delivered', 'acknowledged')")+" AS open, "+count("state = 'executed'")+" AS executed, "+
		count(orderOverdue)+" AS overdue, "+count(orderContradicted)+" AS contradicted, "+count(orderObjected)+" AS objected, "+
		"CAST(SUM(CASE WHEN "+orderOverdue+" THEN escalations ELSE 0 END) AS BIGINT) AS escalations, "+
		"CAST(COALESCE(MIN(CASE WHEN "+orderOverdue+" THEN deadline_at END), 0) AS BIGINT) AS oldest FROM disconnection_orders"+
		w.sql()+" GROUP BY utility_id ORDER BY utility_id", append([]any{now, now, now}, w.args...)...)
}

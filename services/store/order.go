package store

import (
	"rigistry/models"
)

type orderRow struct {
	ID             string `gorm:"column:id"`
	Number         string `gorm:"column:number"`
	Utility        string `gorm:"column:utility_id"`
	Point          string `gorm:"column:point_id"`
	PointCode      string `gorm:"column:point_code"`
	License        string `gorm:"column:license"`
	LicenseVersion int64  `gorm:"column:license_version"`
	Ground         string `gorm:"column:ground"`
	State          string `gorm:"column:state"`
	Issued         int64  `gorm:"column:issued_at"`
	Deadline       int64  `gorm:"column:deadline_at"`
	Delivered      int64  `gorm:"column:delivered_at"`
	Acknowledged   int64  `gorm:"column:acknowledged_at"`
	AcknowledgedBy string `gorm:"column:acknowledged_by"`
	Executed       int64  `gorm:"column:executed_at"`
	ExecutedBy     string `gorm:"column:executed_by"`
	Verified       int64  `gorm:"column:verified_at"`
	Closed         int64  `gorm:"column:closed_at"`
	Objected       int64  `gorm:"column:objected_at"`
	Objection      string `gorm:"column:objection"`
	Note           string `gorm:"column:note"`
	Version        int64  `gorm:"column:version"`
}

func orderToRow(o models.DisconnectionOrder) orderRow {
	return orderRow{
		ID: o.ID, Number: o.Number, Utility: o.Utility, Point: o.Point, PointCode: o.PointCode, License: o.License,
		LicenseVersion: o.LicenseVersion, Ground: o.Ground, State: string(o.State), Issued: micros(o.Issued), Deadline: micros(o.Deadline),
		Delivered: micros(o.Delivered), Acknowledged: micros(o.Acknowledged), AcknowledgedBy: o.AcknowledgedBy,
		Executed: micros(o.Executed), ExecutedBy: o.ExecutedBy, Verified: micros(o.Verified), Closed: micros(o.Closed),
		Objected: micros(o.Objected), Objection: o.Objection, Note: o.Note, Version: o.Version,
	}
}

func (r orderRow) order() models.DisconnectionOrder {
	return models.DisconnectionOrder{
		ID: r.ID, Number: r.Number, Utility: r.Utility, Point: r.Point, PointCode: r.PointCode, License: r.License,
		LicenseVersion: r.LicenseVersion, Ground: r.Ground, State: models.OrderState(r.State), Issued: instant(r.Issued), Deadline: instant(r.Deadline),
		Delivered: instant(r.Delivered), Acknowledged: instant(r.Acknowledged), AcknowledgedBy: r.AcknowledgedBy,
		Executed: instant(r.Executed), ExecutedBy: r.ExecutedBy, Verified: instant(r.Verified), Closed: instant(r.Closed),
		Objected: instant(r.Objected), Objection: r.Objection, Note: r.Note, Version: r.Version,
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

// HasOrder tells whether there is an order for the point and license version.
func (tx *Tx) HasOrder(point, license string, version int64) (bool, error) {
	n, err := one[int64](tx, "count", "", "SELECT COUNT(*) FROM disconnection_orders WHERE point_id = ? AND license = ? AND license_version = ?", point, license, version)
	return n > 0, err
}

// InsertOrder adds a disconnection order.
func (tx *Tx) InsertOrder(o models.DisconnectionOrder) error {
	row := orderToRow(o)
	return insert(tx, "disconnection_orders", &row)
}

// UpdateOrder saves an order whose row still has the version.
func (tx *Tx) UpdateOrder(o models.DisconnectionOrder) error {
	return updateVersion(tx, "disconnection_orders", o.ID, o.Version, map[string]any{
		"state": string(o.State), "delivered_at": micros(o.Delivered), "acknowledged_at": micros(o.Acknowledged),
		"acknowledged_by": o.AcknowledgedBy, "executed_at": micros(o.Executed), "executed_by": o.ExecutedBy,
		"verified_at": micros(o.Verified), "closed_at": micros(o.Closed), "objected_at": micros(o.Objected),
		"objection": o.Objection, "note": o.Note,
	})
}

// Order gives the order with the id or the number.
func (tx *Tx) Order(idOrNumber string) (models.DisconnectionOrder, error) {
	r, err := one[orderRow](tx, "disconnection order", idOrNumber, "SELECT * FROM disconnection_orders WHERE id = ? OR number = ?", idOrNumber, idOrNumber)
	return r.order(), err
}

// OrderFilter narrows a list of orders; "" does not narrow.
type OrderFilter struct {
	Utility string
	License string
	Point   string // id
	State   string
	Open    string // "open" leaves out closed ones
}

// Orders lists orders, oldest first. The cursor is an id.
func (tx *Tx) Orders(f OrderFilter, page Page) ([]models.DisconnectionOrder, error) {
	where, args := "id > ?", []any{page.After}
	for _, c := range [][2]string{{"utility_id = ?", f.Utility}, {"license = ?", f.License}, {"point_id = ?", f.Point}, {"state = ?", f.State}} {
		if c[1] != "" {
			where, args = where+" AND "+c[0], append(args, c[1])
		}
	}
	if f.Open != "" {
		where += " AND state <> 'closed'"
	}
	return orders(many[orderRow](tx, "SELECT * FROM disconnection_orders WHERE "+where+" ORDER BY id LIMIT ?", append(args, page.Size())...))
}

// EnergisedPointsOf gives the connection points that a license names or named,
// that carry load, and that no other license in force covers.
func (tx *Tx) EnergisedPointsOf(license string) ([]models.ConnectionPoint, error) {
	rows, err := many[connectionView](tx, selectConnections+`cp.state = 'energised'
		AND cp.code IN (SELECT connection_code FROM license_points WHERE number = ?)
		AND NOT EXISTS (SELECT 1 FROM license_points o WHERE o.connection_code = cp.code AND o.in_force = 1 AND o.number <> ?)
		ORDER BY cp.code`, micros(tx.Now), license, license)
	out := make([]models.ConnectionPoint, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.point())
	}
	return out, err
}

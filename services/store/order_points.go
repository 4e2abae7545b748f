package store

import (
	"rigistry/models"
)

func connectionsOf(rows []connectionView, err error) ([]models.ConnectionPoint, error) {
	out := make([]models.ConnectionPoint, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.point())
	}
	return out, err
}

// EnergisedPointsOf gives the connection points that a license names or named,
// that carry load, and that no other license in force covers.
func (tx *Tx) EnergisedPointsOf(license string) ([]models.ConnectionPoint, error) {
	return connectionsOf(many[connectionView](tx, selectConnections+`cp.state = 'energised'
		AND cp.code IN (SELECT connection_code FROM license_points WHERE number = ?)
		AND NOT EXISTS (SELECT 1 FROM license_points o WHERE o.connection_code = cp.code AND o.in_force = 1 AND o.number <> ?)
		ORDER BY cp.code`, micros(tx.Now), license, license))
}

// Which points a standing fact is about, by its scope; the argument is the scope's id.
var standingPoints = map[models.StandingScope]string{
	models.ScopePoint:      "cp.code = ?",
	models.ScopeFeeder:     "f.code = ?",
	models.ScopeSubstation: "f.substation_id = (SELECT s.id FROM substations s WHERE s.code = ?)",
	models.ScopeSite:       "cp.site = (SELECT s.id FROM sites s WHERE s.code = ?)",
	models.ScopeLicense:    "lp.number = ?",
	models.ScopeParty:      "cp.consumer_bin = ?",
	models.ScopeGrid:       "? = ''",
}

// PointsUnder gives the energised connection points that a curtailment or a legal hold
// is about, by code. A curtailment is about loads that mine: by their declared use, or
// because a license covers them; the utility sees to the rest itself.
func (tx *Tx) PointsUnder(f models.StandingFact) ([]models.ConnectionPoint, error) {
	query := selectConnections + "cp.state = 'energised' AND " + standingPoints[f.Scope]
	if f.Kind == models.StandingCurtailment {
		query += " AND (cp.declared_use = 'mining' OR lp.number IS NOT NULL)"
	}
	return connectionsOf(many[connectionView](tx, query+" ORDER BY cp.code", micros(tx.Now), f.ScopeID))
}

// StandingToOrder gives the curtailments and legal holds that hold or are to come,
// oldest first.
func (tx *Tx) StandingToOrder() ([]models.StandingFact, error) {
	return standingFacts(many[standingView](tx, selectStanding+` WHERE f.kind IN ('curtailment', 'legal_hold')
		AND (f.until_at = 0 OR f.until_at > ?) AND e.fact_id IS NULL ORDER BY f.id`, micros(tx.Now)))
}

// OrdersFrom gives the ids of the points that have an order of the source, whatever
// became of it.
func (tx *Tx) OrdersFrom(source string) (map[string]bool, error) {
	ids, err := many[string](tx, "SELECT point_id FROM disconnection_orders WHERE source = ?", source)
	out := make(map[string]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// OrdersOver gives orders that are not closed whose standing fact is over, at most
// limit.
func (tx *Tx) OrdersOver(limit int) ([]models.DisconnectionOrder, error) {
	return orders(many[orderRow](tx, `SELECT o.* FROM disconnection_orders o JOIN standing_facts f ON o.source = 'standing:' || f.id
		LEFT JOIN standing_ends e ON e.fact_id = f.id
		WHERE o.state <> 'closed' AND (e.fact_id IS NOT NULL OR f.until_at > 0 AND f.until_at <= ?) ORDER BY o.id LIMIT ?`, micros(tx.Now), limit))
}

// OrdersCovered gives disconnections that are not closed and were made because a
// license lost its right, at points that another license in force, the given one,
// covers now.
func (tx *Tx) OrdersCovered(license string) ([]models.DisconnectionOrder, error) {
	return orders(many[orderRow](tx, `SELECT o.* FROM disconnection_orders o JOIN license_points lp ON lp.connection_code = o.point_code AND lp.in_force = 1
		WHERE lp.number = ? AND o.kind = 'disconnection' AND o.state <> 'closed' AND o.license <> lp.number AND o.ground LIKE 'license.%' ORDER BY o.id`, license))
}

// OrdersToReconnect gives the newest executed disconnection of each point that a
// license in force covers, that is off, and that no reconnection was made from.
func (tx *Tx) OrdersToReconnect(license string) ([]models.DisconnectionOrder, error) {
	return orders(many[orderRow](tx, `SELECT o.* FROM disconnection_orders o JOIN connection_points cp ON cp.id = o.point_id
		JOIN license_points lp ON lp.connection_code = cp.code AND lp.in_force = 1
		WHERE lp.number = ? AND cp.state = 'disconnected' AND o.kind = 'disconnection' AND o.executed_at > 0
		AND NOT EXISTS (SELECT 1 FROM disconnection_orders n WHERE n.point_id = o.point_id AND n.kind = 'disconnection' AND n.executed_at > 0 AND n.id > o.id)
		AND NOT EXISTS (SELECT 1 FROM disconnection_orders r WHERE r.point_id = o.point_id AND r.kind = 'reconnection' AND r.source = 'order:' || o.id)
		ORDER BY o.id`, license))
}

// OrdersOverdue gives orders whose deadline has passed, the longest overdue first, at
// most limit after so many of them.
func (tx *Tx) OrdersOverdue(limit, after int) ([]models.DisconnectionOrder, error) {
	return orders(many[orderRow](tx, "SELECT * FROM disconnection_orders WHERE "+orderOverdue+" ORDER BY deadline_at, id LIMIT ? OFFSET ?",
		micros(tx.Now), limit, after))
}

// OrdersToWatch gives the orders that the meters have something to say about: executed
// ones, and verified ones that may be contradicted yet, after an id.
func (tx *Tx) OrdersToWatch(after string, limit int) ([]models.DisconnectionOrder, error) {
	return orders(many[orderRow](tx, "SELECT * FROM disconnection_orders WHERE state IN ('executed', 'verified') AND id > ? ORDER BY id LIMIT ?", after, limit))
}

// OrderMeter is a revenue meter of a connection point.
type OrderMeter struct {
	Point string `gorm:"column:point_id"`
	Meter string `gorm:"column:meter_id"`
	Code  string `gorm:"column:code"`
	URL   string `gorm:"column:url"`
}

// RevenueMetersOf gives the revenue meters that stand at connection points now, by
// their code.
func (tx *Tx) RevenueMetersOf(points []string) (out []OrderMeter, err error) {
	for part := range chunks(points, maxNames) {
		rows, err := many[OrderMeter](tx, `SELECT cp.id AS point_id, m.id AS meter_id, m.code, m.url FROM connection_points cp
			JOIN meters m ON m.node_kind = 'connection_point' AND (m.node_id = cp.id OR m.node_id = cp.code) AND m.role = 'revenue'
			WHERE cp.id IN ? AND (m.installed_until = 0 OR m.installed_until > ?) ORDER BY m.code`, part, micros(tx.Now))
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

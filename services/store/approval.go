package store

import (
	"fmt"

	"gorm.io/gorm/clause"

	"rigistry/models"
)

// TakeApprovalTurn makes the transactions that approve power follow one another, on
// every replica, until this one ends. It must be the first thing in its transaction:
// PostgreSQL then reads a state that includes every turn before. SQLite has one
// writer anyway.
func (tx *Tx) TakeApprovalTurn() error {
	if tx.engine != "postgres" || tx.unguarded {
		return nil
	}
	_, err := exec(tx, "LOCK TABLE license_points IN SHARE ROW EXCLUSIVE MODE")
	return err
}

type pointLimitRow struct {
	Code       string `gorm:"column:code"`
	Feeder     string `gorm:"column:feeder_id"`
	Substation string `gorm:"column:substation_id"`
	Permitted  int64  `gorm:"column:permitted_w"`
	TCNumber   string `gorm:"column:tc_number"`
	TCLimit    int64  `gorm:"column:tc_limit_w"`
	Number     string `gorm:"column:number"`
	Appendix   string `gorm:"column:appendix"`
	Approved   int64  `gorm:"column:approved_w"`
}

func (r pointLimitRow) limit() models.PointLimit {
	p := models.PointLimit{Feeder: r.Feeder, Substation: r.Substation, Permitted: models.Watts(r.Permitted)}
	if r.TCNumber != "" {
		p.Technical = models.Watts(r.TCLimit)
	}
	return p
}

// GridLimits gives what the grid can carry at connection points and what licenses in
// force, but for those with the numbers, may take there already. It locks the
// feeders and substations until the transaction ends.
func (tx *Tx) GridLimits(codes []string, except ...string) (models.GridLimits, error) {
	g := models.GridLimits{Points: map[string]models.PointLimit{}, Feeders: map[string]models.LimitLoad{}, Substations: map[string]models.LimitLoad{}}
	var err error
	if g.Points, err = tx.PointLimits(codes); err != nil {
		return g, err
	}
	var feeders, substations []string
	for _, p := range g.Points {
		feeders, substations = append(feeders, p.Feeder), append(substations, p.Substation)
	}
	if g.Substations, err = tx.limitLoads("substations", "f.substation_id", substations, except); err != nil {
		return g, err
	}
	g.Feeders, err = tx.limitLoads("feeders", "cp.feeder_id", feeders, except)
	return g, err
}

// PointLimits gives what connection points can carry, by code; those that are not in
// the grid register, or were removed, are left out.
func (tx *Tx) PointLimits(codes []string) (map[string]models.PointLimit, error) {
	rows, err := many[pointLimitRow](tx, `SELECT cp.code, cp.feeder_id, f.substation_id, cp.permitted_w, cp.tc_number, cp.tc_limit_w
		FROM connection_points cp JOIN feeders f ON f.id = cp.feeder_id WHERE cp.code IN ? AND cp.state <> 'removed'`, orNothing(codes))
	out := map[string]models.PointLimit{}
	for _, r := range rows {
		out[r.Code] = r.limit()
	}
	return out, err
}

type nodeRow struct {
	ID    string `gorm:"column:id"`
	Code  string `gorm:"column:code"`
	Limit int64  `gorm:"column:limit_w"`
}

// limitLoads gives nodes of one table with what is approved below them; column is
// what names the node in the query of points.
func (tx *Tx) limitLoads(table, column string, ids, except []string) (map[string]models.LimitLoad, error) {
	var nodes []nodeRow
	query := tx.db.Table(table).Where(clause.IN{Column: "id", Values: anys(orNothing(ids))}).Order("id")
	if tx.engine == "postgres" && !tx.unguarded {
		query = query.Clauses(clause.Locking{Strength: "UPDATE"})
	}
	if err := query.Find(&nodes).Error; err != nil {
		return nil, fmt.Errorf("lock %s: %w", table, err)
	}
	rows, err := many[pointLimitRow](tx, `SELECT cp.code, cp.feeder_id, f.substation_id, cp.permitted_w, cp.tc_number, cp.tc_limit_w,
		lp.number, lp.appendix, lp.approved_w
		FROM license_points lp JOIN connection_points cp ON cp.code = lp.connection_code JOIN feeders f ON f.id = cp.feeder_id
		WHERE lp.in_force = 1 AND lp.number NOT IN ? AND `+column+` IN ?`, orNothing(except), orNothing(ids))
	if err != nil {
		return nil, err
	}
	type appendix struct{ node, number, appendix string }
	carry, approved := map[appendix]models.Watts{}, map[appendix]models.Watts{}
	for _, r := range rows {
		k := appendix{r.Feeder, r.Number, r.Appendix}
		if table == "substations" {
			k.node = r.Substation
		}
		approved[k] = models.Watts(r.Approved)
		if limit := r.limit().Limit(); limit > 0 {
			carry[k] += limit
		} else {
			carry[k] += models.Watts(r.Approved) // no document says less
		}
	}
	out := map[string]models.LimitLoad{}
	for _, n := range nodes {
		out[n.ID] = models.LimitLoad{Code: n.Code, Limit: models.Watts(n.Limit)}
	}
	for k, limit := range carry {
		n := out[k.node]
		n.Approved += models.WorstBelow(approved[k], limit)
		out[k.node] = n
	}
	return out, nil
}

func anys(list []string) []any {
	out := make([]any, 0, len(list))
	for _, x := range list {
		out = append(out, x)
	}
	return out
}

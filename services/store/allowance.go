package store

import (
	"time"

	"rigistry/models"
)

type allowanceRow struct {
	ID         string `gorm:"column:id"`
	Point      string `gorm:"column:point_id"`
	PointCode  string `gorm:"column:point_code"`
	Kind       string `gorm:"column:kind"`
	Reason     string `gorm:"column:reason"`
	Limit      int64  `gorm:"column:limit_w"`
	From       string `gorm:"column:valid_from"`
	Until      string `gorm:"column:valid_until"`
	State      string `gorm:"column:state"`
	ProposedBy string `gorm:"column:proposed_by"`
	ProposedAt int64  `gorm:"column:proposed_at"`
	DecidedBy  string `gorm:"column:decided_by"`
	DecidedAt  int64  `gorm:"column:decided_at"`
	Decision   string `gorm:"column:decision"`
	Version    int64  `gorm:"column:version"`
}

func (r allowanceRow) allowance() models.Allowance {
	return models.Allowance{ID: r.ID, Point: r.Point, PointCode: r.PointCode, Kind: r.Kind, Reason: r.Reason, Limit: models.Watts(r.Limit), From: r.From, Until: r.Until,
		State: models.AllowanceState(r.State), ProposedBy: r.ProposedBy, ProposedAt: instant(r.ProposedAt), DecidedBy: r.DecidedBy, DecidedAt: instant(r.DecidedAt),
		Decision: r.Decision, Version: r.Version}
}

func allowancesOf(rows []allowanceRow, err error) ([]models.Allowance, error) {
	out := make([]models.Allowance, len(rows))
	for i, r := range rows {
		out[i] = r.allowance()
	}
	return out, err
}

// InsertAllowance adds a proposed allowance.
func (tx *Tx) InsertAllowance(a models.Allowance) error {
	return insert(tx, "allowances", &allowanceRow{a.ID, a.Point, a.PointCode, a.Kind, a.Reason, int64(a.Limit), a.From, a.Until, string(a.State),
		a.ProposedBy, micros(a.ProposedAt), a.DecidedBy, micros(a.DecidedAt), a.Decision, a.Version})
}

// DecideAllowance saves what became of an allowance when it still has the version
// before a.Version.
func (tx *Tx) DecideAllowance(a models.Allowance) error {
	return updateVersion(tx, "allowances", a.ID, a.Version-1, map[string]any{"state": string(a.State), "valid_from": a.From, "valid_until": a.Until,
		"decided_by": a.DecidedBy, "decided_at": micros(a.DecidedAt), "decision": a.Decision})
}

// Allowance gives the allowance with the id.
func (tx *Tx) Allowance(id string) (models.Allowance, error) {
	r, err := one[allowanceRow](tx, "allowance", id, "SELECT * FROM allowances WHERE id = ?", id)
	return r.allowance(), err
}

// Allowances lists allowances, the newest first, by state and by id or code of the
// connection point; "" does not narrow.
func (tx *Tx) Allowances(state, target string, page Page) ([]models.Allowance, error) {
	w := where{}
	w.equal("state", state)
	if target != "" {
		w.add("(point_id = ? OR point_code = ?)", target, target)
	}
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	return allowancesOf(many[allowanceRow](tx, "SELECT * FROM allowances"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...))
}

// AllowancesOfFeeder gives the allowances in force at the points of a feeder.
func (tx *Tx) AllowancesOfFeeder(feeder string) ([]models.Allowance, error) {
	return allowancesOf(many[allowanceRow](tx, `SELECT a.* FROM allowances a JOIN connection_points c ON c.id = a.point_id
		WHERE a.state = 'active' AND c.feeder_id = ? ORDER BY a.id`, feeder))
}

// AllowancesEver gives the allowances at the points of a feeder that are or were in force.
func (tx *Tx) AllowancesEver(feeder string) ([]models.Allowance, error) {
	return allowancesOf(many[allowanceRow](tx, `SELECT a.* FROM allowances a JOIN connection_points c ON c.id = a.point_id
		WHERE a.state IN ('active', 'ended') AND c.feeder_id = ? ORDER BY a.id`, feeder))
}

type refutationRow struct {
	ID      string `gorm:"column:id"`
	Finding string `gorm:"column:finding_id"`
	Kind    string `gorm:"column:kind"`
	Note    string `gorm:"column:note"`
	By      string `gorm:"column:recorded_by"`
	At      int64  `gorm:"column:recorded_at"`
}

// InsertRefutation records an innocent explanation for a finding.
func (tx *Tx) InsertRefutation(r models.Refutation) error {
	return insert(tx, "finding_refutations", &refutationRow{r.ID, r.Finding, r.Kind, r.Note, r.By, micros(r.At)})
}

// Refutations gives what was recorded for a finding, oldest first.
func (tx *Tx) Refutations(finding string) ([]models.Refutation, error) {
	rows, err := many[refutationRow](tx, "SELECT * FROM finding_refutations WHERE finding_id = ? ORDER BY id", finding)
	out := make([]models.Refutation, len(rows))
	for i, r := range rows {
		out[i] = models.Refutation{ID: r.ID, Finding: r.Finding, Kind: r.Kind, Note: r.Note, By: r.By, At: instant(r.At)}
	}
	return out, err
}

type outcomeRow struct {
	Finding   string `gorm:"column:finding_id"`
	Case      string `gorm:"column:case_id"`
	Rule      string `gorm:"column:rule"`
	Class     string `gorm:"column:class"`
	Region    string `gorm:"column:region"`
	Officer   string `gorm:"column:officer"`
	Confirmed int64  `gorm:"column:confirmed"`
	At        int64  `gorm:"column:decided_at"`
}

// SetOutcome keeps how a finding turned out by a case; the newest decision stands.
func (tx *Tx) SetOutcome(caseID string, o models.FindingOutcome) error {
	_, err := exec(tx, `INSERT INTO finding_outcomes (finding_id, case_id, rule, class, region, officer, confirmed, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (finding_id) DO UPDATE SET case_id = excluded.case_id, officer = excluded.officer, confirmed = excluded.confirmed, decided_at = excluded.decided_at`,
		o.Finding, caseID, string(o.Rule), o.Class, o.Region, o.Officer, flag(o.Confirmed), micros(o.At))
	return err
}

// ForgetOutcomes takes back the outcomes of a case that was taken up again.
func (tx *Tx) ForgetOutcomes(caseID string) error {
	_, err := exec(tx, "DELETE FROM finding_outcomes WHERE case_id = ?", caseID)
	return err
}

// Outcomes gives every outcome since an instant, by finding.
func (tx *Tx) Outcomes(since time.Time) ([]models.FindingOutcome, error) {
	rows, err := many[outcomeRow](tx, "SELECT * FROM finding_outcomes WHERE decided_at >= ? ORDER BY finding_id", micros(since))
	out := make([]models.FindingOutcome, len(rows))
	for i, r := range rows {
		out[i] = models.FindingOutcome{Finding: r.Finding, Rule: models.FindingRule(r.Rule), Class: r.Class, Region: r.Region, Officer: r.Officer, Confirmed: r.Confirmed == 1, At: instant(r.At)}
	}
	return out, err
}

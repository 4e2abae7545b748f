package store

import "rigistry/models"

// YearCase is a case as the yearly report of enforcement counts it.
type YearCase struct {
	ID        string `gorm:"column:id"`
	Kato      string `gorm:"column:kato"` // of what it is about, "" where nothing has a place
	OpenedAt  int64  `gorm:"column:opened_at"`
	EndedAt   int64  `gorm:"column:ended_at"`
	State     string `gorm:"column:state"`
	Outcome   string `gorm:"column:outcome"`
	Estimated int64  `gorm:"column:estimated_w"`
}

// YearAct is an act of a case as the report counts it.
type YearAct struct {
	Case         string `gorm:"column:case_id"`
	Kind         string `gorm:"column:kind"`
	On           string `gorm:"column:on_date"`
	CriminalCase string `gorm:"column:criminal_case"`
	Rigs         int64  `gorm:"column:rigs"`
	Money        int64  `gorm:"column:money_tiyn"`
	Ruling       string `gorm:"column:ruling"`
}

// YearCases gives the cases that were opened before the end of a legal year, each with
// the place of what it is about: the first that has one.
func (tx *Tx) YearCases(year string) ([]YearCase, error) {
	until, err := models.StartOfDay(models.AddDays(year+"-12-31", 1))
	if err != nil {
		return nil, err
	}
	return many[YearCase](tx, `SELECT c.id, c.opened_at, c.ended_at, c.state, c.outcome, c.estimated_w, COALESCE((
		SELECT MIN(COALESCE(NULLIF(p.kato, ''), NULLIF(f.kato, ''), NULLIF(n.kato, ''), NULLIF(t.kato, ''), NULLIF(y.kato, ''))) FROM case_subjects s
		LEFT JOIN (SELECT cp.id, ss.kato FROM connection_points cp JOIN feeders fd ON fd.id = cp.feeder_id JOIN substations ss ON ss.id = fd.substation_id) p
			ON s.kind = 'connection_point' AND p.id = s.ref
		LEFT JOIN (SELECT fd.id, ss.kato FROM feeders fd JOIN substations ss ON ss.id = fd.substation_id) f ON s.kind = 'feeder' AND f.id = s.ref
		LEFT JOIN (SELECT fi.id, ss.kato FROM findings fi JOIN substations ss ON ss.id = fi.substation_id) n ON s.kind = 'finding' AND n.id = s.ref
		LEFT JOIN sites t ON s.kind = 'site' AND t.id = s.ref
		LEFT JOIN parties y ON s.kind = 'party' AND y.id = s.ref
		WHERE s.case_id = c.id), '') AS kato
		FROM cases c WHERE c.opened_at < ? ORDER BY c.id`, micros(until))
}

// YearActs gives the acts that are dated in a year.
func (tx *Tx) YearActs(year string) ([]YearAct, error) {
	return many[YearAct](tx, `SELECT case_id, kind, on_date, criminal_case, rigs, money_tiyn, ruling FROM case_acts
		WHERE on_date >= ? AND on_date <= ? ORDER BY id`, year+"-01-01", year+"-12-31")
}

// YearFines gives the violations that were decided in a year.
func (tx *Tx) YearFines(year string) ([]models.Violation, error) {
	rows, err := many[violationRow](tx, "SELECT * FROM violations WHERE decided_on >= ? AND decided_on <= ? ORDER BY id", year+"-01-01", year+"-12-31")
	out := make([]models.Violation, len(rows))
	for i, r := range rows {
		out[i] = r.violation()
	}
	return out, err
}

// YearPayments gives the payments of fines of a year, with the case of each in the place
// of its violation.
func (tx *Tx) YearPayments(year string) ([]models.ViolationPayment, error) {
	rows, err := many[violationPaymentRow](tx, `SELECT p.id, v.case_id AS violation, p.paid_on, p.amount_tiyn, p.number, p.at, p.by_user
		FROM violation_payments p JOIN violations v ON v.id = p.violation WHERE p.paid_on >= ? AND p.paid_on <= ? ORDER BY p.id`, year+"-01-01", year+"-12-31")
	out := make([]models.ViolationPayment, len(rows))
	for i, r := range rows {
		out[i] = models.ViolationPayment{ID: r.ID, Violation: r.Violation, On: r.On, Amount: models.Tiyn(r.Amount)}
	}
	return out, err
}

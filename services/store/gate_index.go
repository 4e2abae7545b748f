package store

import (
	"time"

	"rigistry/models"
)

// The reads that the gate keeps in memory. Each gives the rows of the keys, and every
// row for nil.

// keyed reads rows by keys, some hundreds at a time; nil reads all.
func keyed[T any](tx *Tx, query, column string, keys []string) (out []T, err error) {
	if keys == nil {
		return many[T](tx, query)
	}
	for part := range chunks(keys, 500) {
		rows, err := many[T](tx, query+" AND "+column+" IN ?", part)
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// GatePoints gives connection points by id, without what other tables say of them.
func (tx *Tx) GatePoints(ids []string) ([]models.ConnectionPoint, error) {
	rows, err := keyed[connectionRow](tx, "SELECT * FROM connection_points WHERE 1 = 1", "id", ids)
	out := make([]models.ConnectionPoint, 0, len(rows))
	for _, r := range rows {
		out = append(out, connectionView{Row: r}.point())
	}
	return out, err
}

// GateNode is a feeder or a substation.
type GateNode struct {
	ID     string `gorm:"column:id"`
	Code   string `gorm:"column:code"`
	Parent string `gorm:"column:parent"` // substation of a feeder
	Limit  int64  `gorm:"column:limit_w"`
}

// GateFeeders gives feeders by id.
func (tx *Tx) GateFeeders(ids []string) ([]GateNode, error) {
	return keyed[GateNode](tx, "SELECT id, code, substation_id AS parent, limit_w FROM feeders WHERE 1 = 1", "id", ids)
}

// GateSubstations gives substations by id.
func (tx *Tx) GateSubstations(ids []string) ([]GateNode, error) {
	return keyed[GateNode](tx, "SELECT id, code, '' AS parent, limit_w FROM substations WHERE 1 = 1", "id", ids)
}

// GateText is a word that stands for a key.
type GateText struct {
	Key  string `gorm:"column:k"`
	Text string `gorm:"column:v"`
}

// GateSites gives the codes of sites by id.
func (tx *Tx) GateSites(ids []string) ([]GateText, error) {
	return keyed[GateText](tx, "SELECT id AS k, code AS v FROM sites WHERE 1 = 1", "id", ids)
}

// GateParties gives the states of parties by BIN or IIN.
func (tx *Tx) GateParties(bins []string) ([]GateText, error) {
	return keyed[GateText](tx, "SELECT bin AS k, "+partyState("")+" AS v FROM parties WHERE 1 = 1", "bin", bins)
}

// GateApplicants gives the BIN or IIN of those with an application that is submitted
// and not decided, once or more.
func (tx *Tx) GateApplicants(bins []string) ([]string, error) {
	return keyed[string](tx, `SELECT applicant_bin FROM applications WHERE state IN ('submitted', 'registered', 'in_review', 'decision_drafted')`, "applicant_bin", bins)
}

// GateLicenses gives the current versions of licenses by number.
func (tx *Tx) GateLicenses(numbers []string) ([]GateLicense, error) {
	rows, err := keyed[gateLicenseRow](tx, selectGateLicense+" WHERE 1 = 1", "number", numbers)
	out := make([]GateLicense, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.license())
	}
	return out, err
}

// GateSuccessor says which number took the place of another, and when.
type GateSuccessor struct {
	Number    string `gorm:"column:number"`
	Successor string `gorm:"column:successor"`
	At        int64  `gorm:"column:replaced_at"` // microseconds
}

// GateSuccessors gives the successors of licenses by number.
func (tx *Tx) GateSuccessors(numbers []string) ([]GateSuccessor, error) {
	return keyed[GateSuccessor](tx, "SELECT number, successor, replaced_at FROM license_successors WHERE 1 = 1", "number", numbers)
}

// GateLicensePoint is one connection point of a license.
type GateLicensePoint struct {
	Code  string        `gorm:"column:connection_code"`
	Point LicensedPoint `gorm:"embedded"`
}

// GateLicensePoints gives the connection points of licenses by number.
func (tx *Tx) GateLicensePoints(numbers []string) ([]GateLicensePoint, error) {
	return keyed[GateLicensePoint](tx, "SELECT number, connection_code, appendix, site, approved_w, in_force FROM license_points WHERE 1 = 1", "number", numbers)
}

// GateRigs is the sum of the nameplates of active rigs of a license at a site.
type GateRigs struct {
	Key string `gorm:"column:k"` // license|site
	Sum int64  `gorm:"column:sum_w"`
}

// GateRigs gives the sums by license|site; what has none is 0.
func (tx *Tx) GateRigs(keys []string) (out []GateRigs, err error) {
	const query, group = "SELECT license || '|' || site AS k, CAST(SUM(nameplate_w) AS BIGINT) AS sum_w FROM equipment WHERE state = 'active' AND license <> ''",
		" GROUP BY license, site"
	if keys == nil {
		return many[GateRigs](tx, query+group)
	}
	for _, key := range keys {
		for i := range len(key) {
			if key[i] != '|' {
				continue
			}
			rows, err := many[GateRigs](tx, query+" AND license = ? AND site = ?"+group, key[:i], key[i+1:])
			if err != nil {
				return nil, err
			}
			out = append(out, rows...)
		}
	}
	return out, nil
}

// GateMeter is a revenue meter of a connection point, named by id or by code.
type GateMeter struct {
	ID     string `gorm:"column:id"`
	Code   string `gorm:"column:code"`
	Serial string `gorm:"column:serial"`
	URL    string `gorm:"column:url"`
	Node   string `gorm:"column:node_id"`
	Until  int64  `gorm:"column:installed_until"` // microseconds, 0 for open
	Last   int64  `gorm:"column:last_at"`         // last reading with values, 0 for none
}

// GateMeters gives revenue meters of connection points by id.
func (tx *Tx) GateMeters(ids []string) ([]GateMeter, error) {
	return keyed[GateMeter](tx, `SELECT m.id, m.code, m.serial, m.url, m.node_id, m.installed_until, COALESCE(s.base_at, 0) AS last_at
		FROM meters m LEFT JOIN meter_states s ON s.meter_id = m.id WHERE m.node_kind = 'connection_point' AND m.role = 'revenue'`, "m.id", ids)
}

// GateObligation is what the gate reads of an obligation that can stand in the way.
type GateObligation struct {
	ID      string `gorm:"column:id"`
	License string `gorm:"column:license"`
	Kind    string `gorm:"column:kind"`
	Period  string `gorm:"column:period"`
	Due     string `gorm:"column:due"`
	Open    int64  `gorm:"column:is_open"` // 1 open, 0 handed in late
}

// GateObligations gives obligations of licenses that stand in the way of the gate: at
// once when handed in late, from the day after Due when open.
func (tx *Tx) GateObligations(licenses []string) ([]GateObligation, error) {
	return keyed[GateObligation](tx, `SELECT id, license, kind, period, due, CASE WHEN state = 'open' THEN 1 ELSE 0 END AS is_open FROM obligations
		WHERE blocks_gate = 1 AND (state = 'open' OR state = 'fulfilled' AND handed_on > due)`, "license", licenses)
}

// GateStanding gives standing facts by id, ended or not.
func (tx *Tx) GateStanding(ids []string) ([]models.StandingFact, error) {
	return standingFacts(keyed[standingView](tx, selectStanding+" WHERE 1 = 1", "f.id", ids))
}

// GateHolds gives what permits hold by check, whatever their time; for nil all that are
// held.
func (tx *Tx) GateHolds(checks []string) ([]Reservation, error) {
	rows, err := keyed[reservationRow](tx, "SELECT * FROM gate_reservations WHERE state = 'held'", "check_id", checks)
	out := make([]Reservation, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.reservation())
	}
	return out, err
}

// LedgerHeads gives the newest checkpoint and the instant of the oldest entry that is
// not sealed, zero for none.
func (tx *Tx) LedgerHeads() (head LedgerHead, oldest time.Time, err error) {
	at, err := many[int64](tx, "SELECT at FROM ledger_entries WHERE leaf_index IS NULL ORDER BY at, id LIMIT 1") // the first of an index, however many wait
	if err != nil {
		return head, oldest, err
	}
	if len(at) == 1 {
		oldest = instant(at[0])
	}
	head, err = tx.Head()
	return head, oldest, err
}

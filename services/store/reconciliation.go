package store

import (
	"strconv"
	"strings"
	"time"

	"rigistry/models"
)

// Reconciliation is a run as it is stored. List is gzipped JSON and Kinds JSON of the
// service.
type Reconciliation struct {
	ID           string `gorm:"column:id"`
	Utility      string `gorm:"column:utility_id"`
	Key          string `gorm:"column:request_key"`
	AsOf         int64  `gorm:"column:as_of_at"` // microseconds
	ListDigest   string `gorm:"column:list_digest"`
	List         []byte `gorm:"column:list"`
	Points       int64  `gorm:"column:points"`     // lines of the list
	Registered   int64  `gorm:"column:registered"` // points of the utility in the register
	Metered      int64  `gorm:"column:metered"`    // of them with readings in the window
	Found        int64  `gorm:"column:found"`
	Fresh        int64  `gorm:"column:fresh"`    // of the found, for the first time
	Reopened     int64  `gorm:"column:reopened"` // of the found, open again
	Gone         int64  `gorm:"column:gone"`     // of the run before, not there any more
	Stake        int64  `gorm:"column:stake_w"`
	Kinds        string `gorm:"column:kinds"`
	ResultDigest string `gorm:"column:result_digest"`
	SentBy       string `gorm:"column:sent_by"`
	Recorded     int64  `gorm:"column:recorded_at"`
}

// AsOfTime is the instant that the list is of.
func (r Reconciliation) AsOfTime() time.Time { return instant(r.AsOf) }

// RecordedTime is when the list came.
func (r Reconciliation) RecordedTime() time.Time { return instant(r.Recorded) }

// withoutList are the columns of a run but for its list.
const withoutList = `id, utility_id, request_key, as_of_at, list_digest, points, registered, metered, found, fresh, reopened, gone, stake_w,
	kinds, result_digest, sent_by, recorded_at`

// InsertReconciliation adds a run, recorded now.
func (tx *Tx) InsertReconciliation(r Reconciliation) error {
	r.Recorded = micros(tx.Now)
	return insert(tx, "reconciliations", &r)
}

// ReconciliationBefore finds the run that a utility began with the key, or with the
// same list of the same instant, and whether there is one.
func (tx *Tx) ReconciliationBefore(utility, key string, asOf time.Time, digest string) (Reconciliation, bool, error) {
	rows, err := many[Reconciliation](tx, "SELECT "+withoutList+` FROM reconciliations WHERE utility_id = ?
		AND (request_key <> '' AND request_key = ? OR as_of_at = ? AND list_digest = ?) ORDER BY id LIMIT 1`, utility, key, micros(asOf), digest)
	if err != nil || len(rows) == 0 {
		return Reconciliation{}, false, err
	}
	return rows[0], true, nil
}

// Reconciliation finds a run, without its list.
func (tx *Tx) Reconciliation(id string) (Reconciliation, error) {
	return one[Reconciliation](tx, "reconciliation", id, "SELECT "+withoutList+" FROM reconciliations WHERE id = ?", id)
}

// Reconciliations lists runs without their lists, the newest first, of one utility
// when it is not "". The cursor is an id.
func (tx *Tx) Reconciliations(utility string, page Page) ([]Reconciliation, error) {
	w := &where{}
	w.equal("utility_id", utility)
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	return many[Reconciliation](tx, "SELECT "+withoutList+" FROM reconciliations"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...)
}

// NewestList is the instant of the newest list that a utility sent, zero for none.
func (tx *Tx) NewestList(utility string) (time.Time, error) {
	at, err := one[int64](tx, "instant", "", "SELECT CAST(COALESCE(MAX(as_of_at), 0) AS BIGINT) FROM reconciliations WHERE utility_id = ?", utility)
	return instant(at), err
}

// RegisteredPoints gives what the register says about every connection point of a
// utility, by code, with the newest permit since an instant that was not confirmed
// and the newest disconnection that was executed.
func (tx *Tx) RegisteredPoints(utility string, permitsSince time.Time) ([]models.RegisteredPoint, error) {
	type row struct {
		ID           string `gorm:"column:id"`
		Code         string `gorm:"column:code"`
		State        string `gorm:"column:state"`
		DeclaredUse  string `gorm:"column:declared_use"`
		Consumer     string `gorm:"column:consumer_bin"`
		Energised    int64  `gorm:"column:energised_w"`
		License      string `gorm:"column:license"`
		LicenseState string `gorm:"column:license_state"`
		Licensed     int64  `gorm:"column:licensed_w"`
	}
	rows, err := many[row](tx, `SELECT cp.id, cp.code, cp.state, cp.declared_use, cp.consumer_bin, cp.energised_w,
		COALESCE(lp.number, '') AS license, COALESCE(l.state, '') AS license_state, COALESCE(lp.approved_w, 0) AS licensed_w
		FROM connection_points cp LEFT JOIN license_points lp ON lp.connection_code = cp.code AND lp.in_force = 1
		LEFT JOIN licenses l ON l.number = lp.number WHERE cp.utility_id = ? ORDER BY cp.code`, utility)
	if err != nil {
		return nil, err
	}
	type named struct {
		Point string `gorm:"column:point_id"`
		Name  string `gorm:"column:name"`
		State string `gorm:"column:state"`
	}
	permits, err := many[named](tx, `SELECT point_id, check_id AS name, state FROM gate_reservations
		WHERE utility_id = ? AND state IN ('held', 'lapsed') AND until_at > ? ORDER BY check_id`, utility, micros(permitsSince))
	if err != nil {
		return nil, err
	}
	// A limitation leaves the point on, and a reconnection switches it on.
	orders, err := many[named](tx, `SELECT point_id, number AS name, state FROM disconnection_orders
		WHERE utility_id = ? AND kind = 'disconnection' AND state IN ('executed', 'verified') ORDER BY id`, utility)
	if err != nil {
		return nil, err
	}
	newest := make(map[string]string, len(permits))
	for _, p := range permits {
		newest[p.Point] = p.Name
	}
	executed := make(map[string]named, len(orders))
	for _, o := range orders {
		executed[o.Point] = o
	}
	out := make([]models.RegisteredPoint, 0, len(rows))
	for _, r := range rows {
		o := executed[r.ID]
		out = append(out, models.RegisteredPoint{Code: r.Code, State: models.ConnectionState(r.State), DeclaredUse: r.DeclaredUse, Consumer: r.Consumer,
			Energised: models.Watts(r.Energised), License: r.License, LicenseState: models.LicenseState(r.LicenseState), Licensed: models.Watts(r.Licensed),
			Permit: newest[r.ID], Order: o.Name, OrderState: models.OrderState(o.State)})
	}
	return out, nil
}

// MeteredLoads gives what the revenue meters at a utility's connection points measured
// in [from, until), by code of the point; quarter hours of which readings cover less
// than half say nothing about the most and the least.
func (tx *Tx) MeteredLoads(utility string, from, until time.Time) (map[string]models.MeteredLoad, error) {
	type row struct {
		Code    string `gorm:"column:code"`
		Energy  int64  `gorm:"column:energy"` // W·µs
		Covered int64  `gorm:"column:covered"`
		Most    int64  `gorm:"column:most"`
		Least   int64  `gorm:"column:least"`
	}
	const mean, half = "(i.energy_import - i.energy_export) / i.covered", "i.covered >= 450000000"
	rows, err := many[row](tx, `SELECT MAX(cp.code) AS code, CAST(SUM(i.energy_import - i.energy_export) AS BIGINT) AS energy, CAST(SUM(i.covered) AS BIGINT) AS covered,
		COALESCE(MAX(CASE WHEN `+half+` THEN `+mean+` END), 0) AS most, COALESCE(MIN(CASE WHEN `+half+` THEN `+mean+` END), 0) AS least
		FROM connection_points cp JOIN meters m ON m.node_kind = 'connection_point' AND m.node_id IN (cp.id, cp.code) AND m.role = 'revenue'
			AND (m.installed_until = 0 OR m.installed_until > ?)
		JOIN intervals i ON i.meter_id = m.id AND i.start_at >= ? AND i.start_at < ? AND i.covered > 0
		WHERE cp.utility_id = ? GROUP BY m.id ORDER BY m.id`, micros(until), micros(from), micros(until), utility)
	if err != nil {
		return nil, err
	}
	out := make(map[string]models.MeteredLoad, len(rows))
	for _, r := range rows {
		part := models.MeteredLoad{Mean: models.Watts(r.Energy / r.Covered), Max: models.Watts(r.Most), Min: models.Watts(r.Least),
			Covered: time.Duration(r.Covered) * time.Microsecond}
		if sum, several := out[r.Code]; several {
			mean := sum.Mean + part.Mean
			part = models.MeteredLoad{Mean: mean, Max: mean, Min: sum.Min + part.Min, Covered: min(sum.Covered, part.Covered)}
		}
		out[r.Code] = part
	}
	return out, nil
}

type mismatchRow struct {
	ID        string `gorm:"column:id"`
	Utility   string `gorm:"column:utility_id"`
	Kind      string `gorm:"column:kind"`
	Point     string `gorm:"column:point_code"`
	State     string `gorm:"column:state"`
	Stake     int64  `gorm:"column:stake_w"`
	Evidence  string `gorm:"column:evidence"`
	Since     int64  `gorm:"column:since_at"`
	Seen      int64  `gorm:"column:seen_at"`
	Run       string `gorm:"column:run"`
	Times     int64  `gorm:"column:times"`
	Accepted  int64  `gorm:"column:accepted_w"`
	DecidedBy string `gorm:"column:decided_by"`
	Decided   int64  `gorm:"column:decided_at"`
	Reason    string `gorm:"column:reason"`
	Task      string `gorm:"column:task_id"`
	Version   int64  `gorm:"column:version"`
}

// mismatchEvidence is what the three sides say, as it is stored.
type mismatchEvidence struct {
	Listed     *models.ListedPoint     `json:"listed,omitempty"`
	Registered *models.RegisteredPoint `json:"registered,omitempty"`
	Metered    *models.MeteredLoad     `json:"metered,omitempty"`
}

func mismatches(rows []mismatchRow, err error) ([]models.FollowedMismatch, error) {
	if err != nil {
		return nil, err
	}
	out := make([]models.FollowedMismatch, 0, len(rows))
	for _, r := range rows {
		var e mismatchEvidence
		if err := parse(r.Evidence, &e); err != nil {
			return nil, err
		}
		out = append(out, models.FollowedMismatch{ID: r.ID, Utility: r.Utility,
			Mismatch: models.Mismatch{Kind: models.MismatchKind(r.Kind), Point: r.Point, Stake: models.Watts(r.Stake),
				Listed: e.Listed, Registered: e.Registered, Metered: e.Metered},
			State: models.MismatchState(r.State), Since: instant(r.Since), Seen: instant(r.Seen), Run: r.Run, Times: r.Times, Accepted: models.Watts(r.Accepted),
			DecidedBy: r.DecidedBy, Decided: instant(r.Decided), Reason: r.Reason, Task: r.Task, Version: r.Version})
	}
	return out, nil
}

// SaveMismatches writes mismatches of the kinds and points that they have, new ones
// and those that changed. The transaction has taken
// its turn.
func (tx *Tx) SaveMismatches(all []models.FollowedMismatch) error {
	for part := range chunks(all, maxRows) {
		args := make([]any, 0, 17*len(part))
		for _, m := range part {
			evidence, err := text(mismatchEvidence{m.Listed, m.Registered, m.Metered})
			if err != nil {
				return err
			}
			args = append(args, m.ID, m.Utility, string(m.Kind), m.Point, string(m.State), int64(m.Stake), evidence, micros(m.Since), micros(m.Seen), m.Run,
				m.Times, int64(m.Accepted), m.DecidedBy, micros(m.Decided), m.Reason, m.Task, m.Version)
		}
		if _, err := exec(tx, `INSERT INTO mismatches (id, utility_id, kind, point_code, state, stake_w, evidence, since_at, seen_at, run, times, accepted_w,
			decided_by, decided_at, reason, task_id, version) VALUES `+valuesList(len(part), 17)+` ON CONFLICT (id) DO UPDATE SET
			state = excluded.state, stake_w = excluded.stake_w, evidence = excluded.evidence, since_at = excluded.since_at, seen_at = excluded.seen_at,
			run = excluded.run, times = excluded.times, accepted_w = excluded.accepted_w, decided_by = excluded.decided_by, decided_at = excluded.decided_at,
			reason = excluded.reason, task_id = excluded.task_id, version = excluded.version`, args...); err != nil {
			return err
		}
	}
	return nil
}

// TakeReconciliationTurn makes the transactions that follow mismatches wait for one
// another, until this one ends. It is the first thing in its transaction: PostgreSQL
// then reads a state that includes every turn before. SQLite has one writer anyway.
func (tx *Tx) TakeReconciliationTurn() error {
	if tx.engine != "postgres" {
		return nil
	}
	_, err := exec(tx, "LOCK TABLE mismatches IN SHARE ROW EXCLUSIVE MODE")
	return err
}

// DecideMismatch saves what a person decided, when the mismatch still has the version
// before m.Version.
func (tx *Tx) DecideMismatch(m models.FollowedMismatch) error {
	return updateVersion(tx, "mismatches", m.ID, m.Version-1, map[string]any{"state": string(m.State), "accepted_w": int64(m.Accepted),
		"decided_by": m.DecidedBy, "decided_at": micros(m.Decided), "reason": m.Reason, "task_id": m.Task})
}

// Mismatch finds a mismatch.
func (tx *Tx) Mismatch(id string) (models.FollowedMismatch, error) {
	found, err := mismatches(many[mismatchRow](tx, "SELECT * FROM mismatches WHERE id = ?", id))
	if err == nil && len(found) == 0 {
		err = models.NotFound("mismatch", id)
	}
	if err != nil {
		return models.FollowedMismatch{}, err
	}
	return found[0], nil
}

// MismatchesOf gives every mismatch of a utility.
func (tx *Tx) MismatchesOf(utility string) ([]models.FollowedMismatch, error) {
	return mismatches(many[mismatchRow](tx, "SELECT * FROM mismatches WHERE utility_id = ? ORDER BY id", utility))
}

// MismatchFilter narrows a list of mismatches; "" does not narrow.
type MismatchFilter struct {
	Utility string
	State   string
	Kind    string
	Point   string // code
	Run     string // the newest list that shows it
}

func (f MismatchFilter) where() *where {
	w := &where{}
	w.equal("utility_id", f.Utility)
	w.equal("state", f.State)
	w.equal("kind", f.Kind)
	w.equal("point_code", f.Point)
	w.equal("run", f.Run)
	return w
}

// Mismatches lists mismatches, the largest power first. The cursor is
// MismatchCursor of the last one seen.
func (tx *Tx) Mismatches(f MismatchFilter, page Page) ([]models.FollowedMismatch, error) {
	w := f.where()
	if stake, id, ok := strings.Cut(page.After, "/"); ok {
		power, err := strconv.ParseInt(stake, 10, 64)
		if err != nil {
			return nil, models.Errorf(models.CodeInvalid, "This is no cursor. Use the value of next.")
		}
		w.add("(stake_w < ? OR stake_w = ? AND id > ?)", power, power, id)
	}
	return mismatches(many[mismatchRow](tx, "SELECT * FROM mismatches"+w.sql()+" ORDER BY stake_w DESC, id LIMIT ?", append(w.args, page.Size())...))
}

// MismatchCount is how many mismatches of a kind there are, and the power they are
// about.
type MismatchCount struct {
	Kind  string `gorm:"column:kind"`
	Count int64  `gorm:"column:n"`
	Stake int64  `gorm:"column:stake_w"`
}

// MismatchCursor is the cursor of a list of mismatches after a mismatch.
func MismatchCursor(m models.FollowedMismatch) string {
	return strconv.FormatInt(int64(m.Stake), 10) + "/" + m.ID
}

// CountMismatches counts what a filter gives, by kind.
func (tx *Tx) CountMismatches(f MismatchFilter) ([]MismatchCount, error) {
	w := f.where()
	return many[MismatchCount](tx, "SELECT kind, COUNT(*) AS n, CAST(SUM(stake_w) AS BIGINT) AS stake_w FROM mismatches"+w.sql()+" GROUP BY kind ORDER BY kind", w.args...)
}

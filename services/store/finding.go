package store

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"rigistry/models"
)

type findingRow struct {
	ID          string `gorm:"column:id"`
	Rule        string `gorm:"column:rule"`
	RuleVersion string `gorm:"column:rule_version"`
	TargetKind  string `gorm:"column:target_kind"`
	TargetID    string `gorm:"column:target_id"`
	TargetCode  string `gorm:"column:target_code"`
	Feeder      string `gorm:"column:feeder_id"`
	Substation  string `gorm:"column:substation_id"`
	Utility     string `gorm:"column:utility_id"`
	License     string `gorm:"column:license"`
	Tier        string `gorm:"column:tier"`
	Score       int64  `gorm:"column:score"`
	EstimatedW  int64  `gorm:"column:estimated_w"`
	LowW        int64  `gorm:"column:low_w"`
	HighW       int64  `gorm:"column:high_w"`
	FirstSeenAt int64  `gorm:"column:first_seen_at"`
	LastSeenAt  int64  `gorm:"column:last_seen_at"`
	RaisedAt    int64  `gorm:"column:raised_at"`
	UpdatedAt   int64  `gorm:"column:updated_at;autoUpdateTime:false"`
	State       string `gorm:"column:state"`
	Reason      string `gorm:"column:reason"`
	Evidence    string `gorm:"column:evidence"`
	Version     int64  `gorm:"column:version"`
}

func rowOfFinding(f models.Finding) (findingRow, error) {
	evidence, err := text(f.Evidence)
	return findingRow{
		ID: f.ID, Rule: string(f.Rule), RuleVersion: f.RuleVersion,
		TargetKind: f.Target.Kind, TargetID: f.Target.ID, TargetCode: f.TargetCode,
		Feeder: f.Feeder, Substation: f.Substation, Utility: f.Utility, License: f.License,
		Tier: string(f.Tier), Score: int64(math.Round(f.Score * 1000)),
		EstimatedW: int64(f.Estimated), LowW: int64(f.Low), HighW: int64(f.High),
		FirstSeenAt: micros(f.FirstSeen), LastSeenAt: micros(f.LastSeen), RaisedAt: micros(f.RaisedAt), UpdatedAt: micros(f.Updated),
		State: string(f.State), Reason: f.Reason, Evidence: evidence, Version: f.Version,
	}, err
}

func (r findingRow) finding() (models.Finding, error) {
	f := models.Finding{
		ID: r.ID, Rule: models.FindingRule(r.Rule), RuleVersion: r.RuleVersion,
		Target: models.Ref{Kind: r.TargetKind, ID: r.TargetID}, TargetCode: r.TargetCode,
		Feeder: r.Feeder, Substation: r.Substation, Utility: r.Utility, License: r.License,
		Tier: models.Tier(r.Tier), Score: float64(r.Score) / 1000,
		Estimated: models.Watts(r.EstimatedW), Low: models.Watts(r.LowW), High: models.Watts(r.HighW),
		FirstSeen: instant(r.FirstSeenAt), LastSeen: instant(r.LastSeenAt), RaisedAt: instant(r.RaisedAt), Updated: instant(r.UpdatedAt),
		State: models.FindingState(r.State), Reason: r.Reason, Version: r.Version,
	}
	return f, parse(r.Evidence, &f.Evidence)
}

func findings(rows []findingRow, err error) ([]models.Finding, error) {
	if err != nil {
		return nil, err
	}
	out := make([]models.Finding, len(rows))
	for i, r := range rows {
		if out[i], err = r.finding(); err != nil {
			return nil, fmt.Errorf("finding %s: %w", r.ID, err)
		}
	}
	return out, nil
}

// InsertFinding adds a finding. One of the same rule and target gives CodeConflict.
func (tx *Tx) InsertFinding(f models.Finding) error {
	row, err := rowOfFinding(f)
	if err != nil {
		return err
	}
	return insert(tx, "findings", &row)
}

// UpdateFinding saves a finding whose row still has the version, and counts the
// version up. Identity, target and the instant of raising stay.
func (tx *Tx) UpdateFinding(f models.Finding) error {
	r, err := rowOfFinding(f)
	if err != nil {
		return err
	}
	return updateVersion(tx, "findings", f.ID, f.Version, map[string]any{
		"rule_version": r.RuleVersion, "license": r.License, "tier": r.Tier, "score": r.Score,
		"estimated_w": r.EstimatedW, "low_w": r.LowW, "high_w": r.HighW, "first_seen_at": r.FirstSeenAt, "last_seen_at": r.LastSeenAt,
		"updated_at": r.UpdatedAt, "state": r.State, "reason": r.Reason, "evidence": r.Evidence})
}

// Finding gives the finding with the id.
func (tx *Tx) Finding(id string) (models.Finding, error) {
	r, err := one[findingRow](tx, "finding", id, "SELECT * FROM findings WHERE id = ?", id)
	if err != nil {
		return models.Finding{}, err
	}
	return r.finding()
}

// FindingsOfFeeder gives all findings at a feeder or below it.
func (tx *Tx) FindingsOfFeeder(feeder string) ([]models.Finding, error) {
	return findings(many[findingRow](tx, "SELECT * FROM findings WHERE feeder_id = ? ORDER BY id", feeder))
}

// FindingFilter narrows a list of findings; "" does not narrow.
type FindingFilter struct {
	State   string
	Rule    string
	Target  string // id or code
	Utility string // id
	Tier    string
	License string
	// NoInsiders leaves out findings about people inside utilities.
	NoInsiders bool
}

// Findings lists findings, the newest first.
func (tx *Tx) Findings(f FindingFilter, page Page) ([]models.Finding, error) {
	where, args := "1 = 1", []any{}
	for _, c := range [][2]string{{"state", f.State}, {"rule", f.Rule}, {"utility_id", f.Utility}, {"tier", f.Tier}, {"license", f.License}} {
		if c[1] != "" {
			where, args = where+" AND "+c[0]+" = ?", append(args, c[1])
		}
	}
	if f.NoInsiders {
		where += " AND rule NOT LIKE 'INSIDER%'"
	}
	if f.Target != "" {
		where, args = where+" AND (target_id = ? OR target_code = ?)", append(args, f.Target, f.Target)
	}
	if page.After != "" {
		where, args = where+" AND id < ?", append(args, page.After)
	}
	return findings(many[findingRow](tx, "SELECT * FROM findings WHERE "+where+" ORDER BY id DESC LIMIT ?", append(args, page.Size())...))
}

// DetectionState is what detection remembers of a feeder.
type DetectionState struct {
	Feeder    string
	Due       time.Time // when to look next; zero: nothing new
	LiveFrom  time.Time // since when readings have come live without a break
	Live      time.Time // when the last did
	Evaluated time.Time
	Notes     string // JSON, owned by detection
}

type detectionRow struct {
	Feeder      string `gorm:"column:feeder_id"`
	DueAt       int64  `gorm:"column:due_at"`
	LiveFromAt  int64  `gorm:"column:live_from_at"`
	LiveAt      int64  `gorm:"column:live_at"`
	EvaluatedAt int64  `gorm:"column:evaluated_at"`
	Notes       string `gorm:"column:notes"`
}

func detectionStates(rows []detectionRow, err error) ([]DetectionState, error) {
	out := make([]DetectionState, 0, len(rows))
	for _, r := range rows {
		out = append(out, DetectionState{Feeder: r.Feeder, Due: instant(r.DueAt), LiveFrom: instant(r.LiveFromAt),
			Live: instant(r.LiveAt), Evaluated: instant(r.EvaluatedAt), Notes: r.Notes})
	}
	return out, err
}

// DetectionStates gives what is remembered of the feeders.
func (tx *Tx) DetectionStates(feeders []string) (map[string]DetectionState, error) {
	out := map[string]DetectionState{}
	for part := range chunks(feeders, maxNames) {
		rows, err := detectionStates(many[detectionRow](tx, "SELECT * FROM detection_state WHERE feeder_id IN ?", part))
		if err != nil {
			return nil, err
		}
		for _, s := range rows {
			out[s.Feeder] = s
		}
	}
	return out, nil
}

// DueDetection gives the feeders that are to be looked at by now, the longest
// waiting first.
func (tx *Tx) DueDetection(now time.Time, limit int) ([]DetectionState, error) {
	return detectionStates(many[detectionRow](tx,
		"SELECT * FROM detection_state WHERE due_at > 0 AND due_at <= ? ORDER BY due_at, feeder_id LIMIT ?", micros(now), limit))
}

// SetDetectionState keeps what is remembered of a feeder.
func (tx *Tx) SetDetectionState(s DetectionState) error {
	_, err := exec(tx, `INSERT INTO detection_state (feeder_id, due_at, live_from_at, live_at, evaluated_at, notes) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (feeder_id) DO UPDATE SET due_at = excluded.due_at, live_from_at = excluded.live_from_at,
		live_at = excluded.live_at, evaluated_at = excluded.evaluated_at, notes = excluded.notes`,
		s.Feeder, micros(s.Due), micros(s.LiveFrom), micros(s.Live), micros(s.Evaluated), s.Notes)
	return err
}

// FeederMeters gives the meters at a feeder and at its connection points that are
// installed at the instant, whichever way their node is named.
func (tx *Tx) FeederMeters(feeder models.Feeder, at time.Time) ([]models.Meter, error) {
	rows, err := many[meterRow](tx, `SELECT m.* FROM meters m
		WHERE m.installed_from <= ? AND (m.installed_until = 0 OR m.installed_until > ?) AND (
			(m.node_kind = 'feeder' AND m.node_id IN (?, ?))
			OR (m.node_kind IN ('connection_point', 'connection') AND m.node_id IN (SELECT id FROM connection_points WHERE feeder_id = ?
				UNION SELECT code FROM connection_points WHERE feeder_id = ?)))
		ORDER BY m.code`, micros(at), micros(at), feeder.ID, feeder.Code, feeder.ID, feeder.ID)
	out := make([]models.Meter, len(rows))
	for i, r := range rows {
		out[i] = r.meter()
	}
	return out, err
}

// FeederNews is the newest reading at or below a feeder.
type FeederNews struct {
	Feeder string
	Newest time.Time
}

// FeedersSince gives the feeders at or below which some meter's newest reading is
// not before the instant: no feeder is missing that a reading since then touched.
func (tx *Tx) FeedersSince(since time.Time) ([]FeederNews, error) {
	type row struct {
		Feeder string `gorm:"column:feeder"`
		Newest int64  `gorm:"column:newest"`
	}
	rows, err := many[row](tx, `SELECT feeder, MAX(at) AS newest FROM (
			SELECT f.id AS feeder, s.at FROM meter_states s JOIN meters m ON m.id = s.meter_id
				JOIN feeders f ON f.id = m.node_id OR f.code = m.node_id WHERE m.node_kind = 'feeder' AND s.at >= ?
			UNION ALL SELECT c.feeder_id, s.at FROM meter_states s JOIN meters m ON m.id = s.meter_id
				JOIN connection_points c ON c.id = m.node_id OR c.code = m.node_id
				WHERE m.node_kind IN ('connection_point', 'connection') AND s.at >= ?) AS touched
		GROUP BY feeder ORDER BY feeder`, micros(since), micros(since))
	if err != nil {
		return nil, err
	}
	newest := make(map[string]int64, len(rows))
	for _, r := range rows {
		newest[r.Feeder] = r.Newest
	}
	if err := tx.feedersPending(since, newest); err != nil {
		return nil, err
	}
	out := make([]FeederNews, 0, len(newest))
	for _, feeder := range slices.Sorted(maps.Keys(newest)) {
		out = append(out, FeederNews{Feeder: feeder, Newest: instant(newest[feeder])})
	}
	return out, nil
}

// feedersPending adds what waits to be folded to the newest readings of feeders.
func (tx *Tx) feedersPending(since time.Time, newest map[string]int64) error {
	waiting, err := tx.pendingOf(nil)
	if err != nil || len(waiting) == 0 {
		return err
	}
	var ids []string
	for id, rows := range waiting {
		if !rows[len(rows)-1].At.Before(since) {
			ids = append(ids, id)
		}
	}
	among, list, err := tx.among("m.id", ids)
	if err != nil || len(ids) == 0 {
		return err
	}
	type row struct {
		Meter  string `gorm:"column:meter"`
		Feeder string `gorm:"column:feeder"`
	}
	rows, err := many[row](tx, `SELECT m.id AS meter, f.id AS feeder FROM meters m JOIN feeders f ON f.id = m.node_id OR f.code = m.node_id
			WHERE m.node_kind = 'feeder' AND `+among+`
		UNION ALL SELECT m.id, c.feeder_id FROM meters m JOIN connection_points c ON c.id = m.node_id OR c.code = m.node_id
			WHERE m.node_kind IN ('connection_point', 'connection') AND `+among, list, list)
	for _, r := range rows {
		of := waiting[r.Meter]
		newest[r.Feeder] = max(newest[r.Feeder], micros(of[len(of)-1].At))
	}
	return err
}

// LicensedSpan is a version of a license at a connection point, in effect from
// Effective until the next version of the number.
type LicensedSpan struct {
	Point      string // code
	Number     string
	State      models.LicenseState
	Approved   models.Watts
	ValidFrom  time.Time
	ValidUntil time.Time
	Effective  time.Time
}

// LicensedSpans gives every version, of those that held for some time as is known
// now, of every license at the connection points of a feeder, by point, number and
// version.
func (tx *Tx) LicensedSpans(feeder string) ([]LicensedSpan, error) {
	type row struct {
		Point      string `gorm:"column:connection_code"`
		Number     string `gorm:"column:number"`
		State      string `gorm:"column:state"`
		Approved   int64  `gorm:"column:approved_w"`
		ValidFrom  int64  `gorm:"column:valid_from"`
		ValidUntil int64  `gorm:"column:valid_until"`
		Effective  int64  `gorm:"column:effective_at"`
	}
	rows, err := many[row](tx, `SELECT s.connection_code, v.number, v.state, s.approved_w, v.valid_from, v.valid_until, v.effective_at
		FROM license_sites s JOIN license_versions v ON v.number = s.number AND v.version = s.version
		JOIN connection_points c ON c.code = s.connection_code
		WHERE c.feeder_id = ? AND `+heldSometime+` ORDER BY s.connection_code, v.number, v.version`, feeder)
	out := make([]LicensedSpan, len(rows))
	for i, r := range rows {
		out[i] = LicensedSpan{Point: r.Point, Number: r.Number, State: models.LicenseState(r.State), Approved: models.Watts(r.Approved),
			ValidFrom: instant(r.ValidFrom), ValidUntil: instant(r.ValidUntil), Effective: instant(r.Effective)}
	}
	return out, err
}

// FeedersOfLicense gives the feeders that have a connection point on the license.
func (tx *Tx) FeedersOfLicense(number string) ([]string, error) {
	return many[string](tx, `SELECT DISTINCT c.feeder_id FROM license_sites s JOIN connection_points c ON c.code = s.connection_code
		WHERE s.number = ? ORDER BY c.feeder_id`, number)
}

package store

import (
	"time"

	"rigistry/models"
)

type standingRow struct {
	ID         string `gorm:"column:id"`
	Kind       string `gorm:"column:kind"`
	Scope      string `gorm:"column:scope"`
	ScopeID    string `gorm:"column:scope_id"`
	From       int64  `gorm:"column:from_at"`
	Until      int64  `gorm:"column:until_at"`
	Source     string `gorm:"column:source"`
	Hours      int64  `gorm:"column:hours"`
	Power      int64  `gorm:"column:power_w"`
	MiningOnly int64  `gorm:"column:mining_only"`
	Claimant   string `gorm:"column:claimant"`
	Document   string `gorm:"column:document"`
	Note       string `gorm:"column:note"`
	RecordedBy string `gorm:"column:recorded_by"`
	Recorded   int64  `gorm:"column:recorded_at"`
}

type standingView struct {
	Row       standingRow `gorm:"embedded"`
	EndedBy   string      `gorm:"column:ended_by"`
	Ended     int64       `gorm:"column:ended_at"`
	EndReason string      `gorm:"column:reason"`
}

const selectStanding = `SELECT f.*, COALESCE(e.ended_by, '') AS ended_by, COALESCE(e.ended_at, 0) AS ended_at, COALESCE(e.reason, '') AS reason
	FROM standing_facts f LEFT JOIN standing_ends e ON e.fact_id = f.id`

func (r standingView) fact() models.StandingFact {
	v := r.Row
	return models.StandingFact{ID: v.ID, Kind: models.StandingKind(v.Kind), Scope: models.StandingScope(v.Scope), ScopeID: v.ScopeID,
		From: instant(v.From), Until: instant(v.Until), Source: v.Source, Hours: v.Hours, Power: models.Watts(v.Power), MiningOnly: v.MiningOnly == 1,
		Claimant: v.Claimant, Document: v.Document, Note: v.Note, RecordedBy: v.RecordedBy, Recorded: instant(v.Recorded),
		EndedBy: r.EndedBy, Ended: instant(r.Ended), EndReason: r.EndReason}
}

func standingFacts(rows []standingView, err error) ([]models.StandingFact, error) {
	out := make([]models.StandingFact, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.fact())
	}
	return out, err
}

// InsertStanding records a standing fact.
func (tx *Tx) InsertStanding(f models.StandingFact) error {
	return insert(tx, "standing_facts", &standingRow{ID: f.ID, Kind: string(f.Kind), Scope: string(f.Scope), ScopeID: f.ScopeID, From: micros(f.From),
		Until: micros(f.Until), Source: f.Source, Hours: f.Hours, Power: int64(f.Power), MiningOnly: flag(f.MiningOnly), Claimant: f.Claimant,
		Document: f.Document, Note: f.Note, RecordedBy: f.RecordedBy, Recorded: micros(f.Recorded)})
}

// EndStanding records the end of a standing fact. A fact ends once.
func (tx *Tx) EndStanding(f models.StandingFact) error {
	_, err := exec(tx, "INSERT INTO standing_ends (fact_id, kind, recorded_by, ended_by, ended_at, reason) VALUES (?, ?, ?, ?, ?, ?)",
		f.ID, string(f.Kind), f.RecordedBy, f.EndedBy, micros(f.Ended), f.EndReason)
	return err
}

// Standing gives the standing fact with the id.
func (tx *Tx) Standing(id string) (models.StandingFact, error) {
	r, err := one[standingView](tx, "standing fact", id, selectStanding+" WHERE f.id = ?", id)
	return r.fact(), err
}

// StandingFilter narrows a list of standing facts; "" and zero do not narrow.
type StandingFilter struct {
	Kind    string
	Scope   string
	ScopeID string
	HoldsAt time.Time
}

// StandingFacts lists standing facts, newest first. The cursor is an id.
func (tx *Tx) StandingFacts(f StandingFilter, page Page) ([]models.StandingFact, error) {
	w := &where{}
	w.equal("f.kind", f.Kind)
	w.equal("f.scope", f.Scope)
	w.equal("f.scope_id", f.ScopeID)
	if page.After != "" {
		w.add("f.id < ?", page.After)
	}
	if at := micros(f.HoldsAt); at != 0 {
		w.add("f.from_at <= ? AND (f.until_at = 0 OR f.until_at > ?) AND (e.ended_at IS NULL OR e.ended_at > ?)", at, at, at)
	}
	return standingFacts(many[standingView](tx, selectStanding+w.sql()+" ORDER BY f.id DESC LIMIT ?", append(w.args, page.Size())...))
}

// StandingPlace names what standing facts can be recorded for around one check; ""
// names nothing.
type StandingPlace struct {
	Point, Feeder, Substation, Site, License, Party string // codes, the number, the BIN or IIN
}

const standsHere = `(f.scope = 'grid' OR f.scope = 'connection_point' AND f.scope_id = ? OR f.scope = 'feeder' AND f.scope_id = ?
	OR f.scope = 'substation' AND f.scope_id = ? OR f.scope = 'site' AND f.scope_id = ? OR f.scope = 'license' AND f.scope_id = ?
	OR f.scope = 'party' AND f.scope_id = ?)`

// StandingAt gives what holds now or is to come for a place, oldest first.
func (tx *Tx) StandingAt(p StandingPlace) ([]models.StandingFact, error) {
	return standingFacts(many[standingView](tx, selectStanding+" WHERE "+standsHere+" AND (f.until_at = 0 OR f.until_at > ?) AND e.fact_id IS NULL ORDER BY f.id",
		p.Point, p.Feeder, p.Substation, p.Site, p.License, p.Party, micros(tx.Now)))
}

// SupplyByHour tells whether hours of supply were ever recorded for a license or a
// connection point, whatever became of them.
func (tx *Tx) SupplyByHour(license, point string) (bool, error) {
	n, err := one[int64](tx, "count", "", `SELECT COUNT(*) FROM standing_facts WHERE kind = 'supply_basis'
		AND (scope = 'license' AND scope_id = ? OR scope = 'connection_point' AND scope_id = ?)`, license, point)
	return n > 0, err
}

// LedgerAge tells how long the oldest entry that is not sealed has waited, and how far
// the clock of the transaction is behind the newest seal; 0 for neither.
func (tx *Tx) LedgerAge() (waiting, behind time.Duration, err error) {
	oldest, err := one[int64](tx, "instant", "", "SELECT CAST(COALESCE(MIN(at), 0) AS BIGINT) FROM ledger_entries WHERE leaf_index IS NULL")
	if err != nil {
		return 0, 0, err
	}
	head, err := tx.Head()
	if oldest != 0 {
		waiting = max(0, tx.Now.Sub(instant(oldest)))
	}
	if !head.At.IsZero() {
		behind = max(0, head.At.Sub(tx.Now))
	}
	return waiting, behind, err
}

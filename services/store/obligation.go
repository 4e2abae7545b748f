package store

import (
	"time"

	"gorm.io/gorm/clause"

	"rigistry/models"
)

type obligationRow struct {
	ID           string `gorm:"column:id"`
	Kind         string `gorm:"column:kind"`
	License      string `gorm:"column:license"`
	Party        string `gorm:"column:party"`
	Subject      string `gorm:"column:subject"`
	Period       string `gorm:"column:period"`
	From         string `gorm:"column:from_date"`
	Until        string `gorm:"column:until_date"`
	LawDue       string `gorm:"column:law_due"`
	Due          string `gorm:"column:due"`
	LegalRef     string `gorm:"column:legal_ref"`
	Grade        string `gorm:"column:grade"`
	BlocksGate   int64  `gorm:"column:blocks_gate"`
	Outlives     int64  `gorm:"column:outlives"`
	DayOff       string `gorm:"column:day_off"`
	AmountTiyn   int64  `gorm:"column:amount_tiyn"`
	State        string `gorm:"column:state"`
	Handed       string `gorm:"column:handed"`
	HandedOn     string `gorm:"column:handed_on"`
	HandedAt     int64  `gorm:"column:handed_at"`
	HandedBy     string `gorm:"column:handed_by"`
	Note         string `gorm:"column:note"`
	WaiverGround string `gorm:"column:waiver_ground"`
	WaiverNote   string `gorm:"column:waiver_note"`
	WaiverBy     string `gorm:"column:waiver_by"`
	WaiverAt     int64  `gorm:"column:waiver_at"`
	DecidedBy    string `gorm:"column:decided_by"`
	DecidedAt    int64  `gorm:"column:decided_at"`
	OverdueAt    int64  `gorm:"column:overdue_at"`
	CreatedAt    int64  `gorm:"column:created_at;autoCreateTime:false"`
	UpdatedAt    int64  `gorm:"column:updated_at;autoUpdateTime:false"`
	Version      int64  `gorm:"column:version"`
}

func newObligationRow(o models.Obligation) (obligationRow, error) {
	handed, err := text(o.Handed)
	return obligationRow{ID: o.ID, Kind: o.Kind, License: o.License, Party: o.Party, Subject: o.Subject, Period: o.Period, From: o.From,
		Until: o.Until, LawDue: o.LawDue, Due: o.Due, LegalRef: o.LegalRef, Grade: o.Grade, BlocksGate: flag(o.BlocksGate),
		Outlives: flag(o.Outlives), DayOff: o.DayOff, AmountTiyn: int64(o.Amount), State: string(o.State), Handed: handed, HandedOn: o.HandedOn,
		HandedAt: micros(o.HandedAt), HandedBy: o.HandedBy, Note: o.Note, WaiverGround: o.Waiver.Ground, WaiverNote: o.Waiver.Note,
		WaiverBy: o.Waiver.By, WaiverAt: micros(o.Waiver.At), DecidedBy: o.DecidedBy, DecidedAt: micros(o.DecidedAt),
		OverdueAt: micros(o.OverdueAt), CreatedAt: micros(o.Created), UpdatedAt: micros(o.Updated), Version: o.Version}, err
}

func (r obligationRow) obligation() (models.Obligation, error) {
	o := models.Obligation{ID: r.ID, Kind: r.Kind, License: r.License, Party: r.Party, Subject: r.Subject, Period: r.Period, From: r.From,
		Until: r.Until, LawDue: r.LawDue, Due: r.Due, LegalRef: r.LegalRef, Grade: r.Grade, BlocksGate: r.BlocksGate == 1,
		Outlives: r.Outlives == 1, DayOff: r.DayOff, Amount: models.Tiyn(r.AmountTiyn), State: models.ObligationState(r.State),
		HandedOn: r.HandedOn, HandedAt: instant(r.HandedAt), HandedBy: r.HandedBy, Note: r.Note,
		Waiver:    models.Waiver{Ground: r.WaiverGround, Note: r.WaiverNote, By: r.WaiverBy, At: instant(r.WaiverAt)},
		DecidedBy: r.DecidedBy, DecidedAt: instant(r.DecidedAt), OverdueAt: instant(r.OverdueAt), Created: instant(r.CreatedAt),
		Updated: instant(r.UpdatedAt), Version: r.Version}
	return o, parse(r.Handed, &o.Handed)
}

func obligations(rows []obligationRow, err error) ([]models.Obligation, error) {
	out := make([]models.Obligation, 0, len(rows))
	for _, r := range rows {
		o, bad := r.obligation()
		if err == nil {
			err = bad
		}
		out = append(out, o)
	}
	return out, err
}

// InsertObligation adds an obligation and its first version, and tells whether there
// was none yet for its kind, license, subject and period. When there was one, it
// stays as it is.
func (tx *Tx) InsertObligation(o models.Obligation) (inserted bool, err error) {
	r, err := newObligationRow(o)
	if err != nil {
		return false, err
	}
	res := tx.db.Table("obligations").Clauses(clause.OnConflict{DoNothing: true}).Create(&r)
	if res.Error != nil || res.RowsAffected == 0 {
		return false, res.Error
	}
	return true, insert(tx, "obligation_versions", &r)
}

// UpdateObligation saves the next version of an obligation when it still has the
// version before o.Version. Earlier versions are kept.
func (tx *Tx) UpdateObligation(o models.Obligation) error {
	r, err := newObligationRow(o)
	if err != nil {
		return err
	}
	err = updateVersion(tx, "obligations", o.ID, o.Version-1, map[string]any{"due": r.Due, "state": r.State, "handed": r.Handed,
		"handed_on": r.HandedOn, "handed_at": r.HandedAt, "handed_by": r.HandedBy, "note": r.Note, "waiver_ground": r.WaiverGround,
		"waiver_note": r.WaiverNote, "waiver_by": r.WaiverBy, "waiver_at": r.WaiverAt, "decided_by": r.DecidedBy, "decided_at": r.DecidedAt,
		"overdue_at": r.OverdueAt, "updated_at": r.UpdatedAt})
	if err != nil {
		return err
	}
	return insert(tx, "obligation_versions", &r)
}

// Obligation gives an obligation as it was at an instant; the zero instant is now.
func (tx *Tx) Obligation(id string, asAt time.Time) (models.Obligation, error) {
	query, args := "SELECT * FROM obligations WHERE id = ?", []any{id}
	if !asAt.IsZero() {
		query, args = "SELECT * FROM obligation_versions WHERE id = ? AND updated_at <= ? ORDER BY version DESC LIMIT 1", []any{id, micros(asAt)}
	}
	r, err := one[obligationRow](tx, "obligation", id, query, args...)
	if err != nil {
		return models.Obligation{}, err
	}
	return r.obligation()
}

// ObligationFilter narrows a list of obligations; "" does not narrow.
type ObligationFilter struct {
	License   string
	Party     string
	Kind      string
	State     models.ObligationState // as people see it on Today
	Period    string
	DueBefore string // legal date, not included
	DueFrom   string // legal date
	Waiver    bool   // only those with a waiver that waits for a second person
	Today     string // legal date that State is asked on
	AsAt      time.Time
}

func (f ObligationFilter) where() *where {
	w := &where{}
	if !f.AsAt.IsZero() {
		w.add(`o.updated_at <= ? AND NOT EXISTS (SELECT 1 FROM obligation_versions n WHERE n.id = o.id AND n.version = o.version + 1 AND n.updated_at <= ?)`,
			micros(f.AsAt), micros(f.AsAt))
	}
	w.equal("o.license", f.License)
	w.equal("o.party", f.Party)
	w.equal("o.kind", f.Kind)
	w.equal("o.period", f.Period)
	if f.DueBefore != "" {
		w.add("o.due < ?", f.DueBefore)
	}
	if f.DueFrom != "" {
		w.add("o.due >= ?", f.DueFrom)
	}
	if f.Waiver {
		w.add("o.waiver_by <> '' AND o.state IN ('open', 'fulfilled')")
	}
	switch f.State {
	case "":
	case models.ObligationUpcoming:
		w.add("o.state = 'open' AND o.due >= ? AND o.until_date > ?", f.Today, f.Today)
	case models.ObligationDue:
		w.add("o.state = 'open' AND o.due >= ? AND o.until_date <= ?", f.Today, f.Today)
	case models.ObligationOverdue:
		w.add("o.state = 'open' AND o.due < ?", f.Today)
	default:
		w.equal("o.state", string(f.State))
	}
	return w
}

func (f ObligationFilter) table() string {
	if f.AsAt.IsZero() {
		return "obligations"
	}
	return "obligation_versions"
}

// ObligationCursor is the cursor of a list of obligations after one.
func ObligationCursor(o models.Obligation) string { return o.Due + "/" + o.ID }

// Obligations lists obligations in the order of their due dates, as they are or as
// they were at f.AsAt.
func (tx *Tx) Obligations(f ObligationFilter, page Page) ([]models.Obligation, error) {
	w := f.where()
	w.afterDue(page.After)
	return obligations(many[obligationRow](tx, "SELECT o.* FROM "+f.table()+" o"+w.sql()+" ORDER BY o.due, o.id LIMIT ?", append(w.args, page.Size())...))
}

// ObligationCounts are numbers of obligations by state on a legal date.
type ObligationCounts struct {
	Overdue   int64 `gorm:"column:overdue"`
	Due       int64 `gorm:"column:due_now"`
	Upcoming  int64 `gorm:"column:upcoming"`
	Fulfilled int64 `gorm:"column:fulfilled"` // wait for acceptance
	Waivers   int64 `gorm:"column:waivers"`   // proposed and not decided
}

// CountObligations counts what a filter gives by state on f.Today; f.State is not
// looked at.
func (tx *Tx) CountObligations(f ObligationFilter) (ObligationCounts, error) {
	f.State = ""
	w := f.where()
	return one[ObligationCounts](tx, "count", "obligations", `SELECT COALESCE(SUM(CASE WHEN o.state = 'open' AND o.due < ? THEN 1 ELSE 0 END), 0) AS overdue,
		COALESCE(SUM(CASE WHEN o.state = 'open' AND o.due >= ? AND o.until_date <= ? THEN 1 ELSE 0 END), 0) AS due_now,
		COALESCE(SUM(CASE WHEN o.state = 'open' AND o.due >= ? AND o.until_date > ? THEN 1 ELSE 0 END), 0) AS upcoming,
		COALESCE(SUM(CASE WHEN o.state = 'fulfilled' THEN 1 ELSE 0 END), 0) AS fulfilled,
		COALESCE(SUM(CASE WHEN o.waiver_by <> '' AND o.state IN ('open', 'fulfilled') THEN 1 ELSE 0 END), 0) AS waivers
		FROM `+f.table()+" o"+w.sql(), append([]any{f.Today, f.Today, f.Today, f.Today, f.Today}, w.args...)...)
}

// BlockingObligations gives the obligations of a license for which the gate refers
// on the legal date of the transaction, in the order of due dates.
func (tx *Tx) BlockingObligations(license string) ([]models.Obligation, error) {
	return obligations(many[obligationRow](tx, `SELECT * FROM obligations WHERE license = ? AND blocks_gate = 1
		AND (state = 'open' AND due < ? OR state = 'fulfilled' AND handed_on > due) ORDER BY due, id`, license, models.LegalDate(tx.Now)))
}

// NewlyOverdue gives open obligations whose due date is over and that were not
// recorded as overdue, at most limit.
func (tx *Tx) NewlyOverdue(limit int) ([]models.Obligation, error) {
	return obligations(many[obligationRow](tx, "SELECT * FROM obligations WHERE state = 'open' AND due < ? AND overdue_at = 0 ORDER BY due, id LIMIT ?",
		models.LegalDate(tx.Now), limit))
}

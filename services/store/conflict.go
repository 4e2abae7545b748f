package store

import (
	"errors"

	"rigistry/models"
)

type conflictRow struct {
	ID              string `gorm:"column:id"`
	Application     string `gorm:"column:application"`
	Person          string `gorm:"column:person"`
	Reason          string `gorm:"column:reason"`
	DeclaredBy      string `gorm:"column:declared_by"`
	DeclaredAt      int64  `gorm:"column:declared_at"`
	WithdrawnBy     string `gorm:"column:withdrawn_by"`
	WithdrawnReason string `gorm:"column:withdrawn_reason"`
	WithdrawnAt     int64  `gorm:"column:withdrawn_at"`
	Version         int64  `gorm:"column:version"`
}

func (r conflictRow) conflict() models.Conflict {
	return models.Conflict{ID: r.ID, Application: r.Application, Person: r.Person, Reason: r.Reason, DeclaredBy: r.DeclaredBy,
		DeclaredAt: instant(r.DeclaredAt), WithdrawnBy: r.WithdrawnBy, WithdrawnReason: r.WithdrawnReason, WithdrawnAt: instant(r.WithdrawnAt), Version: r.Version}
}

// InsertConflict adds a conflict of interest. A second one that stands for one
// person and application gives CodeConflict.
func (tx *Tx) InsertConflict(c models.Conflict) error {
	return insert(tx, "application_conflicts", &conflictRow{c.ID, c.Application, c.Person, c.Reason, c.DeclaredBy, micros(c.DeclaredAt),
		c.WithdrawnBy, c.WithdrawnReason, micros(c.WithdrawnAt), c.Version})
}

// WithdrawConflict saves the end of a conflict when it still has the version before
// c.Version.
func (tx *Tx) WithdrawConflict(c models.Conflict) error {
	return updateVersion(tx, "application_conflicts", c.ID, c.Version-1, map[string]any{
		"withdrawn_by": c.WithdrawnBy, "withdrawn_reason": c.WithdrawnReason, "withdrawn_at": micros(c.WithdrawnAt)})
}

// Conflict finds a conflict of interest of an application.
func (tx *Tx) Conflict(application, id string) (models.Conflict, error) {
	r, err := one[conflictRow](tx, "conflict of interest", id, "SELECT * FROM application_conflicts WHERE id = ? AND application = ?", id, application)
	return r.conflict(), err
}

// Conflicts gives every conflict of interest of applications, withdrawn or not, in
// the order of time.
func (tx *Tx) Conflicts(applications ...string) ([]models.Conflict, error) {
	rows, err := many[conflictRow](tx, "SELECT * FROM application_conflicts WHERE application IN ? ORDER BY declared_at, id", orNothing(applications))
	out := make([]models.Conflict, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.conflict())
	}
	return out, err
}

type appealRow struct {
	ID          string `gorm:"column:id"`
	Application string `gorm:"column:application"`
	State       string `gorm:"column:state"`
	Body        string `gorm:"column:body"`
	FiledBy     string `gorm:"column:filed_by"`
	FiledAt     int64  `gorm:"column:filed_at"`
	Decision    string `gorm:"column:decision"`
	Clock       string `gorm:"column:clock"`
	Drafter     string `gorm:"column:drafter"`
	Signer      string `gorm:"column:signer"`
	Outcome     string `gorm:"column:outcome"`
	Note        string `gorm:"column:note"`
	RecordedBy  string `gorm:"column:recorded_by"`
	RecordedAt  int64  `gorm:"column:recorded_at"`
	Version     int64  `gorm:"column:version"`
}

func (r appealRow) appeal() (models.Appeal, error) {
	p := models.Appeal{ID: r.ID, Application: r.Application, State: models.AppealState(r.State), Text: r.Body, FiledBy: r.FiledBy, FiledAt: instant(r.FiledAt),
		Outcome: r.Outcome, Note: r.Note, RecordedBy: r.RecordedBy, RecordedAt: instant(r.RecordedAt), Version: r.Version}
	return p, errors.Join(parse(r.Decision, &p.Decision), parse(r.Clock, &p.Clock))
}

// InsertAppeal adds an appeal. A second open one of an application gives CodeConflict.
func (tx *Tx) InsertAppeal(p models.Appeal) error {
	decision, err := text(p.Decision)
	clock, err2 := text(p.Clock)
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	return insert(tx, "application_appeals", &appealRow{p.ID, p.Application, string(p.State), p.Text, p.FiledBy, micros(p.FiledAt), decision, clock,
		p.Decision.Drafter, p.Decision.Signer, p.Outcome, p.Note, p.RecordedBy, micros(p.RecordedAt), p.Version})
}

// CloseAppeal saves the outcome of an appeal when it still has the version before
// p.Version.
func (tx *Tx) CloseAppeal(p models.Appeal) error {
	return updateVersion(tx, "application_appeals", p.ID, p.Version-1, map[string]any{"state": string(p.State), "outcome": p.Outcome, "note": p.Note,
		"recorded_by": p.RecordedBy, "recorded_at": micros(p.RecordedAt)})
}

// Appeals gives the appeals of an application in the order of time.
func (tx *Tx) Appeals(application string) ([]models.Appeal, error) {
	rows, err := many[appealRow](tx, "SELECT * FROM application_appeals WHERE application = ? ORDER BY filed_at, id", application)
	out := make([]models.Appeal, 0, len(rows))
	for _, r := range rows {
		p, bad := r.appeal()
		out, err = append(out, p), errors.Join(err, bad)
	}
	return out, err
}

type appealRouteRow struct {
	Code       string `gorm:"column:code"`
	Months     int64  `gorm:"column:months"`
	BodyKk     string `gorm:"column:body_kk"`
	BodyRu     string `gorm:"column:body_ru"`
	BodyEn     string `gorm:"column:body_en"`
	CourtKk    string `gorm:"column:court_kk"`
	CourtRu    string `gorm:"column:court_ru"`
	CourtEn    string `gorm:"column:court_en"`
	LegalRef   string `gorm:"column:legal_ref"`
	Grade      string `gorm:"column:grade"`
	ValidFrom  string `gorm:"column:valid_from"`
	ValidUntil string `gorm:"column:valid_until"`
}

// AppealRoute gives how a decision of a legal date is appealed.
func (tx *Tx) AppealRoute(code, date string) (models.AppealRoute, error) {
	r, err := one[appealRouteRow](tx, "appeal route on "+date, code,
		"SELECT * FROM appeal_routes WHERE code = ? AND "+onDate+" ORDER BY valid_from DESC", code, date, date)
	return models.AppealRoute{Code: r.Code, Months: r.Months, Body: models.Text{Kk: r.BodyKk, Ru: r.BodyRu, En: r.BodyEn},
		Court: models.Text{Kk: r.CourtKk, Ru: r.CourtRu, En: r.CourtEn}, LegalRef: r.LegalRef, Grade: r.Grade, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil}, err
}

package store

import (
	"errors"

	"rigistry/models"
)

type applicationRow struct {
	ID           string `gorm:"column:id"`
	Number       string `gorm:"column:number"`
	Kind         string `gorm:"column:kind"`
	SubType      string `gorm:"column:sub_type"`
	State        string `gorm:"column:state"`
	Applicant    string `gorm:"column:applicant"`
	ApplicantBin string `gorm:"column:applicant_bin"`
	Language     string `gorm:"column:language"`
	SupplyBasis  string `gorm:"column:supply_basis"`
	DeclaredW    int64  `gorm:"column:declared_w"`
	Sites        string `gorm:"column:sites"`
	Host         string `gorm:"column:host"`
	Equipment    string `gorm:"column:equipment"`
	FeePaidTiyn  int64  `gorm:"column:fee_paid_tiyn"`
	FeeDocument  string `gorm:"column:fee_document"`
	Note         string `gorm:"column:note"`
	FiledBy      string `gorm:"column:filed_by"`
	SubmittedAt  int64  `gorm:"column:submitted_at"`
	RegisteredAt int64  `gorm:"column:registered_at"`
	CompleteAt   int64  `gorm:"column:complete_at"`
	Missing      string `gorm:"column:missing"`
	Due          string `gorm:"column:due"`
	Clock        string `gorm:"column:clock"`
	Officer      string `gorm:"column:officer"`
	Checklist    string `gorm:"column:checklist"`
	Decision     string `gorm:"column:decision"`
	Drafter      string `gorm:"column:drafter"`
	Signer       string `gorm:"column:signer"`
	DrafterUnit  string `gorm:"column:drafter_unit"`
	SignerUnit   string `gorm:"column:signer_unit"`
	Voided       string `gorm:"column:voided"`
	License      string `gorm:"column:license"`
	Base         string `gorm:"column:base_license"`
	Reason       string `gorm:"column:reason"`
	Documents    string `gorm:"column:documents"`
	HostContract string `gorm:"column:host_contract"`
	Pinned       string `gorm:"column:pinned"`
	Version      int64  `gorm:"column:version"`
	CreatedAt    int64  `gorm:"column:created_at;autoCreateTime:false"`
	UpdatedAt    int64  `gorm:"column:updated_at;autoUpdateTime:false"`
}

// newApplicationRow writes the structured parts as JSON under the names of the
// models' fields; a test pins that form.
func newApplicationRow(a models.Application) (applicationRow, error) {
	r := applicationRow{ID: a.ID, Number: a.Number, Kind: string(a.Kind), SubType: string(a.SubType), State: string(a.State),
		Applicant: a.Applicant, ApplicantBin: a.ApplicantBin, Language: a.Language, SupplyBasis: a.SupplyBasis, DeclaredW: int64(a.Declared),
		Host: a.Host, FeePaidTiyn: int64(a.FeePaid), FeeDocument: a.FeeDocument, Note: a.Note, FiledBy: a.FiledBy,
		SubmittedAt: micros(a.SubmittedAt), RegisteredAt: micros(a.RegisteredAt), CompleteAt: micros(a.CompleteAt), Due: a.Due,
		Officer: a.Officer, License: a.License, Base: a.Base, Reason: a.Reason, Documents: a.Documents, Version: a.Version, CreatedAt: micros(a.Created), UpdatedAt: micros(a.Updated)}
	if r.Documents == "" {
		r.Documents = models.DocumentsPaper
	}
	if a.Decision != nil {
		r.Drafter, r.Signer = a.Decision.Drafter, a.Decision.Signer
		r.DrafterUnit, r.SignerUnit = a.Decision.DrafterUnit, a.Decision.SignerUnit
	}
	var errs []error
	for _, c := range []struct {
		to    *string
		value any
	}{{&r.Sites, nonNil(a.Sites)}, {&r.Equipment, nonNil(a.Equipment)}, {&r.Missing, nonNil(a.Missing)},
		{&r.Clock, a.Clock}, {&r.Checklist, nonNil(a.Checklist)}, {&r.Decision, a.Decision}, {&r.Voided, a.Voided},
		{&r.HostContract, a.HostContract}, {&r.Pinned, a.Pinned}} {
		var err error
		*c.to, err = text(c.value)
		errs = append(errs, err)
	}
	return r, errors.Join(errs...)
}

func (r applicationRow) application() (models.Application, error) {
	a := models.Application{ID: r.ID, Number: r.Number, Kind: models.ApplicationKind(r.Kind), SubType: models.SubType(r.SubType),
		State: models.ApplicationState(r.State), Applicant: r.Applicant, ApplicantBin: r.ApplicantBin, Language: r.Language,
		SupplyBasis: r.SupplyBasis, Declared: models.Watts(r.DeclaredW), Host: r.Host, FeePaid: models.Tiyn(r.FeePaidTiyn),
		FeeDocument: r.FeeDocument, Note: r.Note, FiledBy: r.FiledBy, SubmittedAt: instant(r.SubmittedAt),
		RegisteredAt: instant(r.RegisteredAt), CompleteAt: instant(r.CompleteAt), Due: r.Due, Officer: r.Officer, License: r.License,
		Base: r.Base, Reason: r.Reason, Documents: r.Documents, Version: r.Version, Created: instant(r.CreatedAt), Updated: instant(r.UpdatedAt)}
	return a, errors.Join(parse(r.Sites, &a.Sites), parse(r.Equipment, &a.Equipment), parse(r.Missing, &a.Missing),
		parse(r.Clock, &a.Clock), parse(r.Checklist, &a.Checklist), parse(r.Decision, &a.Decision), parse(r.Voided, &a.Voided),
		parse(r.HostContract, &a.HostContract), parse(r.Pinned, &a.Pinned))
}

// InsertApplication adds an application.
func (tx *Tx) InsertApplication(a models.Application) error {
	r, err := newApplicationRow(a)
	if err != nil {
		return err
	}
	if err := insert(tx, "applications", &r); err != nil {
		return err
	}
	p, err := tx.Party(a.Applicant)
	if err != nil {
		return err
	}
	return tx.addTerms(applicationTerms(a, p))
}

// UpdateApplication saves an application when it still has the version before
// a.Version.
func (tx *Tx) UpdateApplication(a models.Application) error {
	r, err := newApplicationRow(a)
	if err != nil {
		return err
	}
	return updateVersion(tx, "applications", a.ID, a.Version-1, map[string]any{
		"kind": r.Kind, "base_license": r.Base, "reason": r.Reason, "documents": r.Documents, "host_contract": r.HostContract, "pinned": r.Pinned,
		"sub_type": r.SubType, "state": r.State, "language": r.Language, "supply_basis": r.SupplyBasis, "declared_w": r.DeclaredW,
		"sites": r.Sites, "host": r.Host, "equipment": r.Equipment, "fee_paid_tiyn": r.FeePaidTiyn, "fee_document": r.FeeDocument,
		"note": r.Note, "filed_by": r.FiledBy, "submitted_at": r.SubmittedAt, "registered_at": r.RegisteredAt,
		"complete_at": r.CompleteAt, "missing": r.Missing, "due": r.Due, "clock": r.Clock, "officer": r.Officer,
		"checklist": r.Checklist, "decision": r.Decision, "drafter": r.Drafter, "signer": r.Signer, "drafter_unit": r.DrafterUnit, "signer_unit": r.SignerUnit, "voided": r.Voided, "license": r.License,
		"updated_at": r.UpdatedAt})
}

// Application finds an application by id or number.
func (tx *Tx) Application(key string) (models.Application, error) {
	r, err := one[applicationRow](tx, "application", key, "SELECT * FROM applications WHERE id = ? OR number = ?", key, key)
	if err != nil {
		return models.Application{}, err
	}
	return r.application()
}

// ApplicationFilter narrows a list of applications; "" does not narrow.
type ApplicationFilter struct {
	Applicant string // party id
	State     string
	States    []string // any of these; nil does not narrow
	SubType   string
	Officer   string // user id
	Region    string // two digits of KATO of a site
	DueFrom   string // legal date; with it, or DueUntil, only what is under way
	DueUntil  string // legal date, not included
	Query     string // words of the applicant's name by their beginnings in any spelling, or the beginning of its number or of the BIN or IIN
}

// Applications lists applications, the newest first, before the id.
func (tx *Tx) Applications(f ApplicationFilter, page Page) ([]models.Application, error) {
	w := where{}
	w.equal("a.applicant", f.Applicant)
	w.equal("a.state", f.State)
	if f.States != nil {
		w.add("a.state IN ?", orNothing(f.States))
	}
	w.equal("a.sub_type", f.SubType)
	w.equal("a.officer", f.Officer)
	if f.Region != "" {
		w.add("EXISTS (SELECT 1 FROM sites s WHERE s.region = ? AND a.sites LIKE '%\"' || s.id || '\"%')", f.Region)
	}
	if f.DueFrom != "" || f.DueUntil != "" {
		w.add("a.state IN ('registered', 'in_review', 'decision_drafted') AND a.due >= ?", f.DueFrom)
	}
	if f.DueUntil != "" {
		w.add("a.due < ?", f.DueUntil)
	}
	w.spelled(tx, applicationSpelling, f.Query)
	if page.After != "" {
		w.add("a.id < ?", page.After)
	}
	rows, err := many[applicationRow](tx, "SELECT a.* FROM applications a"+applicationSpelling.join(tx, f.Query)+w.sql()+
		" ORDER BY a.id DESC LIMIT ?", append(w.args, page.Size())...)
	if err != nil {
		return nil, err
	}
	out := make([]models.Application, 0, len(rows))
	for _, r := range rows {
		a, err := r.application()
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

package store

import (
	"slices"

	"rigistry/models"
)

type reasonRow struct {
	Kind       string `gorm:"column:kind"`
	Code       string `gorm:"column:code"`
	LegalRef   string `gorm:"column:legal_ref"`
	Grade      string `gorm:"column:grade"`
	TextKk     string `gorm:"column:text_kk"`
	TextRu     string `gorm:"column:text_ru"`
	TextEn     string `gorm:"column:text_en"`
	ValidFrom  string `gorm:"column:valid_from"`
	ValidUntil string `gorm:"column:valid_until"`
}

// ApplicationReasons gives the reasons for which an application of a kind can be made
// on a legal date; "" gives all kinds.
func (tx *Tx) ApplicationReasons(kind models.ApplicationKind, date string) ([]models.ApplicationReason, error) {
	w := where{}
	w.add(onDate, date, date)
	w.equal("kind", string(kind))
	rows, err := many[reasonRow](tx, "SELECT * FROM application_reasons"+w.sql()+" ORDER BY kind, code", w.args...)
	out := make([]models.ApplicationReason, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.ApplicationReason{Kind: models.ApplicationKind(r.Kind), Code: r.Code, LegalRef: r.LegalRef, Grade: r.Grade,
			Text: models.Text{Kk: r.TextKk, Ru: r.TextRu, En: r.TextEn}, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil})
	}
	return out, err
}

// PinnedRequirements gives the rows of requirements that a case was pinned to, in
// the order of the checklist, whatever holds today.
func (tx *Tx) PinnedRequirements(subType models.SubType, pins []models.PinnedID) ([]models.Requirement, error) {
	rows, err := many[requirementRow](tx, "SELECT * FROM requirements WHERE sub_type = ? ORDER BY position, code", string(subType))
	out := make([]models.Requirement, 0, len(pins))
	for _, r := range rows {
		if slices.Contains(pins, models.PinnedID{Code: r.Code, ValidFrom: r.ValidFrom}) {
			out = append(out, r.requirement())
		}
	}
	return out, err
}

// ChangePending gives the number of an application that is filed, not decided and
// would change a license, other than the one with the id; "" when there is none.
func (tx *Tx) ChangePending(license, except string) (string, error) {
	rows, err := many[string](tx, `SELECT number FROM applications WHERE base_license = ? AND id <> ?
		AND kind IN ('reissue', 'appendix_change', 'renewal', 'termination')
		AND state IN ('submitted', 'registered', 'in_review', 'decision_drafted')`, license, except)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

type receiptRow struct {
	Application string `gorm:"column:application"`
	Version     int64  `gorm:"column:version"`
	Reference   string `gorm:"column:reference"`
	FiledAt     int64  `gorm:"column:filed_at"`
	Digest      string `gorm:"column:digest"`
	Content     string `gorm:"column:content"`
	RegisterBy  string `gorm:"column:register_by"`
}

// InsertReceipt keeps the receipt of a filing.
func (tx *Tx) InsertReceipt(r models.Receipt) error {
	return insert(tx, "application_receipts", &receiptRow{Application: r.Application, Version: r.Version, Reference: r.Reference,
		FiledAt: micros(r.Filed), Digest: r.Digest, Content: r.Content, RegisterBy: r.RegisterBy})
}

// Receipt gives the receipt of the last filing of an application.
func (tx *Tx) Receipt(application string) (models.Receipt, error) {
	r, err := one[receiptRow](tx, "receipt of application", application,
		"SELECT * FROM application_receipts WHERE application = ? ORDER BY version DESC LIMIT 1", application)
	return models.Receipt{Application: r.Application, Version: r.Version, Reference: r.Reference, Filed: instant(r.FiledAt),
		Digest: r.Digest, Content: r.Content, RegisterBy: r.RegisterBy}, err
}

type hostedRow struct {
	Site string `gorm:"column:site"`
	Sum  int64  `gorm:"column:sum_w"`
}

// HostedAt sums, by site id, the power approved to tenants: licenses of sub-type II
// in force, but for one number. Sites without tenants are left out.
func (tx *Tx) HostedAt(sites []string, except string) (map[string]models.Watts, error) {
	rows, err := many[hostedRow](tx, `SELECT s.site, CAST(SUM(s.approved_w) AS BIGINT) AS sum_w FROM licenses l
		JOIN license_sites s ON s.number = l.number AND s.version = l.version
		WHERE l.sub_type = 'II' AND l.state IN ('active', 'suspended') AND l.valid_until > ? AND l.number <> ? AND s.site IN ?
		GROUP BY s.site`, micros(tx.Now), except, orNothing(sites))
	out := map[string]models.Watts{}
	for _, r := range rows {
		out[r.Site] = models.Watts(r.Sum)
	}
	return out, err
}

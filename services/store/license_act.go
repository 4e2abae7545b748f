package store

import (
	"rigistry/models"
)

type licenseActRow struct {
	ID            string `gorm:"column:id"`
	Number        string `gorm:"column:number"`
	License       string `gorm:"column:license"`
	Base          int64  `gorm:"column:base_version"`
	Kind          string `gorm:"column:kind"`
	Ground        string `gorm:"column:ground"`
	Months        int64  `gorm:"column:months"`
	Note          string `gorm:"column:note"`
	Since         int64  `gorm:"column:since_at"`
	Correction    string `gorm:"column:correction"`
	Impact        string `gorm:"column:impact"`
	ImpactDigest  string `gorm:"column:impact_digest"`
	State         string `gorm:"column:state"`
	Drafter       string `gorm:"column:drafter"`
	DrafterUnit   string `gorm:"column:drafter_unit"`
	DraftedAt     int64  `gorm:"column:drafted_at"`
	ConfirmBy     int64  `gorm:"column:confirm_by"`
	Signer        string `gorm:"column:signer"`
	SignerUnit    string `gorm:"column:signer_unit"`
	SignedAt      int64  `gorm:"column:signed_at"`
	OrderNumber   string `gorm:"column:order_number"`
	ResultVersion int64  `gorm:"column:result_version"`
	Reason        string `gorm:"column:reason"`
	ClosedBy      string `gorm:"column:closed_by"`
	ClosedAt      int64  `gorm:"column:closed_at"`
	Version       int64  `gorm:"column:version"`
	UpdatedAt     int64  `gorm:"column:updated_at;autoUpdateTime:false"`
}

// correctionColumn is a correction as its column holds it.
type correctionColumn struct {
	HolderName  *string                 `json:"holder_name,omitempty"`
	FirstIssued *string                 `json:"first_issued_on,omitempty"`
	LastDay     *string                 `json:"last_day,omitempty"`
	Approved    map[string]models.Watts `json:"approved_w,omitempty"`
}

func (tx *Tx) licenseActRow(a models.LicenseAct) (licenseActRow, error) {
	r := licenseActRow{ID: a.ID, Number: a.Number, License: a.License, Base: a.Base, Kind: string(a.Kind), Ground: a.Ground, Months: int64(a.Months), Note: a.Note,
		Since: micros(a.Since), Impact: a.Impact, ImpactDigest: a.ImpactDigest, State: string(a.State), Drafter: a.Drafter, DrafterUnit: a.DrafterUnit,
		DraftedAt: micros(a.DraftedAt), ConfirmBy: micros(a.ConfirmBy), Signer: a.Signer, SignerUnit: a.SignerUnit, SignedAt: micros(a.SignedAt),
		OrderNumber: a.Order, ResultVersion: a.ResultVersion, Reason: a.Reason, ClosedBy: a.ClosedBy, ClosedAt: micros(a.ClosedAt), Version: a.Version, UpdatedAt: micros(tx.Now)}
	var err error
	if a.Correction != nil {
		r.Correction, err = text(correctionColumn(*a.Correction))
	}
	return r, err
}

func (r licenseActRow) act() (models.LicenseAct, error) {
	a := models.LicenseAct{ID: r.ID, Number: r.Number, License: r.License, Base: r.Base, Kind: models.LicenseActKind(r.Kind), Ground: r.Ground, Months: int(r.Months),
		Note: r.Note, Since: instant(r.Since), Impact: r.Impact, ImpactDigest: r.ImpactDigest, State: models.LicenseActState(r.State), Drafter: r.Drafter,
		DrafterUnit: r.DrafterUnit, DraftedAt: instant(r.DraftedAt), ConfirmBy: instant(r.ConfirmBy), Signer: r.Signer, SignerUnit: r.SignerUnit,
		SignedAt: instant(r.SignedAt), Order: r.OrderNumber, ResultVersion: r.ResultVersion, Reason: r.Reason, ClosedBy: r.ClosedBy, ClosedAt: instant(r.ClosedAt), Version: r.Version}
	if r.Correction == "" {
		return a, nil
	}
	var c correctionColumn
	err := parse(r.Correction, &c)
	correction := models.Correction(c)
	a.Correction = &correction
	return a, err
}

func licenseActs(rows []licenseActRow, err error) ([]models.LicenseAct, error) {
	out := make([]models.LicenseAct, 0, len(rows))
	for _, r := range rows {
		a, bad := r.act()
		if bad != nil {
			return nil, bad
		}
		out = append(out, a)
	}
	return out, err
}

// InsertLicenseAct adds an act. A second one of its kind on the license that waits
// is a conflict.
func (tx *Tx) InsertLicenseAct(a models.LicenseAct) error {
	r, err := tx.licenseActRow(a)
	if err != nil {
		return err
	}
	return insert(tx, "license_acts", &r)
}

// UpdateLicenseAct saves what became of an act when it still has the version before
// a.Version.
func (tx *Tx) UpdateLicenseAct(a models.LicenseAct) error {
	return updateVersion(tx, "license_acts", a.ID, a.Version-1, map[string]any{
		"state": string(a.State), "signer": a.Signer, "signer_unit": a.SignerUnit, "signed_at": micros(a.SignedAt), "order_number": a.Order,
		"result_version": a.ResultVersion, "reason": a.Reason, "closed_by": a.ClosedBy, "closed_at": micros(a.ClosedAt), "updated_at": micros(tx.Now)})
}

// LicenseAct finds an act by id or number.
func (tx *Tx) LicenseAct(idOrNumber string) (models.LicenseAct, error) {
	r, err := one[licenseActRow](tx, "act", idOrNumber, "SELECT * FROM license_acts WHERE id = ? OR number = ?", idOrNumber, idOrNumber)
	if err != nil {
		return models.LicenseAct{}, err
	}
	return r.act()
}

// LicenseActFilter narrows a list of acts; "" does not narrow.
type LicenseActFilter struct {
	License string // number
	Kind    string
	State   string
	Drafter string // user id
	Open    string // "open": drafted and provisional only; "closed": the others
}

// LicenseActs lists acts, the newest first, before the id.
func (tx *Tx) LicenseActs(f LicenseActFilter, page Page) ([]models.LicenseAct, error) {
	w := where{}
	w.equal("license", f.License)
	w.equal("kind", f.Kind)
	w.equal("state", f.State)
	w.equal("drafter", f.Drafter)
	switch f.Open {
	case "open":
		w.add("state IN ('drafted', 'provisional')")
	case "closed":
		w.add("state NOT IN ('drafted', 'provisional')")
	}
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	return licenseActs(many[licenseActRow](tx, "SELECT * FROM license_acts"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...))
}

// LicenseActsDue gives urgent suspensions whose time to be confirmed is over.
func (tx *Tx) LicenseActsDue(limit int) ([]models.LicenseAct, error) {
	return licenseActs(many[licenseActRow](tx, "SELECT * FROM license_acts WHERE state = 'provisional' AND confirm_by <= ? ORDER BY confirm_by, id LIMIT ?", micros(tx.Now), limit))
}

// SuspensionsOver gives the suspended licenses whose term of suspension is over and
// that have no task of the kind for it yet.
func (tx *Tx) SuspensionsOver(kind models.TaskKind, limit int) ([]string, error) {
	return many[string](tx, `SELECT l.number FROM licenses l JOIN license_versions v ON v.number = l.number AND v.version = l.version
		WHERE l.state = 'suspended' AND v.suspension_until <= ? AND l.valid_until > ?
		AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.kind = ? AND t.subject_kind = 'license' AND t.subject_id = l.number AND t.created_at >= v.suspension_until)
		ORDER BY l.number LIMIT ?`, micros(tx.Now), micros(tx.Now), string(kind), limit)
}

// PointLoad is what a connection point carries and holds.
type PointLoad struct {
	Code      string
	Utility   string // id
	State     models.ConnectionState
	Energised models.Watts
	Reserved  models.Watts // held by open permits
	Permits   int64        // open permits
}

// PointsOfCodes gives the load of connection points by their codes, in the order of
// codes; codes that the grid does not know are left out.
func (tx *Tx) PointsOfCodes(codes []string) ([]PointLoad, error) {
	type row struct {
		Code      string `gorm:"column:code"`
		Utility   string `gorm:"column:utility_id"`
		State     string `gorm:"column:state"`
		Energised int64  `gorm:"column:energised_w"`
		Reserved  int64  `gorm:"column:reserved_w"`
		Permits   int64  `gorm:"column:permits"`
	}
	rows, err := many[row](tx, `SELECT cp.code, cp.utility_id, cp.state, cp.energised_w,
		(SELECT CAST(COALESCE(SUM(r.held_w), 0) AS BIGINT) FROM gate_reservations r WHERE r.point_id = cp.id AND r.state = 'held' AND r.until_at > ?) AS reserved_w,
		(SELECT COUNT(*) FROM gate_reservations r WHERE r.point_id = cp.id AND r.state = 'held' AND r.until_at > ?) AS permits
		FROM connection_points cp WHERE cp.code IN ? ORDER BY cp.code`, micros(tx.Now), micros(tx.Now), orNothing(codes))
	out := make([]PointLoad, 0, len(rows))
	for _, r := range rows {
		out = append(out, PointLoad{Code: r.Code, Utility: r.Utility, State: models.ConnectionState(r.State), Energised: models.Watts(r.Energised),
			Reserved: models.Watts(r.Reserved), Permits: r.Permits})
	}
	return out, err
}

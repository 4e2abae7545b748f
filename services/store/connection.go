package store

import (
	"rigistry/models"
)

type connectionRow struct {
	ID           string `gorm:"column:id"`
	Code         string `gorm:"column:code"`
	Feeder       string `gorm:"column:feeder_id"`
	Utility      string `gorm:"column:utility_id"`
	ConsumerBin  string `gorm:"column:consumer_bin"`
	DeclaredUse  string `gorm:"column:declared_use"`
	Site         string `gorm:"column:site"`
	State        string `gorm:"column:state"`
	Permitted    int64  `gorm:"column:permitted_w"`
	Energised    int64  `gorm:"column:energised_w"`
	TCNumber     string `gorm:"column:tc_number"`
	TCLimit      int64  `gorm:"column:tc_limit_w"`
	TCPurpose    string `gorm:"column:tc_purpose"`
	TCUntil      int64  `gorm:"column:tc_until"`
	Act          string `gorm:"column:act"`
	SupplyNumber string `gorm:"column:supply_number"`
	SupplyUntil  int64  `gorm:"column:supply_until"`
	Automation   int64  `gorm:"column:automation"`
	Version      int64  `gorm:"column:version"`
	ChangedAt    int64  `gorm:"column:changed_at"`
}

// connectionView is a connection point with what other tables say about it.
type connectionView struct {
	Row          connectionRow `gorm:"embedded"`
	FeederCode   string        `gorm:"column:feeder_code"`
	Substation   string        `gorm:"column:substation_id"`
	Party        string        `gorm:"column:party_id"`
	PartyName    string        `gorm:"column:party_name"`
	License      string        `gorm:"column:license"`
	LicenseState string        `gorm:"column:license_state"`
	Licensed     int64         `gorm:"column:licensed_w"`
	Reserved     int64         `gorm:"column:reserved_w"`
}

func (c connectionView) point() models.ConnectionPoint {
	v := c.Row
	return models.ConnectionPoint{
		ID: v.ID, Code: v.Code, Feeder: v.Feeder, FeederCode: c.FeederCode, Substation: c.Substation, Utility: v.Utility,
		Consumer: c.Party, ConsumerBin: v.ConsumerBin, ConsumerName: c.PartyName, DeclaredUse: v.DeclaredUse, Site: v.Site,
		State:     models.ConnectionState(v.State),
		Permitted: models.Watts(v.Permitted), Energised: models.Watts(v.Energised), Reserved: models.Watts(c.Reserved),
		License: c.License, LicenseState: models.LicenseState(c.LicenseState), Licensed: models.Watts(c.Licensed),
		Technical: models.TechnicalConditions{Number: v.TCNumber, Limit: models.Watts(v.TCLimit), Purpose: v.TCPurpose, ValidUntil: instant(v.TCUntil)},
		Act:       v.Act, SupplyNumber: v.SupplyNumber, SupplyUntil: instant(v.SupplyUntil), Automation: v.Automation == 1,
		Version: v.Version, Updated: instant(v.ChangedAt),
	}
}

// The first argument is the instant at which reservations are looked at.
const selectConnections = `SELECT cp.*, f.code AS feeder_code, f.substation_id,
	COALESCE(p.id, '') AS party_id, COALESCE(NULLIF(p.name_ru, ''), p.name_kk, '') AS party_name,
	COALESCE(lp.number, '') AS license, COALESCE(l.state, '') AS license_state, COALESCE(lp.approved_w, 0) AS licensed_w,
	(SELECT CAST(COALESCE(SUM(r.held_w), 0) AS BIGINT) FROM gate_reservations r
		WHERE r.point_id = cp.id AND r.state = 'held' AND r.until_at > ?) AS reserved_w
	FROM connection_points cp JOIN feeders f ON f.id = cp.feeder_id
	LEFT JOIN parties p ON p.bin = cp.consumer_bin
	LEFT JOIN license_points lp ON lp.connection_code = cp.code AND lp.in_force = 1
	LEFT JOIN licenses l ON l.number = lp.number
	WHERE `

// InsertConnectionPoint adds a connection point.
func (tx *Tx) InsertConnectionPoint(p models.ConnectionPoint) error {
	err := insertRecorded(tx, "connection_points", connectionRow{
		ID: p.ID, Code: p.Code, Feeder: p.Feeder, Utility: p.Utility, ConsumerBin: p.ConsumerBin, DeclaredUse: p.DeclaredUse,
		Site: p.Site, State: string(p.State), Permitted: int64(p.Permitted), Energised: int64(p.Energised),
		TCNumber: p.Technical.Number, TCLimit: int64(p.Technical.Limit), TCPurpose: p.Technical.Purpose, TCUntil: micros(p.Technical.ValidUntil),
		Act: p.Act, SupplyNumber: p.SupplyNumber, SupplyUntil: micros(p.SupplyUntil), Automation: flag(p.Automation),
		Version: p.Version, ChangedAt: micros(tx.Now),
	})
	if err != nil {
		return err
	}
	return tx.addTerms(connectionTerms(p.ID, p.Code, p.Utility))
}

// UpdateConnectionPoint saves a connection point, with its state and load, whose
// row still has the version.
func (tx *Tx) UpdateConnectionPoint(p models.ConnectionPoint) error {
	return updateVersion(tx, "connection_points", p.ID, p.Version, map[string]any{
		"feeder_id": p.Feeder, "consumer_bin": p.ConsumerBin, "declared_use": p.DeclaredUse, "site": p.Site, "state": string(p.State),
		"permitted_w": int64(p.Permitted), "energised_w": int64(p.Energised),
		"tc_number": p.Technical.Number, "tc_limit_w": int64(p.Technical.Limit), "tc_purpose": p.Technical.Purpose, "tc_until": micros(p.Technical.ValidUntil),
		"act": p.Act, "supply_number": p.SupplyNumber, "supply_until": micros(p.SupplyUntil), "automation": flag(p.Automation),
		"changed_at": micros(tx.Now),
	})
}

// ConnectionPoint gives the connection point with the id or the code, with its
// consumer, license and reservations now.
func (tx *Tx) ConnectionPoint(idOrCode string) (models.ConnectionPoint, error) {
	v, err := one[connectionView](tx, "connection point", idOrCode,
		selectConnections+"(cp.id = ? OR cp.code = ?)", micros(tx.Now), idOrCode, idOrCode)
	return v.point(), err
}

// ConnectionFilter narrows a list of connection points; "" does not narrow.
type ConnectionFilter struct {
	Utility     string
	Feeder      string // id
	State       string
	ConsumerBin string
	License     string // number of the license in force
	Site        string // id
}

// ConnectionPoints lists connection points by code.
func (tx *Tx) ConnectionPoints(f ConnectionFilter, page Page) ([]models.ConnectionPoint, error) {
	where, args := gridWhere("cp.", f.Utility, page, "cp.feeder_id = ?", f.Feeder, "cp.state = ?", f.State,
		"cp.consumer_bin = ?", f.ConsumerBin, "lp.number = ?", f.License, "cp.site = ?", f.Site)
	rows, err := many[connectionView](tx, selectConnections+where+" ORDER BY cp.code LIMIT ?", append([]any{micros(tx.Now)}, args...)...)
	out := make([]models.ConnectionPoint, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.point())
	}
	return out, err
}

package store

import (
	"strings"

	"rigistry/models"
)

type utilityRow struct {
	ID      string `gorm:"column:id"`
	Code    string `gorm:"column:code"`
	NameKk  string `gorm:"column:name_kk"`
	NameRu  string `gorm:"column:name_ru"`
	NameEn  string `gorm:"column:name_en"`
	Bin     string `gorm:"column:bin"`
	Version int64  `gorm:"column:version"`
}

func utilities(rows []utilityRow, err error) ([]models.Utility, error) {
	out := make([]models.Utility, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.Utility(r))
	}
	return out, err
}

// InsertUtility adds a utility.
func (tx *Tx) InsertUtility(u models.Utility) error {
	return insertRecorded(tx, "utilities", utilityRow(u))
}

// Utility gives the utility with the id or the code.
func (tx *Tx) Utility(idOrCode string) (models.Utility, error) {
	r, err := one[utilityRow](tx, "utility", idOrCode, "SELECT * FROM utilities WHERE id = ? OR code = ?", idOrCode, idOrCode)
	return models.Utility(r), err
}

// Utilities lists utilities by code; only narrows to one id when not "".
func (tx *Tx) Utilities(only string, page Page) ([]models.Utility, error) {
	where, args := gridWhere("", only, page)
	return utilities(many[utilityRow](tx, "SELECT * FROM utilities WHERE "+strings.ReplaceAll(where, "utility_id", "id")+" ORDER BY code LIMIT ?", args...))
}

// gridWhere makes the condition of a list by code: after the cursor, of the
// utility. prefix is the alias of the table with its dot.
func gridWhere(prefix, utility string, page Page, more ...any) (string, []any) {
	where, args := prefix+"code > ?", []any{page.After}
	if utility != "" {
		where, args = where+" AND "+prefix+"utility_id = ?", append(args, utility)
	}
	for i := 0; i+1 < len(more); i += 2 {
		if condition, value := more[i].(string), more[i+1]; value != "" {
			where, args = where+" AND "+condition, append(args, value)
		}
	}
	return where, append(args, page.Size())
}

type substationRow struct {
	ID      string `gorm:"column:id"`
	Code    string `gorm:"column:code"`
	Name    string `gorm:"column:name"`
	Utility string `gorm:"column:utility_id"`
	VoltKV  int64  `gorm:"column:volt_kv"`
	Limit   int64  `gorm:"column:limit_w"`
	Kato    string `gorm:"column:kato"`
	Version int64  `gorm:"column:version"`
}

func (r substationRow) substation() models.Substation {
	return models.Substation{ID: r.ID, Code: r.Code, Name: r.Name, Utility: r.Utility, VoltKV: r.VoltKV,
		Limit: models.Watts(r.Limit), Kato: r.Kato, Version: r.Version}
}

// InsertSubstation adds a substation.
func (tx *Tx) InsertSubstation(s models.Substation) error {
	return insertRecorded(tx, "substations", substationRow{ID: s.ID, Code: s.Code, Name: s.Name, Utility: s.Utility,
		VoltKV: s.VoltKV, Limit: int64(s.Limit), Kato: s.Kato, Version: s.Version})
}

// Substation gives the substation with the id or the code.
func (tx *Tx) Substation(idOrCode string) (models.Substation, error) {
	r, err := one[substationRow](tx, "substation", idOrCode, "SELECT * FROM substations WHERE id = ? OR code = ?", idOrCode, idOrCode)
	return r.substation(), err
}

// Substations lists substations by code, of one utility when it is not "".
func (tx *Tx) Substations(utility string, page Page) ([]models.Substation, error) {
	where, args := gridWhere("", utility, page)
	rows, err := many[substationRow](tx, "SELECT * FROM substations WHERE "+where+" ORDER BY code LIMIT ?", args...)
	out := make([]models.Substation, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.substation())
	}
	return out, err
}

type feederRow struct {
	ID         string `gorm:"column:id"`
	Code       string `gorm:"column:code"`
	Substation string `gorm:"column:substation_id"`
	Utility    string `gorm:"column:utility_id"`
	VoltKV     int64  `gorm:"column:volt_kv"`
	Limit      int64  `gorm:"column:limit_w"`
	Version    int64  `gorm:"column:version"`
}

func (r feederRow) feeder() models.Feeder {
	return models.Feeder{ID: r.ID, Code: r.Code, Substation: r.Substation, Utility: r.Utility, VoltKV: r.VoltKV,
		Limit: models.Watts(r.Limit), Version: r.Version}
}

// InsertFeeder adds a feeder.
func (tx *Tx) InsertFeeder(f models.Feeder) error {
	return insertRecorded(tx, "feeders", feederRow{ID: f.ID, Code: f.Code, Substation: f.Substation, Utility: f.Utility,
		VoltKV: f.VoltKV, Limit: int64(f.Limit), Version: f.Version})
}

// Feeder gives the feeder with the id or the code.
func (tx *Tx) Feeder(idOrCode string) (models.Feeder, error) {
	r, err := one[feederRow](tx, "feeder", idOrCode, "SELECT * FROM feeders WHERE id = ? OR code = ?", idOrCode, idOrCode)
	return r.feeder(), err
}

// Feeders lists feeders by code, of one utility and of one substation id when
// they are not "".
func (tx *Tx) Feeders(utility, substation string, page Page) ([]models.Feeder, error) {
	where, args := gridWhere("", utility, page, "substation_id = ?", substation)
	rows, err := many[feederRow](tx, "SELECT * FROM feeders WHERE "+where+" ORDER BY code LIMIT ?", args...)
	out := make([]models.Feeder, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.feeder())
	}
	return out, err
}

type pduRow struct {
	ID      string `gorm:"column:id"`
	Code    string `gorm:"column:code"`
	Point   string `gorm:"column:connection_point_id"`
	Utility string `gorm:"column:utility_id"`
	Name    string `gorm:"column:name"`
	Limit   int64  `gorm:"column:limit_w"`
	Version int64  `gorm:"column:version"`
}

// InsertPDU adds a PDU.
func (tx *Tx) InsertPDU(p models.PDU) error {
	return insertRecorded(tx, "pdus", pduRow{ID: p.ID, Code: p.Code, Point: p.ConnectionPoint, Utility: p.Utility,
		Name: p.Name, Limit: int64(p.Limit), Version: p.Version})
}

// PDUs lists PDUs by code, of one utility and of one connection point id when
// they are not "".
func (tx *Tx) PDUs(utility, point string, page Page) ([]models.PDU, error) {
	where, args := gridWhere("", utility, page, "connection_point_id = ?", point)
	rows, err := many[pduRow](tx, "SELECT * FROM pdus WHERE "+where+" ORDER BY code LIMIT ?", args...)
	out := make([]models.PDU, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.PDU{ID: r.ID, Code: r.Code, ConnectionPoint: r.Point, Utility: r.Utility,
			Name: r.Name, Limit: models.Watts(r.Limit), Version: r.Version})
	}
	return out, err
}

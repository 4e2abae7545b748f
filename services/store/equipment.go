package store

import (
	"fmt"

	"rigistry/models"
)

type equipmentRow struct {
	ID              string `gorm:"column:id"`
	Manufacturer    string `gorm:"column:manufacturer"`
	Model           string `gorm:"column:model"`
	Serial          string `gorm:"column:serial"`
	ManufacturerKey string `gorm:"column:manufacturer_key"`
	SerialKey       string `gorm:"column:serial_key"`
	Algorithm       string `gorm:"column:algorithm"`
	HashrateTH      int64  `gorm:"column:hashrate_th"`
	NameplateW      int64  `gorm:"column:nameplate_w"`
	Owner           string `gorm:"column:owner"`
	Site            string `gorm:"column:site"`
	License         string `gorm:"column:license"`
	Customs         string `gorm:"column:customs"`
	ImportCountry   string `gorm:"column:import_country"`
	ImportDate      string `gorm:"column:import_date"`
	ImportJob       string `gorm:"column:import_job"`
	SerialFold      string `gorm:"column:serial_fold"`
	State           string `gorm:"column:state"`
	Version         int64  `gorm:"column:version"`
	CreatedAt       int64  `gorm:"column:created_at;autoCreateTime:false"`
	UpdatedAt       int64  `gorm:"column:updated_at;autoUpdateTime:false"`
}

func newEquipmentRow(e models.Equipment) equipmentRow {
	maker, serial := e.Key()
	return equipmentRow{ID: e.ID, Manufacturer: e.Manufacturer, Model: e.Model, Serial: e.Serial, ManufacturerKey: maker, SerialKey: serial,
		Algorithm: e.Algorithm, HashrateTH: e.HashrateTH, NameplateW: int64(e.Nameplate), Owner: e.Owner, Site: e.Site, License: e.License,
		Customs: e.Customs, ImportCountry: e.ImportCountry, ImportDate: e.ImportDate, ImportJob: e.ImportJob, SerialFold: models.SerialFold(e.Serial),
		State: string(e.State), Version: e.Version, CreatedAt: micros(e.Created), UpdatedAt: micros(e.Updated)}
}

func (r equipmentRow) equipment() models.Equipment {
	return models.Equipment{ID: r.ID, Manufacturer: r.Manufacturer, Model: r.Model, Serial: r.Serial, Algorithm: r.Algorithm,
		HashrateTH: r.HashrateTH, Nameplate: models.Watts(r.NameplateW), Owner: r.Owner, Site: r.Site, License: r.License,
		Customs: r.Customs, ImportCountry: r.ImportCountry, ImportDate: r.ImportDate, ImportJob: r.ImportJob, State: models.EquipmentState(r.State), Version: r.Version, Created: instant(r.CreatedAt), Updated: instant(r.UpdatedAt)}
}

// InsertEquipment adds rigs. One whose manufacturer and serial number are in the
// register already makes the whole call a conflict.
func (tx *Tx) InsertEquipment(rigs ...models.Equipment) error {
	rows := make([]equipmentRow, 0, len(rigs))
	for _, e := range rigs {
		rows = append(rows, newEquipmentRow(e))
	}
	if len(rows) == 0 {
		return nil
	}
	res := tx.db.Table("equipment").CreateInBatches(&rows, 500)
	if res.Error == nil && res.RowsAffected != int64(len(rows)) {
		return fmt.Errorf("insert into equipment changed %d rows of %d", res.RowsAffected, len(rows))
	}
	return res.Error
}

// UpdateEquipment saves where a rig is, whose it is and its state, when it still
// has the version before e.Version.
func (tx *Tx) UpdateEquipment(e models.Equipment) error {
	return updateVersion(tx, "equipment", e.ID, e.Version-1, map[string]any{
		"model": e.Model, "algorithm": e.Algorithm, "hashrate_th": e.HashrateTH, "nameplate_w": int64(e.Nameplate), "owner": e.Owner,
		"site": e.Site, "license": e.License, "customs": e.Customs,
		"import_country": e.ImportCountry, "import_date": e.ImportDate, "state": string(e.State), "updated_at": micros(e.Updated)})
}

// Equipment finds a rig by id.
func (tx *Tx) Equipment(id string) (models.Equipment, error) {
	r, err := one[equipmentRow](tx, "rig", id, "SELECT * FROM equipment WHERE id = ?", id)
	return r.equipment(), err
}

// EquipmentKey names a rig by manufacturer and serial, as models.Equipment.Key
// gives them.
type EquipmentKey struct{ Manufacturer, Serial string }

// KnownEquipment gives the rigs of the register whose serial number, folded as
// models.SerialFold does, is one of those.
func (tx *Tx) KnownEquipment(folds []string) ([]models.Equipment, error) {
	rows, err := many[equipmentRow](tx, "SELECT * FROM equipment WHERE serial_fold IN ? ORDER BY id", orNothing(folds))
	return rigs(rows), err
}

func rigs(rows []equipmentRow) []models.Equipment {
	out := make([]models.Equipment, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.equipment())
	}
	return out
}

// EquipmentFilter narrows a list of rigs; "" does not narrow.
type EquipmentFilter struct {
	Owner   string // party id
	Site    string // site id
	License string
	State   string
	Import  string // id of the import that registered them
	Query   string // the beginning of a serial number, in any spelling
}

// EquipmentList lists rigs in the order of their registration, after the id.
func (tx *Tx) EquipmentList(f EquipmentFilter, page Page) ([]models.Equipment, error) {
	w := where{}
	w.equal("owner", f.Owner)
	w.equal("site", f.Site)
	w.equal("license", f.License)
	w.equal("state", f.State)
	w.equal("import_job", f.Import)
	if f.Query != "" {
		fold := models.SerialFold(f.Query)
		if fold == "" {
			w.add("1 = 0")
		} else {
			condition, args := tx.prefix("serial_fold", fold)
			w.add(condition, args...)
		}
	}
	w.after("id", page.After)
	rows, err := many[equipmentRow](tx, "SELECT * FROM equipment"+w.sql()+" ORDER BY id LIMIT ?", append(w.args, page.Size())...)
	return rigs(rows), err
}

// LicensesThatExist gives those of the numbers that are licenses.
func (tx *Tx) LicensesThatExist(numbers []string) ([]string, error) {
	return many[string](tx, "SELECT number FROM licenses WHERE number IN ?", orNothing(numbers))
}

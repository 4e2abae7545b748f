package store

import (
	"gorm.io/gorm/clause"

	"rigistry/models"
)

type equipmentEventRow struct {
	ID            string `gorm:"column:id"`
	Equipment     string `gorm:"column:equipment"`
	Version       int64  `gorm:"column:version"`
	Kind          string `gorm:"column:kind"`
	EffectiveOn   string `gorm:"column:effective_on"`
	RecordedAt    int64  `gorm:"column:recorded_at"`
	BeforeOwner   string `gorm:"column:before_owner"`
	BeforeSite    string `gorm:"column:before_site"`
	BeforeLicense string `gorm:"column:before_license"`
	BeforeState   string `gorm:"column:before_state"`
	AfterOwner    string `gorm:"column:after_owner"`
	AfterSite     string `gorm:"column:after_site"`
	AfterLicense  string `gorm:"column:after_license"`
	AfterState    string `gorm:"column:after_state"`
	Document      string `gorm:"column:document"`
	Authority     string `gorm:"column:authority"`
	Note          string `gorm:"column:note"`
	Alarm         string `gorm:"column:alarm"`
	ActorID       string `gorm:"column:actor_id"`
	ActorName     string `gorm:"column:actor_name"`
}

// InsertEquipmentEvent adds what happened to a rig.
func (tx *Tx) InsertEquipmentEvent(x models.EquipmentEvent) error {
	return insert(tx, "equipment_events", &equipmentEventRow{ID: x.ID, Equipment: x.Equipment, Version: x.Version, Kind: string(x.Kind),
		EffectiveOn: x.EffectiveOn, RecordedAt: micros(x.RecordedAt), BeforeOwner: x.Before.Owner, BeforeSite: x.Before.Site,
		BeforeLicense: x.Before.License, BeforeState: string(x.Before.State), AfterOwner: x.After.Owner, AfterSite: x.After.Site,
		AfterLicense: x.After.License, AfterState: string(x.After.State), Document: x.Document, Authority: x.Authority, Note: x.Note,
		Alarm: x.Alarm, ActorID: x.ActorID, ActorName: x.ActorName})
}

// EquipmentEvents gives what happened to a rig, in order of version.
func (tx *Tx) EquipmentEvents(id string) ([]models.EquipmentEvent, error) {
	rows, err := many[equipmentEventRow](tx, "SELECT * FROM equipment_events WHERE equipment = ? ORDER BY version", id)
	out := make([]models.EquipmentEvent, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.EquipmentEvent{ID: r.ID, Equipment: r.Equipment, Version: r.Version, Kind: models.EquipmentEventKind(r.Kind),
			EffectiveOn: r.EffectiveOn, RecordedAt: instant(r.RecordedAt),
			Before:   models.EquipmentPosition{Owner: r.BeforeOwner, Site: r.BeforeSite, License: r.BeforeLicense, State: models.EquipmentState(r.BeforeState)},
			After:    models.EquipmentPosition{Owner: r.AfterOwner, Site: r.AfterSite, License: r.AfterLicense, State: models.EquipmentState(r.AfterState)},
			Document: r.Document, Authority: r.Authority, Note: r.Note, Alarm: r.Alarm, ActorID: r.ActorID, ActorName: r.ActorName})
	}
	return out, err
}

// LastEquipmentEvent gives the legal date of a rig's latest event, "" when there is
// none.
func (tx *Tx) LastEquipmentEvent(id string) (string, error) {
	dates, err := many[string](tx, "SELECT effective_on FROM equipment_events WHERE equipment = ? ORDER BY version DESC LIMIT 1", id)
	if err != nil || len(dates) == 0 {
		return "", err
	}
	return dates[0], nil
}

type equipmentAlarmRow struct {
	ID           string `gorm:"column:id"`
	Kind         string `gorm:"column:kind"`
	Rig          string `gorm:"column:rig"`
	FirstOwner   string `gorm:"column:first_owner"`
	FirstSite    string `gorm:"column:first_site"`
	FirstLicense string `gorm:"column:first_license"`
	FirstState   string `gorm:"column:first_state"`
	SecondOwner  string `gorm:"column:second_owner"`
	SecondSite   string `gorm:"column:second_site"`
	SecondSerial string `gorm:"column:second_serial"`
	Claim        string `gorm:"column:claim"`
	Source       string `gorm:"column:source"`
	SourceRef    string `gorm:"column:source_ref"`
	State        string `gorm:"column:state"`
	Outcome      string `gorm:"column:outcome"`
	Note         string `gorm:"column:note"`
	OpenedAt     int64  `gorm:"column:opened_at"`
	OpenedBy     string `gorm:"column:opened_by"`
	ResolvedAt   int64  `gorm:"column:resolved_at"`
	ResolvedBy   string `gorm:"column:resolved_by"`
	Registered   string `gorm:"column:registered"`
	Version      int64  `gorm:"column:version"`
}

func (r equipmentAlarmRow) alarm() (models.EquipmentAlarm, error) {
	a := models.EquipmentAlarm{ID: r.ID, Kind: models.AlarmKind(r.Kind), Rig: r.Rig,
		First:  models.EquipmentPosition{Owner: r.FirstOwner, Site: r.FirstSite, License: r.FirstLicense, State: models.EquipmentState(r.FirstState)},
		Source: models.AlarmSource(r.Source), SourceRef: r.SourceRef, State: r.State, Outcome: models.AlarmOutcome(r.Outcome), Note: r.Note,
		OpenedAt: instant(r.OpenedAt), OpenedBy: r.OpenedBy, ResolvedAt: instant(r.ResolvedAt), ResolvedBy: r.ResolvedBy,
		Registered: r.Registered, Version: r.Version}
	return a, parse(r.Claim, &a.Claim)
}

// InsertEquipmentAlarms raises alarms and gives those that are new: an open alarm
// about the same claim stays the one that it is.
func (tx *Tx) InsertEquipmentAlarms(alarms ...models.EquipmentAlarm) (fresh []models.EquipmentAlarm, err error) {
	for _, a := range alarms {
		claim, err := text(a.Claim)
		if err != nil {
			return nil, err
		}
		_, serial := a.Claim.Key()
		row := equipmentAlarmRow{ID: a.ID, Kind: string(a.Kind), Rig: a.Rig, FirstOwner: a.First.Owner, FirstSite: a.First.Site,
			FirstLicense: a.First.License, FirstState: string(a.First.State), SecondOwner: a.Claim.Owner, SecondSite: a.Claim.Site, SecondSerial: serial,
			Claim: claim, Source: string(a.Source), SourceRef: a.SourceRef, State: a.State, OpenedAt: micros(a.OpenedAt), OpenedBy: a.OpenedBy,
			Version: a.Version}
		res := tx.db.Table("equipment_alarms").Clauses(clause.OnConflict{DoNothing: true}).Create(&row)
		if res.Error != nil {
			return nil, res.Error
		}
		if res.RowsAffected == 1 {
			fresh = append(fresh, a)
		}
	}
	return fresh, nil
}

// ResolveEquipmentAlarm saves how an alarm was resolved, when it still has the
// version before a.Version.
func (tx *Tx) ResolveEquipmentAlarm(a models.EquipmentAlarm) error {
	return updateVersion(tx, "equipment_alarms", a.ID, a.Version-1, map[string]any{"state": a.State, "outcome": string(a.Outcome), "note": a.Note,
		"resolved_at": micros(a.ResolvedAt), "resolved_by": a.ResolvedBy, "registered": a.Registered})
}

// EquipmentAlarm finds an alarm by id.
func (tx *Tx) EquipmentAlarm(id string) (models.EquipmentAlarm, error) {
	r, err := one[equipmentAlarmRow](tx, "alarm", id, "SELECT * FROM equipment_alarms WHERE id = ?", id)
	if err != nil {
		return models.EquipmentAlarm{}, err
	}
	return r.alarm()
}

// AlarmFilter narrows a list of alarms; "" does not narrow.
type AlarmFilter struct {
	State string
	Rig   string // id
	Party string // of the first or of the second
}

// EquipmentAlarms lists alarms, the newest first, after the id.
func (tx *Tx) EquipmentAlarms(f AlarmFilter, page Page) ([]models.EquipmentAlarm, error) {
	w := where{}
	w.equal("state", f.State)
	w.equal("rig", f.Rig)
	if f.Party != "" {
		w.add("(first_owner = ? OR second_owner = ?)", f.Party, f.Party)
	}
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	rows, err := many[equipmentAlarmRow](tx, "SELECT * FROM equipment_alarms"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...)
	out := make([]models.EquipmentAlarm, 0, len(rows))
	for _, r := range rows {
		a, parseErr := r.alarm()
		if err == nil {
			err = parseErr
		}
		out = append(out, a)
	}
	return out, err
}

// EquipmentOf gives rigs by id.
func (tx *Tx) EquipmentOf(ids []string) (map[string]models.Equipment, error) {
	rows, err := many[equipmentRow](tx, "SELECT * FROM equipment WHERE id IN ?", orNothing(ids))
	out := make(map[string]models.Equipment, len(rows))
	for _, r := range rows {
		out[r.ID] = r.equipment()
	}
	return out, err
}

// PartiesByID gives parties by id.
func (tx *Tx) PartiesByID(ids []string) (map[string]models.Party, error) {
	rows, err := many[partyRow](tx, "SELECT * FROM parties WHERE id IN ?", orNothing(ids))
	out := make(map[string]models.Party, len(rows))
	for _, r := range rows {
		out[r.ID] = r.party()
	}
	return out, err
}

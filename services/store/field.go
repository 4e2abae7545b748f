package store

import (
	"fmt"
	"time"

	"rigistry/models"
)

type fieldDeviceRow struct {
	ID           string `gorm:"column:id"`
	User         string `gorm:"column:user_id"`
	Name         string `gorm:"column:name"`
	PublicKey    string `gorm:"column:public_key"`
	RegisteredAt int64  `gorm:"column:registered_at"`
	LockedAt     int64  `gorm:"column:locked_at"`
	LockedBy     string `gorm:"column:locked_by"`
}

func (r fieldDeviceRow) value() models.FieldDevice {
	return models.FieldDevice{ID: r.ID, User: r.User, Name: r.Name, PublicKey: r.PublicKey, Registered: instant(r.RegisteredAt),
		Locked: instant(r.LockedAt), LockedBy: r.LockedBy}
}

// InsertFieldDevice adds a device unless one with its key is there, and gives the one
// that is; fresh tells which.
func (tx *Tx) InsertFieldDevice(d models.FieldDevice) (kept models.FieldDevice, fresh bool, err error) {
	n, err := exec(tx, `INSERT INTO field_devices (id, user_id, name, public_key, registered_at, locked_at, locked_by) VALUES (?, ?, ?, ?, ?, 0, '')
		ON CONFLICT (public_key) DO NOTHING`, d.ID, d.User, d.Name, d.PublicKey, micros(d.Registered))
	if err != nil {
		return kept, false, err
	}
	r, err := one[fieldDeviceRow](tx, "device", d.ID, "SELECT * FROM field_devices WHERE public_key = ?", d.PublicKey)
	return r.value(), n == 1, err
}

// FieldDevice finds a device.
func (tx *Tx) FieldDevice(id string) (models.FieldDevice, error) {
	r, err := one[fieldDeviceRow](tx, "device", id, "SELECT * FROM field_devices WHERE id = ?", id)
	return r.value(), err
}

// FieldDevices gives the devices of a person, "" for all, the newest first.
func (tx *Tx) FieldDevices(user string, page Page) ([]models.FieldDevice, error) {
	w := where{}
	w.equal("user_id", user)
	if page.After != "" {
		w.add("id < ?", page.After)
	}
	rows, err := many[fieldDeviceRow](tx, "SELECT * FROM field_devices"+w.sql()+" ORDER BY id DESC LIMIT ?", append(w.args, page.Size())...)
	out := make([]models.FieldDevice, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.value())
	}
	return out, err
}

// LockFieldDevice locks a device that is not locked.
func (tx *Tx) LockFieldDevice(id, by string) error {
	n, err := exec(tx, "UPDATE field_devices SET locked_at = ?, locked_by = ? WHERE id = ? AND locked_at = 0", micros(tx.Now), by, id)
	if err == nil && n != 1 {
		return errStale
	}
	return err
}

// UnlockFieldDevice unlocks a device that is locked.
func (tx *Tx) UnlockFieldDevice(id string) error {
	n, err := exec(tx, "UPDATE field_devices SET locked_at = 0, locked_by = '' WHERE id = ? AND locked_at > 0", id)
	if err == nil && n != 1 {
		return errStale
	}
	return err
}

type fieldEventRow struct {
	ID         string `gorm:"column:id"`
	EventID    string `gorm:"column:event_id"`
	Hash       string `gorm:"column:hash"`
	Inspection string `gorm:"column:inspection"`
	Device     string `gorm:"column:device"`
	User       string `gorm:"column:user_id"`
	Seq        int64  `gorm:"column:seq"`
	Prev       string `gorm:"column:prev"`
	Kind       string `gorm:"column:kind"`
	DeviceAt   int64  `gorm:"column:device_at"`
	ReceivedAt int64  `gorm:"column:received_at"`
	Payload    string `gorm:"column:payload"`
	Signature  string `gorm:"column:signature"`
	Flags      string `gorm:"column:flags"`
	Entry      string `gorm:"column:entry"`
	AheadUs    *int64 `gorm:"column:ahead_us"`
}

func (r fieldEventRow) value() (models.FieldEvent, error) {
	e, err := models.ParseFieldEvent(r.Payload, r.Signature)
	if err != nil {
		return e, fmt.Errorf("event %s: %w", r.ID, err)
	}
	e.User, e.Received, e.Entry = r.User, instant(r.ReceivedAt), r.Entry
	if r.AheadUs != nil {
		e.ClockAhead, e.ClockKnown = time.Duration(*r.AheadUs)*time.Microsecond, true
	}
	return e, parse(r.Flags, &e.Flags)
}

func fieldEvents(rows []fieldEventRow, err error) ([]models.FieldEvent, error) {
	if err != nil {
		return nil, err
	}
	out := make([]models.FieldEvent, len(rows))
	for i, r := range rows {
		if out[i], err = r.value(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// InsertFieldEvent adds an event as it was signed.
func (tx *Tx) InsertFieldEvent(e models.FieldEvent) error {
	flags, err := text(append([]models.FieldFlag{}, e.Flags...))
	if err != nil {
		return err
	}
	var ahead *int64
	if e.ClockKnown {
		us := e.ClockAhead.Microseconds()
		ahead = &us
	}
	err = insert(tx, "inspection_events", &fieldEventRow{ID: tx.NewID(), EventID: e.ID, Hash: e.Hash, Inspection: e.Inspection, Device: e.Device, User: e.User,
		Seq: e.Seq, Prev: e.Prev, Kind: e.Kind, DeviceAt: micros(e.At), ReceivedAt: micros(e.Received), Payload: e.Payload, Signature: e.Signature,
		Flags: flags, Entry: e.Entry, AheadUs: ahead})
	for _, blob := range e.Blobs() {
		if err == nil {
			_, err = exec(tx, "INSERT INTO evidence_names (sha256, hash, inspection, event_id, named_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (sha256, hash) DO NOTHING",
				blob, e.Hash, e.Inspection, e.ID, micros(e.Received))
		}
	}
	return err
}

// FieldEventVersions gives every event with one of the ids, by arrival: more than one
// where texts differ.
func (tx *Tx) FieldEventVersions(ids []string) ([]models.FieldEvent, error) {
	return fieldEvents(many[fieldEventRow](tx, "SELECT * FROM inspection_events WHERE event_id IN ? ORDER BY id", orNothing(ids)))
}

// FieldEventOf gives the first event of a device with the number, or nil.
func (tx *Tx) FieldEventOf(device string, seq int64) (*models.FieldEvent, error) {
	found, err := fieldEvents(many[fieldEventRow](tx, "SELECT * FROM inspection_events WHERE device = ? AND seq = ? ORDER BY id LIMIT 1", device, seq))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// OtherDeviceRecorded tells whether a device other than this one recorded the visit.
func (tx *Tx) OtherDeviceRecorded(inspection, device string) (bool, error) {
	found, err := many[string](tx, "SELECT device FROM inspection_events WHERE inspection = ? AND device <> ? LIMIT 1", inspection, device)
	return len(found) > 0, err
}

// InspectionEvents gives every event of an inspection, also the versions that conflict,
// by device, number and arrival.
func (tx *Tx) InspectionEvents(inspection string) ([]models.FieldEvent, error) {
	return fieldEvents(many[fieldEventRow](tx, "SELECT * FROM inspection_events WHERE inspection = ? ORDER BY device, seq, id", inspection))
}

// FieldProgress is how much of an inspection has come in.
type FieldProgress struct {
	Inspection string `gorm:"column:inspection"`
	Events     int64  `gorm:"column:events"`
	Photos     int64  `gorm:"column:photos"`
	LastAt     int64  `gorm:"column:last_at"` // microseconds
}

// Last is when the newest event came in.
func (p FieldProgress) Last() time.Time { return instant(p.LastAt) }

// FieldProgressOf gives the progress of inspections that have events.
func (tx *Tx) FieldProgressOf(inspections []string) (map[string]FieldProgress, error) {
	rows, err := many[FieldProgress](tx, `SELECT inspection, COUNT(*) AS events, SUM(CASE WHEN kind = 'photo.taken' THEN 1 ELSE 0 END) AS photos, MAX(received_at) AS last_at
		FROM inspection_events WHERE inspection IN ? GROUP BY inspection`, orNothing(inspections))
	out := map[string]FieldProgress{}
	for _, r := range rows {
		out[r.Inspection] = r
	}
	return out, err
}

// DeviceSeqs gives the numbers of the events of a device that are there, up to last.
func (tx *Tx) DeviceSeqs(device string, last int64) ([]int64, error) {
	return many[int64](tx, "SELECT DISTINCT seq FROM inspection_events WHERE device = ? AND seq <= ? ORDER BY seq", device, last)
}

// EntryPlaces gives the places in the tree of entries that are sealed, by id.
func (tx *Tx) EntryPlaces(entries []string) (map[string]int64, error) {
	type row struct {
		ID   string `gorm:"column:id"`
		Leaf int64  `gorm:"column:leaf_index"`
	}
	out := map[string]int64{}
	for from := 0; from < len(entries); from += maxInList {
		rows, err := many[row](tx, "SELECT id, leaf_index FROM ledger_entries WHERE leaf_index IS NOT NULL AND id IN ?", entries[from:min(from+maxInList, len(entries))])
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.ID] = r.Leaf
		}
	}
	return out, nil
}

// maxInList bounds a list of parameters.
const maxInList = 500

// RigElsewhere is a rig that is registered at another site.
type RigElsewhere struct {
	Serial string `gorm:"column:serial"`
	Site   string `gorm:"column:site"` // code
}

// RigsElsewhere gives the rigs of a region that are registered at other sites than one,
// by serial number; a region of "" has none.
func (tx *Tx) RigsElsewhere(region, site string, limit int) ([]RigElsewhere, error) {
	if region == "" {
		return nil, nil
	}
	return many[RigElsewhere](tx, `SELECT e.serial, s.code AS site FROM equipment e JOIN sites s ON s.id = e.site
		WHERE s.region = ? AND e.site <> ? AND e.state IN ('active', 'stored', 'seized') ORDER BY e.serial, s.code LIMIT ?`, region, site, limit)
}

// MeterSerialAt gives the serial number of the revenue meter of a connection now, "" for
// none.
func (tx *Tx) MeterSerialAt(point string) (string, error) {
	rows, err := many[string](tx, `SELECT serial FROM meters WHERE node_kind = 'connection_point' AND node_id = ? AND role = 'revenue' AND installed_until = 0
		ORDER BY id DESC LIMIT 1`, point)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

// SitesOfSerials gives the code of the site at which rigs are registered, by the folded
// serial number; those of one site are left out.
func (tx *Tx) SitesOfSerials(folds []string, but string) (map[string]string, error) {
	type row struct {
		Fold string `gorm:"column:serial_fold"`
		Code string `gorm:"column:code"`
	}
	out := map[string]string{}
	for from := 0; from < len(folds); from += maxInList {
		rows, err := many[row](tx, `SELECT e.serial_fold, s.code FROM equipment e JOIN sites s ON s.id = e.site
			WHERE e.serial_fold IN ? AND e.site <> ? AND e.state IN ('active', 'stored', 'seized') ORDER BY e.id`, folds[from:min(from+maxInList, len(folds))], but)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Fold] = r.Code
		}
	}
	return out, nil
}

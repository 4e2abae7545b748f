package store

import "rigistry/models"

type seizedRow struct {
	ID        string  `gorm:"column:id"`
	Case      string  `gorm:"column:case_id"`
	Act       string  `gorm:"column:act_id"`
	Serial    string  `gorm:"column:serial"`
	SerialKey string  `gorm:"column:serial_key"`
	Equipment *string `gorm:"column:equipment"`
	Was       string  `gorm:"column:was"`
	Place     string  `gorm:"column:place"`
	On        string  `gorm:"column:on_date"`
	At        int64   `gorm:"column:at"`
}

// seizedView is a seized machine with what became of it.
type seizedView struct {
	ID        string  `gorm:"column:id"`
	Case      string  `gorm:"column:case_id"`
	Act       string  `gorm:"column:act_id"`
	Serial    string  `gorm:"column:serial"`
	Equipment *string `gorm:"column:equipment"`
	Was       string  `gorm:"column:was"`
	Place     string  `gorm:"column:place"`
	On        string  `gorm:"column:on_date"`
	At        int64   `gorm:"column:at"`
	Number    string  `gorm:"column:number"`
	Fate      *string `gorm:"column:fate"`
	Decided   *string `gorm:"column:decided"`
	Until     *string `gorm:"column:until_date"`
}

func (r seizedView) rig() models.SeizedRig {
	out := models.SeizedRig{ID: r.ID, Case: r.Case, Act: r.Act, Number: r.Number, Serial: r.Serial, Was: models.EquipmentState(r.Was), Place: r.Place,
		On: r.On, At: instant(r.At), Fate: models.RigHeld}
	if r.Equipment != nil {
		out.Rig = *r.Equipment
	}
	if r.Fate != nil {
		out.Fate, out.Decided, out.Until = models.RigFate(*r.Fate), *r.Decided, *r.Until
	}
	return out
}

const seizedQuery = `SELECT s.*, a.number, e.fate, e.act_id AS decided, e.on_date AS until_date FROM seized_rigs s
	JOIN case_acts a ON a.id = s.act_id LEFT JOIN seized_ends e ON e.seized = s.id`

func seized(rows []seizedView, err error) ([]models.SeizedRig, error) {
	out := make([]models.SeizedRig, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.rig())
	}
	return out, err
}

// InsertSeizedRigs adds the machines of a record of seizure.
func (tx *Tx) InsertSeizedRigs(rigs []models.SeizedRig) error {
	for _, x := range rigs {
		_, key := models.Equipment{Serial: x.Serial}.Key()
		row := seizedRow{ID: x.ID, Case: x.Case, Act: x.Act, Serial: x.Serial, SerialKey: key, Was: string(x.Was), Place: x.Place, On: x.On, At: micros(x.At)}
		if x.Rig != "" {
			row.Equipment = &x.Rig
		}
		if err := insert(tx, "seized_rigs", &row); err != nil {
			return err
		}
	}
	return nil
}

// SettleSeizedRigs writes what became of machines. Each is settled once.
func (tx *Tx) SettleSeizedRigs(rigs []models.SeizedRig, by models.CaseAct) error {
	for _, x := range rigs {
		_, err := exec(tx, "INSERT INTO seized_ends (seized, act_id, fate, on_date, at) VALUES (?, ?, ?, ?, ?)", x.ID, by.ID, string(by.Fate), by.On, micros(by.At))
		if err != nil {
			return err
		}
	}
	return nil
}

// SeizedRigs gives the machines that were seized in a case, in the order in which they
// were written down.
func (tx *Tx) SeizedRigs(caseID string) ([]models.SeizedRig, error) {
	return seized(many[seizedView](tx, seizedQuery+" WHERE s.case_id = ? ORDER BY s.id", caseID))
}

// HeldRigs gives the machines with one of the serial numbers that some case holds: none
// of them has been given back. A confiscated one is held for good.
func (tx *Tx) HeldRigs(serials []string) (out []models.SeizedRig, err error) {
	keys := make([]string, 0, len(serials))
	for _, s := range serials {
		_, key := models.Equipment{Serial: s}.Key()
		keys = append(keys, key)
	}
	for part := range chunks(keys, maxInList) {
		found, err := seized(many[seizedView](tx, seizedQuery+" WHERE s.serial_key IN ? AND (e.fate IS NULL OR e.fate <> 'returned') ORDER BY s.id", part))
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// RigSeizures gives the seizures of a rig of the register, the oldest first.
func (tx *Tx) RigSeizures(equipment string) ([]models.SeizedRig, error) {
	return seized(many[seizedView](tx, seizedQuery+" WHERE s.equipment = ? ORDER BY s.id", equipment))
}

// CaseSites gives the sites that a case is about: those it names, and those of the
// connections it names.
func (tx *Tx) CaseSites(caseID string) ([]string, error) {
	return many[string](tx, `SELECT ref FROM case_subjects WHERE case_id = ? AND kind = 'site'
		UNION SELECT p.site FROM case_subjects s JOIN connection_points p ON p.id = s.ref WHERE s.case_id = ? AND s.kind = 'connection_point' AND p.site <> ''
		ORDER BY 1`, caseID, caseID)
}

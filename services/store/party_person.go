package store

import (
	"time"

	"rigistry/models"
)

type personRow struct {
	ID          string `gorm:"column:id"`
	Version     int64  `gorm:"column:version"`
	Party       string `gorm:"column:party"`
	Role        string `gorm:"column:role"`
	Name        string `gorm:"column:name"`
	IIN         string `gorm:"column:iin"`
	Citizenship string `gorm:"column:citizenship"`
	PersonKey   string `gorm:"column:person_key"`
	ShareBP     int64  `gorm:"column:share_bp"`
	ValidFrom   string `gorm:"column:valid_from"`
	ValidUntil  string `gorm:"column:valid_until"`
	Note        string `gorm:"column:note"`
	Salt        []byte `gorm:"column:salt"`
	RecordedBy  string `gorm:"column:recorded_by"`
	RecordedAt  int64  `gorm:"column:recorded_at"`
}

func (r personRow) person() models.PartyPerson {
	return models.PartyPerson{ID: r.ID, Version: r.Version, Party: r.Party, Role: models.PersonRole(r.Role), Name: r.Name, IIN: r.IIN,
		Citizenship: r.Citizenship, ShareBP: r.ShareBP, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil, Note: r.Note, Salt: r.Salt,
		RecordedBy: r.RecordedBy, RecordedAt: instant(r.RecordedAt)}
}

func persons(rows []personRow, err error) ([]models.PartyPerson, error) {
	out := make([]models.PartyPerson, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.person())
	}
	return out, err
}

// AddPerson adds a version of a line: the first, or the one after the last. Where
// somebody was faster the error has CodeConflict.
func (tx *Tx) AddPerson(p models.PartyPerson) error {
	row := personRow{ID: p.ID, Version: p.Version, Party: p.Party, Role: string(p.Role), Name: p.Name, IIN: p.IIN, Citizenship: p.Citizenship,
		PersonKey: p.Key(), ShareBP: p.ShareBP, ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil, Note: p.Note, Salt: p.Salt,
		RecordedBy: p.RecordedBy, RecordedAt: micros(p.RecordedAt)}
	if err := insert(tx, "party_persons", &row); err != nil {
		return err
	}
	return tx.compareAnew(p.Party)
}

// newestPerson is the condition that a row p of party_persons is the newest
// version of its line that was known at an instant.
const newestPerson = "p.version = (SELECT MAX(q.version) FROM party_persons q WHERE q.id = p.id AND q.recorded_at <= ?)"

// Persons gives the lines of a party as they were known at an instant.
func (tx *Tx) Persons(party string, knownAt time.Time) ([]models.PartyPerson, error) {
	return persons(many[personRow](tx, "SELECT p.* FROM party_persons p WHERE p.party = ? AND "+newestPerson+" ORDER BY p.id", party, micros(knownAt)))
}

// Person gives the newest version of a line.
func (tx *Tx) Person(id string) (models.PartyPerson, error) {
	r, err := one[personRow](tx, "person", id, "SELECT * FROM party_persons WHERE id = ? ORDER BY version DESC LIMIT 1", id)
	return r.person(), err
}

// PersonVersions gives every version of a line, the oldest first.
func (tx *Tx) PersonVersions(id string) ([]models.PartyPerson, error) {
	return persons(many[personRow](tx, "SELECT * FROM party_persons WHERE id = ? ORDER BY version", id))
}

// PersonsElsewhere gives the lines of other parties for the same human beings, as
// they are known now.
func (tx *Tx) PersonsElsewhere(party string, keys []string) ([]models.PartyPerson, error) {
	return persons(many[personRow](tx, "SELECT p.* FROM party_persons p WHERE p.person_key IN ? AND p.party <> ? AND "+newestPerson+" ORDER BY p.party, p.id",
		orNothing(keys), party, micros(tx.Now)))
}

// personKeys gives the human beings who have a role at a party today.
func (tx *Tx) personKeys(party string) ([]string, error) {
	today := models.LegalDate(tx.Now)
	return many[string](tx, "SELECT DISTINCT p.person_key FROM party_persons p WHERE p.party = ? AND "+newestPerson+
		" AND p.valid_from <= ? AND (p.valid_until = '' OR p.valid_until > ?) ORDER BY p.person_key", party, micros(tx.Now), today, today)
}

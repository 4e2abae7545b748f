package store

import (
	"strings"

	"gorm.io/gorm/clause"

	"rigistry/models"
)

type partyRow struct {
	ID        string `gorm:"column:id"`
	Bin       string `gorm:"column:bin"`
	Kind      string `gorm:"column:kind"`
	NameKk    string `gorm:"column:name_kk"`
	NameRu    string `gorm:"column:name_ru"`
	Size      string `gorm:"column:size"`
	Resident  int64  `gorm:"column:resident"`
	Address   string `gorm:"column:address"`
	Kato      string `gorm:"column:kato"`
	Email     string `gorm:"column:email"`
	Phone     string `gorm:"column:phone"`
	State     string `gorm:"column:state"`
	Search    string `gorm:"column:search"`
	Version   int64  `gorm:"column:version"`
	CreatedAt int64  `gorm:"column:created_at;autoCreateTime:false"`
	UpdatedAt int64  `gorm:"column:updated_at;autoUpdateTime:false"`
	// MergedInto is NULL for a party that stands for itself.
	MergedInto *string `gorm:"column:merged_into"`
}

func (r partyRow) party() models.Party {
	p := models.Party{ID: r.ID, BinOrIin: r.Bin, Kind: models.PartyKind(r.Kind), NameKk: r.NameKk, NameRu: r.NameRu,
		Size: models.BusinessSize(r.Size), Resident: r.Resident == 1, Address: r.Address, Kato: r.Kato, Email: r.Email,
		Phone: r.Phone, State: models.PartyState(r.State), Version: r.Version, Created: instant(r.CreatedAt), Updated: instant(r.UpdatedAt)}
	if r.MergedInto != nil {
		p.State, p.MergedInto = models.PartyMerged, *r.MergedInto
	}
	return p
}

// partyState is the state of a party of the table with the alias.
func partyState(alias string) string {
	return "CASE WHEN " + alias + "merged_into IS NULL THEN " + alias + "state ELSE 'merged' END"
}

func partySearch(p models.Party) string { return models.Fold(p.NameKk + " " + p.NameRu) }

// InsertParty adds a party. A second one with the BIN or IIN is a conflict.
func (tx *Tx) InsertParty(p models.Party) error {
	err := insert(tx, "parties", &partyRow{ID: p.ID, Bin: p.BinOrIin, Kind: string(p.Kind), NameKk: p.NameKk, NameRu: p.NameRu,
		Size: string(p.Size), Resident: flag(p.Resident), Address: p.Address, Kato: p.Kato, Email: p.Email, Phone: p.Phone,
		State: string(p.State), Search: partySearch(p), Version: p.Version, CreatedAt: micros(p.Created), UpdatedAt: micros(p.Updated)})
	if err != nil {
		return err
	}
	if err := tx.addTerms(partyTerms(p)); err != nil {
		return err
	}
	return tx.compareParty(p)
}

// UpdateParty saves everything of a party but its BIN or IIN, when it still has
// the version before p.Version.
func (tx *Tx) UpdateParty(p models.Party) error {
	err := updateVersion(tx, "parties", p.ID, p.Version-1, map[string]any{
		"name_kk": p.NameKk, "name_ru": p.NameRu, "size": string(p.Size), "resident": flag(p.Resident), "address": p.Address,
		"kato": p.Kato, "email": p.Email, "phone": p.Phone, "state": string(p.State), "search": partySearch(p), "updated_at": micros(p.Updated)})
	if err != nil {
		return err
	}
	if err := tx.replaceTerms(partyTerms(p)); err != nil {
		return err
	}
	if err := tx.nameHoldings(p); err != nil {
		return err
	}
	return tx.compareAnew(p.ID)
}

// Party finds a party by id, BIN or IIN.
func (tx *Tx) Party(key string) (models.Party, error) {
	r, err := one[partyRow](tx, "party", key, "SELECT * FROM parties WHERE id = ? OR bin = ?", key, key)
	return r.party(), err
}

// LivingParty finds a party by id, BIN or IIN and, where it was merged, the party
// that it was merged into.
func (tx *Tx) LivingParty(key string) (models.Party, error) {
	p, err := tx.Party(key)
	for err == nil && p.MergedInto != "" {
		p, err = tx.Party(p.MergedInto)
	}
	return p, err
}

// LockParty locks the row of a party until the transaction ends, so that two
// transactions cannot both count what belongs to it. SQLite has one writer and
// needs no lock.
func (tx *Tx) LockParty(id string) error {
	var got []string
	return tx.db.Table("parties").Clauses(clause.Locking{Strength: "UPDATE"}).Where(clause.Eq{Column: "id", Value: id}).Pluck("id", &got).Error
}

// PartiesByBin gives the parties that have one of the BINs or IINs, by number.
func (tx *Tx) PartiesByBin(bins []string) (map[string]models.Party, error) {
	rows, err := many[partyRow](tx, "SELECT * FROM parties WHERE bin IN ?", orNothing(bins))
	out := make(map[string]models.Party, len(rows))
	for _, r := range rows {
		out[r.Bin] = r.party()
	}
	return out, err
}

// PartyFilter narrows a list of parties; "" does not narrow.
type PartyFilter struct {
	ID    string // this one only
	Query string // words of a name or address by their beginnings in any spelling, or the beginning of a BIN or IIN
	State string
}

// Parties lists parties in the order of their registration, after the id.
func (tx *Tx) Parties(f PartyFilter, page Page) ([]models.Party, error) {
	w := where{}
	w.equal("id", f.ID)
	w.equal(partyState(""), f.State)
	w.spelled(tx, partySpelling, f.Query)
	w.after("id", page.After)
	rows, err := many[partyRow](tx, "SELECT * FROM parties"+w.sql()+" ORDER BY id LIMIT ?", append(w.args, page.Size())...)
	out := make([]models.Party, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.party())
	}
	return out, err
}

// where collects conditions. Column names are constants of this package; values
// are always bound.
type where struct {
	parts []string
	args  []any
}

func (w *where) add(condition string, args ...any) {
	w.parts = append(w.parts, condition)
	w.args = append(w.args, args...)
}

func (w *where) equal(column, value string) {
	if value != "" {
		w.add(column+" = ?", value)
	}
}

func (w *where) after(column, value string) {
	if value != "" {
		w.add(column+" > ?", value)
	}
}

// search looks for a folded text in one column, or for the beginning of a number
// in others. A text without a letter or digit finds nothing.
func (w *where) search(folded string, numbers []string, query string) {
	if strings.TrimSpace(query) == "" {
		return
	}
	text, number := models.Fold(query), onlyAlphanumeric(models.NormalizeIdentifier(query))
	if text == "" {
		w.add("1 = 0")
		return
	}
	condition, args := folded+" LIKE ?", []any{"%" + text + "%"}
	if number != "" {
		for _, c := range numbers {
			condition += " OR " + c + " LIKE ?"
			args = append(args, number+"%")
		}
	}
	w.add("("+condition+")", args...)
}

func onlyAlphanumeric(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') }) {
		return ""
	}
	return s
}

func (w *where) sql() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.parts, " AND ")
}

// orNothing makes an empty list one that matches nothing, because IN () is no SQL.
func orNothing(list []string) []string {
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

package store

import (
	"slices"
	"strings"

	"gorm.io/gorm/clause"

	"rigistry/models"
)

// The kinds of things that search finds.
const (
	FoundParty       = "party"
	FoundSite        = "site"
	FoundLicense     = "license"
	FoundApplication = "application"
	FoundConnection  = "connection_point"
	FoundEquipment   = "equipment"
	FoundMeter       = "meter"
)

type termRow struct {
	Kind    string `gorm:"column:kind"`
	Term    string `gorm:"column:term"`
	ID      string `gorm:"column:id"`
	Party   string `gorm:"column:party"`
	Utility string `gorm:"column:utility"`
}

// indexed is a thing with the terms that find it.
type indexed struct {
	kind, id       string
	party, utility string // whose it is
	terms          []string
}

func partyTerms(p models.Party) indexed {
	return indexed{kind: FoundParty, id: p.ID, party: p.ID, terms: slices.Concat(models.SearchTerms(p.NameKk), models.SearchTerms(p.NameRu),
		models.SearchTerms(p.Address), models.CodeTerms(p.BinOrIin))}
}

func siteTerms(s models.Site) indexed {
	return indexed{kind: FoundSite, id: s.ID, party: s.Owner, terms: slices.Concat(models.CodeTerms(s.Code), models.SearchTerms(s.NameKk),
		models.SearchTerms(s.NameRu), models.SearchTerms(s.Address))}
}

// licenseTerms are those of a version, with the names that its holder has now.
func licenseTerms(l models.License, holder models.Party) indexed {
	terms := slices.Concat(models.CodeTerms(l.Number), models.CodeTerms(l.HolderBin), models.SearchTerms(l.HolderName), nameTerms(holder))
	for _, s := range l.Sites {
		for _, code := range s.ConnectionPoints {
			terms = append(terms, models.CodeTerms(code)...)
		}
	}
	return indexed{kind: FoundLicense, id: l.Number, party: l.Holder, terms: terms}
}

func applicationTerms(a models.Application, p models.Party) indexed {
	return indexed{kind: FoundApplication, id: a.ID, party: a.Applicant, terms: slices.Concat(models.CodeTerms(a.Number), models.CodeTerms(a.ApplicantBin), nameTerms(p))}
}

func nameTerms(p models.Party) []string {
	return slices.Concat(models.SearchTerms(p.NameKk), models.SearchTerms(p.NameRu))
}

// nameHoldings makes what a party holds and applied for findable by its names of
// now; by those it once had they stay findable.
func (tx *Tx) nameHoldings(p models.Party) error {
	var things []indexed
	for kind, query := range map[string]string{
		FoundLicense:     "SELECT number FROM licenses WHERE holder = ?",
		FoundApplication: "SELECT id FROM applications WHERE applicant = ?",
	} {
		ids, err := many[string](tx, query, p.ID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			things = append(things, indexed{kind: kind, id: id, party: p.ID, terms: nameTerms(p)})
		}
	}
	return tx.addTerms(things...)
}

func connectionTerms(id, code, utility string) indexed {
	return indexed{kind: FoundConnection, id: id, utility: utility, terms: models.CodeTerms(code)}
}

func meterTerms(m meterRow) indexed {
	return indexed{kind: FoundMeter, id: m.ID, utility: m.Utility, terms: slices.Concat(models.CodeTerms(m.Code), models.CodeTerms(m.Serial))}
}

// addTerms makes things findable by their terms; terms that they have stay.
func (tx *Tx) addTerms(things ...indexed) error {
	var rows []termRow
	for _, x := range things {
		terms := slices.Compact(slices.Sorted(slices.Values(x.terms)))
		for _, t := range terms {
			rows = append(rows, termRow{Kind: x.kind, Term: t, ID: x.id, Party: x.party, Utility: x.utility})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.db.Table("search_terms").Clauses(clause.OnConflict{DoNothing: true}).CreateInBatches(&rows, 500).Error
}

// replaceTerms makes a thing findable by these terms and no others.
func (tx *Tx) replaceTerms(x indexed) error {
	if _, err := exec(tx, "DELETE FROM search_terms WHERE kind = ? AND id = ?", x.kind, x.id); err != nil {
		return err
	}
	return tx.addTerms(x)
}

// prefix is a condition that a column begins with a text, and its arguments. It
// compares by byte, so that it is a range of an index.
func (tx *Tx) prefix(column, text string) (string, []any) {
	if tx.engine == "postgres" {
		column += ` COLLATE "C"`
	}
	return column + " >= ? AND " + column + " < ?", []any{text, text + "\U0010FFFF"}
}

// SearchScope narrows a search to what belongs to a party or a utility; "" does
// not narrow.
type SearchScope struct{ Party, Utility string }

// SearchIDs gives the ids of things of a kind that have, for each term, one that
// begins with it; a shorter match comes first. Equipment is searched by serial
// number, and connection points also by the consumer's BIN or IIN.
func (tx *Tx) SearchIDs(kind string, terms []string, scope SearchScope, limit int) ([]string, error) {
	if len(terms) == 0 || kind == FoundEquipment {
		return nil, nil
	}
	terms = slices.SortedStableFunc(slices.Values(terms), func(a, b string) int { return len(b) - len(a) })
	w := where{}
	w.equal("t.kind", kind)
	w.equal("t.party", scope.Party)
	w.equal("t.utility", scope.Utility)
	for i, term := range terms {
		if i == 0 {
			condition, args := tx.prefix("t.term", term)
			w.add(condition, args...)
			continue
		}
		condition, args := tx.prefix("u.term", term)
		w.add("EXISTS (SELECT 1 FROM search_terms u WHERE u.kind = t.kind AND u.id = t.id AND "+condition+")", args...)
	}
	const termsEach = 8 // of one thing that begin alike; more only shorten the answer
	ids, err := many[string](tx, "SELECT t.id FROM search_terms t"+w.sql()+" ORDER BY t.term, t.id LIMIT ?", append(w.args, limit*termsEach)...)
	return firstOfEach(ids, limit), err
}

// spelling says how a list of things is narrowed by the words of a query.
type spelling struct {
	kind    string   // of the thing in the index
	id      string   // column of the query with the id that the index names
	party   string   // column of the query with the party's id, "" for a party itself
	folded  string   // column with the name in the spelling of lists, for a View of the past
	numbers []string // columns that are found by their beginnings, for a View of the past
}

var (
	partySpelling       = spelling{FoundParty, "parties.id", "", "search", []string{"bin"}}
	licenseSpelling     = spelling{FoundLicense, "v.number", "v.holder", "p.search", []string{"v.holder_bin", "v.number"}}
	applicationSpelling = spelling{FoundApplication, "a.id", "a.applicant", "p.search", []string{"a.applicant_bin", "replace(a.number, '-', '')"}}
)

// join is what the query has to join for the spelling: the party, where the names
// of the past are compared.
func (x spelling) join(tx *Tx, query string) string {
	if x.party == "" || tx.past == nil || strings.TrimSpace(query) == "" {
		return ""
	}
	return " JOIN parties p ON p.id = " + x.party
}

// spelled narrows a list to what every word of a query finds by its beginning, in
// any spelling. The index is of today, so a View of the past compares with the names
// as they were, too.
func (w *where) spelled(tx *Tx, x spelling, query string) {
	if strings.TrimSpace(query) == "" {
		return
	}
	var index, plain where
	for _, term := range models.WithoutLegalForms(models.SearchTerms(query)) {
		condition, args := tx.prefix("t.term", term)
		index.add("EXISTS (SELECT 1 FROM search_terms t WHERE t.kind = ? AND t.id = "+x.id+" AND "+condition+")", append([]any{x.kind}, args...)...)
	}
	if len(index.parts) == 0 {
		index.add("1 = 0")
	}
	condition, args := strings.Join(index.parts, " AND "), index.args
	if tx.past != nil {
		plain.search(x.folded, x.numbers, query)
		condition, args = plain.parts[0]+" OR ("+condition+")", append(plain.args, args...)
	}
	w.add("("+condition+")", args...)
}

func firstOfEach(ids []string, limit int) []string {
	var out []string
	for _, id := range ids {
		if len(out) < limit && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// EquipmentBySerial gives the ids of rigs whose serial number begins so, in the
// form of models.SerialFold.
func (tx *Tx) EquipmentBySerial(key string, scope SearchScope, limit int) ([]string, error) {
	w := where{}
	condition, args := tx.prefix("serial_fold", key)
	w.add(condition, args...)
	w.equal("owner", scope.Party)
	return many[string](tx, "SELECT id FROM equipment"+w.sql()+" ORDER BY serial_fold, id LIMIT ?", append(w.args, limit)...)
}

// ConnectionsByConsumer gives the ids of connection points whose consumer's BIN or
// IIN begins with the digits.
func (tx *Tx) ConnectionsByConsumer(digits string, scope SearchScope, limit int) ([]string, error) {
	w := where{}
	w.add("consumer_bin <> '' AND consumer_bin >= ? AND consumer_bin < ?", digits, digits+":") // ':' follows '9'
	w.equal("utility_id", scope.Utility)
	return many[string](tx, "SELECT id FROM connection_points"+w.sql()+" ORDER BY consumer_bin, code LIMIT ?", append(w.args, limit)...)
}

// Found is one thing that a search found, as far as a list of results shows it.
type Found struct {
	Kind   string
	ID     string // by which its page is addressed
	Number string // BIN, license number, code or serial number
	NameKk string
	NameRu string
	Detail string // address, BIN, license or serial number
	State  string // "" where the kind has none
	Party  string // party id of whose it is, "" where nobody's
}

type foundRow struct {
	ID     string `gorm:"column:id"`
	Number string `gorm:"column:number"`
	NameKk string `gorm:"column:name_kk"`
	NameRu string `gorm:"column:name_ru"`
	Detail string `gorm:"column:detail"`
	State  string `gorm:"column:state"`
	Party  string `gorm:"column:party"`
}

// selectFound gives what is shown of the things of each kind. A license whose
// term has run out is expired also before that was recorded.
var selectFound = map[string]string{
	FoundParty: "SELECT id, bin AS number, name_kk, name_ru, address AS detail, " + partyState("") + " AS state, id AS party FROM parties WHERE id IN ?",
	FoundSite:  "SELECT id, code AS number, name_kk, name_ru, address AS detail, '' AS state, owner AS party FROM sites WHERE id IN ?",
	FoundLicense: `SELECT l.number AS id, l.number AS number, p.name_kk, p.name_ru, l.holder_bin AS detail, l.holder AS party,
		CASE WHEN l.state IN ('active', 'suspended') AND l.valid_until <= ? THEN 'expired' ELSE l.state END AS state
		FROM licenses l JOIN parties p ON p.id = l.holder WHERE l.number IN ?`,
	FoundApplication: `SELECT a.id, a.number, p.name_kk, p.name_ru, a.applicant_bin AS detail, a.state, a.applicant AS party
		FROM applications a JOIN parties p ON p.id = a.applicant WHERE a.id IN ?`,
	FoundConnection: `SELECT c.id, c.code AS number, COALESCE(p.name_kk, '') AS name_kk, COALESCE(p.name_ru, '') AS name_ru,
		c.consumer_bin AS detail, c.state, '' AS party FROM connection_points c LEFT JOIN parties p ON p.bin = c.consumer_bin WHERE c.id IN ?`,
	FoundEquipment: `SELECT id, serial AS number, manufacturer || ' ' || model AS name_kk, manufacturer || ' ' || model AS name_ru,
		license AS detail, state, owner AS party FROM equipment WHERE id IN ?`,
	FoundMeter: `SELECT id, code AS number, vendor || ' ' || model AS name_kk, vendor || ' ' || model AS name_ru, serial AS detail,
		'' AS state, '' AS party FROM meters WHERE id IN ?`,
}

// FoundByID gives what is shown of the things with the ids, in their order.
func (tx *Tx) FoundByID(kind string, ids []string) ([]Found, error) {
	args := []any{orNothing(ids)}
	if kind == FoundLicense {
		args = []any{micros(tx.Now), orNothing(ids)}
	}
	rows, err := many[foundRow](tx, selectFound[kind], args...)
	slices.SortFunc(rows, func(a, b foundRow) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	out := make([]Found, 0, len(rows))
	for _, r := range rows {
		out = append(out, Found{Kind: kind, ID: r.ID, Number: r.Number, NameKk: r.NameKk, NameRu: r.NameRu, Detail: r.Detail, State: r.State, Party: r.Party})
	}
	return out, err
}

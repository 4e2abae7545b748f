package store

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"rigistry/models"
)

// FindingPlace says where a finding is and whose place that is.
type FindingPlace struct {
	Feeder         string // code
	Substation     string // code
	SubstationName string
	Kato           string // of the substation, "" when it is not recorded
	DeclaredUse    string // of the connection point, "" for a feeder
	Consumer       string // name of the party at the point, "" when it is none of the registry
	ConsumerBin    string
}

// PlacedFinding is a finding with its place.
type PlacedFinding struct {
	models.Finding
	Place FindingPlace
}

// FindingOrder is what a triage list is sorted by, the most first.
type FindingOrder string

// The orders of a triage list.
const (
	ByStake  FindingOrder = "stake" // tier, then power
	ByPower  FindingOrder = "kw"
	ByScore  FindingOrder = "score"
	ByRaised FindingOrder = "raised"
	BySeen   FindingOrder = "seen"
)

// orderValues gives what is compared; every value is a whole number.
var orderValues = map[FindingOrder]string{
	ByStake:  "(CASE f.tier WHEN 'A' THEN 2 WHEN 'B' THEN 1 ELSE 0 END * 1000000000000 + f.estimated_w)",
	ByPower:  "f.estimated_w",
	ByScore:  "f.score",
	ByRaised: "f.raised_at",
	BySeen:   "f.last_seen_at",
}

// TriageFilter narrows a triage list further; "" does not narrow.
type TriageFilter struct {
	FindingFilter
	Region string // first two digits of the substation's KATO code
	Use    string // declared use
	Text   string // part of a code, a license number, a BIN or a name
	Order  FindingOrder
}

const placedFrom = ` FROM findings f
	JOIN feeders fd ON fd.id = f.feeder_id
	JOIN substations s ON s.id = fd.substation_id
	LEFT JOIN connection_points cp ON cp.id = f.target_id
	LEFT JOIN parties p ON p.bin = cp.consumer_bin AND cp.consumer_bin <> ''`

// conditions gives the WHERE of a filter with its arguments.
func (f TriageFilter) conditions() (string, []any) {
	where, args := "1 = 1", []any{}
	add := func(condition string, values ...any) { where, args = where+" AND "+condition, append(args, values...) }
	for _, c := range [][2]string{{"f.state", f.State}, {"f.rule", f.Rule}, {"f.utility_id", f.Utility}, {"f.tier", f.Tier}, {"f.license", f.License}, {"cp.declared_use", f.Use}} {
		if c[1] != "" {
			add(c[0]+" = ?", c[1])
		}
	}
	if f.NoInsiders {
		add("f.rule NOT LIKE 'INSIDER%'")
	}
	if f.Target != "" {
		// A node stands for what is below it.
		add("(f.target_id = ? OR f.target_code = ? OR fd.id = ? OR fd.code = ? OR s.id = ? OR s.code = ?)", f.Target, f.Target, f.Target, f.Target, f.Target, f.Target)
	}
	if f.Region != "" {
		add("substr(s.kato, 1, 2) = ?", f.Region)
	}
	if f.Text != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(f.Text) + "%"
		part := strings.ToLower(like)
		add(`(lower(f.target_code) LIKE ? ESCAPE '\' OR lower(f.license) LIKE ? ESCAPE '\' OR lower(s.name) LIKE ? ESCAPE '\' OR s.name LIKE ? ESCAPE '\'
			OR cp.consumer_bin LIKE ? ESCAPE '\' OR p.name_ru LIKE ? ESCAPE '\' OR p.name_kk LIKE ? ESCAPE '\')`,
			part, part, part, like, like, like, like)
	}
	return where, args
}

type placedRow struct {
	Row            findingRow `gorm:"embedded"`
	Ordered        int64      `gorm:"column:ordered"`
	FeederCode     string     `gorm:"column:feeder_code"`
	SubstationCode string     `gorm:"column:substation_code"`
	SubstationName string     `gorm:"column:substation_name"`
	Kato           string     `gorm:"column:kato"`
	DeclaredUse    string     `gorm:"column:declared_use"`
	Consumer       string     `gorm:"column:consumer"`
	ConsumerBin    string     `gorm:"column:consumer_bin"`
}

const placeColumns = `fd.code AS feeder_code, s.code AS substation_code, s.name AS substation_name, s.kato AS kato,
	COALESCE(cp.declared_use, '') AS declared_use, COALESCE(cp.consumer_bin, '') AS consumer_bin, COALESCE(NULLIF(p.name_ru, ''), p.name_kk, '') AS consumer`

func (r placedRow) place() FindingPlace {
	return FindingPlace{Feeder: r.FeederCode, Substation: r.SubstationCode, SubstationName: r.SubstationName, Kato: r.Kato,
		DeclaredUse: r.DeclaredUse, Consumer: r.Consumer, ConsumerBin: r.ConsumerBin}
}

// PlacedFindings lists findings with their places in the order of the filter, and
// gives the cursor of the next page, "" on the last.
func (tx *Tx) PlacedFindings(f TriageFilter, page Page) ([]PlacedFinding, string, error) {
	value, ok := orderValues[f.Order]
	if !ok {
		value = orderValues[ByStake]
	}
	where, args := f.conditions()
	if page.After != "" {
		text, id, found := strings.Cut(page.After, "~")
		after, err := strconv.ParseInt(text, 10, 64)
		if !found || err != nil {
			return nil, "", models.Errorf(models.CodeInvalid, "after: use the value of next from the page before.")
		}
		where, args = where+" AND ("+value+" < ? OR "+value+" = ? AND f.id < ?)", append(args, after, after, id)
	}
	rows, err := many[placedRow](tx, "SELECT f.*, "+value+" AS ordered, "+placeColumns+placedFrom+
		" WHERE "+where+" ORDER BY "+value+" DESC, f.id DESC LIMIT ?", append(args, page.Size())...)
	if err != nil {
		return nil, "", err
	}
	out := make([]PlacedFinding, len(rows))
	next := ""
	for i, r := range rows {
		if out[i].Finding, err = r.Row.finding(); err != nil {
			return nil, "", fmt.Errorf("finding %s: %w", r.Row.ID, err)
		}
		out[i].Place = r.place()
		if len(rows) == page.Size() {
			next = strconv.FormatInt(r.Ordered, 10) + "~" + r.Row.ID
		}
	}
	return out, next, nil
}

// PlaceOfFinding gives the place of one finding.
func (tx *Tx) PlaceOfFinding(id string) (FindingPlace, error) {
	r, err := one[placedRow](tx, "finding", id, "SELECT "+placeColumns+placedFrom+" WHERE f.id = ?", id)
	return r.place(), err
}

// FindingCount is how many findings of a kind there are at a substation, and their
// power together.
type FindingCount struct {
	Substation string // code
	Name       string
	Kato       string
	Tier       string
	State      string
	Count      int64
	Power      models.Watts
}

// FindingCounts counts the findings of a filter by substation, tier and state.
func (tx *Tx) FindingCounts(f TriageFilter) ([]FindingCount, error) {
	type row struct {
		Substation string `gorm:"column:substation"`
		Name       string `gorm:"column:name"`
		Kato       string `gorm:"column:kato"`
		Tier       string `gorm:"column:tier"`
		State      string `gorm:"column:state"`
		Count      int64  `gorm:"column:count"`
		PowerW     int64  `gorm:"column:power_w"`
	}
	where, args := f.conditions()
	rows, err := many[row](tx, "SELECT s.code AS substation, s.name AS name, s.kato AS kato, f.tier AS tier, f.state AS state, COUNT(*) AS count, CAST(SUM(f.estimated_w) AS BIGINT) AS power_w"+
		placedFrom+" WHERE "+where+" GROUP BY s.code, s.name, s.kato, f.tier, f.state ORDER BY s.code, f.tier, f.state", args...)
	out := make([]FindingCount, len(rows))
	for i, r := range rows {
		out[i] = FindingCount{r.Substation, r.Name, r.Kato, r.Tier, r.State, r.Count, models.Watts(r.PowerW)}
	}
	return out, err
}

// Watched is how much of the grid detection can see.
type Watched struct {
	Feeders int64     // that have a meter of their own
	Meters  int64     // that ever said something
	Newest  time.Time // reading, zero when there is none
}

// Watched gives how much of the grid says anything, so that an empty list can be
// told from a blind one.
func (tx *Tx) Watched() (Watched, error) {
	type row struct {
		Feeders int64 `gorm:"column:feeders"`
		Meters  int64 `gorm:"column:meters"`
		Newest  int64 `gorm:"column:newest"`
	}
	rows, err := many[row](tx, `SELECT (SELECT COUNT(DISTINCT node_id) FROM meters WHERE node_kind = 'feeder') AS feeders,
		(SELECT COUNT(*) FROM meter_states) AS meters, (SELECT COALESCE(MAX(at), 0) FROM meter_states) AS newest`)
	if err != nil || len(rows) == 0 {
		return Watched{}, err
	}
	return Watched{Feeders: rows[0].Feeders, Meters: rows[0].Meters, Newest: instant(rows[0].Newest)}, nil
}

package store

import (
	"fmt"
	"time"

	"gorm.io/gorm/clause"

	"rigistry/models"
)

// GateCheck is an answer of the gate as it is stored, for ever. Request, Facts
// and Answer are JSON of the service.
type GateCheck struct {
	ID           string `gorm:"column:id"`
	Utility      string `gorm:"column:utility_id"`
	Key          string `gorm:"column:request_key"`
	BodyDigest   string `gorm:"column:body_digest"`
	Point        string `gorm:"column:point_id"`
	PointCode    string `gorm:"column:point_code"`
	License      string `gorm:"column:license"`
	Decision     string `gorm:"column:decision"`
	DecidedAt    int64  `gorm:"column:decided_at"` // microseconds
	RulesVersion string `gorm:"column:rules_version"`
	Request      string `gorm:"column:request"`
	Facts        string `gorm:"column:facts"`
	Answer       string `gorm:"column:answer"`
	Batch        int64  `gorm:"column:batch"` // turn of the commit that has request, facts and answer, 0 when the row has
	Place        int64  `gorm:"column:place"` // in that batch, from 0
}

// InsertGateCheck adds an answer.
func (tx *Tx) InsertGateCheck(c GateCheck) error { return insert(tx, "gate_checks", &c) }

// GateCheckByKey gives the answer a utility got for its key, and whether there
// is one.
func (tx *Tx) GateCheckByKey(utility, key string) (GateCheck, bool, error) {
	rows, err := tx.whole(many[GateCheck](tx, "SELECT * FROM gate_checks WHERE utility_id = ? AND request_key = ?", utility, key))
	if err != nil || len(rows) == 0 {
		return GateCheck{}, false, err
	}
	return rows[0], true, nil
}

// GateChecksByKey gives the answers a utility got for its keys, as far as there are any.
func (tx *Tx) GateChecksByKey(utility string, keys []string) (out []GateCheck, err error) {
	for part := range chunks(keys, settleRows) {
		found, err := tx.whole(many[GateCheck](tx, "SELECT * FROM gate_checks WHERE utility_id = ? AND request_key IN ?", utility, part))
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// GateCheck gives the answer with the id.
func (tx *Tx) GateCheck(id string) (GateCheck, error) {
	rows, err := tx.whole(many[GateCheck](tx, "SELECT * FROM gate_checks WHERE id = ?", id))
	if err != nil || len(rows) == 0 {
		if err == nil {
			err = models.NotFound("gate check", id)
		}
		return GateCheck{}, err
	}
	return rows[0], nil
}

// GateCheckOf gives an answer that a utility got, "" for whichever. For another's it does
// no more than for one that is not there.
func (tx *Tx) GateCheckOf(utility, id string) (GateCheck, error) {
	if utility == "" {
		return tx.GateCheck(id)
	}
	rows, err := tx.whole(many[GateCheck](tx, "SELECT * FROM gate_checks WHERE id = ? AND utility_id = ?", id, utility))
	if err == nil && len(rows) == 0 {
		err = models.NotFound("gate check", id)
	}
	if err != nil {
		return GateCheck{}, err
	}
	return rows[0], nil
}

// GateChecks lists answers, newest first, of one utility, point code or decision
// where they are not "". The cursor is an id.
func (tx *Tx) GateChecks(utility, pointCode, decision string, page Page) ([]GateCheck, error) {
	where, args := "1 = 1", []any{}
	for _, c := range [][2]string{{"utility_id = ?", utility}, {"point_code = ?", pointCode}, {"decision = ?", decision}, {"id < ?", page.After}} {
		if c[1] != "" {
			where, args = where+" AND "+c[0], append(args, c[1])
		}
	}
	return tx.whole(many[GateCheck](tx, "SELECT * FROM gate_checks WHERE "+where+" ORDER BY id DESC LIMIT ?", append(args, page.Size())...))
}

// Reservation is what a permit holds.
type Reservation struct {
	Check          string
	Utility        string
	Point          string
	Feeder         string
	License        string
	Held           models.Watts
	Max            models.Watts
	Until          time.Time
	State          string // held, confirmed or lapsed
	EnergisedAt    time.Time
	Energised      models.Watts
	MeterSerial    string
	SwitchingOrder string
	ConfirmedAt    time.Time
}

type reservationRow struct {
	Check          string `gorm:"column:check_id"`
	Utility        string `gorm:"column:utility_id"`
	Point          string `gorm:"column:point_id"`
	Feeder         string `gorm:"column:feeder_id"`
	License        string `gorm:"column:license"`
	Held           int64  `gorm:"column:held_w"`
	Max            int64  `gorm:"column:max_w"`
	Until          int64  `gorm:"column:until_at"`
	State          string `gorm:"column:state"`
	EnergisedAt    int64  `gorm:"column:energised_at"`
	Energised      int64  `gorm:"column:energised_w"`
	MeterSerial    string `gorm:"column:meter_serial"`
	SwitchingOrder string `gorm:"column:switching_order"`
	ConfirmedAt    int64  `gorm:"column:confirmed_at"`
}

func (r reservationRow) reservation() Reservation {
	return Reservation{
		Check: r.Check, Utility: r.Utility, Point: r.Point, Feeder: r.Feeder, License: r.License,
		Held: models.Watts(r.Held), Max: models.Watts(r.Max), Until: instant(r.Until), State: r.State,
		EnergisedAt: instant(r.EnergisedAt), Energised: models.Watts(r.Energised), MeterSerial: r.MeterSerial,
		SwitchingOrder: r.SwitchingOrder, ConfirmedAt: instant(r.ConfirmedAt),
	}
}

// InsertReservation adds what a permit holds.
func (tx *Tx) InsertReservation(r Reservation) error {
	return insert(tx, "gate_reservations", &reservationRow{
		Check: r.Check, Utility: r.Utility, Point: r.Point, Feeder: r.Feeder, License: r.License, Held: int64(r.Held),
		Max: int64(r.Max), Until: micros(r.Until), State: "held"})
}

// Reservations gives what the permits of the checks hold or held, by check id.
func (tx *Tx) Reservations(checks []string) (map[string]Reservation, error) {
	out := make(map[string]Reservation, len(checks))
	if len(checks) == 0 {
		return out, nil
	}
	rows, err := many[reservationRow](tx, "SELECT * FROM gate_reservations WHERE check_id IN ?", checks)
	for _, r := range rows {
		out[r.Check] = r.reservation()
	}
	return out, err
}

// ConfirmReservation turns what is held into what was energised.
func (tx *Tx) ConfirmReservation(r Reservation) error {
	n, err := exec(tx, `UPDATE gate_reservations SET state = 'confirmed', energised_at = ?, energised_w = ?, meter_serial = ?, switching_order = ?, confirmed_at = ?
		WHERE check_id = ? AND state = 'held'`, micros(r.EnergisedAt), int64(r.Energised), r.MeterSerial, r.SwitchingOrder, micros(tx.Now), r.Check)
	if err == nil && n != 1 {
		return errStale
	}
	return err
}

// LapsedReservations gives reservations that are held and whose time is over.
func (tx *Tx) LapsedReservations(limit int) ([]Reservation, error) {
	rows, err := many[reservationRow](tx, "SELECT * FROM gate_reservations WHERE state = 'held' AND until_at <= ? ORDER BY until_at, check_id LIMIT ?", micros(tx.Now), limit)
	out := make([]Reservation, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.reservation())
	}
	return out, err
}

// LapseReservation writes off a reservation that is held.
func (tx *Tx) LapseReservation(check string) error {
	n, err := exec(tx, "UPDATE gate_reservations SET state = 'lapsed' WHERE check_id = ? AND state = 'held'", check)
	if err == nil && n != 1 {
		return errStale
	}
	return err
}

// LockLoad locks, until the transaction ends, the rows under which load is
// summed, from the root down, so that two transactions cannot both fill what is
// left. SQLite has one writer and needs no lock.
func (tx *Tx) LockLoad(substation, feeder, license, point string) error {
	for _, l := range []struct{ table, key, id string }{
		{"substations", "id", substation}, {"feeders", "id", feeder}, {"licenses", "number", license}, {"connection_points", "id", point},
	} {
		if l.id == "" {
			continue
		}
		var got []string
		err := tx.db.Table(l.table).Clauses(clause.Locking{Strength: "UPDATE"}).Where(clause.Eq{Column: l.key, Value: l.id}).Pluck(l.key, &got).Error
		if err != nil {
			return fmt.Errorf("lock %s %s: %w", l.table, l.id, err)
		}
	}
	return nil
}

// heldBelow sums what is held below a condition on connection point cp, but for
// the permit of one check.
const heldBelow = `SELECT CAST(COALESCE(SUM(r.held_w), 0) AS BIGINT) FROM gate_reservations r JOIN connection_points cp ON cp.id = r.point_id
	WHERE r.state = 'held' AND r.until_at > ? AND r.check_id <> ? AND cp.`

const energisedBelow = `SELECT CAST(COALESCE(SUM(cp.energised_w), 0) AS BIGINT) FROM connection_points cp WHERE cp.`

// load is energised plus held power of the connection points that meet a
// condition, without the permit of one check.
func (tx *Tx) load(except, condition string, args ...any) (models.Watts, error) {
	held, err := one[int64](tx, "sum", "", heldBelow+condition, append([]any{micros(tx.Now), except}, args...)...)
	if err != nil {
		return 0, err
	}
	energised, err := one[int64](tx, "sum", "", energisedBelow+condition, args...)
	return models.Watts(held + energised), err
}

// FeederLoad is the power energised and held below a feeder, without one check's permit.
func (tx *Tx) FeederLoad(feeder, exceptCheck string) (models.Watts, error) {
	return tx.load(exceptCheck, "feeder_id = ?", feeder)
}

// SubstationLoad is the power energised and held below a substation, without one check's permit.
func (tx *Tx) SubstationLoad(substation, exceptCheck string) (models.Watts, error) {
	return tx.load(exceptCheck, "feeder_id IN (SELECT id FROM feeders WHERE substation_id = ?)", substation)
}

// LicenseLoad is the power energised and held at the points of a license, or of
// one appendix of it when that is not "", without one check's permit.
func (tx *Tx) LicenseLoad(number, appendix, exceptCheck string) (models.Watts, error) {
	if appendix == "" {
		return tx.load(exceptCheck, "code IN (SELECT connection_code FROM license_points WHERE number = ?)", number)
	}
	return tx.load(exceptCheck, "code IN (SELECT connection_code FROM license_points WHERE number = ? AND appendix = ?)", number, appendix)
}

// HeldAt is the power held at one point, without one check's permit.
func (tx *Tx) HeldAt(point, exceptCheck string) (models.Watts, error) {
	held, err := one[int64](tx, "sum", "", heldBelow+"id = ?", micros(tx.Now), exceptCheck, point)
	return models.Watts(held), err
}

// GateLicense is what the gate reads of the current version of a license.
type GateLicense struct {
	Number     string
	Version    int64
	SubType    models.SubType
	State      models.LicenseState
	HolderBin  string
	Host       string
	ValidFrom  time.Time
	ValidUntil time.Time
	Approved   models.Watts
}

type gateLicenseRow struct {
	Number     string `gorm:"column:number"`
	Version    int64  `gorm:"column:version"`
	SubType    string `gorm:"column:sub_type"`
	State      string `gorm:"column:state"`
	HolderBin  string `gorm:"column:holder_bin"`
	Host       string `gorm:"column:host"`
	ValidFrom  int64  `gorm:"column:valid_from"`
	ValidUntil int64  `gorm:"column:valid_until"`
	Approved   int64  `gorm:"column:approved_w"`
}

const selectGateLicense = "SELECT number, version, sub_type, state, holder_bin, host, valid_from, valid_until, approved_w FROM licenses"

func (r gateLicenseRow) license() GateLicense {
	return GateLicense{Number: r.Number, Version: r.Version, SubType: models.SubType(r.SubType), State: models.LicenseState(r.State),
		HolderBin: r.HolderBin, Host: r.Host, ValidFrom: instant(r.ValidFrom), ValidUntil: instant(r.ValidUntil),
		Approved: models.Watts(r.Approved)}
}

// GateLicense gives the current version of a license, and whether there is one.
func (tx *Tx) GateLicense(number string) (GateLicense, bool, error) {
	rows, err := many[gateLicenseRow](tx, selectGateLicense+" WHERE number = ?", number)
	if err != nil || len(rows) == 0 {
		return GateLicense{}, false, err
	}
	return rows[0].license(), true, nil
}

// LicensedPoint is an appendix of a license as it names one connection point.
type LicensedPoint struct {
	License  string `gorm:"column:number"`
	Appendix string `gorm:"column:appendix"`
	Site     string `gorm:"column:site"`
	Approved int64  `gorm:"column:approved_w"` // watts
	InForce  int64  `gorm:"column:in_force"`
}

// LicensedPoints gives every license that names or named the connection point.
func (tx *Tx) LicensedPoints(code string) ([]LicensedPoint, error) {
	return many[LicensedPoint](tx, "SELECT number, appendix, site, approved_w, in_force FROM license_points WHERE connection_code = ? ORDER BY number", code)
}

// ApplicationPending tells whether the applicant has an application that is
// submitted and not decided.
func (tx *Tx) ApplicationPending(bin string) (bool, error) {
	n, err := one[int64](tx, "count", "", `SELECT COUNT(*) FROM applications WHERE applicant_bin = ?
		AND state IN ('submitted', 'registered', 'in_review', 'decision_drafted')`, bin)
	return n > 0, err
}

// PartyState gives the state of the party with the BIN or IIN, and whether there
// is one.
func (tx *Tx) PartyState(bin string) (models.PartyState, bool, error) {
	rows, err := many[string](tx, "SELECT "+partyState("")+" FROM parties WHERE bin = ?", bin)
	if err != nil || len(rows) == 0 {
		return "", false, err
	}
	return models.PartyState(rows[0]), true, nil
}

// RegisteredRigs sums the nameplates of active rigs of a license at a site.
func (tx *Tx) RegisteredRigs(license, site string) (models.Watts, error) {
	sum, err := one[int64](tx, "sum", "", `SELECT CAST(COALESCE(SUM(nameplate_w), 0) AS BIGINT) FROM equipment
		WHERE license = ? AND site = ? AND state = 'active'`, license, site)
	return models.Watts(sum), err
}

// RevenueMeters gives the revenue meters installed at a connection point, which
// meters name by id or by code, with the last reading that carried values.
func (tx *Tx) RevenueMeters(point, code string) ([]models.MeterFacts, error) {
	type row struct {
		Serial string `gorm:"column:serial"`
		URL    string `gorm:"column:url"`
		Last   int64  `gorm:"column:last_at"`
	}
	rows, err := many[row](tx, `SELECT m.serial, m.url, COALESCE(s.base_at, 0) AS last_at FROM meters m LEFT JOIN meter_states s ON s.meter_id = m.id
		WHERE m.node_kind = 'connection_point' AND m.node_id IN (?, ?) AND m.role = 'revenue'
		AND (m.installed_until = 0 OR m.installed_until > ?) ORDER BY m.code`, point, code, micros(tx.Now))
	out := make([]models.MeterFacts, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.MeterFacts{Serial: r.Serial, Linked: r.URL != "" || r.Last != 0, Last: instant(r.Last)})
	}
	return out, err
}

// RevenueMeterIDs gives the ids of the revenue meters installed at a connection
// point, which meters name by id or by code.
func (tx *Tx) RevenueMeterIDs(point, code string) ([]string, error) {
	return many[string](tx, `SELECT id FROM meters WHERE node_kind = 'connection_point' AND node_id IN (?, ?) AND role = 'revenue'
		AND (installed_until = 0 OR installed_until > ?) ORDER BY code`, point, code, micros(tx.Now))
}

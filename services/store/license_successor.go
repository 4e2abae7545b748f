package store

import (
	"time"

	"rigistry/models"
)

type successorRow struct {
	Number      string `gorm:"column:number"`
	Successor   string `gorm:"column:successor"`
	Application string `gorm:"column:application"`
	ReplacedAt  int64  `gorm:"column:replaced_at"`
}

// InsertSuccessor records that one number took the place of another, and moves the
// rigs of the old one to it.
func (tx *Tx) InsertSuccessor(number, successor, application string) error {
	if err := insert(tx, "license_successors", &successorRow{number, successor, application, micros(tx.Now)}); err != nil {
		return err
	}
	_, err := exec(tx, "UPDATE equipment SET license = ?, version = version + 1, updated_at = ? WHERE license = ?", successor, micros(tx.Now), number)
	return err
}

// HandOver gives the rigs of a license and its sites to the successor in law of its
// holder.
func (tx *Tx) HandOver(license string, sites []string, owner string) error {
	if _, err := exec(tx, "UPDATE equipment SET owner = ?, version = version + 1, updated_at = ? WHERE license = ? AND owner <> ?",
		owner, micros(tx.Now), license, owner); err != nil {
		return err
	}
	_, err := exec(tx, "UPDATE sites SET owner = ?, version = version + 1, updated_at = ? WHERE id IN ? AND owner <> ?",
		owner, micros(tx.Now), orNothing(sites), owner)
	return err
}

// InPlaceOf gives the number that stands in the place of a license at an instant: its
// own, or that of the last of its successors by then. The zero instant is now.
func (tx *Tx) InPlaceOf(number string, at time.Time) (string, error) {
	if at.IsZero() {
		at = tx.Now
	}
	rows, err := many[string](tx, `WITH RECURSIVE chain (number, step) AS (
			SELECT CAST(? AS TEXT), 0
			UNION ALL SELECT s.successor, c.step + 1 FROM license_successors s JOIN chain c ON s.number = c.number WHERE s.replaced_at <= ?)
		SELECT number FROM chain ORDER BY step DESC LIMIT 1`, number, micros(at))
	if err != nil || len(rows) == 0 {
		return number, err
	}
	return rows[0], nil
}

// Succession tells which number a license took the place of and which took its own;
// "" where there is none.
type Succession struct{ Supersedes, SupersededBy string }

// Successions gives the succession of licenses by number; those without any are left
// out.
func (tx *Tx) Successions(numbers []string) (map[string]Succession, error) {
	rows, err := many[successorRow](tx, "SELECT * FROM license_successors WHERE number IN ? OR successor IN ?", orNothing(numbers), orNothing(numbers))
	out := map[string]Succession{}
	for _, r := range rows {
		old, younger := out[r.Number], out[r.Successor]
		old.SupersededBy, younger.Supersedes = r.Successor, r.Number
		out[r.Number], out[r.Successor] = old, younger
	}
	return out, err
}

// TenantsOf gives the numbers of licenses of sub-type II in force in the data centre
// of a license, also of those that name a number that it took the place of.
func (tx *Tx) TenantsOf(host string) ([]string, error) {
	return many[string](tx, `WITH RECURSIVE chain (number) AS (
			SELECT CAST(? AS TEXT) UNION ALL SELECT s.number FROM license_successors s JOIN chain c ON s.successor = c.number)
		SELECT number FROM licenses WHERE host IN (SELECT number FROM chain) AND state IN ('active', 'suspended') ORDER BY number`, host)
}

// HostOf gives the license that hosts another, by the number it names: the newest
// version of whatever stands in its place, and whether there is one.
func (tx *Tx) HostOf(number string) (GateLicense, bool, error) {
	current, err := tx.InPlaceOf(number, tx.Now)
	if err != nil {
		return GateLicense{}, false, err
	}
	return tx.GateLicense(current)
}

// DroppedPointsOf gives the connection points that a license named before and does
// not name any more, that carry load, and that no license in force covers.
func (tx *Tx) DroppedPointsOf(license string) ([]models.ConnectionPoint, error) {
	rows, err := many[connectionView](tx, selectConnections+`cp.state = 'energised'
		AND cp.code IN (SELECT connection_code FROM license_points WHERE number = ? AND in_force = 0)
		AND NOT EXISTS (SELECT 1 FROM license_points o WHERE o.connection_code = cp.code AND o.in_force = 1)
		ORDER BY cp.code`, micros(tx.Now), license)
	out := make([]models.ConnectionPoint, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.point())
	}
	return out, err
}

// LicenseOnSite gives a license in force that names a site, "" when none does.
func (tx *Tx) LicenseOnSite(site string) (string, error) {
	rows, err := many[string](tx, `SELECT l.number FROM licenses l JOIN license_sites s ON s.number = l.number AND s.version = l.version
		WHERE s.site = ? AND l.state IN ('active', 'suspended') AND l.valid_until > ? ORDER BY l.number LIMIT 1`, site, micros(tx.Now))
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

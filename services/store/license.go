package store

import (
	"math"
	"strings"
	"time"

	"rigistry/models"
)

type licenseRow struct {
	Number           string `gorm:"column:number"`
	Version          int64  `gorm:"column:version"`
	SubType          string `gorm:"column:sub_type"`
	State            string `gorm:"column:state"`
	Holder           string `gorm:"column:holder"`
	HolderBin        string `gorm:"column:holder_bin"`
	HolderName       string `gorm:"column:holder_name"`
	Application      string `gorm:"column:application"`
	ApprovedW        int64  `gorm:"column:approved_w"`
	Host             string `gorm:"column:host"`
	FirstIssued      string `gorm:"column:first_issued"`
	Issued           string `gorm:"column:issued"`
	ValidFrom        int64  `gorm:"column:valid_from"`
	ValidUntil       int64  `gorm:"column:valid_until"`
	SuspensionGround string `gorm:"column:suspension_ground"`
	SuspensionMonths int64  `gorm:"column:suspension_months"`
	SuspensionFrom   int64  `gorm:"column:suspension_from"`
	SuspensionUntil  int64  `gorm:"column:suspension_until"`
	SuspensionNote   string `gorm:"column:suspension_note"`
	OrderNumber      string `gorm:"column:order_number"`
	Ground           string `gorm:"column:ground"`
	Verification     string `gorm:"column:verification"`
	Drafter          string `gorm:"column:drafter"`
	Signer           string `gorm:"column:signer"`
	EffectiveAt      int64  `gorm:"column:effective_at"`
	RecordedAt       int64  `gorm:"column:recorded_at"`
	Corrects         int64  `gorm:"column:corrects"`
	Act              string `gorm:"column:act"`
}

type licenseSiteRow struct {
	Number         string `gorm:"column:number"`
	Version        int64  `gorm:"column:version"`
	Appendix       string `gorm:"column:appendix"`
	Site           string `gorm:"column:site"`
	SiteCode       string `gorm:"column:site_code"`
	ConnectionCode string `gorm:"column:connection_code"`
	ApprovedW      int64  `gorm:"column:approved_w"`
}

func newLicenseRow(l models.License) licenseRow {
	r := licenseRow{Number: l.Number, Version: l.Version, SubType: string(l.SubType), State: string(l.State), Holder: l.Holder,
		HolderBin: l.HolderBin, HolderName: l.HolderName, Application: l.Application, ApprovedW: int64(l.Approved), Host: l.Host,
		FirstIssued: l.FirstIssued, Issued: l.Issued, ValidFrom: micros(l.ValidFrom), ValidUntil: micros(l.ValidUntil),
		OrderNumber: l.Order, Ground: l.Ground, Verification: l.Verification, Drafter: l.Drafter, Signer: l.Signer,
		EffectiveAt: micros(l.EffectiveAt), RecordedAt: micros(l.RecordedAt), Corrects: l.Corrects, Act: l.ActID}
	if s := l.Suspension; s != nil {
		r.SuspensionGround, r.SuspensionMonths, r.SuspensionNote = s.Ground, int64(s.Months), s.Note
		r.SuspensionFrom, r.SuspensionUntil = micros(s.From), micros(s.Until)
	}
	return r
}

func (r licenseRow) license() models.License {
	l := models.License{Number: r.Number, Version: r.Version, SubType: models.SubType(r.SubType), State: models.LicenseState(r.State),
		Holder: r.Holder, HolderBin: r.HolderBin, HolderName: r.HolderName, Application: r.Application, Approved: models.Watts(r.ApprovedW),
		Host: r.Host, FirstIssued: r.FirstIssued, Issued: r.Issued, ValidFrom: instant(r.ValidFrom), ValidUntil: instant(r.ValidUntil),
		Order: r.OrderNumber, Ground: r.Ground, Verification: r.Verification, Drafter: r.Drafter, Signer: r.Signer,
		EffectiveAt: instant(r.EffectiveAt), RecordedAt: instant(r.RecordedAt), Corrects: r.Corrects, ActID: r.Act}
	if r.SuspensionMonths > 0 {
		l.Suspension = &models.Suspension{Ground: r.SuspensionGround, Months: int(r.SuspensionMonths), Note: r.SuspensionNote,
			From: instant(r.SuspensionFrom), Until: instant(r.SuspensionUntil)}
	}
	return l
}

// InsertLicense writes a version of a license, its appendices, the current row
// and the points it holds, together. A version that exists, or a point that
// another license in force holds, is a conflict.
func (tx *Tx) InsertLicense(l models.License) error {
	r := newLicenseRow(l)
	if err := insert(tx, "license_versions", &r); err != nil {
		return err
	}
	for _, s := range l.Sites {
		points := s.ConnectionPoints
		if len(points) == 0 {
			points = []string{""}
		}
		for _, code := range points {
			row := licenseSiteRow{Number: l.Number, Version: l.Version, Appendix: s.Appendix, Site: s.Site, SiteCode: s.SiteCode,
				ConnectionCode: code, ApprovedW: int64(s.Approved)}
			if err := insert(tx, "license_sites", &row); err != nil {
				return err
			}
		}
	}
	_, err := exec(tx, `INSERT INTO licenses (number, version, sub_type, state, holder, holder_bin, approved_w, host, valid_from,
		valid_until, verification, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (number) DO UPDATE SET version = excluded.version, sub_type = excluded.sub_type, state = excluded.state,
		holder = excluded.holder, holder_bin = excluded.holder_bin, approved_w = excluded.approved_w, host = excluded.host,
		valid_from = excluded.valid_from, valid_until = excluded.valid_until, changed_at = excluded.changed_at`,
		r.Number, r.Version, r.SubType, r.State, r.Holder, r.HolderBin, r.ApprovedW, r.Host, r.ValidFrom, r.ValidUntil, r.Verification, r.EffectiveAt)
	if err != nil {
		return err
	}
	holder, err := tx.Party(l.Holder)
	if err != nil {
		return err
	}
	if err := tx.addTerms(licenseTerms(l, holder)); err != nil {
		return err
	}
	return tx.holdPoints(l)
}

func (tx *Tx) holdPoints(l models.License) error {
	if _, err := exec(tx, "UPDATE license_points SET in_force = 0 WHERE number = ?", l.Number); err != nil {
		return err
	}
	holds := flag(l.State == models.LicenseActive || l.State == models.LicenseSuspended)
	for _, s := range l.Sites {
		for _, code := range s.ConnectionPoints {
			_, err := exec(tx, `INSERT INTO license_points (number, connection_code, site, appendix, approved_w, in_force) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT (number, connection_code) DO UPDATE SET site = excluded.site, appendix = excluded.appendix,
				approved_w = excluded.approved_w, in_force = excluded.in_force`,
				l.Number, code, s.Site, s.Appendix, int64(s.Approved), holds)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// heldSometime leaves out versions v that a later one covers from their first
// instant: a correction states them anew (see models.LicenseTimeline).
const heldSometime = `NOT EXISTS (SELECT 1 FROM license_versions n WHERE n.number = v.number AND n.version > v.version AND n.effective_at <= v.effective_at)`

// licenses gives rows their appendices, with one query for all.
func (tx *Tx) licenses(rows []licenseRow, err error) ([]models.License, error) {
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	numbers := make([]string, 0, len(rows))
	for _, r := range rows {
		numbers = append(numbers, r.Number)
	}
	sites, err := many[licenseSiteRow](tx, "SELECT * FROM license_sites WHERE number IN ? ORDER BY number, version, appendix, connection_code", numbers)
	if err != nil {
		return nil, err
	}
	type key struct {
		number  string
		version int64
	}
	of := map[key][]models.LicensedSite{}
	for _, s := range sites {
		k := key{s.Number, s.Version}
		list := of[k]
		if n := len(list); n == 0 || list[n-1].Appendix != s.Appendix {
			list = append(list, models.LicensedSite{Appendix: s.Appendix, Site: s.Site, SiteCode: s.SiteCode, Approved: models.Watts(s.ApprovedW)})
		}
		if last := &list[len(list)-1]; s.ConnectionCode != "" {
			last.ConnectionPoints = append(last.ConnectionPoints, s.ConnectionCode)
		}
		of[k] = list
	}
	out := make([]models.License, 0, len(rows))
	for _, r := range rows {
		l := r.license()
		l.Sites = of[key{r.Number, r.Version}]
		out = append(out, l)
	}
	return out, nil
}

func (tx *Tx) oneLicense(name, query string, args ...any) (models.License, error) {
	found, err := tx.licenses(many[licenseRow](tx, query, args...))
	if err == nil && len(found) == 0 {
		err = models.NotFound("license", name)
	}
	if err != nil {
		return models.License{}, err
	}
	return found[0], nil
}

// License gives the version of a license that held at an instant, as is known now;
// the zero instant is the newest version.
func (tx *Tx) License(number string, asAt time.Time) (models.License, error) {
	return tx.LicenseKnown(number, asAt, time.Time{})
}

// LicenseKnown gives the version of a license that held at an instant, as the
// registry knew it at another (see models.LicenseAt). A zero known is now; a zero
// asAt is the newest version that was known.
func (tx *Tx) LicenseKnown(number string, asAt, known time.Time) (models.License, error) {
	if known.IsZero() && tx.past != nil {
		known = tx.Moment().KnownAt
	}
	query, args := "SELECT * FROM license_versions WHERE number = ?", []any{number}
	if !asAt.IsZero() {
		query, args = query+" AND effective_at <= ?", append(args, micros(asAt))
	}
	if !known.IsZero() {
		query, args = query+" AND recorded_at <= ?", append(args, micros(known))
	}
	return tx.oneLicense(number, query+" ORDER BY version DESC LIMIT 1", args...)
}

// LicenseByVerification gives the newest version by the code of its public page.
func (tx *Tx) LicenseByVerification(code string) (models.License, error) {
	return tx.oneLicense(code, `SELECT v.* FROM licenses l JOIN license_versions v ON v.number = l.number AND v.version = l.version
		WHERE l.verification = ?`, code)
}

// knownUntil is the last instant whose recordings count: the end of time but in a
// View of the past.
func (tx *Tx) knownUntil() time.Time {
	if tx.past != nil {
		return tx.Moment().KnownAt
	}
	return time.UnixMicro(math.MaxInt64)
}

// LicenseVersions gives every version of a license, the first one first.
func (tx *Tx) LicenseVersions(number string) ([]models.License, error) {
	found, err := tx.licenses(many[licenseRow](tx, "SELECT * FROM license_versions WHERE number = ? AND recorded_at <= ? ORDER BY version",
		number, micros(tx.knownUntil())))
	if err == nil && len(found) == 0 {
		err = models.NotFound("license", number)
	}
	return found, err
}

// LicenseFilter narrows a list of licenses; "" does not narrow.
type LicenseFilter struct {
	Holder          string // party id
	State           string // as it stands at the instant asked about
	SubType         string
	Host            string    // license number of the host
	Site            string    // site id
	ConnectionPoint string    // code
	Region          string    // two digits of the KATO of a site
	Query           string    // words of the holder's name by their beginnings in any spelling, or the beginning of a license number, BIN or IIN
	NoPeople        bool      // Query finds a holder who is a person by the license number alone
	AsAt            time.Time // when it held; zero is now
	KnownAt         time.Time // as the registry knew it then; zero is now
}

// Licenses lists licenses as they are, or as they were at f.AsAt as known at
// f.KnownAt (see models.LicenseAt), in the order of their numbers, after the number. A term that has run out counts as expired also
// before that was recorded.
func (tx *Tx) Licenses(f LicenseFilter, page Page) ([]models.License, error) {
	at, known, w := f.AsAt, f.KnownAt, where{}
	past := tx.past != nil || !at.IsZero() || !known.IsZero()
	if at.IsZero() {
		at = tx.Now
	}
	if known.IsZero() {
		known = tx.Moment().KnownAt
	}
	// the columns of the current row have indexes, and say the same now
	c, from := "l.", " FROM licenses l JOIN license_versions v ON v.number = l.number AND v.version = l.version"
	if past {
		c, from = "v.", " FROM license_versions v"
		w.add(`v.effective_at <= ? AND v.recorded_at <= ? AND NOT EXISTS (SELECT 1 FROM license_versions n WHERE n.number = v.number
			AND n.version > v.version AND n.effective_at <= ? AND n.recorded_at <= ?)`, micros(at), micros(known), micros(at), micros(known))
	}
	w.licenseState(c, f.State, at)
	w.equal(c+"holder", f.Holder)
	w.equal(c+"sub_type", f.SubType)
	w.equal(c+"host", f.Host)
	for _, x := range []struct{ column, value string }{{"site", f.Site}, {"connection_code", f.ConnectionPoint}} {
		if x.value != "" {
			w.add("EXISTS (SELECT 1 FROM license_sites s WHERE s.number = v.number AND s.version = v.version AND s."+x.column+" = ?)", x.value)
		}
	}
	if f.Region != "" {
		w.add(`EXISTS (SELECT 1 FROM license_sites s JOIN sites t ON t.id = s.site
			WHERE s.number = v.number AND s.version = v.version AND t.region = ?)`, f.Region)
	}
	w.spelled(tx, licenseSpelling, f.Query)
	w.noPeople(tx, f)
	w.after(c+"number", page.After)
	return tx.licenses(many[licenseRow](tx, "SELECT v.*"+from+licenseSpelling.join(tx, f.Query)+w.sql()+
		" ORDER BY "+c+"number LIMIT ?", append(w.args, page.Size())...))
}

// noPeople leaves out licenses of people that were found by anything but their number.
func (w *where) noPeople(tx *Tx, f LicenseFilter) {
	if !f.NoPeople || strings.TrimSpace(f.Query) == "" {
		return
	}
	number, args := tx.prefix("v.number", models.NormalizeIdentifier(f.Query))
	w.add("(("+number+") OR EXISTS (SELECT 1 FROM parties q WHERE q.id = v.holder AND q.kind = ?))", append(args, string(models.PartyLegalEntity))...)
}

// licenseState narrows to a state as it stands at an instant: a term that has run
// out counts as expired also before that was recorded.
func (w *where) licenseState(alias, state string, at time.Time) {
	inForce := alias + "state IN ('active', 'suspended')"
	switch models.LicenseState(state) {
	case "":
	case models.LicenseExpired:
		w.add("("+alias+"state = 'expired' OR "+inForce+" AND "+alias+"valid_until <= ?)", micros(at))
	case models.LicenseActive, models.LicenseSuspended:
		w.add(alias+"state = ? AND "+alias+"valid_until > ?", state, micros(at))
	default:
		w.add(alias+"state = ?", state)
	}
}

// LicensesDue gives the numbers of licenses in force whose term has run out.
func (tx *Tx) LicensesDue(limit int) ([]string, error) {
	return many[string](tx, "SELECT number FROM licenses WHERE state IN ('active', 'suspended') AND valid_until <= ? ORDER BY valid_until, number LIMIT ?",
		micros(tx.Now), limit)
}

// PointHolder gives the license in force that holds a connection point, "" when
// none does.
func (tx *Tx) PointHolder(code string) (string, error) {
	rows, err := many[string](tx, "SELECT number FROM license_points WHERE connection_code = ? AND in_force = 1", code)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0], nil
}

type pointUtilityRow struct {
	Code    string `gorm:"column:code"`
	Utility string `gorm:"column:utility_id"`
}

// PointsByUtility gives which of the connection points belong to which utility.
func (tx *Tx) PointsByUtility(codes []string) (map[string][]string, error) {
	rows, err := many[pointUtilityRow](tx, "SELECT code, utility_id FROM connection_points WHERE code IN ? ORDER BY code", orNothing(codes))
	out := map[string][]string{}
	for _, r := range rows {
		out[r.Utility] = append(out[r.Utility], r.Code)
	}
	return out, err
}

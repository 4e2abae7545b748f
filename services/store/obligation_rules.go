package store

import (
	"time"

	"rigistry/models"
)

type obligationKindRow struct {
	Code           string `gorm:"column:code"`
	Period         string `gorm:"column:period"`
	DueDay         int64  `gorm:"column:due_day"`
	DayOff         string `gorm:"column:day_off"`
	SubType        string `gorm:"column:sub_type"`
	WhileSuspended int64  `gorm:"column:while_suspended"`
	BlocksGate     int64  `gorm:"column:blocks_gate"`
	Outlives       int64  `gorm:"column:outlives"`
	LegalRef       string `gorm:"column:legal_ref"`
	Grade          string `gorm:"column:grade"`
	TextKk         string `gorm:"column:text_kk"`
	TextRu         string `gorm:"column:text_ru"`
	TextEn         string `gorm:"column:text_en"`
	ValidFrom      string `gorm:"column:valid_from"`
	ValidUntil     string `gorm:"column:valid_until"`
}

// ObligationRules gives every kind of obligation with all its dated rows, by code
// and date.
func (tx *Tx) ObligationRules() ([]models.ObligationRule, error) {
	rows, err := many[obligationKindRow](tx, "SELECT * FROM obligation_kinds ORDER BY code, valid_from")
	out := make([]models.ObligationRule, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.ObligationRule{Code: r.Code, Period: models.ObligationPeriod(r.Period), DueDay: int(r.DueDay), DayOff: r.DayOff,
			SubType: models.SubType(r.SubType), WhileSuspended: r.WhileSuspended == 1, BlocksGate: r.BlocksGate == 1, Outlives: r.Outlives == 1,
			LegalRef: r.LegalRef, Grade: r.Grade, Text: models.Text{Kk: r.TextKk, Ru: r.TextRu, En: r.TextEn}, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil})
	}
	return out, err
}

type feeRateRow struct {
	Source     string `gorm:"column:source"`
	RateTiyn   int64  `gorm:"column:rate_tiyn"`
	LegalRef   string `gorm:"column:legal_ref"`
	Grade      string `gorm:"column:grade"`
	ValidFrom  string `gorm:"column:valid_from"`
	ValidUntil string `gorm:"column:valid_until"`
}

// FeeRates gives the rates of the fee for digital mining that are in force on any day
// of [from, until).
func (tx *Tx) FeeRates(from, until string) ([]models.FeeRate, error) {
	rows, err := many[feeRateRow](tx, "SELECT * FROM fee_rates WHERE valid_from < ? AND (valid_until = '' OR valid_until > ?) ORDER BY source, valid_from", until, from)
	out := make([]models.FeeRate, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.FeeRate{Source: r.Source, Rate: models.Tiyn(r.RateTiyn), LegalRef: r.LegalRef, Grade: r.Grade, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil})
	}
	return out, err
}

type waiverGroundRow struct {
	Code       string `gorm:"column:code"`
	LegalRef   string `gorm:"column:legal_ref"`
	Grade      string `gorm:"column:grade"`
	TextKk     string `gorm:"column:text_kk"`
	TextRu     string `gorm:"column:text_ru"`
	TextEn     string `gorm:"column:text_en"`
	ValidFrom  string `gorm:"column:valid_from"`
	ValidUntil string `gorm:"column:valid_until"`
}

// WaiverGrounds gives the grounds on which an obligation can be let go on a date.
func (tx *Tx) WaiverGrounds(date string) ([]models.Ground, error) {
	rows, err := many[waiverGroundRow](tx, "SELECT * FROM waiver_grounds WHERE "+onDate+" ORDER BY code", date, date)
	out := make([]models.Ground, 0, len(rows))
	for _, r := range rows {
		out = append(out, models.Ground{Kind: models.GroundWaive, Code: r.Code, LegalRef: r.LegalRef, Grade: r.Grade,
			Text: models.Text{Kk: r.TextKk, Ru: r.TextRu, En: r.TextEn}, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil})
	}
	return out, err
}

// ObligationReference is the reference data of obligations to begin with.
type ObligationReference struct {
	Rules   []models.ObligationRule
	Rates   []models.FeeRate
	Grounds []models.Ground
}

// AddObligationReference adds the rows that are not there yet and gives their
// number; what people changed is kept.
func (tx *Tx) AddObligationReference(ref ObligationReference) (added int64, err error) {
	for _, r := range ref.Rules {
		n, err := exec(tx, `INSERT INTO obligation_kinds (code, period, due_day, day_off, sub_type, while_suspended, blocks_gate, outlives, legal_ref, grade,
			text_kk, text_ru, text_en, valid_from, valid_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			r.Code, string(r.Period), r.DueDay, r.DayOff, string(r.SubType), flag(r.WhileSuspended), flag(r.BlocksGate), flag(r.Outlives), r.LegalRef, r.Grade,
			r.Text.Kk, r.Text.Ru, r.Text.En, r.ValidFrom, r.ValidUntil)
		if err != nil {
			return added, err
		}
		added += n
	}
	for _, r := range ref.Rates {
		n, err := exec(tx, "INSERT INTO fee_rates (source, rate_tiyn, legal_ref, grade, valid_from, valid_until) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			r.Source, int64(r.Rate), r.LegalRef, r.Grade, r.ValidFrom, r.ValidUntil)
		if err != nil {
			return added, err
		}
		added += n
	}
	for _, g := range ref.Grounds {
		n, err := exec(tx, "INSERT INTO waiver_grounds (code, legal_ref, grade, text_kk, text_ru, text_en, valid_from, valid_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
			g.Code, g.LegalRef, g.Grade, g.Text.Kk, g.Text.Ru, g.Text.En, g.ValidFrom, g.ValidUntil)
		if err != nil {
			return added, err
		}
		added += n
	}
	return added, nil
}

// ObligationMark is the state of a license that its obligations follow.
type ObligationMark struct {
	License string `gorm:"column:license"`
	Version int64  `gorm:"column:version"`
	SweptOn string `gorm:"column:swept_on"` // legal date
}

// ObligationMark gives the mark of a license, the zero mark when there is none. The
// license "" is the registry itself: when it began.
func (tx *Tx) ObligationMark(license string) (ObligationMark, error) {
	rows, err := many[ObligationMark](tx, "SELECT * FROM obligation_marks WHERE license = ?", license)
	if err != nil || len(rows) == 0 {
		return ObligationMark{}, err
	}
	return rows[0], nil
}

// SetObligationMark saves a mark.
func (tx *Tx) SetObligationMark(m ObligationMark) error {
	_, err := exec(tx, `INSERT INTO obligation_marks (license, version, swept_on) VALUES (?, ?, ?)
		ON CONFLICT (license) DO UPDATE SET version = excluded.version, swept_on = excluded.swept_on`, m.License, m.Version, m.SweptOn)
	return err
}

// LicensesToSweep gives the numbers of licenses whose obligations have to be looked
// at: those that changed, and those in force that were not looked at today.
func (tx *Tx) LicensesToSweep(limit int) ([]string, error) {
	return many[string](tx, `SELECT l.number FROM licenses l LEFT JOIN obligation_marks m ON m.license = l.number
		WHERE m.license IS NULL OR m.version <> l.version OR l.state IN ('active', 'suspended') AND m.swept_on < ? ORDER BY l.number LIMIT ?`,
		models.LegalDate(tx.Now), limit)
}

// PointMeter is a revenue meter of a connection point.
type PointMeter struct {
	ID             string `gorm:"column:id"`
	Code           string `gorm:"column:code"`
	Point          string `gorm:"column:point_code"`
	VerificationBy string `gorm:"column:verification_by"` // legal date
	InstalledFrom  int64  `gorm:"column:installed_from"`  // microseconds
	InstalledUntil int64  `gorm:"column:installed_until"` // microseconds, 0 while it is there
}

// MetersOfPoints gives the revenue meters that were installed at the points at any
// time in [from, until), by code.
func (tx *Tx) MetersOfPoints(codes []string, from, until time.Time) ([]PointMeter, error) {
	return many[PointMeter](tx, `SELECT m.id, m.code, p.code AS point_code, m.verification_by, m.installed_from, m.installed_until
		FROM meters m JOIN connection_points p ON m.node_id IN (p.id, p.code)
		WHERE p.code IN ? AND m.node_kind = 'connection_point' AND m.role = 'revenue' AND m.installed_from < ?
		AND (m.installed_until = 0 OR m.installed_until > ?) ORDER BY m.code`, orNothing(codes), micros(until), micros(from))
}

// MeteredEnergy is the imported energy that a meter's intervals explain, and for how
// long they do.
type MeteredEnergy struct {
	Meter   string `gorm:"column:meter_id"`
	Energy  int64  `gorm:"column:energy_wh"`
	Covered int64  `gorm:"column:covered_us"` // microseconds
}

// MeteredEnergy sums the intervals that start in [from, until) by meter: by the
// counter where it explains at least as much as the power readings, else by power. A
// meter without intervals is left out.
func (tx *Tx) MeteredEnergy(meters []string, from, until time.Time) (map[string]MeteredEnergy, error) {
	rows, err := many[MeteredEnergy](tx, `SELECT meter_id,
		CAST(SUM(CASE WHEN counter_covered > 0 AND counter_covered >= covered THEN counter_import ELSE (energy_import + 1800000000) / 3600000000 END) AS BIGINT) AS energy_wh,
		CAST(SUM(CASE WHEN counter_covered >= covered THEN counter_covered ELSE covered END) AS BIGINT) AS covered_us
		FROM intervals_now WHERE meter_id IN ? AND start_at >= ? AND start_at < ? GROUP BY meter_id`, orNothing(meters), micros(from), micros(until))
	out := make(map[string]MeteredEnergy, len(rows))
	for _, r := range rows {
		out[r.Meter] = r
	}
	return out, err
}

// SetMeterVerification saves until when the verification of a meter holds.
func (tx *Tx) SetMeterVerification(meter, until string) error {
	n, err := exec(tx, "UPDATE meters SET verification_by = ?, version = version + 1 WHERE id = ?", until, meter)
	if err == nil && n != 1 {
		err = models.NotFound("meter", meter)
	}
	return err
}

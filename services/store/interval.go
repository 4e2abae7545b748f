package store

import (
	"fmt"
	"time"

	"rigistry/models"
)

type intervalRow struct {
	MeterID        string `gorm:"column:meter_id"`
	StartAt        int64  `gorm:"column:start_at"`
	CounterImport  int64  `gorm:"column:counter_import"`
	CounterExport  int64  `gorm:"column:counter_export"`
	CounterCovered int64  `gorm:"column:counter_covered"`
	EnergyImport   int64  `gorm:"column:energy_import"`
	EnergyExport   int64  `gorm:"column:energy_export"`
	Covered        int64  `gorm:"column:covered"`
	MaxW           int64  `gorm:"column:max_w"`
	MinW           int64  `gorm:"column:min_w"`
	Samples        int64  `gorm:"column:samples"`
	Quality        int64  `gorm:"column:quality"`
	LastAt         int64  `gorm:"column:last_at"`
	Sources        int64  `gorm:"column:sources"`
}

func (r intervalRow) interval() models.Interval {
	return models.Interval{
		Meter: r.MeterID, Start: instant(r.StartAt),
		CounterImport: models.WattHours(r.CounterImport), CounterExport: models.WattHours(r.CounterExport),
		CounterCovered: time.Duration(r.CounterCovered) * time.Microsecond,
		EnergyImport:   r.EnergyImport, EnergyExport: r.EnergyExport, Covered: time.Duration(r.Covered) * time.Microsecond,
		MaxPower: models.Watts(r.MaxW), MinPower: models.Watts(r.MinW), Samples: r.Samples,
		Quality: models.Quality(r.Quality), LastReadingTime: instant(r.LastAt), Sources: models.SourceSet(r.Sources), //nolint:gosec // less than 2^16
	}
}

func intervalsOf(rows []intervalRow, err error) ([]models.Interval, error) {
	out := make([]models.Interval, len(rows))
	for i, r := range rows {
		out[i] = r.interval()
	}
	return out, err
}

// intervalAdd joins a part to what the row holds: sums are added, extremes and
// the worst quality kept. CASE because the databases call the larger of two
// values by different names.
const intervalAdd = ` ON CONFLICT (meter_id, start_at) DO UPDATE SET
  counter_import = intervals.counter_import + excluded.counter_import,
  counter_export = intervals.counter_export + excluded.counter_export,
  counter_covered = intervals.counter_covered + excluded.counter_covered,
  energy_import = intervals.energy_import + excluded.energy_import,
  energy_export = intervals.energy_export + excluded.energy_export,
  covered = intervals.covered + excluded.covered,
  max_w = CASE WHEN excluded.samples = 0 THEN intervals.max_w
               WHEN intervals.samples = 0 OR excluded.max_w > intervals.max_w THEN excluded.max_w ELSE intervals.max_w END,
  min_w = CASE WHEN excluded.samples = 0 THEN intervals.min_w
               WHEN intervals.samples = 0 OR excluded.min_w < intervals.min_w THEN excluded.min_w ELSE intervals.min_w END,
  samples = intervals.samples + excluded.samples,
  quality = CASE WHEN excluded.quality > intervals.quality THEN excluded.quality ELSE intervals.quality END,
  last_at = CASE WHEN excluded.last_at > intervals.last_at THEN excluded.last_at ELSE intervals.last_at END,
  sources = intervals.sources | excluded.sources`

// intervalNames are the columns of intervals, hours and days after meter_id.
var intervalNames = [13]string{"start_at", "counter_import", "counter_export", "counter_covered", "energy_import", "energy_export", "covered",
	"max_w", "min_w", "samples", "quality", "last_at", "sources"}

// AddIntervals adds parts to the intervals they belong to, and forgets the hours and
// days that held them. Each interval may occur once.
func (tx *Tx) AddIntervals(parts []models.Interval) error {
	if err := insertBulks(tx, []bulkInsert{intervalsInsert(parts)}); err != nil {
		return fmt.Errorf("add to intervals: %w", err)
	}
	return tx.forgetRolledOf(parts)
}

// forgetRolledOf forgets the hours and days that hold the parts.
func (tx *Tx) forgetRolledOf(parts []models.Interval) error {
	if len(parts) == 0 {
		return nil
	}
	if err := tx.noteLate(firstOf(parts)); err != nil {
		return err
	}
	ids := make([]string, len(parts))
	first, last := parts[0].Start, parts[0].Start
	for i := range parts {
		ids[i] = parts[i].Meter
		if parts[i].Start.Before(first) {
			first = parts[i].Start
		}
		if parts[i].Start.After(last) {
			last = parts[i].Start
		}
	}
	return tx.forgetRolled(ids, first, last)
}

// intervalsInsert adds parts to the intervals they belong to.
func intervalsInsert(parts []models.Interval) bulkInsert {
	n := len(parts)
	ids := make([]string, n)
	columns := []bulkColumn{{name: "meter_id", texts: ids}}
	for _, name := range intervalNames {
		columns = append(columns, bulkColumn{name: name, ints: make([]int64, n)})
	}
	for i := range parts {
		iv := &parts[i]
		ids[i] = iv.Meter
		for k, v := range [13]int64{micros(iv.Start), int64(iv.CounterImport), int64(iv.CounterExport), iv.CounterCovered.Microseconds(),
			iv.EnergyImport, iv.EnergyExport, iv.Covered.Microseconds(), int64(iv.MaxPower), int64(iv.MinPower), iv.Samples,
			int64(iv.Quality), micros(iv.LastReadingTime), int64(iv.Sources)} {
			columns[k+1].ints[i] = v
		}
	}
	return bulkInsert{bulk{"intervals", n, columns}, intervalAdd}
}

// DeleteIntervals removes a meter's intervals that start in [from, until), to be
// added again from its readings.
func (tx *Tx) DeleteIntervals(meter string, from, until time.Time) error {
	if _, err := exec(tx, "DELETE FROM intervals WHERE meter_id = ? AND start_at >= ? AND start_at < ?", meter, micros(from), micros(until)); err != nil {
		return err
	}
	if err := tx.noteLate(map[string]time.Time{meter: from}); err != nil {
		return err
	}
	return tx.forgetRolled([]string{meter}, from, until)
}

// Intervals gives a meter's intervals that start in [from, until), by time, with the
// corrections that count.
func (tx *Tx) Intervals(meter string, from, until time.Time, limit int) ([]models.Interval, error) {
	rows, err := tx.measured(meter, from, until, limit)
	if err == nil {
		rows, err = tx.putRight(rows, []string{meter}, from, until)
	}
	return rows[:min(len(rows), limit)], err
}

// measured is Intervals without corrections.
func (tx *Tx) measured(meter string, from, until time.Time, limit int) ([]models.Interval, error) {
	rows, err := intervalsOf(many[intervalRow](tx, "SELECT * FROM intervals WHERE meter_id = ? AND start_at >= ? AND start_at < ? ORDER BY start_at LIMIT ?",
		meter, micros(from), micros(until), limit))
	if err == nil {
		rows, err = tx.mergePending(rows, []string{meter}, from, until)
	}
	return rows[:min(len(rows), limit)], err
}

// IntervalsOf gives the intervals of several meters that start in [from, until),
// by time and meter, with the corrections that count.
func (tx *Tx) IntervalsOf(meters []string, from, until time.Time) ([]models.Interval, error) {
	var out []models.Interval
	for part := range chunks(meters, maxNames) {
		got, err := intervalsOf(many[intervalRow](tx,
			"SELECT * FROM intervals WHERE meter_id IN ? AND start_at >= ? AND start_at < ? ORDER BY start_at, meter_id",
			part, micros(from), micros(until)))
		if err != nil {
			return nil, err
		}
		out = append(out, got...)
	}
	out, err := tx.mergePending(out, meters, from, until)
	if err != nil {
		return nil, err
	}
	return tx.putRight(out, meters, from, until)
}

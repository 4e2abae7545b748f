package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rigistry/models"
)

// rolled is a table of intervals that were added up to longer ones.
type rolled struct {
	table  string
	step   time.Duration
	offset time.Duration // of the legal time zone, for days
}

var (
	rolledHours = rolled{"interval_hours", time.Hour, 0}
	rolledDays  = rolled{"interval_days", 24 * time.Hour, models.LegalOffset}
)

// start gives the beginning of the step that holds the instant.
func (r rolled) start(at time.Time) time.Time {
	return at.UTC().Add(r.offset).Truncate(r.step).Add(-r.offset)
}

// rolledAfter is how long an hour or a day is over before it is added up.
const rolledAfter = 2 * time.Minute

// forgetRolled forgets the hours and days of the meters that hold [from, until]. Those
// that are not over were never there.
func (tx *Tx) forgetRolled(meters []string, from, until time.Time) error {
	for _, r := range []rolled{rolledHours, rolledDays} {
		start := r.start(from)
		if start.Add(r.step).After(tx.Now) {
			continue
		}
		each := slices.Clone(meters)
		slices.Sort(each)
		among, list, err := tx.among("meter_id", slices.Compact(each))
		if err != nil {
			return err
		}
		if _, err := exec(tx, "DELETE FROM "+r.table+" WHERE "+among+" AND start_at >= ? AND start_at <= ?", list, micros(start), micros(until)); err != nil {
			return fmt.Errorf("forget sums of intervals: %w", err)
		}
	}
	return nil
}

// rollUp adds up the hour and the day of a meter's quarter, where they are over.
func (tx *Tx) rollUp(meter string, quarter time.Time) error {
	for _, r := range []rolled{rolledHours, rolledDays} {
		start := r.start(quarter)
		if start.Add(r.step + rolledAfter).After(tx.Now) {
			continue
		}
		if _, err := exec(tx, "DELETE FROM "+r.table+" WHERE meter_id = ? AND start_at = ?", meter, micros(start)); err != nil {
			return err
		}
		if _, err := exec(tx, "INSERT INTO "+r.table+` (meter_id, start_at, counter_import, counter_export, counter_covered, energy_import,
			energy_export, covered, max_w, min_w, samples, quality, last_at, sources)
			SELECT meter_id, CAST(? AS BIGINT), SUM(counter_import), SUM(counter_export), SUM(counter_covered), SUM(energy_import),
			SUM(energy_export), SUM(covered), COALESCE(MAX(CASE WHEN samples > 0 THEN max_w END), 0),
			COALESCE(MIN(CASE WHEN samples > 0 THEN min_w END), 0), SUM(samples), MAX(quality), MAX(last_at), `+allBits("sources")+`
			FROM intervals_now WHERE meter_id = ? AND start_at >= ? AND start_at < ? GROUP BY meter_id`,
			micros(start), meter, micros(start), micros(start.Add(r.step))); err != nil {
			return fmt.Errorf("add up intervals: %w", err)
		}
	}
	return nil
}

// allBits is the bits that any of the rows has: the databases have no name for it in
// common.
func allBits(column string) string {
	parts := make([]string, 0, 8)
	for bit := 2; bit <= 128; bit *= 2 { // a bit for each models.Source but the unknown
		parts = append(parts, fmt.Sprintf("MAX(%s & %d)", column, bit))
	}
	return strings.Join(parts, " + ")
}

// Hours gives the hours of a meter in [from, until) that are added up.
func (tx *Tx) Hours(meter string, from, until time.Time) ([]models.Interval, error) {
	return tx.rolledOf(rolledHours, meter, from, until)
}

// Days gives the legal days of a meter in [from, until) that are added up.
func (tx *Tx) Days(meter string, from, until time.Time) ([]models.Interval, error) {
	return tx.rolledOf(rolledDays, meter, from, until)
}

func (tx *Tx) rolledOf(r rolled, meter string, from, until time.Time) ([]models.Interval, error) {
	sums, err := intervalsOf(many[intervalRow](tx, "SELECT * FROM "+r.table+" WHERE meter_id = ? AND start_at >= ? AND start_at < ? ORDER BY start_at",
		meter, micros(from), micros(until)))
	if err != nil || len(sums) == 0 {
		return sums, err
	}
	waiting, err := tx.pendingIntervals([]string{meter}, from, until.Add(r.step)) // they would change their sums
	return slices.DeleteFunc(sums, func(sum models.Interval) bool {
		return slices.ContainsFunc(waiting, func(w models.Interval) bool { return r.start(w.Start).Equal(sum.Start) })
	}), err
}

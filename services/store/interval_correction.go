package store

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"rigistry/models"
)

type correctionRow struct {
	ID         string `gorm:"column:id"`
	Meter      string `gorm:"column:meter_id"`
	Utility    string `gorm:"column:utility"`
	From       int64  `gorm:"column:from_at"`
	Until      int64  `gorm:"column:until_at"`
	Reason     string `gorm:"column:reason"`
	Act        string `gorm:"column:act"`
	Note       string `gorm:"column:note"`
	State      string `gorm:"column:state"`
	Digest     string `gorm:"column:digest"`
	Measured   string `gorm:"column:measured_digest"`
	ProposedBy string `gorm:"column:proposed_by"`
	ProposedAt int64  `gorm:"column:proposed_at"`
	DecidedBy  string `gorm:"column:decided_by"`
	DecidedAt  int64  `gorm:"column:decided_at"`
	Version    int64  `gorm:"column:version"`
}

func (r correctionRow) correction() models.IntervalCorrection {
	out := models.IntervalCorrection{ID: r.ID, Meter: r.Meter, Utility: r.Utility, From: instant(r.From), Until: instant(r.Until),
		Reason: models.CorrectionReason(r.Reason), Act: r.Act, Note: r.Note, State: models.CorrectionState(r.State), Digest: r.Digest,
		Measured: r.Measured, ProposedBy: r.ProposedBy, ProposedAt: instant(r.ProposedAt), DecidedBy: r.DecidedBy, Version: r.Version}
	if r.DecidedAt != 0 {
		out.DecidedAt = instant(r.DecidedAt)
	}
	return out
}

type correctedRow struct {
	Meter  string `gorm:"column:meter_id"`
	Start  int64  `gorm:"column:start_at"`
	Import int64  `gorm:"column:import_wh"`
	Export int64  `gorm:"column:export_wh"`
}

func (r correctedRow) corrected() models.CorrectedInterval {
	return models.CorrectedInterval{Start: instant(r.Start), Import: models.WattHours(r.Import), Export: models.WattHours(r.Export)}
}

// InsertCorrection keeps a correction that is proposed now. A second one of the meter
// that waits is a conflict of the database.
func (tx *Tx) InsertCorrection(c models.IntervalCorrection) error {
	if err := insert(tx, "interval_corrections", &correctionRow{ID: c.ID, Meter: c.Meter, Utility: c.Utility, From: micros(c.From), Until: micros(c.Until),
		Reason: string(c.Reason), Act: c.Act, Note: c.Note, State: string(c.State), Digest: c.Digest, Measured: c.Measured,
		ProposedBy: c.ProposedBy, ProposedAt: micros(tx.Now), Version: 1}); err != nil {
		return err
	}
	for part := range chunks(c.Intervals, maxRows/7) {
		args := make([]any, 0, 7*len(part))
		for _, iv := range part {
			args = append(args, c.ID, c.Meter, micros(iv.Start), int64(iv.Import), int64(iv.Export), 0, 0)
		}
		if _, err := exec(tx, "INSERT INTO interval_corrected (correction_id, meter_id, start_at, import_wh, export_wh, applied_at, ended_at) VALUES "+
			valuesList(len(part), 7), args...); err != nil {
			return fmt.Errorf("keep the values of a correction: %w", err)
		}
	}
	return nil
}

// Correction gives a correction of a meter with its values, or CodeNotFound.
func (tx *Tx) Correction(meter, id string) (models.IntervalCorrection, error) {
	row, err := one[correctionRow](tx, "correction", id, "SELECT * FROM interval_corrections WHERE id = ? AND meter_id = ?", id, meter)
	if err != nil {
		return models.IntervalCorrection{}, err
	}
	out := row.correction()
	rows, err := many[correctedRow](tx, "SELECT meter_id, start_at, import_wh, export_wh FROM interval_corrected WHERE correction_id = ? ORDER BY start_at", id)
	for _, r := range rows {
		out.Intervals = append(out.Intervals, r.corrected())
	}
	return out, err
}

// Corrections gives the corrections of a meter without their values, the newest first.
func (tx *Tx) Corrections(meter string, limit int) ([]models.IntervalCorrection, error) {
	rows, err := many[correctionRow](tx, "SELECT * FROM interval_corrections WHERE meter_id = ? ORDER BY proposed_at DESC, id DESC LIMIT ?", meter, limit)
	out := make([]models.IntervalCorrection, len(rows))
	for i, r := range rows {
		out[i] = r.correction()
	}
	return out, err
}

// DecideCorrection applies or rejects a proposed correction as of now. When it is applied
// its values count, those of earlier ones in its period no more; hours and days are
// forgotten, and detection is told.
func (tx *Tx) DecideCorrection(c models.IntervalCorrection, state models.CorrectionState, by string) error {
	n, err := exec(tx, `UPDATE interval_corrections SET state = ?, decided_by = ?, decided_at = ?, version = version + 1
		WHERE id = ? AND version = ? AND state = 'proposed'`, string(state), by, micros(tx.Now), c.ID, c.Version)
	if err != nil {
		return err
	}
	if n != 1 {
		return errStale
	}
	if state != models.CorrectionApplied {
		return nil
	}
	if _, err := exec(tx, `UPDATE interval_corrected SET ended_at = ? WHERE meter_id = ? AND start_at >= ? AND start_at < ?
		AND applied_at > 0 AND ended_at = 0`, micros(tx.Now), c.Meter, micros(c.From), micros(c.Until)); err != nil {
		return fmt.Errorf("end earlier corrections: %w", err)
	}
	if _, err := exec(tx, "UPDATE interval_corrected SET applied_at = ? WHERE correction_id = ?", micros(tx.Now), c.ID); err != nil {
		return fmt.Errorf("apply a correction: %w", err)
	}
	if err := tx.noteLate(map[string]time.Time{c.Meter: c.From}); err != nil {
		return err
	}
	return tx.forgetRolled([]string{c.Meter}, c.From, c.Until.Add(-models.IntervalLength))
}

// putRight puts what corrections say in the place of measured intervals, as it is known
// at the instant of the transaction.
func (tx *Tx) putRight(rows []models.Interval, ids []string, from, until time.Time) ([]models.Interval, error) {
	known := tx.Now
	if tx.past == nil {
		known = time.Time{}
	}
	return tx.putRightAt(rows, ids, from, until, known)
}

// putRightAt is putRight as it was known at an instant; the zero time is now.
func (tx *Tx) putRightAt(rows []models.Interval, ids []string, from, until, known time.Time) ([]models.Interval, error) {
	var found []correctedRow
	for part := range chunks(ids, maxNames) {
		query, args := "SELECT meter_id, start_at, import_wh, export_wh FROM interval_corrected WHERE meter_id IN ? AND start_at >= ? AND start_at < ?",
			[]any{part, micros(from), micros(until)}
		if known.IsZero() {
			query += " AND applied_at > 0 AND ended_at = 0"
		} else {
			query += " AND applied_at > 0 AND applied_at <= ? AND (ended_at = 0 OR ended_at > ?)"
			args = append(args, micros(known), micros(known))
		}
		some, err := many[correctedRow](tx, query, args...)
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	if len(found) == 0 {
		return rows, nil
	}
	type key struct {
		meter string
		start int64
	}
	at := make(map[key]int, len(rows))
	for i := range rows {
		at[key{rows[i].Meter, rows[i].Start.UnixMicro()}] = i
	}
	for _, r := range found {
		iv := r.corrected().Interval(r.Meter)
		if i, there := at[key{r.Meter, r.Start}]; there {
			rows[i] = iv
		} else {
			rows = append(rows, iv)
		}
	}
	slices.SortFunc(rows, func(a, b models.Interval) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Meter, b.Meter)) })
	return rows, nil
}

// IntervalsKnown gives a meter's intervals that start in [from, until) with the
// corrections that were known at an instant.
func (tx *Tx) IntervalsKnown(meter string, from, until, known time.Time) ([]models.Interval, error) {
	rows, err := tx.measured(meter, from, until, 1<<30)
	if err != nil {
		return nil, err
	}
	return tx.putRightAt(rows, []string{meter}, from, until, known)
}

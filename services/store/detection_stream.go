package store

import (
	"slices"
	"time"

	"rigistry/models"
)

// lateAfter is how long after its end an interval may still be filled without
// counting as late: detection waits longer before it goes through it.
const lateAfter = 45 * time.Second

// noteLate notes, for detection, meters of which an interval changed that was over:
// the earliest of each.
func (tx *Tx) noteLate(first map[string]time.Time) error {
	limit := tx.Now.Add(-lateAfter - models.IntervalLength)
	var ids []string
	for id, at := range first {
		if at.Before(limit) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids) // rows are locked in one order
	for part := range chunks(ids, maxNames/3) {
		args := make([]any, 0, 3*len(part))
		for _, id := range part {
			args = append(args, id, micros(first[id]), 1)
		}
		if _, err := exec(tx, "INSERT INTO detection_late (meter_id, from_at, seq) VALUES "+valuesList(len(part), 3)+
			` ON CONFLICT (meter_id) DO UPDATE SET seq = detection_late.seq + 1,
			from_at = CASE WHEN excluded.from_at < detection_late.from_at THEN excluded.from_at ELSE detection_late.from_at END`, args...); err != nil {
			return err
		}
	}
	return nil
}

// firstOf gives the earliest start of each meter's intervals.
func firstOf(parts []models.Interval) map[string]time.Time {
	first := make(map[string]time.Time, len(parts))
	for i := range parts {
		if at, seen := first[parts[i].Meter]; !seen || parts[i].Start.Before(at) {
			first[parts[i].Meter] = parts[i].Start
		}
	}
	return first
}

// LateMeter is a meter of which an interval changed that detection may have gone
// through.
type LateMeter struct {
	Meter string
	From  time.Time
	Seq   int64
}

// LateMeters gives those of the meters that are late.
func (tx *Tx) LateMeters(meters []string) ([]LateMeter, error) {
	type row struct {
		MeterID string `gorm:"column:meter_id"`
		FromAt  int64  `gorm:"column:from_at"`
		Seq     int64  `gorm:"column:seq"`
	}
	var out []LateMeter
	for part := range chunks(meters, maxNames) {
		rows, err := many[row](tx, "SELECT meter_id, from_at, seq FROM detection_late WHERE meter_id IN ?", part)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out = append(out, LateMeter{r.MeterID, instant(r.FromAt), r.Seq})
		}
	}
	return out, nil
}

// ForgetLate forgets what detection went through again, unless it changed since.
func (tx *Tx) ForgetLate(late []LateMeter) error {
	for _, l := range late {
		if _, err := exec(tx, "DELETE FROM detection_late WHERE meter_id = ? AND seq = ?", l.Meter, l.Seq); err != nil {
			return err
		}
	}
	return nil
}

// DetectionStream is how far detection went through the intervals of a substation.
type DetectionStream struct {
	Substation string
	Start      time.Time // of the first day
	At         time.Time // intervals that start before are gone through
	Version    int64     // 0: never begun
}

type detectionStreamRow struct {
	Substation string `gorm:"column:substation_id"`
	StartAt    int64  `gorm:"column:start_at"`
	At         int64  `gorm:"column:at"`
	Version    int64  `gorm:"column:version"`
}

// DetectionStream gives it; one that was never begun has version 0.
func (tx *Tx) DetectionStream(substation string) (DetectionStream, error) {
	rows, err := many[detectionStreamRow](tx, "SELECT * FROM detection_streams WHERE substation_id = ?", substation)
	if err != nil || len(rows) == 0 {
		return DetectionStream{Substation: substation}, err
	}
	r := rows[0]
	return DetectionStream{r.Substation, instant(r.StartAt), instant(r.At), r.Version}, nil
}

// SetDetectionStream saves it when the row still has the version before, and gives
// CodeConflict when another process went on meanwhile.
func (tx *Tx) SetDetectionStream(d DetectionStream) error {
	var n int64
	var err error
	if d.Version == 1 {
		n, err = exec(tx, `INSERT INTO detection_streams (substation_id, start_at, at, version) VALUES (?, ?, ?, 1) ON CONFLICT DO NOTHING`,
			d.Substation, micros(d.Start), micros(d.At))
	} else {
		n, err = exec(tx, `UPDATE detection_streams SET start_at = ?, at = ?, version = ? WHERE substation_id = ? AND version = ?`,
			micros(d.Start), micros(d.At), d.Version, d.Substation, d.Version-1)
	}
	if err == nil && n != 1 {
		return errStale
	}
	return err
}

// Checkpoint is the state of detection at an instant.
type Checkpoint struct {
	At    time.Time
	State []byte
}

// NewestCheckpoint gives the newest checkpoint of a substation that is not after the
// instant; the zero value when there is none.
func (tx *Tx) NewestCheckpoint(substation string, until time.Time) (Checkpoint, error) {
	type row struct {
		At    int64  `gorm:"column:at"`
		State []byte `gorm:"column:state"`
	}
	rows, err := many[row](tx, "SELECT at, state FROM detection_checkpoints WHERE substation_id = ? AND at <= ? ORDER BY at DESC LIMIT 1", substation, micros(until))
	if err != nil || len(rows) == 0 {
		return Checkpoint{}, err
	}
	return Checkpoint{instant(rows[0].At), rows[0].State}, nil
}

// KeepCheckpoints replaces the checkpoints of a substation: those after an instant
// are dropped, new ones added, and of all only those that keep approves of stay.
func (tx *Tx) KeepCheckpoints(substation string, after time.Time, fresh []Checkpoint, keep func(at time.Time) bool) error {
	if _, err := exec(tx, "DELETE FROM detection_checkpoints WHERE substation_id = ? AND at > ?", substation, micros(after)); err != nil {
		return err
	}
	for _, c := range fresh {
		if _, err := exec(tx, `INSERT INTO detection_checkpoints (substation_id, at, state) VALUES (?, ?, ?)
			ON CONFLICT (substation_id, at) DO UPDATE SET state = excluded.state`, substation, micros(c.At), c.State); err != nil {
			return err
		}
	}
	all, err := many[int64](tx, "SELECT at FROM detection_checkpoints WHERE substation_id = ?", substation)
	for _, at := range all {
		if err == nil && !keep(instant(at)) {
			_, err = exec(tx, "DELETE FROM detection_checkpoints WHERE substation_id = ? AND at = ?", substation, at)
		}
	}
	return err
}

// FirstInterval is the start of the first interval of any of the meters that is not
// before an instant; zero when there is none.
func (tx *Tx) FirstInterval(meters []string, from time.Time) (first time.Time, err error) {
	for part := range chunks(meters, maxNames) {
		rows, err := many[int64](tx, `SELECT COALESCE(MIN(start_at), 0) FROM intervals WHERE meter_id IN ? AND start_at >= ?`, part, micros(from))
		if err != nil {
			return first, err
		}
		if at := instant(rows[0]); rows[0] != 0 && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first, nil
}

// LastIntervals gives the start of the last interval in which something was measured,
// of each of the meters that has one.
func (tx *Tx) LastIntervals(meters []string) (map[string]time.Time, error) {
	type row struct {
		ID   string `gorm:"column:id"`
		Last int64  `gorm:"column:last"`
	}
	out := map[string]time.Time{}
	for part := range chunks(meters, maxNames) {
		rows, err := many[row](tx, `SELECT m.id AS id, COALESCE((SELECT i.start_at FROM intervals i
				WHERE i.meter_id = m.id AND (i.covered > 0 OR i.counter_covered > 0) ORDER BY i.start_at DESC LIMIT 1), 0) AS last
			FROM meters m WHERE m.id IN ?`, part)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Last != 0 {
				out[r.ID] = instant(r.Last)
			}
		}
	}
	return out, nil
}

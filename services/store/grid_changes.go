package store

import "time"

// GridChanges gives the instants, each once and in order, at which something of the grid
// below a substation was recorded or changed: its feeders, what is or was connected to
// them, and the meters there.
func (tx *Tx) GridChanges(substation string) ([]time.Time, error) {
	rows, err := many[int64](tx, `WITH own AS (SELECT id, code FROM feeders WHERE substation_id = ?),
		points AS (SELECT id, code FROM connection_points WHERE feeder_id IN (SELECT id FROM own)
			UNION SELECT id, code FROM connection_points_history WHERE feeder_id IN (SELECT id FROM own)),
		names AS (SELECT id AS name FROM own UNION SELECT code FROM own UNION SELECT id FROM points UNION SELECT code FROM points),
		measured AS (SELECT id FROM meters WHERE node_id IN (SELECT name FROM names)
			UNION SELECT id FROM meters_history WHERE node_id IN (SELECT name FROM names)),
		instants AS (SELECT recorded_at AS at FROM feeders WHERE id IN (SELECT id FROM own)
			UNION SELECT replaced_at FROM feeders_history WHERE id IN (SELECT id FROM own)
			UNION SELECT recorded_at FROM connection_points WHERE id IN (SELECT id FROM points)
			UNION SELECT replaced_at FROM connection_points_history WHERE id IN (SELECT id FROM points)
			UNION SELECT recorded_at FROM meters WHERE id IN (SELECT id FROM measured)
			UNION SELECT replaced_at FROM meters_history WHERE id IN (SELECT id FROM measured))
		SELECT DISTINCT at FROM instants WHERE at > 0 ORDER BY at`, substation)
	out := make([]time.Time, len(rows))
	for i, at := range rows {
		out[i] = instant(at)
	}
	return out, err
}

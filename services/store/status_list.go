package store

// StatusEntry is what the status list says of one license or connection point.
type StatusEntry struct {
	Kind    string `gorm:"column:kind"` // license or connection
	ID      string `gorm:"column:id"`   // number or code
	Utility string `gorm:"column:utility_id"`
	Status  int64  `gorm:"column:status"` // 0 valid, 1 suspended, 2 revoked, 3 pending
}

// statusNow is what every license and connection point is at an instant, given twice.
// What has ended in any way is revoked: offline nobody needs to know how.
const statusNow = `SELECT 'license' AS kind, number AS id, '' AS utility_id,
	CASE WHEN state IN ('expired', 'revoked', 'terminated', 'superseded') OR valid_until <= ? THEN 2 WHEN state = 'suspended' THEN 1
		WHEN valid_from > ? THEN 3 ELSE 0 END AS status FROM licenses
	UNION ALL SELECT 'connection', code, utility_id,
	CASE state WHEN 'energised' THEN 0 WHEN 'disconnected' THEN 1 WHEN 'removed' THEN 2 ELSE 3 END FROM connection_points`

// StatusChanges gives what differs now from the status list as it was last counted.
func (tx *Tx) StatusChanges() ([]StatusEntry, error) {
	now := micros(tx.Now)
	return many[StatusEntry](tx, `SELECT s.kind, s.id, s.utility_id, s.status FROM (`+statusNow+`) s
		LEFT JOIN status_entries e ON e.kind = s.kind AND e.id = s.id
		WHERE e.id IS NULL OR e.status <> s.status OR e.utility_id <> s.utility_id ORDER BY s.kind, s.id`, now, now)
}

// NextStatusVersion counts the version of the status list up. Transactions that do so
// follow one another.
func (tx *Tx) NextStatusVersion() (int64, error) {
	return one[int64](tx, "status list", "version", "UPDATE status_version SET version = version + 1 WHERE one = 1 RETURNING version")
}

// StatusVersion is the version of the status list, 0 before it was first counted.
func (tx *Tx) StatusVersion() (int64, error) {
	return one[int64](tx, "status list", "version", "SELECT version FROM status_version WHERE one = 1")
}

// SetStatus saves what the list says of something from a version on.
func (tx *Tx) SetStatus(e StatusEntry, version int64) error {
	_, err := exec(tx, `INSERT INTO status_entries (kind, id, utility_id, status, version) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (kind, id) DO UPDATE SET utility_id = excluded.utility_id, status = excluded.status, version = excluded.version`,
		e.Kind, e.ID, e.Utility, e.Status, version)
	return err
}

// StatusSince gives what changed after a version, all with 0, in the order of kind and
// id: every license, and the connection points of a utility or of all with "".
func (tx *Tx) StatusSince(version int64, utility string) ([]StatusEntry, error) {
	return many[StatusEntry](tx, `SELECT kind, id, utility_id, status FROM status_entries
		WHERE version > ? AND (kind = 'license' OR ? = '' OR utility_id = ?) ORDER BY kind, id`, version, utility, utility)
}

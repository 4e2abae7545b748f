package store

import (
	"time"

	"rigistry/models"
)

// PolledMeter is a meter that is read over Modbus, and when it last was.
type PolledMeter struct {
	ID, Code, Utility string
	Profile, URL      string
	Unit              uint8
	Role              models.MeterRole
	Node              models.Ref
	Every             time.Duration  // the poll interval
	LastAt            time.Time      // of the newest reading, zero when there is none
	Quality           models.Quality // of that
	LastGood          time.Time      // of the newest reading with values, zero when there is none
	Installed         time.Time
}

type polledRow struct {
	ID        string `gorm:"column:id"`
	Code      string `gorm:"column:code"`
	Utility   string `gorm:"column:utility"`
	Profile   string `gorm:"column:profile"`
	URL       string `gorm:"column:url"`
	Unit      int64  `gorm:"column:unit"`
	Role      string `gorm:"column:role"`
	NodeKind  string `gorm:"column:node_kind"`
	NodeID    string `gorm:"column:node_id"`
	PollMs    int64  `gorm:"column:poll_ms"`
	Installed int64  `gorm:"column:installed_from"`
}

// PolledMeters gives every meter that is read over Modbus and still installed, by code.
func (tx *Tx) PolledMeters() ([]PolledMeter, error) {
	rows, err := many[polledRow](tx, `SELECT id, code, utility, profile, url, unit, role, node_kind, node_id, poll_ms, installed_from
		FROM meters WHERE profile <> '' AND url <> '' AND installed_until = 0 ORDER BY code`)
	if err != nil {
		return nil, err
	}
	states, err := tx.MeterStates(nil)
	out := make([]PolledMeter, len(rows))
	for i, r := range rows {
		out[i] = PolledMeter{ID: r.ID, Code: r.Code, Utility: r.Utility, Profile: r.Profile, URL: r.URL, Unit: uint8(r.Unit),
			Role: models.MeterRole(r.Role), Node: models.Ref{Kind: r.NodeKind, ID: r.NodeID}, Every: time.Duration(r.PollMs) * time.Millisecond,
			Installed: instant(r.Installed)}
		if st, read := states[r.ID]; read {
			out[i].LastAt, out[i].Quality, out[i].LastGood = st.Latest.At, st.Latest.Quality, st.Base.At
		}
	}
	return out, err
}

// UnitReport is what an edge collector said about the polling of a meter; Body is the
// metering service's own form.
type UnitReport struct {
	Meter     string `gorm:"column:meter_id"`
	Collector string `gorm:"column:collector"`
	Reported  int64  `gorm:"column:reported_at"` // microseconds
	Body      []byte `gorm:"column:body"`
}

// KeepUnitReports replaces the reports of these meters.
func (tx *Tx) KeepUnitReports(reports []UnitReport) error {
	n := len(reports)
	ids, names, bodies, at := make([]string, n), make([]string, n), make([][]byte, n), make([]int64, n)
	for i, r := range reports {
		ids[i], names[i], bodies[i], at[i] = r.Meter, r.Collector, r.Body, micros(tx.Now)
	}
	return insertBulks(tx, []bulkInsert{{bulk{"unit_reports", n, []bulkColumn{{name: "meter_id", texts: ids}, {name: "collector", texts: names},
		{name: "reported_at", ints: at}, {name: "body", bodies: bodies}}},
		" ON CONFLICT (meter_id) DO UPDATE SET collector = excluded.collector, reported_at = excluded.reported_at, body = excluded.body"}})
}

// UnitReports gives the reports that came since, of all meters.
func (tx *Tx) UnitReports(since time.Time) ([]UnitReport, error) {
	return many[UnitReport](tx, "SELECT meter_id, collector, reported_at, body FROM unit_reports WHERE reported_at >= ?", micros(since))
}

// UnitReport gives the report about a meter, or CodeNotFound.
func (tx *Tx) UnitReport(meter string) (UnitReport, error) {
	return one[UnitReport](tx, "report", meter, "SELECT meter_id, collector, reported_at, body FROM unit_reports WHERE meter_id = ?", meter)
}

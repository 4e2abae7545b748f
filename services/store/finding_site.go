package store

import (
	"time"

	"rigistry/models"
)

// PointPDU is a PDU behind a connection point; Meter is the zero value when it has none
// that is installed.
type PointPDU struct {
	Point string // connection point id
	Code  string
	Meter models.Meter
}

// FeederPDUs gives the PDUs behind the connection points of a feeder with the meters
// that are installed at them at the instant, by point and code.
func (tx *Tx) FeederPDUs(feeder string, at time.Time) ([]PointPDU, error) {
	pdus, err := many[pduRow](tx, `SELECT d.* FROM pdus d JOIN connection_points c ON c.id = d.connection_point_id
		WHERE c.feeder_id = ? ORDER BY d.connection_point_id, d.code`, feeder)
	if err != nil || len(pdus) == 0 {
		return nil, err
	}
	meters, err := many[meterRow](tx, `SELECT m.* FROM meters m WHERE m.node_kind = 'pdu' AND m.installed_from <= ?
		AND (m.installed_until = 0 OR m.installed_until > ?) AND m.node_id IN (
			SELECT d.id FROM pdus d JOIN connection_points c ON c.id = d.connection_point_id WHERE c.feeder_id = ?
			UNION SELECT d.code FROM pdus d JOIN connection_points c ON c.id = d.connection_point_id WHERE c.feeder_id = ?)
		ORDER BY m.code`, micros(at), micros(at), feeder, feeder)
	byNode := make(map[string]models.Meter, len(meters))
	for _, r := range meters {
		if m := r.meter(); m.Role == models.MeterPDU && byNode[m.Node.ID].ID == "" {
			byNode[m.Node.ID] = m
		}
	}
	out := make([]PointPDU, 0, len(pdus))
	for _, d := range pdus {
		m, named := byNode[d.ID]
		if !named {
			m = byNode[d.Code]
		}
		out = append(out, PointPDU{Point: d.Point, Code: d.Code, Meter: m})
	}
	return out, err
}

// SiteRigs are the rigs that work at a site by the register.
type SiteRigs struct {
	Units   int64
	Power   models.Watts // sum of their nameplates
	Changed time.Time    // when the register last heard of a rig there, come, gone or changed
}

// RigsAtSite gives the rigs that work at a site now, whoever owns them.
func (tx *Tx) RigsAtSite(site string) (SiteRigs, error) {
	type row struct {
		Units   int64 `gorm:"column:units"`
		Power   int64 `gorm:"column:power"`
		Changed int64 `gorm:"column:changed"`
	}
	rows, err := many[row](tx, `SELECT COUNT(*) AS units, CAST(COALESCE(SUM(nameplate_w), 0) AS BIGINT) AS power,
		CAST(COALESCE(MAX(updated_at), 0) AS BIGINT) AS changed FROM equipment WHERE site = ? AND state = 'active'`, site)
	if err != nil || len(rows) == 0 {
		return SiteRigs{}, err
	}
	gone, err := many[int64](tx, `SELECT CAST(COALESCE(MAX(recorded_at), 0) AS BIGINT) FROM equipment_events
		WHERE before_site = ? AND before_site <> '' AND (after_site <> before_site OR after_state <> before_state)`, site)
	out := SiteRigs{Units: rows[0].Units, Power: models.Watts(rows[0].Power)}
	if changed := max(rows[0].Changed, max(0, first(gone))); changed > 0 {
		out.Changed = instant(changed)
	}
	return out, err
}

func first(list []int64) int64 {
	if len(list) == 0 {
		return 0
	}
	return list[0]
}

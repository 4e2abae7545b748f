package store

import (
	"fmt"
	"maps"
	"sync"

	"rigistry/models"
)

// place is where the readings of a meter are kept: the leading columns of their keys.
// All meters of a substation share a place, so that a distributed PostgreSQL can keep
// them together.
type place struct {
	number int64 // of the meter
	place  int64 // of the substation, 0 when it is not known
}

// places remembers what meter_places holds: its rows never change.
type places struct {
	mu sync.Mutex
	of map[string]place // by meter id
	// months are the partitions that are known to be there.
	months map[string]bool
	// pending are batches that wait to be folded.
	pending pendingCache
	// layouts are those of registers.
	layouts layoutCache
}

func (p *places) get(ids []string) (known map[string]place, unknown []string) {
	known = make(map[string]place, len(ids))
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range ids {
		if at, ok := p.of[id]; ok {
			known[id] = at
		} else {
			unknown = append(unknown, id)
		}
	}
	return known, unknown
}

func (p *places) put(found map[string]place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[string]place{}
	}
	maps.Copy(p.of, found)
}

type placeRow struct {
	MeterID string `gorm:"column:meter_id"`
	Number  int64  `gorm:"column:number"`
	Place   int64  `gorm:"column:place"`
}

// placesOf gives the places of the meters that have one.
func (tx *Tx) placesOf(ids []string) (map[string]place, error) {
	out, unknown := tx.places.get(ids)
	found := map[string]place{}
	for part := range chunks(unknown, maxNames) {
		rows, err := many[placeRow](tx, "SELECT meter_id, number, place FROM meter_places WHERE meter_id IN ?", part)
		if err != nil {
			return nil, fmt.Errorf("find where readings are kept: %w", err)
		}
		for _, r := range rows {
			found[r.MeterID] = place{r.Number, r.Place}
		}
	}
	if !tx.made { // what this transaction made may still be undone
		tx.places.put(found)
	}
	maps.Copy(out, found)
	return out, nil
}

// placeAll is placesOf, and gives a place to those that have none.
func (tx *Tx) placeAll(ids []string) (map[string]place, error) {
	out, err := tx.placesOf(ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if _, ok := out[id]; ok {
			continue
		}
		if out[id], err = tx.newPlace(id); err != nil {
			return nil, fmt.Errorf("find a place for the readings of meter %s: %w", id, err)
		}
	}
	return out, nil
}

// newPlace gives a meter the place of its substation.
func (tx *Tx) newPlace(id string) (place, error) {
	tx.made = true
	substation, err := one[string](tx, "meter", id, `SELECT COALESCE(MAX(f.substation_id), MAX(CASE WHEN m.node_kind = 'substation' THEN m.node_id END), '')
		FROM meters m LEFT JOIN pdus d ON m.node_kind = 'pdu' AND d.id = m.node_id
		LEFT JOIN connection_points c ON c.id = CASE m.node_kind WHEN 'pdu' THEN d.connection_point_id WHEN 'connection_point' THEN m.node_id END
		LEFT JOIN feeders f ON f.id = CASE m.node_kind WHEN 'feeder' THEN m.node_id ELSE c.feeder_id END WHERE m.id = ?`, id)
	if err != nil {
		return place{}, err
	}
	number, err := one[int64](tx, "place", id, "SELECT COALESCE(MAX(number), 0) + 1 FROM meter_places")
	if err != nil {
		return place{}, err
	}
	at := place{number: number}
	if substation != "" {
		at.place, err = one[int64](tx, "place", substation, "SELECT COALESCE(MAX(place), ?) FROM meter_places WHERE substation = ?", number, substation)
		if err != nil {
			return place{}, err
		}
	}
	_, err = exec(tx, "INSERT INTO meter_places (meter_id, number, place, substation) VALUES (?, ?, ?, ?)", id, at.number, at.place, substation)
	return at, err
}

// placeOf gives the place of a meter; false when it has no readings.
func (tx *Tx) placeOf(id string) (place, bool, error) {
	all, err := tx.placesOf([]string{id})
	at, ok := all[id]
	return at, ok, err
}

// metersAt gives the ids of the meters with the numbers.
func (tx *Tx) metersAt(numbers []int64) (map[int64]string, error) {
	out := make(map[int64]string, len(numbers))
	for part := range chunks(numbers, maxNames) {
		rows, err := many[placeRow](tx, "SELECT meter_id, number, place FROM meter_places WHERE number IN ?", part)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.Number] = r.MeterID
		}
	}
	return out, nil
}

// quarterOf is the start of the quarter of an hour that holds the instant, in µs.
func quarterOf(us int64) int64 {
	const quarter = int64(models.IntervalLength / 1000)
	return us - ((us%quarter)+quarter)%quarter
}

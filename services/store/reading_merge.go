package store

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"rigistry/models"
)

// pendingOf gives the readings of meters that wait, by meter and in order of time; of all
// meters when ids is nil.
func (tx *Tx) pendingOf(ids []string) (map[string][]models.Reading, error) {
	var places []int64
	want := map[string]bool{}
	if ids != nil {
		at, err := tx.placesOf(ids)
		if err != nil || len(at) == 0 {
			return nil, err
		}
		places = append(places, 0)
		for id, p := range at {
			want[id] = true
			if !slices.Contains(places, p.place) {
				places = append(places, p.place)
			}
		}
	}
	keys, err := tx.pendingKeys(places)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	bodies, err := tx.pendingBodies(keys)
	if err != nil {
		return nil, err
	}
	if ids == nil {
		want = nil
	}
	return readPending(bodies, want)
}

func readPending(bodies [][]byte, want map[string]bool) (map[string][]models.Reading, error) {
	out := map[string][]models.Reading{}
	var wanted func(string) bool
	if want != nil {
		wanted = func(id string) bool { return want[id] }
	}
	for _, b := range bodies {
		if err := models.ParsePacket(b, wanted, func(meter string, part []models.Reading) {
			out[meter] = append(out[meter], part...)
		}); err != nil {
			return nil, fmt.Errorf("readings that wait to be folded: %w", err)
		}
	}
	return byTime(out), nil
}

// byTime puts the readings of each meter in order of time.
func byTime(of map[string][]models.Reading) map[string][]models.Reading {
	for _, rows := range of {
		compare := func(a, b models.Reading) int { return a.At.Compare(b.At) }
		if !slices.IsSortedFunc(rows, compare) {
			slices.SortFunc(rows, compare)
		}
	}
	return of
}

// mergePending adds to the intervals of a meter in [from, until) what waits of it.
func (tx *Tx) mergePending(rows []models.Interval, ids []string, from, until time.Time) ([]models.Interval, error) {
	parts, err := tx.pendingIntervals(ids, from, until)
	if err != nil || len(parts) == 0 {
		return rows, err
	}
	type key struct {
		meter string
		start int64
	}
	at := make(map[key]int, len(rows))
	for i := range rows {
		at[key{rows[i].Meter, rows[i].Start.UnixMicro()}] = i
	}
	for _, p := range parts {
		if i, there := at[key{p.Meter, p.Start.UnixMicro()}]; there {
			rows[i] = rows[i].Add(p)
		} else {
			rows = append(rows, p)
		}
	}
	slices.SortFunc(rows, func(a, b models.Interval) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Meter, b.Meter)) })
	return rows, nil
}

// pendingIntervals gives what waiting readings of the meters add to intervals in
// [from, until).
func (tx *Tx) pendingIntervals(ids []string, from, until time.Time) ([]models.Interval, error) {
	of, err := tx.pendingOf(ids)
	if err != nil || len(of) == 0 {
		return nil, err
	}
	some := make([]string, 0, len(of))
	for id := range of {
		some = append(some, id)
	}
	states, err := tx.keptStates(some)
	if err != nil {
		return nil, err
	}
	var out []models.Interval
	for id, rows := range of {
		if tx.past != nil {
			rows = slices.DeleteFunc(rows, func(r models.Reading) bool { return r.At.After(tx.Now) })
		}
		state := states[id]
		out = append(out, foldOf(id, &state, rows, from, until)...)
	}
	return out, nil
}

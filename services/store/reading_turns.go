package store

import "fmt"

// MetersTurn counts the changes of the meters.
func (tx *Tx) MetersTurn() (int64, error) {
	return one[int64](tx, "count of the meters' changes", "", "SELECT turn FROM meters_turn WHERE one = 1")
}

// ReadingPlaces gives where the readings of each meter are kept, and a place to those
// that have none.
func (tx *Tx) ReadingPlaces(ids []string) (map[string]int64, error) {
	at, err := tx.placeAll(ids)
	out := make(map[string]int64, len(at))
	for id, p := range at {
		out[id] = p.place
	}
	return out, err
}

// TakeTurns counts the turns of places up and gives what they are now: in every place
// one transaction writes readings at a time, and one that waited sees another turn than
// the one it remembers.
func (tx *Tx) TakeTurns(places []int64) (map[int64]int64, error) {
	type turn struct {
		Place int64 `gorm:"column:place"`
		Turn  int64 `gorm:"column:turn"`
	}
	out := make(map[int64]int64, len(places))
	for part := range chunks(places, maxRows) {
		args := make([]any, len(part))
		for i, p := range part {
			args[i] = p
		}
		rows, err := many[turn](tx, "INSERT INTO reading_turns (place, turn) SELECT p, 1 FROM ("+unionOf(len(part))+
			") x WHERE true ON CONFLICT (place) DO UPDATE SET turn = reading_turns.turn + 1 RETURNING place, turn", args...)
		if err != nil {
			return nil, fmt.Errorf("take the turn of places: %w", err)
		}
		for _, r := range rows {
			out[r.Place] = r.Turn
		}
	}
	return out, nil
}

// unionOf is a query for n numbers.
func unionOf(n int) string {
	b := []byte("SELECT CAST(? AS BIGINT) AS p")
	for range n - 1 {
		b = append(b, " UNION ALL SELECT CAST(? AS BIGINT)"...)
	}
	return string(b)
}

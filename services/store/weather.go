package store

import (
	"maps"
	"slices"
	"time"

	"rigistry/models"
)

type weatherRow struct {
	Place    string `gorm:"column:place"`
	At       int64  `gorm:"column:at"`
	Received int64  `gorm:"column:received_at"`
	MilliC   int64  `gorm:"column:milli_c"`
	Source   string `gorm:"column:source"`
}

// lastWeather picks of each place and instant the reading that was received last.
const lastWeather = `SELECT w.* FROM weather_readings w WHERE w.place IN ? AND w.at >= ? AND w.at < ?
	AND NOT EXISTS (SELECT 1 FROM weather_readings n WHERE n.place = w.place AND n.at = w.at AND n.received_at > w.received_at)`

// Weather gives the readings of places in [from, until), by time and place; of each
// instant the one that was received last.
func (tx *Tx) Weather(places []string, from, until time.Time) ([]models.Temperature, error) {
	rows, err := many[weatherRow](tx, lastWeather+" ORDER BY w.at, w.place", places, micros(from), micros(until))
	out := make([]models.Temperature, len(rows))
	for i, r := range rows {
		out[i] = models.Temperature{Place: r.Place, At: instant(r.At), MilliC: r.MilliC, Source: r.Source, Received: instant(r.Received)}
	}
	return out, err
}

// KeepWeather adds the readings that say something new, received now, and gives them:
// those of an instant that is not known yet, and those, counted, that correct what is
// known of one. No two readings may be of the same place and instant.
func (tx *Tx) KeepWeather(readings []models.Temperature) (fresh []models.Temperature, corrected int, err error) {
	if len(readings) == 0 {
		return nil, 0, nil
	}
	places, from, until := map[string]bool{}, readings[0].At, readings[0].At
	for _, r := range readings {
		places[r.Place] = true
		if r.At.Before(from) {
			from = r.At
		}
		if r.At.After(until) {
			until = r.At
		}
	}
	type key struct {
		place string
		at    int64
	}
	known := map[key]int64{}
	for part := range chunks(slices.Sorted(maps.Keys(places)), maxNames) {
		before, err := tx.Weather(part, from, until.Add(time.Microsecond))
		if err != nil {
			return nil, 0, err
		}
		for _, r := range before {
			known[key{r.Place, micros(r.At)}] = r.MilliC
		}
	}
	for _, r := range readings {
		was, there := known[key{r.Place, micros(r.At)}]
		if there && was == r.MilliC {
			continue
		}
		if there {
			corrected++
		}
		r.Received = tx.Now
		fresh = append(fresh, r)
	}
	for part := range chunks(fresh, maxNames/5) {
		args := make([]any, 0, 5*len(part))
		for _, r := range part {
			args = append(args, r.Place, micros(r.At), micros(r.Received), r.MilliC, r.Source)
		}
		if _, err := exec(tx, "INSERT INTO weather_readings (place, at, received_at, milli_c, source) VALUES "+valuesList(len(part), 5)+
			" ON CONFLICT (place, at, received_at) DO UPDATE SET milli_c = excluded.milli_c, source = excluded.source", args...); err != nil {
			return nil, 0, err
		}
	}
	return fresh, corrected, nil
}

// WeatherCover is what is known of a place.
type WeatherCover struct {
	Place       string
	First, Last time.Time
	Count       int64  // of instants
	Source      string // of the newest reading
}

// WeatherCovers gives every place of which a temperature is known, by its code.
func (tx *Tx) WeatherCovers() ([]WeatherCover, error) {
	type row struct {
		Place  string `gorm:"column:place"`
		First  int64  `gorm:"column:first"`
		Last   int64  `gorm:"column:last"`
		Count  int64  `gorm:"column:count"`
		Source string `gorm:"column:source"`
	}
	rows, err := many[row](tx, `SELECT g.*, (SELECT w.source FROM weather_readings w WHERE w.place = g.place AND w.at = g.last ORDER BY w.received_at DESC LIMIT 1) AS source
		FROM (SELECT place, MIN(at) AS first, MAX(at) AS last, COUNT(DISTINCT at) AS count FROM weather_readings GROUP BY place) g ORDER BY g.place`)
	out := make([]WeatherCover, len(rows))
	for i, r := range rows {
		out[i] = WeatherCover{r.Place, instant(r.First), instant(r.Last), r.Count, r.Source}
	}
	return out, err
}

// LateWeather says from when on the weather of a substation changed that detection may
// have gone through.
type LateWeather struct {
	From time.Time
	Seq  int64 // 0: it did not
}

// NoteLateWeather notes for detection that the weather of substations changed, each from
// an instant on.
func (tx *Tx) NoteLateWeather(first map[string]time.Time) error {
	for part := range chunks(slices.Sorted(maps.Keys(first)), maxNames/3) {
		args := make([]any, 0, 3*len(part))
		for _, id := range part {
			args = append(args, id, micros(first[id]), 1)
		}
		if _, err := exec(tx, "INSERT INTO detection_late_weather (substation_id, from_at, seq) VALUES "+valuesList(len(part), 3)+
			` ON CONFLICT (substation_id) DO UPDATE SET seq = detection_late_weather.seq + 1,
			from_at = CASE WHEN excluded.from_at < detection_late_weather.from_at THEN excluded.from_at ELSE detection_late_weather.from_at END`, args...); err != nil {
			return err
		}
	}
	return nil
}

// LateWeather gives what is noted of a substation.
func (tx *Tx) LateWeather(substation string) (out LateWeather, err error) {
	type row struct {
		From int64 `gorm:"column:from_at"`
		Seq  int64 `gorm:"column:seq"`
	}
	rows, err := many[row](tx, "SELECT from_at, seq FROM detection_late_weather WHERE substation_id = ?", substation)
	if err != nil || len(rows) == 0 {
		return out, err
	}
	return LateWeather{instant(rows[0].From), rows[0].Seq}, nil
}

// ForgetLateWeather forgets what detection went through again, unless it changed since.
func (tx *Tx) ForgetLateWeather(substation string, seq int64) error {
	_, err := exec(tx, "DELETE FROM detection_late_weather WHERE substation_id = ? AND seq = ?", substation, seq)
	return err
}

// FeedersOfLateWeather gives the feeders of substations of which the weather changed.
func (tx *Tx) FeedersOfLateWeather() ([]string, error) {
	return many[string](tx, "SELECT f.id FROM feeders f JOIN detection_late_weather l ON l.substation_id = f.substation_id ORDER BY f.id")
}

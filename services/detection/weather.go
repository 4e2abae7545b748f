package detection

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/store"
)

const (
	// lateWeather is how long after a day its temperatures may still come without counting
	// as late: detection closes the day later.
	lateWeather = 45 * time.Second
	// mostWeather is how many readings a batch has at most.
	mostWeather = 10_000
)

// WeatherKept says what became of a batch of temperatures.
type WeatherKept struct {
	New, Corrected, Same int
}

// weatherFact is what the ledger keeps of a batch of temperatures.
type weatherFact struct {
	Places    []string  `json:"places"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	New       int       `json:"new"`
	Corrected int       `json:"corrected"`
	Digest    string    `json:"digest"` // SHA-256 of place, time and thousandths of a degree, a line each, by place and time
}

// RecordWeather keeps outdoor temperatures that a station or a service measured. The same
// readings again change nothing; another value of the same instant takes the place of the
// first. Days that detection has closed, of the last four weeks, are gone through again
// where they changed, and only at the substations that the places are the weather of.
func (s *Service) RecordWeather(ctx context.Context, actor models.Actor, source string, readings []models.Temperature) (kept WeatherKept, err error) {
	if err := models.Can(actor, models.ActWeatherWrite, models.Scope{}); err != nil {
		return kept, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		kept = WeatherKept{}
		all, err := substationsOf(tx)
		if err != nil {
			return err
		}
		batch, err := checkWeather(readings, source, all, tx.Now)
		if err != nil {
			return err
		}
		fresh, corrected, err := tx.KeepWeather(batch)
		if err != nil {
			return err
		}
		kept = WeatherKept{New: len(fresh) - corrected, Corrected: corrected, Same: len(readings) - len(fresh)}
		if len(fresh) == 0 {
			return nil
		}
		if err := tx.NoteLateWeather(lateFor(all, fresh, tx.Now)); err != nil {
			return err
		}
		_, err = tx.Append(models.Entry{Kind: "weather.recorded", Subject: models.Ref{Kind: "weather", ID: tx.NewID()}, Actor: actor, Body: weatherFactOf(fresh, corrected)})
		return err
	})
	return kept, err
}

// checkWeather gives a batch with its places in one form, each instant once, by place and
// time, or says what is wrong with it.
func checkWeather(readings []models.Temperature, source string, substations []models.Substation, now time.Time) ([]models.Temperature, error) {
	var v models.Invalid
	if n := len(readings); n == 0 || n > mostWeather {
		v.Add("/readings", "range", "Send 1 to %d readings at a time.", mostWeather)
		return nil, v.Err()
	}
	codes := map[string]bool{}
	for _, b := range substations {
		codes[b.Code] = true
	}
	type key struct {
		place string
		at    time.Time
	}
	seen := map[key]int64{}
	out := make([]models.Temperature, 0, len(readings))
	for i, r := range readings {
		pointer := fmt.Sprintf("/readings/%d", i)
		r.Place, r.At, r.Source = models.WeatherPlace(r.Place), r.At.UTC().Truncate(time.Microsecond), strings.TrimSpace(source)
		r.Check(&v, pointer, now)
		if r.Place != "" && !models.KatoPlace(r.Place) && !codes[r.Place] {
			v.Add(pointer+"/place", "unknown", "%q is neither a KATO code nor the code of a substation.", r.Place)
		}
		k := key{r.Place, r.At}
		if was, twice := seen[k]; twice {
			if was != r.MilliC {
				v.Add(pointer, "duplicate", "This instant is in the batch twice, with two temperatures.")
			}
			continue
		}
		seen[k] = r.MilliC
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b models.Temperature) int {
		if c := strings.Compare(a.Place, b.Place); c != 0 {
			return c
		}
		return a.At.Compare(b.At)
	})
	return out, v.Err()
}

func weatherFactOf(fresh []models.Temperature, corrected int) weatherFact {
	f := weatherFact{First: fresh[0].At, Last: fresh[0].At, New: len(fresh) - corrected, Corrected: corrected}
	sum := sha256.New()
	places := map[string]bool{}
	for _, r := range fresh {
		places[r.Place] = true
		if r.At.Before(f.First) {
			f.First = r.At
		}
		if r.At.After(f.Last) {
			f.Last = r.At
		}
		_, _ = fmt.Fprintf(sum, "%s %d %d\n", r.Place, r.At.UnixMicro(), r.MilliC)
	}
	f.Places, f.Digest = slices.Sorted(maps.Keys(places)), "sha256:"+hex.EncodeToString(sum.Sum(nil))
	return f
}

// lateFor says of which substations the weather of a day that is over changed, and from
// the beginning of which day on. What is older than the checkpoints is kept and left alone.
func lateFor(substations []models.Substation, fresh []models.Temperature, now time.Time) map[string]time.Time {
	first := map[string]time.Time{}
	for _, r := range fresh {
		day := legalMidnight(r.At)
		if over := day.Add(24*time.Hour + lateWeather); over.After(now) || now.Sub(day) > weeklyFor {
			continue
		}
		if at, there := first[r.Place]; !there || day.Before(at) {
			first[r.Place] = day
		}
	}
	out := map[string]time.Time{}
	for _, b := range substations {
		for _, place := range models.WeatherPlaces(b.Code, b.Kato) {
			day, late := first[place]
			if at, there := out[b.ID]; late && (!there || day.Before(at)) {
				out[b.ID] = day
			}
		}
	}
	return out
}

// substationsOf gives all substations.
func substationsOf(tx *store.Tx) (out []models.Substation, err error) {
	for after := ""; ; {
		page, err := tx.Substations("", store.Page{Limit: 1000, After: after})
		if err != nil {
			return nil, err
		}
		for _, p := range page {
			out, after = append(out, p), p.Code
		}
		if len(page) < 1000 {
			return out, nil
		}
	}
}

// dayWeather gives the temperatures of a legal day that begins at an instant: of the
// closest place that has any, in order of time.
func dayWeather(tx *store.Tx, places []string, day time.Time) ([]models.Temperature, error) {
	if len(places) == 0 {
		return nil, nil
	}
	all, err := tx.Weather(places, day, day.Add(24*time.Hour))
	if err != nil {
		return nil, err
	}
	for _, place := range places {
		if own := slices.DeleteFunc(slices.Clone(all), func(t models.Temperature) bool { return t.Place != place }); len(own) > 0 {
			return own, nil
		}
	}
	return nil, nil
}

// tell hands a stream the temperatures of its day, before the day is closed.
func tell(e *stream.Engine, weather []models.Temperature) {
	for _, t := range weather {
		e.Weather(t.At.Unix(), t.Celsius())
	}
}

// WeatherPlace is a place of which temperatures are known, with the substations whose
// weather it is now: nothing closer to them told anything in the last day.
type WeatherPlace struct {
	store.WeatherCover
	Substations []string // codes
}

// WeatherPlaces gives the places of which a temperature is known, and the codes of the
// substations of which none came in the last day.
func (s *Service) WeatherPlaces(ctx context.Context, actor models.Actor) (out []WeatherPlace, without []string, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return nil, nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		covers, err := tx.WeatherCovers()
		if err != nil {
			return err
		}
		all, err := substationsOf(tx)
		if err != nil {
			return err
		}
		out, without = make([]WeatherPlace, len(covers)), nil
		for i, c := range covers {
			out[i] = WeatherPlace{WeatherCover: c}
		}
		for _, b := range all {
			i := -1
			for _, place := range models.WeatherPlaces(b.Code, b.Kato) {
				i = slices.IndexFunc(out, func(p WeatherPlace) bool { return p.Place == place && tx.Now.Sub(p.Last) < 24*time.Hour })
				if i >= 0 {
					break
				}
			}
			if i < 0 {
				without = append(without, b.Code)
				continue
			}
			out[i].Substations = append(out[i].Substations, b.Code)
		}
		return nil
	})
	return out, without, err
}

// mostWeatherDays is how long a span of temperatures is given at most.
const mostWeatherDays = 100

// Weather gives the temperatures of a place in [from, until), by time; zero instants are
// the last week.
func (s *Service) Weather(ctx context.Context, actor models.Actor, place string, from, until time.Time) (out []models.Temperature, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if until.IsZero() {
			until = tx.Now
		}
		if from.IsZero() {
			from = until.Add(-week)
		}
		if until.Sub(from) > mostWeatherDays*24*time.Hour || until.Before(from) {
			var v models.Invalid
			v.Add("?from", "range", "Ask for at most %d days, from before to.", mostWeatherDays)
			return v.Err()
		}
		out, err = tx.Weather([]string{models.WeatherPlace(place)}, from, until)
		return err
	})
	return out, err
}

package models

import (
	"slices"
	"testing"
	"time"
)

func TestWeatherPlaces_TheClosestComesFirstAndZerosSayTheWholeArea(t *testing.T) {
	for _, c := range []struct {
		substation, kato string
		want             []string
	}{
		{"PS12", "551035100", []string{"PS12", "551035100", "551035", "5510", "55"}},
		{"PS12", "551010000", []string{"PS12", "551010", "5510", "55"}},
		{"PS12", "550000000", []string{"PS12", "55"}},
		{"PS12", "55", []string{"PS12", "55"}},
		{"PS12", "", []string{"PS12"}},
	} {
		if got := WeatherPlaces(c.substation, c.kato); !slices.Equal(got, c.want) {
			t.Errorf("places of %s in %q are %q, want %q", c.substation, c.kato, got, c.want)
		}
	}
	for code, want := range map[string]string{"551000000": "5510", "100000000": "10", "PS12": "PS12", " 55 ": "55", "551035": "551035"} {
		if got := WeatherPlace(code); got != want {
			t.Errorf("place of %q is %q, want %q", code, got, want)
		}
	}
}

func TestTemperature_CheckRefusesForecastsOldOnesAndWhatNobodyMeasured(t *testing.T) {
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	good := Temperature{Place: "55", At: now.Add(-time.Hour), MilliC: -12_300}
	for name, c := range map[string]struct {
		change func(*Temperature)
		want   string
	}{
		"good":     {func(*Temperature) {}, ""},
		"no place": {func(r *Temperature) { r.Place = "" }, "/r/place"},
		"forecast": {func(r *Temperature) { r.At = now.Add(time.Hour) }, "/r/at"},
		"old":      {func(r *Temperature) { r.At = now.AddDate(-2, 0, 0) }, "/r/at"},
		"kelvin":   {func(r *Temperature) { r.MilliC = 260_850 }, "/r/celsius"},
		"no unit":  {func(r *Temperature) { r.MilliC = -90_001 }, "/r/celsius"},
	} {
		reading := good
		c.change(&reading)
		var v Invalid
		reading.Check(&v, "/r", now)
		got := ""
		if err, bad := v.Err().(*Error); bad {
			got = err.Fields[0].Pointer
		}
		if got != c.want {
			t.Errorf("%s: the fault is at %q, want %q", name, got, c.want)
		}
	}
}

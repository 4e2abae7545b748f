package models

import (
	"strings"
	"time"
)

// Temperature is the outdoor temperature of a place at an instant, as a station read it.
// A place is a KATO code, for everything in its area, or the code of a substation.
type Temperature struct {
	Place    string
	At       time.Time
	MilliC   int64 // thousandths of a degree Celsius
	Source   string
	Received time.Time
}

// Celsius gives the temperature in °C.
func (t Temperature) Celsius() float64 { return float64(t.MilliC) / 1000 }

const (
	// Readings of temperature are of the last year, at most a little ahead of this clock,
	// and within what was ever measured on earth, with some room.
	weatherOldest = 400 * 24 * time.Hour
	weatherAhead  = 10 * time.Minute
	weatherLowest = -90_000
	weatherMost   = 60_000
	// A place of KATO has two digits for a region and up to nine for a village.
	katoShortest, katoLongest = 2, 9
)

// WeatherPlace gives the place that a code names: a KATO code without the zeros that say
// "the whole area", anything else as it is.
func WeatherPlace(code string) string {
	code = strings.TrimSpace(code)
	if len(code) != katoLongest || !allDigits(code) {
		return code
	}
	code = strings.TrimSuffix(code, "000")
	for len(code) > katoShortest && len(code)%2 == 0 && strings.HasSuffix(code, "00") {
		code = code[:len(code)-2]
	}
	return code
}

// WeatherPlaces are the places whose temperature holds for a substation, the closest
// first: itself, its village, its district and its region.
func WeatherPlaces(substation, kato string) []string {
	kato = WeatherPlace(kato)
	out := []string{substation}
	for n := len(kato); n >= katoShortest; n-- {
		if n == len(kato) || n == 6 || n == 4 || n == katoShortest {
			out = append(out, kato[:n])
		}
	}
	return out
}

// KatoPlace tells whether a place is an area of KATO, and not one substation.
func KatoPlace(place string) bool {
	return len(place) >= katoShortest && len(place) <= katoLongest && allDigits(place)
}

// Check adds what is wrong with a reading at an instant; at is the pointer of the reading.
func (t Temperature) Check(v *Invalid, at string, now time.Time) {
	if t.Place == "" {
		v.Add(at+"/place", "required", "Name the place: a KATO code, or the code of a substation.")
	}
	switch {
	case t.At.After(now.Add(weatherAhead)):
		v.Add(at+"/at", "future", "This instant is still to come. Send what was measured, not a forecast.")
	case now.Sub(t.At) > weatherOldest:
		v.Add(at+"/at", "past", "Readings older than 400 days are not used. Leave them out.")
	}
	if t.MilliC < weatherLowest || t.MilliC > weatherMost {
		v.Add(at+"/celsius", "range", "The outdoor temperature is from −90 to 60 °C.")
	}
}

package stream

import (
	"math"
	"time"
)

// series gives floor or mean of known days with their heating degrees.
type series struct {
	day        []int
	y, h       []float64
	c, beta, s float64 // fit: y = c + beta·h, s its deviation
	hMin, hMax float64
	off        float64 // how days off differ from working days
}

func (e *Engine) seriesOf(m *meterState, from, until int, pick func(dayFeature) float32) series {
	var s series
	for d := max(from, e.oldest()); d < until; d++ {
		if f := m.feature[d%ring]; f.known {
			h := e.heat(d)
			if h != h {
				h = 0
			}
			s.day, s.y, s.h = append(s.day, d), append(s.y, float64(pick(f))), append(s.h, h)
		}
	}
	if !m.home {
		s.off = e.rest(&s)
	}
	s.fit()
	return s
}

// offset is what a day off differs by.
func (e *Engine) offset(s *series, d int) float64 {
	if s.off != 0 && e.weekend(d) {
		return s.off
	}
	return 0
}

// fit is a robust line with a slope that is not negative and shrinks to none.
func (s *series) fit() {
	if len(s.y) == 0 {
		s.c = math.NaN()
		return
	}
	s.c, s.s = center(s.y)
	s.hMin, s.hMax = s.h[0], s.h[0]
	for _, h := range s.h {
		s.hMin, s.hMax = math.Min(s.hMin, h), math.Max(s.hMax, h)
	}
	for range 3 {
		var sw, sh, sy, shh, shy float64
		for i, y := range s.y {
			w := 1.0
			if r := math.Abs(y - s.c - s.beta*s.h[i]); s.s > 0 && r > 1.345*s.s {
				w = 1.345 * s.s / r
			}
			sw, sh, sy, shh, shy = sw+w, sh+w*s.h[i], sy+w*y, shh+w*s.h[i]*s.h[i], shy+w*s.h[i]*y
		}
		mh, my := sh/sw, sy/sw
		s.beta = math.Max(0, (shy-sw*mh*my)/(shh-sw*mh*mh+1e-6+s.s*s.s/sq(0.3)))
		s.c = my - s.beta*mh
		r := make([]float64, len(s.y))
		for i, y := range s.y {
			r[i] = y - s.c - s.beta*s.h[i]
		}
		_, s.s = center(r)
	}
}

// coldest is the median of the coldest third of the days, or of the warmest.
func (s *series) coldest(cold bool) float64 {
	sorted := append([]float64(nil), s.h...)
	limit := quantileOf(sorted, 1.0/3)
	if cold {
		limit = quantileOf(sorted, 2.0/3)
	}
	var y []float64
	for i, h := range s.h {
		if cold && h >= limit || !cold && h <= limit {
			y = append(y, s.y[i])
		}
	}
	return quantileOf(y, 0.5)
}

// weekend is whether a day is a Saturday or a Sunday in the law's time zone.
func (e *Engine) weekend(d int) bool {
	w := e.dayAt(d).Add(12 * time.Hour).Weekday()
	return w == time.Saturday || w == time.Sunday
}

// rest takes the difference between days off and working days out of a series of
// a business and gives it.
func (e *Engine) rest(s *series) float64 {
	var work, off []float64
	for i, d := range s.day {
		if e.weekend(d) {
			off = append(off, s.y[i])
		} else {
			work = append(work, s.y[i])
		}
	}
	if len(off) < 3 || len(work) < 5 {
		return 0
	}
	diff := quantileOf(off, 0.5) - quantileOf(work, 0.5)
	for i, d := range s.day {
		if e.weekend(d) {
			s.y[i] -= diff
		}
	}
	return diff
}

// expect gives the expectation at heating degrees, higher where it is colder than
// anything that was seen.
func (s *series) expect(h float64) (value, extra float64) {
	beyond := math.Max(0, h-s.hMax)
	value = s.c + s.beta*h
	if s.c < 0 && s.beta > 0 {
		value = math.Max(value, 0) // heating ends before 18 °C; a floor is not less than nothing
	}
	return value, s.beta*beyond*0.5 + s.beta*math.Max(0, s.hMin-h)*0.25
}

func pickFloor(f dayFeature) float32 { return f.floor }
func pickMean(f dayFeature) float32  { return f.mean }

package simulator

import (
	"iter"
	"math"
	"time"

	"rigistry/models"
)

// exported is what the registers of export show, Wh: a test of the meter when it
// was new. Nobody here feeds the grid.
const exported = 1200

// measured is what a meter shows at an instant: power with the device's own
// gain and noise, the register as the integral of the same power, and the
// quantities that go with them in a three-phase grid.
func (w *World) measured(m *meter, c *cursor, at time.Time) models.Values {
	p := c.power(m.node, at) * m.gain
	p *= 1 + 0.0006*m.source.normal(at.Unix())
	energy := m.base + c.wattHours(m.node, at)*m.gain
	kind := w.nodes[m.node].Kind
	volts := 230.0
	if kind == "feeder" || kind == "substation" {
		volts = 10_000 / math.Sqrt(3)
	}
	pf := 0.95
	if kind == "pdu" {
		pf = 0.99
	}
	s := p / pf
	q := math.Sqrt(math.Max(0, s*s-p*p))
	single := hasSinglePhase(m.profile)
	var v models.Values
	set := v.SetBase
	set(models.QPTotal, math.Round(p))
	set(models.QSTotal, math.Round(s))
	set(models.QQTotal, math.Round(q))
	set(models.QPF, pf)
	set(models.QF, 50+0.015*m.source.smooth(float64(at.Unix())/40))
	set(models.QEImport, math.Floor(energy))
	set(models.QEExport, exported)
	set(models.QIN, 0.04*s/(3*volts))
	phases, part := [3]float64{0.34, 0.32, 0.34}, 1.0
	if single {
		phases = [3]float64{1, 0, 0}
	}
	for i := range 3 {
		if single && i > 0 {
			break
		}
		u := volts * (1 + 0.006*m.source.smooth(float64(at.Unix())/60+float64(1000*i)))
		part = phases[i]
		o := models.Quantity(i)
		set(models.QVL1+o, u)
		set(models.QUL12+o, u*math.Sqrt(3))
		set(models.QIL1+o, s*part/u)
		set(models.QPL1+o, math.Round(p*part))
		set(models.QPFL1+o, pf)
		set(models.QTHDVL1+o, 1.8)
		set(models.QTHDIL1+o, 6)
	}
	set(models.QCTRatio, 1)
	set(models.QPTRatio, 1)
	return v
}

// hasSinglePhase tells whether a profile knows one phase only.
func hasSinglePhase(p *models.Profile) bool {
	_, two := p.Point(models.QVL2)
	return !two
}

// dead tells whether a meter never gives a reading.
func (w *World) dead(m *meter) bool {
	if m.Silent {
		return true
	}
	for _, e := range w.grid.Endpoints {
		if e.Name == m.Endpoint {
			return e.Behaviour != BehaviourNormal
		}
	}
	return true
}

// History gives the readings that the meters would have given at every step in
// [from, until), in order of time, all meters of one instant together. Meter is
// the meter's code; the caller gives readings the ids of its registry. Dead
// meters have none. from must not be before the start of the grid file.
func (w *World) History(from, until time.Time, step time.Duration) iter.Seq[models.Reading] {
	return func(yield func(models.Reading) bool) {
		for s := range w.Past(from, until, step) {
			if !yield(s.Reading()) {
				return
			}
		}
	}
}

// Shown is what a meter showed at an instant of the past.
type Shown struct {
	Meter string // its code
	At    time.Time
	Step  time.Duration

	meter  *meter
	values models.Values
}

// Past gives what each meter showed at every step in [from, until), as History does.
// What it gives is for the step alone.
func (w *World) Past(from, until time.Time, step time.Duration) iter.Seq[*Shown] {
	return func(yield func(*Shown) bool) {
		c := w.cursor()
		at := from.UTC().Truncate(time.Microsecond)
		for ; at.Before(until); at = at.Add(step) {
			c.advance(at)
			for i := range w.meters {
				m := &w.meters[i]
				if m.Uncommissioned || w.dead(m) {
					continue
				}
				if !yield(&Shown{Meter: m.Code, At: at, Step: step, meter: m, values: w.measured(m, c, at)}) {
					return
				}
			}
		}
	}
}

// Reading is what the meter's profile can tell of it.
func (s *Shown) Reading() models.Reading {
	r := models.Reading{Meter: s.Meter, At: s.At, Step: s.Step, Source: models.SourceSimulated}
	for _, pt := range s.meter.profile.Points {
		if v, ok := s.values.Get(pt.Q); ok && !pt.Extra {
			r.Values.Set(pt.Q, v)
		}
	}
	return r
}

// Answers fills in the words that the meter answered each request with; registers that
// mean nothing are 0. answers has a slice for each request, of its length.
func (s *Shown) Answers(requests []models.RegRange, answers [][]uint16) error {
	for i := range answers {
		clear(answers[i])
	}
	return s.meter.profile.Image(&s.values, func(fc uint8, addr uint16, regs []uint16) {
		for i, r := range requests {
			if r.FC != fc {
				continue
			}
			for k, w := range regs {
				if at := int(addr) + k - int(r.Addr); at >= 0 && at < int(r.Count) {
					answers[i][at] = w
				}
			}
		}
	})
}

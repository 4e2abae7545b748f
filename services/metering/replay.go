package metering

import (
	"time"

	"rigistry/models"
)

// Replay makes readings of registers that a meter showed in the past as a poll makes them
// of the present: the same requests, the same values and marks, the same layout. It is for
// one meter, for instants in order, and for one goroutine.
type Replay struct {
	unit     *unit
	requests []models.RegRange
}

// NewReplay prepares a meter of a profile; its URL says what its requests cost.
func NewReplay(p *models.Profile, m models.Meter) *Replay {
	d := newDecoder(p, nil)
	ready := &prepared{decoder: d, requests: plan(p, d.points, costOf(m.URL))}
	r := &Replay{unit: &unit{meter: m, profile: p, decoder: d, layouts: &ready.layouts}}
	r.unit.use(ready.requests)
	for _, q := range ready.requests {
		r.requests = append(r.requests, models.RegRange{FC: q.FC, Addr: q.Addr, Count: q.Count})
	}
	return r
}

// Requests are what a poll of the meter asks for. The caller must not change them.
func (r *Replay) Requests() []models.RegRange { return r.requests }

// Reading makes the reading of one poll. answers are the words of each request in order,
// none for one that was not answered. The source of the reading is not set.
func (r *Replay) Reading(at time.Time, step time.Duration, answers [][]uint16) models.Reading {
	u := r.unit
	missing := false
	for i := range u.blocks {
		b := &u.blocks[i]
		b.regs, b.ok = append(b.regs[:0], answers[i]...), len(answers[i]) == int(b.req.Count)
		missing = missing || !b.ok
	}
	out := models.Reading{Meter: u.meter.ID, At: at.UTC().Truncate(time.Microsecond), Step: step, Registers: u.registers()}
	out.Values, out.Quality = u.decoder.decode(u.blocks)
	usable := out.Quality.Usable()
	if missing {
		out.Quality = out.Quality.Worse(models.QualityNotAvailable)
	}
	if usable {
		u.watch.judge(&out, u.blocks, u.profile)
		toPrimary(&out.Values, &u.meter)
	}
	return out
}

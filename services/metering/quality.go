package metering

import (
	"time"

	"rigistry/models"
)

// Frozen: the same bytes from a meter of at least six analog values with current
// flowing, for a minute and six polls.
const (
	frozenValues = 6
	frozenFor    = 60 * time.Second
	frozenPolls  = 6
)

// watch remembers of a meter what is needed to judge its next reading.
type watch struct {
	payload  []uint64      // of each block when it last came; 0 when it never did
	values   models.Values // each as it last came
	since    time.Time     // the last change
	polls    int
	lastAt   time.Time
	counters [2]counter
	sizes    sizes
}

// judge looks at a decoded reading beside the ones before it. What cannot be
// trusted is taken out of it, and its quality says why.
func (w *watch) judge(r *models.Reading, blocks []block, p *models.Profile) {
	if w.ratioChanged(&r.Values) {
		r.Quality = r.Quality.Worse(models.QualityRatioChanged)
	}
	if w.frozen(r, blocks) {
		r.Values, r.Quality = models.Values{}, models.QualityFrozen
		return
	}
	switch q := w.sizes.judge(&r.Values); q {
	case models.QualityScaleChanged:
		r.Values, r.Quality = models.Values{}, q
		return
	default:
		r.Quality = r.Quality.Worse(q)
	}
	for i, q := range [2]models.Quantity{models.QEImport, models.QEExport} {
		r.Quality = r.Quality.Worse(w.counters[i].judge(r, q, p))
	}
	if !w.lastAt.IsZero() && r.Step > 0 && r.At.Sub(w.lastAt) > r.Step*5/2 {
		r.Quality = r.Quality.Worse(models.QualityGap)
	}
	w.lastAt = r.At
}

// ratioChanged tells whether the meter tells another ratio of its transformers than
// before. Its counters and the relation of its power to its currents begin anew: they
// are of another scale.
func (w *watch) ratioChanged(v *models.Values) bool {
	if !models.RatiosOf(&w.values).Differ(models.RatiosOf(v)) {
		return false
	}
	w.counters, w.sizes = [2]counter{}, sizes{}
	return true
}

// frozen tells whether the meter repeats itself. What did not come this time is
// neither a change nor a repetition, and a plan that was taken apart brings the same
// values in other blocks.
func (w *watch) frozen(r *models.Reading, blocks []block) bool {
	changed := w.since.IsZero()
	if len(w.payload) != len(blocks) {
		w.payload = make([]uint64, len(blocks))
	}
	for i := range blocks {
		if !blocks[i].ok {
			continue
		}
		payload := payloadOf(blocks[i].regs)
		changed = changed || (w.payload[i] != 0 && w.payload[i] != payload)
		w.payload[i] = payload
	}
	for q, v := range r.Values.All() {
		if last, known := w.values.Get(q); known && last != v {
			changed = true
		}
		w.values.Set(q, v)
	}
	if changed {
		w.since, w.polls = r.At, 1
		return false
	}
	w.polls++
	analog, current := 0, false
	for q, v := range w.values.All() {
		if q != models.QEImport && q != models.QEExport && !isRatio(q) {
			analog++
		}
		current = current || (v != 0 && q >= models.QIL1 && q <= models.QIL3)
	}
	return analog >= frozenValues && current && w.polls > frozenPolls && r.At.Sub(w.since) >= frozenFor
}

// payloadOf is FNV-1a over registers; it is never 0.
func payloadOf(regs []uint16) uint64 {
	h := uint64(14695981039346656037)
	for _, r := range regs {
		h = (h ^ uint64(r)) * 1099511628211
	}
	return max(h, 1)
}

// counter follows one energy register. A value that the power cannot explain is
// withheld until three readings in a row agree on it: a meter that shows 0 for a
// moment, or another meter's register, never becomes the new beginning.
type counter struct {
	last    int64
	lastAt  time.Time
	power   int64 // largest power seen at the last reading
	suspect int64 // last value of the run that disagrees
	at      time.Time
	run     int
}

// Slack of a counter's step: its power three times over, two steps of its
// register and a hundred watt-hours.
const (
	counterFactor = 3
	counterSlack  = 100
	counterRun    = 3
)

func (c *counter) judge(r *models.Reading, q models.Quantity, p *models.Profile) models.Quality {
	value, ok := r.Values.Get(q)
	if !ok {
		return models.QualityGood
	}
	power, known := r.Values.Get(models.QPTotal)
	power = max(power, -power)
	step, rollover := stepOf(p, q)
	switch {
	case c.lastAt.IsZero():
		c.accept(value, r.At, power)
		return models.QualityGood
	case plausible(value-c.last, r.At.Sub(c.lastAt), max(power, c.power), step, known):
		c.accept(value, r.At, power)
		return models.QualityGood
	case rollover > 0 && c.last > rollover/10*9 && value < rollover/10 &&
		plausible(value+rollover-c.last, r.At.Sub(c.lastAt), max(power, c.power), step, known):
		c.accept(value, r.At, power)
		return models.QualityRollover
	}
	if c.run > 0 && plausible(value-c.suspect, r.At.Sub(c.at), max(power, c.power), step, known) {
		c.run++
	} else {
		c.run = 1
	}
	c.suspect, c.at = value, r.At
	if c.run >= counterRun {
		c.accept(value, r.At, power)
		return models.QualityReset
	}
	r.Values.Clear(q)
	return models.QualitySuspect
}

func (c *counter) accept(value int64, at time.Time, power int64) {
	*c = counter{last: value, lastAt: at, power: power}
}

// plausible tells whether a counter may have moved so far: never back, and not
// faster than its power lets it.
func plausible(moved int64, in time.Duration, power, step int64, known bool) bool {
	if moved < 0 || in < 0 {
		return false
	}
	if !known {
		return true
	}
	return float64(moved) <= counterFactor*float64(power)*in.Hours()+2*float64(step)+counterSlack
}

// stepOf gives the step of a counter's register in Wh and where it begins again.
func stepOf(p *models.Profile, q models.Quantity) (step, rollover int64) {
	pt, ok := p.Point(q)
	if !ok {
		return 1, 0
	}
	step = max(1, int64(pt.Scale.Float()))
	if pt.Enc.Type == models.RegF32 {
		step = max(step, 64) // a float's own step at 1 GWh
	}
	return step, pt.Rollover
}

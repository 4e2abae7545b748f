package stream

import (
	"math"
	"time"
)

// Cause is an alert as it stands: how long it has been seen and how large it is.
// Powers in kW.
type Cause struct {
	Alert   Alert
	Seen    time.Time // end of the last whole day on which it was there
	Level   float64   // excess of that day
	Largest float64   // largest excess of a day since
	alert   int
}

// forgetAfter is how long a cause is kept that is not seen any more.
const forgetAfter = 60 * 24 * time.Hour

// Causes gives what was raised and was seen in the last sixty days, in the order of
// raising.
func (e *Engine) Causes() []Cause {
	out := make([]Cause, 0, len(e.causes))
	for _, c := range e.causes {
		if c.Seen.Add(forgetAfter).After(e.now()) {
			c.Alert = e.alerts[c.alert]
			out = append(out, c)
		}
	}
	return out
}

// Start is the beginning of the first day.
func (e *Engine) Start() time.Time { return time.Unix(e.start, 0).UTC() }

// DayStart is the beginning of the day that runs.
func (e *Engine) DayStart() time.Time { return time.Unix(e.dayStart, 0).UTC() }

// Days is how many days are over.
func (e *Engine) Days() int { return e.day }

// follow brings the causes up to the day that is being closed. Documented limits
// are followed by who looks at every reading.
func (e *Engine) follow() {
	for i := range e.causes {
		c := &e.causes[i]
		x := e.excessOf(&e.alerts[c.alert])
		if x != x || x < e.p.StillShare*e.alerts[c.alert].KW {
			continue
		}
		c.Seen, c.Level, c.Largest = e.now(), x, math.Max(c.Largest, x)
	}
}

// excessOf is how much of an alert's cause is there on the day that is being
// closed, NaN where it cannot be told.
func (e *Engine) excessOf(a *Alert) float64 {
	switch a.Rule {
	case "added_load", "flat_load", "two_levels", "even_energy", "declared_exceeded":
		i, ok := e.childOf[a.Target]
		if !ok || !e.meters[i].feature[e.day%ring].known {
			return nan
		}
		f := e.meters[i].feature[e.day%ring]
		if a.Rule == "two_levels" || a.Rule == "even_energy" {
			return float64(f.mean) - a.Before
		}
		return float64(f.floor) - a.Before
	case "split_load":
		return e.membersExcess(a)
	case "balance_rise", "balance_steady", "meter_scaled", "meter_frozen", "meter_zeroed":
		if n := e.nodeAt(a.Target); n != nil {
			return n.r[e.day%ring] - a.Before
		}
	}
	return nan
}

// nodeAt is the balance of a node, or the one that a customer is in.
func (e *Engine) nodeAt(target string) *nodeState {
	if i, ok := e.nodeOf[target]; ok {
		return &e.nodes[i]
	}
	if i, ok := e.childOf[target]; ok {
		if at := e.placeAt(&e.meters[i], e.day); at >= 0 {
			return &e.nodes[at]
		}
	}
	return nil
}

// Model is what is known of a balance: e = P − S − (A + B·S² + G·S), powers in kW.
type Model struct {
	Node      string
	A, B, G   float64
	Sigma     float64 // of a quiet day
	U95       float64 // of the mean excess
	Reference float64 // excess of quiet days
}

// Model gives the balance of a node or of the one that a customer is in, and
// false while there is none.
func (e *Engine) Model(target string) (Model, bool) {
	n := e.nodeAt(target)
	if n == nil || n.meter < 0 {
		return Model{}, false
	}
	return Model{Node: n.ID, A: n.a0, B: n.coef[0] / n.KVA, G: n.coef[1], Sigma: n.sigma, U95: 2 * e.uncertainty(n), Reference: n.ref}, true
}

// Excess is what a node takes, kW, beyond what its meters and losses account for.
func (m Model) Excess(head, sum float64) float64 { return head - sum - m.A - m.B*sum*sum - m.G*sum }

// usual is the median of each hour of the UTC day before a day, working days then
// days off (48): what a customer drew before. Nil where too little is known.
func (e *Engine) usual(m *meterState, until int) []float64 {
	hours := make([][]float64, 48)
	for d := e.oldest(); d < until && d < e.day; d++ {
		if !m.feature[d%ring].known {
			continue
		}
		shift := 0
		if e.weekend(d) {
			shift = 24
		}
		for b, v := range e.row(m.hist, d) {
			at := e.start + int64(d)*86400 + int64(b)*e.blockSec
			if h := int(at/3600%24) + shift; v == v {
				hours[h] = append(hours[h], float64(v))
			}
		}
	}
	out := make([]float64, 48)
	for h := range out {
		v := hours[h]
		if len(v) == 0 {
			v = hours[(h+24)%48]
		}
		if len(v) == 0 {
			return nil
		}
		out[h] = quantileOf(append([]float64(nil), v...), 0.5)
	}
	return out
}

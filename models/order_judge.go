package models

import "time"

// OrderVerdict is what the revenue meters of a point say about an executed order.
type OrderVerdict string

// The verdicts. Only quiet verifies a disconnection or limitation, only drawing a
// reconnection; nothing that is missing or bad verifies anything.
const (
	VerdictUnmetered OrderVerdict = "unmetered" // the point has no revenue meter that is linked
	VerdictDrawing   OrderVerdict = "drawing"   // more than is allowed was read in the quiet time
	VerdictSilent    OrderVerdict = "silent"    // readings are missing for longer than a third of the time
	VerdictBad       OrderVerdict = "bad_data"  // readings came and cannot be relied on
	VerdictEarly     OrderVerdict = "early"     // nothing was drawn so far, and the time is not over
	VerdictQuiet     OrderVerdict = "quiet"     // nothing was drawn for the whole time
)

// NeedsPerson tells whether the meters cannot tell, so that somebody has to go and
// look.
func (v OrderVerdict) NeedsPerson() bool {
	return v == VerdictUnmetered || v == VerdictSilent || v == VerdictBad
}

// MeterSeries is what one revenue meter read, in the order of time.
type MeterSeries struct {
	Meter    string // code
	Linked   bool
	Readings []Reading
}

// OrderEvidence is what the meters say, and why.
type OrderEvidence struct {
	Verdict     OrderVerdict
	From, Until time.Time // the time that was looked at
	Meter       string    // the one that decided, "" when all did
	Power       Watts     // the most that was read, summed over the meters
	Good, Bad   int       // readings
	// Contradicts tells that the point drew more than the margin over what is allowed
	// for the whole time of contradiction, without a hole. By is the least of it.
	Contradicts bool
	By          Watts
}

// Verifies tells whether the evidence makes an order of the kind verified.
func (e OrderEvidence) Verifies(kind OrderKind) bool {
	if kind == OrderReconnect {
		return e.Contradicts // it draws, steadily
	}
	return e.Verdict == VerdictQuiet
}

// watched is what one meter said in a window.
type watched struct {
	good, bad   int
	least, most Watts
	hole        bool // good readings are missing for longer than allowed
}

// watch looks at the readings of [from, until]. A hole is a time longer than hole
// without a good reading. A reading that is estimated or of which the power is not
// there is not good: it neither fills a hole nor shows a load.
func watch(m MeterSeries, from, until time.Time, hole time.Duration) (w watched) {
	last := from
	for _, r := range m.Readings {
		if r.At.Before(from) || r.At.After(until) {
			continue
		}
		power, ok := r.Values.Power()
		if !ok || !r.Quality.Usable() || r.Quality == QualityEstimated || r.Quality == QualityClock {
			w.bad++
			continue
		}
		power = max(power, -power) // a meter that is wired the wrong way round shows a load too
		if w.good == 0 || power < w.least {
			w.least = power
		}
		w.good, w.most = w.good+1, max(w.most, power)
		w.hole = w.hole || r.At.Sub(last) > hole
		last = r.At
	}
	w.hole = w.hole || w.good == 0 || until.Sub(last) > hole
	return w
}

// Judge says what the meters tell about an executed order at an instant. The series
// reach back over the longer of the quiet time and the time of contradiction.
func (o DisconnectionOrder) Judge(meters []MeterSeries, now time.Time, p GateParameters) OrderEvidence {
	e := OrderEvidence{From: now.Add(-p.QuietTime), Until: now}
	early := e.From.Before(o.Executed)
	if early {
		e.From = o.Executed
	}
	if len(meters) == 0 {
		e.Verdict = VerdictUnmetered
		return e
	}
	allowed, hole := p.QuietLoad, p.QuietTime/3
	if o.Kind == OrderLimit {
		allowed += o.Limit
	}
	e.Verdict = VerdictQuiet
	if early {
		e.Verdict = VerdictEarly
	}
	worst := func(v OrderVerdict, meter string) {
		if rank[v] > rank[e.Verdict] {
			e.Verdict, e.Meter = v, meter
		}
	}
	for _, m := range meters {
		w := watch(m, e.From, e.Until, hole)
		e.Good, e.Bad, e.Power = e.Good+w.good, e.Bad+w.bad, e.Power+w.most
		switch {
		case !m.Linked && w.good+w.bad == 0:
			worst(VerdictUnmetered, m.Meter)
		case w.most > allowed:
			worst(VerdictDrawing, m.Meter)
		case w.hole && w.bad > 0:
			worst(VerdictBad, m.Meter)
		case w.hole:
			worst(VerdictSilent, m.Meter)
		}
	}
	if o.Kind == OrderLimit && e.Power > allowed {
		worst(VerdictDrawing, "")
	}
	o.contradiction(&e, meters, now, allowed, p)
	return e
}

// rank orders the verdicts: what shows a load outranks what is missing, and that what
// is not over yet.
var rank = map[OrderVerdict]int{VerdictQuiet: 0, VerdictEarly: 1, VerdictSilent: 2, VerdictBad: 3, VerdictUnmetered: 4, VerdictDrawing: 5}

// contradiction looks whether the point drew all the time since the execution, or for
// the whole time of contradiction.
func (o DisconnectionOrder) contradiction(e *OrderEvidence, meters []MeterSeries, now time.Time, allowed Watts, p GateParameters) {
	from := now.Add(-p.ContradictTime)
	if from.Before(o.Executed) {
		return
	}
	for _, m := range meters {
		if w := watch(m, from, now, p.ContradictTime/3); !w.hole {
			e.By += w.least
		}
	}
	e.Contradicts = e.By > allowed+p.ContradictLoad
}

package stream

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// licenseState is what is kept of a licensed node: its rows by time and the
// demand interval that runs.
type licenseState struct {
	rows    []License
	granted []float64 // what the license before a stop approved
	bucket  int64
	sum     float64
	n       int
	run     int
	excess  []float64 // of the run
	raised  [2]bool   // over-draw, draw while stopped
}

// demand is the interval that power is measured over.
const demand = 15 * 60

func (e *Engine) license(t Topology, meterAt map[string]string) {
	for _, l := range t.Licenses {
		i, ok := e.byMeter[meterAt[l.Node]]
		if !ok {
			continue
		}
		if e.meters[i].license == nil {
			e.meters[i].license = &licenseState{bucket: -1}
		}
		e.meters[i].license.rows = append(e.meters[i].license.rows, l)
	}
	for i := range e.meters {
		s := e.meters[i].license
		if s == nil {
			continue
		}
		slices.SortStableFunc(s.rows, func(a, b License) int { return a.From.Compare(b.From) })
		granted := 0.0
		for _, r := range s.rows {
			if r.Status == "active" {
				granted = r.ApprovedKW
			}
			s.granted = append(s.granted, granted)
		}
	}
}

// at gives the row in force at a Unix second, -1 for none.
func (s *licenseState) at(t int64) int {
	for i := len(s.rows) - 1; i >= 0; i-- {
		if t >= s.rows[i].From.Unix() {
			return i
		}
	}
	return -1
}

// checkLicense adds a reading to the demand interval and tests it when it is full.
func (e *Engine) checkLicense(m *meterState, at int64, kw float64) {
	s := m.license
	length := max(demand, e.stepSec)
	if b := at / length; b != s.bucket {
		s.bucket, s.sum, s.n = b, 0, 0
	}
	s.sum, s.n = s.sum+kw, s.n+1
	if int64(s.n) < length/e.stepSec {
		return
	}
	from := s.bucket * length
	row := s.at(from)
	if row < 0 || row != s.at(from+length-1) || s.rows[row].From.Unix() > from-300 && row > 0 {
		s.run, s.excess = 0, s.excess[:0] // clocks differ: the interval of a change proves nothing
		return
	}
	e.testLicense(m, row, from+length, s.sum/float64(s.n))
}

// testLicense compares a demand with what the license allows.
//
// Over-draw: P > approved·1.015 + 0.5 kW for three intervals, or once when above
// approved·1.05 + 0.5 kW. Stopped (suspended, expired, revoked): P > what the row
// leaves for light and guard, at most 5 % of what was approved and 5 kW.
func (e *Engine) testLicense(m *meterState, row int, end int64, kw float64) {
	s, p := m.license, e.p
	l := s.rows[row]
	stopped := l.Status != "active"
	allowed, which := l.ApprovedKW, 0
	if stopped {
		which = 1
		allowed = math.Min(l.ApprovedKW, p.AuxShare*s.granted[row]+p.AuxFixed)
	}
	limit := allowed*p.OverMargin + p.OverFixed
	if s.raised[which] {
		return
	}
	if kw <= limit {
		s.run, s.excess = 0, s.excess[:0]
		return
	}
	s.run++
	s.excess = append(s.excess, kw-allowed)
	if s.run < p.OverRuns && kw <= allowed*p.OverSure+p.OverFixed {
		return
	}
	s.raised[which] = true
	to := time.Unix(end, 0).UTC()
	est := meanOf(s.excess)
	a := Alert{Target: m.Node, Rule: "license_overdraw", Tier: Act, RaisedAt: to, To: to, KW: est, Score: 20,
		From:        to.Add(-time.Duration(s.run) * time.Duration(max(demand, e.stepSec)) * time.Second),
		Explanation: fmt.Sprintf("The mean power was %.1f kW; the license approves %.1f kW, with the margin of the meter %.1f kW.", kw, allowed, limit),
		Refutations: []string{"license_raised", "ct_ratio", "other_consumer"}}
	u := 2*m.class*kw + 0.02*kw
	if stopped {
		a.Rule, a.KW = "draw_while_"+l.Status, kw
		a.Explanation = fmt.Sprintf("The license is %s since %s; %.1f kW may be used for light and guard and %.1f kW were drawn.", l.Status, l.From.UTC().Format(time.RFC3339), allowed, kw)
		a.Refutations = []string{"license_lifted", "other_consumer", "ct_ratio"}
		u = 2*m.class*kw + 0.03*kw
	}
	a.Low, a.High = math.Max(0, a.KW-u), a.KW+u
	a.told(p)
	e.alerts = append(e.alerts, a)
	s.run, s.excess = 0, s.excess[:0]
}

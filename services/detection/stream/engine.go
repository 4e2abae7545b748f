package stream

import (
	"fmt"
	"math"
	"time"
)

// ring is how many days are kept of each meter.
const ring = 35

// Engine holds the state of all rules. Readings are pushed in order of time.
type Engine struct {
	p         Params  // of the day that runs
	tables    []Dated // by day
	step      time.Duration
	stepSec   int64
	start     int64 // of day 0
	dayStart  int64
	day       int // number of the day that runs
	blocks    int // of a day
	blockSec  int64
	meters    []meterState
	nodes     []nodeState // with a balance
	byMeter   map[string]int
	changes   []Change // not yet known, by Recorded
	childOf   map[string]int
	nodeOf    map[string]int
	weather   [ring]dayTemp
	lastTemp  float64
	alerts    []Alert
	notices   []Notice
	alertedAt map[string]int
	causes    []Cause
	moved     map[int]int // balances that a record of today changed, and their first day
	groups    []group
}

type dayTemp struct{ sum, n float64 }

// dayFeature is what is kept of a day of a meter, kW.
type dayFeature struct {
	floor, mean, low, mid, high, top float32 // p15, mean, p5, p30, p80, p95
	known                            bool
	missing                          uint16 // blocks that were filled in
}

type placement struct {
	from int // block since the start
	node int // -1: nowhere that is known
}

type meterState struct {
	Meter
	kind     Kind
	sum      []float32
	n        []uint16
	bridged  uint64       // blocks of the day that a long gap was spread over
	guess    [ring]uint64 // blocks that were not measured
	hist     []float32    // ring days × blocks
	profile  []float32
	feature  [ring]dayFeature
	sxy, sxx [ring]float32 // of differences against the balance it is in
	places   []placement
	parent   int // recorded node, -1 none
	home     bool
	flat     bool // declared flat by nature
	license  *licenseState
	shape    shapeState
	still    int // days in a row with an unchanging value
	stillVal float32
	class    float64

	lastAt  int64 // end of the last interval with a register
	lastReg float64
	firstOn int // first day with power

	counters
	times     float32 // how many times it counts in a balance: 1, or what a wrong ratio asks
	timesFrom int     // since this day
	plateFrom int     // first day with the ratio that the register has now
}

// New makes an engine for a grid.
func New(t Topology) (*Engine, error) {
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("topology: %w", err)
	}
	e := &Engine{p: InForce(t.Parameters, t.Start), tables: t.Parameters, step: t.Step, stepSec: int64(t.Step / time.Second), start: t.Start.Unix(), dayStart: t.Start.Unix(),
		byMeter: map[string]int{}, childOf: map[string]int{}, nodeOf: map[string]int{}, alertedAt: map[string]int{}, moved: map[int]int{}, lastTemp: math.NaN()}
	e.blockSec = max(1800, e.stepSec)
	e.blocks = int(86400 / e.blockSec)
	e.place(t)
	e.changes = sortedChanges(t.Changes)
	return e, nil
}

// place lays out meters and balances.
func (e *Engine) place(t Topology) {
	kinds := map[string]Node{}
	meterAt := map[string]string{}
	for _, n := range t.Nodes {
		kinds[n.ID] = n
	}
	for _, m := range t.Meters {
		if _, twice := meterAt[m.Node]; !twice {
			meterAt[m.Node] = m.ID
		}
	}
	for _, n := range t.Nodes {
		if n.Kind == Feeder || n.Kind == Transformer {
			e.nodeOf[n.ID] = len(e.nodes)
			e.nodes = append(e.nodes, nodeState{Node: n, meter: -1})
		}
	}
	for _, m := range t.Meters {
		n := kinds[m.Node]
		e.byMeter[m.ID] = len(e.meters)
		s := meterState{Meter: m, kind: n.Kind, parent: -1, firstOn: -1, class: standard(m.Class), times: 1,
			sum: make([]float32, e.blocks), n: make([]uint16, e.blocks), hist: make([]float32, ring*e.blocks), profile: make([]float32, e.blocks)}
		s.home = m.Tariff == "residential" || m.Activity == "household"
		s.flat = declaredFlat[m.Activity]
		for b := range s.profile {
			s.profile[b] = float32(math.NaN())
		}
		if i, ok := e.nodeOf[n.Parent]; ok && n.Kind != PDU && meterAt[m.Node] == m.ID {
			s.parent = i
			s.places = []placement{{0, i}}
			e.childOf[m.Node] = len(e.meters)
		}
		if i, ok := e.nodeOf[m.Node]; ok && meterAt[m.Node] == m.ID {
			e.nodes[i].meter, e.nodes[i].side = len(e.meters), m.Side
		}
		e.meters = append(e.meters, s)
	}
	for i := range e.nodes {
		e.nodes[i].sum = make([]float32, ring*e.blocks)
		e.nodes[i].prior(e.p)
	}
	e.license(t, meterAt)
	e.groups = e.groupsOf(t.Nodes)
}

// declaredFlat are uses whose load is flat by nature: they are tested for growth,
// not for being flat. They never silence a balance.
var declaredFlat = map[string]bool{"data_centre": true, "data_center": true, "telecom": true, "pump": true, "water_pump": true, "water": true,
	"cold_store": true, "street_light": true, "greenhouse": true, "elec_heat": true, "electric_heating": true}

// standard uncertainty of a class with its transformer, relative: rectangular.
func standard(class string) float64 {
	limit := 0.01
	switch class {
	case "0.2S", "0.2":
		limit = math.Hypot(0.002, 0.005)
	case "0.5S", "0.5":
		limit = math.Hypot(0.005, 0.005)
	case "2":
		limit = 0.02
	}
	return limit / math.Sqrt(3)
}

// Meter gives the number of a meter for Push, -1 when there is none.
func (e *Engine) Meter(id string) int {
	if i, ok := e.byMeter[id]; ok {
		return i
	}
	return -1
}

// Weather tells the outdoor temperature, °C, of an interval that began at a Unix
// second. It comes before the readings of the same interval.
func (e *Engine) Weather(at int64, celsius float64) {
	e.advance(at)
	w := &e.weather[e.day%ring]
	w.sum, w.n = w.sum+celsius, w.n+1
}

// Push takes the reading of an interval that began at a Unix second: its mean
// power in kW and the register in kWh at its end, NaN for what is missing.
func (e *Engine) Push(meter int, at int64, kw, kwh float64) {
	if at >= e.dayStart+86400 {
		e.advance(at)
	}
	m := &e.meters[meter]
	end := at + e.stepSec
	if at < e.dayStart {
		return // a day that is over is not opened again
	}
	hasReg := kwh == kwh
	gapless, before := m.lastAt == at && kw == kw, m.lastReg
	if hasReg && m.lastAt > 0 && m.lastAt <= at {
		gap := at - m.lastAt
		if kw != kw && gap == 0 {
			kw = (kwh - m.lastReg) * 3600 / float64(e.stepSec)
		} else if kw == kw && gap > 0 {
			e.bridge(m, at, (kwh-m.lastReg-kw*float64(e.stepSec)/3600)*3600/float64(gap))
		}
	}
	if hasReg {
		m.lastAt, m.lastReg = end, kwh
	}
	if kw != kw {
		return
	}
	if hasReg && gapless {
		e.Counter(meter, kwh-before, kw*float64(e.stepSec)/3600)
	}
	b := int((at - e.dayStart) / e.blockSec)
	m.sum[b] += float32(kw)
	m.n[b]++
	if m.license != nil {
		e.checkLicense(m, at, kw)
	}
}

// longGap is the gap, in seconds, from which on the mean of its energy says nothing
// about the load of an hour.
const longGap = 3 * 3600

// bridge spreads the energy of a gap over the part of it that is in this day.
func (e *Engine) bridge(m *meterState, until int64, mean float64) {
	long := until-m.lastAt > longGap
	for at := max(m.lastAt, e.dayStart); at < until; at += e.stepSec {
		b := int((at - e.dayStart) / e.blockSec)
		if long {
			m.bridged |= 1 << b
		}
		m.sum[b] += float32(mean)
		m.n[b]++
	}
}

// advance closes the days that are over at an instant.
func (e *Engine) advance(at int64) {
	for at >= e.dayStart+86400 {
		e.closeDay()
	}
}

// Finish closes the last day, if it is complete: until is the end of the last
// interval, a Unix second.
func (e *Engine) Finish(until int64) { e.advance(until) }

// Alerts gives what was raised so far, in order.
func (e *Engine) Alerts() []Alert { return e.alerts }

// Notices gives faults of records and meters.
func (e *Engine) Notices() []Notice { return e.notices }

func (e *Engine) closeDay() {
	for i := range e.meters {
		e.meters[i].close(e)
	}
	e.learnChanges()
	e.balances()
	e.shapes()
	e.exceeded()
	e.splits()
	e.doubts()
	e.follow()
	e.day++
	e.dayStart += 86400
	e.weather[e.day%ring] = dayTemp{}
	e.tabulate()
}

// now is the instant at which the day that is being closed is over.
func (e *Engine) now() time.Time { return time.Unix(e.dayStart+86400, 0).UTC() }

// dayAt is the start of a day.
func (e *Engine) dayAt(d int) time.Time { return time.Unix(e.start+int64(d)*86400, 0).UTC() }

// heat is how much colder than 18 °C a day was, NaN where the weather is unknown.
func (e *Engine) heat(d int) float64 {
	w := e.weather[d%ring]
	if w.n == 0 || d <= e.day-ring || d > e.day {
		return math.NaN()
	}
	return math.Max(0, 18-w.sum/w.n)
}

// temperate is the share of the days that are kept of which the temperature is known.
func (e *Engine) temperate() float64 {
	known, days := 0, 0
	for d := e.oldest(); d <= e.day; d++ {
		days++
		if h := e.heat(d); h == h {
			known++
		}
	}
	return float64(known) / float64(max(1, days))
}

// row is the day of a ring of blocks.
func (e *Engine) row(r []float32, d int) []float32 {
	return r[(d%ring)*e.blocks : (d%ring+1)*e.blocks]
}

// oldest is the first day that rings still hold.
func (e *Engine) oldest() int { return max(0, e.day-ring+1) }

// close keeps the day of a meter: blocks of which most is known, others by the
// meter's own profile.
func (m *meterState) close(e *Engine) {
	row := e.row(m.hist, e.day)
	need := uint16(max(1, e.blockSec/e.stepSec*8/10))
	f := dayFeature{}
	for b := range row {
		if m.n[b] >= need {
			row[b] = m.sum[b] / float32(m.n[b])
			if p := &m.profile[b]; *p != *p {
				*p = row[b]
			} else {
				*p += (row[b] - *p) / 8
			}
		} else {
			row[b] = m.profile[b]
			f.missing++
			m.bridged |= 1 << b
		}
		m.sum[b], m.n[b] = 0, 0
	}
	f.known = int(f.missing) <= e.blocks/4
	if f.known && (m.kind == Connection || m.kind == PDU) {
		m.describe(e, row, &f)
	}
	m.feature[e.day%ring] = f
	m.guess[e.day%ring], m.bridged = m.bridged, 0
}

// guessed tells whether a block of a day was not measured.
func (m *meterState) guessed(d, b int) bool { return m.guess[d%ring]&(1<<b) != 0 }

// usualNow is the mean of the last day that is known before a day, kW.
func (m *meterState) usualNow(e *Engine, day int) float64 {
	for d := day - 1; d >= e.oldest() && d > day-8; d-- {
		if f := m.feature[d%ring]; f.known {
			return float64(f.mean)
		}
	}
	return 0
}

// describe sets the quantiles of a day.
func (m *meterState) describe(e *Engine, row []float32, f *dayFeature) {
	var buf [96]float32
	v := buf[:0]
	sum := 0.0
	for _, x := range row {
		if x == x {
			v, sum = append(v, x), sum+float64(x)
		}
	}
	if len(v) < e.blocks*3/4 {
		f.known = false
		return
	}
	sortFloats(v)
	at := func(q float64) float32 { return v[int(q*float64(len(v)-1)+0.5)] }
	f.low, f.floor, f.mid, f.high, f.top = at(0.05), at(0.15), at(0.30), at(0.80), at(0.95)
	f.mean = float32(sum / float64(len(v)))
	if quantum := e.oneCount(f.mean); v[len(v)-1]-v[0] <= quantum {
		if m.still == 0 || abs32(m.stillVal-f.mean) > quantum {
			m.still = 0
		}
		m.still++
		m.stillVal = f.mean
	} else {
		m.still = 0
	}
	if m.firstOn < 0 && f.mean > 0.05 {
		m.firstOn = e.day
	}
}

// oneCount is by how much the powers of a meter that stands or repeats itself differ,
// kW: a register of 0.01 kWh gives powers that jump by one count, and what it measures
// has a noise of a thousandth. An empty house with a refrigerator jumps by more.
func (e *Engine) oneCount(kw float32) float32 {
	return float32(1.1*0.01*3600/float64(e.blockSec)) + 0.002*abs32(kw)
}

func abs32(x float32) float32 { return float32(math.Abs(float64(x))) }

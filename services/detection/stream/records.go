package stream

import (
	"fmt"
	"math"
	"slices"
)

func sortedChanges(c []Change) []Change {
	out := slices.Clone(c)
	slices.SortStableFunc(out, func(a, b Change) int { return a.Recorded.Compare(b.Recorded) })
	return out
}

// learnChanges applies the changes of the topology that became known, from their
// effective instant: what was computed with the old record is computed again.
func (e *Engine) learnChanges() {
	now := e.now()
	for len(e.changes) > 0 && !e.changes[0].Recorded.After(now) {
		c := e.changes[0]
		e.changes = e.changes[1:]
		i, ok := e.childOf[c.Node]
		to, known := e.nodeOf[c.To]
		if !ok || !known {
			continue
		}
		m := &e.meters[i]
		from := int((c.Effective.Unix() - e.start + e.blockSec/2) / e.blockSec)
		m.parent = to
		if last := m.places[len(m.places)-1]; last.node == to {
			continue // its own fluctuations said so before
		}
		for _, node := range []int{e.placeAt(m, e.day), to} {
			if first, before := e.moved[node]; !before || from/e.blocks < first {
				e.moved[node] = from / e.blocks
			}
		}
		e.move(m, from, to)
	}
}

// renewFluctuations does the days again in which balances had another meter than is
// known now: what it missed of one that was switched over is no evidence against the
// record that came late.
func (e *Engine) renewFluctuations() {
	for node, first := range e.moved {
		if node >= 0 && e.nodes[node].meter >= 0 {
			for d := max(e.oldest(), first); d < e.day; d++ {
				e.fluctuations(d, node)
			}
		}
	}
	clear(e.moved)
}

// move puts a meter below another node from a block on, in all days that are kept.
func (e *Engine) move(m *meterState, from, to int) {
	old := m.places
	next := make([]placement, 0, len(old)+1)
	for _, p := range old {
		if p.from < from {
			next = append(next, p)
		}
	}
	next = append(next, placement{from, to})
	for d := e.oldest(); d < e.day; d++ {
		if (d+1)*e.blocks > from {
			e.addTo(m, d, old, -1)
			e.addTo(m, d, next, 1)
		}
	}
	m.places = next
}

// moveNow is move when the day that is being closed is in the sums already.
func (e *Engine) moveNow(m *meterState, from, to int) {
	e.addTo(m, e.day, m.places, -1)
	touched := append([]placement{{0, to}}, m.places...)
	e.move(m, from, to)
	e.addTo(m, e.day, m.places, 1)
	for _, p := range touched {
		if p.node >= 0 && e.nodes[p.node].meter >= 0 {
			n := &e.nodes[p.node]
			e.fit(n)
			e.residuals(n)
			for d := max(e.oldest(), from/e.blocks); d <= e.day; d++ {
				e.fluctuations(d, p.node)
			}
		}
	}
}

// placeAt is the node a meter is in at the end of a day.
func (e *Engine) placeAt(m *meterState, d int) int {
	node := -1
	for _, p := range m.places {
		if p.from < (d+1)*e.blocks {
			node = p.node
		}
	}
	return node
}

// fluctuations keeps, for every customer of a node (-1: of all), how its changes
// from interval to interval go with those of the excess it is in.
func (e *Engine) fluctuations(d, node int) {
	for i := range e.meters {
		m := &e.meters[i]
		if m.kind != Connection || len(m.places) == 0 {
			continue
		}
		at := e.placeAt(m, d)
		if at < 0 || node >= 0 && at != node || e.nodes[at].meter < 0 {
			continue
		}
		xy, xx := products(e.row(e.nodes[at].ex, d), e.row(m.hist, d))
		m.sxy[d%ring], m.sxx[d%ring] = float32(xy), float32(xx)
	}
}

// products sums the products of the differences of two rows.
func products(x, y []float32) (xy, yy float64) {
	for b := 1; b < len(x); b++ {
		dx, dy := x[b]-x[b-1], y[b]-y[b-1]
		if dx == dx && dy == dy {
			xy += float64(dx) * float64(dy)
			yy += float64(dy) * float64(dy)
		}
	}
	return xy, yy
}

// noise is the variance of the differences of a node's excess.
func (e *Engine) noise(n *nodeState) float64 {
	s, c := 0.0, 0.0
	for d := e.oldest(); d <= e.day; d++ {
		s, c = s+n.see[d%ring], c+n.seen[d%ring]
	}
	return math.Max(s/math.Max(c, 1), 1e-3)
}

// misplaced tells how much better the last days fit with a customer outside of the
// balance it is recorded in: the excess then carries its load with the sign
// turned. It gives the evidence in nats and the first day.
func (e *Engine) misplaced(m *meterState, variance float64) (nats float64, from int) {
	g := 0.0
	sumXY, sumXX := 0.0, 0.0
	bestXY, bestXX := 0.0, 0.0
	for d := e.day; d >= e.oldest(); d-- {
		xy, xx := float64(m.sxy[d%ring]), float64(m.sxx[d%ring])
		sumXY, sumXX = sumXY+xy, sumXX+xx
		g += clip((-2*xy-xx)/(2*variance), dayNats) // one switched machine is no proof
		if g > nats {
			nats, from, bestXY, bestXX = g, d, sumXY, sumXX
		}
	}
	if slope := bestXY / math.Max(bestXX, 1e-9); slope > -0.6 || slope < -1.4 {
		return 0, 0
	}
	return nats, from
}

// dayNats is how much one day may say about a place, in nats.
const dayNats = 8

func clip(v, limit float64) float64 { return math.Max(-limit, math.Min(limit, v)) }

// correctRecords finds customers that are recorded below the wrong node: their own
// fluctuations are missing in one balance and are found in another.
func (e *Engine) correctRecords() {
	if e.day < 4 {
		return
	}
	variance := make([]float64, len(e.nodes))
	for i := range e.nodes {
		if e.nodes[i].meter >= 0 {
			variance[i] = e.noise(&e.nodes[i])
		}
	}
	for i := range e.meters {
		m := &e.meters[i]
		if m.kind != Connection || len(m.places) == 0 {
			continue
		}
		at := e.placeAt(m, e.day)
		if at < 0 || e.nodes[at].meter < 0 {
			continue
		}
		nats, from := e.misplaced(m, variance[at])
		if nats < e.p.MisplacedNats {
			continue
		}
		to, found := e.elsewhere(m, at, from, variance)
		if !found {
			e.shifted(m, &e.nodes[at], from, variance[at])
			continue
		}
		first := from * e.blocks
		if from == e.oldest() {
			first = 0
		}
		e.note(Notice{At: e.now(), Target: m.Node, Kind: RecordsDiffer,
			Why: fmt.Sprintf("recorded below %s; its fluctuations are found below %s (evidence %.0f nats)", e.nodes[at].ID, e.nodes[to].ID, nats)})
		e.moveNow(m, first, to)
		variance[at], variance[to] = e.noise(&e.nodes[at]), e.noise(&e.nodes[to])
	}
}

// elsewhere looks for the balance that carries a customer's fluctuations.
func (e *Engine) elsewhere(m *meterState, at, from int, variance []float64) (int, bool) {
	best, to := e.p.PlacedNats, -1
	for j := range e.nodes {
		n := &e.nodes[j]
		if j == at || n.meter < 0 || n.Kind == Feeder {
			continue
		}
		xy, xx, g := 0.0, 0.0, 0.0
		for d := from; d <= e.day; d++ {
			a, b := products(e.row(n.ex, d), e.row(m.hist, d))
			xy, xx = xy+a, xx+b
			g += clip((2*a-b)/(2*variance[j]), dayNats)
		}
		if slope := xy / math.Max(xx, 1e-9); slope < 0.5 || slope > 1.5 {
			continue
		}
		if g > best {
			best, to = g, j
		}
	}
	return to, to >= 0
}

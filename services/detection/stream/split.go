package stream

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// group is the points of one holder below one node: what they take together.
type group struct {
	members []int // meters, in the order of the topology
}

// groupsOf gathers points of one holder below one node, SplitPoints of them or more.
// Points of mining and of uses that are flat by nature are not among them: those are
// known for what they are. Homes are: a house may be rented out to rigs.
func (e *Engine) groupsOf(nodes []Node) []group {
	parent := map[string]string{}
	for _, n := range nodes {
		parent[n.ID] = n.Parent
	}
	at, out := map[[2]string]int{}, []group{}
	for i := range e.meters {
		m := &e.meters[i]
		if m.Holder == "" || m.kind != Connection || m.flat || m.license != nil || m.Activity == "mining" {
			continue
		}
		key := [2]string{m.Holder, parent[m.Node]}
		g, known := at[key]
		if !known {
			g = len(out)
			at[key], out = g, append(out, group{})
		}
		out[g].members = append(out[g].members, i)
	}
	return slices.DeleteFunc(out, func(g group) bool { return len(g.members) < 2 })
}

// part is what one point of a group took on, or has taken all along.
type part struct {
	meter, from     int
	kw, before, own float64 // what was added, its floor and its mean before
	noise           float64 // of a day
	nats            float64
	always          bool
}

// splits looks for a farm that is spread over the meters of one holder below one node,
// each with less than what a single point is asked about.
//
// A point takes part when the floor (15th percentile) of its days stepped up by
// a ≥ SplitKW and stayed, as much by night as by day: with the days before and after the
// step, a = median(after) − median(before), |Δmean − a| ≤ 0.35·a, deviation after ≤ a/4,
// four days after it 0.7·a above four days before it (no season), and what it holds since
// moves with the temperature by a fifth of a at most (no heating, no cooling); as long as
// the temperature has not moved, it has to be that of before. Or when it has held a floor of RigKW since the readings began that is nine tenths of its
// mean, the same day after day, whatever the temperature. Its evidence is the sum of the
// days' likelihood ratios of a step by SplitKW, clipped (Wald 1945).
//
// Told is a group of SplitPoints that take part with, together, BusinessKW or more and
// AlarmNats of evidence: by an inspection (B) where each took on what a rig takes (RigKW)
// and more than it drew before, within a week of each other; otherwise as a question (C).
// Kiosks with coolers, new lights in a stairway and a house whose heating begins take
// less, go with the weather, or not by night.
func (e *Engine) splits() {
	if e.day < e.p.ShapeDays-1 {
		return
	}
	for _, g := range e.groups {
		var parts []part
		coming := false
		for _, i := range g.members {
			m := &e.meters[i]
			if m.shape.raised || !m.feature[e.day%ring].known {
				continue
			}
			if p, ok := e.tookPart(i); ok {
				parts = append(parts, p)
			} else {
				coming = coming || e.coming(m)
			}
		}
		if len(parts) >= e.p.SplitPoints && !coming && !e.toldOf(g) {
			e.raiseSplit(parts)
		}
	}
}

// toldOf tells whether a finding about a group stands.
func (e *Engine) toldOf(g group) bool {
	return slices.ContainsFunc(g.members, func(i int) bool {
		d, before := e.alertedAt[e.meters[i].Node+" split_load"]
		return before && e.day-d < 28
	})
}

// coming tells whether a point took on a load so few days ago that it cannot take part
// yet: one finding waits for it, a week at most.
func (e *Engine) coming(m *meterState) bool {
	var before []float64
	last := e.day - splitAfter - 2
	for d := max(e.oldest(), last-splitBefore); d <= last; d++ {
		if f := m.feature[d%ring]; f.known {
			before = append(before, float64(f.floor))
		}
	}
	if len(before) < splitBefore {
		return false
	}
	return float64(m.feature[e.day%ring].floor) >= quantileOf(before, 1)+e.p.SplitKW
}

// splitAfter is how many days a step has to have lasted, and splitBefore how many have to
// be known before it.
const (
	splitAfter  = 5
	splitBefore = 7
)

// tookPart tells what a point took on, or has taken all along.
func (e *Engine) tookPart(i int) (part, bool) {
	m := &e.meters[i]
	var floors, means, warm []float64
	var days []int
	for d := max(m.began(), e.oldest()); d <= e.day; d++ {
		if f := m.feature[d%ring]; f.known {
			days, floors, means, warm = append(days, d), append(floors, float64(f.floor)), append(means, float64(f.mean)), append(warm, e.celsius(d))
		}
	}
	best, at := 0.0, -1
	for k := splitBefore; k+splitAfter < len(days); k++ {
		n, rest := float64(k), float64(len(days)-k)
		if gain := (meanOf(floors[k:]) - meanOf(floors[:k])) * math.Sqrt(n*rest/(n+rest)); gain > best {
			best, at = gain, k
		}
	}
	if at >= 0 {
		if p, ok := e.stepped(m, days, floors, means, warm, at); ok {
			p.meter = i
			return p, true
		}
	}
	return e.allAlong(i, days, floors, means, warm)
}

// stepped tells what a point took on with the day number at of its days.
func (e *Engine) stepped(m *meterState, days []int, floors, means, warm []float64, at int) (part, bool) {
	first := min(at+1, len(days)-1) // the day of the step itself is not whole
	low, noise := center(floors[:at])
	high, spread := center(floors[first:])
	own, _ := center(means[:at])
	now, _ := center(means[first:])
	a := high - low
	near, _ := center(floors[max(0, at-4):at])
	soon, _ := center(floors[first:min(len(days), first+4)])
	if a < e.p.SplitKW || spread > a/4 || math.Abs(now-own-a) > 0.35*a || soon-near < 0.7*a || float64(m.feature[e.day%ring].floor) < low+a/2 {
		return part{}, false
	}
	var after addedDays
	for k := first; k < len(days); k++ {
		after.day, after.kw, after.warm = append(after.day, days[k]), append(after.kw, floors[k]), append(after.warm, warm[k])
	}
	moves, se, spanned := after.weather()
	if change := math.Abs(meanOf(warm[first:min(len(days), first+4)]) - meanOf(warm[max(0, at-4):at])); moves > 0.2*a+2*se || !spanned && change > leastRange {
		return part{}, false // heating or cooling
	}
	p := part{from: days[at], kw: (a + now - own) / 2, before: low, own: own, noise: math.Max(noise, spread)}
	variance := sq(math.Max(noise, 0.02*low)) + sq(0.25*e.p.SplitKW)
	for _, v := range floors[first:] {
		p.nats += clip(e.p.SplitKW*(v-low-e.p.SplitKW/2)/variance, e.p.ClipNats)
	}
	return p, true
}

// allAlong tells whether a point has held the floor of a rig and little else since the
// readings began.
func (e *Engine) allAlong(i int, days []int, floors, means, warm []float64) (part, bool) {
	m := &e.meters[i]
	if len(days) < e.p.ShapeDays || m.firstOn > 3 {
		return part{}, false
	}
	level, spread := center(floors)
	mean, _ := center(means)
	if level < e.p.RigKW || level < 0.9*mean || spread > 0.06*level {
		return part{}, false
	}
	var a addedDays
	for k, d := range days {
		a.day, a.kw, a.warm, a.off = append(a.day, d), append(a.kw, floors[k]), append(a.warm, warm[k]), append(a.off, e.weekend(d))
	}
	if moves, se, _ := a.weather(); moves > 0.1*level+2*se {
		return part{}, false
	}
	return part{meter: i, from: days[0], kw: level, noise: spread, nats: e.p.AlarmNats, always: true}, true
}

// raiseSplit tells of a group, at its first point that takes part.
func (e *Engine) raiseSplit(parts []part) {
	kw, before, nats, noise := 0.0, 0.0, 0.0, 0.0
	tier, from, last := Inspect, e.day, 0
	var names []string
	for _, p := range parts {
		m := &e.meters[p.meter]
		kw, before, nats, noise = kw+p.kw, before+p.before, nats+p.nats, noise+sq(p.noise)+sq(0.1*p.own)+sq(m.class*p.kw)
		from, last = min(from, p.from), max(last, p.from)
		names = append(names, m.Node)
		if p.always || p.kw < e.p.RigKW || p.kw < p.own || math.IsNaN(e.celsius(e.day)) {
			tier = Watch
		}
	}
	if kw < e.p.BusinessKW || nats < e.p.AlarmNats {
		return
	}
	if last-from > 7 {
		tier = Watch // one after another: that is how a row of shops fills, too
	}
	for _, p := range parts {
		s := &e.meters[p.meter].shape
		s.watched = true
		if tier != Watch {
			s.raised = true
		}
	}
	u := 1.96 * math.Sqrt(noise+sq(idleShare*kw)+sq(outages(kw))/float64(max(1, e.day-last)))
	e.raise(Alert{Target: names[0], Rule: "split_load", Tier: tier, RaisedAt: e.now(), From: e.dayAt(from), To: e.now(), KW: kw, Low: math.Max(0, kw-u), High: kw + u,
		Score: math.Min(30, nats), Before: before, Members: names, Days: e.daysOf(parts),
		Explanation: fmt.Sprintf("%d points of one holder below one node have each taken on a flat load that is below the limit of one point, %.1f kW (±%.1f) together since %s: %s.",
			len(parts), kw, u, e.dayAt(from).Format("2 January"), strings.Join(names, ", ")),
		Refutations: []string{"load_declared", "new_equipment", "ct_ratio", "meter_exchanged"}})
}

// daysOf is the chart of a group: the floors of its points together.
func (e *Engine) daysOf(parts []part) (out []DayPoint) {
	for d := e.oldest(); d <= e.day; d++ {
		p := DayPoint{At: e.dayAt(d)}
		known := true
		for _, x := range parts {
			f := e.meters[x.meter].feature[d%ring]
			known = known && f.known
			p.Measured, p.Expected = p.Measured+float64(f.floor), p.Expected+x.before
		}
		if known {
			out = append(out, p)
		}
	}
	return out
}

// membersExcess is what the points of a group take more than before on the day that is
// being closed, kW.
func (e *Engine) membersExcess(a *Alert) float64 {
	sum := 0.0
	for _, id := range a.Members {
		i, ok := e.childOf[id]
		if !ok || !e.meters[i].feature[e.day%ring].known {
			return nan
		}
		sum += float64(e.meters[i].feature[e.day%ring].floor)
	}
	return sum - a.Before
}

package gate

import (
	"cmp"
	"container/heap"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// index holds in memory what factLoader reads from the database, so that a check needs
// no query. It is a snapshot: it is loaded whole once and then follows the changes that
// triggers record, and the batches of every replica. Nothing in it is a decision. One
// goroutine uses it at a time.
type index struct {
	at       store.GatePosition
	head     store.LedgerHead
	oldest   time.Time              // of the entries that were not sealed when it was read
	read     time.Time              // when it was read, by the clock of the store
	taken    int64                  // the newest batch that is in it
	now      time.Time              // instant up to which what is held has been let go
	points   map[string]*indexPoint // by code
	pointIDs map[string]*indexPoint
	feeders  map[string]*indexNode // by id
	stations map[string]*indexNode
	sites    map[string]string // code by id
	parties  map[string]models.PartyState
	pending  map[string]bool
	licenses map[string]*indexLicense
	covers   map[string][]store.LicensedPoint // by code of the point, in the order of numbers
	next     map[string]store.GateSuccessor
	rigs     map[string]models.Watts  // by license|site
	meters   map[string][]*indexMeter // by what they name, in the order of codes
	meterIDs map[string]*indexMeter
	duties   map[string][]store.GateObligation // by license
	texts    map[string]models.Text            // of kinds of obligations
	standing map[string][]models.StandingFact  // by scope|id, not ended
	facts    map[string]string                 // scope|id by fact
	supplied map[string]bool                   // scope|id with hours of supply, ended or not
	holds    map[string]*hold
	ending   holdQueue
}

// indexNode is a feeder or a substation with the load below it.
type indexNode struct {
	store.GateNode
	load   models.Watts
	parent *indexNode
}

type indexPoint struct {
	models.ConnectionPoint
	held   models.Watts
	feeder *indexNode
}

type indexLicense struct {
	store.GateLicense
	points []store.GateLicensePoint
}

type indexMeter struct{ store.GateMeter }

// hold is what a permit holds. counted says that it is in the sums.
type hold struct {
	store.Reservation
	counted bool
	place   int // in the queue
}

// holdQueue has the hold that ends first at its head.
type holdQueue []*hold

func (q holdQueue) Len() int           { return len(q) }
func (q holdQueue) Less(i, j int) bool { return q[i].Until.Before(q[j].Until) }
func (q holdQueue) Swap(i, j int)      { q[i], q[j] = q[j], q[i]; q[i].place, q[j].place = i, j }

// Push implements heap.Interface.
func (q *holdQueue) Push(x any) {
	h, ok := x.(*hold)
	if !ok {
		return
	}
	h.place = len(*q)
	*q = append(*q, h)
}

// Pop implements heap.Interface.
func (q *holdQueue) Pop() any {
	last := len(*q) - 1
	h := (*q)[last]
	(*q)[last], *q = nil, (*q)[:last]
	h.place = -1
	return h
}

func newIndex() *index {
	return &index{
		points: map[string]*indexPoint{}, pointIDs: map[string]*indexPoint{}, feeders: map[string]*indexNode{}, stations: map[string]*indexNode{},
		sites: map[string]string{}, parties: map[string]models.PartyState{}, pending: map[string]bool{}, licenses: map[string]*indexLicense{},
		covers: map[string][]store.LicensedPoint{}, next: map[string]store.GateSuccessor{}, rigs: map[string]models.Watts{},
		meters: map[string][]*indexMeter{}, meterIDs: map[string]*indexMeter{}, duties: map[string][]store.GateObligation{},
		standing: map[string][]models.StandingFact{}, facts: map[string]string{}, supplied: map[string]bool{}, holds: map[string]*hold{},
	}
}

// node gives the node with an id, a new one of no limit when there is none yet.
func node(all map[string]*indexNode, id string) *indexNode {
	n := all[id]
	if n == nil {
		n = &indexNode{GateNode: store.GateNode{ID: id}}
		all[id] = n
	}
	return n
}

func (n *indexNode) add(w models.Watts) {
	for ; n != nil; n = n.parent {
		n.load += w
	}
}

func (x *index) setNode(all map[string]*indexNode, n store.GateNode) {
	in := node(all, n.ID)
	if in.Parent != n.Parent || in.parent == nil {
		if in.parent != nil {
			in.parent.add(-in.load)
		}
		in.parent = nil
		if n.Parent != "" {
			in.parent = node(x.stations, n.Parent)
			in.parent.add(in.load)
		}
	}
	in.GateNode = n
}

func (x *index) setPoint(p models.ConnectionPoint) {
	in := x.pointIDs[p.ID]
	if in == nil {
		in = &indexPoint{}
		x.pointIDs[p.ID] = in
	} else {
		in.feeder.add(-in.Energised - in.held)
		if in.Code != p.Code {
			delete(x.points, in.Code)
		}
	}
	in.ConnectionPoint = p
	in.feeder = node(x.feeders, p.Feeder)
	in.feeder.add(p.Energised + in.held)
	x.points[p.Code] = in
}

func (x *index) dropPoint(id string) {
	if in := x.pointIDs[id]; in != nil {
		in.feeder.add(-in.Energised - in.held)
		delete(x.points, in.Code)
		delete(x.pointIDs, id)
	}
}

// setHold puts what a permit holds into the sums, in the place of what it held before;
// one that is not held any more is taken out.
func (x *index) setHold(r store.Reservation) {
	x.dropHold(r.Check)
	if r.State != "held" {
		return
	}
	h := &hold{Reservation: r}
	x.holds[r.Check] = h
	if x.now.Before(r.Until) {
		x.count(h)
	}
}

func (x *index) count(h *hold) {
	if p := x.pointIDs[h.Point]; p != nil {
		p.held += h.Held
		p.feeder.add(h.Held)
	}
	h.counted = true
	heap.Push(&x.ending, h)
}

func (x *index) dropHold(check string) {
	h := x.holds[check]
	if h == nil {
		return
	}
	delete(x.holds, check)
	if h.counted {
		x.letGo(h)
		heap.Remove(&x.ending, h.place)
	}
}

func (x *index) letGo(h *hold) {
	if p := x.pointIDs[h.Point]; p != nil {
		p.held -= h.Held
		p.feeder.add(-h.Held)
	}
	h.counted = false
}

// advance lets go what ended by an instant; when the clock went back, what has not
// ended then is held again.
func (x *index) advance(now time.Time) {
	if now.Before(x.now) {
		for _, h := range x.holds {
			if !h.counted && now.Before(h.Until) {
				x.count(h)
			}
		}
	}
	x.now = now
	for len(x.ending) > 0 && !now.Before(x.ending[0].Until) {
		h, _ := heap.Pop(&x.ending).(*hold)
		x.letGo(h)
	}
}

func (x *index) setLicense(l store.GateLicense) {
	in := x.licenses[l.Number]
	if in == nil {
		in = &indexLicense{}
		x.licenses[l.Number] = in
	}
	in.GateLicense = l
}

// setLicensePoints replaces the points of licenses.
func (x *index) setLicensePoints(numbers []string, rows []store.GateLicensePoint) {
	for _, number := range numbers {
		l := x.licenses[number]
		if l == nil {
			continue
		}
		for _, p := range l.points {
			rest := slices.DeleteFunc(slices.Clone(x.covers[p.Code]), func(c store.LicensedPoint) bool { return c.License == number })
			if x.covers[p.Code] = rest; len(rest) == 0 {
				delete(x.covers, p.Code)
			}
		}
		l.points = nil
	}
	for _, r := range rows {
		if l := x.licenses[r.Point.License]; l != nil {
			l.points = append(l.points, r)
		}
		list := append(x.covers[r.Code], r.Point)
		if len(list) > 1 {
			slices.SortFunc(list, func(a, b store.LicensedPoint) int { return strings.Compare(a.License, b.License) })
		}
		x.covers[r.Code] = list
	}
}

func (x *index) setMeter(m store.GateMeter) {
	x.dropMeter(m.ID)
	in := &indexMeter{GateMeter: m}
	x.meterIDs[m.ID] = in
	x.meters[m.Node] = append(x.meters[m.Node], in)
}

func (x *index) dropMeter(id string) {
	old := x.meterIDs[id]
	if old == nil {
		return
	}
	delete(x.meterIDs, id)
	rest := slices.DeleteFunc(x.meters[old.Node], func(m *indexMeter) bool { return m == old })
	if x.meters[old.Node] = rest; len(rest) == 0 {
		delete(x.meters, old.Node)
	}
}

func scopeKey(scope models.StandingScope, id string) string { return string(scope) + "|" + id }

func (x *index) setStanding(f models.StandingFact) {
	key := scopeKey(f.Scope, f.ScopeID)
	if f.Kind == models.StandingSupply {
		x.supplied[key] = true
	}
	if old, known := x.facts[f.ID]; known {
		rest := slices.DeleteFunc(slices.Clone(x.standing[old]), func(s models.StandingFact) bool { return s.ID == f.ID })
		if x.standing[old] = rest; len(rest) == 0 {
			delete(x.standing, old)
		}
		delete(x.facts, f.ID)
	}
	if f.Ended.IsZero() {
		x.facts[f.ID] = key
		x.standing[key] = append(slices.Clip(x.standing[key]), f)
	}
}

func (x *index) setDuties(list []store.GateObligation) {
	for _, o := range list {
		x.duties[o.License] = append(x.duties[o.License], o)
	}
	for _, o := range list {
		slices.SortFunc(x.duties[o.License], func(a, b store.GateObligation) int {
			return cmp.Or(strings.Compare(a.Due, b.Due), strings.Compare(a.ID, b.ID))
		})
	}
}

// inPlaceOf follows the successors of a license by an instant.
func (x *index) inPlaceOf(number string, at time.Time) string {
	for range len(x.next) + 1 {
		s, ok := x.next[number]
		if !ok || s.At > at.UnixMicro() {
			break
		}
		number = s.Successor
	}
	return number
}

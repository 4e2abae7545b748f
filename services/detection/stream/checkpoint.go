package stream

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// checkpointFormat counts the changes of the form of a checkpoint. One of another
// form is not read: its readings are played again.
const checkpointFormat = 6

// ErrCheckpoint says that a checkpoint cannot be read by this release.
var ErrCheckpoint = errors.New("checkpoint of another form")

// codec visits state in one order, to write it or to read it back. Integers are
// little-endian; the first error stops it.
type codec struct {
	out *bytes.Buffer // writing, nil while reading
	in  *bytes.Reader
	err error
}

// fixed visits a value of a fixed size, or a slice of such.
func (c *codec) fixed(v any) {
	switch {
	case c.err != nil:
	case c.out != nil:
		c.err = binary.Write(c.out, binary.LittleEndian, v)
	default:
		c.err = binary.Read(c.in, binary.LittleEndian, v)
	}
}

func (c *codec) int(v *int) {
	x := int64(*v)
	c.fixed(&x)
	*v = int(x)
}

func (c *codec) flag(v *bool) { c.fixed(v) }

func (c *codec) text(v *string) {
	n := c.size(len(*v))
	if c.err != nil {
		return
	}
	if c.out != nil {
		_, c.err = c.out.WriteString(*v)
		return
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(c.in, b); err != nil {
		c.err = err
	}
	*v = string(b)
}

// size visits the length of what follows; what is read is never larger than what
// is left.
func (c *codec) size(n int) int {
	c.int(&n)
	if c.err == nil && c.out == nil && (n < 0 || n > c.in.Len()) {
		c.err = ErrCheckpoint
	}
	if c.err != nil {
		return 0
	}
	return n
}

func (c *codec) instant(v *time.Time) {
	x := v.UnixMicro()
	c.fixed(&x)
	*v = time.UnixMicro(x).UTC()
}

// list visits a slice whose elements are visited by each.
func list[T any](c *codec, v *[]T, each func(*T)) {
	n := c.size(len(*v))
	if c.out == nil {
		*v = nil
		if n > 0 {
			*v = make([]T, n)
		}
	}
	for i := range *v {
		each(&(*v)[i])
	}
}

// Checkpoint gives the whole state as bytes. Restore on a topology makes an engine
// that goes on as this one would.
func (e *Engine) Checkpoint() ([]byte, error) {
	c := &codec{out: &bytes.Buffer{}}
	e.visit(c)
	return c.out.Bytes(), c.err
}

// Restore makes an engine for a grid that goes on from a checkpoint. Meters and
// nodes are known again by their ids: those that are new begin with nothing, those
// that are gone are left out, and a customer below another node than before is
// moved from the checkpoint on. ErrCheckpoint says that it is of another form.
func Restore(t Topology, checkpoint []byte) (*Engine, error) {
	e, err := New(t)
	if err != nil {
		return nil, err
	}
	c := &codec{in: bytes.NewReader(checkpoint)}
	e.visit(c)
	if c.err == nil && c.in.Len() > 0 {
		c.err = ErrCheckpoint
	}
	if c.err != nil {
		return nil, fmt.Errorf("restore: %w", c.err)
	}
	e.tabulate()
	return e, nil
}

func (e *Engine) visit(c *codec) {
	format, step, blocks, days := int64(checkpointFormat), e.stepSec, int64(e.blocks), int64(ring)
	for _, v := range []*int64{&format, &step, &blocks, &days} {
		c.fixed(v)
	}
	if c.err == nil && (format != checkpointFormat || step != e.stepSec || blocks != int64(e.blocks) || days != ring) {
		c.err = ErrCheckpoint
		return
	}
	c.fixed(&e.start)
	c.fixed(&e.dayStart)
	c.int(&e.day)
	c.fixed(&e.lastTemp)
	for i := range e.weather {
		c.fixed(&e.weather[i].sum)
		c.fixed(&e.weather[i].n)
	}
	list(c, &e.alerts, c.alert)
	list(c, &e.notices, func(n *Notice) {
		c.instant(&n.At)
		c.text(&n.Target)
		c.text(&n.Kind)
		c.text(&n.Why)
		c.fixed(&n.Value)
		c.fixed(&n.KW)
		c.fixed(&n.Plate)
		c.instant(&n.From)
		c.fixed(&n.Fits)
	})
	list(c, &e.causes, func(x *Cause) { c.int(&x.alert); c.instant(&x.Seen); c.fixed(&x.Level); c.fixed(&x.Largest) })
	c.alertedAt(e)
	names := c.names(e)
	c.meters(e, names)
	c.nodes(e)
}

func (c *codec) alert(a *Alert) {
	tier := string(a.Tier)
	for _, v := range []*string{&a.Target, &a.Rule, &a.Explanation, &a.Parameters, &tier} {
		c.text(v)
	}
	a.Tier = Tier(tier)
	for _, v := range []*time.Time{&a.RaisedAt, &a.From, &a.To} {
		c.instant(v)
	}
	for _, v := range []*float64{&a.KW, &a.Low, &a.High, &a.Score, &a.Before, &a.Weather} {
		c.fixed(v)
	}
	list(c, &a.Refutations, c.text)
	list(c, &a.Members, c.text)
	list(c, &a.Days, func(d *DayPoint) { c.instant(&d.At); c.fixed(&d.Measured); c.fixed(&d.Expected) })
	list(c, &a.Usual, func(v *float64) { c.fixed(v) })
}

// alertedAt visits the days of the last alerts in the order of the alerts.
func (c *codec) alertedAt(e *Engine) {
	keys := make([]string, 0, len(e.alertedAt))
	seen := map[string]bool{}
	for _, a := range e.alerts {
		if key := a.Target + " " + a.Rule; !seen[key] {
			keys, seen[key] = append(keys, key), true
		}
	}
	list(c, &keys, func(key *string) {
		c.text(key)
		d := e.alertedAt[*key]
		c.int(&d)
		if _, had := e.alertedAt[*key]; had || c.out == nil {
			e.alertedAt[*key] = d
		}
	})
}

// names visits the ids of the nodes with a balance and gives, by their numbers in
// the checkpoint, their numbers in this engine; -1 for one that is gone.
func (c *codec) names(e *Engine) []int {
	ids := make([]string, len(e.nodes))
	for i := range e.nodes {
		ids[i] = e.nodes[i].ID
	}
	list(c, &ids, c.text)
	out := make([]int, len(ids))
	for i, id := range ids {
		out[i] = -1
		if k, ok := e.nodeOf[id]; ok {
			out[i] = k
		}
	}
	return out
}

func (c *codec) meters(e *Engine, names []int) {
	n := c.size(len(e.meters))
	for i := range n {
		id := ""
		if c.out != nil {
			id = e.meters[i].ID
		}
		c.text(&id)
		m := &meterState{}
		if k, ok := e.byMeter[id]; ok {
			m = &e.meters[k]
		} else {
			*m = meterState{sum: make([]float32, e.blocks), n: make([]uint16, e.blocks), hist: make([]float32, ring*e.blocks), profile: make([]float32, e.blocks)}
		}
		c.meter(m, names, e.day)
		if c.err != nil {
			return
		}
		if c.out == nil && m.parent >= 0 && len(m.places) > 0 && m.places[len(m.places)-1].node != m.parent {
			m.places = append(m.places, placement{e.day * e.blocks, m.parent})
		}
	}
}

func (c *codec) meter(m *meterState, names []int, day int) {
	for _, v := range []any{m.sum, m.n, &m.bridged, m.guess[:], m.hist, m.profile} {
		c.fixed(v)
	}
	for i := range m.feature {
		f := &m.feature[i]
		for _, v := range []any{&f.floor, &f.mean, &f.low, &f.mid, &f.high, &f.top, &f.known, &f.missing} {
			c.fixed(v)
		}
	}
	c.fixed(m.sxy[:])
	c.fixed(m.sxx[:])
	list(c, &m.places, func(p *placement) {
		c.int(&p.from)
		c.int(&p.node)
		if c.out == nil && p.node >= 0 {
			if p.node >= len(names) {
				c.err = ErrCheckpoint
				return
			}
			p.node = names[p.node]
		}
	})
	for _, x := range []*evidence{&m.shape.floor, &m.shape.level} {
		c.fixed(&x.nats)
		c.int(&x.from)
	}
	c.flag(&m.shape.raised)
	c.flag(&m.shape.watched)
	c.int(&m.still)
	c.fixed(&m.stillVal)
	c.fixed(&m.lastAt)
	c.fixed(&m.lastReg)
	c.int(&m.firstOn)
	c.fixed(&m.register)
	c.fixed(&m.power)
	c.int(&m.unlike)
	c.fixed(&m.times)
	c.int(&m.timesFrom)
	c.int(&m.plateFrom)
	plate := m.CT
	if c.fixed(&plate); plate != m.CT && c.out == nil {
		m.plateFrom = day // the register has another ratio since
	}
	c.license(m)
}

// license visits the demand interval that runs; the rows come with the topology.
func (c *codec) license(m *meterState) {
	licensed := m.license != nil
	c.flag(&licensed)
	if !licensed {
		return
	}
	s := m.license
	if s == nil {
		s = &licenseState{} // the license is gone from the register
	}
	c.fixed(&s.bucket)
	c.fixed(&s.sum)
	c.int(&s.n)
	c.int(&s.run)
	c.fixed(s.raised[:])
	list(c, &s.excess, func(v *float64) { c.fixed(v) })
}

func (c *codec) nodes(e *Engine) {
	n := c.size(len(e.nodes))
	for i := range n {
		id := ""
		if c.out != nil {
			id = e.nodes[i].ID
		}
		c.text(&id)
		x := &nodeState{sum: make([]float32, ring*e.blocks), ex: make([]float32, ring*e.blocks)}
		if k, ok := e.nodeOf[id]; ok {
			x = &e.nodes[k]
		}
		for _, v := range []any{x.sum, x.ex, x.r[:], x.see[:], x.seen[:], x.clean[:], x.coef[:], &x.load, &x.scale, &x.sigma, &x.ref, &x.raised, &x.told, &x.steady} {
			c.fixed(v)
		}
		for _, v := range []*int{&x.points, &x.refDays, &x.waited} {
			c.int(v)
		}
		for _, v := range []*excursion{&x.up, &x.down} {
			c.fixed(&v.sum)
			c.int(&v.from)
			c.fixed(&v.shift)
			c.flag(&v.alarm)
		}
		if c.err != nil {
			return
		}
	}
}

// nan is what is not known.
var nan = math.NaN()

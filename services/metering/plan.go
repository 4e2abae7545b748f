package metering

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"rigistry/models"
)

// Request is one read: function 3 or 4, the first register on the wire, and how
// many.
type Request struct {
	FC    uint8
	Addr  uint16
	Count uint16
	items []span // what is wanted of it; each is also a request of its own
}

// Cost weighs a request against the registers in it, to decide whether reading
// registers for nothing is cheaper than asking again.
type Cost struct{ Request, Register int }

// The costs of a link. On TCP a request costs a round trip and registers next to
// nothing. On a serial line behind a gateway thirty registers take as long as
// another request does (9600 baud, 40 ms to answer).
func costOf(url string) Cost {
	if strings.HasPrefix(url, "rtu") {
		return Cost{Request: 30, Register: 1}
	}
	return Cost{Request: 1000, Register: 1}
}

// span is a run of registers that must come in one request.
type span struct {
	fc   uint8
	from int // first register
	to   int // after the last
}

// PlanProfile gives the requests that read the wanted quantities of a profile,
// or with none named all but its extras, on a TCP link. A quantity that the
// profile does not have is refused with CodeInvalid.
func PlanProfile(p *models.Profile, want []models.Quantity) ([]Request, error) {
	for _, q := range want {
		if _, ok := p.Point(q); !ok {
			return nil, models.Errorf(models.CodeInvalid, "The profile %s does not give %s.", p.ID, q)
		}
	}
	return plan(p, wanted(p, want), costOf("tcp")), nil
}

// wanted gives the indexes of the points to read: those asked for, and the
// ratios they are multiplied by.
func wanted(p *models.Profile, want []models.Quantity) []int {
	need := map[models.Quantity]bool{}
	for i := range p.Points {
		pt := &p.Points[i]
		if slices.Contains(want, pt.Q) || (len(want) == 0 && !pt.Extra) {
			need[pt.Q] = true
			for _, m := range pt.Mul {
				need[m] = true
			}
		}
	}
	var out []int
	for i := range p.Points {
		if need[p.Points[i].Q] {
			out = append(out, i)
		}
	}
	return out
}

// plan finds the cheapest requests that hold every span: the best way to cut the
// ordered spans into runs, each run one request that the device's limits allow.
func plan(p *models.Profile, points []int, cost Cost) []Request {
	spans := spansOf(p, points)
	best := make([]int, len(spans)+1)
	cut := make([]int, len(spans)+1)
	for end := 1; end <= len(spans); end++ {
		best[end] = math.MaxInt
		for begin := end - 1; begin >= 0; begin-- {
			r, ok := join(&p.Limits, spans[begin:end])
			if !ok || best[begin] == math.MaxInt {
				continue
			}
			c := best[begin] + cost.Request + cost.Register*int(r.Count)
			if c < best[end] {
				best[end], cut[end] = c, begin
			}
		}
	}
	var out []Request
	for end := len(spans); end > 0; end = cut[end] {
		r, _ := join(&p.Limits, spans[cut[end]:end])
		out = append(out, r)
	}
	slices.Reverse(out)
	return out
}

// spansOf gives the spans of points and options in order, without those that lie
// inside another.
func spansOf(p *models.Profile, points []int) []span {
	var all []span
	add := func(fc uint8, from, to int) {
		for _, a := range p.Limits.Atomic {
			if a.FC == fc && from < int(a.Addr)+int(a.Count) && int(a.Addr) < to {
				from, to = min(from, int(a.Addr)), max(to, int(a.Addr)+int(a.Count))
			}
		}
		all = append(all, span{fc, from, to})
	}
	for _, i := range points {
		pt := &p.Points[i]
		from, to := int(pt.Addr), int(pt.Addr)+pt.Enc.Width()
		if pt.ScaleReg != nil {
			from, to = min(from, int(pt.ScaleReg.Addr)), max(to, int(pt.ScaleReg.Addr)+1)
		}
		if pt.SignReg != nil {
			from, to = min(from, int(pt.SignReg.Addr)), max(to, int(pt.SignReg.Addr)+1)
		}
		add(pt.FC, from, to)
	}
	for _, o := range p.Options {
		add(o.FC, int(o.Addr), int(o.Addr)+o.Enc.Width())
	}
	slices.SortFunc(all, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.fc, b.fc), cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to))
	})
	var out []span
	for _, s := range all {
		inside := slices.ContainsFunc(out, func(o span) bool { return o.fc == s.fc && o.from <= s.from && s.to <= o.to })
		if !inside {
			out = append(out, s)
		}
	}
	return out
}

// join makes one request of neighbouring spans, or says that the limits forbid
// it. A single span is always allowed.
func join(l *models.ProfileLimits, spans []span) (Request, bool) {
	first := spans[0]
	to := first.to
	for _, s := range spans[1:] {
		if s.fc != first.fc || (l.MaxGap >= 0 && s.from-to > l.MaxGap) {
			return Request{}, false
		}
		to = max(to, s.to)
	}
	count := to - first.from
	if m := int(l.QtyMultiple); m > 1 && count%m != 0 {
		count += m - count%m
	}
	r := Request{FC: first.fc, Addr: uint16(first.from), Count: uint16(count), items: spans}
	if len(spans) == 1 {
		return r, true
	}
	if count > int(l.MaxRegs) || first.from+count > 65536 {
		return Request{}, false
	}
	for _, n := range l.NoGap {
		if n.FC == first.fc && first.from < int(n.Addr)+int(n.Count) && int(n.Addr) < first.from+count {
			return Request{}, false
		}
	}
	return r, true
}

// split gives the request's items as requests of their own, smallest trust first:
// what to do when a device refuses a merged read.
func (r Request) split(l *models.ProfileLimits) []Request {
	out := make([]Request, 0, len(r.items))
	for _, s := range r.items {
		one, _ := join(l, []span{s})
		out = append(out, one)
	}
	return out
}

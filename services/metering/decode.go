package metering

import (
	"math"
	"slices"

	"rigistry/models"
)

// block is what one request brought: its registers, or ok false when it did not.
type block struct {
	req  Request
	regs []uint16
	ok   bool
}

// registers finds count registers from addr in the blocks that came.
func registers(blocks []block, fc uint8, addr uint16, count int) ([]uint16, bool) {
	for i := range blocks {
		b := &blocks[i]
		at := int(addr) - int(b.req.Addr)
		if b.ok && b.req.FC == fc && at >= 0 && at+count <= len(b.regs) {
			return b.regs[at : at+count], true
		}
	}
	return nil, false
}

// decoder turns the blocks of one poll of one meter into values. It keeps no
// state between polls.
type decoder struct {
	profile *models.Profile
	points  []int          // the points to decode
	stored  []models.Ratio // scale from raw to the stored whole number, per point of the profile
	guarded bool           // a canary is among the points
	plain   []bool         // per point: a float of 32 bits, most significant word first, and nothing else to it
}

func newDecoder(p *models.Profile, want []models.Quantity) *decoder {
	d := &decoder{profile: p, points: wanted(p, want), stored: make([]models.Ratio, len(p.Points)), plain: make([]bool, len(p.Points))}
	for i := range p.Points {
		r, ok := p.Points[i].Scale.Times(models.Ratio{Num: p.Points[i].Q.PerUnit(), Den: 1})
		if !ok {
			r = models.Ratio{} // no value fits: every result is refused as bad
		}
		d.stored[i] = r
		pt := &p.Points[i]
		d.guarded = d.guarded || (pt.Canary && slices.Contains(d.points, i))
		d.plain[i] = ok && pt.Enc.Type == models.RegF32 && pt.Enc.Order == models.OrderABCD && len(pt.Enc.NA)+len(pt.Enc.Overflow) == 0 &&
			pt.ScaleReg == nil && pt.SignReg == nil && len(pt.Mul) == 0 && len(pt.When) == 0
	}
	return d
}

// float decodes a plain point: what measure and store give, in a tenth of the
// time. Most meters have little else.
func (d *decoder) float(i int, blocks []block) (stored int64, q models.Quality, read bool) {
	pt := &d.profile.Points[i]
	regs, ok := registers(blocks, pt.FC, pt.Addr, 2)
	if !ok {
		return 0, 0, false
	}
	f := float64(math.Float32frombits(uint32(regs[0])<<16 | uint32(regs[1])))
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, models.QualityNotAvailable, true
	}
	f = f * float64(d.stored[i].Num) / float64(d.stored[i].Den)
	if pt.Min != pt.Max {
		if base := f / float64(pt.Q.PerUnit()); base < pt.Min || base > pt.Max {
			return 0, models.QualityOutOfRange, true
		}
	}
	if f = math.Round(f); !(math.Abs(f) < 1<<63) {
		return 0, models.QualityOutOfRange, true
	}
	return int64(f), models.QualityGood, true
}

// measured is one decoded point, before it is rounded to a stored number.
type measured struct {
	raw     models.Raw
	scale   models.Ratio // raw to stored number
	quality models.Quality
	regs    []uint16
	read    bool // its registers came and its conditions hold
}

// decode gives the values of a poll and the worst quality among them. A canary
// that fails takes every value with it: the registers are not what they seem. So does
// one that did not come: nothing vouches for the others.
func (d *decoder) decode(blocks []block) (models.Values, models.Quality) {
	var (
		values  models.Values
		ratios  models.Values
		quality models.Quality
		vouched = !d.guarded
	)
	for _, pass := range [2]bool{true, false} { // ratios first: other points are multiplied by them
		for _, i := range d.points {
			pt := &d.profile.Points[i]
			if isRatio(pt.Q) != pass {
				continue
			}
			stored, q, read := d.value(i, blocks, &ratios)
			if !read {
				continue
			}
			if q == models.QualityGood {
				values.Set(pt.Q, stored)
				vouched = vouched || pt.Canary
				if pass {
					ratios.Set(pt.Q, stored)
				}
			} else if pt.Canary {
				return models.Values{}, models.QualityCanaryFailed
			}
			if q != models.QualityNotAvailable || essential(pt.Q) {
				quality = quality.Worse(q)
			}
		}
	}
	if !vouched && values.Len() > 0 {
		return models.Values{}, models.QualityCanaryFailed
	}
	return values, quality
}

// value gives the stored number of a point, or why it has none; read is false
// when its registers did not come or its conditions do not hold.
func (d *decoder) value(i int, blocks []block, ratios *models.Values) (stored int64, q models.Quality, read bool) {
	if d.plain[i] {
		return d.float(i, blocks)
	}
	m := d.measure(i, blocks, ratios)
	if !m.read {
		return 0, 0, false
	}
	stored, q = m.store(&d.profile.Points[i])
	return stored, q, true
}

// essential tells whether a reading without the quantity is not a good one. A
// single-phase meter that marks its other phases as not available is as good as
// any; that they are absent says enough.
func essential(q models.Quantity) bool {
	return q == models.QPTotal || q == models.QEImport || isRatio(q)
}

func isRatio(q models.Quantity) bool { return q == models.QCTRatio || q == models.QPTRatio }

// measure decodes one point from the blocks.
func (d *decoder) measure(i int, blocks []block, ratios *models.Values) measured {
	pt := &d.profile.Points[i]
	regs, ok := registers(blocks, pt.FC, pt.Addr, pt.Enc.Width())
	if !ok || !d.holds(pt, blocks) {
		return measured{}
	}
	m := measured{raw: models.Decode(regs, pt.Enc), scale: d.stored[i], regs: regs, read: true}
	if pt.ScaleReg != nil && m.raw.State == models.ValueOK {
		m.scaleBy(pt, blocks)
	}
	if pt.SignReg != nil {
		sign, ok := registers(blocks, pt.FC, pt.SignReg.Addr, 1)
		if !ok {
			return measured{}
		}
		if sign[0] == pt.SignReg.NegativeWhen {
			m.scale.Num = -m.scale.Num
		}
	}
	for _, q := range pt.Mul {
		ratio, ok := ratios.Get(q)
		if ok {
			m.scale, ok = m.scale.Times(models.Ratio{Num: ratio, Den: q.PerUnit()})
		}
		if !ok {
			m.raw.State = models.ValueBadScale
		}
	}
	m.quality = qualityOf(m.raw.State)
	return m
}

func (m *measured) scaleBy(pt *models.ProfilePoint, blocks []block) {
	sf, ok := registers(blocks, pt.FC, pt.ScaleReg.Addr, 1)
	if ok {
		var e int
		if e, ok = models.ScaleExponent(sf[0]); ok {
			m.scale, ok = m.scale.Pow10(e)
		}
	}
	if !ok || slices.Contains(pt.ScaleReg.NA, uint64(sf[0])) {
		m.raw.State = models.ValueBadScale
	}
}

// holds tells whether the point's conditions hold. An option that was not read,
// or has a value the profile does not know, holds for nothing.
func (d *decoder) holds(pt *models.ProfilePoint, blocks []block) bool {
	for _, c := range pt.When {
		held := false
		for i := range d.profile.Options {
			o := &d.profile.Options[i]
			if o.Name != c.Option {
				continue
			}
			regs, ok := registers(blocks, o.FC, o.Addr, o.Enc.Width())
			if !ok {
				return false
			}
			raw, state := models.Decode(regs, o.Enc).Scaled(models.RatioOne)
			held = state == models.ValueOK && o.Values[raw] == c.Value
		}
		if !held {
			return false
		}
	}
	return true
}

// store rounds the point to its stored number, or says why it has none.
func (m *measured) store(pt *models.ProfilePoint) (int64, models.Quality) {
	if m.quality != models.QualityGood {
		return 0, m.quality
	}
	if m.scale.Den == 0 {
		return 0, models.QualityOutOfRange
	}
	if pt.Min != pt.Max {
		base := m.raw.Float64(m.scale) / float64(pt.Q.PerUnit())
		if base < pt.Min || base > pt.Max {
			return 0, models.QualityOutOfRange
		}
	}
	stored, state := m.raw.Scaled(m.scale)
	return stored, qualityOf(state)
}

func qualityOf(s models.ValueState) models.Quality {
	switch s {
	case models.ValueOK:
		return models.QualityGood
	case models.ValueNotAvailable, models.ValueBadScale:
		return models.QualityNotAvailable
	case models.ValueOverflow:
		return models.QualityOverflow
	}
	return models.QualityOutOfRange
}

// toPrimary multiplies what a meter measures behind instrument transformers by
// their ratios, so that values mean the grid and not the terminals. A value that
// does not fit is left out.
func toPrimary(v *models.Values, m *models.Meter) {
	ct, vt := models.Ratio{Num: m.CTNum, Den: m.CTDen}, models.Ratio{Num: m.VTNum, Den: m.VTDen}
	if ct == models.RatioOne && vt == models.RatioOne {
		return
	}
	both, fits := ct.Times(vt)
	for q, stored := range v.All() {
		scale := both
		switch unit := q.Unit(); {
		case unit == "V":
			scale = vt
		case unit == "A":
			scale = ct
		case unit != "W" && unit != "var" && unit != "VA" && unit != "Wh":
			continue
		}
		primary, state := models.IntRaw(stored).Scaled(scale)
		if !fits || state != models.ValueOK {
			v.Clear(q)
			continue
		}
		v.Set(q, primary)
	}
}

// words turns the bytes of an answer into registers, reusing regs.
func words(regs []uint16, raw []byte) []uint16 {
	regs = regs[:0]
	for i := 0; i+1 < len(raw); i += 2 {
		regs = append(regs, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return regs
}

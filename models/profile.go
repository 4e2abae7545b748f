package models

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Profile says how the registers of a family of meters become quantities. It is
// data: the collector reads by it, the simulator serves by it.
type Profile struct {
	ID       string // "eastron/sdm630"
	Vendor   string
	Models   []string
	Evidence ProfileEvidence
	Limits   ProfileLimits
	Identify []ProfileIdentify
	Options  []ProfileOption
	Points   []ProfilePoint
}

// EvidenceGrade says how well a profile is founded.
type EvidenceGrade string

// The grades.
const (
	EvidenceOfficial   EvidenceGrade = "official"   // the maker's document was read
	EvidenceTwoSource  EvidenceGrade = "two-source" // two independent public maps agree
	EvidenceSingle     EvidenceGrade = "single"     // one public map
	EvidenceUnverified EvidenceGrade = "unverified" // not confirmed
)

// ProfileEvidence is where the registers of a profile come from.
type ProfileEvidence struct {
	Grade      EvidenceGrade
	Sources    []ProfileSource
	VerifiedOn []string // devices and firmware it was tried on
}

// ProfileSource is a document or a public map.
type ProfileSource struct{ Title, Rev, Page string }

// ProfileLimits is what a device and its link can bear.
type ProfileLimits struct {
	MaxRegs         uint16        // registers per request, at most 125
	QtyMultiple     uint16        // a request's length must be a multiple of it; at least 1
	MaxGap          int           // registers that may be read for nothing to save a request; -1 by cost
	NoGap           []RegRange    // must be read alone
	Atomic          []RegRange    // must be read whole or not at all
	MinDelay        time.Duration // from one answer to the next request on the link
	AfterConnect    time.Duration
	ResponseTimeout time.Duration
	MaxConns        int
}

// RegRange is a range of registers of one function.
type RegRange struct {
	FC    uint8
	Addr  uint16
	Count uint16
}

// ProfileIdentify is a register that tells which device answers: it holds one of
// AnyOf. An optional one may be refused, as devices of older firmware do.
type ProfileIdentify struct {
	FC       uint8
	Addr     uint16
	Enc      Encoding
	AnyOf    []int64
	Optional bool
}

// ProfileOption is a register whose value changes how other points decode.
type ProfileOption struct {
	Name   string
	FC     uint8
	Addr   uint16
	Enc    Encoding
	Values map[int64]string // what each raw value is called
}

// PointCondition is met when the named option has the value.
type PointCondition struct{ Option, Value string }

// ScaleReg is a register with an exponent of ten for a point (SunSpec).
type ScaleReg struct {
	Addr uint16
	NA   []uint64
}

// SignReg is a register that makes a point negative when it holds a value.
type SignReg struct {
	Addr         uint16
	NegativeWhen uint16
}

// ProfilePoint is one quantity in the registers. FC and Addr are as on the wire. Scale
// leads to the base unit of the quantity.
type ProfilePoint struct {
	Q        Quantity
	FC       uint8
	Addr     uint16
	Enc      Encoding
	Scale    Ratio
	Min, Max float64 // valid range in the base unit; both 0 when there is none
	Canary   bool    // if it fails, the whole block is thrown away
	Extra    bool    // read only when asked for by name
	ScaleReg *ScaleReg
	SignReg  *SignReg
	Mul      []Quantity // ct_ratio, pt_ratio: secondary values
	When     []PointCondition
	Rollover int64 // base units at which a counter begins again, 0 unknown
}

// Point finds the point of a quantity that holds under no condition, or the
// first one.
func (p *Profile) Point(q Quantity) (*ProfilePoint, bool) {
	for i := range p.Points {
		if p.Points[i].Q == q {
			return &p.Points[i], true
		}
	}
	return nil, false
}

// Quantities lists what the profile can give, in order; extras last are not
// left out.
func (p *Profile) Quantities() []Quantity {
	var out []Quantity
	for _, pt := range p.Points {
		if !slices.Contains(out, pt.Q) {
			out = append(out, pt.Q)
		}
	}
	slices.Sort(out)
	return out
}

// Image hands set the registers that a device of this profile shows for the
// values: every point whose quantity is present and whose conditions hold for
// the first value of each option, the options, scale registers and sign
// registers. Points that are absent in values show their not-available mark
// where they have one. The simulator serves it.
func (p *Profile) Image(values *Values, set func(fc uint8, addr uint16, regs []uint16)) error {
	chosen := map[string]string{}
	for _, o := range p.Options {
		raw, name := firstOption(o)
		chosen[o.Name] = name
		regs, err := Encode(IntRaw(raw), o.Enc)
		if err != nil {
			return fmt.Errorf("option %s: %w", o.Name, err)
		}
		set(o.FC, o.Addr, regs)
	}
	for _, id := range p.Identify {
		regs, err := Encode(IntRaw(id.AnyOf[0]), id.Enc)
		if err != nil {
			return fmt.Errorf("identity at %d: %w", id.Addr, err)
		}
		set(id.FC, id.Addr, regs)
	}
	exponents := p.exponents(values)
	for i := range p.Points {
		pt := &p.Points[i]
		if slices.ContainsFunc(pt.When, func(c PointCondition) bool { return chosen[c.Option] != c.Value }) {
			continue
		}
		if err := pt.image(values, exponents, set); err != nil {
			return fmt.Errorf("%s at %d: %w", pt.Q, pt.Addr, err)
		}
	}
	return nil
}

// firstOption is the smallest raw value of an option, with its name.
func firstOption(o ProfileOption) (int64, string) {
	var best int64 = math.MaxInt64
	for raw := range o.Values {
		best = min(best, raw)
	}
	return best, o.Values[best]
}

// exponents chooses for every scale register the smallest exponent with which
// all its points fit in 16 bits.
func (p *Profile) exponents(values *Values) map[uint16]int {
	out := map[uint16]int{}
	for i := range p.Points {
		pt := &p.Points[i]
		stored, ok := values.Get(pt.Q)
		if pt.ScaleReg == nil || !ok {
			continue
		}
		limit := 32000.0
		if pt.Enc.Width() > 1 {
			limit = 2e9
		}
		e, seen := out[pt.ScaleReg.Addr]
		if !seen {
			e = -3
		}
		for base := math.Abs(pt.Q.Base(stored)) / pt.Scale.Float(); e < 10 && base/math.Pow10(e) > limit; {
			e++
		}
		out[pt.ScaleReg.Addr] = e
	}
	return out
}

func (pt *ProfilePoint) image(values *Values, exponents map[uint16]int, set func(uint8, uint16, []uint16)) error {
	stored, ok := values.Get(pt.Q)
	if !ok {
		if len(pt.Enc.NA) > 0 {
			set(pt.FC, pt.Addr, wordsOf(pt.Enc, pt.Enc.NA[0]))
		}
		return nil
	}
	scale := pt.Scale
	if pt.ScaleReg != nil {
		e := exponents[pt.ScaleReg.Addr]
		set(pt.FC, pt.ScaleReg.Addr, []uint16{uint16(int16(e))})
		scale, _ = scale.Pow10(e)
	}
	base := pt.Q.Base(stored)
	for _, m := range pt.Mul {
		if r, has := values.Get(m); has && r != 0 {
			base /= m.Base(r)
		}
	}
	if pt.SignReg != nil {
		sign := pt.SignReg.NegativeWhen + 1
		if base < 0 {
			base, sign = -base, pt.SignReg.NegativeWhen
		}
		set(pt.FC, pt.SignReg.Addr, []uint16{sign})
	}
	raw := Raw{Kind: RawFloat, Float: base / scale.Float()}
	switch pt.Enc.Type {
	case RegF32, RegF64:
	default:
		raw = IntRaw(int64(math.Round(raw.Float)))
	}
	regs, err := Encode(raw, pt.Enc)
	if err != nil {
		return err
	}
	set(pt.FC, pt.Addr, regs)
	return nil
}

// wordsOf lays the bits out as the encoding does, without caring what they mean.
func wordsOf(e Encoding, bits uint64) []uint16 {
	plain := Encoding{Type: RegU16, Order: e.Order}
	switch e.Width() {
	case 2:
		plain.Type = RegU32
	case 4:
		plain.Type = RegU64
	}
	regs, err := Encode(Raw{Mag: bits}, plain)
	if err != nil {
		return nil
	}
	return regs
}

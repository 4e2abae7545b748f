package models

import "math"

// Given says how the values of readings stand to the words that they came with.
type Given struct {
	Given int64 // values that the words give by the layout alone
	Other int64 // values whose scale or form stands elsewhere: in other registers, or in no field of the layout
	Not   int64 // values that the words do not give
}

// Transformers are the ratios of a meter's instrument transformers, as numbers.
type Transformers struct{ Current, Voltage float64 }

// TransformersOf gives those of a meter.
func TransformersOf(m *Meter) Transformers {
	part := func(num, den int64) float64 { return float64(max(1, num)) / float64(max(1, den)) }
	return Transformers{part(m.CTNum, m.CTDen), part(m.VTNum, m.VTDen)}
}

// of is by how much a quantity is multiplied behind the transformers.
func (t Transformers) of(q Quantity) float64 {
	switch q.Unit() {
	case "V":
		return t.Voltage
	case "A":
		return t.Current
	case "W", "var", "VA", "Wh":
		return float64(t.Current * t.Voltage)
	}
	return 1
}

// Judge adds how the values of one reading stand to its words. What a device shows is
// rounded to the stored step on its own side of the transformers, and again when it was
// multiplied: a value may be so far from the words, and no further. A quantity that the
// layout has in several places is given when one of them gives it.
func (g *Given) Judge(r *Registers, v *Values, t Transformers) {
	const (
		given = 1 + iota
		elsewhere
		not
	)
	var judged [QuantityCount]uint8
	words := r.Words
	for k := range r.Layout.Blocks {
		block := &r.Layout.Blocks[k]
		came := r.Came>>k&1 == 1
		for i := range block.Fields {
			f := &block.Fields[i]
			if f.Q >= QuantityCount || !v.Has(f.Q) || judged[f.Q] == given {
				continue
			}
			switch {
			case !came:
				if judged[f.Q] == 0 {
					judged[f.Q] = not
				}
			case f.Scale.Num == 0:
				judged[f.Q] = elsewhere
			case f.gives(words[f.At:f.At+f.Width()], v.stored[f.Q], t.of(f.Q)):
				judged[f.Q] = given
			case judged[f.Q] != elsewhere:
				judged[f.Q] = not
			}
		}
		if came {
			words = words[block.Count:]
		}
	}
	for q := range v.All() {
		switch judged[q] {
		case given:
			g.Given++
		case not:
			g.Not++
		default:
			g.Other++
		}
	}
}

// gives tells whether the words of a field give a stored value. Each step is one operation
// on 64-bit floats, the same on every machine.
func (f *RegisterField) gives(words []uint16, stored int64, ratio float64) bool {
	x := f.shown(words)
	want := float64(x*float64(f.Scale.Num)) / float64(f.Scale.Den)
	far := 0.5
	if ratio != 1 {
		far += float64(0.5 * ratio)
	}
	return math.Abs(want-float64(stored)) <= far+float64(math.Abs(want)*1e-12)
}

// shown is the number in the words of a field.
func (f *RegisterField) shown(words []uint16) float64 {
	b, _ := assemble(words, Encoding{Type: f.Type, Order: f.Order})
	switch f.Type {
	case RegI16:
		return float64(int16(b)) //nolint:gosec // its bits
	case RegI32:
		return float64(int32(b)) //nolint:gosec // its bits
	case RegI64:
		return float64(int64(b)) //nolint:gosec // its bits
	case RegF32:
		return float64(math.Float32frombits(uint32(b))) //nolint:gosec // its bits
	case RegF64:
		return math.Float64frombits(b)
	}
	return float64(b)
}

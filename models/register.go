package models

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf8"
)

// RegisterType says how the bits of one or more 16-bit Modbus registers make a
// value.
type RegisterType string

// The register types. sunssf is SunSpec's scale factor, an i16 exponent of ten.
// bcd16 and bcd32 hold four decimal digits a register; mod10k holds 0 to 9999
// a register.
const (
	RegU16    RegisterType = "u16"
	RegI16    RegisterType = "i16"
	RegU32    RegisterType = "u32"
	RegI32    RegisterType = "i32"
	RegU64    RegisterType = "u64"
	RegI64    RegisterType = "i64"
	RegF32    RegisterType = "f32"
	RegF64    RegisterType = "f64"
	RegBCD16  RegisterType = "bcd16"
	RegBCD32  RegisterType = "bcd32"
	RegMod10k RegisterType = "mod10k"
	RegASCII  RegisterType = "ascii"
	RegSunSF  RegisterType = "sunssf"
)

// RegisterTypes lists every type.
func RegisterTypes() []RegisterType {
	return []RegisterType{RegU16, RegI16, RegU32, RegI32, RegU64, RegI64, RegF32, RegF64,
		RegBCD16, RegBCD32, RegMod10k, RegASCII, RegSunSF}
}

// Width is the number of registers of the type; 0 for mod10k and ascii, whose
// length the encoding gives, and -1 for an unknown type.
func (t RegisterType) Width() int {
	switch t {
	case RegU16, RegI16, RegBCD16, RegSunSF:
		return 1
	case RegU32, RegI32, RegF32, RegBCD32:
		return 2
	case RegU64, RegI64, RegF64:
		return 4
	case RegMod10k, RegASCII:
		return 0
	}
	return -1
}

// Order is the order of the value's bytes on the wire, A being the most
// significant. "" is most significant first, whatever the width.
type Order string

// The orders for one, two and four registers.
const (
	OrderAB       Order = "AB"
	OrderBA       Order = "BA"
	OrderABCD     Order = "ABCD"
	OrderCDAB     Order = "CDAB"
	OrderBADC     Order = "BADC"
	OrderDCBA     Order = "DCBA"
	OrderABCDEFGH Order = "ABCDEFGH"
	OrderGHEFCDAB Order = "GHEFCDAB"
	OrderBADCFEHG Order = "BADCFEHG"
	OrderHGFEDCBA Order = "HGFEDCBA"
)

// swaps gives what the order does to registers, or false for an unknown order.
func (o Order) swaps() (bytes, words, known bool) {
	switch o {
	case "", OrderAB, OrderABCD, OrderABCDEFGH:
		return false, false, true
	case OrderBA, OrderBADC, OrderBADCFEHG:
		return true, false, true
	case OrderCDAB, OrderGHEFCDAB:
		return false, true, true
	case OrderDCBA, OrderHGFEDCBA:
		return true, true, true
	}
	return false, false, false
}

// fits tells whether the order can describe so many registers of the type. Text
// and mod10k have any length and take any order.
func (o Order) fits(t RegisterType) bool {
	_, _, known := o.swaps()
	return known && (o == "" || t.Width() == 0 || len(o) == 2*t.Width())
}

// Encoding is everything needed to turn registers into a raw value. NA and
// Overflow are compared with the value's own bits (most significant byte first,
// after the order is undone), before any scale.
type Encoding struct {
	Type     RegisterType
	Order    Order
	Regs     int // number of registers of mod10k and ascii; else 0
	NA       []uint64
	Overflow []uint64
}

// Width is the number of registers the value takes.
func (e Encoding) Width() int {
	if w := e.Type.Width(); w != 0 {
		return w
	}
	return e.Regs
}

// Valid tells whether the type, the order and the length go together.
func (e Encoding) Valid() bool {
	w := e.Type.Width()
	if w < 0 || !e.Order.fits(e.Type) {
		return false
	}
	switch e.Type {
	case RegMod10k:
		return e.Regs >= 1 && e.Regs <= 4
	case RegASCII:
		return e.Regs >= 1 && e.Regs <= 125
	}
	return e.Regs == 0 || e.Regs == w
}

// ValueState says whether a decoded value is a value, and if not, why not.
type ValueState uint8

// The states. Only ValueOK carries a value.
const (
	ValueOK           ValueState = iota
	ValueNotAvailable            // the device's own mark for "none", or a NaN or infinite float
	ValueOverflow                // the device's own mark for "too large to show"
	ValueBad                     // a digit that cannot be (BCD above 9, mod10k above 9999), or a result that does not fit
	ValueBadScale                // the scale register holds no exponent from -10 to 10
	ValueBadEncoding             // type, order and number of registers do not go together, or bytes that are no text
)

// String is the state's word on every interface; "ok" for a value.
func (s ValueState) String() string {
	switch s {
	case ValueOK:
		return "ok"
	case ValueNotAvailable:
		return "not_available"
	case ValueOverflow:
		return "overflow"
	case ValueBad:
		return "bad_value"
	case ValueBadScale:
		return "bad_scale"
	}
	return "bad_encoding"
}

// RawKind tells which field of a Raw holds the value.
type RawKind uint8

// The kinds of raw value.
const (
	RawInteger RawKind = iota // Neg and Mag
	RawFloat                  // Float, exactly a float32 when Single
	RawText                   // Text
)

// Raw is a decoded value before any scale. It means nothing unless State is
// ValueOK.
type Raw struct {
	State  ValueState
	Kind   RawKind
	Neg    bool // an integer below zero
	Single bool // a float that came as 32 bits
	Mag    uint64
	Float  float64
	Text   string
}

// IntRaw is the raw form of a signed integer.
func IntRaw(v int64) Raw {
	if v < 0 {
		return Raw{Neg: true, Mag: uint64(-(v + 1)) + 1}
	}
	return Raw{Mag: uint64(v)}
}

// Decode turns registers, in the order of the wire, into a raw value. It never
// fails and never guesses: what is not a value has a State that says so.
func Decode(regs []uint16, e Encoding) Raw {
	if !e.Valid() || len(regs) != e.Width() {
		return Raw{State: ValueBadEncoding}
	}
	if e.Type == RegASCII {
		return decodeText(regs, e)
	}
	bits, digits := assemble(regs, e)
	for _, na := range e.NA {
		if bits == na {
			return Raw{State: ValueNotAvailable}
		}
	}
	for _, over := range e.Overflow {
		if bits == over {
			return Raw{State: ValueOverflow}
		}
	}
	switch e.Type {
	case RegI16, RegSunSF:
		return IntRaw(int64(int16(bits)))
	case RegI32:
		return IntRaw(int64(int32(bits)))
	case RegI64:
		return IntRaw(int64(bits))
	case RegF32:
		return floatRaw(float64(math.Float32frombits(uint32(bits))), true)
	case RegF64:
		return floatRaw(math.Float64frombits(bits), false)
	case RegBCD16, RegBCD32:
		return decodeBCD(bits, e.Width()*4)
	case RegMod10k:
		return digits
	}
	return Raw{Mag: bits}
}

// assemble undoes the order. For mod10k it also gives the value, because its
// registers are digits and not bits of one number.
func assemble(regs []uint16, e Encoding) (bits uint64, digits Raw) {
	swapBytes, swapWords, _ := e.Order.swaps()
	for i := range regs {
		r := regs[i]
		if swapWords {
			r = regs[len(regs)-1-i]
		}
		if swapBytes {
			r = r<<8 | r>>8
		}
		bits = bits<<16 | uint64(r)
		if r > 9999 {
			digits.State = ValueBad
		}
		digits.Mag = digits.Mag*10000 + uint64(r)
	}
	return bits, digits
}

func floatRaw(f float64, single bool) Raw {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Raw{State: ValueNotAvailable}
	}
	return Raw{Kind: RawFloat, Float: f, Single: single}
}

func decodeBCD(bits uint64, digits int) Raw {
	var v uint64
	for i := digits - 1; i >= 0; i-- {
		d := bits >> (4 * i) & 0xF
		if d > 9 {
			return Raw{State: ValueBad}
		}
		v = v*10 + d
	}
	return Raw{Mag: v}
}

// decodeText reads two characters a register, cut at the first NUL, without
// spaces around. Nothing but NUL and spaces is not available.
func decodeText(regs []uint16, e Encoding) Raw {
	swapBytes, swapWords, _ := e.Order.swaps()
	b := make([]byte, 0, 2*len(regs))
	for i := range regs {
		r := regs[i]
		if swapWords {
			r = regs[len(regs)-1-i]
		}
		if swapBytes {
			r = r<<8 | r>>8
		}
		b = binary.BigEndian.AppendUint16(b, r)
	}
	text, _, _ := strings.Cut(string(b), "\x00")
	text = strings.TrimSpace(text)
	if text == "" {
		return Raw{State: ValueNotAvailable}
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < 0x20 || r == 0x7F }) {
		return Raw{State: ValueBadEncoding}
	}
	return Raw{Kind: RawText, Text: text}
}

// ScaleExponent reads a SunSpec scale register: an i16 from -10 to 10. false
// means that the value it belongs to cannot be scaled.
func ScaleExponent(reg uint16) (int, bool) {
	e := int(int16(reg))
	return e, e >= -10 && e <= 10
}

// Encode is the inverse of Decode: registers in the order of the wire. It fails
// with CodeInvalid when the value does not fit the type. The simulator serves
// register images with it.
func Encode(v Raw, e Encoding) ([]uint16, error) {
	if !e.Valid() || v.State != ValueOK {
		return nil, Errorf(CodeInvalid, "A %s of order %q in %d registers cannot hold this value.", e.Type, e.Order, e.Regs)
	}
	out := make([]uint16, e.Width())
	if e.Type == RegASCII {
		if v.Kind != RawText || len(v.Text) > 2*len(out) {
			return nil, Errorf(CodeInvalid, "%q does not fit in %d registers of text.", v.Text, len(out))
		}
		for i := range len(v.Text) {
			out[i/2] |= uint16(v.Text[i]) << (8 * (1 - i%2))
		}
	} else {
		bits, ok := encodeBits(v, e)
		if !ok {
			return nil, Errorf(CodeInvalid, "The value %s does not fit in a %s.", v.Decimal(RatioOne), e.Type)
		}
		for i := range out {
			out[i] = uint16(bits >> (16 * (len(out) - 1 - i)))
		}
	}
	swapBytes, swapWords, _ := e.Order.swaps()
	if swapWords {
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
	}
	if swapBytes {
		for i, r := range out {
			out[i] = r<<8 | r>>8
		}
	}
	return out, nil
}

func encodeBits(v Raw, e Encoding) (uint64, bool) {
	switch e.Type {
	case RegF32:
		f := float32(v.Float)
		return uint64(math.Float32bits(f)), v.Kind == RawFloat && !math.IsInf(float64(f), 0)
	case RegF64:
		return math.Float64bits(v.Float), v.Kind == RawFloat
	}
	if v.Kind != RawInteger {
		return 0, false
	}
	width := 16 * e.Width()
	switch e.Type {
	case RegBCD16, RegBCD32:
		return digitsOf(v, 10, 4, width/4)
	case RegMod10k:
		return digitsOf(v, 10000, 16, e.Regs)
	case RegU16, RegU32, RegU64:
		return v.Mag, !v.Neg && (width == 64 || v.Mag>>width == 0)
	}
	limit := uint64(1) << (width - 1)
	if v.Neg {
		return -v.Mag & (math.MaxUint64 >> (64 - width)), v.Mag <= limit
	}
	return v.Mag, v.Mag < limit
}

// digitsOf packs a whole number into n digits of the base, each in so many bits.
func digitsOf(v Raw, base uint64, bits, n int) (uint64, bool) {
	var out uint64
	rest := v.Mag
	for i := range n {
		out |= rest % base << (bits * i)
		rest /= base
	}
	return out, !v.Neg && rest == 0
}

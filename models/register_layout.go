package models

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// LayoutDigest is the SHA-256 of a layout's text.
type LayoutDigest [sha256.Size]byte

// String writes the digest in hex.
func (d LayoutDigest) String() string { return hex.EncodeToString(d[:]) }

// RegisterLayout says what the words are that a meter was read for: which registers
// each request took, and what the profile of that day made of them. Its text is the
// whole of it, for people and for its digest; sealed chunks name it by its digest.
//
//	rigistry registers 1
//	profile eastron/sdm630 0f3c…        id, SHA-256 of the profile (Profile.Digest)
//	block 4 0 74                        function, first register, number
//	field 0 p_total f32 ABCD 1/1        its first word in the block; quantity, "-" for none;
//	                                    type, order; what leads from the number in the
//	                                    registers to the stored whole number, "-" when it
//	                                    stands in other registers
//
// Fields cover every word of their block, in order.
type RegisterLayout struct {
	Profile       string
	ProfileDigest string // hex
	Blocks        []RegisterBlock

	text   string
	digest LayoutDigest
}

// RegisterBlock is one request of a layout.
type RegisterBlock struct {
	RegRange
	Fields []RegisterField
}

// RegisterField is a number in the registers of a block.
type RegisterField struct {
	At    int      // its first word in the block
	Q     Quantity // QuantityCount: no quantity
	Type  RegisterType
	Order Order
	Scale Ratio // number to stored whole number of the primary side; Num 0: not fixed
}

// Bounds of a layout.
const (
	layoutBlocks = 62
	layoutWords  = 125
	layoutHead   = "rigistry registers 1"
)

// Width is how many words the field takes.
func (f *RegisterField) Width() int { return f.Type.Width() }

// Digest is the SHA-256 of the layout's text.
func (l *RegisterLayout) Digest() LayoutDigest { return l.digest }

// Text is the whole layout; ParseRegisterLayout reads it.
func (l *RegisterLayout) Text() string { return l.text }

// Words is how many words an answer has in which the blocks of the set came.
func (l *RegisterLayout) Words(came uint64) (n int) {
	for i := range l.Blocks {
		if came>>i&1 == 1 {
			n += int(l.Blocks[i].Count)
		}
	}
	return n
}

// Registers are what a meter answered, as it came: the words of the blocks of the
// set, one block after the other.
type Registers struct {
	Layout *RegisterLayout
	Came   uint64 // a bit a block
	Words  []uint16
}

// NewRegisterLayout gives the layout of requests to a meter of a profile; nil when
// there are none, or too many.
func NewRegisterLayout(p *Profile, m *Meter, requests []RegRange) *RegisterLayout {
	if len(requests) == 0 || len(requests) > layoutBlocks {
		return nil
	}
	l := &RegisterLayout{Profile: p.ID, ProfileDigest: p.Digest()}
	for _, r := range requests {
		if r.Count == 0 || r.Count > layoutWords {
			return nil
		}
		l.Blocks = append(l.Blocks, RegisterBlock{RegRange: r, Fields: fieldsOf(p, m, r)})
	}
	l.write()
	return l
}

// fieldsOf covers the words of a request with the points of the profile, and what is
// between them with single words.
func fieldsOf(p *Profile, m *Meter, r RegRange) []RegisterField {
	var out []RegisterField
	taken := make([]bool, r.Count)
	for i := range p.Points {
		pt := &p.Points[i]
		at, w := int(pt.Addr)-int(r.Addr), pt.Enc.Type.Width()
		if pt.FC != r.FC || at < 0 || at+w > int(r.Count) || !plainNumber(pt.Enc.Type) || slices.Contains(taken[at:at+w], true) {
			continue
		}
		for k := range w {
			taken[at+k] = true
		}
		out = append(out, RegisterField{At: at, Q: pt.Q, Type: pt.Enc.Type, Order: pt.Enc.Order, Scale: pt.fixedScale(m)})
	}
	for at, t := range taken {
		if !t {
			out = append(out, RegisterField{At: at, Q: QuantityCount, Type: RegU16})
		}
	}
	slices.SortFunc(out, func(a, b RegisterField) int { return cmp.Compare(a.At, b.At) })
	return out
}

// plainNumber tells whether the bits of a type are a number by themselves.
func plainNumber(t RegisterType) bool {
	switch t {
	case RegU16, RegI16, RegU32, RegI32, RegU64, RegI64, RegF32, RegF64:
		return true
	}
	return false
}

// fixedScale leads from the number in the registers to the stored number on the
// primary side; Num is 0 when other registers decide.
func (pt *ProfilePoint) fixedScale(m *Meter) Ratio {
	none := Ratio{0, 1}
	if pt.ScaleReg != nil || pt.SignReg != nil || len(pt.Mul) > 0 || len(pt.When) > 0 || pt.Scale.Num == 0 {
		return none
	}
	scale, ok := pt.Scale.Times(Ratio{pt.Q.PerUnit(), 1})
	if !ok {
		return none
	}
	ct, vt := Ratio{max(1, m.CTNum), max(1, m.CTDen)}, Ratio{max(1, m.VTNum), max(1, m.VTDen)}
	for unit, by := range map[string][2]Ratio{"V": {vt, RatioOne}, "A": {ct, RatioOne}, "W": {ct, vt}, "var": {ct, vt}, "VA": {ct, vt}, "Wh": {ct, vt}} {
		if pt.Q.Unit() != unit {
			continue
		}
		for _, r := range by {
			if scale, ok = scale.Times(r); !ok {
				return none
			}
		}
	}
	return scale
}

// write makes the text and the digest.
func (l *RegisterLayout) write() {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nprofile %s %s\n", layoutHead, l.Profile, l.ProfileDigest)
	for _, block := range l.Blocks {
		fmt.Fprintf(&b, "block %d %d %d\n", block.FC, block.Addr, block.Count)
		for _, f := range block.Fields {
			name, scale, order := "-", "-", f.Order
			if f.Q < QuantityCount {
				name = f.Q.String()
			}
			if f.Scale.Num != 0 {
				scale = fmt.Sprintf("%d/%d", f.Scale.Num, f.Scale.Den)
			}
			if order == "" {
				order = "-"
			}
			fmt.Fprintf(&b, "field %d %s %s %s %s\n", f.At, name, f.Type, order, scale)
		}
	}
	l.text = b.String()
	l.digest = sha256.Sum256([]byte(l.text))
}

// ParseRegisterLayout reads the text of a layout. Only the very text that Text writes
// is one.
func ParseRegisterLayout(text string) (*RegisterLayout, error) {
	bad := Errorf(CodeInvalid, "The text is no layout of registers.")
	lines := strings.Split(text, "\n")
	if len(text) > 1<<20 || len(lines) < 3 || lines[0] != layoutHead {
		return nil, bad
	}
	l := &RegisterLayout{}
	for _, line := range lines[1 : len(lines)-1] {
		if !l.read(strings.Split(line, " ")) {
			return nil, bad
		}
	}
	for i := range l.Blocks {
		if !l.Blocks[i].covered() {
			return nil, bad
		}
	}
	if l.write(); l.text != text || len(l.Blocks) == 0 || len(l.Blocks) > layoutBlocks || l.Profile == "" {
		return nil, bad
	}
	return l, nil
}

// read reads the words of one line.
func (l *RegisterLayout) read(words []string) bool {
	var ok = true
	number := func(text string, most int) int {
		n, err := strconv.Atoi(text)
		ok = ok && err == nil && n >= 0 && n <= most
		return n
	}
	switch {
	case len(words) == 3 && words[0] == "profile" && l.Profile == "":
		l.Profile, l.ProfileDigest = words[1], words[2]
	case len(words) == 4 && words[0] == "block":
		fc, addr, count := number(words[1], 255), number(words[2], 65535), number(words[3], layoutWords)
		l.Blocks = append(l.Blocks, RegisterBlock{RegRange: RegRange{FC: uint8(fc), Addr: uint16(addr), Count: uint16(count)}}) //nolint:gosec // bounded
	case len(words) == 6 && words[0] == "field" && len(l.Blocks) > 0:
		f := RegisterField{At: number(words[1], layoutWords), Q: QuantityCount, Type: RegisterType(words[3]), Scale: Ratio{0, 1}}
		if words[2] != "-" {
			q, known := ParseQuantity(words[2])
			f.Q, ok = q, ok && known
		}
		if words[4] != "-" {
			f.Order = Order(words[4])
		}
		if num, den, both := strings.Cut(words[5], "/"); both {
			n, err := strconv.ParseInt(num, 10, 64)
			d, err2 := strconv.ParseInt(den, 10, 64)
			f.Scale, ok = Ratio{n, d}, ok && err == nil && err2 == nil && n != 0 && d > 0
		}
		last := &l.Blocks[len(l.Blocks)-1]
		last.Fields = append(last.Fields, f)
	default:
		return false
	}
	return ok
}

// covered tells whether the fields cover the words of the block, each once.
func (b *RegisterBlock) covered() bool {
	at := 0
	for i := range b.Fields {
		f := &b.Fields[i]
		if f.At != at || !plainNumber(f.Type) || !f.Order.fits(f.Type) {
			return false
		}
		at += f.Width()
	}
	return at == int(b.Count) && at > 0
}

// Digest is the SHA-256, in hex, of what the profile makes of registers: another one
// decodes otherwise. Titles, sources and limits do not count.
func (p *Profile) Digest() string {
	var b strings.Builder
	encoding := func(e Encoding) string { return fmt.Sprint(e.Type, " ", e.Order, " ", e.Regs, e.NA, e.Overflow) }
	for i := range p.Options {
		o := &p.Options[i]
		fmt.Fprintln(&b, "option", o.Name, o.FC, o.Addr, encoding(o.Enc))
		raws := make([]int64, 0, len(o.Values))
		for raw := range o.Values {
			raws = append(raws, raw)
		}
		slices.Sort(raws)
		for _, raw := range raws {
			fmt.Fprintln(&b, raw, o.Values[raw])
		}
	}
	for i := range p.Points {
		pt := &p.Points[i]
		fmt.Fprintln(&b, "point", pt.Q, pt.FC, pt.Addr, encoding(pt.Enc), pt.Scale.Num, pt.Scale.Den, pt.Min, pt.Max, pt.Canary, pt.Mul, pt.Rollover)
		if pt.ScaleReg != nil {
			fmt.Fprintln(&b, "exponent", pt.ScaleReg.Addr, pt.ScaleReg.NA)
		}
		if pt.SignReg != nil {
			fmt.Fprintln(&b, "sign", pt.SignReg.Addr, pt.SignReg.NegativeWhen)
		}
		for _, c := range pt.When {
			fmt.Fprintln(&b, "when", c.Option, c.Value)
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

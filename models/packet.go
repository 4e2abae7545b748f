package models

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"time"
)

// A packet is the readings of many meters as one batch brought them, until they go
// into the chunks of their meters. It is quick to write, and those of one meter are
// read without the others:
//
//	'B' 1     that this is a packet, and of which version
//	meters    uvarint, then for each: length and bytes of its id (length 0: the 16 bytes
//	          of a UUID follow), and the number of bytes of its readings, uvarint
//	readings  of each meter in turn: their number, uvarint; then each as the difference
//	          to the one before it, the first to zero: instant (µs since 1970) and step
//	          (µs), varints; quality, one byte; the set of quantities that are present,
//	          uvarint of what changed in it; and in the order of Quantities a varint for
//	          each that is present
//
// When any reading has the words of its registers, or a source, the packet is of version
// 2: a quality has 32 times the source added; the number of layouts, uvarint, and their SHA-256 stand before the readings, and after the
// quantities of each reading which layout it has, uvarint (0 none, else from 1), and if it
// has one the length of its words, uvarint, and the words (Registers.AppendBinary).
const (
	packetMark    = 'B'
	packetVersion = 1
	packetWhole   = 2
)

var errPacket = errors.New("the bytes are no packet of readings of version 1 or 2")

// AppendPacket appends readings as a packet. Those of a meter stand together, in order
// of time.
func AppendPacket(b []byte, readings []Reading) []byte {
	layouts, version := layoutsOf(readings), byte(packetVersion)
	if len(layouts) > 0 || sourced(readings) {
		version = packetWhole
	}
	meters, body := 0, make([]byte, 0, len(readings)*24)
	directory := make([]byte, 0, len(readings))
	for begin := 0; begin < len(readings); {
		id, end := readings[begin].Meter, begin+1
		for end < len(readings) && readings[end].Meter == id {
			end++
		}
		before := len(body)
		body = appendPacketRows(body, readings[begin:end], layouts, version)
		directory = appendPacketMeter(directory, id)
		directory = binary.AppendUvarint(directory, uint64(len(body)-before))
		meters++
		begin = end
	}
	b = append(b, packetMark, version)
	b = binary.AppendUvarint(b, uint64(meters))
	b = append(b, directory...)
	if version == packetWhole {
		b = binary.AppendUvarint(b, uint64(len(layouts)))
		for _, l := range layouts {
			b = append(b, l.digest[:]...)
		}
	}
	return append(b, body...)
}

// appendPacketWords appends the words of a reading.
func appendPacketWords(b []byte, r *Reading, layouts []*RegisterLayout, memory []byte) ([]byte, []byte) {
	if r.Registers == nil {
		return append(b, 0), memory
	}
	at := 0
	for layouts[at].digest != r.Registers.Layout.digest {
		at++
	}
	b = binary.AppendUvarint(b, uint64(at)+1)
	memory = r.Registers.AppendBinary(memory[:0], &r.Values)
	b = binary.AppendUvarint(b, uint64(len(memory)))
	return append(b, memory...), memory
}

func appendPacketMeter(b []byte, id string) []byte {
	if raw, ok := uuidBytes(id); ok {
		return append(append(b, 0), raw[:]...)
	}
	b = binary.AppendUvarint(b, uint64(len(id)))
	return append(b, id...)
}

// uuidBytes gives the bytes of a UUID in its usual form.
func uuidBytes(id string) (raw [16]byte, ok bool) {
	if len(id) != 36 {
		return raw, false
	}
	at := 0
	for _, part := range [5][2]int{{0, 8}, {9, 13}, {14, 18}, {19, 23}, {24, 36}} {
		if part[0] > 0 && id[part[0]-1] != '-' {
			return raw, false
		}
		n, err := hex.Decode(raw[at:], []byte(id[part[0]:part[1]]))
		if err != nil {
			return raw, false
		}
		at += n
	}
	return raw, strings.ToLower(id) == id
}

func appendPacketRows(b []byte, rows []Reading, layouts []*RegisterLayout, version byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(rows)))
	var at, step int64
	var before Values
	var memory []byte
	for i := range rows {
		r := &rows[i]
		us := r.At.UnixMicro()
		b = binary.AppendVarint(b, us-at)
		b = binary.AppendVarint(b, r.Step.Microseconds()-step)
		at, step = us, r.Step.Microseconds()
		b = append(b, r.mark())
		b = binary.AppendUvarint(b, r.Values.present^before.present)
		for q, stored := range r.Values.All() {
			b = binary.AppendVarint(b, stored-before.stored[q])
			before.stored[q] = stored
		}
		before.present = r.Values.present
		if version == packetWhole {
			b, memory = appendPacketWords(b, r, layouts, memory)
		}
	}
	return b
}

// ParsePacket calls each with the readings of the meters that are wanted, one meter
// after the other; of every meter when want is nil. Bytes that are no packet, that go
// on after its end, or whose readings are not in order of time, are an error; each may
// have been called before it. The words of registers are left out.
func ParsePacket(b []byte, want func(meter string) bool, each func(meter string, readings []Reading)) error {
	return parsePacket(b, nil, want, each)
}

// ParsePacketRegisters is ParsePacket with the words of registers, of every meter. layout
// gives a layout by its digest, nil when it is not known: that is an error.
func ParsePacketRegisters(b []byte, layout func(LayoutDigest) *RegisterLayout, each func(meter string, readings []Reading)) error {
	return parsePacket(b, layout, nil, each)
}

// PacketLayouts names the layouts of a packet's registers.
func PacketLayouts(b []byte) (out []LayoutDigest, err error) {
	err = parsePacket(b, func(d LayoutDigest) *RegisterLayout {
		out = append(out, d)
		return &RegisterLayout{}
	}, func(string) bool { return false }, nil)
	return out, err
}

func parsePacket(b []byte, layout func(LayoutDigest) *RegisterLayout, want func(meter string) bool, each func(meter string, readings []Reading)) error {
	if len(b) < 2 || b[0] != packetMark || b[1] != packetVersion && b[1] != packetWhole {
		return errPacket
	}
	p := packetReader{b: b[2:], whole: b[1] == packetWhole}
	meters := p.uvarint()
	if meters > uint64(len(p.b)) {
		return errPacket
	}
	type part struct {
		meter string
		size  uint64
	}
	parts := make([]part, 0, meters)
	for range meters {
		id, size := p.meter(), p.uvarint()
		if want == nil || want(id) {
			parts = append(parts, part{id, size})
		} else {
			parts = append(parts, part{"", size})
		}
	}
	if err := p.layouts(layout); err != nil {
		return err
	}
	for _, m := range parts {
		if p.bad || m.size > uint64(len(p.b)) {
			return errPacket
		}
		rows := packetReader{b: p.b[:m.size], whole: p.whole, known: p.known}
		p.b = p.b[m.size:]
		if m.meter == "" {
			continue
		}
		out := rows.readings(m.meter)
		if rows.bad || len(rows.b) > 0 {
			return errPacket
		}
		each(m.meter, out)
	}
	if p.bad || len(p.b) > 0 {
		return errPacket
	}
	return nil
}

// packetReader takes numbers from the front of bytes; bad says that they were none.
type packetReader struct {
	b     []byte
	bad   bool
	whole bool              // readings may have words
	known []*RegisterLayout // nil ones when words are left out
}

// layouts reads the layouts of a packet.
func (p *packetReader) layouts(layout func(LayoutDigest) *RegisterLayout) error {
	if !p.whole {
		return nil
	}
	n := p.uvarint()
	if p.bad || n > uint64(len(p.b))/uint64(len(LayoutDigest{})) {
		return errPacket
	}
	for range n {
		d := LayoutDigest(p.b[:len(LayoutDigest{})])
		p.b = p.b[len(LayoutDigest{}):]
		var l *RegisterLayout
		if layout != nil {
			if l = layout(d); l == nil {
				return Errorf(CodeNotFound, "The layout %s of the registers is not known.", d)
			}
		}
		p.known = append(p.known, l)
	}
	return nil
}

// words reads the words of a reading.
func (p *packetReader) words(v *Values) *Registers {
	which := p.uvarint()
	if p.bad || which == 0 {
		return nil
	}
	n := p.uvarint()
	if p.bad || which > uint64(len(p.known)) || n > uint64(len(p.b)) {
		p.bad = true
		return nil
	}
	raw, l := p.b[:n], p.known[which-1]
	p.b = p.b[n:]
	if l == nil {
		return nil
	}
	out, err := ParseRegisters(l, raw, v)
	p.bad = p.bad || err != nil
	return out
}

func (p *packetReader) uvarint() uint64 {
	v, n := binary.Uvarint(p.b)
	p.skip(n)
	return v
}

func (p *packetReader) varint() int64 {
	v, n := binary.Varint(p.b)
	p.skip(n)
	return v
}

func (p *packetReader) skip(n int) {
	if n <= 0 {
		p.bad, p.b = true, nil
		return
	}
	p.b = p.b[n:]
}

func (p *packetReader) octet() byte {
	if len(p.b) == 0 {
		p.bad = true
		return 0
	}
	v := p.b[0]
	p.b = p.b[1:]
	return v
}

func (p *packetReader) meter() string {
	n := p.uvarint()
	uuid := n == 0
	if uuid {
		n = 16
	}
	if n > uint64(len(p.b)) {
		p.bad = true
		return ""
	}
	id := p.b[:n]
	p.b = p.b[n:]
	if uuid {
		return uuidText(id)
	}
	return string(id)
}

func (p *packetReader) readings(meter string) []Reading {
	n := p.uvarint()
	if n == 0 || n > uint64(len(p.b)) {
		p.bad = true
		return nil
	}
	out := make([]Reading, n)
	var at, step int64
	var before Values
	for i := range out {
		moved := p.varint()
		at += moved
		step += p.varint()
		mark := p.octet()
		before.present ^= p.uvarint()
		r := &out[i]
		if p.bad || i > 0 && moved <= 0 || !r.setMark(mark) || !p.whole && r.Source != SourceUnknown || before.present>>QuantityCount != 0 {
			p.bad = true
			return nil
		}
		r.Meter, r.At, r.Step = meter, time.UnixMicro(at).UTC(), time.Duration(step)*time.Microsecond
		for rest := range before.All() {
			before.stored[rest] += p.varint()
			r.Values.Set(rest, before.stored[rest])
		}
		if p.whole {
			r.Registers = p.words(&r.Values)
		}
	}
	return out
}

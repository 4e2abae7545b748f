package models

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

var errRegisters = errors.New("the bytes are no words of the registers of this layout")

// AppendBinary appends the words of one answer: the set of blocks that came, uvarint;
// then of their fields in turn how many are as the values say, uvarint, and by how much
// the next is another, varint.
func (r *Registers) AppendBinary(b []byte, v *Values) []byte {
	b = binary.AppendUvarint(b, r.Came)
	same, at := uint64(0), 0
	for k := range r.Layout.Blocks {
		block := &r.Layout.Blocks[k]
		if r.Came>>k&1 == 0 {
			continue
		}
		for i := range block.Fields {
			f := &block.Fields[i]
			d := f.number(r.Words[at+f.At:at+f.At+f.Width()]) - f.expectedOf(v)
			if d == 0 {
				same++
				continue
			}
			b = binary.AppendVarint(binary.AppendUvarint(b, same), d)
			same = 0
		}
		at += int(block.Count)
	}
	return binary.AppendUvarint(b, same)
}

// expectedOf is the number that the values say, 0 when they say none.
func (f *RegisterField) expectedOf(v *Values) int64 {
	if f.Q < QuantityCount && f.Scale.Num != 0 {
		if stored, ok := v.Get(f.Q); ok {
			return f.expected(stored)
		}
	}
	return 0
}

// ParseRegisters reads what AppendBinary wrote, of a reading with these values.
func ParseRegisters(l *RegisterLayout, b []byte, v *Values) (*Registers, error) {
	p := packetReader{b: b}
	r := &Registers{Layout: l, Came: p.uvarint()}
	if p.bad || bits.Len64(r.Came) > len(l.Blocks) {
		return nil, errRegisters
	}
	r.Words = make([]uint16, l.Words(r.Came))
	same, at := p.uvarint(), 0
	for k := range l.Blocks {
		block := &l.Blocks[k]
		if r.Came>>k&1 == 0 {
			continue
		}
		for i := range block.Fields {
			f := &block.Fields[i]
			number := f.expectedOf(v)
			if same > 0 {
				same--
			} else {
				number += p.varint()
				same = p.uvarint()
			}
			if p.bad || !f.words(number, r.Words[at+f.At:at+f.At+f.Width()]) {
				return nil, errRegisters
			}
		}
		at += int(block.Count)
	}
	if p.bad || same != 0 || len(p.b) > 0 {
		return nil, errRegisters
	}
	return r, nil
}

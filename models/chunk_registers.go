package models

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// A chunk of version 2 keeps the words of the meter's registers beside the values that
// were made of them:
//
//	'R' 2, packing and meter as in version 1
//	columns  their length in bytes, uvarint, and the columns of version 1; a quality has
//	         32 times the source of its reading added
//	layouts  their number, uvarint, and the SHA-256 of each (RegisterLayout)
//	words    when there are layouts columns again: for each reading its layout (0: none, else its place from 1)
//	         and the set of blocks that came; then of each layout for each block and each
//	         of its fields the numbers in the readings that have it
//
// The number in a field is written as how far it is from what the stored value would
// have been read from. A meter that shows what it measures in the steps in which it is
// stored takes next to nothing; what a 32-bit float shows beyond them is kept to the
// last bit. Where another register decides the scale, the number follows the column of
// its quantity. Every word comes back as it came, whatever it meant.

// layoutsOf gives the layouts of readings in order of their first use.
func layoutsOf(readings []Reading) (out []*RegisterLayout) {
	for i := range readings {
		r := readings[i].Registers
		if r == nil || len(out) > 0 && out[len(out)-1] == r.Layout {
			continue
		}
		if !slices.ContainsFunc(out, func(l *RegisterLayout) bool { return l.digest == r.Layout.digest }) {
			out = append(out, r.Layout)
		}
	}
	return out
}

// registerWriter is the memory of writing registers.
type registerWriter struct {
	part    []byte
	rows    []*Reading
	at      []int // where the words of the block begin, by row
	numbers []int64
	aside   []int64
}

// whole appends a chunk of version 2.
func (c *ChunkCoder) whole(b []byte, readings []Reading, layouts []*RegisterLayout, packing byte) []byte {
	b = appendChunkMeter(append(b, chunkMark, chunkWhole, packing), readings[0].Meter)
	fitted := packing == chunkSmall
	part := c.section(packing, func() { c.columns(readings, fitted) })
	b = append(binary.AppendUvarint(b, uint64(len(part))), part...)
	b = binary.AppendUvarint(b, uint64(len(layouts)))
	for _, l := range layouts {
		b = append(b, l.digest[:]...)
	}
	if len(layouts) == 0 {
		return b
	}
	return append(b, c.section(packing, func() { c.registers(readings, layouts, fitted) })...)
}

// section gives what write puts into a sink of its own.
func (c *ChunkCoder) section(packing byte, write func()) []byte {
	if packing == chunkSmall {
		c.small.reset(c.words.part[:0])
		c.writer.sink = &c.small
		write()
		c.words.part = c.small.end()
		return c.words.part
	}
	c.plain.b = c.words.part[:0]
	c.writer.sink = &c.plain
	write()
	c.words.part, c.plain.b = c.plain.b, nil
	return c.words.part
}

// registers writes the words of the readings.
func (c *ChunkCoder) registers(readings []Reading, layouts []*RegisterLayout, fitted bool) {
	w := &c.words
	which, came := make([]int64, len(readings)), make([]int64, len(readings))
	for i := range readings {
		if r := readings[i].Registers; r != nil {
			which[i] = 1 + int64(slices.IndexFunc(layouts, func(l *RegisterLayout) bool { return l.digest == r.Layout.digest }))
			came[i] = int64(r.Came) //nolint:gosec // a set of bits
		}
	}
	c.writer.others = c.writer.others[:0]
	c.writer.write(chunkColumn{rows: rowsAll, numbers: which}, fitted)
	c.writer.write(chunkColumn{rows: rowsAll, numbers: came}, fitted)
	for l, layout := range layouts {
		for k := range layout.Blocks {
			w.rows, w.at = w.rows[:0], w.at[:0]
			for i := range readings {
				if r := readings[i].Registers; which[i] == int64(l+1) && r.Came>>k&1 == 1 {
					w.rows = append(w.rows, &readings[i])
					w.at = append(w.at, layout.Words(r.Came&(1<<k-1)))
				}
			}
			if len(w.rows) == 0 {
				continue
			}
			for f := range layout.Blocks[k].Fields {
				c.field(&layout.Blocks[k].Fields[f], fitted)
			}
		}
	}
}

// field writes one field of the rows.
func (c *ChunkCoder) field(f *RegisterField, fitted bool) {
	w := &c.words
	w.numbers = w.numbers[:0]
	for i, r := range w.rows {
		at := w.at[i] + f.At
		w.numbers = append(w.numbers, f.number(r.Registers.Words[at:at+f.Width()]))
	}
	f.apart(w.numbers, w.rows, -1)
	c.writer.others = f.beside(w.rows, &w.aside, c.writer.others[:0])
	c.writer.write(chunkColumn{rows: rowsAll, numbers: w.numbers}, fitted)
}

// beside gives the column that a field follows whose scale stands elsewhere.
func (f *RegisterField) beside(rows []*Reading, memory *[]int64, others []chunkColumn) []chunkColumn {
	if f.Q >= QuantityCount || f.Scale.Num != 0 {
		return others
	}
	numbers, last := (*memory)[:0], int64(0)
	for _, r := range rows {
		if v, ok := r.Values.Get(f.Q); ok {
			last = v
		}
		numbers = append(numbers, last)
	}
	*memory = numbers
	return append(others, chunkColumn{rows: rowsAll, numbers: numbers})
}

// apart takes from numbers what is expected of them (sign -1), or adds it again (1): what
// the stored value would have been read from, and where there is none the number before.
func (f *RegisterField) apart(numbers []int64, rows []*Reading, sign int64) {
	if f.Q >= QuantityCount || f.Scale.Num == 0 {
		return
	}
	before := int64(0)
	for i, r := range rows {
		expected := before
		if v, ok := r.Values.Get(f.Q); ok {
			expected = f.expected(v)
		}
		if sign < 0 {
			before = numbers[i]
		}
		numbers[i] += sign * expected
		if sign > 0 {
			before = numbers[i]
		}
	}
}

// expected is the number that a stored value would have been read from. Division and
// multiplication of 64-bit floats are the same on every machine.
func (f *RegisterField) expected(stored int64) int64 {
	v := float64(float64(stored)*float64(f.Scale.Den)) / float64(f.Scale.Num)
	switch f.Type {
	case RegF32:
		return orderedBits(uint64(math.Float32bits(float32(v))), 32)
	case RegF64:
		return orderedBits(math.Float64bits(v), 64)
	}
	if !(math.Abs(v) < 1<<62) {
		return 0
	}
	return int64(math.Round(v))
}

// orderedBits turns the bits of a float into a number that grows with it.
func orderedBits(b uint64, size int) int64 {
	if low := b &^ (1 << (size - 1)); b != low {
		return -int64(low) - 1 //nolint:gosec // less than 2^63
	}
	return int64(b) //nolint:gosec // less than 2^63
}

// floatBits is the way back.
func floatBits(v int64, size int) uint64 {
	if v < 0 {
		return uint64(-(v + 1)) | 1<<(size-1)
	}
	return uint64(v)
}

// number reads the number in the words of a field.
func (f *RegisterField) number(words []uint16) int64 {
	b, _ := assemble(words, Encoding{Type: f.Type, Order: f.Order})
	switch f.Type {
	case RegI16:
		return int64(int16(b)) //nolint:gosec // its bits
	case RegI32:
		return int64(int32(b)) //nolint:gosec // its bits
	case RegF32:
		return orderedBits(b, 32)
	case RegF64:
		return orderedBits(b, 64)
	}
	return int64(b) //nolint:gosec // its bits
}

// words writes the number of a field; false when it does not fit.
func (f *RegisterField) words(v int64, out []uint16) bool {
	b := uint64(v) //nolint:gosec // its bits
	if f.Type == RegF32 || f.Type == RegF64 {
		b = floatBits(v, 16*len(out))
	}
	for i := range out {
		out[i] = uint16(b >> (16 * (len(out) - 1 - i)))
	}
	swapBytes, swapWords, _ := f.Order.swaps()
	if swapWords {
		slices.Reverse(out)
	}
	for i := range out {
		if swapBytes {
			out[i] = bits.ReverseBytes16(out[i])
		}
	}
	return f.number(out) == v
}

// split takes the parts of version 2 apart.
func (c *openedChunk) split() bool {
	p := packetReader{b: c.columns}
	size := p.uvarint()
	if p.bad || size > uint64(len(p.b)) {
		return false
	}
	c.columns, p.b = p.b[:size], p.b[size:]
	n := p.uvarint()
	if p.bad || n > uint64(len(p.b))/uint64(len(LayoutDigest{})) {
		return false
	}
	for range n {
		c.layouts = append(c.layouts, LayoutDigest(p.b[:len(LayoutDigest{})]))
		p.b = p.b[len(LayoutDigest{}):]
	}
	c.words = p.b
	return (len(c.words) > 0) == (n > 0)
}

// ChunkLayouts names the layouts of a chunk's registers; none when it has no registers.
func ChunkLayouts(b []byte) ([]LayoutDigest, error) {
	c, err := openChunk(b)
	return c.layouts, err
}

// ParseChunkRegisters reads a chunk with the words of its registers. layout gives a
// layout by its digest, nil when it is not known: that is an error.
func ParseChunkRegisters(b []byte, layout func(LayoutDigest) *RegisterLayout) ([]Reading, error) {
	c, err := openChunk(b)
	if err != nil {
		return nil, err
	}
	out, err := c.readings()
	if err != nil || len(c.layouts) == 0 {
		return out, err
	}
	layouts := make([]*RegisterLayout, len(c.layouts))
	for i, d := range c.layouts {
		if layouts[i] = layout(d); layouts[i] == nil || layouts[i].digest != d {
			return nil, Errorf(CodeNotFound, "The layout %s of the registers is not known.", d)
		}
	}
	source, end := c.source(c.words)
	if !readRegisters(source, out, layouts) || !end() {
		return nil, errChunk
	}
	return out, nil
}

// readRegisters reads the words into the readings.
func readRegisters(s chunkSource, out []Reading, layouts []*RegisterLayout) bool {
	which, came := make([]int64, len(out)), make([]int64, len(out))
	if readColumn(s, rowsAll, which, nil); !s.ok() {
		return false
	}
	if readColumn(s, rowsAll, came, nil); !s.ok() {
		return false
	}
	for i := range out {
		if which[i] < 0 || which[i] > int64(len(layouts)) {
			return false
		}
		if which[i] == 0 {
			if came[i] != 0 {
				return false
			}
			continue
		}
		l := layouts[which[i]-1]
		set := uint64(came[i]) //nolint:gosec // a set of bits
		if bits.Len64(set) > len(l.Blocks) {
			return false
		}
		out[i].Registers = &Registers{Layout: l, Came: set, Words: make([]uint16, l.Words(set))}
	}
	for n, l := range layouts {
		for k := range l.Blocks {
			if !readBlock(s, out, which, int64(n+1), k) {
				return false
			}
		}
	}
	return s.ok()
}

// readBlock reads the words of one block of one layout.
func readBlock(s chunkSource, out []Reading, which []int64, layout int64, k int) bool {
	var rows []*Reading
	var at []int
	for i := range out {
		if r := out[i].Registers; which[i] == layout && r.Came>>k&1 == 1 {
			rows = append(rows, &out[i])
			at = append(at, r.Layout.Words(r.Came&(1<<k-1)))
		}
	}
	if len(rows) == 0 {
		return true
	}
	var aside []int64
	fields := rows[0].Registers.Layout.Blocks[k].Fields
	for j := range fields {
		f := &fields[j]
		numbers := make([]int64, len(rows))
		if readColumn(s, rowsAll, numbers, f.beside(rows, &aside, nil)); !s.ok() {
			return false
		}
		f.apart(numbers, rows, 1)
		for i, r := range rows {
			begin := at[i] + f.At
			if !f.words(numbers[i], r.Registers.Words[begin:begin+f.Width()]) {
				return false
			}
		}
	}
	return true
}

// ChunkSources gives where the readings of a chunk come from.
func ChunkSources(b []byte) (out SourceSet, err error) {
	if len(b) > 1 && b[1] == chunkVersion {
		return 0, nil
	}
	readings, err := ParseChunk(b)
	for i := range readings {
		out |= readings[i].Source.Set()
	}
	return out, err
}

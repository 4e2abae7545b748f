package models

import (
	"encoding/hex"
	"errors"
	"math/bits"
	"strings"
	"time"
)

// A chunk is the readings of one meter, in order of time and each instant once, as
// they are kept and as they are evidence: what one quarter of an hour said, once it
// is sealed. The bytes tell everything that is needed to read them again:
//
//	'R' 1    that this is a chunk, and of which version
//	packing  0: numbers are zigzag varints; 1: range coded, see chunk_coder.go
//	meter    length and bytes of the meter's id; length 255 means that the 16 bytes
//	         of a UUID follow
//	count    of the readings, less one
//	columns  instants (µs since 1970), steps (µs), qualities, the sets of quantities
//	         that are present; then for each quantity that any reading has, in the
//	         order of Quantities, its numbers in the readings that have it; see
//	         chunk_column.go
//
// A chunk in the form of version 1 is read for ever. One with the words of the
// meter's registers is of version 2, see chunk_registers.go.
const (
	chunkMark    = 'R'
	chunkVersion = 1
	chunkWhole   = 2

	chunkPlain = 0
	chunkSmall = 1

	chunkMost = 1 << 16 // readings in a chunk
	chunkUUID = 255
)

var errChunk = errors.New("the bytes are no chunk of readings of version 1 or 2")

// ChunkCoder writes chunks. It keeps memory between chunks and is for one goroutine
// at a time.
type ChunkCoder struct {
	small  rangeSink
	plain  plainSink
	writer columnWriter
	memory []int64
	words  registerWriter
}

// Append appends a chunk as it stands: quick to write, for what is soon written
// anew. The readings are of one meter, in order of time, from 1 to 65,536.
func (c *ChunkCoder) Append(b []byte, readings []Reading) []byte {
	if layouts := layoutsOf(readings); len(layouts) > 0 || sourced(readings) {
		return c.whole(b, readings, layouts, chunkPlain)
	}
	c.plain.b = appendChunkMeter(append(b, chunkMark, chunkVersion, chunkPlain), readings[0].Meter)
	c.writer.sink = &c.plain
	c.columns(readings, false)
	return c.plain.b
}

// Seal appends a chunk in its smallest form.
func (c *ChunkCoder) Seal(b []byte, readings []Reading) []byte {
	if layouts := layoutsOf(readings); len(layouts) > 0 || sourced(readings) {
		return c.whole(b, readings, layouts, chunkSmall)
	}
	b = appendChunkMeter(append(b, chunkMark, chunkVersion, chunkSmall), readings[0].Meter)
	c.small.reset(nil)
	c.writer.sink = &c.small
	c.columns(readings, true)
	return append(b, c.small.end()...)
}

// columns writes the readings as columns.
func (c *ChunkCoder) columns(readings []Reading, fitted bool) {
	c.writer.others = c.writer.others[:0]
	c.writer.sink.put(ctxHead, int64(len(readings)-1))
	if need := len(readings) * (4 + int(QuantityCount)); cap(c.memory) < need {
		c.memory = make([]int64, need)
	}
	memory := c.memory[:cap(c.memory)]
	take := func(rows int, numbers []int64) {
		column := chunkColumn{rows: rows, numbers: numbers}
		c.writer.write(column, fitted)
		c.writer.others = append(c.writer.others, column)
		memory = memory[len(numbers):]
	}
	n := len(readings)
	for _, field := range [4]func(*Reading) int64{
		func(r *Reading) int64 { return r.At.UnixMicro() },
		func(r *Reading) int64 { return r.Step.Microseconds() },
		func(r *Reading) int64 { return int64(r.mark()) },
		func(r *Reading) int64 { return int64(r.Values.present) }, //nolint:gosec // fewer than 63 quantities
	} {
		numbers := memory[:n:n]
		for i := range readings {
			numbers[i] = field(&readings[i])
		}
		take(rowsAll, numbers)
	}
	sets := rowSets(readings)
	for rest := union(readings); rest != 0; rest &= rest - 1 {
		q := bits.TrailingZeros64(rest)
		numbers := memory[:0:n]
		for i := range readings {
			if v := &readings[i].Values; v.present&(1<<q) != 0 {
				numbers = append(numbers, v.stored[q])
			}
		}
		take(sets[q], numbers)
	}
}

// rowsAll is the set of all readings.
const rowsAll = -1

func union(readings []Reading) (all uint64) {
	for i := range readings {
		all |= readings[i].Values.present
	}
	return all
}

// rowSets numbers the sets of readings that have a quantity: two quantities of the
// same readings get the same number, the lowest of them.
func rowSets(readings []Reading) (sets [QuantityCount]int) {
	for q := range sets {
		sets[q] = rowsAll
		like := uint64(1<<QuantityCount - 1)
		for i := range readings {
			if p := readings[i].Values.present; p&(1<<q) != 0 {
				like &= p
			} else {
				like &^= p
				sets[q] = q
			}
		}
		if sets[q] != rowsAll {
			sets[q] = bits.TrailingZeros64(like)
		}
	}
	return sets
}

func appendChunkMeter(b []byte, meter string) []byte {
	if id, err := hex.DecodeString(strings.ReplaceAll(meter, "-", "")); err == nil && len(id) == 16 && meter == uuidText(id) {
		return append(append(b, chunkUUID), id...)
	}
	meter = meter[:min(len(meter), chunkUUID-1)]
	return append(append(b, byte(len(meter))), meter...)
}

func uuidText(id []byte) string {
	t := hex.EncodeToString(id)
	return t[:8] + "-" + t[8:12] + "-" + t[12:16] + "-" + t[16:20] + "-" + t[20:]
}

// ParseChunk reads a chunk, without the words of registers. Bytes that are none, that
// go on after the end, or whose readings are not in order of time, are an error.
func ParseChunk(b []byte) ([]Reading, error) {
	c, err := openChunk(b)
	if err != nil {
		return nil, err
	}
	return c.readings()
}

// openedChunk is a chunk in its parts.
type openedChunk struct {
	packing byte
	version byte
	meter   string
	columns []byte
	layouts []LayoutDigest // none in version 1
	words   []byte
}

func openChunk(b []byte) (openedChunk, error) {
	if len(b) < 4 || b[0] != chunkMark || b[1] != chunkVersion && b[1] != chunkWhole || b[2] > chunkSmall {
		return openedChunk{}, errChunk
	}
	c, n, rest := openedChunk{version: b[1], packing: b[2]}, int(b[3]), b[4:]
	uuid := n == chunkUUID
	if uuid {
		n = 16
	}
	if len(rest) < n {
		return openedChunk{}, errChunk
	}
	c.meter, c.columns = string(rest[:n]), rest[n:]
	if uuid {
		c.meter = uuidText(rest[:n])
	}
	if b[1] == chunkWhole && !c.split() {
		return openedChunk{}, errChunk
	}
	return c, nil
}

// source reads a part of the chunk; end tells whether all of it was read.
func (c *openedChunk) source(part []byte) (source chunkSource, end func() bool) {
	if c.packing == chunkSmall {
		s := newRangeSource(part)
		return s, func() bool { return s.ok() && len(s.b) == 0 }
	}
	s := &plainSource{b: part}
	return s, func() bool { return s.ok() && len(s.b) == 0 }
}

func (c *openedChunk) readings() ([]Reading, error) {
	source, end := c.source(c.columns)
	out := chunkReadings(source, c.meter, c.version)
	if !end() {
		return nil, errChunk
	}
	return out, nil
}

func chunkReadings(s chunkSource, meter string, version byte) []Reading {
	n := s.get(ctxHead) + 1
	if !s.ok() || n < 1 || n > chunkMost {
		s.fail()
		return nil
	}
	out := make([]Reading, n)
	var others []chunkColumn
	within := func(v, below int64) {
		if v < 0 || v >= below {
			s.fail()
		}
	}
	for _, set := range [4]func(*Reading, int64){
		func(x *Reading, v int64) { x.Meter, x.At = meter, time.UnixMicro(v).UTC() },
		func(x *Reading, v int64) { x.Step = time.Duration(v) * time.Microsecond },
		func(x *Reading, v int64) {
			if within(v, 256); v < 0 || v > 255 || !x.setMark(byte(v)) || version == chunkVersion && x.Source != SourceUnknown {
				s.fail()
			}
		},
		func(x *Reading, v int64) { x.Values.present = uint64(v); within(v, 1<<QuantityCount) },
	} {
		numbers := make([]int64, n)
		if readColumn(s, rowsAll, numbers, others); !s.ok() {
			return nil
		}
		for i := range out {
			set(&out[i], numbers[i])
		}
		others = append(others, chunkColumn{rows: rowsAll, numbers: numbers})
	}
	for i := 1; i < len(out); i++ {
		if others[0].numbers[i] <= others[0].numbers[i-1] {
			s.fail()
		}
	}
	if !s.ok() {
		return nil
	}
	sets := rowSets(out)
	for rest := union(out); rest != 0 && s.ok(); rest &= rest - 1 {
		q := bits.TrailingZeros64(rest)
		numbers := chunkQuantity(s, Quantity(q), sets[q], out, others) //nolint:gosec // a bit's number
		others = append(others, chunkColumn{rows: sets[q], numbers: numbers})
	}
	return out
}

// chunkQuantity reads the numbers of a quantity into the readings that have it.
func chunkQuantity(s chunkSource, q Quantity, rows int, out []Reading, others []chunkColumn) []int64 {
	have := 0
	for i := range out {
		if out[i].Values.Has(q) {
			have++
		}
	}
	numbers := make([]int64, have)
	readColumn(s, rows, numbers, others)
	have = 0
	for i := range out {
		if out[i].Values.Has(q) {
			out[i].Values.stored[q] = numbers[have]
			have++
		}
	}
	return numbers
}

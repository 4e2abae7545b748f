package models

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// What a number in a chunk is, so that it is written beside its like.
const (
	ctxHead = iota
	ctxForm
	ctxDivisor
	ctxCount
	ctxFeature
	ctxFactor
	ctxShift
	ctxScale
	ctxRest // of one column: begin starts another, with the size of its numbers
	ctxCountOf
)

// chunkSink takes the numbers of a chunk, chunkSource gives them back in order.
type chunkSink interface {
	put(context int, v int64)
	begin(scale int64) // the rest of a column
}

type chunkSource interface {
	get(context int) int64
	begin(scale int64)
	fail()
	ok() bool
}

// plainSink writes zigzag varints.
type plainSink struct{ b []byte }

func (s *plainSink) put(_ int, v int64) { s.b = binary.AppendVarint(s.b, v) }
func (s *plainSink) begin(int64)        {}

type plainSource struct {
	b   []byte
	bad bool
}

func (s *plainSource) get(int) int64 {
	v, n := binary.Varint(s.b)
	if n <= 0 {
		s.fail()
		return 0
	}
	s.b = s.b[n:]
	return v
}
func (s *plainSource) begin(int64) {}
func (s *plainSource) fail()       { s.b, s.bad = nil, true }
func (s *plainSource) ok() bool    { return !s.bad }

// The small form is a binary range coder as in LZMA: each bit has a chance that
// follows what came before it in the same place, kept in 11 bits. A number is its
// length in bits, one by one; its sign; then its bits below the highest, of which
// the first two have chances of their own and the others are even.
const (
	chanceBits = 11
	chanceTop  = 1 << chanceBits
	chanceHalf = chanceTop / 2
	rangeTop   = 1 << 24
)

// chance is how likely a bit is 0, in 1/2048, and how often it was seen: it moves
// fast at first.
type chance struct{ zero, seen uint16 }

// saw moves the chance towards a bit.
func (c *chance) saw(one bool) {
	by := chanceMoves[c.seen]
	if int(c.seen) < len(chanceMoves)-1 {
		c.seen++
	}
	if one {
		c.zero -= c.zero >> by
	} else {
		c.zero += (1<<chanceBits - c.zero) >> by
	}
}

// chanceMoves is by which part, as a power of 2, a chance moves the first, second and
// further times.
var chanceMoves = [...]uint8{1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5}

// numberModel is the chances of one kind of number.
type numberModel struct {
	length [65]chance
	sign   [65]chance
	high   [65][3]chance
}

func (m *numberModel) reset() {
	half := chance{zero: chanceHalf}
	for i := range m.length {
		m.length[i], m.sign[i], m.high[i] = half, half, [3]chance{half, half, half}
	}
}

// scales is how many sizes of numbers there are to begin from: numbers of scale s
// have a mean distance from 0 of 2^((s-6)/2).
const scales = 126

// scaleOf is the scale of numbers.
func scaleOf(mean float64) int64 {
	if mean <= 0 {
		return 0
	}
	return int64(max(0, min(scales-1, math.Round(2*math.Log2(mean))+6)))
}

// expect sets the chances to those of numbers whose chance falls by the same part
// with each step away from 0, in whole numbers so that every machine has the same.
func (m *numberModel) expect(scale int64) {
	const one = 1 << 32
	mean := uint64(one/8) << min(scale/2, 28) // beyond 2^25 the chances look the same
	if scale%2 == 1 {
		mean = mean / 46341 * 65536
	}
	theta, _ := bits.Div64(mean>>32, mean<<32, mean+one)
	sure := func(u uint64) chance { // u of 2^32 is the chance of a 1
		zero := uint16(chanceTop - u>>(32-chanceBits))
		return chance{zero: max(48, min(chanceTop-48, zero)), seen: expectSeen}
	}
	ratio := func(t uint64) uint64 { q, _ := bits.Div64(t>>32, t<<32, one+t); return q }
	square := func(t uint64) uint64 { hi, lo := bits.Mul64(t, t); return hi<<32 | lo>>32 }
	m.reset()
	m.length[0] = sure(min(one-1, 2*ratio(theta)))
	m.length[1] = sure(theta)
	t := theta
	var quarter, half uint64 = one - 1, one - 1
	for n := 1; n < 64; n++ {
		// t = theta^(2^(n-1)): from numbers of length n on, whether there is one more
		m.length[n] = sure(t)
		if n >= 2 {
			m.high[n][0] = sure(ratio(half))
		}
		if n >= 3 {
			m.high[n][1], m.high[n][2] = sure(ratio(quarter)), sure(ratio(quarter))
		}
		quarter, half, t = half, t, square(t)
	}
}

// expectSeen is how much an expected chance counts against what is seen.
const expectSeen = 10

type rangeSink struct {
	b      []byte
	low    uint64
	width  uint32
	cache  byte
	held   int // bytes that wait for a carry, with cache
	models [ctxCountOf]numberModel
}

func (s *rangeSink) reset(b []byte) {
	s.b, s.low, s.width, s.cache, s.held = b, 0, 1<<32-1, 0, 1
	for i := range s.models {
		s.models[i].reset()
	}
}

func (s *rangeSink) begin(scale int64) { s.models[ctxRest].expect(scale) }

func (s *rangeSink) shift() {
	if s.low < 0xff000000 || s.low >= 1<<32 {
		carry := byte(s.low >> 32)
		for ; s.held > 0; s.held-- {
			s.b = append(s.b, s.cache+carry)
			s.cache = 0xff
		}
		s.cache = byte(s.low >> 24)
	}
	s.held++
	s.low = (s.low & 0x00ffffff) << 8
}

func (s *rangeSink) bit(c *chance, one bool) {
	bound := (s.width >> chanceBits) * uint32(c.zero)
	if one {
		s.low += uint64(bound)
		s.width -= bound
	} else {
		s.width = bound
	}
	c.saw(one)
	for s.width < rangeTop {
		s.width <<= 8
		s.shift()
	}
}

func (s *rangeSink) even(one bool) {
	s.width >>= 1
	if one {
		s.low += uint64(s.width)
	}
	for s.width < rangeTop {
		s.width <<= 8
		s.shift()
	}
}

func (s *rangeSink) put(context int, v int64) {
	m := &s.models[context]
	u, n := magnitude(v), bitLength(v)
	for i := range n {
		s.bit(&m.length[i], true)
	}
	if n < 64 {
		s.bit(&m.length[n], false)
	}
	if n == 0 {
		return
	}
	s.bit(&m.sign[n], v < 0)
	node := 0
	for k := n - 2; k >= 0; k-- {
		one := u>>k&1 == 1
		if node < 3 {
			s.bit(&m.high[n][node], one)
			if node = 2*node + 1; one {
				node++
			}
			continue
		}
		s.even(one)
	}
}

// end writes what is left. A reader takes each byte and asks for no other.
func (s *rangeSink) end() []byte {
	for range 5 {
		s.shift()
	}
	return s.b
}

type rangeSource struct {
	b           []byte
	bad         bool
	width, code uint32
	models      [ctxCountOf]numberModel
}

func newRangeSource(b []byte) *rangeSource {
	s := &rangeSource{b: b, width: 1<<32 - 1}
	for i := range s.models {
		s.models[i].reset()
	}
	for range 5 {
		s.code = s.code<<8 | uint32(s.next())
	}
	return s
}

func (s *rangeSource) begin(scale int64) { s.models[ctxRest].expect(scale) }
func (s *rangeSource) fail()             { s.bad = true }
func (s *rangeSource) ok() bool          { return !s.bad }

func (s *rangeSource) next() byte {
	if len(s.b) == 0 {
		s.bad = true
		return 0
	}
	v := s.b[0]
	s.b = s.b[1:]
	return v
}

func (s *rangeSource) fill() {
	for s.width < rangeTop {
		s.width <<= 8
		s.code = s.code<<8 | uint32(s.next())
	}
}

func (s *rangeSource) bit(c *chance) bool {
	bound := (s.width >> chanceBits) * uint32(c.zero)
	one := s.code >= bound
	if one {
		s.code -= bound
		s.width -= bound
	} else {
		s.width = bound
	}
	c.saw(one)
	s.fill()
	return one
}

func (s *rangeSource) even() bool {
	s.width >>= 1
	one := s.code >= s.width
	if one {
		s.code -= s.width
	}
	s.fill()
	return one
}

func (s *rangeSource) get(context int) int64 {
	m := &s.models[context]
	n := 0
	for n < 64 && !s.bad && s.bit(&m.length[n]) {
		n++
	}
	if n == 0 || s.bad {
		return 0
	}
	negative := s.bit(&m.sign[n])
	u, node := uint64(1), 0
	for range n - 1 {
		var one bool
		if node < 3 {
			one = s.bit(&m.high[n][node])
			if node = 2*node + 1; one {
				node++
			}
		} else {
			one = s.even()
		}
		if u <<= 1; one {
			u |= 1
		}
	}
	if negative {
		return int64(-u) //nolint:gosec // wraps back
	}
	return int64(u) //nolint:gosec // what was written was an int64
}

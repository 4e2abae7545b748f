package simulator

import (
	"hash/fnv"
	"math"
)

// source is a stream of numbers that depend on nothing but a seed and a
// position, so that any instant can be asked for in any order.
type source uint64

// child gives the stream of a part with a name.
func (s source) child(name string) source {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // a hash never fails
	return source(mix(uint64(s) ^ h.Sum64()))
}

// item gives the stream of the n-th part.
func (s source) item(n int64) source {
	return source(mix(uint64(s) + uint64(n)*0x9E3779B97F4A7C15))
}

// uniform is the number at a position, in [0, 1).
func (s source) uniform(i int64) float64 {
	return float64(mix(uint64(s)^mix(uint64(i)+0x632BE59BD9B4E019))>>11) / (1 << 53)
}

// normal is a number of mean 0 and deviation 1, the sum of four uniform ones;
// it stays within ±3.5.
func (s source) normal(i int64) float64 {
	sum := s.uniform(4*i) + s.uniform(4*i+1) + s.uniform(4*i+2) + s.uniform(4*i+3)
	return (sum - 2) * math.Sqrt(3)
}

// smooth joins normal numbers at whole positions by a soft curve.
func (s source) smooth(x float64) float64 {
	i := math.Floor(x)
	f := x - i
	f = f * f * (3 - 2*f)
	return s.normal(int64(i))*(1-f) + s.normal(int64(i)+1)*f
}

// mix is the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

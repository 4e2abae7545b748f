package stream

import (
	"math"
	"slices"
	"sort"
)

func sortFloats(v []float32) { slices.Sort(v) }

func meanOf(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

// quantileOf sorts its argument; NaN of nothing.
func quantileOf(v []float64, q float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	sort.Float64s(v)
	x := q * float64(len(v)-1)
	i := int(x)
	if i+1 >= len(v) {
		return v[len(v)-1]
	}
	return v[i] + (x-float64(i))*(v[i+1]-v[i])
}

// center gives the median and the deviation by the median absolute deviation.
func center(v []float64) (median, sigma float64) {
	c := slices.Clone(v)
	median = quantileOf(c, 0.5)
	for i, x := range v {
		c[i] = math.Abs(x - median)
	}
	return median, 1.4826 * quantileOf(c, 0.5)
}

// solve3 solves a symmetric positive system by elimination.
func solve3(a [3][3]float64, b [3]float64) [3]float64 {
	for k := range 3 {
		for i := k + 1; i < 3; i++ {
			f := a[i][k] / a[k][k]
			for j := k; j < 3; j++ {
				a[i][j] -= f * a[k][j]
			}
			b[i] -= f * b[k]
		}
	}
	var x [3]float64
	for k := 2; k >= 0; k-- {
		x[k] = b[k]
		for j := k + 1; j < 3; j++ {
			x[k] -= a[k][j] * x[j]
		}
		x[k] /= a[k][k]
	}
	return x
}

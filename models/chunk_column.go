package models

import (
	"math"
	"math/bits"
)

// A column is a run of whole numbers, written as how far each is from what may be
// expected of it: the number before it, plus what chosen features say, each times a
// factor that stands in the chunk. A phase's current follows from the power and the
// voltage read with it, a counter from the power, a slow voltage from its own slope;
// what is left is a few bits. The factors are fitted when a chunk is written; reading
// it is integer arithmetic that wraps, so that every machine reads the same.
//
//	first     the first number
//	form      0: all are the first. Else 1, plus 1 when it is expected from the first
//	          number and not from the one before it
//	divisor   of all differences, forms 1 and 2: a value kept in mV that moves by 100
//	features  how many (at most 4); each: which, its factor, the factor's shift
//	rest      (number - expected) / divisor, for each number but the first
const (
	formConstant = iota
	formStep
	formLevel

	mostFeatures = 4
)

// Features of a column at a place: a constant, the place itself, its own last two differences, and of
// each earlier column k that has the same readings the difference from the place
// before (featureOthers + 3k), from the beginning (+ 1), and by how much the number
// before would move if it moved by the same part (+ 2).
const (
	featureOne = iota
	featurePlace
	featureLast
	featureBefore
	featureOthers
)

// chunkColumn is a column with the set of readings that have it.
type chunkColumn struct {
	rows    int // which set of readings, by number
	numbers []int64
}

// term is a feature with its factor, factor / 2^shift.
type term struct {
	feature       int
	factor, shift int64
}

// feature gives a feature of column y at place i; y is known before i.
func feature(f int, y []int64, others []chunkColumn, i int) int64 {
	switch f {
	case featureOne:
		return 1
	case featurePlace:
		return int64(i)
	case featureLast:
		if i < 2 {
			return 0
		}
		return y[i-1] - y[i-2]
	case featureBefore:
		if i < 3 {
			return 0
		}
		return y[i-2] - y[i-3]
	}
	x := others[(f-featureOthers)/3].numbers
	switch (f - featureOthers) % 3 {
	case 0:
		return x[i] - x[i-1]
	case 1:
		return x[i] - x[0]
	}
	last, step := y[i-1], x[i]-x[i-1]
	if x[i-1] == 0 || magnitude(last) >= 1<<31 || magnitude(step) >= 1<<31 {
		return 0
	}
	return last * step / x[i-1]
}

// predict gives what is expected at place i > 0.
func predict(form int64, terms []term, y []int64, others []chunkColumn, i int) int64 {
	base := y[i-1]
	if form == formLevel {
		base = y[0]
	}
	for _, t := range terms {
		v := t.factor * feature(t.feature, y, others, i)
		if t.shift > 0 {
			v = (v + 1<<(t.shift-1)) >> t.shift
		}
		base += v
	}
	return base
}

// columnWriter writes columns into a sink. Its memory is kept.
type columnWriter struct {
	sink   chunkSink
	others []chunkColumn
	fit    fitter
}

// write writes a column; there is at least one number. Fitted ones are for chunks
// that stay.
func (w *columnWriter) write(c chunkColumn, fitted bool) {
	y := c.numbers
	w.sink.put(ctxHead, y[0])
	constant := true
	for _, v := range y[1:] {
		constant = constant && v == y[0]
	}
	if constant {
		w.sink.put(ctxForm, formConstant)
		return
	}
	form, terms := int64(formStep), []term(nil)
	if fitted && len(y) >= 8 {
		form, terms = w.fit.best(c, w.others)
	}
	divisor := uint64(0)
	for i := 1; i < len(y); i++ {
		divisor = divisorOf(divisor, magnitude(y[i]-predict(form, terms, y, w.others, i)))
	}
	divisor = max(divisor, 1)
	w.sink.put(ctxForm, form)
	w.sink.put(ctxDivisor, int64(divisor)) //nolint:gosec // at most 2^62
	w.sink.put(ctxCount, int64(len(terms)))
	for _, t := range terms {
		w.sink.put(ctxFeature, int64(t.feature))
		w.sink.put(ctxFactor, t.factor)
		w.sink.put(ctxShift, t.shift)
	}
	var sum float64
	for i := 1; i < len(y); i++ {
		sum += float64(magnitude(y[i]-predict(form, terms, y, w.others, i)) / divisor)
	}
	scale := scaleOf(sum / float64(len(y)-1))
	w.sink.put(ctxScale, scale)
	w.sink.begin(scale)
	for i := 1; i < len(y); i++ {
		d := y[i] - predict(form, terms, y, w.others, i)
		if divisor > 1 {
			d /= int64(divisor) //nolint:gosec // at most 2^62
		}
		w.sink.put(ctxRest, d)
	}
}

// readColumn reads a column of the length of out into it.
func readColumn(s chunkSource, rows int, out []int64, others []chunkColumn) {
	if len(out) == 0 {
		s.fail()
		return
	}
	out[0] = s.get(ctxHead)
	form := s.get(ctxForm)
	if form == formConstant {
		for i := range out {
			out[i] = out[0]
		}
		return
	}
	divisor := s.get(ctxDivisor)
	n := s.get(ctxCount)
	if form < 0 || form > formLevel || divisor < 1 || n < 0 || n > mostFeatures {
		s.fail()
		return
	}
	var terms [mostFeatures]term
	for i := range n {
		t := term{feature: int(s.get(ctxFeature)), factor: s.get(ctxFactor), shift: s.get(ctxShift)}
		other := (t.feature - featureOthers) / 3
		if t.feature < 0 || t.shift < 0 || t.shift > 62 || t.feature >= featureOthers && (other >= len(others) || others[other].rows != rows) {
			s.fail()
			return
		}
		terms[i] = t
	}
	scale := s.get(ctxScale)
	if scale < 0 || scale >= scales {
		s.fail()
		return
	}
	s.begin(scale)
	for i := 1; i < len(out) && s.ok(); i++ {
		out[i] = predict(form, terms[:n], out, others, i) + s.get(ctxRest)*divisor
	}
}

// magnitude is the distance from 0; it holds that of the least int64 too.
func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v) //nolint:gosec // wraps to the magnitude
	}
	return uint64(v)
}

// divisorOf is the largest number that divides both, at most 2^62.
func divisorOf(a, b uint64) uint64 {
	if a == 1 || b == 1 {
		return 1
	}
	for b != 0 {
		a, b = b, a%b
	}
	if a > 1<<62 {
		return 1
	}
	return a
}

// fitter chooses the features of columns by least squares, one after the other.
type fitter struct {
	rows  [][]float64 // of each candidate
	which []int
	rest  []float64
}

// best gives the form and the terms with the fewest bits to write.
func (f *fitter) best(c chunkColumn, others []chunkColumn) (form int64, terms []term) {
	form, terms = formStep, nil
	least := costOf(form, nil, c.numbers, others)
	for _, try := range []int64{formStep, formLevel} {
		f.candidates(c, others)
		var chosen []int
		for len(chosen) < mostFeatures {
			next := f.next(try, c.numbers, chosen)
			if next < 0 {
				break
			}
			chosen = append(chosen, next)
			factors := f.factors(try, c.numbers, chosen)
			for _, exact := range factorBits {
				fitted := f.terms(factors, chosen, exact)
				if cost := costOf(try, fitted, c.numbers, others); cost < least {
					form, terms, least = try, fitted, cost
				}
			}
		}
	}
	return form, terms
}

// candidates computes each feature at each place.
func (f *fitter) candidates(c chunkColumn, others []chunkColumn) {
	n := featureOthers + 3*len(others)
	f.which, f.rows = f.which[:0], f.rows[:0]
	for k := range n {
		if other := (k - featureOthers) / 3; k >= featureOthers && others[other].rows != c.rows {
			continue
		}
		row := make([]float64, len(c.numbers)-1)
		some := false
		for i := range row {
			row[i] = float64(feature(k, c.numbers, others, i+1))
			some = some || row[i] != 0
		}
		if some {
			f.which, f.rows = append(f.which, k), append(f.rows, row)
		}
	}
}

// target is what the features are to explain at each place.
func target(form int64, y []int64, i int) float64 {
	if form == formLevel {
		return float64(y[i+1] - y[0])
	}
	return float64(y[i+1] - y[i])
}

// next finds the candidate that explains most of what the chosen leave, or -1.
func (f *fitter) next(form int64, y []int64, chosen []int) int {
	f.rest = f.rest[:0]
	factors := f.factors(form, y, chosen)
	for i := range len(y) - 1 {
		v := target(form, y, i)
		for k, c := range chosen {
			v -= factors[k] * f.rows[c][i]
		}
		f.rest = append(f.rest, v)
	}
	best, most := -1, 0.0
	for c, row := range f.rows {
		var dot, square float64
		for i, v := range row {
			dot += v * f.rest[i]
			square += v * v
		}
		if gain := dot * dot / square; gain > most*1.0001 {
			best, most = c, gain
		}
	}
	for _, c := range chosen {
		if c == best {
			return -1
		}
	}
	return best
}

// factors solves the least squares of the chosen candidates.
func (f *fitter) factors(form int64, y []int64, chosen []int) []float64 {
	n := len(chosen)
	a := make([][]float64, n)
	for r := range n {
		a[r] = make([]float64, n+1)
		for i, v := range f.rows[chosen[r]] {
			for k := range n {
				a[r][k] += v * f.rows[chosen[k]][i]
			}
			a[r][n] += v * target(form, y, i)
		}
		a[r][r] *= 1 + 1e-9
	}
	for p := range n {
		for r := p + 1; r < n; r++ {
			part := a[r][p] / a[p][p]
			for k := p; k <= n; k++ {
				a[r][k] -= part * a[p][k]
			}
		}
	}
	out := make([]float64, n)
	for r := n - 1; r >= 0; r-- {
		out[r] = a[r][n]
		for k := r + 1; k < n; k++ {
			out[r] -= a[r][k] * out[k]
		}
		out[r] /= a[r][r]
	}
	return out
}

// factorBits are how exact a factor may be kept.
var factorBits = [...]int{4, 7, 10, 13}

// terms gives the chosen with factors of so many bits.
func (f *fitter) terms(factors []float64, chosen []int, exact int) []term {
	out := make([]term, 0, len(factors))
	for k, v := range factors {
		if !(math.Abs(v) < 1<<40) || v == 0 { // not even a number, when they cannot be told apart
			continue
		}
		shift := int64(max(0, min(40, exact-1-math.Ilogb(v))))
		factor := int64(math.Round(math.Ldexp(v, int(shift))))
		for shift > 0 && factor != 0 && factor%2 == 0 {
			factor, shift = factor/2, shift-1
		}
		if factor != 0 {
			out = append(out, term{f.which[chosen[k]], factor, shift})
		}
	}
	return out
}

// costOf is about how many bits a column takes. What is left is counted in the steps in
// which it is written: features that spoil a common divisor are seldom worth it.
func costOf(form int64, terms []term, y []int64, others []chunkColumn) float64 {
	cost := 12.0
	for _, t := range terms {
		cost += 12 + float64(bitLength(t.factor))
	}
	divisor := uint64(0)
	for i := 1; i < len(y); i++ {
		divisor = divisorOf(divisor, magnitude(y[i]-predict(form, terms, y, others, i)))
	}
	divisor = max(divisor, 1)
	var sum float64
	for i := 1; i < len(y); i++ {
		sum += math.Log2(1 + float64(magnitude(y[i]-predict(form, terms, y, others, i))/divisor))
	}
	return cost + 1.4*sum
}

func bitLength(v int64) int { return bits.Len64(magnitude(v)) }

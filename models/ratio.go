package models

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Ratio is an exact scale: a register value times Num over Den. The zero value
// is not a scale; use RatioOne.
type Ratio struct{ Num, Den int64 }

// RatioOne is the scale that changes nothing.
var RatioOne = Ratio{1, 1}

// ParseRatio reads a decimal such as 0.1, 1000, -1 or 1e-5 exactly.
func ParseRatio(text string) (Ratio, error) {
	r, ok := new(big.Rat).SetString(strings.TrimSpace(text))
	if !ok || strings.Contains(text, "/") || r.Sign() == 0 || !r.Num().IsInt64() || !r.Denom().IsInt64() {
		return Ratio{}, Errorf(CodeInvalid, "%q is not a scale. Write a decimal other than 0, such as 0.1 or 1000.", text)
	}
	return Ratio{r.Num().Int64(), r.Denom().Int64()}, nil
}

// Times multiplies two scales; false when the product cannot be held exactly.
func (r Ratio) Times(o Ratio) (Ratio, bool) {
	p := new(big.Rat).Mul(big.NewRat(r.Num, r.Den), big.NewRat(o.Num, o.Den))
	if !p.Num().IsInt64() || !p.Denom().IsInt64() {
		return Ratio{}, false
	}
	return Ratio{p.Num().Int64(), p.Denom().Int64()}, true
}

// Pow10 multiplies the scale by a power of ten from -18 to 18, without
// allocating; false when the result cannot be held.
func (r Ratio) Pow10(e int) (Ratio, bool) {
	for ; e > 0; e-- {
		switch {
		case r.Den%10 == 0:
			r.Den /= 10
		case r.Num > math.MaxInt64/10 || r.Num < math.MinInt64/10:
			return Ratio{}, false
		default:
			r.Num *= 10
		}
	}
	for ; e < 0; e++ {
		switch {
		case r.Num%10 == 0:
			r.Num /= 10
		case r.Den > math.MaxInt64/10:
			return Ratio{}, false
		default:
			r.Den *= 10
		}
	}
	return r, true
}

// Float is the scale as a float.
func (r Ratio) Float() float64 { return float64(r.Num) / float64(r.Den) }

// Scaled gives the value times the scale as a whole number, rounded half away
// from zero. Integers are computed exactly. Text, and what does not fit in 64
// bits, is ValueBad; a state other than ValueOK is passed on.
func (v Raw) Scaled(r Ratio) (int64, ValueState) {
	switch {
	case v.State != ValueOK:
		return 0, v.State
	case v.Kind == RawText:
		return 0, ValueBad
	case v.Kind == RawFloat:
		f := math.Round(v.Float * float64(r.Num) / float64(r.Den))
		if !(math.Abs(f) < 1<<63) {
			return 0, ValueBad
		}
		return int64(f), ValueOK
	}
	neg, num := v.Neg, uint64(r.Num)
	if r.Num < 0 {
		neg, num = !neg, -num
	}
	hi, lo := bits.Mul64(v.Mag, num)
	den := uint64(r.Den)
	var carry uint64
	lo, carry = bits.Add64(lo, den/2, 0)
	hi += carry
	if hi >= den {
		return 0, ValueBad
	}
	q, _ := bits.Div64(hi, lo, den)
	switch {
	case neg && q <= 1<<63:
		return -int64(q), ValueOK
	case !neg && q < 1<<63:
		return int64(q), ValueOK
	}
	return 0, ValueBad
}

// Float64 gives the value times the scale; meaningless unless State is ValueOK
// and the value is a number.
func (v Raw) Float64(r Ratio) float64 {
	if v.Kind == RawFloat {
		return v.Float * float64(r.Num) / float64(r.Den)
	}
	f := float64(v.Mag) * float64(r.Num) / float64(r.Den)
	if v.Neg {
		return -f
	}
	return f
}

// Decimal writes the value times the scale: integers exactly, a 32-bit float as
// the shortest decimal that means it times the scale (7.603 and not
// 7.602999687), a 64-bit float in the fewest digits that give the same float,
// text as it is, and the state's word for what is not a value.
func (v Raw) Decimal(r Ratio) string {
	switch {
	case v.State != ValueOK:
		return v.State.String()
	case v.Kind == RawText:
		return v.Text
	case v.Kind == RawFloat && v.Single:
		if x, ok := new(big.Rat).SetString(strconv.FormatFloat(v.Float, 'f', -1, 32)); ok {
			return decimalOf(x.Mul(x, big.NewRat(r.Num, r.Den)))
		}
		return ValueBad.String()
	case v.Kind == RawFloat:
		f := v.Float * float64(r.Num) / float64(r.Den)
		if math.IsInf(f, 0) {
			return ValueBad.String()
		}
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	x := new(big.Rat).SetInt(new(big.Int).SetUint64(v.Mag))
	x.Mul(x, big.NewRat(r.Num, r.Den))
	if v.Neg {
		x.Neg(x)
	}
	return decimalOf(x)
}

func decimalOf(x *big.Rat) string {
	if digits, exact := x.FloatPrec(); exact {
		return x.FloatString(digits)
	}
	f, _ := x.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}

package models

import (
	"math"
	"testing"
)

func givenLayout(t *testing.T, m *Meter) *RegisterLayout {
	t.Helper()
	p := &Profile{ID: "x/y", Points: []ProfilePoint{
		{Q: QPTotal, FC: 3, Addr: 0, Enc: Encoding{Type: RegF32}, Scale: Ratio{1, 1}},
		{Q: QVL1, FC: 3, Addr: 2, Enc: Encoding{Type: RegU16}, Scale: Ratio{1, 10}},
		{Q: QIL1, FC: 3, Addr: 3, Enc: Encoding{Type: RegU16}, Scale: Ratio{1, 100}, ScaleReg: &ScaleReg{Addr: 4}},
		{Q: QEImport, FC: 3, Addr: 10, Enc: Encoding{Type: RegI64}, Scale: Ratio{10, 1}},
	}}
	l := NewRegisterLayout(p, m, []RegRange{{FC: 3, Addr: 0, Count: 5}, {FC: 3, Addr: 10, Count: 4}})
	if l == nil {
		t.Fatal("no layout")
	}
	return l
}

// What the words do not give is told from what they do, by a step of what is stored, and
// from what other registers decide.
func TestGiven_ValuesAreHeldToTheWordsTheyWereReadFrom(t *testing.T) {
	plain := &Meter{CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1}
	behind := &Meter{CTNum: 200, CTDen: 5, VTNum: 1, VTDen: 1}
	bits := math.Float32bits(1234.4)
	words := []uint16{uint16(bits >> 16), uint16(bits), 2301, 400, 0, 0, 0, 0, 77}
	for name, c := range map[string]struct {
		meter  *Meter
		came   uint64
		values map[Quantity]int64
		want   Given
	}{
		"as they were read":         {plain, 3, map[Quantity]int64{QPTotal: 1234, QVL1: 230_100, QIL1: 4000, QEImport: 770}, Given{Given: 3, Other: 1}},
		"a watt more":               {plain, 3, map[Quantity]int64{QPTotal: 1235, QVL1: 230_100}, Given{Given: 1, Not: 1}},
		"a volt less":               {plain, 3, map[Quantity]int64{QVL1: 229_100, QEImport: 770}, Given{Given: 1, Not: 1}},
		"behind a transformer":      {behind, 3, map[Quantity]int64{QPTotal: 49_360}, Given{Given: 1}},
		"too much behind it":        {behind, 3, map[Quantity]int64{QPTotal: 49_420}, Given{Not: 1}},
		"of a request not answered": {plain, 1, map[Quantity]int64{QEImport: 770, QPTotal: 1234}, Given{Given: 1, Not: 1}},
		"in no field":               {plain, 3, map[Quantity]int64{QF: 50_000}, Given{Other: 1}},
	} {
		l := givenLayout(t, c.meter)
		var v Values
		for q, stored := range c.values {
			v.Set(q, stored)
		}
		var got Given
		got.Judge(&Registers{Layout: l, Came: c.came, Words: words[:l.Words(c.came)]}, &v, TransformersOf(c.meter))
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

package models_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"rigistry/models"
)

func TestDecode_GivesTheValueOrSaysWhyThereIsNone(t *testing.T) {
	u := func(regs ...uint16) []uint16 { return regs }
	enc := func(t models.RegisterType, o models.Order) models.Encoding { return models.Encoding{Type: t, Order: o} }
	text := models.Encoding{Type: models.RegASCII, Regs: 3}
	for _, c := range []struct {
		name  string
		regs  []uint16
		enc   models.Encoding
		scale string
		want  string
	}{
		{"u16", u(0xFFFE), enc("u16", "AB"), "1", "65534"},
		{"u16 swapped", u(0x3412), enc("u16", "BA"), "1", "4660"},
		{"i16 negative", u(0xFFFE), enc("i16", ""), "0.1", "-0.2"},
		{"u32 ABCD", u(0x0001, 0x86A0), enc("u32", "ABCD"), "1", "100000"},
		{"u32 CDAB", u(0x86A0, 0x0001), enc("u32", "CDAB"), "1", "100000"},
		{"u32 BADC", u(0x0100, 0xA086), enc("u32", "BADC"), "1", "100000"},
		{"u32 DCBA", u(0xA086, 0x0100), enc("u32", "DCBA"), "1", "100000"},
		{"i32", u(0xFFFF, 0xFFFF), enc("i32", "ABCD"), "0.01", "-0.01"},
		{"i32 smallest", u(0x8000, 0), enc("i32", "ABCD"), "1", "-2147483648"},
		{"u64 largest", u(0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF), enc("u64", "ABCDEFGH"), "1", "18446744073709551615"},
		{"u64 largest by ten", u(0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF), enc("u64", ""), "10", "184467440737095516150"},
		{"i64 smallest", u(0x8000, 0, 0, 0), enc("i64", ""), "1", "-9223372036854775808"},
		{"u64 GHEFCDAB", u(4, 3, 2, 1), enc("u64", "GHEFCDAB"), "1", "281483566841860"},
		{"u64 BADCFEHG", u(0x0100, 0x0200, 0x0300, 0x0400), enc("u64", "BADCFEHG"), "1", "281483566841860"},
		{"u64 HGFEDCBA", u(0x0400, 0x0300, 0x0200, 0x0100), enc("u64", "HGFEDCBA"), "1", "281483566841860"},
		{"f32", u(0x4366, 0x8000), enc("f32", "ABCD"), "1", "230.5"},
		{"f32 shortest digits", u(0x40F3, 0x4BC7), enc("f32", "ABCD"), "1", "7.603"},
		{"f32 CDAB", u(0x8000, 0x4366), enc("f32", "CDAB"), "1", "230.5"},
		{"f32 NaN is never a number", u(0x7FC0, 0), enc("f32", "ABCD"), "1", "not_available"},
		{"f32 infinite", u(0xFF80, 0), enc("f32", "ABCD"), "1", "not_available"},
		{"f64", u(0x40C3, 0x8800, 0, 0), enc("f64", ""), "1", "10000"},
		{"f64 NaN", u(0x7FF8, 0, 0, 1), enc("f64", ""), "1", "not_available"},
		{"bcd16", u(0x1234), enc("bcd16", "AB"), "1", "1234"},
		{"bcd32", u(0x1234, 0x5678), enc("bcd32", "ABCD"), "0.01", "123456.78"},
		{"bcd digit above nine", u(0x12A4), enc("bcd16", "AB"), "1", "bad_value"},
		{"mod10k", u(12, 3456), models.Encoding{Type: "mod10k", Regs: 2}, "1", "123456"},
		{"mod10k low first", u(3456, 12), models.Encoding{Type: "mod10k", Order: "CDAB", Regs: 2}, "1", "123456"},
		{"mod10k digit above 9999", u(12, 10000), models.Encoding{Type: "mod10k", Regs: 2}, "1", "bad_value"},
		{"ascii", u(0x534F, 0x434F, 0x2000), text, "1", "SOCO"},
		{"ascii empty", u(0, 0, 0), text, "1", "not_available"},
		{"ascii that is none", u(0xFFFE, 0x434F, 0), text, "1", "bad_encoding"},
		{"order of another width", u(1, 2), enc("u32", "AB"), "1", "bad_encoding"},
		{"too few registers", u(1), enc("u32", "ABCD"), "1", "bad_encoding"},
		{"unknown type", u(1), enc("u17", "AB"), "1", "bad_encoding"},
		{"sentinel before scale", u(0x8000), models.Encoding{Type: "i16", NA: []uint64{0x8000}}, "0.001", "not_available"},
		{"sentinel after the order is undone", u(0xFFFF, 0x7FFF), models.Encoding{Type: "i32", Order: "CDAB", Overflow: []uint64{0x7FFFFFFF}}, "0.1", "overflow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scale, err := models.ParseRatio(c.scale)
			if err != nil {
				t.Fatal(err)
			}
			if got := models.Decode(c.regs, c.enc).Decimal(scale); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestScaleExponent_RefusesWhatIsNoExponent(t *testing.T) {
	for reg, want := range map[uint16]bool{0: true, 10: true, 0xFFF6: true, 11: false, 0xFFF5: false, 0x8000: false} {
		if _, ok := models.ScaleExponent(reg); ok != want {
			t.Errorf("ScaleExponent(%#04x): got %v, want %v", reg, ok, want)
		}
	}
}

func TestScaled_IsExactAndRefusesWhatDoesNotFit(t *testing.T) {
	ratio := func(s string) models.Ratio {
		r, err := models.ParseRatio(s)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, c := range []struct {
		raw   models.Raw
		scale string
		want  int64
		state models.ValueState
	}{
		{models.IntRaw(2305), "0.1", 231, models.ValueOK},
		{models.IntRaw(-2305), "0.1", -231, models.ValueOK},
		{models.IntRaw(9007199254740993), "1", 9007199254740993, models.ValueOK},
		{models.Raw{Mag: math.MaxUint64}, "0.1", 1844674407370955162, models.ValueOK},
		{models.Raw{Mag: math.MaxUint64}, "1", 0, models.ValueBad},
		{models.IntRaw(math.MinInt64), "1", math.MinInt64, models.ValueOK},
		{models.Raw{Kind: models.RawFloat, Float: 1e30}, "1", 0, models.ValueBad},
		{models.Raw{Kind: models.RawFloat, Float: -7.603}, "1000", -7603, models.ValueOK},
		{models.Raw{State: models.ValueOverflow}, "1", 0, models.ValueOverflow},
	} {
		got, state := c.raw.Scaled(ratio(c.scale))
		if got != c.want || state != c.state {
			t.Errorf("%+v × %s: got %d %s, want %d %s", c.raw, c.scale, got, state, c.want, c.state)
		}
	}
	for _, bad := range []string{"", "0", "1/3", "NaN", "x", "1e40"} {
		if r, err := models.ParseRatio(bad); err == nil {
			t.Errorf("ParseRatio(%q) gave %v, want a refusal", bad, r)
		}
	}
}

// encodings draws any valid encoding of a number.
func encodings() *rapid.Generator[models.Encoding] {
	orders := map[int][]models.Order{
		1: {"", "AB", "BA"}, 2: {"", "ABCD", "CDAB", "BADC", "DCBA"}, 4: {"", "ABCDEFGH", "GHEFCDAB", "BADCFEHG", "HGFEDCBA"},
	}
	return rapid.Custom(func(t *rapid.T) models.Encoding {
		typ := rapid.SampledFrom([]models.RegisterType{"u16", "i16", "u32", "i32", "u64", "i64", "f32", "f64",
			"bcd16", "bcd32", "mod10k"}).Draw(t, "type")
		e := models.Encoding{Type: typ}
		if typ == models.RegMod10k {
			e.Regs = rapid.IntRange(1, 4).Draw(t, "regs")
			return e
		}
		e.Order = rapid.SampledFrom(orders[typ.Width()]).Draw(t, "order")
		return e
	})
}

func TestEncode_IsTheInverseOfDecode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := encodings().Draw(t, "encoding")
		var raw models.Raw
		switch e.Type {
		case models.RegF32:
			raw = models.Raw{Kind: models.RawFloat, Single: true, Float: float64(rapid.Float32().Draw(t, "f"))}
		case models.RegF64:
			raw = models.Raw{Kind: models.RawFloat, Float: rapid.Float64().Draw(t, "f")}
		default:
			raw = models.Raw{Mag: rapid.Uint64().Draw(t, "mag"), Neg: rapid.Bool().Draw(t, "neg")}
			raw.Neg = raw.Neg && raw.Mag != 0
		}
		regs, err := models.Encode(raw, e)
		if err != nil {
			if raw.Kind == models.RawInteger && !raw.Neg && raw.Mag < 10000 {
				t.Fatalf("%+v refused by %+v: %v", raw, e, err)
			}
			return
		}
		if got := models.Decode(regs, e); got != raw {
			t.Fatalf("%+v through %04x of %+v: got %+v", raw, regs, e, got)
		}
	})
}

func TestDecode_AnyRegistersGiveAValueThatEncodesBackOrAState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := encodings().Draw(t, "encoding")
		regs := rapid.SliceOfN(rapid.Uint16(), e.Width(), e.Width()).Draw(t, "regs")
		raw := models.Decode(regs, e)
		if raw.State != models.ValueOK {
			return
		}
		back, err := models.Encode(raw, e)
		if err != nil {
			t.Fatal(err)
		}
		for i := range regs {
			if back[i] != regs[i] {
				t.Fatalf("%04x of %+v came back as %04x", regs, e, back)
			}
		}
	})
}

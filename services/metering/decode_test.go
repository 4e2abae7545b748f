package metering

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"rigistry/models"
)

// Most points take a short way; the long one says what they mean.
func TestDecoder_TheShortWayOfAFloatGivesWhatTheLongOneDoes(t *testing.T) {
	p, err := shippedForTest(t).Find("eastron/sdm630")
	if err != nil {
		t.Fatal(err)
	}
	d := newDecoder(p, p.Quantities())
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.IntRange(0, len(p.Points)-1).Draw(t, "point")
		bits := rapid.OneOf(rapid.Uint32(), rapid.Custom(func(t *rapid.T) uint32 {
			return math.Float32bits(rapid.Float32Range(-1e8, 1e8).Draw(t, "float"))
		}), rapid.SampledFrom([]uint32{0x7FC00000, 0x7F800000, 0xFF800000, 0x80000000, 0x7F7FFFFF, 0xFFC00000})).Draw(t, "bits")
		pt := &p.Points[i]
		blocks := []block{{req: Request{FC: pt.FC, Addr: pt.Addr, Count: 2}, regs: []uint16{uint16(bits >> 16), uint16(bits)}, ok: true}}
		if !d.plain[i] {
			t.Fatalf("%s takes the long way", pt.Q)
		}
		m := d.measure(i, blocks, &models.Values{})
		stored, q := m.store(pt)
		if got, gotQ, read := d.float(i, blocks); !read || got != stored || gotQ != q {
			t.Errorf("%s of %08X: got %d %s, the long way %d %s", pt.Q, bits, got, gotQ, stored, q)
		}
	})
}

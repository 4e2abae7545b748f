package models_test

import (
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rigistry/models"
)

var wholeReadings = cmp.Options{sameReadings, cmp.Comparer(func(a, b *models.RegisterLayout) bool { return a.Digest() == b.Digest() })}

// registerProfile has numbers of every width and order, one whose scale stands in
// another register, and a hole.
func registerProfile() *models.Profile {
	point := func(q models.Quantity, addr uint16, e models.Encoding, num, den int64) models.ProfilePoint {
		return models.ProfilePoint{Q: q, FC: 4, Addr: addr, Enc: e, Scale: models.Ratio{Num: num, Den: den}}
	}
	p := &models.Profile{ID: "test/whole", Points: []models.ProfilePoint{
		point(models.QPTotal, 0, models.Encoding{Type: models.RegF32, Order: models.OrderABCD}, 1, 1),
		point(models.QVL1, 2, models.Encoding{Type: models.RegF32, Order: models.OrderCDAB}, 1, 1),
		point(models.QIL1, 4, models.Encoding{Type: models.RegU32, Order: models.OrderBADC}, 1, 100),
		point(models.QPL1, 6, models.Encoding{Type: models.RegI16}, -10, 1),
		point(models.QEImport, 8, models.Encoding{Type: models.RegU64, Order: models.OrderGHEFCDAB}, 1000, 1),
		point(models.QPF, 12, models.Encoding{Type: models.RegI32, Order: models.OrderDCBA}, 1, 1000),
		point(models.QF, 14, models.Encoding{Type: models.RegF64}, 1, 1),
		point(models.QSTotal, 100, models.Encoding{Type: models.RegI16}, 1, 1),
	}}
	p.Points[7].ScaleReg = &models.ScaleReg{Addr: 101}
	return p
}

func registerLayouts(t testing.TB) []*models.RegisterLayout {
	t.Helper()
	p := registerProfile()
	blocks := []models.RegRange{{FC: 4, Addr: 0, Count: 18}, {FC: 4, Addr: 100, Count: 2}}
	out := []*models.RegisterLayout{models.NewRegisterLayout(p, &models.Meter{CTNum: 200, CTDen: 5, VTNum: 1, VTDen: 1}, blocks),
		models.NewRegisterLayout(p, &models.Meter{CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1}, blocks[1:])}
	for _, l := range out {
		again, err := models.ParseRegisterLayout(l.Text())
		if err != nil || again.Digest() != l.Digest() {
			t.Fatalf("%v: the layout does not come back:\n%s", err, l.Text())
		}
	}
	return out
}

func layoutSource(layouts []*models.RegisterLayout) func(models.LayoutDigest) *models.RegisterLayout {
	return func(d models.LayoutDigest) *models.RegisterLayout {
		for _, l := range layouts {
			if l.Digest() == d {
				return l
			}
		}
		return nil
	}
}

// withRegisters puts words beside readings: such as the values came from, such as have
// nothing to do with them, and none.
func withRegisters(t *rapid.T, readings []models.Reading, layouts []*models.RegisterLayout) {
	for i := range readings {
		readings[i].Source = models.Source(rapid.IntRange(0, 6).Draw(t, "source"))
		if rapid.IntRange(0, 5).Draw(t, "silent") == 0 {
			continue
		}
		l := layouts[rapid.IntRange(0, len(layouts)-1).Draw(t, "layout")]
		r := &models.Registers{Layout: l, Came: rapid.Uint64Range(0, 1<<len(l.Blocks)-1).Draw(t, "came")}
		r.Words = make([]uint16, l.Words(r.Came))
		if rapid.Bool().Draw(t, "wild words") {
			for k := range r.Words {
				r.Words[k] = rapid.Uint16().Draw(t, "word")
			}
		} else if r.Came&1 == 1 && l == layouts[0] {
			p, _ := readings[i].Values.Get(models.QPTotal)
			b := math.Float32bits(float32(float64(p)/40 + 0.123))
			r.Words[0], r.Words[1] = uint16(b>>16), uint16(b)
		}
		readings[i].Registers = r
	}
}

func TestChunk_EveryWordOfTheRegistersComesBackAsItCameWhateverItMeant(t *testing.T) {
	layouts := registerLayouts(t)
	rapid.Check(t, func(t *rapid.T) {
		want := chunkOf(t)
		withRegisters(t, want, layouts)
		var coder models.ChunkCoder
		for range 2 { // the coder keeps memory
			for name, b := range map[string][]byte{"plain": coder.Append([]byte("before"), want), "small": coder.Seal([]byte("before"), want)} {
				b = b[len("before"):]
				got, err := models.ParseChunkRegisters(b, layoutSource(layouts))
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if diff := cmp.Diff(want, got, wholeReadings); diff != "" {
					t.Fatalf("%s: %s", name, diff)
				}
				values, err := models.ParseChunk(b)
				if err != nil {
					t.Fatalf("%s without its registers: %v", name, err)
				}
				for i := range values {
					if values[i].Registers != nil || values[i].Values != want[i].Values || values[i].Source != want[i].Source || !values[i].At.Equal(want[i].At) {
						t.Fatalf("%s: reading %d without its registers is %+v, want %+v", name, i, values[i], want[i])
					}
				}
				if cut := b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")]; parses(cut, layouts) {
					t.Fatalf("%s: %d of %d bytes are read", name, len(cut), len(b))
				}
				if parses(append(append([]byte{}, b...), 0), layouts) {
					t.Fatalf("%s: a byte too many is read", name)
				}
				if named, _ := models.ChunkLayouts(b); len(named) == 0 {
					continue
				}
				if _, err := models.ParseChunkRegisters(b, func(models.LayoutDigest) *models.RegisterLayout { return nil }); err == nil {
					t.Fatalf("%s: registers were read without their layout", name)
				}
			}
		}
	})
}

func parses(b []byte, layouts []*models.RegisterLayout) bool {
	_, err := models.ParseChunkRegisters(b, layoutSource(layouts))
	return err == nil
}

func TestPacket_BringsTheWordsOfTheRegistersAndIsReadWithoutThem(t *testing.T) {
	layouts := registerLayouts(t)
	rapid.Check(t, func(t *rapid.T) {
		want := packetOf(t)
		withRegisters(t, want, layouts)
		b := models.AppendPacket(nil, want)
		var got, values []models.Reading
		if err := models.ParsePacketRegisters(b, layoutSource(layouts), func(_ string, part []models.Reading) { got = append(got, part...) }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, wholeReadings); diff != "" {
			t.Fatal(diff)
		}
		if err := models.ParsePacket(b, nil, func(_ string, part []models.Reading) { values = append(values, part...) }); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if values[i].Registers != nil || values[i].Values != want[i].Values {
				t.Fatalf("reading %d without its registers is %+v, want %+v", i, values[i], want[i])
			}
		}
		cut := b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")]
		if models.ParsePacketRegisters(cut, layoutSource(layouts), func(string, []models.Reading) {}) == nil {
			t.Fatalf("%d of %d bytes are read as a packet", len(cut), len(b))
		}
	})
}

// wholeGolden are the golden readings with registers as an SDM630 shows them, in which
// the last bits of floats say more than what is stored.
func wholeGolden(t testing.TB) ([]models.Reading, []*models.RegisterLayout) {
	t.Helper()
	layouts := registerLayouts(t)
	out := goldenReadings()
	for i := range out {
		r := &out[i]
		r.Source = models.SourceModbus
		if r.Values.Len() == 0 {
			continue
		}
		x := &models.Registers{Layout: layouts[0], Came: 3, Words: make([]uint16, 20)}
		put := func(at int, q models.Quantity, per, more float64) {
			v, _ := r.Values.Get(q)
			b := math.Float32bits(float32(float64(v)/per + more))
			x.Words[at], x.Words[at+1] = uint16(b>>16), uint16(b)
		}
		put(0, models.QPTotal, 40, float64(i%7)/1000)
		put(2, models.QVL1, 1000, 0)
		x.Words[2], x.Words[3] = x.Words[3], x.Words[2]
		x.Words[18], x.Words[19] = uint16(7000+i%5), 1
		r.Registers = x
	}
	return out, layouts
}

// The golden vectors are bytes of version 2, with their layout. They are never made
// anew: a chunk that was sealed is read for ever.
func TestChunk_TheGoldenVectorsOfVersion2AreReadForEver(t *testing.T) {
	want, layouts := wholeGolden(t)
	var coder models.ChunkCoder
	today := map[string][]byte{"v2-plain.hex": coder.Append(nil, want), "v2-small.hex": coder.Seal(nil, want)}
	text := filepath.Join("testdata", "chunk", "v2-layout.txt")
	if os.Getenv("RIGISTRY_GOLDEN") == "chunk2" {
		for name, b := range today {
			if err := os.WriteFile(filepath.Join("testdata", "chunk", name), []byte(hex.EncodeToString(b)+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(text, []byte(layouts[0].Text()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(text)
	if err != nil {
		t.Fatal(err)
	}
	layout, err := models.ParseRegisterLayout(string(written))
	if err != nil {
		t.Fatal(err)
	}
	for name := range today {
		coded, err := os.ReadFile(filepath.Join("testdata", "chunk", name))
		if err != nil {
			t.Fatal(err)
		}
		b, err := hex.DecodeString(strings.TrimSpace(string(coded)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := models.ParseChunkRegisters(b, layoutSource([]*models.RegisterLayout{layout}))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got, wholeReadings); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func FuzzParseChunkRegisters(f *testing.F) {
	var coder models.ChunkCoder
	all, layouts := wholeGolden(f)
	for _, n := range []int{1, 9, 90} {
		f.Add(coder.Append(nil, all[:n]))
		f.Add(coder.Seal(nil, all[:n]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := models.ParseChunkRegisters(b, layoutSource(layouts))
		if err != nil {
			return
		}
		var coder models.ChunkCoder
		again, err := models.ParseChunkRegisters(coder.Seal(nil, got), layoutSource(layouts))
		if err != nil {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
		if diff := cmp.Diff(got, again, wholeReadings); diff != "" {
			t.Fatal(diff)
		}
	})
}

func FuzzParseRegisterLayout(f *testing.F) {
	for _, l := range registerLayouts(f) {
		f.Add(l.Text())
	}
	f.Fuzz(func(t *testing.T, text string) {
		if l, err := models.ParseRegisterLayout(text); err == nil && l.Text() != text {
			t.Fatal("another text is written than was read")
		}
	})
}

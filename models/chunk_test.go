package models_test

import (
	"encoding/hex"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rigistry/models"
)

var sameReadings = cmp.AllowUnexported(models.Values{})

const chunkMeter = "0190a0b0-1234-7abc-8def-0123456789ab"

// chunkOf draws readings with what makes a codec stumble: extremes, absent values,
// equal ones, columns that follow others.
func chunkOf(t *rapid.T) []models.Reading {
	meter := rapid.SampledFrom([]string{chunkMeter, "M-1", "0190A0B0-1234-7ABC-8DEF-0123456789AB"}).Draw(t, "meter")
	at := time.UnixMicro(rapid.Int64Range(-1<<50, 1<<50).Draw(t, "at")).UTC()
	wild := rapid.Bool().Draw(t, "wild")
	out := make([]models.Reading, rapid.IntRange(1, 60).Draw(t, "n"))
	for i := range out {
		r := &out[i]
		at = at.Add(time.Duration(rapid.Int64Range(1, 20_000_000).Draw(t, "dt")) * time.Microsecond)
		r.Meter, r.At, r.Step = meter, at, time.Duration(rapid.Int64Range(0, 1e6).Draw(t, "step"))*time.Microsecond
		r.Quality = models.Quality(rapid.IntRange(0, 13).Draw(t, "quality"))
		if rapid.IntRange(0, 9).Draw(t, "absent") == 0 {
			continue
		}
		base := rapid.Int64Range(-1000, 1000).Draw(t, "base")
		for q := range models.Quantities() {
			switch {
			case wild && rapid.IntRange(0, 4).Draw(t, "some") == 0:
				r.Values.Set(q, rapid.Int64().Draw(t, "v"))
			case !wild && q < 6:
				r.Values.Set(q, base*int64(q)+100*rapid.Int64Range(0, 2).Draw(t, "noise"))
			}
		}
	}
	return out
}

func TestChunk_ReadingsComeBackAsTheyWentInInEitherForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := chunkOf(t)
		var coder models.ChunkCoder
		for range 2 { // the coder keeps memory
			for name, b := range map[string][]byte{"plain": coder.Append([]byte("before"), want), "small": coder.Seal([]byte("before"), want)} {
				got, err := models.ParseChunk(b[len("before"):])
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if diff := cmp.Diff(want, got, sameReadings); diff != "" {
					t.Fatalf("%s: %s", name, diff)
				}
			}
		}
	})
}

// goldenReadings are a made-up quarter of an hour of a meter.
func goldenReadings() []models.Reading {
	r := rand.New(rand.NewPCG(7, 7))
	at, wh := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC), int64(57_682_752)
	out := make([]models.Reading, 90)
	for i := range out {
		p := 6800 + r.Int64N(40)
		volts := 229_500 + 600*int64(i)/7 + r.Int64N(30)
		wh += p / 360
		x := &out[i]
		x.Meter, x.At, x.Step = chunkMeter, at.Add(time.Duration(i)*10*time.Second+time.Duration(r.IntN(3))*time.Millisecond), 10*time.Second
		if i == 40 {
			x.Quality = models.QualityCommError
			continue
		}
		x.Values.Set(models.QPTotal, p)
		x.Values.Set(models.QPL1, p*34/100)
		x.Values.Set(models.QVL1, volts)
		x.Values.Set(models.QUL12, volts*1732/1000)
		x.Values.Set(models.QIL1, p*1_000_000/volts)
		x.Values.Set(models.QPF, 950)
		x.Values.Set(models.QEImport, wh)
	}
	return out
}

// The golden vectors are bytes of version 1. They are never made anew: a chunk that
// was sealed is read for ever.
func TestChunk_TheGoldenVectorsOfVersion1AreReadForEver(t *testing.T) {
	for _, name := range []string{"plain", "small"} {
		text, err := os.ReadFile(filepath.Join("testdata", "chunk", "v1-"+name+".hex"))
		if err != nil {
			t.Fatal(err)
		}
		b, err := hex.DecodeString(strings.Join(strings.Fields(string(text)), ""))
		if err != nil {
			t.Fatal(err)
		}
		got, err := models.ParseChunk(b)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(goldenReadings(), got, sameReadings); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if limit := map[string]int{"plain": 1281, "small": 325}[name]; len(b) > limit {
			t.Errorf("%s: %d bytes, want at most %d", name, len(b), limit)
		}
	}
}

func TestChunk_WhatIsCutShortOrGoesOnIsNoChunk(t *testing.T) {
	var coder models.ChunkCoder
	for name, b := range map[string][]byte{"plain": coder.Append(nil, goldenReadings()), "small": coder.Seal(nil, goldenReadings())} {
		for _, more := range []byte{0, 1, 255} {
			if _, err := models.ParseChunk(append(append([]byte{}, b...), more)); err == nil {
				t.Errorf("%s: a byte too many was taken", name)
			}
		}
		for cut := range b {
			if _, err := models.ParseChunk(b[:cut]); err == nil {
				t.Errorf("%s: %d of %d bytes were taken as a chunk", name, cut, len(b))
			}
		}
		other := append([]byte{}, b...)
		other[1] = 2
		if _, err := models.ParseChunk(other); err == nil {
			t.Errorf("%s: version 2 was read as version 1", name)
		}
	}
}

func FuzzParseChunk(f *testing.F) {
	var coder models.ChunkCoder
	all := goldenReadings()
	for _, n := range []int{1, 2, 9, 90} {
		f.Add(coder.Append(nil, all[:n]))
		f.Add(coder.Seal(nil, all[:n]))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := models.ParseChunk(b)
		if err != nil {
			return
		}
		var coder models.ChunkCoder
		again, err := models.ParseChunk(coder.Seal(nil, got))
		if err != nil {
			t.Fatalf("what was read cannot be written and read again: %v", err)
		}
		if diff := cmp.Diff(got, again, sameReadings); diff != "" {
			t.Fatal(diff)
		}
	})
}

func BenchmarkChunkSeal(b *testing.B) {
	var coder models.ChunkCoder
	all := goldenReadings()
	var out []byte
	for b.Loop() {
		out = coder.Seal(out[:0], all)
	}
	b.ReportMetric(float64(len(out))/float64(len(all)), "B/reading")
}

func BenchmarkChunkParse(b *testing.B) {
	var coder models.ChunkCoder
	sealed := coder.Seal(nil, goldenReadings())
	for b.Loop() {
		if _, err := models.ParseChunk(sealed); err != nil {
			b.Fatal(err)
		}
	}
}

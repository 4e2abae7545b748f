package models_test

import (
	"bufio"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
)

// recordedChunks gives a quarter hour of each of 34 simulated meters of 16 layouts, polled
// every ten seconds, as it was sealed by an earlier encoder, and what reads the layouts.
func recordedChunks(tb testing.TB) (sealed [][]byte, layout func(models.LayoutDigest) *models.RegisterLayout) {
	tb.Helper()
	f, err := os.Open(filepath.Join("testdata", "chunk", "v2-meters.txt"))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var layouts []*models.RegisterLayout
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		kind, coded, _ := strings.Cut(lines.Text(), " ")
		b, err := base64.StdEncoding.DecodeString(coded)
		if err != nil {
			tb.Fatal(err)
		}
		if kind == "chunk" {
			sealed = append(sealed, b)
			continue
		}
		l, err := models.ParseRegisterLayout(string(b))
		if err != nil {
			tb.Fatal(err)
		}
		layouts = append(layouts, l)
	}
	if err := lines.Err(); err != nil || len(sealed) != 34 {
		tb.Fatalf("%d chunks, want 34: %v", len(sealed), err)
	}
	return sealed, layoutSource(layouts)
}

// A raw reading with the words of its registers takes at most 10 bytes on the disk.
const mostBytesPerReading = 10

func TestChunk_AReadingWithItsRegistersTakesAtMostTenBytesOverAllKindsOfMeters(t *testing.T) {
	sealed, layout := recordedChunks(t)
	var coder models.ChunkCoder
	size, before, n := 0, 0, 0
	for _, b := range sealed {
		want, err := models.ParseChunkRegisters(b, layout)
		if err != nil {
			t.Fatal(err)
		}
		again := coder.Seal(nil, want)
		got, err := models.ParseChunkRegisters(again, layout)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, wholeReadings); diff != "" {
			t.Fatal(diff)
		}
		size, before, n = size+len(again), before+len(b), n+len(want)
	}
	if size > n*mostBytesPerReading {
		t.Errorf("%.2f bytes a reading, want at most %d; they were sealed with %.2f", float64(size)/float64(n), mostBytesPerReading, float64(before)/float64(n))
	}
}

func BenchmarkChunkSealRegisters(b *testing.B) {
	sealed, layout := recordedChunks(b)
	all := make([][]models.Reading, len(sealed))
	n := 0
	for i, s := range sealed {
		var err error
		if all[i], err = models.ParseChunkRegisters(s, layout); err != nil {
			b.Fatal(err)
		}
		n += len(all[i])
	}
	var coder models.ChunkCoder
	var out []byte
	for b.Loop() {
		out = out[:0]
		for i := range all {
			out = coder.Seal(out, all[i])
		}
	}
	b.ReportMetric(float64(len(out))/float64(n), "B/reading")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/reading")
}

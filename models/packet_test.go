package models_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rigistry/models"
)

// packetOf draws the readings of some meters, one after the other.
func packetOf(t *rapid.T) []models.Reading {
	var out []models.Reading
	for _, meter := range []string{chunkMeter, "M-1", "0190A0B0-1234-7ABC-8DEF-0123456789AB", "0190a0b0-1234-7abc-8def-0123456789ac"} {
		if len(out) > 0 && rapid.IntRange(0, 2).Draw(t, "without") == 0 {
			continue
		}
		part := chunkOf(t)
		for i := range part {
			part[i].Meter = meter
		}
		out = append(out, part...)
	}
	return out
}

func TestPacket_ReadingsComeBackAsTheyWentIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := packetOf(t)
		b := models.AppendPacket([]byte("before"), want)[len("before"):]
		var got []models.Reading
		if err := models.ParsePacket(b, nil, func(_ string, part []models.Reading) { got = append(got, part...) }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, sameReadings); diff != "" {
			t.Fatal(diff)
		}
		one := want[rapid.IntRange(0, len(want)-1).Draw(t, "one")].Meter
		var some, wanted []models.Reading
		for _, r := range want {
			if r.Meter == one {
				wanted = append(wanted, r)
			}
		}
		if err := models.ParsePacket(b, func(id string) bool { return id == one }, func(_ string, part []models.Reading) { some = append(some, part...) }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(wanted, some, sameReadings); diff != "" {
			t.Fatalf("of one meter: %s", diff)
		}
		if cut := b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")]; models.ParsePacket(cut, nil, func(string, []models.Reading) {}) == nil {
			t.Fatalf("%d of %d bytes are read as a packet", len(cut), len(b))
		}
	})
}

// The packet of the golden readings must never change: what waits in a database when the
// program is renewed is read by the new one.
func TestPacket_OfVersionOneIsReadForEver(t *testing.T) {
	file := filepath.Join("testdata", "packet", "v1.bin")
	want := goldenReadings()
	if os.Getenv("RIGISTRY_GOLDEN") != "" {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, models.AppendPacket(nil, want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, models.AppendPacket(nil, want)) {
		t.Error("the packet is written in another form than before: give it another version")
	}
	var got []models.Reading
	if err := models.ParsePacket(b, nil, func(_ string, part []models.Reading) { got = append(got, part...) }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, sameReadings); diff != "" {
		t.Error(diff)
	}
}

// Bytes that are taken as a packet are one: written again they give the same readings.
func FuzzParsePacket(f *testing.F) {
	golden := goldenReadings()
	f.Add(models.AppendPacket(nil, golden[:3]))
	golden[2].Meter = "M-1"
	f.Add(models.AppendPacket(nil, golden[:3]))
	f.Add([]byte{'B', 1, 0})
	f.Add([]byte{'B', 1, 1, 1, 'M', 7, 1, 2, 2, 0, 1, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		var got []models.Reading
		apart := true
		if err := models.ParsePacket(b, nil, func(meter string, part []models.Reading) {
			apart = apart && meter != "" && (len(got) == 0 || got[len(got)-1].Meter != meter)
			got = append(got, part...)
		}); err != nil || !apart || len(got) == 0 {
			return
		}
		var again []models.Reading
		if err := models.ParsePacket(models.AppendPacket(nil, got), nil, func(_ string, part []models.Reading) { again = append(again, part...) }); err != nil {
			t.Fatalf("what was read cannot be written and read: %v", err)
		}
		if diff := cmp.Diff(got, again, sameReadings); diff != "" {
			t.Fatal(diff)
		}
	})
}

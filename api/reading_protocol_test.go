package api

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

// protocolBatch has every quantity, and a meter that did not answer.
func protocolBatch() metering.Batch {
	at := time.Date(2026, 3, 2, 4, 0, 0, 123_000, time.UTC)
	b := metering.Batch{Collector: "ps12", Sequence: 1_772_424_000_000}
	full := models.Reading{Meter: "M-PS12-F03", At: at, Step: 10 * time.Second, Quality: models.QualityGap}
	for q := range models.Quantities() {
		full.Values.Set(q, 1234*int64(q+1)-20_000)
	}
	silent := models.Reading{Meter: "M-PS12-F04", At: at.Add(time.Second), Step: 10 * time.Second, Quality: models.QualityCommError}
	b.Readings = append(b.Readings, full, silent)
	return b
}

// What a collector of version 1 of the protocol sends is read for ever, and what one of
// today sends is what a server of version 1 reads: neither side need be renewed with the
// other. The file must never change; what is added must be left out when it is absent.
func TestReadingProtocol_OfVersionOneIsSpokenByOldAndNew(t *testing.T) {
	file := filepath.Join("testdata", "reading_batch_v1.json")
	today, err := json.MarshalIndent(ReadingBatchOf(protocolBatch()), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	today = append(today, '\n')
	if os.Getenv("RIGISTRY_GOLDEN") != "" {
		if err := os.WriteFile(file, today, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(old, today) {
		t.Errorf("a collector of today sends what a server of version 1 does not know:\n%s", today)
	}
	var read ReadingBatchInput
	d := json.NewDecoder(bytes.NewReader(old))
	d.DisallowUnknownFields()
	if err := d.Decode(&read); err != nil {
		t.Fatalf("a server of today does not read a collector of version 1: %v", err)
	}
	want := protocolBatch()
	if got, err := batchOf(read); err != nil || got.Digest() != want.Digest() {
		t.Errorf("a batch of version 1 means something else today: %+v, %v", got, err)
	}
	again, err := json.MarshalIndent(read, "", " ")
	if err != nil || !bytes.Equal(append(again, '\n'), old) {
		t.Errorf("a server of today reads %s from a collector of version 1 (%v)", again, err)
	}
}

// What version 2 adds, registers and sources, is kept in its file in the same way.
func TestReadingProtocol_OfVersionTwoBringsRegistersAndSources(t *testing.T) {
	file := filepath.Join("testdata", "reading_batch_v2.json")
	whole := protocolBatch()
	profile := &models.Profile{ID: "test/protocol", Points: []models.ProfilePoint{
		{Q: models.QPTotal, FC: 4, Addr: 0, Enc: models.Encoding{Type: models.RegF32, Order: models.OrderABCD}, Scale: models.RatioOne},
		{Q: models.QEImport, FC: 4, Addr: 2, Enc: models.Encoding{Type: models.RegU32, Order: models.OrderCDAB}, Scale: models.Ratio{Num: 1000, Den: 1}}}}
	layout := models.NewRegisterLayout(profile, &models.Meter{CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1}, []models.RegRange{{FC: 4, Addr: 0, Count: 6}})
	r := &whole.Readings[0]
	r.Source = models.SourceModbus
	r.Registers = &models.Registers{Layout: layout, Came: 1, Words: []uint16{0x4640, 0xe401, 7, 0, 0, 0xffff}}
	whole.Readings[1].Source = models.SourceModbus
	today, err := json.MarshalIndent(ReadingBatchOf(whole), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	today = append(today, '\n')
	if os.Getenv("RIGISTRY_GOLDEN") == "protocol2" {
		if err := os.WriteFile(file, today, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, today) {
		t.Errorf("version 2 is written otherwise today:\n%s", today)
	}
	var read ReadingBatchInput
	if err := json.Unmarshal(kept, &read); err != nil {
		t.Fatal(err)
	}
	got, err := batchOf(read)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole.Readings {
		want, have := whole.Readings[i], got.Readings[i]
		if have.Source != want.Source || (have.Registers == nil) != (want.Registers == nil) {
			t.Fatalf("reading %d is %+v, want %+v", i, have, want)
		}
		if want.Registers != nil && (!slices.Equal(have.Registers.Words, want.Registers.Words) || have.Registers.Came != 1 || have.Registers.Layout.Digest() != layout.Digest()) {
			t.Errorf("the words are %v, want %v", have.Registers.Words, want.Registers.Words)
		}
	}
	bare, plain := whole.Bare(), protocolBatch()
	if b, err := json.Marshal(ReadingBatchOf(bare)); err != nil || bytes.Contains(b, []byte("source")) || bytes.Contains(b, []byte("layouts")) || bare.Digest() != plain.Digest() {
		t.Errorf("a bare batch is not what a server of version 1 reads: %s", b)
	}
	read.Readings[0].Registers.Layout = "00"
	if _, err := batchOf(read); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("a layout that was not sent: %v", err)
	}
	read.Readings[0].Registers, read.Readings[0].Source = nil, "corrected"
	if _, err := batchOf(read); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("a collector calls its reading corrected: %v", err)
	}
}

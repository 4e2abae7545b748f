package api

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
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

package api

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"rigistry/models"
)

// Whatever a collector sends, a batch is taken or refused with pointers; what is taken
// means the same when it is sent again as a collector would write it, so that a batch
// which is repeated is known by its digest.
func FuzzReadingBatch(f *testing.F) {
	for _, name := range []string{"reading_batch_v1.json", "reading_batch_v2.json"} {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var in ReadingBatchInput
		if strictJSON(body, &in) != nil {
			return
		}
		got, err := batchOf(in)
		if err != nil {
			if models.CodeOf(err) != models.CodeInvalid {
				t.Fatalf("%q is refused with %v, want %s", body, err, models.CodeInvalid)
			}
			return
		}
		text, err := json.Marshal(ReadingBatchOf(got))
		if err != nil {
			t.Fatalf("%q is taken and cannot be written: %v", body, err)
		}
		var again ReadingBatchInput
		if err := strictJSON(text, &again); err != nil {
			t.Fatalf("%q is written as %q: %v", body, text, err)
		}
		second, err := batchOf(again)
		if err != nil {
			t.Fatalf("%q is taken, and its own form %q is not: %v", body, text, err)
		}
		third, err := json.Marshal(ReadingBatchOf(second))
		if err != nil || string(third) != string(text) {
			t.Errorf("%q is written as %q, and that as %q (%v)", body, text, third, err)
		}
	})
}

package store_test

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// oldReadings is how many rows of the table of readings TestConvert_ turns into parts.
var oldReadings = flag.Int("old-readings", 3_000, "rows of the table of readings that TestConvert_ turns into parts")

// The schema before readings were chunks, and with them.
const (
	beforeChunks = 431
	withChunks   = 440
	asRead       = 505 // what readings are read from now
)

// eachBefore runs the test on both databases with the schema before readings were chunks.
func eachBefore(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	clock := storetest.NewClock()
	open := func(t *testing.T, url string) {
		s, err := store.Open(context.Background(), url, clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		if err := store.MigrateTo(s, beforeChunks); err != nil {
			t.Fatal(err)
		}
		test(t, s)
	}
	t.Run("sqlite", func(t *testing.T) { open(t, "sqlite:"+filepath.Join(t.TempDir(), "old.db")) })
	t.Run("postgres", func(t *testing.T) { open(t, storetest.PostgresURL(t)) })
}

// oldReading is row n of a registry of ten meters: some without values, some with values
// that hold every byte, zero and the separators of a part's head too.
func oldReading(n int, from time.Time) models.Reading {
	r := models.Reading{Meter: fmt.Sprintf("0198c5d2-7a3b-7c4d-8e5f-%012d", n%10), At: from.Add(time.Duration(n/10)*time.Second + time.Duration(n%3)),
		Step: time.Second, Quality: models.Quality(n % 4)}
	r.At = r.At.Truncate(time.Microsecond)
	if n%17 != 0 {
		r.Values.Set(models.QPTotal, int64(n*7919)%3_000_000)
		r.Values.Set(models.QEImport, int64(n)*0x3b2c) // ";" and "," among its bytes
		r.Values.Set(models.QF, 50_000-int64(n%256))
	}
	return r
}

func TestConvert_RowsOfReadingsBecomePartsAndNoneIsLost(t *testing.T) {
	eachBefore(t, func(t *testing.T, s *store.Store) {
		from := time.Date(2026, 2, 27, 23, 59, 0, 0, time.UTC)
		literal := "X'%x'"
		if s.Engine() == "postgres" {
			literal = `'\x%x'`
		}
		for at := 0; at < *oldReadings; {
			var b strings.Builder
			b.WriteString("INSERT INTO readings (meter_id, at, step_us, quality, vals) VALUES ")
			for end := min(at+1000, *oldReadings); at < end; at++ {
				r := oldReading(at, from)
				fmt.Fprintf(&b, "('%s', %d, %d, %d, "+literal+")", r.Meter, r.At.UnixMicro(), r.Step.Microseconds(), r.Quality, r.Values.AppendBinary(nil))
				if at+1 < end {
					b.WriteByte(',')
				}
			}
			if err := store.ExecIn(s, b.String()); err != nil {
				t.Fatal(err)
			}
		}
		begin := time.Now()
		if err := store.MigrateTo(s, withChunks); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d readings became parts in %s", *oldReadings, time.Since(begin).Round(time.Millisecond))
		if err := store.MigrateTo(s, asRead); err != nil {
			t.Fatal(err)
		}
		for m := range 10 {
			var got, want []models.Reading
			for n := m; n < *oldReadings; n += 10 {
				want = append(want, oldReading(n, from))
			}
			if err := s.View(context.Background(), func(tx *store.Tx) (err error) {
				got, err = tx.Readings(want[0].Meter, from, from.Add(1000*24*time.Hour), 1<<30)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want[:min(len(want), 400)], got[:min(len(got), 400)], cmp.AllowUnexported(models.Values{})); diff != "" || len(got) != len(want) {
				t.Fatalf("meter %d has %d readings of %d:\n%s", m, len(got), len(want), diff)
			}
		}
		if err := store.MigrateTo(s, beforeChunks); err == nil {
			t.Error("the schema went back though readings would be lost")
		}
		if got := store.CountOf(t, s, "reading_parts"); got != int64(*oldReadings) {
			t.Errorf("after the refused way back there are %d parts of %d", got, *oldReadings)
		}
		if err := store.ExecIn(s, "DELETE FROM reading_parts"); err != nil {
			t.Fatal(err)
		}
		if err := store.MigrateTo(s, beforeChunks); err != nil {
			t.Errorf("without readings the schema does not go back: %v", err)
		}
	})
}

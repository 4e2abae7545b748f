package metering_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// run runs the spool until it is empty, then stops it.
func drain(t *testing.T, s *metering.Spool) {
	t.Helper()
	runCtx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Run(runCtx) }()
	deadline := time.Now().Add(20 * time.Second)
	for {
		n, err := s.Depth(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d batches are still in the spool", n)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestSpool_EveryReadingArrivesOnceThoughAnswersAreLostAndTheCollectorDies(t *testing.T) {
	clock := storetest.NewClock()
	server := metering.New(storetest.SQLite(t, clock.Now), clock.Now)
	m := register(t, server, "M1")
	url := "sqlite:" + t.TempDir() + "/spool.db"
	start := clock.Now().Add(-time.Hour)
	var (
		mu        sync.Mutex
		attempts  int
		sequences []int64
	)
	send := func(ctx context.Context, b metering.Batch) error {
		mu.Lock()
		defer mu.Unlock()
		attempts++
		if attempts%5 == 1 {
			return errors.New("the server is away")
		}
		if _, err := server.Ingest(ctx, collector, b); err != nil {
			return err
		}
		sequences = append(sequences, b.Sequence)
		if attempts%5 == 3 {
			return errors.New("the answer was lost") // the server has it all the same
		}
		return nil
	}
	var want []models.Reading
	for life := range 3 { // each life ends without a word
		st, err := store.Open(ctx, url, clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		if life == 0 {
			if _, err := st.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
		}
		spool := metering.NewSpool(st, "edge-9", send, slog.New(slog.DiscardHandler))
		for i := range 2 {
			at := start.Add(time.Duration(life*2+i) * time.Minute)
			r := reading(m.ID, at, int64(1000+life), int64(i))
			r.Step = time.Minute
			want = append(want, r)
			if err := spool.Append(ctx, metering.Batch{Readings: []models.Reading{r}}); err != nil {
				t.Fatal(err)
			}
		}
		if life > 0 {
			drain(t, spool)
		}
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := server.Query(ctx, clerk, metering.Query{Meter: m.ID, From: start, Until: clock.Now(), Resolution: metering.ResolutionRaw})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Raw, cmp.AllowUnexported(models.Values{})); diff != "" {
		t.Error(diff)
	}
	if attempts < 8 {
		t.Errorf("only %d attempts: no answer was lost", attempts)
	}
	for i := 1; i < len(sequences); i++ {
		if sequences[i] != sequences[i-1] && sequences[i] != sequences[i-1]+1 {
			t.Errorf("batches came in the order %v", sequences)
		}
	}
}

func TestLocal_GoesOnCountingAfterAFailureAndARestart(t *testing.T) {
	clock := storetest.NewClock()
	s := metering.New(storetest.SQLite(t, clock.Now), clock.Now)
	m := register(t, s, "M1")
	at := clock.Now().Add(-time.Hour)
	for life := range 2 {
		deliver := s.Local(models.System(), "here")
		for i := range 2 {
			at = at.Add(time.Minute)
			b := metering.Batch{Readings: []models.Reading{reading(m.ID, at, 1, int64(i))}}
			broken, cancel := context.WithCancel(ctx)
			cancel()
			if err := deliver(broken, b); err == nil {
				t.Fatal("a delivery that was broken off was called done")
			}
			if err := deliver(ctx, b); err != nil {
				t.Fatalf("life %d, batch %d: %v", life, i, err)
			}
		}
	}
	if next, err := s.NextSequence(ctx, "here"); err != nil || next != 5 {
		t.Errorf("got next sequence %d %v, want 5", next, err)
	}
}

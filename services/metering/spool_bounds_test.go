package metering_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store/storetest"
)

// logged keeps what is logged.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), part)
}

func spoolOne(t *testing.T, s *metering.Spool, at time.Time) error {
	t.Helper()
	return s.Append(ctx, metering.Batch{Readings: []models.Reading{reading("M1", at, 1000, 1)}})
}

func TestSpool_ABatchThatIsRefusedForGoodHoldsUpNoOther(t *testing.T) {
	clock := storetest.NewClock()
	st := storetest.SQLite(t, clock.Now)
	var (
		mu     sync.Mutex
		tries  int
		mended bool
		sent   []time.Time
	)
	send := func(_ context.Context, b metering.Batch) error {
		mu.Lock()
		defer mu.Unlock()
		at := b.Readings[0].At
		if at.Minute() == 2 && !mended {
			tries++
			return &metering.RefusedError{Err: errors.New("readings/0/at is before the meter was installed")}
		}
		sent = append(sent, at)
		return nil
	}
	log := &logged{}
	s := metering.NewSpool(st, "edge", send, slog.New(slog.NewTextHandler(log, nil)))
	start := clock.Now().Truncate(time.Hour)
	for i := range 5 {
		if err := spoolOne(t, s, start.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	drain(t, s)
	minutes := func() (out []int) {
		for _, at := range sent {
			out = append(out, at.Minute())
		}
		return out
	}
	if got := minutes(); !slices.Equal(got, []int{0, 1, 3, 4}) || tries != 1 {
		t.Errorf("got the minutes %v after %d refusals, want 0 1 3 4 after one", got, tries)
	}
	if n := log.count("refused for good"); n != 1 || log.count("before the meter was installed") == 0 {
		t.Errorf("the refusal was reported %d times, want once with its reason", n)
	}
	if size, err := s.Size(ctx); err != nil || size.Refused != 1 || size.Batches != 0 || size.Bytes == 0 {
		t.Errorf("got %+v %v, want the refused batch kept", size, err)
	}
	mended = true
	if n, err := metering.NewSpool(st, "edge", send, slog.New(slog.DiscardHandler)).Retry(ctx); err != nil || n != 1 {
		t.Fatalf("took up %d refused batches, %v; want 1", n, err)
	}
	drain(t, s)
	if got := minutes(); !slices.Equal(got, []int{0, 1, 3, 4, 2}) {
		t.Errorf("after the cause was mended: got %v", got)
	}
	if size, err := s.Size(ctx); err != nil || size.Bytes != 0 {
		t.Errorf("got %+v %v, want an empty spool", size, err)
	}
}

func TestSpool_AtItsQuotaItRaisesTheAlarmAndGivesNothingUp(t *testing.T) {
	clock := storetest.NewClock()
	st := storetest.SQLite(t, clock.Now)
	delivered := 0
	send := func(context.Context, metering.Batch) error { delivered++; return nil }
	log := &logged{}
	s := metering.NewSpool(st, "edge", send, slog.New(slog.NewTextHandler(log, nil)))
	if err := spoolOne(t, s, clock.Now()); err != nil {
		t.Fatal(err)
	}
	size, err := s.Size(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s = metering.NewSpool(st, "edge", send, slog.New(slog.NewTextHandler(log, nil))) // as after a restart
	s.Limit(10*size.Bytes + size.Bytes/2)
	kept := 1
	for ; kept < 100; kept++ {
		if err = spoolOne(t, s, clock.Now()); err != nil {
			break
		}
		if alarm := log.count("filling up"); (alarm > 0) != (kept+1 >= 9) {
			t.Errorf("with %d of 10 batches: %d alarms", kept+1, alarm)
		}
	}
	if !errors.Is(err, metering.ErrSpoolFull) || kept != 10 {
		t.Fatalf("got %v after %d batches, want a full spool after 10", err, kept)
	}
	if n := log.count("filling up"); n != 1 {
		t.Errorf("the alarm was raised %d times, want once", n)
	}
	drain(t, s)
	if delivered != kept {
		t.Errorf("%d of %d batches were delivered", delivered, kept)
	}
	if err := spoolOne(t, s, clock.Now()); err != nil {
		t.Errorf("once delivered there is room again: %v", err)
	}
}

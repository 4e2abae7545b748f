package metering_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
	"testing"
	"time"

	"rigistry/services/metering"
	"rigistry/services/store/storetest"
)

// Where the kernel lets the spool's files grow no further, what cannot be kept is an error
// to whoever brings it, and every batch that was taken goes out, each once and in order. It
// runs in a process of its own, as the limit is one of the whole process.
func TestSpool_WhereTheSystemWritesNoFurtherNothingThatWasTakenIsLost(t *testing.T) {
	const mark = "RIGISTRY_TEST_FILE_LIMIT"
	if os.Getenv(mark) == "" {
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1") //nolint:gosec // this very program
		child.Env = append(os.Environ(), mark+"=1")
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	clock := storetest.NewClock()
	var sent []int64
	s := metering.NewSpool(storetest.SQLite(t, clock.Now), "edge", func(_ context.Context, b metering.Batch) error {
		sent = append(sent, b.Readings[0].At.Unix())
		return nil
	}, slog.New(slog.DiscardHandler))
	start := clock.Now().Truncate(time.Hour)
	n := 0
	put := func() (int64, error) {
		at := start.Add(time.Duration(n) * time.Second)
		n++
		return at.Unix(), spoolOne(t, s, at)
	}
	var taken []int64
	for range 5 {
		at, err := put()
		if err != nil {
			t.Fatal(err)
		}
		taken = append(taken, at)
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	limit := func(l syscall.Rlimit) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
			t.Fatal(err)
		}
	}
	limit(syscall.Rlimit{Cur: 4096, Max: before.Max})
	for range 3 {
		if at, err := put(); err == nil {
			t.Errorf("a batch at %d was taken, and there is no room for it", at)
		}
	}
	limit(before)
	for range 5 {
		at, err := put()
		if err != nil {
			t.Fatalf("with room again: %v", err)
		}
		taken = append(taken, at)
	}
	drain(t, s)
	if !slices.Equal(sent, taken) {
		t.Errorf("sent %v, want what was taken: %v", sent, taken)
	}
}

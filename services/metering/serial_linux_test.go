package metering

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"rigistry/models"
)

// terminal opens a pseudo-terminal: our end, and the path of the line.
func terminal(t testing.TB) (*os.File, string) {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ours.Close() })
	var lock, number int32
	if err := control(ours, syscall.TIOCSPTLCK, uintptr(unsafe.Pointer(&lock))); err != nil {
		t.Fatal(err)
	}
	if err := control(ours, syscall.TIOCGPTN, uintptr(unsafe.Pointer(&number))); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/dev/pts/%d", number)
	held, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0) // or reading our end fails while nobody has it open
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = held.Close() })
	return ours, path
}

func TestSerial_ALineIsReadAndALateAnswerIsNeverTaken(t *testing.T) {
	t.Parallel()
	bus, path := terminal(t)
	go func() {
		var late []byte
		for n := 1; ; n++ {
			req := make([]byte, 8)
			if _, err := io.ReadFull(bus, req); err != nil {
				return
			}
			answer := rtuAnswer(req, float32(n))
			if n%4 == 2 {
				late = answer
				continue
			}
			if late != nil {
				answer, late = late, nil
			}
			for _, b := range answer { // as slowly as a line does
				if _, err := bus.Write([]byte{b}); err != nil {
					return
				}
			}
		}
	}()
	m := meterAt("m1", "rtu://"+path+"?baud=19200&parity=even", 1)
	got := collect(t, m)
	last := int64(0)
	for range 3 {
		r := got.until(t, "has values", func(r models.Reading) bool { return r.Values.Len() > 0 })
		p, _ := r.Values.Get(models.QPTotal)
		if p%4 == 2 || p <= last {
			t.Fatalf("got the answer of request %d after that of %d", p, last)
		}
		last = p
	}
	if h := got.Health()[0]; h.Timeouts == 0 {
		t.Errorf("no answer was late: %+v", h)
	}
	if took := got.stop(); took > time.Second {
		t.Errorf("stopping took %s", took)
	}
}

func TestSerial_WhatIsNoLineIsSaidSo(t *testing.T) {
	for path, says := range map[string]string{"/dev/null": "no serial line", "/dev/rigistry-none": "no such file"} {
		_, err := ReadOnce(context.Background(), "rtu://"+path, 1, "eastron/sdm630", time.Second)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %q", path, err, says)
		}
	}
}

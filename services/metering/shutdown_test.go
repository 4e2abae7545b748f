package metering

import (
	"context"
	"io"
	"net/url"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rigistry/models"
)

// mute is a stream on which no answer ever comes.
type mute struct {
	asked  *atomic.Int64
	closed chan struct{}
}

func (s *mute) Write(b []byte) (int, error)      { s.asked.Add(1); return len(b), nil }
func (s *mute) Read([]byte) (int, error)         { <-s.closed; return 0, io.EOF }
func (s *mute) Close() error                     { close(s.closed); return nil }
func (s *mute) SetReadDeadline(time.Time) error  { return nil }
func (s *mute) SetWriteDeadline(time.Time) error { return nil }

func TestCollector_StopsWithinASecondWhileTenThousandReadsHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const meters = 10_000
		list := make([]models.Meter, meters)
		for i := range list {
			list[i] = sdm(i, time.Second)
		}
		var asked atomic.Int64
		c := NewCollector(list, func(context.Context, Batch) error { return nil }, time.Now, discard())
		c.dialling.every = 0
		c.open = func(context.Context, *url.URL, time.Duration) (stream, error) {
			return &onceClosed{stream: &mute{asked: &asked, closed: make(chan struct{})}}, nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = c.Run(ctx)
		}()
		time.Sleep(2 * time.Second)
		if asked.Load() != meters {
			t.Fatalf("%d reads are under way, want %d", asked.Load(), meters)
		}
		began := time.Now()
		cancel()
		<-done
		if took := time.Since(began); took > time.Second {
			t.Errorf("stopping took %s", took)
		}
	})
}

// onceClosed may be closed again, as a connection may.
type onceClosed struct {
	stream
	done atomic.Bool
}

func (o *onceClosed) Close() error {
	if o.done.Swap(true) {
		return nil
	}
	return o.stream.Close()
}

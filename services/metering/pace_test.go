package metering

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rigistry/models"
)

// answering is a stream whose meter answers at once, and allocates nothing.
type answering struct {
	image []byte // from register 0
	out   [maxFrame]byte
	have  int
}

func (a *answering) Write(b []byte) (int, error) {
	addr, count := int(binary.BigEndian.Uint16(b[8:])), int(binary.BigEndian.Uint16(b[10:]))
	copy(a.out[:8], b)
	binary.BigEndian.PutUint16(a.out[4:], uint16(3+2*count))
	a.out[8] = byte(2 * count)
	a.have = 9 + copy(a.out[9:9+2*count], a.image[2*addr:])
	return len(b), nil
}

func (a *answering) Read(b []byte) (int, error)       { return copy(b, a.out[:a.have]), nil }
func (a *answering) Close() error                     { return nil }
func (a *answering) SetReadDeadline(time.Time) error  { return nil }
func (a *answering) SetWriteDeadline(time.Time) error { return nil }

func answers(context.Context, *url.URL, time.Duration) (stream, error) {
	return &answering{image: append(sdmImage(), 0, 0, 0, 0)}, nil
}

// breakable is a stream that ends while the network is down.
type breakable struct {
	stream
	down func() bool
}

func (b *breakable) Read(p []byte) (int, error) {
	if b.down() {
		return 0, io.EOF
	}
	return b.stream.Read(p)
}

func sdm(n int, interval time.Duration) models.Meter {
	id := fmt.Sprintf("m%05d", n)
	return models.Meter{ID: id, Code: id, URL: fmt.Sprintf("tcp://10.%d.%d.%d:502", n>>16, n>>8&255, n&255), Unit: 1, Profile: "eastron/sdm630",
		PollInterval: interval, CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1}
}

// A poll is the bookkeeping of its schedule, a request, its answer, decoding and judging;
// what it gives away is the raw registers that are kept beside the values.
func TestLink_APollAllocatesNothingButTheRegistersThatItGives(t *testing.T) {
	c := NewCollector(nil, nil, time.Now, discard())
	c.open = answers
	grouped, err := byEndpoint([]models.Meter{sdm(1, time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	for endpoint, meters := range grouped {
		l := newLink(endpoint, meters, c)
		defer l.drop()
		got := 0
		l.out = func(_ context.Context, r *models.Reading) { got += r.Values.Len() }
		l.poll(t.Context(), l.units[0])
		const polls = 200
		if n := testing.AllocsPerRun(polls, func() { l.poll(t.Context(), l.units[0]) }); n > 4 {
			t.Errorf("a poll allocates %v times, want at most 4", n)
		}
		if want := (polls + 2) * len(sdmPoints); got != want {
			t.Errorf("got %d values, want %d", got, want)
		}
		blocks := l.units[0].blocks
		if n := testing.AllocsPerRun(polls, func() { l.units[0].decoder.decode(blocks) }); n > 0 {
			t.Errorf("decoding allocates %v times, want never", n)
		}
	}
}

// Requirement: 10,000 units on 2,000 endpoints are read first within an interval, and
// nobody sees more than 200 new connections a second or 50 at once; also when every
// gateway comes back at the same moment.
func TestCollector_StartsAndComesBackWithAtMostTwoHundredNewConnectionsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const endpoints, interval = 2000, 10 * time.Second
		var (
			mu    sync.Mutex
			times []time.Time
			down  bool
			first = map[string]time.Duration{}
		)
		began := time.Now()
		meters := make([]models.Meter, endpoints)
		for i := range meters {
			meters[i] = sdm(i, interval)
		}
		c := NewCollector(meters, func(_ context.Context, b Batch) error {
			mu.Lock()
			defer mu.Unlock()
			for i := range b.Readings {
				if r := &b.Readings[i]; first[r.Meter] == 0 && r.Quality.Usable() {
					first[r.Meter] = r.At.Sub(began)
				}
			}
			return nil
		}, time.Now, discard())
		c.open = func(ctx context.Context, u *url.URL, within time.Duration) (stream, error) {
			mu.Lock()
			defer mu.Unlock()
			times = append(times, time.Now())
			if down {
				return nil, io.ErrUnexpectedEOF
			}
			s, err := answers(ctx, u, within)
			return &breakable{stream: s, down: func() bool { mu.Lock(); defer mu.Unlock(); return down }}, err
		}
		set := func(to bool) {
			mu.Lock()
			defer mu.Unlock()
			down = to
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = c.Run(ctx)
		}()
		time.Sleep(3 * interval)
		mu.Lock()
		late := time.Duration(0)
		for _, at := range first {
			late = max(late, at)
		}
		if len(first) != endpoints || late > interval+interval/5 {
			t.Errorf("%d of %d meters gave a first reading, the last of them after %s", len(first), endpoints, late)
		}
		mu.Unlock()
		set(true)
		time.Sleep(2 * time.Minute)
		set(false)
		time.Sleep(30 * time.Second)
		for _, h := range c.Health() {
			if h.State != "ok" {
				t.Errorf("half a minute after the network came back %s is %s: %s", h.Code, h.State, h.LastError)
				break
			}
		}
		cancel()
		<-done
		most := func(in time.Duration) (most int) {
			from := 0
			for i := range times {
				for times[i].Sub(times[from]) >= in {
					from++
				}
				most = max(most, i-from+1)
			}
			return most
		}
		t.Logf("%d connections, at most %d in a second and %d in 50 ms; the last first reading after %s", len(times), most(time.Second), most(50*time.Millisecond), late)
		if most(time.Second) > 201 || most(50*time.Millisecond) > 50 {
			t.Errorf("%d new connections in a second and %d in 50 ms, want at most 200 and 50", most(time.Second), most(50*time.Millisecond))
		}
	})
}

package metering

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/simonvetter/modbus"

	"rigistry/models"
)

// registersOf serves register n as n*3 from unit 7, and refuses the rest.
type registersOf struct{}

func (registersOf) answer(unit uint8, addr, count uint16) ([]uint16, error) {
	if unit != 7 || int(addr)+int(count) > 1000 {
		return nil, modbus.ErrIllegalDataAddress
	}
	out := make([]uint16, count)
	for i := range out {
		out[i] = 3 * (addr + uint16(i))
	}
	return out, nil
}

func (r registersOf) HandleHoldingRegisters(q *modbus.HoldingRegistersRequest) ([]uint16, error) {
	return r.answer(q.UnitId, q.Addr, q.Quantity)
}

func (r registersOf) HandleInputRegisters(q *modbus.InputRegistersRequest) ([]uint16, error) {
	return r.answer(q.UnitId, q.Addr, q.Quantity)
}

func (registersOf) HandleCoils(*modbus.CoilsRequest) ([]bool, error) {
	return nil, modbus.ErrIllegalFunction
}

func (registersOf) HandleDiscreteInputs(*modbus.DiscreteInputsRequest) ([]bool, error) {
	return nil, modbus.ErrIllegalFunction
}

// The library that most Go pollers use reads what we read from its server, and
// what our framing sends is understood by it.
func TestConn_AgreesWithTheLibrary(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := "tcp://127.0.0.1:" + strconv.Itoa(free.Addr().(*net.TCPAddr).Port)
	_ = free.Close()
	server, err := modbus.NewServer(&modbus.ServerConfiguration{URL: endpoint, Logger: log.New(io.Discard, "", 0)}, registersOf{})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	client, err := modbus.NewClient(&modbus.ClientConfiguration{URL: endpoint, Timeout: time.Second, Logger: log.New(io.Discard, "", 0)})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	ours, err := dial(context.Background(), endpoint, time.Second, make(chan struct{}, 1), Credentials{}.opener())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ours.close)
	for _, unit := range []uint8{7, 8} {
		for _, count := range []uint16{1, 2, 61, 125} {
			for _, addr := range []uint16{0, 1, 499, 875, 990} {
				_ = client.SetUnitId(unit)
				want, wantErr := client.ReadRegisters(addr, count, modbus.INPUT_REGISTER)
				raw, err := ours.read(context.Background(), unit, Request{FC: 4, Addr: addr, Count: count}, time.Second)
				var failure *ReadError
				if (err == nil) != (wantErr == nil) || (err != nil && (!errors.As(err, &failure) || failure.Exception != 2)) {
					t.Fatalf("unit %d, %d from %d: got %v, the library %v", unit, count, addr, err, wantErr)
				}
				for i, w := range want {
					if got := binary.BigEndian.Uint16(raw[2*i:]); got != w {
						t.Fatalf("register %d: got %d, the library %d", int(addr)+i, got, w)
					}
				}
			}
		}
	}
}

// rtuGateway serves serial frames over TCP; answer says what to write for the
// n-th request.
func rtuGateway(t *testing.T, answer func(n int64, req []byte) []byte) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	var asked atomic.Int64
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = c.Close() }()
				for {
					req := make([]byte, 8)
					if _, err := io.ReadFull(c, req[:7]); err != nil {
						return
					}
					if req[1] == 0x2B { // which is shorter
						req = req[:7]
					} else if _, err := io.ReadFull(c, req[7:]); err != nil {
						return
					}
					if _, err := c.Write(answer(asked.Add(1), req)); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "rtuovertcp://" + l.Addr().String()
}

// A gateway that says everything twice would make each poll read the one before
// it: the right registers, at the wrong time, for ever.
func TestCollector_ASecondCopyOfAnAnswerIsNotTheNextAnswer(t *testing.T) {
	t.Parallel()
	var sent atomic.Int64
	url := rtuGateway(t, func(n int64, req []byte) []byte {
		sent.Store(n)
		one := rtuAnswer(req, float32(n))
		return append(one, one...)
	})
	c := collect(t, meterAt("m1", url, 1))
	last := int64(0)
	for range 8 {
		r := c.until(t, "has values", func(r models.Reading) bool { return r.Values.Len() > 0 })
		p, _ := r.Values.Get(models.QPTotal)
		if p <= last || (last > 0 && p != last+1) {
			t.Fatalf("got the answer of request %d after that of %d of %d sent", p, last, sent.Load())
		}
		last = p
	}
	if h := c.Health()[0]; h.Strays == 0 {
		t.Errorf("the copies were not counted: %+v", h)
	}
}

// A late answer that comes on the connection after the next looks, on a serial
// line, like the answer to the same question asked again.
func TestCollector_AnAnswerThatComesAfterReconnectingIsToldByItsLength(t *testing.T) {
	t.Parallel()
	var held atomic.Pointer[[]byte]
	url := rtuGateway(t, func(n int64, req []byte) []byte {
		answer := rtuAnswer(req, float32(n))
		switch {
		case n%5 == 3: // kept back, given as the first answer on the next connection
			held.Store(&answer)
			return nil
		case held.Load() != nil:
			return *held.Swap(nil)
		}
		return answer
	})
	c := collect(t, meterAt("m1", url, 1))
	last := int64(0)
	for range 4 {
		r := c.until(t, "has values", func(r models.Reading) bool { return r.Values.Len() > 0 })
		p, _ := r.Values.Get(models.QPTotal)
		if p%5 == 3 || p <= last {
			t.Fatalf("got the answer of request %d after that of %d: a late one was taken for a new one", p, last)
		}
		last = p
	}
}

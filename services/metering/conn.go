package metering

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"sync/atomic"
	"time"

	"github.com/simonvetter/modbus"
)

// FailKind says how a read failed.
type FailKind uint8

// The kinds of failure.
const (
	FailDial      FailKind = iota // no connection
	FailTimeout                   // no answer in time
	FailClosed                    // the other side closed the connection
	FailProtocol                  // an answer that is none: wrong unit, checksum, length
	FailException                 // the device refused, with a Modbus exception
	FailCancelled                 // we stopped
)

// ReadError is a failed read with everything needed to find its cause.
type ReadError struct {
	Endpoint  string
	Unit      uint8
	Request   Request
	Kind      FailKind
	Exception uint8 // Modbus exception code when Kind is FailException, 0 when the device used an unknown one
	Within    time.Duration
	Err       error
}

// Error says what was read from where and what came instead.
func (e *ReadError) Error() string {
	where := e.Endpoint
	if e.Kind != FailDial {
		where = fmt.Sprintf("%s unit %d, function %d, registers %d to %d", e.Endpoint, e.Unit, e.Request.FC,
			e.Request.Addr, int(e.Request.Addr)+int(e.Request.Count)-1)
	}
	switch e.Kind {
	case FailDial:
		return fmt.Sprintf("%s: no connection: %v", where, e.Err)
	case FailTimeout:
		return fmt.Sprintf("%s: no answer within %s", where, e.Within)
	case FailClosed:
		return fmt.Sprintf("%s: the other side closed the connection (%v)", where, e.Err)
	case FailException:
		return fmt.Sprintf("%s: the device refused: %v", where, e.Err)
	case FailCancelled:
		return where + ": stopped before an answer came"
	}
	return fmt.Sprintf("%s: not a Modbus answer to this request: %v", where, e.Err)
}

// Unwrap gives the cause.
func (e *ReadError) Unwrap() error { return e.Err }

// exceptions maps the library's errors to Modbus exception codes.
var exceptions = map[error]uint8{
	modbus.ErrIllegalFunction: 1, modbus.ErrIllegalDataAddress: 2, modbus.ErrIllegalDataValue: 3, modbus.ErrServerDeviceFailure: 4,
	modbus.ErrAcknowledge: 5, modbus.ErrServerDeviceBusy: 6, modbus.ErrMemoryParityError: 8,
	modbus.ErrGWPathUnavailable: 10, modbus.ErrGWTargetFailedToRespond: 11,
}

// errLibrary says that the Modbus library itself failed.
var errLibrary = errors.New("the Modbus library failed")

// classify sorts an error of the library. It has no type for exceptions that it
// does not know; only their text tells.
func classify(err error) (FailKind, uint8) {
	var typed modbus.Error
	if errors.As(err, &typed) {
		if code, ok := exceptions[typed]; ok {
			return FailException, code
		}
		if typed == modbus.ErrRequestTimedOut {
			return FailTimeout, 0
		}
		return FailProtocol, 0
	}
	if errors.Is(err, errLibrary) {
		return FailProtocol, 0
	}
	if strings.HasPrefix(err.Error(), "unknown exception code") {
		return FailException, 0
	}
	return FailClosed, 0
}

// conn is one connection. One goroutine owns the library's client from Open to
// Close and nobody else touches it: unit id and stream are one state, and a
// client that is shared, read before Open or opened twice gives another meter's
// value, a panic or a leak. Whoever waits may walk away at any time; the owner
// then finishes its read, closes and ends.
type conn struct {
	endpoint string
	timeout  time.Duration
	asks     chan ask
	answers  chan answer
	strays   atomic.Int64 // answers to other requests that were thrown away
}

type ask struct {
	unit uint8
	req  Request
}

type answer struct {
	raw []byte
	err error
}

// Write counts what the library logs about answers that belong to no request.
func (c *conn) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("unexpected transaction id")) || bytes.Contains(line, []byte("unexpected protocol id")) {
		c.strays.Add(1)
	}
	return len(line), nil
}

// dial opens a connection. slots bounds how many are being opened at once; the
// library's own limit for one is five seconds.
func dial(ctx context.Context, endpoint string, timeout time.Duration, slots chan struct{}) (*conn, error) {
	c := &conn{endpoint: endpoint, timeout: timeout, asks: make(chan ask), answers: make(chan answer, 1)}
	client, err := modbus.NewClient(&modbus.ClientConfiguration{URL: endpoint, Timeout: timeout, Logger: log.New(c, "", 0)})
	if err != nil {
		return nil, &ReadError{Endpoint: endpoint, Kind: FailDial, Err: err}
	}
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return nil, &ReadError{Endpoint: endpoint, Kind: FailDial, Err: ctx.Err()}
	}
	opened := make(chan error, 1)
	go c.own(client, opened, slots)
	select {
	case err = <-opened:
	case <-ctx.Done():
		err = fmt.Errorf("the other side took too long: %w", ctx.Err())
	}
	if err != nil {
		close(c.asks)
		return nil, &ReadError{Endpoint: endpoint, Kind: FailDial, Err: err}
	}
	return c, nil
}

func (c *conn) own(client *modbus.ModbusClient, opened chan<- error, slots <-chan struct{}) {
	err := client.Open()
	<-slots
	opened <- err
	if err != nil {
		return
	}
	defer func() { _ = client.Close() }()
	for a := range c.asks {
		c.answers <- c.exchange(client, a)
	}
}

// exchange is one read. A panic of the library is a failed read, not the end of
// the program.
func (c *conn) exchange(client *modbus.ModbusClient, a ask) (out answer) {
	defer func() {
		if r := recover(); r != nil {
			out = answer{err: fmt.Errorf("%w: %v", errLibrary, r)}
		}
	}()
	if err := client.SetUnitId(a.unit); err != nil {
		return answer{err: err}
	}
	kind := modbus.HOLDING_REGISTER
	if a.req.FC == 4 {
		kind = modbus.INPUT_REGISTER
	}
	raw, err := client.ReadRawBytes(a.req.Addr, 2*a.req.Count, kind)
	if err == nil && len(raw) != 2*int(a.req.Count) {
		err = modbus.ErrProtocolError
	}
	return answer{raw: raw, err: err}
}

// read asks once. After any error but an exception the connection is good for
// nothing but close.
func (c *conn) read(ctx context.Context, unit uint8, req Request) ([]byte, error) {
	fail := func(kind FailKind, code uint8, err error) ([]byte, error) {
		return nil, &ReadError{Endpoint: c.endpoint, Unit: unit, Request: req, Kind: kind, Exception: code, Within: c.timeout, Err: err}
	}
	select {
	case c.asks <- ask{unit, req}:
	case <-ctx.Done():
		return fail(FailCancelled, 0, ctx.Err())
	}
	select {
	case a := <-c.answers:
		if a.err != nil {
			kind, code := classify(a.err)
			return fail(kind, code, a.err)
		}
		return a.raw, nil
	case <-ctx.Done():
		return fail(FailCancelled, 0, ctx.Err())
	}
}

// close lets the owner end, at the latest when its read has timed out.
func (c *conn) close() { close(c.asks) }

package metering

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"
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
	Exception uint8 // Modbus exception code when Kind is FailException
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

// exceptions are the words of the Modbus Application Protocol V1.1b3, section 7.
var exceptions = map[uint8]string{
	1: "illegal function", 2: "illegal data address", 3: "illegal data value", 4: "server device failure",
	5: "request acknowledged", 6: "server device busy", 8: "memory parity error",
	10: "gateway path unavailable", 11: "gateway target device failed to respond",
}

func exceptionError(code uint8) error {
	if word, known := exceptions[code]; known {
		return errors.New(word)
	}
	return fmt.Errorf("unknown exception code %d", code)
}

var (
	errNotAnAnswer = errors.New("protocol error")
	errChecksum    = errors.New("bad checksum")
	errUnit        = errors.New("bad unit id")
)

// Frames: a serial frame has at most 256 bytes, one of Modbus/TCP 260.
const (
	maxFrame    = 260
	mbapHeader  = 7
	dialWithin  = 5 * time.Second
	lineSilence = 2 * time.Millisecond // 3.5 characters at 19200 baud and above
	writeFor    = 30 * time.Second     // no request is written for longer than its own time and this
)

// conn is one connection and what is needed to tell an answer from a stray. One
// goroutine owns it. It sends nothing but functions 3, 4 and 43/14, which read.
type conn struct {
	endpoint string
	stream   stream
	serial   bool // serial frames: no transaction id tells answers apart
	loose    func() bool
	id       uint16
	in       [2 * maxFrame]byte
	out      [mbapHeader + 5 + 2]byte
	have     int
	writes   time.Time // when writing gives up; moved now and then, as a request always fits what a socket holds
	strays   int64     // answers to other requests that were thrown away
}

// dial opens a connection that lives at most as long as ctx. slots bounds how
// many are being opened at once.
func dial(ctx context.Context, endpoint string, within time.Duration, slots chan struct{}, open opener) (*conn, error) {
	fail := func(err error) (*conn, error) {
		return nil, &ReadError{Endpoint: endpoint, Kind: FailDial, Err: err}
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return fail(err)
	}
	select {
	case slots <- struct{}{}:
	case <-ctx.Done():
		return fail(ctx.Err())
	}
	defer func() { <-slots }()
	stream, err := open(ctx, u, within)
	if err != nil {
		return fail(err)
	}
	c := &conn{endpoint: endpoint, stream: stream, serial: strings.HasPrefix(u.Scheme, "rtu")}
	c.loose = context.AfterFunc(ctx, func() { _ = stream.Close() })
	return c, nil
}

// close closes the connection.
func (c *conn) close() {
	c.loose()
	_ = c.stream.Close()
}

// reusable tells whether the connection may go on after a request that was not
// answered in time: answers carry transaction ids, and none has come in part.
func (c *conn) reusable() bool { return !c.serial && c.have == 0 }

// read asks once and gives the registers' bytes, which are good until the next
// read. After any error but an exception, or a time-out of a connection that is
// reusable, the connection is good for nothing but close.
func (c *conn) read(ctx context.Context, unit uint8, req Request, within time.Duration) ([]byte, error) {
	ask := [5]byte{req.FC}
	binary.BigEndian.PutUint16(ask[1:], req.Addr)
	binary.BigEndian.PutUint16(ask[3:], req.Count)
	pdu, err := c.exchange(ctx, unit, ask[:], req, within)
	if err != nil {
		return nil, err
	}
	if len(pdu) != 2+2*int(req.Count) || int(pdu[1]) != 2*int(req.Count) {
		return nil, &ReadError{Endpoint: c.endpoint, Unit: unit, Request: req, Kind: FailProtocol, Within: within, Err: errNotAnAnswer}
	}
	return pdu[2:], nil
}

// exchange sends what is asked and gives what the unit answers to that function.
func (c *conn) exchange(ctx context.Context, unit uint8, ask []byte, req Request, within time.Duration) ([]byte, error) {
	fail := func(kind FailKind, code uint8, err error) ([]byte, error) {
		if ctx.Err() != nil {
			kind, err = FailCancelled, ctx.Err()
		}
		return nil, &ReadError{Endpoint: c.endpoint, Unit: unit, Request: req, Kind: kind, Exception: code, Within: within, Err: err}
	}
	if err := c.send(unit, ask, within); err != nil {
		return fail(kindOf(err), 0, err)
	}
	from, pdu, err := c.answer()
	if err != nil {
		return fail(kindOf(err), 0, err)
	}
	refused := len(pdu) == 2 && pdu[0] == req.FC|0x80
	switch {
	case from != unit && (!refused || (from != 0 && from != 255)): // a gateway refuses in its own name
		return fail(FailProtocol, 0, errUnit)
	case refused:
		return fail(FailException, pdu[1], exceptionError(pdu[1]))
	case pdu[0] != req.FC:
		return fail(FailProtocol, 0, errNotAnAnswer)
	}
	return pdu, nil
}

func kindOf(err error) FailKind {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return FailTimeout
	case errors.Is(err, errNotAnAnswer) || errors.Is(err, errChecksum):
		return FailProtocol
	}
	return FailClosed
}

// send writes one request and starts its time.
func (c *conn) send(unit uint8, ask []byte, within time.Duration) error {
	frame := c.out[:mbapHeader+len(ask)]
	copy(frame[mbapHeader:], ask)
	out := frame
	if c.serial {
		if err := c.drain(); err != nil {
			return err
		}
		frame[mbapHeader-1] = unit
		out = crcAppend(frame[mbapHeader-1:])
	} else {
		c.id++
		binary.BigEndian.PutUint16(frame[0:], c.id)
		binary.BigEndian.PutUint16(frame[2:], 0)
		binary.BigEndian.PutUint16(frame[4:], uint16(1+len(ask)))
		frame[6] = unit
	}
	until := deadline(within)
	if c.writes.Before(until) {
		c.writes = until.Add(writeFor)
		if err := c.stream.SetWriteDeadline(c.writes); err != nil {
			return err
		}
	}
	if err := c.stream.SetReadDeadline(until); err != nil {
		return err
	}
	_, err := c.stream.Write(out)
	return err
}

// drain throws away what came on a serial line since the last answer: a second
// copy of it, say, which would be taken for the answer to what is asked next.
func (c *conn) drain() error {
	for left := 64; ; left-- {
		if c.have > 0 {
			c.strays++
			c.have = 0
		}
		if left == 0 {
			return fmt.Errorf("%w: the line does not fall silent", errNotAnAnswer)
		}
		if err := c.stream.SetReadDeadline(deadline(lineSilence)); err != nil {
			return err
		}
		n, err := c.stream.Read(c.in[:])
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		if err != nil {
			return err
		}
		c.have = n
	}
}

// answer waits for the answer and gives who sent it and what it says.
func (c *conn) answer() (unit uint8, pdu []byte, err error) {
	if c.serial {
		return c.serialAnswer()
	}
	for {
		if err := c.fill(mbapHeader + 1); err != nil {
			return 0, nil, err
		}
		id, protocol := binary.BigEndian.Uint16(c.in[0:]), binary.BigEndian.Uint16(c.in[2:])
		length := int(binary.BigEndian.Uint16(c.in[4:]))
		if length < 2 || length > 254 {
			return 0, nil, errNotAnAnswer
		}
		whole := mbapHeader - 1 + length
		if err := c.fill(whole); err != nil {
			return 0, nil, err
		}
		frame := c.take(whole)
		if id == c.id && protocol == 0 {
			return frame[6], frame[mbapHeader:], nil
		}
		c.strays++
	}
}

// serialAnswer takes one frame of functions 3, 4 or 43/14, or an exception. Anything
// else is no answer.
func (c *conn) serialAnswer() (uint8, []byte, error) {
	if err := c.fill(5); err != nil { // the shortest: an exception
		return 0, nil, err
	}
	whole := 5
	switch fc := c.in[1]; {
	case fc&0x80 != 0:
	case fc == 3 || fc == 4:
		whole = 3 + int(c.in[2]) + 2
	case fc == 0x2B:
		var err error
		if whole, err = c.identityLength(); err != nil {
			return 0, nil, err
		}
	default:
		return 0, nil, errNotAnAnswer
	}
	if err := c.fill(whole); err != nil {
		return 0, nil, err
	}
	frame := c.take(whole)
	if sum := crc(frame[:whole-2]); frame[whole-2] != byte(sum) || frame[whole-1] != byte(sum>>8) {
		return 0, nil, errChecksum
	}
	return frame[0], frame[1 : whole-2], nil
}

// identityLength finds how long a serial frame of function 43/14 is: only its
// objects tell.
func (c *conn) identityLength() (int, error) {
	whole := 1 + 7
	if err := c.fill(whole); err != nil {
		return 0, err
	}
	for range c.in[7] {
		if whole+2 > maxFrame {
			return 0, errNotAnAnswer
		}
		if err := c.fill(whole + 2); err != nil {
			return 0, err
		}
		whole += 2 + int(c.in[whole+1])
	}
	if whole+2 > maxFrame {
		return 0, errNotAnAnswer
	}
	return whole + 2, nil
}

// fill reads until there are n bytes.
func (c *conn) fill(n int) error {
	for c.have < n {
		got, err := c.stream.Read(c.in[c.have:])
		c.have += got
		if err != nil && c.have < n {
			return err
		}
	}
	return nil
}

// take gives the first n bytes, and moves what came after them to the front for
// the next: the bytes given lie behind it.
func (c *conn) take(n int) []byte {
	if c.have == n {
		c.have = 0
		return c.in[:n]
	}
	frame := append([]byte(nil), c.in[:n]...)
	c.have = copy(c.in[:], c.in[n:c.have])
	return frame
}

// deadline is when a socket gives up. It is by the machine's clock, whatever time
// the registry is at.
func deadline(in time.Duration) time.Time {
	return time.Now().Add(in) //nolint:forbidigo // the kernel has only one clock
}

// crc is the checksum of serial Modbus.
func crc(data []byte) uint16 {
	sum := uint16(0xFFFF)
	for _, b := range data {
		sum ^= uint16(b)
		for range 8 {
			odd := sum&1 == 1
			sum >>= 1
			if odd {
				sum ^= 0xA001
			}
		}
	}
	return sum
}

func crcAppend(frame []byte) []byte {
	sum := crc(frame)
	return append(append(make([]byte, 0, len(frame)+2), frame...), byte(sum), byte(sum>>8))
}

package metering

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"time"
	"unicode"
)

// Identity is what a device says it is by function 43/14 (Read Device
// Identification, basic). Most meters do not know the function.
type Identity struct{ Vendor, Product, Revision string }

// identityMost is how many answers an identity may take: a device that always says
// that there is more is left alone.
const identityMost = 4

// identity asks a device what it is. A device that does not know the function
// refuses with an exception, which is the error.
func (c *conn) identity(ctx context.Context, unit uint8, within time.Duration) (Identity, error) {
	objects := [3]string{}
	next := byte(0)
	for range identityMost {
		pdu, err := c.exchange(ctx, unit, []byte{0x2B, 0x0E, 0x01, next}, Request{FC: 0x2B}, within)
		if err != nil {
			return Identity{}, err
		}
		more, err := parseIdentity(pdu, &objects)
		if err != nil {
			return Identity{}, &ReadError{Endpoint: c.endpoint, Unit: unit, Request: Request{FC: 0x2B}, Kind: FailProtocol, Err: err}
		}
		if more <= next {
			break
		}
		next = more
	}
	return Identity{Vendor: objects[0], Product: objects[1], Revision: objects[2]}, nil
}

// parseIdentity reads one answer and gives the object to go on with, 0 when that was
// all.
func parseIdentity(pdu []byte, into *[3]string) (next byte, err error) {
	if len(pdu) < 7 || pdu[0] != 0x2B || pdu[1] != 0x0E || pdu[2] != 0x01 {
		return 0, errNotAnAnswer
	}
	rest := pdu[7:]
	for range pdu[6] {
		if len(rest) < 2 || len(rest) < 2+int(rest[1]) {
			return 0, errNotAnAnswer
		}
		if id := rest[0]; int(id) < len(into) {
			into[id] = plainText(rest[2 : 2+int(rest[1])])
		}
		rest = rest[2+int(rest[1]):]
	}
	if len(rest) != 0 {
		return 0, errNotAnAnswer
	}
	if pdu[4] == 0xFF {
		return pdu[5], nil
	}
	return 0, nil
}

// plainText keeps what can be shown of a device's text.
func plainText(b []byte) string {
	text, _, _ := strings.Cut(string(b), "\x00")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text))
}

// SunSpec is what a device tells about itself as the SunSpec Alliance has it.
type SunSpec struct {
	Base                          uint16
	Maker, Model, Version, Serial string
	Models                        []SunSpecModel
}

// SunSpecModel is one block of a SunSpec device: its registers begin with its id
// and length at Addr.
type SunSpecModel struct{ ID, Addr, Length uint16 }

// Bounds of a walk along SunSpec models: no device has more, and a length that leads
// out of the address space ends the walk.
const (
	sunSpecModels = 64
	sunSpecCommon = 1
	sunSpecEnd    = 0xFFFF
)

var sunSpecBases = [3]uint16{40000, 0, 50000}

// walkSunSpec looks for 'SunS' at its three places and follows the models from
// there; nil when the device is none of SunSpec's. read reads holding registers.
func walkSunSpec(read func(addr, count uint16) ([]uint16, error)) (*SunSpec, error) {
	for _, base := range sunSpecBases {
		mark, err := read(base, 2)
		if refusedByAddress(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if mark[0] != 0x5375 || mark[1] != 0x6E53 {
			continue
		}
		out := &SunSpec{Base: base}
		return out, out.walk(read)
	}
	return nil, nil
}

func (s *SunSpec) walk(read func(addr, count uint16) ([]uint16, error)) error {
	for at := int(s.Base) + 2; len(s.Models) < sunSpecModels && at+2 <= 65536; {
		head, err := read(uint16(at), 2)
		if refusedByAddress(err) { // some devices have no end mark
			return nil
		}
		if err != nil {
			return err
		}
		m := SunSpecModel{ID: head[0], Addr: uint16(at), Length: head[1]}
		next := at + 2 + int(m.Length)
		if m.ID == sunSpecEnd || m.ID == 0 || m.Length == 0 || next > 65536 {
			return nil
		}
		s.Models = append(s.Models, m)
		if m.ID == sunSpecCommon && m.Length >= 65 {
			common, err := read(uint16(at), 66)
			if err != nil && !refusedByAddress(err) {
				return err
			}
			if err == nil {
				s.Maker, s.Model, s.Version, s.Serial = textOf(common[2:18]), textOf(common[18:34]), textOf(common[42:50]), textOf(common[50:66])
			}
		}
		at = next
	}
	return nil
}

func textOf(regs []uint16) string {
	var b []byte
	for _, r := range regs {
		b = binary.BigEndian.AppendUint16(b, r)
	}
	return plainText(b)
}

// refusedByAddress tells whether a device has said that it has no such registers, or
// no such function.
func refusedByAddress(err error) bool {
	var failure *ReadError
	return errors.As(err, &failure) && failure.Kind == FailException && failure.Exception >= 1 && failure.Exception <= 3
}

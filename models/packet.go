package models

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"time"
)

// A packet is the readings of many meters as one batch brought them, until they go
// into the chunks of their meters. It is quick to write, and those of one meter are
// read without the others:
//
//	'B' 1     that this is a packet, and of which version
//	meters    uvarint, then for each: length and bytes of its id (length 0: the 16 bytes
//	          of a UUID follow), and the number of bytes of its readings, uvarint
//	readings  of each meter in turn: their number, uvarint; then each as the difference
//	          to the one before it, the first to zero: instant (µs since 1970) and step
//	          (µs), varints; quality, one byte; the set of quantities that are present,
//	          uvarint of what changed in it; and in the order of Quantities a varint for
//	          each that is present
const (
	packetMark    = 'B'
	packetVersion = 1
)

var errPacket = errors.New("the bytes are no packet of readings of version 1")

// AppendPacket appends readings as a packet. Those of a meter stand together, in order
// of time.
func AppendPacket(b []byte, readings []Reading) []byte {
	meters, body := 0, make([]byte, 0, len(readings)*24)
	directory := make([]byte, 0, len(readings))
	for begin := 0; begin < len(readings); {
		id, end := readings[begin].Meter, begin+1
		for end < len(readings) && readings[end].Meter == id {
			end++
		}
		before := len(body)
		body = appendPacketRows(body, readings[begin:end])
		directory = appendPacketMeter(directory, id)
		directory = binary.AppendUvarint(directory, uint64(len(body)-before))
		meters++
		begin = end
	}
	b = append(b, packetMark, packetVersion)
	b = binary.AppendUvarint(b, uint64(meters))
	return append(append(b, directory...), body...)
}

func appendPacketMeter(b []byte, id string) []byte {
	if raw, ok := uuidBytes(id); ok {
		return append(append(b, 0), raw[:]...)
	}
	b = binary.AppendUvarint(b, uint64(len(id)))
	return append(b, id...)
}

// uuidBytes gives the bytes of a UUID in its usual form.
func uuidBytes(id string) (raw [16]byte, ok bool) {
	if len(id) != 36 {
		return raw, false
	}
	at := 0
	for _, part := range [5][2]int{{0, 8}, {9, 13}, {14, 18}, {19, 23}, {24, 36}} {
		if part[0] > 0 && id[part[0]-1] != '-' {
			return raw, false
		}
		n, err := hex.Decode(raw[at:], []byte(id[part[0]:part[1]]))
		if err != nil {
			return raw, false
		}
		at += n
	}
	return raw, strings.ToLower(id) == id
}

func appendPacketRows(b []byte, rows []Reading) []byte {
	b = binary.AppendUvarint(b, uint64(len(rows)))
	var at, step int64
	var before Values
	for i := range rows {
		r := &rows[i]
		us := r.At.UnixMicro()
		b = binary.AppendVarint(b, us-at)
		b = binary.AppendVarint(b, r.Step.Microseconds()-step)
		at, step = us, r.Step.Microseconds()
		b = append(b, byte(r.Quality))
		b = binary.AppendUvarint(b, r.Values.present^before.present)
		for q, stored := range r.Values.All() {
			b = binary.AppendVarint(b, stored-before.stored[q])
			before.stored[q] = stored
		}
		before.present = r.Values.present
	}
	return b
}

// ParsePacket calls each with the readings of the meters that are wanted, one meter
// after the other; of every meter when want is nil. Bytes that are no packet, that go
// on after its end, or whose readings are not in order of time, are an error; each may
// have been called before it.
func ParsePacket(b []byte, want func(meter string) bool, each func(meter string, readings []Reading)) error {
	if len(b) < 2 || b[0] != packetMark || b[1] != packetVersion {
		return errPacket
	}
	p := packetReader{b: b[2:]}
	meters := p.uvarint()
	if meters > uint64(len(p.b)) {
		return errPacket
	}
	type part struct {
		meter string
		size  uint64
	}
	parts := make([]part, 0, meters)
	for range meters {
		id, size := p.meter(), p.uvarint()
		if want == nil || want(id) {
			parts = append(parts, part{id, size})
		} else {
			parts = append(parts, part{"", size})
		}
	}
	for _, m := range parts {
		if p.bad || m.size > uint64(len(p.b)) {
			return errPacket
		}
		rows := packetReader{b: p.b[:m.size]}
		p.b = p.b[m.size:]
		if m.meter == "" {
			continue
		}
		out := rows.readings(m.meter)
		if rows.bad || len(rows.b) > 0 {
			return errPacket
		}
		each(m.meter, out)
	}
	if p.bad || len(p.b) > 0 {
		return errPacket
	}
	return nil
}

// packetReader takes numbers from the front of bytes; bad says that they were none.
type packetReader struct {
	b   []byte
	bad bool
}

func (p *packetReader) uvarint() uint64 {
	v, n := binary.Uvarint(p.b)
	p.skip(n)
	return v
}

func (p *packetReader) varint() int64 {
	v, n := binary.Varint(p.b)
	p.skip(n)
	return v
}

func (p *packetReader) skip(n int) {
	if n <= 0 {
		p.bad, p.b = true, nil
		return
	}
	p.b = p.b[n:]
}

func (p *packetReader) octet() byte {
	if len(p.b) == 0 {
		p.bad = true
		return 0
	}
	v := p.b[0]
	p.b = p.b[1:]
	return v
}

func (p *packetReader) meter() string {
	n := p.uvarint()
	uuid := n == 0
	if uuid {
		n = 16
	}
	if n > uint64(len(p.b)) {
		p.bad = true
		return ""
	}
	id := p.b[:n]
	p.b = p.b[n:]
	if uuid {
		return uuidText(id)
	}
	return string(id)
}

func (p *packetReader) readings(meter string) []Reading {
	n := p.uvarint()
	if n == 0 || n > uint64(len(p.b)) {
		p.bad = true
		return nil
	}
	out := make([]Reading, n)
	var at, step int64
	var before Values
	for i := range out {
		moved := p.varint()
		at += moved
		step += p.varint()
		quality := Quality(p.octet())
		before.present ^= p.uvarint()
		if p.bad || i > 0 && moved <= 0 || quality >= qualityCount || before.present>>QuantityCount != 0 {
			p.bad = true
			return nil
		}
		r := &out[i]
		r.Meter, r.At, r.Step, r.Quality = meter, time.UnixMicro(at).UTC(), time.Duration(step)*time.Microsecond, quality
		for rest := range before.All() {
			before.stored[rest] += p.varint()
			r.Values.Set(rest, before.stored[rest])
		}
	}
	return out
}

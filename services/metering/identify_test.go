package metering

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/models"
)

// em340 answers like an EM340 of 2000 W whose identity register holds id, or
// refuses to tell when id is 0.
func em340(id *atomic.Uint32, asked *atomic.Int64) reply {
	return func(c net.Conn, n int, h []byte, u, fc uint8, addr, count uint16) error {
		if addr == 0x0B && count == 1 {
			asked.Add(1)
			if id.Load() == 0 {
				return exception(2)(c, n, h, u, fc, addr, count)
			}
			_, err := c.Write(framed(h, u, fc, 2, byte(id.Load()>>8), byte(id.Load())))
			return err
		}
		data := []byte{byte(2 * count)}
		for a := addr; a < addr+count; a++ {
			v := uint16(0)
			switch a {
			case 0x28: // low word first
				v = 20000
			case 0x33:
				v = 500
			case 0x34:
				v = 1000
			}
			data = binary.BigEndian.AppendUint16(data, v)
		}
		_, err := c.Write(framed(h, u, fc, data...))
		return err
	}
}

func TestCollector_AnotherDevicesRegistersNeverBecomeValues(t *testing.T) {
	t.Parallel()
	var (
		id    atomic.Uint32
		asked atomic.Int64
	)
	id.Store(341)
	d := startDevice(t, em340(&id, &asked))
	m := meterAt("m1", d.url, 1)
	m.Profile = "carlo-gavazzi/em340"
	c := collect(t, m)
	for range 5 {
		c.until(t, "has power", hasPower("m1", 2000))
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("a meter that stayed connected was asked %d times who it is, want once", n)
	}
	for _, other := range []uint32{340, 1648, 0} { // an engineering sample, an EM24, one that does not tell
		id.Store(other)
		c.Replace(nil)
		for len(c.Health()) != 0 {
		}
		began := time.Now()
		c.Replace([]models.Meter{m})
		r := c.until(t, "is new", func(r models.Reading) bool { return r.At.After(began) })
		if r.Quality != models.QualityOtherDevice || r.Values.Len() != 0 {
			t.Fatalf("identity %d: got quality %s with %d values, want other_device with none", other, r.Quality, r.Values.Len())
		}
		h := c.Health()[0]
		if h.State != "dead" || h.OtherDevice == 0 || !strings.Contains(h.LastError, "is not a carlo-gavazzi/em340") {
			t.Errorf("identity %d: got health %+v", other, h)
		}
	}
	id.Store(346)
	c.until(t, "has power when the right device is back", hasPower("m1", 2000))
}

// A device that is exchanged while its connection is lost is told before one
// value of it counts.
func TestCollector_AMeterThatIsExchangedIsAskedWhoItIs(t *testing.T) {
	t.Parallel()
	var (
		id, down atomic.Uint32
		asked    atomic.Int64
	)
	id.Store(341)
	answer := em340(&id, &asked)
	d := startDevice(t, func(c net.Conn, n int, h []byte, u, fc uint8, a, q uint16) error {
		if down.CompareAndSwap(1, 0) {
			id.Store(1650)
			return errors.New("unplugged")
		}
		return answer(c, n, h, u, fc, a, q)
	})
	m := meterAt("m1", d.url, 1)
	m.Profile = "carlo-gavazzi/em340"
	c := collect(t, m)
	c.until(t, "has power", hasPower("m1", 2000))
	down.Store(1)
	c.until(t, "says that another device answers", func(r models.Reading) bool {
		if down.Load() == 0 && id.Load() == 1650 && r.Quality == models.QualityOtherDevice {
			return true
		}
		return false
	})
	if c.Health()[0].State != "dead" {
		t.Errorf("got %+v", c.Health()[0])
	}
}

func TestReadOnce_SaysWhichDeviceAnsweredInstead(t *testing.T) {
	var (
		id    atomic.Uint32
		asked atomic.Int64
	)
	id.Store(340)
	d := startDevice(t, em340(&id, &asked))
	rows, err := ReadOnce(context.Background(), d.url, 3, "em340", time.Second)
	var other *IdentityError
	if !errors.As(err, &other) || len(rows) != 0 || !strings.Contains(err.Error(), "register 11 holds 340, not 331 or") {
		t.Errorf("got %d rows and %v, want none and the identity that was found", len(rows), err)
	}
	id.Store(331)
	if rows, err = ReadOnce(context.Background(), d.url, 3, "em340", time.Second); err != nil || len(rows) == 0 {
		t.Errorf("control: got %d rows and %v", len(rows), err)
	}
}

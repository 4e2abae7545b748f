package metering

import (
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
)

// shown is the registers that a device shows, by address.
type shown map[uint16][]uint16

// saidBy reads what a device shows by a profile: every planned request whose
// registers are not all there is refused.
func saidBy(t *testing.T, id string, device shown) (models.Values, models.Quality) {
	t.Helper()
	p, err := shippedForTest(t).Find(id)
	if err != nil {
		t.Fatal(err)
	}
	flat := map[uint16]uint16{}
	for from, regs := range device {
		for i, r := range regs {
			flat[from+uint16(i)] = r
		}
	}
	d := newDecoder(p, nil)
	var blocks []block
	requests := plan(p, d.points, costOf("tcp"))
	for len(requests) > 0 {
		r := requests[0]
		requests = requests[1:]
		b := block{req: r, ok: true}
		for i := range r.Count {
			v, there := flat[r.Addr+i]
			b.ok = b.ok && there
			b.regs = append(b.regs, v)
		}
		if !b.ok && len(r.items) > 1 {
			requests = append(requests, r.split(&p.Limits)...)
		}
		blocks = append(blocks, b)
	}
	return d.decode(blocks)
}

// identified asks a profile who answers, at a device with these registers.
func identified(t *testing.T, id string, device shown) error {
	t.Helper()
	p, err := shippedForTest(t).Find(id)
	if err != nil {
		t.Fatal(err)
	}
	return checkIdentity(p, "tcp://device:502", 1, func(r Request) ([]byte, error) {
		regs, there := device[r.Addr]
		if !there {
			return nil, &ReadError{Kind: FailException, Exception: 2, Err: exceptionError(2)}
		}
		var raw []byte
		for _, v := range regs[:r.Count] {
			raw = append(raw, byte(v>>8), byte(v))
		}
		return raw, nil
	})
}

func value(t *testing.T, v models.Values, q models.Quantity, want int64) {
	t.Helper()
	if got, ok := v.Get(q); !ok || got != want {
		t.Errorf("%s: got %d (%v), want %d", q, got, ok, want)
	}
}

// The eight places where public register maps contradict each other, and what a
// meter would have been made to say.
func TestConflicts_SchneiderDocumentsRegistersFromOne(t *testing.T) {
	frequency := []uint16{0x4248, 0x0000}
	v, q := saidBy(t, "schneider/pm5000", shown{3059: {0x40F3, 0x4BC7, 0x3FA0, 0x0000}, 3109: frequency})
	value(t, v, models.QPTotal, 7603) // one register on it would be 26 115 904 kW
	if q.Usable() == false {
		t.Errorf("got %s", q)
	}
	// A device that is one register off gives nothing at all: its frequency makes no sense.
	if v, q := saidBy(t, "schneider/pm5000", shown{3060: {0x40F3, 0x4BC7, 0x3FA0, 0x0000}, 3058: {0, 0}, 3108: {0, 0x0000, 0x4248}}); v.Len() != 0 || q.Usable() {
		t.Errorf("one register off: got %d values, %s", v.Len(), q)
	}
}

func TestConflicts_SATECIsAnIntegerWithItsLowWordFirstUnlessItSaysOtherwise(t *testing.T) {
	device := shown{14336: {7, 0}, 14468: {5000, 0}, 14720: {1234, 0}, 246: {0}, 2390: {0}}
	v, _ := saidBy(t, "satec/pm130", device)
	value(t, v, models.QPTotal, 7000)
	value(t, v, models.QEImport, 1_234_000)
	device[2390] = []uint16{1}
	v, _ = saidBy(t, "satec/pm130", device)
	value(t, v, models.QPTotal, 7)
	device[246] = []uint16{1} // floats: this profile does not know how
	if v, _ := saidBy(t, "satec/pm130", device); v.Len() != 0 {
		t.Errorf("a device set to floats gave %d values", v.Len())
	}
	delete(device, 246) // the option cannot be read: nobody knows what the registers mean
	if v, _ := saidBy(t, "satec/pm130", device); v.Len() != 0 {
		t.Errorf("a device whose format is not known gave %d values", v.Len())
	}
}

func TestConflicts_SiemensKeepsItsFrequencyAt55(t *testing.T) {
	v, _ := saidBy(t, "siemens/pac3200", shown{55: {0x4248, 0}, 65: {0x45ED, 0x9800}, 46: {0x7FFF, 0xFFFF}})
	value(t, v, models.QF, 50_000)
	value(t, v, models.QPTotal, 7603)
}

func TestConflicts_ABBPowerHasASign(t *testing.T) {
	v, _ := saidBy(t, "abb/b23", shown{0x5B14: {0xFFF4, 0x6614}, 0x5B2C: {5000}})
	value(t, v, models.QPTotal, -7603) // read as unsigned it would be 42 942 069 W
}

func TestConflicts_IneproHasAnOldMapAndANewOne(t *testing.T) {
	old := shown{20: {0x4248, 0}, 28: {0x40F3, 0x4BC7}}
	current := shown{0x5008: {0x4248, 0}, 0x5012: {0x40F3, 0x4BC7}}
	for id, device := range map[string]shown{"inepro/pro380": current, "inepro/pro380-v114": old} {
		v, _ := saidBy(t, id, device)
		value(t, v, models.QPTotal, 7603)
	}
	for id, device := range map[string]shown{"inepro/pro380": old, "inepro/pro380-v114": current} {
		if v, _ := saidBy(t, id, device); v.Len() != 0 {
			t.Errorf("%s on a device of the other map gave %d values", id, v.Len())
		}
	}
}

func TestConflicts_TheEM24sShareAnAddressForPowerOnly(t *testing.T) {
	both := shown{0x28: {0x28FE, 1}, 0x31: {990}, 0x33: {500}, 0x35: {950}, 0x37: {500}}
	rs485, _ := saidBy(t, "carlo-gavazzi/em24", both)
	ethernet, _ := saidBy(t, "carlo-gavazzi/em24-e1", both)
	value(t, rs485, models.QPTotal, 7603)
	value(t, ethernet, models.QPTotal, 7603)
	value(t, rs485, models.QPF, 950)
	value(t, ethernet, models.QPF, 990)
	var other *IdentityError
	if err := identified(t, "carlo-gavazzi/em24-e1", shown{0x0B: {47}}); !errors.As(err, &other) {
		t.Errorf("an EM24 without Ethernet read as one with it: got %v", err)
	}
	if err := identified(t, "carlo-gavazzi/em24-e1", shown{0x0B: {1650}}); err != nil {
		t.Errorf("an EM24-E1: got %v", err)
	}
}

func TestConflicts_EngineeringSamplesOfTheEM340AreNotReadAsOne(t *testing.T) {
	for id, ok := range map[uint16]bool{330: false, 340: false, 331: true, 332: true, 341: true, 346: true} {
		if err := identified(t, "carlo-gavazzi/em340", shown{0x0B: {id}}); (err == nil) != ok {
			t.Errorf("identity %d: got %v, want accepted %v", id, err, ok)
		}
	}
}

func TestConflicts_TheSEL735IsNotShippedAsIfItWereKnown(t *testing.T) {
	for _, p := range shippedForTest(t).All() {
		if strings.Contains(strings.ToLower(p.Vendor+" "+strings.Join(p.Models, " ")), "735") && p.Evidence.Grade != models.EvidenceUnverified {
			t.Errorf("%s has the grade %s", p.ID, p.Evidence.Grade)
		}
	}
}

// Blocks of any shape never make the decoder fail, and what is no number is never a
// value.
func FuzzDecode(f *testing.F) {
	f.Add(uint8(0), uint16(0), []byte{0x43, 0x66, 0, 0})
	f.Add(uint8(3), uint16(0x5B00), []byte{0xFF, 0xFF, 0xFF, 0xFF})
	f.Add(uint8(12), uint16(40000), []byte{0x53, 0x75, 0x6E, 0x53, 0x80, 0x00})
	profiles := shippedForTest(f).All()
	f.Fuzz(func(t *testing.T, which uint8, addr uint16, raw []byte) {
		p := &profiles[int(which)%len(profiles)]
		d := newDecoder(p, p.Quantities())
		var blocks []block
		for _, r := range plan(p, d.points, costOf("tcp")) {
			b := block{req: r, ok: true, regs: make([]uint16, r.Count)}
			for i := range b.regs {
				at := 2 * (int(r.Addr) + i - int(addr))
				if at >= 0 && at+1 < len(raw) {
					b.regs[i] = uint16(raw[at])<<8 | uint16(raw[at+1])
				}
			}
			blocks = append(blocks, b)
		}
		v, q := d.decode(blocks)
		if !q.Usable() && v.Len() > 0 {
			t.Fatalf("%s: %s with %d values", p.ID, q, v.Len())
		}
		for quantity, stored := range v.All() {
			i := slices.IndexFunc(p.Points, func(pt models.ProfilePoint) bool { return pt.Q == quantity && d.holds(&pt, blocks) })
			if i < 0 {
				t.Fatalf("%s: a value of %s, which holds under no condition", p.ID, quantity)
			}
			if pt := &p.Points[i]; pt.Min != pt.Max {
				slack := 1 / float64(quantity.PerUnit())
				if base := quantity.Base(stored); base < pt.Min-slack || base > pt.Max+slack {
					t.Fatalf("%s: %s is %v, outside its range", p.ID, quantity, base)
				}
			}
		}
	})
}

// Any bytes on the wire give an answer to the request or an error, never more.
func FuzzFrames(f *testing.F) {
	f.Add(false, []byte{0, 1, 0, 0, 0, 7, 1, 4, 4, 0x45, 0xDA, 0xC0, 0})
	f.Add(false, []byte{0, 9, 0, 0, 0, 3, 1, 0x84, 2, 0, 1, 0, 0, 0, 3, 1, 0x84, 2})
	f.Add(true, rtuAnswer([]byte{1, 4, 0, 0x34, 0, 2}, 7000))
	f.Add(true, crcAppend([]byte{1, 0x84, 2}))
	f.Fuzz(func(t *testing.T, serial bool, wire []byte) {
		c := &conn{endpoint: "fuzz", stream: &canned{wire: wire}, serial: serial}
		req := Request{FC: 4, Addr: 0x34, Count: 2}
		raw, err := c.read(t.Context(), 1, req, 0)
		if (err == nil) != (len(raw) == 4) {
			t.Fatalf("got %d bytes and %v", len(raw), err)
		}
	})
}

func TestConflicts_AreAllOfTheList(t *testing.T) {
	want := []string{"schneider/pm5000", "satec/pm130", "siemens/pac3200", "abb/b23", "inepro/pro380", "inepro/pro380-v114", "carlo-gavazzi/em24", "carlo-gavazzi/em24-e1", "carlo-gavazzi/em340"}
	known := map[string]bool{}
	for _, p := range shippedForTest(t).All() {
		known[p.ID] = true
	}
	for _, id := range want {
		if !known[id] {
			t.Errorf("%s is not shipped; there are %v", id, slices.Sorted(maps.Keys(known)))
		}
	}
}

// canned is a stream that says what it was given, once something was asked.
type canned struct {
	wire  []byte
	asked bool
}

func (c *canned) Read(b []byte) (int, error) {
	if !c.asked {
		return 0, os.ErrDeadlineExceeded // silence on the line before
	}
	if len(c.wire) == 0 {
		return 0, io.EOF
	}
	n := copy(b, c.wire)
	c.wire = c.wire[n:]
	return n, nil
}

func (c *canned) Write(b []byte) (int, error)      { c.asked = true; return len(b), nil }
func (c *canned) SetReadDeadline(time.Time) error  { return nil }
func (c *canned) SetWriteDeadline(time.Time) error { return nil }
func (c *canned) Close() error                     { return nil }

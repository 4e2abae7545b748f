package metering

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// sunSpecDevice answers reads of the registers there are.
func sunSpecDevice(at map[int][]uint16) func(addr, count uint16) ([]uint16, error) {
	flat := map[int]uint16{}
	for from, regs := range at {
		for i, r := range regs {
			flat[from+i] = r
		}
	}
	return func(addr, count uint16) ([]uint16, error) {
		var out []uint16
		for i := range int(count) {
			r, there := flat[int(addr)+i]
			if !there {
				return nil, &ReadError{Kind: FailException, Exception: 2, Err: exceptionError(2)}
			}
			out = append(out, r)
		}
		return out, nil
	}
}

func TestSunSpec_TheWalkFindsModelsAndStopsWhereItMust(t *testing.T) {
	mark := []uint16{0x5375, 0x6E53}
	model := func(id, length uint16) []uint16 { return append([]uint16{id, length}, make([]uint16, length)...) }
	common := model(1, 65)
	copy(common[2:], []uint16{0x4163, 0x6D65}) // Acme
	copy(common[18:], []uint16{0x4D31})
	copy(common[50:], []uint16{0x5331, 0x3233})
	join := func(parts ...[]uint16) (out []uint16) {
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	}
	for _, c := range []struct {
		name   string
		device map[int][]uint16
		base   uint16
		want   string
	}{
		{"at 40000", map[int][]uint16{40000: join(mark, common, model(203, 105), []uint16{0xFFFF, 0})}, 40000, "1@40002+65 203@40069+105"},
		{"at 0", map[int][]uint16{0: join(mark, common, model(213, 124), []uint16{0xFFFF, 0})}, 0, "1@2+65 213@69+124"},
		{"at 50000, without an end", map[int][]uint16{50000: join(mark, common, model(201, 105))}, 50000, "1@50002+65 201@50069+105"},
		{"a length that leads out of the address space", map[int][]uint16{40000: join(mark, common, []uint16{203, 0xFFF0})}, 40000, "1@40002+65"},
		{"a length of nothing", map[int][]uint16{40000: join(mark, common, []uint16{203, 0})}, 40000, "1@40002+65"},
		{"other registers there", map[int][]uint16{40000: {1, 2, 3}, 0: {7, 7}}, 0, "none"},
		{"nothing there", map[int][]uint16{}, 0, "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := walkSunSpec(sunSpecDevice(c.device))
			if err != nil {
				t.Fatal(err)
			}
			if got == nil {
				if c.want != "none" {
					t.Fatalf("found nothing, want %s", c.want)
				}
				return
			}
			var models []string
			for _, m := range got.Models {
				models = append(models, fmt.Sprintf("%d@%d+%d", m.ID, m.Addr, m.Length))
			}
			if s := strings.Join(models, " "); s != c.want || got.Base != c.base || got.Maker != "Acme" || got.Model != "M1" || got.Serial != "S123" {
				t.Errorf("got %s of %+v, want %s at %d", s, got, c.want, c.base)
			}
		})
	}
	t.Run("models without end", func(t *testing.T) {
		got, err := walkSunSpec(func(addr, count uint16) ([]uint16, error) {
			if addr == 40000 {
				return mark, nil
			}
			return []uint16{64001, 1}, nil
		})
		if err != nil || len(got.Models) != sunSpecModels {
			t.Errorf("got %d models and %v, want %d", len(got.Models), err, sunSpecModels)
		}
	})
}

func TestScan_FindsThePymodbusUnitsAndProposesTheirProfiles(t *testing.T) {
	url := pymodbus(t)
	want := map[uint8]string{1: "eastron/sdm630", 2: "abb/b23", 3: "siemens/pac3200", 4: "carlo-gavazzi/em340"}
	got := map[uint8]Found{}
	if err := (Credentials{}).Scan(context.Background(), url, []uint8{1, 2, 3, 4, 9}, 400*time.Millisecond, func(f Found) { got[f.Unit] = f }); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("found %d units, want %d", len(got), len(want))
	}
	for unit, profile := range want {
		f := got[unit]
		if len(f.Proposals) == 0 || f.Proposals[0].Profile != profile {
			t.Errorf("unit %d: got %+v, want %s first", unit, f.Proposals, profile)
		}
		if f.Identity != (Identity{"Eastron", "SDM630", "1.2.3"}) {
			t.Errorf("unit %d says it is %+v", unit, f.Identity)
		}
	}
}

func TestScan_ASerialGatewayTellsWhoItsUnitsAre(t *testing.T) {
	url := rtuGateway(t, func(_ int64, req []byte) []byte {
		if req[0] != 2 {
			return nil
		}
		if req[1] == 0x2B {
			return crcAppend([]byte{2, 0x2B, 0x0E, 1, 1, 0, 0, 2, 0, 4, 'A', 'c', 'm', 'e', 1, 2, 'M', '1'})
		}
		if req[1] == 3 || req[3] > 0x4A {
			return crcAppend([]byte{2, req[1] | 0x80, 2})
		}
		return rtuAnswer(req, 7000)
	})
	var got []Found
	if err := (Credentials{}).Scan(context.Background(), url, []uint8{1, 2}, 150*time.Millisecond, func(f Found) { got = append(got, f) }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Unit != 2 || got[0].Identity != (Identity{Vendor: "Acme", Product: "M1"}) || len(got[0].Proposals) == 0 {
		t.Fatalf("got %+v", got)
	}
}

func TestScan_AnEndpointThatIsNotThereIsAnError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "tcp://" + l.Addr().String()
	_ = l.Close()
	if err := (Credentials{}).Scan(context.Background(), url, []uint8{1, 2}, time.Second, nil); err == nil || !strings.Contains(err.Error(), "no connection") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := (Credentials{}).Scan(ctx, startDevice(t, silent).url, []uint8{1}, time.Second, nil); err == nil {
		t.Error("a scan that was stopped gave no error")
	}
}

// Whatever a device says that it is, it is text that can be shown, or nothing.
func FuzzIdentity(f *testing.F) {
	f.Add([]byte{0x2B, 0x0E, 1, 1, 0, 0, 2, 0, 4, 'A', 'c', 'm', 'e', 1, 2, 'M', '1'})
	f.Add([]byte{0x2B, 0x0E, 1, 1, 0xFF, 1, 1, 0, 0})
	f.Add([]byte{0x2B, 0x0E, 1, 1, 0, 0, 9, 0, 200, 1})
	f.Fuzz(func(t *testing.T, pdu []byte) {
		var objects [3]string
		_, err := parseIdentity(pdu, &objects)
		for _, o := range objects {
			if len(o) > 255 || strings.ContainsFunc(o, func(r rune) bool { return r < ' ' }) {
				t.Errorf("got %q, %v", o, err)
			}
		}
		c := &conn{endpoint: "fuzz", stream: &canned{wire: crcAppend(append([]byte{1}, pdu...))}, serial: true}
		_, _ = c.identity(t.Context(), 1, 0)
	})
}

package metering

import (
	"testing"
	"time"

	"rigistry/models"
)

// adl3000 is what an ADL3000 at 230 V and 10 A behind its transformers answers, with so
// many hundredths of a kWh counted there.
func adl3000(ct uint16, counted uint32) []block {
	at := map[uint16]uint16{97: 2300, 98: 2300, 99: 2300, 100: 1000, 101: 1000, 102: 1000, 103: 2300, 104: 2300, 105: 2300, 106: 6900,
		119: 5000, 10: uint16(counted >> 16), 11: uint16(counted), 331: ct}
	regs := func(addr, count uint16) block {
		b := block{req: Request{FC: 3, Addr: addr, Count: count}, ok: true}
		for i := range count {
			b.regs = append(b.regs, at[addr+i])
		}
		return b
	}
	return []block{regs(10, 12), regs(97, 23), regs(331, 1)}
}

// A meter that tells its ratio itself and tells another one is marked once, as the device
// of the shipped profile does it; its register, which jumps with the ratio, is no fault.
func TestWatch_AnotherRatioIsMarkedOnceAndItsRegisterBeginsAnew(t *testing.T) {
	p, err := shippedForTest(t).Find("acrel/adl3000")
	if err != nil {
		t.Fatal(err)
	}
	d, w := newDecoder(p, nil), watch{}
	ratios := []uint16{40, 40, 40, 100, 100, 40, 40}
	want := []models.Quality{0, 0, 0, models.QualityRatioChanged, 0, models.QualityRatioChanged, 0}
	for i, ct := range ratios {
		blocks := adl3000(ct, 5_000_000+uint32(2*i))
		r := models.Reading{At: start.Add(time.Duration(i) * 10 * time.Second), Step: 10 * time.Second}
		r.Values, r.Quality = d.decode(blocks)
		w.judge(&r, blocks, p)
		wh, has := r.Values.Get(models.QEImport)
		if power, _ := r.Values.Power(); r.Quality != want[i] || !has || wh != (5_000_000+int64(2*i))*10*int64(ct) || power != 6900*models.Watts(ct) {
			t.Errorf("reading %d with ratio %d is %s, with %d Wh and %d W; want %s", i, ct, r.Quality, wh, power, want[i])
		}
	}
}

package metering

import (
	"testing"
	"time"

	"rigistry/models"
)

var start = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// judged runs counter values, ten seconds apart at 36 kW (100 Wh a step), past
// the watch and gives what is left of each.
func judged(rollover int64, values ...int64) (got []int64, qualities []models.Quality) {
	p := &models.Profile{Points: []models.ProfilePoint{{Q: models.QEImport, Scale: models.RatioOne, Rollover: rollover}}}
	var w watch
	for i, v := range values {
		r := models.Reading{At: start.Add(time.Duration(i) * 10 * time.Second), Step: 10 * time.Second}
		r.Values.Set(models.QPTotal, 36_000)
		r.Values.Set(models.QEImport, v)
		w.judge(&r, []block{{ok: true, regs: []uint16{uint16(i)}}}, p)
		e, ok := r.Values.Get(models.QEImport)
		if !ok {
			e = -1
		}
		got, qualities = append(got, e), append(qualities, r.Quality)
	}
	return got, qualities
}

func TestWatch_ACounterThatPowerCannotExplainIsWithheld(t *testing.T) {
	const g, s, rs, ro = models.QualityGood, models.QualitySuspect, models.QualityReset, models.QualityRollover
	for _, c := range []struct {
		name     string
		rollover int64
		in, want []int64
		quality  []models.Quality
	}{
		{"steady", 0, []int64{1000, 1100, 1200}, []int64{1000, 1100, 1200}, []models.Quality{g, g, g}},
		{"zero for a moment", 0, []int64{50000, 0, 50200, 50300}, []int64{50000, -1, 50200, 50300}, []models.Quality{g, s, g, g}},
		{"another meter's register once", 0, []int64{1000, 9_113_000, 1200}, []int64{1000, -1, 1200}, []models.Quality{g, s, g}},
		{"a reset is believed at the third reading", 0, []int64{50000, 5, 105, 205, 305}, []int64{50000, -1, -1, 205, 305}, []models.Quality{g, s, s, rs, g}},
		{"values that do not agree are never believed", 0, []int64{50000, 5, 9000, 100, 8000, 3}, []int64{50000, -1, -1, -1, -1, -1}, []models.Quality{g, s, s, s, s, s}},
		{"rollover", 100_000, []int64{99_950, 50, 150}, []int64{99_950, 50, 150}, []models.Quality{g, ro, g}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, qualities := judged(c.rollover, c.in...)
			for i := range c.want {
				if got[i] != c.want[i] || qualities[i] != c.quality[i] {
					t.Errorf("reading %d: got %d %s, want %d %s", i, got[i], qualities[i], c.want[i], c.quality[i])
				}
			}
		})
	}
}

// polls judges so many identical answers, ten seconds apart, and gives the
// number of the first that counts as frozen, or 0.
func polls(n int, current int64, change func(i int) uint16) int {
	var w watch
	for i := range n {
		r := models.Reading{At: start.Add(time.Duration(i) * 10 * time.Second), Step: 10 * time.Second}
		for _, q := range []models.Quantity{models.QPTotal, models.QVL1, models.QVL2, models.QVL3, models.QF, models.QPF} {
			r.Values.Set(q, 50)
		}
		r.Values.Set(models.QIL1, current)
		w.judge(&r, []block{{ok: true, regs: []uint16{1, 2, change(i)}}}, &models.Profile{})
		if r.Quality == models.QualityFrozen {
			if r.Values.Len() != 0 {
				return -1
			}
			return i
		}
	}
	return 0
}

func TestWatch_AMeterThatRepeatsItselfForAMinuteGivesNothingMore(t *testing.T) {
	same := func(int) uint16 { return 7 }
	if got := polls(20, 5000, same); got != 6 {
		t.Errorf("got frozen at poll %d, want 6: a minute after the first", got)
	}
	if got := polls(20, 0, same); got != 0 {
		t.Errorf("no current: got frozen at poll %d, want never", got)
	}
	if got := polls(20, 5000, func(i int) uint16 { return uint16(i / 4) }); got != 0 {
		t.Errorf("answers that change: got frozen at poll %d, want never", got)
	}
}

func TestBreaker_AsksADeadUnitLessAndLessAndForgetsWhenItAnswers(t *testing.T) {
	b := newBreaker("unit")
	now := start
	var waits []time.Duration
	for range 12 {
		for range breakerFails {
			if b.open() {
				break
			}
			b.failure(now, breakerFails)
		}
		if !b.open() || b.due(now) {
			t.Fatal("three failures did not open it")
		}
		waits = append(waits, b.until.Sub(now))
		now = b.until
		if !b.due(now) {
			t.Fatal("no probe when one is due")
		}
		b.failure(now, breakerFails)
	}
	for i, w := range waits {
		want := min(probeLeast<<i, probeMost)
		if w < want*8/10-time.Second || w > probeMost*12/10 {
			t.Errorf("wait %d: got %s, want about %s and never above %s", i, w, want, probeMost*12/10)
		}
	}
	b.success()
	if b.open() || !b.due(now) {
		t.Error("an answer did not close it")
	}
	b.failure(now, breakerFails)
	if b.open() {
		t.Error("one failure after an answer opened it again")
	}
}

func TestNextSlot_KeepsAMetersPhaseAndSpreadsMeters(t *testing.T) {
	const interval = 10 * time.Second
	first := nextSlot(start, "m1", interval)
	if got := nextSlot(first, "m1", interval); got.Sub(first) != interval {
		t.Errorf("got %s to the next slot, want %s", got.Sub(first), interval)
	}
	buckets := map[int]int{}
	for i := range 1000 {
		at := nextSlot(start, "meter-"+string(rune('a'+i%26))+string(rune('a'+i/26)), interval)
		if !at.After(start) || at.Sub(start) > interval {
			t.Fatalf("slot %s after the start, want within %s", at.Sub(start), interval)
		}
		buckets[int(at.Sub(start)/time.Second)]++
	}
	for second, n := range buckets {
		if n > 200 {
			t.Errorf("%d of 1000 meters share second %d", n, second)
		}
	}
}

func TestDecode_AnAbsentPhaseIsNoFaultButAbsentPowerIs(t *testing.T) {
	p, err := shippedForTest(t).Find("abb/b23")
	if err != nil {
		t.Fatal(err)
	}
	d := newDecoder(p, nil)
	regs := make([]uint16, 62)
	regs[0x2C] = 5000                       // 50 Hz
	regs[0x02], regs[0x03] = 0xFFFF, 0xFFFF // no second phase
	values, quality := d.decode([]block{{req: Request{FC: 3, Addr: 0x5B00, Count: 62}, regs: regs, ok: true}})
	if quality != models.QualityGood || values.Has(models.QVL2) || !values.Has(models.QVL1) {
		t.Errorf("without the second phase: got quality %s, v_l2 present %v", quality, values.Has(models.QVL2))
	}
	regs[0x14], regs[0x15] = 0x7FFF, 0xFFFF // no power
	values, quality = d.decode([]block{{req: Request{FC: 3, Addr: 0x5B00, Count: 62}, regs: regs, ok: true}})
	if quality != models.QualityNotAvailable || values.Has(models.QPTotal) {
		t.Errorf("without power: got quality %s, p_total present %v", quality, values.Has(models.QPTotal))
	}
}

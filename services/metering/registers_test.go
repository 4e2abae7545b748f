package metering_test

import (
	"context"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// sdm630 is what a floating-point meter answers for a layout: power and voltage with more
// digits than are stored, the rest of the words 0.
func sdm630(t testing.TB) (*models.Profile, *models.RegisterLayout) {
	t.Helper()
	shipped, err := metering.ShippedProfiles()
	if err != nil {
		t.Fatal(err)
	}
	p, err := shipped.Find("eastron/sdm630")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := metering.PlanProfile(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	requests := make([]models.RegRange, len(plan))
	for i, r := range plan {
		requests[i] = models.RegRange{FC: r.FC, Addr: r.Addr, Count: r.Count}
	}
	return p, models.NewRegisterLayout(p, &models.Meter{CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1}, requests)
}

// answered gives readings the words that their values were read from, with some noise
// in the last bits.
func answered(t testing.TB, readings []models.Reading) []models.Reading {
	t.Helper()
	p, layout := sdm630(t)
	for i := range readings {
		r := &readings[i]
		came := uint64(1)<<len(layout.Blocks) - 1
		x := &models.Registers{Layout: layout, Came: came, Words: make([]uint16, layout.Words(came))}
		begin := 0
		for _, b := range layout.Blocks {
			for _, f := range b.Fields {
				if f.Q >= models.QuantityCount || !r.Values.Has(f.Q) {
					continue
				}
				pt, _ := p.Point(f.Q)
				v, _ := r.Values.Get(f.Q)
				bits := math.Float32bits(float32(f.Q.Base(v)/pt.Scale.Float())) + uint32(i*7%5)
				x.Words[begin+f.At], x.Words[begin+f.At+1] = uint16(bits>>16), uint16(bits)
			}
			begin += int(b.Count)
		}
		r.Registers = x
	}
	return readings
}

var sameWhole = cmp.Options{cmp.AllowUnexported(models.Values{}),
	cmp.Comparer(func(a, b *models.RegisterLayout) bool { return a.Digest() == b.Digest() })}

// What a meter answered is in its sealed chunk word for word, also what came late and
// what waited in between, and its values are read as before.
func TestRegisters_AreInTheSealedChunkWordForWord(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := metering.New(st, clock.Now)
		m := register(t, s, "M1")
		from := models.IntervalStart(clock.Now().Add(-time.Hour))
		all := answered(t, every(m.ID, from, 10*time.Second, 90))
		all[17].Registers = nil // an old collector, or a reading by hand
		ingested(t, s, 1, all[:30]...)
		ingested(t, s, 2, all[60:]...)
		ingested(t, s, 3, all[30:60]...) // late
		values := rawOf(t, s, "M1", from, clock.Now())
		if len(values) != 90 || values[3].Registers != nil {
			t.Fatalf("got %d readings, want 90 without their words", len(values))
		}
		clock.Advance(3 * time.Minute)
		if n := sealAll(t, s); n != 1 {
			t.Fatalf("sealed %d chunks, want one", n)
		}
		got := wholeOf(t, st, m.ID, from)
		if diff := cmp.Diff(all, got, sameWhole); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(values, rawOf(t, s, "M1", from, clock.Now()), sameWhole); diff != "" {
			t.Errorf("values after sealing: %s", diff)
		}
		late := answered(t, every(m.ID, from.Add(5*time.Second), 10*time.Second, 1))
		ingested(t, s, 4, late...)
		clock.Advance(3 * time.Minute)
		sealAll(t, s)
		want := append(append([]models.Reading{all[0]}, late...), all[1:]...)
		if diff := cmp.Diff(want, wholeOf(t, st, m.ID, from), sameWhole); diff != "" {
			t.Errorf("the second version: %s", diff)
		}
	})
}

// wholeOf reads the newest sealed chunk of a meter with its registers.
func wholeOf(t testing.TB, st *store.Store, meter string, start time.Time) (out []models.Reading) {
	t.Helper()
	if err := st.View(ctx, func(tx *store.Tx) error {
		chunks, err := tx.Chunks(meter, start, start.Add(models.IntervalLength), 10)
		if err != nil {
			return err
		}
		newest := chunks[len(chunks)-1]
		digests, err := models.ChunkLayouts(newest.Body)
		if err != nil {
			return err
		}
		layouts, err := tx.RegisterLayouts(digests)
		if err != nil {
			return err
		}
		out, err = models.ParseChunkRegisters(newest.Body, func(d models.LayoutDigest) *models.RegisterLayout { return layouts[d] })
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRegisters_TravelThroughTheSpool(t *testing.T) {
	clock := storetest.NewClock()
	want := answered(t, every("M1", clock.Now(), time.Second, 50))
	want[3].Registers = nil
	var got []models.Reading
	done := make(chan struct{})
	spool := metering.NewSpool(storetest.SQLite(t, clock.Now), "edge", func(_ context.Context, b metering.Batch) error {
		got = b.Readings
		close(done)
		return nil
	}, slog.New(slog.DiscardHandler))
	if err := spool.Append(ctx, metering.Batch{Readings: want}); err != nil {
		t.Fatal(err)
	}
	run, stop := context.WithCancel(ctx)
	defer stop()
	go func() { _ = spool.Run(run) }()
	<-done
	if diff := cmp.Diff(want, got, sameWhole); diff != "" {
		t.Error(diff)
	}
}

// A batch is the same with and without the words of registers: what an older server took
// bare is known when it is sent again whole.
func TestRegisters_ABatchSentBareIsTheSameBatch(t *testing.T) {
	clock := storetest.NewClock()
	s := metering.New(storetest.SQLite(t, clock.Now), clock.Now)
	m := register(t, s, "M1")
	b := metering.Batch{Collector: "c", Sequence: 1, Readings: answered(t, every(m.ID, clock.Now().Add(-time.Minute), time.Second, 5))}
	bare := b.Bare()
	if b.Readings[0].Registers == nil || bare.Readings[0].Registers != nil {
		t.Fatal("the batch itself lost its registers, or its copy did not")
	}
	if _, err := s.Ingest(ctx, collector, bare); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Ingest(ctx, collector, b); err != nil || got.Duplicate != 5 {
		t.Errorf("got %+v, %v, want that all five are known", got, err)
	}
}

package metering_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

// livingPolls runs a collector over eight living units of a slow gateway with silent ids
// among them while beside is at work, and gives polls and answers of the living.
func livingPolls(t *testing.T, beside func(c *metering.Collector, url string)) (due, ok, overruns int64) {
	t.Helper()
	watts := map[uint8]float32{}
	for unit := uint8(1); unit <= 8; unit++ {
		watts[unit] = 1000
	}
	watts[9] = 2500               // what is looked for
	watts[20], watts[21] = -1, -1 // ids that keep silent, and cost whoever asks the whole wait
	g := startUnits(t, watts, 10*time.Millisecond)
	var meters []models.Meter
	for unit := uint8(1); unit <= 8; unit++ {
		code := "M" + string('0'+rune(unit))
		meters = append(meters, models.Meter{ID: code, Code: code, URL: g.url, Unit: unit, Profile: "eastron/sdm630", PollInterval: time.Second})
	}
	c := metering.NewCollector(meters, func(_ context.Context, _ metering.Batch) error { return nil }, time.Now, slog.New(slog.DiscardHandler))
	stop := runCollector(t, c)
	beside(c, g.url)
	stop()
	for _, h := range c.Health() {
		due, ok, overruns = due+h.Due, ok+h.OK, overruns+h.Overruns
	}
	return due, ok, overruns
}

// A scan that finds a unit and meets silent ids costs the living units no sample: none
// is left out, and each poll that was due was answered.
func TestScanHere_CostsTheLivingUnitsNoSample(t *testing.T) {
	t.Parallel()
	due, ok, overruns := livingPolls(t, func(c *metering.Collector, url string) {
		began := time.Now()
		found, err := c.ScanHere(ctx, url, []uint8{1, 9, 20, 21}, func(int) {})
		took := time.Since(began)
		if err != nil || len(found.Units) != 2 || found.Units[0].Meter != "M1" || len(found.Units[1].Proposals) == 0 {
			t.Errorf("got %+v, %v; want the known unit and the new one", found, err)
		}
		t.Logf("the scan took %s", took)
	})
	t.Logf("%d polls due, %d answered, %d left out", due, ok, overruns)
	if overruns != 0 || ok < due-8 || due < 16 { // the last poll of each may have been broken off by the end
		t.Errorf("got %d of %d polls answered and %d left out; want all, and none", ok, due, overruns)
	}
}

// An endpoint that nobody polls is asked by a connection of its own, which is closed when
// the work is done and when its polling begins.
func TestReadHere_AnEndpointThatIsNotPolledIsReadOnceAndLeft(t *testing.T) {
	t.Parallel()
	g := startUnits(t, map[uint8]float32{3: 1500}, 0)
	c := metering.NewCollector(nil, func(_ context.Context, _ metering.Batch) error { return nil }, time.Now, slog.New(slog.DiscardHandler))
	defer runCollector(t, c)()
	read, err := c.ReadHere(ctx, g.url, 3, "eastron/sdm630")
	if err != nil || read.Quality != models.QualityGood {
		t.Fatalf("got %+v, %v", read, err)
	}
	shown := read.Shown()
	if p, ok := shown.Values.Power(); !ok || p != 1500 {
		t.Errorf("got %d W, %v", p, ok)
	}
	if _, err := c.ReadHere(ctx, g.url, 4, "eastron/sdm630"); err == nil {
		t.Error("a unit that is not there was read")
	}
}

// An endpoint that hangs holds up neither who asks another one nor whoever looks at the
// fleet, and what hangs there is broken off when its polling begins.
func TestReadHere_AnEndpointThatHangsHoldsUpNobodyElse(t *testing.T) {
	t.Parallel()
	g, hung := startUnits(t, map[uint8]float32{3: 1500}, 0), startUnits(t, map[uint8]float32{5: 2500}, 0)
	host := strings.TrimPrefix(hung.url, "tcp://")
	c := metering.NewCollector(nil, func(_ context.Context, _ metering.Batch) error { return nil }, time.Now, slog.New(slog.DiscardHandler))
	tried, hangs := make(chan struct{}, 1), atomic.Bool{}
	hangs.Store(true)
	c.Opening(func(ctx context.Context, to string) error {
		if to != host || !hangs.Load() {
			return nil
		}
		tried <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	})
	defer runCollector(t, c)()
	within, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	read := make(chan error, 1)
	go func() {
		_, err := c.ReadHere(within, hung.url, 5, "eastron/sdm630")
		read <- err
	}()
	<-tried // somebody is at the endpoint that hangs, and stays there
	looked := make(chan struct{})
	go func() {
		c.Health()
		close(looked)
	}()
	if got, err := c.ReadHere(within, g.url, 3, "eastron/sdm630"); err != nil || got.Quality != models.QualityGood {
		t.Errorf("got %+v, %v beside an endpoint that hangs", got, err)
	}
	select {
	case <-looked:
	case <-within.Done():
		t.Fatal("the health of the fleet cannot be asked for while an endpoint hangs")
	}
	hangs.Store(false)
	c.Replace([]models.Meter{{ID: "M", Code: "M", URL: hung.url, Unit: 5, Profile: "eastron/sdm630", PollInterval: time.Second}})
	if err := <-read; err != nil {
		t.Errorf("got %v, want the read done through the link that polls now", err)
	}
}

package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// drained is a spool that sends to the whole server's handler, and what it took.
type drained struct {
	spool    *metering.Spool
	requests int
	kept     int64
	idle     context.CancelFunc
}

// newDrain fills a spool with batches of so many readings each, five seconds apart.
func newDrain(t testing.TB, w *whole, batches, readings int) *drained {
	t.Helper()
	st, err := store.Open(t.Context(), "sqlite:"+t.TempDir()+"/spool.db", w.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	if _, err := st.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	name, value := w.credential(t, models.RoleCollector)
	d := &drained{}
	d.spool = metering.NewSpool(st, "edge", func(_ context.Context, b metering.Batch) error {
		body, err := json.Marshal(ReadingBatchOf(b))
		if err != nil {
			return err
		}
		r := httptest.NewRequest(http.MethodPost, testBase+"/v1/readings/batches", bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(name, value)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		d.requests++
		if rec.Code != http.StatusOK {
			return fmt.Errorf("the server answered %d %s", rec.Code, rec.Body)
		}
		var got ReadingBatchAnswer
		if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
			return err
		}
		if d.kept += int64(got.Accepted); d.kept == int64(batches*readings) {
			d.idle()
		}
		return nil
	}, slog.New(slog.DiscardHandler))
	from := w.clock.Now().Add(-time.Hour)
	for n := range batches {
		var b metering.Batch
		for i := range readings {
			m := models.Reading{Meter: fmt.Sprintf("M%03d", i), At: from.Add(time.Duration(n) * 5 * time.Second)}
			m.Values.Set(models.QPTotal, int64(1000+n))
			m.Values.Set(models.QEImport, int64(100*n))
			b.Readings = append(b.Readings, m)
		}
		if err := d.spool.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// run sends until the server has every reading.
func (d *drained) run(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	d.idle = cancel
	if err := d.spool.Run(ctx); err != nil {
		t.Fatal(err)
	}
}

func registerMany(t testing.TB, w *whole, meters int) {
	t.Helper()
	for i := range meters {
		if _, err := w.svc.Metering.RegisterMeter(t.Context(), models.System(), models.Meter{Code: fmt.Sprintf("M%03d", i), Role: models.MeterRevenue, Utility: w.utility.ID,
			Node: models.Ref{Kind: "transformer", ID: "tx"}, InstalledFrom: w.clock.Now().AddDate(0, 0, -1)}); err != nil {
			t.Fatal(err)
		}
	}
}

// After an outage the spool is sent batch after batch: one request for each, none twice,
// until the server has all of it. How fast that is says BenchmarkDrain.
func TestDrain_ABacklogIsSentWithOneRequestForEachBatch(t *testing.T) {
	w := newWhole(t)
	const batches, readings = 120, 4
	registerMany(t, w, readings)
	d := newDrain(t, w, batches, readings)
	d.run(t)
	if d.requests != batches || d.kept != batches*readings {
		t.Errorf("%d readings went in %d requests, want %d in %d", d.kept, d.requests, batches*readings, batches)
	}
}

// BenchmarkDrain sends a backlog of 200 meters: x-live is how many times faster it goes
// than the readings came, one batch every five seconds.
func BenchmarkDrain(b *testing.B) {
	clock := storetest.NewClock()
	w := newWholeOn(b, storetest.SQLite(b, clock.Now), clock)
	const batches, readings = 100, 200
	registerMany(b, w, readings)
	total := time.Duration(0)
	for b.Loop() {
		b.StopTimer()
		clock.Advance(2 * time.Hour)
		d := newDrain(b, w, batches, readings)
		b.StartTimer()
		begin := time.Now()
		d.run(b)
		total += time.Since(begin)
	}
	b.ReportMetric(float64(b.N)*batches*5/total.Seconds(), "x-live")
	b.ReportMetric(float64(b.N)*batches*readings/total.Seconds(), "readings/s")
}

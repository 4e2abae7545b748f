package metering_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/gate"
	"rigistry/services/ledger"
	"rigistry/services/metering"
	"rigistry/services/store/storetest"
)

// sustainedFor is how long BenchmarkSustained runs; ten minutes is what is promised:
// go test -run '^$' -bench Sustained -benchtime 1x -timeout 20m ./services/metering -sustained 10m
var sustainedFor = flag.Duration("sustained", 10*time.Second, "how long BenchmarkSustained sends 5,000 readings and asks 200 checks a second")

// The load of BenchmarkSustained.
const (
	sustainedCollectors = 5
	sustainedMeters     = 2000 // of each collector
	sustainedEvery      = 2 * time.Second
	sustainedChecks     = 200 // a second
	sustainedAskers     = 20
)

// latencies are durations from when something was due.
type latencies struct {
	mu   sync.Mutex
	all  []time.Duration
	slow []string // what took a second or more, by when it was due
}

func (t *latencies) since(due time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	took := time.Since(due)
	if t.all = append(t.all, took); took >= time.Second {
		t.slow = append(t.slow, due.UTC().Format("15:04:05 ")+took.Round(100*time.Millisecond).String())
	}
}

func (t *latencies) report(b *testing.B, name string) {
	for i, one := range t.slow {
		if i%max(1, len(t.slow)/20) == 0 {
			b.Logf("%s due %s", name, one)
		}
	}
	slices.Sort(t.all)
	for _, q := range []struct {
		name     string
		permille int
	}{{"p50", 500}, {"p99", 990}, {"max", 1000}} {
		b.ReportMetric(t.all[min(len(t.all)-1, len(t.all)*q.permille/1000)].Seconds()*1000, "ms-"+name+"-"+q.name)
	}
}

// sustained is a registry under load.
type sustained struct {
	b       *testing.B
	meters  *metering.Service
	gate    *gate.Service
	utility models.Actor
	names   [sustainedCollectors][]string
	acks    latencies
	checks  latencies
}

// BenchmarkSustained sends 5,000 readings a second by five collectors of 2,000 meters
// each to PostgreSQL and asks the gate for 200 connections a second, each due by the
// clock whether or not the one before was answered soon, while batches are folded, the
// ledger is sealed and the gate's answers are written out as a server does it.
func BenchmarkSustained(b *testing.B) {
	if os.Getenv("RIGISTRY_TEST_POSTGRES") == "" {
		b.Skip("RIGISTRY_TEST_POSTGRES is not set")
	}
	st, log := storetest.Postgres(b, time.Now), slog.New(slog.DiscardHandler)
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	w := &sustained{b: b, meters: metering.New(st, time.Now),
		gate: gate.New(st, key, func(_, code string) (string, string) { return code, code }, time.Now)}
	w.build()
	book := ledger.New(st, "bench.test/ledger", key, time.Now, log)
	background := []func() error{
		func() error { return w.meters.Run(b.Context(), log) },
		func() error { return w.gate.Run(b.Context()) },
		func() error { return book.Run(b.Context()) },
	}
	for _, run := range background {
		go func() { _ = run() }()
	}
	for c := range w.names {
		w.send(c, 0, time.Now())
	}
	w.acks.all = nil
	b.ResetTimer()
	begin := time.Now()
	var all sync.WaitGroup
	for c := range sustainedCollectors {
		all.Go(func() {
			w.paced(begin.Add(time.Duration(c)*sustainedEvery/sustainedCollectors), sustainedEvery, func(n int, due time.Time) { w.send(c, n, due) })
		})
	}
	var asked atomic.Int64
	for a := range sustainedAskers {
		every := sustainedAskers * time.Second / sustainedChecks
		all.Go(func() {
			w.paced(begin.Add(time.Duration(a)*every/sustainedAskers), every, func(_ int, due time.Time) { w.ask(asked.Add(1), due) })
		})
	}
	all.Wait()
	b.StopTimer()
	took := time.Since(begin).Seconds()
	b.ReportMetric(float64(len(w.acks.all)*sustainedMeters)/took, "readings/s")
	b.ReportMetric(float64(len(w.checks.all))/took, "checks/s")
	w.acks.report(b, "batch")
	w.checks.report(b, "check")
	b.ReportMetric(0, "ns/op")
}

// paced does something by the clock until the time is over.
func (w *sustained) paced(from time.Time, every time.Duration, do func(n int, due time.Time)) {
	for n := 1; ; n++ {
		due := from.Add(time.Duration(n) * every)
		if due.Sub(from) > *sustainedFor {
			return
		}
		<-time.After(time.Until(due))
		do(n, due)
	}
}

// build registers the meters, and points below a feeder that takes whatever is asked.
func (w *sustained) build() {
	ctx, clerk := w.b.Context(), models.Actor{ID: "clerk", Kind: "person", Roles: []models.Role{models.RoleClerk}}
	for c := range w.names {
		for i := range sustainedMeters {
			m, err := w.meters.RegisterMeter(ctx, clerk, models.Meter{Code: fmt.Sprintf("S%d-%04d", c, i), Role: models.MeterSubstation,
				Node: models.Ref{Kind: "transformer", ID: "t"}, Utility: "u"})
			if err != nil {
				w.b.Fatal(err)
			}
			w.names[c] = append(w.names[c], m.ID)
		}
	}
	u, err := w.gate.RegisterUtility(ctx, models.System(), models.Utility{Code: "U", NameRu: "U", Bin: sustainedBin})
	if err != nil {
		w.b.Fatal(err)
	}
	w.utility = models.Actor{ID: "c", Kind: "client", Roles: []models.Role{models.RoleUtility}, Utility: u.ID}
	var rows []gate.GridRow
	for i := range 16 {
		rows = append(rows, gate.GridRow{Substation: "PS", SubstationName: "PS", Feeder: "F", SubstationVoltKV: 110, FeederVoltKV: 10,
			SubstationLimit: 1e12, FeederLimit: 1e12, Point: models.ConnectionPoint{Code: fmt.Sprint("P", i), DeclaredUse: "bakery", Permitted: 1e12, Act: "A",
				SupplyNumber: "S", Technical: models.TechnicalConditions{Number: "T", Limit: 1e12, Purpose: "other"}}})
	}
	if bad, err := w.gate.Import(ctx, w.utility, rows, nil); err != nil || len(bad) > 0 {
		w.b.Fatal(bad, err)
	}
}

// sustainedBin is a number with a right check digit.
const sustainedBin = "210440038887"

// send sends batch n of a collector: a reading of each of its meters.
func (w *sustained) send(c, n int, due time.Time) {
	batch := metering.Batch{Collector: fmt.Sprint("edge-", c), Sequence: int64(n)}
	for i, m := range w.names[c] {
		r := models.Reading{Meter: m, At: due.UTC().Truncate(time.Microsecond), Step: sustainedEvery}
		r.Values.Set(models.QPTotal, int64(50_000+(i*31+n*7)%97))
		r.Values.Set(models.QEImport, int64(n*28))
		for q := models.QVL1; q <= models.QIL3; q++ {
			r.Values.Set(q, 230_000+int64(i*n)%97)
		}
		batch.Readings = append(batch.Readings, r)
	}
	actor := models.Actor{ID: "c1", Kind: "client", Roles: []models.Role{models.RoleCollector}}
	got, err := w.meters.Ingest(w.b.Context(), actor, batch)
	if err != nil || got.Accepted != sustainedMeters {
		w.b.Errorf("collector %d, batch %d: %d accepted, %v", c, n, got.Accepted, err)
	}
	w.acks.since(due)
}

// ask asks the gate for a watt.
func (w *sustained) ask(n int64, due time.Time) {
	_, err := w.gate.Check(w.b.Context(), w.utility, fmt.Sprint("key-", n), "en", models.CheckRequest{Reference: "R", ConnectionPoint: fmt.Sprint("P", n%16),
		Applicant: sustainedBin, Requested: 1, Purpose: models.PurposeOther, Event: models.EventNewConnection})
	if err != nil {
		w.b.Error(err)
	}
	w.checks.since(due)
}

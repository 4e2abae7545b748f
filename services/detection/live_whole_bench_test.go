package detection

import (
	"context"
	"fmt"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/simulator"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// BenchmarkLive_Service measures the CPU time that the service itself takes for 10,000
// meters at 10 s, on SQLite: an entry of the ledger each second, as ten collectors give
// them with a batch every ten seconds, and a look at every feeder each quarter hour, with
// what the store has to read for it. What takes the readings in is not detection and is
// left out. It is told as a share of one core, in parts and together.
func BenchmarkLive_Service(b *testing.B) {
	clock := storetest.NewClock()
	s := storetest.SQLite(b, clock.Now)
	const feeders, points = 100, 99
	g := simulator.Grid{Seed: 1, Start: monday, Code: "S"}
	for f := range feeders {
		feeder := fmt.Sprintf("S-%02d", f)
		g.Nodes = append(g.Nodes, simulator.Node{Code: feeder, Kind: "feeder", Parent: "S", LimitKW: 900})
		g.Meters = append(g.Meters, simulator.Meter{Code: "M-" + feeder, Node: feeder, Role: models.MeterFeeder, Class: "0.5S"})
		for k := range points {
			code := fmt.Sprintf("%s-%02d", feeder, k)
			use := "household"
			if k == 0 {
				use = "mining" // looked at over its window each time
			}
			g.Nodes = append(g.Nodes, simulator.Node{Code: code, Kind: "connection_point", Parent: feeder, Use: use, PermittedKW: 60})
			g.Meters = append(g.Meters, simulator.Meter{Code: "M-" + code, Node: code, Role: models.MeterRevenue, Class: "1"})
		}
	}
	clock.Set(monday)
	ids := install(b, s, g)
	service, ingest := New(s, clock.Now, quietLog), metering.New(s, clock.Now)
	ctx, sequence := context.Background(), int64(0)
	take := func(at time.Time, only func(k int) bool, from time.Time) {
		for f := range feeders {
			batch := metering.Batch{Collector: "c1"}
			for i, m := range g.Meters[f*(points+1) : (f+1)*(points+1)] {
				for t := from; t.Before(at) && only(i); t = t.Add(step) {
					r := models.Reading{Meter: ids[m.Code], At: t, Step: step}
					r.Values.Set(models.QPTotal, int64(300+(int(t.Unix()/900)*7+i*13)%11*50))
					batch.Readings = append(batch.Readings, r)
				}
			}
			sequence++
			batch.Sequence = sequence
			if _, err := ingest.Ingest(ctx, collector, batch); err != nil {
				b.Fatal(err)
			}
		}
	}
	now := monday.AddDate(0, 0, 8)
	clock.Set(now)
	take(now, func(k int) bool { return k == 1 }, now.AddDate(0, 0, -2)) // of points that limits concern two days
	take(now, func(int) bool { return true }, now.Add(-2*step))
	mark := func() {
		entry := models.SealedEntry{At: now, Kind: "reading.ingested", Body: fmt.Sprintf(`{"First":%q,"Last":%q}`,
			now.Add(-step).Format(time.RFC3339), now.Add(-step).Format(time.RFC3339))}
		if err := s.Update(ctx, func(tx *store.Tx) error { return service.mark(ctx, tx, []models.SealedEntry{entry}) }); err != nil {
			b.Fatal(err)
		}
	}
	look := func() {
		if _, err := service.lookAtAll(ctx); err != nil {
			b.Fatal(err)
		}
	}
	mark()
	look()
	var marks, looks time.Duration
	rounds := 0
	for b.Loop() {
		rounds++
		next := now.Add(step)
		clock.Set(next)
		take(next, func(int) bool { return true }, now)
		now = next
		clock.Set(now.Add(grace + time.Second))
		before := cpu(b)
		const times = 5
		for range times {
			mark()
		}
		between := cpu(b)
		look()
		marks, looks = marks+(between-before)/times, looks+cpu(b)-between
	}
	n := float64(rounds)
	perMark, perLook := 100*marks.Seconds()/n, 100*looks.Seconds()/n/step.Seconds()
	b.ReportMetric(perMark, "%core-marks")
	b.ReportMetric(perLook, "%core-looks")
	b.ReportMetric(perMark+perLook, "%core")
}

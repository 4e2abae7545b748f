package metering_test

import (
	"database/sql"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // what gorm batches go through
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store/storetest"
)

// Batches of 5,000 readings: what a spool sends that caught up (few meters, each with a
// stretch of time), and what a large collector sends live (many meters, a minute each).
const benchRows = 5000

// benchBatch is batch n of so many meters, every ten seconds, with ten values.
func benchBatch(meters []string, n int, from time.Time) metering.Batch {
	each := benchRows / len(meters)
	b := metering.Batch{Collector: "bench", Sequence: int64(n)}
	for i, m := range meters {
		for k := range each {
			at := n*each + k
			r := models.Reading{Meter: m, At: from.Add(time.Duration(at) * 10 * time.Second), Step: 10 * time.Second}
			noise := int64(at*7919+i*104729) % 97
			r.Values.Set(models.QPTotal, 50_000+noise)
			r.Values.Set(models.QEImport, int64(at)*139)
			for q := models.QVL1; q <= models.QVL3; q++ {
				r.Values.Set(q, 230_000+100*(noise%7))
			}
			for q := models.QIL1; q <= models.QIL3; q++ {
				r.Values.Set(q, 72_000+noise*3)
			}
			r.Values.Set(models.QPF, 950)
			r.Values.Set(models.QF, 50_000+noise%11)
			b.Readings = append(b.Readings, r)
		}
	}
	return b
}

// plainRow is a reading as one would store it without us.
type plainRow struct {
	Ts                     time.Time
	MeterID                int64
	A, B, C, D, E, F, G, H float64
}

func plainRows(n int, from time.Time) []plainRow {
	out := make([]plainRow, benchRows)
	for i := range out {
		v := float64(n*benchRows + i)
		out[i] = plainRow{from.Add(time.Duration(n) * time.Second), int64(i), v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7}
	}
	return out
}

// plain is an ordinary table of readings on the server.
type plain struct {
	conn *pgx.Conn
	db   *gorm.DB
}

func openPlain(b *testing.B) *plain {
	b.Helper()
	address := storetest.PostgresURL(b)
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close(ctx) })
	for _, name := range []string{"copied", "plain_rows"} {
		if _, err := conn.Exec(ctx, "CREATE TABLE "+name+" (ts timestamptz, meter_id bigint, a float8, b float8, c float8, d float8, e float8, f float8, g float8, h float8)"); err != nil {
			b.Fatal(err)
		}
	}
	pool, err := sql.Open("pgx", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = pool.Close() })
	db, err := gorm.Open(postgres.New(postgres.Config{Conn: pool}), &gorm.Config{Logger: logger.Discard, SkipDefaultTransaction: true})
	if err != nil {
		b.Fatal(err)
	}
	return &plain{conn: conn, db: db}
}

func (p *plain) copy(b *testing.B, rows []plainRow) {
	_, err := p.conn.CopyFrom(ctx, pgx.Identifier{"copied"}, []string{"ts", "meter_id", "a", "b", "c", "d", "e", "f", "g", "h"},
		pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			r := &rows[i]
			return []any{r.Ts, r.MeterID, r.A, r.B, r.C, r.D, r.E, r.F, r.G, r.H}, nil
		}))
	if err != nil {
		b.Fatal(err)
	}
}

func (p *plain) gorm(b *testing.B, rows []plainRow) {
	if err := p.db.Transaction(func(tx *gorm.DB) error { return tx.CreateInBatches(rows, 500).Error }); err != nil {
		b.Fatal(err)
	}
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// BenchmarkIngestPostgresCompared acknowledges batches of 5,000 readings, durable and
// queryable with their intervals and their ledger entry, beside a plain COPY of 5,000
// rows without a key and gorm batches of 500, in turn. ×COPY and ×gorm are ratios of
// medians of what is waited for; ×COPYwithFold counts in what folding eight batches into
// chunks and intervals takes afterwards, in the background. B/reading is what sealed
// readings take on the disk with their seals. The live shape has a clock
// that goes on with the readings.
func BenchmarkIngestPostgresCompared(b *testing.B) {
	if os.Getenv("RIGISTRY_TEST_POSTGRES") == "" {
		b.Skip("RIGISTRY_TEST_POSTGRES is not set")
	}
	for _, shape := range []struct {
		name   string
		meters int
		behind time.Duration // of the readings when they come
	}{{"CatchUp100Meters", 100, 300 * 24 * time.Hour}, {"Live1000Meters", 1000, 0}} {
		b.Run(shape.name, func(b *testing.B) {
			other := openPlain(b)
			clock := storetest.NewClock()
			st := storetest.Postgres(b, clock.Now)
			s := metering.New(st, clock.Now)
			names := registered(b, s, shape.meters)
			from := clock.Now().Add(-shape.behind)
			pass := func() { clock.Advance(time.Duration(benchRows/shape.meters) * 10 * time.Second) }
			pass()
			s0 := benchBatch(names, 0, from)
			if _, err := s.Ingest(ctx, collector, s0); err != nil { // the meters' first readings
				b.Fatal(err)
			}
			var ours, copied, batches, folds []time.Duration
			timed := func(to *[]time.Duration, fn func()) {
				start := time.Now()
				fn()
				*to = append(*to, time.Since(start))
			}
			n := 0
			for b.Loop() {
				n++
				pass()
				batch, rows := benchBatch(names, n, from), plainRows(n, from)
				timed(&ours, func() {
					if got, err := s.Ingest(ctx, collector, batch); err != nil || got.Accepted != benchRows {
						b.Fatalf("got %+v, %v", got, err)
					}
				})
				timed(&copied, func() { other.copy(b, rows) })
				timed(&batches, func() { other.gorm(b, rows) })
				if n%foldedAtOnce == 0 {
					timed(&folds, func() { fold(b, s) })
				}
			}
			b.ReportMetric(float64(median(copied))/float64(median(ours)), "×COPY")
			b.ReportMetric(float64(median(batches))/float64(median(ours)), "×gorm")
			b.ReportMetric(float64(benchRows)/median(ours).Seconds(), "readings/s")
			if len(folds) > 0 {
				whole := median(ours) + median(folds)/foldedAtOnce
				b.ReportMetric(float64(median(copied))/float64(whole), "×COPYwithFold")
			}
			fold(b, s)
			clock.Advance(time.Hour)
			sealAll(b, s)
			closed := storetest.Size(b, st, "reading_chunks", "reading_seals")
			b.ReportMetric(float64(closed)/float64((n+1)*benchRows), "sealedB/reading")
		})
	}
}

// foldedAtOnce is how many batches the benchmark folds at once.
const foldedAtOnce = 8

func fold(b *testing.B, s *metering.Service) {
	if _, err := s.Fold(ctx); err != nil {
		b.Fatal(err)
	}
}

func registered(b *testing.B, s *metering.Service, meters int) []string {
	b.Helper()
	names := make([]string, meters)
	for i := range names {
		names[i] = register(b, s, fmt.Sprintf("M%05d", i)).ID
	}
	return names
}

// BenchmarkIngestSQLiteCatchUp is the same door on SQLite.
func BenchmarkIngestSQLiteCatchUp(b *testing.B) {
	clock := storetest.NewClock()
	s := metering.New(storetest.SQLite(b, clock.Now), clock.Now)
	names := registered(b, s, 100)
	from := clock.Now().Add(-300 * 24 * time.Hour)
	n := 0
	for b.Loop() {
		if _, err := s.Ingest(ctx, collector, benchBatch(names, n, from)); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(n*benchRows)/b.Elapsed().Seconds(), "readings/s")
}

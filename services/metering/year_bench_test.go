package metering_test

import (
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// The registry of BenchmarkYear: a year of quarter hours of meters of which some are one
// substation's, and beside it a plain table of readings a minute, of one meter for the
// year and of the substation's for a month.
const (
	yearMeters     = 20
	yearSubstation = 10
	yearQuarters   = 365 * 96
)

// yearOf is a filled registry.
type yearOf struct {
	st          *store.Store
	s           *metering.Service
	db          *sql.DB
	ids         []string // of all meters, the substation's first
	from, until time.Time
}

// newYear fills a registry past its doors: what is measured is how it answers.
func newYear(b *testing.B, st *store.Store, clock *storetest.Clock) *yearOf {
	b.Helper()
	y := &yearOf{st: st, s: metering.New(st, clock.Now), db: storetest.Raw(b, st), from: time.Date(2025, 3, 1, 19, 0, 0, 0, time.UTC)} // midnight in Almaty
	y.until = y.from.Add(yearQuarters * models.IntervalLength)
	y.ids = registered(b, y.s, yearMeters)
	const sums = "counter_import, counter_export, counter_covered, energy_import, energy_export, covered, max_w, min_w, samples, quality, last_at, sources"
	y.do(b, fmt.Sprintf(`INSERT INTO intervals (meter_id, start_at, %s)
		WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		SELECT m.id, %d + n.i * 900000000, 2500 + n.i %% 97, 0, 900000000, (2500 + n.i %% 97) * 3600000000, 0, 900000000, 10400, 9800, 90, 0, %d + n.i * 900000000 + 890000000, 2
		FROM n CROSS JOIN meters m`, sums, yearQuarters-1, y.from.UnixMicro(), y.from.UnixMicro()))
	for table, step := range map[string][2]int64{"interval_hours": {3600e6, 0}, "interval_days": {86400e6, int64(models.LegalOffset / time.Microsecond)}} {
		y.do(b, fmt.Sprintf(`INSERT INTO %s (meter_id, start_at, %s)
			SELECT meter_id, (start_at + %[4]d) - (start_at + %[4]d) %% %[3]d - %[4]d, SUM(counter_import), SUM(counter_export), SUM(counter_covered), SUM(energy_import),
			SUM(energy_export), SUM(covered), MAX(max_w), MIN(min_w), SUM(samples), MAX(quality), MAX(last_at), 2 FROM intervals GROUP BY 1, 2`, table, sums, step[0], step[1]))
	}
	y.do(b, "CREATE TABLE plain_readings (meter_id TEXT NOT NULL, at BIGINT NOT NULL, watts BIGINT NOT NULL, PRIMARY KEY (meter_id, at))")
	for i, minutes := range []int{yearQuarters * 15, 30 * 24 * 60} {
		meters := y.ids[:1]
		if i == 1 {
			meters = y.ids[1:yearSubstation]
		}
		y.do(b, fmt.Sprintf(`INSERT INTO plain_readings (meter_id, at, watts)
			WITH RECURSIVE n(i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			SELECT m.id, %d + n.i * 60000000, 10000 + n.i %% 97 FROM meters m, n WHERE m.id IN ('%s')`, minutes-1, y.from.UnixMicro(), strings.Join(meters, "','")))
	}
	if st.Engine() == "postgres" { // it does so by itself in time; the embedded database keeps no statistics
		y.do(b, "ANALYZE")
	}
	return y
}

func (y *yearOf) do(b *testing.B, statement string) {
	b.Helper()
	if _, err := y.db.Exec(statement); err != nil {
		b.Fatal(err)
	}
}

// pages asks for the whole year and gives how many steps it has.
func (y *yearOf) pages(b *testing.B, r metering.Resolution) (steps int) {
	for after := ""; ; {
		got, err := y.s.Query(ctx, clerk, metering.Query{Meter: y.ids[0], From: y.from, Until: y.until, Resolution: r, Limit: 10_000, After: after})
		if err != nil {
			b.Fatal(err)
		}
		steps += len(got.Buckets)
		if after = got.Next; after == "" {
			return steps
		}
	}
}

// balance reads what the meters of the substation measured in a span, as detection does.
func (y *yearOf) balance(b *testing.B, from, until time.Time) (steps int) {
	if err := y.st.View(ctx, func(tx *store.Tx) error {
		got, err := tx.IntervalsOf(y.ids[:yearSubstation], from, until)
		steps = len(got)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	return steps
}

// naive adds plain readings up to steps as one would without rollups.
func (y *yearOf) naive(b *testing.B, meters []string, until time.Time, step time.Duration) (steps int) {
	b.Helper()
	rows, err := y.db.Query(fmt.Sprintf(`SELECT meter_id, (at + 18000000000) - (at + 18000000000) %% %[1]d, SUM(watts), MAX(watts), MIN(watts), COUNT(*) FROM plain_readings
		WHERE meter_id IN ('%[2]s') AND at >= %[3]d AND at < %[4]d GROUP BY 1, 2 ORDER BY 2, 1`,
		step.Microseconds(), strings.Join(meters, "','"), y.from.UnixMicro(), until.UnixMicro()))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }() // Err tells what went wrong
	for rows.Next() {
		var meter string
		var n [5]int64
		if err := rows.Scan(&meter, &n[0], &n[1], &n[2], &n[3], &n[4]); err != nil {
			b.Fatal(err)
		}
		steps++
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return steps
}

// plan logs how the database goes about the query of a substation.
func (y *yearOf) plan(b *testing.B) {
	explain := "EXPLAIN "
	if y.st.Engine() == "sqlite" {
		explain = "EXPLAIN QUERY PLAN "
	}
	rows, err := y.db.Query(fmt.Sprintf("%sSELECT * FROM intervals WHERE meter_id IN ('%s') AND start_at >= %d AND start_at < %d ORDER BY start_at, meter_id",
		explain, strings.Join(y.ids[:yearSubstation], "','"), y.from.UnixMicro(), y.from.AddDate(0, 1, 0).UnixMicro()))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		columns, _ := rows.Columns()
		line := make([]any, len(columns))
		for i := range line {
			line[i] = new(sql.NullString)
		}
		if err := rows.Scan(line...); err != nil {
			b.Fatal(err)
		}
		b.Log(line[len(line)-1].(*sql.NullString).String)
	}
}

// BenchmarkYear asks for a year of one meter by quarter hours (four pages), hours and
// days, and for a month and a year of a substation as detection's balance reads it, each
// in turn with the same steps added up from plain readings a minute, where the year of
// the substation has none. ×naive is how many times longer those take, by medians.
func BenchmarkYear(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			clock := storetest.NewClock()
			clock.Set(time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC))
			var st *store.Store
			if engine == "sqlite" {
				st = storetest.SQLite(b, clock.Now)
			} else if os.Getenv("RIGISTRY_TEST_POSTGRES") == "" {
				b.Skip("RIGISTRY_TEST_POSTGRES is not set")
			} else {
				st = storetest.Postgres(b, clock.Now)
			}
			y := newYear(b, st, clock)
			y.plan(b)
			month := y.from.Add(30 * 24 * time.Hour)
			for _, c := range []struct {
				name        string
				steps       int
				ours, naive func() int
			}{
				{"MeterByQuarterHour", yearQuarters, func() int { return y.pages(b, metering.Resolution15m) },
					func() int { return y.naive(b, y.ids[:1], y.until, models.IntervalLength) }},
				{"MeterByHour", yearQuarters / 4, func() int { return y.pages(b, metering.ResolutionHour) },
					func() int { return y.naive(b, y.ids[:1], y.until, time.Hour) }},
				{"MeterByDay", yearQuarters / 96, func() int { return y.pages(b, metering.ResolutionDay) },
					func() int { return y.naive(b, y.ids[:1], y.until, 24*time.Hour) }},
				{"SubstationMonth", yearSubstation * 30 * 96, func() int { return y.balance(b, y.from, month) },
					func() int { return y.naive(b, y.ids[:yearSubstation], month, models.IntervalLength) }},
				{"SubstationYear", yearSubstation * yearQuarters, func() int { return y.balance(b, y.from, y.until) }, nil},
			} {
				b.Run(c.name, func(b *testing.B) { inTurn(b, c.steps, c.ours, c.naive) })
			}
		})
	}
}

// inTurn measures the one and the other in turn.
func inTurn(b *testing.B, steps int, ours, naive func() int) {
	var our, other []time.Duration
	timed := func(to *[]time.Duration, fn func() int) {
		start := time.Now()
		if n := fn(); n != steps {
			b.Fatalf("got %d steps, want %d", n, steps)
		}
		*to = append(*to, time.Since(start))
	}
	for b.Loop() {
		timed(&our, ours)
		if naive != nil {
			timed(&other, naive)
		}
	}
	p50 := median(our)
	b.ReportMetric(p50.Seconds()*1000, "ms-p50")
	b.ReportMetric(slices.Max(our[:max(1, len(our)*99/100)]).Seconds()*1000, "ms-p99")
	if naive != nil {
		b.ReportMetric(float64(median(other))/float64(p50), "×naive")
	}
}

package metering_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// onceReadings is how many readings go through the bad link: CI sends 1,000,000; 43,200,000
// are five days of a thousand meters every ten seconds.
var onceReadings = flag.Int("readings", 30_000, "readings that TestOnce_ sends")

var errLink = errors.New("the link is broken")

// badLink is a server that is killed and started again, behind a link that loses
// requests and answers, sends twice, and sends old batches again after newer ones.
type badLink struct {
	t     *testing.T
	url   string
	clock *storetest.Clock

	mu     sync.Mutex
	random *rand.Rand
	store  *store.Store
	server *metering.Service
	old    []metering.Batch
	faults map[string]int
}

func (l *badLink) start() {
	st, err := store.Open(ctx, l.url, l.clock.Now)
	if err != nil {
		l.t.Fatal(err)
	}
	l.store, l.server = st, metering.New(st, l.clock.Now)
}

// send delivers a batch, or not, and says so, or not.
func (l *badLink) send(ctx context.Context, b metering.Batch) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	deliver := func(b metering.Batch) error {
		_, err := l.server.Ingest(ctx, collector, b)
		return err
	}
	switch l.random.IntN(20) {
	case 0:
		l.faults["request lost"]++
		return errLink
	case 1:
		l.faults["answer lost"]++
		return errors.Join(deliver(b), errLink)
	case 2:
		l.faults["sent twice"]++
		return errors.Join(deliver(b), deliver(b))
	case 3:
		if len(l.old) > 0 {
			l.faults["an old one after newer ones"]++
			if err := deliver(l.old[l.random.IntN(len(l.old))]); err != nil {
				return err
			}
		}
	case 4:
		l.faults["server killed"]++
		_ = l.store.Close() // what is under way is broken off
		err := deliver(b)
		l.start()
		if err == nil {
			l.t.Error("a server that is gone acknowledged a batch")
		}
		return errLink
	}
	if err := deliver(b); err != nil {
		return err
	}
	if len(l.old) < 8 {
		l.old = append(l.old, b)
	} else {
		l.old[l.random.IntN(8)] = b
	}
	return nil
}

// edge is a collector with its spool, which is killed as well. batch makes each of so many.
func (l *badLink) edge(name string, batches int, batch func(n int) metering.Batch, seed uint64) error {
	url := "sqlite:" + filepath.Join(l.t.TempDir(), name+".db")
	random := rand.New(rand.NewPCG(seed, 1))
	for next := 0; ; {
		st, err := store.Open(ctx, url, l.clock.Now)
		if err != nil {
			return err
		}
		if _, err := st.Migrate(ctx); err != nil {
			return err
		}
		spool := metering.NewSpool(st, name, l.send, slog.New(slog.DiscardHandler))
		spool.Limit(1 << 50)
		spool.Tries(time.Millisecond, 20*time.Millisecond)
		living, kill := context.WithCancel(ctx)
		died := make(chan error, 1)
		go func() { died <- spool.Run(living) }()
		for until := next + 12 + random.IntN(12); next < min(batches, until); next++ {
			if err := spool.Append(ctx, batch(next)); err != nil {
				kill()
				return err
			}
		}
		for depth := int64(1); next == batches && depth > 0; {
			<-spool.Idle()
			if depth, err = spool.Depth(ctx); err != nil {
				kill()
				return err
			}
		}
		kill()
		if err := <-died; err != nil {
			return err
		}
		if err := st.Close(); err != nil || next == batches {
			return err
		}
	}
}

func TestOnce_EachReadingArrivesExactlyOnceOverABadLinkThoughBothEndsAreKilled(t *testing.T) {
	const edges, meters = 4, 10
	each := max(100, min(500, *onceReadings/2000)) // readings of each meter in a batch
	clock := storetest.NewClock()
	link := &badLink{t: t, clock: clock, url: "sqlite:" + filepath.Join(t.TempDir(), "server.db"), random: rand.New(rand.NewPCG(9, 9)), faults: map[string]int{}}
	link.start()
	if _, err := link.store.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	batches := max(10, *onceReadings/(edges*meters*each))
	from := clock.Now().Add(-time.Duration(batches*each) * 10 * time.Second)
	ids := make([][]string, edges)
	for e := range edges {
		for m := range meters {
			ids[e] = append(ids[e], register(t, link.server, fmt.Sprintf("E%d-M%d", e, m)).ID)
		}
	}
	var done sync.WaitGroup
	began := time.Now()
	for e := range edges {
		done.Go(func() {
			batch := func(n int) metering.Batch { return onceBatch(ids[e], n, each, from) }
			if err := link.edge(fmt.Sprintf("edge-%d", e), batches, batch, uint64(e)); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	sent := time.Since(began)
	for _, name := range []string{"request lost", "answer lost", "sent twice", "an old one after newer ones", "server killed"} {
		if link.faults[name] == 0 {
			t.Errorf("no fault %q happened: %v", name, link.faults)
		}
	}
	link.bounded()
	clock.Advance(3 * time.Minute)
	began = time.Now()
	sealed := sealAll(t, link.server)
	t.Logf("sent in %s, sealed in %s", sent.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
	for e := range ids {
		for _, id := range ids[e] {
			link.check(id, from, batches*each)
		}
	}
	t.Logf("%d readings, %d chunks, faults %v", edges*meters*batches*each, sealed, link.faults)
	if err := link.store.Close(); err != nil {
		t.Error(err)
	}
}

// bounded looks that servers that are killed again and again do not leave ever more to
// be folded: each that follows has to look through all of it.
func (l *badLink) bounded() {
	l.t.Helper()
	const most = 500_000
	if err := l.store.View(ctx, func(tx *store.Tx) error {
		left, err := tx.Pending()
		if left.Readings > most {
			l.t.Errorf("%d readings were left to be folded, want at most %d", left.Readings, most)
		}
		return err
	}); err != nil {
		l.t.Error(err)
	}
}

// onceBatch is batch n of the meters, each with so many readings.
func onceBatch(meters []string, n, each int, from time.Time) metering.Batch {
	b := metering.Batch{}
	for _, id := range meters {
		b.Readings = append(b.Readings, every(id, from.Add(time.Duration(n*each)*10*time.Second), 10*time.Second, each)...)
		for i := range b.Readings[len(b.Readings)-each:] {
			b.Readings[len(b.Readings)-each+i].Values.Set(models.QEImport, int64(n*each+i)*3)
		}
	}
	return b
}

// check looks at each reading of a meter, a day at a time, and at the energy that its
// intervals add up to.
func (l *badLink) check(meter string, from time.Time, want int) {
	l.t.Helper()
	const day = 24 * time.Hour
	n, energy := 0, models.WattHours(0)
	for start := models.IntervalStart(from); start.Before(l.clock.Now()); start = start.Add(day) {
		var rows []models.Reading
		var intervals []models.Interval
		if err := l.store.View(ctx, func(tx *store.Tx) (err error) {
			if rows, err = tx.Readings(meter, start, start.Add(day), 1<<30); err != nil {
				return err
			}
			intervals, err = tx.Intervals(meter, start, start.Add(day), 1<<30)
			return err
		}); err != nil {
			l.t.Fatal(err)
		}
		for i := range rows {
			if wh, _ := rows[i].Values.Get(models.QEImport); wh != int64(n)*3 || !rows[i].At.Equal(from.Add(time.Duration(n)*10*time.Second)) {
				l.t.Errorf("meter %s: reading %d is %s with %d Wh", meter, n, rows[i].At, wh)
				return
			}
			n++
		}
		for _, iv := range intervals {
			energy += iv.CounterImport
		}
	}
	if n != want || energy != models.WattHours(want-1)*3 {
		l.t.Errorf("meter %s has %d readings and %d Wh in its intervals, want %d and %d", meter, n, energy, want, (want-1)*3)
	}
}

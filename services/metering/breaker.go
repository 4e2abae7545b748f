package metering

import (
	"hash/fnv"
	"math/rand/v2"
	"time"
)

// hashOf spreads ids evenly over 64 bits.
func hashOf(id string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id))
	return h.Sum64()
}

// nextSlot is the first instant after now that has the id's phase in the
// interval: meters keep their own places, so they are not all read at once.
func nextSlot(now time.Time, id string, interval time.Duration) time.Time {
	phase := time.Duration(hashOf(id) % uint64(interval))
	slot := now.Truncate(interval).Add(phase)
	if !slot.After(now) {
		slot = slot.Add(interval)
	}
	return slot
}

// backoff doubles from least to most, give or take a fifth, so that what failed
// together does not come back together.
type backoff struct {
	least, most time.Duration
	rng         *rand.Rand
	fails       int
}

func newBackoff(id string, least, most time.Duration) backoff {
	return backoff{least: least, most: most, rng: rand.New(rand.NewPCG(hashOf(id), 1))}
}

// fail gives how long to wait after one more failure.
func (b *backoff) fail() time.Duration {
	wait := b.most
	if b.fails < 16 {
		wait = min(b.least<<b.fails, b.most)
	}
	b.fails++
	return wait - wait/5 + time.Duration(b.rng.Int64N(int64(wait)*2/5+1))
}

func (b *backoff) reset() { b.fails = 0 }

// Breaker thresholds: three failed polls in a row, then probes after 10 s, 20 s,
// up to 300 s.
const (
	breakerFails = 3
	probeLeast   = 10 * time.Second
	probeMost    = 300 * time.Second
)

// breaker keeps a unit that does not answer from costing its link more than a
// probe now and then.
type breaker struct {
	wait  backoff
	fails int
	until time.Time // when open: the next probe
}

func newBreaker(id string) breaker { return breaker{wait: newBackoff(id, probeLeast, probeMost)} }

func (b *breaker) open() bool { return b.fails >= breakerFails }

// due tells whether the unit may be asked now.
func (b *breaker) due(now time.Time) bool { return !b.open() || !now.Before(b.until) }

func (b *breaker) success() { b.fails = 0; b.wait.reset() }

func (b *breaker) failure(now time.Time) {
	b.fails++
	if b.open() {
		b.until = now.Add(b.wait.fail())
	}
}

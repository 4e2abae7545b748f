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

// Places in an interval: every 50 ms, and of a short one 16. Meters that have the
// same one wake the machine once and not each by itself, which takes a third of what a
// poll costs.
const (
	placeEvery = 50 * time.Millisecond
	placeLeast = 16
)

// nextSlot is the first instant after now that has the id's place in the
// interval: meters keep their own places, so they are not all read at once.
func nextSlot(now time.Time, id string, interval time.Duration) time.Time {
	every := max(1, min(placeEvery, interval/placeLeast))
	place := time.Duration(hashOf(id)%uint64(max(1, interval/every))) * every
	slot := now.Truncate(interval).Add(place)
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

// Breaker thresholds: so many failed polls in a row, then probes after 10 s, 20 s,
// up to 300 s. Beside units that answer it takes fewer: the line works, and the
// others pay for the waiting.
const (
	breakerFails  = 3
	breakerBeside = 2
	probeLeast    = 10 * time.Second
	probeMost     = 300 * time.Second
	probePatient  = 8 // every so many probes one waits as long as any read
)

// breaker keeps a unit that does not answer from costing its link more than a
// probe now and then.
type breaker struct {
	wait    backoff
	fails   int
	tripped bool
	probes  int
	until   time.Time // when tripped: the next probe
}

func newBreaker(id string) breaker { return breaker{wait: newBackoff(id, probeLeast, probeMost)} }

func (b *breaker) open() bool { return b.tripped }

// due tells whether the unit may be asked now.
func (b *breaker) due(now time.Time) bool { return !b.tripped || !now.Before(b.until) }

func (b *breaker) success() { b.fails, b.probes, b.tripped = 0, 0, false; b.wait.reset() }

// failure counts a failed poll; most is how many in a row are borne.
func (b *breaker) failure(now time.Time, most int) {
	b.fails++
	if b.tripped {
		b.probes++
	}
	if b.tripped = b.tripped || b.fails >= most; b.tripped {
		b.until = now.Add(b.wait.fail())
	}
}

// patient tells whether the next probe is one that waits as long as any read: a
// unit that has become slow is not dead.
func (b *breaker) patient() bool { return b.probes%probePatient == probePatient-1 }

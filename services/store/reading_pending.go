package store

import (
	"fmt"
	"sync"
	"time"

	"rigistry/models"
)

// What batches brought waits as they brought it, one row for all meters of a batch, and
// is folded later, many batches at once, into parts, intervals and the newest readings of
// meters. Whoever asks this package for readings, intervals or states gets what waits
// with the rest, so that a reading counts from the commit of its batch on.

type pendingKey struct {
	Place    int64  `gorm:"column:place"`
	ID       string `gorm:"column:id"`
	Readings int64  `gorm:"column:readings"`
	Received int64  `gorm:"column:received_at"`
}

type pendingBody struct {
	ID   string `gorm:"column:id"`
	Body []byte `gorm:"column:body"`
}

// pendingCache remembers what waits: a row with an id never changes.
type pendingCache struct {
	mu     sync.Mutex
	bodies map[string][]byte // by id
	bytes  int
}

// pendingCacheMost bounds the cache, in bytes.
const pendingCacheMost = 48 << 20

func (c *pendingCache) get(id string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.bodies[id]
	return b, ok
}

func (c *pendingCache) put(id string, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bodies == nil || c.bytes+len(body) > pendingCacheMost {
		c.bodies, c.bytes = map[string][]byte{}, 0
	}
	if _, there := c.bodies[id]; !there {
		c.bodies[id] = body
		c.bytes += len(body)
	}
}

func (c *pendingCache) drop(ids []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, id := range ids {
		c.bytes -= len(c.bodies[id])
		delete(c.bodies, id)
	}
}

// AppendPending keeps readings to be folded later. They are of one meter after the other
// and in order of time, each newer than every reading of its meter that is there: the
// caller has taken the turns of their places and looked.
func (tx *Tx) AppendPending(readings []models.Reading, place int64) error {
	first, last := readings[0].At, readings[0].At
	for i := range readings {
		if at := readings[i].At; at.Before(first) {
			first = at
		} else if at.After(last) {
			last = at
		}
	}
	id, body := tx.NewID(), models.AppendPacket(nil, readings)
	if err := insertBulk(tx, bulk{"reading_pending", 1, []bulkColumn{{name: "place", ints: []int64{place}}, {name: "id", texts: []string{id}},
		{name: "first_at", ints: []int64{micros(first)}}, {name: "last_at", ints: []int64{micros(last)}},
		{name: "readings", ints: []int64{int64(len(readings))}}, {name: "received_at", ints: []int64{micros(tx.Now)}},
		{name: "body", bodies: [][]byte{body}}}}, ""); err != nil {
		return fmt.Errorf("keep a batch of readings: %w", err)
	}
	tx.places.pending.put(id, body)
	return nil
}

// pendingKeys lists what waits in the places, or everywhere, oldest first.
func (tx *Tx) pendingKeys(places []int64) ([]pendingKey, error) {
	query := "SELECT place, id, readings, received_at FROM reading_pending"
	if places != nil && len(places) <= maxNames {
		return many[pendingKey](tx, query+" WHERE place IN ? ORDER BY received_at, id", places)
	}
	return many[pendingKey](tx, query+" ORDER BY received_at, id")
}

// pendingBodies gives the bodies of the rows, in their order.
func (tx *Tx) pendingBodies(keys []pendingKey) ([][]byte, error) {
	out := make([][]byte, len(keys))
	at := map[string]int{}
	var missing []string
	for i, k := range keys {
		if body, ok := tx.places.pending.get(k.ID); ok {
			out[i] = body
			continue
		}
		at[k.ID] = i
		missing = append(missing, k.ID)
	}
	for part := range chunks(missing, 100) {
		rows, err := many[pendingBody](tx, "SELECT id, body FROM reading_pending WHERE id IN ?", part)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[at[r.ID]] = r.Body
			tx.places.pending.put(r.ID, r.Body)
		}
	}
	return out, nil
}

// PendingSize is how much waits to be folded.
type PendingSize struct {
	Batches  int64
	Readings int64
	Oldest   time.Time // when the oldest batch came; zero when none waits
}

// Pending measures what waits to be folded.
func (tx *Tx) Pending() (out PendingSize, err error) {
	type row struct {
		Batches  int64 `gorm:"column:batches"`
		Readings int64 `gorm:"column:readings"`
		Oldest   int64 `gorm:"column:oldest"`
	}
	r, err := one[row](tx, "what waits", "", "SELECT COUNT(*) AS batches, COALESCE(SUM(readings), 0) AS readings, COALESCE(MIN(received_at), 0) AS oldest FROM reading_pending")
	return PendingSize{r.Batches, r.Readings, instant(r.Oldest)}, err
}

package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
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

// MetersTurn counts the changes of the meters.
func (tx *Tx) MetersTurn() (int64, error) {
	return one[int64](tx, "count of the meters' changes", "", "SELECT turn FROM meters_turn WHERE one = 1")
}

// ReadingPlaces gives where the readings of each meter are kept, and a place to those
// that have none.
func (tx *Tx) ReadingPlaces(ids []string) (map[string]int64, error) {
	at, err := tx.placeAll(ids)
	out := make(map[string]int64, len(at))
	for id, p := range at {
		out[id] = p.place
	}
	return out, err
}

// TakeTurns counts the turns of places up and gives what they are now: in every place
// one transaction writes readings at a time, and one that waited sees another turn than
// the one it remembers.
func (tx *Tx) TakeTurns(places []int64) (map[int64]int64, error) {
	type turn struct {
		Place int64 `gorm:"column:place"`
		Turn  int64 `gorm:"column:turn"`
	}
	out := make(map[int64]int64, len(places))
	for part := range chunks(places, maxRows) {
		args := make([]any, len(part))
		for i, p := range part {
			args[i] = p
		}
		rows, err := many[turn](tx, "INSERT INTO reading_turns (place, turn) SELECT p, 1 FROM ("+unionOf(len(part))+
			") x WHERE true ON CONFLICT (place) DO UPDATE SET turn = reading_turns.turn + 1 RETURNING place, turn", args...)
		if err != nil {
			return nil, fmt.Errorf("take the turn of places: %w", err)
		}
		for _, r := range rows {
			out[r.Place] = r.Turn
		}
	}
	return out, nil
}

// unionOf is a query for n numbers.
func unionOf(n int) string {
	b := []byte("SELECT CAST(? AS BIGINT) AS p")
	for range n - 1 {
		b = append(b, " UNION ALL SELECT CAST(? AS BIGINT)"...)
	}
	return string(b)
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

// pendingOf gives the readings of meters that wait, by meter and in order of time; of all
// meters when ids is nil.
func (tx *Tx) pendingOf(ids []string) (map[string][]models.Reading, error) {
	var places []int64
	want := map[string]bool{}
	if ids != nil {
		at, err := tx.placesOf(ids)
		if err != nil || len(at) == 0 {
			return nil, err
		}
		places = append(places, 0)
		for id, p := range at {
			want[id] = true
			if !slices.Contains(places, p.place) {
				places = append(places, p.place)
			}
		}
	}
	keys, err := tx.pendingKeys(places)
	if err != nil || len(keys) == 0 {
		return nil, err
	}
	bodies, err := tx.pendingBodies(keys)
	if err != nil {
		return nil, err
	}
	if ids == nil {
		want = nil
	}
	return readPending(bodies, want)
}

func readPending(bodies [][]byte, want map[string]bool) (map[string][]models.Reading, error) {
	out := map[string][]models.Reading{}
	var wanted func(string) bool
	if want != nil {
		wanted = func(id string) bool { return want[id] }
	}
	for _, b := range bodies {
		if err := models.ParsePacket(b, wanted, func(meter string, part []models.Reading) {
			out[meter] = append(out[meter], part...)
		}); err != nil {
			return nil, fmt.Errorf("readings that wait to be folded: %w", err)
		}
	}
	for _, rows := range out {
		byTime := func(a, b models.Reading) int { return a.At.Compare(b.At) }
		if !slices.IsSortedFunc(rows, byTime) {
			slices.SortFunc(rows, byTime)
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

// FoldPending folds the oldest batches that wait, of at most so many readings but at
// least one, and gives how many readings they were.
func (tx *Tx) FoldPending(most int64) (int64, error) {
	keys, err := tx.pendingKeys(nil)
	if err != nil {
		return 0, err
	}
	n, sum := 0, int64(0)
	for n < len(keys) && (n == 0 || sum+keys[n].Readings <= most) {
		sum += keys[n].Readings
		n++
	}
	return sum, tx.fold(keys[:n])
}

// FoldPendingOf folds every batch that waits and has readings of one of the meters.
func (tx *Tx) FoldPendingOf(ids []string) error {
	at, err := tx.placesOf(ids)
	if err != nil {
		return err
	}
	places, want := []int64{0}, map[string]bool{}
	for id, p := range at {
		want[id] = true
		if !slices.Contains(places, p.place) {
			places = append(places, p.place)
		}
	}
	keys, err := tx.pendingKeys(places)
	if err != nil || len(keys) == 0 {
		return err
	}
	bodies, err := tx.pendingBodies(keys)
	if err != nil {
		return err
	}
	var some []pendingKey
	for i, b := range bodies {
		has := false
		if err := models.ParsePacket(b, func(id string) bool { has = has || want[id]; return false }, nil); err != nil {
			return err
		}
		if has {
			some = append(some, keys[i])
		}
	}
	return tx.fold(some)
}

// fold takes rows that wait and keeps their readings for good.
func (tx *Tx) fold(keys []pendingKey) error {
	if len(keys) == 0 {
		return nil
	}
	bodies, err := tx.pendingBodies(keys)
	if err != nil {
		return err
	}
	of, err := readPending(bodies, nil)
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(of))
	for id := range of {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	states, err := tx.keptStates(ids)
	if err != nil {
		return err
	}
	var in Ingested
	for _, id := range ids {
		state := states[id]
		in.Readings = append(in.Readings, of[id]...)
		in.Intervals = append(in.Intervals, foldOf(id, &state, of[id], time.Time{}, tx.Now.AddDate(1, 0, 0))...)
		in.States = append(in.States, state)
	}
	if err := tx.KeepIngested(in); err != nil {
		return err
	}
	gone := make([]string, len(keys))
	for i, k := range keys {
		gone[i] = k.ID
	}
	for part := range chunks(gone, maxRows) {
		n, err := exec(tx, "DELETE FROM reading_pending WHERE id IN ?", part)
		if err != nil {
			return fmt.Errorf("take folded readings away: %w", err)
		}
		if n != int64(len(part)) {
			return raceError{errStale} // another process folds them
		}
	}
	return nil
}

// ForgetPending frees the memory of what was folded.
func (s *Store) ForgetPending(ctx context.Context) error {
	return s.View(ctx, func(tx *Tx) error {
		keys, err := tx.pendingKeys(nil)
		if err != nil {
			return err
		}
		still := make(map[string]bool, len(keys))
		for _, k := range keys {
			still[k.ID] = true
		}
		c := &s.places.pending
		c.mu.Lock()
		var gone []string
		for id := range c.bodies {
			if !still[id] {
				gone = append(gone, id)
			}
		}
		c.mu.Unlock()
		c.drop(gone)
		return nil
	})
}

// foldOf gives the intervals of [from, until) that a meter's next readings add to, and
// brings its state up to them.
func foldOf(id string, state *MeterState, rows []models.Reading, from, until time.Time) []models.Interval {
	before := models.EnergySample{}
	if !state.Base.At.IsZero() {
		before = models.EnergySampleOf(&state.Base, 0)
	}
	samples := make([]models.EnergySample, 0, len(rows))
	for i := range rows {
		if s := models.EnergySampleOf(&rows[i], 0); state.see(&rows[i]) {
			samples = append(samples, s)
		}
	}
	parts := models.FoldReadings(before, samples, from, until)
	for i := range parts {
		parts[i].Meter = id
	}
	return parts
}

// see brings the state up to a reading; false when it is not newer.
func (st *MeterState) see(r *models.Reading) bool {
	if !r.At.After(st.Latest.At) {
		return false
	}
	st.Latest = *r
	if s := models.EnergySampleOf(r, 0); !s.Empty() {
		st.Base = *r
	}
	return true
}

// mergePending adds to the intervals of a meter in [from, until) what waits of it.
func (tx *Tx) mergePending(rows []models.Interval, ids []string, from, until time.Time) ([]models.Interval, error) {
	parts, err := tx.pendingIntervals(ids, from, until)
	if err != nil || len(parts) == 0 {
		return rows, err
	}
	type key struct {
		meter string
		start int64
	}
	at := make(map[key]int, len(rows))
	for i := range rows {
		at[key{rows[i].Meter, rows[i].Start.UnixMicro()}] = i
	}
	for _, p := range parts {
		if i, there := at[key{p.Meter, p.Start.UnixMicro()}]; there {
			rows[i] = rows[i].Add(p)
		} else {
			rows = append(rows, p)
		}
	}
	slices.SortFunc(rows, func(a, b models.Interval) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Meter, b.Meter)) })
	return rows, nil
}

// pendingIntervals gives what waiting readings of the meters add to intervals in
// [from, until).
func (tx *Tx) pendingIntervals(ids []string, from, until time.Time) ([]models.Interval, error) {
	of, err := tx.pendingOf(ids)
	if err != nil || len(of) == 0 {
		return nil, err
	}
	some := make([]string, 0, len(of))
	for id := range of {
		some = append(some, id)
	}
	states, err := tx.keptStates(some)
	if err != nil {
		return nil, err
	}
	var out []models.Interval
	for id, rows := range of {
		if tx.past != nil {
			rows = slices.DeleteFunc(rows, func(r models.Reading) bool { return r.At.After(tx.Now) })
		}
		state := states[id]
		out = append(out, foldOf(id, &state, rows, from, until)...)
	}
	return out, nil
}

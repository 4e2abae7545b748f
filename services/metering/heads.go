package metering

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// quickGap is how long a meter may have been silent for its readings to wait with others
// before they are folded. One that comes back from a longer silence, or speaks for the
// first time, is folded at once: the gate and detection ask how fresh it is.
const quickGap = 10 * time.Minute

// intake is what a service keeps between batches.
type intake struct {
	heads heads
	// waiting is about how many readings this process left to be folded, and found left
	// by the one before it.
	waiting atomic.Int64
	// looked tells that what was left before is counted.
	looked sync.Mutex
	found  bool
}

// heads remembers what a batch must know of its meters, so that it need not be read
// again for every batch. Both halves are checked in each transaction against a count
// that whoever changes them counts up (meters_turn, reading_turns): what another process
// changed is read again.
type heads struct {
	mu     sync.Mutex
	turn   int64                // of the meters
	meters map[string]headMeter // by id and by code; what is not in it may be there all the same
	turns  map[int64]int64      // of each place
	newest map[string]newestOf  // by meter id, as of the turn of its place
	lanes  map[int64]*sync.Mutex
	// layouts of registers that are kept.
	layouts map[models.LayoutDigest]bool
}

// headMeter is what a batch must know of a meter.
type headMeter struct {
	id, utility string
	poll        time.Duration
	place       int64
}

// newestOf is when a meter was read last, and last with values, and which transformer
// ratios it told then.
type newestOf struct {
	latest, base time.Time
	ratios       models.RatiosTold
}

// learned is what a transaction found out, to be remembered once it is committed.
type learned struct {
	turn    int64
	meters  map[string]headMeter
	turns   map[int64]int64
	newest  map[string]newestOf
	layouts []*models.RegisterLayout
}

// headsMost bounds how many names are remembered.
const headsMost = 200_000

// named gives what is remembered of the names at a turn; false when any of them is not.
func (h *heads) named(turn int64, names []string) (map[string]headMeter, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.turn != turn {
		return nil, false
	}
	out := make(map[string]headMeter, len(names))
	for _, n := range names {
		m, ok := h.meters[n]
		if !ok {
			return nil, false
		}
		out[n] = m
	}
	return out, true
}

// newestAt gives the newest readings of the meters, and those of which nothing is
// remembered. turns are what the transaction took: the one before is what must be
// remembered.
func (h *heads) newestAt(meters map[string]headMeter, turns map[int64]int64) (known map[string]newestOf, unknown []string) {
	known = make(map[string]newestOf, len(meters))
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, m := range meters {
		n, ok := h.newest[id]
		if ok && h.turns[m.place] == turns[m.place]-1 {
			known[id] = n
		} else {
			unknown = append(unknown, id)
		}
	}
	return known, unknown
}

// learn remembers what a transaction found out that is committed.
func (h *heads) learn(l learned) {
	if l.turn == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, one := range l.layouts {
		if h.layouts == nil {
			h.layouts = map[models.LayoutDigest]bool{}
		}
		h.layouts[one.Digest()] = true
	}
	if h.meters == nil || h.turn != l.turn || len(h.meters) > headsMost {
		h.meters, h.turn = map[string]headMeter{}, l.turn
	}
	for name, m := range l.meters {
		h.meters[name] = m
	}
	if h.turns == nil || len(h.newest) > headsMost {
		h.turns, h.newest = map[int64]int64{}, map[string]newestOf{}
	}
	stale := map[int64]bool{}
	for p, turn := range l.turns {
		switch before, ok := h.turns[p]; {
		case ok && turn <= before: // another transaction was remembered first
			stale[p] = true
		case ok && turn == before+1:
			h.turns[p] = turn
		default:
			h.forget(p, l)
			h.turns[p] = turn
		}
	}
	for id, n := range l.newest {
		if p := l.place(id); !stale[p] {
			h.newest[id] = n
		}
	}
}

// place gives the place of a meter.
func (l *learned) place(id string) int64 { return l.meters[id].place }

// forget drops what is remembered of the meters of a place: somebody else wrote there.
// The caller holds the lock.
func (h *heads) forget(place int64, l learned) {
	for id := range h.newest {
		m, ok := h.meters[id]
		if !ok {
			m, ok = l.meters[id]
		}
		if !ok || m.place == place {
			delete(h.newest, id)
		}
	}
}

// lane lets one batch of this process at a time into each place: two would only make
// each other's transaction run again.
func (h *heads) lane(meters map[string]headMeter) (leave func()) {
	var places []int64
	for _, m := range meters {
		if !slices.Contains(places, m.place) {
			places = append(places, m.place)
		}
	}
	slices.Sort(places)
	h.mu.Lock()
	if h.lanes == nil {
		h.lanes = map[int64]*sync.Mutex{}
	}
	all := make([]*sync.Mutex, len(places))
	for i, p := range places {
		if h.lanes[p] == nil {
			h.lanes[p] = &sync.Mutex{}
		}
		all[i] = h.lanes[p]
	}
	h.mu.Unlock()
	for _, l := range all {
		l.Lock()
	}
	return func() {
		for _, l := range all {
			l.Unlock()
		}
	}
}

// remembered gives the meters of readings as far as they are remembered.
func (h *heads) remembered(readings []models.Reading) map[string]headMeter {
	names := namesOf(readings)
	h.mu.Lock()
	defer h.mu.Unlock()
	out := make(map[string]headMeter, len(names))
	for _, n := range names {
		if m, ok := h.meters[n]; ok {
			out[n] = m
		}
	}
	return out
}

// lookUp gives the meters of the names, by name, as a batch must know them: from memory
// when nobody changed any meter since, else from the store.
func (in *ingest) lookUp(names []string) (map[string]headMeter, error) {
	turn, err := in.tx.MetersTurn()
	if err != nil {
		return nil, err
	}
	in.learned.turn = turn
	if known, all := in.heads.named(turn, names); all {
		in.learned.meters = known
		return known, nil
	}
	found, err := in.tx.MetersNamed(names)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	places, err := in.tx.ReadingPlaces(ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]headMeter, 2*len(found))
	of := func(m *models.Meter) headMeter {
		return headMeter{id: m.ID, utility: m.Utility, poll: m.PollInterval, place: places[m.ID]}
	}
	for i := range found {
		out[found[i].Code] = of(&found[i])
	}
	for i := range found { // an id wins over another meter's code
		out[found[i].ID] = of(&found[i])
	}
	in.learned.meters = out
	return out, nil
}

// stateOf gives what is to be remembered of a state.
func stateOf(st store.MeterState) newestOf {
	return newestOf{st.Latest.At, st.Base.At, models.RatiosOf(&st.Base.Values)}
}

package metering

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Bounds of a batch.
const (
	maxBatch       = 10_000
	clockTolerance = 10 * time.Minute // how far ahead of ours a collector's clock may be
)

// Batch is what a collector sends at once. Its sequence counts up by one per
// collector. A reading names its meter by id or by code.
type Batch struct {
	Collector string
	Sequence  int64
	Readings  []models.Reading
}

// Digest is SHA-256 over the batch in canonical form, "sha256:" and hex: what
// the ledger keeps of it.
func (b *Batch) Digest() string {
	buf := binary.AppendUvarint(nil, uint64(len(b.Collector)))
	buf = append(buf, b.Collector...)
	buf = binary.AppendVarint(buf, b.Sequence)
	for i := range b.Readings {
		r := &b.Readings[i]
		buf = binary.AppendUvarint(buf, uint64(len(r.Meter)))
		buf = append(buf, r.Meter...)
		buf = binary.AppendVarint(buf, r.At.UnixMicro())
		buf = binary.AppendVarint(buf, r.Step.Microseconds())
		buf = append(buf, byte(r.Quality))
		buf = r.Values.AppendBinary(buf)
	}
	sum := sha256.Sum256(buf)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Result says what became of a batch.
type Result struct {
	Collector string
	Sequence  int64
	Accepted  int      // readings that are new
	Duplicate int      // readings that were there already
	Rejected  []string // meters that are not known, and instants that cannot be, each once
}

// batchFacts is the body of the ledger entry of a batch.
type batchFacts struct {
	Collector string    `json:"collector"`
	Sequence  int64     `json:"sequence"`
	Count     int       `json:"count"`
	Accepted  int       `json:"accepted"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Digest    string    `json:"digest"`
}

// Ingest keeps the readings of a batch, adds them to their intervals, and
// appends one entry to the ledger, all or nothing. The same batch again changes
// nothing: all of it is duplicate. Another batch under the same sequence is
// refused with CodeConflict. Readings of unknown meters, of meters of another
// utility than the collector's, and from the future are left out and named; of the
// others only what is possible at all is kept.
// Sequences count per client: nobody can use up another collector's.
func (s *Service) Ingest(ctx context.Context, actor models.Actor, b Batch) (Result, error) {
	if err := models.Can(actor, models.ActReadingWrite, models.Scope{}); err != nil {
		return Result{}, err
	}
	if err := checkBatch(&b); err != nil {
		return Result{}, err
	}
	named := b.Collector
	if actor.Collector != "" && actor.Collector != named {
		b.Collector = actor.Collector + "/" + named
	}
	digest := b.Digest()
	var (
		result Result
		fresh  []models.Reading
		got    learned
	)
	if err := s.relieve(ctx); err != nil {
		return Result{}, err
	}
	defer s.in.heads.lane(s.in.heads.remembered(b.Readings))()
	err := s.store.Update(ctx, func(tx *store.Tx) (err error) {
		result, fresh, got = Result{Collector: named, Sequence: b.Sequence}, nil, learned{}
		in := ingest{tx: tx, heads: &s.in.heads, utility: actor.Utility, batch: &b, digest: digest, result: &result, learned: &got}
		if fresh, err = in.run(); err != nil {
			return err
		}
		return in.record(actor)
	})
	var again *knownError
	switch {
	case errors.As(err, &again) && again.Digest != digest:
		return Result{}, models.Errorf(models.CodeConflict, "The collector %q sent another batch under the sequence %d before. Count up.", named, b.Sequence)
	case again != nil:
		result = Result{Collector: named, Sequence: b.Sequence, Duplicate: int(again.Accepted + again.Duplicate)}
		return result, json.Unmarshal([]byte(again.Rejected), &result.Rejected)
	case err != nil:
		return Result{}, err
	}
	s.in.heads.learn(got)
	s.in.waiting.Add(int64(len(fresh)))
	s.live.publish(fresh)
	return result, nil
}

// knownError says that there is a batch with the collector and the sequence.
type knownError struct{ store.ReadingBatch }

func (e *knownError) Error() string {
	return fmt.Sprintf("batch %d of %s is there", e.Sequence, e.Collector)
}

func checkBatch(b *Batch) error {
	var bad models.Invalid
	if b.Collector == "" || len(b.Collector) > 64 {
		bad.Add("/collector", "required", "Name the collector, in at most 64 characters.")
	}
	if b.Sequence < 0 {
		bad.Add("/sequence", "range", "The sequence counts up from 0.")
	}
	if len(b.Readings) > maxBatch {
		bad.Add("/readings", "range", "A batch holds at most %d readings, this one %d. Send smaller ones.", maxBatch, len(b.Readings))
	}
	for i := range b.Readings {
		r := &b.Readings[i]
		if r.Meter == "" {
			bad.Add(fmt.Sprintf("/readings/%d/meter", i), "required", "Name the meter by its id or code.")
		}
		if r.At.IsZero() {
			bad.Add(fmt.Sprintf("/readings/%d/at", i), "required", "Say when the meter was read.")
		}
		r.At = r.At.UTC().Truncate(time.Microsecond)
	}
	return bad.Err()
}

// ingest is one batch on its way into the store.
type ingest struct {
	tx      *store.Tx
	heads   *heads
	utility string // the only one whose meters may be written, "" for any
	batch   *Batch
	digest  string
	result  *Result
	learned *learned
	meters  map[string]headMeter // of the batch, by id
}

// run keeps the readings and gives those that were new. When all are newer than what is
// there of their meters, as they are from a collector that keeps up or catches up, they
// wait as one row and are folded later; else they are taken in one by one.
func (in *ingest) run() ([]models.Reading, error) {
	rows, err := in.resolve(in.batch.Readings)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, in.unknown()
	}
	ids, places := make([]string, 0, len(in.meters)), []int64{}
	for id, m := range in.meters {
		ids = append(ids, id)
		if !slices.Contains(places, m.place) {
			places = append(places, m.place)
		}
	}
	slices.Sort(places)
	if in.learned.turns, err = in.tx.TakeTurns(places); err != nil {
		return nil, err
	}
	newest, err := in.newest()
	if err != nil {
		return nil, err
	}
	in.learned.newest = newest
	if in.quick(rows, newest) {
		place := places[0]
		if len(places) > 1 {
			place = 0
		}
		in.result.Accepted = len(rows)
		return rows, in.tx.AppendPending(rows, place)
	}
	return in.runEach(rows, ids)
}

// newest gives when the meters of the batch were read last.
func (in *ingest) newest() (map[string]newestOf, error) {
	known, unknown := in.heads.newestAt(in.meters, in.learned.turns)
	if len(unknown) == 0 {
		return known, nil
	}
	states, err := in.tx.MeterStates(unknown)
	for _, id := range unknown {
		known[id] = stateOf(states[id])
	}
	return known, err
}

// quick tells whether the rows may wait, and brings the newest readings up to them.
func (in *ingest) quick(rows []models.Reading, newest map[string]newestOf) bool {
	after := make(map[string]newestOf, len(newest))
	for begin := 0; begin < len(rows); {
		id := rows[begin].Meter
		n := newest[id]
		if n.base.IsZero() || rows[begin].At.Sub(n.base) > quickGap {
			return false
		}
		for ; begin < len(rows) && rows[begin].Meter == id; begin++ {
			r := &rows[begin]
			if !r.At.After(n.latest) {
				return false
			}
			n.latest = r.At
			if s := models.EnergySampleOf(r, 0); !s.Empty() {
				n.base = r.At
			}
		}
		after[id] = n
	}
	maps.Copy(newest, after)
	return true
}

// runEach takes readings in of which some may be there, or come late.
func (in *ingest) runEach(rows []models.Reading, ids []string) ([]models.Reading, error) {
	if err := in.unknown(); err != nil {
		return nil, err
	}
	if err := in.tx.FoldPendingOf(ids); err != nil {
		return nil, err
	}
	states, err := in.tx.MeterStates(ids)
	if err != nil {
		return nil, err
	}
	fresh, late, err := in.sort(rows, states)
	if err != nil {
		return nil, err
	}
	in.result.Accepted, in.result.Duplicate = len(fresh), len(rows)-len(fresh)
	if err := in.keep(fresh, states); err != nil {
		return nil, err
	}
	for id, span := range late {
		if err := in.recompute(id, span); err != nil {
			return nil, err
		}
	}
	return fresh, nil
}

// unknown gives a *knownError when the batch is there already.
func (in *ingest) unknown() error {
	known, err := in.tx.ReadingBatch(in.batch.Collector, in.batch.Sequence)
	switch {
	case err == nil:
		return &knownError{known}
	case models.CodeOf(err) == models.CodeNotFound:
		return nil
	}
	return err
}

// resolve replaces codes by ids, leaves out what cannot be kept, and orders the
// rest by meter and time.
func (in *ingest) resolve(readings []models.Reading) ([]models.Reading, error) {
	byName, err := in.lookUp(namesOf(readings))
	if err != nil {
		return nil, err
	}
	in.meters = map[string]headMeter{}
	until := in.tx.Now.Add(clockTolerance)
	rows := make([]models.Reading, 0, len(readings))
	name, m, ok := "", headMeter{}, false
	for i := range readings {
		if r := &readings[i]; i == 0 || r.Meter != name {
			name = r.Meter
			if m, ok = byName[name]; ok && in.utility != "" && m.utility != in.utility {
				ok = false
			}
			if ok {
				in.meters[m.id] = m
			}
		}
		switch r := &readings[i]; {
		case !ok:
			in.reject(r.Meter)
			continue
		case r.At.After(until):
			in.reject(r.Meter + " at " + r.At.Format(time.RFC3339Nano))
			continue
		}
		rows = append(rows, readings[i])
		r := &rows[len(rows)-1]
		r.Meter = m.id
		r.LeaveOutImpossible()
		if r.Step <= 0 {
			r.Step = m.poll
		}
	}
	return ordered(rows), nil
}

// namesOf gives the names of the meters of readings, each once.
func namesOf(readings []models.Reading) []string {
	seen := make(map[string]bool, 64)
	var out []string
	for i := range readings {
		if n := readings[i].Meter; (i == 0 || n != readings[i-1].Meter) && !seen[n] {
			seen[n] = true
			out = append(out, n)
		}
	}
	return out
}

// ordered gives the rows by meter and time; those of one instant keep their order.
// Readings are large: their places are sorted, and each is moved once.
func ordered(rows []models.Reading) []models.Reading {
	byMeter := func(a, b *models.Reading) int { return cmp.Or(cmp.Compare(a.Meter, b.Meter), a.At.Compare(b.At)) }
	sorted := true
	for i := 1; i < len(rows) && sorted; i++ {
		sorted = byMeter(&rows[i-1], &rows[i]) <= 0
	}
	if sorted {
		return rows
	}
	at := make([]int, len(rows))
	for i := range at {
		at[i] = i
	}
	slices.SortStableFunc(at, func(a, b int) int { return byMeter(&rows[a], &rows[b]) })
	out := make([]models.Reading, len(rows))
	for i, k := range at {
		out[i] = rows[k]
	}
	return out
}

func (in *ingest) reject(what string) {
	if !slices.Contains(in.result.Rejected, what) {
		in.result.Rejected = append(in.result.Rejected, what)
	}
}

// timeSpan is the first and the last of some instants.
type timeSpan struct{ from, to time.Time }

// sort splits rows into those that are new, and notes for each meter the span of
// those that come before a reading that is there already.
func (in *ingest) sort(rows []models.Reading, states map[string]store.MeterState) ([]models.Reading, map[string]timeSpan, error) {
	late := map[string]timeSpan{}
	fresh := make([]models.Reading, 0, len(rows))
	var there []time.Time
	for i := range rows {
		r := &rows[i]
		first := i == 0 || rows[i-1].Meter != r.Meter
		if !first && rows[i-1].At.Equal(r.At) {
			continue
		}
		newest := states[r.Meter].Latest.At
		if first && !r.At.After(newest) {
			var err error
			if there, err = in.tx.ReadingTimes(r.Meter, r.At, earlier(newest, lastOf(rows[i:]))); err != nil {
				return nil, nil, err
			}
		}
		if !r.At.After(newest) {
			if _, exists := slices.BinarySearchFunc(there, r.At, time.Time.Compare); exists {
				continue
			}
			span, seen := late[r.Meter]
			if !seen {
				span.from = r.At
			}
			span.to = r.At
			late[r.Meter] = span
		}
		fresh = append(fresh, *r)
	}
	return fresh, late, nil
}

// lastOf gives the instant of the last row of the meter that rows begin with.
func lastOf(rows []models.Reading) time.Time {
	n := slices.IndexFunc(rows, func(r models.Reading) bool { return r.Meter != rows[0].Meter })
	if n < 0 {
		n = len(rows)
	}
	return rows[n-1].At
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// keep keeps the readings and the newest of each meter, and adds those that are newer
// than what was there to their intervals.
func (in *ingest) keep(fresh []models.Reading, states map[string]store.MeterState) error {
	var parts []models.Interval
	var changed []store.MeterState
	for begin := 0; begin < len(fresh); {
		id := fresh[begin].Meter
		end := begin
		for end < len(fresh) && fresh[end].Meter == id {
			end++
		}
		st := states[id]
		poll := in.meters[id].poll
		before := models.EnergySample{}
		if !st.Base.At.IsZero() {
			before = models.EnergySampleOf(&st.Base, poll)
		}
		var samples []models.EnergySample
		for i := begin; i < end; i++ {
			r := &fresh[i]
			if !r.At.After(st.Latest.At) {
				continue
			}
			s := models.EnergySampleOf(r, poll)
			samples = append(samples, s)
			st.Latest = *r
			if !s.Empty() {
				st.Base = *r
			}
		}
		if len(samples) > 0 {
			parts = append(parts, ofMeter(id, models.FoldReadings(before, samples, time.Time{}, in.tx.Now.AddDate(1, 0, 0)))...)
		}
		in.learned.newest[id] = stateOf(st)
		changed = append(changed, st) // also when all came late: two batches of a meter exclude each other
		begin = end
	}
	return in.tx.KeepIngested(store.Ingested{Readings: fresh, Intervals: parts, States: changed})
}

func ofMeter(meter string, parts []models.Interval) []models.Interval {
	for i := range parts {
		parts[i].Meter = meter
	}
	return parts
}

// record keeps the batch and its entry in the ledger.
func (in *ingest) record(actor models.Actor) error {
	b := in.batch
	rejected, err := json.Marshal(in.result.Rejected)
	if err != nil {
		return err
	}
	facts := batchFacts{Collector: b.Collector, Sequence: b.Sequence, Count: len(b.Readings), Accepted: in.result.Accepted, Digest: in.digest}
	for i := range b.Readings {
		at := b.Readings[i].At
		if facts.First.IsZero() || at.Before(facts.First) {
			facts.First = at
		}
		if at.After(facts.Last) {
			facts.Last = at
		}
	}
	isNew, err := in.tx.InsertReadingBatch(store.ReadingBatch{Collector: b.Collector, Sequence: b.Sequence, Digest: in.digest,
		Readings: int64(len(b.Readings)), Accepted: int64(in.result.Accepted), Duplicate: int64(in.result.Duplicate), Rejected: string(rejected)})
	if err != nil {
		return err
	}
	if !isNew {
		return cmp.Or(in.unknown(), fmt.Errorf("batch %d of %s is there and cannot be read", b.Sequence, b.Collector))
	}
	_, err = in.tx.Append(models.Entry{Kind: "reading.ingested", Actor: actor, Body: facts,
		Subject: models.Ref{Kind: "reading_batch", ID: fmt.Sprintf("%s/%d", b.Collector, b.Sequence)}})
	return err
}

// NextSequence is the sequence that a collector in this process goes on with.
func (s *Service) NextSequence(ctx context.Context, collector string) (next int64, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		next, err = tx.NextSequence(collector)
		return err
	})
	return next, err
}

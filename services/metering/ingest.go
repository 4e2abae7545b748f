package metering

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

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
	ratios  []ratioFacts         // transformer ratios that meters tell otherwise than before
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
	if err := in.keepLayouts(); err != nil {
		return nil, err
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
			now := models.RatiosOf(&r.Values)
			if n.ratios.Differ(now) {
				return false // it is marked, and entered in the ledger
			}
			n.latest = r.At
			if s := models.EnergySampleOf(r, 0); !s.Empty() {
				n.base, n.ratios = r.At, now
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
			in.compareRatios(r, &st)
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
	facts := batchFacts{Collector: b.Collector, Sequence: b.Sequence, Count: len(b.Readings), Accepted: in.result.Accepted, Digest: in.digest,
		Registers: b.registersDigest()}
	if b.Clock != nil {
		facts.ClockUs = b.Clock.Microseconds()
	}
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
	if err := in.recordRatios(actor); err != nil {
		return err
	}
	_, err = in.tx.Append(models.Entry{Kind: "reading.ingested", Actor: actor, Body: facts,
		Subject: models.Ref{Kind: "reading_batch", ID: fmt.Sprintf("%s/%d", b.Collector, b.Sequence)}})
	return err
}

package metering

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
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
	)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		result, fresh = Result{Collector: named, Sequence: b.Sequence}, nil
		known, err := tx.ReadingBatch(b.Collector, b.Sequence)
		switch {
		case err == nil && known.Digest != digest:
			return models.Errorf(models.CodeConflict, "The collector %q sent another batch under the sequence %d before. Count up.", named, b.Sequence)
		case err == nil:
			result.Accepted, result.Duplicate = 0, int(known.Accepted+known.Duplicate)
			return json.Unmarshal([]byte(known.Rejected), &result.Rejected)
		case models.CodeOf(err) != models.CodeNotFound:
			return err
		}
		in := ingest{tx: tx, utility: actor.Utility, result: &result}
		if fresh, err = in.run(b.Readings); err != nil {
			return err
		}
		return in.record(actor, &b, digest)
	})
	if err != nil {
		return Result{}, err
	}
	s.live.publish(fresh)
	return result, nil
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
	utility string // the only one whose meters may be written, "" for any
	result  *Result
	meters  map[string]models.Meter // by id
}

// run keeps the readings and gives those that were new.
func (in *ingest) run(readings []models.Reading) ([]models.Reading, error) {
	rows, err := in.resolve(readings)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]string, 0, len(in.meters))
	for id := range in.meters {
		ids = append(ids, id)
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

// resolve replaces codes by ids, leaves out what cannot be kept, and orders the
// rest by meter and time without repeats.
func (in *ingest) resolve(readings []models.Reading) ([]models.Reading, error) {
	names := map[string]bool{}
	for i := range readings {
		names[readings[i].Meter] = true
	}
	list := make([]string, 0, len(names))
	for n := range names {
		list = append(list, n)
	}
	found, err := in.tx.MetersNamed(list)
	if err != nil {
		return nil, err
	}
	byName := make(map[string]string, 2*len(found))
	in.meters = make(map[string]models.Meter, len(found))
	found = slices.DeleteFunc(found, func(m models.Meter) bool { return in.utility != "" && m.Utility != in.utility })
	for _, m := range found {
		byName[m.Code] = m.ID
		in.meters[m.ID] = m
	}
	for _, m := range found { // an id wins over another meter's code
		byName[m.ID] = m.ID
	}
	rows := make([]models.Reading, 0, len(readings))
	for _, r := range readings {
		id, ok := byName[r.Meter]
		switch {
		case !ok:
			in.reject(r.Meter)
			continue
		case r.At.After(in.tx.Now.Add(clockTolerance)):
			in.reject(r.Meter + " at " + r.At.Format(time.RFC3339Nano))
			continue
		}
		r.Meter = id
		r.LeaveOutImpossible()
		if r.Step <= 0 {
			r.Step = in.meters[id].PollInterval
		}
		rows = append(rows, r)
	}
	slices.SortStableFunc(rows, func(a, b models.Reading) int {
		return cmp.Or(cmp.Compare(a.Meter, b.Meter), a.At.Compare(b.At))
	})
	return rows, nil
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
		poll := in.meters[id].PollInterval
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
func (in *ingest) record(actor models.Actor, b *Batch, digest string) error {
	rejected, err := json.Marshal(in.result.Rejected)
	if err != nil {
		return err
	}
	facts := batchFacts{Collector: b.Collector, Sequence: b.Sequence, Count: len(b.Readings), Accepted: in.result.Accepted, Digest: digest}
	for i := range b.Readings {
		at := b.Readings[i].At
		if facts.First.IsZero() || at.Before(facts.First) {
			facts.First = at
		}
		if at.After(facts.Last) {
			facts.Last = at
		}
	}
	if err := in.tx.InsertReadingBatch(store.ReadingBatch{Collector: b.Collector, Sequence: b.Sequence, Digest: digest,
		Readings: int64(len(b.Readings)), Accepted: int64(in.result.Accepted), Duplicate: int64(in.result.Duplicate), Rejected: string(rejected)}); err != nil {
		return err
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

package metering

import (
	"cmp"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

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
		if in.batch.distrusted() {
			r.Quality = r.Quality.Worse(models.QualityClock)
		}
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

package models

import "time"

// IntervalLength is the length of the sealed intervals that settlement and
// detection work with.
const IntervalLength = 15 * time.Minute

// maxSpread bounds the hole over which a counter's energy is spread: over a
// longer one nobody knows when the energy flowed, so it goes to no interval.
const maxSpread = 2 * time.Hour

// IntervalStart is the start of the 15-minute interval [start, start+15m) that
// holds the instant.
func IntervalStart(at time.Time) time.Time { return at.UTC().Truncate(IntervalLength) }

// Interval is what a meter measured in one 15-minute interval. Its fields are
// sums over the segments between neighbouring readings, so a reading that comes
// in order adds to it without looking at the others.
type Interval struct {
	Meter           string
	Start           time.Time
	CounterImport   WattHours     // from e_import
	CounterExport   WattHours     // from e_export
	CounterCovered  time.Duration // how much of the interval the counters explain
	EnergyImport    int64         // W·µs of imported power, see PowerImport
	EnergyExport    int64         // W·µs of exported power
	Covered         time.Duration // how much of the interval has power readings close enough together
	MaxPower        Watts         // largest p_total read, 0 when Samples is 0
	MinPower        Watts
	Samples         int64 // readings with p_total inside the interval
	Quality         Quality
	LastReadingTime time.Time
	Sources         SourceSet
}

const wattMicrosPerWattHour = 3_600_000_000

// PowerImport is the imported energy by the power readings.
func (iv Interval) PowerImport() WattHours {
	return WattHours((iv.EnergyImport + wattMicrosPerWattHour/2) / wattMicrosPerWattHour)
}

// MeanPower is the mean of p_total over the covered part; false when nothing is
// covered.
func (iv Interval) MeanPower() (Watts, bool) {
	us := iv.Covered.Microseconds()
	if us <= 0 {
		return 0, false
	}
	return Watts(divRound(iv.EnergyImport-iv.EnergyExport, us)), true
}

// Energy is the imported energy: by the counter where it explains at least as
// much of the interval as the power readings do, else by power. false when
// neither explains anything.
func (iv Interval) Energy() (WattHours, bool) {
	switch {
	case iv.CounterCovered > 0 && iv.CounterCovered >= iv.Covered:
		return iv.CounterImport, true
	case iv.Covered > 0:
		return iv.PowerImport(), true
	}
	return 0, false
}

// Add joins what two sums know about the same interval.
func (iv Interval) Add(o Interval) Interval {
	if iv.Samples == 0 {
		iv.MaxPower, iv.MinPower = o.MaxPower, o.MinPower
	} else if o.Samples > 0 {
		iv.MaxPower, iv.MinPower = max(iv.MaxPower, o.MaxPower), min(iv.MinPower, o.MinPower)
	}
	iv.CounterImport += o.CounterImport
	iv.CounterExport += o.CounterExport
	iv.CounterCovered += o.CounterCovered
	iv.EnergyImport += o.EnergyImport
	iv.EnergyExport += o.EnergyExport
	iv.Covered += o.Covered
	iv.Samples += o.Samples
	iv.Quality = iv.Quality.Worse(o.Quality)
	iv.Sources |= o.Sources
	if o.LastReadingTime.After(iv.LastReadingTime) {
		iv.LastReadingTime = o.LastReadingTime
	}
	return iv
}

// EnergySample is what intervals need of a reading.
type EnergySample struct {
	At                   time.Time
	Step                 time.Duration
	Power                Watts
	Import, Export       WattHours
	HasPower, HasI, HasE bool
	Quality              Quality
	Source               Source
}

// EnergySampleOf takes from a reading what intervals need. poll is used where the
// reading has no step of its own.
func EnergySampleOf(r *Reading, poll time.Duration) EnergySample {
	s := EnergySample{At: r.At, Step: r.Step, Quality: r.Quality, Source: r.Source}
	if s.Step <= 0 {
		s.Step = poll
	}
	s.Power, s.HasPower = r.Values.Power()
	i, ok := r.Values.Get(QEImport)
	s.Import, s.HasI = WattHours(i), ok
	e, ok := r.Values.Get(QEExport)
	s.Export, s.HasE = WattHours(e), ok
	return s
}

// Empty tells whether the sample carries nothing that intervals use.
func (s EnergySample) Empty() bool { return !s.HasPower && !s.HasI && !s.HasE }

// Carry gives the sample that the next segment starts from: this one, or the
// one before where this one carries nothing.
func (s EnergySample) Carry(before EnergySample) EnergySample {
	if s.Empty() {
		return before
	}
	return s
}

// FoldReading calls add for every interval that the reading s touches, with what it
// adds there: the reading itself, and the segment from the reading before it
// (the zero EnergySample for none). Power is joined by straight lines; a counter's
// energy is spread evenly over the segment. A segment longer than two and a half
// steps is a gap: it adds no coverage, and marks the intervals it lies in; of one
// longer than two hours only the last, as nobody knows when its energy flowed. A reading
// that tells another transformer ratio than the one before begins anew.
func FoldReading(before, s EnergySample, add func(Interval)) {
	point := Interval{Start: IntervalStart(s.At), Quality: s.Quality, LastReadingTime: s.At, Sources: s.Source.Set()}
	if s.HasPower {
		point.MaxPower, point.MinPower, point.Samples = s.Power, s.Power, 1
	}
	add(point)
	span := s.At.Sub(before.At)
	if s.Quality == QualityRatioChanged {
		return // the registers before it are of another scale
	}
	if before.At.IsZero() || before.Empty() || s.Empty() || span <= 0 {
		return
	}
	gap := span > s.Step*5/2
	if gap && span > maxSpread {
		add(Interval{Start: point.Start, Quality: QualityGap})
		return
	}
	seg := segment{before: before, s: s, span: span, gap: gap}
	seg.counters()
	for from := before.At; from.Before(s.At); {
		start := IntervalStart(from)
		until := start.Add(IntervalLength)
		if until.After(s.At) {
			until = s.At
		}
		add(seg.part(start, from, until))
		from = until
	}
}

// segment is the way from one reading to the next.
type segment struct {
	before, s        EnergySample
	span             time.Duration
	gap              bool
	imported, export WattHours
	counted          bool
	doneI, doneE     WattHours
}

// counters takes the energy between the two readings. A counter that went back
// explains nothing.
func (g *segment) counters() {
	if g.before.HasI && g.s.HasI && g.s.Import >= g.before.Import {
		g.imported, g.counted = g.s.Import-g.before.Import, true
	}
	if g.before.HasE && g.s.HasE && g.s.Export >= g.before.Export {
		g.export = g.s.Export - g.before.Export
	}
}

// part is what the piece [from, until) of the segment adds to its interval.
// Pieces are asked for in order; the last takes what rounding left over, so that
// no watt-hour is lost or made.
func (g *segment) part(start, from, until time.Time) Interval {
	out := Interval{Start: start, Sources: g.s.Source.Set()}
	done := until.Sub(g.before.At)
	upTo := func(total, already WattHours) WattHours {
		if until.Equal(g.s.At) {
			return total - already
		}
		return WattHours(float64(total)*(float64(done)/float64(g.span))) - already
	}
	if g.counted {
		out.CounterImport = upTo(g.imported, g.doneI)
		g.doneI += out.CounterImport
		out.CounterExport = upTo(g.export, g.doneE)
		g.doneE += out.CounterExport
		out.CounterCovered = until.Sub(from)
	}
	if g.gap {
		out.Quality = QualityGap
		return out
	}
	if g.before.HasPower && g.s.HasPower {
		p0, p1 := g.powerAt(from), g.powerAt(until)
		us := until.Sub(from).Microseconds()
		out.Covered = until.Sub(from)
		energy := int64((p0 + p1) / 2 * float64(us))
		if energy >= 0 {
			out.EnergyImport = energy
		} else {
			out.EnergyExport = -energy
		}
	}
	return out
}

// powerAt is the straight line between the two readings.
func (g *segment) powerAt(at time.Time) float64 {
	share := float64(at.Sub(g.before.At)) / float64(g.span)
	return float64(g.before.Power) + share*float64(g.s.Power-g.before.Power)
}

// FoldReadings folds readings in order of time and gives the intervals that start in
// [from, until). before is the last reading with values ahead of them.
func FoldReadings(before EnergySample, samples []EnergySample, from, until time.Time) []Interval {
	var out []Interval
	at := map[int64]int{}
	for _, s := range samples {
		FoldReading(before, s, func(part Interval) {
			if part.Start.Before(from) || !part.Start.Before(until) {
				return
			}
			key := part.Start.UnixMicro()
			if i, seen := at[key]; seen {
				out[i] = out[i].Add(part)
				return
			}
			at[key] = len(out)
			out = append(out, part)
		})
		before = s.Carry(before)
	}
	return out
}

func divRound(a, b int64) int64 {
	if a < 0 {
		return -((-a + b/2) / b)
	}
	return (a + b/2) / b
}

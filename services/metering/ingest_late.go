package metering

import (
	"time"

	"rigistry/models"
)

// neighbours is how many readings without values are looked over to find the one
// that a late segment starts from.
const neighbours = 50

// recompute makes the intervals anew that late readings of a meter touch: from
// the reading before the first of them to the reading after the last.
func (in *ingest) recompute(id string, span timeSpan) error {
	poll := in.meters[id].poll
	base, err := in.baseBefore(id, span.from, poll)
	if err != nil {
		return err
	}
	from := models.IntervalStart(span.from)
	if start := models.IntervalStart(base.At); !base.At.IsZero() && span.from.Sub(base.At) <= 24*time.Hour {
		from = start
	}
	if base, err = in.baseBefore(id, from, poll); err != nil {
		return err
	}
	after, err := in.tx.Readings(id, span.to.Add(time.Microsecond), in.tx.Now.AddDate(1, 0, 0), neighbours)
	if err != nil {
		return err
	}
	until := models.IntervalStart(span.to).Add(models.IntervalLength)
	for i := range after {
		until = models.IntervalStart(after[i].At).Add(models.IntervalLength)
		if s := models.EnergySampleOf(&after[i], poll); !s.Empty() {
			break
		}
	}
	rows, err := in.tx.Readings(id, from, until, 1<<30)
	if err != nil {
		return err
	}
	beyond, err := in.tx.Readings(id, until, in.tx.Now.AddDate(1, 0, 0), neighbours)
	if err != nil {
		return err
	}
	samples := make([]models.EnergySample, 0, len(rows)+len(beyond))
	for _, part := range [][]models.Reading{rows, beyond} {
		for i := range part {
			samples = append(samples, models.EnergySampleOf(&part[i], poll))
		}
	}
	if err := in.tx.DeleteIntervals(id, from, until); err != nil {
		return err
	}
	return in.tx.AddIntervals(ofMeter(id, models.FoldReadings(base, samples, from, until)))
}

func (in *ingest) baseBefore(id string, at time.Time, poll time.Duration) (models.EnergySample, error) {
	rows, err := in.tx.ReadingsBefore(id, at, neighbours)
	for i := range rows {
		if s := models.EnergySampleOf(&rows[i], poll); !s.Empty() {
			return s, nil
		}
	}
	return models.EnergySample{}, err
}

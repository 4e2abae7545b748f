package detection

import (
	"slices"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store/storetest"
)

// A meter that only ever said that it could not be read leaves what it should have
// measured in the balance: nobody may be accused of that.
func TestEngine_AFeederWithAMeterThatWasNeverReadHasNoBalance(t *testing.T) {
	for _, answered := range []bool{true, false} {
		clock := storetest.NewClock()
		s := storetest.SQLite(t, clock.Now)
		r := newRig(t, s, clock)
		meters := install(t, s, smallGrid())
		silent := meters["M-S-A-2"]
		now := monday.AddDate(0, 0, historyDays)
		clock.Set(now)
		all := readings(t, smallGrid(), meters, monday, now, step)
		if !answered {
			all = slices.DeleteFunc(all, func(m models.Reading) bool { return m.Meter == silent })
			all = append(all, models.Reading{Meter: silent, At: now.Add(-time.Minute), Step: time.Minute, Quality: models.QualityCommError})
		}
		for part := range slices.Chunk(all, 3000) {
			r.ingest(part...)
		}
		r.follow()
		r.look()
		from := now
		for _, m := range readings(t, smallGrid(), meters, from, from.Add(3*time.Minute), 20*time.Second) {
			if answered || m.Meter != silent {
				clock.Set(m.At.Add(time.Second))
				r.ingest(m)
			}
		}
		r.follow()
		r.look()
		found := slices.Contains(causes(r.findings()), "feeder_balance S-A")
		if found != answered {
			t.Errorf("the meter was read: %v; a finding about its feeder's balance: %v", answered, found)
		}
	}
}

package metering

import (
	"encoding/json"
	"fmt"
	"time"

	"rigistry/models"
)

// SpoolKeeps is how long a spool must hold what its collector reads while the server
// cannot be reached.
const SpoolKeeps = 72 * time.Hour

// spoolWords is how many bytes the words of a reading's registers take at most, beyond
// what its values say: forty numbers of which each says two bytes more.
const spoolWords = 80

// SpoolNeed is the most that a spool takes.
type SpoolNeed struct {
	PerSecond float64 // readings
	Bytes     int64   // of SpoolKeeps
}

// NeedOf gives what the meters need at their full rate, each reading with every quantity
// there is: meters give fewer.
func NeedOf(meters []models.Meter) (SpoolNeed, error) {
	var need SpoolNeed
	for i := range meters {
		m := &meters[i]
		if m.PollInterval <= 0 {
			return SpoolNeed{}, fmt.Errorf("meter %s has no time between its polls", m.Code)
		}
		var r models.Reading
		for q := range models.Quantities() {
			r.Values.Set(q, 1<<27)
		}
		row, err := json.Marshal(spooledReading{Meter: m.ID, AtUs: 1 << 51, StepUs: m.PollInterval.Microseconds(), Quality: 99, Values: r.Values.AppendBinary(nil),
			Layout: 99, Words: make([]byte, spoolWords)})
		if err != nil {
			return SpoolNeed{}, err
		}
		rate := float64(time.Second) / float64(m.PollInterval)
		need.PerSecond += rate
		need.Bytes += int64(rate * SpoolKeeps.Seconds() * float64(len(row)+1))
	}
	need.Bytes += need.Bytes / 20 // pages of the database that are not full
	return need, nil
}

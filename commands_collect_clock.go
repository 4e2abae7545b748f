package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"rigistry/api"
	"rigistry/services/metering"
)

// clockNote remembers whether the collector's clock is off, so that it is said once. The
// uplink's lock owns it.
type clockNote struct {
	log *slog.Logger // nil: nothing is said
	off bool
}

// showClock says in a request what our clock shows, and gives it.
func (u *uplink) showClock(req *http.Request) time.Time {
	now := u.now()
	req.Header.Set("Collector-Clock", now.UTC().Format(time.RFC3339Nano))
	return now
}

// serverTime is what an answer to a batch says of the server's clock; zero when it says
// nothing. A batch is taken all the same.
func serverTime(answer json.RawMessage) time.Time {
	var took api.ReadingBatchAnswer
	if json.Unmarshal(answer, &took) != nil {
		return time.Time{}
	}
	return took.ServerTime
}

// compareClock holds our clock to the server's: its time lies between the request and the
// answer. A server of an older version does not say it. Readings keep our own time
// whatever comes of it: the server judges them.
func (u *uplink) compareClock(began, server time.Time) {
	if server.IsZero() {
		return
	}
	ended := u.now()
	ahead := began.Add(ended.Sub(began) / 2).Sub(server)
	off := max(ahead.Abs()-ended.Sub(began)/2, 0) > metering.ClockWatch
	u.mu.Lock()
	defer u.mu.Unlock()
	if off != u.clock.off && u.clock.log != nil {
		if off {
			u.clock.log.Error("this collector's clock is off: mend its NTP; beyond 30 seconds its readings are marked", "ahead", ahead.Round(time.Millisecond))
		} else {
			u.clock.log.Info("this collector's clock is right again", "ahead", ahead.Round(time.Millisecond))
		}
	}
	u.clock.off = off
}

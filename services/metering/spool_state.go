package metering

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// When somebody should look after a collector's spool, and when at once. They are for a
// spool that holds SpoolKeeps without its server.
const (
	// SpoolWatchPercent and SpoolAlarmPercent are of the quota.
	SpoolWatchPercent = 50
	SpoolAlarmPercent = spoolAlarm
	// SpoolWatchAge and SpoolAlarmAge are how long the oldest batch waits for the server:
	// longer than a restart takes, and a third of what the spool must hold.
	SpoolWatchAge = 15 * time.Minute
	SpoolAlarmAge = SpoolKeeps / 3
	// SpoolSilence is how long a collector, which reports every half a minute, may say nothing.
	SpoolSilence = 5 * time.Minute
	// SpoolForgotten is after how much silence a collector is taken for put away.
	SpoolForgotten = 7 * 24 * time.Hour
	// spoolWindow is how many sequences back missing batches are looked for: at a batch
	// every five seconds nearly 14 hours.
	spoolWindow = 10_000
)

// SpoolLevel is how urgent a spool is.
type SpoolLevel string

// The levels.
const (
	SpoolOK    SpoolLevel = "ok"
	SpoolWatch SpoolLevel = "watch" // somebody should look
	SpoolAlert SpoolLevel = "alarm" // readings are lost, or will be
)

// SpoolReason says what is the matter with a spool.
type SpoolReason string

// The reasons, the most urgent first.
const (
	SpoolFilling SpoolReason = "full"    // of its quota
	SpoolMissing SpoolReason = "missing" // batches never came, and are not in the spool
	SpoolWaiting SpoolReason = "old"     // batches wait for long
	SpoolSilent  SpoolReason = "silent"  // the collector says nothing
	SpoolRefusal SpoolReason = "refused" // batches are set aside
	SpoolClock   SpoolReason = "clock"   // the collector's clock is off
)

// SpoolReport is what a collector says about its spool. It gives ages, not instants: its
// clock may be another than ours, and Clock says by how much.
type SpoolReport struct {
	Collector string
	Quota     int64         // bytes
	Held      int64         // bytes
	Batches   int64         // still to deliver
	Oldest    time.Duration // how long the oldest of them has waited
	Refused   int64         // batches set aside, which the server would not take or nobody can read
	Why       string        // of the newest of them
	// Clock is how far the collector's clock is ahead of ours; nil when it did not say
	// what it shows.
	Clock *time.Duration
}

// SpoolState is the newest report of a spool, judged.
type SpoolState struct {
	SpoolReport
	Utility  string
	Reported time.Time
	Missing  int64 // batches that the server lacks and the spool does not have, of the newest 10,000
	Level    SpoolLevel
	Reasons  []SpoolReason // the most urgent first; none when all is well
}

// Percent is how much of its quota the spool holds.
func (r SpoolReport) Percent() float64 {
	return 100 * float64(r.Held) / float64(max(r.Quota, 1))
}

// judge sets the level and the reasons.
func (s *SpoolState) judge(now time.Time) {
	s.Level, s.Reasons = SpoolOK, nil
	note := func(why SpoolReason, level SpoolLevel) {
		s.Reasons = append(s.Reasons, why)
		if s.Level != SpoolAlert {
			s.Level = level
		}
	}
	at := func(why SpoolReason, watch, alarm bool) {
		switch {
		case alarm:
			note(why, SpoolAlert)
		case watch:
			note(why, SpoolWatch)
		}
	}
	silent := now.Sub(s.Reported)
	age := s.Oldest
	if s.Batches > 0 && silent > SpoolSilence {
		age += silent
	}
	at(SpoolFilling, s.Percent() >= SpoolWatchPercent, s.Percent() >= SpoolAlarmPercent)
	at(SpoolMissing, false, s.Missing > 0)
	at(SpoolWaiting, age >= SpoolWatchAge, age >= SpoolAlarmAge)
	at(SpoolSilent, silent > SpoolSilence, silent > SpoolAlarmAge)
	at(SpoolRefusal, s.Refused > 0, false)
	if s.Clock != nil {
		at(SpoolClock, s.Clock.Abs() > ClockWatch, s.Clock.Abs() > ClockTrusted)
	}
}

// Report measures the spool for the server.
func (s *Spool) Report(ctx context.Context) (SpoolReport, error) {
	s.mu.Lock()
	out := SpoolReport{Collector: s.collector, Quota: s.quota}
	s.mu.Unlock()
	err := s.store.View(ctx, func(tx *store.Tx) error {
		size, err := tx.SpoolSize(s.collector)
		if err != nil {
			return err
		}
		out.Held, out.Batches, out.Refused, out.Oldest = size.Bytes, size.Batches, size.Refused, 0
		if size.Oldest > 0 {
			out.Oldest = max(0, tx.Now.Sub(time.UnixMicro(size.Oldest)))
		}
		out.Why, err = tx.LastRefusal(s.collector)
		return err
	})
	return out, err
}

// maxWhy is how much of a refusal's reason is kept, in characters.
const maxWhy = 300

// ReportSpool keeps what an edge collector says about its spool, with what the server
// lacks of its batches. As for batches, names count per client.
func (s *Service) ReportSpool(ctx context.Context, actor models.Actor, r SpoolReport) error {
	if err := models.Can(actor, models.ActReadingWrite, models.Scope{}); err != nil {
		return err
	}
	var bad models.Invalid
	if r.Collector == "" || len(r.Collector) > 64 {
		bad.Add("/collector", "required", "Name the collector, in at most 64 characters.")
	}
	if r.Quota <= 0 {
		bad.Add("/spool/quota_bytes", "range", "Say how many bytes the spool may hold.")
	}
	if r.Held < 0 || r.Batches < 0 || r.Refused < 0 || r.Oldest < 0 {
		bad.Add("/spool", "range", "What a spool holds is counted from 0.")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	if actor.Collector != "" && actor.Collector != r.Collector {
		r.Collector = actor.Collector + "/" + r.Collector
	}
	why := []rune(r.Why)
	row := store.CollectorReport{Collector: r.Collector, Utility: actor.Utility, Quota: r.Quota, Held: r.Held, Batches: r.Batches,
		OldestUs: r.Oldest.Microseconds(), Refused: r.Refused, RefusedWhy: string(why[:min(len(why), maxWhy)])}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		missing, err := tx.MissingBatches(r.Collector, spoolWindow)
		if err != nil {
			return err
		}
		if r.Clock != nil {
			us := r.Clock.Microseconds()
			row.ClockUs = &us
		}
		row.Missing = max(0, missing-r.Refused) // those are on the collector's disk
		return tx.KeepCollectorReport(row)
	})
}

// Spools gives the spools of the collectors that the actor may see and that have said
// something within SpoolForgotten, by name.
func (s *Service) Spools(ctx context.Context, actor models.Actor) ([]SpoolState, error) {
	if err := models.Can(actor, models.ActMeterRead, models.Scope{}); err != nil {
		return nil, err
	}
	now := s.now()
	var rows []store.CollectorReport
	if err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.CollectorReports(now.Add(-SpoolForgotten))
		return err
	}); err != nil {
		return nil, err
	}
	out := make([]SpoolState, 0, len(rows))
	for _, r := range rows {
		if models.Can(actor, models.ActMeterRead, models.Scope{Utility: r.Utility}) != nil {
			continue
		}
		st := SpoolState{SpoolReport: SpoolReport{Collector: r.Collector, Quota: r.Quota, Held: r.Held, Batches: r.Batches,
			Oldest: time.Duration(r.OldestUs) * time.Microsecond, Refused: r.Refused, Why: r.RefusedWhy},
			Utility: r.Utility, Reported: time.UnixMicro(r.Reported).UTC(), Missing: r.Missing}
		if r.ClockUs != nil {
			ahead := time.Duration(*r.ClockUs) * time.Microsecond
			st.Clock = &ahead
		}
		st.judge(now)
		out = append(out, st)
	}
	return out, nil
}

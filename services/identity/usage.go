package identity

import (
	"context"
	"sync"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// usage counts what clients ask. The mutex owns the fields.
type usage struct {
	mu      sync.Mutex
	clients map[string]*counter
}

// counter is what one client asked of this process.
type counter struct {
	minute  time.Time // the minute that is counted
	checks  int64     // in it
	day     string
	known   int64              // of the day in the database, as of the last flush
	pending models.ClientUsage // since then
	probed  map[string]bool    // different unknown names of the window
	since   time.Time          // when the window began
	alarmed bool
}

func newUsage() *usage { return &usage{clients: map[string]*counter{}} }

// of gives the counter of a client at an instant; the caller holds the mutex.
func (u *usage) of(client string, now time.Time) *counter {
	c := u.clients[client]
	if c == nil {
		c = &counter{}
		u.clients[client] = c
	}
	if minute := now.Truncate(time.Minute); !c.minute.Equal(minute) {
		c.minute, c.checks = minute, 0
		if day := models.LegalDate(now); day != c.day { // at most once a minute: a date costs more than a sum
			c.day, c.known = day, 0
		}
	}
	if !now.Before(c.since.Add(models.ProbeWindow)) {
		c.since, c.probed, c.alarmed = now, nil, false
	}
	return c
}

// Allowance is what a client may still ask.
type Allowance struct {
	Limit     int64         // of the minute, 0 for none
	Remaining int64         // of the minute or the day, whichever is less
	Reset     time.Duration // until the limit that is nearest begins anew
	Wait      time.Duration // what the request waits, for asking after much that is unknown
	Refused   error         // CodeTooMany with RetryAfter
}

// Limits are the registry's own limits of checks, 0 for none.
type Limits struct{ PerMinute, PerDay int64 }

// Admit tells whether a client may ask now. It counts nothing but refusals.
func (s *Service) Admit(client string, own Limits) Allowance {
	now := s.store.Now()
	terms := s.Terms(client)
	if terms.PerMinute > 0 {
		own.PerMinute = terms.PerMinute
	}
	if terms.PerDay > 0 {
		own.PerDay = terms.PerDay
	}
	s.usage.mu.Lock()
	defer s.usage.mu.Unlock()
	c := s.usage.of(client, now)
	a := Allowance{Limit: own.PerMinute, Reset: c.minute.Add(time.Minute).Sub(now)}
	today := c.known + c.pending.Checks
	wait, refuse := models.ProbeVerdict(len(c.probed))
	a.Wait = wait
	switch {
	case refuse:
		a.Refused = tooMany("You asked after very many names that are unknown or not yours. Ask about your own connection points, and wait.", c.since.Add(models.ProbeWindow).Sub(now))
	case own.PerDay > 0 && today >= own.PerDay:
		a.Reset = untilTomorrow(now)
		a.Refused = tooMany("The client has used up its checks of the day. Ask the registry for more.", a.Reset)
	case own.PerMinute > 0 && c.checks >= own.PerMinute:
		a.Refused = tooMany("The client has used up its checks of the minute. Send several as one batch, and wait.", a.Reset)
	}
	a.Remaining = max(0, own.PerMinute-c.checks)
	if own.PerDay > 0 && (own.PerMinute == 0 || own.PerDay-today < a.Remaining) {
		a.Limit, a.Remaining, a.Reset = own.PerDay, max(0, own.PerDay-today), untilTomorrow(now)
	}
	if a.Refused != nil {
		c.pending.Refused++
	}
	return a
}

func tooMany(detail string, wait time.Duration) error {
	refusal := models.Errorf(models.CodeTooMany, "%s", detail)
	refusal.RetryAfter = wait
	return refusal
}

// untilTomorrow is the time to the end of the legal date.
func untilTomorrow(now time.Time) time.Duration {
	start, err := models.StartOfDay(models.AddDays(models.LegalDate(now), 1))
	if err != nil {
		return time.Hour
	}
	return start.Sub(now)
}

// Count adds checks that a client made and the unknown names among what it asked. It
// tells whether the client has begun to look like one that tries names.
func (s *Service) Count(client string, checks int, unknown []string) (probing bool) {
	now := s.store.Now()
	s.usage.mu.Lock()
	defer s.usage.mu.Unlock()
	c := s.usage.of(client, now)
	c.checks += int64(checks)
	c.pending.Checks += int64(checks)
	c.pending.Unknown += int64(len(unknown))
	for _, name := range unknown {
		if _, refused := models.ProbeVerdict(len(c.probed)); refused {
			break // enough is known, and the memory is bounded
		}
		if c.probed == nil {
			c.probed = map[string]bool{}
		}
		c.probed[name] = true
	}
	if _, refused := models.ProbeVerdict(len(c.probed)); refused && !c.alarmed {
		c.alarmed = true
		return true
	}
	return false
}

// ReportProbing says in the ledger and on a desk of the registry that a client tries
// names, once a day.
func (s *Service) ReportProbing(ctx context.Context, actor models.Actor) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		task := models.Task{ID: tx.NewID(), Kind: models.TaskClientProbing, Subject: models.Ref{Kind: "client", ID: actor.ID}, Due: models.LegalDate(tx.Now), Role: models.RoleOfficer}
		made, err := tx.InsertTask(task)
		if err != nil || !made {
			return err
		}
		if _, err := tx.Append(models.Entry{Kind: "task.opened", Subject: models.Ref{Kind: "task", ID: task.ID}, SubjectVersion: 1, Actor: models.System(),
			Body: map[string]any{"kind": task.Kind, "subject_kind": "client", "subject": actor.ID, "due": task.Due, "role": task.Role}}); err != nil {
			return err
		}
		_, err = tx.Append(models.Entry{Kind: "client.probing", Subject: models.Ref{Kind: "client", ID: actor.ID}, Actor: actor,
			Body: map[string]any{"utility": actor.Utility, "window_s": int(models.ProbeWindow / time.Second)}})
		return err
	})
}

const flushEvery = 10 * time.Second

// Flush writes what was counted and learns what other processes counted. What cannot
// be written now is written the next time.
func (s *Service) Flush(ctx context.Context) error {
	s.usage.mu.Lock()
	due := map[string]models.ClientUsage{}
	for id, c := range s.usage.clients {
		if c.pending != (models.ClientUsage{}) {
			c.pending.Day = c.day
			due[id] = c.pending
		}
	}
	s.usage.mu.Unlock()
	if len(due) == 0 {
		return nil
	}
	totals := map[string]models.ClientUsage{}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		for id, u := range due {
			total, err := tx.AddClientUsage(id, u)
			if err != nil {
				return err
			}
			totals[id] = total
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.usage.mu.Lock()
	defer s.usage.mu.Unlock()
	for id, written := range due {
		c := s.usage.clients[id]
		c.pending.Checks -= written.Checks
		c.pending.Refused -= written.Refused
		c.pending.Unknown -= written.Unknown
		c.pending.Day = ""
		if c.day == totals[id].Day {
			c.known = totals[id].Checks
		}
	}
	return nil
}

package licensing

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// queueSoonDays is how many working days ahead a deadline is near.
const queueSoonDays = 2

// Queued is a page of the queue.
type Queued struct {
	Applications []models.Application
	Next         string           // cursor of the next page, "" on the last
	Counts       map[string]int64 // by the groups of severity, whatever the group asked for
	Marks        store.QueueMarks // the legal dates between the groups
}

// Queue gives a page of what the review has under way, the earliest due date first
// and what has none last.
func (s *Service) Queue(ctx context.Context, actor models.Actor, f store.QueueFilter, page store.Page) (out Queued, err error) {
	err = s.view(ctx, actor, models.ActStaffRead, func(tx *store.Tx) error {
		cal, err := calendar(tx)
		if err != nil {
			return err
		}
		f.Marks = queueMarks(cal, models.LegalDate(tx.Now))
		out = Queued{Marks: f.Marks}
		if out.Applications, err = tx.Queue(f, page); err != nil {
			return err
		}
		out.Next = next(out.Applications, page, store.QueueCursor)
		out.Counts, err = tx.QueueCounts(f)
		return err
	})
	return out, err
}

// queueMarks gives the legal dates between the groups of the queue.
func queueMarks(cal models.Calendar, today string) store.QueueMarks {
	week := today
	for d := today; ; d = models.AddDays(d, 1) {
		week = d
		if day, err := time.Parse(time.DateOnly, d); err != nil || day.Weekday() == time.Sunday {
			break
		}
	}
	soon := cal.AddWorkingDays(today, queueSoonDays)
	return store.QueueMarks{Today: today, Soon: soon, Week: max(soon, week)}
}

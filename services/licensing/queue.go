package licensing

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// queueSoonDays is how many working days ahead a deadline is near.
const queueSoonDays = 2

// Queue gives a page of what the review has under way, the earliest due date first
// and what has none last, with the cursor of the next page and the number in every
// group of severity. The numbers follow every filter but the group.
func (s *Service) Queue(ctx context.Context, actor models.Actor, f store.QueueFilter, page store.Page) (out []models.Application, cursor string, counts map[string]int64, err error) {
	err = s.view(ctx, actor, models.ActStaffRead, func(tx *store.Tx) error {
		cal, err := calendar(tx)
		if err != nil {
			return err
		}
		f.Marks = queueMarks(cal, models.LegalDate(tx.Now))
		if out, err = tx.Queue(f, page); err != nil {
			return err
		}
		counts, err = tx.QueueCounts(f)
		return err
	})
	return out, next(out, page, store.QueueCursor), counts, err
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

package ledger

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// MaxWait bounds how long Await waits.
const MaxWait = 30 * time.Second

// awaitPause is the least time between two looks, so that a busy ledger does not
// make every waiting reader look at every commit.
const awaitPause = 200 * time.Millisecond

// Await is Entries that waits, at most so long, while there is nothing: until
// something that passes the filter is sealed.
func (l *Ledger) Await(ctx context.Context, actor models.Actor, from int64, limit int, filter store.EntryFilter, wait time.Duration) (Page, error) {
	page, err := l.Entries(ctx, actor, from, limit, filter)
	if wait = min(wait, MaxWait); err != nil || wait <= 0 || len(page.Entries) > 0 {
		return page, err
	}
	over := time.NewTimer(wait)
	defer over.Stop()
	pause := time.NewTimer(awaitPause)
	defer pause.Stop()
	for {
		changed := l.store.Changed()
		select { // first the pause, then whatever comes: our own commits at once, others' by polling
		case <-ctx.Done():
			return page, ctx.Err()
		case <-over.C:
			return page, nil
		case <-pause.C:
		}
		poll := time.NewTimer(4 * awaitPause)
		select {
		case <-ctx.Done():
			poll.Stop()
			return page, ctx.Err()
		case <-over.C:
			poll.Stop()
			return l.Entries(ctx, actor, from, limit, filter)
		case <-changed:
		case <-poll.C:
		}
		poll.Stop()
		if page, err = l.Entries(ctx, actor, from, limit, filter); err != nil || len(page.Entries) > 0 {
			return page, err
		}
		pause.Reset(awaitPause)
	}
}

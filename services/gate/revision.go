package gate

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// revisionWait is how long a caller waits for a revision that it demands.
const revisionWait = time.Second

// revisionPoll is how often the ledger of another process is looked at meanwhile.
const revisionPoll = 50 * time.Millisecond

// AwaitRevision returns when every decision from now on includes the sealed ledger up to
// a size, such as that of the entry which told the caller of a change. It waits a second
// at most and then gives CodeUnavailable: the gate never answers from less than was
// demanded.
func (s *Service) AwaitRevision(ctx context.Context, size int64) error {
	if s.group.revision.Load() >= size {
		return nil // the index only goes on
	}
	timeout := time.NewTimer(revisionWait)
	defer timeout.Stop()
	for {
		changed := s.store.Changed()
		var head store.LedgerHead
		err := s.store.View(store.At(ctx, store.Moment{}), func(tx *store.Tx) (err error) {
			head, err = tx.Head()
			return err
		})
		if err != nil {
			return err
		}
		if head.Size >= size {
			s.group.stale.Store(true) // the next decision follows first
			return nil
		}
		poll := time.NewTimer(revisionPoll)
		select {
		case <-ctx.Done():
			poll.Stop()
			return ctx.Err()
		case <-timeout.C:
			poll.Stop()
			return &models.Error{Code: models.CodeUnavailable, RetryAfter: time.Second,
				Detail: "The ledger is not yet as long as If-Revision-At-Least demands. Nothing was decided: ask again with the same key."}
		case <-changed:
		case <-poll.C:
		}
		poll.Stop()
	}
}

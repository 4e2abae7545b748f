package metering

import (
	"context"
	"sync"

	"rigistry/models"
)

// outbox holds what links have read until it is delivered. A reading is put there
// without waking anybody; the deliverer comes by the clock, or when a whole batch
// is waiting. When it holds all it may, putting waits: polling slows down rather
// than forget.
type outbox struct {
	full chan struct{} // a batch is waiting

	mu   sync.Mutex
	held []models.Reading
	room chan struct{} // closed when something is taken; nil while nobody waits for that
}

// outboxMost is how many readings wait at most.
const outboxMost = 4 * deliverMost

func newOutbox() *outbox { return &outbox{full: make(chan struct{}, 1)} }

// put adds a reading; it waits while there is no room, unless ctx ends first.
func (o *outbox) put(ctx context.Context, r *models.Reading) {
	o.mu.Lock()
	for len(o.held) >= outboxMost {
		if o.room == nil {
			o.room = make(chan struct{})
		}
		room := o.room
		o.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
			return
		}
		o.mu.Lock()
	}
	o.held = append(o.held, *r)
	whole := len(o.held) == deliverMost
	o.mu.Unlock()
	if whole {
		o.ring()
	}
}

func (o *outbox) ring() {
	select {
	case o.full <- struct{}{}:
	default:
	}
}

// take gives the oldest readings, at most a batch of them, to keep. It rings again
// when another batch is waiting.
func (o *outbox) take() []models.Reading {
	o.mu.Lock()
	defer o.mu.Unlock()
	batch := o.held
	if len(batch) == 0 {
		return nil
	}
	if len(batch) <= deliverMost {
		o.held = make([]models.Reading, 0, min(len(batch)+len(batch)/4, deliverMost))
	} else {
		batch = append([]models.Reading(nil), batch[:deliverMost]...)
		o.held = o.held[:copy(o.held, o.held[deliverMost:])]
	}
	if len(o.held) >= deliverMost {
		o.ring()
	}
	if o.room != nil {
		close(o.room)
		o.room = nil
	}
	return batch
}

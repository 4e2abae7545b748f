package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"rigistry/models"
)

// partsRest is the longest wait before a part is begun again.
const partsRest = 15 * time.Second

// apart are parts without which the gate, the ledger and the people go on: one of them
// that stumbles is logged and begun again, and does not take the others with it.
var apart = map[string]bool{"detection": true, "papers": true, "webhooks": true, "imports": true, "duties": true, "exchanges": true}

// persist runs a part of the server until the context ends or the part fails for good.
// A store that cannot be reached, however long, is no such failure, and neither is any
// fault of a part that stands apart: the part is begun again, since each goes on from
// what it has saved. Until then whoever asks gets the problem of the store, and /readyz
// says so.
func persist(ctx context.Context, log *slog.Logger, name string, part func(context.Context) error) error {
	wait := time.Second
	for {
		began := time.Now()
		err := part(ctx)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		if models.CodeOf(err) != models.CodeUnavailable && !apart[name] {
			return fmt.Errorf("%s: %w", name, err)
		}
		if time.Since(began) > time.Minute {
			wait = time.Second
		}
		log.Error("a part of the server stopped and is begun again", "part", name, "error", err, "wait", wait)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		wait = min(2*wait, partsRest)
	}
}

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

// persist runs a part of the server until the context ends or the part fails for good.
// A store that cannot be reached, however long, is no such failure: the part is begun
// again, since each goes on from what it has saved. Until then whoever asks gets the
// problem of the store, and /readyz says so.
func persist(ctx context.Context, log *slog.Logger, name string, part func(context.Context) error) error {
	wait := time.Second
	for {
		began := time.Now()
		err := part(ctx)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		if models.CodeOf(err) != models.CodeUnavailable {
			return fmt.Errorf("%s: %w", name, err)
		}
		if time.Since(began) > time.Minute {
			wait = time.Second
		}
		log.Error("a part of the server cannot reach the store and is begun again", "part", name, "error", err, "wait", wait)
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

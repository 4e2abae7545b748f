package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rigistry/models"
)

func TestPersist_AStoreThatIsAwayEndsNoPartAndAnyOtherFaultEndsWhatTheGateNeeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := fmt.Errorf("follow: %w", models.Errorf(models.CodeUnavailable, "away"))
		runs, back := 0, time.Now().Add(30*time.Minute)
		err := persist(t.Context(), slog.New(slog.DiscardHandler), "sealer", func(context.Context) error {
			if runs++; time.Now().Before(back) {
				return away
			}
			return errors.New("the ledger went back")
		})
		if err == nil || !strings.Contains(err.Error(), "sealer: the ledger went back") {
			t.Errorf("a fault that does not pass gave %v", err)
		}
		if runs < 100 || time.Since(back) > partsRest {
			t.Errorf("%d runs in half an hour, the last %v after the store was back", runs, time.Since(back))
		}
		runs = 0
		ctx, cancel := context.WithCancel(t.Context())
		if err := persist(ctx, slog.New(slog.DiscardHandler), "detection", func(context.Context) error {
			if runs++; runs == 3 {
				cancel()
			}
			return errors.New("an entry that nobody understands")
		}); err != nil || runs != 3 {
			t.Errorf("a part that stands apart was begun %d times and gave %v", runs, err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		if err := persist(ctx, slog.New(slog.DiscardHandler), "gate", func(context.Context) error { cancel(); return away }); err != nil {
			t.Errorf("a part that the server ends gave %v", err)
		}
	})
}

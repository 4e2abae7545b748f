package store_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func entry(kind string, body any) models.Entry {
	return models.Entry{Kind: kind, Subject: models.Ref{Kind: "test", ID: "1"}, Actor: models.System(), Body: body}
}

func TestStore_SettingsThatDurabilityRestsOnAreAsserted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		settings, err := s.Settings(context.Background())
		if err != nil || len(settings) < 4 {
			t.Fatalf("Settings() = %v, %v; want at least four", settings, err)
		}
		for _, set := range settings {
			if !set.OK {
				t.Errorf("setting %s = %q, want %q", set.Name, set.Got, set.Want)
			}
		}
	})
}

func TestStore_UpdateThatFailsLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		boom := errors.New("boom")
		err := s.Update(ctx, func(tx *store.Tx) error {
			if _, err := tx.Append(entry("test.lost", nil)); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatalf("Update gave %v, want the error of fn", err)
		}
		if n := countEntries(t, s); n != 0 {
			t.Errorf("%d entries after a failed update, want 0", n)
		}
	})
}

func TestStore_ViewCannotWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		err := s.View(context.Background(), func(tx *store.Tx) error {
			_, err := tx.Append(entry("test.forbidden", nil))
			return err
		})
		if err == nil {
			t.Error("an append in a View succeeded")
		}
		if n := countEntries(t, s); n != 0 {
			t.Errorf("%d entries after a View, want 0", n)
		}
	})
}

func TestStore_SixteenConcurrentReadThenWriteWritersLoseNothing(t *testing.T) {
	const writers, each = 16, 25
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		var wg sync.WaitGroup
		errs := make(chan error, writers)
		for range writers {
			wg.Go(func() {
				for range each {
					err := s.Update(ctx, func(tx *store.Tx) error {
						n, err := tx.FollowerPosition("counter")
						if err != nil {
							return err
						}
						return tx.SetFollowerPosition("counter", n+1)
					})
					if err != nil {
						errs <- err
						return
					}
				}
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			t.Errorf("a writer failed: %v", err)
		}
		var got int64
		err := s.View(ctx, func(tx *store.Tx) (err error) {
			got, err = tx.FollowerPosition("counter")
			return err
		})
		if err != nil || got != writers*each {
			t.Errorf("counter = %d (%v), want %d", got, err, writers*each)
		}
	})
}

func TestStore_ReadsOfOneViewSeeOneState(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		err := s.View(ctx, func(tx *store.Tx) error {
			before, err := tx.FollowerPosition("counter")
			if err != nil {
				return err
			}
			if err := s.Update(ctx, func(w *store.Tx) error { return w.SetFollowerPosition("counter", 9) }); err != nil {
				return err
			}
			after, err := tx.FollowerPosition("counter")
			if before != after {
				t.Errorf("one view saw %d and then %d", before, after)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestStore_ChangedWakesOnlyAfterACommitThatAppended(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		changed := s.Changed()
		if err := s.Update(ctx, func(tx *store.Tx) error { return tx.SetFollowerPosition("x", 1) }); err != nil {
			t.Fatal(err)
		}
		select {
		case <-changed:
			t.Error("woken by a commit without an entry")
		default:
		}
		err := s.Update(ctx, func(tx *store.Tx) error { _, err := tx.Append(entry("test.fact", nil)); return err })
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-changed:
		default:
			t.Error("not woken by a commit with an entry")
		}
	})
}

func TestStore_OpenRefusesAnUnknownURL(t *testing.T) {
	_, err := store.Open(context.Background(), "mysql://x", nil)
	if models.CodeOf(err) != models.CodeInvalid || !strings.Contains(err.Error(), "sqlite:") {
		t.Errorf("Open(mysql) = %v, want an invalid error that names what is allowed", err)
	}
}

func TestStore_PendingMigrationsAreRefused(t *testing.T) {
	s, err := store.Open(context.Background(), "sqlite:"+t.TempDir()+"/new.db", storetest.NewClock().Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.RequireMigrated(context.Background()); !errors.Is(err, store.ErrPending) {
		t.Errorf("RequireMigrated on an empty database = %v, want ErrPending", err)
	}
}

func countEntries(t *testing.T, s *store.Store) int {
	t.Helper()
	var n int
	err := s.View(context.Background(), func(tx *store.Tx) error {
		entries, err := tx.UnsealedEntries(1000)
		n = len(entries)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestStore_AnIdempotencyKeyIsClaimedOnceByConcurrentRequests(t *testing.T) {
	const racers = 16
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		claims := make(chan bool, racers)
		var wg sync.WaitGroup
		for range racers {
			wg.Go(func() {
				var kept *store.KeptAnswer
				err := s.Update(ctx, func(tx *store.Tx) (err error) {
					kept, err = tx.ClaimKey("u1", "k1", "d1")
					return err
				})
				claims <- err == nil && kept == nil
			})
		}
		wg.Wait()
		close(claims)
		won := 0
		for claimed := range claims {
			if claimed {
				won++
			}
		}
		if won != 1 {
			t.Errorf("%d of %d requests claimed the key, want 1", won, racers)
		}
	})
}

func TestStore_AKeptAnswerComesBackByteForByte(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store, _ *storetest.Clock) {
		ctx := context.Background()
		want := store.KeptAnswer{Digest: "d1", Status: 201, Headers: map[string]string{"Location": "/v1/x"}, Body: []byte("{\"ә\":1}\n")}
		err := s.Update(ctx, func(tx *store.Tx) error {
			if _, err := tx.ClaimKey("u1", "k1", "d1"); err != nil {
				return err
			}
			return tx.KeepAnswer("u1", "k1", want)
		})
		if err != nil {
			t.Fatal(err)
		}
		var got *store.KeptAnswer
		err = s.Update(ctx, func(tx *store.Tx) (err error) { got, err = tx.ClaimKey("u1", "k1", "d1"); return err })
		if err != nil || got == nil || got.Status != want.Status || string(got.Body) != string(want.Body) || got.Headers["Location"] != "/v1/x" {
			t.Errorf("kept answer = %+v (%v), want %+v", got, err, want)
		}
	})
}

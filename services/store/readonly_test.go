package store_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func names(t *testing.T, folder string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func count(t *testing.T, s *store.Store) (n int64) {
	t.Helper()
	err := s.View(context.Background(), func(tx *store.Tx) (err error) {
		n, err = tx.CountUnsealed()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A database that is evidence gets no file beside it, and one that a server has open
// is read with all that the server committed.
func TestOpenReadOnly_PutsNothingBesideADatabaseAtRestAndSeesAllOfALiveOne(t *testing.T) {
	ctx, clock := context.Background(), storetest.NewClock()
	path := filepath.Join(t.TempDir(), "rigistry.db")
	live, err := store.Open(ctx, "sqlite:"+path, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := live.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	add := func() {
		t.Helper()
		err := live.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.Append(entry("test.kept", nil))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for n := int64(1); n <= 3; n++ {
		add()
		reader, err := store.OpenReadOnly(ctx, path, clock.Now)
		if err != nil {
			t.Fatal(err)
		}
		if got := count(t, reader); got != n {
			t.Errorf("beside a live server: %d entries, want %d", got, n)
		}
		_ = reader.Close()
	}
	if err := live.Close(); err != nil {
		t.Fatal(err)
	}
	before := names(t, filepath.Dir(path))
	reader, err := store.OpenReadOnly(ctx, path, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	if got := count(t, reader); got != 3 {
		t.Errorf("at rest: %d entries, want 3", got)
	}
	if during := names(t, filepath.Dir(path)); len(during) != len(before) {
		t.Errorf("reading put files beside the database: %v, before %v", during, before)
	}
	_ = reader.Close()
	if after := names(t, filepath.Dir(path)); len(after) != len(before) {
		t.Errorf("reading left files beside the database: %v, before %v", after, before)
	}
}

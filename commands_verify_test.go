package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/gate"
	"rigistry/services/ledger"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// sealedFolder makes a data folder with keys and a ledger of twenty entries.
func sealedFolder(t *testing.T) (dir string, keys *Keys, now func() time.Time) {
	t.Helper()
	dir = t.TempDir()
	clock := storetest.NewClock()
	app := &App{Ctx: t.Context(), Now: clock.Now, Config: &Config{Data: dir}, Log: slog.New(slog.DiscardHandler)}
	keys, err := app.Keys()
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "rigistry.db"), clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	log := ledger.New(s, origin, keys.Ledger, clock.Now, app.Log)
	for i := range 20 {
		err := s.Update(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Append(models.Entry{Kind: "test.happened", Subject: models.Ref{Kind: "thing", ID: fmt.Sprintf("subject-%02d", i)},
				Actor: models.System(), Body: map[string]any{"mark": fmt.Sprintf("body-number-%02d", i)}})
			return err
		})
		if err == nil {
			_, err = log.Seal(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Second)
	}
	proof, err := log.Proof(t.Context(), 7)
	if err != nil {
		t.Fatal(err)
	}
	hashes := []string{}
	for _, h := range proof.Path {
		hashes = append(hashes, h.String())
	}
	writeJSON(t, filepath.Join(dir, "proof.json"), map[string]any{"index": 7, "leaf": base64.StdEncoding.EncodeToString(proof.Leaf),
		"hashes": hashes, "checkpoint": proof.Checkpoint.Note})
	if err := os.WriteFile(filepath.Join(dir, "checkpoint.txt"), []byte(proof.Checkpoint.Note), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir, keys, clock.Now
}

func writeJSON(t *testing.T, path string, v any) {
	t.Helper()
	content, err := json.Marshal(v)
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// verify runs `rigistry verify` and gives its exit code and what it printed.
func verify(t *testing.T, now func() time.Time, args ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	code := run(context.Background(), append([]string{"verify"}, args...), strings.NewReader(""), &out, &out, now)
	return code, out.String()
}

func TestVerify_ALedgerPassesAndOneFlippedByteInAnyEntryIsNamed(t *testing.T) {
	dir, _, now := sealedFolder(t)
	if code, out := verify(t, now, "--ledger", dir); code != exitDone || !strings.Contains(out, "20 entries") {
		t.Fatalf("control: exit %d\n%s", code, out)
	}
	path := filepath.Join(dir, "rigistry.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		for _, mark := range []string{fmt.Sprintf(`{"mark":"body-number-%02d"}`, i), fmt.Sprintf("test.happenedthingsubject-%02d", i)} {
			at := bytes.Index(whole, []byte(mark))
			if at < 0 {
				t.Fatalf("%s is not in the file: the test flips nothing", mark)
			}
			changed := bytes.Clone(whole)
			changed[at+len(mark)/2] ^= 1
			if err := os.WriteFile(path, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			if code, out := verify(t, now, "--ledger", dir); code != exitFailed || !strings.Contains(out, fmt.Sprintf("entry %d (", i)) {
				t.Errorf("%s changed: exit %d\n%s", mark, code, out)
			}
		}
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := verify(t, now, "--ledger", dir); code != exitDone {
		t.Errorf("restored: exit %d\n%s", code, out)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, whole) {
		t.Errorf("verifying changed the database (%v)", err)
	}
}

func TestVerify_ProofsAndCheckpointsPassAndChangedOnesFail(t *testing.T) {
	dir, _, now := sealedFolder(t)
	for _, name := range []string{"proof.json", "checkpoint.txt"} {
		path := filepath.Join(dir, name)
		if code, out := verify(t, now, path); code != exitDone || !strings.Contains(out, filepath.Join(dir, "keys", "jwks.json")) {
			t.Fatalf("%s: exit %d\n%s", name, code, out)
		}
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.Replace(whole, []byte("20"), []byte("19"), 1)
		if bytes.Equal(whole, changed) {
			t.Fatalf("%s: nothing was changed", name)
		}
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out := verify(t, now, path); code != exitFailed {
			t.Errorf("%s changed: exit %d\n%s", name, code, out)
		}
	}
}

func TestVerify_APermitPassesAloneAndInItsAnswer(t *testing.T) {
	dir := t.TempDir()
	clock := storetest.NewClock()
	app := &App{Ctx: t.Context(), Now: clock.Now, Config: &Config{Data: dir}}
	keys, err := app.Keys()
	if err != nil {
		t.Fatal(err)
	}
	signed := gate.Permit{ID: "c1", Utility: "u1", ConnectionPoint: "PS12-F03-CP007", License: "KZ18DMA00000042", LicenseVersion: 3, MaxKW: "900",
		DecidedAt: clock.Now(), ValidUntil: clock.Now().Add(time.Hour), Event: models.EventNewConnection}
	token, err := gate.SignPermit(keys.Permit, signed)
	if err != nil {
		t.Fatal(err)
	}
	answer := map[string]any{"id": "c1", "decision": "permit", "max_kw": 900, "valid_until": signed.ValidUntil, "permit": token, "reasons": []any{}}
	bare, whole := filepath.Join(dir, "permit.jws"), filepath.Join(dir, "answer.json")
	if err := os.WriteFile(bare, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	writeJSON(t, whole, answer)
	for _, path := range []string{bare, whole} {
		if code, out := verify(t, clock.Now, path); code != exitDone || !strings.Contains(out, "PS12-F03-CP007") {
			t.Errorf("%s: exit %d\n%s", path, code, out)
		}
	}
	answer["max_kw"] = 1900
	writeJSON(t, whole, answer)
	if code, out := verify(t, clock.Now, whole); code != exitFailed || !strings.Contains(out, "max_kw") {
		t.Errorf("an answer that says more than its permit: exit %d\n%s", code, out)
	}
	clock.Advance(time.Hour)
	if code, out := verify(t, clock.Now, bare); code != exitFailed || !strings.Contains(out, "not valid at this time") {
		t.Errorf("a permit at its end: exit %d\n%s", code, out)
	}
	if code, out := verify(t, clock.Now, "--at", "2026-03-02T04:30:00Z", bare); code != exitDone {
		t.Errorf("the same permit as at its time: exit %d\n%s", code, out)
	}
	other, _, _ := ed25519.GenerateKey(nil)
	jwks := filepath.Join(dir, "other.json")
	writeJSON(t, jwks, map[string]any{"keys": []any{map[string]any{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(other)}}})
	if code, out := verify(t, clock.Now, "--at", "2026-03-02T04:30:00Z", "--keys", jwks, bare); code != exitFailed {
		t.Errorf("with another key: exit %d\n%s", code, out)
	}
	if code, _ := verify(t, clock.Now, "--keys", filepath.Join(dir, "none.json"), bare); code != exitUsage {
		t.Errorf("without keys: exit %d, want %d", code, exitUsage)
	}
	if code, _ := verify(t, clock.Now); code != exitUsage {
		t.Errorf("without a file: exit %d, want %d", code, exitUsage)
	}
}

func TestVerify_ANamedDatabaseIsTheOneThatIsChecked(t *testing.T) {
	dir, _, now := sealedFolder(t)
	if err := os.Rename(filepath.Join(dir, "rigistry.db"), filepath.Join(dir, "copy.db")); err != nil {
		t.Fatal(err)
	}
	named := "sqlite:" + filepath.Join(dir, "copy.db")
	if code, out := verify(t, now, "--ledger", dir, "--database", named); code != exitDone || !strings.Contains(out, "20 entries") {
		t.Errorf("the copy: exit %d\n%s", code, out)
	}
	if code, out := verify(t, now, "--ledger", dir); code == exitDone {
		t.Errorf("without the name there is no database, and it passed\n%s", out)
	}
}

func TestMigrateStatus_MakesNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	var out bytes.Buffer
	code := run(context.Background(), []string{"migrate", "status", "--database", "sqlite:" + path}, strings.NewReader(""), &out, &out, time.Now)
	if _, err := os.Stat(path); code == exitDone || !os.IsNotExist(err) || !strings.Contains(out.String(), "migrate up") {
		t.Errorf("exit %d, the file: %v\n%s", code, err, out.String())
	}
}

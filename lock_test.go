package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rigistry/services/store/storetest"
)

// refusedRun runs a command that must end by itself and gives its exit code and what
// it said.
func refusedRun(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	code = run(ctx, args, strings.NewReader(""), &stdout, &stderr, time.Now)
	if ctx.Err() != nil {
		t.Fatalf("%v was not refused: it ran on", args)
	}
	return code, stderr.String()
}

func TestDemo_LeavesADemonstrationThatRunsAlone(t *testing.T) {
	srv := startDemo(t, t.TempDir(), "")
	before, err := os.ReadFile(filepath.Join(srv.data, "demo", "credentials.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"demo", "--data", srv.data, "--addr", "127.0.0.1:0"},
		{"demo", "--keep", "--data", srv.data, "--addr", "127.0.0.1:0"},
		{"serve", "--data", srv.data, "--addr", "127.0.0.1:0"},
	} {
		if code, said := refusedRun(t, args...); code != exitFailed || !strings.Contains(said, "Another rigistry process") {
			t.Errorf("%v: exit %d, %q; want 1 and the reason", args, code, said)
		}
	}
	s := &script{t: t, server: srv, vars: map[string]string{}, headers: map[string]string{}}
	s.signIn("clerk") // the first goes on with its people
	after, err := os.ReadFile(filepath.Join(srv.data, "demo", "credentials.json"))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the credentials changed (%v)", err)
	}
	srv.kill()
	held, err := holdData(srv.data)
	if err != nil {
		t.Fatalf("the folder of a process that was killed is still held: %v", err)
	}
	_ = held.Close()
}

func TestDemo_WipesNothingBeforeItKnowsThatItCanBegin(t *testing.T) {
	database := storetest.PostgresURL(t)
	srv := startDemo(t, t.TempDir(), database)
	key := filepath.Join(srv.data, "keys", "ledger.key")
	before, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	busy := strings.TrimPrefix(srv.url, "http://")
	unchanged := func(what string) {
		t.Helper()
		if after, err := os.ReadFile(key); err != nil || !bytes.Equal(before, after) {
			t.Fatalf("%s: the keys of the demonstration are gone (%v)", what, err)
		}
	}
	if code, said := refusedRun(t, "demo", "--data", srv.data, "--addr", busy, "--database", database); code != exitFailed || !strings.Contains(said, "address already in use") {
		t.Errorf("a busy port: exit %d, %q", code, said)
	}
	unchanged("a busy port")
	srv.kill()
	if code, said := refusedRun(t, "demo", "--data", srv.data, "--addr", "127.0.0.1:0", "--database", database); code != exitUsage || !strings.Contains(said, "--keep") {
		t.Errorf("a filled database: exit %d, %q", code, said)
	}
	unchanged("a filled database")
	again := startDemo(t, srv.data, database, "--keep")
	s := &script{t: t, server: again, vars: map[string]string{}, headers: map[string]string{}}
	s.signIn("clerk")
}

func TestAddr_ThatIsNoneIsAFaultOfTheConfiguration(t *testing.T) {
	for _, addr := range []string{"nonsense", "127.0.0.1:99999", ":abc"} {
		if code, said := refusedRun(t, "serve", "--data", t.TempDir(), "--addr", addr); code != exitUsage || !strings.Contains(said, "--addr") {
			t.Errorf("--addr %s: exit %d, %q; want 2 and the flag", addr, code, said)
		}
	}
}

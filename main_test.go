package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rigistry/services/store/storetest"
)

// TestMain lets the test binary be the program itself, so that tests can start it
// as a process and kill it.
func TestMain(m *testing.M) {
	if os.Getenv("RIGISTRY_TEST_RUN_MAIN") == "1" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, time.Now)
		stop()
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// server is a demonstration that runs as a process of its own.
type server struct {
	url, data, database string
	process             *exec.Cmd
	credentials         credentials
}

// startDemo starts `rigistry demo` with a short history and waits until it is ready.
func startDemo(t *testing.T, data, database string, extra ...string) *server {
	t.Helper()
	args := append([]string{"demo", "--data", data, "--addr", "127.0.0.1:0", "--history", "3h"}, extra...)
	if database != "" {
		args = append(args, "--database", database)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), "RIGISTRY_TEST_RUN_MAIN=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{data: data, database: database, process: cmd}
	t.Cleanup(s.kill)
	ready := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if _, address, ok := strings.Cut(lines.Text(), "listening on "); ok {
				ready <- strings.TrimSpace(address)
			}
		}
		close(ready)
	}()
	select {
	case s.url = <-ready:
	case <-time.After(3 * time.Minute):
	}
	if s.url == "" {
		t.Fatal("the demonstration did not come up")
	}
	text, err := os.ReadFile(filepath.Join(data, "demo", "credentials.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &s.credentials); err != nil {
		t.Fatal(err)
	}
	return s
}

// kill ends the process at once, as a power cut would.
func (s *server) kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

func (s *server) user(t *testing.T, who string) credentialUser {
	t.Helper()
	role, nth := splitNth(who)
	for _, u := range s.credentials.Users {
		if u.Role == role {
			if nth--; nth == 0 {
				return u
			}
		}
	}
	t.Fatalf("no demo person %q", who)
	return credentialUser{}
}

func (s *server) client(t *testing.T, who string) credentialClient {
	t.Helper()
	role, nth := splitNth(who)
	for _, c := range s.credentials.Clients {
		if c.Role == role {
			if nth--; nth == 0 {
				return c
			}
		}
	}
	t.Fatalf("no demo client %q", who)
	return credentialClient{}
}

func splitNth(who string) (role string, nth int) {
	role, n, _ := strings.Cut(who, " ")
	if n == "2" {
		return role, 2
	}
	return role, 1
}

func TestProgram_TheMainPathRunsEndToEnd(t *testing.T) {
	srv := startDemo(t, t.TempDir(), "")
	for _, file := range []string{"procedure.txt", "refusals.txt", "gate_client.txt"} {
		t.Run(file, func(t *testing.T) { runScript(t, srv, file) })
	}
}

func TestProgram_TheMainPathRunsOnPostgreSQL(t *testing.T) {
	srv := startDemo(t, t.TempDir(), storetest.PostgresURL(t))
	runScript(t, srv, "procedure.txt")
}

func TestProgram_KillNineLosesNoAcknowledgedWriteOnSQLite(t *testing.T) {
	killAndCompare(t, "")
}

func TestProgram_KillNineLosesNoAcknowledgedWriteOnPostgreSQL(t *testing.T) {
	killAndCompare(t, storetest.PostgresURL(t))
}

// killAndCompare writes from several people at once, kills the process in the
// middle, starts it again and looks for every write that was acknowledged.
func killAndCompare(t *testing.T, database string) {
	data := t.TempDir()
	first := startDemo(t, data, database)
	acknowledged := writeUntilKilled(t, first)
	if len(acknowledged) == 0 {
		t.Fatal("nothing was acknowledged before the kill: the test shows nothing")
	}
	second := startDemo(t, data, database, "--keep")
	s := &script{t: t, server: second, vars: map[string]string{}, headers: map[string]string{}}
	s.signIn("clerk")
	for _, id := range acknowledged {
		s.send("GET", "/v1/parties/"+id)
		if s.status != http.StatusOK {
			t.Errorf("party %s was acknowledged and is lost: %d", id, s.status)
		}
	}
	t.Logf("%d acknowledged writes, all there after kill -9", len(acknowledged))
}

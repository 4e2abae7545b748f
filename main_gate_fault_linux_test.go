package main

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"rigistry/api/client"
	"rigistry/services/store/storetest"
)

// faultAsk asks for 10 kW of its own with one short attempt, so that a fault shows as
// what it is and is not waited out.
func (w *town) faultAsk(c *client.Client, n int) (client.Answer, error) {
	return c.Check(w.t.Context(), w.request(n%townPoints, fmt.Sprintf("fault-%s-%d", w.t.Name(), n), 10_000))
}

func impatient(cfg *client.Config) { cfg.Attempts, cfg.Timeout = 1, 5*time.Second }

// mustPermit is the control: with no fault, the same kind of request is permitted.
func (w *town) mustPermit(c *client.Client, n int, when string) client.Answer {
	w.t.Helper()
	a, err := w.faultAsk(c, n)
	if err != nil || !a.Permits(time.Now()) {
		w.t.Fatalf("%s: %s for %+v, %v", when, a.Outcome, a.Reasons, err)
	}
	return a
}

// mustNotPermit checks that there is no answer and that the error says what is wrong.
func (w *town) mustNotPermit(c *client.Client, n int, kinds ...client.Kind) {
	w.t.Helper()
	a, err := w.faultAsk(c, n)
	kind := client.KindOf(err)
	for _, k := range kinds {
		if k == kind && a.Outcome == client.NoAnswer {
			return
		}
	}
	w.t.Fatalf("during the fault: %s, %v; want no answer and one of %v", a.Outcome, err, kinds)
}

// alive checks that the process is the one that was started, so that it recovered by
// itself.
func (w *town) alive() {
	w.t.Helper()
	if err := w.server.Process.Signal(syscall.Signal(0)); err != nil {
		w.t.Fatalf("the server ended: %v", err)
	}
}

func TestGateFault_APartitionFromTheClientIsNeverAPermitAndALostAnswerIsFetched(t *testing.T) {
	w := newTown(t, "")
	w.start()
	server := *w.addr.Load()
	x := newWire(t, func() string { return server })
	through := x.listener.Addr().String()
	w.addr.Store(&through)
	n := 0
	w.mustPermit(w.client(0, nil, impatient), n, "before")
	for mode, kinds := range map[wireMode][]client.Kind{
		wireRefuses: {client.KindTransport}, wireHoles: {client.KindTimeout}, wireCuts: {client.KindTransport, client.KindMalformed},
	} {
		n++
		c := w.client(0, nil, impatient)
		w.mustPermit(c, n, "before it "+string(mode)) // it has its token
		n++
		asked := time.Now()
		x.set(mode)
		w.mustNotPermit(c, n, kinds...)
		x.set(wirePasses)
		r := w.request(n%townPoints, fmt.Sprintf("fault-%s-%d", t.Name(), n), 10_000)
		r.FirstAsked = asked
		first, err := w.client(0, nil).Check(t.Context(), r)
		if err != nil || !first.Permits(time.Now()) {
			t.Fatalf("after it %s: %s, %v", mode, first.Outcome, err)
		}
		second, err := w.client(1, nil).Check(t.Context(), r)
		if err != nil || second.ID != first.ID {
			t.Errorf("after it %s: one key has the answers %s and %s, %v", mode, first.ID, second.ID, err)
		}
	}
	w.alive()
}

func TestGateFault_APartitionFromTheDatabaseIsNeverAPermit(t *testing.T) {
	direct := storetest.PostgresURL(t)
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	database := u.Host
	x := newWire(t, func() string { return database })
	u.Host = x.listener.Addr().String()
	w := newTown(t, direct)
	w.database = u.String()
	w.start()
	c := w.client(0, nil, impatient)
	w.mustPermit(c, 0, "before")
	for i, mode := range []wireMode{wireRefuses, wireHoles} {
		x.set(mode)
		w.mustNotPermit(c, 10+i, client.KindUnavailable, client.KindTimeout)
		x.set(wireRefuses) // what hangs ends
		x.set(wirePasses)
		w.mustPermit(w.client(0, nil), 20+i, "after it "+string(mode))
	}
	w.alive()
}

// The cluster is stopped at once while 16 clients ask, and started again.
func TestGateFault_AStoppedDatabaseIsNeverAPermitAndNothingIsLost(t *testing.T) {
	if os.Getenv("RIGISTRY_TEST_POSTGRES") == "" && os.Getenv("CI") == "" {
		t.Skip("no PostgreSQL: `make test` sees to it, or set RIGISTRY_TEST_POSTGRES")
	}
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && len(d) > len(os.TempDir()); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil { //nolint:gosec // the database's own user has to reach it
			t.Fatal(err)
		}
	}
	cluster := func(verb string) string {
		t.Helper()
		out, err := exec.Command(".ci/postgres", verb, filepath.Join(dir, "pg")).Output()
		if err != nil {
			t.Fatalf("postgres %s: %v\n%s", verb, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	database := cluster("start")
	t.Cleanup(func() { cluster("stop") })
	w := newTown(t, database)
	w.start()
	w.mustPermit(w.client(0, nil), 0, "before")
	cluster("stop")
	c := w.client(0, nil, impatient)
	w.mustNotPermit(c, 1, client.KindUnavailable, client.KindTimeout)
	var (
		wg      sync.WaitGroup
		refused atomic.Int64
		mu      sync.Mutex
		ids     = map[string]bool{}
	)
	for i := range 16 { // they ask while it is away, and go on asking until it is back
		wg.Go(func() {
			var broken atomic.Int64
			if _, err := w.faultAsk(w.client(i, nil, impatient), 100+i); err != nil {
				refused.Add(1)
			}
			a, err := w.client(i, &broken).Check(t.Context(), w.request(i, fmt.Sprintf("patient-%d", i), 10_000))
			if err != nil || !a.Permits(time.Now()) {
				t.Errorf("patient client %d: %s for %+v, %v", i, a.Outcome, a.Reasons, err)
			}
			mu.Lock()
			ids[a.ID] = true
			mu.Unlock()
		})
	}
	cluster("again")
	wg.Wait()
	if len(ids) != 16 {
		t.Errorf("%d answers for 16 keys", len(ids))
	}
	w.alive()
	t.Logf("%d of 16 had no answer while the database was away", refused.Load())
}

// The disk takes no more bytes: no file of the server may grow.
func TestGateFault_AFullDiskIsNeverAPermit(t *testing.T) {
	w := newTown(t, "")
	w.start()
	c := w.client(0, nil, impatient)
	w.mustPermit(c, 0, "before")
	before := w.limitFiles(4096)
	w.mustNotPermit(c, 1, client.KindUnavailable, client.KindTimeout)
	w.mustNotPermit(c, 2, client.KindUnavailable, client.KindTimeout)
	w.limitFiles(before)
	patient := w.client(0, nil)
	w.mustPermit(patient, 1, "after, the key that was refused")
	w.mustPermit(patient, 3, "after")
	w.alive()
	w.kill()
	var out strings.Builder
	if code := run(t.Context(), []string{"verify", "--ledger", w.data}, strings.NewReader(""), &out, &out, time.Now); code != exitDone {
		t.Errorf("verify --ledger ends with %d:\n%s", code, out.String())
	}
}

// limitFiles lets no file of the server be written beyond so many bytes, and gives the
// limit of before.
func (w *town) limitFiles(size uint64) (before uint64) {
	w.t.Helper()
	const fileSize = 1 // RLIMIT_FSIZE
	var old syscall.Rlimit
	if err := prlimit(w.server.Process.Pid, fileSize, nil, &old); err != nil {
		w.t.Fatal(err)
	}
	if err := prlimit(w.server.Process.Pid, fileSize, &syscall.Rlimit{Cur: size, Max: old.Max}, nil); err != nil {
		w.t.Fatal(err)
	}
	return old.Cur
}

func prlimit(pid, resource int, set, old *syscall.Rlimit) error {
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), uintptr(resource), uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(old)), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

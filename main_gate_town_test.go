package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/api/client"
	"rigistry/models"
	"rigistry/services/identity"
	"rigistry/services/store"
)

const (
	townFeeder  = 6_000_000 // W
	townHolder  = "210440038887"
	townPoints  = 64
	townClients = 8
)

// town is a registry with one feeder of 6 MW, 64 points on it that a license of 40 MW
// covers, and API clients of their utility; `rigistry serve` runs over it as a process
// that can be killed and started again while clients go on asking.
type town struct {
	t        *testing.T
	data     string
	database string // URL as the server is given it, "" for the embedded one
	app      *App
	server   *exec.Cmd
	addr     atomic.Pointer[string] // where clients find the server now
	keys     client.Keys
	logins   []identity.Credentials
	utility  string
	feeder   string
	points   []string
	license  string
}

func newTown(t *testing.T, database string) *town {
	t.Helper()
	w := &town{t: t, data: t.TempDir(), database: database}
	w.app = &App{Ctx: t.Context(), Now: time.Now, Config: &Config{Data: w.data, Database: database}, Log: slog.New(slog.DiscardHandler)}
	w.open(func(r *registry) {
		_, err := r.svc.Store.Migrate(t.Context())
		w.must(err)
		_, err = r.svc.Licensing.Seed(t.Context())
		w.must(err)
		w.build(r)
	})
	jwks, err := os.ReadFile(filepath.Join(w.data, "keys", "jwks.json"))
	w.must(err)
	w.keys, err = client.ParseKeys(jwks)
	w.must(err)
	return w
}

func (w *town) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// open opens the registry while no server runs.
func (w *town) open(fn func(r *registry)) {
	w.t.Helper()
	s, err := w.app.openAny(w.t.Context())
	w.must(err)
	defer func() { w.must(s.Close()) }()
	r, err := w.app.assemble(s, "http://127.0.0.1")
	w.must(err)
	fn(r)
}

func (w *town) build(r *registry) {
	ctx, gate, now := w.t.Context(), r.svc.Gate, time.Now().UTC().Truncate(time.Microsecond)
	clerk := models.Actor{ID: "clerk", Kind: "person", Name: "Clerk", Roles: []models.Role{models.RoleClerk}}
	u, err := gate.RegisterUtility(ctx, clerk, models.Utility{Code: "PRES", NameRu: "PRES", Bin: townHolder})
	w.must(err)
	w.utility = u.ID
	pres := models.Actor{ID: "client-PRES", Kind: "client", Name: "PRES", Roles: []models.Role{models.RoleUtility}, Utility: u.ID}
	_, err = gate.RegisterSubstation(ctx, pres, models.Substation{Code: "PS12", Name: "PS12", VoltKV: 110, Limit: 60_000_000})
	w.must(err)
	f, err := gate.RegisterFeeder(ctx, pres, models.Feeder{Code: "PS12-F03", Substation: "PS12", VoltKV: 10, Limit: townFeeder})
	w.must(err)
	w.feeder = f.ID
	meters := map[string]string{}
	for i := range townPoints {
		code := fmt.Sprintf("PS12-F03-CP%03d", i)
		p, err := gate.RegisterConnectionPoint(ctx, pres, models.ConnectionPoint{Code: code, Feeder: "PS12-F03", DeclaredUse: "mining", Permitted: 2_000_000,
			Act: "ACT-1", SupplyNumber: "SC-1", Automation: true, Technical: models.TechnicalConditions{Number: "TC-1", Limit: 1_500_000, Purpose: "mining"}})
		w.must(err)
		w.points, meters["m-"+code] = append(w.points, code), p.ID
	}
	w.license, err = models.NewLicenseNumber("DMA", 42)
	w.must(err)
	w.must(r.svc.Store.Update(ctx, func(tx *store.Tx) error { return w.insert(tx, meters, now) }))
	for i := range townClients {
		c, err := r.svc.Identity.CreateClient(ctx, models.System(), identity.NewClient{Name: fmt.Sprint("client ", i), Role: models.RoleUtility, Utility: u.ID})
		w.must(err)
		w.logins = append(w.logins, c)
	}
}

func (w *town) insert(tx *store.Tx, meters map[string]string, now time.Time) error {
	err := tx.InsertParty(models.Party{ID: "party1", BinOrIin: townHolder, Kind: models.PartyLegalEntity, NameKk: "A", NameRu: "A", Size: models.SizeLarge,
		Resident: true, Kato: "551010000", State: models.PartyActive, Version: 1, Created: now, Updated: now})
	if err != nil {
		return err
	}
	if err := tx.InsertSite(models.Site{ID: "site1", Code: "S-1", Owner: "party1", NameRu: "S", Kato: "551010000", Region: "55", GridZone: "north", Version: 1}); err != nil {
		return err
	}
	err = tx.InsertApplication(models.Application{ID: "app1", Number: "A-1", Kind: models.ApplicationIssue, SubType: models.SubTypeI,
		State: models.ApplicationDraft, Applicant: "party1", ApplicantBin: townHolder, Language: "ru", Version: 1})
	if err != nil {
		return err
	}
	for id, point := range meters {
		err := tx.InsertMeter(models.Meter{ID: id, Code: "M-" + id, Serial: "SN-" + id, URL: "tcp://127.0.0.1:502", Role: models.MeterRevenue,
			Node: models.Ref{Kind: "connection_point", ID: point}, Utility: w.utility, CTNum: 1, CTDen: 1, VTNum: 1, VTDen: 1, PollInterval: time.Second, Version: 1})
		if err != nil {
			return err
		}
		reading := models.Reading{Meter: id, At: now, Quality: models.QualityGood}
		reading.Values.Set(models.QPTotal, 0)
		if _, err := tx.InsertReadings([]models.Reading{reading}); err != nil {
			return err
		}
		if err := tx.SetMeterStates([]store.MeterState{{Latest: reading, Base: reading}}); err != nil {
			return err
		}
	}
	return tx.InsertLicense(models.License{Number: w.license, Version: 1, SubType: models.SubTypeI, State: models.LicenseActive, Holder: "party1", HolderBin: townHolder,
		HolderName: "A", Application: "app1", Approved: 40_000_000, FirstIssued: "2026-01-10", Issued: "2026-01-10", ValidFrom: now.AddDate(0, -1, 0),
		ValidUntil: now.AddDate(2, 0, 0), Verification: "ABCD-EFGH-0042", Drafter: "u1", Signer: "u2", EffectiveAt: now, RecordedAt: now,
		Sites: []models.LicensedSite{{Appendix: "001", Site: "site1", SiteCode: "S-1", ConnectionPoints: w.points, Approved: 40_000_000}}})
}

// start starts the server as a process of its own and waits until it listens.
func (w *town) start() {
	w.t.Helper()
	args := []string{"serve", "--data", w.data, "--addr", "127.0.0.1:0", "--base-url", "http://127.0.0.1", "--checks-per-minute", "1000000", "--checks-per-day", "1000000000"}
	if w.database != "" {
		args = append(args, "--database", w.database)
	}
	self, err := os.Executable()
	w.must(err)
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), "RIGISTRY_TEST_RUN_MAIN=1")
	cmd.Stderr = testLog{w.t}
	out, err := cmd.StdoutPipe()
	w.must(err)
	w.must(cmd.Start())
	w.server = cmd
	w.t.Cleanup(w.kill)
	ready := make(chan string, 1)
	go func() {
		defer close(ready)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if _, address, ok := strings.Cut(lines.Text(), "listening on http://"); ok {
				ready <- strings.TrimSpace(address)
			}
		}
	}()
	select {
	case address := <-ready:
		if address == "" {
			w.t.Fatal("the server did not come up")
		}
		w.addr.Store(&address)
	case <-time.After(time.Minute):
		w.t.Fatal("the server did not come up in a minute")
	}
}

// testLog passes what the server says of errors to the test's log.
type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	if l.t.Context().Err() == nil {
		l.t.Logf("server: %s", strings.TrimSpace(string(p)))
	}
	return len(p), nil
}

// kill ends the server at once, as a power cut would.
func (w *town) kill() {
	_ = w.server.Process.Kill()
	_ = w.server.Wait()
}

// client makes a client that finds the server wherever it is now. broken counts the
// requests that got no answer.
func (w *town) client(n int, broken *atomic.Int64, change ...func(*client.Config)) *client.Client {
	w.t.Helper()
	login := w.logins[n%len(w.logins)]
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: time.Second}).DialContext(ctx, network, *w.addr.Load())
	}}
	w.t.Cleanup(transport.CloseIdleConnections)
	cfg := client.Config{URL: "http://127.0.0.1:9", Issuer: "http://127.0.0.1", Credentials: client.WithSecret(login.Client.ID, login.Secret), Keys: w.keys, Utility: w.utility,
		Now: time.Now, Transport: counting{transport, broken}, Timeout: 2 * time.Second, Attempts: 60, Pause: 10 * time.Millisecond}
	for _, fn := range change {
		fn(&cfg)
	}
	c, err := client.New(cfg)
	w.must(err)
	return c
}

// counting counts the round trips that fail.
type counting struct {
	http.RoundTripper
	broken *atomic.Int64
}

func (c counting) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.RoundTripper.RoundTrip(r)
	if err != nil && c.broken != nil {
		c.broken.Add(1)
	}
	return res, err
}

func (w *town) request(point int, key string, watts int64) client.Request {
	return client.Request{Reference: key, ConnectionPoint: w.points[point], Applicant: townHolder, License: w.license, Watts: watts, Purpose: "mining",
		Event: "new_connection", IdempotencyKey: key}
}

// wire is a connection between two programs that can be cut in several ways.
type wire struct {
	target   func() string
	listener net.Listener

	mu    sync.Mutex
	mode  wireMode
	conns map[net.Conn]bool
}

type wireMode string

const (
	wirePasses  wireMode = "passes"
	wireRefuses wireMode = "refuses"            // nobody is there, and who was connected is not any more
	wireHoles   wireMode = "swallows answers"   // requests arrive, answers do not: a half-open partition
	wireCuts    wireMode = "cuts answers short" // 200 bytes of an answer arrive, then the connection ends
)

func newWire(t *testing.T, target func() string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := &wire{target: target, listener: l, mode: wirePasses, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = l.Close(); x.set(wireRefuses) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go x.carry(c)
		}
	}()
	return x
}

// set changes what the wire does. When it refuses, connections that are open end.
func (x *wire) set(mode wireMode) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.mode = mode
	if mode == wireRefuses {
		for c := range x.conns {
			_ = c.Close()
		}
	}
}

func (x *wire) now() wireMode {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.mode
}

func (x *wire) carry(c net.Conn) {
	defer func() { _ = c.Close() }()
	if x.now() == wireRefuses {
		return
	}
	far, err := net.Dial("tcp", x.target())
	if err != nil {
		return
	}
	defer func() { _ = far.Close() }()
	x.mu.Lock()
	x.conns[c], x.conns[far] = true, true
	x.mu.Unlock()
	defer func() {
		x.mu.Lock()
		delete(x.conns, c)
		delete(x.conns, far)
		x.mu.Unlock()
	}()
	go func() {
		_, _ = io.Copy(far, c)
		_ = far.Close()
	}()
	buffer := make([]byte, 32<<10)
	for {
		n, err := far.Read(buffer)
		if err != nil {
			return
		}
		switch x.now() {
		case wireHoles:
			continue
		case wireCuts:
			_, _ = c.Write(buffer[:min(n, 200)])
			return
		}
		if _, err := c.Write(buffer[:n]); err != nil {
			return
		}
	}
}

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/simulator"
)

// serveSimulated serves a small world whose meters stand behind a plain gateway and
// behind one with Modbus/TCP Security, and gives one meter of each.
func serveSimulated(t *testing.T) (secure, plain models.Meter, with metering.Credentials) {
	t.Helper()
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		t.Fatal(err)
	}
	grid := simulator.DefaultGrid(3, time.Now().AddDate(0, 0, -1))
	for i := range grid.Endpoints {
		grid.Endpoints[i].TLS = grid.Endpoints[i].Name == "GW-F01"
	}
	world, err := simulator.New(grid, profiles.All())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s, err := simulator.Listen(ctx, world, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if with, err = meterCertificates(t.TempDir()).serveSecure(s, time.Now()); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for _, m := range s.Meters() {
		if strings.HasPrefix(m.URL, "tcp+tls://") && secure.Code == "" {
			secure = m
		} else if strings.HasPrefix(m.URL, "tcp://") && plain.Code == "" {
			plain = m
		}
	}
	return secure, plain, with
}

// serveGrid is a grid file with one point to be measured.
const serveGrid = "utility,substation,substation_name,feeder,substation_kv,feeder_kv,substation_limit_kw,feeder_limit_kw,kato,connection_point,declared_use,permitted_kw\n" +
	"PRES,SV,Ertis,SV-F01,110,10,16 MW,4000,551610000,SV-F01-CP1,mining,1200\n"

// registerUtility adds the utility of serveGrid.
func registerUtility(t *testing.T, data string) {
	t.Helper()
	app := &App{Ctx: t.Context(), Stdout: io.Discard, Now: time.Now, Config: &Config{Data: data}, Log: slog.New(slog.DiscardHandler)}
	s, err := app.OpenStore()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	r, err := app.assemble(s, "http://localhost")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.svc.Gate.RegisterUtility(t.Context(), models.System(), models.Utility{Code: "PRES", NameKk: "Торап", NameRu: "Сеть", NameEn: "Grid", Bin: demoBin("020140", 11)}); err != nil {
		t.Fatal(err)
	}
}

// A server that also polls: meters that were imported are read, over TLS too, their
// readings come out of the API, and it ends as soon as it is told to.
func TestServe_CollectReadsImportedMetersAndEndsAtOnce(t *testing.T) {
	secure, plain, with := serveSimulated(t)
	o := newImportOffice(t)
	registerUtility(t, o.data)
	code, out := o.run("import", "grid", o.file("grid.csv", serveGrid))
	if code != exitDone {
		t.Fatalf("import grid: %d %s", code, out)
	}
	rows := "code,role,node,profile,url,unit\n"
	for _, m := range []models.Meter{secure, plain} {
		rows += fmt.Sprintf("%s,revenue,SV-F01-CP1,%s,%s,%d\n", m.Code, m.Profile, m.URL, m.Unit)
	}
	if code, out = o.run("import", "meters", o.file("meters.csv", rows)); code != exitDone {
		t.Fatalf("import meters: %d %s", code, out)
	}
	const password = "wind turbine over a lake 7"
	if code, out = o.run("user", "create", "reader", "--name", "R. Reader", "--role", "officer", "--password-file", o.file("password", password)); code != exitDone {
		t.Fatalf("user create: %d %s", code, out)
	}
	const empty = "tcp://127.0.0.1:9" // a gateway without a meter yet
	srv := startServe(t, o.data, "--collect", "--gateway", empty, "--meter-cert", with.Cert, "--meter-key", with.Key, "--meter-ca", with.CA)
	srv.credentials.Users = []credentialUser{{Role: "officer", Login: "reader", Password: password}}
	s := &script{t: t, server: srv, vars: map[string]string{}, headers: map[string]string{}}
	s.signIn("officer")
	for _, m := range []models.Meter{secure, plain} {
		path := "/v1/readings?meter=" + m.Code
		for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(200 * time.Millisecond) { // polls an event with a deadline
			if s.send("GET", path); s.status == http.StatusOK && len(s.values("items.*.kw")) > 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("no reading of %s at %s within a minute: %d %s", m.Code, m.URL, s.status, s.body)
			}
		}
	}
	for deadline := time.Now().Add(60 * time.Second); !slices.Contains(s.values("items.*.endpoint"), empty); time.Sleep(200 * time.Millisecond) { // polls an event with a deadline
		if s.send("GET", "/v1/commissioning/links"); time.Now().After(deadline) {
			t.Fatalf("the gateway without a meter is not offered for commissioning within a minute: %d %s", s.status, s.body)
		}
	}
	told := time.Now()
	if err := srv.process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := srv.process.Wait(); err != nil {
		t.Errorf("the server did not end well: %v", err)
	}
	if took := time.Since(told); took > 10*time.Second { // a second when nothing else runs
		t.Errorf("it took %v to end", took)
	} else {
		t.Logf("ended in %v", took)
	}
}

func TestServe_CollectRefusesAGatewayThatIsNoneOrThatNobodyPolls(t *testing.T) {
	o := newImportOffice(t)
	if code, out := o.run("serve", "--addr", "127.0.0.1:0", "--collect", "--gateway", "10.1.2.9"); code != exitUsage || !strings.Contains(out, "--gateway 10.1.2.9") {
		t.Errorf("got %d %s for what is no link", code, out)
	}
	if code, out := o.run("serve", "--addr", "127.0.0.1:0", "--gateway", "tcp://10.1.2.9:502"); code != exitUsage || !strings.Contains(out, "give --collect too") {
		t.Errorf("got %d %s without --collect", code, out)
	}
}

func TestServe_CollectRefusesHalfACertificate(t *testing.T) {
	o := newImportOffice(t)
	if code, out := o.run("serve", "--addr", "127.0.0.1:0", "--collect", "--meter-cert", filepath.Join(o.data, "none.pem")); code != exitUsage || !strings.Contains(out, "needs a certificate, its key") {
		t.Errorf("got %d %s", code, out)
	}
}

// startServe starts `rigistry serve` as a process and waits until it listens.
func startServe(t *testing.T, data string, extra ...string) *server {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, append([]string{"serve", "--data", data, "--addr", "127.0.0.1:0"}, extra...)...)
	cmd.Env = append(os.Environ(), "RIGISTRY_TEST_RUN_MAIN=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &server{data: data, process: cmd}
	t.Cleanup(s.kill)
	for lines := bufio.NewScanner(out); s.url == "" && lines.Scan(); {
		_, s.url, _ = strings.Cut(lines.Text(), "listening on ")
	}
	if s.url == "" {
		t.Fatal("the server did not come up")
	}
	return s
}

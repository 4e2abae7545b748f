package metering

import (
	"bytes"
	"context"
	"errors"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"rigistry/models"
)

// The tests in this file talk to Modbus servers that others wrote. They never
// skip: a machine without them fails, saying what to install.
const (
	installPymodbus  = "install them with: apt-get install -y python3-pymodbus python3-serial python3-serial-asyncio"
	installLibmodbus = "install them with: apt-get install -y libmodbus-dev gcc pkg-config"
	debianPython     = "/usr/bin/python3" // the one that Debian's packages belong to
	libmodbusExample = "/usr/share/doc/libmodbus-dev/examples"
)

func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// startServer runs a server until the test ends.
func startServer(t testing.TB, name string, args ...string) *bytes.Buffer {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said: %s", filepath.Base(name), out.String())
		}
	})
	return &out
}

// listening waits until something accepts connections, without using one up.
func listening(t testing.TB, port int) {
	t.Helper()
	want := strings.ToUpper(strconv.FormatInt(int64(port)+0x10000, 16))[1:]
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		table, err := os.ReadFile("/proc/net/tcp")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(table)) {
			f := strings.Fields(line)
			if len(f) > 3 && strings.HasSuffix(f[1], ":"+want) && f[3] == "0A" {
				return
			}
		}
	}
	t.Fatalf("nothing listens on port %d", port)
}

func pymodbus(t testing.TB) string {
	t.Helper()
	if out, err := exec.Command(debianPython, "-c", "import pymodbus.server, serial, serial_asyncio").CombinedOutput(); err != nil {
		t.Fatalf("pymodbus and what it needs are missing (%v: %s); %s", err, bytes.TrimSpace(out), installPymodbus)
	}
	port := freePort(t)
	startServer(t, debianPython, "testdata/pymodbus_server.py", strconv.Itoa(port))
	listening(t, port)
	return "tcp://127.0.0.1:" + strconv.Itoa(port)
}

func TestPymodbus_ShippedProfilesReadItsRegisters(t *testing.T) {
	url := pymodbus(t)
	for _, c := range []struct {
		unit    uint8
		profile string
		want    map[models.Quantity]float64
		none    map[models.Quantity]models.Quality
	}{
		{1, "eastron/sdm630", map[models.Quantity]float64{models.QVL1: 230.5, models.QIL1: 12.25, models.QPTotal: 7603, models.QF: 50.02, models.QEImport: 1234500}, nil},
		{2, "abb/b23", map[models.Quantity]float64{models.QVL1: 230.5, models.QPTotal: -1234.56, models.QF: 50.01, models.QEImport: 123456789012340},
			map[models.Quantity]models.Quality{models.QPF: models.QualityNotAvailable}},
		{3, "siemens/pac3200", map[models.Quantity]float64{models.QVL1: 229.5, models.QPTotal: 3795, models.QEImport: 1234567890}, nil},
		{4, "carlo-gavazzi/em340", map[models.Quantity]float64{models.QVL1: 231.2, models.QPTotal: -3500, models.QF: 50, models.QEImport: 12345600},
			map[models.Quantity]models.Quality{models.QPL1: models.QualityOverflow}},
	} {
		t.Run(c.profile, func(t *testing.T) {
			rows, err := ReadOnce(context.Background(), url, c.unit, c.profile, 2*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			got := map[models.Quantity]Row{}
			for _, r := range rows {
				got[r.Quantity] = r
			}
			for q, want := range c.want {
				if r := got[q]; r.Value == nil || math.Abs(*r.Value-want) > 1e-9*math.Abs(want) {
					t.Errorf("%s: got %+v, want %v", q, r, want)
				}
			}
			for q, quality := range c.none {
				if r := got[q]; r.Value != nil || r.Quality != quality {
					t.Errorf("%s: got %+v, want no value and %s", q, r, quality)
				}
			}
		})
	}
	t.Run("a unit that does not exist", func(t *testing.T) {
		rows, err := ReadOnce(context.Background(), url, 99, "eastron/sdm630", 300*time.Millisecond)
		var failure *ReadError
		if !errors.As(err, &failure) || failure.Kind != FailTimeout || len(rows) != 0 {
			t.Errorf("got %d rows and %v, want none and no answer", len(rows), err)
		}
	})
	t.Run("the collector takes a refused read apart and reads the rest", func(t *testing.T) {
		m := models.Meter{ID: "m2", Code: "m2", URL: url, Unit: 2, Profile: "abb/b23", PollInterval: 200 * time.Millisecond}
		c := collect(t, m)
		r := c.until(t, "has power and energy", func(r models.Reading) bool {
			return r.Values.Has(models.QPTotal) && r.Values.Has(models.QEImport) && r.Values.Has(models.QVL1)
		})
		if p, _ := r.Values.Get(models.QPTotal); p != -1235 {
			t.Errorf("got %d W, want -1235", p)
		}
		if h := c.Health()[0]; h.ExceptionCodes[2] == 0 || len(h.Plan) < 3 {
			t.Errorf("got plan %v after %d exceptions, want more and smaller requests", h.Plan, h.ExceptionCodes[2])
		}
	})
}

// faultServer builds libmodbus' own test server on a free port. It takes one
// connection and ends with it.
func faultServer(t testing.TB) (start func(t testing.TB) *conn) {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(libmodbusExample, "unit-test-server.c"))
	if err != nil {
		t.Fatalf("libmodbus' test server is missing (%v); %s", err, installLibmodbus)
	}
	header, err := os.ReadFile(filepath.Join(libmodbusExample, "unit-test.h"))
	if err != nil {
		t.Fatalf("libmodbus' test server is missing (%v); %s", err, installLibmodbus)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "unit-test.h"), header, 0o600); err != nil {
		t.Fatal(err)
	}
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "libmodbus").Output()
	if err != nil {
		t.Fatalf("pkg-config does not know libmodbus (%v); %s", err, installLibmodbus)
	}
	return func(t testing.TB) *conn {
		t.Helper()
		port := strconv.Itoa(freePort(t))
		c, bin := filepath.Join(dir, "server-"+port+".c"), filepath.Join(dir, "server-"+port)
		if err := os.WriteFile(c, bytes.ReplaceAll(source, []byte("1502"), []byte(port)), 0o600); err != nil {
			t.Fatal(err)
		}
		args := append([]string{"-w", c, "-o", bin}, strings.Fields(string(flags))...)
		if out, err := exec.Command("gcc", args...).CombinedOutput(); err != nil {
			t.Fatalf("compile libmodbus' test server: %v: %s; %s", err, out, installLibmodbus)
		}
		startServer(t, bin, "tcp")
		n, _ := strconv.Atoi(port)
		listening(t, n)
		link, err := dial(context.Background(), "tcp://127.0.0.1:"+port, 250*time.Millisecond, make(chan struct{}, 1), Credentials{}.opener())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(link.close)
		return link
	}
}

func TestLibmodbus_ItsFaultServerNeverGivesAWrongValue(t *testing.T) {
	start := faultServer(t)
	for _, c := range []struct {
		name string
		unit uint8
		req  Request
		kind FailKind
		code uint8
		want []byte // nil: a failure of the kind
	}{
		{"input register", 17, Request{FC: 4, Addr: 0x108, Count: 1}, 0, 0, []byte{0x00, 0x0A}},
		{"outside its registers", 17, Request{FC: 4, Addr: 0x109, Count: 1}, FailException, 2, nil},
		{"busy", 17, Request{FC: 3, Addr: 0x170, Count: 1}, FailException, 6, nil},
		{"wrong transaction id", 17, Request{FC: 3, Addr: 0x171, Count: 1}, FailTimeout, 0, nil},
		{"late by half a second", 17, Request{FC: 3, Addr: 0x172, Count: 1}, FailTimeout, 0, nil},
		{"byte by byte", 255, Request{FC: 3, Addr: 0x173, Count: 1}, 0, 0, []byte{0x00, 0x00}},
		{"fewer registers than asked for", 17, Request{FC: 3, Addr: 0x160, Count: 2}, FailProtocol, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw, err := start(t).read(context.Background(), c.unit, c.req, 250*time.Millisecond)
			if c.want != nil {
				if err != nil || !bytes.Equal(raw, c.want) {
					t.Errorf("got %x and %v, want %x", raw, err, c.want)
				}
				return
			}
			var failure *ReadError
			if !errors.As(err, &failure) || failure.Kind != c.kind || failure.Exception != c.code || raw != nil {
				t.Errorf("got %x and %v, want a failure of kind %d, exception %d", raw, err, c.kind, c.code)
			}
		})
	}
}

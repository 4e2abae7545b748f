package metering

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/models"
)

// authority issues certificates for one test.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	next int64
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.cert, a.key = a.issue(t, "ca", "", func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	})
	return a
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// issue writes NAME.pem and NAME.key, with the role where there is one.
func (a *authority) issue(t testing.TB, name, role string, change func(*x509.Certificate)) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a.next++
	c := &x509.Certificate{SerialNumber: big.NewInt(a.next), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}}
	if role != "" {
		text, err := asn1.MarshalWithParams(role, "utf8")
		if err != nil {
			t.Fatal(err)
		}
		c.ExtraExtensions = []pkix.Extension{{Id: RoleOID, Value: text}}
	}
	if change != nil {
		change(c)
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{name + ".pem": {Type: "CERTIFICATE", Bytes: der}, name + ".key": {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(a.file(file), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func (a *authority) credentials(name string) Credentials {
	return Credentials{Cert: a.file(name + ".pem"), Key: a.file(name + ".key"), CA: a.file("ca.pem")}
}

// startSecureDevice is a device at a TLS port that wants a client's certificate and
// answers the role "reader" only; anybody else gets exception 01, as the standard
// has it. resumed counts handshakes that went on from one before.
func startSecureDevice(t testing.TB, a *authority, name string, resumed *atomic.Int64) *device {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(a.file(name+".pem"), a.file(name+".key"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := tls.NewListener(plain, &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS12})
	good := healthy(7000)
	return serveDevice(t, l, "tcp+tls://", func(c net.Conn, n int, h []byte, u, fc uint8, addr, count uint16) error {
		state := c.(*tls.Conn).ConnectionState()
		if state.DidResume {
			resumed.Add(1)
		}
		if role, _ := RoleOf(state.PeerCertificates[0]); role != "reader" {
			_ = exception(1)(c, n, h, u, fc, addr, count)
			return errors.New("hang up")
		}
		if err := good(c, n, h, u, fc, addr, count); err != nil || n%2 == 0 {
			return err
		}
		return errors.New("hang up after every other answer")
	})
}

func TestSecure_BothSidesShowCertificatesAndTheRoleDecides(t *testing.T) {
	a, stranger := newAuthority(t), newAuthority(t)
	a.issue(t, "meter", "", nil)
	a.issue(t, "reader", "reader", nil)
	a.issue(t, "visitor", "visitor", nil)
	a.issue(t, "nobody", "", nil)
	a.issue(t, "old", "reader", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	a.issue(t, "elsewhere", "", func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(10, 0, 0, 1)} })
	stranger.issue(t, "reader", "reader", nil)
	var resumed atomic.Int64
	d := startSecureDevice(t, a, "meter", &resumed)
	elsewhere := startSecureDevice(t, a, "elsewhere", &resumed)
	foreign := stranger.credentials("reader")
	foreign.CA = a.file("ca.pem")
	for _, c := range []struct {
		name string
		with Credentials
		url  string
		says string
	}{
		{"the reader reads", a.credentials("reader"), d.url, ""},
		{"another role is refused by the device", a.credentials("visitor"), d.url, "illegal function"},
		{"a certificate without a role is not shown", a.credentials("nobody"), d.url, "has no Modbus role"},
		{"no certificate", Credentials{}, d.url, "needs a certificate"},
		{"an expired certificate", a.credentials("old"), d.url, "expired"},
		{"a client of another authority", foreign, d.url, ""},
		{"a meter of another authority", stranger.credentials("reader"), d.url, "unknown authority"},
		{"another host's certificate", a.credentials("reader"), elsewhere.url, "10.0.0.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, err := c.with.ReadOnce(context.Background(), c.url, 1, "eastron/sdm630", 2*time.Second)
			if c.name == "the reader reads" {
				if err != nil || len(rows) != 19 {
					t.Fatalf("got %d rows and %v", len(rows), err)
				}
				return
			}
			if err == nil || len(rows) > 0 || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got %d rows and %v, want an error that says %q", len(rows), err, c.says)
			}
		})
	}
}

func TestSecure_ARenewedCertificateIsUsedAndSessionsAreResumed(t *testing.T) {
	t.Parallel()
	a := newAuthority(t)
	a.issue(t, "meter", "", nil)
	a.issue(t, "client", "visitor", nil)
	var resumed atomic.Int64
	d := startSecureDevice(t, a, "meter", &resumed)
	c := NewCollector(nil, nil, time.Now, discard())
	c.Secure(a.credentials("client"))
	got := run(t, c, meterAt("m1", d.url, 1))
	got.until(t, "says that it was refused", func(r models.Reading) bool { return r.Quality == models.QualityCommError })
	a.issue(t, "client", "reader", nil)
	for range 4 {
		got.until(t, "has power", hasPower("m1", 7000))
	}
	if resumed.Load() == 0 {
		t.Error("no session was resumed")
	}
}

func TestCredentials_CheckNamesWhatIsWrong(t *testing.T) {
	a := newAuthority(t)
	a.issue(t, "reader", "reader", nil)
	a.issue(t, "nobody", "", nil)
	mixed := a.credentials("reader")
	mixed.Key = a.file("nobody.key")
	noCA := a.credentials("reader")
	noCA.CA = a.file("reader.key")
	for name, c := range map[string]struct {
		with Credentials
		says string
	}{
		"right": {a.credentials("reader"), ""}, "none": {Credentials{}, ""}, "no role": {a.credentials("nobody"), "role"},
		"another's key": {mixed, "private key"}, "no authority": {noCA, "no certificate in PEM"}, "no file": {a.credentials("ghost"), "ghost.pem"},
	} {
		err := c.with.Check()
		if (err == nil) != (c.says == "") || (err != nil && !strings.Contains(err.Error(), c.says)) {
			t.Errorf("%s: got %v, want %q", name, err, c.says)
		}
	}
}

func TestEndpoints_AreAcceptedOrRefusedWithWhatToWrite(t *testing.T) {
	for endpoint, ok := range map[string]bool{
		"tcp://10.0.0.1:502": true, "tcp+tls://meter.example:802": true, "udp://10.0.0.1:502": true, "rtuovertcp://h:1/": true, "rtuoverudp://h:1": true,
		"rtu:///dev/ttyS0": true, "rtu:///dev/ttyUSB0?baud=19200&parity=even&stop=2": true,
		"rtu:///dev/ttyS0?baud=1": false, "rtu:///dev/ttyS0?speed=9600": false, "rtu:///etc/passwd": false, "rtu://host:1": false, "tcp://h": false,
		"http://h:80": false, "tcp://h:1/x": false, "": false,
	} {
		if err := checkEndpoint(endpoint); (err == nil) != ok {
			t.Errorf("%q: got %v, want accepted %v", endpoint, err, ok)
		}
	}
}

// A datagram that comes late belongs to nobody: the next question goes out from
// another port.
func TestCollector_RTUOverUDPNeverTakesALateAnswerForTheNext(t *testing.T) {
	t.Parallel()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	var asked atomic.Int64
	go func() {
		var late []byte
		buf := make([]byte, 300)
		for {
			n, from, err := server.ReadFrom(buf)
			if err != nil {
				return
			}
			if n != 8 {
				continue
			}
			count := asked.Add(1)
			answer := rtuAnswer(buf[:8], float32(count))
			if count%4 == 2 {
				late = answer
				continue
			}
			if late != nil {
				answer, late = late, nil
			}
			_, _ = server.WriteTo(answer, from)
		}
	}()
	m := meterAt("m1", "rtuoverudp://"+server.LocalAddr().String(), 1)
	got := collect(t, m)
	last := int64(0)
	for range 4 {
		r := got.until(t, "has values", func(r models.Reading) bool { return r.Values.Len() > 0 })
		p, _ := r.Values.Get(models.QPTotal)
		if p%4 == 2 || p <= last {
			t.Fatalf("got the answer of request %d after that of %d: a late one was taken for a new one", p, last)
		}
		last = p
	}
	if h := got.Health()[0]; h.Timeouts == 0 {
		t.Errorf("no answer was late: %+v", h)
	}
}

package simulator_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/url"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/simulator"
)

// signed makes a certificate of the name, signed by the authority or by itself.
func signed(t *testing.T, name string, by *tls.Certificate) *tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: by == nil, BasicConstraintsValid: true}
	parent, signer := c, any(key)
	if by != nil {
		parent, signer = by.Leaf, by.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func poolOf(c *tls.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(c.Leaf)
	return p
}

// secureGrid is the default one with all meters of its first gateway behind TLS.
func secureGrid(t *testing.T) *simulator.Server {
	t.Helper()
	g := simulator.DefaultGrid(5, start)
	g.Endpoints[0].TLS = true
	s, err := simulator.Listen(t.Context(), newWorld(t, g), func() time.Time { return start.Add(time.Hour) }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestServer_ASecureLinkAnswersOnlyCertificatesThatMayRead(t *testing.T) {
	authority := signed(t, "authority", nil)
	s := secureGrid(t)
	s.Secure(simulator.Security{TLS: &tls.Config{Certificates: []tls.Certificate{*signed(t, "meter", authority)}, ClientCAs: poolOf(authority)},
		MayRead: func(c *x509.Certificate) bool { return c.Subject.CommonName == "reader" }})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	u, err := url.Parse(s.Meters()[0].URL)
	if err != nil || u.Scheme != "tcp+tls" {
		t.Fatalf("the first meter is at %v (%v), want tcp+tls", u, err)
	}
	meters := s.Meters()
	if plain := meters[len(meters)-1].URL; plain[:6] != "tcp://" {
		t.Errorf("a meter of another endpoint is at %s", plain)
	}
	question := []byte{0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2}
	for _, c := range []struct {
		name string
		with []tls.Certificate
		want byte // function code of the answer; 0 without one
	}{
		{"reader", []tls.Certificate{*signed(t, "reader", authority)}, 3},
		{"visitor", []tls.Certificate{*signed(t, "visitor", authority)}, 0x83},
		{"stranger", []tls.Certificate{*signed(t, "reader", signed(t, "another authority", nil))}, 0},
		{"nobody", nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, code := askOverTLS(u.Host, &tls.Config{RootCAs: poolOf(authority), Certificates: c.with, ServerName: "127.0.0.1"}, question)
			if got != c.want || (got == 0x83 && code != 1) {
				t.Errorf("got function %#x with %d, want %#x", got, code, c.want)
			}
		})
	}
	if got, _ := askPlain(u.Host, question); got != 0 {
		t.Errorf("without TLS it answered %#x", got)
	}
}

// askOverTLS gives the function code of the answer and the byte after it; zeros
// when none came.
func askOverTLS(host string, config *tls.Config, question []byte) (function, next byte) {
	conn, err := tls.Dial("tcp", host, config)
	if err != nil {
		return 0, 0
	}
	defer func() { _ = conn.Close() }()
	return exchange(conn, question)
}

func askPlain(host string, question []byte) (function, next byte) {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return 0, 0
	}
	defer func() { _ = conn.Close() }()
	return exchange(conn, question)
}

func exchange(conn net.Conn, question []byte) (function, next byte) {
	answer := make([]byte, 9)
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := conn.Write(question); err != nil {
		return 0, 0
	}
	if _, err := io.ReadFull(conn, answer); err != nil || [2]byte(answer[:2]) != [2]byte(question[:2]) {
		return 0, 0
	}
	return answer[7], answer[8]
}

func TestServer_ASecureLinkIsNotServedWithoutCertificates(t *testing.T) {
	if err := secureGrid(t).Run(t.Context()); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("got %v", err)
	}
}

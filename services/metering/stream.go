package metering

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"rigistry/models"
)

// stream is what frames go over: a connection, a socket, a serial line.
type stream interface {
	Read([]byte) (int, error)
	Write([]byte) (int, error)
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
	Close() error
}

// opener opens the stream of an endpoint.
type opener func(ctx context.Context, u *url.URL, within time.Duration) (stream, error)

// schemes are the ways to a meter.
var schemes = []string{"tcp", "tcp+tls", "udp", "rtuovertcp", "rtuoverudp", "rtu"}

// checkEndpoint accepts what a link can open.
func checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err == nil {
		if u.Scheme == "rtu" && u.Host == "" && strings.HasPrefix(u.Path, "/dev/") {
			_, err = serialSettingsOf(u)
			return err
		}
		for _, s := range schemes {
			if u.Scheme == s && s != "rtu" && u.Hostname() != "" && u.Port() != "" && strings.Trim(u.Path, "/") == "" {
				return nil
			}
		}
	}
	return models.Errorf(models.CodeInvalid, "%q is no Modbus endpoint. Write tcp://host:502, tcp+tls://host:802, udp://host:502, "+
		"rtuovertcp://host:port, rtuoverudp://host:port or rtu:///dev/ttyS0?baud=19200&parity=even.", endpoint)
}

// Credentials are the files for Modbus/TCP Security: both sides show a certificate,
// and the server takes what the client may do from the role in the client's. The
// zero value opens every other kind of endpoint. Files are read again when they
// change, so that a certificate can be renewed while connections stay.
type Credentials struct {
	Cert, Key string // the client's certificate, with its role, and its key
	CA        string // who signs the meters' certificates
}

// RoleOID is the extension of a certificate that holds its role, a UTF8String
// (MB-TCP-Security-v21, R-21).
var RoleOID = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 50316, 802, 1}

// RoleOf gives the role in a certificate; false when it has none. The role may not
// be empty, and there may be only one.
func RoleOf(cert *x509.Certificate) (string, bool) {
	role := ""
	for _, e := range cert.Extensions {
		if !e.Id.Equal(RoleOID) {
			continue
		}
		var text string
		rest, err := asn1.UnmarshalWithParams(e.Value, &text, "utf8")
		if err != nil || len(rest) > 0 || text == "" || role != "" {
			return "", false
		}
		role = text
	}
	return role, role != ""
}

// Check reads the files, and refuses with CodeInvalid what a meter would refuse: a
// certificate without a role, or a key that is not its own.
func (f Credentials) Check() error {
	if f == (Credentials{}) {
		return nil
	}
	_, err := newSecure(f).config("")
	return err
}

// sessions is how many meters' TLS sessions are kept to be resumed.
const sessions = 4096

// secure keeps the configuration that was made of the files.
type secure struct {
	files Credentials

	mu    sync.Mutex
	stamp string
	made  *tls.Config
}

func newSecure(f Credentials) *secure { return &secure{files: f} }

// config gives the configuration for a host, made anew when a file has changed.
func (s *secure) config(host string) (*tls.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stamp := ""
	for _, name := range []string{s.files.Cert, s.files.Key, s.files.CA} {
		info, err := os.Stat(name)
		if err != nil {
			return nil, models.Errorf(models.CodeInvalid, "Modbus over TLS needs a certificate, its key and the meters' authority: %v", err)
		}
		stamp += fmt.Sprintln(name, info.Size(), info.ModTime().UnixNano())
	}
	if s.made == nil || s.stamp != stamp {
		made, err := s.files.load()
		if err != nil {
			return nil, err
		}
		made.ClientSessionCache = tls.NewLRUClientSessionCache(sessions) // a session of the old certificate has its role
		s.made, s.stamp = made, stamp
	}
	config := s.made.Clone()
	config.ServerName = host
	return config, nil
}

func (f Credentials) load() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return nil, models.Errorf(models.CodeInvalid, "%s with %s: %v", f.Cert, f.Key, err)
	}
	if _, ok := RoleOf(pair.Leaf); !ok {
		return nil, models.Errorf(models.CodeInvalid, "%s has no Modbus role (extension %s): a meter would refuse every read. Have it issued with one.", f.Cert, RoleOID)
	}
	text, err := os.ReadFile(f.CA)
	if err != nil {
		return nil, models.Errorf(models.CodeInvalid, "%v", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, models.Errorf(models.CodeInvalid, "%s holds no certificate in PEM form.", f.CA)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// opener opens any endpoint, with the credentials where they are needed.
func (f Credentials) opener() opener {
	s := newSecure(f)
	return func(ctx context.Context, u *url.URL, within time.Duration) (stream, error) {
		if u.Scheme == "rtu" {
			return openSerial(u)
		}
		network := "tcp"
		if strings.HasSuffix(u.Scheme, "udp") {
			network = "udp"
		}
		dialer := &net.Dialer{Timeout: within}
		if u.Scheme != "tcp+tls" {
			return dialer.DialContext(ctx, network, u.Host)
		}
		config, err := s.config(u.Hostname())
		if err != nil {
			return nil, err
		}
		ctx, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		return (&tls.Dialer{NetDialer: dialer, Config: config}).DialContext(ctx, network, u.Host)
	}
}

// isTLS tells whether a connection failed for who the two sides are and not for the
// way between them.
func isTLS(err error) bool {
	var record tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	var alert tls.AlertError
	return errors.As(err, &record) || errors.As(err, &verify) || errors.As(err, &alert)
}

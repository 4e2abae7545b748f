package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/simulator"
)

// readerRole is the Modbus role that simulated meters let read.
const readerRole = "reader"

// How long certificates of simulated meters are good, and how long before their end
// they are made anew.
const (
	meterCertificateFor   = 365 * day
	meterCertificateSpare = 7 * day
)

// meterCertificates is a folder with the certificates of simulated meters: ca.pem,
// who signs; meter.pem with meter.key, what the meters show; reader.pem with
// reader.key, what a collector shows, with its role.
type meterCertificates string

func (d meterCertificates) file(name string) string { return filepath.Join(string(d), name) }

// reader is what a collector shows.
func (d meterCertificates) reader() metering.Credentials {
	return metering.Credentials{Cert: d.file("reader.pem"), Key: d.file("reader.key"), CA: d.file("ca.pem")}
}

// ensure makes the certificates for meters at the hosts, unless there are some that
// are good at the instant and know them.
func (d meterCertificates) ensure(now time.Time, hosts []string) error {
	if d.good(now, hosts) {
		return nil
	}
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return err
	}
	authority, err := d.issue(now, "Simulated meters", meterSigner{}, func(c *x509.Certificate) error {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
		return nil
	}, "ca.pem", "")
	if err != nil {
		return err
	}
	if _, err := d.issue(now, "Simulated meter", authority, func(c *x509.Certificate) error {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		for _, h := range hosts {
			if ip := net.ParseIP(h); ip != nil {
				c.IPAddresses = append(c.IPAddresses, ip)
			} else {
				c.DNSNames = append(c.DNSNames, h)
			}
		}
		return nil
	}, "meter.pem", "meter.key"); err != nil {
		return err
	}
	_, err = d.issue(now, "Collector", authority, func(c *x509.Certificate) error {
		role, err := asn1.MarshalWithParams(readerRole, "utf8")
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		c.ExtraExtensions = []pkix.Extension{{Id: metering.RoleOID, Value: role}}
		return err
	}, "reader.pem", "reader.key")
	return err
}

// good tells whether one authority signed what is there, and for long enough: a start
// that was broken off leaves some of it.
func (d meterCertificates) good(now time.Time, hosts []string) bool {
	authority, err := os.ReadFile(d.file("ca.pem"))
	roots := x509.NewCertPool()
	if err != nil || !roots.AppendCertsFromPEM(authority) || d.reader().Check() != nil {
		return false
	}
	for _, name := range []string{"meter", "reader"} {
		pair, err := tls.LoadX509KeyPair(d.file(name+".pem"), d.file(name+".key"))
		if err != nil {
			return false
		}
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: now.Add(meterCertificateSpare), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
			return false
		}
		if name == "meter" && slices.ContainsFunc(hosts, func(h string) bool { return pair.Leaf.VerifyHostname(h) != nil }) {
			return false
		}
	}
	return true
}

// meterSigner is a certificate with its key; zero signs itself.
type meterSigner struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// issue writes a certificate and, where keyFile has a name, its key.
func (d meterCertificates) issue(now time.Time, name string, by meterSigner, change func(*x509.Certificate) error, certFile, keyFile string) (meterSigner, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return meterSigner{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return meterSigner{}, err
	}
	c := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(meterCertificateFor)}
	if err := change(c); err != nil {
		return meterSigner{}, err
	}
	if by.cert == nil {
		by = meterSigner{c, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, by.cert, key.Public(), by.key)
	if err != nil {
		return meterSigner{}, fmt.Errorf("certificate of %s: %w", name, err)
	}
	err = os.WriteFile(d.file(certFile), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
	if keyFile != "" {
		keyDER, keyErr := x509.MarshalPKCS8PrivateKey(key)
		err = errors.Join(err, keyErr, os.WriteFile(d.file(keyFile), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600))
	}
	if err != nil {
		return meterSigner{}, err
	}
	made, err := x509.ParseCertificate(der)
	return meterSigner{made, key}, err
}

// secureMeters makes the simulated meters show the folder's certificate and let read
// whom its authority gave the role of a reader.
func (d meterCertificates) secureMeters(s *simulator.Server) error {
	pair, err := tls.LoadX509KeyPair(d.file("meter.pem"), d.file("meter.key"))
	if err != nil {
		return models.Errorf(models.CodeInvalid, "The meters' certificate: %v", err)
	}
	text, err := os.ReadFile(d.file("ca.pem"))
	if err != nil {
		return models.Errorf(models.CodeInvalid, "Who signs the meters' certificates: %v", err)
	}
	clients := x509.NewCertPool()
	if !clients.AppendCertsFromPEM(text) {
		return models.Errorf(models.CodeInvalid, "%s holds no certificate in PEM form.", d.file("ca.pem"))
	}
	s.Secure(simulator.Security{
		TLS: &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: clients, MinVersion: tls.VersionTLS12},
		MayRead: func(c *x509.Certificate) bool {
			role, ok := metering.RoleOf(c)
			return ok && role == readerRole
		},
	})
	return nil
}

// serveSecure makes what the simulated meters need, where the grid has a link over
// TLS, and gives what a collector shows; without such a link it makes nothing, and
// the credentials are empty.
func (d meterCertificates) serveSecure(s *simulator.Server, now time.Time) (metering.Credentials, error) {
	var hosts []string
	for _, e := range s.Grid().Endpoints {
		host, _, err := net.SplitHostPort(e.Address)
		if e.TLS && err == nil && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	if len(hosts) == 0 {
		return metering.Credentials{}, nil
	}
	if err := d.ensure(now, hosts); err != nil {
		return metering.Credentials{}, err
	}
	return d.reader(), d.secureMeters(s)
}

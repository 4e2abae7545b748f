package simulator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"net"
	"time"

	"rigistry/models"
)

// Security is what endpoints with "tls" serve Modbus/TCP Security with
// (MB-TCP-Security-v21): both sides show a certificate, and the role in the client's
// decides.
type Security struct {
	TLS     *tls.Config                  // the meters' certificate and who signs those of clients
	MayRead func(*x509.Certificate) bool // whether a client with this certificate may read
}

// handshakeWithin is how long a client may take to show who it is.
const handshakeWithin = 5 * time.Second

// Secure gives the endpoints with "tls" what they show and whom they answer. It is
// called before Run.
func (s *Server) Secure(with Security) {
	with.TLS = with.TLS.Clone()
	with.TLS.ClientAuth = tls.RequireAndVerifyClientCert
	s.secure = with
}

func (s *Server) checkSecure() error {
	for _, e := range s.ends {
		if e.TLS && (s.secure.TLS == nil || s.secure.MayRead == nil) {
			return models.Errorf(models.CodeInvalid, "Endpoint %s is read over TLS: give the certificates of the meters.", e.Name)
		}
	}
	return nil
}

func (s *Server) scheme(endpoint string) string {
	for _, e := range s.ends {
		if e.Name == endpoint && e.TLS {
			return "tcp+tls://"
		}
	}
	return "tcp://"
}

// receive talks with one client, who first has to say who it is where the endpoint
// is secure.
func (s *Server) receive(ctx context.Context, e *endpoint, conn net.Conn) error {
	if !e.TLS {
		return s.converse(ctx, e, conn)
	}
	client := tls.Server(conn, s.secure.TLS)
	if err := s.handshake(ctx, client); err != nil {
		return err
	}
	if s.secure.MayRead(client.ConnectionState().PeerCertificates[0]) {
		return s.converse(ctx, e, client)
	}
	return s.refuse(client)
}

func (s *Server) handshake(ctx context.Context, client *tls.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, handshakeWithin)
	defer cancel()
	return client.HandshakeContext(ctx)
}

// refuse answers every request with exception 01, as the standard has it for a role
// that may not do what it asks.
func (s *Server) refuse(client io.ReadWriter) error {
	for {
		header := make([]byte, 8) // with the function code
		if _, err := io.ReadFull(client, header); err != nil {
			return err
		}
		length := int(binary.BigEndian.Uint16(header[4:]))
		if length < 2 || length > 254 {
			return models.Errorf(models.CodeInvalid, "a frame that is not Modbus/TCP")
		}
		if _, err := io.CopyN(io.Discard, client, int64(length-2)); err != nil {
			return err
		}
		answer := append(header[:7:7], exception(header[7], exFunction)...)
		binary.BigEndian.PutUint16(answer[4:], 3)
		if _, err := client.Write(answer); err != nil {
			return err
		}
	}
}

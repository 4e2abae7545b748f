package api

import (
	"crypto/sha256"
	"crypto/x509"
)

// spkiOf is the SHA-256 of a certificate's public key: it stays the same when the
// certificate is renewed with its key.
func spkiOf(c *x509.Certificate) [sha256.Size]byte { return sha256.Sum256(c.RawSubjectPublicKeyInfo) }

package documents

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
)

// historyPurpose sets the signature of a published history apart from every other
// that the key makes.
const historyPurpose = "rigistry license history\n"

// What follows the signed part of a published history: the digest of
// every byte before it, and the signature.
const historyDigest, historySignature, historyEnd = `,"sha256":"`, `","signature":"`, "\"}"

// SignedHistory writes a published history: what is written through it is signed
// when it is ended.
type SignedHistory struct {
	to  io.Writer
	sum hash.Hash
	key ed25519.PrivateKey
}

// SignHistory begins a published history.
func (i *Issuer) SignHistory(to io.Writer) *SignedHistory {
	return &SignedHistory{to: to, sum: sha256.New(), key: i.key}
}

// Write hands on a part.
func (h *SignedHistory) Write(part []byte) (int, error) {
	h.sum.Write(part) // a hash never fails
	return h.to.Write(part)
}

// End writes the digest, the signature and the end of the JSON object, which must be
// open.
func (h *SignedHistory) End() error {
	digest := hex.EncodeToString(h.sum.Sum(nil))
	signature := ed25519.Sign(h.key, []byte(historyPurpose+digest))
	_, err := io.WriteString(h.to, historyDigest+digest+historySignature+base64.StdEncoding.EncodeToString(signature)+historyEnd)
	return err
}

// VerifyHistory checks a published history, byte for byte, against the keys.
func VerifyHistory(content []byte, digest, signature string, keys []ed25519.PublicKey) error {
	end := historyDigest + digest + historySignature + signature + historyEnd
	signed := len(content) - len(end)
	if signed < 0 || string(content[signed:]) != end {
		return errors.New("it does not end with its digest and signature")
	}
	sum := sha256.Sum256(content[:signed])
	if hex.EncodeToString(sum[:]) != digest {
		return errors.New("its lines are not those that were signed: at least one byte was changed")
	}
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return errors.New("its signature is no base64")
	}
	for _, k := range keys {
		if ed25519.Verify(k, []byte(historyPurpose+digest), raw) {
			return nil
		}
	}
	return errors.New("no key of the registry made its signature")
}

package client

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Permit is what a signed permit says.
type Permit struct {
	ID              string      `json:"id"`
	Utility         string      `json:"utility"` // id of whom it was given to
	ConnectionPoint string      `json:"cp"`
	License         string      `json:"license"`
	LicenseVersion  int64       `json:"version"`
	MaxKW           json.Number `json:"max_kw"`
	ValidUntil      time.Time   `json:"valid_until"` // half-open
	DecidedAt       time.Time   `json:"decided_at"`
	RulesVersion    string      `json:"rules_version"`
	Revision        int64       `json:"revision"`
	FactsDigest     string      `json:"facts_digest"`
	Event           string      `json:"event"`
	Reference       string      `json:"reference"`
}

// The types of permits: signed one by one, and signed by batches with a proof that the
// permit is in the batch.
const (
	permitType = "gate-permit+jws"
	batchType  = "gate-permit-batch+jws"
)

// maxPath is more than any batch needs.
const maxPath = 40

// ErrForm says that a text is not what a pinned key signed; ErrTime that it is, and
// that its time is over or has not come.
var (
	ErrForm = errors.New("it is not what a known key signed")
	ErrTime = errors.New("it is not valid at this time")
)

// Keys are public keys of the registry by key id.
type Keys map[string]ed25519.PublicKey

// ParseKeys reads the registry's keys for permits and status lists from a JWKS, as
// /.well-known/jwks.json gives it.
func ParseKeys(jwks []byte) (Keys, error) {
	var set struct {
		Keys []struct {
			Kty     string `json:"kty"`
			Crv     string `json:"crv"`
			X       string `json:"x"`
			Purpose string `json:"purpose"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(jwks, &set); err != nil {
		return nil, fault(KindConfig, "the keys are no JWKS: %w", err)
	}
	keys := Keys{}
	for _, k := range set.Keys {
		if k.Kty != "OKP" || k.Crv != "Ed25519" || k.Purpose != "" && k.Purpose != "permit" {
			continue
		}
		x, err := base64.RawURLEncoding.Strict().DecodeString(k.X)
		if err != nil || len(x) != ed25519.PublicKeySize {
			return nil, fault(KindConfig, "the JWKS has an Ed25519 key that is none")
		}
		keys[keyID(x)] = x
	}
	if len(keys) == 0 {
		return nil, fault(KindConfig, "the JWKS has no Ed25519 key for permits")
	}
	return keys, nil
}

func keyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

// VerifyPermit checks a permit with public keys alone, as at an instant. It takes the
// one form that the gate writes; any other text is refused with ErrForm. A permit that
// is good but for the time comes back with ErrTime.
func VerifyPermit(text string, keys Keys, at time.Time) (Permit, error) {
	var p Permit
	if err := openPermit(text, keys, &p); err != nil {
		return Permit{}, err
	}
	if at.Before(p.DecidedAt) || !at.Before(p.ValidUntil) {
		return p, fmt.Errorf("%w: it is valid from %s until %s", ErrTime, p.DecidedAt.Format(time.RFC3339), p.ValidUntil.Format(time.RFC3339))
	}
	return p, nil
}

func openPermit(text string, keys Keys, p *Permit) error {
	c, err := splitCompact(text)
	if err != nil {
		return err
	}
	if !bytes.Contains(c.header, []byte(`"typ":"`+batchType+`"`)) {
		return c.open(permitType, keys, p)
	}
	return c.openBatch(keys, p)
}

// compact is the three parts of a compact text.
type compact struct {
	header, payload, signature []byte
	signed                     string // the first two parts as written
}

func splitCompact(text string) (compact, error) {
	texts := strings.Split(text, ".")
	if len(texts) != 3 {
		return compact{}, fmt.Errorf("%w: it has not three parts", ErrForm)
	}
	var parts [3][]byte
	for i, t := range texts {
		b, ok := decode64(t)
		if !ok {
			return compact{}, fmt.Errorf("%w: part %d is not base64url", ErrForm, i+1)
		}
		parts[i] = b
	}
	return compact{header: parts[0], payload: parts[1], signature: parts[2], signed: texts[0] + "." + texts[1]}, nil
}

// decode64 reads base64url in its one written form.
func decode64(text string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return b, err == nil && base64.RawURLEncoding.EncodeToString(b) == text
}

func (c compact) open(typ string, keys Keys, v any) error {
	var h struct {
		Algorithm string `json:"alg"`
		Type      string `json:"typ"`
		KeyID     string `json:"kid"`
	}
	if !oneForm(c.header, &h) || h.Algorithm != "EdDSA" || h.Type != typ {
		return fmt.Errorf("%w: its header is of another type", ErrForm)
	}
	return c.check(keys[h.KeyID], h.KeyID, []byte(c.signed), v)
}

// check checks the signature over what was signed, then reads the payload.
func (c compact) check(key ed25519.PublicKey, kid string, signed []byte, v any) error {
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, signed, c.signature) {
		return fmt.Errorf("%w: no known key with the id %q signed it", ErrForm, kid)
	}
	if !oneForm(c.payload, v) {
		return fmt.Errorf("%w: its content is not of the form that is signed", ErrForm)
	}
	return nil
}

// openBatch reads a permit whose signature is over the root of the batch it is in.
func (c compact) openBatch(keys Keys, p *Permit) error {
	var h struct {
		Algorithm string   `json:"alg"`
		Type      string   `json:"typ"`
		KeyID     string   `json:"kid"`
		Batch     string   `json:"batch"`
		Index     int64    `json:"index"`
		Size      int64    `json:"size"`
		Path      []string `json:"path"`
	}
	if !oneForm(c.header, &h) || h.Algorithm != "EdDSA" || h.Type != batchType || h.Path == nil ||
		len(h.Path) > maxPath || strings.ContainsRune(h.Batch, '\n') {
		return fmt.Errorf("%w: its header is of another type", ErrForm)
	}
	root, ok := rootOf(c.payload, h.Index, h.Size, h.Path)
	if !ok {
		return fmt.Errorf("%w: its path does not lead to a root", ErrForm)
	}
	signed := "rigistry/gate-batch/v1\n" + h.Batch + "\n" + strconv.FormatInt(h.Size, 10) + "\n" + base64.RawURLEncoding.EncodeToString(root) + "\n"
	return c.check(keys[h.KeyID], h.KeyID, []byte(signed), p)
}

// rootOf gives the root that an inclusion proof leads to (RFC 9162, section 2.1.3.2).
func rootOf(payload []byte, index, size int64, path []string) (root []byte, ok bool) {
	if index < 0 || index >= size {
		return nil, false
	}
	hash := sha256.Sum256(append([]byte{0}, payload...))
	at, last := index, size-1
	for _, text := range path {
		p, ok := decode64(text)
		if !ok || len(p) != sha256.Size || last == 0 {
			return nil, false
		}
		if at&1 == 1 || at == last {
			hash = node(p, hash[:])
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			hash = node(hash[:], p)
		}
		at, last = at>>1, last>>1
	}
	return hash[:], last == 0
}

func node(left, right []byte) [sha256.Size]byte {
	return sha256.Sum256(append(append([]byte{1}, left...), right...))
}

// oneForm reads v from its one written form: no other fields, order or spaces.
func oneForm(b []byte, v any) bool {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if dec.Decode(v) != nil {
		return false
	}
	again, err := json.Marshal(v)
	return err == nil && bytes.Equal(again, b)
}

package gate

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"rigistry/models"
)

// Permit is what a signed permit says. Its JSON is the signed form and never
// changes within a type; power is in kW because people read it.
type Permit struct {
	ID              string           `json:"id"`
	Utility         string           `json:"utility"`
	ConnectionPoint string           `json:"cp"`
	License         string           `json:"license"`
	LicenseVersion  int64            `json:"version"`
	MaxKW           json.Number      `json:"max_kw"`
	ValidUntil      time.Time        `json:"valid_until"` // half-open
	DecidedAt       time.Time        `json:"decided_at"`
	RulesVersion    string           `json:"rules_version"`
	Revision        int64            `json:"revision"`
	FactsDigest     string           `json:"facts_digest"`
	Event           models.GateEvent `json:"event"`
	Reference       string           `json:"reference"`
}

// PermitType is the typ of the header of a permit.
const PermitType = "gate-permit+jws"

type permitHeader struct {
	Algorithm string `json:"alg"`
	Type      string `json:"typ"`
	KeyID     string `json:"kid"`
}

// ErrPermit says that a text is not a permit that a known key signed;
// ErrPermitExpired that it was one, and its time is over or has not come.
var (
	ErrPermit        = errors.New("not a valid permit")
	ErrPermitExpired = errors.New("the permit is not valid at this time")
)

// KeyID names a public key: the first eight bytes of its SHA-256 in hex.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return hex.EncodeToString(sum[:8])
}

func permitOf(a Answer, utility string, event models.GateEvent) Permit {
	return Permit{ID: a.ID, Utility: utility, ConnectionPoint: a.ConnectionPoint, License: a.License, LicenseVersion: a.LicenseVersion,
		MaxKW: kilowatts(a.Max), ValidUntil: a.ValidUntil, DecidedAt: a.DecidedAt, RulesVersion: a.RulesVersion, Revision: a.Revision,
		FactsDigest: a.FactsDigest, Event: event, Reference: a.Reference}
}

// kilowatts writes whole watts as kW exactly, without a float in between.
func kilowatts(w models.Watts) json.Number {
	s := fmt.Sprintf("%d.%03d", w/1000, w%1000)
	return json.Number(strings.TrimSuffix(strings.TrimRight(s, "0"), "."))
}

// SignPermit writes a permit that is signed alone, as a compact JWS (EdDSA).
func SignPermit(key ed25519.PrivateKey, p Permit) (string, error) { return signJWS(key, PermitType, p) }

// VerifyPermit checks a permit with public keys alone, as at an instant. It takes
// the forms that SignPermit and SignPermits write, so any other text, however close, is refused
// with ErrPermit. A permit that is good but for the time comes back with
// ErrPermitExpired.
func VerifyPermit(token string, keys []ed25519.PublicKey, at time.Time) (Permit, error) {
	var p Permit
	if err := openPermit(token, keys, &p); err != nil {
		return Permit{}, fmt.Errorf("%w: %w", ErrPermit, err)
	}
	if at.Before(p.DecidedAt) || !at.Before(p.ValidUntil) {
		return p, fmt.Errorf("%w: it is valid from %s until %s", ErrPermitExpired, p.DecidedAt.Format(time.RFC3339), p.ValidUntil.Format(time.RFC3339))
	}
	return p, nil
}

// openPermit reads a permit that was signed alone or with others.
func openPermit(token string, keys []ed25519.PublicKey, p *Permit) error {
	alone := openJWS(token, PermitType, keys, p)
	if alone == nil {
		return nil
	}
	*p = Permit{}
	if err := openPermitBatch(token, keys, p); err != nil {
		return fmt.Errorf("%w; of a batch: %w", alone, err)
	}
	return nil
}

// strictJSON reads v from its one written form: no other fields, order or spaces.
func strictJSON(b []byte, v any) bool {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if dec.Decode(v) != nil {
		return false
	}
	again, err := json.Marshal(v)
	return err == nil && bytes.Equal(again, b)
}

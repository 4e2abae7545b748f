package identity

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// KeyUse says what a published key signs.
type KeyUse string

// What keys sign.
const (
	KeyToken    KeyUse = "token"
	KeyPermit   KeyUse = "permit"
	KeyLedger   KeyUse = "ledger"
	KeyDocument KeyUse = "document"
	KeyTrial    KeyUse = "test" // answers of the test mode: worth nothing anywhere else
)

// PublicKey is a verification key in the published set.
type PublicKey struct {
	KID string
	Use KeyUse
	Key ed25519.PublicKey
}

// SigningKey signs tokens.
type SigningKey struct {
	KID     string
	Private ed25519.PrivateKey
}

// Public is the half that is published.
func (k SigningKey) Public() PublicKey {
	return PublicKey{KID: k.KID, Use: KeyToken, Key: k.Private.Public().(ed25519.PublicKey)}
}

// jwk is a key of the set, RFC 8037. Purpose is ours; RFC 7517 lets readers
// ignore members they do not know.
type jwk struct {
	KTY     string `json:"kty"`
	CRV     string `json:"crv"`
	X       string `json:"x"`
	Y       string `json:"y,omitempty"`
	KID     string `json:"kid,omitempty"`
	Alg     string `json:"alg,omitempty"`
	Use     string `json:"use,omitempty"`
	Purpose string `json:"purpose,omitempty"`
}

// publish gives the token keys by kid and the whole set as JSON.
func publish(keys []PublicKey) (map[string]ed25519.PublicKey, []byte, error) {
	set := struct {
		Keys []jwk `json:"keys"`
	}{Keys: []jwk{}}
	tokens, seen := map[string]ed25519.PublicKey{}, map[string]PublicKey{}
	for _, k := range keys {
		if k.KID == "" || len(k.Key) != ed25519.PublicKeySize {
			return nil, nil, fmt.Errorf("identity: the %s key %q is not an Ed25519 key with a kid", k.Use, k.KID)
		}
		if before, ok := seen[k.KID]; ok {
			if before.Key.Equal(k.Key) && before.Use == k.Use {
				continue
			}
			return nil, nil, fmt.Errorf("identity: two keys have the kid %q", k.KID)
		}
		seen[k.KID] = k
		if k.Use == KeyToken {
			tokens[k.KID] = k.Key
		}
		set.Keys = append(set.Keys, jwk{
			KTY: "OKP", CRV: "Ed25519", X: base64.RawURLEncoding.EncodeToString(k.Key),
			KID: k.KID, Alg: "EdDSA", Use: "sig", Purpose: string(k.Use),
		})
	}
	text, err := json.Marshal(set)
	if err != nil {
		return nil, nil, fmt.Errorf("encode the key set: %w", err)
	}
	return tokens, text, nil
}

// JWKS is the JSON Web Key Set of the token, permit, ledger and document keys.
func (s *Service) JWKS() []byte { return append([]byte(nil), s.keySet...) }

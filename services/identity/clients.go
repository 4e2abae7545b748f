package identity

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"rigistry/models"
	"rigistry/services/store"
)

// NewClient is an API client to add.
type NewClient struct {
	Name      string
	Role      models.Role // utility or collector
	Utility   string      // utility id, required for a utility
	Collector string      // collector id, required for a collector
	// PublicJWK is a JSON Web Key, Ed25519 or P-256, for private_key_jwt; "" for
	// a client that only has the secret.
	PublicJWK string
}

// Credentials are a new client with its secret, which is shown once.
type Credentials struct {
	Client models.Client
	Secret string
}

// CreateClient adds an API client. CodeInvalid names the wrong fields.
func (s *Service) CreateClient(ctx context.Context, actor models.Actor, n NewClient) (Credentials, error) {
	if err := models.Can(actor, models.ActUserAdmin, models.Scope{}); err != nil {
		return Credentials{}, err
	}
	n.Name = strings.TrimSpace(n.Name)
	var v models.Invalid
	if n.Name == "" || len(n.Name) > maxName {
		v.Add("/name", "required", "Give the client a name, at most %d bytes.", maxName)
	}
	switch {
	case n.Role != models.RoleUtility && n.Role != models.RoleCollector:
		v.Add("/role", "unknown", "A client is a utility or a collector.")
	case n.Role == models.RoleUtility && n.Utility == "":
		v.Add("/utility", "required", "Give the id of the utility.")
	case n.Role == models.RoleCollector && n.Collector == "":
		v.Add("/collector", "required", "Give the id of the collector.")
	}
	if n.PublicJWK != "" {
		if _, _, err := parseJWK(n.PublicJWK); err != nil {
			v.Add("/public_jwk", "key", "This is not a usable public key: %v.", err)
		}
	}
	if err := v.Err(); err != nil {
		return Credentials{}, err
	}
	secret, hash, err := newSecret()
	if err != nil {
		return Credentials{}, err
	}
	var made models.Client
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		made = models.Client{
			ID: tx.NewID(), Name: n.Name, Role: n.Role, Utility: n.Utility, Collector: n.Collector, PublicJWK: n.PublicJWK,
			Version: 1, Created: tx.Now, Updated: tx.Now,
		}
		if err := tx.InsertClient(made, hash); err != nil {
			return err
		}
		_, err := tx.Append(models.Entry{
			Kind: "client.created", Subject: models.Ref{Kind: "client", ID: made.ID}, SubjectVersion: made.Version, Actor: actor,
			Body: clientFact{Name: made.Name, Role: made.Role, Utility: made.Utility, Collector: made.Collector},
		})
		return err
	})
	if err != nil {
		return Credentials{}, err
	}
	return Credentials{Client: made, Secret: secret}, nil
}

type clientFact struct {
	Name      string      `json:"name"`
	Role      models.Role `json:"role"`
	Utility   string      `json:"utility,omitempty"`
	Collector string      `json:"collector,omitempty"`
}

// Clients lists API clients by id; the cursor is the last id.
func (s *Service) Clients(ctx context.Context, actor models.Actor, page store.Page) (out []models.Client, err error) {
	if err := models.Can(actor, models.ActUserAdmin, models.Scope{}); err != nil {
		return nil, err
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		out, err = tx.Clients(page)
		return err
	})
	return out, err
}

// DisableClient stops an API client; its tokens are refused from now on. Doing
// it again changes nothing.
func (s *Service) DisableClient(ctx context.Context, actor models.Actor, id string) (out models.Client, err error) {
	if err := models.Can(actor, models.ActUserAdmin, models.Scope{}); err != nil {
		return models.Client{}, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if out, _, err = tx.Client(id); err != nil || !out.Disabled.IsZero() {
			return err
		}
		if err := tx.DisableClient(id, out.Version); err != nil {
			return err
		}
		out.Disabled, out.Updated, out.Version = tx.Now, tx.Now, out.Version+1
		_, err := tx.Append(models.Entry{
			Kind: "client.disabled", Subject: models.Ref{Kind: "client", ID: id}, SubjectVersion: out.Version, Actor: actor, Body: struct{}{},
		})
		return err
	})
	s.tokens.forget(id)
	return out, err
}

// parseJWK reads a public key and the one algorithm it may be used with.
func parseJWK(text string) (key any, alg string, err error) {
	var raw map[string]any
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, "", errors.New("it is not JSON")
	}
	if _, private := raw["d"]; private {
		return nil, "", errors.New("it holds the private key; keep that to yourself and make a new pair")
	}
	var k jwk
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return nil, "", errors.New("a member has the wrong type")
	}
	x, err := base64.RawURLEncoding.Strict().DecodeString(k.X)
	if err != nil || strings.ContainsAny(k.X+k.Y, "\r\n") {
		return nil, "", errors.New("x or y is not base64url")
	}
	switch {
	case k.KTY == "OKP" && k.CRV == "Ed25519" && (k.Alg == "" || k.Alg == "EdDSA") && len(x) == ed25519.PublicKeySize:
		return ed25519.PublicKey(x), "EdDSA", nil
	case k.KTY == "EC" && k.CRV == "P-256" && (k.Alg == "" || k.Alg == "ES256"):
		y, err := base64.RawURLEncoding.Strict().DecodeString(k.Y)
		if err != nil || len(x) != 32 || len(y) != 32 {
			return nil, "", errors.New("x and y must be 32 bytes in base64url")
		}
		uncompressed := append(append([]byte{4}, x...), y...) // SEC 1, section 2.3.3
		pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), uncompressed)
		if err != nil {
			return nil, "", errors.New("the point is not on the curve")
		}
		return pub, "ES256", nil
	}
	return nil, "", errors.New("use Ed25519 with EdDSA or P-256 with ES256")
}

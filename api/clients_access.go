package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"rigistry/models"
	"rigistry/services/identity"
)

func (s *Server) accessRoutes() []route {
	return []route{
		handle("GET", "/v1/access/clients", models.ActAccessOwn, "Access", "The API clients of one's own utility: keys, terms, what they asked today", s.listAccess),
		handle("GET", "/v1/access/clients/{id}", models.ActAccessOwn, "Access", "One API client with its keys and terms", s.getAccess),
		handle("POST", "/v1/access/clients/{id}/keys", models.ActAccessOwn, "Access", "Register a further key, proven by itself and by a key in use or a code", s.postClientKey).with(http.StatusCreated),
		handle("POST", "/v1/access/clients/{id}/keys/{credential}/retirement", models.ActAccessOwn, "Access", "End a key; tokens made with it end with it", s.retireClientKey),
		handle("POST", "/v1/access/clients/{id}/code", models.ActAccessCode, "Access", "A one-time code with which the client may register a key; shown once", s.postClientCode).stepUp(),
		handle("PUT", "/v1/access/clients/{id}/terms", models.ActUserAdmin, "Access", "Decide how much a client may ask and on what terms", s.putClientTerms),
	}
}

// ClientKeyWire is a credential of a client.
type ClientKeyWire struct {
	ID        string     `json:"id" doc:"Thumbprint of the key (RFC 7638); secret for the client's secret"`
	Kind      string     `json:"kind" enum:"key,secret"`
	Algorithm string     `json:"algorithm" doc:"EdDSA or ES256; empty for the secret"`
	Proof     string     `json:"proof" enum:"registration,key,code" doc:"What authorised it"`
	AddedAt   *time.Time `json:"added_at,omitempty"`
	UsedAt    *time.Time `json:"used_at,omitempty" doc:"When a token was last made with it"`
	RetireAt  *time.Time `json:"retire_at,omitempty" doc:"From then on it is not accepted"`
	State     string     `json:"state" enum:"active,retiring,retired"`
}

// ClientTermsWire is what the registry decided about a client.
type ClientTermsWire struct {
	PerMinute   int64  `json:"per_minute" minimum:"0" maximum:"100000000" doc:"Checks in a minute, 0 for the registry's own limit"`
	PerDay      int64  `json:"per_day" minimum:"0" maximum:"100000000" doc:"Checks on a legal date, 0 for the registry's own limit"`
	Test        bool   `json:"test" doc:"For trials only; it stays so"`
	Operator    bool   `json:"operator" doc:"Checks and confirmations must carry the header Rigistry-Operator"`
	Certificate string `json:"certificate" maxLength:"64" doc:"SHA-256 of the public key (SPKI) of the TLS certificate it must show, as hex; empty for none"`
}

// ClientAccessWire is a client as its utility looks after it.
type ClientAccessWire struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Disabled   bool            `json:"disabled"`
	Audience   string          `json:"audience" doc:"The one value of aud in assertions and proofs"`
	Keys       []ClientKeyWire `json:"keys" nullable:"false"`
	Terms      ClientTermsWire `json:"terms"`
	LimitMin   int64           `json:"limit_per_minute" doc:"Checks in a minute that hold, 0 for no limit"`
	LimitDay   int64           `json:"limit_per_day" doc:"Checks in a day that hold, 0 for no limit"`
	ChecksDay  int64           `json:"checks_today"`
	RefusedDay int64           `json:"refused_today" doc:"Requests that a limit refused"`
	UnknownDay int64           `json:"unknown_today" doc:"Names that were unknown or of another utility"`
}

func (s *Server) accessWire(a identity.ClientAccess) ClientAccessWire {
	w := ClientAccessWire{ID: a.ID, Name: a.Name, Disabled: !a.Disabled.IsZero(), Audience: s.svc.Identity.Issuer(), Keys: make([]ClientKeyWire, 0, len(a.Keys)),
		Terms:    ClientTermsWire{PerMinute: a.Terms.PerMinute, PerDay: a.Terms.PerDay, Test: a.Terms.Trial, Operator: a.Terms.Operator, Certificate: a.Terms.Certificate},
		LimitMin: s.cfg.Checks.PerMinute, LimitDay: s.cfg.Checks.PerDay, ChecksDay: a.Usage.Checks, RefusedDay: a.Usage.Refused, UnknownDay: a.Usage.Unknown}
	if a.Terms.PerMinute > 0 {
		w.LimitMin = a.Terms.PerMinute
	}
	if a.Terms.PerDay > 0 {
		w.LimitDay = a.Terms.PerDay
	}
	for _, k := range a.Keys {
		w.Keys = append(w.Keys, s.clientKeyWire(k))
	}
	return w
}

func (s *Server) clientKeyWire(k models.ClientKey) ClientKeyWire {
	w := ClientKeyWire{ID: k.Credential, Kind: "key", Proof: k.Proof, AddedAt: optionalTime(k.Added), UsedAt: optionalTime(k.Used), RetireAt: optionalTime(k.Retire), State: "active"}
	switch {
	case !k.Works(s.now()):
		w.State = "retired"
	case !k.Retire.IsZero():
		w.State = "retiring"
	}
	if k.Credential == models.CredentialSecret {
		w.Kind = "secret"
		return w
	}
	var shape struct {
		Kty string `json:"kty"`
	}
	if json.Unmarshal([]byte(k.JWK), &shape) == nil {
		w.Algorithm = map[string]string{"OKP": "EdDSA", "EC": "ES256"}[shape.Kty]
	}
	return w
}

func (s *Server) listAccess(ctx context.Context, actor models.Actor, _ *struct{}) (*listOutput[ClientAccessWire], error) {
	found, err := s.svc.Identity.Access(ctx, actor)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", s.accessWire), nil
}

func (s *Server) getAccess(ctx context.Context, actor models.Actor, in *ByID) (*output[ClientAccessWire], error) {
	a, err := s.svc.Identity.AccessOf(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[ClientAccessWire]{Body: s.accessWire(a)}, nil
}

// PublicKeyInput is a public JSON Web Key: Ed25519 or P-256.
type PublicKeyInput struct {
	Kty string `json:"kty" enum:"OKP,EC"`
	Crv string `json:"crv" enum:"Ed25519,P-256"`
	X   string `json:"x" maxLength:"64"`
	Y   string `json:"y,omitempty" maxLength:"64"`
	Kid string `json:"kid,omitempty" maxLength:"128"`
	Alg string `json:"alg,omitempty" enum:"EdDSA,ES256"`
	Use string `json:"use,omitempty" maxLength:"16"`
}

// ClientKeyInput asks for a further key.
type ClientKeyInput struct {
	Key    PublicKeyInput `json:"key"`
	Proof  string         `json:"proof" maxLength:"4096" doc:"JWT by the new key, typ client-key-proof+jwt: iss and sub the client id, aud the issuer, jkt the key's thumbprint, jti, iat, exp within 5 minutes"`
	Change string         `json:"change,omitempty" maxLength:"4096" doc:"The same by a key in use, typ client-key-change+jwt"`
	Code   string         `json:"code,omitempty" maxLength:"64" doc:"Instead of change: a one-time code of the registry"`
}

type clientKeyRequest struct {
	ByID
	Idempotent
	Body ClientKeyInput
}

func (s *Server) postClientKey(ctx context.Context, actor models.Actor, in *clientKeyRequest) (*created[ClientKeyWire], error) {
	key, err := json.Marshal(in.Body.Key)
	if err != nil {
		return nil, err
	}
	k, err := s.svc.Identity.AddKey(ctx, actor, in.ID, identity.NewKey{JWK: string(key), Proof: in.Body.Proof, Change: in.Body.Change, Code: in.Body.Code})
	if err != nil {
		return nil, err
	}
	return &created[ClientKeyWire]{Location: "/v1/access/clients/" + in.ID, Body: s.clientKeyWire(k)}, nil
}

// KeyRetirementInput says when a key ends.
type KeyRetirementInput struct {
	At *time.Time `json:"at,omitempty" doc:"From then on it is not accepted; now when absent"`
}

type keyRetirement struct {
	ByID
	Idempotent
	Credential string `path:"credential" maxLength:"64" doc:"Thumbprint, or secret"`
	Body       KeyRetirementInput
}

func (s *Server) retireClientKey(ctx context.Context, actor models.Actor, in *keyRetirement) (*output[ClientKeyWire], error) {
	at := s.now()
	if in.Body.At != nil {
		at = in.Body.At.UTC()
	}
	k, err := s.svc.Identity.RetireKey(ctx, actor, in.ID, in.Credential, at)
	if err != nil {
		return nil, err
	}
	return &output[ClientKeyWire]{Body: s.clientKeyWire(k)}, nil
}

// ClientCodeWire is a one-time code.
type ClientCodeWire struct {
	Code  string    `json:"code" doc:"Shown once"`
	Until time.Time `json:"until"`
}

func (s *Server) postClientCode(ctx context.Context, actor models.Actor, in *ByID) (*output[ClientCodeWire], error) {
	code, until, err := s.svc.Identity.IssueCode(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[ClientCodeWire]{Body: ClientCodeWire{Code: code, Until: until}}, nil
}

type clientTermsRequest struct {
	ByID
	Body ClientTermsWire
}

func (s *Server) putClientTerms(ctx context.Context, actor models.Actor, in *clientTermsRequest) (*output[ClientAccessWire], error) {
	a, err := s.svc.Identity.SetTerms(ctx, actor, in.ID, models.ClientTerms{PerMinute: in.Body.PerMinute, PerDay: in.Body.PerDay, Trial: in.Body.Test,
		Operator: in.Body.Operator, Certificate: in.Body.Certificate})
	if err != nil {
		return nil, err
	}
	return &output[ClientAccessWire]{Body: s.accessWire(a)}, nil
}

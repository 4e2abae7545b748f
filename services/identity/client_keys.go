package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

const (
	typeKeyProof  = "client-key-proof+jwt"  // signed by the new key: whoever asks holds it
	typeKeyChange = "client-key-change+jwt" // signed by a key in use: the client wants it
	maxKeys       = 5
	codeLife      = 24 * time.Hour
)

// thumbprint names a public key (RFC 7638).
func thumbprint(text string) (string, error) {
	if _, _, err := parseJWK(text); err != nil {
		return "", err
	}
	var k jwk
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return "", err
	}
	canonical := `{"crv":"` + k.CRV + `","kty":"` + k.KTY + `","x":"` + k.X + `"}`
	if k.KTY == "EC" {
		canonical = `{"crv":"` + k.CRV + `","kty":"` + k.KTY + `","x":"` + k.X + `","y":"` + k.Y + `"}`
	}
	sum := sha256.Sum256([]byte(canonical))
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// credentials gives everything a client may have proved itself with: the recorded
// ones, and those of its registration that were not recorded yet.
func (s *Service) credentials(tx *store.Tx, c models.Client) ([]models.ClientKey, error) {
	keys, err := tx.ClientKeys(c.ID)
	if err != nil {
		return nil, err
	}
	has := func(name string) bool {
		return slices.ContainsFunc(keys, func(k models.ClientKey) bool { return k.Credential == name })
	}
	if c.PublicJWK != "" {
		if name, err := thumbprint(c.PublicJWK); err == nil && !has(name) {
			keys = append(keys, models.ClientKey{Client: c.ID, Credential: name, JWK: c.PublicJWK, Proof: "registration", Added: c.Created})
		}
	}
	if s.methods[MethodClientSecretBasic] && !has(models.CredentialSecret) {
		keys = append(keys, models.ClientKey{Client: c.ID, Credential: models.CredentialSecret, Proof: "registration", Added: c.Created})
	}
	return keys, nil
}

// credential gives one credential of a client by its name, when it works now.
func (s *Service) credential(tx *store.Tx, c models.Client, name string) (models.ClientKey, bool, error) {
	keys, err := s.credentials(tx, c)
	at := slices.IndexFunc(keys, func(k models.ClientKey) bool { return k.Credential == name && k.Works(tx.Now) })
	if err != nil || at < 0 {
		return models.ClientKey{}, false, err
	}
	return keys[at], true, nil
}

// ownClient gives a client that the actor may look after: itself, one of its utility,
// or any for an administrator.
func ownClient(tx *store.Tx, actor models.Actor, id string) (models.Client, error) {
	if err := models.Can(actor, models.ActAccessOwn, models.Scope{}); err != nil {
		return models.Client{}, err
	}
	c, _, err := tx.Client(id)
	if err != nil {
		return c, err
	}
	mine := actor.Is(models.RoleAdmin) || actor.Is(models.RoleSystem) || actor.Utility != "" && c.Role == models.RoleUtility && c.Utility == actor.Utility
	if !mine || actor.Kind == "client" && actor.ID != id {
		return models.Client{}, models.NotFound("client", id)
	}
	return c, nil
}

// ClientAccess is a client with its credentials, terms and what it asked today.
type ClientAccess struct {
	models.Client
	Keys  []models.ClientKey
	Terms models.ClientTerms
	Usage models.ClientUsage
}

// Access gives the clients of the actor's utility; a client sees itself alone.
func (s *Service) Access(ctx context.Context, actor models.Actor) (out []ClientAccess, err error) {
	if err := models.Can(actor, models.ActAccessOwn, models.Scope{}); err != nil {
		return nil, err
	}
	if actor.Utility == "" {
		return nil, nil
	}
	err = s.store.View(ctx, func(tx *store.Tx) error {
		clients, err := tx.ClientsOf(actor.Utility)
		if err != nil {
			return err
		}
		out = nil
		for _, c := range clients {
			if actor.Kind == "client" && actor.ID != c.ID {
				continue
			}
			a, err := s.access(tx, c)
			if err != nil {
				return err
			}
			out = append(out, a)
		}
		return nil
	})
	return out, err
}

func (s *Service) access(tx *store.Tx, c models.Client) (a ClientAccess, err error) {
	a.Client = c
	if a.Keys, err = s.credentials(tx, c); err != nil {
		return a, err
	}
	if a.Terms, err = tx.ClientTerms(c.ID); err != nil {
		return a, err
	}
	a.Usage, err = tx.ClientUsage(c.ID, models.LegalDate(tx.Now))
	return a, err
}

// AccessOf gives one client that the actor may look after.
func (s *Service) AccessOf(ctx context.Context, actor models.Actor, id string) (a ClientAccess, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		c, err := ownClient(tx, actor, id)
		if err != nil {
			return err
		}
		a, err = s.access(tx, c)
		return err
	})
	return a, err
}

// IssueCode gives a code with which a client may register a key once, within a day,
// without an older key: for a client that lost its key or never had one.
func (s *Service) IssueCode(ctx context.Context, actor models.Actor, id string) (code string, until time.Time, err error) {
	if err := models.Can(actor, models.ActAccessCode, models.Scope{}); err != nil {
		return "", time.Time{}, err
	}
	code = rand.Text()
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		c, _, err := tx.Client(id)
		if err != nil {
			return err
		}
		if !c.Disabled.IsZero() {
			return models.Errorf(models.CodeConflict, "The client is disabled.")
		}
		until = tx.Now.Add(codeLife)
		if err := tx.InsertClientCode(id, digest(code), actor.ID, until); err != nil {
			return err
		}
		return clientKeyFact(tx, actor, "client.code_issued", c, map[string]any{"until": until})
	})
	return code, until, err
}

func clientKeyFact(tx *store.Tx, actor models.Actor, kind string, c models.Client, body map[string]any) error {
	_, err := tx.Append(models.Entry{Kind: kind, Subject: models.Ref{Kind: "client", ID: c.ID}, SubjectVersion: c.Version, Actor: actor, Utility: c.Utility, Body: body})
	return err
}

// NewKey asks for a further key. Proof is a JWT by the new key; Change one by a key
// in use, or Code a code of the registry.
type NewKey struct {
	JWK    string
	Proof  string
	Change string
	Code   string
}

// changeClaims are the claims of both proofs. JKT is the thumbprint of the new key.
type changeClaims struct {
	assertionClaims
	JKT string `json:"jkt"`
}

// AddKey registers a further key of a client. Proofs are used up; those before go on
// working until they are retired.
func (s *Service) AddKey(ctx context.Context, actor models.Actor, id string, n NewKey) (models.ClientKey, error) {
	name, err := thumbprint(n.JWK)
	if err != nil {
		var v models.Invalid
		v.Add("/key", "key", "This is not a usable public key: %v.", err)
		return models.ClientKey{}, v.Err()
	}
	added := models.ClientKey{Client: id, Credential: name, JWK: n.JWK, Proof: "key", AddedBy: actor.ID}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		c, err := ownClient(tx, actor, id)
		if err != nil {
			return err
		}
		keys, err := s.credentials(tx, c)
		if err != nil {
			return err
		}
		working := 0
		for _, k := range keys {
			if k.Credential == name {
				return models.Errorf(models.CodeConflict, "This key was registered before. Make a new pair: a key is not used again.")
			}
			if k.Works(tx.Now) && k.JWK != "" {
				working++
			}
		}
		if working >= maxKeys || !c.Disabled.IsZero() {
			return models.Errorf(models.CodeConflict, "A client has at most %d keys at once and must not be disabled. Retire one first.", maxKeys)
		}
		if err := s.checkNewKey(tx, c, keys, name, n); err != nil {
			return err
		}
		if added.Proof = "key"; n.Change == "" {
			added.Proof = "code"
		}
		added.Added = tx.Now
		if err := tx.PutClientKey(added); err != nil {
			return err
		}
		return clientKeyFact(tx, actor, "client.key_added", c, map[string]any{"key": name, "proof": added.Proof})
	})
	return added, err
}

// checkNewKey uses up what proves that the client holds the new key and wants it.
func (s *Service) checkNewKey(tx *store.Tx, c models.Client, keys []models.ClientKey, name string, n NewKey) error {
	var v models.Invalid
	if err := s.useProof(tx, c.ID, n.Proof, typeKeyProof, name, []string{n.JWK}); err != nil {
		if !badProof(err) {
			return err
		}
		v.Add("/proof", "proof", "It is not a fresh JWT of type %s by the new key, with iss and sub %s, aud %s and jkt %s (%v).", typeKeyProof, c.ID, s.cfg.Issuer, name, err)
		return v.Err()
	}
	switch {
	case n.Change != "" && n.Code != "":
		v.Add("/code", "conflict", "Send either change or code.")
	case n.Change != "":
		var inUse []string
		for _, k := range keys {
			if k.JWK != "" && k.Works(tx.Now) {
				inUse = append(inUse, k.JWK)
			}
		}
		if err := s.useProof(tx, c.ID, n.Change, typeKeyChange, name, inUse); err != nil {
			if !badProof(err) {
				return err
			}
			v.Add("/change", "proof", "It is not a fresh JWT of type %s by a key in use, with jkt %s (%v).", typeKeyChange, name, err)
		}
	default:
		good, err := tx.UseClientCode(c.ID, digest(strings.TrimSpace(n.Code)))
		if err != nil {
			return err
		}
		if !good {
			v.Add("/code", "unknown", "The code is wrong, used or over. Ask the registry for another one, or sign with a key in use.")
		}
	}
	return v.Err()
}

// RetireKey ends a credential, now or at an instant to come; tokens made with it die
// with it. A utility cannot end its last one.
func (s *Service) RetireKey(ctx context.Context, actor models.Actor, id, credential string, at time.Time) (out models.ClientKey, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		c, err := ownClient(tx, actor, id)
		if err != nil {
			return err
		}
		keys, err := s.credentials(tx, c)
		if err != nil {
			return err
		}
		found, others := false, 0
		for _, k := range keys {
			if k.Credential == credential {
				out, found = k, true
			} else if k.Retire.IsZero() {
				others++
			}
		}
		switch {
		case !found:
			return models.NotFound("key", credential)
		case !out.Works(tx.Now):
			return nil
		case others == 0 && !actor.Is(models.RoleAdmin):
			return models.Errorf(models.CodeConflict, "This is the last credential of the client. Add a key first, or ask the registry to stop the client.")
		}
		if out.Retire, out.RetiredBy = at, actor.ID; at.Before(tx.Now) {
			out.Retire = tx.Now
		}
		if err := tx.PutClientKey(out); err != nil {
			return err
		}
		return clientKeyFact(tx, actor, "client.key_retired", c, map[string]any{"key": credential, "at": out.Retire})
	})
	s.tokens.forget(id)
	return out, err
}

// SetTerms decides how much a client may ask and on what terms.
func (s *Service) SetTerms(ctx context.Context, actor models.Actor, id string, t models.ClientTerms) (a ClientAccess, err error) {
	if err := models.Can(actor, models.ActUserAdmin, models.Scope{}); err != nil {
		return a, err
	}
	var v models.Invalid
	if t.PerMinute < 0 || t.PerDay < 0 {
		v.Add("/per_minute", "range", "Limits are not below 0.")
	}
	if t.Certificate != "" && (len(t.Certificate) != 64 || strings.Trim(t.Certificate, "0123456789abcdef") != "") {
		v.Add("/certificate", "format", "Give the SHA-256 of the certificate's public key (SPKI) as 64 hex digits.")
	}
	if err := v.Err(); err != nil {
		return a, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		c, _, err := tx.Client(id)
		if err != nil {
			return err
		}
		before, err := tx.ClientTerms(id)
		if err != nil {
			return err
		}
		if before.Trial && !t.Trial {
			return models.Errorf(models.CodeConflict, "A client for trials stays one. Add another client for live work.")
		}
		if err := tx.SetClientTerms(id, t); err != nil {
			return err
		}
		if err := clientKeyFact(tx, actor, "client.terms_set", c, map[string]any{"per_minute": t.PerMinute, "per_day": t.PerDay, "test": t.Trial, "operator": t.Operator, "certificate": t.Certificate}); err != nil {
			return err
		}
		a, err = s.access(tx, c)
		return err
	})
	s.tokens.forget(id)
	return a, err
}

// Issuer is the one audience of assertions and proofs.
func (s *Service) Issuer() string { return s.cfg.Issuer }

package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rigistry/models"
	"rigistry/services/store"
)

const (
	tokenLife = 10 * time.Minute
	tokenType = "at+jwt" // RFC 9068
	// maxToken is well above our own tokens; anything longer is refused unread.
	maxToken = 2048
	leeway   = 30 * time.Second
)

// GrantClientCredentials is the only grant.
const GrantClientCredentials = "client_credentials"

// TokenRequest is a request to the token endpoint, RFC 6749 section 4.4. Exactly
// one proof is given: BasicID with BasicSecret, or Assertion.
type TokenRequest struct {
	GrantType     string
	HasBasic      bool   // an Authorization: Basic header was sent
	BasicID       string // decoded
	BasicSecret   string
	ClientID      string // form field, optional beside an assertion
	AssertionType string
	Assertion     string
	IP            string // address of the caller, for the limits; "" for none
}

// Token is what the endpoint answers.
type Token struct {
	Value     string
	ExpiresIn time.Duration
}

// tokenClaims are the claims of our tokens.
type tokenClaims struct {
	jwt.RegisteredClaims
	Role    models.Role `json:"role"`
	Utility string      `json:"utility,omitempty"`
	// Key names the credential that the token was made with: it dies with it.
	Key string `json:"key,omitempty"`
}

// proven is a client with the credential that it proved itself with.
type proven struct {
	client     models.Client
	credential string
}

var nobody proven

// Issue checks the client's proof and gives a token for ten minutes. Refusals
// carry the error words of RFC 6749 as codes; after too many from one address it is
// CodeTooMany with RetryAfter.
func (s *Service) Issue(ctx context.Context, req TokenRequest) (Token, error) {
	limits := tokenLimitsOf(req)
	if err := s.store.View(ctx, func(tx *store.Tx) error { return notBlocked(tx, limits) }); err != nil {
		return Token{}, err
	}
	client, err := s.prove(ctx, req)
	if models.CodeOf(err) == models.CodeInvalidClient && len(limits) > 0 {
		if counted := s.store.Update(ctx, func(tx *store.Tx) error { return countFailure(tx, limits) }); counted != nil {
			return Token{}, counted
		}
	}
	if err != nil {
		return Token{}, err
	}
	return s.sign(client)
}

// prove gives the client that the request proves to be.
func (s *Service) prove(ctx context.Context, req TokenRequest) (proven, error) {
	if req.GrantType != GrantClientCredentials {
		if req.GrantType == "" {
			return nobody, models.Errorf(models.CodeInvalidRequest, "Send grant_type=client_credentials as a form field.")
		}
		return nobody, models.Errorf(models.CodeUnsupportedGrantType, "The only grant is client_credentials.")
	}
	switch {
	case req.HasBasic && req.Assertion != "":
		return nobody, models.Errorf(models.CodeInvalidRequest, "Prove the client in one way, not in two.")
	case req.Assertion != "":
		return s.proveAssertion(ctx, req)
	case req.HasBasic:
		return s.proveSecret(ctx, req)
	}
	return nobody, models.Errorf(models.CodeInvalidClient, "Prove the client with a signed client_assertion%s.", s.basicHint())
}

func (s *Service) basicHint() string {
	if s.methods[MethodClientSecretBasic] {
		return " or with its id and secret in an Authorization: Basic header"
	}
	return ""
}

// errClient is the one answer to every proof that fails.
func errClient() error {
	return models.Errorf(models.CodeInvalidClient, "The client is unknown, disabled, or did not prove itself. Check the client id, the key or secret, and the clock.")
}

func (s *Service) client(ctx context.Context, id string) (c models.Client, secretHash []byte, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		c, secretHash, err = tx.Client(id)
		return err
	})
	if models.CodeOf(err) == models.CodeNotFound {
		return c, make([]byte, 32), nil
	}
	return c, secretHash, err
}

func (s *Service) proveSecret(ctx context.Context, req TokenRequest) (proven, error) {
	if !s.methods[MethodClientSecretBasic] {
		return nobody, models.Errorf(models.CodeInvalidClient, "Secrets are switched off here. Use private_key_jwt: register a public key and send a client_assertion.")
	}
	if req.ClientID != "" && req.ClientID != req.BasicID {
		return nobody, models.Errorf(models.CodeInvalidRequest, "client_id names another client than the Authorization header.")
	}
	client, hash, err := s.client(ctx, req.BasicID)
	if err != nil {
		return nobody, err
	}
	match := subtle.ConstantTimeCompare(digest(req.BasicSecret), hash) == 1
	if !match || client.ID == "" || !client.Disabled.IsZero() {
		return nobody, errClient()
	}
	works := false
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		_, works, err = s.credential(tx, client, models.CredentialSecret)
		return err
	})
	if err == nil && !works {
		err = errClient()
	}
	return proven{client, models.CredentialSecret}, err
}

// sign makes the token of a client.
func (s *Service) sign(p proven) (Token, error) {
	c := p.client
	id, _, err := newSecret()
	if err != nil {
		return Token{}, err
	}
	now := s.store.Now()
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, tokenClaims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: s.cfg.Issuer, Audience: jwt.ClaimStrings{s.cfg.Audience}, Subject: c.ID, ID: id,
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(tokenLife)),
		},
		Role: c.Role, Utility: c.Utility, Key: p.credential,
	})
	t.Header["typ"], t.Header["kid"] = tokenType, s.cfg.Signing.KID
	value, err := t.SignedString(s.cfg.Signing.Private)
	if err != nil {
		return Token{}, err
	}
	return Token{Value: value, ExpiresIn: tokenLife}, nil
}

// errToken is the one answer to every token that is not good.
func errToken() error {
	return models.Errorf(models.CodeUnauthenticated, "The bearer token is missing, expired or not ours. Get a new one at POST /v1/token.")
}

// Authenticate gives the client behind a bearer token, with the role of this
// moment. A good token is checked once and then remembered until it expires;
// the client's row is read again after Config.Recheck.
func (s *Service) Authenticate(ctx context.Context, bearer string) (models.Actor, error) {
	// Go's base64 skips line ends even when strict.
	if bearer == "" || len(bearer) > maxToken || strings.ContainsAny(bearer, "\r\n") {
		return models.Actor{}, errToken()
	}
	now := s.store.Now()
	key := [32]byte(digest(bearer))
	seen, ok := s.tokens.get(key)
	if ok && !now.Before(seen.expires) {
		s.tokens.drop(key)
		return models.Actor{}, errToken()
	}
	if ok && now.Sub(seen.checked) < s.cfg.Recheck && !now.Before(seen.checked) {
		return seen.actor, nil
	}
	if !ok {
		claims, err := s.verify(bearer)
		if err != nil {
			return models.Actor{}, errToken()
		}
		seen = cachedToken{client: claims.Subject, role: claims.Role, utility: claims.Utility, key: claims.Key, expires: claims.ExpiresAt.Time}
	}
	generation := s.tokens.generation()
	client, works, terms, err := s.standing(ctx, seen.client, seen.key)
	if err != nil {
		return models.Actor{}, err
	}
	if !works || client.ID == "" || !client.Disabled.IsZero() || client.Role != seen.role || client.Utility != seen.utility {
		s.tokens.drop(key)
		return models.Actor{}, errToken()
	}
	seen.actor, seen.checked = client.Actor(), now
	s.terms.Store(client.ID, terms)
	s.tokens.put(key, seen, generation)
	return seen.actor, nil
}

// standing reads what a token rests on: the client, whether the credential works
// that the token was made with, and the client's terms.
func (s *Service) standing(ctx context.Context, id, credential string) (c models.Client, works bool, t models.ClientTerms, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		if c, _, err = tx.Client(id); models.CodeOf(err) == models.CodeNotFound {
			c, works = models.Client{}, false
			return nil
		} else if err != nil {
			return err
		}
		if _, works, err = s.credential(tx, c, credential); err != nil {
			return err
		}
		t, err = tx.ClientTerms(id)
		return err
	})
	return c, works, t, err
}

// Terms gives the terms of a client as they were when its token was last checked.
func (s *Service) Terms(client string) models.ClientTerms {
	t, _ := s.terms.Load(client)
	terms, _ := t.(models.ClientTerms)
	return terms
}

// tokenHeaders are all the headers our tokens have. One that names a key by URL,
// brings its own or asks for an extension is not ours.
var tokenHeaders = []string{"alg", "typ", "kid"}

// verify checks everything in the token itself.
func (s *Service) verify(bearer string) (tokenClaims, error) {
	var claims tokenClaims
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(s.cfg.Issuer), jwt.WithAudience(s.cfg.Audience),
		jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway),
		jwt.WithStrictDecoding(), jwt.WithTimeFunc(s.store.Now),
	)
	_, err := parser.ParseWithClaims(bearer, &claims, func(t *jwt.Token) (any, error) {
		for name := range t.Header {
			if !slices.Contains(tokenHeaders, name) {
				return nil, errors.New("a header that our tokens do not have")
			}
		}
		if typ, _ := t.Header["typ"].(string); !strings.EqualFold(typ, tokenType) {
			return nil, errors.New("not an access token")
		}
		kid, _ := t.Header["kid"].(string)
		key, known := s.keys[kid]
		if !known {
			return nil, errors.New("an unknown key")
		}
		return key, nil
	})
	switch {
	case err != nil:
		return claims, err
	case claims.Subject == "" || claims.ID == "" || claims.IssuedAt == nil || len(claims.Audience) != 1:
		return claims, errors.New("a claim is missing")
	case claims.ExpiresAt.Sub(claims.IssuedAt.Time) > tokenLife:
		return claims, errors.New("it lives longer than ours do")
	case !s.store.Now().Before(claims.ExpiresAt.Time):
		// The leeway is for clocks that run ahead; ours made the expiry.
		return claims, errors.New("expired")
	}
	return claims, nil
}

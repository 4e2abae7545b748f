package identity

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rigistry/models"
	"rigistry/services/store"
)

// AssertionJWT is the client_assertion_type of RFC 7523.
const AssertionJWT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

const (
	maxAssertion     = 4096
	maxAssertionLife = 5 * time.Minute
)

// assertionClaims are the claims of a client assertion. Aud is one string: an
// audience list would let one assertion be good at several servers (the audience
// attack that RFC 7523bis closes), so a list does not decode.
type assertionClaims struct {
	Iss string           `json:"iss"`
	Sub string           `json:"sub"`
	Aud string           `json:"aud"`
	JTI string           `json:"jti"`
	Exp *jwt.NumericDate `json:"exp"`
	Nbf *jwt.NumericDate `json:"nbf"`
	Iat *jwt.NumericDate `json:"iat"`
}

func (c assertionClaims) GetExpirationTime() (*jwt.NumericDate, error) { return c.Exp, nil }
func (c assertionClaims) GetIssuedAt() (*jwt.NumericDate, error)       { return c.Iat, nil }
func (c assertionClaims) GetNotBefore() (*jwt.NumericDate, error)      { return c.Nbf, nil }
func (c assertionClaims) GetIssuer() (string, error)                   { return c.Iss, nil }
func (c assertionClaims) GetSubject() (string, error)                  { return c.Sub, nil }
func (c assertionClaims) GetAudience() (jwt.ClaimStrings, error) {
	return jwt.ClaimStrings{c.Aud}, nil
}

// proveAssertion checks a private_key_jwt assertion and uses it up.
func (s *Service) proveAssertion(ctx context.Context, req TokenRequest) (proven, error) {
	switch {
	case !s.methods[MethodPrivateKeyJWT]:
		return nobody, models.Errorf(models.CodeInvalidClient, "Client assertions are switched off here.")
	case req.AssertionType != AssertionJWT:
		return nobody, models.Errorf(models.CodeInvalidRequest, "client_assertion_type must be %s.", AssertionJWT)
	case len(req.Assertion) > maxAssertion, strings.ContainsAny(req.Assertion, "\r\n"):
		return nobody, errClient()
	}
	// Who it claims to be decides which key to check with; nothing else is
	// believed before the signature holds.
	var claimed assertionClaims
	if _, _, err := jwt.NewParser(jwt.WithStrictDecoding()).ParseUnverified(req.Assertion, &claimed); err != nil || claimed.Sub == "" {
		return nobody, errClient()
	}
	client, _, err := s.client(ctx, claimed.Sub)
	if err != nil {
		return nobody, err
	}
	if client.ID == "" || !client.Disabled.IsZero() || req.ClientID != "" && req.ClientID != client.ID {
		return nobody, errClient()
	}
	var keys []models.ClientKey
	err = s.store.View(ctx, func(tx *store.Tx) (err error) {
		keys, err = s.credentials(tx, client)
		return err
	})
	if err != nil {
		return nobody, err
	}
	for _, k := range keys {
		if k.JWK == "" || !k.Works(s.store.Now()) {
			continue
		}
		claims, err := s.verifyAssertion(req.Assertion, client, k.JWK)
		if err != nil {
			continue
		}
		err = s.store.Update(ctx, func(tx *store.Tx) error {
			if err := tx.UseAssertion(client.ID, digest(claims.JTI), claims.Exp.Add(2*leeway)); err != nil {
				return err
			}
			return tx.UseClientKey(k)
		})
		if errors.Is(err, store.ErrReplayed) {
			return nobody, errClient()
		}
		return proven{client, k.Credential}, err
	}
	return nobody, errClient()
}

func (s *Service) verifyAssertion(assertion string, client models.Client, publicJWK string) (assertionClaims, error) {
	var claims assertionClaims
	key, alg, err := parseJWK(publicJWK)
	if err != nil {
		return claims, err
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{alg}), jwt.WithIssuer(client.ID), jwt.WithSubject(client.ID), jwt.WithAudience(s.cfg.Issuer),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithStrictDecoding(), jwt.WithTimeFunc(s.store.Now),
	)
	_, err = parser.ParseWithClaims(assertion, &claims, func(t *jwt.Token) (any, error) {
		if _, critical := t.Header["crit"]; critical {
			return nil, errors.New("it asks for an extension")
		}
		switch typ, _ := t.Header["typ"].(string); strings.ToLower(typ) {
		case "", "jwt", "client-authentication+jwt":
			return key, nil
		}
		return nil, errors.New("not a client assertion")
	})
	switch {
	case err != nil:
		return claims, err
	case claims.JTI == "" || len(claims.JTI) > 256:
		return claims, errors.New("no usable jti")
	case claims.Exp.Sub(s.store.Now()) > maxAssertionLife:
		return claims, errors.New("it would live too long")
	}
	return claims, nil
}

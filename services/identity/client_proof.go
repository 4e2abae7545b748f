package identity

import (
	"errors"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"rigistry/services/store"
)

// proofError says what is wrong with a proof; any other error is of the database, and
// the transaction may run again.
type proofError struct{ error }

// badProof tells whether it is the proof that is bad.
func badProof(err error) bool {
	var bad proofError
	return errors.As(err, &bad) || errors.Is(err, store.ErrReplayed)
}

// useProof checks a JWT by one of the keys about the key with the name, and uses its
// id up.
func (s *Service) useProof(tx *store.Tx, client, text, typ, name string, jwks []string) error {
	if text == "" || len(text) > maxAssertion || strings.ContainsAny(text, "\r\n") {
		return proofError{errors.New("there is none")}
	}
	err := errors.New("no key in use")
	for _, j := range jwks {
		var claims changeClaims
		if claims, err = s.verifyProof(text, typ, client, j); err != nil {
			continue
		}
		if claims.JKT != name {
			return proofError{errors.New("jkt is another key")}
		}
		return tx.UseAssertion(client, digest(typ+claims.JTI), claims.Exp.Add(2*leeway))
	}
	return proofError{err}
}

func (s *Service) verifyProof(text, typ, client, publicJWK string) (claims changeClaims, err error) {
	key, alg, err := parseJWK(publicJWK)
	if err != nil {
		return claims, err
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{alg}), jwt.WithIssuer(client), jwt.WithSubject(client), jwt.WithAudience(s.cfg.Issuer),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithStrictDecoding(), jwt.WithTimeFunc(s.store.Now),
	)
	_, err = parser.ParseWithClaims(text, &claims, func(t *jwt.Token) (any, error) {
		if got, _ := t.Header["typ"].(string); got != typ {
			return nil, errors.New("another typ")
		}
		if _, critical := t.Header["crit"]; critical {
			return nil, errors.New("it asks for an extension")
		}
		return key, nil
	})
	switch {
	case err != nil:
		return claims, err
	case claims.JTI == "" || len(claims.JTI) > 256 || claims.Exp.Sub(s.store.Now()) > maxAssertionLife:
		return claims, errors.New("jti or exp cannot be used")
	}
	return claims, nil
}

package identity_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"rigistry/models"
	"rigistry/services/identity"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

func asError(err error, target **models.Error) bool { return errors.As(err, target) }

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func utility(t *testing.T, svc *identity.Service, publicJWK string) identity.Credentials {
	t.Helper()
	c, err := svc.CreateClient(context.Background(), admin, identity.NewClient{Name: "Grid company", Role: models.RoleUtility, Utility: "u-1", PublicJWK: publicJWK})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func basic(c identity.Credentials) identity.TokenRequest {
	return identity.TokenRequest{GrantType: "client_credentials", HasBasic: true, BasicID: c.Client.ID, BasicSecret: c.Secret}
}

func issue(t *testing.T, svc *identity.Service, req identity.TokenRequest) string {
	t.Helper()
	token, err := svc.Issue(context.Background(), req)
	if err != nil {
		t.Fatal(err)
	}
	return token.Value
}

func TestToken_IsGoodForTenMinutesAndNotAMomentMore(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, _ *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		c := utility(t, svc, "")
		token, err := svc.Issue(ctx, basic(c))
		if err != nil || token.ExpiresIn != 10*time.Minute {
			t.Fatalf("Issue = %v, %v", token.ExpiresIn, err)
		}
		actor, err := svc.Authenticate(ctx, token.Value)
		if err != nil || actor.ID != c.Client.ID || actor.Utility != "u-1" || !actor.Is(models.RoleUtility) || actor.Kind != "client" {
			t.Fatalf("Authenticate = %+v, %v", actor, err)
		}
		clock.Advance(10*time.Minute - time.Second)
		if _, err := svc.Authenticate(ctx, token.Value); err != nil {
			t.Errorf("a second before expiry: %v", err)
		}
		clock.Advance(time.Second)
		for range 2 { // remembered, then not remembered
			_, err = svc.Authenticate(ctx, token.Value)
			wantCode(t, err, models.CodeUnauthenticated)
		}
	})
}

func TestDisableClient_StopsItsTokensHereAtOnceAndElsewhereWithinRecheck(t *testing.T) {
	each(t, func(t *testing.T, svc *identity.Service, s *store.Store, clock *storetest.Clock) {
		ctx := context.Background()
		elsewhere := service(t, s, config())
		c := utility(t, svc, "")
		token := issue(t, svc, basic(c))
		for _, where := range []*identity.Service{svc, elsewhere} {
			if _, err := where.Authenticate(ctx, token); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := svc.DisableClient(ctx, admin, c.Client.ID); err != nil {
			t.Fatal(err)
		}
		_, err := svc.Authenticate(ctx, token)
		wantCode(t, err, models.CodeUnauthenticated)
		clock.Advance(2 * time.Second)
		_, err = elsewhere.Authenticate(ctx, token)
		wantCode(t, err, models.CodeUnauthenticated)
		_, err = svc.Issue(ctx, basic(c))
		wantCode(t, err, models.CodeInvalidClient)
	})
}

func TestIssue_RefusesWithTheWordsOfOAuth(t *testing.T) {
	svc := service(t, storetest.SQLite(t, storetest.NewClock().Now), config())
	c := utility(t, svc, "")
	for _, tc := range []struct {
		name string
		want models.Code
		req  identity.TokenRequest
	}{
		{"no grant", models.CodeInvalidRequest, identity.TokenRequest{}},
		{"another grant", models.CodeUnsupportedGrantType, identity.TokenRequest{GrantType: "password"}},
		{"no proof", models.CodeInvalidClient, identity.TokenRequest{GrantType: "client_credentials"}},
		{"an id alone", models.CodeInvalidClient, identity.TokenRequest{GrantType: "client_credentials", ClientID: c.Client.ID}},
		{"wrong secret", models.CodeInvalidClient, identity.TokenRequest{GrantType: "client_credentials", HasBasic: true, BasicID: c.Client.ID, BasicSecret: "x"}},
		{"empty secret", models.CodeInvalidClient, identity.TokenRequest{GrantType: "client_credentials", HasBasic: true, BasicID: c.Client.ID}},
		{"unknown client", models.CodeInvalidClient, identity.TokenRequest{GrantType: "client_credentials", HasBasic: true, BasicID: "nobody", BasicSecret: c.Secret}},
		{"two proofs", models.CodeInvalidRequest, identity.TokenRequest{GrantType: "client_credentials", HasBasic: true, BasicID: c.Client.ID, BasicSecret: c.Secret, Assertion: "a.b.c"}},
		{"two ids", models.CodeInvalidRequest, identity.TokenRequest{GrantType: "client_credentials", HasBasic: true, BasicID: c.Client.ID, BasicSecret: c.Secret, ClientID: "other"}},
		{"no assertion type", models.CodeInvalidRequest, identity.TokenRequest{GrantType: "client_credentials", Assertion: "a.b.c"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := svc.Issue(context.Background(), tc.req)
			wantCode(t, err, tc.want)
		})
	}
}

func TestIssue_SecretsCanBeSwitchedOff(t *testing.T) {
	cfg := config()
	s := storetest.SQLite(t, storetest.NewClock().Now)
	c := utility(t, service(t, s, cfg), "")
	cfg.Methods = []identity.Method{identity.MethodPrivateKeyJWT}
	_, err := service(t, s, cfg).Issue(context.Background(), basic(c))
	wantCode(t, err, models.CodeInvalidClient)
}

// good is the header and claims of a token that passes, to be spoilt.
func good(now time.Time, client string) (header, claims map[string]any) {
	return map[string]any{"alg": "EdDSA", "typ": "at+jwt", "kid": "token-1"},
		map[string]any{"iss": issuer, "aud": issuer, "sub": client, "jti": "j-1", "role": "utility", "key": "secret", "utility": "u-1",
			"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(10 * time.Minute).Unix()}
}

// forge signs any header and claims with any method and key.
func forge(t *testing.T, header, claims map[string]any, method jwt.SigningMethod, key any) string {
	t.Helper()
	h, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	c, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	input := b64(h) + "." + b64(c)
	sig, err := method.Sign(input, key)
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64(sig)
}

// flipTrailingBit changes the unused low bits of the last base64 character: a
// lax decoder reads the same signature.
func flipTrailingBit(token string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	i := strings.IndexByte(alphabet, token[len(token)-1])
	return token[:len(token)-1] + string(alphabet[i^1])
}

func TestAuthenticate_RefusesEveryBadToken(t *testing.T) {
	clock := storetest.NewClock()
	svc := service(t, storetest.SQLite(t, clock.Now), config())
	client := utility(t, svc, "").Client.ID
	now := clock.Now()
	public := seeded(1).Public().(ed25519.PublicKey)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	header := func(change map[string]any) string {
		h, c := good(now, client)
		maps.Copy(h, change)
		maps.DeleteFunc(h, func(_ string, v any) bool { return v == nil })
		return forge(t, h, c, jwt.SigningMethodEdDSA, seeded(1))
	}
	claim := func(change map[string]any) string {
		h, c := good(now, client)
		maps.Copy(c, change)
		maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
		return forge(t, h, c, jwt.SigningMethodEdDSA, seeded(1))
	}
	signed := func(alg string, method jwt.SigningMethod, key any) string {
		h, c := good(now, client)
		h["alg"] = alg
		return forge(t, h, c, method, key)
	}
	fine := claim(nil)
	parts := strings.Split(fine, ".")
	at := func(d time.Duration) int64 { return now.Add(d).Unix() }
	bad := map[string]string{
		"empty":                        "",
		"one part":                     "abc",
		"two parts":                    parts[0] + "." + parts[1],
		"four parts":                   fine + ".x",
		"only dots":                    strings.Repeat(".", 1000),
		"not base64":                   "!!!." + parts[1] + "." + parts[2],
		"no signature":                 parts[0] + "." + parts[1] + ".",
		"alg none":                     signed("none", jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		"alg None":                     signed("None", jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		"alg none, signed":             header(map[string]any{"alg": "none"}),
		"alg missing":                  header(map[string]any{"alg": nil}),
		"alg a number":                 header(map[string]any{"alg": 1}),
		"HS256 with the public key":    signed("HS256", jwt.SigningMethodHS256, []byte(public)),
		"HS256 with the key as text":   signed("HS256", jwt.SigningMethodHS256, []byte(b64(public))),
		"RS256":                        signed("RS256", jwt.SigningMethodRS256, rsaKey),
		"ES256":                        signed("ES256", jwt.SigningMethodES256, ecKey),
		"EdDSA of a stranger":          signed("EdDSA", jwt.SigningMethodEdDSA, seeded(9)),
		"signed with the permit key":   signed("EdDSA", jwt.SigningMethodEdDSA, seeded(2)),
		"kid of the permit key":        forgeWith(t, now, client, "permit-1", seeded(2)),
		"kid unknown":                  header(map[string]any{"kid": "token-9"}),
		"kid missing":                  header(map[string]any{"kid": nil}),
		"kid a path":                   header(map[string]any{"kid": "../../../../dev/null"}),
		"kid SQL":                      header(map[string]any{"kid": "token-1' OR '1'='1"}),
		"kid a list":                   header(map[string]any{"kid": []string{"token-1"}}),
		"jku":                          header(map[string]any{"jku": "https://evil.example/jwks.json"}),
		"x5u":                          header(map[string]any{"x5u": "https://evil.example/cert"}),
		"its own jwk":                  header(map[string]any{"jwk": map[string]string{"kty": "OKP", "crv": "Ed25519", "x": b64(public)}}),
		"crit":                         header(map[string]any{"crit": []string{"exp"}}),
		"b64 false":                    header(map[string]any{"b64": false}),
		"typ missing":                  header(map[string]any{"typ": nil}),
		"typ JWT":                      header(map[string]any{"typ": "JWT"}),
		"typ of a permit":              header(map[string]any{"typ": "gate+jwt"}),
		"iss another":                  claim(map[string]any{"iss": "https://evil.example"}),
		"iss with a slash":             claim(map[string]any{"iss": issuer + "/"}),
		"iss missing":                  claim(map[string]any{"iss": nil}),
		"aud another":                  claim(map[string]any{"aud": "https://other.example"}),
		"aud several":                  claim(map[string]any{"aud": []string{issuer, "https://other.example"}}),
		"aud missing":                  claim(map[string]any{"aud": nil}),
		"expired":                      claim(map[string]any{"iat": at(-11 * time.Minute), "nbf": at(-11 * time.Minute), "exp": at(-time.Minute)}),
		"expired within the leeway":    claim(map[string]any{"iat": at(-10 * time.Minute), "nbf": at(-10 * time.Minute), "exp": at(0)}),
		"exp missing":                  claim(map[string]any{"exp": nil}),
		"exp text":                     claim(map[string]any{"exp": "tomorrow"}),
		"exp far away":                 claim(map[string]any{"exp": at(24 * time.Hour)}),
		"nbf in the future":            claim(map[string]any{"nbf": at(5 * time.Minute)}),
		"nbf missing":                  claim(map[string]any{"nbf": nil}),
		"iat in the future":            claim(map[string]any{"iat": at(5 * time.Minute)}),
		"iat missing":                  claim(map[string]any{"iat": nil}),
		"jti missing":                  claim(map[string]any{"jti": nil}),
		"sub missing":                  claim(map[string]any{"sub": nil}),
		"sub nobody":                   claim(map[string]any{"sub": "nobody"}),
		"role admin":                   claim(map[string]any{"role": "admin"}),
		"another utility":              claim(map[string]any{"utility": "u-2"}),
		"a key that is not there":      claim(map[string]any{"key": "k-2"}),
		"no key":                       claim(map[string]any{"key": nil}),
		"claims changed after signing": parts[0] + "." + b64([]byte(`{"sub":"x"}`)) + "." + parts[2],
		"trailing base64 bits":         flipTrailingBit(fine),
		"padded":                       fine + "==",
		"a line end in it":             fine[:len(fine)-4] + "\n" + fine[len(fine)-4:],
		"a space before":               " " + fine,
		"huge":                         claim(map[string]any{"fill": strings.Repeat("x", 4096)}),
		"huge and empty":               strings.Repeat("A", 10<<20),
	}
	if len(bad) < 40 {
		t.Fatalf("only %d bad tokens", len(bad))
	}
	for name, token := range bad {
		t.Run(name, func(t *testing.T) {
			_, err := svc.Authenticate(context.Background(), token)
			wantCode(t, err, models.CodeUnauthenticated)
		})
	}
	// The control: unspoilt, it passes; so each refusal above has its own reason.
	if _, err := svc.Authenticate(context.Background(), fine); err != nil {
		t.Errorf("the unspoilt token is refused: %v", err)
	}
}

func forgeWith(t *testing.T, now time.Time, client, kid string, key ed25519.PrivateKey) string {
	t.Helper()
	h, c := good(now, client)
	h["kid"] = kid
	return forge(t, h, c, jwt.SigningMethodEdDSA, key)
}

func TestAssertion_OfEd25519AndP256GivesATokenOnceEach(t *testing.T) {
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, err := ecKey.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	edKey := seeded(7)
	edJWK := `{"kty":"OKP","crv":"Ed25519","x":"` + b64(edKey.Public().(ed25519.PublicKey)) + `"}`
	ecJWK := `{"kty":"EC","crv":"P-256","alg":"ES256","x":"` + b64(point[1:33]) + `","y":"` + b64(point[33:]) + `"}`
	each(t, func(t *testing.T, svc *identity.Service, _ *store.Store, clock *storetest.Clock) {
		for _, c := range []struct {
			alg, jwk string
			method   jwt.SigningMethod
			key      any
		}{{"EdDSA", edJWK, jwt.SigningMethodEdDSA, edKey}, {"ES256", ecJWK, jwt.SigningMethodES256, ecKey}} {
			client := utility(t, svc, c.jwk).Client.ID
			now := clock.Now()
			assertion := forge(t, map[string]any{"alg": c.alg, "typ": "JWT"}, map[string]any{
				"iss": client, "sub": client, "aud": issuer, "jti": "a-1", "exp": now.Add(time.Minute).Unix()}, c.method, c.key)
			req := identity.TokenRequest{GrantType: "client_credentials", AssertionType: identity.AssertionJWT, Assertion: assertion}
			var (
				wg   sync.WaitGroup
				mu   sync.Mutex
				good int
			)
			for range 8 {
				wg.Go(func() {
					if _, err := svc.Issue(context.Background(), req); err == nil {
						mu.Lock()
						good++
						mu.Unlock()
					}
				})
			}
			wg.Wait()
			if good != 1 {
				t.Errorf("%s: one assertion sent eight times at once gave %d tokens, want 1", c.alg, good)
			}
		}
	})
}

func TestAssertion_ThatIsNotExactlyRightIsRefused(t *testing.T) {
	clock := storetest.NewClock()
	svc := service(t, storetest.SQLite(t, clock.Now), config())
	key := seeded(7)
	client := utility(t, svc, `{"kty":"OKP","crv":"Ed25519","x":"`+b64(key.Public().(ed25519.PublicKey))+`"}`).Client.ID
	secretOnly := utility(t, svc, "").Client.ID
	now := clock.Now()
	n := 0
	make := func(header, claims map[string]any, method jwt.SigningMethod, signer any) string {
		n++
		h := map[string]any{"alg": method.Alg(), "typ": "JWT"}
		c := map[string]any{"iss": client, "sub": client, "aud": issuer, "jti": "t-" + time.Duration(n).String(), "exp": now.Add(time.Minute).Unix()}
		maps.Copy(h, header)
		maps.Copy(c, claims)
		maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
		return forge(t, h, c, method, signer)
	}
	claim := func(c map[string]any) string { return make(nil, c, jwt.SigningMethodEdDSA, key) }
	for name, assertion := range map[string]string{
		"audience is the token endpoint": claim(map[string]any{"aud": issuer + "/v1/token"}),
		"audience with a slash":          claim(map[string]any{"aud": issuer + "/"}),
		"audience in a list":             claim(map[string]any{"aud": []string{issuer}}),
		"audience list of two":           claim(map[string]any{"aud": []string{issuer, "https://other.example"}}),
		"no audience":                    claim(map[string]any{"aud": nil}),
		"no expiry":                      claim(map[string]any{"exp": nil}),
		"lives six minutes":              claim(map[string]any{"exp": now.Add(6 * time.Minute).Unix()}),
		"expired":                        claim(map[string]any{"exp": now.Add(-time.Minute).Unix()}),
		"no jti":                         claim(map[string]any{"jti": nil}),
		"another issuer":                 claim(map[string]any{"iss": "someone"}),
		"another subject":                claim(map[string]any{"sub": secretOnly}),
		"both another client":            claim(map[string]any{"iss": secretOnly, "sub": secretOnly}),
		"from the future":                claim(map[string]any{"iat": now.Add(5 * time.Minute).Unix()}),
		"another key":                    make(nil, nil, jwt.SigningMethodEdDSA, seeded(8)),
		"HS256 with the public key":      make(nil, nil, jwt.SigningMethodHS256, []byte(key.Public().(ed25519.PublicKey))),
		"none":                           make(nil, nil, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
		"crit":                           make(map[string]any{"crit": []string{"b64"}}, nil, jwt.SigningMethodEdDSA, key),
		"typ of a token":                 make(map[string]any{"typ": "at+jwt"}, nil, jwt.SigningMethodEdDSA, key),
		"huge":                           claim(map[string]any{"fill": strings.Repeat("x", 8192)}),
		"trailing bits":                  flipTrailingBit(claim(nil)),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := svc.Issue(context.Background(), identity.TokenRequest{GrantType: "client_credentials", AssertionType: identity.AssertionJWT, Assertion: assertion})
			wantCode(t, err, models.CodeInvalidClient)
		})
	}
	if _, err := svc.Issue(context.Background(), identity.TokenRequest{GrantType: "client_credentials", AssertionType: identity.AssertionJWT, Assertion: claim(nil)}); err != nil {
		t.Errorf("the unspoilt assertion is refused: %v", err)
	}
}

func TestCreateClient_RefusesUnusableKeys(t *testing.T) {
	svc := service(t, storetest.SQLite(t, storetest.NewClock().Now), config())
	x := b64(seeded(7).Public().(ed25519.PublicKey))
	zero := b64(make([]byte, 32))
	for name, key := range map[string]string{
		"not JSON":           "x",
		"private":            `{"kty":"OKP","crv":"Ed25519","x":"` + x + `","d":"` + x + `"}`,
		"symmetric":          `{"kty":"oct","k":"` + x + `"}`,
		"RSA":                `{"kty":"RSA","n":"` + x + `","e":"AQAB"}`,
		"short":              `{"kty":"OKP","crv":"Ed25519","x":"AAAA"}`,
		"not on the curve":   `{"kty":"EC","crv":"P-256","x":"` + x + `","y":"` + x + `"}`,
		"the point at zero":  `{"kty":"EC","crv":"P-256","x":"` + zero + `","y":"` + zero + `"}`,
		"another curve":      `{"kty":"EC","crv":"P-521","x":"` + x + `","y":"` + x + `"}`,
		"another algorithm":  `{"kty":"OKP","crv":"Ed25519","alg":"HS256","x":"` + x + `"}`,
		"x with a line end":  `{"kty":"OKP","crv":"Ed25519","x":"` + x + `\n"}`,
		"a member's type":    `{"kty":"OKP","crv":"Ed25519","x":7}`,
		"a list, not a key":  `[]`,
		"X25519 for signing": `{"kty":"OKP","crv":"X25519","x":"` + x + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := svc.CreateClient(context.Background(), admin, identity.NewClient{Name: "c", Role: models.RoleUtility, Utility: "u", PublicJWK: key})
			wantCode(t, err, models.CodeInvalid)
		})
	}
}

func TestJWKS_HoldsThePublicKeysAndNothingPrivate(t *testing.T) {
	svc := service(t, storetest.SQLite(t, storetest.NewClock().Now), config())
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(svc.JWKS(), &set); err != nil {
		t.Fatal(err)
	}
	var purposes []string
	for _, k := range set.Keys {
		purposes = append(purposes, k["purpose"]+"="+k["kid"])
		if _, private := k["d"]; private || k["kty"] != "OKP" || k["x"] == "" {
			t.Errorf("key %v", k)
		}
	}
	if got, want := strings.Join(purposes, " "), "token=token-1 permit=permit-1 ledger=ledger-1"; got != want {
		t.Errorf("keys %s, want %s", got, want)
	}
	if _, err := identity.New(nil, nil, identity.Config{Issuer: issuer, Signing: identity.SigningKey{KID: "permit-1", Private: seeded(1)}, Published: config().Published}); err == nil {
		t.Error("two keys with one kid were accepted")
	}
}

func TestIssue_TooManyFailuresFromOneAddressWaitAndNobodyElseDoes(t *testing.T) {
	clock := storetest.NewClock()
	svc := service(t, storetest.SQLite(t, clock.Now), config())
	c := utility(t, svc, "")
	from := func(ip, secret string) error {
		req := basic(c)
		req.IP, req.BasicSecret = ip, secret
		_, err := svc.Issue(context.Background(), req)
		return err
	}
	for range 20 {
		wantCode(t, from("192.0.2.1", "wrong"), models.CodeInvalidClient)
	}
	var refusal *models.Error
	if err := from("192.0.2.1", c.Secret); !asError(err, &refusal) || refusal.Code != models.CodeTooMany || refusal.RetryAfter <= 0 {
		t.Fatalf("after 20 failures: got %v, want too_many_requests with a time to wait", err)
	}
	if err := from("192.0.2.2", c.Secret); err != nil {
		t.Errorf("the same client from another address: %v", err)
	}
	clock.Advance(refusal.RetryAfter)
	if err := from("192.0.2.1", c.Secret); err != nil {
		t.Errorf("after waiting %s: %v", refusal.RetryAfter, err)
	}
}

package client

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Credentials prove who asks. Make them with WithKey or WithSecret.
type Credentials struct {
	id     string
	secret string
	key    crypto.Signer
}

// WithSecret proves a client by its secret (client_secret_basic).
func WithSecret(id, secret string) Credentials { return Credentials{id: id, secret: secret} }

// WithKey proves a client by a private key, Ed25519 or P-256, whose public half the
// registry knows (private_key_jwt). The key never leaves the program.
func WithKey(id string, key crypto.Signer) Credentials { return Credentials{id: id, key: key} }

// ParseKey reads a private key of a client: PEM with PKCS #8 (openssl genpkey), or a
// JSON Web Key, Ed25519 or P-256.
func ParseKey(content []byte) (crypto.Signer, error) {
	var parsed any
	if block, _ := pem.Decode(content); block != nil {
		var err error
		if parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
			return nil, fault(KindConfig, "the PEM file holds no PKCS #8 private key")
		}
	} else {
		var err error
		if parsed, err = parsePrivateJWK(content); err != nil {
			return nil, err
		}
	}
	switch key := parsed.(type) {
	case ed25519.PrivateKey:
		return key, nil
	case *ecdsa.PrivateKey:
		if key.Curve == elliptic.P256() {
			return key, nil
		}
	}
	return nil, fault(KindConfig, "the key is neither Ed25519 nor P-256")
}

func parsePrivateJWK(content []byte) (any, error) {
	var k struct {
		Kty string `json:"kty"`
		Crv string `json:"crv"`
		X   string `json:"x"`
		D   string `json:"d"`
	}
	d, ok := []byte(nil), false
	if json.Unmarshal(content, &k) == nil {
		d, ok = decode64(k.D)
	}
	switch {
	case ok && k.Kty == "OKP" && k.Crv == "Ed25519" && len(d) == ed25519.SeedSize:
		key := ed25519.NewKeyFromSeed(d)
		if base64.RawURLEncoding.EncodeToString(key[ed25519.SeedSize:]) != k.X {
			return nil, fault(KindConfig, "the two halves of the key do not belong together")
		}
		return key, nil
	case ok && k.Kty == "EC" && k.Crv == "P-256":
		key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
		if err != nil {
			return nil, fault(KindConfig, "the key is no P-256 key")
		}
		return key, nil
	}
	return nil, fault(KindConfig, "the file is neither a PEM nor a JWK private key, Ed25519 or P-256")
}

// tokens takes access tokens and keeps one while it is good.
type tokens struct {
	mu    sync.Mutex
	token string
	until time.Time
}

// earlier is how long before its end a token is renewed.
const earlier = 30 * time.Second

func (c *Client) token(ctx context.Context) (string, error) {
	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	if c.tokens.token != "" && c.now().Before(c.tokens.until) {
		return c.tokens.token, nil
	}
	asked := c.now()
	token, life, err := c.takeToken(ctx)
	if err != nil {
		return "", err
	}
	c.tokens.token, c.tokens.until = token, asked.Add(life-earlier)
	return token, nil
}

// forget drops a token that the registry refused.
func (c *Client) forget(token string) {
	c.tokens.mu.Lock()
	defer c.tokens.mu.Unlock()
	if c.tokens.token == token {
		c.tokens.token = ""
	}
}

const maxTokenLife = time.Hour

func (c *Client) takeToken(ctx context.Context) (token string, life time.Duration, err error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	req := call{method: http.MethodPost, path: "/v1/token", limit: 64 << 10, header: http.Header{}}
	if c.cfg.Credentials.key != nil {
		assertion, err := c.assertion()
		if err != nil {
			return "", 0, err
		}
		form.Set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
		form.Set("client_assertion", assertion)
	} else {
		basic := url.QueryEscape(c.cfg.Credentials.id) + ":" + url.QueryEscape(c.cfg.Credentials.secret)
		req.header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(basic)))
	}
	req.header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.body = []byte(form.Encode())
	body, err := c.once(ctx, req)
	if err != nil {
		return "", 0, err
	}
	var answer struct {
		Token string `json:"access_token"`
		Type  string `json:"token_type"`
		Life  int64  `json:"expires_in"`
	}
	if err := plainJSON(body); err != nil {
		return "", 0, fault(KindMalformed, "the token endpoint answered with what cannot be read: %w", err)
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", 0, fault(KindMalformed, "the token endpoint answered with what cannot be read: %w", err)
	}
	if answer.Token == "" || strings.ContainsAny(answer.Token, " \r\n\t\x00") || !strings.EqualFold(answer.Type, "Bearer") || answer.Life <= 0 {
		return "", 0, fault(KindMalformed, "the token endpoint gave no usable token")
	}
	return answer.Token, min(time.Duration(min(answer.Life, int64(maxTokenLife/time.Second)))*time.Second, maxTokenLife), nil
}

// assertion signs a client assertion (RFC 7523) whose only audience is the issuer.
func (c *Client) assertion() (string, error) {
	now := c.now()
	key, alg := c.cfg.Credentials.key, "EdDSA"
	if _, ec := key.Public().(*ecdsa.PublicKey); ec {
		alg = "ES256"
	}
	header, err := json.Marshal(map[string]string{"alg": alg, "typ": "client-authentication+jwt"})
	if err != nil {
		return "", fault(KindConfig, "write an assertion: %w", err)
	}
	claims, err := json.Marshal(map[string]any{"iss": c.cfg.Credentials.id, "sub": c.cfg.Credentials.id, "aud": c.cfg.Issuer,
		"jti": rand.Text(), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix()})
	if err != nil {
		return "", fault(KindConfig, "write an assertion: %w", err)
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(claims)
	signature, err := sign(key, []byte(signed))
	if err != nil {
		return "", fault(KindConfig, "sign an assertion: %w", err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

func sign(key crypto.Signer, text []byte) ([]byte, error) {
	if _, ec := key.Public().(*ecdsa.PublicKey); !ec {
		return key.Sign(rand.Reader, text, crypto.Hash(0))
	}
	sum := sha256.Sum256(text)
	der, err := key.Sign(rand.Reader, sum[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var parts struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &parts); err != nil {
		return nil, err
	}
	raw := make([]byte, 64) // R and S, 32 bytes each (RFC 7518, section 3.4)
	parts.R.FillBytes(raw[:32])
	parts.S.FillBytes(raw[32:])
	return raw, nil
}

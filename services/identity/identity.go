package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"rigistry/services/store"
)

// Config is what an operator decides. Zero values take the default named.
type Config struct {
	// Issuer is the exact "iss" of tokens and the only "aud" a client assertion
	// may have, normally the base URL. Required.
	Issuer string
	// Audience is the "aud" of tokens; default Issuer.
	Audience string
	// Signing signs new tokens. Required.
	Signing SigningKey
	// Published are further keys for verifying tokens (kind token) and for the
	// key set (all kinds). The signing key need not be repeated.
	Published []PublicKey
	// Methods are the ways a client may prove itself at the token endpoint;
	// default private_key_jwt alone.
	Methods []Method
	// Passwords are the costs of argon2id; default OWASP's 19 MiB, 2 passes.
	Passwords PasswordCost
	// Recheck is how long a client's row may be remembered while its token is
	// used; default 2 s.
	Recheck time.Duration
	// FreshFor is how long after a proof by the password a session may do what
	// needs a fresh one; default 15 minutes.
	FreshFor time.Duration
}

// Method is a way a client proves itself at the token endpoint, by its name in
// the IANA registry of OAuth parameters.
type Method string

// The methods.
const (
	MethodPrivateKeyJWT     Method = "private_key_jwt"
	MethodClientSecretBasic Method = "client_secret_basic"
)

// Service is the identity service. It is safe for concurrent use.
type Service struct {
	store   *store.Store
	log     *slog.Logger
	cfg     Config
	keys    map[string]ed25519.PublicKey // token keys by kid
	keySet  []byte
	methods map[Method]bool
	tokens  *tokenCache
	terms   sync.Map // models.ClientTerms by client id, as of the last check of a token
	usage   *usage
	hashing chan struct{} // bounds the memory of concurrent argon2id runs
	decoy   string        // a hash nobody knows the password of
	pepper  []byte        // for digests of what unknown people typed
}

// New makes the service. It fails when the configuration has no issuer, no
// signing key, an unknown method or two keys with one kid.
func New(s *store.Store, log *slog.Logger, cfg Config) (*Service, error) {
	if cfg.Issuer == "" || len(cfg.Signing.Private) != ed25519.PrivateKeySize || cfg.Signing.KID == "" {
		return nil, errors.New("identity needs an issuer and a signing key with a kid")
	}
	if cfg.Audience == "" {
		cfg.Audience = cfg.Issuer
	}
	if len(cfg.Methods) == 0 {
		cfg.Methods = []Method{MethodPrivateKeyJWT}
	}
	if cfg.Passwords == (PasswordCost{}) {
		cfg.Passwords = DefaultPasswordCost
	}
	if cfg.Recheck == 0 {
		cfg.Recheck = 2 * time.Second
	}
	if cfg.FreshFor == 0 {
		cfg.FreshFor = 15 * time.Minute
	}
	svc := &Service{
		store: s, log: log, cfg: cfg, methods: map[Method]bool{},
		tokens: newTokenCache(maxCachedTokens), usage: newUsage(), hashing: make(chan struct{}, max(2, runtime.GOMAXPROCS(0))),
	}
	for _, m := range cfg.Methods {
		if m != MethodPrivateKeyJWT && m != MethodClientSecretBasic {
			return nil, fmt.Errorf("identity: %q is not a client authentication method", m)
		}
		svc.methods[m] = true
	}
	var err error
	if svc.keys, svc.keySet, err = publish(append([]PublicKey{cfg.Signing.Public()}, cfg.Published...)); err != nil {
		return nil, err
	}
	if svc.decoy, err = cfg.Passwords.hash(rand.Text()); err != nil {
		return nil, err
	}
	if svc.pepper, err = hkdf.Key(sha256.New, cfg.Signing.Private.Seed(), nil, "rigistry sign-in digests", sha256.Size); err != nil {
		return nil, fmt.Errorf("derive the key for digests: %w", err)
	}
	return svc, nil
}

const purgeEvery = 10 * time.Minute

// Run removes what has expired, every ten minutes until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	ticker := time.NewTicker(purgeEvery)
	defer ticker.Stop()
	flush := time.NewTicker(flushEvery)
	defer flush.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.Flush(context.WithoutCancel(ctx))
		case <-flush.C:
			if err := s.Flush(ctx); err != nil && ctx.Err() == nil {
				s.log.Error("what clients asked could not be written", "error", err)
			}
		case <-ticker.C:
			if _, err := s.Purge(ctx); err != nil && ctx.Err() == nil {
				s.log.Error("expired sessions and attempts could not be removed", "error", err)
			}
		}
	}
}

// Purge removes ended sessions, old sign-in attempts and used assertions that
// have expired, and gives the number of rows.
func (s *Service) Purge(ctx context.Context) (n int64, err error) {
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		n, err = tx.PurgeIdentity(tx.Now.Add(-sessionIdle), tx.Now.Add(-attemptsMemory))
		return err
	})
	return n, err
}

// secretBytes makes 256-bit cookie values and client secrets.
const secretBytes = 32

// newSecret gives a random value as text and the SHA-256 of the text.
func newSecret() (string, []byte, error) {
	raw := make([]byte, secretBytes)
	if _, err := rand.Read(raw); err != nil {
		return "", nil, fmt.Errorf("make a secret: %w", err)
	}
	value := base64.RawURLEncoding.EncodeToString(raw)
	return value, digest(value), nil
}

func digest(value string) []byte {
	sum := sha256.Sum256([]byte(value))
	return sum[:]
}

// pseudonym stands in the ledger for a login that nobody has: people type
// passwords into the wrong field.
func (s *Service) pseudonym(text string) string {
	mac := hmac.New(sha256.New, s.pepper)
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"rigistry/models"
)

// PasswordCost are the parameters of argon2id (RFC 9106).
type PasswordCost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultPasswordCost is the second recommendation of the OWASP Password Storage
// Cheat Sheet: 19 MiB, two passes, one lane.
var DefaultPasswordCost = PasswordCost{MemoryKiB: 19 * 1024, Passes: 2, Lanes: 1}

const (
	minPassword  = 12  // characters
	maxPassword  = 256 // bytes; a longer one is only work for us
	passwordSalt = 16
	passwordKey  = 32
)

// hash gives the password's hash in the PHC string format.
func (c PasswordCost) hash(password string) (string, error) {
	salt := make([]byte, passwordSalt)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("salt a password: %w", err)
	}
	key := argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, c.Lanes, passwordKey)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.MemoryKiB, c.Passes, c.Lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

var errHashFormat = errors.New("a stored password hash cannot be read")

// parseHash reads what hash wrote.
func parseHash(encoded string) (c PasswordCost, salt, key []byte, err error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errHashFormat
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Lanes); err != nil {
		return c, nil, nil, errHashFormat
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err == nil {
		key, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err != nil || len(key) != passwordKey || c.Passes == 0 || c.Lanes == 0 {
		return c, nil, nil, errHashFormat
	}
	return c, salt, key, nil
}

// hashPassword hashes within the bound on concurrent runs.
func (s *Service) hashPassword(ctx context.Context, password string) (string, error) {
	if err := s.takeHashing(ctx); err != nil {
		return "", err
	}
	defer s.giveHashing()
	return s.cfg.Passwords.hash(password)
}

// checkPassword tells whether the password is the one of the hash. It takes the
// same time either way.
func (s *Service) checkPassword(ctx context.Context, encoded, password string) (bool, error) {
	c, salt, key, err := parseHash(encoded)
	if err != nil {
		return false, err
	}
	if err := s.takeHashing(ctx); err != nil {
		return false, err
	}
	defer s.giveHashing()
	got := argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, c.Lanes, passwordKey)
	return subtle.ConstantTimeCompare(got, key) == 1, nil
}

func (s *Service) takeHashing(ctx context.Context) error {
	select {
	case s.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Service) giveHashing() { <-s.hashing }

// checkNewPassword adds what is wrong with a chosen password.
func checkNewPassword(v *models.Invalid, password, login string) {
	switch {
	case utf8.RuneCountInString(password) < minPassword:
		v.Add("/password", "too_short", "Use at least %d characters; a few words are best.", minPassword)
	case len(password) > maxPassword:
		v.Add("/password", "too_long", "Use at most %d bytes.", maxPassword)
	case login != "" && strings.Contains(strings.ToLower(password), login):
		v.Add("/password", "contains_login", "The password must not contain the login.")
	}
}

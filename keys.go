package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"rigistry/services/identity"
)

// Keys are the signing keys of one registry: access tokens, gate permits,
// ledger checkpoints and documents each have their own. They live in DATA/keys as PKCS #8 PEM,
// readable by the owner only, and never in the database.
type Keys struct {
	Token    ed25519.PrivateKey
	Permit   ed25519.PrivateKey
	Ledger   ed25519.PrivateKey
	Document ed25519.PrivateKey
	Webhook  ed25519.PrivateKey // what the keys of webhooks are derived from; signs nothing itself
	Trial    ed25519.PrivateKey // signs answers of the test mode
}

var keyNames = []string{"token", "permit", "ledger", "document", "webhook", "test"}

// Keys reads the keys of the data folder, makes those that are missing, and
// writes the public halves to DATA/keys/jwks.json for offline verification.
func (app *App) Keys() (*Keys, error) {
	dir := filepath.Join(app.Config.Data, "keys")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the key folder: %w", err)
	}
	loaded := make([]ed25519.PrivateKey, 0, len(keyNames))
	for _, name := range keyNames {
		key, err := loadKey(filepath.Join(dir, name+".key"))
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", name, err)
		}
		loaded = append(loaded, key)
	}
	keys := &Keys{Token: loaded[0], Permit: loaded[1], Ledger: loaded[2], Document: loaded[3], Webhook: loaded[4], Trial: loaded[5]}
	set, err := json.MarshalIndent(map[string]any{"keys": keys.jwks()}, "", "  ")
	if err != nil {
		return nil, err
	}
	return keys, writeDurably(filepath.Join(dir, "jwks.json"), append(set, '\n'), 0o644)
}

// published gives the public halves for the key set of the server.
func (k *Keys) published() []identity.PublicKey {
	return []identity.PublicKey{
		{KID: keyID(k.Permit.Public().(ed25519.PublicKey)), Key: k.Permit.Public().(ed25519.PublicKey), Use: identity.KeyPermit},
		{KID: keyID(k.Ledger.Public().(ed25519.PublicKey)), Key: k.Ledger.Public().(ed25519.PublicKey), Use: identity.KeyLedger},
		{KID: keyID(k.Document.Public().(ed25519.PublicKey)), Key: k.Document.Public().(ed25519.PublicKey), Use: identity.KeyDocument},
		{KID: keyID(k.Trial.Public().(ed25519.PublicKey)), Key: k.Trial.Public().(ed25519.PublicKey), Use: identity.KeyTrial},
	}
}

// jwks gives the public keys as RFC 8037 JWKs.
func (k *Keys) jwks() []map[string]string {
	var out []map[string]string
	for _, named := range []struct {
		purpose string
		key     ed25519.PrivateKey
	}{{"token", k.Token}, {"permit", k.Permit}, {"ledger", k.Ledger}, {"document", k.Document}, {"test", k.Trial}} {
		public := named.key.Public().(ed25519.PublicKey)
		out = append(out, map[string]string{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
			"kid": keyID(public), "purpose": named.purpose, "x": base64.RawURLEncoding.EncodeToString(public)})
	}
	return out
}

// keyID is the first eight bytes of the key's SHA-256 in hex.
func keyID(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return hex.EncodeToString(sum[:8])
}

func loadKey(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no PEM block; restore it from the backup", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s is not an Ed25519 key", path)
	}
	return key, nil
}

func makeKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writeDurably(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
}

// writeDurably writes a file so that after a power cut it is there whole or not
// at all: write aside, sync, rename, sync the folder.
func writeDurably(path string, content []byte, mode os.FileMode) error {
	aside := path + ".new"
	f, err := os.OpenFile(aside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(aside, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}

// readSecret reads a secret from a file, without the line end.
func readSecret(path string) (string, error) {
	b, err := os.ReadFile(path)
	return strings.TrimSpace(string(b)), err
}

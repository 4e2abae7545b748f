package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rigistry/api/client"
	"rigistry/models"
	"rigistry/services/identity"
)

// keyFiles makes a private key, gives its public half as a JWK and writes the private
// one into a file, as a JWK for Ed25519 and as PEM for P-256.
func (w *town) keyFiles(kind string) (public, file string) {
	w.t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	write := func(v any) string {
		b, err := json.Marshal(v)
		w.must(err)
		return string(b)
	}
	file = filepath.Join(w.t.TempDir(), kind)
	if kind == "Ed25519" {
		pub, key, err := ed25519.GenerateKey(rand.Reader)
		w.must(err)
		w.must(os.WriteFile(file, []byte(write(map[string]string{"kty": "OKP", "crv": kind, "x": b64(pub), "d": b64(key.Seed())})), 0o600))
		return write(map[string]string{"kty": "OKP", "crv": kind, "x": b64(pub)}), file
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.must(err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	w.must(err)
	w.must(os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	point, err := key.PublicKey.Bytes()
	w.must(err)
	return write(map[string]string{"kty": "EC", "crv": kind, "x": b64(point[1:33]), "y": b64(point[33:])}), file
}

func TestGateCheck_ProvesItselfWithAKeyAndBelievesOnlyTheKeysItPinned(t *testing.T) {
	w := newTown(t, "")
	files, ids := map[string]string{}, map[string]string{}
	w.open(func(r *registry) {
		for _, kind := range []string{"Ed25519", "P-256"} {
			public, file := w.keyFiles(kind)
			c, err := r.svc.Identity.CreateClient(t.Context(), models.System(), identity.NewClient{Name: kind, Role: models.RoleUtility, Utility: w.utility, PublicJWK: public})
			w.must(err)
			files[kind], ids[kind] = file, c.Client.ID
		}
	})
	w.start()
	state := filepath.Join(t.TempDir(), "seen.json")
	check := func(kind string, want int, words string, more ...string) {
		t.Helper()
		args := append([]string{"gate", "check", "--url", "http://" + *w.addr.Load(), "--issuer", "http://127.0.0.1", "--client-id", ids[kind], "--key", files[kind],
			"--connection-point", w.points[0], "--applicant", townHolder, "--license", w.license, "--kw", "10"}, more...)
		var out bytes.Buffer
		if code := run(context.Background(), args, strings.NewReader(""), &out, &out, time.Now); code != want || !strings.Contains(out.String(), words) {
			t.Errorf("%s %v: exit %d, want %d with %q\n%s", kind, more, code, want, words, out.String())
		}
	}
	check("Ed25519", exitDone, "P E R M I T")
	check("P-256", exitDone, "at most      10 kW", "--state", state)
	check("P-256", exitDone, `"decision":"permit"`, "--state", state, "--json")
	check("P-256", exitDeny, "Do not energise", "--state", state, "--kw", "99999")

	ids["swapped"], files["swapped"] = ids["Ed25519"], files["P-256"]
	check("swapped", exitFailed, "Do not disconnect a live load")
	foreign := &App{Ctx: t.Context(), Now: time.Now, Config: &Config{Data: t.TempDir()}}
	_, err := foreign.Keys()
	w.must(err)
	check("P-256", exitFailed, "(signature)", "--keys", filepath.Join(foreign.Config.Data, "keys", "jwks.json"))

	// What was seen before counts after a restart: other keys, and a registry that knows less.
	seen, err := client.FileMemory(state).Load()
	if err != nil || seen.Revision == 0 || len(seen.Keys) != 1 {
		t.Fatalf("the state is %+v, %v", seen, err)
	}
	for words, change := range map[string]func(s *client.Seen){
		"other keys than the first time": func(s *client.Seen) { s.Keys = []string{"0:0"} },
		"NO ANSWER":                      func(s *client.Seen) { s.Revision += 1_000_000 }, // the registry says that it is behind, or the client finds it
	} {
		changed := seen
		change(&changed)
		content, err := json.Marshal(changed)
		w.must(err)
		w.must(os.WriteFile(state, content, 0o600))
		check("P-256", exitFailed, words, "--state", state, "--timeout", "1500ms")
	}
}

package client_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"rigistry/api/client"
	"rigistry/models"
	"rigistry/services/gate"
)

// lie is what the server does instead of the truth. Each part may be nil.
type lie struct {
	permit  func(p *gate.Permit)                                      // before it is signed
	answer  func(a map[string]any)                                    // before it is written
	text    func(body string) string                                  // before it is sent
	respond func(w http.ResponseWriter, r *http.Request, body []byte) // instead of sending it
	token   func(w http.ResponseWriter, r *http.Request, body []byte) // at the token endpoint
	signer  ed25519.PrivateKey                                        // instead of the registry's key
	list    func(l *gate.StatusList)                                  // before it is signed
}

// world is a registry that tells the truth until it is given a lie.
type world struct {
	t    *testing.T
	srv  *httptest.Server
	key  ed25519.PrivateKey
	keys client.Keys

	mu       sync.Mutex
	now      time.Time
	lie      lie
	revision int64
	checks   int                       // requests for a check
	tokens   int                       // tokens given
	keysSeen map[string]int            // Idempotency-Keys
	stored   map[string]map[string]any // answers by key
	list     gate.StatusList
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, key: keyOf(1), now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC), revision: 100, keysSeen: map[string]int{}, stored: map[string]map[string]any{}}
	w.keys = keysOf(t, w.key)
	w.list = gate.StatusList{Version: 7, Utility: "U-1", IssuedAt: w.now, ExpiresAt: w.now.Add(gate.StatusListLife),
		Licenses:    gate.StatusBits{IDs: []string{"KZ18DMA00000042", "KZ19DMA00000043"}, Bits: "BA"},
		Connections: gate.StatusBits{IDs: []string{"PS12-F03-CP007"}, Bits: "AA"}}
	w.srv = httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.srv.Close)
	return w
}

func keyOf(seed byte) ed25519.PrivateKey {
	b := make([]byte, ed25519.SeedSize)
	b[0] = seed
	return ed25519.NewKeyFromSeed(b)
}

// keysOf writes a key as a JWKS and reads it as a client does.
func keysOf(t *testing.T, key ed25519.PrivateKey) client.Keys {
	t.Helper()
	jwks, err := json.Marshal(map[string]any{"keys": []map[string]string{{"kty": "OKP", "crv": "Ed25519", "purpose": "permit",
		"x": base64.RawURLEncoding.EncodeToString(key[ed25519.SeedSize:])}}})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := client.ParseKeys(jwks)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) tell(l lie) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lie = l
}

// config is of a client that gives up soon.
func (w *world) config() client.Config {
	return client.Config{URL: w.srv.URL, Credentials: client.WithSecret("c1", "s3cret"), Keys: w.keys, Utility: "U-1", Now: w.clock,
		Timeout: 250 * time.Millisecond, Attempts: 2, Pause: time.Microsecond}
}

func (w *world) client(cfg client.Config) *client.Client {
	w.t.Helper()
	c, err := client.New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func question() client.Request {
	return client.Request{Reference: "WO-1", ConnectionPoint: "PS12-F03-CP007", Applicant: "210440038887", License: "KZ18DMA00000042",
		Watts: 900_000, Purpose: "mining", Event: "new_connection"}
}

func (w *world) serve(res http.ResponseWriter, req *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	switch req.URL.Path {
	case "/v1/token":
		w.tokens++
		text := []byte(`{"access_token":"t-1","token_type":"Bearer","expires_in":600}`)
		if w.lie.token != nil {
			w.unlocked(func(l lie) { l.token(res, req, text) })
			return
		}
		sendJSON(res, text)
	case "/v1/gate/checks":
		w.checks++
		w.keysSeen[req.Header.Get("Idempotency-Key")]++
		var in map[string]any
		if json.Unmarshal(body, &in) != nil {
			res.WriteHeader(http.StatusBadRequest)
			return
		}
		w.send(res, req, w.answer(in, req.Header.Get("Idempotency-Key")))
	case "/v1/gate/checks/batch":
		var in struct {
			Checks []map[string]any `json:"checks"`
		}
		if json.Unmarshal(body, &in) != nil {
			res.WriteHeader(http.StatusBadRequest)
			return
		}
		answers := []any{}
		for i, c := range in.Checks {
			answers = append(answers, w.answer(c, req.Header.Get("Idempotency-Key")+string(rune('a'+i))))
		}
		w.send(res, req, map[string]any{"answers": answers})
	case "/v1/gate/status-list":
		l := w.list
		if w.lie.list != nil {
			w.lie.list(&l)
		}
		token, err := gate.SignStatusList(w.signer(), l)
		if err != nil {
			w.t.Error(err)
		}
		a := map[string]any{"version": l.Version, "since": l.Since, "issued_at": l.IssuedAt, "expires_at": l.ExpiresAt, "licenses": len(l.Licenses.IDs),
			"connections": len(l.Connections.IDs), "status_list": token}
		if w.lie.answer != nil {
			w.lie.answer(a)
		}
		w.send(res, req, a)
	default:
		res.WriteHeader(http.StatusNotFound)
	}
}

func (w *world) unlocked(fn func(l lie)) {
	l := w.lie
	w.mu.Unlock()
	defer w.mu.Lock()
	fn(l)
}

func (w *world) signer() ed25519.PrivateKey {
	if w.lie.signer != nil {
		return w.lie.signer
	}
	return w.key
}

// answer permits what was asked, once for each key, as the gate does.
func (w *world) answer(in map[string]any, key string) map[string]any {
	if a, found := w.stored[key]; found {
		return a
	}
	kw := json.Number("900")
	id := "check-" + key
	p := gate.Permit{ID: id, Utility: "U-1", ConnectionPoint: in["connection_point"].(string), License: "KZ18DMA00000042", LicenseVersion: 3, MaxKW: kw,
		ValidUntil: w.now.Add(15 * time.Minute), DecidedAt: w.now, RulesVersion: "r1", Revision: w.revision, FactsDigest: "sha256:00",
		Event: models.GateEvent(in["event"].(string)), Reference: in["reference"].(string)}
	a := map[string]any{"id": id, "reference": p.Reference, "decision": "permit", "reasons": []any{}, "requested_kw": in["requested_kw"], "max_kw": 900,
		"valid_until": p.ValidUntil, "license": p.License, "license_version": p.LicenseVersion, "connection_point": p.ConnectionPoint,
		"decided_at": p.DecidedAt, "rules_version": p.RulesVersion, "revision": p.Revision, "facts_digest": p.FactsDigest}
	if w.lie.permit != nil {
		w.lie.permit(&p)
	}
	token, err := gate.SignPermit(w.signer(), p)
	if err != nil {
		w.t.Error(err)
	}
	a["permit"] = token
	if w.lie.answer != nil {
		w.lie.answer(a)
	} else if w.lie.permit == nil && w.lie.signer == nil {
		w.stored[key] = a
	}
	return a
}

func (w *world) send(res http.ResponseWriter, req *http.Request, a any) {
	text, err := json.Marshal(a)
	if err != nil {
		w.t.Error(err)
	}
	if w.lie.text != nil {
		text = []byte(w.lie.text(string(text)))
	}
	if w.lie.respond != nil {
		w.unlocked(func(l lie) { l.respond(res, req, text) })
		return
	}
	sendJSON(res, text)
}

func sendJSON(w http.ResponseWriter, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text)
}

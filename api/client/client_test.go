package client_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"rigistry/api/client"
	"rigistry/services/gate"
)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

func TestClient_TheZeroAnswerAndOneMadeByHandPermitNothing(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	if (client.Answer{}).Permits(now) || (client.Answer{Outcome: client.Permitted, DecidedAt: now, ValidUntil: now.Add(time.Hour)}).Permits(now) {
		t.Error("an answer that nobody gave permits")
	}
	var o client.Outcome
	if o != client.NoAnswer || o.String() != "no answer" {
		t.Errorf("the zero outcome is %s", o)
	}
}

func TestClient_APermitEnds(t *testing.T) {
	w := newWorld(t)
	a, err := w.client(w.config()).Check(t.Context(), question())
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Duration]bool{-time.Hour: false, 0: true, 15*time.Minute - time.Microsecond: true, 15 * time.Minute: false, 24 * time.Hour: false} {
		if got := a.Permits(w.clock().Add(at)); got != want {
			t.Errorf("%s after the decision it permits: %v, want %v", at, got, want)
		}
	}
}

func TestClient_ALostAnswerIsFetchedWithTheSameKey(t *testing.T) {
	w := newWorld(t)
	lost := 0
	w.tell(lie{respond: func(res http.ResponseWriter, _ *http.Request, body []byte) {
		if lost++; lost == 1 {
			panic(http.ErrAbortHandler) // decided and stored, and never sent
		}
		sendJSON(res, body)
	}})
	a, err := w.client(w.config()).Check(t.Context(), question())
	if err != nil || !a.Permits(w.clock()) {
		t.Fatalf("the retry: %v", err)
	}
	if len(w.keysSeen) != 1 || w.keysSeen[a.IdempotencyKey] != 2 || len(w.stored) != 1 {
		t.Errorf("keys %v, %d answers stored: want one key sent twice, and one answer", w.keysSeen, len(w.stored))
	}
}

func TestClient_AnAnswerFromBeforeARestartIsFetchedOnlyWhenTheCallerSaysSo(t *testing.T) {
	w := newWorld(t)
	r := question()
	r.IdempotencyKey = "work-order-118"
	asked := w.clock()
	if _, err := w.client(w.config()).Check(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	w.now, w.revision = w.now.Add(5*time.Minute), 200
	w.mu.Unlock()
	c := w.client(w.config())
	if _, err := c.Check(t.Context(), r); client.KindOf(err) != client.KindReplayed {
		t.Errorf("an answer of five minutes ago to a question of now: %v", err)
	}
	r.FirstAsked = asked
	if a, err := c.Check(t.Context(), r); err != nil || !a.Permits(w.clock()) {
		t.Errorf("the same, said to be from then: %v", err)
	}
	w.mu.Lock()
	w.now = w.now.Add(time.Hour)
	w.mu.Unlock()
	if _, err := c.Check(t.Context(), r); client.KindOf(err) != client.KindExpired {
		t.Errorf("the same when it is over: %v", err)
	}
}

func TestClient_RemembersTheNewestFactsAcrossRestarts(t *testing.T) {
	w := newWorld(t)
	cfg := w.config()
	cfg.Memory = client.FileMemory(filepath.Join(t.TempDir(), "seen.json"))
	if _, err := w.client(cfg).Check(t.Context(), question()); err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	w.revision = 99 // a registry restored from an old backup
	w.mu.Unlock()
	if a, err := w.client(cfg).Check(t.Context(), question()); client.KindOf(err) != client.KindReplayed || a.Permits(w.clock()) {
		t.Errorf("after a restart: %v", err)
	}
	if _, err := w.client(w.config()).Check(t.Context(), question()); err != nil {
		t.Errorf("control, without a memory: %v", err)
	}
	if err := os.WriteFile(string(cfg.Memory.(client.FileMemory)), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := client.New(cfg); client.KindOf(err) != client.KindMemory {
		t.Errorf("a damaged memory: %v", err)
	}
}

type fullDisk struct{}

func (fullDisk) Load() (client.Seen, error) { return client.Seen{}, nil }
func (fullDisk) Save(client.Seen) error     { return errors.New("no space left on device") }

func TestClient_WhatCannotBeRememberedIsNotBelieved(t *testing.T) {
	w := newWorld(t)
	cfg := w.config()
	cfg.Memory = fullDisk{}
	c := w.client(cfg)
	if a, err := c.Check(t.Context(), question()); client.KindOf(err) != client.KindMemory || a.Permits(w.clock()) {
		t.Errorf("check: %v", err)
	}
	if l, err := c.StatusList(t.Context(), nil); client.KindOf(err) != client.KindMemory || l != nil {
		t.Errorf("status list: %v", err)
	}
}

func TestClient_ABatchIsAnsweredWholeOrNotAtAll(t *testing.T) {
	w := newWorld(t)
	c := w.client(w.config())
	rs := []client.Request{question(), question(), question()}
	rs[1].Reference, rs[2].Reference = "WO-2", "WO-3"
	answers, err := c.CheckBatch(t.Context(), rs)
	if err != nil || len(answers) != 3 || !answers[0].Permits(w.clock()) || !answers[2].Permits(w.clock()) {
		t.Fatalf("control: %v", err)
	}
	n := 0
	for name, l := range map[string]lie{
		"one of three is for another point": {answer: func(a map[string]any) {
			if n++; n == 3 {
				a["connection_point"] = "PS12-F03-CP008"
			}
		}},
		"one answer for all":    {permit: func(p *gate.Permit) { p.ID = "check-x" }, answer: func(a map[string]any) { a["id"] = "check-x" }},
		"signed by another key": {signer: keyOf(2)},
		"one missing":           {text: func(string) string { return `{"answers":[]}` }},
		"unknown field":         {text: func(s string) string { return s[:len(s)-1] + `,"more":true}` }},
	} {
		w.tell(l)
		if answers, err := c.CheckBatch(t.Context(), rs); client.KindOf(err) == "" || answers != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClient_AnOlderOrForeignStatusListIsRefusedAlsoAfterARestart(t *testing.T) {
	w := newWorld(t)
	cfg := w.config()
	cfg.Memory = client.FileMemory(filepath.Join(t.TempDir(), "seen.json"))
	list, err := w.client(cfg).StatusList(t.Context(), nil)
	if err != nil || list.License("KZ18DMA00000042", w.clock()) != client.StatusValid || list.License("kz19-dma-00000043", w.clock()) != client.StatusSuspended ||
		list.Connection("PS12-F03-CP007", w.clock()) != client.StatusValid || list.Connection("PS12-F03-CP008", w.clock()) != client.StatusUnknown {
		t.Fatalf("control: %v, %+v", err, list)
	}
	if got := list.License("KZ18DMA00000042", list.ExpiresAt); got != client.StatusUnknown {
		t.Errorf("a day later it says %s", got)
	}
	w.tell(lie{list: func(l *gate.StatusList) { // changes since
		l.Version, l.Since = 8, 7
		l.Licenses, l.Connections = gate.StatusBits{IDs: []string{"KZ18DMA00000042"}, Bits: "Ag"}, gate.StatusBits{IDs: []string{}}
	}})
	c := w.client(cfg)
	if list, err = c.StatusList(t.Context(), list); err != nil || list.License("KZ18DMA00000042", w.clock()) != client.StatusRevoked ||
		list.License("KZ19DMA00000043", w.clock()) != client.StatusSuspended {
		t.Fatalf("changes: %v, %+v", err, list)
	}
	for name, l := range map[string]struct {
		kind client.Kind
		lie  lie
	}{
		"an older version": {client.KindReplayed, lie{}},
		"a gap":            {client.KindReplayed, lie{list: func(l *gate.StatusList) { l.Version, l.Since = 12, 11 }}},
		"another utility":  {client.KindMismatch, lie{list: func(l *gate.StatusList) { l.Version, l.Utility = 9, "U-2" }}},
		"another key":      {client.KindSignature, lie{signer: keyOf(2)}},
		"too long a life":  {client.KindSignature, lie{list: func(l *gate.StatusList) { l.Version, l.ExpiresAt = 9, l.ExpiresAt.Add(time.Hour) }}},
		"over": {client.KindExpired, lie{list: func(l *gate.StatusList) {
			l.Version, l.IssuedAt, l.ExpiresAt = 9, l.IssuedAt.Add(-25*time.Hour), l.ExpiresAt.Add(-25*time.Hour)
		}}},
		"of tomorrow": {client.KindClock, lie{list: func(l *gate.StatusList) {
			l.Version, l.IssuedAt, l.ExpiresAt = 9, l.IssuedAt.Add(25*time.Hour), l.ExpiresAt.Add(25*time.Hour)
		}}},
		"says another version": {client.KindMismatch, lie{list: func(l *gate.StatusList) { l.Version = 9 }, answer: func(a map[string]any) { a["version"] = 10 }}},
	} {
		w.tell(l.lie)
		if got, err := w.client(cfg).StatusList(t.Context(), nil); client.KindOf(err) != l.kind || got != nil {
			t.Errorf("%s: %v, want %s", name, err, l.kind)
		}
	}
}

func TestNew_RefusesWhatWouldBeUnsafe(t *testing.T) {
	w := newWorld(t)
	for name, change := range map[string]func(*client.Config){
		"a token in the clear": func(c *client.Config) { c.URL = "http://registry.example.kz" },
		"no address":           func(c *client.Config) { c.URL = "registry" },
		"no credentials":       func(c *client.Config) { c.Credentials = client.Credentials{} },
		"no keys":              func(c *client.Config) { c.Keys = nil },
		"no clock":             func(c *client.Config) { c.Now = nil },
		"time that runs back":  func(c *client.Config) { c.Timeout = -1 },
	} {
		cfg := w.config()
		change(&cfg)
		if _, err := client.New(cfg); client.KindOf(err) != client.KindConfig {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseKey_TakesEd25519AndP256(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content []byte
		good    bool
	}{
		"Ed25519": {pkcs8(t, keyOf(1)), true}, "P-256": {pkcs8(t, p256), true}, "P-384": {pkcs8(t, p384), false},
		"JWK":               {[]byte(`{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`), true},
		"JWK of two halves": {[]byte(`{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp"}`), false},
		"a public key":      {[]byte(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`), false},
		"nothing":           {nil, false},
	} {
		key, err := client.ParseKey(c.content)
		if (err == nil) != c.good || c.good && key == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPinKeys_AreTheSameForTheSameKeys(t *testing.T) {
	a, b := keysOf(t, keyOf(1)), keysOf(t, keyOf(2))
	if !slices.Equal(client.PinKeys(a), client.PinKeys(keysOf(t, keyOf(1)))) || slices.Equal(client.PinKeys(a), client.PinKeys(b)) {
		t.Error("pins do not tell keys apart")
	}
}

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

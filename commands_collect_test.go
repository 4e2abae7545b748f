package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

func TestCollect_SecretsNeverLeaveTheMachineInTheClear(t *testing.T) {
	dir := t.TempDir()
	secret, file := filepath.Join(dir, "secret"), filepath.Join(dir, "collect.json")
	if err := os.WriteFile(secret, []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	for server, allowed := range map[string]bool{
		"https://registry.example.kz": true, "http://127.0.0.1:8080": true, "http://127.8.0.1:8080": true, "http://[::1]:8080": true, "http://localhost:8080": true,
		"http://registry.example.kz": false, "http://10.0.0.5:8080": false, "http://[fd00::1]:8080": false, "http://localhost.example.kz": false,
		"http://0.0.0.0:8080": false, "ftp://registry.example.kz": false, "http://127.0.0.1.example.kz": false,
	} {
		config := `{"server": "` + server + `", "collector": "c", "client_id": "i", "client_secret_file": "` + secret + `",
			"meters": [{"code": "M", "profile": "eastron/sdm630", "url": "tcp://127.0.0.1:502"}]}`
		if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := (&CollectCmd{Config: file}).read()
		if (err == nil) != allowed {
			t.Errorf("%s: got %v, want allowed %v", server, err, allowed)
		}
		if err != nil && models.CodeOf(err) != models.CodeInvalid {
			t.Errorf("%s: got code %s", server, models.CodeOf(err))
		}
	}
}

func TestUplink_FollowsNoRedirectWithItsToken(t *testing.T) {
	var leaked atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { leaked.Add(1) }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	u := newUplink(collectConfig{Server: server.URL, ClientID: "i"}, "s", time.Now)
	err := u.send(context.Background(), metering.Batch{Collector: "c", Sequence: 1})
	if err == nil || leaked.Load() != 0 {
		t.Errorf("got %v with %d requests elsewhere, want an error and none", err, leaked.Load())
	}
}

func TestUplink_TellsARefusalFromAServerThatIsAway(t *testing.T) {
	for status, forGood := range map[int]bool{400: true, 409: true, 413: true, 422: true, 401: false, 403: false, 404: false, 408: false, 429: false, 500: false, 502: false, 503: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/token") {
				_, _ = w.Write([]byte(`{"access_token": "t", "expires_in": 600}`))
				return
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"detail": "No."}`))
		}))
		u := newUplink(collectConfig{Server: server.URL, ClientID: "i"}, "s", time.Now)
		err := u.send(context.Background(), metering.Batch{Collector: "c", Sequence: 1})
		var refused *metering.RefusedError
		if err == nil || errors.As(err, &refused) != forGood {
			t.Errorf("%d: got %v, for good %v; want for good %v", status, err, errors.As(err, &refused), forGood)
		}
		server.Close()
	}
}

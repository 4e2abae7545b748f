package api

import (
	"net/http"
	"strings"
	"testing"
)

func TestFieldApp_MayRunItsDecoderAndNothingFromElsewhere(t *testing.T) {
	s := newIdentityServer(t)
	a := s.do("GET", "/field/", "")
	policy := a.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'self'", "script-src 'self' 'wasm-unsafe-eval';", "worker-src 'self'", "object-src 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy of the field app has no %q: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe-eval' 'unsafe") || strings.Contains(policy, "http") {
		t.Errorf("the policy of the field app allows too much: %s", policy)
	}
	for path := range map[string]bool{"/app/": true, "/register": true} {
		if policy := s.do("GET", path, "").Header.Get("Content-Security-Policy"); strings.Contains(policy, "wasm") {
			t.Errorf("the policy of %s allows WebAssembly: %s", path, policy)
		}
	}
	if a := s.do("GET", "/field", ""); a.StatusCode != http.StatusMovedPermanently || a.Header.Get("Location") != "/field/" {
		t.Errorf("/field answers %d to %q, want a redirect to /field/", a.StatusCode, a.Header.Get("Location"))
	}
}

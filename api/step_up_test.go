package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rigistry/models"
)

func TestStepUp_ASignatureNeedsAFreshPasswordAndTheSameRequestIsRepeated(t *testing.T) {
	w := newWhole(t)
	cookieName, cookie := w.credential(t, models.RoleHead)
	post := func(path, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, testBase+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", "signature-1")
		r.Header.Set(cookieName, cookie)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		return rec
	}
	const sign = "/v1/applications/none/signature"
	w.clock.Advance(16 * time.Minute)
	if got := post(sign, "{}"); got.Code != http.StatusForbidden || !strings.Contains(got.Body.String(), `"code":"step_up_required"`) {
		t.Fatalf("16 minutes after the password: %d %s, want 403 step_up_required", got.Code, got.Body)
	}
	if got := post("/v1/session/step-up", `{"password":"something else entirely"}`); got.Code != http.StatusUnprocessableEntity || !strings.Contains(got.Body.String(), `"/password"`) {
		t.Fatalf("a wrong password: %d %s, want 422 at /password", got.Code, got.Body)
	}
	if got := post(sign, "{}"); got.Code != http.StatusForbidden {
		t.Fatalf("after a wrong password: %d, want 403", got.Code)
	}
	if got := post("/v1/session/step-up", `{"password":"long-enough-password-1"}`); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"fresh_until"`) {
		t.Fatalf("the right password: %d %s, want 200", got.Code, got.Body)
	}
	if got := post(sign, "{}"); got.Code != http.StatusNotFound {
		t.Errorf("the same request with the same key after the proof: %d %s, want it to reach its handler (404)", got.Code, got.Body)
	}
	w.clock.Advance(15 * time.Minute)
	if got := post(sign, "{}"); got.Code != http.StatusNotFound {
		t.Errorf("the kept answer of the key: %d, want 404 again", got.Code)
	}
	if got := w.call(http.MethodPost, sign, cookieName, cookie); got.Code != http.StatusForbidden {
		t.Errorf("a new request 15 minutes after the proof: %d, want 403", got.Code)
	}
}

func TestStepUp_EveryRouteThatSignsIsMarked(t *testing.T) {
	w := newWhole(t)
	for _, r := range w.routes() {
		signs := strings.HasSuffix(r.path, "/signature") || strings.HasSuffix(r.path, "/confirmation") && r.action != models.ActGateConfirm
		if signs && r.method == http.MethodPost && !r.fresh {
			t.Errorf("%s %s signs, or confirms what another proposed, without asking who is there", r.method, r.path)
		}
	}
}

package api

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/gate"
	"rigistry/services/identity"
	"rigistry/services/store/storetest"
)

// client adds an API client of the utility with terms and gives its token.
func (w *whole) client(t *testing.T, terms models.ClientTerms) (id, bearer string) {
	t.Helper()
	ctx := context.Background()
	c, err := w.people.CreateClient(ctx, models.System(), identity.NewClient{Name: "system", Role: models.RoleUtility, Utility: w.utility.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.people.SetTerms(ctx, models.System(), c.Client.ID, terms); err != nil {
		t.Fatal(err)
	}
	token, err := w.people.Issue(ctx, identity.TokenRequest{HasBasic: true, BasicID: c.Client.ID, BasicSecret: c.Secret, GrantType: "client_credentials"})
	if err != nil {
		t.Fatal(err)
	}
	return c.Client.ID, "Bearer " + token.Value
}

func checkBody(point string) string {
	return `{"reference":"WO-1","connection_point":"` + point + `","applicant":"210440038887","requested_kw":900,"purpose":"mining","event":"new_connection"}`
}

func (w *whole) check(bearer, key, point string, headers ...string) *httptest.ResponseRecorder {
	return w.askedRaw(http.MethodPost, "/v1/gate/checks", checkBody(point), append([]string{"Content-Type", "application/json", "Authorization", bearer, "Idempotency-Key", key}, headers...)...)
}

func TestTrials_AnswerDeterministicallyAndChangeNothingLive(t *testing.T) {
	w := newWhole(t)
	_, bearer := w.client(t, models.ClientTerms{Trial: true})
	live := func() map[string][]string {
		return storetest.Dump(t, w.svc.Store, func(table, _ string) bool { return table == "trial_checks" })
	}
	before := live()
	for point, want := range map[string]string{"TEST-PERMIT": "permit", "TEST-DENY": "deny", "TEST-REFER": "refer", "TEST-STALE": "refer", "TEST-MANY": "deny", "PS12-F03-CP007": "deny"} {
		got := w.check(bearer, "k-"+point, point)
		var a CheckAnswer
		if err := json.Unmarshal(got.Body.Bytes(), &a); err != nil || got.Code != http.StatusOK || a.Decision != want || got.Header().Get("Rigistry-Test") != "true" {
			t.Fatalf("%s: %d %s (%v), want %s", point, got.Code, got.Body, err, want)
		}
		if again := w.check(bearer, "k-"+point, point); again.Body.String() != got.Body.String() {
			t.Errorf("%s: a retry answers %s, want the same bytes", point, again.Body)
		}
		if want != "permit" {
			continue
		}
		key := ed25519.NewKeyFromSeed([]byte(strings.Repeat("\x07", ed25519.SeedSize)))
		if _, err := gate.VerifyPermit(a.Permit, []ed25519.PublicKey{key.Public().(ed25519.PublicKey)}, w.clock.Now()); err == nil {
			t.Error("a permit of the test mode verifies as a real one, even with its own key")
		}
		body := fmt.Sprintf(`{"energised_at":%q,"kw":10,"meter_serial":"M","switching_order":"S"}`, w.clock.Now().Format(time.RFC3339))
		if c := w.askedRaw(http.MethodPost, "/v1/gate/checks/"+a.ID+"/confirmation", body, "Authorization", bearer, "Content-Type", "application/json"); c.Code != http.StatusOK {
			t.Errorf("confirmation: %d %s", c.Code, c.Body)
		}
		if c := w.askedRaw(http.MethodGet, "/v1/gate/checks/"+a.ID, "", "Authorization", bearer); !strings.Contains(c.Body.String(), `"confirmed"`) {
			t.Errorf("the answer afterwards: %s", c.Body)
		}
	}
	if c := w.check(bearer, "k-TEST-PERMIT", "TEST-DENY"); c.Code != http.StatusConflict {
		t.Errorf("the same key with another body: %d", c.Code)
	}
	for _, r := range w.routes() {
		if strings.HasPrefix(r.path, "/v1/gate/checks") || r.path == "/v1/events" || r.path == "/v1/token" || !strings.HasPrefix(r.path, "/v1/") {
			continue
		}
		if got := w.call(r.method, r.path, "Authorization", bearer); got.Code != http.StatusForbidden {
			t.Errorf("a trial client at %s %s: %d, want 403", r.method, r.path, got.Code)
		}
	}
	if after := live(); !reflect.DeepEqual(before, after) {
		for table := range after {
			if !reflect.DeepEqual(before[table], after[table]) {
				t.Errorf("table %s was changed by the test mode", table)
			}
		}
	}
	_, real := w.client(t, models.ClientTerms{}) // the control: a live client's check is seen in the dump
	before = live()
	if c := w.check(real, "k1", "TEST-PERMIT"); c.Code != http.StatusOK || !strings.Contains(c.Body.String(), "CP_UNKNOWN") {
		t.Fatalf("a live client about a test point: %d %s", c.Code, c.Body)
	}
	if reflect.DeepEqual(before, live()) {
		t.Error("a live check is not seen by this test")
	}
}

func TestAccess_ClientsKeepTheirTermsAndNameTheirPerson(t *testing.T) {
	w := newWhole(t)
	_, bearer := w.client(t, models.ClientTerms{PerMinute: 2, Operator: true})
	if c := w.check(bearer, "k0", "X"); c.Code != http.StatusUnprocessableEntity || !strings.Contains(c.Body.String(), operatorHeader) {
		t.Errorf("without a person: %d %s", c.Code, c.Body)
	}
	if c := w.check(bearer, "k0", "X", operatorHeader, strings.Repeat("x", 65)); c.Code != http.StatusUnprocessableEntity {
		t.Errorf("a name that is too long: %d", c.Code)
	}
	for i := range 2 {
		c := w.check(bearer, fmt.Sprint("k", i), "X", operatorHeader, "4711")
		if c.Code != http.StatusOK || c.Header().Get("RateLimit-Limit") != "2" || c.Header().Get("RateLimit-Remaining") != fmt.Sprint(2-i) {
			t.Fatalf("check %d: %d %v", i, c.Code, c.Header())
		}
	}
	c := w.check(bearer, "k9", "X", operatorHeader, "4711")
	if c.Code != http.StatusTooManyRequests || c.Header().Get("Retry-After") == "" || c.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("over the limit: %d %v %s", c.Code, c.Header(), c.Body)
	}
	w.clock.Advance(time.Minute)
	if c := w.check(bearer, "k9", "X", operatorHeader, "4711"); c.Code != http.StatusOK {
		t.Errorf("the next minute: %d %s", c.Code, c.Body)
	}
	_, shown := w.client(t, models.ClientTerms{Certificate: strings.Repeat("a", 64)})
	if c := w.check(shown, "k", "X"); c.Code != http.StatusUnauthorized {
		t.Errorf("without its certificate: %d", c.Code)
	}
	mine, other := &x509.Certificate{RawSubjectPublicKeyInfo: []byte("mine")}, &x509.Certificate{RawSubjectPublicKeyInfo: []byte("other")}
	_, bound := w.client(t, models.ClientTerms{Certificate: fmt.Sprintf("%x", spkiOf(mine))})
	for certificate, want := range map[*x509.Certificate]int{mine: http.StatusOK, other: http.StatusUnauthorized} {
		r := httptest.NewRequest(http.MethodPost, testBase+"/v1/gate/checks", strings.NewReader(checkBody("X")))
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{certificate}}
		for name, value := range map[string]string{"Content-Type": "application/json", "Authorization": bound, "Idempotency-Key": "k-tls"} {
			r.Header.Set(name, value)
		}
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != want {
			t.Errorf("a certificate of %s: %d, want %d", certificate.RawSubjectPublicKeyInfo, rec.Code, want)
		}
	}
}

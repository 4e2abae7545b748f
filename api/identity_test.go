package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/documents"
	"rigistry/services/identity"
	"rigistry/services/licensing"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
	"rigistry/web"
)

// identityServer is the HTTP side with everything that sign-in and the public
// pages need, on SQLite with a clock that stands.
type identityServer struct {
	t       *testing.T
	handler http.Handler
	people  *identity.Service
	store   *store.Store
	clock   *storetest.Clock
	cookie  string
}

const testBase = "http://127.0.0.1:8080"

func newIdentityServer(t *testing.T) *identityServer {
	t.Helper()
	clock := storetest.NewClock()
	st := storetest.SQLite(t, clock.Now)
	log := slog.New(slog.DiscardHandler)
	people, err := identity.New(st, log, identity.Config{
		Issuer: testBase, Passwords: identity.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1},
		Signing: identity.SigningKey{KID: "k1", Private: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))},
		Methods: []identity.Method{identity.MethodPrivateKeyJWT, identity.MethodClientSecretBasic},
	})
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := web.LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	server, err := New(Config{BaseURL: testBase, Version: "test"}, Services{
		Store: st, Licensing: licensing.New(st), Identity: people, Documents: documents.New(catalog.Text), Catalog: catalog,
	}, log, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return &identityServer{t: t, handler: server.Handler(), people: people, store: st, clock: clock}
}

// answer is what came back, the body read.
type answer struct {
	*http.Response
	body string
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		t.Fatalf("%d is not JSON: %s", a.StatusCode, a.body)
	}
	return out
}

// do sends a request; headers are name, value, name, value.
func (s *identityServer) do(method, path, body string, headers ...string) answer {
	s.t.Helper()
	r := httptest.NewRequest(method, testBase+path, strings.NewReader(body))
	r.RequestURI = path
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if s.cookie != "" {
		r.Header.Set("Cookie", "rigistry_session="+s.cookie)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	result := w.Result()
	text, err := io.ReadAll(result.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{result, string(text)}
}

func (s *identityServer) problem(a answer, status int, code string) {
	s.t.Helper()
	if a.StatusCode != status || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json") {
		s.t.Errorf("answer %d %s %s, want a problem with %d", a.StatusCode, a.Header.Get("Content-Type"), a.body, status)
		return
	}
	if got := a.json(s.t); got["code"] != code || got["request_id"] == "" || got["detail"] == "" {
		s.t.Errorf("problem %s, want code %s", a.body, code)
	}
}

const testPassword = "three plain words"

// person adds somebody and signs them in.
func (s *identityServer) person(login string, role models.Role) {
	s.t.Helper()
	if _, _, err := s.people.CreateUser(context.Background(), models.System(), identity.NewUser{
		Login: login, Name: strings.ToUpper(login), Roles: []models.Role{role}, Password: testPassword}); err != nil {
		s.t.Fatal(err)
	}
	a := s.do("POST", "/v1/session", `{"login":"`+login+`","password":"`+testPassword+`"}`)
	if a.StatusCode != http.StatusOK {
		s.t.Fatalf("sign in: %d %s", a.StatusCode, a.body)
	}
	for _, c := range a.Cookies() {
		s.cookie = c.Value
	}
}

func TestSession_IsACookieThatScriptsAndOtherSitesCannotUse(t *testing.T) {
	s := newIdentityServer(t)
	if _, _, err := s.people.CreateUser(context.Background(), models.System(), identity.NewUser{
		Login: "aigul", Name: "Айгүл", Roles: []models.Role{models.RoleOfficer}, Password: testPassword}); err != nil {
		t.Fatal(err)
	}
	s.problem(s.do("GET", "/v1/session", ""), http.StatusUnauthorized, "unauthenticated")
	s.problem(s.do("POST", "/v1/session", `{"login":"aigul","password":"not this one"}`), http.StatusUnauthorized, "unauthenticated")
	s.problem(s.do("POST", "/v1/session", `{"login":"aigul","password":"x","remember":true}`), http.StatusUnprocessableEntity, "invalid")
	s.problem(s.do("POST", "/v1/session", `{"login":"aigul","password":"`+testPassword+`"}`, "Sec-Fetch-Site", "cross-site"), http.StatusForbidden, "cross_origin")
	in := s.do("POST", "/v1/session", `{"login":"aigul","password":"`+testPassword+`"}`)
	if in.StatusCode != http.StatusOK || len(in.Cookies()) != 1 {
		t.Fatalf("sign in: %d %s", in.StatusCode, in.body)
	}
	c := in.Cookies()[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 24*60*60 || strings.Contains(in.body, c.Value) {
		t.Errorf("cookie %+v", c)
	}
	s.cookie = c.Value
	me := s.do("GET", "/v1/session", "").json(t)
	if user := me["user"].(map[string]any); user["name"] != "Айгүл" || user["login"] != "aigul" {
		t.Errorf("session %v", me)
	}
	permissions := me["permissions"].([]any)
	var drafts, admin bool
	for _, p := range permissions {
		drafts, admin = drafts || p == "application.draft_decision", admin || p == "user.admin"
	}
	if !drafts || admin {
		t.Errorf("an officer's permissions are %v", permissions)
	}
	s.problem(s.do("GET", "/v1/session", "", "Authorization", "Bearer abc"), http.StatusUnauthorized, "unauthenticated")
	if out := s.do("DELETE", "/v1/session", ""); out.StatusCode != http.StatusNoContent || len(out.Cookies()) != 1 || out.Cookies()[0].MaxAge >= 0 {
		t.Errorf("sign out: %d %v", out.StatusCode, out.Cookies())
	}
	s.problem(s.do("GET", "/v1/session", ""), http.StatusUnauthorized, "unauthenticated")
}

func TestSession_TooManyFailuresSayWhenToTryAgain(t *testing.T) {
	s := newIdentityServer(t)
	var last answer
	for range 6 {
		last = s.do("POST", "/v1/session", `{"login":"nobody","password":"guess"}`)
	}
	s.problem(last, http.StatusTooManyRequests, "too_many_requests")
	if last.Header.Get("Retry-After") != "5" {
		t.Errorf("Retry-After %q, want 5", last.Header.Get("Retry-After"))
	}
}

func (s *identityServer) token(form url.Values, headers ...string) answer {
	return s.do("POST", "/v1/token", form.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)...)
}

func TestToken_OverHTTPIsWhatTheContractSays(t *testing.T) {
	s := newIdentityServer(t)
	c, err := s.people.CreateClient(context.Background(), models.System(), identity.NewClient{Name: "Grid", Role: models.RoleUtility, Utility: "u-1"})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/", nil)
	r.SetBasicAuth(c.Client.ID, c.Secret)
	basic := r.Header.Get("Authorization")
	grant := url.Values{"grant_type": {"client_credentials"}}
	good := s.token(grant, "Authorization", basic)
	body := good.json(t)
	if good.StatusCode != http.StatusOK || body["token_type"] != "Bearer" || body["expires_in"] != float64(600) || good.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("answer %d %s %v", good.StatusCode, good.body, good.Header)
	}
	token, _ := body["access_token"].(string)
	s.problem(s.do("GET", "/v1/users", "", "Authorization", "Bearer "+token), http.StatusForbidden, "forbidden")
	for name, bad := range map[string]string{"garbage": "x.y.z", "spoilt": token[:len(token)-4] + "AAAA", "empty": "", "two": token + " " + token} {
		a := s.do("GET", "/v1/users", "", "Authorization", "Bearer "+bad)
		if a.StatusCode != http.StatusUnauthorized || a.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s token: %d %s", name, a.StatusCode, a.body)
		}
	}
	wrong := s.token(grant, "Authorization", "Basic "+"eDp5")
	s.problem(wrong, http.StatusUnauthorized, "invalid_client")
	if !strings.HasPrefix(wrong.Header.Get("WWW-Authenticate"), "Basic") {
		t.Errorf("WWW-Authenticate %q", wrong.Header.Get("WWW-Authenticate"))
	}
	s.problem(s.token(grant, "Authorization", "Basic ???"), http.StatusUnauthorized, "invalid_client")
	s.problem(s.token(url.Values{"grant_type": {"password"}}, "Authorization", basic), http.StatusBadRequest, "unsupported_grant_type")
	s.problem(s.token(url.Values{"scope": {"gate"}}, "Authorization", basic), http.StatusBadRequest, "invalid_request")
	s.problem(s.token(url.Values{"grant_type": {"client_credentials", "client_credentials"}}, "Authorization", basic), http.StatusBadRequest, "invalid_request")
	s.problem(s.do("POST", "/v1/token", `{"grant_type":"client_credentials"}`, "Authorization", basic), http.StatusBadRequest, "invalid_request")
	if a := s.token(url.Values{"x": {strings.Repeat("y", 1<<20)}}, "Authorization", basic); a.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a megabyte of form: %d %s", a.StatusCode, a.body)
	}
}

func TestUsersAndClients_AreForAdministratorsAndSecretsAreShownOnce(t *testing.T) {
	s := newIdentityServer(t)
	s.person("officer", models.RoleOfficer)
	for _, path := range []string{"/v1/users", "/v1/clients"} {
		s.problem(s.do("GET", path, ""), http.StatusForbidden, "forbidden")
	}
	s.person("admin", models.RoleAdmin)
	made := s.do("POST", "/v1/users", `{"login":"new.clerk","name":"New","password":"a long enough one","roles":["clerk"]}`)
	if made.StatusCode != http.StatusCreated || strings.Contains(made.body, "enough") {
		t.Fatalf("create: %d %s", made.StatusCode, made.body)
	}
	s.problem(s.do("POST", "/v1/users", `{"login":"NEW.clerk","name":"New","password":"a long enough one","roles":["clerk"]}`), http.StatusConflict, "conflict")
	s.problem(s.do("POST", "/v1/users", `{"login":"x y","name":"New","password":"a long enough one","roles":["king"]}`), http.StatusUnprocessableEntity, "invalid")
	id, _ := made.json(t)["id"].(string)
	if off := s.do("POST", "/v1/users/"+id+"/disablement", ""); off.StatusCode != http.StatusOK || off.json(t)["disabled"] != true {
		t.Errorf("disable: %d %s", off.StatusCode, off.body)
	}
	s.problem(s.do("POST", "/v1/users/nobody/disablement", ""), http.StatusNotFound, "not_found")

	client := s.do("POST", "/v1/clients", `{"name":"Collector","role":"collector","collector":"ps12"}`)
	secret, _ := client.json(t)["client_secret"].(string)
	if client.StatusCode != http.StatusCreated || len(secret) != 43 {
		t.Fatalf("create client: %d %s", client.StatusCode, client.body)
	}
	if all := s.do("GET", "/v1/clients", ""); strings.Contains(all.body, secret) || !strings.Contains(all.body, "ps12") {
		t.Errorf("list of clients: %s", all.body)
	}
	first := s.do("GET", "/v1/users?limit=2", "").json(t)
	next, _ := first["next"].(string)
	second := s.do("GET", "/v1/users?limit=2&after="+next, "").json(t)
	if len(first["items"].([]any)) != 2 || len(second["items"].([]any)) != 1 || second["next"] != nil {
		t.Errorf("pages %v and %v", first, second)
	}
}

func TestKeys_ArePublished(t *testing.T) {
	a := newIdentityServer(t).do("GET", "/.well-known/jwks.json", "")
	keys, _ := a.json(t)["keys"].([]any)
	if a.StatusCode != http.StatusOK || len(keys) != 1 || keys[0].(map[string]any)["purpose"] != "token" {
		t.Errorf("key set %d %s", a.StatusCode, a.body)
	}
}

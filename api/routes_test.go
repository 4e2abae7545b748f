package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/detection"
	"rigistry/services/documents"
	"rigistry/services/enforcement"
	"rigistry/services/gate"
	"rigistry/services/identity"
	"rigistry/services/ledger"
	"rigistry/services/licensing"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
	"rigistry/web"
)

// whole is a server with every service, with a clock that stands.
type whole struct {
	*Server
	handler http.Handler
	people  *identity.Service
	utility models.Utility
	clock   *storetest.Clock
}

func newWhole(t testing.TB) *whole {
	t.Helper()
	clock := storetest.NewClock()
	return newWholeOn(t, storetest.SQLite(t, clock.Now), clock)
}

// newWholeOn is the same on a store of the test.
func newWholeOn(t testing.TB, st *store.Store, clock *storetest.Clock) *whole {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	catalog, err := web.LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	people, err := identity.New(st, log, identity.Config{Issuer: testBase, Passwords: identity.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1},
		Signing: identity.SigningKey{KID: "k1", Private: key}, Methods: []identity.Method{identity.MethodClientSecretBasic}})
	if err != nil {
		t.Fatal(err)
	}
	texts := func(lang, code string) (string, string) { return lang + code, "" }
	svc := Services{Store: st, Licensing: licensing.New(st), Gate: gate.New(st, key, texts, st.Now), Metering: metering.New(st, st.Now),
		Detection: detection.New(st, st.Now, log), Enforcement: enforcement.New(st), Ledger: ledger.New(st, "test/ledger", key, st.Now, log), Webhooks: ledger.NewWebhooks(st, key.Seed(), nil, log), Trials: gate.NewTrials(st, key, texts), Identity: people,
		Documents: documents.New(catalog.Text), Issuer: documents.NewIssuer(documents.New(catalog.Text), st, key, testBase), Catalog: catalog,
		Packager: enforcement.NewPackager(st, enforcement.PackageSources{Key: key, KeySet: []byte("{}\n"), Texts: catalog.Text})}
	if _, err := svc.Licensing.Seed(context.Background()); err != nil {
		t.Fatal(err)
	}
	utility, err := svc.Gate.RegisterUtility(context.Background(), models.System(), models.Utility{Code: "U1", NameEn: "U", NameKk: "U", NameRu: "U", Bin: "210440038887"})
	if err != nil {
		t.Fatal(err)
	}
	server, err := New(Config{BaseURL: testBase, Version: "test"}, svc, log, st.Now)
	if err != nil {
		t.Fatal(err)
	}
	return &whole{Server: server, handler: server.Handler(), people: people, utility: utility, clock: clock}
}

// credential signs a role in and gives the header that proves it.
func (w *whole) credential(t testing.TB, role models.Role) (name, value string) {
	t.Helper()
	ctx := context.Background()
	switch role {
	case "":
		return "X-Nobody", "1"
	case models.RoleCollector:
		c, err := w.people.CreateClient(ctx, models.System(), identity.NewClient{Name: "c", Role: role, Collector: "c1", Utility: w.utility.ID})
		if err != nil {
			t.Fatal(err)
		}
		token, err := w.people.Issue(ctx, identity.TokenRequest{HasBasic: true, BasicID: c.Client.ID, BasicSecret: c.Secret, GrantType: "client_credentials"})
		if err != nil {
			t.Fatal(err)
		}
		return "Authorization", "Bearer " + token.Value
	}
	n := identity.NewUser{Login: "who-" + string(role), Name: "Who", Roles: []models.Role{role}, Password: "long-enough-password-1"}
	if role == models.RoleApplicant {
		p, err := w.svc.Licensing.RegisterParty(ctx, models.System(), models.Party{BinOrIin: "210440038887", Kind: models.PartyLegalEntity,
			NameKk: "A", NameRu: "A", Size: models.SizeMedium, Resident: true, Address: "x", Kato: "551010000"})
		if err != nil {
			t.Fatal(err)
		}
		n.Party = p.ID
	}
	if role == models.RoleUtility {
		n.Utility = w.utility.ID
	}
	if _, _, err := w.people.CreateUser(ctx, models.System(), n); err != nil {
		t.Fatal(err)
	}
	session, err := w.people.SignIn(ctx, identity.SignIn{Login: n.Login, Password: n.Password, IP: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	return "Cookie", "rigistry_session=" + session.Value
}

var pathParameter = regexp.MustCompile(`\{\w+\}`)

func (w *whole) call(method, path, headerName, headerValue string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, testBase+pathParameter.ReplaceAllString(path, "none"), strings.NewReader("{}"))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(headerName, headerValue)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

func TestRoutes_EveryRoleOnEveryRouteIsAdmittedExactlyAsTheTableSays(t *testing.T) {
	w := newWhole(t)
	roles := append([]models.Role{""}, models.Roles()...)
	for _, role := range roles {
		name, value := w.credential(t, role)
		for _, r := range w.routes() {
			if r.path == "/v1/session" && r.method == http.MethodDelete {
				continue // it would sign the role out; TestSession covers it
			}
			allowed := models.RolesFor(r.action)
			may := len(allowed) == 0 || slices.Contains(allowed, role)
			got := w.call(r.method, r.path, name, value)
			signIn := r.action == models.ActPublicRead // where a 401 says that the credentials are wrong
			refused := got.Code == http.StatusForbidden || got.Code == http.StatusUnauthorized && !signIn
			if may == refused {
				t.Errorf("%s %s as %q answered %d; the table admits %v", r.method, r.path, role, got.Code, allowed)
			}
			if want := http.StatusUnauthorized; !may && role == "" && got.Code != want {
				t.Errorf("%s %s as nobody answered %d, want %d", r.method, r.path, got.Code, want)
			}
			if got.Code >= http.StatusInternalServerError && r.path != "/readyz" {
				t.Errorf("%s %s as %q answered %d: %s", r.method, r.path, role, got.Code, got.Body)
			}
			if got.Code >= 400 && got.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s %s as %q answered %d as %q, want a problem", r.method, r.path, role, got.Code, got.Header().Get("Content-Type"))
			}
		}
	}
}

func TestRoutes_EveryRowHasAnActionAnOperationAndAProblem(t *testing.T) {
	w := newWhole(t)
	document := w.api.OpenAPI()
	actions := models.Actions()
	for _, r := range w.routes() {
		if !slices.Contains(actions, r.action) {
			t.Errorf("%s %s has the action %q, which is not in the permission table", r.method, r.path, r.action)
		}
		item := document.Paths[r.path]
		if item == nil {
			t.Errorf("%s is not in the OpenAPI document", r.path)
			continue
		}
		op := map[string]any{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodDelete: item.Delete, http.MethodHead: item.Head}[r.method]
		text, err := json.Marshal(op)
		if err != nil || !strings.Contains(string(text), "application/problem+json") {
			t.Errorf("%s %s describes no problem (%v)", r.method, r.path, err)
		}
		if r.summary == "" || r.tag == "" {
			t.Errorf("%s %s has no summary or tag", r.method, r.path)
		}
	}
}

func TestOpenAPI_TheCommittedDocumentIsTheOneServed(t *testing.T) {
	w := newWhole(t)
	w.api.OpenAPI().Info.Version = "committed"
	got, err := w.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	const file = "openapi.json"
	if os.Getenv("UPDATE_OPENAPI") != "" {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("api/%s is not what the server describes (%v). Run `UPDATE_OPENAPI=1 go test ./api -run OpenAPI` and `npm run types` in web, and look at the change.", file, err)
	}
}

func TestIdempotency_ARetryIsAnsweredAlikeAndAnotherBodyIsRefused(t *testing.T) {
	w := newWhole(t)
	cookieName, cookie := w.credential(t, models.RoleClerk)
	send := func(key, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, testBase+"/v1/parties", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
		r.Header.Set(cookieName, cookie)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		return rec
	}
	const party = `{"bin_or_iin":"190640001019","kind":"legal_entity","name_kk":"Б","name_ru":"Б","size":"medium","resident":true,"address":"x","kato":"551010000"}`
	bin, err := models.CompleteBin("19064000101")
	if err != nil {
		t.Fatal(err)
	}
	body := strings.Replace(party, "190640001019", bin, 1)
	first := send("k1", body)
	if first.Code != http.StatusCreated {
		t.Fatalf("first: %d %s", first.Code, first.Body)
	}
	again := send("k1", body)
	if again.Code != http.StatusCreated || again.Body.String() != first.Body.String() || again.Header().Get("Location") != first.Header().Get("Location") {
		t.Errorf("retry answered %d %s, want the first answer %s", again.Code, again.Body, first.Body)
	}
	if other := send("k1", strings.Replace(body, `"x"`, `"y"`, 1)); other.Code != http.StatusConflict {
		t.Errorf("the same key with another body answered %d, want 409", other.Code)
	}
	if fresh := send("k2", body); fresh.Code != http.StatusConflict {
		t.Errorf("a new key for the same party answered %d, want 409: the key is what made the retry succeed", fresh.Code)
	}
	if again := send("k2", body); again.Code != http.StatusConflict {
		t.Errorf("a kept refusal answered %d, want 409", again.Code)
	}
	var parties []models.Party
	err = w.svc.Store.View(context.Background(), func(tx *store.Tx) (err error) {
		parties, err = tx.Parties(store.PartyFilter{}, store.Page{})
		return err
	})
	if err != nil || len(parties) != 1 {
		t.Errorf("%d parties (%v), want 1", len(parties), err)
	}
}

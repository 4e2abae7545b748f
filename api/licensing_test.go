package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/documents"
	"rigistry/services/identity"
	"rigistry/services/ledger"
	"rigistry/services/licensing"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
	"rigistry/web"
)

// office is the HTTP side with people of the registry, each with a cookie.
type office struct {
	*identityServer
	cookies map[string]string
	ledger  *ledger.Ledger
}

func newOffice(t *testing.T) *office {
	t.Helper()
	clock := storetest.NewClock()
	st := storetest.SQLite(t, clock.Now)
	log := slog.New(slog.DiscardHandler)
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32))
	people, err := identity.New(st, log, identity.Config{
		Issuer: testBase, Passwords: identity.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1},
		Signing: identity.SigningKey{KID: "k1", Private: key}, Methods: []identity.Method{identity.MethodPrivateKeyJWT},
	})
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := web.LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	law := licensing.New(st)
	if _, err := law.Seed(context.Background()); err != nil {
		t.Fatal(err)
	}
	book := ledger.New(st, "test/ledger", key, clock.Now, log)
	server, err := New(Config{BaseURL: testBase, Version: "test"}, Services{Store: st, Licensing: law, Identity: people,
		Documents: documents.New(catalog.Text), Issuer: documents.NewIssuer(documents.New(catalog.Text), st, key, testBase), Catalog: catalog, Ledger: book}, log, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{identityServer: &identityServer{t: t, handler: server.Handler(), people: people, store: st, clock: clock}, cookies: map[string]string{}, ledger: book}
	for _, role := range []models.Role{models.RoleClerk, models.RoleOfficer, models.RoleHead, models.RoleAdmin} {
		o.cookie = ""
		o.person(string(role), role)
		o.cookies[string(role)] = o.cookie
	}
	return o
}

// as sends a request of one of the people and gives the body; the status must be
// the wanted one.
func (o *office) as(who, method, path string, body any, status int, headers ...string) map[string]any {
	o.t.Helper()
	o.cookie = o.cookies[who]
	text := ""
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			o.t.Fatal(err)
		}
		text = string(b)
	}
	a := o.do(method, path, text, headers...)
	if a.StatusCode != status {
		o.t.Fatalf("%s %s %s: %d %s, want %d", who, method, path, a.StatusCode, a.body, status)
	}
	return a.json(o.t)
}

type fields = map[string]any

// filed makes a party with a site and files its application.
func (o *office) filed(bin string, points ...string) (id string) {
	o.t.Helper()
	party := o.as("clerk", "POST", "/v1/parties", fields{"bin_or_iin": bin, "kind": "legal_entity", "name_kk": "«Тест» ЖШС", "name_ru": "ТОО «Тест»",
		"size": "large", "resident": true, "address": "Екібастұз", "kato": "551610000"}, http.StatusCreated)
	o.points(points...)
	site := o.as("clerk", "POST", "/v1/sites", fields{"code": "S-" + bin, "owner": party["id"], "name_kk": "ДӨО", "name_ru": "ЦОД", "address": "Екібастұз",
		"kato": "551610000", "grid_zone": "north", "host_capacity_kw": 5000, "connection_points": points}, http.StatusCreated)
	app := o.as("clerk", "POST", "/v1/applications", fields{"sub_type": "I", "applicant": bin, "language": "kk", "supply_basis": "auction",
		"sites":        []fields{{"site": site["code"], "connection_points": points, "approved_kw": 1184.5}},
		"equipment":    []fields{{"manufacturer": "Bitmain", "model": "S21", "units": 300, "nameplate_kw": 3.5}},
		"fee_paid_kzt": 8_650_000, "fee_document": "PP-7"}, http.StatusCreated)
	id = app["id"].(string)
	o.as("clerk", "POST", "/v1/applications/"+id+"/submission", nil, http.StatusOK)
	return id
}

// points makes the connection points that the grid does not have yet.
func (o *office) points(codes ...string) {
	o.t.Helper()
	err := o.store.Update(context.Background(), func(tx *store.Tx) error {
		if _, err := tx.Utility("GRID"); models.CodeOf(err) == models.CodeNotFound {
			if err := errors.Join(tx.InsertUtility(models.Utility{ID: "GRID", Code: "GRID", Bin: "210440038887", Version: 1}),
				tx.InsertSubstation(models.Substation{ID: "S", Code: "S", Utility: "GRID", VoltKV: 110, Limit: 1e12, Version: 1}),
				tx.InsertFeeder(models.Feeder{ID: "F", Code: "F", Substation: "S", Utility: "GRID", VoltKV: 10, Limit: 1e12, Version: 1})); err != nil {
				return err
			}
		}
		for _, code := range codes {
			if _, err := tx.ConnectionPoint(code); models.CodeOf(err) != models.CodeNotFound {
				continue
			}
			if err := tx.InsertConnectionPoint(models.ConnectionPoint{ID: tx.NewID(), Code: code, Feeder: "F", Utility: "GRID",
				State: models.ConnectionPlanned, Permitted: 20_000_000, Act: "A-1", Version: 1}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// drafted reviews a filed application and drafts a grant.
func (o *office) drafted(id string) fields {
	o.t.Helper()
	base := "/v1/applications/" + id
	o.as("clerk", "POST", base+"/registration", fields{}, http.StatusOK)
	app := o.as("officer", "POST", base+"/completeness-check", fields{"complete": true}, http.StatusOK)
	for _, item := range app["checklist"].([]any) {
		o.as("officer", "PUT", base+"/checklist/"+item.(fields)["code"].(string), fields{"result": "met"}, http.StatusOK)
	}
	return o.as("officer", "POST", base+"/decision-draft", fields{"outcome": "grant"}, http.StatusOK)
}

func TestLicensing_FromApplicationToSuspensionOverHTTP(t *testing.T) {
	o := newOffice(t)
	id := o.filed("210440038887", "PS12-F03-CP007")
	app := o.drafted(id)
	if app["declared_kw"] != 1184.5 || app["region"] != "55" || app["clock"].(fields)["due"] != "2026-03-27" || app["officer_name"] != "OFFICER" {
		t.Errorf("application = %v", app)
	}
	if allowed := fmt.Sprint(app["allowed"]); allowed != "[assign check_item ask]" {
		t.Errorf("the drafter is offered %s", allowed)
	}
	base := "/v1/applications/" + id
	if got := o.as("officer", "POST", base+"/signature", fields{}, http.StatusConflict); got["code"] != "four_eyes" {
		t.Errorf("the drafter's signature: %v", got)
	}
	o.as("head", "POST", base+"/signature", nil, http.StatusPreconditionFailed, "If-Match", `"3"`)
	signed := o.as("head", "POST", base+"/signature", nil, http.StatusOK, "If-Match", fmt.Sprintf("%q", fmt.Sprint(app["version"])))
	number, _ := signed["license"].(string)
	if err := models.CheckLicenseNumber(number); err != nil || signed["state"] != "granted" {
		t.Fatalf("signed = %v: %v", signed, err)
	}

	license := o.as("head", "GET", "/v1/licenses/"+number, nil, http.StatusOK)
	if license["state"] != "active" || license["approved_kw"] != 1184.5 || license["valid_until"] != "2029-03-02T19:00:00Z" {
		t.Errorf("license = %v", license)
	}
	issuedAt := license["effective_at"].(string)
	o.clock.Advance(60e9)
	act := "/v1/licenses/" + number
	for months, status := range map[int]int{0: 422, 7: 422} {
		o.as("head", "POST", act+"/suspension", fields{"ground": "FALSE_INFORMATION", "months": months}, status)
	}
	o.as("clerk", "POST", act+"/suspension", fields{"ground": "FALSE_INFORMATION", "months": 3}, http.StatusForbidden)
	got := o.as("head", "POST", act+"/suspension", fields{"ground": "FALSE_INFORMATION", "months": 3}, http.StatusOK, "If-Match", `"1"`)
	if got["state"] != "suspended" || got["version"] != 2.0 || fmt.Sprint(got["allowed"]) != "[extend lift revoke terminate correct]" || got["provisional"] == nil {
		t.Errorf("suspended = %v", got)
	}
	o.actsOnLicense(act, number)
	if got := o.as("head", "GET", act+"?as_at="+issuedAt, nil, http.StatusOK); got["state"] != "active" || got["version"] != 1.0 {
		t.Errorf("as at %s: %v", issuedAt, got)
	}
	for query, want := range map[string]int{"?state=suspended": 1, "?state=active": 0, "?state=active&as_at=" + issuedAt: 1, "?q=" + number[:9]: 1, "?region=71": 0} {
		if items := o.as("head", "GET", "/v1/licenses"+query, nil, http.StatusOK)["items"].([]any); len(items) != want {
			t.Errorf("licenses%s lists %d, want %d", query, len(items), want)
		}
	}
	if pub := o.as("", "GET", "/v1/public/licenses/"+number, nil, http.StatusOK); pub["state"] != "suspended" {
		t.Errorf("public = %v", pub)
	}
	o.cookie = o.cookies["head"]
	if qr := o.do("GET", act+"/qr.svg", ""); qr.StatusCode != http.StatusOK || qr.Header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(qr.body, "<svg") {
		t.Errorf("qr.svg: %d %s", qr.StatusCode, qr.Header.Get("Content-Type"))
	}
}

func TestLicensing_TimelineShowsEachFactOnceInOrder(t *testing.T) {
	o := newOffice(t)
	id := o.filed("210440038887", "CP1")
	if _, err := o.ledger.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, e := range o.as("officer", "GET", "/v1/applications/"+id+"/timeline", nil, http.StatusOK)["items"].([]any) {
		kinds = append(kinds, e.(fields)["kind"].(string)+" by "+e.(fields)["actor"].(string))
	}
	if want := []string{"application.drafted by CLERK", "application.submitted by CLERK"}; !slices.Equal(kinds, want) {
		t.Errorf("timeline = %v, want %v", kinds, want)
	}
}

func TestLicensing_BadRequestsGetTheRightProblem(t *testing.T) {
	o := newOffice(t)
	id := o.filed("210440038887", "CP1")
	for _, c := range []struct {
		who, method, path, body string
		status                  int
		pointer                 string
	}{
		{"clerk", "POST", "/v1/parties", `{`, 400, ""},
		{"clerk", "POST", "/v1/parties", `{"bin_or_iin":"1","surprise":1}`, 422, "/surprise"},
		{"clerk", "POST", "/v1/parties", `{"bin_or_iin":"210440038880","kind":"legal_entity","name_kk":"x","name_ru":"x","size":"large","resident":true,"address":"","kato":"551010000"}`, 422, "/bin_or_iin"},
		{"clerk", "POST", "/v1/parties", `{"bin_or_iin":"210440038887","kind":"legal_entity","name_kk":"x","name_ru":"x","size":"large","resident":true,"address":"","kato":"551010000"}`, 409, "/bin_or_iin"},
		{"clerk", "POST", "/v1/parties", `{"bin_or_iin":"210440038887"}`, 422, ""},
		{"head", "POST", "/v1/parties", `{"bin_or_iin":"210440038887"}`, 403, ""},
		{"admin", "GET", "/v1/applications/" + id, "", 403, ""},
		{"", "GET", "/v1/applications", "", 401, ""},
		{"officer", "GET", "/v1/applications/none", "", 404, ""},
		{"officer", "GET", "/v1/applications?due=yesterday", "", 422, "?due"},
		{"officer", "GET", "/v1/parties?as_at=2036-01-01T00:00:00Z", "", 422, "?as_at"},
		{"officer", "GET", "/v1/licenses/KZ00DMA00000001", "", 404, ""},
		{"clerk", "POST", "/v1/applications/" + id + "/submission", "", 409, ""},
		{"officer", "POST", "/v1/applications/" + id + "/completeness-check", `{"complete":false}`, 422, "/missing"},
		{"officer", "PUT", "/v1/applications/" + id + "/checklist/FEE", `{"result":"perhaps"}`, 422, "/result"},
	} {
		o.cookie = o.cookies[c.who]
		a := o.do(c.method, c.path, c.body)
		if a.StatusCode != c.status || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s %s %s: %d %s, want %d", c.who, c.method, c.path, a.StatusCode, a.body, c.status)
		}
		if c.pointer != "" && !strings.Contains(a.body, `"pointer":"`+c.pointer+`"`) {
			t.Errorf("%s %s: no error at %s in %s", c.method, c.path, c.pointer, a.body)
		}
	}
}

func TestLicensing_AnApplicantSeesNeitherDraftNorDrafter(t *testing.T) {
	o := newOffice(t)
	id := o.filed("210440038887", "CP1")
	app := o.drafted(id)
	o.as("officer", "PUT", "/v1/applications/"+id+"/checklist/FEE", fields{"result": "not_met", "note": "Half of it"}, http.StatusOK) // the draft falls
	o.as("officer", "PUT", "/v1/applications/"+id+"/checklist/FEE", fields{"result": "met"}, http.StatusOK)
	o.as("head", "POST", "/v1/applications/"+id+"/conflicts", fields{"reason": "a cousin"}, http.StatusOK)
	o.as("officer", "POST", "/v1/applications/"+id+"/decision-draft", fields{"outcome": "grant"}, http.StatusOK)
	if _, _, err := o.people.CreateUser(context.Background(), models.System(), identity.NewUser{Login: "dana", Name: "Dana",
		Roles: []models.Role{models.RoleApplicant}, Party: app["applicant"].(string), Password: testPassword}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.ledger.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	o.cookie = ""
	for _, c := range o.do("POST", "/v1/session", `{"login":"dana","password":"`+testPassword+`"}`).Cookies() {
		o.cookies["dana"] = c.Value
	}
	seen := o.as("dana", "GET", "/v1/applications/"+id, nil, http.StatusOK)
	if seen["decision"] != nil || seen["state"] != "in_review" {
		t.Errorf("the applicant sees %v %v", seen["state"], seen["decision"])
	}
	for _, item := range seen["checklist"].([]any) {
		if item.(fields)["result"] != nil || item.(fields)["note"] != nil || item.(fields)["by"] != nil {
			t.Errorf("the applicant sees what was found: %v", item)
		}
	}
	for state, want := range map[string]int{"decision_drafted": 0, "in_review": 1, "submitted": 0} {
		if items := o.as("dana", "GET", "/v1/applications?state="+state, nil, http.StatusOK)["items"].([]any); len(items) != want {
			t.Errorf("the applicant lists %d %s, want %d", len(items), state, want)
		}
	}
	for _, e := range o.as("dana", "GET", "/v1/applications/"+id+"/timeline", nil, http.StatusOK)["items"].([]any) {
		if kind := e.(fields)["kind"].(string); strings.HasPrefix(kind, "decision.") || kind == "application.item_checked" || strings.Contains(kind, "conflict") || e.(fields)["actor"] != nil {
			t.Errorf("the applicant's timeline has %v", e)
		}
	}
	inside := o.as("officer", "GET", "/v1/applications/"+id+"/timeline", nil, http.StatusOK)["items"].([]any)
	if last := inside[len(inside)-1].(fields); last["kind"] != "decision.drafted" || last["actor"] != "OFFICER" {
		t.Errorf("an officer's timeline ends with %v", last)
	}
	o.as("dana", "POST", "/v1/applications/"+id+"/signature", nil, http.StatusForbidden)
	if got := o.as("dana", "POST", "/v1/applications/"+id+"/withdrawal", nil, http.StatusOK); got["state"] != "withdrawn" {
		t.Errorf("withdrawn = %v", got["state"])
	}
}

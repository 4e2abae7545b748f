package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"net/http"
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

// gateServer is the HTTP side with a grid: one utility with a bakery's point, and
// another utility.
type gateServer struct {
	*identityServer
	log     *ledger.Ledger
	cookies map[string]string
}

func newGateServer(t *testing.T) *gateServer {
	t.Helper()
	clock := storetest.NewClock()
	return newGateServerOn(t, storetest.SQLite(t, clock.Now), clock)
}

// newGateServerOn is the same on a store of the test.
func newGateServerOn(t *testing.T, st *store.Store, clock *storetest.Clock) *gateServer {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	key := func(n byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, 32)) }
	people, err := identity.New(st, log, identity.Config{Issuer: testBase, Passwords: identity.PasswordCost{MemoryKiB: 64, Passes: 1, Lanes: 1},
		Signing: identity.SigningKey{KID: "k1", Private: key(1)}, Methods: []identity.Method{identity.MethodClientSecretBasic}})
	if err != nil {
		t.Fatal(err)
	}
	catalog, err := web.LoadCatalog()
	if err != nil {
		t.Fatal(err)
	}
	texts := func(lang, code string) (text, cure string) {
		return catalog.Text(lang, "gate.reason."+code+".text", nil), catalog.Text(lang, "gate.reason."+code+".cure", nil)
	}
	sealer := ledger.New(st, "api.test/ledger", key(2), clock.Now, log)
	server, err := New(Config{BaseURL: testBase, Version: "test"}, Services{
		Store: st, Licensing: licensing.New(st), Identity: people, Documents: documents.New(catalog.Text), Catalog: catalog, Ledger: sealer,
		Gate: gate.New(st, key(3), texts, clock.Now), Metering: metering.New(st, clock.Now), Detection: detection.New(st, clock.Now, log), Enforcement: enforcement.New(st),
	}, log, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	s := &gateServer{identityServer: &identityServer{t: t, handler: server.Handler(), people: people, store: st, clock: clock}, log: sealer, cookies: map[string]string{}}
	s.join("clerk", models.RoleClerk, "")
	s.join("auditor", models.RoleAuditor, "")
	s.as("clerk")
	pres := s.made("/v1/utilities", `{"code":"PRES","name_kk":"P","name_ru":"P","name_en":"P","bin":"210440038887"}`)
	rival := s.made("/v1/utilities", `{"code":"AREK","name_kk":"A","name_ru":"A","name_en":"A","bin":"990840003334"}`)
	s.join("pres", models.RoleUtility, pres)
	s.join("rival", models.RoleUtility, rival)
	s.as("pres")
	s.made("/v1/substations", `{"code":"PS12","name":"PS12","utility":"","volt_kv":110,"limit_kw":25000}`)
	s.made("/v1/feeders", `{"code":"PS12-F03","substation":"PS12","volt_kv":10,"limit_kw":6000}`)
	s.made("/v1/connection-points", `{"code":"PS12-F03-CP007","feeder":"PS12-F03","permitted_kw":100,"declared_use":"bakery","delineation_act":"A-1",
		"supply_contract":"S-1","technical_conditions":{"number":"T-1","limit_kw":100,"purpose":"other"}}`)
	return s
}

func (s *gateServer) join(login string, role models.Role, utility string) {
	s.t.Helper()
	_, _, err := s.people.CreateUser(context.Background(), models.System(), identity.NewUser{Login: login, Name: login, Roles: []models.Role{role},
		Utility: utility, Password: testPassword})
	if err != nil {
		s.t.Fatal(err)
	}
	s.cookie = ""
	for _, c := range s.do("POST", "/v1/session", `{"login":"`+login+`","password":"`+testPassword+`"}`).Cookies() {
		s.cookies[login] = c.Value
	}
}

func (s *gateServer) as(login string) { s.cookie = s.cookies[login] }

// made posts something new and gives its id.
func (s *gateServer) made(path, body string) string {
	s.t.Helper()
	a := s.do("POST", path, body)
	if a.StatusCode != http.StatusCreated {
		s.t.Fatalf("POST %s: %d %s", path, a.StatusCode, a.body)
	}
	id, _ := a.json(s.t)["id"].(string)
	return id
}

func bakery(kw string) string {
	return `{"reference":"WO-1","connection_point":"PS12-F03-CP007","applicant":"210440038887","requested_kw":` + kw + `,"purpose":"other","event":"new_connection"}`
}

func TestGate_AnswersOverHTTPTheSameByteForByte(t *testing.T) {
	s := newGateServer(t)
	first := s.do("POST", "/v1/gate/checks", bakery("50.5"), "Idempotency-Key", "k1", "Accept-Language", "en")
	if a := first.json(t); first.StatusCode != http.StatusOK || a["decision"] != "permit" || a["max_kw"] != 50.5 || a["permit"] == "" || a["valid_until"] == nil {
		t.Fatalf("check: %d %s", first.StatusCode, first.body)
	}
	if again := s.do("POST", "/v1/gate/checks", bakery("50.5"), "Idempotency-Key", "k1", "Accept-Language", "ru"); again.body != first.body {
		t.Errorf("again:\n%s\nfirst:\n%s", again.body, first.body)
	}
	s.problem(s.do("POST", "/v1/gate/checks", bakery("51"), "Idempotency-Key", "k1"), http.StatusConflict, "idempotency_reuse")
	s.problem(s.do("POST", "/v1/gate/checks", bakery("51"), "Idempotency-Key", "r1", "If-Revision-At-Least", "999999"), http.StatusServiceUnavailable, "unavailable")
	s.problem(s.do("POST", "/v1/gate/checks", bakery("51"), "Idempotency-Key", "r1", "If-Revision-At-Least", "soon"), http.StatusUnprocessableEntity, "invalid")
	if at := s.do("POST", "/v1/gate/checks", bakery("51"), "Idempotency-Key", "r1", "If-Revision-At-Least", "0"); at.StatusCode != http.StatusOK {
		t.Errorf("a revision that is there: %d %s", at.StatusCode, at.body)
	}
	s.problem(s.do("POST", "/v1/gate/checks", bakery("51")), http.StatusUnprocessableEntity, "invalid")
	s.problem(s.do("POST", "/v1/gate/checks", strings.Replace(bakery("51"), "{", `{"more":1,`, 1), "Idempotency-Key", "k2"), http.StatusUnprocessableEntity, "invalid")
	s.problem(s.do("POST", "/v1/gate/checks", strings.Replace(bakery("51"), "other", "garden", 1), "Idempotency-Key", "k3"), http.StatusUnprocessableEntity, "invalid")

	denied := s.do("POST", "/v1/gate/checks", bakery("60"), "Idempotency-Key", "k4", "Accept-Language", "ru")
	a := denied.json(t)
	reasons, _ := a["reasons"].([]any)
	if a["decision"] != "deny" || len(reasons) != 1 || a["max_kw"] != nil || a["valid_until"] != nil || a["permit"] != nil {
		t.Fatalf("60 kW of the 49.5 that are left: %s", denied.body)
	}
	if r := reasons[0].(map[string]any); r["code"] != "CAPACITY_EXCEEDED" || r["severity"] != "deny" || !strings.Contains(r["text"].(string), "мощность") || r["cure"] == "" {
		t.Errorf("reason %v", r)
	}
	s.as("clerk")
	s.problem(s.do("POST", "/v1/gate/checks", bakery("1"), "Idempotency-Key", "k5"), http.StatusForbidden, "forbidden")
	s.cookie = ""
	s.problem(s.do("POST", "/v1/gate/checks", bakery("1"), "Idempotency-Key", "k5"), http.StatusUnauthorized, "unauthenticated")
}

func TestGate_EverythingElseOfTheContract(t *testing.T) {
	s := newGateServer(t)
	id := s.do("POST", "/v1/gate/checks", bakery("50"), "Idempotency-Key", "k1").json(t)["id"].(string)
	batch := s.do("POST", "/v1/gate/checks/batch", `{"checks":[`+bakery("20")+`,`+bakery("20")+`,`+bakery("20")+`]}`, "Idempotency-Key", "b").json(t)
	var decisions []any
	for _, a := range batch["answers"].([]any) {
		decisions = append(decisions, a.(map[string]any)["decision"])
	}
	if got := fmt.Sprint(decisions); got != "[permit permit deny]" {
		t.Errorf("batch %v, want two permits and the point full", got)
	}
	confirmed := s.do("POST", "/v1/gate/checks/"+id+"/confirmation", `{"energised_at":"2026-03-02T04:00:00Z","kw":45,"meter_serial":"SN","switching_order":"1"}`)
	if c := confirmed.json(t); c["reservation_state"] != "confirmed" || c["reservation_kw"] != 0.0 {
		t.Errorf("confirmation: %d %s", confirmed.StatusCode, confirmed.body)
	}
	points := s.do("GET", "/v1/connection-points", "").json(t)["items"].([]any)
	if p := points[0].(map[string]any); len(points) != 1 || p["energised_kw"] != 45.0 || p["reserved_kw"] != 40.0 || p["permitted_kw"] != 100.0 ||
		p["state"] != "energised" || p["bin_or_iin"] != "210440038887" || p["code"] != "PS12-F03-CP007" {
		t.Errorf("points %v", points)
	}
	explanation := s.do("GET", "/v1/gate/checks/"+id+"/explanation", "").json(t)
	if rules := explanation["rules"].([]any); len(rules) != len(models.GateRules()) || explanation["decision_today"] != "deny" {
		t.Errorf("explanation: %d rules, today %v", len(rules), explanation["decision_today"])
	}
	if list := s.do("GET", "/v1/gate/checks?decision=permit&limit=2", "").json(t); len(list["items"].([]any)) != 2 || list["next"] == nil {
		t.Errorf("log %v", list)
	}
	tree := s.do("GET", "/v1/grid/tree", "").json(t)["items"].([]any)
	if len(tree) != 3 || tree[0].(map[string]any)["energised_kw"] != 45.0 {
		t.Errorf("tree %v", tree)
	}
	s.as("rival")
	s.problem(s.do("GET", "/v1/gate/checks/"+id, ""), http.StatusNotFound, "not_found")
	s.problem(s.do("GET", "/v1/gate/checks/"+id+"/explanation", ""), http.StatusNotFound, "not_found")
	s.problem(s.do("GET", "/v1/connection-points/PS12-F03-CP007", ""), http.StatusNotFound, "not_found")
	s.problem(s.do("POST", "/v1/gate/checks/"+id+"/confirmation", `{"energised_at":"2026-03-02T04:00:00Z","kw":45,"meter_serial":"SN","switching_order":"1"}`), http.StatusNotFound, "not_found")
	if all := s.do("GET", "/v1/connection-points", "").json(t)["items"].([]any); len(all) != 0 {
		t.Errorf("another utility sees %v", all)
	}
}

func TestLedger_OverHTTP(t *testing.T) {
	s := newGateServer(t)
	s.do("POST", "/v1/gate/checks", bakery("50"), "Idempotency-Key", "k1")
	if _, err := s.log.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	feed := s.do("GET", "/v1/events?limit=1", "").json(t)
	seen := 0
	for feed["next"] != nil {
		seen++
		feed = s.do("GET", "/v1/events?limit=1&after="+feed["next"].(string), "").json(t)
	}
	last := feed["items"].([]any)[0].(map[string]any)
	first := last["body"].(map[string]any)["answers"].([]any)[0].(map[string]any)
	if seen < 3 || last["kind"] != "gate.answered" || first["decision"] != "permit" || first["connection_point"] != "PS12-F03-CP007" {
		t.Errorf("after %d entries of the utility's feed the last is %v", seen, last)
	}
	s.problem(s.do("GET", "/v1/ledger/checkpoint", ""), http.StatusForbidden, "forbidden")
	s.as("auditor")
	checkpoint := s.do("GET", "/v1/ledger/checkpoint", "").json(t)
	proof := s.do("GET", fmt.Sprintf("/v1/ledger/proofs/%v", last["index"]), "").json(t)
	if proof["checkpoint"] != checkpoint["note"] || proof["event"].(map[string]any)["id"] != last["id"] || len(proof["hashes"].([]any)) == 0 {
		t.Errorf("proof %v", proof)
	}
	s.problem(s.do("GET", "/v1/ledger/proofs/9999", ""), http.StatusNotFound, "not_found")
	if c := s.do("GET", "/v1/ledger/consistency?old=1&new=2", ""); c.StatusCode != http.StatusOK {
		t.Errorf("consistency: %d %s", c.StatusCode, c.body)
	}
}

package api

import (
	"bytes"
	"crypto/ed25519"
	"net/http"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/gate"
)

// held energises the bakery, lets an officer put a hold on it, and gives the id of the
// order that comes of it, in the utility's feed.
func held(t *testing.T, s *gateServer) string {
	t.Helper()
	s.join("officer", models.RoleOfficer, "")
	s.join("head", models.RoleHead, "")
	s.join("inspector", models.RoleInspector, "")
	s.as("pres")
	check, _ := s.do("POST", "/v1/gate/checks", bakery("50"), "Idempotency-Key", "k1").json(t)["id"].(string)
	if a := s.do("POST", "/v1/gate/checks/"+check+"/confirmation", `{"energised_at":"2026-03-02T04:00:00Z","kw":45,"meter_serial":"SN","switching_order":"1"}`); a.StatusCode != http.StatusOK {
		t.Fatalf("confirmation: %d %s", a.StatusCode, a.body)
	}
	s.as("officer")
	s.made("/v1/gate/standing-facts", `{"kind":"legal_hold","scope":"connection_point","scope_id":"PS12-F03-CP007","from":"2026-01-01T00:00:00Z","document":"No 7"}`)
	rounds := gate.New(s.store, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, 32)), func(string, string) (string, string) { return "", "" }, s.clock.Now)
	if err := rounds.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.log.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	items, _ := s.do("GET", "/v1/disconnection-orders", "").json(t)["items"].([]any)
	if len(items) != 1 {
		t.Fatalf("orders: %v", items)
	}
	order, _ := items[0].(map[string]any)
	if order["state"] != "issued" || order["ground"] != "standing.legal_hold" || order["kind"] != "disconnection" {
		t.Fatalf("order: %v", order)
	}
	id, _ := order["id"].(string)
	return id
}

func TestOrders_OverHTTPFromTheFeedToTheClosure(t *testing.T) {
	s := newGateServer(t)
	path := "/v1/disconnection-orders/" + held(t, s)
	state := func(who string) map[string]any {
		s.as(who)
		return s.do("GET", path, "").json(t)
	}
	s.as("rival")
	s.do("GET", "/v1/events?kind=order.issued", "")
	if o := state("officer"); o["state"] != "issued" {
		t.Fatalf("another utility's page of the feed, or an officer's look, delivered it: %v", o)
	}
	s.as("pres")
	if feed := s.do("GET", "/v1/events?kind=order.issued", "").json(t)["items"].([]any); len(feed) != 1 {
		t.Fatalf("feed: %v", feed)
	}
	if o := state("officer"); o["state"] != "delivered" || o["delivered_by"] != "feed" {
		t.Errorf("after the page of the feed: %v", o)
	}
	for _, step := range []struct {
		who, act, body, version, state string
	}{
		{"pres", "acknowledgement", `{"person":"A. B."}`, `"2"`, "acknowledged"},
		{"pres", "objection", `{"person":"A. B.","code":"access_denied","note":"the gate is locked"}`, `"3"`, "acknowledged"},
		{"head", "objection-decision", `{"decision":"refused","reply":"go with the police"}`, `"4"`, "acknowledged"},
		{"pres", "execution", `{"person":"A. B.","crew":"7","reading_kwh":12.5}`, `"5"`, "executed"},
		{"inspector", "verification", `{"reason":"the breaker is open and sealed"}`, `"6"`, "verified"},
		{"head", "closure", "", `"7"`, "closed"},
	} {
		s.as("rival")
		s.problem(s.do("POST", path+"/"+step.act, step.body, "If-Match", step.version), map[bool]int{true: http.StatusNotFound, false: http.StatusForbidden}[step.who == "pres"],
			map[bool]string{true: "not_found", false: "forbidden"}[step.who == "pres"])
		s.as(step.who)
		s.problem(s.do("POST", path+"/"+step.act, step.body, "If-Match", `"1"`), http.StatusPreconditionFailed, "version_conflict")
		a := s.do("POST", path+"/"+step.act, step.body, "If-Match", step.version, "Idempotency-Key", "o-"+step.act)
		if o := a.json(t); a.StatusCode != http.StatusOK || o["state"] != step.state || a.Header.Get("ETag") == step.version {
			t.Fatalf("%s by %s: %d %s", step.act, step.who, a.StatusCode, a.body)
		}
		if again := s.do("POST", path+"/"+step.act, step.body, "If-Match", step.version, "Idempotency-Key", "o-"+step.act); again.body != a.body {
			t.Errorf("%s repeated under its key: %d %s", step.act, again.StatusCode, again.body)
		}
	}
	o := state("officer")
	if o["reading_kwh"] != 12.5 || o["verified_by_hand"] != true || o["objection_detail"].(map[string]any)["decision"] != "refused" {
		t.Errorf("in the end: %v", o)
	}
	if a := s.do("GET", path+"/evidence", ""); a.StatusCode != http.StatusOK || a.json(t)["verdict"] != "unmetered" {
		t.Errorf("evidence of a point without a meter: %d %s", a.StatusCode, a.body)
	}
}

func TestOrders_CountsAreOfTheCallersOwn(t *testing.T) {
	s := newGateServer(t)
	held(t, s)
	for who, want := range map[string]int{"officer": 1, "pres": 1, "rival": 0} {
		s.as(who)
		if items, _ := s.do("GET", "/v1/disconnection-orders/summary", "").json(t)["items"].([]any); len(items) != want {
			t.Errorf("%s sees the counts of %d utilities, want %d", who, len(items), want)
		}
	}
	s.as("pres")
	if items, _ := s.do("GET", "/v1/disconnection-orders?flag=overdue", "").json(t)["items"].([]any); len(items) != 0 {
		t.Errorf("overdue before the deadline: %v", items)
	}
}

func TestPermitQR_IsOfAPermitThatTheCallerMayRead(t *testing.T) {
	s := newGateServer(t)
	permit, _ := s.do("POST", "/v1/gate/checks", bakery("50"), "Idempotency-Key", "k1").json(t)["id"].(string)
	denied, _ := s.do("POST", "/v1/gate/checks", bakery("90"), "Idempotency-Key", "k2").json(t)["id"].(string)
	a := s.do("GET", "/v1/gate/checks/"+permit+"/permit.svg", "")
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "image/svg+xml" || !strings.Contains(a.body, "<svg") || !strings.HasPrefix(a.Header.Get("Cache-Control"), "private") {
		t.Errorf("a permit: %d %v %.80s", a.StatusCode, a.Header, a.body)
	}
	s.problem(s.do("GET", "/v1/gate/checks/"+denied+"/permit.svg", ""), http.StatusNotFound, "not_found")
	s.as("rival")
	s.problem(s.do("GET", "/v1/gate/checks/"+permit+"/permit.svg", ""), http.StatusNotFound, "not_found")
	s.as("clerk")
	s.problem(s.do("GET", "/v1/gate/checks/"+permit+"/permit.svg", ""), http.StatusForbidden, "forbidden")
}

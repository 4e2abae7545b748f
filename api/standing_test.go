package api

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"rigistry/models"
)

func TestStanding_AnOfficerRecordsACurtailmentAndAnotherEndsAHold(t *testing.T) {
	s := newGateServer(t)
	s.join("officer", models.RoleOfficer, "")
	s.join("head", models.RoleHead, "")
	decision := func(key string) string {
		s.as("pres")
		a := s.do("POST", "/v1/gate/checks", bakery("50"), "Idempotency-Key", key, "Accept-Language", "ru").json(t)
		var codes []string
		reasons, _ := a["reasons"].([]any)
		for _, r := range reasons {
			code, _ := r.(map[string]any)["code"].(string)
			codes = append(codes, code)
		}
		slices.Sort(codes)
		verdict, _ := a["decision"].(string)
		return verdict + " " + strings.Join(codes, " ")
	}
	s.as("pres")
	const hold = `{"kind":"legal_hold","scope":"connection_point","scope_id":"PS12-F03-CP007","from":"2026-01-01T00:00:00Z","document":"No 7"}`
	s.problem(s.do("POST", "/v1/gate/standing-facts", hold), http.StatusForbidden, "forbidden")
	s.as("officer")
	curtailed := s.made("/v1/gate/standing-facts", `{"kind":"curtailment","scope":"feeder","scope_id":"PS12-F03","from":"2026-01-01T00:00:00Z","power_kw":49,"document":"KEGOC 12"}`)
	held := s.made("/v1/gate/standing-facts", hold)
	s.problem(s.do("POST", "/v1/gate/standing-facts", strings.Replace(hold, "CP007", "CP999", 1)), http.StatusUnprocessableEntity, "invalid")
	if got := decision("k1"); got != "deny CURTAILED LEGAL_HOLD" {
		t.Errorf("while both hold: %s", got)
	}
	s.as("officer")
	s.problem(s.do("POST", "/v1/gate/standing-facts/"+held+"/end", `{"reason":"x"}`), http.StatusConflict, "four_eyes")
	if a := s.do("POST", "/v1/gate/standing-facts/"+curtailed+"/end", `{"reason":"the line is repaired"}`); a.StatusCode != http.StatusOK || a.json(t)["holds"] != false {
		t.Errorf("end: %d %s", a.StatusCode, a.body)
	}
	s.as("head")
	if a := s.do("GET", "/v1/gate/standing-facts?holds=true", ""); len(a.json(t)["items"].([]any)) != 1 || !strings.Contains(a.body, `"allowed":["end"]`) {
		t.Errorf("what holds: %s", a.body)
	}
	s.do("POST", "/v1/gate/standing-facts/"+held+"/end", `{"reason":"lifted by the court"}`)
	if got := decision("k2"); got != "permit " {
		t.Errorf("after the end of both: %s", got)
	}
	if a := s.do("GET", "/v1/gate/standing-facts/"+held, ""); a.StatusCode != http.StatusForbidden {
		t.Errorf("a utility reads the hold: %d", a.StatusCode)
	}
}

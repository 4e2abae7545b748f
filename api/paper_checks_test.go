package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"rigistry/models"
)

func TestPaper_TheDispatchersSheetHasNoCodesOfAnswersAndBothSidesMatch(t *testing.T) {
	s := newGateServer(t)
	s.join("officer", models.RoleOfficer, "")
	s.join("head", models.RoleHead, "")
	s.as("pres")
	s.problem(s.do("POST", "/v1/paper-blocks", `{"utility":"PRES","count":2}`), http.StatusForbidden, "forbidden")
	s.as("officer")
	s.problem(s.do("POST", "/v1/paper-blocks", `{"utility":"PRES","count":201}`), http.StatusUnprocessableEntity, "invalid")
	sheet := "/v1/paper-blocks/" + s.made("/v1/paper-blocks", `{"utility":"PRES","count":2}`) + "/sheet"
	lines := func(who string) []any {
		s.as(who)
		out, _ := s.do("GET", sheet, "").json(t)["lines"].([]any)
		if len(out) != 2 {
			t.Fatalf("%s sees %d lines, want 2", who, len(out))
		}
		return out
	}
	line, _ := lines("officer")[0].(map[string]any)
	own, _ := lines("pres")[0].(map[string]any)
	if own["call_code"] != line["call_code"] || own["permit_code"] != nil || own["deny_code"] != nil || own["refer_code"] != nil || line["permit_code"] == nil {
		t.Fatalf("the utility's line %v, the registry's %v", own, line)
	}
	s.as("rival")
	s.problem(s.do("GET", sheet, ""), http.StatusNotFound, "not_found")
	path := fmt.Sprintf("/v1/paper-checks/%v", line["number"])
	s.problem(s.do("GET", path, ""), http.StatusNotFound, "not_found")
	const question = `{"connection_point":"PS12-F03-CP007","applicant":"210440038887","requested_kw":50,"purpose":"other","event":"new_connection"}`
	at := s.clock.Now().Format(time.RFC3339Nano)
	report := fmt.Sprintf(`{"question":%s,"answer_code":"%v","decision":"permit","at":"%s","person":"D"}`, question, line["permit_code"], at)
	answer := fmt.Sprintf(`{"question":%s,"call_code":"%v","decision":"permit","max_kw":50,"at":"%s"}`, question, line["call_code"], at)
	s.problem(s.do("POST", path+"/report", report), http.StatusNotFound, "not_found")
	s.as("officer")
	s.problem(s.do("POST", path+"/report", report), http.StatusForbidden, "forbidden")
	s.as("pres")
	s.problem(s.do("POST", path+"/answer", answer), http.StatusForbidden, "forbidden")
	wrong := s.do("POST", path+"/report", strings.Replace(report, fmt.Sprint(line["permit_code"]), "222222", 1))
	if s.problem(wrong, http.StatusUnprocessableEntity, "invalid"); !strings.Contains(wrong.body, "/answer_code") {
		t.Errorf("a wrong code: %s", wrong.body)
	}
	if _, err := s.log.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a := s.do("POST", path+"/report", report); a.StatusCode != http.StatusOK || a.json(t)["state"] != "reported" {
		t.Fatalf("the utility's side: %d %s", a.StatusCode, a.body)
	}
	s.as("officer")
	if a := s.do("POST", path+"/answer", answer); a.StatusCode != http.StatusOK || a.json(t)["state"] != "matched" || a.json(t)["gate"] != "permit" {
		t.Errorf("both sides: %d %s", a.StatusCode, a.body)
	}
	s.as("head")
	s.problem(s.do("POST", path+"/settlement", `{"reason":"nothing differs"}`), http.StatusConflict, "conflict")
	s.as("pres")
	if used := s.do("GET", "/v1/paper-checks?used=true", "").json(t)["items"].([]any); len(used) != 1 {
		t.Errorf("numbers that were used: %v", used)
	}
}

package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/identity"
)

func TestReview_ACorrectionIsAskedAndAnsweredOverHTTP(t *testing.T) {
	o := newOffice(t)
	id := o.filed("210440038887", "CP1")
	base := "/v1/applications/" + id
	o.as("clerk", "POST", base+"/registration", fields{}, http.StatusOK)
	app := o.as("officer", "POST", base+"/completeness-check", fields{"complete": true}, http.StatusOK)
	if allowed := fmt.Sprint(app["allowed"]); !strings.Contains(allowed, "ask") || strings.Contains(allowed, "correct") {
		t.Errorf("the officer is offered %s", allowed)
	}
	if _, _, err := o.people.CreateUser(context.Background(), models.System(), identity.NewUser{Login: "dana", Name: "Dana",
		Roles: []models.Role{models.RoleApplicant}, Party: app["applicant"].(string), Password: testPassword}); err != nil {
		t.Fatal(err)
	}
	o.cookie = ""
	for _, c := range o.do("POST", "/v1/session", `{"login":"dana","password":"`+testPassword+`"}`).Cookies() {
		o.cookies["dana"] = c.Value
	}
	ask := fields{"items": []fields{{"pointer": "/fee_document", "text": "Another payment."}}, "working_days": 5}
	o.as("head", "POST", base+"/corrections", ask, http.StatusForbidden)
	app = o.as("officer", "POST", base+"/decision-draft", fields{"outcome": "refuse", "reasons": []string{"FEE_NOT_PAID"}}, http.StatusOK) // falls with the question
	app = o.as("officer", "POST", base+"/corrections", ask, http.StatusOK, "If-Match", fmt.Sprintf("%q", fmt.Sprint(app["version"])))
	if clock := app["clock"].(fields); clock["standing"] != true || strings.Contains(fmt.Sprint(app["allowed"]), "draft_decision") {
		t.Errorf("asked: %v %v", clock, app["allowed"])
	}
	o.as("officer", "POST", base+"/agency-requests", fields{"agency": "Акимат", "question": "?"}, http.StatusOK)

	seen := o.as("dana", "GET", base+"/requests", nil, http.StatusOK)["items"].([]any)
	if len(seen) != 1 || seen[0].(fields)["asked_by"] != nil || seen[0].(fields)["due"] != "2026-03-10" {
		t.Fatalf("the applicant sees %v", seen)
	}
	request := seen[0].(fields)["id"].(string)
	mine := o.as("dana", "GET", base, nil, http.StatusOK)
	if !strings.Contains(fmt.Sprint(mine["allowed"]), "correct") {
		t.Errorf("the applicant is offered %v", mine["allowed"])
	}
	answer := fields{"sub_type": "I", "language": "kk", "supply_basis": "auction", "sites": []fields{{"site": mine["sites"].([]any)[0].(fields)["site"], "connection_points": []string{"CP1"}, "approved_kw": 1184.5}},
		"equipment": mine["equipment"], "fee_paid_kzt": 8_650_000, "fee_document": "PP-8"}
	mine = o.as("dana", "PUT", base+"/corrections/"+request, fields{"application": answer, "answer": "Here."}, http.StatusOK)
	if mine["fee_document"] != "PP-8" || mine["clock"].(fields)["standing"] != false {
		t.Errorf("corrected: %v", mine)
	}
	kept := o.as("officer", "GET", base+"/contents", nil, http.StatusOK)["items"].([]any)
	if len(kept) != 1 || kept[0].(fields)["content"].(fields)["fee_document"] != "PP-7" {
		t.Errorf("kept = %v", kept)
	}
	all := o.as("officer", "GET", base+"/requests", nil, http.StatusOK)["items"].([]any)
	agency := all[1].(fields)
	if len(all) != 2 || all[0].(fields)["state"] != "answered" || agency["due"] != "2026-03-17" || agency["asked_by_name"] != "OFFICER" {
		t.Errorf("requests = %v", all)
	}
	path := base + "/agency-requests/" + agency["id"].(string)
	o.as("dana", "PUT", path, fields{"outcome": "agreed"}, http.StatusForbidden)
	o.as("clerk", "PUT", path, fields{"outcome": "deemed_agreed"}, http.StatusUnprocessableEntity)
	o.as("clerk", "PUT", path, fields{"outcome": "agreed"}, http.StatusOK)
	o.as("clerk", "PUT", path, fields{"outcome": "agreed"}, http.StatusConflict)

	if _, err := o.ledger.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, e := range o.as("dana", "GET", base+"/timeline", nil, http.StatusOK)["items"].([]any) {
		kinds = append(kinds, e.(fields)["kind"].(string))
		if body, ok := e.(fields)["body"].(fields); ok && body["draft_void_reason"] != nil {
			t.Errorf("the applicant is told of a draft that fell: %v", e)
		}
	}
	if got := strings.Join(kinds[len(kinds)-2:], " "); got != "application.correction_requested application.corrected" {
		t.Errorf("the applicant's timeline ends with %s", got)
	}
}

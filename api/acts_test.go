package api

import (
	"fmt"
	"net/http"
	"strings"
)

// actsOnLicense walks what two people do about a license that its head has just
// suspended at once, and leaves it suspended.
func (o *office) actsOnLicense(path, number string) {
	o.t.Helper()
	impact := o.as("officer", "GET", path+"/impact?act=lift", nil, http.StatusOK)
	if impact["state"] != "active" || impact["act"] != "lift" {
		o.t.Errorf("impact = %v", impact)
	}
	o.as("clerk", "GET", path+"/impact?act=lift", nil, http.StatusForbidden)
	o.as("officer", "GET", path+"/impact?act=suspension&months=3", nil, http.StatusConflict)
	o.as("officer", "GET", path+"/impact?act=extension&months=4", nil, http.StatusUnprocessableEntity)

	draft := o.as("officer", "POST", path+"/lift", fields{"ground": "CURED"}, http.StatusAccepted)
	signAt, _ := draft["sign_at"].(string)
	if draft["state"] != "drafted" || !strings.HasSuffix(signAt, "/signature") || draft["license"] != number {
		o.t.Fatalf("an officer's lift = %v, want a draft", draft)
	}
	o.as("officer", "POST", path+"/lift", fields{"ground": "CURED"}, http.StatusConflict)
	o.as("officer", "POST", signAt, nil, http.StatusForbidden)
	o.as("head", "POST", signAt, nil, http.StatusPreconditionFailed, "If-Match", `"7"`)
	one := strings.TrimSuffix(signAt, "/signature")
	if got := o.as("head", "GET", one, nil, http.StatusOK); fmt.Sprint(got["allowed"]) != "[sign reject]" || got["impact_now"] == nil {
		o.t.Errorf("the draft as the head sees it = %v", got)
	}
	o.as("head", "POST", one+"/rejection", fields{"reason": ""}, http.StatusUnprocessableEntity)
	if got := o.as("head", "POST", one+"/rejection", fields{"reason": "The report is still missing."}, http.StatusOK); got["state"] != "rejected" {
		o.t.Errorf("rejected = %v", got)
	}

	waiting := o.as("officer", "GET", "/v1/acts?open=open", nil, http.StatusOK)["items"].([]any)
	if len(waiting) != 1 {
		o.t.Fatalf("%d acts wait, want the urgent suspension", len(waiting))
	}
	urgent := waiting[0].(map[string]any)
	confirm, _ := urgent["sign_at"].(string)
	if urgent["state"] != "provisional" || !strings.HasSuffix(confirm, "/confirmation") {
		o.t.Fatalf("urgent = %v", urgent)
	}
	if got := o.as("head", "POST", confirm, nil, http.StatusConflict); got["code"] != "four_eyes" {
		o.t.Errorf("the head confirming itself = %v", got)
	}
	if got := o.as("officer", "POST", confirm, nil, http.StatusOK); got["state"] != "signed" {
		o.t.Errorf("confirmed = %v", got)
	}
	if got := o.as("head", "GET", path, nil, http.StatusOK); got["provisional"] != nil || got["state"] != "suspended" || got["version"] != 2.0 {
		o.t.Errorf("after the confirmation = %v", got)
	}
	correction := fields{"license": number, "kind": "correction", "correction": fields{"holder_name": "ТОО «Другое»"}}
	o.as("officer", "POST", "/v1/acts", correction, http.StatusUnprocessableEntity)
	correction["note"], correction["since"] = "A slip of the pen.", "2020-01-01T00:00:00Z"
	o.as("officer", "POST", "/v1/acts", correction, http.StatusUnprocessableEntity)
}

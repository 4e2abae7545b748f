package api

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"rigistry/models"
)

func TestReview_ARefusalFromThePreviewToAnUpheldAppealOverHTTP(t *testing.T) {
	o := newOffice(t)
	id := o.filed("210440038887", "PS12-F03-CP007")
	o.drafted(id)
	base := "/v1/applications/" + id

	sheet := o.as("head", "GET", base+"/review", nil, http.StatusOK)
	points := sheet["points"].([]any)
	if len(points) != 1 || points[0].(fields)["permitted_kw"] != 20000.0 || points[0].(fields)["known"] != true {
		t.Errorf("points = %v, want what the register permits", points)
	}
	stale := sheet["content_digest"].(string)
	app := o.as("officer", "PUT", base+"/checklist/FEE", fields{"result": "not_met", "note": "Half of it"}, http.StatusOK)
	if app["state"] != "in_review" || app["decision"] != nil {
		t.Errorf("an edit left %v, want the draft fallen", app["state"])
	}
	if voided := o.as("head", "GET", base+"/review", nil, http.StatusOK)["voided"].(fields); voided["why"] != "item_checked" || voided["by_name"] != "OFFICER" {
		t.Errorf("voided = %v, want who and why", voided)
	}
	refusal := fields{"outcome": "refuse", "reasons": []string{"FEE_NOT_PAID"}, "note": "Half of the fee"}
	letter := o.as("officer", "POST", base+"/decision-preview", refusal, http.StatusOK)
	reasons, closing := letter["reasons"].([]any), letter["closing"].([]any)
	if len(reasons) != 1 || !strings.Contains(reasons[0].(fields)["legal_ref"].(string), "202-V") || !strings.Contains(closing[0].(fields)["ru"].(string), "02.06.2026") ||
		!strings.Contains(closing[0].(fields)["kk"].(string), "02.06.2026") {
		t.Errorf("letter: reasons %v, closing %v; want the article and the last day for an appeal", reasons, closing)
	}
	o.as("officer", "POST", base+"/decision-draft", refusal, http.StatusOK)
	o.as("head", "POST", base+"/signature", fields{"content_digest": stale}, http.StatusPreconditionFailed)
	seen := o.as("head", "GET", base+"/review", nil, http.StatusOK)["content_digest"]
	signed := o.as("head", "POST", base+"/signature", fields{"content_digest": seen}, http.StatusOK)
	appeal := signed["appeal"].(fields)
	if signed["state"] != "refused" || appeal["until"] != "2026-06-02" || appeal["open"] != true || appeal["body"] == "" || appeal["legal_ref"] == "" {
		t.Errorf("signed: %v, appeal %v; want how it is appealed", signed["state"], appeal)
	}
	o.as("clerk", "POST", base+"/appeal", fields{"text": "The fee was paid in full"}, http.StatusOK)
	o.as("head", "POST", base+"/appeal-outcome", fields{"outcome": "upheld", "decision": "№ 1"}, http.StatusConflict)
	o.cookie = ""
	o.person("second", models.RoleOfficer)
	o.cookies["second"] = o.cookie
	again := o.as("second", "POST", base+"/appeal-outcome", fields{"outcome": "upheld", "decision": "№ 1 of 02.03.2026"}, http.StatusOK)
	if again["state"] != "in_review" || again["decision"] != nil || again["clock"].(fields)["due"] != "2026-03-27" {
		t.Errorf("after the appeal: %v", again)
	}
	list := o.as("clerk", "GET", base+"/appeals", nil, http.StatusOK)["items"].([]any)
	if len(list) != 1 || list[0].(fields)["state"] != "upheld" || list[0].(fields)["refusal_order"] == "" {
		t.Errorf("appeals = %v", list)
	}
}

func TestReview_AConflictTakesTheStepsFromWhoHasIt(t *testing.T) {
	o := newOffice(t)
	id := o.filed("210440038887", "PS12-F03-CP007")
	o.drafted(id)
	base := "/v1/applications/" + id
	app := o.as("head", "POST", base+"/conflicts", fields{"reason": "a cousin"}, http.StatusOK)
	if slices.Contains(app["allowed"].([]any), any("sign")) {
		t.Errorf("a head with a conflict is offered %v", app["allowed"])
	}
	if got := o.as("head", "POST", base+"/signature", fields{}, http.StatusForbidden); got["code"] != "forbidden" {
		t.Errorf("the signature: %v", got)
	}
	sheet := o.as("head", "GET", base+"/review", nil, http.StatusOK)
	if sheet["barred"] != true || len(sheet["conflicts"].([]any)) != 1 {
		t.Errorf("sheet = %v, want the conflict and that the caller takes no part", sheet)
	}
	conflict := sheet["conflicts"].([]any)[0].(fields)["id"].(string)
	o.as("officer", "POST", base+"/conflicts/"+conflict+"/withdrawal", fields{"reason": "over"}, http.StatusForbidden)
	o.as("head", "POST", base+"/conflicts/"+conflict+"/withdrawal", fields{"reason": "over"}, http.StatusConflict)
}

func TestQueue_CountsAssignsAndKeepsFiltersOverHTTP(t *testing.T) {
	o := newOffice(t)
	id := o.filed("210440038887", "PS12-F03-CP007")
	queue := o.as("officer", "GET", "/v1/queue", nil, http.StatusOK)
	if counts := queue["counts"].(fields); counts["new"] != 1.0 || counts["later"] != 0.0 || queue["today"] != "2026-03-02" {
		t.Errorf("queue = %v, want one that is new", queue)
	}
	o.as("clerk", "POST", "/v1/applications/"+id+"/registration", nil, http.StatusOK)
	staff := o.as("clerk", "GET", "/v1/staff", nil, http.StatusOK)["items"].([]any)
	var officer string
	for _, who := range staff {
		if slices.Contains(who.(fields)["roles"].([]any), any("officer")) {
			officer = who.(fields)["id"].(string)
		}
	}
	refused := o.as("clerk", "POST", "/v1/applications/assignment", fields{"ids": []string{id, "none"}, "officer": officer}, http.StatusUnprocessableEntity)
	if at := refused["errors"].([]any)[0].(fields); at["pointer"] != "/ids/1" || at["code"] != "unknown" {
		t.Errorf("refusal = %v, want the place in the list", refused)
	}
	done := o.as("clerk", "POST", "/v1/applications/assignment", fields{"ids": []string{id}, "officer": officer}, http.StatusOK)["items"].([]any)
	if done[0].(fields)["officer"] != officer {
		t.Errorf("assigned = %v", done)
	}
	if mine := o.as("officer", "GET", "/v1/queue?officer=me&group=later&kind=issue&sub_type=I&region=55&due_until=2026-12-31", nil, http.StatusOK)["items"].([]any); len(mine) != 1 {
		t.Errorf("%d of the officer's own by every filter, want 1", len(mine))
	}
	if none := o.as("officer", "GET", "/v1/queue?officer=none", nil, http.StatusOK)["items"].([]any); len(none) != 0 {
		t.Errorf("%d without an officer, want none", len(none))
	}
	o.as("officer", "PUT", "/v1/session/filters/%D0%9C%D0%BE%D0%B8", fields{"query": "officer=me"}, http.StatusOK)
	if kept := o.as("officer", "GET", "/v1/session/filters", nil, http.StatusOK)["items"].([]any); len(kept) != 1 || kept[0].(fields)["name"] != "Мои" {
		t.Errorf("filters = %v", kept)
	}
	if other := o.as("clerk", "GET", "/v1/session/filters", nil, http.StatusOK)["items"].([]any); len(other) != 0 {
		t.Errorf("somebody else sees %v", other)
	}
	o.cookie = o.cookies["officer"]
	if a := o.do("DELETE", "/v1/session/filters/%D0%9C%D0%BE%D0%B8", ""); a.StatusCode != http.StatusNoContent {
		t.Errorf("forgetting a filter: %d", a.StatusCode)
	}
	if kept := o.as("officer", "GET", "/v1/session/filters", nil, http.StatusOK)["items"].([]any); len(kept) != 0 {
		t.Errorf("after forgetting: %v", kept)
	}
}

func TestPreview_IsADraftOnPaper(t *testing.T) {
	o := newOffice(t)
	id := o.filed("210440038887", "PS12-F03-CP007")
	o.drafted(id)
	o.cookie = o.cookies["officer"]
	r := httptest.NewRequest(http.MethodPost, testBase+"/v1/applications/"+id+"/decision-preview/file", strings.NewReader(`{"outcome":"grant"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Cookie", "rigistry_session="+o.cookie)
	rec := httptest.NewRecorder()
	o.handler.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK || !strings.HasPrefix(rec.Body.String(), "%PDF-") || rec.Header().Get("Content-Type") != "application/pdf" {
		t.Errorf("preview: %d %s", rec.Code, rec.Header().Get("Content-Type"))
	}
	if issued := o.as("officer", "GET", "/v1/documents", nil, http.StatusOK)["items"].([]any); len(issued) != 0 {
		t.Errorf("a preview issued %v", issued)
	}
}

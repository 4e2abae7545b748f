package api

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
)

// draft begins an application with attached documents for a new party.
func (o *office) draft(bin, point string) string {
	o.t.Helper()
	party := o.as("clerk", "POST", "/v1/parties", fields{"bin_or_iin": bin, "kind": "legal_entity", "name_kk": "«Тест» ЖШС", "name_ru": "ТОО «Тест»",
		"size": "large", "resident": true, "address": "Екібастұз", "kato": "551610000"}, http.StatusCreated)
	o.points(point)
	site := o.as("clerk", "POST", "/v1/sites", fields{"code": "S-" + bin, "owner": party["id"], "name_kk": "ДӨО", "name_ru": "ЦОД", "address": "Екібастұз",
		"kato": "551610000", "grid_zone": "north", "host_capacity_kw": 5000, "connection_points": []string{point}}, http.StatusCreated)
	app := o.as("clerk", "POST", "/v1/applications", fields{"applicant": bin, "documents": "attached", "supply_basis": "auction", "fee_paid_kzt": 8_650_000, "fee_document": "PP-7",
		"sites":     []fields{{"site": site["code"], "connection_points": []string{point}, "approved_kw": 900}},
		"equipment": []fields{{"manufacturer": "Bitmain", "model": "S21", "units": 250, "nameplate_kw": 3.5}}}, http.StatusCreated)
	return app["id"].(string)
}

func TestAttachments_AreGivenAsTheyAreAndFiledWithAReceipt(t *testing.T) {
	o := newOffice(t)
	id := o.draft("210440038887", "CP1")
	base := "/v1/applications/" + id
	tasks := o.as("clerk", "GET", base+"/tasks", nil, http.StatusOK)
	if tasks["ready"] != false || tasks["term_working_days"] != float64(15) || tasks["fee"].(fields)["due_kzt"] != float64(8_650_000) || tasks["fee"].(fields)["mci_units"] != float64(2000) {
		t.Errorf("tasks = %v", tasks)
	}
	pdf := "%PDF-1.4 act\n\x00\xff binary"
	sum := sha256.Sum256([]byte(pdf))
	o.cookie = o.cookies["clerk"]
	send := func(query, content string) answer {
		return o.do("POST", base+"/attachments?"+query, content, "Content-Type", "application/octet-stream", "Idempotency-Key", "same")
	}
	var last answer
	for _, code := range []string{"DATA_CENTRE_RIGHT", "LAND_USE", "TECHNICAL_CONDITIONS", "SUPPLY_CONTRACT"} {
		if last = send("requirement="+code+"&name=%D0%90%D0%BA%D1%82.pdf", pdf); last.StatusCode != http.StatusCreated {
			t.Fatalf("%s: %d %s", code, last.StatusCode, last.body)
		}
	}
	file := last.json(t)
	if file["sha256"] != hex.EncodeToString(sum[:]) || file["media_type"] != "application/pdf" || file["bytes"] != float64(len(pdf)) || file["name"] != "Акт.pdf" {
		t.Errorf("attachment = %v", file)
	}
	for query, pointer := range map[string]string{
		"requirement=LAND_USE&name=act.png": "?name", "requirement=NOTHING&name=act.pdf": "?requirement", "name=act.pdf": "?requirement", "requirement=LAND_USE": "?name"} {
		if got := send(query, pdf); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(got.body), pointer) {
			t.Errorf("%s: %d %s, want 422 at %s", query, got.StatusCode, got.body, pointer)
		}
	}
	if got := send("requirement=LAND_USE&name=act.pdf", "%PDF-1.4 << /S /JavaScript >>"); got.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(string(got.body), "JavaScript") {
		t.Errorf("a PDF with JavaScript: %d %s", got.StatusCode, got.body)
	}
	if got := send("requirement=LAND_USE&name=act.jpg", "\xff\xd8\xff"+strings.Repeat("x", 20<<20)); got.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("more than 20 MB: %d %.200s, want 413", got.StatusCode, got.body)
	}
	got := o.do("GET", base+"/attachments/"+file["id"].(string)+"/file", "")
	if string(got.body) != pdf || got.Header.Get("Content-Type") != "application/pdf" || got.Header.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(got.Header.Get("Content-Disposition"), "filename*=utf-8''%D0%90%D0%BA%D1%82.pdf") || !strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("file: %d %q with %v", got.StatusCode, got.body, got.Header)
	}
	if tasks = o.as("clerk", "GET", base+"/tasks", nil, http.StatusOK); tasks["ready"] != true {
		t.Errorf("with every file: %v", tasks)
	}
	filed := o.as("clerk", "POST", base+"/submission", nil, http.StatusOK)
	receipt := o.as("clerk", "GET", base+"/receipt", nil, http.StatusOK)
	digest := sha256.Sum256([]byte(receipt["content"].(string)))
	if receipt["content_digest"] != hex.EncodeToString(digest[:]) || receipt["reference"] != filed["number"] || receipt["register_by"] != "2026-03-04" ||
		filed["receipt"].(fields)["content_digest"] != receipt["content_digest"] || filed["law_of"] != "2026-03-02" {
		t.Errorf("receipt = %v\nfiled = %v", receipt, filed)
	}
	o.cookie = o.cookies["clerk"]
	if got := o.do("DELETE", base+"/attachments/"+file["id"].(string), ""); got.StatusCode != http.StatusConflict {
		t.Errorf("removing what was filed: %d, want 409", got.StatusCode)
	}
}

func TestApplications_ADraftMayBeEmptyAndReasonsArePublic(t *testing.T) {
	o := newOffice(t)
	o.as("clerk", "POST", "/v1/parties", fields{"bin_or_iin": "210440038887", "kind": "legal_entity", "name_kk": "Т", "name_ru": "Т",
		"size": "large", "resident": true, "address": "x", "kato": "551610000"}, http.StatusCreated)
	app := o.as("clerk", "POST", "/v1/applications", fields{"applicant": "210440038887", "kind": "termination"}, http.StatusCreated)
	if app["kind"] != "termination" || app["documents"] != "paper" || app["clock"].(fields)["term_days"] != float64(3) {
		t.Errorf("draft = %v", app)
	}
	changed := o.as("clerk", "PUT", "/v1/applications/"+app["id"].(string), fields{"kind": "duplicate", "reason": "lost"}, http.StatusOK)
	if changed["kind"] != "duplicate" || changed["reason"] != "lost" {
		t.Errorf("changed = %v", changed)
	}
	o.cookie = ""
	reasons := o.do("GET", "/v1/reference/application-reasons?kind=reissue", "").json(t)["items"].([]any)
	if len(reasons) < 4 || reasons[0].(fields)["legal_ref"] == "" || reasons[0].(fields)["text_kk"] == "" {
		t.Errorf("reasons = %v", reasons)
	}
}

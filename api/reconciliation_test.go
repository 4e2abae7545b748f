package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rigistry/models"
)

// send makes a request as a role and gives the status and the body.
func (w *whole) send(t *testing.T, header [2]string, method, path, body string, more ...string) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequest(method, testBase+path, strings.NewReader(body))
	r.Header.Set(header[0], header[1])
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(more); i += 2 {
		r.Header.Set(more[i], more[i+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	var out map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s %s answered %d: %s", method, path, rec.Code, rec.Body)
	}
	return rec.Code, out
}

func TestReconciliation_AListIsSentOnceAndWhatItMeetsIsDecidedByAnOfficer(t *testing.T) {
	w := newWhole(t)
	cookie := func(role models.Role) [2]string {
		name, value := w.credential(t, role)
		return [2]string{name, value}
	}
	utility, officer := cookie(models.RoleUtility), cookie(models.RoleOfficer)
	list := `{"points":[{"connection_point":"NOWHERE","kw":12.5}]}`
	status, first := w.send(t, utility, http.MethodPost, "/v1/reconciliations", list, "Idempotency-Key", "k1")
	if status != http.StatusCreated || first["found"] != 1.0 || first["stake_kw"] != 12.5 {
		t.Fatalf("%d %v", status, first)
	}
	w.clock.Advance(1)
	if status, twin := w.send(t, utility, http.MethodPost, "/v1/reconciliations", `{"points":[{"connection_point":"ELSEWHERE"}]}`, "Idempotency-Key", "k1"); status != http.StatusConflict {
		t.Errorf("another list under the key: %d %v", status, twin)
	}
	if status, wrong := w.send(t, utility, http.MethodPost, "/v1/reconciliations", `{"points":[{"connection_point":"A","consumer":"12"}]}`); status != http.StatusUnprocessableEntity ||
		!strings.Contains(mustText(t, wrong), "/points/0/consumer") {
		t.Errorf("a wrong line: %d %v", status, wrong)
	}
	_, page := w.send(t, officer, http.MethodGet, "/v1/mismatches?state=open", "")
	items, _ := page["items"].([]any)
	if len(items) != 1 {
		t.Fatalf("mismatches: %v", page)
	}
	id, _ := items[0].(map[string]any)["id"].(string)
	decision := `{"outcome":"corrected","reason":"a slip of the pen"}`
	if status, old := w.send(t, officer, http.MethodPost, "/v1/mismatches/"+id+"/decision", decision, "If-Match", `"7"`); status != http.StatusPreconditionFailed {
		t.Errorf("a decision on another version: %d %v", status, old)
	}
	if status, m := w.send(t, officer, http.MethodPost, "/v1/mismatches/"+id+"/decision", decision, "If-Match", `"1"`); status != http.StatusOK || m["state"] != "corrected" {
		t.Errorf("the decision: %d %v", status, m)
	}
}

func mustText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestTables_AWorkbookComesBackAsItsRows(t *testing.T) {
	w := newWhole(t)
	name, value := w.credential(t, models.RoleUtility)
	r := httptest.NewRequest(http.MethodPost, testBase+"/v1/tables/workbook", strings.NewReader(`{"rows":[["Код","кВт"],["CP1","=1+1"]]}`))
	r.Header.Set(name, value)
	r.Header.Set("Content-Type", "application/json")
	book := httptest.NewRecorder()
	w.handler.ServeHTTP(book, r)
	if book.Code != http.StatusOK || !strings.HasPrefix(book.Body.String(), "PK") {
		t.Fatalf("%d %.80q", book.Code, book.Body)
	}
	status, table := w.send(t, [2]string{name, value}, http.MethodPost, "/v1/tables?name=a.xlsx", book.Body.String(), "Content-Type", "application/octet-stream")
	if status != http.StatusOK || mustText(t, table["rows"]) != `[["Код","кВт"],["CP1","=1+1"]]` {
		t.Errorf("%d %v", status, table)
	}
}

package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rigistry/services/licensing"
)

// send uploads a file as somebody and gives the import.
func (o *office) send(who, query, file string, status int, headers ...string) fields {
	o.t.Helper()
	o.cookie = o.cookies[who]
	a := o.do("POST", "/v1/imports?"+query, file, append([]string{"Content-Type", "text/csv"}, headers...)...)
	if a.StatusCode != status {
		o.t.Fatalf("%s sends %s: %d %s, want %d", who, query, a.StatusCode, a.body, status)
	}
	return a.json(o.t)
}

// importing runs a worker until there is nothing to do.
func (o *office) importing() {
	o.t.Helper()
	w := licensing.New(o.store).ImportWorker("test")
	for {
		worked, err := w.Step(context.Background())
		if err != nil {
			o.t.Fatal(err)
		}
		if !worked {
			return
		}
	}
}

func TestImports_FromAFileToAnUndoOverHTTP(t *testing.T) {
	o := newOffice(t)
	const bin = "210440038887"
	o.as("clerk", "POST", "/v1/parties", fields{"bin_or_iin": bin, "kind": "legal_entity", "name_kk": "«Тест» ЖШС", "name_ru": "ТОО «Тест»",
		"size": "large", "resident": true, "address": "Екібастұз", "kato": "551610000"}, http.StatusCreated)
	file := "Өндіруші;Үлгісі;Сериялық нөмірі;Қуаты, кВт;БСН;Ескертпе\n"
	for i := range 20 {
		file += fmt.Sprintf("Bitmain;S21;SN%03d;3,5;%s;\n", i, bin)
	}
	file += "Bitmain;S21;SN900;3,5;123456789012;\"=HYPERLINK(\"\"x\"\")\"\n"
	o.send("head", "name=a.csv", file, http.StatusForbidden)
	o.send("clerk", "name=a.xls", file, http.StatusUnprocessableEntity)
	i := o.send("clerk", "name=a.csv&dry_run=true", file, http.StatusAccepted, "Idempotency-Key", "k")
	if again := o.send("clerk", "name=a.csv&dry_run=true", file, http.StatusAccepted, "Idempotency-Key", "k"); again["id"] != i["id"] {
		t.Error("the same key made another import")
	}
	base := "/v1/imports/" + i["id"].(string)
	o.importing()
	i = o.as("clerk", "GET", base, nil, http.StatusOK)
	progress := i["progress"].(fields)
	if i["state"] != "checked" || i["dry_run"] != true || progress["imported"] != 20.0 || progress["refused"] != 1.0 {
		t.Fatalf("checked = %v", i)
	}
	if list := o.as("clerk", "GET", "/v1/equipment", nil, http.StatusOK)["items"].([]any); len(list) != 0 {
		t.Errorf("a dry run left %d rigs", len(list))
	}
	errors := o.as("clerk", "GET", base+"/errors", nil, http.StatusOK, "Accept-Language", "ru")["items"].([]any)
	if e := errors[0].(fields); len(errors) != 1 || e["row"] != 22.0 || e["field"] != "owner" || e["code"] != "unknown" || !strings.Contains(e["text"].(string), "БИН") {
		t.Errorf("errors = %v", errors)
	}
	// The file of errors is the row as it was, safe to open, and can be sent again.
	o.cookie = o.cookies["clerk"]
	mended := o.do("GET", base+"/errors/file", "", "Accept-Language", "kk").body
	if !strings.Contains(mended, "Сериялық нөмірі;") || !strings.Contains(mended, `"'=HYPERLINK(""x"")"`) || strings.Contains(mended, "SN001") {
		t.Errorf("the file of errors = %q", mended)
	}
	o.as("clerk", "POST", base+"/start", nil, http.StatusOK)
	o.importing()
	if i = o.as("clerk", "GET", base, nil, http.StatusOK); i["state"] != "done" {
		t.Fatalf("done = %v", i)
	}
	second := o.send("clerk", "name=mended.csv", strings.ReplaceAll(mended, "123456789012", bin), http.StatusAccepted)
	o.importing()
	second = o.as("clerk", "GET", "/v1/imports/"+second["id"].(string), nil, http.StatusOK)
	if second["state"] != "done" || second["progress"].(fields)["imported"] != 1.0 {
		t.Errorf("the mended file = %v", second)
	}
	rigs := o.as("clerk", "GET", "/v1/equipment?q=sn-00l&owner="+bin, nil, http.StatusOK)["items"].([]any)
	if len(rigs) != 1 || rigs[0].(fields)["serial"] != "SN001" || rigs[0].(fields)["owner_bin"] != bin || rigs[0].(fields)["import"] != i["id"] {
		t.Fatalf("found = %v", rigs)
	}
	rig := "/v1/equipment/" + rigs[0].(fields)["id"].(string)
	o.as("officer", "POST", rig+"/seizures", fields{"authority": "AFM"}, http.StatusUnprocessableEntity)
	seized := o.as("officer", "POST", rig+"/seizures", fields{"authority": "AFM", "case_number": "5"}, http.StatusOK, "If-Match", `"1"`)
	if seized["state"] != "seized" || len(o.as("clerk", "GET", rig+"/events", nil, http.StatusOK)["items"].([]any)) != 1 {
		t.Errorf("seized = %v", seized)
	}
	o.as("officer", "POST", rig+"/releases", fields{"document": "6"}, http.StatusPreconditionFailed, "If-Match", `"1"`)
	o.cookie = o.cookies["clerk"]
	export := o.do("GET", "/v1/equipment/export?state=seized", "").body
	if lines := strings.Split(strings.TrimSpace(export), "\n"); len(lines) != 2 || !strings.HasPrefix(lines[1], "Bitmain,S21,SN001,") {
		t.Errorf("export = %q", export)
	}
	o.as("clerk", "POST", base+"/undo", nil, http.StatusOK)
	o.importing()
	i = o.as("clerk", "GET", base, nil, http.StatusOK)
	if p := i["progress"].(fields); i["state"] != "undone" || p["undone"] != 19.0 || p["kept"] != 1.0 {
		t.Errorf("undone = %v", i)
	}
}

func TestImports_AFileThatIsTooLongOrBreaksOffIsRefused(t *testing.T) {
	o := newOffice(t)
	o.cookie = o.cookies["clerk"]
	for name, c := range map[string]struct {
		body   io.Reader
		status int
	}{
		"too long":   {io.LimitReader(zeros{}, licensing.MaxImportBytes+1), http.StatusRequestEntityTooLarge},
		"broken off": {io.MultiReader(strings.NewReader("a,b\n"), broken{}), http.StatusBadRequest},
	} {
		r := httptest.NewRequest(http.MethodPost, testBase+"/v1/imports?name=a.csv", c.body)
		r.Header.Set("Cookie", "rigistry_session="+o.cookie)
		rec := httptest.NewRecorder()
		o.handler.ServeHTTP(rec, r)
		if rec.Code != c.status || rec.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s answered %d %s, want %d", name, rec.Code, rec.Body, c.status)
		}
	}
	if list := o.as("clerk", "GET", "/v1/imports", nil, http.StatusOK)["items"].([]any); len(list) != 2 || list[0].(fields)["state"] != "failed" {
		t.Errorf("imports = %v", list)
	}
}

// zeros is a file without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

// broken is a line that breaks off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

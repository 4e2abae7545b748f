package api

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rigistry/services/documents"
)

func TestPublicHistory_IsSignedToTheLastByteAndTheSameUntilSomethingIsSealed(t *testing.T) {
	w := newWhole(t)
	if _, err := w.svc.Ledger.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	get := func(path, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, testBase+path, nil)
		r.Header.Set("If-None-Match", tag)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		return rec
	}
	public := []ed25519.PublicKey{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)).Public().(ed25519.PublicKey)}
	first := get("/v1/public/licenses.json", "")
	var file struct {
		Size      int64  `json:"size"`
		Note      string `json:"note"`
		SHA256    string `json:"sha256"`
		Signature string `json:"signature"`
		Versions  []any  `json:"versions"`
	}
	if err := json.Unmarshal(first.Body.Bytes(), &file); err != nil || file.Size == 0 || file.Note == "" || file.Versions == nil {
		t.Fatalf("the file is %s (%v)", first.Body, err)
	}
	if err := documents.VerifyHistory(first.Body.Bytes(), file.SHA256, file.Signature, public); err != nil {
		t.Errorf("the file as it came: %v", err)
	}
	for i := range first.Body.Bytes() {
		changed := bytes.Clone(first.Body.Bytes())
		changed[i] ^= 1
		if documents.VerifyHistory(changed, file.SHA256, file.Signature, public) == nil {
			t.Fatalf("byte %d was changed unnoticed", i)
		}
	}
	tag := first.Header().Get("ETag")
	if again := get("/v1/public/licenses.json", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("the same state was sent again: %d, %d bytes", again.Code, again.Body.Len())
	}
	table := get("/v1/public/licenses.csv", tag)
	if !strings.HasPrefix(table.Body.String(), "\ufeffnumber,version,state") || table.Header().Get("Registry-Ledger-Size") == "" {
		t.Errorf("CSV: %d %v %s", table.Code, table.Header(), table.Body)
	}
	w.credential(t, "clerk") // an entry more
	if _, err := w.svc.Ledger.Seal(context.Background()); err != nil {
		t.Fatal(err)
	}
	if later := get("/v1/public/licenses.json", tag); later.Code != http.StatusOK || later.Header().Get("ETag") == tag {
		t.Errorf("after an entry more: %d %s", later.Code, later.Header().Get("ETag"))
	}
	page := get("/check?lang=kk", "")
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "rigistry verify") {
		t.Errorf("/check answered %d", page.Code)
	}
}

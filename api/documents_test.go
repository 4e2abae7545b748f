package api

import (
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rigistry/models"
	"rigistry/services/documents"
)

func TestDocuments_AClerkIssuesACertificateThatAnybodyCanCheck(t *testing.T) {
	w := newWhole(t)
	send := func(role models.Role, method, path, body string) *httptest.ResponseRecorder {
		t.Helper()
		name, value := w.credential(t, role)
		r := httptest.NewRequest(method, testBase+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(name, value)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		return rec
	}
	made := send(models.RoleClerk, "POST", "/v1/documents", `{"kind":"absence","bin_or_iin":"990840003334","from":"2026-01-01","to":"2026-03-02"}`)
	var d DocumentWire
	if err := json.Unmarshal(made.Body.Bytes(), &d); err != nil || made.Code != http.StatusCreated || made.Header().Get("Location") != "/v1/documents/"+d.ID || d.CreatedByName != "Who" {
		t.Fatalf("issued: %d %s (%v)", made.Code, made.Body, err)
	}
	file := send(models.RoleAuditor, "GET", "/v1/documents/"+d.Number+"/file", "")
	if file.Code != http.StatusOK || file.Header().Get("Content-Type") != "application/pdf" || !strings.Contains(file.Header().Get("Content-Disposition"), d.Number) {
		t.Fatalf("the file: %d %v", file.Code, file.Header())
	}
	key := ed25519.NewKeyFromSeed([]byte(strings.Repeat("\a", ed25519.SeedSize))).Public().(ed25519.PublicKey)
	if s, err := documents.VerifyFile(file.Body.Bytes(), []ed25519.PublicKey{key}); err != nil || s.ID != d.ID {
		t.Errorf("verified as %+v (%v)", s, err)
	}
	if a := send(models.RoleOfficer, "GET", "/v1/documents?kind=absence&subject=990840003334", ""); !strings.Contains(a.Body.String(), d.SHA256) {
		t.Errorf("the list: %d %s", a.Code, a.Body)
	}
	if a := send(models.RoleApplicant, "GET", "/v1/documents", ""); a.Code != http.StatusOK || strings.Contains(a.Body.String(), d.ID) {
		t.Errorf("an applicant lists %s", a.Body)
	}
	if a := send(models.RoleHead, "POST", "/v1/documents", `{"kind":"absence","from":"2026-01-01"}`); a.Code != http.StatusUnprocessableEntity ||
		!strings.Contains(a.Body.String(), `"/to"`) || !strings.Contains(a.Body.String(), `"/bin_or_iin"`) {
		t.Errorf("an incomplete request: %d %s", a.Code, a.Body)
	}
}

package api

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

func TestInspectionProtocol_IsAFileOnceTheDeviceHasSentSomething(t *testing.T) {
	w := newWhole(t)
	inspector, officer, clerk := w.asked(t, models.RoleInspector), w.asked(t, models.RoleOfficer), w.asked(t, models.RoleClerk)
	people, err := w.people.Users(context.Background(), models.System(), store.Page{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	who := slices.IndexFunc(people, func(u models.User) bool { return u.Login == "who-inspector" })
	visit, err := w.svc.Enforcement.PlanInspection(context.Background(), models.System(), models.Inspection{Kind: models.InspectionOutOfTurn, Title: "Old mill",
		Address: "Өскемен, Зауыт 4", PlannedOn: models.LegalDate(w.clock.Now()), Lead: people[who].ID})
	if err != nil {
		t.Fatal(err)
	}
	path := "/v1/inspections/" + visit.Inspection.ID + "/protocol.pdf"
	if got := officer("GET", path, ""); got.Code != http.StatusConflict {
		t.Errorf("before the visit: %d %s, want 409", got.Code, got.Body)
	}

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	text := func(v any) string {
		t.Helper()
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	var device struct{ ID string }
	made := inspector("POST", "/v1/field/devices", text(map[string]any{"name": "phone", "public_key": base64.StdEncoding.EncodeToString(public)}), "Idempotency-Key", "d1")
	if err := json.Unmarshal(made.Body.Bytes(), &device); err != nil || device.ID == "" {
		t.Fatalf("register the device: %d %s %v", made.Code, made.Body, err)
	}
	payload := text(map[string]any{"v": 1, "id": "e1", "device": device.ID, "inspection": visit.Inspection.ID, "seq": 1, "prev": models.NoEvent, "kind": "visit.started",
		"at": w.clock.Now().Format(time.RFC3339Nano), "body": map[string]any{}})
	sum := sha256.Sum256([]byte(payload))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	sent := inspector("POST", "/v1/field/events", text(map[string]any{"events": []any{map[string]any{"payload": payload, "signature": base64.StdEncoding.EncodeToString(signature)}}}))
	if !strings.Contains(sent.Body.String(), `"received"`) {
		t.Fatalf("send the event: %d %s", sent.Code, sent.Body)
	}

	files := map[string][]byte{}
	for _, language := range []string{"kk", "ru"} {
		got := officer("GET", path+"?language="+language, "")
		if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(got.Body.Bytes(), []byte("%PDF-")) {
			t.Fatalf("in %s: %d %s", language, got.Code, got.Header().Get("Content-Type"))
		}
		if want := visit.Inspection.Number + "-" + language + ".pdf"; !strings.Contains(got.Header().Get("Content-Disposition"), want) {
			t.Errorf("it is called %q, want %q", got.Header().Get("Content-Disposition"), want)
		}
		files[language] = got.Body.Bytes()
	}
	if bytes.Equal(files["kk"], files["ru"]) {
		t.Error("Kazakh and Russian are the same file")
	}
	if own := inspector("GET", path, ""); !bytes.Equal(own.Body.Bytes(), files["kk"]) {
		t.Errorf("the inspector's own, without a language, is not the same as the officer's in Kazakh: %d", own.Code)
	}
	if got := officer("GET", path+"?language=en", ""); got.Code != http.StatusUnprocessableEntity && got.Code != http.StatusBadRequest {
		t.Errorf("in English: %d", got.Code)
	}
	if got := clerk("GET", path, ""); got.Code != http.StatusForbidden {
		t.Errorf("as clerk: %d, want 403", got.Code)
	}
}

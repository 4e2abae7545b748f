package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/licensing"
	"rigistry/services/store"
)

func TestAsAt_EveryReadAnswersForTheInstantsAskedAboutOrIsExcusedWithAReason(t *testing.T) {
	w := newWhole(t)
	credentials := map[models.Role][2]string{"": {"X-Nobody", "1"}}
	at := w.now().UTC().Format(time.RFC3339Nano)
	for _, r := range w.routes() {
		if r.method != http.MethodGet {
			continue
		}
		var role models.Role
		if roles := models.RolesFor(r.action); len(roles) > 0 {
			role = roles[0]
		}
		if _, known := credentials[role]; !known {
			name, value := w.credential(t, role)
			credentials[role] = [2]string{name, value}
		}
		got := w.call(http.MethodGet, r.path+"?as_at="+at+"&known_at="+at, credentials[role][0], credentials[role][1])
		if reason, exempt := presentOnly[r.path]; exempt {
			if reason == "" || got.Header().Get(headerAsAt) != "" {
				t.Errorf("%s is excused (%q) and yet says %s: %s", r.path, reason, headerAsAt, got.Header().Get(headerAsAt))
			}
			continue
		}
		if got.Header().Get(headerAsAt) != at || got.Header().Get(headerKnownAt) != at {
			t.Errorf("%s answered %d for %q, known %q; want %q twice", r.path, got.Code, got.Header().Get(headerAsAt), got.Header().Get(headerKnownAt), at)
		}
		if strings.Contains(got.Body.String(), "unknown query parameter") {
			t.Errorf("%s does not know as_at and known_at: %s", r.path, got.Body)
		}
		if got.Code >= http.StatusInternalServerError {
			t.Errorf("%s answered %d about the past: %s", r.path, got.Code, got.Body)
		}
		var body map[string]json.RawMessage
		if err := json.Unmarshal(got.Body.Bytes(), &body); err == nil && got.Code == http.StatusOK && body["items"] != nil && body["as_at"] == nil {
			delete(body, "items")
			delete(body, "next")
			if len(body) == 0 { // the common list; others say it in their headers
				t.Errorf("%s is a list whose body does not say as_at: %s", r.path, got.Body)
			}
		}
		op := w.api.OpenAPI().Paths[r.path].Get
		found := 0
		for _, p := range op.Parameters {
			if p.In == "query" && (p.Name == queryAsAt || p.Name == queryKnownAt) {
				found++
			}
		}
		if found != 2 {
			t.Errorf("%s describes %d of as_at and known_at", r.path, found)
		}
	}
}

func TestAsAt_APartyThatWasRenamedHasItsOldNameInThePast(t *testing.T) {
	w := newWhole(t)
	ctx := context.Background()
	name, cookie := w.credential(t, models.RoleApplicant) // registers a party called A
	before := w.now()
	clerk, clerkCookie := w.credential(t, models.RoleClerk)
	var id string
	err := w.svc.Store.View(ctx, func(tx *store.Tx) error {
		p, err := tx.Party("210440038887")
		id = p.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Hour)
	if _, err := w.svc.Ledger.Seal(ctx); err != nil {
		t.Fatal(err)
	}
	renamed := "Жаңа"
	if _, err := w.svc.Licensing.UpdateParty(ctx, models.System(), id, licensing.AnyVersion, licensing.PartyChange{NameKk: &renamed}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ query, want string }{
		{"", renamed}, {"?as_at=" + before.Format(time.RFC3339), "A"}, {"?known_at=" + before.Format(time.RFC3339), "A"},
	} {
		var one, list struct {
			NameKk string `json:"name_kk"`
			Items  []struct {
				NameKk string `json:"name_kk"`
			} `json:"items"`
		}
		for path, to := range map[string]any{"/v1/parties/" + id: &one, "/v1/parties": &list} {
			if err := json.Unmarshal(w.call(http.MethodGet, path+c.query, clerk, clerkCookie).Body.Bytes(), to); err != nil {
				t.Fatal(err)
			}
		}
		if one.NameKk != c.want || len(list.Items) != 1 || list.Items[0].NameKk != c.want {
			t.Errorf("asked %q: the page says %q and the list %v, want %q", c.query, one.NameKk, list.Items, c.want)
		}
	}
	for query, code := range map[string]string{
		"as_at=" + w.now().Add(time.Second).Format(time.RFC3339):    "future",
		"known_at=" + w.now().Add(time.Second).Format(time.RFC3339): "future",
		"as_at=2020-01-01T00:00:00Z":                                "before_registry",
		"known_at=yesterday":                                        "format",
	} {
		got := w.call(http.MethodGet, "/v1/sites?"+query, name, cookie)
		if field := "?" + strings.SplitN(query, "=", 2)[0]; got.Code != http.StatusUnprocessableEntity ||
			!strings.Contains(got.Body.String(), `"`+field+`"`) || !strings.Contains(got.Body.String(), `"`+code+`"`) {
			t.Errorf("%s answered %d %s, want 422 with %s at %s", query, got.Code, got.Body, code, field)
		}
	}
}

package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"rigistry/models"
	"rigistry/services/store"
)

func TestIdempotency_AHandlerThatPanicsGivesTheKeyBack(t *testing.T) {
	w := newWhole(t)
	calls := 0
	w.engine.POST("/v1/test/panic", func(c *gin.Context) {
		if calls++; calls == 1 {
			panic("a fault of ours")
		}
		c.String(http.StatusOK, "done")
	})
	name, value := w.credential(t, models.RoleClerk)
	for n, want := range []int{http.StatusInternalServerError, http.StatusOK, http.StatusOK} {
		r := httptest.NewRequest(http.MethodPost, testBase+"/v1/test/panic", strings.NewReader("{}"))
		r.Header.Set(name, value)
		r.Header.Set("Idempotency-Key", "k1")
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != want {
			t.Errorf("request %d: got %d %s, want %d", n+1, rec.Code, rec.Body, want)
		}
	}
	if calls != 2 {
		t.Errorf("the handler ran %d times, want 2: the answer of the second is kept", calls)
	}
}

func TestIdempotency_KeysAreForgottenWithTheirAnswers(t *testing.T) {
	w := newWhole(t)
	ctx := context.Background()
	var forgotten int64
	err := w.svc.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if _, err = tx.ClaimKey("u1", "k1", "d"); err != nil {
			return err
		}
		if forgotten, err = tx.ForgetKeys(tx.Now); err != nil || forgotten != 0 {
			t.Errorf("a key of this instant: %d forgotten, %v, want 0", forgotten, err)
		}
		forgotten, err = tx.ForgetKeys(tx.Now.Add(time.Microsecond))
		return err
	})
	if err != nil || forgotten != 1 {
		t.Errorf("an older key: %d forgotten, %v, want 1", forgotten, err)
	}
}

func TestRemote_IsWhoConnectsUnlessATrustedProxySaysOtherwise(t *testing.T) {
	w := newWhole(t)
	for _, c := range []struct {
		trusted []string
		want    string
	}{{nil, "192.0.2.1"}, {[]string{"198.51.100.0/24"}, "192.0.2.1"}, {[]string{"192.0.2.1"}, "203.0.113.9"}} {
		server, err := New(Config{BaseURL: testBase, TrustedProxies: c.trusted}, w.svc, w.log, w.now)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		server.engine.GET("/v1/test/remote", func(c *gin.Context) { got = remoteOf(c.Request.Context()) })
		r := httptest.NewRequest(http.MethodGet, testBase+"/v1/test/remote", nil)
		r.RemoteAddr = "192.0.2.1:4711"
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		server.Handler().ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("trusting %v: got %s, want %s", c.trusted, got, c.want)
		}
	}
	if _, err := New(Config{BaseURL: testBase, TrustedProxies: []string{"not an address"}}, w.svc, w.log, w.now); models.CodeOf(err) != models.CodeInvalid {
		t.Errorf("a proxy that is no address: got %v, want CodeInvalid", err)
	}
}

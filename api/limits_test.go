package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rigistry/models"
)

// askedRaw sends a request as it stands and gives the answer.
func (w *whole) askedRaw(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, testBase+target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	return rec
}

func TestRequests_WhatNoDatabaseCanHoldIsRefusedWithAProblem(t *testing.T) {
	w := newWhole(t)
	name, clerk := w.credential(t, models.RoleClerk)
	utilityName, utility := w.credential(t, models.RoleUtility)
	check := `{"reference":"WO-1","connection_point":"PS12-F03-CP007","applicant":"210440038887","requested_kw":1,"purpose":"other","event":"new_connection"}`
	with := func(old, now string) string { return strings.Replace(check, old, now, 1) }
	cases := []struct {
		what, method, target, body string
		key                        string
		status                     int
		pointer                    string
	}{
		{"NUL in a body", "POST", "/v1/gate/checks", with("WO-1", `a\u0000b`), "k1", 422, "/reference"},
		{"NUL deep in a body", "POST", "/v1/gate/checks/batch", `{"checks":[` + check + `,` + with("PS12", `\u0000`) + `]}`, "k2", 422, "/checks/1/connection_point"},
		{"bytes that are not UTF-8 in a body", "POST", "/v1/gate/checks", with("WO-1", "a\xff"), "k3", 400, ""},
		{"a member in another case", "POST", "/v1/gate/checks", with("reference", "Reference"), "k4", 422, ""},
		{"a member twice, in two cases", "POST", "/v1/gate/checks", with(`{`, `{"Reference":"x",`), "k5", 422, "/Reference"},
		{"NUL in a path", "GET", "/v1/parties/%00", "", "", 404, ""},
		{"bytes that are not UTF-8 in a path", "GET", "/v1/licenses/%ff", "", "", 404, ""},
		{"NUL in a query", "GET", "/v1/meters?node=%00", "", "", 422, "?node"},
		{"bytes that are not UTF-8 in a query", "GET", "/v1/parties?after=%ff%fe", "", "", 422, "?after"},
		{"a key that is not UTF-8", "POST", "/v1/gate/checks", check, "\xe9\xff", 422, "Idempotency-Key"},
		{"an address of 9 KiB", "GET", "/v1/parties?q=" + strings.Repeat("x", 9<<10), "", "", 414, ""},
	}
	for _, c := range cases {
		headerName, header := name, clerk
		if strings.HasPrefix(c.target, "/v1/gate/") {
			headerName, header = utilityName, utility
		}
		rec := w.askedRaw(c.method, c.target, c.body, headerName, header, "Content-Type", "application/json", "Idempotency-Key", c.key)
		var p Problem
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || rec.Code != c.status || p.Status != c.status || rec.Header().Get("Content-Type") != "application/problem+json" || p.RequestID == "" {
			t.Errorf("%s: %d %s, want %d as a problem", c.what, rec.Code, rec.Body, c.status)
			continue
		}
		if c.pointer != "" && (len(p.Errors) == 0 || p.Errors[0].Pointer != c.pointer) {
			t.Errorf("%s: errors %+v, want pointer %q", c.what, p.Errors, c.pointer)
		}
	}
	if rec := w.askedRaw("POST", "/v1/gate/checks", check, utilityName, utility, "Content-Type", "application/json", "Idempotency-Key", "k6"); rec.Code != http.StatusOK {
		t.Errorf("the check that all were made from: %d %s", rec.Code, rec.Body)
	}
	if rec := w.askedRaw("GET", "/v1/parties", "", name, clerk, "X-Long", strings.Repeat("x", 40<<10)); rec.Code != http.StatusRequestHeaderFieldsTooLarge || rec.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("headers of 40 KiB: %d %s", rec.Code, rec.Body)
	}
}

// A sender that reads only after it has sent everything gets the refusal of a body
// that is far too long, over a real connection.
func TestRequests_WhoeverSendsTooMuchGetsToReadTheRefusal(t *testing.T) {
	w := newWhole(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- w.Serve(ctx, l) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	name, value := w.credential(t, models.RoleClerk)
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	body := append([]byte(`{"name_ru":"`), bytes.Repeat([]byte("x"), 20<<20)...)
	r, err := http.NewRequest(http.MethodPost, "http://"+l.Addr().String()+"/v1/parties", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(name, value)
	if err := r.Write(c); err != nil {
		t.Fatalf("the server hung up while the body was sent: %v", err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), r)
	if err != nil {
		t.Fatalf("the answer: %v", err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusRequestEntityTooLarge || answer.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("the answer is %s as %q, want 413 as a problem", answer.Status, answer.Header.Get("Content-Type"))
	}
}

package client_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"rigistry/api/client"
	"rigistry/services/gate"
)

// aFault is one thing that goes wrong, and the kind of error that it must end in.
type aFault struct {
	name string
	kind client.Kind
	lie  lie
}

func status(code int, headers ...string) lie {
	return lie{respond: func(w http.ResponseWriter, _ *http.Request, body []byte) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = w.Write(body) // the honest answer: its status alone takes its worth
	}}
}

func text(fn func(string) string) lie { return lie{text: fn} }

func set(field string, value any) lie {
	return lie{answer: func(a map[string]any) { a[field] = value }}
}

func drop(field string) lie { return lie{answer: func(a map[string]any) { delete(a, field) }} }

func permitted(fn func(p *gate.Permit)) lie { return lie{permit: fn} }

// broken takes the connection and does with it what it likes.
func broken(fn func(c net.Conn, body string)) lie {
	return lie{respond: func(w http.ResponseWriter, _ *http.Request, body []byte) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		fn(c, string(body))
		_ = c.Close()
	}}
}

func hang(w http.ResponseWriter, r *http.Request, _ []byte) { <-r.Context().Done() }

func token(body string) lie {
	return lie{token: func(w http.ResponseWriter, _ *http.Request, _ []byte) { sendJSON(w, []byte(body)) }}
}

func faults() []aFault {
	replace := func(old, with string) lie {
		return text(func(s string) string { return strings.Replace(s, old, with, 1) })
	}
	write := func(s string) lie { return broken(func(c net.Conn, _ string) { _, _ = c.Write([]byte(s)) }) }
	other := time.Date(2026, 11, 22, 9, 0, 1, 0, time.UTC)
	return append(append(travelFaults(write), signedFaults(other)...), []aFault{
		{"no JSON", client.KindMalformed, text(func(string) string { return "permit" })},
		{"nothing", client.KindMalformed, text(func(string) string { return "" })},
		{"null", client.KindMalformed, text(func(string) string { return "null" })},
		{"a list", client.KindMalformed, text(func(s string) string { return "[" + s + "]" })},
		{"cut off", client.KindMalformed, text(func(s string) string { return s[:len(s)/2] })},
		{"last byte lost", client.KindMalformed, text(func(s string) string { return s[:len(s)-1] })},
		{"two answers", client.KindMalformed, text(func(s string) string { return s + s })},
		{"words after the end", client.KindMalformed, text(func(s string) string { return s + " ok" })},
		{"no UTF-8", client.KindMalformed, replace("WO-1", "WO\xff1")},
		{"byte order mark", client.KindMalformed, text(func(s string) string { return "\ufeff" + s })},
		{"unknown field", client.KindMalformed, set("colour", "green")},
		{"field in other letters", client.KindMalformed, replace(`"decision"`, `"Decision"`)},
		{"field twice, permit last", client.KindMalformed, replace(`{`, `{"decision":"deny",`)},
		{"field twice, alike", client.KindMalformed, replace(`{`, `{"decision":"permit",`)},
		{"power as a text", client.KindMismatch, set("max_kw", "901")},
		{"power as a list", client.KindMalformed, set("max_kw", []int{900})},
		{"power below nothing", client.KindMalformed, set("max_kw", -900)},
		{"power beyond all bounds", client.KindMalformed, replace(`"max_kw":900`, `"max_kw":9e300`)},
		{"nested too deep", client.KindMalformed, set("reasons", deep(40))},
		{"too long", client.KindMalformed, text(func(s string) string { return s + strings.Repeat(" ", 2<<20) })},
		{"no decision", client.KindMalformed, drop("decision")},
		{"empty decision", client.KindMalformed, set("decision", "")},
		{"decision in capitals", client.KindMalformed, set("decision", "PERMIT")},
		{"decision null", client.KindMalformed, set("decision", nil)},
		{"unknown decision", client.KindMalformed, set("decision", "allow")},
		{"deny with a permit", client.KindMalformed, set("decision", "deny")},
		{"refer with a permit", client.KindMalformed, set("decision", "refer")},
		{"permit with a reason to deny", client.KindMalformed, set("reasons", []any{map[string]any{"code": "LICENSE_SUSPENDED", "severity": "deny", "text": "", "cure": ""}})},
		{"permit with a reason to refer", client.KindMalformed, set("reasons", []any{map[string]any{"code": "CP_CLAIMED", "severity": "refer", "text": "", "cure": ""}})},
		{"no reasons", client.KindMalformed, drop("reasons")},
		{"no id", client.KindMalformed, drop("id")},
		{"no instant", client.KindMalformed, drop("decided_at")},
		{"no rules", client.KindMalformed, drop("rules_version")},
		{"no digest", client.KindMalformed, drop("facts_digest")},
		{"no permit", client.KindMalformed, drop("permit")},
		{"no end", client.KindMalformed, drop("valid_until")},
		{"no power", client.KindMalformed, drop("max_kw")},
		{"another reference", client.KindMismatch, set("reference", "WO-2")},
		{"another point", client.KindMismatch, set("connection_point", "PS12-F03-CP008")},
		{"another license", client.KindMismatch, set("license", "KZ19DMA00000043")},
		{"another power asked", client.KindMismatch, set("requested_kw", 90)},
		{"more power than signed", client.KindMismatch, set("max_kw", 901)},
		{"another id than signed", client.KindMismatch, set("id", "check-x")},
		{"another version than signed", client.KindMismatch, set("license_version", 4)},
		{"another revision than signed", client.KindMismatch, set("revision", 101)},
		{"another end than signed", client.KindMismatch, set("valid_until", other)},
		{"another instant than signed", client.KindMismatch, set("decided_at", other)},
		{"other rules than signed", client.KindMismatch, set("rules_version", "r2")},
		{"another digest than signed", client.KindMismatch, set("facts_digest", "sha256:01")},
		{"facts older than seen", client.KindReplayed, lie{permit: func(p *gate.Permit) { p.Revision = 99 }, answer: func(a map[string]any) { a["revision"] = 99 }}},
		{"revision below nothing", client.KindMalformed, set("revision", -1)},
	}...)
}

// travelFaults are those of the way.
func travelFaults(write func(string) lie) []aFault {
	return []aFault{
		{"connection dropped before the answer", client.KindTransport, broken(func(net.Conn, string) {})},
		{"connection dropped within the headers", client.KindTransport, write("HTTP/1.1 200 OK\r\nContent-Ty")},
		{"connection dropped within the answer", client.KindTransport, broken(func(c net.Conn, body string) {
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body[:len(body)-1]))
		})},
		{"chunks without an end", client.KindTransport, broken(func(c net.Conn, body string) {
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + strconv.FormatInt(int64(len(body)), 16) + "\r\n" + body + "\r\n"))
		})},
		{"connection reset", client.KindTransport, broken(func(c net.Conn, _ string) { _ = c.(*net.TCPConn).SetLinger(0) })},
		{"no HTTP", client.KindTransport, write("SSH-2.0-OpenSSH\r\n")},
		{"two lengths", client.KindTransport, write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12")},
		{"no answer in time", client.KindTimeout, lie{respond: hang}},
		{"headers, then nothing", client.KindTimeout, lie{respond: func(w http.ResponseWriter, r *http.Request, body []byte) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body[:10])
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}}},
		{"201", client.KindMalformed, status(201)}, {"202", client.KindMalformed, status(202)}, {"206", client.KindMalformed, status(206)},
		{"301", client.KindRefused, status(301, "Location", "/elsewhere")}, {"307", client.KindRefused, status(307, "Location", "/v1/gate/checks")},
		{"400", client.KindRefused, status(400)}, {"401", client.KindRefused, status(401)}, {"403", client.KindRefused, status(403)},
		{"404", client.KindRefused, status(404)}, {"409", client.KindRefused, status(409)}, {"422", client.KindRefused, status(422)},
		{"429", client.KindUnavailable, status(429)}, {"429 for an hour", client.KindUnavailable, status(429, "Retry-After", "3600")},
		{"500", client.KindUnavailable, status(500)}, {"501", client.KindUnavailable, status(501)}, {"502", client.KindUnavailable, status(502)},
		{"503", client.KindUnavailable, status(503)}, {"504", client.KindUnavailable, status(504)},
		{"a page of a hotel", client.KindMalformed, lie{respond: func(w http.ResponseWriter, _ *http.Request, body []byte) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write(body)
		}}},
		{"no type", client.KindMalformed, lie{respond: func(w http.ResponseWriter, _ *http.Request, body []byte) {
			w.Header()["Content-Type"] = nil
			_, _ = w.Write(body)
		}}},
		{"packed unasked", client.KindMalformed, lie{respond: func(w http.ResponseWriter, _ *http.Request, body []byte) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(body)
			_ = z.Close()
		}}},
		{"token refused", client.KindRefused, lie{token: func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(401) }}},
		{"token endpoint down", client.KindUnavailable, lie{token: func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(503) }}},
		{"token endpoint silent", client.KindTimeout, lie{token: hang}},
		{"token empty", client.KindMalformed, token(`{"access_token":"","token_type":"Bearer","expires_in":600}`)},
		{"token of another type", client.KindMalformed, token(`{"access_token":"x","token_type":"DPoP","expires_in":600}`)},
		{"token twice", client.KindMalformed, token(`{"access_token":"x","access_token":"y","token_type":"Bearer","expires_in":600}`)},
		{"token that is over", client.KindMalformed, token(`{"access_token":"x","token_type":"Bearer","expires_in":0}`)},
		{"token with a header in it", client.KindMalformed, token(`{"access_token":"x\r\nX-Role: head","token_type":"Bearer","expires_in":600}`)},
	}
}

// signedFaults are permits that do not hold, or hold for something else.
func signedFaults(other time.Time) []aFault {
	at := func(a map[string]any, decided, until time.Time) { a["decided_at"], a["valid_until"] = decided, until }
	honest := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	timed := func(decided, until time.Time) lie {
		return lie{permit: func(p *gate.Permit) { p.DecidedAt, p.ValidUntil = decided, until }, answer: func(a map[string]any) { at(a, decided, until) }}
	}
	flip := func(part int) lie {
		return lie{answer: func(a map[string]any) {
			parts := strings.Split(a["permit"].(string), ".")
			b := []byte(parts[part])
			if b[10]++; b[10] == '[' || b[10] == '{' || b[10] == ':' {
				b[10] = 'A'
			}
			parts[part] = string(b)
			a["permit"] = strings.Join(parts, ".")
		}}
	}
	permitText := func(fn func(string) string) lie {
		return lie{answer: func(a map[string]any) { a["permit"] = fn(a["permit"].(string)) }}
	}
	return []aFault{
		{"signed by another key", client.KindSignature, lie{signer: keyOf(2)}},
		{"header changed", client.KindSignature, flip(0)}, {"payload changed", client.KindSignature, flip(1)}, {"signature changed", client.KindSignature, flip(2)},
		{"permit empty", client.KindMalformed, set("permit", "")},
		{"permit of no parts", client.KindSignature, set("permit", "x")},
		{"permit padded", client.KindSignature, permitText(func(s string) string { return s + "=" })},
		{"permit with a line break", client.KindSignature, permitText(func(s string) string { return s + "\n" })},
		{"permit without its signature", client.KindSignature, permitText(func(s string) string { return s[:strings.LastIndex(s, ".")+1] })},
		{"permit of alg none", client.KindSignature, permitText(func(s string) string { return "eyJhbGciOiJub25lIn0" + s[strings.Index(s, "."):] })},
		{"a status list as a permit", client.KindSignature, lie{answer: func(a map[string]any) {
			token, _ := gate.SignStatusList(keyOf(1), gate.StatusList{Version: 1, IssuedAt: honest, ExpiresAt: other})
			a["permit"] = token
		}}},
		{"permit for another point", client.KindMismatch, permitted(func(p *gate.Permit) { p.ConnectionPoint = "PS12-F03-CP008" })},
		{"permit for another reference", client.KindMismatch, permitted(func(p *gate.Permit) { p.Reference = "WO-2" })},
		{"permit for another event", client.KindMismatch, permitted(func(p *gate.Permit) { p.Event = "uprate" })},
		{"permit for another license", client.KindMismatch, permitted(func(p *gate.Permit) { p.License = "KZ19DMA00000043" })},
		{"permit to another utility", client.KindMismatch, permitted(func(p *gate.Permit) { p.Utility = "U-2" })},
		{"permit of another check", client.KindMismatch, permitted(func(p *gate.Permit) { p.ID = "check-0" })},
		{"permit for less power", client.KindMismatch, lie{permit: func(p *gate.Permit) { p.MaxKW = "899" }, answer: func(a map[string]any) { a["max_kw"] = 899 }}},
		{"permit that is over", client.KindExpired, timed(honest.Add(-10*time.Second), honest)},
		{"permit that ended long ago", client.KindReplayed, timed(honest.Add(-time.Hour), honest.Add(-45*time.Minute))},
		{"permit that ends before it begins", client.KindExpired, timed(honest, honest.Add(-time.Second))},
		{"decided long before it was asked", client.KindReplayed, timed(honest.Add(-time.Hour), honest.Add(time.Hour))},
		{"decided in the future", client.KindClock, timed(honest.Add(time.Hour), honest.Add(2*time.Hour))},
	}
}

func deep(n int) any {
	var v any = []any{}
	for range n {
		v = []any{v}
	}
	return v
}

func TestClient_NoFaultEverPermits(t *testing.T) {
	all := faults()
	if len(all) < 60 {
		t.Fatalf("%d faults", len(all))
	}
	for _, f := range all {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			first, again := w.client(w.config()), func() *client.Client { return w.client(w.config()) }
			honest := func(c *client.Client, when string) {
				t.Helper()
				a, err := c.Check(t.Context(), question())
				if err != nil || !a.Permits(w.clock()) || a.Outcome != client.Permitted || a.MaxWatts != 900_000 {
					t.Fatalf("control %s: %v, %+v", when, err, a)
				}
			}
			honest(first, "before")
			w.tell(f.lie)
			c := first
			if f.lie.token != nil {
				c = again() // one that has no token yet
			}
			a, err := c.Check(t.Context(), question())
			if err == nil || a.Permits(w.clock()) || a.Outcome != client.NoAnswer || !reflect.DeepEqual(a, client.Answer{}) {
				t.Fatalf("it permits: %+v, %v", a, err)
			}
			var e *client.Error
			if !errors.As(err, &e) || e.Kind != f.kind || e.Detail == "" {
				t.Errorf("the error is %q (%v), want %q", client.KindOf(err), err, f.kind)
			}
			for key, n := range w.keysSeen {
				if n > 2 {
					t.Errorf("key %s was sent %d times, want at most 2", key, n)
				}
			}
			w.tell(lie{})
			honest(c, "after")
		})
	}
	t.Logf("%d faults, each with an honest answer before and after", len(all))
}

func TestClient_WhoIsNotProvenToBeTheRegistryGetsNoToken(t *testing.T) {
	w := newWorld(t)
	secure := httptest.NewUnstartedServer(http.HandlerFunc(w.serve))
	secure.Config.ErrorLog = discard()
	secure.StartTLS()
	defer secure.Close()
	cfg := w.config()
	cfg.URL = secure.URL
	cfg.Transport = secure.Client().Transport
	if a, err := w.client(cfg).Check(t.Context(), question()); err != nil || !a.Permits(w.clock()) {
		t.Fatalf("control: %v", err)
	}
	given := w.tokens
	for name, change := range map[string]func(*client.Config){
		"unknown authority": func(cfg *client.Config) { cfg.Transport = nil },
		"another name": func(cfg *client.Config) {
			base := secure.Client().Transport.(*http.Transport).Clone()
			base.TLSClientConfig.ServerName = "registry.gov.kz"
			cfg.Transport = base
		},
		"old TLS": func(cfg *client.Config) {
			base := secure.Client().Transport.(*http.Transport).Clone()
			base.TLSClientConfig.MinVersion, base.TLSClientConfig.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
			cfg.Transport = base
		},
		"no TLS behind https": func(cfg *client.Config) { cfg.URL = strings.Replace(w.srv.URL, "http:", "https:", 1) },
	} {
		bad := cfg
		change(&bad)
		a, err := w.client(bad).Check(t.Context(), question())
		if client.KindOf(err) != client.KindTLS || a.Permits(w.clock()) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if w.tokens != given {
		t.Errorf("%d tokens were asked for over connections that prove nothing", w.tokens-given)
	}
}

func TestClient_NobodyListensAndTheCallerGivesUp(t *testing.T) {
	w := newWorld(t)
	c := w.client(w.config())
	ctx, cancel := context.WithCancel(t.Context())
	w.tell(lie{respond: func(_ http.ResponseWriter, r *http.Request, _ []byte) { cancel(); <-r.Context().Done() }})
	if a, err := c.Check(ctx, question()); client.KindOf(err) != client.KindCanceled || a.Outcome != client.NoAnswer {
		t.Errorf("given up: %v", err)
	}
	if w.checks != 1 {
		t.Errorf("%d requests after the caller gave up, want 1", w.checks)
	}
	over, stop := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer stop()
	if _, err := c.Check(over, question()); client.KindOf(err) != client.KindTimeout {
		t.Errorf("no time: %v", err)
	}
	w.srv.Close()
	if a, err := w.client(w.config()).Check(t.Context(), question()); client.KindOf(err) != client.KindTransport || a.Permits(w.clock()) {
		t.Errorf("nobody listens: %v", err)
	}
}

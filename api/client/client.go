package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Config is what a client needs to know. URL, Credentials, Keys and Now are required.
type Config struct {
	// URL is where the registry is: https, or http on this machine alone.
	URL string
	// Issuer is the audience of assertions; URL when empty.
	Issuer      string
	Credentials Credentials
	// Keys are the registry's public keys, pinned: see ParseKeys. Take them over a way
	// that you trust, not from an answer.
	Keys Keys
	// Utility is the id of your utility. When given, a permit for another is refused.
	Utility string
	// Now is the clock: time.Now, but for tests.
	Now func() time.Time
	// Memory keeps what was seen across restarts; for the life of the client when nil.
	Memory Memory
	// Transport is how bytes travel; TLS with the system's authorities when nil.
	Transport http.RoundTripper
	// Language of the texts in answers: kk, ru or en; the registry's choice when empty.
	Language string
	// Operator names the person at the utility who asks: staff number or login.
	Operator string
	// Timeout is how long one attempt may take: 10 s when zero.
	Timeout time.Duration
	// Attempts is how often a request is sent at most: 4 when zero.
	Attempts int
	// Pause is how long to wait before the second attempt, doubled before each further
	// one: 200 ms when zero. A wait that the registry asks for counts instead, if it is
	// no longer than Timeout.
	Pause time.Duration
	// Skew is how far the registry's clock may be from this one: 30 s when zero.
	Skew time.Duration
}

// Client asks the gate. It is safe for use by many goroutines.
type Client struct {
	cfg    Config
	http   *http.Client
	tokens tokens

	mu   sync.Mutex
	seen Seen
}

// New makes a client; an *Error of KindConfig or KindMemory says what it cannot use.
// It sends nothing.
func New(cfg Config) (*Client, error) {
	err := checkURL(cfg.URL)
	switch {
	case err != nil:
		return nil, err
	case cfg.Credentials.id == "" || cfg.Credentials.key == nil && cfg.Credentials.secret == "":
		return nil, fault(KindConfig, "credentials are missing: a client id with a private key or a secret")
	case len(cfg.Keys) == 0:
		return nil, fault(KindConfig, "the registry's public keys are missing: without them nobody's word can be checked")
	case cfg.Now == nil:
		return nil, fault(KindConfig, "a clock is missing")
	case cfg.Timeout < 0 || cfg.Attempts < 0 || cfg.Pause < 0 || cfg.Skew < 0:
		return nil, fault(KindConfig, "times and attempts are not negative")
	}
	c := newClient(cfg)
	if c.seen, err = c.cfg.Memory.Load(); err != nil {
		return nil, fault(KindMemory, "what was seen before cannot be read: %w", err)
	}
	return c, nil
}

func newClient(cfg Config) *Client {
	cfg.defaults()
	return &Client{cfg: cfg, http: &http.Client{Transport: cfg.Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // a token never follows a redirect
	}}}
}

// FetchKeys gets the registry's JWKS from the registry itself. Who answers is proven
// by TLS alone, so pin what came (see PinKeys) and compare it over another way. Of cfg
// it uses what is about the way.
func FetchKeys(ctx context.Context, cfg Config) (jwks []byte, err error) {
	if err := checkURL(cfg.URL); err != nil {
		return nil, err
	}
	return newClient(cfg).once(ctx, call{method: http.MethodGet, path: "/.well-known/jwks.json", header: http.Header{}, limit: 1 << 20})
}

func checkURL(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return fault(KindConfig, "%q is no address of a registry", address)
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return fault(KindConfig, "%s must be https: a token in the clear belongs to whoever listens", address)
	}
	return nil
}

func (cfg *Config) defaults() {
	cfg.URL = strings.TrimSuffix(cfg.URL, "/")
	if cfg.Issuer == "" {
		cfg.Issuer = cfg.URL
	}
	if cfg.Memory == nil {
		cfg.Memory = forgetful{}
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	if cfg.Attempts == 0 {
		cfg.Attempts = 4
	}
	if cfg.Pause == 0 {
		cfg.Pause = 200 * time.Millisecond
	}
	if cfg.Skew == 0 {
		cfg.Skew = 30 * time.Second
	}
	if cfg.Transport == nil {
		cfg.Transport = &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: cfg.Timeout}).DialContext, ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute, DisableCompression: true,
		}
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (c *Client) now() time.Time { return c.cfg.Now().UTC() }

// call is one request; limit is how many bytes an answer may have.
type call struct {
	method, path string
	header       http.Header
	body         []byte
	limit        int64
}

// send sends a request with a token, again after faults that may pass, and gives the
// body of a 200. The caller's header carries the Idempotency-Key, so all attempts do.
func (c *Client) send(ctx context.Context, req call) ([]byte, error) {
	renewed := false
	for attempt := 1; ; attempt++ {
		token, err := c.token(ctx)
		if err == nil {
			var body []byte
			req.header.Set("Authorization", "Bearer "+token)
			if body, err = c.once(ctx, req); err == nil {
				return body, nil
			}
		}
		var e *Error
		if !errors.As(err, &e) {
			return nil, err
		}
		if e.Status == http.StatusUnauthorized && token != "" && !renewed {
			renewed = true // a token may have ended under way
			c.forget(token)
			continue
		}
		if !e.passing() || attempt >= c.cfg.Attempts || e.RetryAfter > c.cfg.Timeout {
			return nil, err
		}
		if err := c.pause(ctx, attempt, e.RetryAfter); err != nil {
			return nil, err
		}
	}
}

// passing tells whether the same request may fare better a moment later.
func (e *Error) passing() bool {
	switch e.Kind {
	case KindTransport, KindTimeout:
		return true
	case KindUnavailable:
		return e.Status != http.StatusNotImplemented
	}
	return false
}

func (c *Client) pause(ctx context.Context, attempt int, asked time.Duration) error {
	wait := min(c.cfg.Pause<<min(attempt-1, 10), c.cfg.Timeout)
	wait = max(wait/2+rand.N(wait/2+1), asked) // not all clients at once
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ended(ctx)
	}
}

func ended(ctx context.Context) *Error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fault(KindTimeout, "the time for an answer is over: %w", ctx.Err())
	}
	return fault(KindCanceled, "the request was called off: %w", ctx.Err())
}

// once sends a request once and gives the body of a 200.
func (c *Client) once(parent context.Context, call call) ([]byte, error) {
	ctx, cancel := context.WithTimeout(parent, c.cfg.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, call.method, c.cfg.URL+call.path, bytes.NewReader(call.body))
	if err != nil {
		return nil, fault(KindConfig, "make a request: %w", err)
	}
	req.GetBody = nil // only send decides what is sent again
	req.Header = call.header.Clone()
	req.Header.Set("Accept", "application/json")
	if c.cfg.Language != "" {
		req.Header.Set("Accept-Language", c.cfg.Language)
	}
	if c.cfg.Operator != "" {
		req.Header.Set("Rigistry-Operator", c.cfg.Operator)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, travel(parent, ctx, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, call.limit+1))
	switch {
	case err != nil:
		return nil, travel(parent, ctx, err)
	case int64(len(body)) > call.limit:
		return nil, fault(KindMalformed, "the answer is longer than %d bytes", call.limit)
	case res.StatusCode != http.StatusOK:
		return nil, refusal(res, body)
	case res.Header.Get("Content-Encoding") != "":
		return nil, fault(KindMalformed, "the answer is packed as %q, which was not asked for", res.Header.Get("Content-Encoding"))
	}
	if media, _, err := mime.ParseMediaType(res.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return nil, fault(KindMalformed, "the answer is %q and not JSON", res.Header.Get("Content-Type"))
	}
	return body, nil
}

// travel says what broke on the way.
func travel(parent, ctx context.Context, err error) *Error {
	var deadline net.Error
	insecure := strings.Contains(err.Error(), "tls: ") || strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
	switch {
	case parent.Err() != nil:
		return ended(parent)
	case insecure: // crypto/tls has no common type for what the other side refuses
		return fault(KindTLS, "the other side is not proven to be the registry: %w", err)
	case ctx.Err() != nil, errors.As(err, &deadline) && deadline.Timeout():
		return fault(KindTimeout, "no whole answer in time: %w", err)
	}
	return fault(KindTransport, "the connection failed: %w", err)
}

// refusal reads a problem document as far as it can be read.
func refusal(res *http.Response, body []byte) *Error {
	e := &Error{Kind: KindRefused, Status: res.StatusCode, Detail: "the registry answered " + res.Status}
	if res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusRequestTimeout || res.StatusCode == http.StatusTooEarly {
		e.Kind = KindUnavailable
	}
	if res.StatusCode < 300 {
		e.Kind = KindMalformed // an answer is a 200
	}
	var p struct {
		Code      string `json:"code"`
		Detail    string `json:"detail"`
		RequestID string `json:"request_id"`
		Errors    []struct {
			Pointer string `json:"pointer"`
			Detail  string `json:"detail"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &p) == nil && p.Detail != "" {
		e.Code, e.Detail, e.RequestID = p.Code, p.Detail, p.RequestID
		for _, f := range p.Errors {
			e.Detail += " " + f.Pointer + ": " + f.Detail
		}
	}
	if s, err := strconv.ParseUint(res.Header.Get("Retry-After"), 10, 31); err == nil {
		e.RetryAfter = time.Duration(s) * time.Second
	}
	return e
}

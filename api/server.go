package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"rigistry/models"
	"rigistry/services/detection"
	"rigistry/services/documents"
	"rigistry/services/enforcement"
	"rigistry/services/gate"
	"rigistry/services/identity"
	"rigistry/services/ledger"
	"rigistry/services/licensing"
	"rigistry/services/metering"
	"rigistry/services/store"
	"rigistry/web"
)

// Services are what the handlers call.
type Services struct {
	Store       *store.Store
	Licensing   *licensing.Service
	Gate        *gate.Service
	Metering    *metering.Service
	Detection   *detection.Service
	Enforcement *enforcement.Service
	Ledger      *ledger.Ledger
	Webhooks    *ledger.Webhooks
	Trials      *gate.Trials // nil switches the test mode off
	Identity    *identity.Service
	Documents   *documents.Service
	Issuer      *documents.Issuer
	Packager    *enforcement.Packager // nil: no packages are made
	Catalog     *web.Catalog
}

// Config is what the HTTP side needs to know.
type Config struct {
	BaseURL string // as people and utilities reach it: http://127.0.0.1:8080
	Version string
	// TrustedProxies are the addresses or networks whose X-Forwarded-For names the
	// caller. None means that whoever connects is the caller.
	TrustedProxies []string
	// Checks are the limits of a client that has none of its own; zero for none.
	Checks identity.Limits
	// Health of polling, when a collector runs in this process; nil otherwise.
	Collector func() []metering.UnitHealth
	// Unit gives everything about the polling of one meter, and Lags how punctual it is,
	// where Collector is set.
	Unit func(meter string) (metering.UnitDetail, bool)
	Lags func() metering.Lags
}

// Server answers HTTP.
type Server struct {
	cfg    Config
	svc    Services
	log    *slog.Logger
	now    func() time.Time
	engine *gin.Engine
	api    huma.API
}

var humaOnce sync.Once // huma keeps its error constructor and strictness in package variables

// New builds the handlers; it starts nothing.
func New(cfg Config, svc Services, log *slog.Logger, now func() time.Time) (*Server, error) {
	humaOnce.Do(func() {
		huma.ValidateStrictCasing = true // "Reference" is not "reference"
		huma.NewErrorWithContext = humaError
		huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
			return humaError(nil, status, message, errs...)
		}
	})
	gin.SetMode(gin.ReleaseMode)
	s := &Server{cfg: cfg, svc: svc, log: log, now: now, engine: gin.New()}
	s.engine.HandleMethodNotAllowed = true
	s.engine.RemoveExtraSlash = false
	s.engine.RedirectTrailingSlash = false
	if err := s.engine.SetTrustedProxies(cfg.TrustedProxies); err != nil {
		return nil, models.Errorf(models.CodeInvalid, "A trusted proxy is named by address or network: %v.", err)
	}
	s.engine.Use(s.recover, s.headers, s.identify, s.texts, s.access, s.idempotency)
	s.engine.NoMethod(func(c *gin.Context) {
		s.fail(c, newProblem(http.StatusMethodNotAllowed, "", "This path does not take "+c.Request.Method+". See /openapi.json.", ""))
	})
	s.api = humagin.New(s.engine, humaConfig(cfg.Version))
	for _, r := range s.routes() {
		r.register(s, s.api, s.operation(r))
	}
	s.documentMoment()
	if err := s.mountPages(); err != nil {
		return nil, fmt.Errorf("mount the pages: %w", err)
	}
	return s, nil
}

// OpenAPI gives the OpenAPI 3.1 document as indented JSON.
func (s *Server) OpenAPI() ([]byte, error) {
	doc, err := s.api.OpenAPI().MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, doc, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

func humaConfig(version string) huma.Config {
	cfg := huma.DefaultConfig("Rigistry", version)
	cfg.Info.Description = "The registry that licenses crypto-mining and tells utilities whether a connection may be energised."
	cfg.CreateHooks = nil
	cfg.DocsPath = ""
	cfg.SchemasPath = ""
	cfg.OpenAPIPath = "/openapi"
	cfg.RejectUnknownQueryParameters = true
	strict := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: strictJSON}
	cfg.Formats = map[string]huma.Format{"application/json": strict, "json": strict}
	cfg.DefaultFormat = "application/json"
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: "rigistry_session", Description: "People: POST /v1/session sets it."},
		"bearer":  {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "Utilities and collectors: POST /v1/token."},
	}
	return cfg
}

// strictJSON reads exactly one JSON value and refuses what the standard decoder
// would silently mend: text that is not UTF-8, and an object that names a member
// twice. A text with U+0000, which not every database can hold, is an error too.
func strictJSON(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("the text is not UTF-8")
	}
	if err := strictValue(json.NewDecoder(bytes.NewReader(data)), ""); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the JSON value")
	}
	return nil
}

const maxJSONDepth = 32

// noCharacter ends the error about a text with U+0000; before it stands the
// pointer of the text.
const noCharacter = ": the character U+0000 cannot stand in a text"

// strictValue reads one value, which stands at the pointer.
func strictValue(d *json.Decoder, pointer string) error {
	if strings.Count(pointer, "/") > maxJSONDepth {
		return fmt.Errorf("nested deeper than %d levels", maxJSONDepth)
	}
	t, err := d.Token()
	if err != nil {
		return err
	}
	if text, ok := t.(string); ok && !storable(text) {
		return errors.New(pointer + noCharacter)
	}
	open, isDelim := t.(json.Delim)
	if !isDelim {
		return nil
	}
	seen := map[string]bool{}
	for n := 0; d.More(); n++ {
		at := strconv.Itoa(n)
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			at, _ = name.(string)
			if seen[at] {
				return fmt.Errorf("duplicate member %q", at)
			}
			seen[at] = true
		}
		if err := strictValue(d, pointer+"/"+pointerEscape.Replace(at)); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

func (s *Server) recover(c *gin.Context) {
	defer func() {
		if r := recover(); r != nil {
			if r == http.ErrAbortHandler { //nolint:errorlint,err113 // a panic value, to be passed on as it is
				panic(r)
			}
			ctx := c.Request.Context()
			s.log.ErrorContext(ctx, "panic in a handler", slog.Any("panic", r), slog.String("path", c.FullPath()),
				slog.String("request_id", requestIDOf(ctx)), slog.String("stack", string(debug.Stack())))
			if !c.Writer.Written() {
				s.fail(c, newProblem(http.StatusInternalServerError, "internal", internalDetail, requestIDOf(ctx)))
			}
		}
	}()
	start := s.now()
	c.Next()
	s.log.DebugContext(c.Request.Context(), "request", slog.String("method", c.Request.Method), slog.String("path", c.FullPath()),
		slog.Int("status", c.Writer.Status()), slog.Duration("took", s.now().Sub(start)))
}

// headers sets what every answer carries. The policy allows nothing from other
// hosts and no inline script.
func (s *Server) headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "+
		"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	if s.secure() {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if len(c.Request.URL.Path) > 3 && c.Request.URL.Path[:4] == "/v1/" {
		h.Set("Cache-Control", "no-store")
	}
	c.Next()
}

// Handler gives all of HTTP, with limits and protection against cross-origin
// requests of browsers around it.
func (s *Server) Handler() http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, newProblem(http.StatusForbidden, "cross_origin", "This request came from another site's page and was refused.", ""))
	}))
	return withinLimits(guard.Handler(s.engine))
}

// Serve answers on the listener until the context ends, then lets requests under
// way finish for a few seconds.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	hs := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 120 * time.Second, MaxHeaderBytes: maxRead,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		if err := hs.Shutdown(stop); err != nil {
			_ = hs.Close()
		}
		done <- nil
	}()
	if err := hs.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve HTTP: %w", err)
	}
	return <-done
}

package api

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"rigistry/models"
)

// Problem is an RFC 9457 problem document.
type Problem struct {
	Type      string         `json:"type" doc:"URI of the kind of problem"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Code      string         `json:"code" doc:"Stable word for programs"`
	Detail    string         `json:"detail" doc:"What happened, what was kept, what to do"`
	RequestID string         `json:"request_id"`
	Errors    []ProblemField `json:"errors,omitempty"`

	retryAfter time.Duration // header Retry-After, 0 for none
}

// ProblemField is one field of the request that needs a correction.
type ProblemField struct {
	Pointer string `json:"pointer" doc:"JSON Pointer into the body; ?name for a query parameter"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus gives the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders gives the headers that go with the problem.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64(math.Ceil(p.retryAfter.Seconds())), 10))
	}
	if p.Code == string(models.CodeInvalidClient) {
		h.Set("WWW-Authenticate", `Basic realm="rigistry"`) // RFC 6749 section 5.2
	}
	return h
}

// ContentType names the media type of problems.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statusOf maps the closed set of codes to HTTP statuses.
var statusOf = map[models.Code]int{
	models.CodeInvalid:         http.StatusUnprocessableEntity,
	models.CodeUnauthenticated: http.StatusUnauthorized,
	models.CodeForbidden:       http.StatusForbidden,
	models.CodeNotFound:        http.StatusNotFound,
	models.CodeConflict:        http.StatusConflict,
	models.CodeVersionConflict: http.StatusPreconditionFailed,
	models.CodeIdempotency:     http.StatusConflict,
	models.CodeFourEyes:        http.StatusConflict,
	models.CodeTooLarge:        http.StatusRequestEntityTooLarge,
	models.CodeTooMany:         http.StatusTooManyRequests,
	models.CodeUnavailable:     http.StatusServiceUnavailable,
	models.CodeStepUp:          http.StatusForbidden,

	models.CodeDeviceLocked:  http.StatusLocked,
	models.CodeEventsMissing: http.StatusConflict,
	models.CodeLegalMissing:  http.StatusConflict,
	models.CodeStorageFull:   http.StatusInsufficientStorage,

	models.CodeInvalidClient:        http.StatusUnauthorized,
	models.CodeInvalidRequest:       http.StatusBadRequest,
	models.CodeUnsupportedGrantType: http.StatusBadRequest,
}

// codeOf names what HTTP itself refuses.
var codeOf = map[int]string{
	http.StatusBadRequest:            "malformed",
	http.StatusUnauthorized:          string(models.CodeUnauthenticated),
	http.StatusForbidden:             string(models.CodeForbidden),
	http.StatusNotFound:              string(models.CodeNotFound),
	http.StatusMethodNotAllowed:      "method_not_allowed",
	http.StatusNotAcceptable:         "not_acceptable",
	http.StatusRequestTimeout:        "timeout",
	http.StatusConflict:              string(models.CodeConflict),
	http.StatusPreconditionFailed:    string(models.CodeVersionConflict),
	http.StatusRequestEntityTooLarge: string(models.CodeTooLarge),
	http.StatusRequestURITooLong:     string(models.CodeTooLarge),
	http.StatusUnsupportedMediaType:  "unsupported_media_type",
	http.StatusUnprocessableEntity:   string(models.CodeInvalid),
	http.StatusTooManyRequests:       string(models.CodeTooMany),

	http.StatusRequestHeaderFieldsTooLarge: string(models.CodeTooLarge),

	http.StatusServiceUnavailable: string(models.CodeUnavailable),
}

const internalDetail = "Something failed on our side. Nothing you sent was half saved. Try again; if it stays, give the request id to the operator."

func newProblem(status int, code, detail, requestID string) *Problem {
	if code == "" {
		code = codeOf[status]
	}
	if code == "" {
		code = "internal"
	}
	return &Problem{
		Type: "urn:rigistry:problem:" + code, Title: http.StatusText(status),
		Status: status, Code: code, Detail: detail, RequestID: requestID,
	}
}

// problemOf turns any error into what the client sees, and logs what it must not
// see. It is the one exit for errors.
func (s *Server) problemOf(ctx context.Context, err error) *Problem {
	id := requestIDOf(ctx)
	var ready *Problem
	if errors.As(err, &ready) {
		return ready
	}
	var e *models.Error
	if errors.As(err, &e) {
		p := newProblem(statusOf[e.Code], string(e.Code), e.Detail, id)
		p.retryAfter = e.RetryAfter
		for _, f := range e.Fields {
			p.Errors = append(p.Errors, ProblemField{Pointer: f.Pointer, Code: f.Code, Detail: f.Detail})
		}
		return p
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return newProblem(http.StatusServiceUnavailable, string(models.CodeUnavailable), "The request took too long or was broken off. Try again.", id)
	}
	s.log.ErrorContext(ctx, "request failed", slog.String("request_id", id), slog.Any("error", err))
	return newProblem(http.StatusInternalServerError, "internal", internalDetail, id)
}

// fail writes a problem where no huma operation is in play.
func (s *Server) fail(c *gin.Context, p *Problem) {
	if p.RequestID == "" {
		p.RequestID = requestIDOf(c.Request.Context())
	}
	body, err := json.Marshal(p)
	if err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	for name := range p.GetHeaders() {
		c.Header(name, p.GetHeaders().Get(name))
	}
	c.Abort()
	c.Data(p.Status, "application/problem+json", body)
}

var indexInLocation = regexp.MustCompile(`\[(\d+)\]`)

// pointerOf turns huma's "body.sites[0].approved_kw" into a JSON Pointer.
func pointerOf(location string) string {
	switch {
	case location == "body":
		return ""
	case strings.HasPrefix(location, "body."), strings.HasPrefix(location, "body["):
		p := indexInLocation.ReplaceAllString(strings.TrimPrefix(location, "body"), ".$1")
		return strings.ReplaceAll(p, ".", "/")
	case strings.HasPrefix(location, "query."):
		return "?" + strings.TrimPrefix(location, "query.")
	}
	return location
}

// fieldCode gives a stable word for what huma says about a field.
func fieldCode(message string) string {
	for _, c := range []struct{ part, code string }{
		{"unexpected property", "unknown"}, {"required property", "required"}, {"is required", "required"}, {"expected number", "type"}, {"expected integer", "type"},
		{"expected string", "type"}, {"expected boolean", "type"}, {"expected array", "type"}, {"expected object", "type"},
		{"expected value to be one of", "enum"}, {"pattern", "pattern"}, {"length", "length"}, {"date-time", "format"},
		{"number", "range"}, {"duplicate", "duplicate"},
	} {
		if strings.Contains(message, c.part) {
			return c.code
		}
	}
	return "invalid"
}

// humaError is how huma's own refusals (shape, types, unknown fields, sizes)
// become problems.
func humaError(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
	id := ""
	if ctx != nil {
		id = requestIDOf(ctx.Context())
	}
	if status >= http.StatusInternalServerError {
		return newProblem(status, "", internalDetail, id)
	}
	pointer, unstorable := "", false
	for _, err := range errs {
		var d *huma.ErrorDetail
		if errors.As(err, &d) && strings.HasSuffix(d.Message, noCharacter) {
			pointer, unstorable = strings.TrimSuffix(d.Message, noCharacter), true
		}
	}
	if unstorable { // the JSON is well formed, its text is wrong
		p := newProblem(http.StatusUnprocessableEntity, "", "Some fields need a correction. Nothing was saved.", id)
		p.Errors = []ProblemField{{Pointer: pointer, Code: "character", Detail: "The character U+0000 cannot stand in a text."}}
		return p
	}
	detail := strings.ToUpper(message[:min(1, len(message))]) + message[min(1, len(message)):] + "."
	if status == http.StatusUnprocessableEntity {
		detail = "Some fields need a correction. Nothing was saved."
	}
	p := newProblem(status, "", detail, id)
	for _, err := range errs {
		var d *huma.ErrorDetail
		if errors.As(err, &d) {
			p.Errors = append(p.Errors, ProblemField{Pointer: pointerOf(d.Location), Code: fieldCode(d.Message), Detail: d.Message})
		} else if err != nil {
			p.Errors = append(p.Errors, ProblemField{Code: "invalid", Detail: err.Error()})
		}
	}
	return p
}

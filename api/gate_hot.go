package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"rigistry/models"
	"rigistry/services/gate"
)

// The gate's checks are read and written by hand, because reflection costs more than
// the decision. Only what is plainly well formed is; everything else, and so every
// refusal, goes the way of all other routes, which says what is wrong.

// hotLimit is the largest body that is read by hand.
const hotLimit = 2 << 20

// quick gives the shorter way of a route, nil for most.
func (s *Server) quick(r route) func(huma.Context, func(huma.Context)) {
	if r.method != http.MethodPost {
		return nil
	}
	switch r.path {
	case "/v1/gate/checks":
		return func(c huma.Context, next func(huma.Context)) { s.quickly(c, next, quickOne) }
	case "/v1/gate/checks/batch":
		return func(c huma.Context, next func(huma.Context)) { s.quickly(c, next, quickBatch) }
	}
	return nil
}

type keyOutcome struct{}

// failedBefore gives the error of a request whose shorter way failed: the usual way
// says it then, and does nothing again.
func failedBefore(ctx context.Context) error {
	err, _ := ctx.Value(keyOutcome{}).(error)
	return err
}

// quickForm is how a body is read and an answer written.
type quickForm int

const (
	quickOne quickForm = iota
	quickBatch
)

// quickly answers when the request is plainly well formed.
func (s *Server) quickly(c huma.Context, next func(huma.Context), form quickForm) {
	g := humagin.Unwrap(c)
	h := g.Request.Header
	accept, key := h.Get("Accept"), h.Get("Idempotency-Key")
	length := g.Request.ContentLength
	if h.Get("Content-Type") != "application/json" || accept != "" && accept != "*/*" && accept != "application/json" || g.Request.URL.RawQuery != "" ||
		length <= 0 || form == quickOne && length > defaultBody || length > hotLimit || key == "" || len(key) > maxKeyBytes || h.Get("If-Revision-At-Least") != "" {
		next(c)
		return
	}
	body := make([]byte, length)
	if n, err := io.ReadFull(g.Request.Body, body); err != nil {
		g.Request.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body[:n]), g.Request.Body))
		next(c)
		return
	}
	restore := func() { g.Request.Body = io.NopCloser(bytes.NewReader(body)) }
	checks, ok := readChecks(body, form)
	if !ok {
		restore()
		next(c)
		return
	}
	ctx := g.Request.Context()
	answers, err := s.quickAnswers(ctx, key, checks, form)
	if err != nil {
		restore()
		next(huma.WithValue(c, keyOutcome{}, err))
		return
	}
	s.answered(ctx, len(answers), unknownIn(answers))
	writeQuick(g, answers, form)
}

func (s *Server) quickAnswers(ctx context.Context, key string, checks []CheckInput, form quickForm) ([]gate.Answer, error) {
	actor, lang := actorOf(ctx), languageOf(ctx)
	if form == quickOne {
		a, err := s.svc.Gate.Check(ctx, actor, key, lang, checks[0].request())
		return []gate.Answer{a}, err
	}
	rs := make([]models.CheckRequest, 0, len(checks))
	for _, c := range checks {
		rs = append(rs, c.request())
	}
	return s.svc.Gate.CheckBatch(ctx, actor, key, lang, rs)
}

func writeQuick(g *gin.Context, answers []gate.Answer, form quickForm) {
	size := 0
	for i := range answers {
		size += 900 + len(answers[i].Permit) + 400*len(answers[i].Reasons)
	}
	room, _ := quickRoom.Get().(*[]byte)
	if room == nil {
		room = new([]byte)
	}
	b := slices.Grow((*room)[:0], size)
	if form == quickBatch {
		b = append(b, `{"answers":[`...)
	}
	for i := range answers {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendAnswer(b, &answers[i])
	}
	if form == quickBatch {
		b = append(b, `]}`...)
	}
	b = append(b, '\n')
	h := g.Writer.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(b))) // not in chunks
	g.Writer.WriteHeader(http.StatusOK)
	_, _ = g.Writer.Write(b) // who went away finds the answer under the key
	if *room = b; cap(b) <= quickKept {
		quickRoom.Put(room)
	}
}

// quickRoom is what answers are written in, one after the other; net/http has copied an
// answer when its Write returns. quickKept is the largest that is kept.
var quickRoom sync.Pool

const quickKept = 512 << 10

// appendAnswer writes an answer as the JSON encoder writes CheckAnswer; a test holds
// one against the other.
func appendAnswer(b []byte, a *gate.Answer) []byte {
	text := func(name, value string) {
		b = appendText(append(b, name...), value)
	}
	text(`{"id":`, a.ID)
	text(`,"reference":`, a.Reference)
	text(`,"decision":`, string(a.Decision))
	b = append(b, `,"reasons":[`...)
	for i, r := range a.Reasons {
		if i > 0 {
			b = append(b, ',')
		}
		text(`{"code":`, string(r.Code))
		text(`,"severity":`, string(r.Severity))
		text(`,"text":`, r.Text)
		text(`,"cure":`, r.Cure)
		b = append(b, '}')
	}
	b = appendKw(append(b, `],"requested_kw":`...), a.Requested)
	if a.Decision == models.OutcomePermit {
		b = appendKw(append(b, `,"max_kw":`...), a.Max)
	}
	if !a.ValidUntil.IsZero() {
		b = appendInstant(append(b, `,"valid_until":`...), a.ValidUntil)
	}
	if a.License != "" {
		text(`,"license":`, a.License)
	}
	if a.LicenseVersion != 0 {
		b = strconv.AppendInt(append(b, `,"license_version":`...), a.LicenseVersion, 10)
	}
	text(`,"connection_point":`, a.ConnectionPoint)
	b = appendInstant(append(b, `,"decided_at":`...), a.DecidedAt)
	text(`,"rules_version":`, a.RulesVersion)
	b = strconv.AppendInt(append(b, `,"revision":`...), a.Revision, 10)
	text(`,"facts_digest":`, a.FactsDigest)
	if a.Permit != "" {
		text(`,"permit":`, a.Permit)
	}
	return append(b, '}')
}

func appendInstant(b []byte, t time.Time) []byte {
	return append(t.AppendFormat(append(b, '"'), time.RFC3339Nano), '"')
}

// appendKw writes watts as kilowatts, as a float with three decimals at most is written.
func appendKw(b []byte, w models.Watts) []byte {
	return strconv.AppendFloat(b, kw(w), 'f', -1, 64)
}

// appendText writes a JSON text. Texts that need escapes are left to the encoder.
func appendText(b []byte, text string) []byte {
	if plain([]byte(text)) && utf8.ValidString(text) {
		return append(append(append(b, '"'), text...), '"')
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(text) != nil { // a text always encodes
		return append(b, '"', '"')
	}
	return append(b, bytes.TrimSuffix(out.Bytes(), []byte("\n"))...)
}

// plain tells whether a text can stand in JSON as it is: no controls, quotes or
// backslashes, and no line separators, which the encoder escapes.
func plain(text []byte) bool {
	for i, c := range text {
		if c < ' ' || c == '"' || c == '\\' || c == 0xe2 && i+2 < len(text) && text[i+1] == 0x80 && text[i+2]&^1 == 0xa8 {
			return false
		}
	}
	return true
}

// checkReader reads checks of the plain form; after the first thing that is not plain
// it stays bad.
type checkReader struct {
	b   []byte
	bad bool
}

// readChecks reads the body of one check or of a batch. It is false for everything that
// the usual way might refuse, and for rare forms that it would take.
func readChecks(body []byte, form quickForm) ([]CheckInput, bool) {
	if !utf8.Valid(body) {
		return nil, false
	}
	r := checkReader{b: body}
	var out []CheckInput
	if form == quickOne {
		out = append(out, r.check())
	} else {
		r.byte('{')
		if string(r.text()) != "checks" {
			return nil, false
		}
		r.byte(':')
		r.byte('[')
		for !r.bad && len(out) < gate.MaxBatch {
			out = append(out, r.check())
			if !r.next(',') {
				break
			}
		}
		r.byte(']')
		r.byte('}')
	}
	r.space()
	return out, !r.bad && len(r.b) == 0
}

func (r *checkReader) space() {
	i := 0
	for i < len(r.b) && (r.b[i] == ' ' || r.b[i] == '\n' || r.b[i] == '\t' || r.b[i] == '\r') {
		i++
	}
	r.b = r.b[i:]
}

// next takes a byte when it stands next.
func (r *checkReader) next(c byte) bool {
	r.space()
	if len(r.b) == 0 || r.b[0] != c {
		return false
	}
	r.b = r.b[1:]
	return true
}

func (r *checkReader) byte(c byte) {
	if !r.next(c) {
		r.bad, r.b = true, nil
	}
}

// text reads a text without escapes.
func (r *checkReader) text() []byte {
	r.byte('"')
	end := bytes.IndexByte(r.b, '"')
	if end < 0 || !plain(r.b[:end]) {
		r.bad, r.b = true, nil
		return nil
	}
	text := r.b[:end]
	r.b = r.b[end+1:]
	return text
}

// number reads a number of digits with at most a fraction.
func (r *checkReader) number() float64 {
	r.space()
	i, dots, digits := 0, 0, 0
	for i < len(r.b) && (r.b[i] >= '0' && r.b[i] <= '9' || r.b[i] == '.') {
		if r.b[i] == '.' {
			dots++
		} else {
			digits++
		}
		i++
	}
	text := r.b[:i]
	if digits == 0 || digits > 15 || dots > 1 || text[0] == '.' || text[i-1] == '.' || text[0] == '0' && i > 1 && text[1] != '.' {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[i:]
	v, err := strconv.ParseFloat(string(text), 64)
	r.bad = r.bad || err != nil || math.IsInf(v, 0)
	return v
}

const (
	sawReference = 1 << iota
	sawPoint
	sawApplicant
	sawLicense
	sawPower
	sawPurpose
	sawEvent
	sawRequired = sawReference | sawPoint | sawApplicant | sawPower | sawPurpose | sawEvent
)

// check reads one check and holds it to what CheckInput says of its fields.
func (r *checkReader) check() (c CheckInput) {
	seen := 0
	r.byte('{')
	for !r.bad {
		name, field := r.text(), 0
		r.byte(':')
		switch string(name) {
		case "reference":
			c.Reference, field = r.short(1, 100), sawReference
		case "connection_point":
			c.ConnectionPoint, field = r.short(1, 64), sawPoint
		case "applicant":
			c.Applicant, field = r.short(0, 32), sawApplicant
		case "license":
			c.License, field = r.short(0, 32), sawLicense
		case "requested_kw":
			c.RequestedKw, field = r.number(), sawPower
		case "purpose":
			c.Purpose, field = r.oneOf("mining", "other", "unknown"), sawPurpose
		case "event":
			c.Event, field = r.oneOf("new_connection", "reconnection", "uprate", "change_of_consumer"), sawEvent
		}
		if field == 0 || seen&field != 0 {
			r.bad = true
		}
		seen |= field
		if !r.next(',') {
			break
		}
	}
	r.byte('}')
	r.bad = r.bad || seen&sawRequired != sawRequired || c.RequestedKw <= 0 || c.RequestedKw > 10_000_000
	return c
}

func (r *checkReader) short(least, most int) string {
	text := r.text()
	if n := utf8.RuneCount(text); n < least || n > most {
		r.bad = true
	}
	return string(text)
}

func (r *checkReader) oneOf(words ...string) string {
	text := r.text()
	for _, w := range words {
		if string(text) == w {
			return w
		}
	}
	r.bad = true
	return ""
}

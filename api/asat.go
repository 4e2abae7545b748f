package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rigistry/models"
	"rigistry/services/store"
)

// The query parameters of every read, and the headers that say which instants an
// answer is about. The headers are there when the past was asked for.
const (
	queryAsAt     = "as_at"
	queryKnownAt  = "known_at"
	headerAsAt    = "Registry-As-At"
	headerKnownAt = "Registry-Known-At"
)

// presentOnly are the reads that answer about now and nothing else, and why.
var presentOnly = map[string]string{
	"/v1/session":               "who is signed in is a question about now",
	"/v1/users":                 "who may act now; each change of it is an entry of the ledger",
	"/v1/clients":               "who may act now; each change of it is an entry of the ledger",
	"/v1/collectors/units":      "the polling of this process, which is kept nowhere",
	"/v1/collectors/spools":     "how full the spools are now; the batches are kept",
	"/.well-known/jwks.json":    "the keys to check signatures with",
	"/v1/field/devices":         "who may sign now; each change is an entry of the ledger",
	"/v1/field/today":           "what an inspector takes along now",
	"/v1/field/receipts":        "whether what a device recorded has come in",
	"/v1/evidence/{sha256}":     "an original is handed over now, which is an entry of its custody",
	"/healthz":                  "the health of this process",
	"/readyz":                   "the health of this process",
	"/v1/parties/duplicates":    "what looks alike now; who was merged is kept at /v1/parties/merges",
	"/v1/parties/{id}/merge":    "what a merge would do now",
	"/v1/session/filters":       "a person's own saved filters",
	"/v1/staff":                 "who works here now, and how much",
	"/v1/reference/tables":      "how reference data is written; its rows have their days",
	"/v1/public/checkpoint":     "the newest signed state of the ledger; /v1/ledger/checkpoint reads the past",
	"/v1/search":                "the index of what can be found now; the lists search the past",
	"/v1/public/licenses.csv":   "every version of every license with both of its times: the past is inside",
	"/v1/inspections/{id}/pack": "what an inspector takes along now",
	"/v1/cases/{id}/package":    "it is of a size of the ledger, which is asked for by its number",
	"/v1/public/licenses.json":  "every version of every license with both of its times: the past is inside",
}

// ofThePast tells whether a route takes as_at and known_at.
func (r route) ofThePast() bool {
	_, exempt := presentOnly[r.path]
	return r.method == http.MethodGet && !exempt
}

// moment makes the reads of a request those of the instants it asks about.
func (s *Server) moment(c huma.Context, next func(huma.Context)) {
	m, err := s.momentOf(c.Context(), c.Query(queryAsAt), c.Query(queryKnownAt))
	if err != nil {
		s.turnAway(c, err)
		return
	}
	if m.Past() {
		now := s.now().UTC()
		for _, h := range []struct {
			name string
			at   time.Time
		}{{headerAsAt, m.AsAt}, {headerKnownAt, m.KnownAt}} {
			if h.at.IsZero() {
				h.at = now
			}
			c.SetHeader(h.name, h.at.Format(time.RFC3339Nano))
		}
		c = huma.WithContext(c, store.At(c.Context(), m))
	}
	next(withoutMoment{c})
}

// withoutMoment hides both parameters from the check for unknown ones: they belong
// to every read, not to its input.
type withoutMoment struct{ humaContext }

// humaContext is huma.Context by a name that does not hide its method Context.
type humaContext = huma.Context

// URL gives the address without both parameters.
func (c withoutMoment) URL() url.URL {
	u := c.humaContext.URL()
	q := u.Query()
	q.Del(queryAsAt)
	q.Del(queryKnownAt)
	u.RawQuery = q.Encode()
	return u
}

// Unwrap gives the context beneath.
func (c withoutMoment) Unwrap() huma.Context { return c.humaContext }

// momentOf reads both instants. One that is to come, or before the registry's first
// entry, is refused by its name.
func (s *Server) momentOf(ctx context.Context, asAt, knownAt string) (store.Moment, error) {
	if asAt == "" && knownAt == "" {
		return store.Moment{}, nil
	}
	var (
		m store.Moment
		v models.Invalid
	)
	began, err := s.svc.Ledger.Began(ctx)
	if err != nil {
		return m, err
	}
	for _, p := range []struct {
		pointer, text string
		to            *time.Time
	}{{"?as_at", asAt, &m.AsAt}, {"?known_at", knownAt, &m.KnownAt}} {
		at, err := instantOf(p.pointer, p.text)
		switch {
		case err != nil:
			v.Add(p.pointer, "format", "Write the instant as RFC 3339, like 2026-03-02T04:00:00Z.")
		case at.After(s.now()):
			v.Add(p.pointer, "future", "This instant is still to come. Ask about one up to now, or leave it out for now.")
		case !at.IsZero() && at.Before(began):
			v.Add(p.pointer, "before_registry", "The registry begins at %s. Ask about an instant from then on.", began.Format(time.RFC3339Nano))
		}
		*p.to = at
	}
	return m, v.Err()
}

// documentMoment puts both parameters into the description of every read that takes
// them and does not describe them itself.
func (s *Server) documentMoment() {
	const format = "date-time"
	extra := []*huma.Param{
		{Name: queryAsAt, In: "query", Description: "State as at this instant (RFC 3339); now when absent",
			Schema: &huma.Schema{Type: "string", Format: format}},
		{Name: queryKnownAt, In: "query", Description: "As the registry knew it at this instant (RFC 3339); now when absent",
			Schema: &huma.Schema{Type: "string", Format: format}},
	}
	for _, r := range s.routes() {
		item := s.api.OpenAPI().Paths[r.path]
		if !r.ofThePast() || item == nil || item.Get == nil {
			continue
		}
		for _, p := range extra {
			if !slices.ContainsFunc(item.Get.Parameters, func(have *huma.Param) bool { return strings.EqualFold(have.Name, p.Name) }) {
				item.Get.Parameters = append(item.Get.Parameters, p)
			}
		}
	}
}

// aged is an answer whose body says which instants it is about.
type aged interface{ of(m store.Moment) }

// of puts the instants that were asked about into the list.
func (l *listOutput[T]) of(m store.Moment) {
	l.Body.AsAt, l.Body.KnownAt = optionalTime(m.AsAt), optionalTime(m.KnownAt)
}

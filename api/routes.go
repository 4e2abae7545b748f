package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"rigistry/models"
	"rigistry/services/store"
)

// route is one row of the table of routes: what may be called, what action it is,
// and what answers. Tests walk the table.
type route struct {
	method, path string
	action       models.Action
	tag, summary string
	status       int // of success; 0 is 200, or 204 without a body
	maxBody      int64
	fresh        bool // needs a proof by the password of the last minutes; see stepUp
	register     func(s *Server, api huma.API, op huma.Operation)
}

// handle makes a row. fn gets who calls as an argument; whether the actor may do
// the action at all was checked before, whether on this thing is the service's
// to check.
func handle[I, O any](method, path string, action models.Action, tag, summary string,
	fn func(ctx context.Context, actor models.Actor, in *I) (*O, error)) route {
	return route{method: method, path: path, action: action, tag: tag, summary: summary,
		register: func(s *Server, api huma.API, op huma.Operation) {
			huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
				if err := failedBefore(ctx); err != nil {
					return nil, s.problemOf(ctx, err)
				}
				out, err := fn(ctx, actorOf(ctx), in)
				if err != nil {
					return nil, s.problemOf(ctx, err)
				}
				if list, ok := any(out).(aged); ok {
					list.of(store.MomentOf(ctx))
				}
				return out, nil
			})
		}}
}

// admit lets a request through to its handler only when the actor may do the
// action at all. It stands before the body is read, so that who may not learns
// nothing about what would be valid.
func (s *Server) admit(action models.Action) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		ctx := c.Context()
		err := models.Can(actorOf(ctx), action, models.Scope{})
		if err == nil {
			next(c)
			return
		}
		s.turnAway(c, err)
	}
}

// turnAway answers with the problem of an error before the handler is reached.
func (s *Server) turnAway(c huma.Context, err error) {
	ctx := c.Context()
	p := s.problemOf(ctx, err)
	for name, values := range p.GetHeaders() {
		for _, v := range values {
			c.SetHeader(name, v)
		}
	}
	c.SetHeader("Content-Type", p.ContentType(""))
	c.SetStatus(p.Status)
	if err := json.NewEncoder(c.BodyWriter()).Encode(p); err != nil {
		s.log.DebugContext(ctx, "the client went away", slog.Any("error", err))
	}
}

// with changes the status of success.
func (r route) with(status int) route { r.status = status; return r }

// upTo raises the limit of the body.
func (r route) upTo(bytes int64) route { r.maxBody = bytes; return r }

// routes is the table: all of the HTTP API. Pages and the console are files, not
// routes of the API.
func (s *Server) routes() []route {
	var all []route
	for _, part := range s.parts() {
		all = append(all, part...)
	}
	return all
}

const defaultBody = 256 << 10

func (s *Server) operation(r route) huma.Operation {
	maxBody := r.maxBody
	if maxBody == 0 {
		maxBody = defaultBody
	}
	status := r.status
	if status == 0 {
		status = http.StatusOK
	}
	errs := []int{http.StatusBadRequest, http.StatusInternalServerError, http.StatusServiceUnavailable}
	var security []map[string][]string
	var who string
	if roles := models.RolesFor(r.action); len(roles) > 0 {
		errs = append(errs, http.StatusUnauthorized, http.StatusForbidden)
		security = []map[string][]string{{"session": {}}, {"bearer": {}}}
		names := make([]string, 0, len(roles))
		for _, role := range roles {
			names = append(names, string(role))
		}
		who = "Roles: " + strings.Join(names, ", ") + "."
	} else {
		who = "Needs no sign-in."
	}
	if strings.Contains(r.path, "{") {
		errs = append(errs, http.StatusNotFound)
	}
	if r.method != http.MethodGet {
		errs = append(errs, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge)
	}
	if r.rationed() {
		errs = append(errs, http.StatusTooManyRequests)
	}
	middlewares := s.guards(r)
	if r.ofThePast() {
		middlewares = append(middlewares, s.moment)
	}
	return huma.Operation{
		OperationID: operationID(r.method, r.path), Method: r.method, Path: r.path,
		Summary: r.summary, Description: who, Tags: []string{r.tag},
		DefaultStatus: status, MaxBodyBytes: maxBody, Errors: errs, Security: security,
		Middlewares: middlewares,
		Extensions:  map[string]any{"x-rigistry-action": string(r.action)},
	}
}

// rationed tells whether a caller may use the route only so often: checks of the gate,
// and whatever proves who somebody is.
func (r route) rationed() bool {
	if r.method != http.MethodPost {
		return false
	}
	return r.action == models.ActGateCheck || r.path == "/v1/token" || r.path == "/v1/session" || r.path == "/v1/session/step-up"
}

// operationID names an operation after its method and path: post-v1-licenses-number-suspension.
func operationID(method, path string) string {
	clean := strings.NewReplacer("{", "", "}", "", "/", "-", ".", "-", "_", "-").Replace(path)
	return strings.ToLower(method) + clean
}

package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"rigistry/models"
	"rigistry/services/identity"
)

// stepUp makes a route need a session whose person proved who they are within the
// last minutes (identity.Config.FreshFor), by signing in or by POST
// /v1/session/step-up. Anybody else gets 403 with the code step_up_required and may
// repeat the request, with the same Idempotency-Key, after the proof. Bearer tokens
// never pass: what is signed is signed by a person at a screen.
func (r route) stepUp() route { r.fresh = true; return r }

// guards are what stands before the body of a route's request is read.
func (s *Server) guards(r route) huma.Middlewares {
	all := huma.Middlewares{s.admit(r.action)}
	if r.fresh {
		all = append(all, s.requireFresh)
	}
	if quick := s.quick(r); quick != nil {
		all = append(all, quick)
	}
	return all
}

func (s *Server) requireFresh(c huma.Context, next func(huma.Context)) {
	if err := s.fresh(c.Context()); err != nil {
		s.turnAway(c, err)
		return
	}
	next(c)
}

// fresh gives CodeStepUp unless the request came in a session whose person proved
// who they are within the last minutes.
func (s *Server) fresh(ctx context.Context) error {
	if until, ok := ctx.Value(keyFresh).(time.Time); ok && s.now().Before(until) {
		return nil
	}
	return models.Errorf(models.CodeStepUp, "A signature needs your password again. Send it to /v1/session/step-up and repeat; what you entered is kept.")
}

// StepUpInput proves again who is signed in.
type StepUpInput struct {
	Password string `json:"password" minLength:"1" maxLength:"500"`
}

type stepUpRequest struct {
	Cookies string `header:"Cookie" hidden:"true"`
	Body    StepUpInput
}

func (s *Server) postStepUp(ctx context.Context, _ models.Actor, in *stepUpRequest) (*output[SessionWire], error) {
	session, err := s.svc.Identity.StepUp(ctx, identity.StepUp{
		Cookie: s.cookieIn(in.Cookies), Password: in.Body.Password, IP: remoteOf(ctx), RequestID: requestIDOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return &output[SessionWire]{Body: sessionWire(session)}, nil
}

package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"rigistry/models"
	"rigistry/services/identity"
)

type contextKey int

const (
	keyActor contextKey = iota
	keyRequestID
	keyLanguage
	keyRemote
	keyFresh
)

func actorOf(ctx context.Context) models.Actor {
	a, _ := ctx.Value(keyActor).(models.Actor)
	return a
}

func requestIDOf(ctx context.Context) string {
	id, _ := ctx.Value(keyRequestID).(string)
	return id
}

// languageOf gives the language of the request: kk, ru or en.
func languageOf(ctx context.Context) string {
	lang, _ := ctx.Value(keyLanguage).(string)
	return lang
}

// remoteOf gives the address of the caller, without port.
func remoteOf(ctx context.Context) string {
	addr, _ := ctx.Value(keyRemote).(string)
	return addr
}

// sessionCookie is the name of the session cookie. Over https the __Host- prefix
// binds it to this host.
func (s *Server) sessionCookie() string {
	if s.secure() {
		return "__Host-rigistry_session"
	}
	return "rigistry_session"
}

func (s *Server) secure() bool { return strings.HasPrefix(s.cfg.BaseURL, "https://") }

// identify finds out who calls and puts the actor, the request id and the
// language into the context of the request. A cookie and a bearer token together
// are refused: the two worlds are disjoint.
func (s *Server) identify(c *gin.Context) {
	id := uuid.Must(uuid.NewV7()).String()
	c.Header("X-Request-Id", id)
	ctx := context.WithValue(c.Request.Context(), keyRequestID, id)
	ctx = context.WithValue(ctx, keyLanguage, s.svc.Catalog.Match(c.GetHeader("Accept-Language")))
	ctx = context.WithValue(ctx, keyRemote, c.ClientIP())
	c.Request = c.Request.WithContext(ctx)

	authorization := c.GetHeader("Authorization")
	cookie, _ := c.Cookie(s.sessionCookie())
	var (
		actor models.Actor
		err   error
	)
	switch bearer, isBearer := strings.CutPrefix(authorization, "Bearer "); {
	case isBearer && cookie != "":
		err = models.Errorf(models.CodeUnauthenticated, "Send either the session cookie or a bearer token, not both.")
	case isBearer:
		actor, err = s.svc.Identity.Authenticate(ctx, bearer)
	case cookie != "":
		var session identity.Session
		session, err = s.svc.Identity.Session(ctx, cookie)
		actor = session.User.Actor()
		ctx = context.WithValue(ctx, keyFresh, session.FreshUntil)
		if models.CodeOf(err) == models.CodeUnauthenticated {
			s.clearCookie(c) // an old cookie must not lock anybody out of public routes
			actor, err = models.Actor{}, nil
		}
	}
	if err != nil {
		if isToken := c.Request.URL.Path == "/v1/token"; !isToken {
			c.Header("WWW-Authenticate", `Bearer realm="rigistry"`)
		}
		s.fail(c, s.problemOf(ctx, err))
		return
	}
	actor.RequestID = id
	c.Request = c.Request.WithContext(context.WithValue(ctx, keyActor, actor))
	c.Next()
}

func (s *Server) clearCookie(c *gin.Context) {
	http.SetCookie(c.Writer, s.cookie("", -1))
}

// cookie makes the session cookie; maxAge in seconds, below 0 deletes it.
func (s *Server) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: s.sessionCookie(), Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode}
}

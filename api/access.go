package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rigistry/models"
	"rigistry/services/gate"
)

// operatorHeader names the person at a utility that an API client acts for.
const operatorHeader = "Rigistry-Operator"

const maxOperator = 64

const gateChecks = "/v1/gate/checks"

// access holds the API clients of utilities to their terms: the person they act for,
// the test mode, how much they may ask, and that nobody tries names. What it does
// depends on what the client asked before, never on what it asks now.
func (s *Server) access(c *gin.Context) {
	actor := actorOf(c.Request.Context())
	if actor.Kind != "client" || actor.Utility == "" || !actor.Is(models.RoleUtility) {
		c.Next()
		return
	}
	ctx, terms := c.Request.Context(), s.svc.Identity.Terms(actor.ID)
	if !s.showsCertificate(c, terms) {
		s.fail(c, newProblem(http.StatusUnauthorized, "", "This client has to show its TLS certificate, and the one shown is not it.", ""))
		return
	}
	if err := s.operator(c, &actor, terms); err != nil {
		s.fail(c, s.problemOf(ctx, err))
		return
	}
	if terms.Trial {
		s.trial(c, actor)
		return
	}
	allowed := s.svc.Identity.Admit(actor.ID, s.cfg.Checks)
	asks := c.Request.Method == http.MethodPost && (c.Request.URL.Path == gateChecks || c.Request.URL.Path == gateChecks+"/batch")
	if asks && allowed.Limit > 0 {
		c.Header("RateLimit-Limit", strconv.FormatInt(allowed.Limit, 10))
		c.Header("RateLimit-Remaining", strconv.FormatInt(allowed.Remaining, 10))
		c.Header("RateLimit-Reset", strconv.FormatInt(int64(allowed.Reset/time.Second), 10))
	}
	lookup := asks || c.Request.Method == http.MethodGet && strings.HasPrefix(c.Request.URL.Path, "/v1/") && c.Request.URL.Path != "/v1/events"
	if lookup && allowed.Refused != nil {
		s.fail(c, s.problemOf(ctx, allowed.Refused))
		return
	}
	if lookup && allowed.Wait > 0 && !pause(ctx, allowed.Wait) {
		return
	}
	c.Next()
	if !asks && lookup && c.Writer.Status() == http.StatusNotFound {
		s.count(c.Request.Context(), actor, 0, []string{c.Request.URL.Path})
	}
}

// pause waits and tells whether the request is still wanted.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// operator puts the named person into the actor of the request.
func (s *Server) operator(c *gin.Context, actor *models.Actor, terms models.ClientTerms) error {
	name := strings.TrimSpace(c.GetHeader(operatorHeader))
	var v models.Invalid
	switch {
	case len(name) > maxOperator || !storable(name) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		v.Add(operatorHeader, "format", "Give the staff number or login of the person, at most %d bytes.", maxOperator)
	case name == "" && terms.Operator && c.Request.Method == http.MethodPost && strings.HasPrefix(c.Request.URL.Path, gateChecks):
		v.Add(operatorHeader, "required", "This client names the person it acts for: send their staff number or login.")
	case name != "":
		actor.Operator = name
		c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), keyActor, *actor))
	}
	return v.Err()
}

// answered counts the checks of a request that was answered, and the unknown names
// among them.
func (s *Server) answered(ctx context.Context, n int, unknown []string) {
	if actor := actorOf(ctx); actor.Kind == "client" {
		s.count(ctx, actor, n, unknown)
	}
}

func (s *Server) count(ctx context.Context, actor models.Actor, n int, unknown []string) {
	if !s.svc.Identity.Count(actor.ID, n, unknown) {
		return
	}
	if err := s.svc.Identity.ReportProbing(context.WithoutCancel(ctx), actor); err != nil {
		s.log.ErrorContext(ctx, "a client that tries names could not be reported", slog.String("client", actor.ID), slog.Any("error", err))
	}
}

// unknownIn gives the names in answers that were unknown or of another utility, which
// is the same.
func unknownIn(answers []gate.Answer) (names []string) {
	for _, a := range answers {
		for _, r := range a.Reasons {
			switch {
			case r.Code == models.ReasonCPUnknown:
				names = append(names, "point "+a.ConnectionPoint)
			case r.Code == models.ReasonLicenseNotFound:
				names = append(names, "license "+a.License)
			}
		}
	}
	return slices.Compact(names)
}

// showsCertificate tells whether a client that has to show a certificate shows it.
func (s *Server) showsCertificate(c *gin.Context, terms models.ClientTerms) bool {
	if terms.Certificate == "" {
		return true
	}
	if c.Request.TLS == nil || len(c.Request.TLS.PeerCertificates) == 0 {
		return false
	}
	return fmt.Sprintf("%x", spkiOf(c.Request.TLS.PeerCertificates[0])) == terms.Certificate
}

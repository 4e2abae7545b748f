package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"rigistry/models"
	"rigistry/services/gate"
)

const maxTrialBody = 2 << 20

// trial answers a client of the test mode. It stands before every handler, so that
// such a client reaches nothing that is live.
func (s *Server) trial(c *gin.Context, actor models.Actor) {
	c.Header("Rigistry-Test", "true")
	path, method := c.Request.URL.Path, c.Request.Method
	id, isConfirmation := strings.CutSuffix(strings.TrimPrefix(path, gateChecks+"/"), "/confirmation")
	var (
		out any
		err error
	)
	switch {
	case !strings.HasPrefix(path, "/v1/"):
		c.Next() // pages, keys and health are the same for everybody
		return
	case s.svc.Trials == nil:
		err = models.Errorf(models.CodeForbidden, "The test mode is switched off here.")
	case method == http.MethodPost && path == gateChecks:
		out, err = s.trialCheck(c, actor)
	case method == http.MethodPost && path == gateChecks+"/batch":
		out, err = s.trialBatch(c, actor)
	case method == http.MethodPost && strings.HasPrefix(path, gateChecks+"/") && isConfirmation:
		out, err = s.trialConfirmation(c, actor, id)
	case method == http.MethodGet && strings.HasPrefix(path, gateChecks+"/") && !strings.Contains(strings.TrimPrefix(path, gateChecks+"/"), "/"):
		out, err = s.trialRecord(c, actor, strings.TrimPrefix(path, gateChecks+"/"))
	case method == http.MethodGet && path == "/v1/events":
		out = list[EventWire]{Items: []EventWire{}}
	default:
		err = models.Errorf(models.CodeForbidden, "This client is for trials: it can ask the gate, read and confirm its answers, and nothing else. Ask about TEST-PERMIT, TEST-DENY, TEST-REFER, TEST-STALE, TEST-CAPACITY or TEST-MANY.")
	}
	if err != nil {
		s.fail(c, s.problemOf(c.Request.Context(), err))
		return
	}
	text, err := json.Marshal(out)
	if err != nil {
		s.fail(c, s.problemOf(c.Request.Context(), err))
		return
	}
	c.Abort()
	c.Data(http.StatusOK, "application/json", text)
}

// trialBody reads a body as strictly as the gate does.
func (s *Server) trialBody(c *gin.Context, v any) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxTrialBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return models.Errorf(models.CodeTooLarge, "The body is larger than this server takes.")
	case err != nil:
		return models.Errorf(models.CodeInvalidRequest, "The body could not be read.")
	}
	if err := strictJSON(body, v); err != nil {
		return models.Errorf(models.CodeInvalidRequest, "The body is not one JSON value of the form described: %v.", err)
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		var bad models.Invalid
		bad.Add("", "unknown", "%v.", err)
		return bad.Err()
	}
	return nil
}

func (s *Server) trialCheck(c *gin.Context, actor models.Actor) (any, error) {
	var in CheckInput
	if err := s.trialBody(c, &in); err != nil {
		return nil, err
	}
	answers, err := s.svc.Trials.Check(c.Request.Context(), actor, c.GetHeader("Idempotency-Key"), languageOf(c.Request.Context()), []models.CheckRequest{in.request()})
	if err != nil {
		return nil, err
	}
	return answerWire(answers[0]), nil
}

func (s *Server) trialBatch(c *gin.Context, actor models.Actor) (any, error) {
	var in BatchInput
	if err := s.trialBody(c, &in); err != nil {
		return nil, err
	}
	if len(in.Checks) == 0 || len(in.Checks) > gate.MaxBatch {
		return nil, models.Errorf(models.CodeInvalid, "A batch has 1 to %d checks; this has %d.", gate.MaxBatch, len(in.Checks))
	}
	rs := make([]models.CheckRequest, 0, len(in.Checks))
	for _, one := range in.Checks {
		rs = append(rs, one.request())
	}
	answers, err := s.svc.Trials.Check(c.Request.Context(), actor, c.GetHeader("Idempotency-Key"), languageOf(c.Request.Context()), rs)
	if err != nil {
		return nil, err
	}
	out := BatchAnswer{Answers: make([]CheckAnswer, 0, len(answers))}
	for _, a := range answers {
		out.Answers = append(out.Answers, answerWire(a))
	}
	return out, nil
}

func (s *Server) trialConfirmation(c *gin.Context, actor models.Actor, id string) (any, error) {
	var in ConfirmationInput
	if err := s.trialBody(c, &in); err != nil {
		return nil, err
	}
	a, err := s.svc.Trials.Confirm(c.Request.Context(), actor, id, gate.Confirmation{EnergisedAt: in.EnergisedAt, Power: watts(in.Kw),
		MeterSerial: in.MeterSerial, SwitchingOrder: in.SwitchingOrder})
	if err != nil {
		return nil, err
	}
	return CheckRecord{CheckAnswer: answerWire(a), Utility: actor.Utility, ReservationEnd: "confirmed"}, nil
}

func (s *Server) trialRecord(c *gin.Context, actor models.Actor, id string) (any, error) {
	a, confirmed, err := s.svc.Trials.Get(c.Request.Context(), actor, id)
	if err != nil {
		return nil, err
	}
	record := CheckRecord{CheckAnswer: answerWire(a), Utility: actor.Utility, ReservationEnd: "none"}
	switch {
	case confirmed != "":
		record.ReservationEnd = "confirmed"
	case a.Decision == models.OutcomePermit && s.now().Before(a.ValidUntil):
		record.ReservationEnd, record.ReservationKw = "held", kw(a.Max)
	case a.Decision == models.OutcomePermit:
		record.ReservationEnd = "lapsed"
	}
	return record, nil
}

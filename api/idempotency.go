package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rigistry/models"
	"rigistry/services/store"
)

const (
	maxKeyBytes     = 128
	maxBufferedBody = 8 << 20
	keyLife         = 7 * 24 * time.Hour // how long a key and its answer, which may hold personal data, are kept
	forgetEvery     = time.Hour
)

// ForgetKeys removes idempotency keys that have lived long enough, until ctx ends.
func (s *Server) ForgetKeys(ctx context.Context) error {
	ticker := time.NewTicker(forgetEvery)
	defer ticker.Stop()
	for {
		err := s.svc.Store.Update(ctx, func(tx *store.Tx) error {
			_, err := tx.ForgetKeys(tx.Now.Add(-keyLife))
			return err
		})
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "old idempotency keys could not be removed", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// keepsItsOwn are the routes whose service remembers answers itself, in the
// transaction of the answer, or for which a repeat changes nothing anyway.
func keepsItsOwn(path string) bool {
	return strings.HasPrefix(path, "/v1/gate/checks") || path == "/v1/readings/batches" || path == "/v1/weather" || path == "/v1/imports" || path == "/v1/reconciliations" || strings.HasPrefix(path, "/v1/tables") || strings.HasPrefix(path, "/v1/session") || path == "/v1/token" ||
		strings.HasSuffix(path, "/attachments") || // the same bytes are the same attachment
		path == "/v1/clients" || strings.HasPrefix(path, "/v1/access/") || strings.HasPrefix(path, "/v1/users") // passwords and secrets are not kept
}

// idempotency answers a POST with an Idempotency-Key that was seen before as it
// was answered then. A key belongs to its actor and to one method, path and body.
func (s *Server) idempotency(c *gin.Context) {
	key := c.GetHeader("Idempotency-Key")
	ctx := c.Request.Context()
	actor := actorOf(ctx)
	if key == "" || c.Request.Method != http.MethodPost || actor.ID == "" || keepsItsOwn(c.Request.URL.Path) {
		c.Next()
		return
	}
	if len(key) > maxKeyBytes {
		s.fail(c, newProblem(http.StatusUnprocessableEntity, "", "The Idempotency-Key is longer than 128 bytes.", ""))
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBufferedBody))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			s.fail(c, newProblem(http.StatusRequestEntityTooLarge, "", "The body is larger than this server takes.", ""))
			return
		}
		s.fail(c, newProblem(http.StatusBadRequest, "", "The body could not be read.", ""))
		return
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	digest := requestDigest(c.Request.Method, c.Request.URL.RequestURI(), body)

	var kept *store.KeptAnswer
	err = s.svc.Store.Update(ctx, func(tx *store.Tx) (err error) {
		kept, err = tx.ClaimKey(actor.ID, key, digest)
		return err
	})
	switch {
	case err != nil:
		s.fail(c, s.problemOf(ctx, err))
	case kept == nil:
		s.answerAndKeep(c, actor.ID, key, digest)
	case kept.Digest != digest:
		s.fail(c, newProblem(http.StatusConflict, string(models.CodeIdempotency), "This Idempotency-Key was used with another request. Make a new key.", ""))
	case kept.Status == 0:
		s.fail(c, newProblem(http.StatusConflict, "in_progress", "The first request with this key has not finished, or was cut off. Look whether it took effect before you send it with a new key.", ""))
	default:
		for name, value := range kept.Headers {
			c.Header(name, value)
		}
		c.Header("Idempotent-Replayed", "true")
		c.Abort()
		c.Data(kept.Status, kept.Headers["Content-Type"], kept.Body)
	}
}

// answerAndKeep runs the handler and stores what it answered. A failure of ours,
// a panic too, gives the key back, so that a retry may succeed.
func (s *Server) answerAndKeep(c *gin.Context, actor, key, digest string) {
	record := &recorder{ResponseWriter: c.Writer}
	c.Writer = record
	answer := store.KeptAnswer{Digest: digest, Status: http.StatusInternalServerError}
	defer func() { s.keep(c.Request.Context(), actor, key, answer) }()
	c.Next()
	answer.Status, answer.Body, answer.Headers = record.Status(), record.body.Bytes(), map[string]string{}
	for _, name := range []string{"Content-Type", "Location", "ETag"} {
		if v := record.Header().Get(name); v != "" {
			answer.Headers[name] = v
		}
	}
}

// keep stores the answer under its key, or gives the key of a failure back, also
// when the client has gone away. Who was refused for who they are, or for a sign-in
// that is not fresh, may repeat with the same key.
func (s *Server) keep(ctx context.Context, actor, key string, answer store.KeptAnswer) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := s.svc.Store.Update(ctx, func(tx *store.Tx) error {
		if answer.Status >= http.StatusInternalServerError || answer.Status == http.StatusForbidden {
			return tx.ReleaseKey(actor, key)
		}
		return tx.KeepAnswer(actor, key, answer)
	})
	if err != nil {
		s.log.ErrorContext(ctx, "keep the answer of an idempotent request", slog.Any("error", err))
	}
}

func requestDigest(method, target string, body []byte) string {
	h := sha256.New()
	_, _ = io.WriteString(h, method+"\n"+target+"\n") // a hash never fails
	_, _ = h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// recorder keeps a copy of what is written to the client.
type recorder struct {
	gin.ResponseWriter
	body bytes.Buffer
}

// Write sends and keeps.
func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// WriteString sends and keeps.
func (r *recorder) WriteString(text string) (int, error) {
	r.body.WriteString(text)
	return r.ResponseWriter.WriteString(text)
}

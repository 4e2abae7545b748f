package api

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"rigistry/models"
)

const (
	maxTarget  = 8 << 10  // bytes of path and query
	maxHeaders = 32 << 10 // bytes of header names and values together
	maxRead    = 1 << 20  // bytes of headers that are read at all; longer ones get no document
	maxDrained = 64 << 20 // bytes of a refused body that are read away, so that the sender gets to read the refusal
)

// withinLimits refuses addresses and headers that are too long, with a document
// that says so, and lets whoever sends a body that nobody reads finish: closing the
// connection under a sender loses the answer.
func withinLimits(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case len(r.RequestURI) > maxTarget:
			refuse(w, newProblem(http.StatusRequestURITooLong, "", "The address is longer than 8 KiB. Ask for less at once.", ""))
			return
		case headerBytes(r.Header) > maxHeaders:
			refuse(w, newProblem(http.StatusRequestHeaderFieldsTooLarge, "", "The headers are longer than 32 KiB together.", ""))
			return
		}
		body := r.Body
		if body == nil || body == http.NoBody || r.Header.Get("Expect") != "" {
			next.ServeHTTP(w, r)
			return
		}
		r.Body = io.NopCloser(body)
		next.ServeHTTP(w, r)
		_, _ = io.CopyN(io.Discard, body, maxDrained) // the answer is made; what comes now is only read away
	})
}

func headerBytes(h http.Header) int {
	n := 0
	for name, values := range h {
		for _, v := range values {
			n += len(name) + len(v)
		}
	}
	return n
}

// refuse answers with a problem before a request is looked at.
func refuse(w http.ResponseWriter, p *Problem) {
	p.RequestID = uuid.Must(uuid.NewV7()).String()
	body, _ := json.Marshal(p) // a Problem always marshals
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("X-Request-Id", p.RequestID)
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}

// storable tells whether a text is one that every database takes: UTF-8 without
// the character U+0000.
func storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// texts refuses paths, queries and keys that are no text before anybody looks
// something up by them. Bodies are judged where they are read.
func (s *Server) texts(c *gin.Context) {
	if !storable(c.Request.URL.Path) {
		s.fail(c, newProblem(http.StatusNotFound, "", "There is nothing at this path: it is not UTF-8 or holds the character U+0000.", ""))
		return
	}
	var v models.Invalid
	for name, values := range c.Request.URL.Query() {
		for _, value := range values {
			if !storable(value) || !storable(name) {
				v.Add("?"+strings.ToValidUTF8(name, "\uFFFD"), "character", "This is not UTF-8 or holds the character U+0000.")
			}
		}
	}
	if !storable(c.GetHeader("Idempotency-Key")) {
		v.Add("Idempotency-Key", "character", "The key is not UTF-8.")
	}
	if err := v.Err(); err != nil {
		s.fail(c, s.problemOf(c.Request.Context(), err))
		return
	}
	c.Next()
}

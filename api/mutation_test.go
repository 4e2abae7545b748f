package api

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"rigistry/models"
)

// mutations of this many requests are sent; the seed is fixed so that a failure
// comes again.
const (
	mutationRounds = 3000
	mutationSeed   = 20260301
)

// forge makes request bodies from the OpenAPI document, half right and half not.
type forge struct {
	r       *rand.Rand
	schemas huma.Registry
}

var oddTexts = []string{"", " ", "x", "210440038887", "KZ18DMA00000042", "PS12-F03-CP007", "2026-03-02T04:00:00Z", "9999-99-99T99:99:99Z", "null", "ӘҒҚҢӨҰҮҺІ",
	"' OR 1=1 --", "<script>alert(1)</script>", "../../etc/passwd", "\u0000", "%00", strings.Repeat("я", 400), "=cmd|' /C calc'!A0", "-1", "1e309", "I", "II", "met", "grant", "mining"}

var oddNumbers = []any{0, -1, 1, 7, 900, 1e9, -1e18, 1e300, 0.0001, 9223372036854775807, json.Number("1e400"), json.Number("99999999999999999999")}

func (f forge) any() any {
	switch f.r.IntN(6) {
	case 0:
		return nil
	case 1:
		return f.r.IntN(2) == 0
	case 2:
		return oddNumbers[f.r.IntN(len(oddNumbers))]
	case 3:
		return []any{oddTexts[f.r.IntN(len(oddTexts))], nil}
	case 4:
		return map[string]any{"a": 1}
	}
	return oddTexts[f.r.IntN(len(oddTexts))]
}

func (f forge) value(s *huma.Schema, depth int) any {
	if s == nil || depth > 6 || f.r.IntN(12) == 0 {
		return f.any()
	}
	if s.Ref != "" {
		s = f.schemas.SchemaFromRef(s.Ref)
	}
	if len(s.Enum) > 0 && f.r.IntN(8) > 0 {
		return s.Enum[f.r.IntN(len(s.Enum))]
	}
	switch s.Type {
	case huma.TypeObject:
		out := map[string]any{}
		for name, p := range s.Properties {
			if f.r.IntN(7) > 0 {
				out[name] = f.value(p, depth+1)
			}
		}
		if f.r.IntN(15) == 0 {
			out["surprise"] = f.any()
		}
		return out
	case huma.TypeArray:
		out := make([]any, f.r.IntN(4))
		for i := range out {
			out[i] = f.value(s.Items, depth+1)
		}
		return out
	case huma.TypeNumber, huma.TypeInteger:
		return oddNumbers[f.r.IntN(len(oddNumbers))]
	case huma.TypeBoolean:
		return f.r.IntN(2) == 0
	}
	if s.Format == "date-time" && f.r.IntN(3) > 0 {
		return "2026-03-02T04:00:00Z"
	}
	return oddTexts[f.r.IntN(len(oddTexts))]
}

func (f forge) query(op *huma.Operation) string {
	var parts []string
	for _, p := range op.Parameters {
		if p.In == "query" && f.r.IntN(3) == 0 {
			parts = append(parts, p.Name+"="+strings.NewReplacer(" ", "%20", "%", "%25", "\u0000", "%00", "'", "%27", "<", "%3C", ">", "%3E", "|", "%7C", "&", "%26", "#", "%23").
				Replace(fmt.Sprint(f.value(p.Schema, 0))))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "?" + strings.Join(parts, "&")
}

func TestRoutes_NoRequestIsAnsweredWithAFaultOfOurs(t *testing.T) {
	w := newWhole(t)
	f := forge{r: rand.New(rand.NewPCG(mutationSeed, 1)), schemas: w.api.OpenAPI().Components.Schemas}
	type proof struct{ name, value string }
	var proofs []proof
	for _, role := range models.Roles() {
		name, value := w.credential(t, role)
		proofs = append(proofs, proof{name, value})
	}
	rows := w.routes()
	admitted := 0
	for range mutationRounds {
		row := rows[f.r.IntN(len(rows))]
		if row.path == "/v1/session" || strings.HasSuffix(row.path, "/password-reset") || strings.HasSuffix(row.path, "/disablement") || row.path == "/readyz" {
			continue // they would end the sessions of the test
		}
		item := w.api.OpenAPI().Paths[row.path]
		op := map[string]*huma.Operation{http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodDelete: item.Delete, http.MethodHead: item.Head}[row.method]
		body := ""
		if op.RequestBody != nil {
			for _, media := range op.RequestBody.Content {
				text, err := json.Marshal(f.value(media.Schema, 0))
				if err != nil {
					continue
				}
				body = string(text)
			}
			if f.r.IntN(10) == 0 && len(body) > 1 {
				body = body[:f.r.IntN(len(body))]
			}
		}
		p := proofs[f.r.IntN(len(proofs))]
		r := httptest.NewRequest(row.method, testBase+pathParameter.ReplaceAllString(row.path, "none")+f.query(op), strings.NewReader(body))
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		r.Header.Set("Idempotency-Key", fmt.Sprint(f.r.IntN(50)))
		r.Header.Set(p.name, p.value)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code >= http.StatusInternalServerError {
			t.Errorf("%s %s with %q answered %d: %s", row.method, r.URL, body, rec.Code, rec.Body)
		}
		if rec.Code >= http.StatusBadRequest && rec.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s answered %d as %q, want a problem", row.method, r.URL, rec.Code, rec.Header().Get("Content-Type"))
		}
		if rec.Code < http.StatusBadRequest {
			admitted++
		}
	}
	if admitted < mutationRounds/50 {
		t.Errorf("only %d of %d requests were answered with success: the forge makes nothing that gets past the first check", admitted, mutationRounds)
	}
}

func TestRoutes_ABodyThatIsTooLongIsRefusedBeforeItIsRead(t *testing.T) {
	w := newWhole(t)
	name, value := w.credential(t, models.RoleClerk)
	for _, withKey := range []string{"", "k-long"} {
		long := `{"name_ru":"` + strings.Repeat("я", 6<<20) + `"}`
		r := httptest.NewRequest(http.MethodPost, testBase+"/v1/parties", strings.NewReader(long))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", withKey)
		r.Header.Set(name, value)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != http.StatusRequestEntityTooLarge || rec.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("a body of %d bytes (key %q) answered %d %.200s, want 413 as a problem", len(long), withKey, rec.Code, rec.Body)
		}
	}
}

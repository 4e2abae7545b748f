package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rigistry/models"
	"rigistry/services/gate"
)

// usual sends a request the usual way: a content type that the quick way leaves alone.
const usual = "application/json; charset=utf-8"

func hotBodies() []string {
	good := `{"reference":"WO","connection_point":"PS12-F03-CP007","applicant":"210440038887","requested_kw":0.5,"purpose":"other","event":"new_connection"}`
	out := []string{good, strings.Replace(good, `"WO"`, `"WO <1> & «2»"`, 1), strings.Replace(good, `CP007`, `CP999`, 1), strings.Replace(good, "other", "mining", 1),
		strings.Replace(good, `"purpose"`, ` "license" : "KZ29DMA00000042" , "purpose"`, 1)}
	for _, change := range [][2]string{{`"WO"`, `""`}, {`"WO"`, `"a\u0000"`}, {`"WO"`, `"a\u0041"`}, {`"WO"`, "\"a\tb\""}, {`"WO"`, "\"\xff\""}, {`"WO"`, `7`}, {`"WO"`, `null`},
		{`0.5`, `0`}, {`0.5`, `-1`}, {`0.5`, `1e3`}, {`0.5`, `05`}, {`0.5`, `.5`}, {`0.5`, `5.`}, {`0.5`, `"5"`}, {`0.5`, `20000000`}, {`0.5`, `1.0000000000000000001`},
		{`"other"`, `"bakery"`}, {`"new_connection"`, `""`}, {`"event"`, `"Event"`}, {`"event"`, `"extra":1,"event"`}, {`"event"`, `"reference":"x","event"`},
		{`,"event":"new_connection"`, ``}, {`}`, ``}, {`}`, `}}`}, {`}`, `} x`}, {`{`, `[{`}, {`"event"`, `"planned_at":"2026-03-02T04:00:00Z","event"`},
		{`"event"`, `"planned_at":"never","event"`}, {`"210440038887"`, `"` + strings.Repeat("1", 33) + `"`}, {`"WO"`, `"` + strings.Repeat("ш", 101) + `"`},
		{`"PS12-F03-CP007"`, `"` + strings.Repeat("ш", 64) + `"`}, {good, ``}, {good, `null`}, {good, `{}`}, {good, "\ufeff" + good}} {
		out = append(out, strings.Replace(good, change[0], change[1], 1))
	}
	return out
}

func TestGate_TheQuickWayAnswersAndRefusesAsTheUsualWay(t *testing.T) {
	s := newGateServer(t)
	quick, answered := 0, 0
	for i, body := range hotBodies() {
		for _, batch := range []string{"", "/batch"} {
			sent := body
			if batch != "" {
				sent = `{"checks":[` + body + `]}`
			}
			for _, key := range []string{"k", ""} {
				// The same key first the quick way and then the usual one: the answer is replayed, so
				// that all of it can be compared.
				if key != "" {
					key += strings.Repeat("x", i) + batch
				}
				if _, ok := readChecks([]byte(sent), map[string]quickForm{"": quickOne, "/batch": quickBatch}[batch]); ok {
					quick++
				}
				a := s.do("POST", "/v1/gate/checks"+batch, sent, "Idempotency-Key", key, "Content-Type", "application/json")
				b := s.do("POST", "/v1/gate/checks"+batch, sent, "Idempotency-Key", key, "Content-Type", usual)
				if a.StatusCode == http.StatusOK {
					answered++
				}
				if a.StatusCode != b.StatusCode || withoutID(a.body) != withoutID(b.body) || a.Header.Get("Content-Type") != b.Header.Get("Content-Type") {
					t.Errorf("%s with key %q\nquick: %d %s\nusual: %d %s", sent, key, a.StatusCode, a.body, b.StatusCode, b.body)
				}
			}
		}
	}
	if quick < 8 || answered < 8 {
		t.Errorf("%d requests could go the quick way and %d were answered: the comparison says little", quick, answered)
	}
	body := hotBodies()[0]
	if a := s.do("POST", "/v1/gate/checks", strings.Replace(body, "0.5", "0.25", 1), "Idempotency-Key", "k", "Content-Type", "application/json"); a.StatusCode != http.StatusConflict {
		t.Errorf("another body under the key, the quick way: %d %s", a.StatusCode, a.body)
	}
}

// withoutID takes the id of the request out of a problem.
func withoutID(body string) string {
	at := strings.Index(body, `"request_id":"`)
	if at < 0 {
		return body
	}
	return body[:at] + body[at+len(`"request_id":"`)+36:]
}

func TestAppendAnswer_WritesWhatTheEncoderWrites(t *testing.T) {
	at := time.Date(2026, 3, 2, 4, 0, 0, 123_000, time.UTC)
	for _, a := range []gate.Answer{
		{ID: "i", Reference: "WO", Decision: models.OutcomeDeny, Requested: 1, DecidedAt: at},
		{ID: "i", Reference: "a<b>&\u2028\"\\\n\x01ш \xff", Decision: models.OutcomePermit, Requested: 10_000_000_000, Max: 900_500, ValidUntil: at.Add(time.Hour), License: "L",
			LicenseVersion: 3, ConnectionPoint: "P", DecidedAt: at, RulesVersion: "r", Revision: 7, FactsDigest: "sha256:0", Permit: "a.b.c"},
		{Decision: models.OutcomeRefer, DecidedAt: at, Reasons: []gate.ReasonText{{Code: "A", Severity: "note", Text: "т «x»", Cure: "\u2029"}, {Code: "B"}}},
	} {
		var want strings.Builder
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		if err := e.Encode(answerWire(a)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), string(appendAnswer(nil, &a))+"\n"); diff != "" {
			t.Errorf("(-encoder +by hand):\n%s", diff)
		}
	}
	if n := reflect.TypeFor[CheckAnswer]().NumField() + reflect.TypeFor[CheckInput]().NumField(); n != 15+8 {
		t.Errorf("CheckAnswer and CheckInput have %d fields: appendAnswer and checkReader must know each", n)
	}
}

func FuzzReadChecks(f *testing.F) {
	for _, body := range hotBodies() {
		f.Add([]byte(body))
		f.Add([]byte(`{"checks":[` + body + `,` + body + `]}`))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, form := range []quickForm{quickOne, quickBatch} {
			got, ok := readChecks(body, form)
			if !ok {
				continue
			}
			want := BatchInput{Checks: make([]CheckInput, 1)}
			var into any = &want.Checks[0]
			if form == quickBatch {
				into = &want
			}
			if err := strictJSON(body, into); err != nil {
				t.Fatalf("%q is taken, and the usual way says %v", body, err)
			}
			if diff := cmp.Diff(want.Checks, got); diff != "" {
				t.Errorf("%q (-usual +quick):\n%s", body, diff)
			}
		}
	})
}

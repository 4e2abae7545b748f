package api

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/store"
	"rigistry/services/store/storetest"
)

// probe is a question about something that has an id; the places of the id are %s.
type probe struct {
	method, path, body string
	id                 string // of something of the first utility
	unknown            [2]string
}

var (
	someID      = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	someDigest  = regexp.MustCompile(`[0-9a-f]{64}`)
	someLiteral = regexp.MustCompile(`'(?:[^']|'')*'|"[^"]*"|\b\d+\b`)
)

// ask sends a probe with an id and gives the answer, and the statements that it took,
// both without the id and without what is made anew each time.
func (s *gateServer) ask(p probe, id, key string) (text, work string) {
	s.t.Helper()
	fill := func(text string) string { return strings.ReplaceAll(text, "%s", id) }
	ctx, trace := store.Traced(s.t.Context())
	r := httptest.NewRequestWithContext(ctx, p.method, testBase+fill(p.path), strings.NewReader(fill(p.body)))
	r.Header.Set("Cookie", "rigistry_session="+s.cookie)
	if p.method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", key)
	}
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, r)
	body, err := io.ReadAll(rec.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	header := rec.Header().Clone()
	header.Del("Location")
	text = strings.ReplaceAll(fmt.Sprint(rec.Code, header, string(body)), id, "ID")
	text = someDigest.ReplaceAllString(someID.ReplaceAllString(text, "NEW"), "DIGEST")
	var shapes []string
	for _, statement := range trace.Statements() {
		shapes = append(shapes, someLiteral.ReplaceAllString(statement, "?"))
	}
	return text, strings.Join(shapes, "\n")
}

// foreignProbes asks about everything that the gate keeps of the first utility.
func foreignProbes(t *testing.T, s *gateServer) []probe {
	order := held(t, s)
	s.as("officer")
	number, _ := s.do("GET", "/v1/disconnection-orders/"+order, "").json(t)["number"].(string)
	block := s.made("/v1/paper-blocks", `{"utility":"PRES","count":1}`)
	line, _ := s.do("GET", "/v1/paper-blocks/"+block+"/sheet", "").json(t)["lines"].([]any)[0].(map[string]any)
	paper, _ := line["number"].(string)
	items, _ := s.do("GET", "/v1/gate/standing-facts", "").json(t)["items"].([]any)
	standing, _ := items[0].(map[string]any)["id"].(string)
	s.as("pres")
	check, _ := s.do("POST", "/v1/gate/checks", strings.Replace(bakery("50"), "WO-1", "WO-2", 1), "Idempotency-Key", "k9").json(t)["id"].(string)
	point, _ := s.do("GET", "/v1/connection-points/PS12-F03-CP007", "").json(t)["id"].(string)
	run := s.made("/v1/reconciliations", `{"points":[{"connection_point":"NOWHERE","kw":12.5}]}`)
	found, _ := s.do("GET", "/v1/mismatches", "").json(t)["items"].([]any)
	mismatch, _ := found[0].(map[string]any)["id"].(string)
	if _, err := s.log.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	var out []probe
	add := func(method, path, body string, ids ...string) {
		for _, id := range ids {
			p := probe{method: method, path: path, body: body, id: id}
			for i := range p.unknown { // as long as the id, and nobody's
				p.unknown[i] = id[:len(id)-2] + fmt.Sprintf("%d%d", 8-i, 9)
			}
			out = append(out, p)
		}
	}
	const code = "PS12-F03-CP007"
	ask := strings.Replace(bakery("50"), code, "%s", 1)
	add("POST", "/v1/gate/checks", ask, code)
	add("POST", "/v1/gate/checks/batch", `{"checks":[`+ask+`]}`, code)
	add("GET", "/v1/gate/checks?connection_point=%s", "", code)
	add("GET", "/v1/gate/checks/%s", "", check)
	add("GET", "/v1/gate/checks/%s/explanation", "", check)
	add("GET", "/v1/gate/checks/%s/permit.svg", "", check)
	add("POST", "/v1/gate/checks/%s/confirmation", `{"energised_at":"2026-03-02T04:00:00Z","kw":1,"meter_serial":"SN","switching_order":"1"}`, check)
	add("GET", "/v1/connection-points/%s", "", code, point)
	add("GET", "/v1/disconnection-orders?connection_point=%s", "", code)
	add("GET", "/v1/disconnection-orders/%s", "", order, number)
	add("GET", "/v1/disconnection-orders/%s/evidence", "", order)
	add("POST", "/v1/disconnection-orders/%s/acknowledgement", `{"person":"A. B."}`, order)
	add("POST", "/v1/disconnection-orders/%s/execution", `{"person":"A. B."}`, order)
	add("POST", "/v1/disconnection-orders/%s/objection", `{"person":"A. B.","code":"other","note":"no"}`, order)
	add("GET", "/v1/reconciliations/%s", "", run)
	add("GET", "/v1/mismatches/%s", "", mismatch)
	add("POST", "/v1/reconciliations", `{"points":[{"connection_point":"%s","kw":12.5}]}`, code)
	add("GET", "/v1/gate/standing-facts/%s", "", standing)
	add("GET", "/v1/events?subject_kind=connection_point&subject_id=%s", "", point)
	add("GET", "/v1/events?subject_kind=disconnection_order&subject_id=%s", "", order)
	add("GET", "/v1/paper-checks/%s", "", paper)
	out[len(out)-1].unknown = [2]string{models.PaperNumber(4001), models.PaperNumber(4002)} // with check digits that are right
	add("GET", "/v1/paper-blocks/%s/sheet", "", block)
	return out
}

func TestGate_WhatIsAnotherUtilitysIsAsUnknownAsWhatIsNotThereInTextAndInWork(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store, clock *storetest.Clock) {
		s := newGateServerOn(t, st, clock)
		probes := foreignProbes(t, s)
		clock.Advance(time.Minute)
		same := func(who string, i int) (text, work bool) {
			p := probes[i]
			s.as(who)
			var theirsText, nobodysText, theirsWork, nobodysWork string
			// Rows of earlier answers are written when the gate is quiet for a moment, and the
			// next check sees that: by chance work differs once, by its nature each time.
			for again := range 5 {
				key := fmt.Sprintf("%s-%d-%d", who, i, again)
				s.ask(p, p.unknown[0], key+"-0") // what is done once and kept is done
				theirsText, theirsWork = s.ask(p, p.id, key+"-1")
				nobodysText, nobodysWork = s.ask(p, p.unknown[1], key+"-2")
				if theirsWork == nobodysWork {
					break
				}
			}
			if who == "rival" && theirsText != nobodysText {
				t.Errorf("%s %s says\n%s\nof another's and\n%s\nof nobody's", p.method, p.path, theirsText, nobodysText)
			}
			if who == "rival" && (theirsWork != nobodysWork || theirsWork == "") {
				t.Errorf("%s %s asks\n%s\nfor another's and\n%s\nfor nobody's", p.method, p.path, theirsWork, nobodysWork)
			}
			return theirsText == nobodysText, theirsWork == nobodysWork
		}
		for i := range probes {
			same("rival", i)
		}
		// The control: of the utility's own things each answer is another one, so the
		// comparison sees a difference where there is one.
		texts, works := 0, 0
		for i, p := range probes {
			text, work := same("pres", i)
			if !text {
				texts++
			}
			if !work {
				works++
			}
			if text && !strings.Contains(p.path, "standing-facts") { // those are the registry's
				t.Errorf("the control: %s %s says the same of the utility's own and of nobody's", p.method, p.path)
			}
		}
		if texts == 0 || works == 0 {
			t.Errorf("the control sees %d answers and %d lists of statements that differ", texts, works)
		}
	})
}

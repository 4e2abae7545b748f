package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rigistry/models"
)

// asked sends a request as somebody and gives the answer.
func (w *whole) asked(t *testing.T, role models.Role) func(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	name, value := w.credential(t, role)
	return func(method, path, body string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, testBase+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(name, value)
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		return rec
	}
}

func TestFleet_AReportIsSeenOnTheFleetAndOnTheMetersPage(t *testing.T) {
	w := newWhole(t)
	clerk, collector := w.asked(t, models.RoleClerk), w.asked(t, models.RoleCollector)
	made := clerk("POST", "/v1/meters", `{"code":"M1","serial":"S1","profile":"eastron/sdm630","url":"tcp://10.0.0.1:502","unit":1,"role":"revenue","node_kind":"transformer","node":"tx","accuracy_class":"1"}`)
	if made.Code != http.StatusCreated {
		t.Fatalf("register: %d %s", made.Code, made.Body)
	}
	// A collector reports meters of its own utility; this one has none.
	report := `{"collector":"c1","units":[{"meter":"M1","endpoint":"tcp://10.0.0.1:502","unit":1,"profile":"eastron/sdm630","state":"late","due":5,"ok":2,"requests":9,"timeouts":3,
		"exceptions":[0,0,4],"dials":0,"closed":0,"wrong_ids":1,"crc":0,"protocol":0,"quarantines":0,"late_replies":6,"identity":0,"overruns":0,"resting":0,
		"qualities":{"frozen":2},"rtt_ms":12.5,"fault":"timeout","last_error":"no answer within 1s","plan":[{"function":4,"address":0,"count":74}]}]}`
	if got := collector("POST", "/v1/collectors/reports", report); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"kept":0`) {
		t.Errorf("a meter of nobody's utility: %d %s, want that it is left out", got.Code, got.Body)
	}
	if got := collector("GET", "/v1/collectors/fleet", ""); got.Code != http.StatusForbidden {
		t.Errorf("a collector reads the fleet: %d", got.Code)
	}
	fleet := clerk("GET", "/v1/collectors/fleet?state=due", "")
	for _, want := range []string{`"code":"M1"`, `"polled":"unknown"`, `"total":1`, `"due":1`} {
		if !strings.Contains(fleet.Body.String(), want) {
			t.Errorf("the fleet lacks %s: %s", want, fleet.Body)
		}
	}
	if got := clerk("GET", "/v1/collectors/fleet?state=broken", ""); got.Code != http.StatusUnprocessableEntity && got.Code != http.StatusBadRequest {
		t.Errorf("a state that there is not: %d", got.Code)
	}
	if got := clerk("GET", "/v1/collectors/gateways", ""); !strings.Contains(got.Body.String(), `"endpoint":"tcp://10.0.0.1:502","meters":1`) {
		t.Errorf("the gateways: %s", got.Body)
	}
	if got := clerk("GET", "/v1/meters/M1/commissioning", ""); got.Code != http.StatusOK || strings.Contains(got.Body.String(), `"commissioning"`) {
		t.Errorf("a meter without a record of its commissioning: %d %s, want that it says so", got.Code, got.Body)
	}
	if got := clerk("GET", "/v1/meters/M2/commissioning", ""); got.Code != http.StatusNotFound {
		t.Errorf("the commissioning of a meter that there is not: %d", got.Code)
	}
	polling := clerk("GET", "/v1/meters/M1/polling", "")
	for _, want := range []string{`"grade":"`, `"title":"`, `"polled":"unknown"`, `"registers":[]`} {
		if !strings.Contains(polling.Body.String(), want) {
			t.Errorf("the polling lacks %s: %s", want, polling.Body)
		}
	}
}

func TestExchange_IsRecordedOnceAndReadBack(t *testing.T) {
	w := newWhole(t)
	clerk := w.asked(t, models.RoleClerk)
	made := clerk("POST", "/v1/meters", `{"code":"M1","serial":"S1","profile":"eastron/sdm630","url":"tcp://10.0.0.1:502","unit":1,"role":"revenue","node_kind":"transformer","node":"tx","accuracy_class":"1"}`)
	if made.Code != http.StatusCreated {
		t.Fatalf("register: %d %s", made.Code, made.Body)
	}
	at := w.clock.Now().UTC().Format("2006-01-02T15:04:05Z")
	body := `{"at":"` + at + `","new_serial":"S2","final_kwh":1200.5,"first_kwh":0.3,"old_seals":"A","new_seals":"B","act":"17/2026"}`
	wrong := clerk("POST", "/v1/meters/M1/exchange", body, "If-Match", `"9"`, "Idempotency-Key", "x0")
	if wrong.Code != http.StatusConflict && wrong.Code != http.StatusPreconditionFailed {
		t.Errorf("another version: %d %s", wrong.Code, wrong.Body)
	}
	first := clerk("POST", "/v1/meters/M1/exchange", body, "If-Match", `"1"`, "Idempotency-Key", "x1")
	again := clerk("POST", "/v1/meters/M1/exchange", body, "If-Match", `"1"`, "Idempotency-Key", "x1")
	if first.Code != http.StatusCreated || again.Body.String() != first.Body.String() {
		t.Fatalf("got %d %s, and again %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	if got := clerk("POST", "/v1/meters/M1/exchange", `{"at":"`+at+`","final_kwh":1,"first_kwh":1,"new_seals":"B","act":"1"}`); got.Code/100 != 4 || !strings.Contains(got.Body.String(), "/new_serial") {
		t.Errorf("nothing is exchanged: %d %s", got.Code, got.Body)
	}
	list := clerk("GET", "/v1/meters/M1/exchanges", "").Body.String()
	if strings.Count(list, `"kind":"meter"`) != 1 || !strings.Contains(list, `"final_kwh":1200.5`) {
		t.Errorf("the exchanges: %s", list)
	}
	if got := clerk("GET", "/v1/meters/M1", "").Body.String(); !strings.Contains(got, `"serial":"S2"`) || !strings.Contains(got, `"version":2`) {
		t.Errorf("the meter: %s", got)
	}
}

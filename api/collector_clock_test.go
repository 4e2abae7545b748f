package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

func TestCollectorClock_IsSeenOnTheSpoolsListAndInTheMetrics(t *testing.T) {
	w := newWhole(t)
	clerk, collector := w.asked(t, models.RoleClerk), w.asked(t, models.RoleCollector)
	report := ReportsOf("ps12", nil)
	report.Spool = SpoolReportOf(metering.SpoolReport{Collector: "ps12", Quota: 1000})
	body, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	said := func(clock string) *httptest.ResponseRecorder {
		return collector("POST", "/v1/collectors/reports", string(body), "Collector-Clock", clock)
	}
	if got := said(w.now().Add(-45 * time.Second).Format(time.RFC3339Nano)); got.Code != http.StatusOK {
		t.Fatalf("report: %d %s", got.Code, got.Body)
	}
	spools := clerk("GET", "/v1/collectors/spools", "").Body.String()
	if !strings.Contains(spools, `"level":"alarm","reasons":["clock"]`) || !strings.Contains(spools, `"clock_offset_s":-45`) {
		t.Errorf("the spools: %s", spools)
	}
	_, rest, found := strings.Cut(clerk("GET", "/metrics", "").Body.String(), "\nrigistry_collector_clock_offset_seconds{collector=\"")
	if line, _, _ := strings.Cut(rest, "\n"); !found || !strings.Contains(line, "} -45") {
		t.Errorf("the metrics say %q", line)
	}
	if got := said("noon"); got.Code != http.StatusUnprocessableEntity && got.Code != http.StatusBadRequest {
		t.Errorf("a clock that is no time: %d %s", got.Code, got.Body)
	}
	batch := `{"collector":"ps12","sequence":1,"readings":[]}`
	got := collector("POST", "/v1/readings/batches", batch, "Collector-Clock", "2026-09-01T06:00:00Z")
	var answer ReadingBatchAnswer
	if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil || got.Code/100 != 2 || answer.ServerTime.IsZero() {
		t.Errorf("the server does not say its own time: %d %s (%v)", got.Code, got.Body, err)
	}
}

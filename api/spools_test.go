package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

func TestSpools_AnAlarmIsSeenOnItsListInTheMetricsAndAsDegradedInReadiness(t *testing.T) {
	w := newWhole(t)
	clerk, collector, anyone := w.asked(t, models.RoleClerk), w.asked(t, models.RoleCollector), w.asked(t, models.RoleApplicant)
	ready := func() (out ReadyWire, part PartWire) {
		t.Helper()
		got := anyone("GET", "/readyz", "")
		if err := json.Unmarshal(got.Body.Bytes(), &out); err != nil {
			t.Fatal(err)
		}
		for _, p := range out.Parts {
			if p.Name == "collectors" {
				return out, p
			}
		}
		t.Fatalf("no part tells of the collectors: %s", got.Body)
		return out, part
	}
	send := func(r metering.SpoolReport) {
		t.Helper()
		said := ReportsOf(r.Collector, nil)
		said.Spool = SpoolReportOf(r)
		body, err := json.Marshal(said)
		if err != nil {
			t.Fatal(err)
		}
		if got := collector("POST", "/v1/collectors/reports", string(body)); got.Code != http.StatusOK {
			t.Fatalf("report: %d %s", got.Code, got.Body)
		}
	}
	send(metering.SpoolReport{Collector: "ps12", Quota: 1000, Held: 100, Batches: 2, Oldest: time.Second})
	calm, part := ready()
	if !part.OK || part.Degraded || part.Detail != "1 report their spools" {
		t.Errorf("all is well: %+v", part)
	}
	if got := clerk("GET", "/v1/collectors/spools", "").Body.String(); !strings.Contains(got, `"level":"ok","reasons":[],"percent":10,`) {
		t.Errorf("the spools: %s", got)
	}
	send(metering.SpoolReport{Collector: "ps12", Quota: 1000, Held: 855, Batches: 40, Oldest: 20 * time.Minute, Refused: 1, Why: "too large"})
	alarmed, part := ready()
	if !part.OK || !part.Degraded || alarmed.Ready != calm.Ready || strings.Contains(part.Detail, "ps12") || !strings.Contains(part.Detail, "1 in alarm, 0 to look after") {
		t.Errorf("in alarm: %+v, ready %v; want it degraded, as ready as before (%v), and no name", part, alarmed.Ready, calm.Ready)
	}
	spools := clerk("GET", "/v1/collectors/spools", "").Body.String()
	for _, want := range []string{`"level":"alarm","reasons":["full","old","refused"]`, `"percent":85.5`, `"oldest_s":1200`, `"refused":1,"why":"too large"`} {
		if !strings.Contains(spools, want) {
			t.Errorf("the spools lack %s: %s", want, spools)
		}
	}
	metrics := clerk("GET", "/metrics", "").Body.String()
	for name, want := range map[string]string{"percent": "85.5", "oldest_seconds": "1200", "batches": "40", "refused_batches": "1", "missing_batches": "0", "level": "2"} {
		series := "rigistry_spool_" + name + `{collector="`
		_, rest, found := strings.Cut(metrics, "\n"+series)
		line, _, _ := strings.Cut(rest, "\n")
		if !found || !strings.HasSuffix(line, "} "+want) {
			t.Errorf("%s is %q, want %s", series, line, want)
		}
	}
	bad := `{"collector":"ps12","units":[],"spool":{"quota_bytes":0,"held_bytes":0,"batches":0,"oldest_s":0,"refused":0}}`
	if got := collector("POST", "/v1/collectors/reports", bad); got.Code/100 != 4 || !strings.Contains(got.Body.String(), "/spool/quota_bytes") {
		t.Errorf("no quota: %d %s", got.Code, got.Body)
	}
}

package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rigistry/api"
	"rigistry/models"
	"rigistry/services/metering"
)

func TestAdopted_OnlyMetersOfItsOwnLinksAreReadAndTheFileHasTheLastWord(t *testing.T) {
	own := models.Meter{ID: "A", Code: "A", URL: "tcp://10.0.0.1:502", Unit: 1, Profile: "eastron/sdm630"}
	bound := collectMeter{Code: "B", URL: "tcp://10.0.0.2:502", Unit: 7, Profile: "abb/b23", IntervalS: 10}.meter()
	var read []models.Meter
	a := &adopted{file: filepath.Join(t.TempDir(), "commissioned.json"), own: []models.Meter{own}, allowed: []string{own.URL, "tcp://10.0.0.2:502"},
		replace: func(m []models.Meter) { read = m }, log: slog.New(slog.DiscardHandler)}
	foreign, again := bound, own
	foreign.Code, foreign.URL, again.Unit = "C", "tcp://10.0.0.3:502", 9
	a.adopt([]models.Meter{again, bound, foreign})
	if len(read) != 2 || read[0].Unit != 1 || read[1].Code != "B" {
		t.Errorf("got %+v; want the meter of the file as the file has it, the one that was bound, and not one of a foreign link", read)
	}
	read = nil
	a.adopt([]models.Meter{again, bound})
	if read != nil {
		t.Error("the same meters again disturbed the polling")
	}
	next := &adopted{file: a.file, own: a.own}
	if got, err := next.recall(); err != nil || len(got) != 2 || got[1] != bound {
		t.Errorf("after a start without the server: got %+v, %v", got, err)
	}
	a.adopt(nil)
	if len(read) != 1 || read[0].Code != "A" {
		t.Errorf("got %+v; want only the file's when nothing is bound any more", read)
	}
}

func TestUplinkDesk_CarriesAJobAndItsAnswerAndTellsARefusal(t *testing.T) {
	var answered api.WorkAnswerWire
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case strings.HasSuffix(r.URL.Path, "/token"):
			_, _ = w.Write([]byte(`{"access_token": "t", "expires_in": 600}`))
		case strings.HasSuffix(r.URL.Path, "/answer"):
			if err := json.Unmarshal(body, &answered); err != nil {
				t.Error(err)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(`{"detail": "No."}`))
		case r.URL.Path == "/v1/collectors/jobs":
			_, _ = w.Write([]byte(`{"job": {"id": "j", "lease": "l", "task": "scan", "endpoint": "tcp://a:1", "units": [1, 7]}, "meters": [{"code": "B", "url": "tcp://a:1", "unit": 7, "interval_s": 10}]}`))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	d := uplinkDesk{newUplink(collectConfig{Server: server.URL, ClientID: "i"}, "s", time.Now), "edge"}
	ctx := context.Background()
	offer, err := d.Take(ctx, nil)
	if err != nil || offer.Job == nil || offer.Job.Lease != "l" || len(offer.Job.Units) != 2 || len(offer.Meters) != 1 || offer.Meters[0].PollInterval != 10*time.Second {
		t.Fatalf("got %+v, %v", offer, err)
	}
	power := int64(1500)
	found := metering.CommissionAnswer{Scan: &metering.ScanResult{Units: []metering.ScannedUnit{{Found: metering.Found{Unit: 7,
		Proposals: []metering.Proposal{{Profile: "abb/b23", Why: []string{"identity"}, Values: 3, Of: 4, Power: &power, Identity: true}}}}}}}
	if err := d.Answer(ctx, offer.Job, found); err != nil {
		t.Fatal(err)
	}
	if s := answered.Scan; answered.Lease != "l" || s == nil || s.Units[0].Unit != 7 || s.Units[0].Proposals[0].Profile != "abb/b23" || *s.Units[0].Proposals[0].PowerW != power {
		t.Errorf("the server was told %+v", answered)
	}
	for code, forGood := range map[int]bool{409: true, 404: true, 503: false} {
		status = code
		err := d.Answer(ctx, offer.Job, found)
		_, refused := err.(*metering.RefusedError) //nolint:errorlint // exactly this
		if refused != forGood || err == nil {
			t.Errorf("%d: got %v, refused for good %v", code, err, refused)
		}
	}
}

package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

func TestRatios_WhatAMeterToldOtherwiseIsListed(t *testing.T) {
	w := newWhole(t)
	clerk := w.asked(t, models.RoleClerk)
	made := clerk("POST", "/v1/meters", `{"code":"M1","serial":"S1","profile":"acrel/adl3000","url":"tcp://10.0.0.1:502","unit":1,"role":"revenue","node_kind":"transformer","node":"tx","accuracy_class":"1"}`)
	if made.Code != http.StatusCreated {
		t.Fatalf("register: %d %s", made.Code, made.Body)
	}
	if got := clerk("GET", "/v1/meters/M1/ratios", ""); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"items":[]`) {
		t.Errorf("before any reading: %d %s", got.Code, got.Body)
	}
	b := metering.Batch{Collector: "edge", Sequence: 1}
	for i, ct := range []int64{40, 40, 100} {
		r := models.Reading{Meter: "M1", At: w.clock.Now().Add(time.Duration(i-5) * time.Minute)}
		r.Values.Set(models.QPTotal, 6000)
		r.Values.Set(models.QCTRatio, ct*1000)
		b.Readings = append(b.Readings, r)
	}
	if _, err := w.svc.Metering.Ingest(t.Context(), models.System(), b); err != nil {
		t.Fatal(err)
	}
	got := clerk("GET", "/v1/meters/M1/ratios", "").Body.String()
	if !strings.Contains(got, `"ct_from":40,"ct_to":100}`) || strings.Count(got, "recorded_at") != 1 {
		t.Errorf("the changes: %s", got)
	}
}

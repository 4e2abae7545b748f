package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rigistry/api"
	"rigistry/services/metering"
)

func TestUplink_TellsOfTheSpoolOnceAlsoWithoutMeters(t *testing.T) {
	for meters, requests := range map[int]int{0: 1, 1: 1, reportMost + 1: 2} {
		var got []api.ReportsInput
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/token") {
				_, _ = w.Write([]byte(`{"access_token": "t", "expires_in": 600}`))
				return
			}
			var said api.ReportsInput
			if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
				t.Error(err)
			}
			got = append(got, said)
			_, _ = w.Write([]byte(`{"kept": 0}`))
		}))
		units := make([]metering.UnitHealth, meters)
		for i := range units {
			units[i].Code = fmt.Sprintf("M%d", i)
		}
		u := newUplink(collectConfig{Server: server.URL, ClientID: "i"}, "s", time.Now)
		held := metering.SpoolReport{Collector: "edge", Quota: 900, Held: 450, Batches: 3, Oldest: 90 * time.Second, Refused: 2, Why: "too large"}
		if err := u.report(context.Background(), held, units); err != nil {
			t.Fatal(err)
		}
		server.Close()
		told, spools := 0, 0
		for _, said := range got {
			told += len(said.Units)
			if said.Spool != nil {
				spools++
				if want := *api.SpoolReportOf(held); *said.Spool != want || said.Collector != "edge" || want.OldestS != 90 {
					t.Errorf("got %+v, want %+v", *said.Spool, want)
				}
			}
		}
		if len(got) != requests || told != meters || spools != 1 {
			t.Errorf("%d meters: %d requests with %d meters and %d spools, want %d with each meter and one", meters, len(got), told, spools, requests)
		}
	}
}

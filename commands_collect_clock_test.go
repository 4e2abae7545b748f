package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

// uplinkTo makes an uplink to a server that takes tokens for granted; its clock shows what
// now gives.
func uplinkTo(t *testing.T, now func() time.Time, batches http.HandlerFunc) *uplink {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/token") {
			_, _ = w.Write([]byte(`{"access_token": "t", "expires_in": 600}`))
			return
		}
		batches(w, r)
	}))
	t.Cleanup(server.Close)
	return newUplink(collectConfig{Server: server.URL, ClientID: "i"}, "s", now)
}

func TestUplink_SaysWhatItsClockShowsAndTellsOnceWhenItIsOff(t *testing.T) {
	right := time.Date(2026, 9, 1, 6, 0, 0, 0, time.UTC)
	own := right.Add(3 * time.Second)
	shown := ""
	u := uplinkTo(t, func() time.Time { return own }, func(w http.ResponseWriter, r *http.Request) {
		shown = r.Header.Get("Collector-Clock")
		_ = json.NewEncoder(w).Encode(map[string]any{"server_time": right})
	})
	var log bytes.Buffer
	u.clock.log = slog.New(slog.NewTextHandler(&log, nil))
	send := func() {
		t.Helper()
		if err := u.send(context.Background(), metering.Batch{Collector: "c", Sequence: 1}); err != nil {
			t.Fatal(err)
		}
	}
	send()
	send()
	if shown != own.Format(time.RFC3339Nano) {
		t.Errorf("the batch says %q, want %v", shown, own)
	}
	if n := strings.Count(log.String(), "clock is off"); n != 1 || !strings.Contains(log.String(), "ahead=3s") {
		t.Errorf("told %d times, want once: %s", n, log.String())
	}
	own = right.Add(2 * time.Second)
	send()
	send()
	if n := strings.Count(log.String(), "right again"); n != 1 {
		t.Errorf("told %d times that it is right again, want once: %s", n, log.String())
	}
}

func TestUplink_ABatchIsTakenWhateverTheServerSaysOfItsClock(t *testing.T) {
	for _, answer := range []string{"", "{}", `{"server_time": "noon"}`, "<html>"} {
		u := uplinkTo(t, time.Now, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) })
		if err := u.send(context.Background(), metering.Batch{Collector: "c", Sequence: 1}); err != nil {
			t.Errorf("%q: %v; want it taken", answer, err)
		}
	}
}

// oldServer takes batches as it was before registers and sources: it refuses fields that
// it does not know, as every server does.
func oldServer(taken *[]string, refused *int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Collector string            `json:"collector"`
			Sequence  int64             `json:"sequence"`
			Readings  []json.RawMessage `json:"readings"`
		}
		d := json.NewDecoder(r.Body)
		d.DisallowUnknownFields()
		err := d.Decode(&body)
		for _, reading := range body.Readings {
			if bytes.Contains(reading, []byte(`"source"`)) || bytes.Contains(reading, []byte(`"registers"`)) {
				err = errors.New("unknown field")
			}
			*taken = append(*taken, string(reading))
		}
		if err != nil {
			*taken = (*taken)[:max(0, len(*taken)-len(body.Readings))]
			*refused++
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = w.Write([]byte(`{"detail": "There is a field that is not known."}`))
		}
	}
}

func TestUplink_AServerThatKnowsNoRegistersGetsTheBatchWithoutThemAndLaterIsTriedAgain(t *testing.T) {
	now := time.Date(2026, 9, 1, 6, 0, 0, 0, time.UTC)
	var taken []string
	refused := 0
	u := uplinkTo(t, func() time.Time { return now }, oldServer(&taken, &refused))
	b := metering.Batch{Collector: "c", Sequence: 7, Readings: []models.Reading{{Meter: "M1", At: now, Source: models.SourceModbus}}}
	b.Readings[0].Values.Set(models.QPTotal, 1500)
	send := func(what string, wantTaken, wantRefused int) {
		t.Helper()
		if err := u.send(context.Background(), b); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if len(taken) != wantTaken || refused != wantRefused {
			t.Fatalf("%s: %d taken and %d refused, want %d and %d", what, len(taken), refused, wantTaken, wantRefused)
		}
	}
	send("the first batch", 1, 1)
	if !strings.Contains(taken[0], `"p_total":1500`) || strings.Contains(taken[0], "source") {
		t.Errorf("it took %s", taken[0])
	}
	send("the next batch, without asking", 2, 1)
	now = now.Add(bareFor + time.Second)
	send("an hour later, for it may be a new one", 3, 2)
	if b.Readings[0].Source != models.SourceModbus {
		t.Error("the batch itself was changed: a spool that sends it again would have lost its sources")
	}
	// What is refused also without them is refused for good, and tells nothing of its age.
	u = uplinkTo(t, func() time.Time { return now }, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnprocessableEntity) })
	var forGood *metering.RefusedError
	if err := u.send(context.Background(), b); !errors.As(err, &forGood) || !u.bare.IsZero() {
		t.Errorf("got %v and bare until %v; want it refused for good, and registers sent again", err, u.bare)
	}
}

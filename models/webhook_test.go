package models

import (
	"testing"
	"time"
)

func TestWebhook_RetriesByTheTableStepsAsideAndRaisesTheAlarmButNeverStops(t *testing.T) {
	at := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	w, m := Webhook{State: WebhookActive}, WebhookMessage{State: MessageWaiting}
	waits := []time.Duration{5 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
	died := 0
	for i, wait := range waits {
		var change WebhookChange
		w, m, change = w.After(m, WebhookAttempt{Number: int64(i + 1), At: at, Status: 503}, 0)
		if m.State != MessageWaiting || !m.Next.Equal(at.Add(wait)) {
			t.Fatalf("after attempt %d: %s, next in %v, want waiting, next in %v", i+1, m.State, m.Next.Sub(at), wait)
		}
		if most := at.Add(5 * time.Minute); w.Resume.After(most) || w.State != WebhookActive {
			t.Errorf("after attempt %d the endpoint is %s and rests until %v: it is probed after five minutes at most and never switched off", i+1, w.State, w.Resume.Sub(at))
		}
		if change == WebhookDied {
			died++
			if i+1 != 4 {
				t.Errorf("the alarm came with failure %d, want 4", i+1)
			}
		}
		at = at.Add(wait)
	}
	w, m, _ = w.After(m, WebhookAttempt{Number: WebhookAttempts(), At: at, Status: 503}, 0)
	if m.State != MessageFailed || died != 1 || w.Alarm.IsZero() {
		t.Errorf("after the last attempt: %s, %d alarms, alarm at %v", m.State, died, w.Alarm)
	}
	w, m, change := w.After(WebhookMessage{State: MessageWaiting}, WebhookAttempt{Number: 1, At: at, Status: 204}, 0)
	if change != WebhookRecovered || m.State != MessageDelivered || w.Failures != 0 || !w.Alarm.IsZero() || !w.Resume.IsZero() {
		t.Errorf("a taken message leaves %+v, %v", w, change)
	}
	if _, _, change := w.After(m, WebhookAttempt{Number: 1, At: at, Status: 410}, 0); change != WebhookDied {
		t.Error("410 raised no alarm at once")
	}
	if _, m, _ := w.After(WebhookMessage{}, WebhookAttempt{Number: 2, At: at}, 1); m.Next.Sub(at) != 66*time.Second {
		t.Errorf("the most jitter makes a minute %v, want 66 s", m.Next.Sub(at))
	}
}

func TestWebhook_OnlyWholeSafeAddressesAndKindsAreTaken(t *testing.T) {
	plain := func(host string) bool { return host == "127.0.0.1" }
	for url, good := range map[string]bool{
		"https://gate.example.kz/hook": true, "https://gate.example.kz:8443/a?b=c": true, "http://127.0.0.1:9/": true,
		"http://gate.example.kz/": false, "ftp://x/": false, "https:///x": false, "https://u:p@x/": false, "https://x/#f": false, "": false, "https:x": false, "//x": false,
	} {
		if err := (Webhook{URL: url}).Check(plain); (err == nil) != good {
			t.Errorf("%q: %v, want good=%v", url, err, good)
		}
	}
	for kind, good := range map[string]bool{"license.suspended": true, "license.": true, "license": false, "": false, "License.x": false, ".x": false} {
		if err := (Webhook{URL: "https://x.kz/", Kinds: []string{kind}}).Check(plain); (err == nil) != good {
			t.Errorf("kind %q: %v, want good=%v", kind, err, good)
		}
	}
	w := Webhook{Kinds: []string{"license.", "order.issued"}}
	for kind, want := range map[string]bool{"license.suspended": true, "order.issued": true, "order.closed": false} {
		if w.Wants(kind) != want {
			t.Errorf("wants %s: %v", kind, !want)
		}
	}
}

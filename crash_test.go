package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"sync"
	"testing"
	"time"
)

const (
	crashWriters = 4
	crashAfter   = 60 // acknowledged writes before the kill
)

// writeUntilKilled registers parties from several sessions and kills the process
// once enough were acknowledged, while others are under way. It gives the ids
// that were acknowledged.
func writeUntilKilled(t *testing.T, srv *server) []string {
	t.Helper()
	var (
		mu  sync.Mutex
		ids []string
		wg  sync.WaitGroup
	)
	clients := make([]*http.Client, crashWriters) // all signed in before the first write
	for w := range clients {
		clients[w] = crashSession(t, srv)
	}
	for w, client := range clients {
		wg.Go(func() {
			for n := 0; ; n++ {
				id, err := registerParty(client, srv.url, w*100000+n)
				if err != nil {
					return // killed
				}
				mu.Lock()
				ids = append(ids, id)
				enough := len(ids) >= crashAfter
				mu.Unlock()
				if enough {
					_ = srv.process.Process.Kill()
				}
			}
		})
	}
	wg.Wait()
	srv.kill()
	return ids
}

func crashSession(t *testing.T, srv *server) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: 20 * time.Second}
	user := srv.user(t, "clerk")
	body, err := json.Marshal(map[string]string{"login": user.Login, "password": user.Password})
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Post(srv.url+"/v1/session", "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("sign in: %s", res.Status)
	}
	return client
}

func registerParty(client *http.Client, base string, n int) (id string, err error) {
	body, err := json.Marshal(map[string]any{"bin_or_iin": testBIN(n), "kind": "legal_entity", "name_kk": fmt.Sprintf("Сынақ %d ЖШС", n),
		"name_ru": fmt.Sprintf("ТОО Проба %d", n), "size": "medium", "resident": true, "address": "Павлодар", "kato": "551010000"})
	if err != nil {
		return "", err
	}
	res, err := client.Post(base+"/v1/parties", "application/json", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	var answer struct {
		ID     string `json:"id"`
		Detail string `json:"detail"`
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("%s: %s", res.Status, answer.Detail)
	}
	return answer.ID, nil
}

// testBIN makes the n-th valid BIN of a series: 0501 40 + serial + check digit.
func testBIN(n int) string {
	for serial := n; ; serial += 7919 { // a few numbers have no check digit; try another
		digits := fmt.Sprintf("050140%05d", serial%100000)
		if serial >= 100000 {
			digits = fmt.Sprintf("0%d0140%05d", 6+serial/100000, serial%100000)
		}
		for _, shift := range []int{0, 2} {
			sum := 0
			for i := range 11 {
				sum += int(digits[i]-'0') * ((i+shift)%11 + 1)
			}
			if sum%11 < 10 {
				return digits + fmt.Sprint(sum%11)
			}
		}
	}
}

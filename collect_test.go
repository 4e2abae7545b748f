package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/simulator"
	"rigistry/services/store"
)

// edge is a collector that runs in this process against a demonstration.
type edge struct {
	t      *testing.T
	config string
	data   string
	meter  models.Meter
	stop   context.CancelFunc
	done   chan int
}

func newEdge(t *testing.T) *edge {
	dir := t.TempDir()
	return &edge{t: t, config: filepath.Join(dir, "collect.json"), data: filepath.Join(dir, "edge")}
}

// simulate serves the meters of a demonstration's grid from this process, so that
// they outlive its server.
func (e *edge) simulate(srv *server) {
	e.t.Helper()
	text, err := os.ReadFile(filepath.Join(srv.data, "demo", "grid.json"))
	if err != nil {
		e.t.Fatal(err)
	}
	grid, err := simulator.ParseGrid(text)
	if err != nil {
		e.t.Fatal(err)
	}
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		e.t.Fatal(err)
	}
	world, err := simulator.New(grid, profiles.All())
	if err != nil {
		e.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	meters, err := simulator.Listen(ctx, world, time.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		e.t.Fatal(err)
	}
	if _, err := meterCertificates(filepath.Join(srv.data, "demo", "meters")).serveSecure(meters, time.Now()); err != nil {
		e.t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- meters.Run(ctx) }()
	e.t.Cleanup(func() { stop(); <-ended })
	e.meter = meters.Meters()[0]
}

// start points the collector at the server and at one simulated meter.
func (e *edge) start(srv *server) {
	e.t.Helper()
	meter := e.meter
	client := srv.client(e.t, "collector")
	secret := e.config + ".secret"
	config, err := json.Marshal(collectConfig{Server: srv.url, Collector: "ps12", ClientID: client.ID, SecretFile: secret,
		Meters: []collectMeter{{Code: meter.Code, Profile: meter.Profile, URL: meter.URL, Unit: meter.Unit, IntervalS: 1}}})
	if err != nil {
		e.t.Fatal(err)
	}
	for file, content := range map[string][]byte{e.config: config, secret: []byte(client.Secret + "\n")} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			e.t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	e.stop, e.done = stop, make(chan int, 1)
	go func() {
		e.done <- run(ctx, []string{"collect", "--config", e.config, "--data", e.data}, nil, io.Discard, os.Stderr, time.Now)
	}()
}

func (e *edge) halt() {
	e.t.Helper()
	e.stop()
	select {
	case code := <-e.done:
		if code != exitDone {
			e.t.Errorf("the collector ended with %d, want %d", code, exitDone)
		}
	case <-time.After(10 * time.Second):
		e.t.Fatal("the collector did not end within ten seconds")
	}
}

// depth is how many batches wait in the spool.
func (e *edge) depth() int64 {
	e.t.Helper()
	s, err := store.Open(context.Background(), "sqlite:"+filepath.Join(e.data, "spool.db"), time.Now)
	if err != nil {
		e.t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	n, err := metering.NewSpool(s, "ps12", nil, slog.New(slog.DiscardHandler)).Depth(context.Background())
	if err != nil {
		e.t.Fatal(err)
	}
	return n
}

func (e *edge) until(what string, holds func() bool) {
	e.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !holds(); time.Sleep(100 * time.Millisecond) { // polls an event with a deadline
		if time.Now().After(deadline) {
			e.t.Fatalf("waited a minute in vain until %s", what)
		}
	}
}

// batchesOf counts the batches of the edge collector that the server's ledger has.
func batchesOf(t *testing.T, srv *server) int {
	s := &script{t: t, server: srv, vars: map[string]string{}, headers: map[string]string{}}
	s.signIn("auditor")
	n := 0
	for path := "/v1/ledger/entries?limit=1000"; ; {
		s.send("GET", path)
		for _, v := range s.values("items.*.body.collector") {
			if v == "ps12" {
				n++
			}
		}
		next := s.values("next")
		if len(next) == 0 || len(s.values("items.*")) == 0 {
			return n
		}
		path = "/v1/ledger/entries?limit=1000&after=" + plain(next[0])
	}
}

func TestCollect_SpoolsWhileTheServerIsGoneAndDeliversWhenItIsBack(t *testing.T) {
	data := t.TempDir()
	first, e := startDemo(t, data, ""), newEdge(t)
	e.simulate(first)
	e.start(first)
	e.until("the server has taken a batch", func() bool { return batchesOf(t, first) > 1 })
	before := batchesOf(t, first)

	first.kill()
	e.until("batches wait in the spool", func() bool { return e.depth() > 2 })
	e.halt()
	waiting := e.depth()
	if waiting == 0 {
		t.Fatal("the spool is empty after the collector ended: what it held is lost")
	}

	second := startDemo(t, data, "", "--keep")
	e.start(second)
	e.until("the spool has drained", func() bool { return int64(batchesOf(t, second)) >= int64(before)+waiting })
	e.halt()
}

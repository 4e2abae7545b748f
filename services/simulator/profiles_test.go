package simulator_test

import (
	"context"
	"io"
	"log/slog"
	"math"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"rigistry/models"
	"rigistry/services/metering"
	"rigistry/services/simulator"
)

// The collector's own reader asks every meter of the demo's substation through
// its shipped profile, over sockets, and must see what the world draws.
func TestServer_EveryMeterReadsBackThroughItsProfile(t *testing.T) {
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		t.Fatal(err)
	}
	g := simulator.DefaultGrid(3, start)
	for i := range g.Endpoints {
		g.Endpoints[i].DelayMS, g.Endpoints[i].DropEvery = 0, 0
	}
	w, err := simulator.New(g, profiles.All())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	at := start.Add(10*24*time.Hour + 15*time.Hour)
	s, err := simulator.Listen(ctx, w, func() time.Time { return at }, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run ended with %v", err)
		}
	}()
	used := map[string]bool{}
	var group errgroup.Group
	for _, m := range s.Meters() {
		used[m.Profile] = true
		dead := m.Code == "M-PS12-F02-CP005" || m.Code == "M-PS12-F03-CP001-PDU4" || m.Role == models.MeterCheck
		group.Go(func() error {
			timeout := 5 * time.Second
			if dead {
				timeout = 100 * time.Millisecond
			}
			rows, err := metering.ReadOnce(ctx, m.URL, m.Unit, m.Profile, timeout)
			if dead {
				if err == nil {
					t.Errorf("%s is dead and gave %d rows", m.Code, len(rows))
				}
				return nil
			}
			if err != nil {
				t.Errorf("%s (%s): %v", m.Code, m.Profile, err)
				return nil
			}
			want, _ := w.Power(m.Node.ID, at)
			for _, r := range rows {
				if !r.Quality.Usable() || r.Value == nil {
					t.Errorf("%s (%s): %s is %s", m.Code, m.Profile, r.Quantity, r.Quality)
					continue
				}
				if r.Quantity == models.QPTotal && math.Abs(*r.Value-want) > 0.02*want+10 {
					t.Errorf("%s (%s): %.0f W, the world draws %.0f", m.Code, m.Profile, *r.Value, want)
				}
				if r.Quantity == models.QEImport && *r.Value < 4e6 {
					t.Errorf("%s (%s): register %.0f Wh", m.Code, m.Profile, *r.Value)
				}
			}
			return nil
		})
	}
	_ = group.Wait() // the functions report by themselves
	if len(used) < 6 {
		t.Errorf("only %d profiles are in use", len(used))
	}
}

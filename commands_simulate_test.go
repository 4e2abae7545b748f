package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rigistry/services/simulator"
)

// stopWhen ends a context once a text was written.
type stopWhen struct {
	bytes.Buffer
	text string
	stop context.CancelFunc
}

func (w *stopWhen) Write(p []byte) (int, error) {
	n, err := w.Buffer.Write(p)
	if strings.Contains(w.String(), w.text) {
		w.stop()
	}
	return n, err
}

func TestSimulate_WritesGridAndTruthServesAndGoesOnWithTheSameWorld(t *testing.T) {
	dir := t.TempDir()
	grid, truth := filepath.Join(dir, "grid.json"), filepath.Join(dir, "truth.json")
	now := func() time.Time { return time.Date(2026, 5, 20, 9, 0, 0, 0, time.UTC) }
	var first []byte
	for range 2 {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		out := &stopWhen{text: "meters are served", stop: cancel}
		var errs bytes.Buffer
		if code := run(ctx, []string{"simulate", "--grid", grid, "--truth", truth}, strings.NewReader(""), out, &errs, now); code != exitDone {
			t.Fatalf("exit %d: %s", code, errs.String())
		}
		if !strings.Contains(out.String(), "M-PS12-F02-CP002") || !strings.Contains(out.String(), "tcp://127.0.0.1:") {
			t.Errorf("the output names no meter and address:\n%s", out.String())
		}
		data, err := os.ReadFile(grid)
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !bytes.Equal(first, data) {
			t.Error("the grid file changed")
		}
		first = data
	}
	if _, err := simulator.ParseGrid(first); err != nil {
		t.Error(err)
	}
	told, err := os.ReadFile(truth)
	if err != nil || !bytes.Contains(told, []byte(`"unlicensed_draw"`)) {
		t.Errorf("truth (%v): %s", err, told)
	}
	if err := os.WriteFile(grid, []byte(`{"seed": 1, "surprise": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"simulate", "--grid", grid, "--truth", truth}, strings.NewReader(""), &out, &errs, now); code != exitUsage || !strings.Contains(errs.String(), "surprise") {
		t.Errorf("a broken grid file gave exit %d: %s", code, errs.String())
	}
}

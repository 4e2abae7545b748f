package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"rigistry/api"
	"rigistry/services/metering"
)

// How often an edge collector tells the server how its polling goes, and about how many
// meters at once. What is not told is asked for by nobody: readings go by the spool.
const (
	reportEvery = 30 * time.Second
	reportMost  = 2000
)

// reportUnits tells the server how the polling goes until ctx ends. A server that does
// not take it is told again the next time.
func (u *uplink) reportUnits(ctx context.Context, collector string, health func() []metering.UnitHealth, log *slog.Logger) error {
	timer := time.NewTimer(reportEvery / 6)
	defer timer.Stop()
	failed := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
			timer.Reset(reportEvery)
		}
		err := u.report(ctx, collector, health())
		if err != nil && !failed && ctx.Err() == nil {
			log.Warn("the server was not told how the polling goes", "error", err)
		}
		failed = err != nil
	}
}

func (u *uplink) report(ctx context.Context, collector string, units []metering.UnitHealth) error {
	for part := range slices.Chunk(units, reportMost) {
		body, err := json.Marshal(api.ReportsOf(collector, part))
		if err != nil {
			return err
		}
		if err := u.post(ctx, "/v1/collectors/reports", body, nil); err != nil {
			return err
		}
	}
	return nil
}

// post sends JSON to a path of the server and reads the answer, if it is wanted.
func (u *uplink) post(ctx context.Context, path string, body []byte, answer any) error {
	token, err := u.bearer(ctx)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.server+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	return u.exchange(req, answer)
}

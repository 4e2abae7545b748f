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

// reportUnits tells the server how the polling and the spool do until ctx ends. A server that does
// not take it is told again the next time.
func (u *uplink) reportUnits(ctx context.Context, spool *metering.Spool, health func() []metering.UnitHealth, log *slog.Logger) error {
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
		held, err := spool.Report(ctx)
		if err == nil {
			err = u.report(ctx, held, health())
		}
		if err != nil && !failed && ctx.Err() == nil {
			log.Warn("the server was not told how the polling goes", "error", err)
		}
		failed = err != nil
	}
}

// report sends what there is to say of the spool with the first part of the meters, also
// when there are none.
func (u *uplink) report(ctx context.Context, held metering.SpoolReport, units []metering.UnitHealth) error {
	parts := slices.Collect(slices.Chunk(units, reportMost))
	if len(parts) == 0 {
		parts = [][]metering.UnitHealth{nil}
	}
	for i, part := range parts {
		said := api.ReportsOf(held.Collector, part)
		if i == 0 {
			said.Spool = api.SpoolReportOf(held)
		}
		body, err := json.Marshal(said)
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
	u.showClock(req)
	return u.exchange(req, answer)
}

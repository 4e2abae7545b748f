package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"

	"rigistry/api"
	"rigistry/models"
	"rigistry/services/metering"
)

// uplinkDesk is where an edge collector gets its work of commissioning.
type uplinkDesk struct {
	uplink    *uplink
	collector string
}

// Take asks the server for work.
func (d uplinkDesk) Take(ctx context.Context, links []string) (metering.CommissionOffer, error) {
	var out metering.CommissionOffer
	var got api.WorkOfferWire
	if err := d.post(ctx, "", api.WorkAskWire{Collector: d.collector, Endpoints: append([]string{}, links...)}, &got); err != nil {
		return out, err
	}
	if j := got.Job; j != nil {
		out.Job = &models.CommissionJob{ID: j.ID, Lease: j.Lease, Task: models.CommissionTask(j.Task), Collector: d.collector, Endpoint: j.Endpoint, Profile: j.Profile}
		for _, u := range j.Units {
			out.Job.Units = append(out.Job.Units, uint8(u))
		}
	}
	for _, m := range got.Meters {
		out.Meters = append(out.Meters, collectMeter{Code: m.Code, Profile: m.Profile, URL: m.URL, Unit: uint8(m.Unit), Role: models.MeterRole(m.Role),
			IntervalS: m.IntervalS, CTNum: m.CtNum, CTDen: m.CtDen, VTNum: m.VtNum, VTDen: m.VtDen}.meter())
	}
	return out, nil
}

// GoOn tells the server that a job goes on.
func (d uplinkDesk) GoOn(ctx context.Context, job *models.CommissionJob, progress int) error {
	return d.post(ctx, "/"+url.PathEscape(job.ID)+"/progress", api.WorkProgressWire{Collector: d.collector, Lease: job.Lease, Progress: progress}, nil)
}

// Answer hands in what was found.
func (d uplinkDesk) Answer(ctx context.Context, job *models.CommissionJob, a metering.CommissionAnswer) error {
	return d.post(ctx, "/"+url.PathEscape(job.ID)+"/answer", api.WorkAnswerOf(d.collector, job.Lease, a), nil)
}

// post sends to the desk. What the server refuses for good is told as such.
func (d uplinkDesk) post(ctx context.Context, path string, body, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	err = d.uplink.post(ctx, "/v1/collectors/jobs"+path, text, answer)
	var answered *statusError
	if errors.As(err, &answered) && (slices.Contains(refusals, answered.status) || answered.status == http.StatusNotFound) {
		return &metering.RefusedError{Err: err}
	}
	return err
}

// adopted are the meters that a collector reads besides those of its file, because they
// were commissioned for it. They are kept beside the spool, so that it reads them also
// when it begins without the server.
type adopted struct {
	file    string
	own     []models.Meter // of the configuration, which has the last word
	allowed []string       // the links of the configuration
	replace func([]models.Meter)
	log     *slog.Logger

	mu   sync.Mutex
	held []models.Meter
}

// recall reads the meters that were commissioned before and gives all that are to be read.
func (a *adopted) recall() ([]models.Meter, error) {
	text, err := os.ReadFile(a.file)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return a.own, nil
		}
		return nil, err
	}
	var kept []collectMeter
	if err := json.Unmarshal(text, &kept); err != nil {
		return nil, models.Errorf(models.CodeInvalid, "%s: %v. Remove it: the server tells its meters again.", a.file, err)
	}
	for _, m := range kept {
		a.held = append(a.held, m.meter())
	}
	return a.all(), nil
}

// all gives the meters of the file, and those commissioned that it does not name.
func (a *adopted) all() []models.Meter {
	out := slices.Clone(a.own)
	for _, m := range a.held {
		if !slices.ContainsFunc(a.own, func(o models.Meter) bool { return o.Code == m.Code }) {
			out = append(out, m)
		}
	}
	return out
}

// adopt takes the meters that the server names. One at an endpoint that is not the
// collector's is left out, whatever the server says.
func (a *adopted) adopt(meters []models.Meter) {
	a.mu.Lock()
	defer a.mu.Unlock()
	meters = slices.DeleteFunc(slices.Clone(meters), func(m models.Meter) bool {
		return !slices.ContainsFunc(a.allowed, func(e string) bool { return metering.SameLink(e, m.URL) })
	})
	if len(meters) == len(a.held) && (len(meters) == 0 || reflect.DeepEqual(meters, a.held)) {
		return
	}
	a.held = meters
	kept := make([]collectMeter, len(meters))
	for i, m := range meters {
		kept[i] = collectMeterOf(m)
	}
	text, err := json.MarshalIndent(kept, "", " ")
	if err == nil {
		err = writeDurably(a.file, append(bytes.TrimSpace(text), '\n'), 0o600)
	}
	if err != nil {
		a.log.Error("the meters that were commissioned could not be kept for the next start", "file", a.file, "error", err)
	}
	a.log.Info("reads other meters from now on", "commissioned", len(meters))
	a.replace(a.all())
}

func collectMeterOf(m models.Meter) collectMeter {
	return collectMeter{Code: m.Code, Profile: m.Profile, URL: m.URL, Unit: m.Unit, Role: m.Role, IntervalS: int(m.PollInterval.Seconds()),
		CTNum: m.CTNum, CTDen: m.CTDen, VTNum: m.VTNum, VTDen: m.VTDen}
}

// worker makes the part of an edge collector that takes work of commissioning; nil when
// its file does not ask for it.
func (c collectConfig) worker(app *App, u *uplink, collector *metering.Collector) (*metering.Worker, error) {
	if c.Commissioning == nil {
		return nil, nil
	}
	a := &adopted{file: filepath.Join(app.Config.Data, "commissioned.json"), own: c.meters(), allowed: slices.Clone(c.links()), replace: collector.Replace, log: app.Log}
	for _, m := range a.own {
		a.allowed = append(a.allowed, m.URL)
	}
	meters, err := a.recall()
	if err != nil {
		return nil, err
	}
	collector.Replace(meters)
	return &metering.Worker{Collector: collector, Desk: uplinkDesk{u, c.Collector}, Links: *c.Commissioning, Adopt: a.adopt, Log: app.Log}, nil
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
)

// BacktestCmd is `rigistry backtest`: detection over recorded readings, in one
// pass and without a look ahead.
type BacktestCmd struct {
	Topology string `required:"" type:"path" help:"Grid as a registry knows it (JSON)."`
	Readings string `required:"" type:"path" help:"Readings sorted by time: timestamp,meter_id,kw,kwh (CSV, also .gz)."`
	Weather  string `type:"path" help:"Outdoor temperature: timestamp,temp_c (CSV)."`
	Out      string `required:"" type:"path" help:"File to write the alerts to (JSON)."`
	Explain  string `help:"Print what is behind the alerts of a target: a node or a meter."`
	Report   string `type:"path" help:"File to write a report with charts to (HTML)."`

	Parameters      string          `type:"path" help:"Other numbers for the rules: a JSON object of names and numbers. Those that are not named stay as they are."`
	PrintParameters printParameters `help:"Print every number of the rules as such an object, and do nothing else."`
}

// Run reads, detects and writes.
func (c *BacktestCmd) Run(app *App) error {
	topology, err := readTopology(c.Topology)
	if err != nil {
		return err
	}
	if c.Parameters != "" {
		if topology.Parameters, err = readParameters(c.Parameters); err != nil {
			return err
		}
	}
	engine, err := stream.New(topology)
	if err != nil {
		return models.Errorf(models.CodeInvalid, "--topology: %v", err)
	}
	began := app.Now()
	count, err := c.feed(engine, topology.Step)
	if err != nil {
		return err
	}
	took := app.Now().Sub(began)
	alerts := engine.Alerts()
	if err := writeAlerts(c.Out, alerts); err != nil {
		return err
	}
	if c.Report != "" {
		if err := writeBacktestReport(c.Report, alerts, engine.Notices()); err != nil {
			return err
		}
	}
	if c.Explain != "" {
		return c.explain(app, alerts, engine.Notices())
	}
	_, err = fmt.Fprintf(app.Stdout, "%d readings in %.1f s, %d alerts, %d notes on records\n", count, took.Seconds(), len(alerts), len(engine.Notices()))
	return err
}

// topologyFile is the wire form of a grid.
type topologyFile struct {
	Start       time.Time `json:"start"`
	StepMinutes float64   `json:"step_minutes"`
	Nodes       []struct {
		ID                 string  `json:"id"`
		Kind               string  `json:"kind"`
		Parent             string  `json:"parent"`
		KVA                float64 `json:"kva"`
		UnmeteredKW        float64 `json:"unmetered_kw"`
		UnmeteredCustomers int     `json:"unmetered_customers"`
		UnmeteredAvgKW     float64 `json:"unmetered_avg_kw"`
	} `json:"nodes"`
	Meters []struct {
		ID       string `json:"id"`
		Node     string `json:"node"`
		Side     string `json:"side"`
		Tariff   string `json:"tariff"`
		Activity string `json:"declared_activity"`
		Class    string `json:"accuracy_class"`

		Holder     string  `json:"holder"`
		DeclaredKW float64 `json:"declared_kw"`
		CT         float64 `json:"ct_ratio"`
	} `json:"meters"`
	Licenses []struct {
		Node     string    `json:"node"`
		Status   string    `json:"status"`
		Approved float64   `json:"approved_kw"`
		From     time.Time `json:"from"`
	} `json:"licenses"`
	Changes []struct {
		Node      string    `json:"node"`
		From      string    `json:"from_parent"`
		To        string    `json:"to_parent"`
		Effective time.Time `json:"effective"`
		Recorded  time.Time `json:"recorded"`
	} `json:"changes"`
}

func readTopology(path string) (stream.Topology, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return stream.Topology{}, models.Errorf(models.CodeInvalid, "--topology: %v", err)
	}
	var f topologyFile
	if err := json.Unmarshal(data, &f); err != nil {
		return stream.Topology{}, models.Errorf(models.CodeInvalid, "--topology: %v", err)
	}
	t := stream.Topology{Start: f.Start, Step: time.Duration(math.Round(f.StepMinutes*60)) * time.Second}
	for _, n := range f.Nodes {
		t.Nodes = append(t.Nodes, stream.Node{ID: n.ID, Kind: stream.Kind(n.Kind), Parent: n.Parent, KVA: n.KVA, UnmeteredKW: n.UnmeteredKW,
			UnmeteredCustomers: n.UnmeteredCustomers, UnmeteredAvgKW: n.UnmeteredAvgKW})
	}
	for _, m := range f.Meters {
		t.Meters = append(t.Meters, stream.Meter(m))
	}
	for _, l := range f.Licenses {
		t.Licenses = append(t.Licenses, stream.License{Node: l.Node, Status: l.Status, ApprovedKW: l.Approved, From: l.From})
	}
	for _, c := range f.Changes {
		t.Changes = append(t.Changes, stream.Change(c))
	}
	return t, nil
}

// alertFile is the wire form of an alert.
type alertFile struct {
	Target   string     `json:"target"`
	RaisedAt time.Time  `json:"raised_at"`
	Rule     string     `json:"rule"`
	KW       float64    `json:"estimated_kw"`
	Low      float64    `json:"low_kw"`
	High     float64    `json:"high_kw"`
	Score    float64    `json:"score"`
	Tier     string     `json:"tier"`
	Window   windowFile `json:"window"`
	Text     string     `json:"explanation"`
	Refutes  []string   `json:"refutations"`
	Members  []string   `json:"members,omitempty"` // of a group of points
}

type windowFile struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

func writeAlerts(path string, alerts []stream.Alert) error {
	out := make([]alertFile, 0, len(alerts))
	round := func(v float64) float64 { return math.Round(v*1000) / 1000 }
	for _, a := range alerts {
		out = append(out, alertFile{Target: a.Target, RaisedAt: a.RaisedAt, Rule: a.Rule, KW: round(a.KW), Low: round(a.Low), High: round(a.High),
			Score: round(a.Score), Tier: string(a.Tier), Window: windowFile{a.From, a.To}, Text: a.Explanation, Refutes: a.Refutations, Members: a.Members})
	}
	data, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		return fmt.Errorf("encode alerts: %w", err)
	}
	if err := os.WriteFile(path, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("write alerts: %w", err)
	}
	return nil
}

// explain prints the alerts and notes of one target.
func (c *BacktestCmd) explain(app *App, alerts []stream.Alert, notices []stream.Notice) error {
	found := false
	for _, a := range alerts {
		if a.Target != c.Explain {
			continue
		}
		found = true
		if _, err := fmt.Fprintf(app.Stdout, "%s  %s  tier %s  %.2f kW (%.2f to %.2f)  score %.1f  %s to %s\n%s\nIt would be refuted by: %v\n",
			a.RaisedAt.Format(time.RFC3339), a.Rule, a.Tier, a.KW, a.Low, a.High, a.Score, a.From.Format(time.DateOnly), a.To.Format(time.DateOnly), a.Explanation, a.Refutations); err != nil {
			return err
		}
		for _, d := range a.Days {
			if _, err := fmt.Fprintf(app.Stdout, "  %s  measured %8.2f kW  expected %8.2f kW\n", d.At.Format(time.DateOnly), d.Measured, d.Expected); err != nil {
				return err
			}
		}
	}
	for _, n := range notices {
		if n.Target == c.Explain {
			found = true
			if _, err := fmt.Fprintf(app.Stdout, "%s  %s: %s\n", n.At.Format(time.RFC3339), n.Kind, n.Why); err != nil {
				return err
			}
		}
	}
	if !found {
		return errors.New("nothing was raised about " + c.Explain)
	}
	return nil
}

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBacktest_TakesOtherNumbersAndPrintsThoseItHas(t *testing.T) {
	var printed, errs bytes.Buffer
	if code := run(context.Background(), []string{"backtest", "--print-parameters"}, strings.NewReader(""), &printed, &errs, time.Now); code != exitDone {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	var values map[string]float64
	if err := json.Unmarshal(printed.Bytes(), &values); err != nil || values["rig_kw"] != 2.4 || len(values) < 50 {
		t.Fatalf("printed %d numbers, rig_kw %g, %v", len(values), values["rig_kw"], err)
	}
	r := newRecorded(t, 40)
	own, _ := r.backtest()
	r.write("own.json", printed.Bytes())
	same, _ := r.backtest("--parameters", filepath.Join(r.dir, "own.json"))
	for i := range own {
		own[i].Text, _, _ = strings.Cut(own[i].Text, " Parameters of ")
	}
	for i := range same {
		before, version, _ := strings.Cut(same[i].Text, " Parameters of ")
		if same[i].Text = before; version != "--parameters." {
			t.Errorf("an alert names the table %q", version)
		}
	}
	if diff := cmp.Diff(own, same); diff != "" {
		t.Errorf("its own numbers given back (-without +with):\n%s", diff)
	}
	r.write("lax.json", []byte(`{"over_margin": 1.1, "over_sure": 1.5, "over_fixed_kw": 10, "drift_kw": 7}`))
	lax, _ := r.backtest("--parameters", filepath.Join(r.dir, "lax.json"))
	var left []string
	for _, a := range lax {
		left = append(left, a.Target+" "+a.Rule)
	}
	if diff := cmp.Diff([]string{"T0 balance_steady", "T1 balance_rise"}, left); diff != "" {
		t.Errorf("with wide limits (-want +got):\n%s", diff)
	}
}

func TestBacktest_RefusesNumbersByName(t *testing.T) {
	r := newRecorded(t, 2)
	in := func(name string) string { return filepath.Join(r.dir, name) }
	for content, want := range map[string]string{`{"rig_kv": 2}`: "rig_kv", `{"rig_kw": 0}`: "rig_kw is from 0.5 to 50 kW", `{"over_runs": 1.5}`: "over_runs is a whole number",
		`[1]`: "JSON object", `{}`: "at least one", `{"rig_kw": 2} x`: "JSON object"} {
		r.write("p.json", []byte(content))
		var out, errs bytes.Buffer
		code := run(context.Background(), []string{"backtest", "--topology", in("topology.json"), "--readings", in("readings.csv.gz"), "--out", in("a.json"), "--parameters", in("p.json")},
			strings.NewReader(""), &out, &errs, time.Now)
		if code != exitUsage || !strings.Contains(errs.String(), want) {
			t.Errorf("%s: exit %d, %q, want %q", content, code, errs.String(), want)
		}
	}
}

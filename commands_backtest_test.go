package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// recorded is a small recorded grid: a transformer with homes, one with homes and
// a licensed site that draws too much from day 12 on; somebody taps the first from
// day 16 and, more, the second from day 24 on.
type recorded struct {
	t   *testing.T
	dir string
}

var recordedFrom = time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)

func newRecorded(t *testing.T, days int) recorded {
	t.Helper()
	r := recorded{t: t, dir: t.TempDir()}
	type m map[string]any
	nodes, meters := []m{}, []m{}
	for _, tx := range []string{"T0", "T1"} {
		nodes = append(nodes, m{"id": tx, "kind": "transformer", "kva": 160})
		meters = append(meters, m{"id": "M-" + tx, "node": tx, "side": "LV", "accuracy_class": "0.5S"})
		for k := range 12 {
			id := fmt.Sprintf("%s-H%02d", tx, k)
			nodes = append(nodes, m{"id": id, "kind": "connection", "parent": tx})
			meters = append(meters, m{"id": id, "node": id, "tariff": "residential", "declared_activity": "household", "accuracy_class": "1"})
		}
	}
	nodes = append(nodes, m{"id": "SITE", "kind": "connection", "parent": "T1"})
	meters = append(meters, m{"id": "SITE", "node": "SITE", "tariff": "licensed_mining", "declared_activity": "mining", "accuracy_class": "0.5S"})
	topology, err := json.Marshal(m{"start": recordedFrom, "step_minutes": 30, "nodes": nodes, "meters": meters,
		"licenses": []m{{"node": "SITE", "status": "active", "approved_kw": 30, "from": recordedFrom}}})
	if err != nil {
		t.Fatal(err)
	}
	r.write("topology.json", topology)
	var text, packed bytes.Buffer
	text.WriteString("timestamp,meter_id,kw,kwh\n")
	rng := rand.New(rand.NewPCG(3, 4))
	register := map[string]float64{}
	put := func(at time.Time, id string, kw float64) {
		register[id] += kw / 2
		fmt.Fprintf(&text, "%s,%s,%.3f,%.2f\n", at.Format(time.RFC3339), id, kw, register[id])
	}
	for i := range days * 48 {
		at, sum := recordedFrom.Add(time.Duration(i)*30*time.Minute), map[string]float64{}
		for _, meter := range meters[:] {
			id := meter["id"].(string)
			if meter["side"] != nil {
				continue
			}
			kw := 0.2 + 0.4*math.Exp(-math.Pow(float64(i%48)/2-19, 2)/8) + 0.4*rng.ExpFloat64()*rng.Float64()
			tx := id[:2]
			if id == "SITE" {
				tx, kw = "T1", 28+0.05*rng.NormFloat64()
				if i > 12*48 {
					kw += 8
				}
			}
			sum[tx] += kw
			put(at, id, kw)
		}
		if i > 16*48 {
			sum["T0"] += 5
		}
		if i > 24*48 {
			sum["T1"] += 9
		}
		for _, tx := range []string{"T0", "T1"} {
			put(at, "M-"+tx, sum[tx]+0.01*sum[tx]*sum[tx]/160+0.02*rng.NormFloat64())
		}
	}
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write(text.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	r.write("readings.csv.gz", packed.Bytes())
	return r
}

func (r recorded) write(name string, data []byte) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), data, 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// backtest runs the command and gives its alerts and what it printed.
func (r recorded) backtest(more ...string) ([]alertFile, string) {
	r.t.Helper()
	in := func(name string) string { return filepath.Join(r.dir, name) }
	var out, errs bytes.Buffer
	args := append([]string{"backtest", "--topology", in("topology.json"), "--readings", in("readings.csv.gz"), "--out", in("alerts.json")}, more...)
	if code := run(context.Background(), args, strings.NewReader(""), &out, &errs, time.Now); code != exitDone {
		r.t.Fatalf("exit %d: %s%s", code, out.String(), errs.String())
	}
	data, err := os.ReadFile(in("alerts.json"))
	if err != nil {
		r.t.Fatal(err)
	}
	var alerts []alertFile
	if err := json.Unmarshal(data, &alerts); err != nil {
		r.t.Fatal(err)
	}
	return alerts, out.String()
}

func TestBacktest_FindsWhatIsInTheFilesAndTheFirstHalfGivesTheAlertsOfThatHalf(t *testing.T) {
	whole, _ := newRecorded(t, 40).backtest()
	causes := map[string]float64{}
	for _, a := range whole {
		if a.KW < a.Low || a.KW > a.High || a.Text == "" || len(a.Refutes) == 0 || a.Window.To.After(a.RaisedAt) {
			t.Errorf("alert %+v", a)
		}
		causes[a.Target+" "+a.Rule+" "+a.Tier] = math.Round(a.KW)
	}
	if diff := cmp.Diff(map[string]float64{"SITE license_overdraw A": 6, "T0 balance_rise A": 5, "T1 balance_rise A": 9}, causes); diff != "" {
		t.Errorf("causes (-want +got):\n%s", diff)
	}
	half, _ := newRecorded(t, 20).backtest()
	var first []alertFile
	for _, a := range whole {
		if !a.RaisedAt.After(recordedFrom.AddDate(0, 0, 20)) {
			first = append(first, a)
		}
	}
	if len(first) == 0 || len(first) == len(whole) {
		t.Fatalf("%d of %d alerts are of the first half: the test shows nothing", len(first), len(whole))
	}
	if diff := cmp.Diff(first, half); diff != "" {
		t.Errorf("the first half (-of the whole +alone):\n%s", diff)
	}
}

func TestBacktest_ExplainsATargetAndWritesAReport(t *testing.T) {
	r := newRecorded(t, 24)
	page := filepath.Join(r.dir, "report.html")
	_, said := r.backtest("--explain", "T0", "--report", page)
	for _, want := range []string{"balance_rise", "tier A", "more flow into T0", "It would be refuted by", "2026-05-20  measured"} {
		if !strings.Contains(said, want) {
			t.Errorf("--explain does not say %q:\n%s", want, said)
		}
	}
	html, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<svg", "balance_rise", "license_overdraw", "T0"} {
		if !bytes.Contains(html, []byte(want)) {
			t.Errorf("the report has no %q", want)
		}
	}
	if bytes.Contains(html, []byte("http")) {
		t.Error("the report loads something from elsewhere")
	}
}

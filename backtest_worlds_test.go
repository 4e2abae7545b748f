package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"rigistry/services/detection/stream"
)

// truthEvent is a line of truth.json: what happened in a recorded world. Start and
// End count steps. Label 1 is to be found, 0 is honest, 2 is ordinary theft, which
// counts neither way. Visible tells where it shows: "meter", "residual" or "both".
type truthEvent struct {
	Kind    string  `json:"kind"`
	Label   int     `json:"label"`
	Subkind string  `json:"subkind"`
	Meter   string  `json:"meter"`
	Node    string  `json:"node"`
	Start   int     `json:"start"`
	End     int     `json:"end"`
	KW      float64 `json:"kw"`
	Visible string  `json:"visible"`
	Rigs    int     `json:"rigs"`
}

// outcome is what became of an event that was to be found.
type outcome struct {
	truthEvent
	tier       stream.Tier // of the first alert, "" when nothing was raised
	rule       string      // of the last alert that names it
	sure       bool        // tier A or B was reached
	named      bool        // at the meter, where it shows at one
	days       float64     // from its start to the first alert
	off        float64     // |estimated − true|/true of the last alert that names it
	within     bool        // the true power lies in the stated interval of that alert
	kva        float64     // of its transformer
	transforms bool        // it shows in a balance alone
}

// mistake is an alert, the first of its target, that concerns an honest node.
type mistake struct {
	tier    stream.Tier
	rule    string
	context string
}

// worldScore is a world or several of them, scored.
type worldScore struct {
	outcomes  []outcome
	mistakes  []mistake
	right     map[stream.Tier]int // alerts that name what was to be found
	meterDays float64
}

// repeat is how long an alert about the same target stays the same case.
const repeat = 28 * 24 * time.Hour

// scoreWorld holds the alerts of a world against its truth. An event is found when an
// alert names its meter, or its transformer where it shows in the balance, while it
// lasts. A case stays open: a target counts once.
func scoreWorld(t stream.Topology, truth []truthEvent, alerts []stream.Alert, days float64) worldScore {
	s := worldScore{right: map[stream.Tier]int{}, meterDays: float64(len(t.Meters)) * days}
	nodeOf, kva := map[string]string{}, map[string]float64{}
	context := map[string]string{}
	for _, n := range t.Nodes {
		kva[n.ID] = n.KVA
	}
	for _, m := range t.Meters {
		nodeOf[m.ID] = m.Node
		context[m.Node] = strings.Trim(m.Tariff+" "+m.Activity, " ")
	}
	place := func(target string) string {
		if at, ok := nodeOf[target]; ok {
			return at
		}
		return target
	}
	neutral, honest := map[string]bool{}, map[string]string{}
	for _, e := range truth {
		switch {
		case e.Label == 2:
			neutral[e.Node] = true
		case e.Label == 0:
			honest[cmp.Or(place(e.Meter), e.Node)] = strings.Trim(e.Kind+" "+e.Subkind, " ")
		}
	}
	hit := map[string]bool{}
	for _, e := range truth {
		if e.Label == 1 {
			s.outcomes = append(s.outcomes, outcomeOf(t, e, alerts, place, hit, kva[e.Node]))
		}
	}
	last := map[string]time.Time{}
	for _, a := range alerts {
		at := place(a.Target)
		if before, again := last[at]; again && a.RaisedAt.Sub(before) < repeat {
			continue
		}
		_, again := last[at]
		last[at] = a.RaisedAt
		switch {
		case again || neutral[at]:
		case hit[at]:
			s.right[a.Tier]++
		default:
			s.mistakes = append(s.mistakes, mistake{a.Tier, a.Rule, cmp.Or(honest[at], context[at], "transformer")})
		}
	}
	return s
}

// outcomeOf looks for the alerts of an event and marks the targets that they name.
func outcomeOf(t stream.Topology, e truthEvent, alerts []stream.Alert, place func(string) string, hit map[string]bool, kva float64) outcome {
	out := outcome{truthEvent: e, days: math.NaN(), off: math.NaN(), kva: kva, transforms: e.Visible == "residual"}
	for _, a := range alerts {
		at := place(a.Target)
		meter := e.Visible != "residual" && at == place(e.Meter)
		after := a.RaisedAt.Sub(t.Start)
		if !meter && (e.Visible == "meter" || at != e.Node) || after < time.Duration(e.Start)*t.Step || after > time.Duration(e.End)*t.Step {
			continue
		}
		hit[at] = true
		if out.tier == "" {
			out.tier, out.days = a.Tier, (after-time.Duration(e.Start)*t.Step).Hours()/24
		}
		out.sure = out.sure || a.Tier != stream.Watch
		if meter || out.transforms {
			out.named, out.rule = true, a.Rule
			out.off, out.within = math.Abs(a.KW-e.KW)/math.Max(e.KW, 0.1), a.Low <= e.KW && e.KW <= a.High
		}
	}
	return out
}

// share is "9/10 0.900" of those that pass.
func share(of []outcome, pass func(outcome) bool) string {
	n := 0
	for _, o := range of {
		if pass(o) {
			n++
		}
	}
	if len(of) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d/%d %.3f", n, len(of), float64(n)/float64(len(of)))
}

func percentile(of []outcome, q float64, value func(outcome) float64) float64 {
	var v []float64
	for _, o := range of {
		if x := value(o); x == x {
			v = append(v, x)
		}
	}
	if len(v) == 0 {
		return math.NaN()
	}
	slices.Sort(v)
	return v[int(q*float64(len(v)-1)+0.5)]
}

func found(o outcome) bool       { return o.tier != "" }
func foundSure(o outcome) bool   { return o.sure }
func isNamed(o outcome) bool     { return o.named }
func isWithin(o outcome) bool    { return o.within }
func delay(o outcome) float64    { return o.days }
func kwAway(o outcome) float64   { return o.off }
func estimated(o outcome) bool   { return o.off == o.off }
func tampering(o outcome) bool   { return o.Visible == "both" }
func smallBypass(o outcome) bool { return o.transforms && o.Rigs >= 1 && o.kva > 0 && o.kva <= 200 }
func farms(o outcome) bool       { return o.Rigs > 5 }

func only(of []outcome, pass func(outcome) bool) []outcome {
	return slices.DeleteFunc(slices.Clone(of), func(o outcome) bool { return !pass(o) })
}

// print writes what was found and what was not, by kind of event, size, tier, rule
// and context.
func (s worldScore) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name string, of []outcome) {
		_, _ = fmt.Fprintf(w, "%s\trecall %s\tA+B %s\tnamed %s\tdays p50 %.2f p90 %.2f\tkW off %.3f\tin 95 %% %s\n", name, share(of, found), share(of, foundSure),
			share(only(of, found), isNamed), percentile(of, 0.5, delay), percentile(of, 0.9, delay), percentile(of, 0.5, kwAway), share(only(of, estimated), isWithin))
	}
	group := func(title string, key func(outcome) string) {
		_, _ = fmt.Fprintf(w, "%s\n", title)
		by := map[string][]outcome{}
		for _, o := range s.outcomes {
			by[key(o)] = append(by[key(o)], o)
		}
		for _, k := range slices.Sorted(maps.Keys(by)) {
			line("  "+k, by[k])
		}
	}
	line("all", s.outcomes)
	group("by kind", func(o outcome) string { return strings.Trim(o.Kind+" "+o.Subkind, " ") })
	group("by size", func(o outcome) string {
		for _, most := range []int{0, 1, 2, 5, 10, 20, 50} {
			if o.Rigs <= most {
				return fmt.Sprintf("up to %3d rigs", most)
			}
		}
		return "more"
	})
	group("by rule", func(o outcome) string { return cmp.Or(o.rule, "not named") })
	_, _ = fmt.Fprintf(w, "bypass of a rig or more up to 200 kVA\t%s\n", share(only(s.outcomes, smallBypass), found))
	_, _ = fmt.Fprintf(w, "tamper named at the meter\t%s\n", share(only(s.outcomes, tampering), isNamed))
	_, _ = fmt.Fprintf(w, "days to detect, more than five rigs\tp50 %.2f\n", percentile(only(s.outcomes, farms), 0.5, delay))
	_, _ = fmt.Fprintf(w, "by tier\n")
	wrong, byContext := map[stream.Tier]int{}, map[string]int{}
	for _, m := range s.mistakes {
		wrong[m.tier]++
		byContext[string(m.tier)+" "+m.rule+", "+m.context]++
	}
	rate := func(name string, tiers ...stream.Tier) {
		right, untrue := 0, 0
		for _, t := range tiers {
			right, untrue = right+s.right[t], untrue+wrong[t]
		}
		_, _ = fmt.Fprintf(w, "  %s\tprecision %d/%d %.3f\tfalse alarms for 1,000 meter-days %.4f\n", name, right, right+untrue,
			float64(right)/math.Max(1, float64(right+untrue)), 1000*float64(untrue)/s.meterDays)
	}
	rate("A", stream.Act)
	rate("B", stream.Inspect)
	rate("C", stream.Watch)
	rate("A+B", stream.Act, stream.Inspect)
	_, _ = fmt.Fprintf(w, "false alarms by tier, rule and context\n")
	for _, k := range slices.Sorted(maps.Keys(byContext)) {
		_, _ = fmt.Fprintf(w, "  %s\t%d\n", k, byContext[k])
	}
	return w.Flush()
}

func (s *worldScore) add(o worldScore) {
	s.outcomes, s.mistakes, s.meterDays = append(s.outcomes, o.outcomes...), append(s.mistakes, o.mistakes...), s.meterDays+o.meterDays
	if s.right == nil {
		s.right = map[stream.Tier]int{}
	}
	for t, n := range o.right {
		s.right[t] += n
	}
}

// recordedWorld is a folder with topology.json, readings.csv.gz (or .csv), where there
// is one weather.csv, and beside it or above it truth.json.
type recordedWorld struct{ dir string }

func worldsIn(dir string) []recordedWorld {
	var out []recordedWorld
	for _, pattern := range []string{"topology.json", "*/topology.json", "*/backtest/topology.json"} {
		found, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, f := range found {
			w := recordedWorld{filepath.Dir(f)}
			if w.file("readings.csv.gz", "readings.csv") != "" && w.file("truth.json", "../truth.json") != "" {
				out = append(out, w)
			}
		}
	}
	return out
}

// file gives the first of some files that is there, "" for none.
func (w recordedWorld) file(names ...string) string {
	for _, n := range names {
		if path := filepath.Join(w.dir, n); fileExists(path) {
			return path
		}
	}
	return ""
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// run detects in a world and gives its score, the number of readings and the time that
// reading and detecting took.
func (w recordedWorld) run() (s worldScore, readings int, took time.Duration, err error) {
	topology, err := readTopology(w.file("topology.json"))
	if err != nil {
		return s, 0, 0, err
	}
	var truth []truthEvent
	text, err := os.ReadFile(w.file("truth.json", "../truth.json"))
	if err == nil {
		err = json.Unmarshal(text, &truth)
	}
	if err != nil {
		return s, 0, 0, err
	}
	engine, err := stream.New(topology)
	if err != nil {
		return s, 0, 0, err
	}
	c := BacktestCmd{Readings: w.file("readings.csv.gz", "readings.csv"), Weather: w.file("weather.csv")}
	began := time.Now()
	if readings, err = c.feed(engine, topology.Step); err != nil {
		return s, 0, 0, err
	}
	return scoreWorld(topology, truth, engine.Alerts(), float64(engine.Days())), readings, time.Since(began), nil
}

// BenchmarkWorlds runs the backtest over the worlds below the folder WORLDS and prints
// what it found: `make bench WORLDS=dir`.
func BenchmarkWorlds(b *testing.B) {
	var all worldScore
	for _, w := range worldsIn(os.Getenv("WORLDS")) {
		b.Run(filepath.Base(strings.TrimSuffix(w.dir, "/backtest")), func(b *testing.B) {
			var one worldScore
			readings, took := 0, time.Duration(0)
			for range b.N {
				s, n, d, err := w.run()
				if err != nil {
					b.Fatal(err)
				}
				one, readings, took = s, readings+n, took+d
			}
			all.add(one)
			b.ReportMetric(float64(readings)/took.Seconds(), "readings/s")
			b.ReportMetric(float64(len(only(one.outcomes, found)))/math.Max(1, float64(len(one.outcomes))), "recall")
		})
	}
	if len(all.outcomes) > 0 {
		if err := all.print(os.Stdout); err != nil {
			b.Fatal(err)
		}
	}
}

func TestWorlds_ScoreCountsACaseOnceAndKnowsWhatIsNeutral(t *testing.T) {
	topology := stream.Topology{Start: recordedFrom, Step: 30 * time.Minute, Nodes: []stream.Node{{ID: "T", Kind: stream.Transformer, KVA: 160}, {ID: "U", Kind: stream.Transformer}},
		Meters: []stream.Meter{{ID: "M-T", Node: "T"}, {ID: "M-U", Node: "U"}, {ID: "a", Node: "A", Tariff: "residential"}, {ID: "b", Node: "B", Tariff: "commercial"}}}
	at := func(day int) time.Time { return recordedFrom.AddDate(0, 0, day) }
	alert := func(target string, tier stream.Tier, day int, kw float64) stream.Alert {
		return stream.Alert{Target: target, Rule: "r", Tier: tier, RaisedAt: at(day), KW: kw, Low: 0.9 * kw, High: 1.1 * kw}
	}
	truth := []truthEvent{
		{Kind: "bypass", Label: 1, Node: "T", Start: 10 * 48, End: 60 * 48, KW: 10, Visible: "residual", Rigs: 3},
		{Kind: "tamper", Label: 1, Meter: "a", Node: "T", Start: 20 * 48, End: 60 * 48, KW: 20, Visible: "both", Rigs: 6},
		{Kind: "farm", Label: 1, Meter: "c", Node: "U", Start: 20 * 48, End: 60 * 48, KW: 20, Visible: "meter", Rigs: 6},
		{Kind: "hook", Label: 2, Node: "U"},
		{Kind: "pump", Label: 0, Meter: "b", Node: "U"},
	}
	s := scoreWorld(topology, truth, []stream.Alert{alert("T", stream.Act, 12, 10.5), alert("M-T", stream.Act, 14, 12), alert("a", stream.Inspect, 26, 18.5),
		alert("U", stream.Act, 30, 4), alert("B", stream.Watch, 31, 9), alert("B", stream.Act, 70, 9)}, 60)
	got := fmt.Sprintf("%s found, %s sure, %s named, %s within; right %v, wrong %v", share(s.outcomes, found), share(s.outcomes, foundSure),
		share(s.outcomes, isNamed), share(only(s.outcomes, estimated), isWithin), s.right, s.mistakes)
	want := "2/3 0.667 found, 2/3 0.667 sure, 2/3 0.667 named, 1/2 0.500 within; right map[A:1 B:1], wrong [{C r pump}]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if d := percentile(s.outcomes, 0.5, delay); d != 2 && d != 6 {
		t.Errorf("median days %v, want one of 2 and 6", d)
	}
}

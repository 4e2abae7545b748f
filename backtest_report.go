package main

import (
	"bytes"
	"fmt"
	"html/template"
	"math"
	"os"
	"strings"

	"rigistry/services/detection/stream"
)

// backtestPage is the report: how much was found, a table of alerts, then each with
// its charts. It loads nothing from elsewhere, follows the reader's theme and prints.
var backtestPage = template.Must(template.New("report").Funcs(template.FuncMap{"chart": alertChart, "tiers": tierSums}).Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Backtest</title>
<style>:root{color-scheme:light dark;--ink:#0f1d2b;--quiet:#546778;--line:#dde4e9;--bg:#fff;--seen:#faf0dd;--refuse:#b0211a;--wait:#1c5aa6}
@media(prefers-color-scheme:dark){:root{--ink:#e7edf2;--quiet:#93a3b1;--line:#24303b;--bg:#0d1319;--seen:#2e2410;--refuse:#ff8a80;--wait:#82b6f4}}
@media print{:root{--ink:#000;--quiet:#333;--line:#999;--bg:#fff;--seen:#eee;--refuse:#b0211a;--wait:#1c5aa6}}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:var(--ink);background:var(--bg)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
section{margin:2rem 0;break-inside:avoid}a{color:inherit}h2{font-size:1.1rem;margin-bottom:.2rem}svg{width:100%;height:auto;font-size:11px}
svg text{fill:var(--quiet)}.grid{stroke:var(--line)}.measured{fill:none;stroke:var(--ink);stroke-width:2}.expected{fill:none;stroke:var(--wait);stroke-dasharray:5 4}.over{fill:var(--refuse)}.under{fill:var(--quiet)}.seen{fill:var(--seen)}small{color:var(--quiet)}</style>
<h1>Backtest</h1><p>{{len .Alerts}} alerts, {{len .Notices}} notes on records. Tier A: act; B: inspect; C: watch.</p>
<table><tr><th>Tier<th class="n">Alerts<th class="n">kW together</tr>
{{range tiers .Alerts}}<tr><td>{{.Tier}}<td class="n">{{.Count}}<td class="n">{{printf "%.1f" .KW}}</tr>
{{end}}</table>
<h2>Alerts</h2><div class="wide"><table><tr><th>Raised<th>Target<th>Rule<th>Tier<th class="n">kW<th class="n">95 %</tr>
{{range $i, $a := .Alerts}}<tr><td>{{$a.RaisedAt.Format "2006-01-02 15:04"}}<td><a href="#a{{$i}}">{{$a.Target}}</a><td>{{$a.Rule}}<td>{{$a.Tier}}<td class="n">{{printf "%.1f" $a.KW}}<td class="n">{{printf "%.1f – %.1f" $a.Low $a.High}}</tr>
{{end}}</table></div>
{{range $i, $a := .Alerts}}<section id="a{{$i}}"><h2>{{$a.Target}}: {{$a.Rule}}</h2><small>Tier {{$a.Tier}}, raised {{$a.RaisedAt.Format "2006-01-02 15:04"}} UTC, seen from {{$a.From.Format "2006-01-02"}}, score {{printf "%.1f" $a.Score}}</small><p>{{$a.Explanation}}</p>{{chart $a}}{{if $a.Refutations}}<p>It would be refuted by: {{range $k, $r := $a.Refutations}}{{if $k}}, {{end}}{{$r}}{{end}}.</p>{{end}}</section>
{{end}}<h2>Notes on records</h2>{{if .Notices}}<ul>{{range .Notices}}<li>{{.At.Format "2006-01-02"}} {{.Target}}: {{.Why}}{{end}}</ul>{{else}}<p>None.</p>{{end}}</html>
`))

// tierSum is what one tier holds.
type tierSum struct {
	Tier  stream.Tier
	Count int
	KW    float64
}

func tierSums(alerts []stream.Alert) []tierSum {
	out := []tierSum{{Tier: stream.Act}, {Tier: stream.Inspect}, {Tier: stream.Watch}}
	for _, a := range alerts {
		for i := range out {
			if out[i].Tier == a.Tier {
				out[i].Count++
				out[i].KW += a.KW
			}
		}
	}
	return out
}

func writeBacktestReport(path string, alerts []stream.Alert, notices []stream.Notice) error {
	var out bytes.Buffer
	if err := backtestPage.Execute(&out, map[string]any{"Alerts": alerts, "Notices": notices}); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// Places of a chart: the daily power above, its difference from the expected below.
const (
	chartWidth, chartLeft   = 800.0, 56.0
	chartTop, chartBottom   = 8.0, 150.0
	excessTop, excessBottom = 166.0, 216.0
	chartHeight             = 236.0
)

// alertChart draws the days of an alert: measured as a line, expected dashed, what
// was seen shaded, and below it the difference of each day as a bar.
func alertChart(a stream.Alert) template.HTML {
	if len(a.Days) < 2 {
		return ""
	}
	low, high, most := 0.0, 1.0, 0.5
	for _, d := range a.Days {
		low, high = math.Min(low, math.Min(d.Measured, d.Expected)), math.Max(high, math.Max(d.Measured, d.Expected))
		if e := math.Abs(d.Measured - d.Expected); e > most {
			most = e
		}
	}
	day := (chartWidth - chartLeft - 10) / float64(len(a.Days))
	x := func(i int) float64 { return chartLeft + (float64(i)+0.5)*day }
	y := func(v float64) float64 { return chartBottom - (v-low)/(high-low)*(chartBottom-chartTop) }
	zero := (excessTop + excessBottom) / 2
	var s strings.Builder
	fmt.Fprintf(&s, `<svg viewBox="0 0 %g %g" role="img" aria-label="Daily power: measured, expected, and their difference">`, chartWidth, chartHeight)
	for i, d := range a.Days {
		if !d.At.Before(a.From) && !d.At.After(a.To) {
			fmt.Fprintf(&s, `<rect class="seen" x="%.1f" y="%g" width="%.1f" height="%g"/>`, x(i)-day/2, chartTop, day+0.1, excessBottom-chartTop)
		}
	}
	for _, v := range []float64{low, (low + high) / 2, high} {
		fmt.Fprintf(&s, `<path class="grid" d="M%g %.1fH%g"/><text x="%g" y="%.1f" text-anchor="end">%.1f kW</text>`, chartLeft, y(v), chartWidth-10, chartLeft-6, y(v)+4, v)
	}
	var measured, expected strings.Builder
	for i, d := range a.Days {
		fmt.Fprintf(&measured, "%.1f,%.1f ", x(i), y(d.Measured))
		fmt.Fprintf(&expected, "%.1f,%.1f ", x(i), y(d.Expected))
	}
	fmt.Fprintf(&s, `<polyline class="expected" points="%s"/><polyline class="measured" points="%s"/>`, expected.String(), measured.String())
	fmt.Fprintf(&s, `<path class="grid" d="M%g %gH%g"/><text x="%g" y="%g" text-anchor="end">± %.1f</text>`, chartLeft, zero, chartWidth-10, chartLeft-6, zero+4, most)
	for i, d := range a.Days {
		e := d.Measured - d.Expected
		tall := math.Abs(e) / most * (excessBottom - excessTop) / 2
		class, top := "over", zero-tall
		if e < 0 {
			class, top = "under", zero
		}
		fmt.Fprintf(&s, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s: %.1f kW measured, %.1f expected</title></rect>`,
			class, x(i)-day*0.35, top, day*0.7, tall, d.At.Format("2 Jan"), d.Measured, d.Expected)
	}
	first, last := a.Days[0].At.Format("2 Jan"), a.Days[len(a.Days)-1].At.Format("2 Jan")
	fmt.Fprintf(&s, `<text x="%g" y="%g">%s</text><text x="%g" y="%g" text-anchor="end">%s</text></svg>`, chartLeft, chartHeight-6, first, chartWidth-10, chartHeight-6, last)
	s.WriteString(`<small>Line: measured by day. Dashes: expected. Shaded: where it was seen. Bars: measured less expected.</small>`)
	return template.HTML(s.String()) //nolint:gosec // only numbers and dates go in: nothing to escape
}

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

// backtestPage is the report: a table of alerts, then each with its chart. It
// loads nothing from elsewhere.
var backtestPage = template.Must(template.New("report").Funcs(template.FuncMap{"chart": alertChart}).Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Backtest</title>
<style>body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}table{border-collapse:collapse;width:100%}
td,th{padding:.3rem .6rem;border-bottom:1px solid #ddd;text-align:left}td.n{text-align:right;font-variant-numeric:tabular-nums}section{margin:2rem 0}svg{width:100%;height:auto}</style>
<h1>Backtest</h1><p>{{len .Alerts}} alerts, {{len .Notices}} notes on records. Tier A: act; B: inspect; C: watch.</p>
<table><tr><th>Raised<th>Target<th>Rule<th>Tier<th>kW<th>95 %</tr>
{{range $i, $a := .Alerts}}<tr><td>{{$a.RaisedAt.Format "2006-01-02 15:04"}}<td><a href="#a{{$i}}">{{$a.Target}}</a><td>{{$a.Rule}}<td>{{$a.Tier}}<td class="n">{{printf "%.1f" $a.KW}}<td class="n">{{printf "%.1f – %.1f" $a.Low $a.High}}</tr>
{{end}}</table>
{{range $i, $a := .Alerts}}<section id="a{{$i}}"><h2>{{$a.Target}}: {{$a.Rule}}</h2><p>{{$a.Explanation}}</p>{{chart $a}}<p>It would be refuted by: {{range $k, $r := $a.Refutations}}{{if $k}}, {{end}}{{$r}}{{end}}.</p></section>
{{end}}<h2>Notes on records</h2><ul>{{range .Notices}}<li>{{.At.Format "2006-01-02"}} {{.Target}}: {{.Why}}{{end}}</ul></html>
`))

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

// alertChart draws the days of an alert: measured as a line, expected dashed.
func alertChart(a stream.Alert) template.HTML {
	if len(a.Days) < 2 {
		return ""
	}
	const width, height, left = 800.0, 180.0, 50.0
	low, high := 0.0, 1.0
	for _, d := range a.Days {
		low, high = math.Min(low, math.Min(d.Measured, d.Expected)), math.Max(high, math.Max(d.Measured, d.Expected))
	}
	x := func(i int) float64 { return left + float64(i)*(width-left-10)/float64(len(a.Days)-1) }
	y := func(v float64) float64 { return height - 25 - (v-low)/(high-low)*(height-40) }
	var measured, expected strings.Builder
	for i, d := range a.Days {
		fmt.Fprintf(&measured, "%.1f,%.1f ", x(i), y(d.Measured))
		fmt.Fprintf(&expected, "%.1f,%.1f ", x(i), y(d.Expected))
	}
	first, last := a.Days[0].At.Format("2 Jan"), a.Days[len(a.Days)-1].At.Format("2 Jan")
	// Only numbers and dates go in: nothing to escape.
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %g %g" role="img" aria-label="daily power"><polyline fill="none" stroke="#888" stroke-dasharray="5 4" points="%s"/><polyline fill="none" stroke="#b3261e" stroke-width="2" points="%s"/><text x="0" y="%.0f" font-size="12">%.1f kW</text><text x="0" y="%.0f" font-size="12">%.1f kW</text><text x="%g" y="%g" font-size="12">%s</text><text x="%g" y="%g" font-size="12" text-anchor="end">%s</text></svg>`, //nolint:gosec
		width, height, expected.String(), measured.String(), y(high)+4, high, y(low)+4, low, left, height-6, first, width-10, height-6, last))
}

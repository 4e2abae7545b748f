package enforcement

import (
	"fmt"
	"strings"
	"time"

	"rigistry/models"
)

// chart is the mean power of a meter by quarters of an hour.
type chart struct {
	meter models.Meter
	at    []time.Time
	watts []int64
}

// add takes the readings of a quarter; a later version of it takes the earlier one's place.
func (c *chart) add(start time.Time, readings []models.Reading) {
	var sum, n int64
	for i := range readings {
		if p, there := readings[i].Values.Power(); there && readings[i].Quality.Usable() {
			sum, n = sum+int64(p), n+1
		}
	}
	if n == 0 {
		return
	}
	if last := len(c.at) - 1; last >= 0 && c.at[last].Equal(start) {
		c.watts[last] = sum / n
		return
	}
	c.at, c.watts = append(c.at, start), append(c.watts, sum/n)
}

const (
	chartWidth, chartHeight = 900, 260
	chartLeft, chartBottom  = 70, 30
)

// svg draws the chart, with a line where the license ends or the finding's estimate
// begins; the drawing has its numbers in words beside it.
func (c chart) svg(title string, limit int64) string {
	if len(c.at) == 0 {
		return ""
	}
	top := max(limit, 1)
	for _, w := range c.watts {
		top = max(top, w)
	}
	begin, end := c.at[0], c.at[len(c.at)-1].Add(models.IntervalLength)
	x := func(t time.Time) float64 {
		return chartLeft + float64(t.Sub(begin))/float64(end.Sub(begin))*(chartWidth-chartLeft-10)
	}
	y := func(w int64) float64 {
		return 10 + (1-float64(w)/float64(top))*(chartHeight-chartBottom-20)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s">`, chartWidth, chartHeight, escaped(title))
	for i := int64(0); i <= 4; i++ {
		w := top * i / 4
		fmt.Fprintf(&b, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/><text x="%d" y="%.1f" text-anchor="end">%.1f</text>`,
			chartLeft, chartWidth-10, y(w), y(w), chartLeft-6, y(w)+4, float64(w)/1000)
	}
	for i := range 5 {
		t := begin.Add(end.Sub(begin) / 4 * time.Duration(i))
		anchor := map[int]string{0: "start", 4: "end"}[i]
		if anchor == "" {
			anchor = "middle"
		}
		fmt.Fprintf(&b, `<text x="%.1f" y="%d" text-anchor="%s">%s</text>`, x(t), chartHeight-8, anchor, local(t)[:16])
	}
	for begin := 0; begin < len(c.at); {
		last := begin
		for last+1 < len(c.at) && c.at[last+1].Sub(c.at[last]) == models.IntervalLength {
			last++
		}
		b.WriteString(`<polyline points="`)
		for i := begin; i <= last; i++ {
			fmt.Fprintf(&b, "%.1f,%.1f %.1f,%.1f ", x(c.at[i]), y(c.watts[i]), x(c.at[i].Add(models.IntervalLength)), y(c.watts[i]))
		}
		b.WriteString(`"/>`)
		begin = last + 1
	}
	if limit > 0 {
		fmt.Fprintf(&b, `<line class="limit" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/>`, chartLeft, chartWidth-10, y(limit), y(limit))
	}
	b.WriteString("</svg>")
	return b.String()
}

// numbers gives the mean, the largest and the smallest power and the number of quarters.
func (c chart) numbers() (mean, low, high int64, quarters int) {
	if len(c.watts) == 0 {
		return 0, 0, 0, 0
	}
	low = c.watts[0]
	for _, w := range c.watts {
		mean, low, high = mean+w, min(low, w), max(high, w)
	}
	return mean / int64(len(c.watts)), low, high, len(c.watts)
}

// local is a time as it is in Kazakhstan by law.
func local(t time.Time) string {
	return t.UTC().Add(models.LegalOffset).Format("2006-01-02 15:04") + " (UTC+5)"
}

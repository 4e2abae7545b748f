package detection

import (
	"context"
	"math"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// Chart is the picture of a finding, computed again from its readings and its
// coefficients.
type Chart struct {
	Step        time.Duration
	Points      []ChartPoint
	Steps       []Step    // of the excess, oldest first
	Onset       time.Time // when the cause began
	First, Last time.Time // where it was seen
}

// ChartPoint is one interval of a chart, in W; NaN is not known or does not apply.
type ChartPoint struct {
	At                                           time.Time
	Measured, Expected, Low, High, Limit, Excess float64
}

// Evidence gives the chart of a finding: its window, or the part of it that
// begins at from when that is not zero.
func (s *Service) Evidence(ctx context.Context, actor models.Actor, id string, from time.Time) (Chart, error) {
	f, err := s.Finding(ctx, actor, id)
	if err != nil {
		return Chart{}, err
	}
	if from.Before(f.Evidence.From) {
		from = f.Evidence.From
	}
	start := models.IntervalStart(from)
	var series []Series
	err = s.store.View(ctx, func(tx *store.Tx) error {
		n := int(models.IntervalStart(f.Evidence.Until).Sub(start)/step) + 1
		series = series[:0]
		for _, id := range f.Evidence.Meters {
			intervals, err := tx.IntervalsOf([]string{id}, start, f.Evidence.Until.Add(time.Microsecond))
			if err != nil {
				return err
			}
			series = append(series, seriesOf(start, n, intervals, tx.Now))
		}
		return nil
	})
	if err != nil || len(series) == 0 {
		return Chart{Step: step}, err
	}
	return chartOf(f, series), nil
}

// chartOf draws a finding over the series of its meters, its own first.
func chartOf(f models.Finding, series []Series) Chart {
	own := series[0]
	c := Chart{Step: step, Points: make([]ChartPoint, len(own.W)), Onset: f.Evidence.Onset, First: f.FirstSeen, Last: f.LastSeen}
	num := func(name string) float64 {
		if v, ok := f.Evidence.Numbers[name]; ok {
			return v * 1000
		}
		return math.NaN()
	}
	u := num("u95_kw")
	for i, w := range own.W {
		p := ChartPoint{At: own.at(i), Measured: w, Expected: math.NaN(), Low: math.NaN(), High: math.NaN(), Limit: math.NaN()}
		switch {
		case f.Rule == models.RuleBalance:
			sum := 0.0
			for _, child := range series[1:] {
				sum += child.W[i]
			}
			p.Expected = num("a_kw") + f.Evidence.Numbers["loss_at_100_kw"]/1e7*sum*sum + (1+f.Evidence.Numbers["gain_percent"]/100)*sum
			p.Low, p.High = p.Expected-u, p.Expected+u
		case f.Evidence.Kind == "split_load":
			for _, other := range series[1:] {
				p.Measured += other.W[i]
			}
			p.Expected = num("floor_before_kw")
			p.Low, p.High = math.Max(0, p.Expected-u), p.Expected+u
		case f.Rule == models.RulePDUSum:
			p.Expected = 0
			for _, pdu := range series[1:] {
				p.Expected += pdu.W[i]
			}
			p.Low, p.High = p.Expected-u, p.Expected*(1+f.Evidence.Numbers["ancillary_percent"]/100)+u
		case f.Evidence.Kind == "added_load" && len(f.Evidence.Expected) == 48:
			p.Expected = f.Evidence.Expected[own.slot(i)]
			band := math.Max(u, math.Abs(f.Evidence.Numbers["spread"])*float64(f.Estimated)/2)
			p.Low, p.High = math.Max(0, p.Expected-band), p.Expected+band
		case f.Rule == models.RuleOverdraw:
			p.Limit, p.Expected, p.Low, p.High = num("limit_kw"), num("approved_kw"), 0, num("approved_kw")
		case f.Evidence.Kind == "flat_load":
			p.Limit, p.Expected, p.Low, p.High = num("class_floor_kw"), num("class_floor_kw"), 0, num("class_floor_kw")
		default:
			p.Limit, p.Expected, p.Low, p.High = num("limit_kw"), 0, 0, num("limit_kw")
		}
		p.Excess = p.Measured - p.Expected
		c.Points[i] = p
	}
	excess := make([]float64, len(c.Points))
	for i, p := range c.Points {
		excess[i] = p.Excess
	}
	c.Steps = stepsOf(own.Start, step, excess)
	return c
}

package stream

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"rigistry/models"
)

// firstTable is the legal date from which the numbers of this program are in force,
// until people put others in their place.
const firstTable = "2026-11-01"

// row is a parameter with its place in a table: *float64 or *int.
type row struct {
	name, unit, rule string
	value, min, max  float64
	source           string
	at               any
}

// Where numbers come from, in short.
const (
	fromClasses = "IEC 62053-21/-22, IEC 61869-2"
	fromLosses  = "10/0.4 kV transformers; prior"
	fromEDRP    = "EDRP 2009, 622 homes"
	fromTests   = "measured on generated worlds"
	fromCUSUM   = "Page 1954; Lorden 1971"
	fromWald    = "Wald 1945"
)

// rows are all parameters: a new one is a field of Params and a row here. A name is
// never given another meaning.
func (p *Params) rows() []row {
	return slices.Concat(p.limits(), p.balance(), p.records(), p.shape(), p.evasion())
}

func (p *Params) limits() []row {
	return []row{
		{"over_margin", "ratio", "license", 1.015, 1, 1.1, fromClasses, &p.OverMargin},
		{"over_fixed_kw", "kW", "license", 0.5, 0, 10, fromClasses, &p.OverFixed},
		{"over_sure", "ratio", "license", 1.05, 1.01, 1.5, fromClasses, &p.OverSure},
		{"over_runs", "intervals", "license", 3, 1, 96, "clock skew and inrush", &p.OverRuns},
		{"stop_share", "share", "license", 0.02, 0, 0.2, "light, heating, guard, metering", &p.StopShare},
		{"stop_floor_kw", "kW", "license", 1, 0, 20, "light, heating, guard, metering", &p.StopFloorKW},
		{"stop_runs", "intervals", "license", 2, 1, 96, "shutting down takes minutes", &p.StopRuns},
		{"dead_draw_kw", "kW", "license", 0.5, 0, 10, fromClasses, &p.DeadDrawKW},
		{"skew_seconds", "s", "license", 60, 0, 600, "IEC 62054-21", &p.SkewSeconds},
		{"recorded_stop_share", "share", "license", 0.05, 0, 0.3, "light, heating, guard, metering", &p.AuxShare},
		{"recorded_stop_kw", "kW", "license", 5, 0, 50, "light, heating, guard, metering", &p.AuxFixed},
		{"rig_tolerance", "share", "site", 0.05, 0, 0.3, "nameplates", &p.RigTolerance},
		{"rig_ancillary", "share", "site", 0.2, 0, 1, "cooling, supply losses, light", &p.RigAncillary},
		{"declared_runs", "intervals", "site", 4, 1, 96, fromTests, &p.DeclaredRuns},
		{"pdu_runs", "intervals", "site", 8, 1, 96, fromTests, &p.PDURuns},
		{"ratio_spread", "share", "site", 0.03, 0.005, 0.2, fromClasses, &p.RatioSpread},
		{"ratio_fit", "share", "site", 0.02, 0.005, 0.1, fromClasses, &p.RatioFit},
		{"ratio_ancillary", "share", "site", 0.08, 0, 0.5, "cooling, supply losses, light", &p.RatioAncillary},
		{"ratio_varies", "share", "site", 0.05, 0.01, 0.5, fromTests, &p.RatioVaries},
		{"ct_class", "share", "meter", 0.005, 0.001, 0.03, "IEC 61869-2", &p.CTClass},
		{"common_error", "share", "meter", 0.002, 0, 0.02, fromClasses, &p.Common},
		{"class_floor_kw", "kW", "shape", 8, 1, 100, fromTests, &p.ClassFloorKW},
		{"live_seconds", "s", "live", 60, 10, 3600, fromTests, &p.LiveSeconds},
		{"break_seconds", "s", "live", 600, 60, 86400, fromTests, &p.BreakSeconds},
	}
}

func (p *Params) balance() []row {
	return []row{
		{"loss_a", "share", "balance", 0.0018, 0, 0.02, fromLosses, &p.LossA},
		{"loss_a_spread", "share", "balance", 0.0006, 0, 0.01, fromLosses, &p.LossASpread},
		{"loss_tx", "share", "balance", 0.012, 0, 0.1, fromLosses, &p.LossTx},
		{"loss_line", "share", "balance", 0.012, 0, 0.1, fromLosses, &p.LossLine},
		{"loss_b_spread", "share", "balance", 0.02, 0.0001, 0.2, fromLosses, &p.LossBSpread},
		{"gain_spread", "share", "balance", 0.006, 0.0001, 0.1, fromClasses, &p.GainSpread},
		{"line_per_kw", "1/kW", "balance", 0.0005, 0, 0.01, "0.08 Ω at 400 V", &p.LinePerKW},
		{"line_spread", "share", "balance", 0.8, 0, 3, "a place along a line 1/√3; conductor 16-70 mm² and length 0.5", &p.LineSpread},
		{"line_share", "share", "balance", 0.025, 0, 0.2, fromLosses, &p.LineShare},
		{"line_share_spread", "share", "balance", 0.015, 0, 0.2, fromLosses, &p.LineShareSpread},
		{"unmetered_spread", "share", "balance", 0.15, 0, 2, "billing averages", &p.UnmeteredSpread},
		{"balance_days", "days", "balance", 10, 3, 30, fromTests, &p.BalanceDays},
		{"drift_kw", "kW", "balance", 0.75, 0.05, 50, fromCUSUM, &p.DriftKW},
		{"alarm_kwd", "kW·d", "balance", 5, 0.5, 500, fromCUSUM, &p.AlarmKWD},
		{"drift_sigma", "σ", "balance", 2, 0, 10, fromCUSUM, &p.DriftSigma},
		{"alarm_sigma", "σ", "balance", 12, 1, 100, fromCUSUM, &p.AlarmSigma},
		{"steady_kw", "kW", "balance", 2, 0.2, 100, fromTests, &p.SteadyKW},
		{"steady_u", "σ", "balance", 4, 1, 20, fromTests, &p.SteadyU},
		{"steady_watch_u", "σ", "balance", 3, 1, 20, fromTests, &p.SteadyWatch},
		{"steady_share", "share", "balance", 0.035, 0, 0.5, fromClasses, &p.SteadyShare},
		{"steady_flat", "share", "balance", 0.55, 0, 1, fromTests, &p.SteadyFlat},
		{"steady_sure_kw", "kW", "balance", 5, 0.5, 500, fromTests, &p.SteadySureKW},
		{"steady_days", "days", "balance", 14, 5, 30, fromTests, &p.SteadyDays},
	}
}

func (p *Params) records() []row {
	return []row{
		{"misplaced_nats", "nats", "records", 20, 3, 200, fromWald, &p.MisplacedNats},
		{"placed_nats", "nats", "records", 10, 2, 200, fromWald, &p.PlacedNats},
		{"follows_nats", "nats", "meter", 18, 3, 200, fromWald, &p.FollowsNats},
		{"scaled_slope", "ratio", "meter", 0.25, 0.05, 5, fromTests, &p.ScaledSlope},
		{"scaled_off", "share", "meter", 0.5, 0.05, 1, fromTests, &p.ScaledOff},
		{"stop_hours", "h", "meter", 2, 1, 12, fromTests, &p.StopHours},
		{"stops_by_chance", "count", "meter", 0.05, 0.001, 1, fromTests, &p.StopsChance},
		{"clock_seconds", "s", "records", 120, 30, 3600, "IEC 62054-21", &p.ClockSeconds},
		{"counter_share", "share", "records", 0.03, 0.01, 0.5, fromClasses, &p.CounterShare},
		{"counter_days", "days", "records", 3, 1, 30, fromTests, &p.CounterDays},
		{"ratio_least", "share", "records", 0.15, 0.03, 1, "quotients of transformer ratios", &p.RatioLeast},
		{"missing_hours", "h", "records", 3, 1, 18, fromTests, &p.MissingHours},
		{"hooked_kw", "kW", "balance", 0.5, 0, 10, fromEDRP, &p.HookedKW},
	}
}

func (p *Params) shape() []row {
	return []row{
		{"rig_kw", "kW", "shape", 2.4, 0.5, 50, "smallest common rig less a fifth", &p.RigKW},
		{"alarm_nats", "nats", "shape", 9.16, 2, 50, fromWald, &p.AlarmNats},
		{"clip_nats", "nats", "shape", 3, 0.5, 20, fromWald, &p.ClipNats},
		{"clip_large_nats", "nats", "shape", 4.6, 0.5, 20, fromWald, &p.ClipLargeNats},
		{"large_kw", "kW", "shape", 10, 1, 1000, fromTests, &p.LargeKW},
		{"home_floor_kw", "kW", "shape", 2.9, 0.5, 30, fromEDRP, &p.HomeFloorKW},
		{"shape_days", "days", "shape", 14, 7, 30, fromTests, &p.ShapeDays},
		{"business_kw", "kW", "shape", 6, 0.5, 200, fromTests, &p.BusinessKW},
		{"business_share", "share", "shape", 0.08, 0, 1, fromTests, &p.BusinessShare},
		{"cycle_kw", "kW", "shape", 5, 0.5, 100, fromTests, &p.CycleKW},
		{"cycle_duty", "share", "shape", 0.25, 0.05, 1, fromTests, &p.CycleDuty},
		{"cycle_flat", "share", "shape", 0.12, 0.01, 1, fromTests, &p.CycleFlat},
		{"home_spread", "share", "shape", 0.2, 0.01, 1, fromEDRP, &p.HomeSpread},
		{"home_firm", "share", "shape", 0.18, 0.01, 1, fromEDRP, &p.HomeFirm},
		{"business_floor_kw", "kW", "shape", 8, 1, 200, fromTests, &p.BusinessFloorKW},
		{"business_part", "share", "shape", 0.6, 0.1, 1, fromTests, &p.BusinessPart},
		{"business_spread", "share", "shape", 0.06, 0.005, 1, fromTests, &p.BusinessSpread},
		{"industry_part", "share", "shape", 0.95, 0.1, 1, fromTests, &p.IndustryPart},
		{"industry_spread", "share", "shape", 0.02, 0.005, 1, fromTests, &p.IndustrySpread},
		{"still_share", "share", "shape", 0.5, 0.05, 1, fromTests, &p.StillShare},
	}
}

func (p *Params) evasion() []row {
	return []row{
		{"even_days", "days", "shape", 10, 5, 20, fromTests, &p.EvenDays},
		{"even_share", "share", "shape", 0.05, 0.01, 0.3, "rigs stand still 3 % of the time", &p.EvenShare},
		{"split_points", "points", "shape", 3, 2, 20, "two points of one holder are a house and its shop", &p.SplitPoints},
		{"split_kw", "kW", "shape", 1.2, 0.3, 10, "an older rig of 1.3 kW less a tenth", &p.SplitKW},
		{"lift_before", "days", "shape", 10, 7, 20, fromTests, &p.LiftBefore},
		{"lift_after", "days", "shape", 6, 5, 20, fromTests, &p.LiftAfter},
		{"lift_share", "share", "shape", 0.2, 0.05, 2, "a cold store in spring", &p.LiftShare},
		{"flat_over", "ratio", "shape", 1.1, 1, 2, "what was declared, and a tenth", &p.FlatOver},
		{"flat_over_kw", "kW", "shape", 1, 0, 50, fromClasses, &p.FlatOverKW},
		{"flat_over_days", "days", "shape", 5, 1, 7, fromTests, &p.FlatOverDays},
	}
}

func (r row) set(v float64) {
	switch at := r.at.(type) {
	case *float64:
		*at = v
	case *int:
		*at = int(math.Round(v))
	}
}

func (r row) get() float64 {
	if at, whole := r.at.(*int); whole {
		return float64(*at)
	}
	return *r.at.(*float64)
}

// Begun is the table that this program comes with.
func Begun() Params {
	p := Params{Version: firstTable}
	for _, r := range p.rows() {
		r.set(r.value)
	}
	return p
}

// Table describes every parameter with the value this program comes with, by rule.
func Table() []models.DetectionParameter {
	var p Params
	rows := p.rows()
	out := make([]models.DetectionParameter, len(rows))
	for i, r := range rows {
		_, whole := r.at.(*int)
		out[i] = models.DetectionParameter{Name: r.name, Unit: r.unit, Rule: r.rule, Value: r.value, Min: r.min, Max: r.max, Whole: whole, Source: r.source}
	}
	return out
}

// With gives a table with other numbers in the place of some, under a version of its
// own; a name that is none is an error that tells it.
func (p Params) With(version string, values map[string]float64) (Params, error) {
	p.Version = version
	rows := p.rows() // of this copy
	for _, name := range slices.Sorted(maps.Keys(values)) {
		i := slices.IndexFunc(rows, func(r row) bool { return r.name == name })
		if i < 0 {
			return p, fmt.Errorf("%q is no parameter", name)
		}
		rows[i].set(values[name])
	}
	return p, nil
}

// Values gives the numbers of a table by name.
func (p Params) Values() map[string]float64 {
	out := map[string]float64{}
	for _, r := range p.rows() {
		out[r.name] = r.get()
	}
	return out
}

// Dated is a table that is in force from an instant until the next one.
type Dated struct {
	From time.Time
	Params
}

// InForce gives the table in force at an instant: the last of those that began by
// then, and before the first the one that this program comes with.
func InForce(tables []Dated, at time.Time) Params {
	out, from := Begun(), time.Time{}
	for _, t := range tables {
		if !t.From.After(at) && !t.From.Before(from) {
			out, from = t.Params, t.From
		}
	}
	return out
}

// tabulate takes the table of the day that runs. What was fitted and gathered with
// the one before stays; the priors of losses are those of the new one.
func (e *Engine) tabulate() {
	p := InForce(e.tables, time.Unix(e.dayStart, 0))
	if p == e.p {
		return
	}
	e.p = p
	for i := range e.nodes {
		e.nodes[i].priors(p)
	}
}

// told says in an explanation which table it was raised with.
func (a *Alert) told(p Params) {
	a.Parameters = p.Version
	a.Explanation = strings.TrimSpace(a.Explanation + " Parameters of " + p.Version + ".")
}

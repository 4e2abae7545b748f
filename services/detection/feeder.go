package detection

import (
	"context"
	"math"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
	"rigistry/services/store"
)

// FeederBalance is a feeder over time: what it was supplied, what the meters below
// it took, what physics may lose, and what is left.
type FeederBalance struct {
	Feeder     models.Feeder
	Substation models.Substation
	Step       time.Duration
	Start      time.Time
	Supplied   []float64 // W by interval, NaN where it is not known
	Metered    []float64
	Loss       []float64
	Residual   []float64
	U95        float64 // W, half width of the 95 % interval of one interval's residual
	LossA      float64 // W, no-load losses
	LossB      float64 // 1/W
	Gain       float64 // a common error of the meters, share
	// Hold is why no balance can be made: no_head, unmetered_point, missing_meter, "".
	Hold     string
	Steps    []Step // of the residual
	Shares   []MeterShare
	Findings []string // ids, at the feeder and below it
}

// MeterShare is what one meter below a feeder has to do with its residual.
type MeterShare struct {
	Meter, Code string
	Point       models.ConnectionPoint
	Mean        float64 // W
	// Follows is the correlation of the changes of the residual with those of the
	// meter, -1 to 1: near 1, the residual is a share of this load (a ratio, a bypass
	// of a part); near -1, this meter stopped counting what the feeder still gives.
	Follows float64
}

// Feeder gives the balance of a feeder (id or code) in [from, until), at most 35 days.
func (s *Service) Feeder(ctx context.Context, actor models.Actor, id string, from, until time.Time) (out FeederBalance, err error) {
	if err := models.Can(actor, models.ActFindingRead, models.Scope{}); err != nil {
		return out, err
	}
	if until.IsZero() {
		until = s.now().UTC()
	}
	if from.IsZero() {
		from = until.Add(-14 * 24 * time.Hour)
	}
	if !from.Before(until) || until.Sub(from) > 35*24*time.Hour {
		var bad models.Invalid
		bad.Add("?from", "range", "Ask for at most 35 days, from before until.")
		return out, bad.Err()
	}
	var u feederWindow
	err = s.store.View(ctx, func(tx *store.Tx) error {
		u, err = loadFeeder(tx, id, from, until)
		return err
	})
	if err != nil {
		return out, err
	}
	return u.balance(), nil
}

// feederWindow is what is read for a balance.
type feederWindow struct {
	feeder     models.Feeder
	substation models.Substation
	start      time.Time
	head       *metered
	points     []metered
	findings   []models.Finding
	table      stream.Params // in force at the start
}

// metered is a meter with what it said; a point without a meter has no series.
type metered struct {
	meter models.Meter
	point models.ConnectionPoint
	w     []float64
}

func loadFeeder(tx *store.Tx, id string, from, until time.Time) (u feederWindow, err error) {
	if u.feeder, err = tx.Feeder(id); err != nil {
		return u, err
	}
	if u.substation, err = tx.Substation(u.feeder.Substation); err != nil {
		return u, err
	}
	if u.findings, err = tx.FindingsOfFeeder(u.feeder.ID); err != nil {
		return u, err
	}
	u.start = models.IntervalStart(from)
	tables, err := tablesOf(tx)
	if err != nil {
		return u, err
	}
	u.table = stream.InForce(tables, u.start)
	n := int(until.Sub(u.start) / step)
	meters, err := tx.FeederMeters(u.feeder, until)
	if err != nil {
		return u, err
	}
	points, err := tx.ConnectionPoints(store.ConnectionFilter{Feeder: u.feeder.ID}, store.Page{Limit: 1000})
	if err != nil {
		return u, err
	}
	read := func(m models.Meter) ([]float64, error) {
		intervals, err := tx.IntervalsOf([]string{m.ID}, u.start, until)
		return seriesOf(u.start, n, intervals, tx.Now).W, err
	}
	for _, m := range meters {
		if m.Role == models.MeterFeeder && u.head == nil {
			w, err := read(m)
			if err != nil {
				return u, err
			}
			u.head = &metered{meter: m, w: w}
		}
	}
	for _, pt := range points {
		one := metered{point: pt}
		k := slices.IndexFunc(meters, func(m models.Meter) bool {
			return m.Role == models.MeterRevenue && (m.Node.ID == pt.ID || m.Node.ID == pt.Code)
		})
		if k >= 0 {
			one.meter = meters[k]
			if one.w, err = read(meters[k]); err != nil {
				return u, err
			}
		}
		u.points = append(u.points, one)
	}
	return u, nil
}

// balance computes the balance of a window. It is pure.
func (u feederWindow) balance() FeederBalance {
	out := FeederBalance{Feeder: u.feeder, Substation: u.substation, Step: step, Start: u.start}
	for _, f := range u.findings {
		if !f.Rule.Insider() {
			out.Findings = append(out.Findings, f.ID)
		}
	}
	if u.head == nil {
		out.Hold = "no_head"
		return out
	}
	n := len(u.head.w)
	out.Supplied, out.Metered = u.head.w, make([]float64, n)
	for _, pt := range u.points {
		switch {
		case pt.w == nil && pt.point.State == models.ConnectionEnergised:
			out.Hold = "unmetered_point"
		case pt.w != nil && len(known(pt.w)) == 0:
			out.Hold = "missing_meter"
			continue
		}
		for i, w := range pt.w {
			out.Metered[i] += w // NaN stays NaN: an incomplete interval is never summed
		}
	}
	out.fit(u)
	out.Steps = stepsOf(u.start, step, out.Residual)
	for _, pt := range u.points {
		if pt.w != nil {
			out.Shares = append(out.Shares, MeterShare{Meter: pt.meter.ID, Code: pt.meter.Code, Point: pt.point, Mean: mean(pt.w), Follows: follows(out.Residual, pt.w)})
		}
	}
	return out
}

// fit sets losses and residual. The coefficients are those of the balance finding
// that stands at the feeder, so that both pictures are one; without one they are
// fitted as rules do: a by the size, b and g by ridge around the physical priors of
// the dated table (stream.Params) with a free constant, which is not a loss: what was
// always tapped stays in the residual.
func (out *FeederBalance) fit(u feederWindow) {
	p := u.table
	size := float64(u.feeder.Limit)
	out.LossA, out.LossB, out.Gain = p.LossA*size, (p.LossLine+p.LossTx)/size, 0
	u95 := math.NaN()
	told := false
	for _, f := range u.findings {
		if a, ok := f.Evidence.Numbers["a_kw"]; ok && f.Rule == models.RuleBalance && f.Target.ID == u.feeder.ID {
			out.LossA, out.LossB, out.Gain = 1000*a, f.Evidence.Numbers["loss_at_100_kw"]/1e7, f.Evidence.Numbers["gain_percent"]/100
			u95, told = 1000*f.Evidence.Numbers["u95_kw"], true
		}
	}
	if !told {
		out.ridge(p, size)
	}
	n := len(out.Supplied)
	out.Loss, out.Residual = make([]float64, n), make([]float64, n)
	for i, s := range out.Metered {
		out.Loss[i] = out.LossA + out.LossB*s*s + out.Gain*s
		out.Residual[i] = out.Supplied[i] - s - out.Loss[i]
	}
	if math.IsNaN(u95) {
		u95 = 2 * u.standard(p, mean(out.Metered))
	}
	out.U95 = u95
}

// ridge fits b and g with a free constant, by normal equations of differences.
func (out *FeederBalance) ridge(p stream.Params, size float64) {
	b0, sb, sg := out.LossB, p.LossBSpread/size, p.GainSpread
	for range 3 {
		var y []float64
		for i, s := range out.Metered {
			y = append(y, out.Supplied[i]-s-out.LossA-out.LossB*s*s-out.Gain*s)
		}
		c, scale := median(y), math.Max(sigma(y), 1)
		unit := 8 * scale * scale
		var qq, qs, ss, qy, sy float64
		qm, sm := 0.0, mean(out.Metered)
		for _, s := range out.Metered {
			if !math.IsNaN(s) {
				qm += s * s
			}
		}
		qm /= math.Max(1, float64(len(known(out.Metered))))
		for i, s := range out.Metered {
			r := y[i] - c
			if math.IsNaN(r) {
				continue
			}
			w := math.Min(1, 1.345*scale/math.Max(math.Abs(r), 1e-9))
			r += (out.LossB-b0)*(s*s-qm) + out.Gain*(s-sm)
			q, l := s*s-qm, s-sm
			qq, qs, ss, qy, sy = qq+w*q*q, qs+w*q*l, ss+w*l*l, qy+w*q*r, sy+w*l*r
		}
		qq, ss = qq+unit/(sb*sb), ss+unit/(sg*sg)
		if d := qq*ss - qs*qs; d > 0 {
			out.LossB, out.Gain = math.Max(0, b0+(qy*ss-sy*qs)/d), (sy*qq-qy*qs)/d
		}
	}
}

// standard is the standard uncertainty of a residual at the mean load, in W.
func (u feederWindow) standard(p stream.Params, load float64) float64 {
	table := paramsOf(u.table)
	square := func(v float64) float64 {
		if math.IsNaN(v) {
			return 0
		}
		return v * v
	}
	total := square(table.standard(u.head.meter.AccuracyClass) * mean(u.head.w))
	for _, pt := range u.points {
		total += square(table.standard(pt.meter.AccuracyClass) * mean(pt.w))
	}
	size := float64(u.feeder.Limit)
	return math.Sqrt(total + square(table.Common*load) + square(p.LossASpread*size) + square(p.LossBSpread/size*load*load))
}

// follows is the correlation of the changes of two series from one interval to the
// next: levels that have nothing to do with each other do not look alike.
func follows(x, y []float64) float64 {
	var n, sx, sy, sxx, syy, sxy float64
	for i := 1; i < min(len(x), len(y)); i++ {
		a, b := x[i]-x[i-1], y[i]-y[i-1]
		if math.IsNaN(a) || math.IsNaN(b) {
			continue
		}
		n, sx, sy, sxx, syy, sxy = n+1, sx+a, sy+b, sxx+a*a, syy+b*b, sxy+a*b
	}
	d := math.Sqrt((n*sxx - sx*sx) * (n*syy - sy*sy))
	if !(d > 0) {
		return 0
	}
	return (n*sxy - sx*sy) / d
}

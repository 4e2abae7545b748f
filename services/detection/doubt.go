package detection

import (
	"math"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
)

// doubtful are the notices of the stream that become findings, the gravest first. Of one
// meter only the gravest is told: with it put right, the others may be gone.
var doubtful = []string{stream.CounterDiffers, stream.RatioDiffers, stream.RatioSet, stream.ClockDiffers, stream.HoursMissing, stream.RecordsDiffer}

// doubtFor is how long a fault is told after it was noted last; the stream notes one that
// lasts again every four weeks.
const doubtFor = 30 * 24 * time.Hour

// doubts are faults of meters, clocks and records that the stream has noted about a
// feeder and its points, version 1: a register that counts other than the power adds up
// to (tier B: look at the meter), a transformer ratio (B where it shows less than flows by
// a ratio of the register; one that the meter itself told), a clock, hours without readings, a
// point that is fed from elsewhere (tier C). They are about the metering and accuse
// nobody; the formulas are in stream/doubts.go and stream/records.go.
func doubts(p Params, u Unit, e *stream.Engine) []models.Finding {
	best := map[string]models.Finding{}
	var order []string
	for _, n := range e.Notices() {
		if u.Now.Sub(n.At) > doubtFor || n.At.After(u.Now) {
			continue
		}
		f, mean, found := u.doubtAt(p, n.Target)
		if !found {
			continue
		}
		old, twice := best[n.Target]
		if twice && slices.Index(doubtful, old.Evidence.Kind) <= slices.Index(doubtful, n.Kind) {
			if old.Evidence.Kind == n.Kind && n.At.After(old.LastSeen) {
				old.LastSeen, old.Evidence.Live = n.At, n.At
				best[n.Target] = old
			}
			continue
		}
		if !twice {
			order = append(order, n.Target)
		}
		best[n.Target] = u.doubtFinding(f, n, mean)
	}
	out := make([]models.Finding, 0, len(order))
	for _, target := range order {
		out = append(out, best[target])
	}
	return out
}

// doubtAt begins a finding about the meter of a feeder or of a point, and gives the mean
// of what it shows, W.
func (u Unit) doubtAt(p Params, target string) (f models.Finding, level float64, found bool) {
	if target == u.Feeder.ID && u.Head != nil {
		f = u.feederFinding(p, models.RuleMetering)
		f.Evidence.Meters = []string{u.Head.Meter}
		return f, mean(u.Head.W), true
	}
	for _, pt := range u.Points {
		if pt.ID == target && pt.Channel != nil {
			return u.finding(p, models.RuleMetering, pt), mean(pt.Channel.W), true
		}
	}
	return f, 0, false
}

// doubtFinding tells a notice as a finding.
func (u Unit) doubtFinding(f models.Finding, n stream.Notice, level float64) models.Finding {
	f.Tier, f.Score = models.TierWatch, models.DoubtScore
	estimate(&f, 1000*n.KW, 50*n.KW)
	f.FirstSeen, f.LastSeen = n.At, n.At
	f.Evidence.Kind, f.Evidence.Onset, f.Evidence.Live = n.Kind, n.At, n.At
	f.Evidence.Refutations = []string{"meter_exchanged", "ct_ratio"}
	f.Evidence.Alternatives = []string{"accuracy", "missing_readings"}
	numbers := f.Evidence.Numbers
	numbers["measured_kw"] = level / 1000
	switch n.Kind {
	case stream.CounterDiffers:
		f.Tier = models.TierInspect
		numbers["percent"], numbers["days"] = 100*n.Value, 3
	case stream.RatioDiffers:
		numbers["percent"], numbers["expected_kw"] = 100*n.Value, n.Value*level/1000
		if n.Plate > 0 {
			f.Evidence.Kind = "ct_plate"
			numbers["entered_a"], numbers["fits_a"] = 5*n.Plate, 5*n.Fits
		}
		if n.Fits > n.Plate { // it shows less than flows: somebody looks at its transformers
			f.Tier = models.TierInspect
		}
		if !n.From.IsZero() {
			f.FirstSeen, f.Evidence.Onset = n.From, n.From
		}
	case stream.RatioSet:
		f.Evidence.Refutations, f.Evidence.Alternatives = []string{"meter_exchanged", "ct_ratio"}, nil
	case stream.ClockDiffers:
		numbers["minutes"] = math.Abs(n.Value) / 60
		f.Evidence.Refutations = []string{"meter_exchanged"}
	case stream.HoursMissing:
		numbers["hours"] = n.Value
		f.Evidence.Refutations, f.Evidence.Alternatives = []string{"meter_exchanged"}, nil
	case stream.RecordsDiffer:
		f.Evidence.Refutations, f.Evidence.Alternatives = []string{"topology_error", "switching_recorded"}, []string{"losses", "accuracy"}
	}
	return f
}

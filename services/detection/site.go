package detection

import (
	"math"

	"rigistry/models"
	"rigistry/services/store"
)

// Inner is what is measured behind the meter of a connection point: its PDUs.
type Inner struct {
	PDUs []*Channel // those that were read in the window
	// Whole tells that no PDU is without readings: only then may they be too little.
	Whole bool
}

// declared finds a licensed load above what the rigs that are registered at its site
// can draw with all that serves them, for an hour, version 1:
//
//	P·(1 - 2·u) > ΣP_rated·(1 + t)·(1 + a) + 0.5 kW    four quarter hours in a row
//
// with t the tolerance of nameplates, 5 % (makers state ±5 % at the wall for air-cooled
// models), and a what cooling, supply losses and light add, 20 % (the upper bound of the
// power usage effectiveness of mining in the electricity index of the Cambridge Centre
// for Alternative Finance, 1.20; its best guess is 1.10). Parameters Rig*, Declared*.
//
// All rigs that work at the site count, whoever owns them: guests stand with hosts, and
// points that share a site are told only when one alone passes the limit. Quarter hours
// before the register last heard of a rig there are not looked at, nor a site for which
// none is registered, nor what is above the license or the technical conditions, which
// is told as that. A nameplate is no limit of the law, so tier B: count the rigs.
func declared(p Params, u Unit, pt Point) (models.Finding, bool) {
	if pt.Rigs.Units == 0 || len(pt.Spans) == 0 {
		return models.Finding{}, false
	}
	s := pt.Channel.Series
	rated := float64(pt.Rigs.Power)
	most := rated * (1 + p.RigTolerance) * (1 + p.RigAncillary)
	f, found := exceeded(p, u, pt, limit{rule: models.RuleDeclared, kind: "over_declared", runs: p.DeclaredRuns, fixed: p.OverFixed,
		refuted: []string{"equipment_registered_late", "other_consumer", "ct_ratio"},
		allowed: func(i int) float64 {
			span, ok := pt.stateAt(s.at(i))
			over := func(limit models.Watts) bool {
				return limit > 0 && s.W[i] > float64(limit)*p.OverMargin+p.OverFixed
			}
			if !ok || span.State != models.LicenseActive || s.at(i).Before(pt.Rigs.Changed) || over(span.Approved) || over(pt.Permitted) {
				return math.NaN()
			}
			return most
		}})
	if found {
		f.Tier = models.TierInspect
		f.Evidence.Numbers["declared_kw"], f.Evidence.Numbers["declared_rigs"] = rated/1000, float64(pt.Rigs.Units)
	}
	return f, found
}

// pduSum compares the PDUs behind a point that mines with its meter, version 1. With M
// the mean of the meter, S the sum of the PDUs in a quarter hour, u their relative
// standard uncertainties and a the share of RigAncillary:
//
//	above  S·(1 - 2·u) > M·(1 + 2·u) + 0.5 kW           the meter shows too little
//	below  M·(1 - 2·u) > S·(1 + 2·u)·(1 + a) + 1 kW     a load that passes no PDU
//
// for two hours in a row (PDURuns; a gap in any PDU ends them). "Below" asks that every
// PDU is read. A point with its own generator, or with two meters, is not compared.
//
// Where S/M stays the same (spread up to 3 %) and is near a quotient of transformer
// ratios, the finding is of the metering kind, tier C: compare the ratio entered with the
// plate. Quotients within 0.6 to 1.7 are believed only when the load varies and a factor
// explains the difference better than a constant load does, because a flat farm with
// cooling looks the same. Above is tier B, below C: it is a reason to look, and by itself
// accuses nobody.
func pduSum(p Params, u Unit, pt Point) (models.Finding, bool) {
	if len(pt.Inner.PDUs) == 0 || !pt.mines() {
		return models.Finding{}, false
	}
	s, class := pt.Channel.Series, 2*p.standard(pt.Channel.Class)
	sums, uncertain := pt.Inner.sums(p, s)
	above := func(i int) float64 { return sums[i] - uncertain[i] - s.W[i]*(1+class) - p.OverFixed }
	below := func(i int) float64 {
		if !pt.Inner.Whole {
			return math.NaN()
		}
		return s.W[i]*(1-class) - (sums[i]+uncertain[i])*(1+p.RigAncillary) - p.AuxFloor
	}
	kind, tier, beyond := "pdu_above", models.TierInspect, above
	first, last, count := runs(u, p.PDURuns, len(s.W), above)
	// Of both, what was seen last: a ratio that was corrected is not told any more.
	if f, l, c := runs(u, p.PDURuns, len(s.W), below); l > last {
		kind, tier, beyond = "pdu_below", models.TierWatch, below
		first, last, count = f, l, c
	}
	if first < 0 {
		return models.Finding{}, false
	}
	var meter, sum, doubt []float64
	for i := max(first, last-perDay+1); i <= last; i++ {
		if beyond(i) > 0 {
			meter, sum, doubt = append(meter, s.W[i]), append(sum, sums[i]), append(doubt, uncertain[i]+class*s.W[i])
		}
	}
	f := u.finding(p, models.RulePDUSum, pt)
	if span, ok := pt.stateAt(s.at(last)); ok {
		f.License = span.License
	}
	difference := math.Abs(mean(sum) - mean(meter))
	estimate(&f, difference, mean(doubt))
	f.Score = score(count, difference, mean(doubt)/2)
	u.seen(&f, s, first, last)
	n := f.Evidence.Numbers
	n["measured_kw"], n["expected_kw"], n["hours"], n["u95_kw"] = mean(meter)/1000, mean(sum)/1000, float64(count)/4, mean(doubt)/1000
	n["ratio"], n["ancillary_percent"] = mean(sum)/mean(meter), 100*p.RigAncillary
	f.Evidence.Refutations = []string{"ct_ratio", "pdu_missing", "other_consumer"}
	f.Evidence.Alternatives = []string{"accuracy", "auxiliary", "missing_readings"}
	if factor, ok := p.ratioOf(meter, sum); ok {
		kind, tier, n["factor"] = "pdu_ratio", models.TierWatch, factor
		f.Evidence.Alternatives = []string{"accuracy", "missing_readings"}
	}
	f.Evidence.Kind, f.Tier = kind, tier
	for _, c := range pt.Inner.PDUs {
		f.Evidence.Meters = append(f.Evidence.Meters, c.Meter)
	}
	return f, true
}

// sums are the sum of the PDUs in each interval of a series and its expanded
// uncertainty, W; NaN where one is not known. Meters of one make err together, so
// their uncertainties are added.
func (in Inner) sums(p Params, s Series) (sum, uncertain []float64) {
	sum, uncertain = make([]float64, len(s.W)), make([]float64, len(s.W))
	for _, c := range in.PDUs {
		class := 2 * p.standard(c.Class)
		for i := range sum {
			w := c.value(s.at(i))
			sum[i], uncertain[i] = sum[i]+w, uncertain[i]+class*math.Abs(w)
		}
	}
	return sum, uncertain
}

// quotients are those of the usual ratios of current transformers (50, 75, 100, 150,
// 200, 250, 300, 400, 500, 600 to 5 A), of 5 A and 1 A secondaries, and of one or two
// phases of three.
var quotients = []float64{1.2, 1.25, 4. / 3, 1.5, 5. / 3, 2, 2.5, 3, 4, 5, 6, 8, 10}

// ratioOf tells which quotient of transformer ratios lies between the sum of the PDUs
// and the meter. PDUs show what the meter shows less up to RatioAncillary for cooling.
func (p Params) ratioOf(meter, sum []float64) (factor float64, ok bool) {
	ratios, loads := make([]float64, 0, len(meter)), make([]float64, 0, len(meter))
	for i, m := range meter {
		if m > p.AuxFloor/2 && sum[i] > p.AuxFloor/2 {
			ratios, loads = append(ratios, sum[i]/m), append(loads, m)
		}
	}
	m := median(ratios)
	if len(ratios) < p.PDURuns || !(sigma(ratios) <= p.RatioSpread*m) {
		return 0, false
	}
	near := m > 0.6 && m < 1.7
	if near && !varies(meter, sum, p.RatioVaries*mean(loads)) {
		return 0, false
	}
	for _, q := range quotients {
		for _, k := range []float64{q, 1 / q} {
			if m <= k*(1+p.RatioFit) && m >= k*(1-p.RatioFit)/(1+p.RatioAncillary) && (!ok || math.Abs(m/k-1) < math.Abs(m/factor-1)) {
				factor, ok = k, true
			}
		}
	}
	return factor, ok
}

// varies tells whether a load varies by at least so much (standard deviation, W), and a
// factor between two series explains them at least twice as well as a constant
// difference (residual sums of squares).
func varies(meter, sum []float64, least float64) bool {
	n, mm, ms := float64(len(meter)), mean(meter), mean(sum)
	var square, product, scatter, constant float64
	for i, m := range meter {
		square, product = square+m*m, product+m*sum[i]
		scatter += (m - mm) * (m - mm)
		d := (sum[i] - m) - (ms - mm)
		constant += d * d
	}
	k, left := product/square, 0.0
	for i, m := range meter {
		left += (sum[i] - k*m) * (sum[i] - k*m)
	}
	return math.Sqrt(scatter/n) >= least && 2*left <= constant
}

// sites reads what is known behind the meters of points that mine: their PDUs and the
// rigs of their sites. shared are points with a generator or more than one meter.
func (u *Unit) sites(tx *store.Tx, feeder models.Feeder, shared map[string]bool) error {
	pdus, err := tx.FeederPDUs(feeder.ID, tx.Now)
	if err != nil {
		return err
	}
	for i := range u.Points {
		pt := &u.Points[i]
		if pt.Channel == nil || !pt.mines() {
			continue
		}
		if pt.Site != "" {
			if pt.Rigs, err = tx.RigsAtSite(pt.Site); err != nil {
				return err
			}
		}
		if shared[pt.ID] || shared[pt.Code] {
			continue
		}
		pt.Inner.Whole = true
		for _, d := range pdus {
			switch {
			case d.Point != pt.ID:
			case d.Meter.ID == "":
				pt.Inner.Whole = false
			default:
				pt.Inner.PDUs = append(pt.Inner.PDUs, &Channel{Meter: d.Meter.ID, Class: d.Meter.AccuracyClass})
			}
		}
	}
	return nil
}

// silent takes PDUs without readings in the window out of what is compared.
func (in *Inner) silent() {
	var read []*Channel
	for _, c := range in.PDUs {
		if c.Read {
			read = append(read, c)
		}
	}
	in.Whole = in.Whole && len(read) == len(in.PDUs)
	in.PDUs = read
}

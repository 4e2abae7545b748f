package detection

import (
	"math"

	"rigistry/models"
)

// licenseFindings checks a point against the licenses at it.
func licenseFindings(p Params, u Unit, pt Point) []models.Finding {
	if pt.Channel == nil {
		return nil
	}
	var out []models.Finding
	for _, check := range []func(Params, Unit, Point) (models.Finding, bool){overdraw, whileStopped(models.RuleSuspended), whileStopped(models.RuleEnded), notEnergised, technical, curtailed, withoutSupply, withoutLicense, declared, pduSum} {
		if f, found := check(p, u, pt); found {
			out = append(out, f)
		}
	}
	return out
}

// runs gives the first and the last interval that belong to a run of at least n
// in a row in which over is positive, the mean of excess over all of them and
// their number. over says by how many W an interval passes its limit; NaN and
// negative end a run. The running interval may end a run but not begin one.
func runs(u Unit, n int, length int, over func(i int) float64) (first, last, count int) {
	first, last = -1, -1
	begin := -1
	flush := func(end int) {
		if begin >= 0 && end-begin >= n {
			if first < 0 {
				first = begin
			}
			last, count = end-1, count+end-begin
		}
		begin = -1
	}
	for i := range length {
		if v := over(i); !(v > 0) {
			flush(i)
		} else if begin < 0 && i < u.Closed {
			begin = i
		}
	}
	flush(length)
	return first, last, count
}

// sameSpan tells whether an interval lies wholly in a span: the interval of a
// change of state proves nothing, because clocks differ.
func sameSpan(s Series, i int, span Span) bool {
	return !s.at(i).Before(span.From) && !s.at(i+1).After(span.Until)
}

// overdraw finds more power than a license approves, in a whole quarter hour in which
// one appendix held, version 2:
//
//	P > approved·1.05 + 2·u·P, and more than the limit below: after the first one;
//	P > approved·1.015 + 0.5 kW (parameters Over*): after three in a row.
//
// Up to 5 % waits because so much is what permitted errors explain in one quarter
// hour: 1.0 % of meter and transformer at the ends of their classes (IEC 62053-22,
// IEC 61869-2), the inrush of a restart (all fans and supplies of a hall at once, some
// 10-30 % for one to two minutes: 1-4 % of a quarter hour), and a minute of skew
// between the clocks. A documented value, so tier A once it has lasted, B after the
// first quarter hour alone; also from history.
func overdraw(p Params, u Unit, pt Point) (models.Finding, bool) {
	s, class := pt.Channel.Series, p.standard(pt.Channel.Class)
	approved := func(i int) (Span, bool) {
		span, ok := pt.stateAt(s.at(i))
		return span, ok && span.State == models.LicenseActive && sameSpan(s, i, span)
	}
	over := func(i int) float64 {
		span, ok := approved(i)
		if !ok {
			return math.NaN()
		}
		return s.W[i] - (float64(span.Approved)*p.OverMargin + p.OverFixed)
	}
	sure := func(i int) float64 {
		span, _ := approved(i)
		return math.Min(over(i), s.W[i]-float64(span.Approved)*p.OverSure-2*class*s.W[i])
	}
	first, last, count, lasted := soon(u, p.OverRuns, len(s.W), over, sure)
	if first < 0 {
		return models.Finding{}, false
	}
	span, _ := approved(last)
	f := u.finding(p, models.RuleOverdraw, pt)
	f.License, f.Tier = span.License, tierOf(lasted)
	// What is over now, or was in the last day of it.
	var excess, drawn []float64
	for i := max(first, last-perDay+1); i <= last; i++ {
		if over(i) > 0 {
			excess, drawn = append(excess, s.W[i]-float64(span.Approved)), append(drawn, s.W[i])
		}
	}
	limit := float64(span.Approved)*p.OverMargin + p.OverFixed
	uncertain := 2 * class * mean(drawn)
	estimate(&f, mean(excess), uncertain)
	f.Score = score(count, mean(excess), uncertain/2)
	u.seen(&f, s, first, last)
	f.Evidence.Kind = "overdraw"
	f.Evidence.Numbers = map[string]float64{"approved_kw": float64(span.Approved) / 1000, "limit_kw": limit / 1000,
		"measured_kw": mean(drawn) / 1000, "largest_kw": quantile(s.W[first:last+1], 1) / 1000, "hours": float64(count) / 4,
		"u95_kw": uncertain / 1000}
	f.Evidence.Refutations = []string{"license_raised", "ct_ratio", "other_consumer"}
	f.Evidence.Alternatives = []string{"accuracy", "inrush"}
	return f, true
}

// whileStopped finds a draw above what a stopped license may use for light and guard
// (parameters Aux*) plus the meter's uncertainty, in the first quarter hour that lies
// wholly after the change, version 2:
//
//	P·(1 - 2·u) > max(1 kW, 2 % of approved) + carried
//
// where carried is what the minute before the stop may leave in that quarter hour
// (carriedOver). Nothing smaller waits: a hall that is off draws nothing. Tier B after
// that quarter hour alone, because shutting down takes some minutes; A from the second
// in a row on (StopRuns). Suspended is one rule; expired, revoked and terminated are
// another, which concerns points that are still declared as mining.
func whileStopped(rule models.FindingRule) func(Params, Unit, Point) (models.Finding, bool) {
	concerns := func(s models.LicenseState) bool { return s == models.LicenseSuspended }
	if rule == models.RuleEnded {
		concerns = func(s models.LicenseState) bool {
			return s == models.LicenseExpired || s == models.LicenseRevoked || s == models.LicenseTerminated
		}
	}
	return func(p Params, u Unit, pt Point) (models.Finding, bool) {
		if rule == models.RuleEnded && pt.DeclaredUse != "mining" {
			return models.Finding{}, false
		}
		s, class := pt.Channel.Series, p.standard(pt.Channel.Class)
		stopped := func(i int) (Span, bool) {
			span, ok := pt.stateAt(s.at(i + 1).Add(-1))
			return span, ok && concerns(span.State) && p.wholly(s, i, span.From)
		}
		allowed := func(span Span) float64 { return math.Max(p.AuxFloor, p.AuxShare*float64(span.Approved)) }
		over := func(i int) float64 {
			span, ok := stopped(i)
			if !ok {
				return math.NaN()
			}
			return s.W[i] - allowed(span) - 2*class*s.W[i] - p.carriedOver(s, i, span.From, float64(span.Approved))
		}
		first, last, count, lasted := soon(u, p.StopRuns, len(s.W), over, over)
		if first < 0 {
			return models.Finding{}, false
		}
		span, _ := stopped(last)
		f := u.finding(p, rule, pt)
		f.License, f.Tier = span.License, tierOf(lasted)
		var drawn []float64
		for i := max(first, last-perDay+1); i <= last; i++ {
			if over(i) > 0 {
				drawn = append(drawn, s.W[i])
			}
		}
		level := mean(drawn)
		estimate(&f, level-allowed(span), 2*class*level)
		f.Score = score(count, level-allowed(span), class*level)
		u.seen(&f, s, first, last)
		f.Evidence.Kind = string(span.State)
		f.Evidence.Numbers = map[string]float64{"approved_kw": float64(span.Approved) / 1000, "limit_kw": allowed(span) / 1000,
			"measured_kw": level / 1000, "hours": float64(count) / 4, "u95_kw": 2 * class * level / 1000}
		f.Evidence.Refutations = []string{"license_lifted", "other_consumer", "ct_ratio"}
		f.Evidence.Alternatives = []string{"auxiliary", "accuracy"}
		return f, true
	}
}

// notEnergised finds a draw at a point that is not connected by the register, in the
// first quarter hour that lies wholly after its last change, version 2:
//
//	P·(1 - 2·u) > 0.5 kW + carried
//
// (DeadDraw; carried as for a stop). Tier B after that quarter hour alone, because the
// report of a connection may be minutes late; A after three in a row (OverRuns).
func notEnergised(p Params, u Unit, pt Point) (models.Finding, bool) {
	if pt.State == models.ConnectionEnergised || pt.State == models.ConnectionRemoved {
		return models.Finding{}, false
	}
	s, class := pt.Channel.Series, p.standard(pt.Channel.Class)
	over := func(i int) float64 {
		if !p.wholly(s, i, pt.Updated) {
			return math.NaN()
		}
		return s.W[i] - p.DeadDraw - 2*class*s.W[i] - p.carriedOver(s, i, pt.Updated, float64(pt.Permitted))
	}
	first, last, count, lasted := soon(u, p.OverRuns, len(s.W), over, over)
	if first < 0 {
		return models.Finding{}, false
	}
	level := mean(s.W[max(first, last-perDay+1) : last+1])
	f := u.finding(p, models.RuleNotEnergised, pt)
	f.Tier = tierOf(lasted)
	estimate(&f, level, 2*class*level)
	f.Score = score(count, level, class*level)
	u.seen(&f, s, first, last)
	f.Evidence.Kind = "not_energised"
	f.Evidence.Numbers = map[string]float64{"limit_kw": p.DeadDraw / 1000, "measured_kw": level / 1000,
		"hours": float64(count) / 4, "u95_kw": 2 * class * level / 1000}
	f.Evidence.Refutations = []string{"connection_recorded_late", "meter_moved"}
	f.Evidence.Alternatives = []string{"accuracy"}
	return f, true
}

// score is evidence in nats: one term a day, because the intervals of a day are
// not independent; each the likelihood ratio of the excess against none, z²/2, at
// most 3; 30 in all.
func score(intervals int, excess, standard float64) float64 {
	z := excess / math.Max(standard, 1)
	return math.Min(30, math.Max(1, float64(intervals)/float64(perDay))*math.Min(3, z*z/2))
}

// withoutLicense is a draw at a point that is declared as mining and has never
// had a license that still holds.
func withoutLicense(p Params, u Unit, pt Point) (models.Finding, bool) {
	s, class := pt.Channel.Series, p.standard(pt.Channel.Class)
	if _, licensed := pt.stateAt(u.Now); licensed || pt.DeclaredUse != "mining" {
		return models.Finding{}, false
	}
	limit := math.Max(p.AuxFloor, p.DeadDraw)
	over := func(i int) float64 {
		if _, licensed := pt.stateAt(s.at(i)); licensed {
			return math.NaN()
		}
		return s.W[i] - limit - 2*class*s.W[i]
	}
	// Twice of what light and guard take is no light: told after a quarter hour.
	first, last, count, lasted := soon(u, p.OverRuns, len(s.W), over, func(i int) float64 { return over(i) - limit })
	if first < 0 {
		return models.Finding{}, false
	}
	level := mean(s.W[max(first, last-perDay+1) : last+1])
	f := u.finding(p, models.RuleUnlicensed, pt)
	f.Tier = tierOf(lasted)
	estimate(&f, level, 2*class*level)
	f.Score = score(count, level, class*level)
	u.seen(&f, s, first, last)
	f.Evidence.Kind = "without_license"
	f.Evidence.Numbers = map[string]float64{"limit_kw": limit / 1000, "measured_kw": level / 1000, "hours": float64(count) / 4}
	f.Evidence.Refutations = []string{"license_recorded_late", "use_changed"}
	f.Evidence.Alternatives = []string{"auxiliary", "accuracy"}
	return f, true
}

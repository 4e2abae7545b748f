package detection

import (
	"math"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
)

// tampering are the rules of the stream about meters that do not tell the truth.
var tampering = []string{"meter_scaled", "meter_frozen", "meter_zeroed"}

// suspicions are what the stream of a substation has raised about a feeder and its
// points. They are raised only while readings come live, and while what comes now
// still shows the cause; a known one is kept up to date by its whole days.
func suspicions(p Params, u Unit, e *stream.Engine) []models.Finding {
	var out []models.Finding
	for _, c := range e.Causes() {
		var f models.Finding
		found := false
		if c.Alert.Target == u.Feeder.ID {
			f, found = u.balanceFinding(p, e, c)
		} else if i := slices.IndexFunc(u.Points, func(pt Point) bool { return pt.ID == c.Alert.Target }); i >= 0 {
			if slices.Contains(tampering, c.Alert.Rule) {
				f, found = u.meterFinding(p, e, u.Points[i], c)
			} else {
				f, found = u.shapeFinding(p, u.Points[i], c)
			}
		}
		if !found {
			continue
		}
		// The same cause told twice: it began with the first.
		if k := slices.IndexFunc(out, func(o models.Finding) bool { return o.Rule == f.Rule && o.Target == f.Target }); k >= 0 {
			if out[k].FirstSeen.Before(f.FirstSeen) {
				f.FirstSeen, f.Evidence.Onset = out[k].FirstSeen, out[k].Evidence.Onset
			}
			out[k] = f
			continue
		}
		out = append(out, f)
	}
	return out
}

// causeFinding begins the finding of a cause.
func (u Unit) causeFinding(f models.Finding, c stream.Cause) models.Finding {
	a := c.Alert
	f.Tier, f.Score = models.Tier(a.Tier), a.Score
	f.RuleVersion = ruleVersions[f.Rule] + "+" + a.Parameters
	scale := 1.0
	if c.Level > a.High { // it grew
		scale = c.Level / a.KW
	}
	f.Estimated = models.Watts(1000 * scale * a.KW)
	f.Low, f.High = min(f.Estimated, models.Watts(1000*scale*a.Low)), max(f.Estimated, models.Watts(1000*scale*a.High))
	f.FirstSeen, f.LastSeen = a.From, c.Seen
	f.Evidence.Kind, f.Evidence.Refutations = a.Rule, a.Refutations
	f.Evidence.Onset, f.Evidence.Live = a.From, c.Seen
	f.Evidence.Numbers["u95_kw"] = scale * (a.High - a.Low) / 2
	f.Evidence.Numbers["days"] = math.Max(1, math.Round(c.Seen.Sub(a.From).Hours()/24))
	f.Evidence.Numbers["level_kw"] = c.Level
	for _, d := range a.Days {
		f.Evidence.Days = append(f.Evidence.Days, models.EvidenceDay{At: d.At, Measured: 1000 * d.Measured, Expected: 1000 * d.Expected})
	}
	return f
}

// seenNow says of a finding that its cause shows in the newest interval.
func (u Unit) seenNow(f *models.Finding, s Series, newest int) {
	if at := s.at(newest + 1); at.After(f.LastSeen) {
		f.LastSeen = at
	}
	if f.LastSeen.After(u.Now) {
		f.LastSeen = u.Now
	}
	f.Evidence.Live = f.LastSeen
}

// now is the newest interval of a series, if the unit's readings come live and
// reach it.
func (u Unit) now(p Params, s Series) (int, bool) {
	newest, fresh := u.last(s)
	if !fresh || !u.isLive(p) || newest < s.index(u.Live) {
		return 0, false
	}
	return newest, true
}

// shapeFinding is a load that behaves like rigs. Without the weather of the place a
// home is not told from its heating between 15 October and 15 April: tier C then.
func (u Unit) shapeFinding(p Params, pt Point, c stream.Cause) (models.Finding, bool) {
	if _, licensed := pt.stateAt(u.Now); licensed || pt.Channel == nil || pt.DeclaredUse == "mining" {
		return models.Finding{}, false
	}
	if c.Alert.Rule == "split_load" {
		return u.splitFinding(p, pt, c)
	}
	newest, live := u.now(p, pt.Channel.Series)
	if !live {
		return models.Finding{}, false
	}
	f := u.causeFinding(u.finding(p, models.RuleUnlicensed, pt), c)
	a, use := c.Alert, p.use(pt.DeclaredUse)
	if use.Home && a.Weather < temperate && heatedSeason(u.Now) && f.Tier != models.TierAct {
		f.Tier, f.Evidence.TierReason = models.TierWatch, "no_temperature"
	}
	n := f.Evidence.Numbers
	n["floor_before_kw"], n["floor_kw"], n["measured_kw"], n["class_floor_kw"] = a.Before, a.Before+a.KW, a.Before+c.Level, use.Floor/1000
	if a.Rule == "declared_exceeded" {
		n["limit_kw"] = a.Before
	}
	f.Evidence.Alternatives = []string{"working_hours", "pump", "night_work"}
	if a.Weather >= temperate {
		f.Evidence.Alternatives = append(f.Evidence.Alternatives, "heating")
	}
	n["temperature_percent"] = 100 * a.Weather
	if len(a.Usual) == 48 && a.Rule != "flat_load" {
		f.Evidence.Expected = make([]float64, 48)
		for h := range 48 {
			utc := (h%24+24-int(models.LegalOffset/time.Hour))%24 + h/24*24
			f.Evidence.Expected[h] = math.Round(1000 * a.Usual[utc])
		}
	}
	if now := mean(pt.Channel.W[max(0, newest-3) : newest+1]); a.Rule == "two_levels" || a.Rule == "even_energy" || now >= 1000*(a.Before+0.35*a.KW) {
		u.seenNow(&f, pt.Channel.Series, newest)
		n["live_kw"] = now / 1000
		return f, true
	}
	return f, u.Now.Sub(c.Seen) < 25*time.Hour
}

// temperate is the share of days of which the temperature has to be known before a load
// is told from heating.
const temperate = 0.8

// heatedSeason is when homes are heated.
func heatedSeason(now time.Time) bool {
	local := now.UTC().Add(models.LegalOffset)
	m, d := local.Month(), local.Day()
	return m > time.October || m < time.April || m == time.October && d >= 15 || m == time.April && d <= 15
}

// balanceFinding is power that leaves a feeder and reaches no meter.
func (u Unit) balanceFinding(p Params, e *stream.Engine, c stream.Cause) (models.Finding, bool) {
	if u.Head == nil {
		return models.Finding{}, false
	}
	model, ok := e.Model(u.Feeder.ID)
	newest, live := u.now(p, u.Head.Series)
	if !ok || !live {
		return models.Finding{}, false
	}
	f := u.causeFinding(u.feederFinding(p, models.RuleBalance), c)
	f.Evidence.Meters = u.balanced()
	u.modelNumbers(&f, model, c)
	f.Evidence.Alternatives = []string{"losses", "accuracy", "missing_readings", "ct_ratio"}
	if u.excessNow(model, newest) >= c.Alert.Before+0.35*c.Alert.KW {
		u.seenNow(&f, u.Head.Series, newest)
		return f, true
	}
	return f, u.Now.Sub(c.Seen) < 25*time.Hour
}

// meterFinding is a meter that hides a part of what its feeder gives.
func (u Unit) meterFinding(p Params, e *stream.Engine, pt Point, c stream.Cause) (models.Finding, bool) {
	if pt.Channel == nil || u.Head == nil {
		return models.Finding{}, false
	}
	model, ok := e.Model(u.Feeder.ID)
	newest, live := u.now(p, u.Head.Series)
	if !ok || !live {
		return models.Finding{}, false
	}
	f := u.causeFinding(u.finding(p, models.RuleMeterTampered, pt), c)
	f.Evidence.Meters = append([]string{pt.Channel.Meter}, u.Head.Meter)
	u.modelNumbers(&f, model, c)
	f.Evidence.Alternatives = []string{"losses", "missing_readings", "empty_house"}
	if u.excessNow(model, newest) >= c.Alert.Before+0.35*c.Alert.KW {
		u.seenNow(&f, u.Head.Series, newest)
		return f, true
	}
	return f, u.Now.Sub(c.Seen) < 25*time.Hour
}

// balanced are the meters of a balance, the head first.
func (u Unit) balanced() []string {
	out := []string{u.Head.Meter}
	for _, pt := range u.Points {
		if pt.Channel != nil {
			out = append(out, pt.Channel.Meter)
		}
	}
	return out
}

// modelNumbers tells the coefficients of a balance: expected = a + b·S² + (1+g)·S.
func (u Unit) modelNumbers(f *models.Finding, m stream.Model, c stream.Cause) {
	n := f.Evidence.Numbers
	n["a_kw"], n["loss_at_100_kw"], n["gain_percent"] = m.A+c.Alert.Before, 1e4*m.B, 100*m.G
	n["sigma_day_kw"] = m.Sigma
	head := mean(u.Head.W[max(0, len(u.Head.W)-5):])
	n["measured_kw"], n["expected_kw"] = head/1000, head/1000-c.Level
	n["kwh"] = float64(f.Estimated) / 1000 * math.Max(1, c.Seen.Sub(c.Alert.From).Hours())
}

// excessNow is the mean excess of the newest hour, kW; NaN where it is not known.
func (u Unit) excessNow(m stream.Model, newest int) float64 {
	var out []float64
	for i := max(0, newest-3); i <= newest; i++ {
		sum := 0.0
		for _, pt := range u.Points {
			if pt.Channel != nil {
				if w := pt.Channel.value(u.Head.at(i)); w == w {
					sum += w / 1000
				}
			}
		}
		out = append(out, m.Excess(u.Head.W[i]/1000, sum))
	}
	return mean(out)
}

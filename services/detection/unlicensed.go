package detection

import (
	"math"
	"time"

	"rigistry/models"
)

// unlicensed finds a load that behaves like rigs at a point that no license covers.
//
// Three forms. "without_license": the point is declared as mining and draws more
// than a dead connection for OverRuns intervals; a documented fact, tier A.
// "added_load": the floor of the day (15th percentile of its intervals) rose to a
// new level, and what was added to the point's own profile by hour is flat: its
// median at least Added and AddedShare of the mean before, its spread beyond the
// load's own below Spread of it, its 10th percentile above AddedFloor of it, by
// night as by day. "flat_load": no rise was seen, but the floor of every day is
// above what honest loads of the declared use hold and makes up most of the
// energy. A use that is flat by nature is left alone up to 110 % of the permitted
// power ("declared_exceeded" above it).
//
// Sources: percentiles of 622 British homes (EDRP 2009); the official signs of
// the Irkutsk governor's procedure of June 2025 (stable use without fluctuation);
// State Grid Jiangsu 2021 (small daily fluctuation, stable mean). The shape of a
// load alone cannot tell rigs from a data centre that nobody declared, hence tier
// B for a rise that contradicts the declared use, C for the rest, and C for homes
// in the heating season.
func unlicensed(p Params, u Unit, pt Point) (models.Finding, bool) {
	if pt.Channel == nil {
		return models.Finding{}, false
	}
	s := pt.Channel.Series
	newest, fresh := u.last(s)
	if _, licensed := pt.stateAt(u.Now); licensed || !fresh {
		return models.Finding{}, false
	}
	if pt.DeclaredUse == "mining" {
		return withoutLicense(p, u, pt)
	}
	if !u.isLive(p) || newest < s.index(u.Live) {
		return models.Finding{}, false
	}
	use := p.use(pt.DeclaredUse)
	days := s.wholeDays(u.Closed)
	if len(days) < use.Days {
		return models.Finding{}, false
	}
	if use.Flat {
		return declaredExceeded(p, u, pt, days, newest)
	}
	if f, found := addedLoad(p, u, pt, use, days, newest); found {
		return f, true
	}
	return flatLoad(p, u, pt, use, days, newest)
}

// day is what a whole day of a point was like.
type day struct {
	from, until int
	floor, mean float64
}

// wholeDays gives the days before the end of the window of which at least nine
// tenths are known, by quantiles of their intervals.
func (s Series) wholeDays(closed int) []day {
	var out []day
	for _, d := range s.days(closed) {
		w := s.W[d[0]:d[1]]
		if len(known(w)) < perDay*9/10 {
			continue
		}
		out = append(out, day{from: d[0], until: d[1], floor: quantile(w, 0.15), mean: mean(w)})
	}
	return out
}

func floors(days []day) []float64 {
	out := make([]float64, len(days))
	for i, d := range days {
		out[i] = d.floor
	}
	return out
}

// withoutLicense is a draw at a point that is declared as mining and has never
// had a license that still holds.
func withoutLicense(p Params, u Unit, pt Point) (models.Finding, bool) {
	s, class := pt.Channel.Series, p.standard(pt.Channel.Class)
	limit := math.Max(p.AuxFloor, p.DeadDraw)
	over := func(i int) float64 {
		if _, licensed := pt.stateAt(s.at(i)); licensed {
			return math.NaN()
		}
		return s.W[i] - limit - 2*class*s.W[i]
	}
	first, last, count := runs(u, p.OverRuns, len(s.W), over)
	if first < 0 {
		return models.Finding{}, false
	}
	level := mean(s.W[max(first, last-perDay+1) : last+1])
	f := u.finding(p, models.RuleUnlicensed, pt)
	f.Tier = models.TierAct
	estimate(&f, level, 2*class*level)
	f.Score = score(count, level, class*level)
	u.seen(&f, s, first, last)
	f.Evidence.Kind = "without_license"
	f.Evidence.Numbers = map[string]float64{"limit_kw": limit / 1000, "measured_kw": level / 1000, "hours": float64(count) / 4}
	f.Evidence.Refutations = []string{"license_recorded_late", "use_changed"}
	f.Evidence.Alternatives = []string{"auxiliary", "accuracy"}
	return f, true
}

// addedLoad is the form for a load that came on top of another.
func addedLoad(p Params, u Unit, pt Point, use UseClass, days []day, newest int) (models.Finding, bool) {
	s := pt.Channel.Series
	k := split(floors(days), p.MinAfter)
	if k < p.MinBefore || len(days)-k < max(p.MinAfter, use.Days) {
		return models.Finding{}, false
	}
	before, after := days[:k], days[k:]
	rise := median(floors(after)) - median(floors(before))
	if rise < math.Max(use.Added, use.AddedShare*meanOf(before)) {
		return models.Finding{}, false
	}
	// Whole days may hold the change; the baseline ends a day before it.
	clean := before[max(0, len(before)-1)].from
	if k == 1 {
		return models.Finding{}, false
	}
	base := s.profile(before[0].from, clean)
	add := make([]float64, len(s.W))
	for i := range add {
		add[i] = s.W[i] - base[s.slot(i)]
	}
	onset := clean + split(add[clean:min(len(add), after[0].until)], 4)
	load := add[onset : newest+1]
	own := quantile(add[before[0].from:clean], 0.8) - quantile(add[before[0].from:clean], 0.2)
	level := median(load)
	spread := (quantile(load, 0.8) - quantile(load, 0.2) - own) / level
	night, work := byHour(s, add, onset, newest+1, 0, 5), byHour(s, add, onset, newest+1, 10, 17)
	alike := math.Min(night/work, work/night)
	still := median(add[max(onset, newest-3) : newest+1])
	if level < use.Added || spread > use.Spread || quantile(load, 0.1) < p.AddedFloor*level || !(alike > p.NightDay) || still < p.AddedFloor*level {
		return models.Finding{}, false
	}
	return u.shape(p, pt, shaped{kind: "added_load", use: use, from: onset, last: newest, level: rise, before: before, after: after,
		numbers: map[string]float64{"spread": spread, "night_day": alike, "before_kw": meanOf(before) / 1000, "floor_before_kw": median(floors(before)) / 1000},
		base:    base})
}

// flatLoad is the form for a load that was there all along.
func flatLoad(p Params, u Unit, pt Point, use UseClass, days []day, newest int) (models.Finding, bool) {
	s := pt.Channel.Series
	lasting := days[len(days)-use.Days:]
	floor := median(floors(lasting))
	low, high := quantile(floors(lasting), 0.1), quantile(floors(lasting), 0.9)
	night, work := byHour(s, s.W, lasting[0].from, newest+1, 0, 5), byHour(s, s.W, lasting[0].from, newest+1, 10, 17)
	still := quantile(s.W[max(0, newest-3):newest+1], 0)
	if low < use.Floor || floor < use.FloorShare*meanOf(lasting) || high-low > use.Spread*floor || night < use.FloorShare*floor || work < use.FloorShare*floor || still < 0.8*floor {
		return models.Finding{}, false
	}
	return u.shape(p, pt, shaped{kind: "flat_load", use: use, from: days[0].from, last: newest, level: floor, after: lasting,
		numbers: map[string]float64{"floor_share": floor / meanOf(lasting), "class_floor_kw": use.Floor / 1000}})
}

// declaredExceeded is a load that is flat by nature and larger than was permitted.
func declaredExceeded(p Params, u Unit, pt Point, days []day, newest int) (models.Finding, bool) {
	use := p.use(pt.DeclaredUse)
	lasting := days[len(days)-use.Days:]
	limit := float64(pt.Permitted) * flatExcess
	if pt.Permitted <= 0 || quantile(floors(lasting), 0.1) < limit+use.Added {
		return models.Finding{}, false
	}
	return u.shape(p, pt, shaped{kind: "declared_exceeded", use: use, from: lasting[0].from, last: newest,
		level: median(floors(lasting)) - float64(pt.Permitted), after: lasting,
		numbers: map[string]float64{"limit_kw": float64(pt.Permitted) / 1000}})
}

// shaped is a suspicion from the shape of a load, before it is worded.
type shaped struct {
	kind          string
	use           UseClass
	from, last    int
	level         float64 // W
	before, after []day
	numbers       map[string]float64
	base          []float64
}

// shape makes the finding of a suspicion. Its interval: the scatter of the day
// floors on both sides, the meter's class, and one per cent of what is added, as
// rigs warm up and are serviced; k = 2. Without a before the lower end is what is
// left when an honest floor of a tenth is taken off.
func (u Unit) shape(p Params, pt Point, c shaped) (models.Finding, bool) {
	class := p.standard(pt.Channel.Class)
	s := pt.Channel.Series
	f := u.finding(p, models.RuleUnlicensed, pt)
	f.Tier = tierOf(c, u.Now)
	scatter := func(d []day) float64 {
		if len(d) == 0 {
			return 0
		}
		return sigma(floors(d)) / math.Sqrt(float64(len(d)))
	}
	standard := math.Hypot(math.Hypot(scatter(c.before), scatter(c.after)), math.Hypot(class*median(floors(c.after)), 0.01*c.level))
	estimate(&f, c.level, 2*standard)
	if c.base == nil {
		f.Low = min(f.Low, models.Watts(0.9*c.level))
	}
	if low, high := f.Rigs(); high < 1 || low < 1 {
		return models.Finding{}, false // not even one rig
	}
	f.Score = score(c.last+1-c.from, c.level, math.Max(standard, sigma(floors(c.after))))
	u.seen(&f, s, c.from, c.last)
	e := &f.Evidence
	e.Kind, e.Numbers, e.Expected = c.kind, c.numbers, whole(c.base)
	e.Numbers["u95_kw"] = 2 * standard / 1000
	e.Numbers["floor_kw"] = median(floors(c.after)) / 1000
	e.Numbers["measured_kw"] = meanOf(c.after) / 1000
	e.Numbers["days"] = float64(len(c.after))
	e.Numbers["live_kw"] = mean(s.W[s.index(u.Live):c.last+1]) / 1000
	if live := e.Numbers["live_kw"]; math.IsNaN(live) {
		delete(e.Numbers, "live_kw")
	}
	e.Refutations = []string{"load_declared", "new_equipment", "ct_ratio", "meter_exchanged"}
	e.Alternatives = []string{"working_hours", "heating", "pump", "night_work"}
	return f, true
}

// tierOf: a rise that contradicts the declared use is B; what was always there, or
// passes a permitted power only, is C; and so are homes while they are heated,
// from 15 October to 15 April.
func tierOf(c shaped, now time.Time) models.Tier {
	local := now.UTC().Add(models.LegalOffset)
	m, d := local.Month(), local.Day()
	heated := m > time.October || m < time.April || m == time.October && d >= 15 || m == time.April && d <= 15
	if c.kind != "added_load" || c.use.Home && heated {
		return models.TierWatch
	}
	return models.TierInspect
}

func meanOf(days []day) float64 {
	sum := 0.0
	for _, d := range days {
		sum += d.mean
	}
	return sum / float64(len(days))
}

// byHour is the median of values whose local hour is in [h0, h1).
func byHour(s Series, w []float64, from, until, h0, h1 int) float64 {
	var in []float64
	for i := from; i < until; i++ {
		if h, _ := s.hour(i); h >= h0 && h < h1 {
			in = append(in, w[i])
		}
	}
	return median(in)
}

// whole rounds to watts; numbers that are not there become 0.
func whole(w []float64) []float64 {
	out := make([]float64, 0, len(w))
	for _, v := range w {
		if math.IsNaN(v) {
			v = 0
		}
		out = append(out, math.Round(v))
	}
	return out
}

package detection

import (
	"cmp"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/detection/stream"
)

// holderOf is whose a point is, as a key that tells holders apart: the party of the
// register, or the number of whoever is not one. "" when nobody is known.
func (pt Point) holderOf() string { return cmp.Or(pt.Consumer, pt.ConsumerBin) }

// splitFinding is a farm that is spread over the meters of one holder, at its first
// point, with the meters of all its points as evidence. A point that was licensed since
// is no part of it, and with less than two there is none.
func (u Unit) splitFinding(p Params, pt Point, c stream.Cause) (models.Finding, bool) {
	newest, live := u.now(p, pt.Channel.Series)
	if !live {
		return models.Finding{}, false
	}
	var meters []string
	now := 0.0
	for _, o := range u.Points {
		if !slices.Contains(c.Alert.Members, o.ID) || o.Channel == nil {
			continue
		}
		if _, licensed := o.stateAt(u.Now); licensed {
			continue
		}
		meters = append(meters, o.Channel.Meter)
		if w := o.Channel.value(pt.Channel.at(newest)); w == w {
			now += w
		}
	}
	if len(meters) < 2 {
		return models.Finding{}, false
	}
	f := u.causeFinding(u.finding(p, models.RuleUnlicensed, pt), c)
	own := f.Evidence.Meters[0]
	f.Evidence.Meters = append([]string{own}, slices.DeleteFunc(meters, func(id string) bool { return id == own })...)
	n := f.Evidence.Numbers
	n["points"], n["floor_before_kw"], n["measured_kw"], n["live_kw"] = float64(len(meters)), c.Alert.Before, c.Alert.Before+c.Level, now/1000
	f.Evidence.Alternatives = []string{"working_hours", "heating", "night_work"}
	if now >= 1000*(c.Alert.Before+0.35*c.Alert.KW) {
		u.seenNow(&f, pt.Channel.Series, newest)
		return f, true
	}
	return f, u.Now.Sub(c.Seen) < 25*time.Hour
}

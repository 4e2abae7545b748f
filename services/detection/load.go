package detection

import (
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// load reads a feeder's window from the store: all that rules see.
func load(tx *store.Tx, p Params, feederID string, state store.DetectionState) (Unit, error) {
	feeder, err := tx.Feeder(feederID)
	if err != nil {
		return Unit{}, err
	}
	now := tx.Now
	end := models.IntervalStart(now)
	u := Unit{Feeder: feeder, Now: now, Start: end.Add(-p.Window)}
	if !state.LiveFrom.IsZero() && now.Sub(state.Live) <= p.LiveBreak {
		u.Live = state.LiveFrom
	}
	meters, err := tx.FeederMeters(feeder, now)
	if err != nil {
		return Unit{}, err
	}
	ids := make([]string, 0, len(meters))
	for _, m := range meters {
		if m.Role == models.MeterFeeder || m.Role == models.MeterRevenue {
			ids = append(ids, m.ID)
		}
	}
	intervals, err := tx.IntervalsOf(ids, u.Start, now)
	if err != nil {
		return Unit{}, err
	}
	if len(intervals) > 0 && intervals[0].Start.After(u.Start) {
		u.Start = intervals[0].Start // nothing is known before
	}
	u.Closed = int(end.Sub(u.Start) / step)
	n := u.Closed
	if now.After(end) {
		n++
	}
	byMeter := map[string][]models.Interval{}
	for _, iv := range intervals {
		byMeter[iv.Meter] = append(byMeter[iv.Meter], iv)
	}
	channel := func(role models.MeterRole, names ...string) *Channel {
		for _, m := range meters {
			for _, name := range names {
				if m.Role == role && m.Node.ID == name {
					return &Channel{Meter: m.ID, Class: m.AccuracyClass, Series: seriesOf(u.Start, n, byMeter[m.ID], now)}
				}
			}
		}
		return nil
	}
	u.Head = channel(models.MeterFeeder, feeder.ID, feeder.Code)
	spans, err := spansOf(tx, feederID)
	if err != nil {
		return Unit{}, err
	}
	for after := ""; ; {
		page, err := tx.ConnectionPoints(store.ConnectionFilter{Feeder: feederID}, store.Page{Limit: 1000, After: after})
		if err != nil {
			return Unit{}, err
		}
		for _, c := range page {
			pt := Point{ConnectionPoint: c, Channel: channel(models.MeterRevenue, c.ID, c.Code), Spans: spans[c.Code]}
			if pt.mines() {
				if pt.Standing, err = standingOf(tx, feeder, pt); err != nil {
					return Unit{}, err
				}
			}
			u.Points = append(u.Points, pt)
			after = c.Code
		}
		if len(page) < 1000 {
			return u, nil
		}
	}
}

// never is the end of what has no end yet.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// spansOf gives the states of licenses at the points of a feeder, by point code.
func spansOf(tx *store.Tx, feeder string) (map[string][]Span, error) {
	rows, err := tx.LicensedSpans(feeder)
	if err != nil {
		return nil, err
	}
	out := map[string][]Span{}
	for i, r := range rows {
		until := never
		if i+1 < len(rows) && rows[i+1].Point == r.Point && rows[i+1].Number == r.Number {
			until = rows[i+1].Effective
		}
		if r.State == models.LicenseSuperseded {
			continue
		}
		out[r.Point] = append(out[r.Point], Span{License: r.Number, State: r.State, Approved: r.Approved, From: r.Effective, Until: until})
	}
	return out, nil
}

// standingOf gives the hours of supply and the curtailments that hold for a point
// that mines.
func standingOf(tx *store.Tx, feeder models.Feeder, pt Point) ([]models.StandingFact, error) {
	substation, err := tx.Substation(feeder.Substation)
	if err != nil {
		return nil, err
	}
	place := store.StandingPlace{Point: pt.Code, Feeder: feeder.Code, Substation: substation.Code}
	if span, ok := pt.stateAt(tx.Now); ok {
		place.License = span.License
	}
	facts, err := tx.StandingAt(place)
	return slices.DeleteFunc(facts, func(f models.StandingFact) bool {
		return f.Kind != models.StandingCurtailment && f.Kind != models.StandingSupply
	}), err
}

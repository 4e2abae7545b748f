package detection

import (
	"fmt"
	"slices"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// loadSubstation reads the feeders of a substation: of those that are due, what the
// limits see.
func loadSubstation(tx *store.Tx, p Params, substation string, due []store.DetectionState) ([]Unit, error) {
	feeders, err := tx.Feeders("", substation, store.Page{Limit: 1000})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(feeders))
	for i, f := range feeders {
		ids[i] = f.ID
	}
	states, err := tx.DetectionStates(ids)
	if err != nil {
		return nil, err
	}
	outcomes, err := tx.Outcomes(tx.Now.Add(-learnFor))
	if err != nil {
		return nil, err
	}
	priors := priorsOf(outcomes)
	units := make([]Unit, 0, len(feeders))
	for _, f := range feeders {
		u, err := load(tx, p, f, states[f.ID])
		if err != nil {
			return nil, fmt.Errorf("feeder %s: %w", f.Code, err)
		}
		u.Priors = priors
		u.Due = slices.ContainsFunc(due, func(d store.DetectionState) bool { return d.Feeder == f.ID })
		units = append(units, u)
	}
	return units, nil
}

// newest is how much of the intervals is read of meters that no limit concerns: what
// shows whether a cause is still there.
const newest = 90 * time.Minute

// load reads a feeder from the store: of points that a limit concerns its window, of
// others the newest intervals.
func load(tx *store.Tx, p Params, feeder models.Feeder, state store.DetectionState) (Unit, error) {
	end := models.IntervalStart(tx.Now)
	u := Unit{Feeder: feeder, Now: tx.Now, Start: end.Add(-p.Window)}
	if !state.LiveFrom.IsZero() && u.Now.Sub(state.Live) <= p.LiveBreak {
		u.Live = state.LiveFrom
	}
	ids, err := u.register(tx)
	if err != nil {
		return Unit{}, err
	}
	return u, u.read(tx, ids, end)
}

// register fills in what the register knows of a feeder now, without readings, and gives
// the meters of its balance.
func (u *Unit) register(tx *store.Tx) ([]string, error) {
	meters, err := tx.FeederMeters(u.Feeder, tx.Now)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(meters))
	byNode, shared := map[string]models.Meter{}, map[string]bool{}
	for _, m := range meters {
		shared[m.Node.ID] = shared[m.Node.ID] || m.Role == models.MeterGenerator || m.Role == models.MeterRevenue && byNode["revenue "+m.Node.ID].ID != ""
		if m.Role == models.MeterFeeder || m.Role == models.MeterRevenue {
			ids = append(ids, m.ID)
			if key := string(m.Role) + " " + m.Node.ID; byNode[key].ID == "" {
				byNode[key] = m
			}
		}
	}
	if u.Allowances, err = tx.AllowancesOfFeeder(u.Feeder.ID); err != nil {
		return nil, err
	}
	if err := u.points(tx, u.Feeder, byNode); err != nil {
		return nil, err
	}
	return ids, u.sites(tx, u.Feeder, shared)
}

// points reads the connection points with their licenses, and which meter is whose.
func (u *Unit) points(tx *store.Tx, feeder models.Feeder, byNode map[string]models.Meter) error {
	channel := func(role models.MeterRole, names ...string) *Channel {
		for _, name := range names {
			if m := byNode[string(role)+" "+name]; m.ID != "" {
				return &Channel{Meter: m.ID, Class: m.AccuracyClass, CT: float64(m.CTNum) / float64(max(m.CTDen, 1))}
			}
		}
		return nil
	}
	u.Head = channel(models.MeterFeeder, feeder.ID, feeder.Code)
	spans, err := spansOf(tx, feeder.ID)
	if err != nil {
		return err
	}
	for after := ""; ; {
		page, err := tx.ConnectionPoints(store.ConnectionFilter{Feeder: feeder.ID}, store.Page{Limit: 1000, After: after})
		if err != nil {
			return err
		}
		for _, c := range page {
			pt := Point{ConnectionPoint: c, Channel: channel(models.MeterRevenue, c.ID, c.Code), Spans: spans[c.Code]}
			if pt.mines() {
				if pt.Standing, err = standingOf(tx, feeder, pt); err != nil {
					return err
				}
			}
			u.Points = append(u.Points, pt)
			after = c.Code
		}
		if len(page) < 1000 {
			return nil
		}
	}
}

// limited tells whether a limit may concern a point, which no shape of a load does.
func (pt Point) limited() bool { return pt.mines() || pt.State != models.ConnectionEnergised }

// read fills in the series of the channels: from the beginning of the window, or of
// the newest intervals only.
func (u *Unit) read(tx *store.Tx, all []string, end time.Time) error {
	var wide []string
	channels := map[string]*Channel{}
	if u.Head != nil {
		channels[u.Head.Meter] = u.Head
	}
	for _, pt := range u.Points {
		if pt.Channel == nil {
			continue
		}
		channels[pt.Channel.Meter] = pt.Channel
		if pt.limited() {
			wide = append(wide, pt.Channel.Meter)
		}
		for _, c := range pt.Inner.PDUs {
			wide, all, channels[c.Meter] = append(wide, c.Meter), append(all, c.Meter), c
		}
	}
	last, err := tx.LastIntervals(all)
	if err != nil {
		return err
	}
	intervals, err := tx.IntervalsOf(wide, u.Start, u.Now)
	if err != nil {
		return err
	}
	from := end.Add(-newest)
	some := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return slices.Contains(wide, id) })
	more, err := tx.IntervalsOf(some, from, u.Now)
	if err != nil {
		return err
	}
	intervals = append(intervals, more...)
	u.Closed = int(end.Sub(u.Start) / step)
	n := u.Closed
	if u.Now.After(end) {
		n++
	}
	byMeter := map[string][]models.Interval{}
	for _, iv := range intervals {
		byMeter[iv.Meter] = append(byMeter[iv.Meter], iv)
	}
	for id, c := range channels {
		if slices.Contains(wide, id) {
			c.Series = seriesOf(u.Start, n, byMeter[id], u.Now)
		} else {
			c.Series = seriesOf(from, n-int(from.Sub(u.Start)/step), byMeter[id], u.Now)
		}
		c.Read = last[id].After(u.Start)
	}
	for i := range u.Points {
		u.Points[i].Inner.silent()
	}
	return nil
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

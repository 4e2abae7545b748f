package metering

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// UnitState is how the polling of a meter goes, as an operator sees it.
type UnitState string

// The states, from the worst.
const (
	UnitMismatch UnitState = "mismatch" // another device answers in its place
	UnitDead     UnitState = "dead"     // has not answered for long
	UnitFrozen   UnitState = "frozen"   // repeats itself byte for byte
	UnitLate     UnitState = "late"     // has missed a poll or more
	UnitBudget   UnitState = "budget"   // its link is planned too tight
	UnitDue      UnitState = "due"      // is to be read for the first time, or at any moment
	UnitOK       UnitState = "ok"
)

// UnitStates lists the states, the worst first.
func UnitStates() []UnitState {
	return []UnitState{UnitMismatch, UnitDead, UnitFrozen, UnitLate, UnitBudget, UnitDue, UnitOK}
}

// Times after which a meter counts as due, late and dead: so many polls, and the time
// that a batch takes on its way, or for the dead the time that breakers take.
const (
	latePolls = 3
	deadPolls = 20
	batchTime = 15 * time.Second
	deadLeast = 3 * time.Minute
)

// FleetUnit is a meter of the fleet.
type FleetUnit struct {
	store.PolledMeter
	Endpoint  string
	State     UnitState
	Health    *UnitHealth // nil when no collector has said anything about it
	Collector string      // "" for this process
	Reported  time.Time   // zero for this process
}

// Gateway is an endpoint with the states of its meters.
type Gateway struct {
	Endpoint string
	Meters   int
	States   map[UnitState]int
	Load     LinkLoad
	LastGood time.Time // of any of its meters
}

// FleetQuery asks for a part of the fleet.
type FleetQuery struct {
	State    UnitState // "" for any
	Endpoint string
	Text     string // part of the code or of the endpoint
	After    string // the last code of the part before
	Limit    int    // 200 when 0, at most 1,000
}

// Fleet is a part of the fleet, with counts over all that the caller may see and the
// rest of the query asks for.
type Fleet struct {
	Units    []FleetUnit
	Next     string // "" when this is all
	Counts   map[UnitState]int
	Total    int
	Gateways int
	Faults   map[string]int64 // see Faults
	Lags     Lags             // of this process
}

// fleetFresh is how long the list is looked at before it is read again.
const fleetFresh = 2 * time.Second

// reportFresh is how long what a collector said about a meter counts.
const reportFresh = 3 * time.Minute

// fleetView is the fleet as it was a moment ago: everybody who looks shares one read.
type fleetView struct {
	mu      sync.Mutex
	at      time.Time
	meters  []store.PolledMeter
	reports map[string]reported
	loads   map[string]LinkLoad // by endpoint
	key     uint64              // of the meters that loads are of
}

type reported struct {
	health    UnitHealth
	collector string
	at        time.Time
}

// read gives the lists; a past moment is never shared.
func (s *Service) fleetNow(ctx context.Context) (*fleetView, error) {
	v := &s.fleet
	v.mu.Lock()
	defer v.mu.Unlock()
	past := store.MomentOf(ctx).Past()
	now := s.now()
	if !past && v.meters != nil && now.Sub(v.at) < fleetFresh && !now.Before(v.at) {
		return &fleetView{meters: v.meters, reports: v.reports, loads: v.loads}, nil
	}
	next := &fleetView{at: now, reports: map[string]reported{}}
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		if next.meters, err = tx.PolledMeters(); err != nil || past {
			return err
		}
		rows, err := tx.UnitReports(now.Add(-reportFresh))
		if err != nil {
			return err
		}
		clear(next.reports)
		for _, r := range rows {
			var h UnitHealth
			if err := json.Unmarshal(r.Body, &h); err != nil {
				return err
			}
			next.reports[r.Meter] = reported{h, r.Collector, time.UnixMicro(r.Reported).UTC()}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	next.key = keyOfFleet(next.meters)
	if next.loads = v.loads; next.key != v.key || v.loads == nil {
		next.loads = loadsOf(next.meters)
	}
	if !past {
		v.at, v.meters, v.reports, v.loads, v.key = next.at, next.meters, next.reports, next.loads, next.key
	}
	return next, nil
}

// keyOfFleet changes when the plan of a link may have.
func keyOfFleet(meters []store.PolledMeter) uint64 {
	sum := uint64(len(meters))
	for i := range meters {
		m := &meters[i]
		sum += hashOf(m.ID + m.URL + m.Profile + m.Every.String())
	}
	return sum
}

func loadsOf(meters []store.PolledMeter) map[string]LinkLoad {
	list := make([]models.Meter, len(meters))
	for i, m := range meters {
		list[i] = models.Meter{ID: m.ID, Code: m.Code, URL: m.URL, Unit: m.Unit, Profile: m.Profile, PollInterval: m.Every}
	}
	out := map[string]LinkLoad{}
	for _, l := range PlannedLoad(list) {
		out[l.Endpoint] = l
	}
	return out
}

// state judges a meter by its newest readings and what its collector says.
func (u *FleetUnit) state(now time.Time, over bool) UnitState {
	silent := now.Sub(u.LastGood)
	late := max(latePolls*u.Every, u.Every+batchTime)
	answers := u.Health != nil && u.Health.State == "ok"
	switch {
	case !u.LastAt.IsZero() && u.Quality == models.QualityOtherDevice:
		return UnitMismatch
	case u.LastGood.IsZero() && u.Health != nil && u.Health.State == "dead":
		return UnitDead
	case u.LastGood.IsZero() && u.Health == nil && u.LastAt.IsZero() && now.Sub(u.Installed) < deadLeast+late:
		return UnitDue
	case !answers && silent > max(deadPolls*u.Every, deadLeast+late):
		return UnitDead
	case u.Health != nil && u.Health.State == "dead":
		return UnitDead
	case !u.LastAt.IsZero() && u.Quality == models.QualityFrozen:
		return UnitFrozen
	case !u.LastGood.IsZero() && silent > late, !u.LastAt.IsZero() && u.Quality == models.QualityCommError:
		return UnitLate
	case over:
		return UnitBudget
	case u.LastGood.IsZero(), silent > u.Every+batchTime:
		return UnitDue
	}
	return UnitOK
}

// units gives every unit that the actor may see. live is what this process polls.
func (s *Service) units(ctx context.Context, actor models.Actor, live []UnitHealth) ([]FleetUnit, *fleetView, error) {
	if err := models.Can(actor, models.ActMeterRead, models.Scope{}); err != nil {
		return nil, nil, err
	}
	view, err := s.fleetNow(ctx)
	if err != nil {
		return nil, nil, err
	}
	here := make(map[string]*UnitHealth, len(live))
	for i := range live {
		here[live[i].Meter] = &live[i]
	}
	may := map[string]bool{}
	now := s.now()
	out := make([]FleetUnit, 0, len(view.meters))
	for i := range view.meters {
		m := &view.meters[i]
		seen, asked := may[m.Utility]
		if !asked {
			seen = models.Can(actor, models.ActMeterRead, models.Scope{Utility: m.Utility}) == nil
			may[m.Utility] = seen
		}
		if !seen {
			continue
		}
		u := FleetUnit{PolledMeter: *m, Endpoint: endpointOf(m.URL), Health: here[m.ID]}
		if r, ok := view.reports[m.ID]; ok && u.Health == nil {
			u.Health, u.Collector, u.Reported = &r.health, r.collector, r.at
		}
		u.State = u.state(now, view.loads[u.Endpoint].Over())
		out = append(out, u)
	}
	return out, view, nil
}

// Fleet gives a part of the meters that are read over Modbus, as far as the actor may
// see them, by code. live is what a collector in this process says of its meters.
func (s *Service) Fleet(ctx context.Context, actor models.Actor, q FleetQuery, live []UnitHealth) (Fleet, error) {
	units, _, err := s.units(ctx, actor, live)
	if err != nil {
		return Fleet{}, err
	}
	if q.Limit <= 0 {
		q.Limit = 200
	}
	q.Limit = min(q.Limit, 1000)
	out := Fleet{Counts: map[UnitState]int{}}
	text := strings.ToLower(q.Text)
	gateways := map[string]bool{}
	var health []UnitHealth
	for _, u := range units {
		if (q.Endpoint != "" && u.Endpoint != q.Endpoint) || (text != "" && !strings.Contains(strings.ToLower(u.Code), text) && !strings.Contains(u.Endpoint, text)) {
			continue
		}
		out.Counts[u.State]++
		out.Total++
		gateways[u.Endpoint] = true
		if u.Health != nil {
			health = append(health, *u.Health)
		}
		if (q.State != "" && u.State != q.State) || u.Code <= q.After {
			continue
		}
		if len(out.Units) == q.Limit {
			out.Next = out.Units[q.Limit-1].Code
			continue
		}
		if out.Next == "" {
			out.Units = append(out.Units, u)
		}
	}
	out.Gateways, out.Faults = len(gateways), Faults(health)
	return out, nil
}

// Gateways gives the endpoints whose meters the actor may see, those with the most
// trouble first, at most limit.
func (s *Service) Gateways(ctx context.Context, actor models.Actor, text string, limit int, live []UnitHealth) ([]Gateway, error) {
	units, view, err := s.units(ctx, actor, live)
	if err != nil {
		return nil, err
	}
	by := map[string]*Gateway{}
	for _, u := range units {
		if text != "" && !strings.Contains(u.Endpoint, strings.ToLower(text)) {
			continue
		}
		g := by[u.Endpoint]
		if g == nil {
			g = &Gateway{Endpoint: u.Endpoint, States: map[UnitState]int{}, Load: view.loads[u.Endpoint]}
			by[u.Endpoint] = g
		}
		g.Meters++
		g.States[u.State]++
		if u.LastGood.After(g.LastGood) {
			g.LastGood = u.LastGood
		}
	}
	out := make([]Gateway, 0, len(by))
	for _, g := range by {
		out = append(out, *g)
	}
	trouble := func(g Gateway) int { return g.Meters - g.States[UnitOK] - g.States[UnitDue] }
	slices.SortFunc(out, func(a, b Gateway) int {
		return cmp.Or(cmp.Compare(trouble(b), trouble(a)), strings.Compare(a.Endpoint, b.Endpoint))
	})
	return out[:min(len(out), limit)], nil
}

// Report keeps what an edge collector says about the polling of its meters. Meters are
// named by code or id; unknown ones, and those of another utility, are left out. It
// gives how many were kept.
func (s *Service) Report(ctx context.Context, actor models.Actor, collector string, units []UnitHealth) (kept int, err error) {
	if err := models.Can(actor, models.ActReadingWrite, models.Scope{}); err != nil {
		return 0, err
	}
	if collector == "" || len(collector) > 64 || len(units) > maxBatch {
		return 0, models.Errorf(models.CodeInvalid, "Name the collector in at most 64 characters, and report at most %d meters at once.", maxBatch)
	}
	if actor.Collector != "" {
		collector = actor.Collector
	}
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = cmp.Or(u.Meter, u.Code)
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		found, err := tx.MetersNamed(names)
		if err != nil {
			return err
		}
		ids := make(map[string]string, 2*len(found))
		for _, m := range found {
			if actor.Utility == "" || m.Utility == actor.Utility {
				ids[m.Code] = m.ID
			}
		}
		for _, m := range found {
			if actor.Utility == "" || m.Utility == actor.Utility {
				ids[m.ID] = m.ID
			}
		}
		rows := make(map[string]store.UnitReport, len(units))
		for i, u := range units {
			id, ok := ids[names[i]]
			if !ok {
				continue
			}
			u.Meter = id
			body, err := json.Marshal(u)
			if err != nil {
				return err
			}
			rows[id] = store.UnitReport{Meter: id, Collector: collector, Body: body}
		}
		list := make([]store.UnitReport, 0, len(rows))
		for _, r := range rows {
			list = append(list, r)
		}
		slices.SortFunc(list, func(a, b store.UnitReport) int { return strings.Compare(a.Meter, b.Meter) })
		kept = len(list)
		return tx.KeepUnitReports(list)
	})
	return kept, err
}

// UnitOf gives what a collector of elsewhere said last about a meter that the actor
// may see; false when none did lately.
func (s *Service) UnitOf(ctx context.Context, actor models.Actor, idOrCode string) (h UnitHealth, at time.Time, ok bool, err error) {
	err = s.store.View(ctx, func(tx *store.Tx) error {
		m, err := visibleMeter(tx, actor, idOrCode)
		if err != nil {
			return err
		}
		h, ok = UnitHealth{}, false
		r, err := tx.UnitReport(m.ID)
		if models.CodeOf(err) == models.CodeNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		at, ok = time.UnixMicro(r.Reported).UTC(), true
		return json.Unmarshal(r.Body, &h)
	})
	return h, at, ok, err
}

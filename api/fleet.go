package api

import (
	"context"
	"math"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

func (s *Server) fleetRoutes() []route {
	return []route{
		handle("GET", "/v1/collectors/fleet", models.ActMeterRead, "Metering", "Every meter that is read over Modbus, with its state and counts of all", s.listFleet),
		handle("GET", "/v1/collectors/gateways", models.ActMeterRead, "Metering", "The endpoints with the states of their meters, those with the most trouble first", s.listGateways),
		handle("POST", "/v1/collectors/reports", models.ActReadingWrite, "Metering", "Say how the polling of meters and the spool do; the newest of each is kept", s.postReports).upTo(8 << 20),
		handle("GET", "/v1/meters/{id}/polling", models.ActMeterRead, "Metering", "A meter's registers, plan, timing, failures and profile", s.getPolling),
	}
}

// FleetUnitWire is a meter of the fleet.
type FleetUnitWire struct {
	Meter     string           `json:"meter"`
	Code      string           `json:"code"`
	Endpoint  string           `json:"endpoint"`
	Unit      int              `json:"unit"`
	Profile   string           `json:"profile"`
	State     string           `json:"state" enum:"mismatch,dead,frozen,late,budget,due,ok"`
	EveryS    float64          `json:"every_s" doc:"Seconds between polls"`
	LastAt    *time.Time       `json:"last_at,omitempty" doc:"Of the newest reading, also one without values"`
	Quality   string           `json:"quality,omitempty" doc:"Of that"`
	LastGood  *time.Time       `json:"last_good,omitempty" doc:"Of the newest reading with values"`
	Fault     string           `json:"fault,omitempty" doc:"Kind of the last failure: dial, timeout, closed, exception, wrong_id, crc, protocol, identity, tls"`
	LastError string           `json:"last_error,omitempty"`
	Collector string           `json:"collector,omitempty" doc:"Who polls it; absent for this server, or when nobody has said"`
	Polled    string           `json:"polled" enum:"here,elsewhere,unknown" doc:"Whether the counters are of this server, of a collector's report, or nobody's"`
	Due       int64            `json:"due"`
	Ok        int64            `json:"ok"`
	RttMs     float64          `json:"rtt_ms"`
	Counters  map[string]int64 `json:"counters" doc:"Faults that have happened since the link began; those that have not are left out"`
}

// FleetWire is a part of the fleet.
type FleetWire struct {
	Items    []FleetUnitWire  `json:"items" nullable:"false"`
	Next     string           `json:"next,omitempty"`
	Total    int              `json:"total"`
	Counts   map[string]int   `json:"counts" doc:"Meters by state, over all that the other filters leave"`
	Gateways int              `json:"gateways"`
	Faults   map[string]int64 `json:"faults" doc:"Faults by kind, of the same meters, since their links began"`
	LagMs    LagWire          `json:"lag_ms" doc:"How long after their time polls of this server begin"`
}

// LagWire is quantiles in milliseconds.
type LagWire struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// FleetInput filters the fleet.
type FleetInput struct {
	ListQuery
	State    string `query:"state" enum:"mismatch,dead,frozen,late,budget,due,ok"`
	Endpoint string `query:"endpoint" maxLength:"200"`
	Q        string `query:"q" maxLength:"64" doc:"Part of the code or of the endpoint"`
}

func (s *Server) polledHere() []metering.UnitHealth {
	if s.cfg.Collector == nil {
		return nil
	}
	return s.cfg.Collector()
}

func (s *Server) listFleet(ctx context.Context, actor models.Actor, in *FleetInput) (*output[FleetWire], error) {
	page := in.page()
	fleet, err := s.svc.Metering.Fleet(ctx, actor, metering.FleetQuery{State: metering.UnitState(in.State), Endpoint: in.Endpoint, Text: in.Q,
		After: page.After, Limit: page.Size()}, s.polledHere())
	if err != nil {
		return nil, err
	}
	out := FleetWire{Items: make([]FleetUnitWire, len(fleet.Units)), Next: fleet.Next, Total: fleet.Total, Counts: countsOf(fleet.Counts),
		Gateways: fleet.Gateways, Faults: fleet.Faults}
	if s.cfg.Lags != nil {
		l := s.cfg.Lags()
		out.LagMs = LagWire{P50: inMillis(l.P50), P99: inMillis(l.P99), Max: inMillis(l.Max)}
	}
	for i := range fleet.Units {
		out.Items[i] = fleetUnitWire(&fleet.Units[i])
	}
	return &output[FleetWire]{Body: out}, nil
}

func countsOf(in map[metering.UnitState]int) map[string]int {
	out := map[string]int{}
	for _, state := range metering.UnitStates() {
		out[string(state)] = in[state]
	}
	return out
}

// inMillis gives milliseconds with two decimals.
func inMillis(d time.Duration) float64 {
	return math.Round(float64(d)/float64(time.Millisecond)*100) / 100
}

func fleetUnitWire(u *metering.FleetUnit) FleetUnitWire {
	w := FleetUnitWire{Meter: u.ID, Code: u.Code, Endpoint: u.Endpoint, Unit: int(u.Unit), Profile: u.Profile, State: string(u.State),
		EveryS: u.Every.Seconds(), LastAt: optionalTime(u.LastAt), LastGood: optionalTime(u.LastGood), Collector: u.Collector, Polled: "unknown", Counters: map[string]int64{}}
	if !u.LastAt.IsZero() {
		w.Quality = u.Quality.String()
	}
	if u.Health == nil {
		return w
	}
	if w.Polled = "here"; !u.Reported.IsZero() {
		w.Polled = "elsewhere"
	}
	w.Fault, w.LastError, w.Due, w.Ok, w.RttMs = string(u.Health.LastFault), u.Health.LastError, u.Health.Due, u.Health.OK, inMillis(u.Health.RTT)
	w.Counters = countersOf(*u.Health)
	return w
}

// countersOf gives the faults of a unit that have happened.
func countersOf(u metering.UnitHealth) map[string]int64 {
	out := metering.Faults([]metering.UnitHealth{u})
	for word, n := range out {
		if n == 0 {
			delete(out, word)
		}
	}
	return out
}

// GatewayWire is an endpoint with the states of its meters.
type GatewayWire struct {
	Endpoint string         `json:"endpoint"`
	Meters   int            `json:"meters"`
	Counts   map[string]int `json:"counts"`
	LoadPct  float64        `json:"load_pct" doc:"How much of its time the plan keeps it busy"`
	Over     bool           `json:"over" doc:"More than may be planned: poll less often, or move meters to another gateway"`
	Requests float64        `json:"requests_per_s"`
	LastGood *time.Time     `json:"last_good,omitempty"`
}

// GatewaysInput filters the endpoints.
type GatewaysInput struct {
	Q     string `query:"q" maxLength:"64" doc:"Part of the endpoint"`
	Limit int    `query:"limit" minimum:"1" maximum:"5000" default:"200"`
}

func (s *Server) listGateways(ctx context.Context, actor models.Actor, in *GatewaysInput) (*listOutput[GatewayWire], error) {
	found, err := s.svc.Metering.Gateways(ctx, actor, in.Q, in.Limit, s.polledHere())
	if err != nil {
		return nil, err
	}
	return listOf(found, "", func(g metering.Gateway) GatewayWire {
		return GatewayWire{Endpoint: g.Endpoint, Meters: g.Meters, Counts: countsOf(g.States), LoadPct: math.Round(g.Load.Busy*1000) / 10,
			Over: g.Load.Over(), Requests: math.Round(g.Load.Requests*100) / 100, LastGood: optionalTime(g.LastGood)}
	}), nil
}

// UnitReportWire is what an edge collector says about a meter.
type UnitReportWire struct {
	Meter       string           `json:"meter" minLength:"1" maxLength:"64" doc:"Meter id or code"`
	Endpoint    string           `json:"endpoint" maxLength:"200"`
	Unit        int              `json:"unit" minimum:"0" maximum:"255"`
	Profile     string           `json:"profile" maxLength:"64"`
	State       string           `json:"state" enum:"waiting,ok,late,dead"`
	Due         int64            `json:"due" minimum:"0"`
	Ok          int64            `json:"ok" minimum:"0"`
	Requests    int64            `json:"requests" minimum:"0"`
	Timeouts    int64            `json:"timeouts" minimum:"0"`
	Exceptions  []int64          `json:"exceptions" maxItems:"12" nullable:"false" doc:"By code; the first is of unknown codes"`
	Dials       int64            `json:"dials" minimum:"0"`
	Closed      int64            `json:"closed" minimum:"0"`
	BadUnits    int64            `json:"wrong_ids" minimum:"0"`
	Checksums   int64            `json:"crc" minimum:"0"`
	Malformed   int64            `json:"protocol" minimum:"0"`
	Quarantines int64            `json:"quarantines" minimum:"0"`
	Strays      int64            `json:"late_replies" minimum:"0"`
	Other       int64            `json:"identity" minimum:"0"`
	Overruns    int64            `json:"overruns" minimum:"0"`
	Resting     int              `json:"resting" minimum:"0"`
	Qualities   map[string]int64 `json:"qualities" doc:"Readings by quality"`
	RttMs       float64          `json:"rtt_ms" minimum:"0"`
	LastGood    *time.Time       `json:"last_good,omitempty"`
	Fault       string           `json:"fault,omitempty" maxLength:"16"`
	LastError   string           `json:"last_error,omitempty" maxLength:"500"`
	Plan        []ModbusReadWire `json:"plan" maxItems:"200" nullable:"false"`
}

// ModbusReadWire is one read of a plan.
type ModbusReadWire struct {
	Function int `json:"function" minimum:"1" maximum:"4"`
	Address  int `json:"address" minimum:"0" maximum:"65535"`
	Count    int `json:"count" minimum:"1" maximum:"125"`
}

// ReportsInput is what a collector says about its meters.
type ReportsInput struct {
	Collector string           `json:"collector" minLength:"1" maxLength:"64"`
	Units     []UnitReportWire `json:"units" maxItems:"5000" nullable:"false"`
	Spool     *SpoolReportWire `json:"spool,omitempty" doc:"How full the collector's spool is; left out when it is not to change"`
}

type reportsInput struct {
	CollectorClock
	Body ReportsInput
}

// ReportsAnswer says how many reports were kept.
type ReportsAnswer struct {
	Kept int `json:"kept" doc:"Of meters that the server knows"`
}

func (s *Server) postReports(ctx context.Context, actor models.Actor, in *reportsInput) (*output[ReportsAnswer], error) {
	ahead, err := in.ahead(s.now())
	if err != nil {
		return nil, err
	}
	units := make([]metering.UnitHealth, len(in.Body.Units))
	for i := range in.Body.Units {
		units[i] = in.Body.Units[i].health()
	}
	kept, err := s.svc.Metering.Report(ctx, actor, in.Body.Collector, units)
	if err != nil {
		return nil, err
	}
	if in.Body.Spool != nil {
		said := in.Body.Spool.report(in.Body.Collector)
		said.Clock = ahead
		if err := s.svc.Metering.ReportSpool(ctx, actor, said); err != nil {
			return nil, err
		}
	}
	return &output[ReportsAnswer]{Body: ReportsAnswer{Kept: kept}}, nil
}

func (w *UnitReportWire) health() metering.UnitHealth {
	h := metering.UnitHealth{Meter: w.Meter, Code: w.Meter, Endpoint: w.Endpoint, Profile: w.Profile, Unit: uint8(w.Unit), State: w.State, Due: w.Due, OK: w.Ok,
		Requests: w.Requests, Timeouts: w.Timeouts, Dials: w.Dials, Closed: w.Closed, BadUnits: w.BadUnits, Checksums: w.Checksums, Malformed: w.Malformed,
		Quarantines: w.Quarantines, Strays: w.Strays, OtherDevice: w.Other, Overruns: w.Overruns, Resting: w.Resting,
		RTT: time.Duration(w.RttMs * float64(time.Millisecond)), LastError: w.LastError, LastFault: metering.Fault(w.Fault)}
	for code, n := range w.Exceptions {
		h.ExceptionCodes[min(code, len(h.ExceptionCodes)-1)] += n
		h.Exceptions += n
	}
	h.Errors = h.Dials + h.Closed + h.BadUnits + h.Checksums + h.Malformed
	for word, n := range w.Qualities {
		if q, known := models.ParseQuality(word); known {
			h.Qualities[q] = n
		}
	}
	if w.LastGood != nil {
		h.LastGood = w.LastGood.UTC()
	}
	for _, r := range w.Plan {
		h.Plan = append(h.Plan, metering.Request{FC: uint8(r.Function), Addr: uint16(r.Address), Count: uint16(r.Count)})
	}
	return h
}

// ReportsOf puts what a collector knows on the wire; an edge collector sends it.
func ReportsOf(collector string, units []metering.UnitHealth) ReportsInput {
	out := ReportsInput{Collector: collector, Units: make([]UnitReportWire, len(units))}
	for i := range units {
		h := &units[i]
		text := []rune(h.LastError)
		out.Units[i] = UnitReportWire{Meter: h.Code, Endpoint: h.Endpoint, Unit: int(h.Unit), Profile: h.Profile, State: h.State, Due: h.Due, Ok: h.OK,
			Requests: h.Requests, Timeouts: h.Timeouts, Exceptions: h.ExceptionCodes[:], Dials: h.Dials, Closed: h.Closed, BadUnits: h.BadUnits,
			Checksums: h.Checksums, Malformed: h.Malformed, Quarantines: h.Quarantines, Strays: h.Strays, Other: h.OtherDevice, Overruns: h.Overruns,
			Resting: h.Resting, Qualities: qualitiesOf(*h), RttMs: inMillis(h.RTT), LastGood: optionalTime(h.LastGood), Fault: string(h.LastFault),
			LastError: string(text[:min(len(text), 500)]), Plan: planWire(h.Plan)}
	}
	return out
}

func planWire(plan []metering.Request) []ModbusReadWire {
	out := make([]ModbusReadWire, len(plan))
	for i, r := range plan {
		out[i] = ModbusReadWire{Function: int(r.FC), Address: int(r.Addr), Count: int(r.Count)}
	}
	return out
}

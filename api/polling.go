package api

import (
	"context"
	"strconv"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

// PollingWire is everything about the polling of one meter.
type PollingWire struct {
	Polled     string           `json:"polled" enum:"here,elsewhere,unknown" doc:"By this server, by a collector that reported, or by nobody that is known"`
	ReportedAt *time.Time       `json:"reported_at,omitempty"`
	State      string           `json:"state" enum:"waiting,ok,late,dead,unknown"`
	Due        int64            `json:"due"`
	Ok         int64            `json:"ok"`
	Requests   int64            `json:"requests"`
	Resting    int              `json:"resting" doc:"Requests left out for a while because the device refused them"`
	RttMs      LagWire          `json:"rtt_ms" doc:"Round trips of the last answers; max is their moving average where only that is known"`
	LagMs      LagWire          `json:"lag_ms" doc:"How long after their time the last polls began"`
	Exceptions map[string]int64 `json:"exceptions" doc:"Refusals by Modbus exception code; 0 is unknown ones"`
	Qualities  map[string]int64 `json:"qualities"`
	Counters   map[string]int64 `json:"counters" doc:"Faults by kind"`
	LastGood   *time.Time       `json:"last_good,omitempty"`
	Failures   []FailureWire    `json:"failures" nullable:"false" doc:"The newest first; the same one again is one with a count"`
	Plan       []PlannedWire    `json:"plan" nullable:"false"`
	Registers  []RegisterWire   `json:"registers" nullable:"false" doc:"The last answers, decoded, before the transformers' ratio; empty where another process polls"`
	Profile    ProfileWire      `json:"profile"`
}

// FailureWire is a failure of a meter.
type FailureWire struct {
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Count     int64     `json:"count"`
	Fault     string    `json:"fault"`
	Exception int       `json:"exception,omitempty"`
	Text      string    `json:"text"`
}

// PlannedWire is a request of the plan with what came.
type PlannedWire struct {
	ModbusReadWire
	At    *time.Time `json:"at,omitempty"`
	Words string     `json:"words,omitempty" doc:"As on the wire, four hex digits each"`
}

// RegisterWire is a quantity in the registers.
type RegisterWire struct {
	Quantity string   `json:"quantity"`
	Value    *float64 `json:"value,omitempty" doc:"In the base unit; absent when there is none"`
	Unit     string   `json:"unit"`
	Quality  string   `json:"quality"`
	Words    string   `json:"words"`
}

// ProfileWire is a register profile and how well it is founded.
type ProfileWire struct {
	ID         string       `json:"id"`
	Vendor     string       `json:"vendor"`
	Models     []string     `json:"models" nullable:"false"`
	Grade      string       `json:"grade" enum:"official,two-source,single,unverified,unknown"`
	Sources    []SourceWire `json:"sources" nullable:"false"`
	VerifiedOn []string     `json:"verified_on" nullable:"false" doc:"Devices and firmware it was tried on"`
	Identified bool         `json:"identified" doc:"The device tells which it is, and is asked"`
}

// SourceWire is a document or a public register map.
type SourceWire struct {
	Title string `json:"title"`
	Rev   string `json:"rev,omitempty"`
	Page  string `json:"page,omitempty"`
}

func profileWire(id string) ProfileWire {
	w := ProfileWire{ID: id, Models: []string{}, Grade: "unknown", Sources: []SourceWire{}, VerifiedOn: []string{}}
	profiles, err := metering.ShippedProfiles()
	if err != nil {
		return w
	}
	p, err := profiles.Find(id)
	if err != nil {
		return w
	}
	w.Vendor, w.Grade, w.Identified = p.Vendor, string(p.Evidence.Grade), len(p.Identify) > 0
	w.Models, w.VerifiedOn = append(w.Models, p.Models...), append(w.VerifiedOn, p.Evidence.VerifiedOn...)
	for _, s := range p.Evidence.Sources {
		w.Sources = append(w.Sources, SourceWire{Title: s.Title, Rev: s.Rev, Page: s.Page})
	}
	return w
}

func (s *Server) getPolling(ctx context.Context, actor models.Actor, in *ByID) (*output[PollingWire], error) {
	m, err := s.svc.Metering.Meter(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := PollingWire{Polled: "unknown", State: "unknown", Exceptions: map[string]int64{}, Qualities: map[string]int64{}, Counters: map[string]int64{},
		Failures: []FailureWire{}, Plan: []PlannedWire{}, Registers: []RegisterWire{}, Profile: profileWire(m.Profile)}
	if s.cfg.Unit != nil {
		if d, ok := s.cfg.Unit(m.ID); ok {
			out.Polled = "here"
			out.health(d.UnitHealth)
			out.detail(d)
			return &output[PollingWire]{Body: out}, nil
		}
	}
	h, at, ok, err := s.svc.Metering.UnitOf(ctx, actor, m.ID)
	if err != nil {
		return nil, err
	}
	if ok {
		out.Polled, out.ReportedAt = "elsewhere", optionalTime(at)
		out.health(h)
	}
	return &output[PollingWire]{Body: out}, nil
}

// health fills in what every collector tells.
func (w *PollingWire) health(h metering.UnitHealth) {
	w.State, w.Due, w.Ok, w.Requests, w.Resting = h.State, h.Due, h.OK, h.Requests, h.Resting
	w.Qualities, w.Counters, w.LastGood = qualitiesOf(h), countersOf(h), optionalTime(h.LastGood)
	w.RttMs.P50, w.RttMs.Max = inMillis(h.RTT), inMillis(h.RTT)
	for code, n := range h.ExceptionCodes {
		if n > 0 {
			w.Exceptions[strconv.Itoa(code)] = n
		}
	}
	for _, r := range planWire(h.Plan) {
		w.Plan = append(w.Plan, PlannedWire{ModbusReadWire: r})
	}
	if h.LastError != "" {
		w.Failures = append(w.Failures, FailureWire{First: h.LastGood, Last: h.LastGood, Count: 1, Fault: string(h.LastFault), Text: h.LastError})
	}
}

// detail fills in what only the process that polls knows.
func (w *PollingWire) detail(d metering.UnitDetail) {
	w.RttMs = LagWire{P50: inMillis(d.RTT50), P99: inMillis(d.RTT99), Max: inMillis(d.RTT)}
	w.LagMs = LagWire{P50: inMillis(d.Lag50), P99: inMillis(d.Lag99)}
	w.Failures = make([]FailureWire, len(d.Failures))
	for i, f := range d.Failures {
		w.Failures[i] = FailureWire{First: f.First.UTC(), Last: f.Last.UTC(), Count: f.Count, Fault: string(f.Fault), Exception: int(f.Exception), Text: f.Text}
	}
	for i := range w.Plan {
		for _, raw := range d.Raw {
			if p := &w.Plan[i]; int(raw.FC) == p.Function && int(raw.Addr) == p.Address && int(raw.Count) == p.Count && len(raw.Words) > 0 {
				p.At, p.Words = optionalTime(raw.At), metering.Hex(raw.Words)
			}
		}
	}
	for _, r := range d.Rows {
		w.Registers = append(w.Registers, RegisterWire{Quantity: r.Quantity.String(), Value: r.Value, Unit: r.Unit, Quality: r.Quality.String(), Words: r.Registers})
	}
}

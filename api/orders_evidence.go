package api

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/store"
)

// OrderCountWire is how the orders of one utility stand.
type OrderCountWire struct {
	Utility      string     `json:"utility"`
	UtilityName  string     `json:"utility_name"`
	Open         int64      `json:"open" doc:"Wait for the utility"`
	Executed     int64      `json:"executed" doc:"Reported and not verified yet"`
	Overdue      int64      `json:"overdue"`
	Contradicted int64      `json:"contradicted"`
	Objected     int64      `json:"objected"`
	Escalations  int64      `json:"escalations" doc:"How often those that are overdue now were raised"`
	Oldest       *time.Time `json:"oldest_deadline,omitempty" doc:"Of the longest overdue one"`
}

func (s *Server) countOrders(ctx context.Context, actor models.Actor, _ *struct{}) (*listOutput[OrderCountWire], error) {
	counts, err := s.svc.Gate.OrderCounts(ctx, actor)
	if err != nil {
		return nil, err
	}
	names, err := s.utilityNames(ctx)
	if err != nil {
		return nil, err
	}
	return listOf(counts, "", func(c store.OrderCount) OrderCountWire {
		w := OrderCountWire{Utility: c.Utility, UtilityName: names[c.Utility], Open: c.Open, Executed: c.Executed, Overdue: c.Overdue,
			Contradicted: c.Contradicted, Objected: c.Objected, Escalations: c.Escalations}
		if c.Oldest > 0 {
			w.Oldest = optionalTime(time.UnixMicro(c.Oldest))
		}
		return w
	}), nil
}

// OrderEvidenceWire is what the revenue meters of a point say about an order.
type OrderEvidenceWire struct {
	Verdict     string           `json:"verdict" enum:"unmetered,drawing,silent,bad_data,early,quiet"`
	NeedsPerson bool             `json:"needs_person" doc:"The meters cannot tell; a person may verify"`
	Contradicts bool             `json:"contradicts" doc:"More than the margin was drawn all the time"`
	From        time.Time        `json:"from" doc:"Of the time that was looked at"`
	Until       time.Time        `json:"until"`
	MostKw      float64          `json:"most_kw" doc:"The most that was read in it"`
	Good        int              `json:"good_readings"`
	Bad         int              `json:"bad_readings"`
	Meter       string           `json:"meter,omitempty" doc:"The meter that decided"`
	Meters      []OrderMeterWire `json:"meters" nullable:"false"`
}

// OrderMeterWire is one revenue meter with its power by the minute.
type OrderMeterWire struct {
	Code    string            `json:"code"`
	Linked  bool              `json:"linked" doc:"The registry reads it"`
	Minutes []OrderMinuteWire `json:"minutes" nullable:"false" doc:"Minutes with readings, oldest first"`
}

// OrderMinuteWire is the most that a meter read in a minute.
type OrderMinuteWire struct {
	At   time.Time `json:"at"`
	Kw   *float64  `json:"kw,omitempty" doc:"Absent when nothing good was read"`
	Good bool      `json:"good"`
}

func (s *Server) getOrderEvidence(ctx context.Context, actor models.Actor, in *ByID) (*output[OrderEvidenceWire], error) {
	o, e, series, err := s.svc.Gate.OrderEvidence(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	w := OrderEvidenceWire{Verdict: string(e.Verdict), NeedsPerson: e.Verdict.NeedsPerson(), Contradicts: e.Contradicts && o.Kind != models.OrderReconnect, From: e.From, Until: e.Until,
		MostKw: kw(e.Power), Good: e.Good, Bad: e.Bad, Meter: e.Meter, Meters: []OrderMeterWire{}}
	for _, m := range series {
		w.Meters = append(w.Meters, OrderMeterWire{Code: m.Meter, Linked: m.Linked, Minutes: minutesOf(m.Readings)})
	}
	return &output[OrderEvidenceWire]{ETag: etag(o.Version), Body: w}, nil
}

// minutesOf gives the most of each minute of readings in the order of time.
func minutesOf(readings []models.Reading) []OrderMinuteWire {
	out := []OrderMinuteWire{}
	for _, r := range readings {
		at := r.At.Truncate(time.Minute)
		if n := len(out); n == 0 || !out[n-1].At.Equal(at) {
			out = append(out, OrderMinuteWire{At: at})
		}
		last := &out[len(out)-1]
		power, ok := r.Values.Power()
		if !ok || !r.Quality.Usable() {
			continue
		}
		last.Good = true
		if p := kw(max(power, -power)); last.Kw == nil || *last.Kw < p {
			last.Kw = &p
		}
	}
	return out
}

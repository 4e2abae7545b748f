package api

import (
	"context"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

func (s *Server) ratioRoutes() []route {
	return []route{
		handle("GET", "/v1/meters/{id}/ratios", models.ActMeterRead, "Metering", "When a meter itself began to tell another ratio of its transformers, the newest first", s.listRatios),
	}
}

// RatioChangeWire is a change of the ratios that a meter tells.
type RatioChangeWire struct {
	At         time.Time `json:"at" doc:"Of the first reading with it; the one before had the other"`
	RecordedAt time.Time `json:"recorded_at"`
	CtFrom     *float64  `json:"ct_from,omitempty" doc:"Of the current transformers; absent where the meter tells none"`
	CtTo       *float64  `json:"ct_to,omitempty"`
	PtFrom     *float64  `json:"pt_from,omitempty" doc:"Of the voltage transformers"`
	PtTo       *float64  `json:"pt_to,omitempty"`
}

func ratioChangeWire(c metering.RatioChange) RatioChangeWire {
	told := func(thousandths int64) *float64 {
		if thousandths == 0 {
			return nil
		}
		v := float64(thousandths) / 1000
		return &v
	}
	return RatioChangeWire{At: c.At, RecordedAt: c.Recorded, CtFrom: told(c.From.CT), CtTo: told(c.To.CT), PtFrom: told(c.From.PT), PtTo: told(c.To.PT)}
}

func (s *Server) listRatios(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[RatioChangeWire], error) {
	rows, err := s.svc.Metering.RatioChanges(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(rows, "", ratioChangeWire), nil
}

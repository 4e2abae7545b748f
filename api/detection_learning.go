package api

import (
	"context"
	"math"

	"rigistry/models"
	"rigistry/services/detection"
)

// PriorWire is what outcomes taught about a rule and a class of loads.
type PriorWire struct {
	Rule           string  `json:"rule"`
	Class          string  `json:"class" doc:"Declared use; empty for feeders and for what no outcome is known of"`
	Confirmed      int     `json:"confirmed" doc:"Findings that turned out to be right, of the last three years"`
	Refuted        int     `json:"refuted"`
	PriorConfirmed float64 `json:"prior_confirmed" doc:"What was believed before any outcome, as pseudo-counts"`
	PriorRefuted   float64 `json:"prior_refuted"`
	Precision      float64 `json:"precision" doc:"Share that is expected to be right"`
	Low            float64 `json:"low" doc:"Of its 95 % interval"`
	High           float64 `json:"high"`
	Floor          float64 `json:"floor" doc:"Below it a suspicion is told as tier C, and never less"`
	TierCapped     bool    `json:"tier_capped"`
}

// PrecisionWire is how many findings turned out to be right.
type PrecisionWire struct {
	Key       string  `json:"key" doc:"A rule, a region (first two digits of the KATO code) or who decided"`
	Confirmed int     `json:"confirmed"`
	Refuted   int     `json:"refuted"`
	Precision float64 `json:"precision"`
	Low       float64 `json:"low" doc:"Of its 95 % interval"`
	High      float64 `json:"high"`
}

func thousandths(v float64) float64 { return math.Round(v*1000) / 1000 }

func (s *Server) getPriors(ctx context.Context, actor models.Actor, _ *struct{}) (*listOutput[PriorWire], error) {
	found, err := s.svc.Detection.Priors(ctx, actor)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", func(p models.Prior) PriorWire {
		return PriorWire{Rule: string(p.Rule), Class: p.Class, Confirmed: p.Confirmed, Refuted: p.Refuted, PriorConfirmed: p.Begun[0], PriorRefuted: p.Begun[1],
			Precision: thousandths(p.Precision), Low: thousandths(p.Low), High: thousandths(p.High), Floor: p.Floor, TierCapped: p.Capped}
	}), nil
}

type precisionQuery struct {
	By string `query:"by" enum:"rule,region,officer" default:"rule"`
}

func (s *Server) getPrecision(ctx context.Context, actor models.Actor, in *precisionQuery) (*listOutput[PrecisionWire], error) {
	found, err := s.svc.Detection.Precisions(ctx, actor, in.By)
	if err != nil {
		return nil, err
	}
	return listOf(found, "", func(p detection.Precision) PrecisionWire {
		return PrecisionWire{Key: p.Key, Confirmed: p.Confirmed, Refuted: p.Refuted, Precision: thousandths(p.Share), Low: thousandths(p.Low), High: thousandths(p.High)}
	}), nil
}

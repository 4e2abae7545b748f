package api

import (
	"context"
	"math"
	"time"

	"rigistry/models"
	"rigistry/services/detection"
	"rigistry/services/store"
)

func (s *Server) triageRoutes() []route {
	return []route{
		handle("GET", "/v1/findings/triage", models.ActFindingRead, "Findings", "Findings with their places, in the order of what they ask for", s.listTriage),
		handle("GET", "/v1/findings/counts", models.ActFindingRead, "Findings", "How many findings there are where, and how much of the grid is seen", s.getFindingCounts),
		handle("GET", "/v1/findings/{id}/place", models.ActFindingRead, "Findings", "Where a finding is and whose place that is", s.getFindingPlace),
		handle("GET", "/v1/findings/{id}/neighbours", models.ActFindingRead, "Findings", "The meters of a finding's feeder, for comparison", s.getNeighbours),
		handle("GET", "/v1/feeders/{id}/balance", models.ActFindingRead, "Findings", "A feeder over time: supplied, metered, lost, and what is left", s.getFeederBalance),
	}
}

// TriageFilterQuery narrows triage lists and counts.
type TriageFilterQuery struct {
	State  string `query:"state" enum:"open,acknowledged,dismissed,closed"`
	Tier   string `query:"tier" enum:"A,B,C"`
	Rule   string `query:"rule" maxLength:"64"`
	Region string `query:"region" maxLength:"2" pattern:"^[0-9]{2}$" doc:"First two digits of the substation's KATO code"`
	Use    string `query:"use" maxLength:"64" doc:"Declared use"`
	Target string `query:"target" maxLength:"64" doc:"Id or code of a node; a feeder or a substation stands for what is below it"`
	Text   string `query:"q" maxLength:"100" doc:"Part of a code, a license number, a BIN or a name"`
}

func (q TriageFilterQuery) filter() detection.TriageFilter {
	return detection.TriageFilter{FindingFilter: store.FindingFilter{State: q.State, Tier: q.Tier, Rule: q.Rule, Target: q.Target},
		Region: q.Region, Use: q.Use, Text: q.Text}
}

type triageQuery struct {
	ListQuery
	TriageFilterQuery
	Sort string `query:"sort" enum:"stake,kw,score,raised,seen" default:"stake" doc:"The most first; stake: tier, then kW"`
}

func (s *Server) listTriage(ctx context.Context, actor models.Actor, in *triageQuery) (*listOutput[TriageWire], error) {
	filter := in.filter()
	filter.Order = store.FindingOrder(in.Sort)
	found, next, err := s.svc.Detection.Triage(ctx, actor, filter, in.page())
	if err != nil {
		return nil, err
	}
	lang := languageOf(ctx)
	return listOf(found, next, func(f detection.PlacedFinding) TriageWire {
		return TriageWire{FindingWire: s.findingWire(lang, f.Finding), Place: placeWire(f.Place)}
	}), nil
}

func regionOf(kato string) string {
	if len(kato) < 2 {
		return ""
	}
	return kato[:2]
}

func placeWire(p store.FindingPlace) PlaceWire {
	return PlaceWire{Feeder: p.Feeder, Substation: p.Substation, SubstationName: p.SubstationName, Region: regionOf(p.Kato),
		DeclaredUse: p.DeclaredUse, Holder: p.Consumer, HolderBin: p.ConsumerBin}
}

type countsQuery struct{ TriageFilterQuery }

func (s *Server) getFindingCounts(ctx context.Context, actor models.Actor, in *countsQuery) (*output[FindingCountsWire], error) {
	seen, err := s.svc.Detection.Overview(ctx, actor, in.filter())
	if err != nil {
		return nil, err
	}
	out := FindingCountsWire{Items: make([]FindingCountWire, len(seen.Counts)), Feeders: seen.Watched.Feeders, Meters: seen.Watched.Meters}
	if at := seen.Watched.Newest; !at.IsZero() {
		out.NewestReading = &at
	}
	for i, c := range seen.Counts {
		out.Items[i] = FindingCountWire{Substation: c.Substation, Name: c.Name, Region: regionOf(c.Kato), Tier: c.Tier, State: c.State, Count: c.Count, Kw: kw(c.Power)}
	}
	return &output[FindingCountsWire]{Body: out}, nil
}

func (s *Server) getFindingPlace(ctx context.Context, actor models.Actor, in *ByID) (*output[PlaceWire], error) {
	f, err := s.svc.Detection.Placed(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[PlaceWire]{Body: placeWire(f.Place)}, nil
}

func powerSteps(steps []detection.Step) []PowerStepWire {
	out := make([]PowerStepWire, 0, len(steps))
	for _, p := range steps {
		before, after := kwOrNil(p.Before), kwOrNil(p.After)
		if before != nil && after != nil {
			out = append(out, PowerStepWire{At: p.At, Before: *before, After: *after})
		}
	}
	return out
}

func (s *Server) getNeighbours(ctx context.Context, actor models.Actor, in *ByID) (*output[NeighboursWire], error) {
	n, err := s.svc.Detection.Neighbours(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	out := NeighboursWire{From: n.Start, StepS: int(n.Step / time.Second), Onset: n.Onset, Items: make([]NeighbourWire, len(n.Meters))}
	for i, m := range n.Meters {
		w := NeighbourWire{Meter: m.Meter, Code: m.Code, Point: m.Point.Code, DeclaredUse: m.Point.DeclaredUse, Holder: m.Point.ConsumerName,
			Own: m.Own, Before: kwOrNil(m.Before), After: kwOrNil(m.After), Kw: make([]*float64, len(m.W))}
		for k, v := range m.W {
			w.Kw[k] = kwOrNil(v)
		}
		out.Items[i] = w
	}
	return &output[NeighboursWire]{Body: out}, nil
}

type balanceQuery struct {
	ByID
	From string `query:"from" format:"date-time" doc:"Default: two weeks before to"`
	To   string `query:"to" format:"date-time" doc:"Default: now; at most 35 days after from"`
}

func (s *Server) getFeederBalance(ctx context.Context, actor models.Actor, in *balanceQuery) (*output[FeederBalanceWire], error) {
	from, err := instantOf("?from", in.From)
	if err != nil {
		return nil, err
	}
	to, err := instantOf("?to", in.To)
	if err != nil {
		return nil, err
	}
	b, err := s.svc.Detection.Feeder(ctx, actor, in.ID, from, to)
	if err != nil {
		return nil, err
	}
	out := FeederBalanceWire{ID: b.Feeder.ID, Code: b.Feeder.Code, Substation: b.Substation.Code, SubstationName: b.Substation.Name, LimitKw: kw(b.Feeder.Limit),
		StepS: int(b.Step / time.Second), Hold: b.Hold, U95: kwOrNil(b.U95), LossA: math.Round(b.LossA) / 1000, LossAt100: math.Round(b.LossB*1e10) / 1000,
		GainPercent: math.Round(b.Gain*1e4) / 100, Steps: powerSteps(b.Steps), Meters: make([]MeterShareWire, len(b.Shares)), Items: make([]BalancePointWire, len(b.Supplied))}
	for i, m := range b.Shares {
		out.Meters[i] = MeterShareWire{Meter: m.Meter, Code: m.Code, Point: m.Point.Code, DeclaredUse: m.Point.DeclaredUse, Holder: m.Point.ConsumerName,
			License: m.Point.License, Mean: kwOrNil(m.Mean), Follows: math.Round(m.Follows*100) / 100}
	}
	for i := range b.Supplied {
		out.Items[i] = BalancePointWire{At: b.Start.Add(time.Duration(i) * b.Step), Supplied: kwOrNil(b.Supplied[i]), Metered: kwOrNil(b.Metered[i]),
			Loss: kwOrNil(b.Loss[i]), Residual: kwOrNil(b.Residual[i])}
	}
	return &output[FeederBalanceWire]{Body: out}, nil
}

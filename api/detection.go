package api

import (
	"context"
	"math"
	"strconv"
	"time"

	"rigistry/models"
	"rigistry/services/detection"
	"rigistry/web"
)

func (s *Server) detectionRoutes() []route {
	return []route{
		handle("GET", "/v1/findings", models.ActFindingRead, "Findings", "Findings, the newest first", s.listFindings),
		handle("GET", "/v1/findings/{id}", models.ActFindingRead, "Findings", "One finding with its evidence", s.getFinding),
		handle("GET", "/v1/findings/{id}/series", models.ActFindingRead, "Findings", "Measured and expected power of a finding, for its chart", s.getFindingSeries),
		handle("POST", "/v1/findings/{id}/acknowledgement", models.ActFindingTriage, "Findings", "Say that an officer works on it", s.postTriage(s.svc.Detection.Acknowledge)),
		handle("POST", "/v1/findings/{id}/dismissal", models.ActFindingTriage, "Findings", "Put it to rest, with a reason", s.postTriage(s.svc.Detection.Dismiss)),
		handle("POST", "/v1/findings/{id}/reopening", models.ActFindingTriage, "Findings", "Take back an acknowledgement or a dismissal", s.postTriage(s.svc.Detection.Reopen)),
	}
}

type findingsQuery struct {
	ListQuery
	State   string `query:"state" enum:"open,acknowledged,dismissed,closed"`
	Rule    string `query:"rule" maxLength:"64"`
	Tier    string `query:"tier" enum:"A,B,C"`
	Target  string `query:"target" maxLength:"64" doc:"Id or code of a node"`
	License string `query:"license" maxLength:"32" doc:"License number"`
}

func (s *Server) listFindings(ctx context.Context, actor models.Actor, in *findingsQuery) (*listOutput[FindingWire], error) {
	filter := detection.Filter{State: in.State, Rule: in.Rule, Tier: in.Tier, Target: in.Target, License: in.License}
	found, err := s.svc.Detection.Findings(ctx, actor, filter, in.page())
	if err != nil {
		return nil, err
	}
	next := ""
	if n := len(found); n > 0 && n == in.page().Size() {
		next = found[n-1].ID
	}
	return listOf(found, next, func(f models.Finding) FindingWire { return s.findingWire(languageOf(ctx), f) }), nil
}

func (s *Server) getFinding(ctx context.Context, actor models.Actor, in *ByID) (*output[FindingWire], error) {
	f, err := s.svc.Detection.Finding(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return &output[FindingWire]{ETag: etag(f.Version), Body: s.findingWire(languageOf(ctx), f)}, nil
}

type seriesQuery struct {
	ByID
	From string `query:"from" format:"date-time" doc:"Leave out what is before; the whole window when absent"`
}

func (s *Server) getFindingSeries(ctx context.Context, actor models.Actor, in *seriesQuery) (*output[FindingSeriesWire], error) {
	from, err := instantOf("?from", in.From)
	if err != nil {
		return nil, err
	}
	chart, err := s.svc.Detection.Evidence(ctx, actor, in.ID, from)
	if err != nil {
		return nil, err
	}
	out := FindingSeriesWire{Finding: in.ID, StepS: int(chart.Step / time.Second), Items: make([]SeriesPointWire, len(chart.Points)),
		Onset: chart.Onset, First: chart.First, Last: chart.Last, Steps: powerSteps(chart.Steps)}
	for i, p := range chart.Points {
		out.Items[i] = SeriesPointWire{At: p.At, Measured: kwOrNil(p.Measured), Expected: kwOrNil(p.Expected),
			Low: kwOrNil(p.Low), High: kwOrNil(p.High), Limit: kwOrNil(p.Limit), Excess: kwOrNil(p.Excess)}
	}
	return &output[FindingSeriesWire]{Body: out}, nil
}

// kwOrNil gives watts as kilowatts, and nil for what is not known.
func kwOrNil(w float64) *float64 {
	if math.IsNaN(w) || math.IsInf(w, 0) {
		return nil
	}
	v := math.Round(w) / 1000
	return &v
}

type triageBody struct {
	ByID
	Idempotent
	Body TriageInput
}

func (s *Server) postTriage(act func(context.Context, models.Actor, string, string) (models.Finding, error)) func(context.Context, models.Actor, *triageBody) (*output[FindingWire], error) {
	return func(ctx context.Context, actor models.Actor, in *triageBody) (*output[FindingWire], error) {
		f, err := act(ctx, actor, in.ID, in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &output[FindingWire]{ETag: etag(f.Version), Body: s.findingWire(languageOf(ctx), f)}, nil
	}
}

func (s *Server) findingWire(lang string, f models.Finding) FindingWire {
	low, high := f.Rigs()
	kind := f.Target.Kind
	if kind == "connection_point" {
		kind = "connection"
	}
	numbers := make(map[string]float64, len(f.Evidence.Numbers))
	for name, v := range f.Evidence.Numbers {
		numbers[name] = math.Round(v*1000) / 1000
	}
	return FindingWire{
		ID: f.ID, Rule: string(f.Rule), RuleVersion: f.RuleVersion, Target: f.TargetCode, TargetKind: kind, TargetID: f.Target.ID,
		Tier: string(f.Tier), Severity: f.Tier.Severity(), Score: f.Score,
		EstimatedKw: kw(f.Estimated), LowKw: kw(f.Low), HighKw: kw(f.High), RigsLow: low, RigsHigh: high,
		FirstSeen: f.FirstSeen, LastSeen: f.LastSeen, RaisedAt: f.RaisedAt, State: string(f.State), Reason: s.findingReason(lang, f.Reason),
		Explanation: s.explain(lang, f), Version: f.Version, Feeder: f.Feeder, Substation: f.Substation,
		WatchUntil: optionalTime(f.Evidence.WatchUntil), Allowance: f.Evidence.Allowance, TierReason: f.Evidence.TierReason,
		Evidence: FindingEvidence{From: f.Evidence.From, To: f.Evidence.Until, Meters: f.Evidence.Meters, Numbers: numbers,
			Refutations: f.Evidence.Refutations, Alternative: f.Evidence.Alternatives, Entries: f.Evidence.Entries},
	}
}

// findingReason gives the words of a person as they are and those of the program
// in the language.
func (s *Server) findingReason(lang, reason string) string {
	if key := "detection.reopened." + reason; reason != "" && s.svc.Catalog.Has(lang, key) {
		return s.svc.Catalog.Text(lang, key, nil)
	}
	return reason
}

// explain says in one sentence what a finding is about, with its numbers.
func (s *Server) explain(lang string, f models.Finding) string {
	number := func(name string) string { return web.Kilowatts(lang, int64(math.Round(1000*f.Evidence.Numbers[name]))) }
	low, high := f.Rigs()
	rigs := strconv.Itoa(low)
	if high > low {
		rigs += "–" + strconv.Itoa(high)
	}
	return s.svc.Catalog.Text(lang, "detection.sentence."+f.Evidence.Kind, web.Args{
		"target": f.TargetCode, "license": f.License, "rigs": rigs,
		"kw": web.Kilowatts(lang, int64(f.Estimated)), "low": web.Kilowatts(lang, int64(f.Low)), "high": web.Kilowatts(lang, int64(f.High)),
		"count": web.Count(int64(len(f.Evidence.Entries))), "since": web.Instant(lang, f.FirstSeen), "measured": number("measured_kw"), "expected": number("expected_kw"),
		"limit": number("limit_kw"), "approved": number("approved_kw"), "before": number("floor_before_kw"), "floor": number("floor_kw"),
		"class": number("class_floor_kw"), "days": web.Count(int64(math.Round(f.Evidence.Numbers["days"]))),
		"hours": web.Count(int64(math.Ceil(f.Evidence.Numbers["hours"]))), "kwh": web.Count(int64(math.Round(f.Evidence.Numbers["kwh"]))),
		"percent": web.Count(int64(math.Round(f.Evidence.Numbers["percent"]))), "minutes": web.Count(int64(math.Round(f.Evidence.Numbers["minutes"]))),
		"points": web.Count(int64(f.Evidence.Numbers["points"])), "entered": web.Count(int64(math.Round(f.Evidence.Numbers["entered_a"]))), "fits": web.Count(int64(math.Round(f.Evidence.Numbers["fits_a"]))),
	})
}

package api

import (
	"context"
	"math"
	"net/http"
	"time"

	"rigistry/models"
	"rigistry/services/metering"
)

func (s *Server) intervalCorrectionRoutes() []route {
	const tag = "Metering"
	return []route{
		handle("GET", "/v1/meters/{id}/corrections", models.ActMeterRead, tag, "Corrections of a meter's intervals, the newest first", s.listIntervalCorrections),
		handle("POST", "/v1/meters/{id}/corrections", models.ActReadingCorrect, tag, "Propose that intervals be put right; another person confirms", s.postIntervalCorrection).with(http.StatusCreated).upTo(2 << 20),
		handle("POST", "/v1/meters/{id}/corrections/preview", models.ActReadingCorrect, tag, "What a correction would change", s.previewIntervalCorrection).upTo(2 << 20),
		handle("GET", "/v1/meters/{id}/corrections/{correction}", models.ActMeterRead, tag, "A correction, with each quarter hour before and after it", s.getIntervalCorrection),
		handle("POST", "/v1/meters/{id}/corrections/{correction}/confirmation", models.ActReadingCorrect, tag, "Let a correction count that another person proposed", s.confirmIntervalCorrection).stepUp(),
		handle("POST", "/v1/meters/{id}/corrections/{correction}/rejection", models.ActReadingCorrect, tag, "End a proposed correction without effect", s.rejectIntervalCorrection),
	}
}

// CorrectedIntervalWire is the energy of a quarter of an hour as it is put right.
type CorrectedIntervalWire struct {
	Start     time.Time `json:"start"`
	Kwh       float64   `json:"kwh" minimum:"0" doc:"Imported"`
	ExportKwh float64   `json:"export_kwh,omitempty" minimum:"0"`
}

// IntervalCorrectionInput proposes a correction.
type IntervalCorrectionInput struct {
	From      time.Time               `json:"from"`
	Until     time.Time               `json:"until"`
	Reason    string                  `json:"reason" enum:"meter_fault,wrong_ratio,wrong_clock,missing_data,file_replaced,decision,withdrawn"`
	Act       string                  `json:"act" maxLength:"64" doc:"Number of the paper that it rests on"`
	Note      string                  `json:"note,omitempty" maxLength:"2000"`
	Intervals []CorrectedIntervalWire `json:"intervals" maxItems:"8832" nullable:"false" doc:"Quarters of an hour of the period that are not listed count as measured"`
}

// IntervalCorrectionWire is a correction.
type IntervalCorrectionWire struct {
	ID         string                  `json:"id,omitempty"`
	From       time.Time               `json:"from"`
	Until      time.Time               `json:"until"`
	Reason     string                  `json:"reason" enum:"meter_fault,wrong_ratio,wrong_clock,missing_data,file_replaced,decision,withdrawn"`
	Act        string                  `json:"act"`
	Note       string                  `json:"note,omitempty"`
	State      string                  `json:"state" enum:"proposed,applied,rejected"`
	Digest     string                  `json:"digest" doc:"SHA-256 of the corrected values, hex"`
	ProposedBy string                  `json:"proposed_by,omitempty"`
	ProposedAt *time.Time              `json:"proposed_at,omitempty"`
	DecidedBy  string                  `json:"decided_by,omitempty"`
	DecidedAt  *time.Time              `json:"decided_at,omitempty"`
	Version    int64                   `json:"version"`
	Mine       bool                    `json:"mine" doc:"Proposed by the caller, who cannot confirm it"`
	BeforeKwh  *float64                `json:"before_kwh,omitempty" doc:"Energy of the period before"`
	AfterKwh   *float64                `json:"after_kwh,omitempty"`
	Rows       []IntervalCorrectionRow `json:"rows,omitempty"`
}

// IntervalCorrectionRow is a quarter of an hour before and after a correction.
type IntervalCorrectionRow struct {
	Start     time.Time `json:"start"`
	BeforeKwh *float64  `json:"before_kwh,omitempty" doc:"Absent when nothing is known"`
	AfterKwh  *float64  `json:"after_kwh,omitempty"`
	Was       []string  `json:"was,omitempty" doc:"Where the value before comes from"`
}

func intervalCorrectionOf(in *IntervalCorrectionInput) models.IntervalCorrection {
	out := models.IntervalCorrection{From: in.From.UTC(), Until: in.Until.UTC(), Reason: models.CorrectionReason(in.Reason), Act: in.Act, Note: in.Note}
	wh := func(kwh float64) models.WattHours { return models.WattHours(math.Round(min(kwh, 1e12) * 1000)) }
	for _, iv := range in.Intervals {
		out.Intervals = append(out.Intervals, models.CorrectedInterval{Start: iv.Start.UTC(), Import: wh(iv.Kwh), Export: wh(iv.ExportKwh)})
	}
	return out
}

func intervalCorrectionWire(actor models.Actor, c *models.IntervalCorrection) IntervalCorrectionWire {
	return IntervalCorrectionWire{ID: c.ID, From: c.From, Until: c.Until, Reason: string(c.Reason), Act: c.Act, Note: c.Note, State: string(c.State), Digest: c.Digest,
		ProposedBy: c.ProposedBy, ProposedAt: optionalTime(c.ProposedAt), DecidedBy: c.DecidedBy, DecidedAt: optionalTime(c.DecidedAt), Version: c.Version,
		Mine: c.ProposedBy != "" && c.ProposedBy == actor.ID}
}

func intervalCorrectionView(actor models.Actor, v *metering.CorrectionView) IntervalCorrectionWire {
	w := intervalCorrectionWire(actor, &v.IntervalCorrection)
	kwh := func(wh *models.WattHours) *float64 {
		if wh == nil {
			return nil
		}
		out := kw(*wh)
		return &out
	}
	w.BeforeKwh, w.AfterKwh = kwh(&v.Before), kwh(&v.After)
	for _, r := range v.Rows {
		w.Rows = append(w.Rows, IntervalCorrectionRow{Start: r.Start, BeforeKwh: kwh(r.Before), AfterKwh: kwh(r.After), Was: r.Was.Names()})
	}
	return w
}

func (s *Server) listIntervalCorrections(ctx context.Context, actor models.Actor, in *ByID) (*listOutput[IntervalCorrectionWire], error) {
	rows, err := s.svc.Metering.Corrections(ctx, actor, in.ID)
	if err != nil {
		return nil, err
	}
	return listOf(rows, "", func(c models.IntervalCorrection) IntervalCorrectionWire { return intervalCorrectionWire(actor, &c) }), nil
}

// PostIntervalCorrection proposes a correction of a meter.
type PostIntervalCorrection struct {
	ByID
	Idempotent
	Body IntervalCorrectionInput
}

func (s *Server) postIntervalCorrection(ctx context.Context, actor models.Actor, in *PostIntervalCorrection) (*created[IntervalCorrectionWire], error) {
	v, err := s.svc.Metering.ProposeCorrection(ctx, actor, in.ID, intervalCorrectionOf(&in.Body))
	if err != nil {
		return nil, err
	}
	return &created[IntervalCorrectionWire]{Location: "/v1/meters/" + v.Meter + "/corrections/" + v.ID, ETag: etag(v.Version), Body: intervalCorrectionView(actor, &v)}, nil
}

// PreviewIntervalCorrection asks what a correction would change.
type PreviewIntervalCorrection struct {
	ByID
	Body IntervalCorrectionInput
}

func (s *Server) previewIntervalCorrection(ctx context.Context, actor models.Actor, in *PreviewIntervalCorrection) (*output[IntervalCorrectionWire], error) {
	v, err := s.svc.Metering.PreviewCorrection(ctx, actor, in.ID, intervalCorrectionOf(&in.Body))
	if err != nil {
		return nil, err
	}
	return &output[IntervalCorrectionWire]{Body: intervalCorrectionView(actor, &v)}, nil
}

// OneIntervalCorrection addresses a correction of a meter.
type OneIntervalCorrection struct {
	ByID
	Correction string `path:"correction" maxLength:"64"`
}

func (s *Server) getIntervalCorrection(ctx context.Context, actor models.Actor, in *OneIntervalCorrection) (*output[IntervalCorrectionWire], error) {
	v, err := s.svc.Metering.Correction(ctx, actor, in.ID, in.Correction)
	if err != nil {
		return nil, err
	}
	return &output[IntervalCorrectionWire]{ETag: etag(v.Version), Body: intervalCorrectionView(actor, &v)}, nil
}

// DecideIntervalCorrection decides on a correction.
type DecideIntervalCorrection struct {
	OneIntervalCorrection
	IfMatch
}

func (s *Server) confirmIntervalCorrection(ctx context.Context, actor models.Actor, in *DecideIntervalCorrection) (*output[IntervalCorrectionWire], error) {
	return s.decideIntervalCorrection(ctx, actor, in, s.svc.Metering.ApplyCorrection)
}

func (s *Server) rejectIntervalCorrection(ctx context.Context, actor models.Actor, in *DecideIntervalCorrection) (*output[IntervalCorrectionWire], error) {
	return s.decideIntervalCorrection(ctx, actor, in, s.svc.Metering.RejectCorrection)
}

func (s *Server) decideIntervalCorrection(ctx context.Context, actor models.Actor, in *DecideIntervalCorrection,
	decide func(ctx context.Context, actor models.Actor, meter, id string, version int64) (metering.CorrectionView, error)) (*output[IntervalCorrectionWire], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := decide(ctx, actor, in.ID, in.Correction, version)
	if err != nil {
		return nil, err
	}
	return &output[IntervalCorrectionWire]{ETag: etag(v.Version), Body: intervalCorrectionView(actor, &v)}, nil
}
